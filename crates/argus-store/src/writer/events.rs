//! Joining events: where one is filed, and what it adds to the counters of its session and agent.

use argus_model::{AgentId, EventKind, EventState};

use super::{Pending, Writer, numbers};
use crate::Result;
use crate::table::event::{self, Place};
use crate::table::session::Counts;

impl Writer {
    pub(super) fn join_event(&mut self, fact: &EventState, pending: &mut Pending) -> Result<()> {
        let session_no = self.numbers.session(&self.connection, &fact.session_id)?;
        let old = event::get(&self.connection, session_no, &fact.session_id, &fact.key, |agent_no, turn_no| {
            numbers::names(&self.connection, agent_no, turn_no)
        })?;
        let new = match &old {
            None => fact.clone(),
            Some((_, old)) => {
                let mut new = old.clone();
                new.join(fact);
                if new == *old {
                    return Ok(());
                }
                new
            }
        };
        let place = self.place(session_no, &new)?;
        let share =
            if old.is_none() { pending.shares.remove(&(session_no, new.key.as_str().into())).flatten() } else { None };
        event::put(&self.connection, place, &new, old.is_none(), share)?;
        if let Some((place, old)) = &old {
            self.count_event(*place, old, -1, pending);
        }
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
