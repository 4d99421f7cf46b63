//! Events, and all that is known of one.

use argus_model::record::{self, EventPart};
use serde::Serialize;
use utoipa::ToSchema;

use super::time::utc;
use super::{
    EventKindWord, GuardDecision, OutcomeWord, Price, SeverityWord, SourceWord, Sums, Usage, UsageTold, Utc, agent_word,
};

/// One event.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = EventRecord)]
pub struct Event {
    /// Its id, which survives re-ingest.
    pub event_id: String,
    /// Its session.
    pub session_id: String,
    /// Its agent; `main` for the main agent.
    pub agent_id: String,
    /// The agent's parent.
    pub parent_agent_id: Option<String>,
    /// Its turn.
    pub prompt_id: Option<String>,
    /// For tool calls.
    pub tool_use_id: Option<String>,
    /// Its kind.
    pub kind: EventKindWord,
    /// The tool, or the hook event's name.
    pub tool_name: Option<String>,
    /// A short line.
    pub label: Option<String>,
    /// When it began.
    pub started_at: Option<Utc>,
    /// When it ended.
    pub ended_at: Option<Utc>,
    /// How long it ran.
    pub duration_ms: Option<i64>,
    /// How long the person was asked for permission.
    pub wait_ms: Option<i64>,
    /// How it ended, for tool calls.
    pub outcome: Option<OutcomeWord>,
    /// The first line of its error.
    pub error: Option<String>,
    /// Whether it counts as an error.
    pub is_error: bool,
    /// The agent it spawned.
    pub spawned_agent_id: Option<String>,
    /// What that agent used, with all that it started in turn. The event's own tokens and money are what it took to ask.
    pub spawned: Option<Sums>,
    /// The model, for model requests.
    pub model: Option<String>,
    /// For model requests that stand in no transcript, of which only telemetry told (compactions, titles, …).
    pub is_hidden: bool,
    /// The model request that produced it.
    pub message_id: Option<String>,
    /// Its share of that request's tokens and money.
    #[serde(flatten)]
    pub usage: Usage,
    /// Size of the output.
    pub output_bytes: Option<i64>,
    /// What the guard answered before it ran; `null` where it was not asked.
    pub guard: Option<GuardDecision>,
    /// Alerts about it, or about the request that produced it.
    pub alert_ids: Vec<String>,
    /// The worst of them.
    pub worst_severity: Option<SeverityWord>,
    /// Who told of it.
    pub sources: Vec<SourceWord>,
}

impl From<record::EventRecord> for Event {
    fn from(record: record::EventRecord) -> Self {
        Self {
            event_id: record.event_id,
            session_id: record.session_id,
            agent_id: agent_word(record.agent_id),
            parent_agent_id: record.parent_agent_id.map(agent_word),
            prompt_id: record.prompt_id,
            tool_use_id: record.tool_use_id,
            kind: record.kind.into(),
            tool_name: record.tool_name,
            label: record.label,
            started_at: utc(record.started_at),
            ended_at: utc(record.ended_at),
            duration_ms: record.duration_ms,
            wait_ms: record.wait_ms,
            outcome: record.outcome.map(Into::into),
            error: record.error,
            is_error: record.is_error,
            spawned_agent_id: record.spawned_agent_id,
            spawned: record.spawned.map(|spawned| Sums::new(&spawned, UsageTold::No)),
            model: record.model,
            is_hidden: record.is_hidden,
            message_id: record.message_id,
            // Searches are counted by request and not shared out.
            usage: Usage { web_search_requests: None, ..Usage::new(record.share.as_ref(), record.cost) },
            output_bytes: record.output_bytes,
            guard: record.guard.map(Into::into),
            alert_ids: record.alert_ids,
            worst_severity: record.worst_severity.map(Into::into),
            sources: SourceWord::of(record.sources),
        }
    }
}

/// Behind a call's id: the half of it that stands as a record of its own.
const RESULT: &str = "~result";
const SPAWN: &str = "~spawn";

impl Event {
    /// The part of an event that was asked for; the whole where that is its kind.
    pub fn part(record: record::EventRecord, part: Option<EventPart>) -> Self {
        match part {
            Some(EventPart::Result) => Self::result(&record.into()),
            Some(EventPart::Spawn) => Self::spawn(&record.into()),
            Some(EventPart::Kind(_)) | None => record.into(),
        }
    }

    /// An event, and each half of it that has happened (ADR 0019).
    pub fn with_halves(record: record::EventRecord) -> Vec<Self> {
        let whole = Self::from(record);
        let is_call = whole.kind == EventKindWord::ToolCall;
        let spawn = (is_call && whole.spawned_agent_id.is_some()).then(|| Self::spawn(&whole));
        let result = (is_call && whole.ended_at.is_some()).then(|| Self::result(&whole));
        std::iter::once(whole).chain(spawn).chain(result).collect()
    }

    /// The id of the event that a half belongs to; a whole one's own.
    pub fn whole_id(id: &str) -> &str {
        id.strip_suffix(RESULT).or_else(|| id.strip_suffix(SPAWN)).unwrap_or(id)
    }

