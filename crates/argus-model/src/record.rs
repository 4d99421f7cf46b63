//! What queries answer with. The API and the CLI print these; nothing here is stored.

mod alert;
mod context;
mod delays;
mod export;
mod latency;
mod mute;
mod part;
mod reconciliation;
mod rule;
mod spend;
mod usages;

use crate::agent::{AgentEnd, AgentKind};
use crate::session::Waiting;
use crate::{Cost, EventKind, GuardDecision, Outcome, SessionStatus, Severity, Timestamp, Totals, UsageRecord};

pub use alert::{AlertActionRecord, AlertCause, AlertGroup, AlertQuery, AlertRecord, Occurrences};
pub use context::{ContextArrival, ContextStep};
pub use delays::Delays;
pub use export::{ExportQuery, ExportedRequest};
pub use latency::{Latency, ModelLatency};
pub use mute::{MuteReach, MuteRecord};
pub use part::SessionPart;
pub use reconciliation::{ReconciliationQuery, ReconciliationRow, ReconciliationTotals, ReportedMoney};
pub use rule::RuleCount;
pub use spend::{
    Activity, ErrorRecord, MODEL_TEXT, NO_COMMIT, SpendCut, SpendQuery, SpendRow, SpendSlot, SpendSlots, SpendSplit,
    ToolRecord,
};
pub use usages::UsageQuery;

/// Which sources told of something, as a set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Sources(pub u8);

impl Sources {
    /// Claude Code's hooks.
    pub const HOOK: u8 = 1;
    /// Its transcripts.
    pub const TRANSCRIPT: u8 = 2;
    /// Its telemetry.
    pub const OTLP: u8 = 4;

    /// The words, in this order.
    pub fn words(self) -> Vec<&'static str> {
        [(Self::HOOK, "hook"), (Self::TRANSCRIPT, "transcript"), (Self::OTLP, "otlp")]
            .into_iter()
            .filter(|(bit, _)| self.0 & bit != 0)
            .map(|(_, word)| word)
            .collect()
    }
}

/// A session in a list, and at the head of its page.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionRecord {
    /// Its id.
    pub session_id: String,
    /// The session it was forked from.
    pub parent_session_id: Option<String>,
    /// Root of its project.
    pub project: Option<String>,
    /// Where it began.
    pub cwd: Option<String>,
    /// Branch last seen.
    pub git_branch: Option<String>,
    /// Model that answered the main agent last.
    pub model: Option<String>,
    /// Title, or the first prompt's first line.
    pub title: Option<String>,
    /// The state it is in.
    pub status: SessionStatus,
    /// What it waits for, while it waits.
    pub waiting_for: Option<Waiting>,
    /// First sign of life.
    pub started_at: Option<Timestamp>,
    /// Its end, when one was told.
    pub ended_at: Option<Timestamp>,
    /// Why it ended.
    pub end_reason: Option<String>,
    /// Last sign of life.
    pub last_at: Option<Timestamp>,
    /// Claude Code's version.
    pub client_version: Option<String>,
    /// Permission mode last seen.
    pub permission_mode: Option<String>,
    /// Subagents, without the main agent.
    pub agent_count: i64,
    /// Prompts.
    pub turn_count: i64,
    /// Tool calls.
    pub tool_call_count: i64,
    /// Failed tool calls and API errors.
    pub error_count: i64,
    /// Compactions.
    pub compaction_count: i64,
    /// Alerts of at least medium severity, whatever became of them.
    pub alert_count: i64,
    /// Those of them that ask for a look: open, and no history.
    pub open_alert_count: i64,
    /// The worst of these.
    pub worst_severity: Option<Severity>,
    /// Tokens and money.
    pub totals: Totals,
    /// What Claude Code reported of its money, where it did.
    pub reported: Option<ReportedMoney>,
    /// Sources that told of it.
    pub sources: Sources,
}

