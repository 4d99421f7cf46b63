//! A thread's requests in their order, each with what came into the context since the one before.
//!
//! A tool's result comes before the request that follows the one which called it, whenever it was written: that is what
//! links them, not the clock. Prompts and compactions have no such link; they stand by their time.

use std::collections::HashMap;

use argus_model::record::{ContextArrival, ContextStep};
use argus_model::{AgentId, EventKind, MessageId, SessionId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::Reader;
use crate::Result;
use crate::table::event::read_kind;
use crate::table::request;

/// What stands between two requests.
struct Between {
    at: i64,
    message_id: Option<String>,
    kind: EventKind,
    arrival: ContextArrival,
}

impl Reader {
    /// The agents of a session that made requests; `None` if there is no such session.
    pub fn list_context_agents(&self, session_id: &SessionId) -> Result<Option<Vec<AgentId>>> {
        let Some((session_no, _)) = self.copied_until(session_id)? else { return Ok(None) };
        let mut statement = self
            .connection()
            .prepare_cached("SELECT agent_id FROM agent WHERE session_no = ?1 AND requests <> 0 ORDER BY agent_id")?;
        let rows = statement.query_map([session_no], |row| row.get::<_, String>(0).map(AgentId::new))?;
        Ok(Some(rows.collect::<rusqlite::Result<_>>()?))
    }

    /// The requests of an agent of a session, oldest first; `None` if there is no such agent.
    pub fn list_context(&self, session_id: &SessionId, agent_id: &AgentId) -> Result<Option<Vec<ContextStep>>> {
        let Some(session) = self.copied_until(session_id)? else { return Ok(None) };
        list_context(self.connection(), session_id, session, agent_id)
    }
}

/// The same, of whoever has a connection; `session` is its number, and up to when its lines are its parent's.
pub(crate) fn list_context(
    connection: &Connection,
    session_id: &SessionId,
    (session_no, copied_until): (i64, i64),
    agent_id: &AgentId,
) -> Result<Option<Vec<ContextStep>>> {
    let agent_no = connection
        .prepare_cached("SELECT agent_no FROM agent WHERE session_no = ?1 AND agent_id = ?2")?
        .query_row(params![session_no, agent_id.as_str()], |row| row.get::<_, i64>(0))
        .optional()?;
    let Some(agent_no) = agent_no else { return Ok(None) };
    let mut steps = list_context_requests(connection, session_no, agent_no)?;
    let copied_until = if agent_id.is_main() { copied_until } else { -1 };
    let mut statement = connection.prepare_cached(include_str!("../../queries/context_arrivals.sql"))?;
    let rows = statement.query_map(params![session_no, agent_no, copied_until], |row| {
        let (key, kind) = (row.get::<_, String>(0)?, read_kind(row, 1)?);
        let arrival = ContextArrival {
            event_id: format!("{session_id}~{key}"),
            tool_name: row.get(2)?,
            label: row.get(3)?,
            size_bytes: row.get::<_, Option<i64>>(4)?.and_then(|size| u64::try_from(size).ok()),
            is_result: kind == EventKind::ToolCall,
        };
        Ok(Between { at: row.get(6)?, message_id: row.get(5)?, kind, arrival })
    })?;
    let by_message: HashMap<MessageId, usize> =
        steps.iter().enumerate().map(|(index, step)| (step.message_id.clone(), index)).collect();
    for between in rows {
        let Between { at, message_id, kind, arrival } = between?;
        let caller =
            message_id.filter(|_| arrival.is_result).and_then(|id| by_message.get(&MessageId::new(id)).copied());
        let next = match caller {
            Some(caller) => caller + 1,
            None => steps.partition_point(|step| step.at.as_micros() < at),
        };
        // What came after the last request was in no prompt yet.
        let Some(step) = steps.get_mut(next) else { continue };
        match kind {
            EventKind::Compaction => step.is_compacted = true,
            _ => step.arrivals.push(arrival),
        }
    }
    Ok(Some(steps))
}

fn list_context_requests(connection: &Connection, session_no: i64, agent_no: i64) -> Result<Vec<ContextStep>> {
    let mut statement = connection.prepare_cached(include_str!("../../queries/context_requests.sql"))?;
    let usage = request::UsageColumns::of(&statement)?;
    let rows = statement.query_map([session_no, agent_no], |row| {
        Ok(ContextStep {
            message_id: MessageId::new(row.get::<_, String>(0)?),
            at: Timestamp::from_micros(row.get(1)?),
            is_final: row.get(2)?,
            usage: usage.read(row)?,
            is_compacted: false,
            arrivals: Vec::new(),
        })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

#[cfg(test)]
mod tests {
    /// A session may have hundreds of agents: all of its requests are not read for each of them.
    #[test]
    fn the_requests_of_an_agent_are_found_by_session_and_agent() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::Store::open(&folder.path().join("argus.db")).unwrap();
        let writer = store.writer().unwrap();
        let sql = format!("EXPLAIN QUERY PLAN {}", include_str!("../../queries/context_requests.sql"));
        let plan: String = writer.connection().query_row(&sql, [1, 1], |row| row.get("detail")).unwrap();
        assert!(plan.contains("(session_no=? AND agent_no=?)"), "{plan}");
    }
}
