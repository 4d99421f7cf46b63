//! Joining events: where one is filed, and what it adds to the counters of its session and agent.

use argus_model::{AgentId, EventKind, EventState, Evidence, Spent, Timestamp};
use rusqlite::Connection;

use super::numbers::{self, Numbers};
use super::slots::{self, Call};
use super::{Pending, Writer};
use crate::Result;
use crate::table::event::{self, Place};
use crate::table::request;
use crate::table::session::Counts;

impl Writer {
    /// Joins the events of a batch.
    pub(super) fn join_events(&mut self, facts: &[EventState], pending: &mut Pending) -> Result<()> {
        // Most events are new. Trying to insert finds that out on the way, without a look-up of its own.
        let (connection, numbers) = (&self.connection, &mut self.numbers);
        let mut known = Vec::new();
        let mut insert = event::Insert::prepare(connection)?;
        for fact in facts {
            if let Some(message_id) = EventState::reported_message(&fact.key)
                && !is_hidden(connection, message_id, pending)?
            {
                // A transcript has this request, and its own event.
                continue;
            }
            let session_no = numbers.session(connection, &fact.session_id)?;
            let place = place(connection, numbers, session_no, fact)?;
            let key = (session_no, Box::from(fact.key.as_str()));
            let share = pending.shares.get(&key).copied();
            if insert.run(place, fact, share.flatten())? {
                watch_guard(fact, pending);
                let tool_no = tool_of(connection, numbers, fact)?;
                count_event(numbers, (place, tool_no), fact, 1, pending);
                if share.is_some() {
                    pending.slots.count_share(session_no, tool_no, share.flatten(), 1);
                    pending.shares.remove(&key);
                }
                if !pending.touched.contains(&fact.session_id) {
                    pending.touched.insert(fact.session_id.clone());
                }
            } else {
                known.push((session_no, fact));
            }
        }
        drop(insert);
        known.into_iter().try_for_each(|(session_no, fact)| self.join_known_event(session_no, fact, pending))
    }

    fn join_known_event(&mut self, session_no: i64, fact: &EventState, pending: &mut Pending) -> Result<()> {
        let stored = event::get(&self.connection, session_no, &fact.session_id, &fact.key, |agent_no, turn_no| {
            numbers::names(&self.connection, agent_no, turn_no)
        })?;
        let Some((old_place, old)) = stored else { return Ok(()) };
        let mut new = old.clone();
        new.join(fact);
        if new == old {
            return Ok(());
        }
        let place = place(&self.connection, &mut self.numbers, session_no, &new)?;
        event::update(&self.connection, place, &new)?;
        if !old.evidence.ran_denied() {
            watch_guard(&new, pending);
        }
        if new.kind == EventKind::ToolCall
            && new.evidence.has(Evidence::STARTED)
            && !old.evidence.has(Evidence::STARTED)
        {
            // Its hook was judged: that counts more than what the transcript gave.
            pending.alert_checks.entry((session_no, fact.key.clone())).or_insert(false);
        }
        let old_tool = tool_of(&self.connection, &mut self.numbers, &old)?;
        let new_tool = tool_of(&self.connection, &mut self.numbers, &new)?;
        count_event(&self.numbers, (old_place, old_tool), &old, -1, pending);
        count_event(&self.numbers, (place, new_tool), &new, 1, pending);
        if old_tool != new_tool {
            let share =
                event::get_share(&self.connection, session_no, fact.key.as_str())?.and_then(|known| known.share);
            pending.slots.count_share(session_no, old_tool, share, -1);
            pending.slots.count_share(session_no, new_tool, share, 1);
        }
        pending.touched.insert(fact.session_id.clone());
        Ok(())
    }
}

/// Whether a request of which telemetry told stands in no transcript. It mostly comes together with its event.
fn is_hidden(connection: &Connection, message_id: &str, pending: &Pending) -> Result<bool> {
    match pending.reports.get(message_id) {
        Some(is_hidden) => Ok(*is_hidden),
        None => Ok(request::is_hidden(connection, message_id)?),
    }
}

/// Notes a call that ran although the guard had denied it.
fn watch_guard(state: &EventState, pending: &mut Pending) {
    if state.kind == EventKind::ToolCall && state.evidence.ran_denied() {
        pending.overspent.note(Spent::Unguarded {
            session_id: state.session_id.clone(),
            key: state.key.clone(),
            agent_id: state.agent_id.get().cloned().unwrap_or_else(AgentId::main),
            tool_name: state.tool_name.get().cloned(),
            at: state.hook_at.value().or(state.line_at.value()).unwrap_or(Timestamp::from_micros(0)),
            was_denied: true,
        });
    }
}

fn place(connection: &Connection, numbers: &mut Numbers, session_no: i64, state: &EventState) -> Result<Place> {
    let main = AgentId::main();
    let agent_id = state.agent_id.get().unwrap_or(&main);
    let agent_no = numbers.agent(connection, session_no, agent_id)?;
    let turn_no = numbers.turn(connection, session_no, state.prompt_id.get())?;
    let thread_turn = if agent_id.is_main() { turn_no } else { 0 };
    let thread_no = numbers.thread(connection, session_no, agent_no, thread_turn)?;
    Ok(Place { session_no, thread_no, agent_no, turn_no })
}

/// The number under which an event's tool is counted, if it is counted.
fn tool_of(connection: &Connection, numbers: &mut Numbers, state: &EventState) -> Result<Option<i64>> {
    numbers.tool_of(connection, state.kind, state.tool_name.get().map_or("", String::as_str))
}

/// Counts an event that stands at a place, under a tool's number.
fn count_event(
    numbers: &Numbers,
    (place, tool_no): (Place, Option<i64>),
    state: &EventState,
    factor: i64,
    pending: &mut Pending,
) {
    if slots::is_copy(state, numbers.copied_until(place.session_no)) {
        return;
    }
    let is_main = state.agent_id.get().is_none_or(AgentId::is_main);
    let tool_call = factor * i64::from(state.kind == EventKind::ToolCall);
    let error = factor * i64::from(event::is_error(state));
    let counts: &mut Counts = pending.counts.entry(place.session_no).or_default();
    counts.turns += factor * i64::from(state.kind == EventKind::Prompt && is_main);
    counts.tool_calls += tool_call;
    counts.errors += error;
    counts.compactions += factor * i64::from(state.kind == EventKind::Compaction);
    let agent = pending.agent_counts.entry(place.agent_no).or_default();
    agent.0 += tool_call;
    agent.1 += error;
    pending.slots.count_call(place.session_no, tool_no, &Call::of(state), factor);
}