    /// What the call gave back, when it ended.
    fn result(call: &Self) -> Self {
        Self {
            outcome: call.outcome,
            error: call.error.clone(),
            is_error: call.is_error,
            output_bytes: call.output_bytes,
            ..call.half(RESULT, EventKindWord::ToolResult, call.ended_at)
        }
    }

    /// That the call began an agent.
    fn spawn(call: &Self) -> Self {
        Self {
            spawned_agent_id: call.spawned_agent_id.clone(),
            ..call.half(SPAWN, EventKindWord::SubagentSpawn, call.started_at)
        }
    }

    /// A moment of the call: time, tokens, money and alerts stay with the call, so that sums over all records are right.
    fn half(&self, suffix: &str, kind: EventKindWord, at: Option<Utc>) -> Self {
        Self {
            event_id: format!("{}{suffix}", self.event_id),
            kind,
            started_at: at,
            ended_at: at,
            duration_ms: None,
            wait_ms: None,
            outcome: None,
            error: None,
            is_error: false,
            spawned_agent_id: None,
            model: None,
            message_id: None,
            usage: Usage::new(None, None),
            output_bytes: None,
            alert_ids: Vec::new(),
            worst_severity: None,
            ..self.clone()
        }
    }
}

/// A window of a list of events.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EventPage {
    /// The events, in order.
    pub events: Vec<Event>,
    /// How many there are in all.
    pub total: i64,
    /// Give this as `cursor` to get the next window.
    pub next_cursor: Option<String>,
}

/// A model request as a whole.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = RequestRecord)]
pub struct Request {
    /// `message.id`.
    pub message_id: String,
    /// `requestId`.
    pub request_id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// When it was sent.
    pub sent_at: Option<Utc>,
    /// From sending to the end of the answer, in milliseconds, where telemetry told.
    pub duration_ms: Option<i64>,
    /// From sending to the first token, in milliseconds, where telemetry told.
    pub ttft_ms: Option<i64>,
    /// What it was for, in the client's own word, where telemetry told.
    pub query_source: Option<String>,
    /// It stands in no transcript: only telemetry told of it.
    pub is_hidden: bool,
    /// How many events share it.
    pub share_count: i64,
    /// Tokens and money.
    #[serde(flatten)]
    pub usage: Usage,
}

impl From<record::RequestRecord> for Request {
    fn from(record: record::RequestRecord) -> Self {
        Self {
            // No request counted means that no usage was told.
            usage: Usage::new(Some(&record.totals).filter(|totals| totals.requests > 0), record.cost),
            message_id: record.message_id,
            request_id: record.request_id,
            model: record.model,
            sent_at: utc(record.sent_at),
            duration_ms: record.duration_ms,
            ttft_ms: record.ttft_ms,
            query_source: record.query_source,
            is_hidden: record.is_hidden,
            share_count: record.share_count,
        }
    }
}

/// One record of an event as it was received, masked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = BodyRecord)]
pub struct Body {
    /// `hook`, `transcript`, or `file` for an output that was too long for both.
    pub source: &'static str,
    /// `input` or `output`.
    pub part: &'static str,
    /// The text; unknown while it is still being archived, and after it was removed.
    pub text: Option<String>,
    /// When the text was removed because of its age.
    pub removed_at: Option<Utc>,
    /// The whole text's size.
    pub size_bytes: Option<u64>,
    /// Whether the text is only its beginning.
    pub is_cut: bool,
}

impl Body {
    /// The body with at most `most_bytes` of its text.
    pub fn new(record: record::BodyRecord, most_bytes: usize) -> Self {
        let size_bytes = record.text.as_ref().map(|text| text.len() as u64);
        let mut text = record.text;
        let is_cut = text.as_ref().is_some_and(|text| text.len() > most_bytes);
        if let Some(text) = &mut text {
            text.truncate(text.floor_char_boundary(most_bytes));
        }
        let removed_at = record.removed_at.map(Utc);
        Self { source: record.source, part: record.part, text, removed_at, size_bytes, is_cut }
    }
}

/// All that is known of an event.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct EventDetails {
    /// The event.
    pub event: Event,
    /// The model request that produced it.
    pub request: Option<Request>,
    /// How its money came about; `null` where no price is known.
    pub price: Option<Price>,
    /// Its records as they were received.
    pub bodies: Vec<Body>,
    /// What went in: a tool's input, a prompt's text.
    pub input: Option<serde_json::Value>,
    /// Whether some text in `input` is cut.
    pub input_is_cut: bool,
    /// What came out: a tool's result as the model saw it, the model's own words.
    pub output: Option<serde_json::Value>,
    /// Whether some text in `output` is cut.
    pub output_is_cut: bool,
    /// The whole output, where `output` is only its beginning and names the file that Claude Code kept it in.
    pub saved_output: Option<Body>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_between_characters_and_says_so() {
        let body = |most| {
            let record =
                record::BodyRecord { source: "hook", part: "input", text: Some("aé".into()), removed_at: None };
            Body::new(record, most)
        };
        assert_eq!((body(2).text.as_deref(), body(2).is_cut), (Some("a"), true));
        assert_eq!((body(3).text.as_deref(), body(3).is_cut, body(3).size_bytes), (Some("aé"), false, Some(3)));
    }
}
