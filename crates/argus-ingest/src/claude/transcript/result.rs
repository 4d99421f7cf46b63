//! Tool results: how a call ended, what it gave back, which agent it spawned.

use argus_model::{AgentId, EventKey, EventKind, Evidence, First, Maximum};

use super::Context;
use crate::claude::spawn::link_spawned;
use crate::claude::text::Text;
use crate::claude::wire::{Block, Content, Line, ToolResult};
use crate::claude::{commit, label};
use crate::redact::Redactor;

impl Context<'_, '_> {
    pub(super) fn tool_result(&mut self, block: &Block<'_>) {
        let Some(id) = &block.tool_use_id else { return };
        let (line, at, body) = (self.line, self.at, self.body);
        let is_error = block.is_error == Some(true);
        let said = block.content.map_or("", |raw| raw.get());
        let mut evidence = if is_error { Evidence::RESULT_ERROR } else { Evidence::RESULT_OK };
        evidence = evidence.with(refusal(line, said, is_error));
        // Only results that link something are opened: most are large and link nothing.
        let links = line.tool_use_result.map(|raw| raw.get()).filter(|raw| {
            [r#""agentId""#, r#""backgroundTaskId""#, r#""async_launched""#].iter().any(|word| raw.contains(word))
        });
        let result: Option<ToolResult<'_>> = links.and_then(|raw| serde_json::from_str(raw).ok());
        let result = result.filter(ToolResult::has_plausible_names).unwrap_or_default();
        let is_async = result.status.as_ref().is_some_and(|status| status.as_str() == "async_launched");
        if is_async || result.background_task_id.is_some() {
            evidence = evidence.with(Evidence::BACKGROUND);
        }
        let error = is_error.then(|| first_words(said, self.redactor)).flatten();
        let commit = commit::of_output(said, self.redactor);
        let event = self.event(EventKey::new(id.as_str()), EventKind::ToolCall);
        event.evidence = event.evidence.with(evidence);
        event.ended_at.join(&First::of(1, at, at));
        event.output_ref.join(&First::of(0, at, body));
        if let Some(commit) = commit {
            event.commit_line.join(&First::of(0, at, commit));
        }
        event.output_bytes.join(&First::of(0, at, said.len() as i64));
        if let Some(error) = error {
            event.error.join(&First::of(0, at, error));
        }
        if let Some(child) = &result.agent_id {
            event.spawned_agent_id.join(&First::of(1, at, AgentId::new(child.as_str())));
            let parent = self.agent.clone();
            link_spawned(self.fold.agent(&self.session, &AgentId::new(child.as_str())), at, parent, id, &result);
        }
        if self.agent.is_main() {
            self.fold.session(&self.session).resumed_at.join(&Maximum::of(at));
        }
    }
}

/// Who refused a call, if anyone did.
fn refusal(line: &Line<'_>, said: &str, is_error: bool) -> Evidence {
    let by_words = is_error && said.contains("The user doesn't want to proceed with this tool use");
    let decision = line.permission_decision.as_ref().and_then(|told| told.decision.as_ref()).map(Text::as_str);
    match line.tool_denial_kind.as_ref().map(Text::as_str) {
        // With nobody to ask (print mode) the client writes the same kind, and whose decision it was.
        Some(_) if decision.is_some_and(|decision| decision == "reject") => Evidence::DENIED,
        Some("user-rejected") if line.tool_denial_before_run == Some(true) => Evidence::REJECTED,
        // Esc while the tool ran.
        Some("user-rejected") => Evidence::INTERRUPTED,
        Some(_) => Evidence::DENIED,
        None if by_words => Evidence::REJECTED,
        None if is_error && said.contains("<tool_use_error>") => Evidence::INVALID,
        None => Evidence::default(),
    }
}

/// The first words of a result, which is a text or a list of text blocks.
fn first_words(raw: &str, redactor: &Redactor) -> Option<String> {
    let content: Content<'_> = serde_json::from_str(raw).ok()?;
    match &content {
        Content::Plain(text) => label::of_text(text.as_str(), redactor),
        Content::Blocks(blocks) => label::of_text(blocks.iter().find_map(|b| b.text.as_ref())?.as_str(), redactor),
        Content::Nothing => None,
    }
}
