//! Sums over everything: tokens and money by model, and how much there is.

use argus_model::record::ModelTotals;
use argus_model::{PicoUsd, Totals};

use super::Reader;
use crate::Result;

impl Reader {
    /// Usage of each model over all sessions, each request once.
    pub fn model_totals(&self) -> Result<Vec<ModelTotals>> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/model_totals.sql"))?;
        let rows = statement.query_map([], |row| {
            Ok(ModelTotals {
                model: row.get("model")?,
                totals: Totals {
                    requests: row.get("requests")?,
                    input_tokens: row.get("input_tokens")?,
                    output_tokens: row.get("output_tokens")?,
                    cache_write_5m_tokens: row.get("cache_write_5m_tokens")?,
                    cache_write_1h_tokens: row.get("cache_write_1h_tokens")?,
                    cache_read_tokens: row.get("cache_read_tokens")?,
                    web_search_requests: row.get("web_search_requests")?,
                    cost: PicoUsd(row.get("cost_picousd")?),
                    incomplete_requests: row.get("incomplete_requests")?,
                    unpriced_requests: row.get("unpriced_requests")?,
                },
            })
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
