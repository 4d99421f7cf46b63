//! The columns of an export, the same in every format.

use argus_api::dto::MAIN_AGENT;
use argus_model::record::{EventRecord, ExportedRequest};
use argus_model::{Cost, Geo, PicoUsd, ServiceTier, Speed, Timestamp};

/// A column: its name, which says its unit, and what it holds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Column {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

/// What a column holds. Any value may be unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Text,
    Number,
    Usd,
    Time,
    Flag,
}

/// A value of a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Text(Option<String>),
    Number(Option<i64>),
    Usd(Option<PicoUsd>),
    Time(Option<Timestamp>),
    Flag(bool),
}

const fn column(name: &'static str, kind: Kind) -> Column {
    Column { name, kind }
}

pub(super) const REQUESTS: [Column; 25] = [
    column("message_id", Kind::Text),
    column("request_id", Kind::Text),
    column("session_id", Kind::Text),
    column("project", Kind::Text),
    column("git_branch", Kind::Text),
    column("agent_id", Kind::Text),
    column("prompt_id", Kind::Text),
    column("query_source", Kind::Text),
    column("is_hidden", Kind::Flag),
    column("at", Kind::Time),
    column("sent_at", Kind::Time),
    column("duration_ms", Kind::Number),
    column("ttft_ms", Kind::Number),
    column("model", Kind::Text),
    column("speed", Kind::Text),
    column("service_tier", Kind::Text),
    column("inference_geo", Kind::Text),
    column("input_tokens", Kind::Number),
    column("output_tokens", Kind::Number),
    column("cache_write_5m_tokens", Kind::Number),
    column("cache_write_1h_tokens", Kind::Number),
    column("cache_read_tokens", Kind::Number),
    column("web_search_requests", Kind::Number),
    column("cost_usd", Kind::Usd),
    column("cost_basis", Kind::Text),
];

/// A request's row, in the order of [`REQUESTS`].
pub(super) fn request(request: &ExportedRequest) -> Vec<Value> {
    let record = &request.usage;
    let usage = &record.usage;
    let tokens = |count: u64| Value::Number(i64::try_from(count).ok());
    vec![
        text(request.message_id.as_str()),
        Value::Text(request.request_id.clone()),
        text(request.session_id.as_str()),
        Value::Text(request.project.clone()),
        Value::Text(request.git_branch.clone()),
        Value::Text(request.agent_id.as_deref().map(agent)),
        Value::Text(request.prompt_id.clone()),
        Value::Text(request.query_source.clone()),
        Value::Flag(request.is_hidden),
        Value::Time(Some(record.at)),
        Value::Time(request.sent_at),
        Value::Number(request.duration_ms),
        Value::Number(request.ttft_ms),
        text(record.model.as_str()),
        text(match usage.speed {
            Speed::Standard => "standard",
            Speed::Fast => "fast",
        }),
        text(match usage.tier {
            ServiceTier::Standard => "standard",
            ServiceTier::Batch => "batch",
            ServiceTier::Priority => "priority",
        }),
        text(match usage.geo {
            Geo::Global => "global",
            Geo::Us => "us",
        }),
        tokens(usage.input_tokens),
        tokens(usage.output_tokens),
        tokens(usage.cache_write_5m_tokens),
        tokens(usage.cache_write_1h_tokens),
        tokens(usage.cache_read_tokens),
        tokens(usage.web_search_requests),
        Value::Usd(record.cost.amount),
        text(record.cost.basis.as_str()),
    ]
}

pub(super) const EVENTS: [Column; 23] = [
    column("event_id", Kind::Text),
    column("session_id", Kind::Text),
    column("agent_id", Kind::Text),
    column("parent_agent_id", Kind::Text),
    column("prompt_id", Kind::Text),
    column("tool_use_id", Kind::Text),
    column("message_id", Kind::Text),
    column("kind", Kind::Text),
    column("tool_name", Kind::Text),
    column("label", Kind::Text),
    column("started_at", Kind::Time),
    column("ended_at", Kind::Time),
    column("duration_ms", Kind::Number),
    column("wait_ms", Kind::Number),
    column("outcome", Kind::Text),
    column("is_error", Kind::Flag),
    column("error", Kind::Text),
    column("model", Kind::Text),
    column("output_tokens", Kind::Number),
    column("cost_usd", Kind::Usd),
    column("cost_basis", Kind::Text),
    column("output_bytes", Kind::Number),
    column("sources", Kind::Text),
];

/// An event's row, in the order of [`EVENTS`]; money and tokens are its share of the request that produced it.
pub(super) fn event(event: &EventRecord) -> Vec<Value> {
    let cost: Option<Cost> = event.cost;
    vec![
        text(event.event_id.as_str()),
        text(event.session_id.as_str()),
        Value::Text(Some(agent(&event.agent_id))),
        Value::Text(event.parent_agent_id.as_deref().map(agent)),
        Value::Text(event.prompt_id.clone()),
        Value::Text(event.tool_use_id.clone()),
        Value::Text(event.message_id.clone()),
        text(event.kind.as_str()),
        Value::Text(event.tool_name.clone()),
        Value::Text(event.label.clone()),
        Value::Time(event.started_at),
        Value::Time(event.ended_at),
        Value::Number(event.duration_ms),
        Value::Number(event.wait_ms),
        Value::Text(event.outcome.map(|outcome| outcome.as_str().to_owned())),
        Value::Flag(event.is_error),
        Value::Text(event.error.clone()),
        Value::Text(event.model.clone()),
        Value::Number(event.share.map(|share| share.output_tokens)),
        Value::Usd(cost.and_then(|cost| cost.amount)),
        Value::Text(cost.map(|cost| cost.basis.as_str().to_owned())),
        Value::Number(event.output_bytes),
        text(&event.sources.words().join(" ")),
    ]
}

fn text(text: &str) -> Value {
    Value::Text(Some(text.to_owned()))
}

fn agent(agent_id: &str) -> String {
    if agent_id.is_empty() { MAIN_AGENT.to_owned() } else { agent_id.to_owned() }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Rows with what every kind may hold, unknown and hostile too.
    pub(crate) const COLUMNS: [Column; 5] = [
        column("name", Kind::Text),
        column("count", Kind::Number),
        column("cost_usd", Kind::Usd),
        column("at", Kind::Time),
        column("is_error", Kind::Flag),
    ];

    pub(crate) fn rows() -> Vec<Vec<Value>> {
        let row = |text: Option<&str>, count, pico: Option<i64>, micros: Option<i64>, flag| {
            vec![
                Value::Text(text.map(str::to_owned)),
                Value::Number(count),
                Value::Usd(pico.map(PicoUsd)),
                Value::Time(micros.map(Timestamp::from_micros)),
                Value::Flag(flag),
            ]
        };
        vec![
            row(Some("Bash"), Some(7), Some(1), Some(1_795_330_800_123_456), true),
            row(None, None, None, None, false),
            row(Some("=HYPERLINK(\"x\")"), Some(i64::MAX), Some(-28_100_000_000), Some(0), false),
            row(Some("a,\"b\"\n\u{1b}[2J\u{202e}é"), Some(-1), Some(999_999_999_999_999_999), Some(1), true),
            row(Some(""), Some(0), Some(0), Some(1_795_330_800_000_000), false),
        ]
    }
}