/// An agent of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct AgentRecord {
    /// Its id; empty for the main agent.
    pub agent_id: String,
    /// Who spawned it; `None` for the main agent and where it is unknown.
    pub parent_agent_id: Option<String>,
    /// `Explore`, `general-purpose`, …
    pub agent_type: Option<String>,
    /// What it was asked.
    pub description: Option<String>,
    /// Its kind.
    pub kind: AgentKind,
    /// The tool call that spawned it.
    pub tool_use_id: Option<String>,
    /// The turn it was spawned in.
    pub prompt_id: Option<String>,
    /// 0 for the main agent, 1 for its children; `None` where the way up is unknown.
    pub depth: Option<i64>,
    /// Model.
    pub model: Option<String>,
    /// First sign of life.
    pub started_at: Option<Timestamp>,
    /// Last sign of life.
    pub last_at: Option<Timestamp>,
    /// How it ended.
    pub end: Option<AgentEnd>,
    /// No way up is known, and by settled evidence none will come.
    pub is_orphan: bool,
    /// Position of the spawning call among its parent thread's steps.
    pub spawn_index: Option<i64>,
    /// Steps of its own.
    pub step_count: i64,
    /// Tool calls of its own.
    pub tool_call_count: i64,
    /// Errors of its own.
    pub error_count: i64,
    /// Tokens and money of its own requests.
    pub own: Totals,
    /// The same with all agents below it.
    pub subtree: Totals,
}

/// A turn: one prompt and all that it caused.
#[derive(Clone, Debug, PartialEq)]
pub struct TurnRecord {
    /// Its id; `None` for what came before the first prompt.
    pub prompt_id: Option<String>,
    /// First line of the prompt, masked.
    pub label: Option<String>,
    /// Whether a person typed it; false for machine-made prompts.
    pub is_human: bool,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// Its last event.
    pub last_at: Option<Timestamp>,
    /// Steps of the main agent in it.
    pub step_count: i64,
    /// Errors in it, of all agents.
    pub error_count: i64,
    /// Tokens and money of all agents in it.
    pub totals: Totals,
}

/// One event.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRecord {
    /// `SESSION~KEY`; survives re-ingest.
    pub event_id: String,
    /// Its session.
    pub session_id: String,
    /// Its agent; empty for the main agent.
    pub agent_id: String,
    /// The agent's parent.
    pub parent_agent_id: Option<String>,
    /// Its turn.
    pub prompt_id: Option<String>,
    /// For tool calls.
    pub tool_use_id: Option<String>,
    /// Its kind.
    pub kind: EventKind,
    /// The tool, or the hook event's name.
    pub tool_name: Option<String>,
    /// A short, masked line.
    pub label: Option<String>,
    /// When it began.
    pub started_at: Option<Timestamp>,
    /// When it ended.
    pub ended_at: Option<Timestamp>,
    /// How long it ran, by Claude Code's own measure where told, else from begin to end.
    pub duration_ms: Option<i64>,
    /// How long the person was asked for permission.
    pub wait_ms: Option<i64>,
    /// How it ended, for tool calls.
    pub outcome: Option<Outcome>,
    /// The first line of its error.
    pub error: Option<String>,
    /// Whether it counts as an error.
    pub is_error: bool,
    /// The agent it spawned.
    pub spawned_agent_id: Option<String>,
    /// What that agent used, with all that it started in turn: beside the share, which is what it cost to ask.
    pub spawned: Option<Totals>,
    /// The model, for model requests.
    pub model: Option<String>,
    /// For model requests that stand in no transcript, of which only telemetry told.
    pub is_hidden: bool,
    /// `message.id` of the request that produced it.
    pub message_id: Option<String>,
    /// Its share of the request's tokens and money; `None` where no request is known to have produced it.
    pub share: Option<Totals>,
    /// Basis and amount of the share.
    pub cost: Option<Cost>,
    /// Size of the output in bytes.
    pub output_bytes: Option<i64>,
    /// What the guard answered before it ran; `None` where it was not asked.
    pub guard: Option<GuardDecision>,
    /// Alerts about it, or about the request that produced it.
    pub alert_ids: Vec<String>,
    /// The worst of them.
    pub worst_severity: Option<Severity>,
    /// Sources that told of it.
    pub sources: Sources,
}

/// One body of an event: the masked record as it was received.
#[derive(Clone, Debug, PartialEq)]
pub struct BodyRecord {
    /// `hook`, `transcript`, `file`.
    pub source: &'static str,
    /// `input` or `output`.
    pub part: &'static str,
    /// The masked text; `None` while it is still being archived, or after it was removed.
    pub text: Option<String>,
    /// When the text was removed because of its age.
    pub removed_at: Option<Timestamp>,
}

