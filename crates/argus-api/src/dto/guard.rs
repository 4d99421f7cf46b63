//! The guard: what it answered, how it stands, what is let pass.

use argus_model as model;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::time::utc;
use super::{Event, Utc};

/// What the guard answered to a call.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GuardDecision {
    /// In a word.
    pub answer: GuardWord,
    /// The rules that answered.
    pub rules: Vec<String>,
    /// Rules that would have answered, had no person let them pass.
    pub released: Vec<String>,
    /// What the agent or the person was told; `null` for silence.
    pub reason: Option<String>,
    /// When; `null` for plain silence.
    pub decided_at: Option<Utc>,
}

/// An answer of the guard in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum GuardWord {
    /// It was not to run.
    Deny,
    /// The person was asked.
    Ask,
    /// A person had let pass what would have been stopped.
    Released,
    /// No rule minded.
    Pass,
}

impl From<model::GuardDecision> for GuardDecision {
    fn from(decision: model::GuardDecision) -> Self {
        let ids = |rules: Vec<model::RuleId>| rules.iter().map(ToString::to_string).collect();
        let answer = match (decision.answer, decision.ground.released.is_empty()) {
            (model::GuardAnswer::Deny, _) => GuardWord::Deny,
            (model::GuardAnswer::Ask, _) => GuardWord::Ask,
            (model::GuardAnswer::Pass, false) => GuardWord::Released,
            (model::GuardAnswer::Pass, true) => GuardWord::Pass,
        };
        Self {
            answer,
            rules: ids(decision.ground.rules),
            released: ids(decision.ground.released),
            reason: Some(decision.ground.reason).filter(|reason| !reason.is_empty()),
            decided_at: utc(decision.at),
        }
    }
}

/// How the guard stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct Guard {
    /// Its program is at its place.
    pub is_placed: bool,
    /// Each settings file of Claude Code, and whether it names the guard.
    pub settings: Vec<GuardSettings>,
    /// What is let pass now, the first to end first.
    pub releases: Vec<GuardRelease>,
    /// Budgets that are used up and stop now.
    pub stops: Vec<GuardStop>,
}

/// A settings file of Claude Code.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GuardSettings {
    /// Where it is.
    pub path: String,
    /// The guard is asked before each tool call.
    pub is_registered: bool,
    /// What it cannot judge does not run; otherwise it runs, and Claude Code says so.
    pub is_closed: bool,
}

/// What a person lets pass.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GuardRelease {
    /// To take it back by.
    pub release_id: String,
    /// In this session; `null`: in every one.
    pub session_id: Option<String>,
    /// This rule; `null`: all.
    pub rule: Option<String>,
    /// Where the rule is `budget.stop`: this budget; `null`: all.
    pub budget: Option<String>,
    /// Until when.
    pub until: Utc,
}

/// A budget that is used up and stops.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GuardStop {
    /// Its name.
    pub budget: String,
    /// What was spent of what, as a sentence.
    pub said: String,
    /// When the next period begins; `null` for a session's life.
    pub until: Option<Utc>,
    /// Every session is stopped.
    pub is_for_all: bool,
    /// The sessions that are stopped, or of which some agent is.
    pub session_ids: Vec<String>,
    /// Whether a person lets it pass now, for all whom it stops.
    pub is_released: bool,
}

/// What a person lets pass from now on.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GuardReleaseRequest {
    /// In this session only.
    #[serde(default)]
    pub session_id: Option<String>,
    /// This rule only.
    #[serde(default)]
    pub rule: Option<String>,
    /// This budget only; the rule is `budget.stop` then.
    #[serde(default)]
    pub budget: Option<String>,
    /// For so many minutes, at most a day.
    pub minutes: u32,
}

/// Calls to which the guard said more than nothing, or which a person let pass.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct GuardedPage {
    /// The newest first.
    pub events: Vec<Event>,
    /// Give this to get the next page.
    pub next_cursor: Option<String>,
}
