//! One log record's facts. See [`super::normalize`].

use argus_model::agent::seen;
use argus_model::record::Sources;
use argus_model::{
    AgentId, BodyRef, Cost, CostBasis, EventKey, EventKind, EventState, Evidence, Facets, First, HookTime, Last,
    Maximum, MessageId, Minimum, Owner, PromptId, RequestId, RequestKey, RequestReport, RequestState, SessionId, Speed,
    Timestamp, ToolUseId, Usage, UsageRecord,
};
use serde_json::value::RawValue;

use super::batch::LogRecord;
use super::{LONGEST_ID, model_name, time_of, told};
use crate::claude::commit;
use crate::claude::dollars::picousd;
use crate::claude::fold::Fold;
use crate::claude::hook::error_key;
use crate::claude::input::ToolInput;
use crate::claude::label;
use crate::pricing::PriceTable;
use crate::redact::Redactor;

/// Hooks and transcripts tell of the same things with more detail: their ranks are 0 and 1.
const RANK: u8 = 2;
/// What stands behind the agents' own work; every other source of a request is the client's business.
const AGENTS_WORK: [&str; 3] = ["sdk", "repl_main_thread", "agent:"];

/// A record with where it belongs.
pub(super) struct Facts<'a, 'b> {
    record: &'a LogRecord<'a>,
    session: SessionId,
    agent: AgentId,
    prompt: Option<PromptId>,
    at: Timestamp,
    body: BodyRef,
    redactor: &'a Redactor,
    prices: &'a PriceTable,
    fold: &'b mut Fold,
}

impl<'a, 'b> Facts<'a, 'b> {
    pub(super) fn new(
        record: &'a LogRecord<'a>,
        session: &str,
        body: BodyRef,
        (redactor, prices): (&'a Redactor, &'a PriceTable),
        fold: &'b mut Fold,
    ) -> Self {
        let id = |key: &str| record.text(key).filter(|id| !id.is_empty() && id.len() <= LONGEST_ID);
        Self {
            record,
            session: SessionId::new(session),
            agent: id("agent_id").map_or_else(AgentId::main, AgentId::new),
            prompt: id("prompt.id").map(PromptId::new),
            at: time_of(record),
            body,
            redactor,
            prices,
            fold,
        }
    }

    /// Whether it could be made something of.
    pub(super) fn tell(&mut self, name: &str, client_version: Option<&str>) -> bool {
        let at = self.at;
        let session = self.fold.session(&self.session);
        session.sources |= Sources::OTLP;
        session.alive_at(at);
        if let Some(version) = client_version {
            session.client_version.join(&Last::of(1, at, version.to_owned()));
        }
        self.agent_facts();
        match name {
            "api_request" => return self.request(),
            "api_error" => self.error(),
            "api_refusal" => self.refusal(),
            "api_retries_exhausted" => self.retries(),
            "hook_execution_complete" => self.hooks(),
            "tool_decision" => self.decision(),
            "tool_result" => self.result(),
            _ => {}
        }
        true
    }

