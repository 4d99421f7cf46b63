//! What the made-up requests used, as Claude Code itself keeps account of it: its totals at the end of a run, and a log
//! record of its telemetry for each request, those that stand in no transcript included.

use std::collections::BTreeMap;

use argus_ingest::pricing::PriceTable;
use argus_model::{PicoUsd, Timestamp as At, Totals, Usage};
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// One request to the model.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) at: Timestamp,
    pub(super) took_ms: i64,
    pub(super) request_id: String,
    pub(super) prompt: String,
    /// The agent that asked, and who began it; none for the main agent.
    pub(super) agent: Option<(String, Option<String>)>,
    pub(super) model: &'static str,
    pub(super) usage: Usage,
    /// What it was for, in Claude Code's own word.
    pub(super) source: &'static str,
}

/// A run's requests, and their sums.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    models: BTreeMap<&'static str, Totals>,
    requests: Vec<Request>,
}

impl Ledger {
    /// Counts a request.
    pub(super) fn add(&mut self, request: Request) {
        let usage = &request.usage;
        let count = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
        let one = Totals {
            requests: 1,
            input_tokens: count(usage.input_tokens),
            output_tokens: count(usage.output_tokens),
            cache_write_5m_tokens: count(usage.cache_write_5m_tokens),
            cache_read_tokens: count(usage.cache_read_tokens),
            web_search_requests: count(usage.web_search_requests),
            cost: request.cost(),
            ..Totals::default()
        };
        self.models.entry(request.model).or_default().add(&one, 1);
        self.requests.push(request);
    }

    /// Takes over what an agent used.
    pub(super) fn append(&mut self, mut agent: Self) {
        for (model, totals) in &agent.models {
            self.models.entry(model).or_default().add(totals, 1);
        }
        self.requests.append(&mut agent.requests);
    }

    /// Keeps the sums and forgets the requests, of which no telemetry tells.
    pub(super) fn keep_to_itself(&mut self) {
        self.requests.clear();
    }

    /// The totals as a `cost-state` line has them. `percent` is what the client's own prices are of the list's.
    pub(super) fn statement(&self, opened_at: Timestamp, until: Timestamp, percent: i64) -> Value {
        let dollars = |cost: PicoUsd| usd(PicoUsd(cost.0 / 100 * percent));
        let models: Map<String, Value> = self
            .models
            .iter()
            .map(|(model, used)| {
                (
                    (*model).to_owned(),
                    json!({
                        "inputTokens": used.input_tokens, "outputTokens": used.output_tokens, "thinkingTokens": 0,
                        "cacheReadInputTokens": used.cache_read_tokens,
                        "cacheCreationInputTokens": used.cache_write_5m_tokens,
                        "cacheCreationEphemeral5mInputTokens": used.cache_write_5m_tokens,
                        "cacheCreationEphemeral1hInputTokens": 0,
                        "webSearchRequests": used.web_search_requests, "costUSD": dollars(used.cost),
                    }),
                )
            })
            .collect();
        let total = self.models.values().map(|used| used.cost.0).sum();
        json!({
            "type": "cost-state", "totalCostUSD": dollars(PicoUsd(total)),
            "startTime": opened_at.as_millisecond(), "totalDuration": until.duration_since(opened_at).as_millis() as u64,
            "modelUsage": models, "hasUnknownModelCost": false,
        })
    }

    /// The requests as a batch of log records.
    pub(super) fn export(&self, session: &str, client: &str) -> Value {
        let records: Vec<Value> =
            self.requests.iter().enumerate().map(|(number, request)| request.record(session, number)).collect();
        json!({ "resourceLogs": [{
            "resource": { "attributes": [text("service.name", "claude-code"), text("service.version", client)] },
            "scopeLogs": [{ "scope": { "name": "com.anthropic.claude_code.events" }, "logRecords": records }],
        }] })
    }
}

impl Request {
    fn cost(&self) -> PicoUsd {
        let at = At::from_micros(self.at.as_microsecond());
        PriceTable::built_in().price(self.model, &self.usage, at).amount.unwrap_or_default()
    }

    fn record(&self, session: &str, number: usize) -> Value {
        let count = |key: &str, value: u64| json!({ "key": key, "value": { "intValue": value } });
        let usage = &self.usage;
        let mut attributes = vec![
            text("session.id", session),
            text("event.name", "api_request"),
            count("event.sequence", number as u64),
            text("prompt.id", &self.prompt),
            text("model", self.model),
            count("input_tokens", usage.input_tokens),
            count("output_tokens", usage.output_tokens),
            count("cache_read_tokens", usage.cache_read_tokens),
            count("cache_creation_tokens", usage.cache_write_5m_tokens),
            count("cache_creation_5m_tokens", usage.cache_write_5m_tokens),
            count("cache_creation_1h_tokens", 0),
            json!({ "key": "cost_usd", "value": { "doubleValue": usd(self.cost()) } }),
            count("duration_ms", self.took_ms.unsigned_abs()),
            count("ttft_ms", self.took_ms.unsigned_abs() / 3),
            text("request_id", &self.request_id),
            text("speed", "normal"),
            text("query_source", self.source),
        ];
        if let Some((agent, parent)) = &self.agent {
            attributes.push(text("agent_id", agent));
            attributes.extend(parent.as_deref().map(|parent| text("parent_agent_id", parent)));
        }
        let at = self.at.as_nanosecond().to_string();
        json!({
            "timeUnixNano": at, "observedTimeUnixNano": at, "body": { "stringValue": "claude_code.api_request" },
            "attributes": attributes,
        })
    }
}

fn text(key: &str, value: &str) -> Value {
    json!({ "key": key, "value": { "stringValue": value } })
}

/// Dollars as Claude Code writes them, which is a floating-point number.
fn usd(cost: PicoUsd) -> Value {
    cost.to_decimal().parse::<f64>().map_or(Value::Null, Value::from)
}
