//! Joining events: where one is filed, and what it adds to the counters of its session and agent.

use argus_model::{AgentId, EventKind, EventState, Evidence};

use super::slots::{self, Call};
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
            self.count_event(place, fact, 1, pending)?;
            let tool_no = self.tool_of(fact)?;
            pending.slots.count_share(session_no, tool_no, share.flatten(), 1);
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
        if new.kind == EventKind::ToolCall
            && new.evidence.has(Evidence::STARTED)
            && !old.evidence.has(Evidence::STARTED)
        {
            // Its hook was judged: that counts more than what the transcript gave.
            pending.alert_checks.entry((session_no, fact.key.clone())).or_insert(false);
        }
        self.count_event(old_place, &old, -1, pending)?;
        self.count_event(place, &new, 1, pending)?;
        let (old_tool, new_tool) = (self.tool_of(&old)?, self.tool_of(&new)?);
        if old_tool != new_tool {
            let share =
                event::get_share(&self.connection, session_no, fact.key.as_str())?.and_then(|known| known.share);
            pending.slots.count_share(session_no, old_tool, share, -1);
            pending.slots.count_share(session_no, new_tool, share, 1);
        }
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

    /// The number under which an event's tool is counted, if it is counted.
    fn tool_of(&mut self, state: &EventState) -> Result<Option<i64>> {
        let name = state.tool_name.get().map_or("", String::as_str);
        self.numbers.tool_of(&self.connection, state.kind, name)
    }

    fn count_event(&mut self, place: Place, state: &EventState, factor: i64, pending: &mut Pending) -> Result<()> {
        if slots::is_copy(state, self.numbers.copied_until(place.session_no)) {
            return Ok(());
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
        let tool_no = self.tool_of(state)?;
        pending.slots.count_call(place.session_no, tool_no, &Call::of(state), factor);
        Ok(())
    }
}
