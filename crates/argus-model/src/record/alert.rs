//! Alerts as the feed shows them: one, how often the same happened, what was said of it; and what is asked for.

use crate::{Actor, AlertState, Severity, Timestamp};

/// An alert in the feed.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertRecord {
    /// `SESSION~KEY~RULE`; survives re-ingest.
    pub alert_id: String,
    /// The order in which Argus noticed; of use only to ask for what is newer.
    pub alert_no: i64,
    /// The rule.
    pub rule: String,
    /// How bad it is.
    pub severity: Severity,
    /// Where it stands now.
    pub state: AlertState,
    /// Its session.
    pub session_id: String,
    /// The session's title.
    pub session_title: Option<String>,
    /// The session's project.
    pub project: Option<String>,
    /// Whose doing; empty for the main agent.
    pub agent_id: String,
    /// The event it is about, for alerts about one.
    pub event_id: Option<String>,
    /// The tool call it is about, for alerts about one.
    pub tool_use_id: Option<String>,
    /// The tool.
    pub tool_name: Option<String>,
    /// One sentence.
    pub reason: String,
    /// What raised it, masked.
    pub evidence: Option<String>,
    /// The part of the evidence that raised it, in bytes.
    pub mark: Option<(i64, i64)>,
    /// What the rule looked at: the command as it would run, or the path; masked.
    pub effective: Option<String>,
    /// The files and folders that it is about, masked.
    pub paths: Vec<String>,
    /// The version of the rule that said so.
    pub rule_version: Option<u32>,
    /// What happened, as one recognises it again.
    pub fingerprint: i64,
    /// How often it happened.
    pub occurrences: Occurrences,
    /// The earlier call that makes this one dangerous, for sequences.
    pub cause: Option<AlertCause>,
    /// When the thing happened.
    pub raised_at: Timestamp,
    /// It was long past when Argus learnt of it.
    pub is_history: bool,
    /// When a person last said something about it.
    pub state_at: Option<Timestamp>,
    /// What they said.
    pub state_reason: Option<String>,
    /// Until when it is muted.
    pub muted_until: Option<Timestamp>,
}

/// The first half of a sequence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertCause {
    /// The event.
    pub event_id: String,
    /// Whose doing it was; empty for the main agent.
    pub agent_id: String,
    /// When.
    pub at: Timestamp,
    /// The tool.
    pub tool_name: Option<String>,
    /// The command or path, masked.
    pub text: String,
    /// What it has in common with what follows: a file, a kind of hook; masked, empty where one of each is enough.
    pub subject: String,
    /// What came before it in turn: it carried on what that one brought.
    pub origin: Option<Box<AlertCause>>,
}

/// All alerts of one fingerprint that still have their ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrences {
    /// How many.
    pub count: i64,
    /// How many of them are open.
    pub open_count: i64,
    /// How many of them are history.
    pub past_count: i64,
    /// In how many sessions.
    pub session_count: i64,
    /// The first.
    pub first_at: Timestamp,
    /// The last.
    pub last_at: Timestamp,
    /// How bad the worst is.
    pub worst: Severity,
}

/// Alerts of one fingerprint, as the feed folds them. How many they are stands in the newest one's occurrences.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertGroup {
    /// The newest that was asked for.
    pub latest: AlertRecord,
}

/// Which alerts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AlertQuery {
    /// At most so many.
    pub limit: u32,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Only these states; all if empty.
    pub states: Vec<AlertState>,
    /// Only at least so bad.
    pub severity: Option<Severity>,
    /// Only this rule, these rules with commas between, or, with a dot at the end, this family.
    pub rule: Option<String>,
    /// Only what has this fingerprint.
    pub fingerprint: Option<i64>,
    /// Only history, or only what is none.
    pub past: Option<bool>,
    /// Only this session's.
    pub session_id: Option<String>,
    /// Only this project's.
    pub project: Option<String>,
    /// Only of things that happened at or after this.
    pub since: Option<Timestamp>,
    /// Only of things that happened before this.
    pub until: Option<Timestamp>,
}

/// What a person once said about an alert.
#[derive(Clone, Debug, PartialEq)]
pub struct AlertActionRecord {
    /// When.
    pub at: Timestamp,
    /// The state it got.
    pub state: AlertState,
    /// Why.
    pub reason: Option<String>,
    /// Until when.
    pub muted_until: Option<Timestamp>,
    /// By whom; `None` for what was said before that was kept.
    pub actor: Option<Actor>,
    /// Of how many alerts of the fingerprint it was said at once.
    pub alert_count: i64,
    /// Whether the alert that was asked for is one of them.
    pub is_about_this: bool,
}
