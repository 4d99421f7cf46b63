//! A session's money by agent and tool: what its calls carried of each agent's requests, and the rest.

use std::collections::BTreeMap;

use argus_model::record::{MODEL_TEXT, SessionPart};
use argus_model::{SessionId, Totals};
use rusqlite::OptionalExtension;

use super::Reader;
use crate::Result;
use crate::table::totals;

impl Reader {
    /// The parts of a session, in order of agents and tools; `None` if there is no such session.
    pub fn list_session_parts(&self, session_id: &SessionId) -> Result<Option<Vec<SessionPart>>> {
        let session_no: Option<i64> = self
            .connection()
            .prepare_cached("SELECT session_no FROM session WHERE session_id = ?1")?
            .query_row([session_id.as_str()], |row| row.get(0))
            .optional()?;
        let Some(session_no) = session_no else { return Ok(None) };
        let mut statement =
            self.connection().prepare_cached("SELECT * FROM agent WHERE session_no = ?1 AND requests <> 0")?;
        let reported = self.count_reported_of_agents(session_no)?;
        let rows = statement.query_map([session_no], |row| {
            let mut own = totals::read(row)?;
            own.add(reported.get(&row.get("agent_no")?).unwrap_or(&Totals::default()), 1);
            Ok((row.get("agent_id")?, own))
        })?;
        let mut rests = rows.collect::<rusqlite::Result<BTreeMap<String, Totals>>>()?;
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/agent_tools.sql"))?;
        let rows = statement.query_map([session_no], |row| {
            let totals = Totals { reported_requests: row.get("reported_requests")?, ..totals::read(row)? };
            Ok(SessionPart { agent_id: row.get("agent_id")?, tool_name: row.get("tool_name")?, totals })
        })?;
        let mut parts = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        for part in &parts {
            // Its requests are shares of requests that stay counted whole in the rest.
            let shares = Totals {
                requests: 0,
                incomplete_requests: 0,
                unpriced_requests: 0,
                reported_requests: 0,
                ..part.totals
            };
            rests.entry(part.agent_id.clone()).or_default().add(&shares, -1);
        }
        let rests = rests.into_iter().filter(|(_, totals)| *totals != Totals::default());
        let rest = |(agent_id, totals)| SessionPart { agent_id, tool_name: MODEL_TEXT.to_owned(), totals };
        parts.extend(rests.map(rest));
        parts.sort_by(|a, b| (&a.agent_id, &a.tool_name).cmp(&(&b.agent_id, &b.tool_name)));
        Ok(Some(parts))
    }
}
