//! Joining model requests: who owns one, what it adds to whose sums, and how it is shared over its events.

use argus_model::request::divide;
use argus_model::slot::quarter_of;
use argus_model::{EventState, RequestKey, RequestState, Totals};
use rusqlite::Connection;

use super::alerts::watch_request;
use super::numbers::Numbers;
use super::reprice::keep_price;
use super::{Pending, Writer, numbers};
use crate::Result;
use crate::table::alert;
use crate::table::event::{self, Share};
use crate::table::request::{self, OwnerNo, Stored};
use crate::table::totals::Rollup;

impl Writer {
    /// Joins requests, in the order of the table: their ids are random, and each page of it is then met once.
    pub(super) fn join_requests<'a>(
        &mut self,
        facts: impl Iterator<Item = &'a RequestState>,
        pending: &mut Pending,
    ) -> Result<()> {
        let mut facts: Vec<&RequestState> = facts.collect();
        facts.sort_by(|a, b| a.key.message_id.cmp(&b.key.message_id));
        // Most are of messages of which nothing is known, which inserting finds out without a look-up of its own.
        let mut known = Vec::new();
        let mut insert = request::Insert::prepare(&self.connection)?;
        for fact in facts {
            if self.has_reports || fact.key.is_reported() {
                known.push(fact);
                continue;
            }
            let owner = owner_no(&self.connection, &mut self.numbers, fact)?;
            let facet_no = self.numbers.facet(&self.connection, fact)?;
            let new = Stored { state: fact.clone(), owner, facet_no, is_counted: true };
            if insert.run(&new)? {
                count(&self.connection, &mut self.numbers, (None, &new), pending)?;
                watch_request(self.watch.as_ref(), None, &new, pending);
            } else {
                known.push(fact);
            }
        }
        drop(insert);
        known.into_iter().try_for_each(|fact| self.join_request(fact, pending))
    }

    fn join_request(&mut self, fact: &RequestState, pending: &mut Pending) -> Result<()> {
        if fact.key.is_reported() { self.join_report(fact, pending) } else { self.join_told(fact, pending) }
    }

    /// What telemetry tells: of a request that stands in a transcript it says more; any other one it makes known.
    fn join_report(&mut self, fact: &RequestState, pending: &mut Pending) -> Result<()> {
        let Some(request_id) = &fact.key.request_id else { return Ok(()) };
        self.has_reports = true;
        let named = |no| numbers::owner(&self.connection, no);
        let (mut told, mut known) = (request::list_of_request(&self.connection, request_id, named)?, None);
        if let Some(place) = told.iter().position(|stored| stored.state.key == fact.key) {
            known = Some(told.remove(place));
        }
        pending.reports.insert(fact.key.message_id.as_str().into(), told.is_empty());
        let mut state = known.as_ref().map_or_else(|| RequestState::new(fact.key.clone()), |old| old.state.clone());
        state.join(fact);
        if let Some(old) = &known {
            keep_price(&old.state, &mut state);
        }
        if known.as_ref().is_some_and(|old| old.state == state) {
            return Ok(());
        }
        let new = Stored {
            owner: owner_no(&self.connection, &mut self.numbers, &state)?,
            facet_no: self.numbers.facet(&self.connection, &state)?,
            state,
            is_counted: told.is_empty(),
        };
        self.write_request(known.as_ref(), &new, pending)?;
        for old in &told {
            let mut state = old.state.clone();
            state.join(&new.state);
            let owner = owner_no(&self.connection, &mut self.numbers, &state)?;
            let facet_no = self.numbers.facet(&self.connection, &state)?;
            self.write_request(Some(old), &Stored { state, owner, facet_no, is_counted: old.is_counted }, pending)?;
        }
        Ok(())
    }

    /// What telemetry told of a request that a transcript tells of for the first time; it counts no more by itself.
    fn take_report(&mut self, state: &mut RequestState, pending: &mut Pending) -> Result<()> {
        let Some(request_id) = &state.key.request_id else { return Ok(()) };
        let key = RequestKey::reported(request_id.clone());
        let named = |no| numbers::owner(&self.connection, no);
        let Some(report) = request::list_of_message(&self.connection, &key.message_id, named)?.pop() else {
            return Ok(());
        };
        state.join(&report.state);
        pending.reports.insert(key.message_id.as_str().into(), false);
        if report.is_counted {
            self.write_request(Some(&report), &Stored { is_counted: false, ..report.clone() }, pending)?;
            if let Some(owner) = report.owner {
                let own = EventState::request_key(&key.message_id);
                pending.shares.remove(&(owner.session_no, own.as_str().into()));
                event::delete(&self.connection, owner.session_no, &own)?;
                // An alert about it is about the same request, and keeps what people said of it.
                let told = EventState::request_key(&state.key.message_id);
                alert::rename(&self.connection, owner.session_no, &own, &told)?;
                pending.overspent.withdraw(owner.session_no, told);
            }
        }
        Ok(())
    }

    fn join_told(&mut self, fact: &RequestState, pending: &mut Pending) -> Result<()> {
        let message = &fact.key.message_id;
        let known = request::list_of_message(&self.connection, message, |no| numbers::owner(&self.connection, no))?;
        let old = known.iter().find(|stored| stored.state.key == fact.key);
        let mut state = old.map_or_else(|| RequestState::new(fact.key.clone()), |old| old.state.clone());
        state.join(fact);
        if let Some(old) = old {
            keep_price(&old.state, &mut state);
        }
        if old.is_none() && self.has_reports {
            self.take_report(&mut state, pending)?;
        }
        self.mark_losers(fact, old, &state, pending)?;
        if old.is_some_and(|old| old.state == state) {
            return Ok(());
        }
        let owner = owner_no(&self.connection, &mut self.numbers, &state)?;
        let is_named = |key: &RequestKey| key.request_id.is_some();
        let is_counted = is_named(&fact.key) || !known.iter().any(|stored| is_named(&stored.state.key));
        let facet_no = self.numbers.facet(&self.connection, &state)?;
        let new = Stored { state, owner, facet_no, is_counted };
        // A record without request id stands back once the same message came with one.
        if let Some(unnamed) = known.iter().find(|stored| !is_named(&stored.state.key))
            && is_named(&fact.key)
            && unnamed.is_counted
        {
            let uncounted = Stored { is_counted: false, ..unnamed.clone() };
            self.write_request(Some(unnamed), &uncounted, pending)?;
        }
        self.write_request(old, &new, pending)
    }

    fn mark_losers(
        &mut self,
        fact: &RequestState,
        old: Option<&Stored>,
        new: &RequestState,
        pending: &mut Pending,
    ) -> Result<()> {
        let Some(winner) = new.owner.get() else { return Ok(()) };
        if let Some(loser) = old.and_then(|old| old.state.owner.get())
            && loser.session_id != winner.session_id
        {
            pending.dethroned.insert(loser.session_id.clone());
        }
        for state in [Some(fact), old.map(|old| &old.state)].into_iter().flatten() {
            let until = state.usage.get().map(|record| record.at).max(state.first_at());
            if let (Some(owner), Some(0), Some(until)) = (state.owner.get(), state.owner.rank(), until)
                && owner.session_id != winner.session_id
            {
                self.mark_copy(&owner.session_id.clone(), &winner.session_id, until, pending)?;
            }
        }
        Ok(())
    }

    pub(super) fn write_request(&mut self, old: Option<&Stored>, new: &Stored, pending: &mut Pending) -> Result<()> {
        request::put(&self.connection, new)?;
        watch_request(self.watch.as_ref(), old, new, pending);
        count(&self.connection, &mut self.numbers, (old, new), pending)
    }
}

