//! Agents.

use argus_model::agent::AgentKind;
use argus_model::record;
use serde::Serialize;
use utoipa::ToSchema;

use super::time::utc;
use super::{AgentEndWord, AgentKindWord, Sums, UsageTold, Utc, agent_word};

/// An agent of a session.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = AgentRecord)]
pub struct Agent {
    /// Its id; `main` for the main agent.
    pub agent_id: String,
    /// Who spawned it; unknown for orphans, none for the main agent.
    pub parent_agent_id: Option<String>,
    /// The session it belongs to, for agents that some agent of it spawned.
    pub parent_session_id: Option<String>,
    /// `Explore`, `general-purpose`, …
    pub agent_type: Option<String>,
    /// What it was asked.
    pub description: Option<String>,
    /// Its kind.
    pub kind: AgentKindWord,
    /// The tool call that spawned it.
    pub tool_use_id: Option<String>,
    /// The turn it was spawned in.
    pub prompt_id: Option<String>,
    /// 0 for the main agent; `null` where the way up is unknown.
    pub depth: Option<i64>,
    /// Model.
    pub model: Option<String>,
    /// First sign of life.
    pub started_at: Option<Utc>,
    /// Last sign of life.
    pub last_at: Option<Utc>,
    /// How it ended.
    pub end: Option<AgentEndWord>,
    /// No way up is known, and none will come.
    pub is_orphan: bool,
    /// Position of the spawning call among the steps of its parent's thread.
    pub spawn_index: Option<i64>,
    /// Steps of its own.
    pub step_count: i64,
    /// Tool calls of its own.
    pub tool_call_count: i64,
    /// Errors of its own.
    pub error_count: i64,
    /// Tokens and money of its own requests.
    pub own: Sums,
    /// The same with all agents below it.
    pub subtree: Sums,
}

impl Agent {
    /// An agent of that session.
    pub fn new(record: record::AgentRecord, session_id: &str, told: UsageTold) -> Self {
        Self {
            parent_session_id: (record.kind != AgentKind::Main).then(|| session_id.to_owned()),
            agent_id: agent_word(record.agent_id),
            parent_agent_id: record.parent_agent_id.map(agent_word),
            agent_type: record.agent_type,
            description: record.description,
            kind: record.kind.into(),
            tool_use_id: record.tool_use_id,
            prompt_id: record.prompt_id,
            depth: record.depth,
            model: record.model,
            started_at: utc(record.started_at),
            last_at: utc(record.last_at),
            end: record.end.map(Into::into),
            is_orphan: record.is_orphan,
            spawn_index: record.spawn_index,
            step_count: record.step_count,
            tool_call_count: record.tool_call_count,
            error_count: record.error_count,
            own: Sums::new(&record.own, told),
            subtree: Sums::new(&record.subtree, told),
        }
    }
}
