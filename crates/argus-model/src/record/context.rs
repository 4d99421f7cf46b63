//! What a thread's context was made of, request by request.

use crate::{MessageId, Timestamp, UsageRecord};

/// A model request of a thread, with what came into its context since the one before.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextStep {
    /// Its message.
    pub message_id: MessageId,
    /// When its first line was written.
    pub at: Timestamp,
    /// What it used; `None` when that never arrived.
    pub usage: Option<UsageRecord>,
    /// The usage that counts is the last one: the output is whole.
    pub is_final: bool,
    /// The context was replaced since the request before: a compaction.
    pub is_compacted: bool,
    /// Tool results and prompts since the request before, in their order.
    pub arrivals: Vec<ContextArrival>,
}

/// A tool result, or a prompt.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextArrival {
    /// `SESSION~KEY` of its event.
    pub event_id: String,
    /// The tool; `None` for a prompt.
    pub tool_name: Option<String>,
    /// What the call was about.
    pub label: Option<String>,
    /// Bytes of the result, if known.
    pub size_bytes: Option<u64>,
    /// It is a tool's result.
    pub is_result: bool,
}
