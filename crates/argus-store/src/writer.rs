//! The one writer: joins a batch of facts into the tables, in one transaction.
//!
//! Why joins and not plain inserts: a hook and a transcript tell of the same thing, in any order and more than once.
//! Each row is read, joined with what is new, and written back when that changed it; what it adds to its session's,
//! agent's and turn's sums is taken from the difference. So applying anything twice changes nothing.
//!
//! Start with `Writer::apply`; `numbers` turns ids into row numbers, `requests` and `events` do the joining.

mod alerts;
mod budgets;
pub(crate) mod checkpoint;
mod compact;
mod deeds;
mod events;
mod forget;
mod guard;
mod numbers;
mod pauses;
pub(crate) mod prune;
mod reprice;
mod requests;
mod slots;
mod sources;
mod statements;
mod verdicts;

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fs::File;

use argus_model::session::Process;
use argus_model::{
    AgentState, AlertFact, CostStatement, DeedFact, EventKey, EventState, GuardFact, HookTime, RequestState, SessionId,
    SessionState, StatusTotal, Timestamp, Totals,
};
use rusqlite::{Connection, OptionalExtension, params};

use crate::Result;
use crate::query::list_definitions;
use crate::table::event::Share;
use crate::table::session::Counts;
use crate::table::totals::{self, Rollup};
use crate::table::{agent, alert, event, known_again, request, session};
use alerts::{Overspent, SpendWatch};
use numbers::Numbers;
use slots::Slots;

pub use alerts::{AlertPlace, Judge};
pub(crate) use alerts::{SETTLED_MS, split_alert_id};
pub use budgets::Due;
pub use checkpoint::Checkpointer;
pub(crate) use forget::SOURCES_OF_SESSION;
pub use pauses::Withheld;
pub use prune::PRUNE_BATCH;
pub use reprice::{Repriced, RequestPlace};
pub(crate) use slots::{complete_slots, count_differing_slots};
pub use sources::{BodyChunk, BodyLine, Quarantined, SourceKind, SourceRow, SourceUpdate};
pub(crate) use sources::{find_line, find_removal};

/// Facts to be joined together, with how far their sources have been read.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Batch {
    /// About sessions.
    pub sessions: Vec<SessionState>,
    /// About agents.
    pub agents: Vec<AgentState>,
    /// About model requests.
    pub requests: Vec<RequestState>,
    /// About events.
    pub events: Vec<EventState>,
    /// What rules found.
    pub alerts: Vec<AlertFact>,
    /// Halves of sequences.
    pub deeds: Vec<DeedFact>,
    /// What the guard answered.
    pub answers: Vec<GuardFact>,
    /// Folders that a person added to sessions.
    pub folders: Vec<(SessionId, String)>,
    /// What Claude Code says that sessions cost.
    pub statements: Vec<CostStatement>,
    /// What status lines were given.
    pub status_totals: Vec<StatusTotal>,
    /// How long hooks took.
    pub hook_times: Vec<HookTime>,
    /// How far each source was read.
    pub sources: Vec<SourceUpdate>,
    /// Masked bodies to keep.
    pub bodies: Vec<BodyChunk>,
    /// What could not be read.
    pub quarantined: Vec<Quarantined>,
    /// Parts of sources that are not to be kept.
    pub withheld: Vec<Withheld>,
}

/// The one connection that writes.
pub struct Writer {
    connection: Connection,
    numbers: Numbers,
    watch: Option<SpendWatch>,
    /// Telemetry told of some request: only then is it worth a look-up whether it told of this one.
    has_reports: bool,
    /// Some budget is or was defined: only then are days noted whose money changed.
    has_budgets: bool,
    /// What stays forgotten; see `forget`.
    forgotten: HashSet<forget::Digest>,
    _lock: File,
}

/// Work that one transaction collects and settles at its end.
#[derive(Default)]
struct Pending {
    sums: BTreeMap<Rollup, Totals>,
    counts: BTreeMap<i64, Counts>,
    agent_counts: BTreeMap<i64, (i64, i64)>,
    shares: HashMap<(i64, Box<str>), Option<Share>>,
    slots: Slots,
    recount: BTreeSet<i64>,
    /// Requests of which telemetry told, and whether they stand in no transcript.
    reports: HashMap<Box<str>, bool>,
    /// Sessions that lost a request to an earlier one: whoever is held for their copy may be that one's.
    dethroned: BTreeSet<SessionId>,
    /// Sessions of which it became known who started an agent.
    linked: BTreeSet<i64>,
    /// Sessions whose money may belong to other accounts than before.
    recharged: BTreeSet<i64>,
    overspent: Overspent,
    /// Things whose alerts must be looked at again; true when their ground is gone.
    alert_checks: BTreeMap<(i64, EventKey), bool>,
    /// Sequences of which a half changed.
    deeds: deeds::Affected,
    touched: BTreeSet<SessionId>,
    /// Sessions whose requests, or whose statements, changed.
    reconcile: BTreeSet<i64>,
}

