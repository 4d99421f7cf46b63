//! A session's money by agent and tool.

use argus_model::record;
use serde::Serialize;
use utoipa::ToSchema;

use super::{Sums, Usage, UsageTold, agent_word};

/// A part of a session's money: what an agent's calls of one tool carried, or the rest of its requests.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionPart {
    /// The agent.
    pub agent_id: String,
    /// The tool; empty where it is unknown, `(model text)` for what no call carries: text, thinking, the server's tools.
    pub tool_name: String,
    /// Its share of the agent's requests.
    #[serde(flatten)]
    pub usage: Usage,
}

impl From<record::SessionPart> for SessionPart {
    fn from(part: record::SessionPart) -> Self {
        let usage = Sums::new(&part.totals, UsageTold::Yes).usage;
        Self { agent_id: agent_word(part.agent_id), tool_name: part.tool_name, usage }
    }
}

/// A session's money in its parts, which sum exactly to it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionPartList {
    /// By agent and tool.
    pub parts: Vec<SessionPart>,
}
