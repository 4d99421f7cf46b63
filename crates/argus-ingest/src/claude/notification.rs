//! Task notifications: the machine-made prompts that tell how background work ended.

use argus_model::Evidence;
use argus_model::agent::AgentEnd;

use super::label::between;
use super::wire::LONGEST_NAME_BYTES;

/// What a `<task-notification>` says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TaskNotification<'a> {
    pub(crate) task_id: Option<&'a str>,
    pub(crate) tool_use_id: Option<&'a str>,
    pub(crate) status: Option<&'a str>,
    pub(crate) summary: Option<&'a str>,
}

/// Reads a notification, if the text is one.
pub(crate) fn parse(text: &str) -> Option<TaskNotification<'_>> {
    if !text.trim_start().starts_with("<task-notification>") {
        return None;
    }
    let field = |name: &str| between(text, &format!("<{name}>"), &format!("</{name}>")).filter(|f| !f.is_empty());
    let word = |name: &str| field(name).filter(|word| word.len() <= LONGEST_NAME_BYTES);
    Some(TaskNotification {
        task_id: word("task-id"),
        tool_use_id: word("tool-use-id"),
        status: word("status"),
        summary: field("summary"),
    })
}

impl TaskNotification<'_> {
    /// What it shows of the call that began the work.
    pub(crate) fn evidence(&self) -> Evidence {
        match self.status {
            Some("completed") => Evidence::BACKGROUND.with(Evidence::BACKGROUND_DONE),
            Some("failed") => Evidence::BACKGROUND.with(Evidence::BACKGROUND_FAILED),
            Some("killed" | "stopped") => Evidence::BACKGROUND.with(Evidence::INTERRUPTED),
            _ => Evidence::BACKGROUND,
        }
    }

    /// The agent whose end it tells: background shells have other ids.
    pub(crate) fn agent(&self) -> Option<(&str, AgentEnd)> {
        let id = self.task_id.filter(|id| is_agent_id(id))?;
        match self.status {
            Some("completed") => Some((id, AgentEnd::Completed)),
            Some("failed") => Some((id, AgentEnd::Failed)),
            Some("killed" | "stopped") => Some((id, AgentEnd::Killed)),
            _ => None,
        }
    }
}

fn is_agent_id(id: &str) -> bool {
    id.len() >= 7 && id.starts_with('a') && id[1..].bytes().all(|b| b.is_ascii_hexdigit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_killed_agent_is_told_from_a_finished_shell() {
        let text = "<task-notification>\n<task-id>a8d598b984a4e9ff4</task-id>\n<tool-use-id>toolu_1</tool-use-id>\n<status>killed</status></task-notification>";
        let note = parse(text).unwrap();
        assert_eq!(note.agent(), Some(("a8d598b984a4e9ff4", AgentEnd::Killed)));
        assert!(note.evidence().has(Evidence::INTERRUPTED));
        let shell =
            "<task-notification><task-id>binjq4iag</task-id><tool-use-id>t</tool-use-id><status>completed</status>";
        assert_eq!(parse(shell).unwrap().agent(), None);
        assert_eq!(parse("what does <task-notification> mean?"), None);
    }
}
