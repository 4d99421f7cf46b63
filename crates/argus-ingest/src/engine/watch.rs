//! The watcher is watched: does Claude Code still call the hook, is everything of ours in its place, and did anything run
//! of which no hook told?
//!
//! What was in its place is kept in the store, so that what changed while no server ran is found at the next start, and
//! what was told is kept with it, so that it is told once. Nothing is repaired: whoever took something out is to be told
//! of, not fought with. What cannot be told yet, for want of a session to tell it of, waits.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use argus_model::{AgentId, AlertFact, EventKey, SessionId, Timestamp};
use argus_rules::Fact;
use argus_store::{AlertPlace, Batch};

use super::{Engine, now, salt};
use crate::error::Result;

/// Since when the hook has been registered, in microseconds; empty while it is not.
const HOOKS_SINCE: &str = "hooks_since";
/// What was in its place at the last look.
const IN_PLACE: &str = "watched_in_place";
/// Troubles that last, and that were told.
const TOLD: &str = "watched_told";
/// What is still to be told: a sentence about the hook each.
const PENDING: &str = "watched_pending";
/// Up to when calls were looked back at.
const LOOKED_BACK: &str = "looked_back_to";
/// Beside the database: which one it is.
const IDENTITY_FILE: &str = "database-id";
/// As `repeated.sql` counts them.
const FAILURES: u32 = 5;
const READINGS: u32 = 10;
/// Sessions take up changed settings in their own time.
const TAKEN_UP_US: i64 = 10_000_000;
/// So many things that are gone are named.
const NAMED: usize = 3;

/// What was seen at one look at all that watches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Watched {
    /// Why Claude Code calls no hook at all.
    pub off: Option<String>,
    /// What is in its place, in words: `PreToolUse in /home/ann/.claude/settings.json`.
    pub in_place: BTreeSet<String>,
    /// What is not as it was left, by a name that stays the same while it lasts.
    pub troubles: BTreeMap<String, Trouble>,
}

/// Something of ours that is not as it was left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A program that Claude Code runs has other bytes than were installed.
    Program(String),
    /// The database or the spool is gone, or another one.
    Storage(String),
}

impl Engine {
    /// Notes what was seen; the sessions that are told of what changed.
    pub(crate) fn note_watched(&mut self, seen: &Watched) -> Result<Vec<SessionId>> {
        let mut facts = self.note_hooks(seen.off.as_deref())?;
        if seen.off.is_none() {
            let before = self.list_kept(IN_PLACE)?;
            let gone: Vec<&str> = before.difference(&seen.in_place).map(String::as_str).collect();
            if !gone.is_empty() {
                facts.push(Fact::HooksOff { detail: gone_words(&gone) });
            }
            if before != seen.in_place {
                self.keep(IN_PLACE, &seen.in_place)?;
            }
        }
        let told = self.list_kept(TOLD)?;
        let lasting: BTreeSet<String> = seen.troubles.keys().cloned().collect();
        let new = seen.troubles.iter().filter(|(name, _)| !told.contains(*name));
        facts.extend(new.map(|(_, trouble)| match trouble {
            Trouble::Program(said) => Fact::BinaryChanged { said: said.clone() },
            Trouble::Storage(said) => Fact::StorageTouched { said: said.clone() },
        }));
        if told != lasting {
            self.keep(TOLD, &lasting)?;
        }
        self.tell_watched(&facts)
    }

    /// Whether this is the database that lay here before: where somebody took it away, a new one knows nothing of it.
    pub(crate) fn know_database(&mut self, data_dir: &Path) -> Result<()> {
        let id = blake3::hash(&salt(&mut self.writer)?).to_hex()[..32].to_owned();
        let path = data_dir.join(IDENTITY_FILE);
        let before = std::fs::read_to_string(&path).unwrap_or_default();
        if before.trim() == id {
            return Ok(());
        }
        if !before.trim().is_empty() {
            let said = "the database is another one than when the server ran last".to_owned();
            self.tell_watched(&[Fact::StorageTouched { said }])?;
        }
        if let Err(error) = std::fs::write(&path, format!("{id}\n")) {
            tracing::warn!(%error, "it cannot be kept which database this is");
        }
        Ok(())
    }

    /// Looks back over the calls of sessions that are alive: what ran past the guard or the hook, what is done again and
    /// again. Reads all of their calls, so it is for once a minute.
    pub(crate) fn look_back(&mut self) -> Result<Vec<SessionId>> {
        let at = now();
        let back_to = self.get_time(LOOKED_BACK)?.unwrap_or(at).min(at);
        let mut alerts = self.find_unobserved(at, back_to)?;
        alerts.extend(self.find_repeated(back_to)?);
        alerts.extend(self.find_dear_contexts()?);
        alerts.extend(self.find_lost_transcripts());
        let unguarded = self.writer.list_unguarded(at, back_to)?;
        alerts.extend(unguarded.iter().flat_map(|spent| self.judge.judge_unguarded(spent)));
        let mut touched = self.tell_watched(&[])?;
        if !alerts.is_empty() {
            touched.extend(self.writer.apply(&[Batch { alerts, ..Batch::default() }])?);
        }
        // Only now: what was not looked at because the process died is looked at by the next one.
        self.writer.set_meta(LOOKED_BACK, &at.as_micros().to_le_bytes())?;
        Ok(touched)
    }

