//! What the server lays down for the guard, and what a person lets pass.

use std::path::Path;

use argus_rules::Rulebook;
use serde::{Deserialize, Serialize};

/// What the server writes, in the data directory.
pub const FILE: &str = "guard.json";
/// What a person lets pass, beside it.
pub const RELEASES_FILE: &str = "guard-releases.json";

/// How the guard judges.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Published {
    /// The person's reading of the rules.
    pub rulebook: Rulebook,
    /// First halves of sequences, of sessions that were active lately.
    pub causes: Vec<Cause>,
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
}

/// What a person lets pass for a while.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Release {
    /// In this session; in every one where none is named.
    pub session_id: Option<String>,
    /// This rule; all where none is named.
    pub rule: Option<String>,
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

    /// Whether a person lets this rule pass in this session now.
    pub(crate) fn is_released(&self, session_id: &str, rule: &str, now_us: i64) -> bool {
        self.releases.iter().any(|release| {
            release.until_us > now_us
                && release.session_id.as_deref().is_none_or(|of| of == session_id)
                && release.rule.as_deref().is_none_or(|of| of == rule)
        })
    }
}

/// What a person lets pass; nothing where the file is missing or damaged.
pub fn read_releases(data_dir: &Path) -> Vec<Release> {
    let told = std::fs::read(data_dir.join(RELEASES_FILE)).ok();
    told.and_then(|text| serde_json::from_slice(&text).ok()).unwrap_or_default()
}
