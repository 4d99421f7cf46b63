//! What the server lays down for the guard, and what a person lets pass.

use std::collections::BTreeMap;
use std::path::Path;

use argus_rules::Rulebook;
use serde::{Deserialize, Serialize};

/// What the server writes, in the data directory.
pub const FILE: &str = "guard.json";
/// What a person lets pass, beside it.
pub const RELEASES_FILE: &str = "guard-releases.json";
/// The rule that a budget which is used up stands for.
pub const BUDGET_RULE: &str = "budget.stop";
/// So long a used-up budget stops without being laid down anew: a server that is gone blocks nobody for ever.
pub const STOPS_HOLD_US: i64 = 15 * 60 * 1_000_000;

/// How the guard judges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Published {
    /// The person's reading of the rules.
    pub rulebook: Rulebook,
    /// First halves of sequences, of sessions that were active lately.
    pub causes: Vec<Cause>,
    /// Folders that a person added to sessions that were active lately: what lies in them is not outside.
    pub folders: BTreeMap<String, Vec<String>>,
    /// Budgets that are used up and stop.
    pub stops: Vec<Stop>,
    /// When it was laid down, in microseconds since 1970.
    pub as_of_us: i64,
    /// What a person lets pass.
    #[serde(skip)]
    pub releases: Vec<Release>,
}

/// The first half of a sequence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cause {
    /// Its session.
    pub session_id: String,
    /// The rule.
    pub rule: String,
    /// What both halves have in common.
    pub subject: String,
    /// When it was the last time, in microseconds since 1970.
    #[serde(default)]
    pub at_us: i64,
}

/// A budget that is used up, and whom it stops.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Stop {
    /// Its name.
    pub budget: String,
    /// A sentence: what was spent of what, in which period.
    pub said: String,
    /// When the next period begins, in microseconds since 1970; none for a session's life.
    pub until_us: Option<i64>,
    /// Whoever it is.
    pub is_for_all: bool,
    /// Every agent of these sessions.
    pub sessions: Vec<String>,
    /// These agents of these sessions; the main one has an empty id.
    pub agents: Vec<(String, String)>,
}

impl Stop {
    /// Whether it stops this agent of this session.
    pub(crate) fn is_about(&self, session_id: &str, agent_id: &str) -> bool {
        self.is_for_all
            || self.sessions.iter().any(|session| session == session_id)
            || self.agents.iter().any(|(session, agent)| session == session_id && agent == agent_id)
    }
}

/// What a person lets pass for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// In this session; in every one where none is named.
    pub session_id: Option<String>,
    /// This rule; all where none is named.
    pub rule: Option<String>,
    /// Where the rule is [`BUDGET_RULE`]: this budget; all where none is named.
    #[serde(default)]
    pub budget: Option<String>,
    /// Until when, in microseconds since 1970.
    pub until_us: i64,
}

impl Published {
    /// Reads both files. What is missing or damaged leaves the catalogue in force: no file can open the guard.
    pub fn read(data_dir: &Path) -> Self {
        let told = std::fs::read(data_dir.join(FILE)).ok();
        let published = told.and_then(|text| serde_json::from_slice::<Self>(&text).ok()).unwrap_or_default();
        Self { releases: read_releases(data_dir), ..published }
    }

    /// Whether a person lets this rule pass in this session now; of the rule about budgets, this budget.
    pub(crate) fn is_released(&self, session_id: &str, rule: &str, budget: Option<&str>, now_us: i64) -> bool {
        self.releases.iter().any(|release| {
            release.until_us > now_us
                && release.session_id.as_deref().is_none_or(|of| of == session_id)
                && release.rule.as_deref().is_none_or(|of| of == rule)
                && release.budget.as_deref().is_none_or(|of| Some(of) == budget)
        })
    }

    /// The budgets that stop somebody now.
    pub fn stops_now(&self, now_us: i64) -> impl Iterator<Item = &Stop> {
        let holds = now_us < self.as_of_us.saturating_add(STOPS_HOLD_US);
        self.stops.iter().filter(move |stop| holds && stop.until_us.is_none_or(|until| now_us < until))
    }
}

/// What a person lets pass; nothing where the file is missing or damaged.
pub fn read_releases(data_dir: &Path) -> Vec<Release> {
    let told = std::fs::read(data_dir.join(RELEASES_FILE)).ok();
    told.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}
