//! The types of lines that clients write.

use super::LineMeaning;

/// What becomes of a line of a type.
pub(super) fn known(kind: &str) -> LineMeaning {
    const KNOWN: [&str; 31] = [
        "user",
        "assistant",
        "system",
        "attachment",
        "api-request",
        "api-request-shape",
        "api-request-blob",
        "cost-state",
        "queue-operation",
        "last-prompt",
        "tools-used",
        "mode",
        "permission-mode",
        "file-history-snapshot",
        "file-history-delta",
        "atis-latch",
        "agent-setting",
        "worktree-state",
        "relocated",
        "fork-context-ref",
        "progress",
        "summary",
        "ai-title",
        "custom-title",
        "agent-name",
        "agent-color",
        "pr-link",
        "frame-link",
        "rewind-pointer",
        "started",
        "result",
    ];
    let is_known = KNOWN.contains(&kind) || kind == "tag" || kind.starts_with("workflow-");
    if is_known { LineMeaning::Known } else { LineMeaning::Unknown }
}
