//! Which single requests a question means that sums cannot answer.

use super::SpendQuery;

/// Requests by time, project and session as for sums, and by agent and model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct UsageQuery {
    /// As for sums, so that both come to the same money.
    pub spend: SpendQuery,
    /// Only this agent of the session, empty for the main agent; `None` for all.
    pub agent_id: Option<String>,
    /// Only this model, as it stands in the answers.
    pub model: Option<String>,
}