/// A model request as a whole, for an event's details.
#[derive(Clone, Debug, PartialEq)]
pub struct RequestRecord {
    /// `message.id`.
    pub message_id: String,
    /// `requestId`.
    pub request_id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// Tokens and money.
    pub totals: Totals,
    /// Amount and basis.
    pub cost: Option<Cost>,
    /// The usage that counts, as it was priced.
    pub usage: Option<UsageRecord>,
    /// When it was sent.
    pub sent_at: Option<Timestamp>,
    /// From sending to the end of the answer, by Claude Code's own measure.
    pub duration_ms: Option<i64>,
    /// From sending to the first token.
    pub ttft_ms: Option<i64>,
    /// What it was for, in the client's own word.
    pub query_source: Option<String>,
    /// It stands in no transcript: only telemetry told of it.
    pub is_hidden: bool,
    /// How many events share it.
    pub share_count: i64,
}

/// What a session's requests that stand in no transcript came to, for one purpose.
#[derive(Clone, Debug, PartialEq)]
pub struct HiddenRecord {
    /// What they were for, in the client's own word; `None` where it did not say.
    pub query_source: Option<String>,
    /// Tokens and money.
    pub totals: Totals,
}

/// Usage of one model over everything, as `argus import` prints it.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelTotals {
    /// The model.
    pub model: String,
    /// Its sums.
    pub totals: Totals,
}

/// A page of a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Give this to get the next page.
    pub next_cursor: Option<String>,
}

/// What is asked of the sessions list.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionQuery {
    /// At most so many.
    pub limit: u32,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Only this project's root, or its last folder name.
    pub project: Option<String>,
    /// Only sessions with a sign of life at or after this.
    pub since: Option<Timestamp>,
    /// Only sessions started before this.
    pub until: Option<Timestamp>,
    /// Only titles, branches, projects or ids that contain this.
    pub text: Option<String>,
    /// Only sessions in this state (applied to the page's rows by time, see the store).
    pub status: Option<SessionStatus>,
}

/// Events of one kind, or one half of the tool calls that have it (ADR 0019).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EventPart {
    /// Events of this kind, whole.
    Kind(EventKind),
    /// What tool calls gave back.
    Result,
    /// That tool calls began an agent.
    Spawn,
}

/// Which events of a session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventQuery {
    /// Only this agent's (empty: the main agent).
    pub agent_id: Option<String>,
    /// Only this turn's.
    pub prompt_id: Option<String>,
    /// Only events before the first prompt (`prompt_id` unknown).
    pub before_first_prompt: bool,
    /// Only failed ones.
    pub errors_only: bool,
    /// Also kinds that are no steps.
    pub all_kinds: bool,
    /// Only these.
    pub only: Option<EventPart>,
    /// Skip so many.
    pub offset: i64,
    /// At most so many.
    pub limit: i64,
}

/// A project and what it holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ProjectRecord {
    /// Its root.
    pub project: String,
    /// How many sessions.
    pub session_count: i64,
    /// Last sign of life.
    pub last_at: Option<Timestamp>,
    /// Money; no tokens.
    pub totals: Totals,
}

/// One source's health.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceHealth {
    /// `hook`, `transcript`, `file`.
    pub source: &'static str,
    /// Files (transcripts) or streams (hooks).
    pub source_count: i64,
    /// Bytes seen.
    pub size_bytes: i64,
    /// Bytes read into facts.
    pub read_bytes: i64,
    /// Bytes archived.
    pub archived_bytes: i64,
    /// Lines or records read.
    pub record_count: i64,
    /// Set aside.
    pub quarantine_count: i64,
    /// Valid but unknown to this version.
    pub unknown_count: i64,
    /// Last arrival.
    pub last_at: Option<Timestamp>,
}

/// When a session last worked of which telemetry told nothing although it is on since a while before; `None` where
/// nothing is amiss, or too little happened to say.
pub fn silent_since(sources: &[SourceHealth], since: Timestamp) -> Option<Timestamp> {
    const PATIENCE_US: i64 = 15 * 60 * 1_000_000;
    let last = |name: &str| sources.iter().find(|source| source.source == name).and_then(|source| source.last_at);
    let worked_at = last("hook").max(last("transcript"))?;
    let heard_at = last("otlp").max(Some(since))?;
    (worked_at.as_micros() - heard_at.as_micros() > PATIENCE_US).then_some(worked_at)
}

/// One record set aside.
#[derive(Clone, Debug, PartialEq)]
pub struct QuarantineRecord {
    /// From where: a path or a spool record's name.
    pub source: String,
    /// Where in it.
    pub offset: i64,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Timestamp,
    /// The masked beginning of it.
    pub excerpt: String,
}
