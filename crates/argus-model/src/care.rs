//! Care of the stored data: what can be taken away or priced anew, and what that came to.

use crate::{SessionId, Timestamp};

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CareOrder {
    /// Everything of these sessions; they are not captured again.
    Forget(Vec<SessionId>),
    /// The contents (texts, inputs, outputs) of what is older; facts and figures stay.
    Prune {
        /// Older than this.
        before: Timestamp,
    },
    /// Every request that was priced by a table gets the price of the table that holds now.
    Reprice,
}

/// What an order came to, so far or in the end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CareReport {
    /// Sessions forgotten.
    pub sessions: u64,
    /// Chunks of contents removed.
    pub chunks: u64,
    /// Requests with another price.
    pub requests: u64,
    /// By how much the database's file became smaller.
    pub freed_bytes: u64,
}

/// What the database holds of some sessions, or of what is older than some time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Holdings {
    /// Sessions.
    pub sessions: i64,
    /// Agents, the main ones included.
    pub agents: i64,
    /// Model requests.
    pub model_requests: i64,
    /// Steps of every kind.
    pub events: i64,
    /// Alerts.
    pub alerts: i64,
    /// Chunks of stored contents.
    pub chunks: i64,
    /// Their size as they are stored.
    pub stored_bytes: i64,
    /// The first sign of life.
    pub first_at: Option<Timestamp>,
    /// The last.
    pub last_at: Option<Timestamp>,
}
