//! Sums over everything: tokens and money by model, and how much there is.

use argus_model::record::{HiddenRecord, ModelTotals, SpendQuery};
use argus_model::{SessionId, Totals, UsageRecord, slot};

use super::Reader;
use crate::Result;
use crate::table::{request, totals};

impl Reader {
    /// Usage of each model over all sessions, each request once.
    pub fn model_totals(&self) -> Result<Vec<ModelTotals>> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/model_totals.sql"))?;
        let rows =
            statement.query_map([], |row| Ok(ModelTotals { model: row.get("model")?, totals: totals::read(row)? }))?;
        let mut models = rows.collect::<rusqlite::Result<Vec<ModelTotals>>>()?;
        let names = self.models()?;
        // Days tell no models.
        self.each_reported(&SpendQuery::default(), &[slot::quarters(None, None)], |reported| {
            if let Some(model) = models.iter_mut().find(|model| model.model == names.get(reported.model_no)) {
                model.totals.add(&reported.totals, 1);
            }
            Ok(())
        })?;
        Ok(models)
    }

    /// Every request that counts, with its usage and its price.
    pub fn each_usage(&self, mut each: impl FnMut(&UsageRecord)) -> Result<()> {
        let sql = "SELECT * FROM request WHERE is_counted = 1 AND usage_at IS NOT NULL";
        let mut statement = self.connection().prepare_cached(sql)?;
        let columns = request::UsageColumns::of(&statement)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if let Some(record) = columns.read(row)? {
                each(&record);
            }
        }
        Ok(())
    }

    /// What a session's requests that stand in no transcript came to, by what they were for.
    pub fn list_hidden(&self, session_id: &SessionId) -> Result<Vec<HiddenRecord>> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/hidden_requests.sql"))?;
        let rows = statement.query_map([session_id.as_str()], |row| {
            let totals = Totals { reported_requests: row.get("reported_requests")?, ..totals::read(row)? };
            Ok(HiddenRecord { query_source: row.get("query_source")?, totals })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many sessions and tool calls there are.
    pub fn count_everything(&self) -> Result<(i64, i64)> {
        Ok(self.connection().query_row(
            "SELECT count(*), ifnull(sum(tool_call_count), 0) FROM session WHERE last_at IS NOT NULL",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )?)
    }
}
