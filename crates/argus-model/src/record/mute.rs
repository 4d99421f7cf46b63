//! What is muted now: of what, until when, by whom and why.

use crate::{Actor, Timestamp};

/// How far a mute reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MuteReach {
    /// One alert; nothing that comes is muted by it.
    Alert,
    /// Whenever the same happens, in whatever session.
    Group,
    /// A rule in a session.
    Session,
    /// A rule in a project.
    Project,
}

impl MuteReach {
    /// The spelling everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Alert => "alert",
            Self::Group => "group",
            Self::Session => "session",
            Self::Project => "project",
        }
    }
}

/// A mute that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MuteRecord {
    /// Its number; `None` for one alert that was muted by itself.
    pub mute_no: Option<i64>,
    /// How far it reaches.
    pub reach: MuteReach,
    /// The rule.
    pub rule: String,
    /// What happened, for a group or an alert.
    pub fingerprint: Option<i64>,
    /// The session, for one, or of the alert.
    pub session_id: Option<String>,
    /// That session's title.
    pub session_title: Option<String>,
    /// The project, for one, or of the session.
    pub project: Option<String>,
    /// Until when.
    pub until: Timestamp,
    /// Why.
    pub reason: Option<String>,
    /// By whom.
    pub actor: Option<Actor>,
    /// Since when.
    pub at: Option<Timestamp>,
    /// How many alerts it keeps quiet.
    pub alert_count: i64,
    /// The newest alert that it speaks of: its id and number.
    pub latest: Option<(String, i64)>,
    /// What that alert is about: what raised it, masked, or the reason.
    pub example: Option<String>,
}