fn owner_no(connection: &Connection, numbers: &mut Numbers, state: &RequestState) -> Result<Option<OwnerNo>> {
    let Some(owner) = state.owner.get() else { return Ok(None) };
    let session_no = numbers.session(connection, &owner.session_id)?;
    let agent_no = numbers.agent(connection, session_no, &owner.agent_id)?;
    let turn_no = numbers.turn(connection, session_no, owner.prompt_id.as_ref())?;
    Ok(Some(OwnerNo { session_no, agent_no, turn_no }))
}

/// Counts what a request added before no more, and what it adds now.
fn count(
    connection: &Connection,
    numbers: &mut Numbers,
    (old, new): (Option<&Stored>, &Stored),
    pending: &mut Pending,
) -> Result<()> {
    for (stored, factor) in [(old, -1), (Some(new), 1)] {
        if let Some((owner, sums)) = stored.and_then(Stored::contribution) {
            pending.reconcile.insert(owner.session_no);
            for rollup in
                [Rollup::Session(owner.session_no), Rollup::Agent(owner.agent_no), Rollup::Turn(owner.turn_no)]
            {
                pending.sums.entry(rollup).or_default().add(&sums, factor);
            }
        }
        if let Some(stored) = stored {
            pending.slots.count_request(connection, numbers, stored, factor)?;
        }
    }
    let old_session = old.and_then(|old| old.owner).map(|owner| owner.session_no);
    if let Some(old) = old
        && let Some(session_no) = old_session
        && new.owner.map(|owner| owner.session_no) != old_session
    {
        for key in event_keys(&old.state) {
            pending.shares.insert((session_no, key), None);
        }
    }
    if let Some(owner) = new.owner {
        for (key, share) in event_keys(&new.state).zip(shares(new)) {
            pending.shares.insert((owner.session_no, key), share);
        }
    }
    if let Some(owner) = new.state.owner.get() {
        pending.touched.insert(owner.session_id.clone());
    }
    Ok(())
}

/// Keys of the events a request produced, in the order of its weights.
pub(super) fn event_keys(state: &RequestState) -> impl Iterator<Item = Box<str>> + '_ {
    let own = EventState::request_key(&state.key.message_id).as_str().into();
    std::iter::once(own).chain(state.tool_blocks.iter().map(|(id, _)| id.as_str().into()))
}

/// The share of each of them; they sum to the request exactly.
fn shares(stored: &Stored) -> Vec<Option<Share>> {
    let weights = stored.state.weights();
    let (Some((_, sums)), Some(cost), Some(record)) =
        (stored.contribution(), stored.state.cost(), stored.state.usage.get())
    else {
        return vec![None; weights.len()];
    };
    let slot = quarter_of(record.at);
    let split = |of: fn(&Totals) -> i64| divide(of(&sums), &weights);
    let (input, output) = (split(|t| t.input_tokens), split(|t| t.output_tokens));
    let (write_5m, write_1h) = (split(|t| t.cache_write_5m_tokens), split(|t| t.cache_write_1h_tokens));
    let (read, money) = (split(|t| t.cache_read_tokens), split(|t| t.cost.0));
    (0..weights.len())
        .map(|i| {
            Some(Share {
                slot,
                basis: request::basis_code(cost.basis),
                cost_picousd: cost.amount.map(|_| money[i]),
                input: input[i],
                output: output[i],
                write_5m: write_5m[i],
                write_1h: write_1h[i],
                read: read[i],
            })
        })
        .collect()
}