    /// Notes whether Claude Code calls the hook; `off` says why not.
    fn note_hooks(&mut self, off: Option<&str>) -> Result<Vec<Fact>> {
        match (self.get_time(HOOKS_SINCE)?, off) {
            (None, None) => {
                self.writer.set_meta(HOOKS_SINCE, &now().as_micros().to_le_bytes())?;
                Ok(Vec::new())
            }
            (Some(_), Some(detail)) => {
                self.writer.set_meta(HOOKS_SINCE, &[])?;
                Ok(vec![Fact::HooksOff { detail: detail.to_owned() }])
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Tells these, and what waited, of the session that was active last; without any session they wait.
    fn tell_watched(&mut self, facts: &[Fact]) -> Result<Vec<SessionId>> {
        let waiting = self.list_kept(PENDING)?;
        if facts.is_empty() && waiting.is_empty() {
            return Ok(Vec::new());
        }
        let Some(session_id) = self.writer.latest_session()? else {
            let all = waiting.into_iter().chain(facts.iter().filter_map(written)).collect();
            self.keep(PENDING, &all)?;
            return Ok(Vec::new());
        };
        let at = now();
        let all: Vec<Fact> = waiting.iter().filter_map(|text| read(text)).chain(facts.iter().cloned()).collect();
        let tell = |(number, fact): (usize, &Fact)| {
            let key = EventKey::new(format!("watched.{}.{number}", at.as_micros()));
            let place =
                AlertPlace { session_id: session_id.clone(), key, agent_id: AgentId::main(), tool_name: None, at };
            self.judge.judge_place(fact, &place)
        };
        let alerts = all.iter().enumerate().flat_map(tell).collect();
        let touched = self.writer.apply(&[Batch { alerts, ..Batch::default() }])?;
        if !waiting.is_empty() {
            self.keep(PENDING, &BTreeSet::new())?;
        }
        Ok(touched)
    }

    /// Calls that failed, or read the same, again and again.
    fn find_repeated(&self, back_to: Timestamp) -> Result<Vec<AlertFact>> {
        let found = self.writer.list_repeated(back_to)?;
        let judge = |(place, label, has_failed): &(AlertPlace, String, bool)| {
            let (tool, label) = (place.tool_name.clone().unwrap_or_default(), label.clone());
            let count = if *has_failed { FAILURES } else { READINGS };
            self.judge.judge_place(&Fact::Repeated { tool, label, count, has_failed: *has_failed }, place)
        };
        Ok(found.iter().flat_map(judge).collect())
    }

    /// Calls that ran since the hook is called, and of which no hook told.
    fn find_unobserved(&self, at: Timestamp, back_to: Timestamp) -> Result<Vec<AlertFact>> {
        let Some(since) = self.get_time(HOOKS_SINCE)? else { return Ok(Vec::new()) };
        let since = Timestamp::from_micros(since.as_micros() + TAKEN_UP_US);
        let found = self.writer.list_unobserved(at, back_to, since)?;
        let judge = |place: &AlertPlace| {
            let fact = Fact::Unobserved { tool: place.tool_name.clone().unwrap_or_default() };
            self.judge.judge_place(&fact, place)
        };
        Ok(found.iter().flat_map(judge).collect())
    }

    fn get_time(&self, name: &str) -> Result<Option<Timestamp>> {
        let kept = self.writer.get_meta(name)?;
        let micros = kept.and_then(|bytes| Some(i64::from_le_bytes(bytes.try_into().ok()?)));
        Ok(micros.map(Timestamp::from_micros))
    }

    fn list_kept(&self, name: &str) -> Result<BTreeSet<String>> {
        let kept = self.writer.get_meta(name)?.unwrap_or_default();
        let texts = kept.split(|byte| *byte == 0).filter(|text| !text.is_empty());
        Ok(texts.map(|text| String::from_utf8_lossy(text).into_owned()).collect())
    }

    fn keep(&mut self, name: &str, texts: &BTreeSet<String>) -> Result<()> {
        let joined = texts.iter().map(String::as_str).collect::<Vec<_>>().join("\0");
        Ok(self.writer.set_meta(name, joined.as_bytes())?)
    }
}

fn gone_words(gone: &[&str]) -> String {
    let more = gone.len().saturating_sub(NAMED);
    let named = gone.iter().take(NAMED).copied().collect::<Vec<_>>().join("; ");
    let rest = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("no more in its place: {named}{rest}")
}

/// A fact that waits, as text.
fn written(fact: &Fact) -> Option<String> {
    match fact {
        Fact::HooksOff { detail } => Some(format!("hooks {detail}")),
        Fact::BinaryChanged { said } => Some(format!("program {said}")),
        Fact::StorageTouched { said } => Some(format!("storage {said}")),
        _ => None,
    }
}

fn read(text: &str) -> Option<Fact> {
    let (kind, said) = text.split_once(' ')?;
    let said = said.to_owned();
    match kind {
        "hooks" => Some(Fact::HooksOff { detail: said }),
        "program" => Some(Fact::BinaryChanged { said }),
        "storage" => Some(Fact::StorageTouched { said }),
        _ => None,
    }
}
