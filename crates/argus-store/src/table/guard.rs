//! Table `guard_decision`.

use argus_model::{Evidence, GuardAnswer, GuardDecision, GuardFact, GuardGround, RuleId, Timestamp};
use rusqlite::{Connection, named_params};

use super::micros;

/// Joins an answer; whether that changed anything.
pub(crate) fn put(connection: &Connection, session_no: i64, fact: &GuardFact) -> rusqlite::Result<bool> {
    let Some(ground) = fact.ground.get() else { return Ok(false) };
    let changed =
        connection.prepare_cached(include_str!("../../queries/put_guard_decision.sql"))?.execute(named_params! {
            ":session_no": session_no,
            ":key": fact.key.as_str(),
            ":rank": fact.ground.rank(),
            ":at": micros(fact.ground.at()),
            ":rules": joined(&ground.rules),
            ":released": joined(&ground.released),
            ":reason": ground.reason,
        })?;
    Ok(changed > 0)
}

/// The columns of a row beside an event.
pub(crate) struct Row {
    pub(crate) rank: Option<u8>,
    pub(crate) at: Option<Timestamp>,
    pub(crate) rules: Option<String>,
    pub(crate) released: Option<String>,
    pub(crate) reason: Option<String>,
}

impl Row {
    /// What was answered to a call of this evidence; none where nobody was asked.
    pub(crate) fn into_decision(self, evidence: Evidence) -> Option<GuardDecision> {
        let ids = |text: Option<String>| {
            let text = text.unwrap_or_default();
            text.split(',').filter(|id| !id.is_empty()).map(RuleId::from).collect::<Vec<_>>()
        };
        let seen = [Evidence::GUARD_DENIED, Evidence::GUARD_ASKED, Evidence::GUARD_PASSED];
        let seen = seen.iter().position(|bit| evidence.has(*bit)).and_then(|place| GuardAnswer::ALL.get(place));
        let answer = self.rank.map(GuardAnswer::of_rank).or(seen.copied())?;
        let ground = GuardGround {
            rules: ids(self.rules),
            released: ids(self.released),
            reason: self.reason.unwrap_or_default(),
        };
        Some(GuardDecision { answer, ground, at: self.at })
    }
}

fn joined(rules: &[RuleId]) -> String {
    rules.iter().map(RuleId::as_str).collect::<Vec<_>>().join(",")
}
