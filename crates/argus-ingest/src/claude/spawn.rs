//! The link from a spawning call to its child, whichever source brought the call's result.

use argus_model::agent::{AgentEnd, AgentKind, seen};
use argus_model::{AgentId, AgentState, First, Last, Timestamp, ToolUseId};

use super::text::Text;
use super::wire::ToolResult;

/// What a spawning call's result says of the child, whichever source brought it.
pub(crate) fn link_spawned(
    child: &mut AgentState,
    at: Timestamp,
    parent: AgentId,
    tool_use_id: &Text<'_>,
    result: &ToolResult<'_>,
) {
    child.seen |= seen::SPAWNED;
    child.parent_agent_id.join(&First::of(1, at, parent));
    child.tool_use_id.join(&First::of(1, at, ToolUseId::new(tool_use_id.as_str())));
    match result.status.as_ref().map(Text::as_str) {
        Some("completed") => child.ended.join(&Last::of(1, at, AgentEnd::Completed)),
        Some("teammate_spawned") => child.kind.join(&First::of(1, at, AgentKind::Teammate)),
        _ => {}
    }
    if let Some(kind) = result.agent_type.as_ref().filter(|kind| !kind.as_str().is_empty()) {
        child.agent_type.join(&First::of(1, at, kind.as_str().to_owned()));
    }
    if let Some(model) = &result.resolved_model {
        child.model.join(&Last::of(1, at, model.as_str().to_owned()));
    }
}
