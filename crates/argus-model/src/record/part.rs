//! A session's money in its parts: by agent, and by the tool whose calls the requests made.

use crate::Totals;

/// One part. All parts of a session sum exactly to it.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionPart {
    /// The agent; empty for the main agent.
    pub agent_id: String,
    /// The tool; empty where it is unknown, [`MODEL_TEXT`](super::MODEL_TEXT) for what no call carries.
    pub tool_name: String,
    /// Shares of requests, or what they leave of the agent's requests.
    pub totals: Totals,
}
