//! A thread's requests in their order, each with what came into the context since the one before.
//!
//! A tool's result comes before the request that follows the one which called it, whenever it was written: that is what
//! links them, not the clock. Prompts and compactions have no such link; they stand by their time.

use std::collections::HashMap;
use std::ops::RangeInclusive;

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
    key: String,
    message_id: Option<String>,
    kind: EventKind,
    arrival: ContextArrival,
}

/// Agents of a session, each with its requests, oldest first.
pub type AgentContexts = Vec<(AgentId, Vec<ContextStep>)>;

impl Reader {
    /// The requests of each agent of a session that made any, oldest first; `None` if there is no such session.
    pub fn list_contexts(&self, session_id: &SessionId) -> Result<Option<AgentContexts>> {
        let Some(session) = self.copied_until(session_id)? else { return Ok(None) };
        let mut statement = self.connection().prepare_cached(
            "SELECT agent_no, agent_id FROM agent WHERE session_no = ?1 AND requests <> 0 ORDER BY agent_id",
        )?;
        let agents =
            statement.query_map([session.0], |row| Ok((row.get(0)?, AgentId::new(row.get::<_, String>(1)?))))?;
        let agents: Vec<(i64, AgentId)> = agents.collect::<rusqlite::Result<_>>()?;
        let main_no = agents.iter().find(|(_, agent_id)| agent_id.is_main()).map(|(agent_no, _)| *agent_no);
        let mut contexts = read_contexts(self.connection(), session_id, session, 0..=i64::MAX, main_no)?;
        let of_agent = |(agent_no, agent_id)| (agent_id, contexts.remove(&agent_no).unwrap_or_default());
        Ok(Some(agents.into_iter().map(of_agent).collect()))
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
    session: (i64, i64),
    agent_id: &AgentId,
) -> Result<Option<Vec<ContextStep>>> {
    let agent_no = connection
        .prepare_cached("SELECT agent_no FROM agent WHERE session_no = ?1 AND agent_id = ?2")?
        .query_row(params![session.0, agent_id.as_str()], |row| row.get::<_, i64>(0))
        .optional()?;
    let Some(agent_no) = agent_no else { return Ok(None) };
    let main_no = agent_id.is_main().then_some(agent_no);
    let mut contexts = read_contexts(connection, session_id, session, agent_no..=agent_no, main_no)?;
    Ok(Some(contexts.remove(&agent_no).unwrap_or_default()))
}

/// The requests of some agents of a session, by their numbers: read together, for there may be hundreds of them.
fn read_contexts(
    connection: &Connection,
    session_id: &SessionId,
    (session_no, copied_until): (i64, i64),
    agents: RangeInclusive<i64>,
    main_no: Option<i64>,
) -> Result<HashMap<i64, Vec<ContextStep>>> {
    let mut contexts = read_requests(connection, session_no, &agents)?;
    let mut all_between: HashMap<i64, Vec<Between>> = HashMap::new();
    let mut statement = connection.prepare_cached(include_str!("../../queries/context_arrivals.sql"))?;
    let mut rows = statement.query(params![session_no, agents.start(), agents.end(), main_no, copied_until])?;
    while let Some(row) = rows.next()? {
        let (key, kind) = (row.get::<_, String>(0)?, read_kind(row, 1)?);
        let arrival = ContextArrival {
            event_id: format!("{session_id}~{key}"),
            tool_name: row.get(2)?,
            label: row.get(3)?,
            size_bytes: row.get::<_, Option<i64>>(4)?.and_then(|size| u64::try_from(size).ok()),
            is_result: kind == EventKind::ToolCall,
        };
        let between = Between { at: row.get(6)?, key, message_id: row.get(5)?, kind, arrival };
        all_between.entry(row.get(7)?).or_default().push(between);
    }
    for (agent_no, steps) in &mut contexts {
        steps.sort_unstable_by(|a, b| (a.at, a.message_id.as_str()).cmp(&(b.at, b.message_id.as_str())));
        let mut between = all_between.remove(agent_no).unwrap_or_default();
        // They come turn by turn, each in order.
        between.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
        place(steps, between);
    }
    Ok(contexts)
}

/// Gives each request what came into the context before it.
fn place(steps: &mut [ContextStep], all_between: Vec<Between>) {
    let by_message: HashMap<String, usize> =
        steps.iter().enumerate().map(|(index, step)| (step.message_id.to_string(), index)).collect();
    for Between { at, message_id, kind, arrival, .. } in all_between {
        let caller = message_id.filter(|_| arrival.is_result).and_then(|id| by_message.get(&id).copied());
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
}

fn read_requests(
    connection: &Connection,
    session_no: i64,
    agents: &RangeInclusive<i64>,
) -> Result<HashMap<i64, Vec<ContextStep>>> {
    let mut statement = connection.prepare_cached(include_str!("../../queries/context_requests.sql"))?;
    let usage = request::UsageColumns::of(&statement)?;
    let mut contexts: HashMap<i64, Vec<ContextStep>> = HashMap::new();
    let mut rows = statement.query([session_no, *agents.start(), *agents.end()])?;
    while let Some(row) = rows.next()? {
        contexts.entry(row.get(3)?).or_default().push(ContextStep {
            message_id: MessageId::new(row.get::<_, String>(0)?),
            at: Timestamp::from_micros(row.get(1)?),
            is_final: row.get(2)?,
            usage: usage.read(row)?,
            is_compacted: false,
            arrivals: Vec::new(),
        });
    }
    Ok(contexts)
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
        let plan: String = writer.connection().query_row(&sql, [1, 1, 1], |row| row.get("detail")).unwrap();
        assert!(plan.contains("(session_no=? AND agent_no>? AND agent_no<?)"), "{plan}");
    }
}
