//! An agent: the main one or a subagent, to any depth.

use crate::{AgentId, First, Last, Maximum, Minimum, PromptId, SessionId, Timestamp, ToolUseId};

/// What kind of agent it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentKind {
    /// The session's own agent.
    Main,
    /// Spawned by the Agent (formerly Task) tool.
    Subagent,
    /// A copy of its parent's context.
    Fork,
    /// A named member of an agent team.
    Teammate,
    /// Spawned by a workflow.
    Workflow,
}

impl AgentKind {
    /// The word used in JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Main => "main",
            Self::Subagent => "subagent",
            Self::Fork => "fork",
            Self::Teammate => "teammate",
            Self::Workflow => "workflow",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Main, Self::Subagent, Self::Fork, Self::Teammate, Self::Workflow]
            .into_iter()
            .find(|k| k.as_str() == word)
    }
}

/// How an agent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AgentEnd {
    /// It gave its report.
    Completed,
    /// It was stopped by TaskStop or by the person.
    Killed,
    /// It failed.
    Failed,
}

impl AgentEnd {
    /// The word used in JSON and SQL.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Completed => "completed",
            Self::Killed => "killed",
            Self::Failed => "failed",
        }
    }

    /// The end of that word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Completed, Self::Killed, Self::Failed].into_iter().find(|k| k.as_str() == word)
    }
}

/// Sightings that make an agent real. Compaction and agent-type hooks fire a SubagentStop under ids that never
/// were agents: those have no other sighting and stay hidden.
pub mod seen {
    /// SubagentStart.
    pub const STARTED: u32 = 1;
    /// A SubagentStop with an agent type.
    pub const STOPPED: u32 = 1 << 1;
    /// A SubagentStop without an agent type.
    pub const STOPPED_UNTYPED: u32 = 1 << 2;
    /// Its transcript.
    pub const TRANSCRIPT: u32 = 1 << 3;
    /// Its `.meta.json`.
    pub const META: u32 = 1 << 4;
    /// A spawning tool call's result named it.
    pub const SPAWNED: u32 = 1 << 5;
    /// Something happened inside it.
    pub const ACTED: u32 = 1 << 6;
    /// All but the untyped stop.
    pub const REAL: u32 = STARTED | STOPPED | TRANSCRIPT | META | SPAWNED | ACTED;
}

/// All that is known of an agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentState {
    /// Its session.
    pub session_id: SessionId,
    /// Its id; empty for the main agent.
    pub agent_id: AgentId,
    /// Sightings, see [`seen`].
    pub seen: u32,
    /// Who spawned it (empty: the main agent). Rank 0 meta.json, 1 tool results and hooks.
    pub parent_agent_id: First<AgentId>,
    /// The tool call that spawned it.
    pub tool_use_id: First<ToolUseId>,
    /// The turn it was spawned in.
    pub prompt_id: First<PromptId>,
    /// `Explore`, `general-purpose`, a teammate's name.
    pub agent_type: First<String>,
    /// What it was asked, in a few words.
    pub description: First<String>,
    /// The kind.
    pub kind: First<AgentKind>,
    /// The model that answered it last.
    pub model: Last<String>,
    /// Its own transcript's last known cwd, when it differs (worktree isolation).
    pub cwd: First<String>,
    /// First sign of life.
    pub started_at: Minimum<Timestamp>,
    /// Last sign of life.
    pub last_at: Maximum<Timestamp>,
    /// Its end.
    pub ended: Last<AgentEnd>,
    /// The last moment after which a call still open in this thread cannot be running.
    pub boundary_at: Maximum<Timestamp>,
}

impl AgentState {
    /// An agent of which nothing is known yet.
    pub fn new(session_id: SessionId, agent_id: AgentId) -> Self {
        Self {
            session_id,
            agent_id,
            seen: 0,
            parent_agent_id: First::default(),
            tool_use_id: First::default(),
            prompt_id: First::default(),
            agent_type: First::default(),
            description: First::default(),
            kind: First::default(),
            model: Last::default(),
            cwd: First::default(),
            started_at: Minimum::default(),
            last_at: Maximum::default(),
            ended: Last::default(),
            boundary_at: Maximum::default(),
        }
    }

    /// Marks life at `at`.
    pub fn alive_at(&mut self, at: Timestamp) {
        self.started_at.join(&Minimum::of(at));
        self.last_at.join(&Maximum::of(at));
    }

    /// Takes `other` in.
    pub fn join(&mut self, other: &Self) {
        self.seen |= other.seen;
        self.parent_agent_id.join(&other.parent_agent_id);
        self.tool_use_id.join(&other.tool_use_id);
        self.prompt_id.join(&other.prompt_id);
        self.agent_type.join(&other.agent_type);
        self.description.join(&other.description);
        self.kind.join(&other.kind);
        self.model.join(&other.model);
        self.cwd.join(&other.cwd);
        self.started_at.join(&other.started_at);
        self.last_at.join(&other.last_at);
        self.ended.join(&other.ended);
        self.boundary_at.join(&other.boundary_at);
    }
}
