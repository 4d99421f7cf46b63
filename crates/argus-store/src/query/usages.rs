//! Single requests, for questions that sums cannot answer: tiers and modifiers hang on each one.

use argus_model::record::UsageQuery;
use argus_model::slot::{self, quarter_of};
use argus_model::{CostBasis, UsageRecord};
use rusqlite::Row;

use super::Reader;
use crate::Result;
use crate::table::request;

impl Reader {
    /// Every request that counts in the sums of the same range, project and session, with its usage and its cost.
    pub fn each_usage_in(&self, query: &UsageQuery, mut each: impl FnMut(&UsageRecord)) -> Result<()> {
        let range = slot::quarters(query.spend.since, query.spend.until);
        let sessions = self.sessions_of(&query.spend)?;
        let mut take = |row: &Row<'_>, columns: &request::UsageColumns| -> rusqlite::Result<()> {
            let Some(mut record) = columns.read(row)? else { return Ok(()) };
            let is_asked = (range.from..range.until).contains(&quarter_of(record.at))
                && query.model.as_ref().is_none_or(|model| *model == record.model);
            let is_of_agent = match &query.agent_id {
                None => true,
                Some(agent_id) => row.get_ref("of_agent")?.as_str_or_null()?.is_some_and(|of| of == agent_id),
            };
            if is_asked && is_of_agent {
                if record.cost.basis == CostBasis::Priced && !row.get::<_, bool>("is_final")? {
                    record.cost.basis = CostBasis::Incomplete;
                }
                each(&record);
            }
            Ok(())
        };
        let Some(sessions) = sessions else {
            let mut statement = self.connection().prepare_cached(include_str!("../../queries/usages.sql"))?;
            let columns = request::UsageColumns::of(&statement)?;
            let mut rows = statement.query([])?;
            while let Some(row) = rows.next()? {
                take(row, &columns)?;
            }
            return Ok(());
        };
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/usages_of_session.sql"))?;
        let columns = request::UsageColumns::of(&statement)?;
        for session_no in sessions {
            let mut rows = statement.query([session_no])?;
            while let Some(row) = rows.next()? {
                take(row, &columns)?;
            }
        }
        Ok(())
    }
}