    fn id(&self, key: &str) -> Option<&'a str> {
        self.record.text(key).filter(|id| !id.is_empty() && id.len() <= LONGEST_ID)
    }

    /// A subagent did something; who stands above it is told unless that is the main agent.
    fn agent_facts(&mut self) {
        if self.agent.is_main() {
            return;
        }
        let at = self.at;
        let parent = self.id("parent_agent_id").map_or_else(AgentId::main, AgentId::new);
        // Names of agents that the person made are told as "custom".
        let kind = self.id("agent.name").filter(|name| *name != "custom").map(str::to_owned);
        let agent = self.fold.agent(&self.session, &self.agent);
        agent.seen |= seen::ACTED;
        agent.alive_at(at);
        agent.parent_agent_id.join(&First::of(RANK, at, parent));
        if let Some(kind) = kind {
            agent.agent_type.join(&First::of(RANK, at, kind));
        }
    }

    fn event(&mut self, key: EventKey, kind: EventKind) -> &mut EventState {
        let (at, agent, prompt) = (self.at, self.agent.clone(), self.prompt.clone());
        let event = self.fold.event(&self.session, key, kind);
        event.sources |= Sources::OTLP;
        event.agent_id.join(&First::of(RANK, at, agent));
        if let Some(prompt) = prompt {
            event.prompt_id.join(&First::of(RANK, at, prompt));
        }
        event
    }

    /// A request, with its money and its time. Without its id it could be one that a transcript has, so it is none.
    fn request(&mut self) -> bool {
        let Some(request_id) = self.id("request_id") else { return false };
        let key = RequestKey::reported(RequestId::new(request_id));
        let (at, record) = (self.at, self.record);
        let duration_ms = record.number("duration_ms").filter(|ms| *ms >= 0);
        let sent_at = before(at, duration_ms);
        let query_source = self.id("query_source");
        let name = |key: &str| self.id(key).and_then(|name| label::of_text(name, self.redactor));
        let facets = Facets {
            skill: name("skill.name"),
            mcp_server: name("mcp_server.name"),
            query_source: name("query_source"),
            ..Facets::default()
        };
        let mut request = RequestState::new(key.clone());
        let owner =
            Owner { session_id: self.session.clone(), agent_id: self.agent.clone(), prompt_id: self.prompt.clone() };
        // Better than a copy's word for its origin, whatever the time of the copy.
        request.owner = First::of(1, Timestamp::from_micros(0), owner);
        request.is_final = true;
        request.sent_at = Minimum::of(sent_at);
        request.usage = Maximum::of(self.usage());
        request.report = Maximum::of(RequestReport {
            at,
            duration_ms,
            ttft_ms: record.number("ttft_ms").filter(|ms| *ms >= 0),
            facets,
        });
        self.fold.request(request);
        self.request_event(&key.message_id, sent_at, duration_ms, query_source);
        self.answered();
        true
    }

    fn usage(&self) -> UsageRecord {
        let record = self.record;
        let tokens = |key: &str| record.number(key).and_then(|tokens| u64::try_from(tokens).ok());
        let hour = tokens("cache_creation_1h_tokens").unwrap_or(0);
        let five = tokens("cache_creation_5m_tokens").unwrap_or(0);
        let flat = tokens("cache_creation_tokens").unwrap_or(0);
        let model = record.text("model").unwrap_or_default();
        let usage = Usage {
            asks_long_context: model.ends_with("[1m]"),
            output_tokens: tokens("output_tokens").unwrap_or(0),
            input_tokens: tokens("input_tokens").unwrap_or(0),
            cache_write_5m_tokens: five.max(flat.saturating_sub(hour)),
            cache_write_1h_tokens: hour,
            cache_read_tokens: tokens("cache_read_tokens").unwrap_or(0),
            speed: if record.text("speed") == Some("fast") { Speed::Fast } else { Speed::Standard },
            ..Usage::default()
        };
        let reported = record.double("cost_usd").and_then(picousd);
        let cost = match reported {
            Some(amount) => Cost { amount: Some(amount), basis: CostBasis::Reported },
            None => self.prices.price(model, &usage, self.at),
        };
        let model = model_name(model).into_owned();
        UsageRecord { output_tokens: usage.output_tokens, is_reported: true, at: self.at, usage, model, cost }
    }

    /// The request's own event, which stands as long as no transcript tells of the request.
    fn request_event(
        &mut self,
        message_id: &MessageId,
        sent_at: Timestamp,
        duration_ms: Option<i64>,
        query_source: Option<&str>,
    ) {
        let (at, body) = (self.at, self.body);
        let label = query_source.and_then(|source| label::of_text(source, self.redactor));
        let event = self.event(EventState::request_key(message_id), EventKind::ModelRequest);
        event.message_id.join(&First::of(RANK, at, message_id.clone()));
        event.line_at.join(&Minimum::of(sent_at));
        event.ended_at.join(&First::of(RANK, at, at));
        event.input_ref.join(&First::of(RANK, at, body));
        if let Some(duration_ms) = duration_ms {
            event.duration_ms.join(&First::of(RANK, at, duration_ms));
        }
        if let Some(label) = label {
            event.label.join(&First::of(RANK, at, label));
        }
    }

    /// Which model works for the agent; what others ask of a model says nothing of it.
    fn answered(&mut self) {
        let Some(model) = self.id("model").filter(|_| self.is_agents_work()) else { return };
        let (at, model) = (self.at, model_name(model).into_owned());
        self.fold.agent(&self.session, &self.agent).model.join(&Last::of(1, at, model.clone()));
        if self.agent.is_main() {
            self.fold.session(&self.session).model.join(&Last::of(1, at, model));
        }
    }

    fn is_agents_work(&self) -> bool {
        let source = self.record.text("query_source").unwrap_or_default();
        AGENTS_WORK.iter().any(|work| source.starts_with(work))
    }

    fn tool_event(&mut self) -> Option<&mut EventState> {
        let id = ToolUseId::new(self.id("tool_use_id")?);
        let at = self.at;
        // Names of tools of MCP servers are told as one word.
        let name = self.id("tool_name").filter(|name| *name != "mcp_tool").map(str::to_owned);
        let label = [(RANK, "tool_input"), (RANK + 1, "tool_parameters")].iter().find_map(|(rank, key)| {
            let input = self.record.text(key).and_then(told)?;
            let raw: &RawValue = serde_json::from_str(input).ok()?;
            let label =
                label::of_input(name.as_deref().unwrap_or_default(), Some(&ToolInput::new(raw)), self.redactor)?;
            Some(First::of(*rank, at, label))
        });
        let event = self.event(EventState::tool_key(&id), EventKind::ToolCall);
        if let Some(name) = name {
            event.tool_name.join(&First::of(RANK, at, name));
        }
        if let Some(label) = label {
            event.label.join(&label);
        }
        Some(event)
    }

    fn decision(&mut self) {
        let (at, body) = (self.at, self.body);
        let is_person = self.record.text("source").is_some_and(|source| source.starts_with("user"));
        let is_refused = self.record.text("decision") == Some("reject");
        let Some(event) = self.tool_event() else { return };
        event.line_at.join(&Minimum::of(at));
        event.input_ref.join(&First::of(RANK, at, body));
        let seen = match (is_refused, is_person) {
            (true, true) => Evidence::REJECTED.with(Evidence::ASKED),
            (true, false) => Evidence::DENIED,
            (false, true) => Evidence::ASKED,
            (false, false) => Evidence::default(),
        };
        event.evidence = event.evidence.with(seen);
    }

    fn result(&mut self) {
        let (at, body, record) = (self.at, self.body, self.record);
        let duration_ms = record.number("duration_ms").filter(|ms| *ms >= 0);
        let size_bytes = record.number("tool_result_size_bytes").filter(|bytes| *bytes >= 0);
        let seen = match record.text("success") {
            Some("true") => Evidence::RESULT_OK,
            Some("false") => Evidence::RESULT_ERROR,
            _ => Evidence::default(),
        };
        let error = record.text("error").and_then(told).and_then(|error| label::of_text(error, self.redactor));
        let revision = record.text("vcs.ref.head.revision");
        let Some(event) = self.tool_event() else { return };
        event.line_at.join(&Minimum::of(before(at, duration_ms)));
        event.ended_at.join(&First::of(RANK, at, at));
        event.output_ref.join(&First::of(RANK, at, body));
        if let Some(revision) = revision {
            commit::note_revision(event, at, revision);
        }
        event.evidence = event.evidence.with(seen);
        if let Some(duration_ms) = duration_ms {
            event.duration_ms.join(&First::of(RANK, at, duration_ms));
        }
        if let Some(size_bytes) = size_bytes {
            event.output_bytes.join(&First::of(RANK, at, size_bytes));
        }
        if let Some(error) = error {
            event.error.join(&First::of(RANK, at, error));
        }
    }

    /// An attempt that failed for good: of an agent's work it is the turn's error, of which a hook and the transcript
    /// tell too; of anything else it stands for itself.
    fn error(&mut self) {
        let record = self.record;
        let status = record.number("status_code");
        let said = record.text("error").and_then(told);
        if status.is_none() && said.is_some_and(|said| said.contains("abort")) {
            // The person pressed Esc: nothing failed.
            return;
        }
        let label = match (said, status) {
            (Some(said), Some(status)) => label::of_text(&format!("{said} ({status})"), self.redactor),
            (Some(said), None) => label::of_text(said, self.redactor),
            (None, status) => status.map(|status| format!("API error {status}")),
        };
        self.failed(label);
    }

    /// The model answered, and would not do it.
    fn refusal(&mut self) {
        let why = self.record.text("category").and_then(told).and_then(|why| label::of_text(why, self.redactor));
        self.failed(Some(
            why.map_or_else(|| "the model refused".to_owned(), |why| format!("the model refused: {why}")),
        ));
    }

    fn failed(&mut self, label: Option<String>) {
        let (at, body) = (self.at, self.body);
        let agent = (!self.agent.is_main()).then(|| self.agent.clone());
        let key = if self.is_agents_work() && self.prompt.is_some() {
            error_key(self.prompt.as_ref(), agent.as_ref(), "")
        } else {
            EventKey::new(format!(
                "e.otlp.{}",
                self.id("request_id").map_or_else(|| body.offset.to_string(), str::to_owned)
            ))
        };
        let event = self.event(key, EventKind::Error);
        event.line_at.join(&Minimum::of(at));
        event.input_ref.join(&First::of(RANK, at, body));
        if let Some(label) = label {
            event.error.join(&First::of(RANK, at, label.clone()));
            event.label.join(&First::of(RANK, at, label));
        }
    }

    /// How often and how long it was tried in vain. Of single tries print mode tells nothing.
    fn retries(&mut self) {
        let (at, body, record) = (self.at, self.body, self.record);
        let duration_ms = record.number("total_retry_duration_ms").filter(|ms| *ms >= 0);
        let attempts = record.number("total_attempts").filter(|attempts| *attempts > 0);
        let event = self.event(EventKey::new(format!("r.otlp.{}", body.offset)), EventKind::Retry);
        event.line_at.join(&Minimum::of(before(at, duration_ms)));
        event.ended_at.join(&First::of(RANK, at, at));
        event.input_ref.join(&First::of(RANK, at, body));
        if let Some(duration_ms) = duration_ms {
            event.duration_ms.join(&First::of(RANK, at, duration_ms));
        }
        if let Some(attempts) = attempts {
            event.label.join(&First::of(RANK, at, format!("gave up after {attempts} attempts")));
        }
    }

    /// All hooks of one moment ran.
    fn hooks(&mut self) {
        let Some(duration_ms) = self.record.number("total_duration_ms").filter(|ms| *ms >= 0) else { return };
        self.fold.hook_time(HookTime {
            session_id: self.session.clone(),
            prompt_id: self.prompt.clone(),
            offset: self.body.offset,
            hook_count: self.record.number("num_hooks").unwrap_or(0).max(0),
            duration_ms,
        });
    }
}

fn before(at: Timestamp, duration_ms: Option<i64>) -> Timestamp {
    Timestamp::from_micros(at.as_micros().saturating_sub(duration_ms.unwrap_or(0).saturating_mul(1_000)))
}
