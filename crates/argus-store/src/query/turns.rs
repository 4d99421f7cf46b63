//! The turns of a session: what each prompt caused, in order.

use argus_model::record::TurnRecord;
use argus_model::{SessionId, Totals};
use rusqlite::params;

use super::Reader;
use crate::Result;
use crate::table::{time, totals};

impl Reader {
    /// Turns of the main agent in order, first what came before any prompt.
    pub fn list_turns(&self, session_id: &SessionId) -> Result<Vec<TurnRecord>> {
        let Some((session_no, copied_until)) = self.copied_until(session_id)? else { return Ok(Vec::new()) };
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/list_turns.sql"))?;
        let rows = statement.query_map(params![session_no, copied_until], |row| {
            let prompt_id: Option<String> = row.get("prompt_id")?;
            Ok(TurnRecord {
                totals: if prompt_id.is_some() { totals::read(row)? } else { Totals::default() },
                prompt_id,
                label: row.get("label")?,
                is_human: row.get::<_, Option<bool>>("is_human")?.unwrap_or(false),
                started_at: time(row, "started_at")?,
                last_at: time(row, "last_at")?,
                step_count: row.get("step_count")?,
                error_count: row.get("error_count")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}
