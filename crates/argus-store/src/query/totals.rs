//! Sums over everything: tokens and money by model, and how much there is.

use argus_model::SessionId;
use argus_model::record::{HiddenRecord, ModelTotals};

use super::Reader;
use crate::Result;
use crate::table::totals;

impl Reader {
    /// Usage of each model over all sessions, each request once.
    pub fn model_totals(&self) -> Result<Vec<ModelTotals>> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/model_totals.sql"))?;
        let rows =
            statement.query_map([], |row| Ok(ModelTotals { model: row.get("model")?, totals: totals::read(row)? }))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What a session's requests that stand in no transcript came to, by what they were for.
    pub fn list_hidden(&self, session_id: &SessionId) -> Result<Vec<HiddenRecord>> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/hidden_requests.sql"))?;
        let rows = statement.query_map([session_id.as_str()], |row| {
            Ok(HiddenRecord { query_source: row.get("query_source")?, totals: totals::read(row)? })
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
