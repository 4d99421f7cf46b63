//! What rules would raise over all that is stored, before they hold.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{SeverityWord, Utc};

/// What is asked of a back-test.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub enum BacktestRequest {
    /// What one rule raises, switched on or not.
    Rule(
        /// Its id.
        String,
    ),
    /// What the rules that a text speaks of would raise, against how they hold today.
    Text(
        /// As `rules.toml` is written.
        String,
    ),
}

/// What rules would raise.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct BacktestRecord {
    /// Calls that were judged; one that stands in several files counts once.
    pub call_count: u64,
    /// What each rule would raise.
    pub rules: Vec<BacktestRule>,
    /// The newest hits, as many as were asked for.
    pub hits: Vec<BacktestHitRecord>,
}

/// What one rule would raise.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BacktestRule {
    /// Its id.
    pub rule: String,
    /// How many calls.
    pub count: u64,
    /// Those of them that it does not raise today. 0 where nothing is compared.
    pub new: u64,
    /// Those that it raises today, and would no more. 0 where nothing is compared.
    pub gone: u64,
    /// In how many sessions.
    pub session_count: u64,
    /// The newest.
    pub last_at: Option<Utc>,
}

/// One call that a rule would raise.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = BacktestHit)]
pub struct BacktestHitRecord {
    /// The rule.
    pub rule: String,
    /// How bad it would be.
    pub severity: SeverityWord,
    /// The step, `session~key`.
    pub event_id: String,
    /// The session.
    pub session_id: String,
    /// Whose call; `main` for the main agent.
    pub agent_id: String,
    /// The tool.
    pub tool_name: Option<String>,
    /// When it was made.
    pub at: Utc,
    /// Why, masked.
    pub reason: String,
    /// The part of the call that did it, masked.
    pub evidence: Option<String>,
    /// `new`, `same` or `gone` against how rules hold today; none where nothing is compared.
    pub change: Option<String>,
}

/// How far a back-test is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, ToSchema)]
pub struct BacktestStatus {
    /// Counts back-tests since the server started; 0 before the first. A new one takes the place of one that runs.
    pub order_no: u64,
    /// `none`, `judging`, `done` or `failed`.
    pub phase: String,
    /// Chunks of contents read.
    pub done_count: u64,
    /// Chunks there are to read.
    pub total_count: u64,
    /// What is wrong with the text; its sound entries are judged nevertheless.
    pub problems: Vec<RulesProblem>,
    /// What was found, once it is done.
    pub found: Option<BacktestRecord>,
    /// Why it failed.
    pub error: Option<String>,
}

/// Something wrong in a rules file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RulesProblem {
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// What.
    pub message: String,
    /// What to do about it.
    pub hint: String,
}
