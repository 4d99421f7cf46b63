//! The watcher is watched: does Claude Code still call the hook, and did anything run of which no hook told?
//!
//! Since when the hook has been called is kept in the store, so that what changed while no server ran is found at the next
//! start. Nothing is repaired: whoever took the hook out is to be told of, not fought with.

use argus_model::{AgentId, AlertFact, EventKey, SessionId, Timestamp};
use argus_rules::Fact;
use argus_store::{AlertPlace, Batch};

use super::{Engine, now};
use crate::error::Result;

/// Since when the hook has been registered, in microseconds; empty while it is not.
const HOOKS_SINCE: &str = "hooks_since";
/// As `repeated.sql` counts them.
const FAILURES: u32 = 5;
const READINGS: u32 = 10;
/// Sessions take up changed settings in their own time.
const TAKEN_UP_US: i64 = 10_000_000;

impl Engine {
    /// Notes whether Claude Code calls the hook; `off` says why not. The sessions that are told of it.
    pub(crate) fn note_hooks(&mut self, off: Option<&str>) -> Result<Vec<SessionId>> {
        let since = self.hooks_since()?;
        match (since, off) {
            (None, None) => {
                self.writer.set_meta(HOOKS_SINCE, &now().as_micros().to_le_bytes())?;
                Ok(Vec::new())
            }
            (Some(_), Some(detail)) => {
                self.writer.set_meta(HOOKS_SINCE, &[])?;
                let Some(session_id) = self.writer.latest_session()? else { return Ok(Vec::new()) };
                let at = now();
                let key = EventKey::new(format!("hooks-off.{}", at.as_micros()));
                let place = AlertPlace { session_id, key, agent_id: AgentId::main(), tool_name: None, at };
                let alerts = self.judge.judge_place(&Fact::HooksOff { detail: detail.to_owned() }, &place);
                Ok(self.writer.apply(&[Batch { alerts, ..Batch::default() }])?)
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Calls that failed, or read the same, again and again.
    fn find_repeated(&self) -> Result<Vec<AlertFact>> {
        let found = self.writer.list_repeated(now())?;
        let judge = |(place, label, has_failed): &(AlertPlace, String, bool)| {
            let (tool, label) = (place.tool_name.clone().unwrap_or_default(), label.clone());
            let count = if *has_failed { FAILURES } else { READINGS };
            self.judge.judge_place(&Fact::Repeated { tool, label, count, has_failed: *has_failed }, place)
        };
        Ok(found.iter().flat_map(judge).collect())
    }

    fn hooks_since(&self) -> Result<Option<Timestamp>> {
        let kept = self.writer.get_meta(HOOKS_SINCE)?;
        let micros = kept.and_then(|bytes| Some(i64::from_le_bytes(bytes.try_into().ok()?)));
        Ok(micros.map(Timestamp::from_micros))
    }

    /// Looks back over the calls of sessions that are alive: what ran past the guard or the hook, what is done again and
    /// again. Reads all of their calls, so it is for once a minute.
    pub(crate) fn look_back(&mut self) -> Result<Vec<SessionId>> {
        let mut alerts = self.find_unobserved()?;
        alerts.extend(self.find_repeated()?);
        alerts.extend(self.find_lost_transcripts());
        let unguarded = self.writer.list_unguarded(now())?;
        alerts.extend(unguarded.iter().flat_map(|spent| self.judge.judge_unguarded(spent)));
        if alerts.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.writer.apply(&[Batch { alerts, ..Batch::default() }])?)
    }

    /// Calls that ran since the hook is called, and of which no hook told.
    fn find_unobserved(&self) -> Result<Vec<AlertFact>> {
        let Some(since) = self.hooks_since()? else { return Ok(Vec::new()) };
        let since = Timestamp::from_micros(since.as_micros() + TAKEN_UP_US);
        let found = self.writer.list_unobserved(now(), since)?;
        let judge = |place: &AlertPlace| {
            let fact = Fact::Unobserved { tool: place.tool_name.clone().unwrap_or_default() };
            self.judge.judge_place(&fact, place)
        };
        Ok(found.iter().flat_map(judge).collect())
    }
}
