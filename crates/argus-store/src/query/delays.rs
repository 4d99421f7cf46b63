//! What kept a session's agents from their work: a person's permission, and hooks.

use std::collections::{BTreeMap, BTreeSet};

use argus_model::SessionId;
use argus_model::record::Delays;
use rusqlite::params;

use super::Reader;
use crate::Result;

impl Reader {
    /// The delays of each turn, by its prompt; those of no known turn under `None`.
    pub fn list_delays(&self, session_id: &SessionId) -> Result<BTreeMap<Option<String>, Delays>> {
        let mut delays = BTreeMap::<Option<String>, Delays>::new();
        let Some((session_no, _)) = self.copied_until(session_id)? else { return Ok(delays) };
        let mut statement = self.connection().prepare_cached(
            "SELECT t.prompt_id, sum(h.duration_ms) FROM hook_time AS h LEFT JOIN turn AS t USING (turn_no) \
             WHERE h.session_no = ?1 GROUP BY t.prompt_id",
        )?;
        let mut rows = statement.query([session_no])?;
        while let Some(row) = rows.next()? {
            delays.entry(row.get(0)?).or_default().add(Delays { hook_ms: row.get(1)?, ..Delays::default() });
        }
        for key in self.list_asked(session_no)? {
            let Some(call) = self.get_event(&format!("{session_id}~{key}"))? else { continue };
            if call.wait_ms.is_some() {
                delays.entry(call.prompt_id).or_default().add(Delays { wait_ms: call.wait_ms, ..Delays::default() });
            }
        }
        Ok(delays)
    }

    /// The calls of which it is known that a person was asked. A hook tells of the question but not of which call, so that
    /// is the last one before it with the same input.
    fn list_asked(&self, session_no: i64) -> Result<BTreeSet<String>> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/asked_calls.sql"))?;
        let rows = statement.query_map(params![session_no], |row| row.get::<_, Option<String>>(0))?;
        Ok(rows.collect::<rusqlite::Result<Vec<_>>>()?.into_iter().flatten().collect())
    }
}
