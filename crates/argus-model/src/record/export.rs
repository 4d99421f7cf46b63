//! What an export holds of each model request.

use crate::{Timestamp, UsageRecord};

/// Which rows are exported.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExportQuery {
    /// Only from this moment on.
    pub since: Option<Timestamp>,
    /// Only before this.
    pub until: Option<Timestamp>,
    /// Only this project's root, or its last folder name.
    pub project: Option<String>,
    /// Only this session.
    pub session_id: Option<String>,
}

/// A model request with all that is known of where it belongs. Those of one range sum to its cost.
#[derive(Clone, Debug, PartialEq)]
pub struct ExportedRequest {
    /// `message.id`.
    pub message_id: String,
    /// `requestId`.
    pub request_id: Option<String>,
    /// Its session.
    pub session_id: String,
    /// Root of its session's project.
    pub project: Option<String>,
    /// The branch that the session was last seen on.
    pub git_branch: Option<String>,
    /// The agent that made it; empty for the main agent.
    pub agent_id: Option<String>,
    /// The turn in which it was made.
    pub prompt_id: Option<String>,
    /// What it was for, in the client's own word.
    pub query_source: Option<String>,
    /// Only telemetry told of it.
    pub is_hidden: bool,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// How long it took, by the client's own measure.
    pub duration_ms: Option<i64>,
    /// Until its first token.
    pub ttft_ms: Option<i64>,
    /// Tokens and money.
    pub usage: UsageRecord,
}
