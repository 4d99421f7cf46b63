//! The agents of a session as a tree, with what each and what each subtree used.

use std::collections::HashMap;

use argus_model::agent::{AgentKind, seen};
use argus_model::record::AgentRecord;
use argus_model::{AgentId, AgentState, SessionId, SessionStatus, Timestamp, Totals};
use rusqlite::{Row, params};

use super::Reader;
use crate::Result;
use crate::table::{agent, totals};
use crate::writer::SETTLED_MS;

impl Reader {
    /// All real agents, the main one first, then by first sign of life.
    pub fn list_agents(&self, session_id: &SessionId, now: Timestamp) -> Result<Vec<AgentRecord>> {
        let Some((session_no, copied_until)) = self.copied_until(session_id)? else { return Ok(Vec::new()) };
        let is_over = self
            .get_session(session_id, now)?
            .is_some_and(|s| matches!(s.status, SessionStatus::Ended | SessionStatus::Lost));
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/list_agents.sql"))?;
        let rows = statement
            .query_map(params![session_no, copied_until], |row| Ok((agent::read(row, session_id)?, counts(row)?)))?;
        let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        let reported = self.count_reported_of_agents(session_no)?;
        for (_, counts) in &mut rows {
            counts.own.add(reported.get(&counts.agent_no).unwrap_or(&Totals::default()), 1);
        }
        let mut records: Vec<AgentRecord> = rows.iter().map(|(state, counts)| record(state, counts)).collect();
        let positions = self.spawn_positions(session_no, copied_until)?;
        for agent in &mut records {
            agent.spawn_index = agent.tool_use_id.as_ref().and_then(|id| positions.get(id)).copied();
            let is_settled = is_over || agent.last_at.is_none_or(|at| now.millis_since(at) > SETTLED_MS);
            agent.is_orphan = !agent.agent_id.is_empty() && agent.parent_agent_id.is_none() && is_settled;
        }
        climb(&mut records);
        Ok(records)
    }

    /// What each agent used with all that it started, by its id.
    pub(super) fn sum_subtrees(&self, session_no: i64) -> Result<HashMap<String, Totals>> {
        let mut statement = self.connection().prepare_cached("SELECT * FROM agent WHERE session_no = ?1")?;
        let reported = self.count_reported_of_agents(session_no)?;
        let rows = statement.query_map([session_no], |row| {
            let (id, parent): (String, Option<String>) = (row.get("agent_id")?, row.get("parent_agent_id")?);
            let mut own = totals::read(row)?;
            own.add(reported.get(&row.get("agent_no")?).unwrap_or(&Totals::default()), 1);
            Ok((id, parent, own))
        })?;
        let agents = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        let parents: HashMap<&str, &str> = agents
            .iter()
            .filter_map(|(id, parent, _)| Some((id.as_str(), parent.as_deref()?)))
            .filter(|(id, _)| !id.is_empty())
            .collect();
        let mut sums = HashMap::<String, Totals>::new();
        for (id, _, own) in &agents {
            let mut at = Some(id.as_str());
            // Bounded by the number of agents, as is every way up.
            for _ in 0..agents.len() {
                let Some(here) = at else { break };
                sums.entry(here.to_owned()).or_default().add(own, 1);
                at = parents.get(here).copied();
            }
        }
        Ok(sums)
    }

    /// Position of each spawning call among its thread's steps.
    fn spawn_positions(&self, session_no: i64, copied_until: i64) -> Result<HashMap<String, i64>> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/spawn_positions.sql"))?;
        let rows = statement.query_map(params![session_no, copied_until], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

struct Counts {
    agent_no: i64,
    steps: i64,
    tool_calls: i64,
    errors: i64,
    own: Totals,
    asked: Option<String>,
}

fn counts(row: &Row<'_>) -> rusqlite::Result<Counts> {
    Ok(Counts {
        agent_no: row.get("agent_no")?,
        steps: row.get("step_count")?,
        tool_calls: row.get("tool_call_count")?,
        errors: row.get("error_count")?,
        own: totals::read(row)?,
        asked: row.get("asked")?,
    })
}

fn record(state: &AgentState, counts: &Counts) -> AgentRecord {
    let is_main = state.agent_id.is_main();
    let kind = state.kind.get().copied().unwrap_or(if is_main { AgentKind::Main } else { AgentKind::Subagent });
    AgentRecord {
        agent_id: state.agent_id.to_string(),
        parent_agent_id: state.parent_agent_id.get().map(AgentId::to_string).filter(|_| !is_main),
        agent_type: state.agent_type.get().cloned(),
        description: state.description.get().or(counts.asked.as_ref()).cloned(),
        kind,
        tool_use_id: state.tool_use_id.get().map(ToString::to_string),
        prompt_id: state.prompt_id.get().map(ToString::to_string),
        depth: is_main.then_some(0),
        model: state.model.get().cloned(),
        started_at: state.started_at.value(),
        last_at: state.last_at.value(),
        end: state.ended.get().copied(),
        is_orphan: false,
        spawn_index: None,
        step_count: counts.steps,
        tool_call_count: counts.tool_calls,
        error_count: counts.errors,
        own: counts.own,
        subtree: counts.own,
    }
}

/// Gives every agent its depth, and adds what it used to each agent above it.
fn climb(records: &mut [AgentRecord]) {
    let index: HashMap<String, usize> = records.iter().enumerate().map(|(i, a)| (a.agent_id.clone(), i)).collect();
    let parents: Vec<Option<usize>> =
        records.iter().map(|a| a.parent_agent_id.as_ref().and_then(|p| index.get(p)).copied()).collect();
    for start in 0..records.len() {
        let own = records[start].own;
        let (mut at, mut depth) = (start, 0);
        // Bounded by the number of agents, so that hostile links in a ring cannot hold us.
        while let Some(parent) = parents[at].filter(|_| depth < records.len() as i64) {
            records[parent].subtree.add(&own, 1);
            at = parent;
            depth += 1;
        }
        if records[at].agent_id.is_empty() {
            records[start].depth = Some(depth);
        }
    }
}

/// Whether an agent counts as real, for the queries' `seen & 123`.
const _: () = assert!(seen::REAL == 123);