impl Writer {
    pub(crate) fn new(connection: Connection, lock: File) -> Result<Self> {
        let forgotten = forget::list_forgotten(&connection)?;
        let has_reports = request::has_reports(&connection)?;
        let has_budgets = !list_definitions(&connection)?.is_empty();
        let numbers = Numbers::default();
        Ok(Self { connection, numbers, watch: None, has_reports, has_budgets, forgotten, _lock: lock })
    }

    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Joins all batches in one transaction; the sessions that changed.
    pub fn apply(&mut self, batches: &[Batch]) -> Result<Vec<SessionId>> {
        self.in_transaction(|writer| writer.apply_all(batches))
    }

    /// All of some work, or nothing.
    fn in_transaction<T>(&mut self, work: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let done = work(self).and_then(|done| {
            alert::count_new(&self.connection)?;
            Ok(done)
        });
        match done {
            Ok(done) => {
                self.connection.execute_batch("COMMIT")?;
                self.numbers.forget_if_large();
                Ok(done)
            }
            Err(error) => {
                // Numbers given out inside the transaction are void with it.
                self.numbers = Numbers::default();
                self.connection.execute_batch("ROLLBACK")?;
                Err(error)
            }
        }
    }

    /// Reads a value that is neither a fact nor a roll-up, such as the masking salt.
    pub fn get_meta(&self, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.connection.query_row("SELECT value FROM meta WHERE key = ?1", [key], |row| row.get(0)).optional()?)
    }

    /// Keeps such a value.
    pub fn set_meta(&mut self, key: &str, value: &[u8]) -> Result<()> {
        self.connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?1, ?2)", params![key, value])?;
        Ok(())
    }

    /// Sessions that neither ended nor were found lost, with the process that runs them, to be watched after a restart.
    pub fn list_processes(&self) -> Result<Vec<(SessionId, Process)>> {
        let mut statement = self.connection.prepare_cached(include_str!("../queries/list_processes.sql"))?;
        let rows = statement.query_map([], |row| {
            let process = Process { pid: row.get("pid")?, start_ticks: row.get("pid_start")? };
            Ok((SessionId::new(row.get::<_, String>("session_id")?), process))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether any fact of a session is known.
    pub fn knows_session(&self, session_id: &SessionId) -> Result<bool> {
        Ok(self
            .connection
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM session WHERE session_id = ?1)")?
            .query_row([session_id.as_str()], |row| row.get(0))?)
    }

    /// Gives memory back that a long piece of work needed.
    pub fn shrink(&mut self) -> Result<()> {
        Ok(self.connection.execute_batch("PRAGMA shrink_memory")?)
    }

    fn apply_all(&mut self, batches: &[Batch]) -> Result<Vec<SessionId>> {
        let mut pending = Pending::default();
        let kept: Vec<Cow<'_, Batch>> = if self.forgotten.is_empty() {
            batches.iter().map(Cow::Borrowed).collect()
        } else {
            batches.iter().map(|batch| Cow::Owned(self.without_forgotten(batch))).collect()
        };
        for batch in &kept {
            for state in &batch.sessions {
                self.join_session(state, &mut pending)?;
            }
            for state in &batch.agents {
                self.join_agent(state, &mut pending)?;
            }
        }
        self.join_requests(kept.iter().flat_map(|batch| &batch.requests), &mut pending)?;
        for batch in &kept {
            self.join_events(&batch.events, &mut pending)?;
            for fact in &batch.alerts {
                self.join_alert(fact, &mut pending)?;
            }
            for fact in &batch.deeds {
                self.join_deed(fact, &mut pending)?;
            }
            self.join_guard(batch, &mut pending)?;
            for statement in &batch.statements {
                self.unite_statement(statement, &mut pending)?;
            }
            for status in &batch.status_totals {
                self.unite_status(status, &mut pending)?;
            }
            self.keep_hook_times(&batch.hook_times)?;
            self.keep_sources(batch)?;
            self.keep_withheld(&batch.withheld)?;
        }
        self.settle(&mut pending)?;
        Ok(pending.touched.into_iter().collect())
    }

    fn join_session(&mut self, state: &SessionState, pending: &mut Pending) -> Result<()> {
        let number = self.numbers.session(&self.connection, &state.session_id)?;
        let Some((_, old)) = session::get(&self.connection, &state.session_id)? else { return Ok(()) };
        let mut new = old.clone();
        new.join(state);
        if new == old {
            return Ok(());
        }
        session::update(&self.connection, number, &new)?;
        let is_fork_of = |state: &SessionState| (state.copied_until.value(), state.parent_session_id.get().cloned());
        if is_fork_of(&new) != is_fork_of(&old) {
            self.note_fork(number, pending)?;
        }
        if new.copied_until != old.copied_until {
            self.numbers.set_copied_until(number, new.copied_until.value());
            pending.recount.insert(number);
        }
        if (new.project.get(), new.git_branch.get()) != (old.project.get(), old.git_branch.get()) {
            pending.recharged.insert(number);
        }
        if new.project.get() != old.project.get() {
            // What is counted from here on goes to the new project by itself.
            slots::move_session(&self.connection, number, old.project.get().map(String::as_str))?;
            known_again::recognise_session(&self.connection, number)?;
        }
        pending.touched.insert(state.session_id.clone());
        Ok(())
    }

    fn join_agent(&mut self, state: &AgentState, pending: &mut Pending) -> Result<()> {
        let session_no = self.numbers.session(&self.connection, &state.session_id)?;
        let number = self.numbers.agent(&self.connection, session_no, &state.agent_id)?;
        let Some((_, old)) = agent::get(&self.connection, session_no, &state.session_id, &state.agent_id)? else {
            return Ok(());
        };
        let mut new = old.clone();
        new.join(state);
        if new != old {
            agent::update(&self.connection, number, &new)?;
            if new.parent_agent_id.get().is_some() && old.parent_agent_id.get().is_none() {
                // Somebody started it after all.
                pending.alert_checks.insert((session_no, AlertFact::agent_key(&state.agent_id)), true);
            }
            if (new.parent_agent_id.get(), new.started_at) != (old.parent_agent_id.get(), old.started_at) {
                pending.linked.insert(session_no);
            }
            if (new.parent_agent_id.get(), new.agent_type.get()) != (old.parent_agent_id.get(), old.agent_type.get()) {
                pending.recharged.insert(session_no);
            }
            if new.agent_type.get() != old.agent_type.get() {
                // What is counted from here on goes to the new type by itself.
                slots::move_agent(&self.connection, session_no, number, old.agent_type.get().map(String::as_str))?;
            }
            pending.touched.insert(state.session_id.clone());
        }
        Ok(())
    }

    /// Each is known by its place: the same one again changes nothing.
    fn keep_hook_times(&mut self, times: &[HookTime]) -> Result<()> {
        if times.is_empty() {
            return Ok(());
        }
        let mut insert = self.connection.prepare_cached(
            "INSERT OR IGNORE INTO hook_time (session_no, offset, turn_no, hook_count, duration_ms) \
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?;
        for time in times {
            let session_no = self.numbers.session(&self.connection, &time.session_id)?;
            let turn_no = self.numbers.turn(&self.connection, session_no, time.prompt_id.as_ref())?;
            insert.execute(params![session_no, time.offset, turn_no, time.hook_count, time.duration_ms])?;
        }
        Ok(())
    }

    /// A session whose request turned out to be another's holds a copy of that other's beginning.
    fn mark_copy(&mut self, loser: &SessionId, of: &SessionId, until: Timestamp, pending: &mut Pending) -> Result<()> {
        let mut state = SessionState::new(loser.clone());
        state.copied_until = Some(until).into();
        state.parent_session_id = argus_model::First::of(1, until, of.clone());
        self.join_session(&state, pending)
    }

    fn copies_of(&self, session_id: &SessionId) -> Result<Vec<i64>> {
        let sql = "SELECT session_no FROM session WHERE parent_session_id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let rows = statement.query_map([session_id.as_str()], |row| row.get(0))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn settle(&mut self, pending: &mut Pending) -> Result<()> {
        for ((session_no, key), share) in pending.shares.drain() {
            let Some(stored) = event::get_share(&self.connection, session_no, &key)? else { continue };
            if stored.share != share {
                let name = stored.tool_name.as_deref().unwrap_or_default();
                let tool_no = self.numbers.tool_of(&self.connection, stored.kind, name)?;
                pending.slots.count_share(session_no, tool_no, stored.share, -1);
                pending.slots.count_share(session_no, tool_no, share, 1);
                event::set_share(&self.connection, session_no, &key, share)?;
            }
        }
        for (rollup, difference) in std::mem::take(&mut pending.sums) {
            if difference == Totals::default() {
                continue;
            }
            totals::add(&self.connection, rollup, &difference)?;
            if let Rollup::Session(session_no) = rollup {
                self.watch_session(session_no, difference.cost, pending)?;
            }
        }
        for (session_no, difference) in &pending.counts {
            if *difference != Counts::default() && !pending.recount.contains(session_no) {
                session::count(&self.connection, *session_no, *difference)?;
            }
        }
        for (agent_no, (tool_calls, errors)) in &pending.agent_counts {
            if (*tool_calls, *errors) != (0, 0) {
                agent::count(&self.connection, *agent_no, *tool_calls, *errors)?;
            }
        }
        for session_id in std::mem::take(&mut pending.dethroned) {
            for copy in self.copies_of(&session_id)? {
                self.find_parent_anew(copy, pending)?;
            }
        }
        for session_no in std::mem::take(&mut pending.recount) {
            self.connection.prepare_cached(include_str!("../queries/recount_session.sql"))?.execute([session_no])?;
            self.connection.prepare_cached(include_str!("../queries/recount_agents.sql"))?.execute([session_no])?;
            pending.slots.recount(&self.connection, &mut self.numbers, session_no)?;
            self.recheck_alerts(session_no, pending)?;
        }
        self.note_due(&pending.slots, &pending.recharged)?;
        std::mem::take(&mut pending.slots).settle(&self.connection)?;
        self.reconcile_sessions(pending)?;
        self.settle_deeds(pending)?;
        self.settle_alerts(pending)
    }
}
