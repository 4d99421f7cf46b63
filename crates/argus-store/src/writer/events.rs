//! Joining events: where one is filed, and what it adds to the counters of its session and agent.

use argus_model::{AgentId, EventKind, EventState};

use super::{Pending, Writer, numbers};
use crate::Result;
use crate::table::event::{self, Place};
use crate::table::session::Counts;

impl Writer {
    pub(super) fn join_event(&mut self, fact: &EventState, pending: &mut Pending) -> Result<()> {
        let session_no = self.numbers.session(&self.connection, &fact.session_id)?;
        // Most events are new. Trying to insert finds that out on the way, without a look-up of its own.
        let place = self.place(session_no, fact)?;
        let share = pending.shares.remove(&(session_no, fact.key.as_str().into()));
        if event::insert(&self.connection, place, fact, share.flatten())? {
            self.count_event(place, fact, 1, pending);
            pending.touched.insert(fact.session_id.clone());
            return Ok(());
        }
        if let Some(share) = share {
            pending.shares.insert((session_no, fact.key.as_str().into()), share);
        }
        self.join_known_event(session_no, fact, pending)
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
        let place = self.place(session_no, &new)?;
        event::update(&self.connection, place, &new)?;
        self.count_event(old_place, &old, -1, pending);
        self.count_event(place, &new, 1, pending);
        pending.touched.insert(fact.session_id.clone());
        Ok(())
    }

    fn place(&mut self, session_no: i64, state: &EventState) -> Result<Place> {
        let main = AgentId::main();
        let agent_id = state.agent_id.get().unwrap_or(&main);
        let agent_no = self.numbers.agent(&self.connection, session_no, agent_id)?;
        let turn_no = self.numbers.turn(&self.connection, session_no, state.prompt_id.get())?;
        let thread_turn = if agent_id.is_main() { turn_no } else { 0 };
        let thread_no = self.numbers.thread(&self.connection, session_no, agent_no, thread_turn)?;
        Ok(Place { session_no, thread_no, agent_no, turn_no })
    }

    fn count_event(&self, place: Place, state: &EventState, factor: i64, pending: &mut Pending) {
        let copied_until = self.numbers.copied_until(place.session_no).map_or(-1, |at| at.as_micros());
        let is_main = state.agent_id.get().is_none_or(AgentId::is_main);
        // Only the main thread's beginning is copied; subagents' files stay with their session.
        if is_main && event::filed_at(state) <= copied_until {
            return;
        }
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
    }
}
