//! An agent's `.meta.json`: the exact link from an agent to its parent and to the call that spawned it.

use argus_model::agent::{AgentEnd, AgentKind, seen};
use argus_model::{AgentId, AgentState, First, Last, SessionId, Timestamp, ToolUseId};

use super::wire::AgentMeta;
use super::{label, text};
use crate::redact::Redactor;

/// What the sidecar says. `modified_at` is the file's time; the record itself has none.
pub(crate) fn normalize(
    bytes: &[u8],
    session: &SessionId,
    agent: &AgentId,
    modified_at: Timestamp,
    redactor: &Redactor,
) -> Option<AgentState> {
    let decoded = text::decode(bytes);
    let meta: AgentMeta<'_> = serde_json::from_str(&decoded).ok()?;
    if !meta.has_plausible_names() {
        return None;
    }
    let mut state = AgentState::new(session.clone(), agent.clone());
    state.seen = seen::META;
    let at = modified_at;
    let is_teammate = meta.task_kind.as_ref().is_some_and(|kind| kind.as_str() == "in_process_teammate");
    match &meta.parent_agent_id {
        Some(parent) => state.parent_agent_id = First::of(0, at, AgentId::new(parent.as_str())),
        // Only clients that write the depth leave the parent out on purpose.
        None if meta.spawn_depth.is_some_and(|depth| depth <= 1) => {
            state.parent_agent_id = First::of(0, at, AgentId::main());
        }
        None => {}
    }
    if let Some(id) = &meta.tool_use_id {
        state.tool_use_id = First::of(0, at, ToolUseId::new(id.as_str()));
    }
    if let Some(kind) = meta.agent_type.as_ref().filter(|kind| !kind.as_str().is_empty()) {
        state.agent_type = First::of(0, at, kind.as_str().to_owned());
    }
    if let Some(description) = meta.description.as_ref().and_then(|d| label::of_text(d.as_str(), redactor)) {
        state.description = First::of(0, at, description);
    }
    let kind =
        if is_teammate { Some(AgentKind::Teammate) } else { meta.is_fork.unwrap_or(false).then_some(AgentKind::Fork) };
    if let Some(kind) = kind {
        state.kind = First::of(0, at, kind);
    }
    if meta.finished == Some(true) {
        state.ended = Last::of(1, at, AgentEnd::Completed);
    }
    Some(state)
}
