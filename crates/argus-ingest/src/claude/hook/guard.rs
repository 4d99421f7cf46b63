//! What our own guard tells of each call that it was asked about.
//!
//! It comes over the spool, where any program of this user can write: ids of rules are held against what one may look
//! like, and its sentences are masked like everything else.

use argus_model::{
    AgentId, EventKind, EventState, Evidence, First, GuardAnswer, GuardFact, GuardGround, RuleId, ToolUseId,
};
use argus_rules::{Fact, rule};
use argus_store::AlertPlace;
use serde_json::value::RawValue;

use super::Hook;
use crate::claude::text::Text;

/// The rule of budgets that stop.
const BUDGET_RULE: &str = "budget.stop";
/// No call is answered by more rules.
const MOST_RULES: usize = 32;
/// No id is longer.
const LONGEST_ID: usize = 80;
/// The guard writes no longer reason.
const LONGEST_REASON: usize = 2_000;

impl Hook<'_, '_> {
    /// What was answered, before the call ran or did not.
    pub(super) fn guard_decided(&mut self) {
        let (p, at) = (self.payload, self.envelope.at);
        let Some(id) = &p.tool_use_id else { return self.other("ArgusGuard", p.tool_name.as_ref()) };
        let answer =
            p.decision.as_ref().and_then(|word| GuardAnswer::parse(word.as_str())).unwrap_or(GuardAnswer::Pass);
        let seen = match answer {
            GuardAnswer::Deny => Evidence::GUARD_DENIED,
            GuardAnswer::Ask => Evidence::GUARD_ASKED,
            GuardAnswer::Pass => Evidence::GUARD_PASSED,
        };
        let key = EventState::tool_key(&ToolUseId::new(id.as_str()));
        let event = self.fold.event(&self.session, key.clone(), EventKind::ToolCall);
        event.evidence = event.evidence.with(seen);
        let told = p.reason.as_ref().map_or("", Text::as_str);
        let told = self.redactor.redact(&told[..told.floor_char_boundary(LONGEST_REASON)]).into_owned();
        let ground = GuardGround { rules: ids(p.rules), released: ids(p.released), reason: told };
        if answer == GuardAnswer::Pass && ground.released.is_empty() {
            return;
        }
        if answer != GuardAnswer::Pass && ground.rules.iter().any(|rule| rule.as_str() == BUDGET_RULE) {
            self.stopped(&key, &ground.reason);
        }
        let ground = First::of(answer.rank(), at, ground);
        self.fold.answer(GuardFact { session_id: self.session.clone(), key, ground });
    }

    /// A budget stopped this call: that is worth a word, for only a person can let the session go on.
    fn stopped(&mut self, key: &argus_model::EventKey, reason: &str) {
        let advice = rule(BUDGET_RULE).map_or("", |rule| rule.advice);
        let said = |line: &str| {
            Some(line.strip_prefix(BUDGET_RULE)?.strip_prefix(": ")?.trim_end_matches(advice).trim_end().to_owned())
        };
        let Some(said) = reason.lines().find_map(said) else { return };
        let place = AlertPlace {
            session_id: self.session.clone(),
            key: key.clone(),
            agent_id: self.agent.clone().unwrap_or_else(AgentId::main),
            tool_name: self.payload.tool_name.as_ref().map(|name| name.as_str().to_owned()),
            at: self.envelope.at,
        };
        for alert in self.judge.judge_place(&Fact::Stopped { said }, &place) {
            self.fold.alert(alert);
        }
    }
}

/// What may be ids of rules.
fn ids(told: Option<&RawValue>) -> Vec<RuleId> {
    let told = told.and_then(|raw| serde_json::from_str::<Vec<String>>(raw.get()).ok()).unwrap_or_default();
    let is_id = |id: &String| {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
        !id.is_empty() && id.len() <= LONGEST_ID && id.chars().all(is_plain)
    };
    told.into_iter().filter(is_id).take(MOST_RULES).map(RuleId::new).collect()
}
