//! What the log records of Claude Code's own telemetry mean.
//!
//! Telemetry is the third source, and the only one that knows of every request: those that stand in no transcript
//! (compactions, web searches, prompts and agents of hooks, titles) as well as those that do, each with the money and the
//! time that Claude Code itself made out. It joins the other two by `request_id`, `tool_use_id`, `prompt.id` and
//! `agent_id`; what a hook or a transcript told of the same thing counts more, but for a request's money and tokens.
//!
//! What must stay true: a record makes known only what it tells by itself. A prompt's record makes no turn, for it does
//! not say whether anybody was asked anything. Metrics and spans say nothing of money that log records do not say.
//! Start with [`normalize`].

pub(crate) mod batch;
mod facts;
mod protobuf;
mod value;

use std::borrow::Cow;

use argus_model::{BodyRef, Timestamp};

use super::fold::Fold;
use crate::pricing::PriceTable;
use crate::redact::Redactor;
use batch::LogRecord;

/// Attributes that say who the person is: nothing asks for them, so they are not kept.
const PERSONAL: [&str; 2] = ["user.", "organization."];

/// Longest id that is taken for one.
const LONGEST_ID: usize = 256;

/// Events whose meaning is known, those that make no facts included.
const KNOWN: [&str; 25] = [
    "api_error",
    "api_refusal",
    "api_request",
    "api_request_body",
    "api_response_body",
    "api_retries_exhausted",
    "assistant_response",
    "at_mention",
    "auth",
    "compaction",
    "feedback_survey",
    "hook_execution_complete",
    "hook_execution_start",
    "hook_registered",
    "internal_error",
    "managed_settings_resolved",
    "mcp_server_connection",
    "permission_mode_changed",
    "plugin_installed",
    "plugin_loaded",
    "skill_activated",
    "subagent_completed",
    "tool_decision",
    "tool_result",
    "user_prompt",
];

/// The session a record belongs to; records without one are nobody's.
pub(crate) fn session_of<'a>(record: &'a LogRecord<'_>) -> Option<&'a str> {
    record.text("session.id").filter(|id| !id.is_empty() && id.len() <= LONGEST_ID)
}

/// Position of a record in its session's stream: its time, which has whole milliseconds, with its number among the
/// records of its client in the digits below.
pub(crate) fn offset_of(record: &LogRecord<'_>) -> i64 {
    const MILLI: i64 = 1_000_000;
    let sequence = record.number("event.sequence").unwrap_or(0).rem_euclid(MILLI);
    record.at_ns.cast_signed() / MILLI * MILLI + sequence
}

/// When it happened.
pub(crate) fn time_of(record: &LogRecord<'_>) -> Timestamp {
    Timestamp::from_nanos(record.at_ns.cast_signed())
}

/// Folds in what a record tells; false when its event is not known, or lacks what makes it a fact.
pub(crate) fn normalize(
    record: &LogRecord<'_>,
    client_version: Option<&str>,
    body: BodyRef,
    (redactor, prices): (&Redactor, &PriceTable),
    fold: &mut Fold,
) -> bool {
    let Some(session) = session_of(record) else { return false };
    let name = record.text("event.name").unwrap_or_default();
    facts::Facts::new(record, session, body, (redactor, prices), fold).tell(name, client_version)
        && KNOWN.binary_search(&name).is_ok()
}

/// What is kept of a record: its attributes as one JSON object, but for those that say who the person is.
pub(crate) fn body_of(record: &LogRecord<'_>) -> String {
    let mut text = String::with_capacity(512);
    text.push('{');
    for (key, value) in &record.attributes {
        if PERSONAL.iter().any(|prefix| key.starts_with(prefix)) {
            continue;
        }
        if text.len() > 1 {
            text.push(',');
        }
        value::push_text(&mut text, key);
        text.push(':');
        value.push_json(&mut text);
    }
    text.push('}');
    text
}

/// What a text says, unless the client was told to keep it for itself.
fn told(text: &str) -> Option<&str> {
    (!text.is_empty() && text != "<REDACTED>").then_some(text)
}

/// The name of a model as an answer bears it, without the context that was asked for.
fn model_name(model: &str) -> Cow<'_, str> {
    Cow::Borrowed(model.strip_suffix("[1m]").unwrap_or(model))
}
