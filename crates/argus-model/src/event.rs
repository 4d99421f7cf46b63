//! Events: what happened in a session, each known by a natural key, so that a hook and a transcript that tell of
//! the same thing meet in one record.

use crate::{AgentId, EventKey, Evidence, First, MessageId, Minimum, PromptId, SessionId, Timestamp, ToolUseId};

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// A prompt by the person, or by the machine in the person's place.
    Prompt,
    /// One call to the model, with its text and thinking.
    ModelRequest,
    /// One tool use, from decision to result.
    ToolCall,
    /// The context was summarised.
    Compaction,
    /// The API failed or refused.
    Error,
    /// A retry after an API error.
    Retry,
    /// Claude Code notified the person.
    Notification,
    /// The person was asked for permission.
    PermissionRequest,
    /// A session began, was resumed, cleared or forked.
    SessionStart,
    /// A session ended.
    SessionEnd,
    /// A turn stopped.
    Stop,
    /// A notification about background work.
    TaskNotification,
    /// Any other hook event, by its name.
    Hook,
}

impl EventKind {
    /// All kinds.
    pub const ALL: [Self; 13] = [
        Self::Prompt,
        Self::ModelRequest,
        Self::ToolCall,
        Self::Compaction,
        Self::Error,
        Self::Retry,
        Self::Notification,
        Self::PermissionRequest,
        Self::SessionStart,
        Self::SessionEnd,
        Self::Stop,
        Self::TaskNotification,
        Self::Hook,
    ];

    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Prompt => "prompt",
            Self::ModelRequest => "model_request",
            Self::ToolCall => "tool_call",
            Self::Compaction => "compaction",
            Self::Error => "error",
            Self::Retry => "retry",
            Self::Notification => "notification",
            Self::PermissionRequest => "permission_request",
            Self::SessionStart => "session_start",
            Self::SessionEnd => "session_end",
            Self::Stop => "stop",
            Self::TaskNotification => "task_notification",
            Self::Hook => "hook",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|k| k.as_str() == word)
    }

    /// The small number stored in the database; never renumbered.
    pub fn code(self) -> i64 {
        Self::ALL.iter().position(|k| *k == self).map_or(-1, |i| i as i64)
    }

    /// The kind of that number.
    pub fn from_code(code: i64) -> Option<Self> {
        usize::try_from(code).ok().and_then(|i| Self::ALL.get(i).copied())
    }

    /// True for the kinds that stand as rows in the trace. Others are kept, and shown on demand.
    pub fn is_step(self) -> bool {
        !matches!(self, Self::Stop | Self::Hook | Self::PermissionRequest)
    }
}

/// Where a masked body stands: a source, and the offset of the line (or record) in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BodyRef {
    /// The number of the source.
    pub source_no: i64,
    /// Byte offset of the line in a transcript; arrival time in nanoseconds in a hook stream.
    pub offset: i64,
}

/// All that is known of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventState {
    /// Its session.
    pub session_id: SessionId,
    /// Its key in the session. A tool call's is its `tool_use_id`.
    pub key: EventKey,
    /// Its kind.
    pub kind: EventKind,
    /// Whose it is. Rank 0 told, 1 assumed (old clients' hooks name no agent).
    pub agent_id: First<AgentId>,
    /// The turn. Rank 0 told, 1 from the lines before.
    pub prompt_id: First<PromptId>,
    /// The tool, for tool calls; the hook event's name, for [`EventKind::Hook`].
    pub tool_name: First<String>,
    /// A short, masked line for lists.
    pub label: First<String>,
    /// When it began, by hook.
    pub hook_at: Minimum<Timestamp>,
    /// When it was written to the transcript.
    pub line_at: Minimum<Timestamp>,
    /// When it ended: rank 0 by hook, 1 by transcript.
    pub ended_at: First<Timestamp>,
    /// Duration told by Claude Code, without permission and hook time.
    pub duration_ms: First<i64>,
    /// Everything seen of it.
    pub evidence: Evidence,
    /// The model request that produced it.
    pub message_id: First<MessageId>,
    /// Hash of tool name and input, to match permission requests, which carry no `tool_use_id`.
    pub input_hash: First<i64>,
    /// The masked first line of an error.
    pub error: First<String>,
    /// Agent it spawned, for Agent calls.
    pub spawned_agent_id: First<AgentId>,
    /// Where the input (or the whole event) stands.
    pub input_ref: First<BodyRef>,
    /// Where the output stands.
    pub output_ref: First<BodyRef>,
    /// Size of the output in bytes as the model got it.
    pub output_bytes: First<i64>,
    /// The commit that its output tells of: hash and subject. It made one if it asked for one.
    pub commit_line: First<String>,
    /// Sources that told of it, see [`crate::record::Sources`].
    pub sources: u8,
}

impl EventState {
    /// An event of which only its name is known.
    pub fn new(session_id: SessionId, key: EventKey, kind: EventKind) -> Self {
        Self {
            session_id,
            key,
            kind,
            agent_id: First::default(),
            prompt_id: First::default(),
            tool_name: First::default(),
            label: First::default(),
            hook_at: Minimum::default(),
            line_at: Minimum::default(),
            ended_at: First::default(),
            duration_ms: First::default(),
            evidence: Evidence::default(),
            message_id: First::default(),
            input_hash: First::default(),
            error: First::default(),
            spawned_agent_id: First::default(),
            input_ref: First::default(),
            output_ref: First::default(),
            output_bytes: First::default(),
            commit_line: First::default(),
            sources: 0,
        }
    }

    /// The key of a tool call.
    pub fn tool_key(tool_use_id: &ToolUseId) -> EventKey {
        EventKey::new(tool_use_id.as_str())
    }

    /// The key of a model request's event.
    pub fn request_key(message_id: &MessageId) -> EventKey {
        EventKey::new(format!("m.{message_id}"))
    }

    /// The message id in the key of a request's event, if the request is one that telemetry made known.
    pub fn reported_message(key: &EventKey) -> Option<&str> {
        key.as_str().strip_prefix("m.").filter(|message| message.starts_with(crate::request::REPORTED))
    }

    /// When it began, as well as is known: by hook, else by transcript.
    pub fn started_at(&self) -> Option<Timestamp> {
        self.hook_at.value().or(self.line_at.value())
    }

    /// Takes `other` in.
    pub fn join(&mut self, other: &Self) {
        self.kind = self.kind.min(other.kind);
        self.agent_id.join(&other.agent_id);
        self.prompt_id.join(&other.prompt_id);
        self.tool_name.join(&other.tool_name);
        self.label.join(&other.label);
        self.hook_at.join(&other.hook_at);
        self.line_at.join(&other.line_at);
        self.ended_at.join(&other.ended_at);
        self.duration_ms.join(&other.duration_ms);
        self.evidence = self.evidence.with(other.evidence);
        self.message_id.join(&other.message_id);
        self.input_hash.join(&other.input_hash);
        self.error.join(&other.error);
        self.spawned_agent_id.join(&other.spawned_agent_id);
        self.input_ref.join(&other.input_ref);
        self.output_ref.join(&other.output_ref);
        self.output_bytes.join(&other.output_bytes);
        self.commit_line.join(&other.commit_line);
        self.sources |= other.sources;
    }
}

/// How long the hooks of one moment took, all together, as telemetry tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HookTime {
    /// In which session.
    pub session_id: SessionId,
    /// In which turn, where that is told.
    pub prompt_id: Option<PromptId>,
    /// Its place in the session's stream, by which it is known.
    pub offset: i64,
    /// How many hooks ran.
    pub hook_count: i64,
    /// How long they took.
    pub duration_ms: i64,
}
