//! Forgetting whole sessions, so that the tables are as if these had never been seen, and stay so.
//!
//! Facts and figures of a session go in one transaction, with a digest of its id and of its sources' names left behind:
//! facts that bear such an id are dropped from then on, whoever tells of them. Contents are large and go afterwards, in
//! small transactions, from a list that outlives a crash. A model request of which another session holds a copy becomes
//! that session's, as it would be had the forgotten one never been there.
//!
//! Start with [`Writer::forget_facts`], then [`Writer::forget_contents`].

use std::collections::{BTreeSet, HashSet};

use argus_model::{EventKey, First, MessageId, RequestState, SessionId, SessionState, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::requests::event_keys;
use super::{Batch, Numbers, Pending, Writer, numbers};
use crate::Result;
use crate::table::request::{self, OwnerNo, Stored};
use crate::table::session;

/// What is left of a name: too little to tell it, enough to know it again.
pub(super) type Digest = [u8; 16];

/// Chunks of contents that one transaction deletes.
const CHUNKS: i64 = 64;

/// Numbers of the sources that are a session's own: those named after it, and files of old clients' agents, which are
/// named after their folder but hold nothing but its lines.
pub(crate) const SOURCES_OF_SESSION: &str = include_str!("../../queries/sources_of_session.sql");

impl Writer {
    /// Whether a session's id, or a source's name, is to stay forgotten.
    pub fn is_forgotten(&self, name: &str) -> bool {
        !self.forgotten.is_empty() && self.forgotten.contains(&digest(name))
    }

    /// Forgets all facts of a session, in one transaction, and notes its contents to be deleted. The sessions that
    /// changed with it: those that inherited some of its requests. `None` if it was not known.
    pub fn forget_facts(&mut self, session_id: &SessionId) -> Result<Option<Vec<SessionId>>> {
        let Some((session_no, _)) = session::get(&self.connection, session_id)? else { return Ok(None) };
        // Deleted contents leave no rest in pages that become free.
        self.connection.pragma_update(None, "secure_delete", true)?;
        let done = self.in_transaction(|writer| writer.forget_all(session_id, session_no));
        // Numbers of what is gone must not be used again.
        self.numbers = Numbers::default();
        let (touched, digests) = done?;
        self.forgotten.extend(digests);
        Ok(Some(touched))
    }

    /// Deletes some of the contents that [`Writer::forget_facts`] noted; how many chunks, 0 when nothing is left.
    pub fn forget_contents(&mut self) -> Result<u64> {
        let transaction = self.connection.unchecked_transaction()?;
        let count = transaction
            .prepare_cached(
                "DELETE FROM body WHERE body_no IN (SELECT b.body_no FROM forgetting JOIN body AS b USING (source_no) LIMIT ?1)",
            )?
            .execute([CHUNKS])?;
        if count == 0 {
            transaction.execute("DELETE FROM source WHERE source_no IN (SELECT source_no FROM forgetting)", [])?;
            transaction.execute("DELETE FROM forgetting", [])?;
        }
        transaction.commit()?;
        Ok(count as u64)
    }

    /// A batch without the facts of forgotten sessions.
    pub(super) fn without_forgotten(&self, batch: &Batch) -> Batch {
        let mut kept = batch.clone();
        let stays = |id: &SessionId| !self.is_forgotten(id.as_str());
        kept.sessions.retain(|state| stays(&state.session_id));
        kept.agents.retain(|state| stays(&state.session_id));
        kept.events.retain(|state| stays(&state.session_id));
        kept.alerts.retain(|fact| stays(&fact.session_id));
        kept.deeds.retain(|fact| stays(&fact.session_id));
        kept.answers.retain(|fact| stays(&fact.session_id));
        kept.folders.retain(|(session_id, _)| stays(session_id));
        kept.statements.retain(|statement| stays(&statement.session_id));
        kept.status_totals.retain(|status| stays(&status.session_id));
        kept.hook_times.retain(|time| stays(&time.session_id));
        kept.requests.retain(|state| state.owner.get().is_none_or(|owner| stays(&owner.session_id)));
        kept
    }

    fn forget_all(&mut self, session_id: &SessionId, session_no: i64) -> Result<(Vec<SessionId>, Vec<Digest>)> {
        let digests = self.note_contents(session_id, session_no)?;
        let mut pending = Pending::default();
        self.bequeath(session_no, &mut pending)?;
        self.settle(&mut pending)?;
        pending.slots.take_away(&self.connection, session_no)?;
        self.note_due(&pending.slots, &pending.recharged)?;
        std::mem::take(&mut pending.slots).settle(&self.connection)?;
        self.connection.execute(
            "DELETE FROM alert_action WHERE alert_no IN (SELECT alert_no FROM alert WHERE session_no = ?1)",
            [session_no],
        )?;
        let heirs = self.list_account_heirs(session_id)?;
        for table in [
            "alert",
            "mute",
            "deed",
            "guard_decision",
            "added_folder",
            "reconciliation",
            "cost_statement",
            "cost_statement_model",
            "status_total",
            "hook_time",
            "request",
            "event",
            "thread",
            "turn",
            "agent",
            "session",
        ] {
            self.connection.execute(&format!("DELETE FROM {table} WHERE session_no = ?1"), [session_no])?;
        }
        // Names that nothing else bears: a tool's name can tell of a project.
        self.connection.execute_batch(
            "DELETE FROM tool WHERE tool_no NOT IN (SELECT tool_no FROM tool_total);
             DELETE FROM project WHERE project_no NOT IN (SELECT project_no FROM tool_total UNION SELECT project_no FROM spend_total);
             DELETE FROM agent_type WHERE type_no NOT IN (SELECT type_no FROM spend_type);
             DELETE FROM model WHERE model_no NOT IN (SELECT model_no FROM spend_total);
             DELETE FROM facet WHERE facet_no NOT IN (SELECT facet_no FROM request);",
        )?;
        pending.reconcile.extend(heirs.into_iter().filter(|heir| *heir != session_no));
        self.reconcile_sessions(&mut pending)?;
        pending.touched.remove(session_id);
        Ok((pending.touched.into_iter().collect(), digests))
    }

    /// Leaves digests behind and notes whose contents are to go.
    fn note_contents(&self, session_id: &SessionId, session_no: i64) -> Result<Vec<Digest>> {
        let id = session_id.as_str();
        let sources: Vec<(i64, String, String)> = self
            .connection
            .prepare_cached(&format!(
                "SELECT source_no, name, path FROM source WHERE source_no IN ({SOURCES_OF_SESSION})"
            ))?
            .query_map(params![id, session_no], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?
            .collect::<rusqlite::Result<_>>()?;
        let mut digests = vec![digest(id)];
        for (source_no, name, path) in &sources {
            digests.push(digest(name));
            self.connection.execute("INSERT OR IGNORE INTO forgetting (source_no) VALUES (?1)", [source_no])?;
            self.connection.execute("DELETE FROM quarantine WHERE source_name = ?1", [path])?;
        }
        self.connection.execute("DELETE FROM quarantine WHERE instr(source_name, ?1) OR instr(excerpt, ?1)", [id])?;
        for digest in &digests {
            self.connection.execute("INSERT OR IGNORE INTO forgotten (digest) VALUES (?1)", [digest])?;
        }
        Ok(digests)
    }

    /// Gives requests of which another session holds a copy to that session: of several, to the one whose id comes first.
    fn bequeath(&mut self, session_no: i64, pending: &mut Pending) -> Result<()> {
        let copies: Vec<i64> = self
            .connection
            .prepare_cached(
                "SELECT session_no FROM session WHERE copied_until IS NOT NULL AND session_no <> ?1 ORDER BY session_id",
            )?
            .query_map([session_no], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        if copies.is_empty() {
            return Ok(());
        }
        let owned: Vec<String> = self
            .connection
            .prepare_cached("SELECT DISTINCT message_id FROM request WHERE session_no = ?1")?
            .query_map([session_no], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        let mut heirs = BTreeSet::new();
        for message in owned {
            let known = request::list_of_message(&self.connection, &MessageId::new(message), |no| {
                numbers::owner(&self.connection, no)
            })?;
            for old in known.iter().filter(|stored| stored.owner.is_some_and(|owner| owner.session_no == session_no)) {
                let mut heir = None;
                for copy in &copies {
                    if let Some(place) = find_copy(&self.connection, *copy, &old.state)? {
                        heirs.insert(*copy);
                        heir = heir.or(Some(place));
                    }
                }
                if let Some(place) = heir {
                    let mut new = Stored { owner: Some(place), ..old.clone() };
                    let owner = numbers::owner(&self.connection, place)?;
                    if let (Some(rank), Some(at)) = (old.state.owner.rank(), old.state.owner.at()) {
                        new.state.owner = First::of(rank, at, owner);
                    }
                    self.write_request(Some(old), &new, pending)?;
                }
            }
        }
        for heir in heirs {
            self.mark_copy_anew(heir, pending)?;
        }
        Ok(())
    }

    /// Finds out again up to when a session is a copy, and whose.
    fn mark_copy_anew(&mut self, session_no: i64, pending: &mut Pending) -> Result<()> {
        let Some(old) = self.session_of(session_no)? else { return Ok(()) };
        let new = SessionState { copied_until: Default::default(), ..old };
        self.mark_copy_from(session_no, new, pending)
    }

    /// Finds out again whose copy a session is, whose parent lost a request to a third one.
    pub(super) fn find_parent_anew(&mut self, session_no: i64, pending: &mut Pending) -> Result<()> {
        let Some(old) = self.session_of(session_no)? else { return Ok(()) };
        self.mark_copy_from(session_no, old, pending)
    }

    fn session_of(&self, session_no: i64) -> Result<Option<SessionState>> {
        let id: String = self
            .connection
            .prepare_cached("SELECT session_id FROM session WHERE session_no = ?1")?
            .query_row([session_no], |row| row.get(0))?;
        Ok(session::get(&self.connection, &SessionId::new(id))?.map(|(_, state)| state))
    }

    fn mark_copy_from(&mut self, session_no: i64, mut state: SessionState, pending: &mut Pending) -> Result<()> {
        let of_others: Vec<(String, i64)> = self
            .connection
            .prepare_cached(include_str!("../../queries/copies_of_others.sql"))?
            .query_map([session_no], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<_>>()?;
        if state.parent_session_id.rank() == Some(1) {
            state.parent_session_id = First::default();
        }
        for (owner, until) in of_others {
            let until = Timestamp::from_micros(until);
            let mut told = SessionState::new(state.session_id.clone());
            told.copied_until = Some(until).into();
            told.parent_session_id = First::of(1, until, SessionId::new(owner));
            state.join(&told);
        }
        session::update(&self.connection, session_no, &state)?;
        self.numbers.set_copied_until(session_no, state.copied_until.value());
        self.note_fork(session_no, pending)?;
        pending.recount.insert(session_no);
        pending.touched.insert(state.session_id);
        Ok(())
    }
}

/// Where a request's events stand in a session that holds a copy of it. A call of which only the result was copied is no
/// copy of the request: the fork's line of the request named the session that made it.
fn find_copy(connection: &Connection, session_no: i64, state: &RequestState) -> Result<Option<OwnerNo>> {
    for key in event_keys(state).map(EventKey::new) {
        let found = connection
            .prepare_cached(
                "SELECT agent_no, turn_no FROM event WHERE session_no = ?1 AND key = ?2 AND message_id IS NOT NULL",
            )?
            .query_row(params![session_no, key.as_str()], |row| {
                Ok(OwnerNo { session_no, agent_no: row.get(0)?, turn_no: row.get(1)? })
            })
            .optional()?;
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

fn digest(name: &str) -> Digest {
    let mut short = Digest::default();
    short.copy_from_slice(&blake3::hash(name.as_bytes()).as_bytes()[..16]);
    short
}

/// Every digest there is.
pub(super) fn list_forgotten(connection: &Connection) -> Result<HashSet<Digest>> {
    let mut statement = connection.prepare("SELECT digest FROM forgotten")?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
}
