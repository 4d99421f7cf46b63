//! What the server lays down for the guard, and what a person lets pass.
//!
//! The guard reads the file before each tool call, so a line stands for each session: other sessions' lines are passed
//! over without being understood, and ten thousand things that they did cost a call next to nothing.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use argus_rules::Rulebook;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// What the server writes, in the data directory: a line for all, then one for each session.
pub const FILE: &str = "guard.jsonl";
/// What it wrote before, as one document; a guard of then goes by its catalogue once it is gone.
pub const FORMER_FILE: &str = "guard.json";
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
    /// Budgets that are used up and stop.
    pub stops: Vec<Stop>,
    /// When it was laid down, in microseconds since 1970.
    pub as_of_us: i64,
    /// What is known of sessions that were active lately, by id.
    #[serde(skip)]
    pub sessions: BTreeMap<String, Known>,
    /// What a person lets pass.
    #[serde(skip)]
    pub releases: Vec<Release>,
}

/// What is known of a session.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Known {
    /// First halves of sequences.
    pub causes: Vec<Cause>,
    /// Folders that a person added to it: what lies in them is not outside.
    pub folders: Vec<String>,
}

/// The first half of a sequence.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Cause {
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
    /// Reads both files, and of the sessions this one. What is missing or damaged leaves the catalogue in force: no file
    /// can open the guard.
    pub fn read(data_dir: &Path, session_id: Option<&str>) -> Self {
        let laid = File::open(data_dir.join(FILE)).ok();
        let published = laid.and_then(|file| Self::read_lines(BufReader::new(file), session_id)).unwrap_or_default();
        Self { releases: read_releases(data_dir), ..published }
    }

    fn read_lines(mut lines: impl BufRead, session_id: Option<&str>) -> Option<Self> {
        let mut line = Vec::new();
        lines.read_until(b'\n', &mut line).ok()?;
        let mut published: Self = serde_json::from_slice(&line).ok()?;
        if let Some(id) = session_id
            && let Some(line) = line_of(lines, id)
            && let Ok((_, known)) = serde_json::from_slice::<(IgnoredAny, Known)>(&line)
        {
            published.sessions.insert(id.to_owned(), known);
        }
        Some(published)
    }

    /// The text of the file.
    pub fn to_lines(&self) -> serde_json::Result<String> {
        let mut text = serde_json::to_string(self)?;
        for (session_id, known) in &self.sessions {
            text.push('\n');
            text.push_str(&serde_json::to_string(&(session_id, known))?);
        }
        text.push('\n');
        Ok(text)
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

/// The line of a session, told from others by how it begins.
fn line_of(mut lines: impl BufRead, session_id: &str) -> Option<Vec<u8>> {
    let begins = format!("[{},", serde_json::to_string(session_id).ok()?).into_bytes();
    let mut line = Vec::new();
    loop {
        line.clear();
        if lines.by_ref().take(begins.len() as u64).read_to_end(&mut line).ok()? < begins.len() {
            return None;
        }
        if line == begins {
            lines.read_until(b'\n', &mut line).ok()?;
            return Some(line);
        }
        lines.skip_until(b'\n').ok()?;
    }
}

/// What a person lets pass; nothing where the file is missing or damaged.
pub fn read_releases(data_dir: &Path) -> Vec<Release> {
    let told = std::fs::read(data_dir.join(RELEASES_FILE)).ok();
    told.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}
