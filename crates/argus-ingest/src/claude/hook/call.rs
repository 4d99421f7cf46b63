//! Hooks about one tool call: asked, begun, ended, refused.

use argus_model::session::Waiting;
use argus_model::{AgentId, EventKind, EventState, Evidence, First, Last, Minimum, ToolUseId};

use super::Hook;
use crate::claude::commit;
use crate::claude::input::ToolInput;
use crate::claude::label;
use crate::claude::spawn::link_spawned;
use crate::claude::text::{self, Text};
use crate::claude::wire::{BatchedCall, HookPayload, ToolResult};
use crate::judge::{Judged, Site};

impl Hook<'_, '_> {
    /// The tool call this payload is about, if it names one. Its begin is told by PreToolUse alone.
    fn call(&mut self, id: &Text<'_>, name: Option<&Text<'_>>, input: Option<&ToolInput<'_>>) -> &mut EventState {
        let at = self.envelope.at;
        let label = label::of_input(name.map_or("", Text::as_str), input, self.redactor);
        let id = ToolUseId::new(id.as_str());
        let begin = self.fold.event(&self.session, EventState::tool_key(&id), EventKind::ToolCall).hook_at;
        let event = self.event(EventState::tool_key(&id), EventKind::ToolCall);
        event.hook_at = begin;
        commit::note_input(event, input);
        if let Some(name) = name {
            event.tool_name.join(&First::of(0, at, name.as_str().to_owned()));
        }
        if let Some(label) = label {
            event.label.join(&First::of(1, at, label));
        }
        event
    }

    pub(super) fn pre_tool_use(&mut self) {
        let p = self.payload;
        let Some(id) = &p.tool_use_id else { return self.other("PreToolUse", p.tool_name.as_ref()) };
        let (at, hash) = (self.envelope.at, input_hash(p));
        let input = p.tool_input.map(ToolInput::new);
        let event = self.call(id, p.tool_name.as_ref(), input.as_ref());
        event.hook_at.join(&Minimum::of(at));
        event.evidence = event.evidence.with(Evidence::STARTED);
        event.input_hash.join(&First::of(0, at, hash));
        self.judge_call(id, input.as_ref());
    }

    /// Holds the call against the rules, before it runs.
    fn judge_call(&mut self, id: &Text<'_>, input: Option<&ToolInput<'_>>) {
        let (p, at) = (self.payload, self.envelope.at);
        let tool = p.tool_name.as_ref().map_or("", Text::as_str);
        let site = Site {
            told_dir: self.envelope.told_dir.as_deref(),
            first_cwd: None,
            cwd: p.cwd.as_ref().map(Text::as_str),
        };
        let (agent, key) =
            (self.agent.clone().unwrap_or_else(AgentId::main), EventState::tool_key(&ToolUseId::new(id.as_str())));
        let call = Judged { session: &self.session, agent: &agent, key, tool, input, at, rank: 0 };
        self.judge.judge_call(&call, site, self.redactor, self.fold);
    }

    pub(super) fn post_tool_use(&mut self) {
        let p = self.payload;
        let has_failed = p.hook_event_name.as_ref().is_some_and(|name| name.as_str() == "PostToolUseFailure");
        let Some(id) = &p.tool_use_id else { return self.other("PostToolUse", p.tool_name.as_ref()) };
        let (at, body) = (self.envelope.at, self.envelope.body);
        let error = p.error.as_ref().and_then(|error| label::of_text(error.as_str(), self.redactor));
        let result = p.tool_response.and_then(|raw| serde_json::from_str::<ToolResult<'_>>(raw.get()).ok());
        let result = result.filter(ToolResult::has_plausible_names).unwrap_or_default();
        let size = p.tool_response.map(|raw| raw.get().len() as i64);
        let commit = p.tool_response.and_then(|raw| commit::of_output(raw.get(), self.redactor));
        let input = p.tool_input.map(ToolInput::new);
        let event = self.call(id, p.tool_name.as_ref(), input.as_ref());
        event.evidence = event.evidence.with(if has_failed { Evidence::FAILED } else { Evidence::SUCCEEDED });
        if p.is_interrupt == Some(true) {
            event.evidence = event.evidence.with(Evidence::INTERRUPTED);
        }
        event.ended_at.join(&First::of(0, at, at));
        if let Some(duration_ms) = p.duration_ms {
            event.duration_ms.join(&First::of(0, at, duration_ms));
        }
        if let Some(error) = error {
            event.error.join(&First::of(1, at, error));
        }
        event.output_ref.join(&First::of(1, at, body));
        if let Some(commit) = commit {
            event.commit_line.join(&First::of(0, at, commit));
        }
        if let Some(size) = size {
            event.output_bytes.join(&First::of(1, at, size));
        }
        let is_background = result.background_task_id.is_some()
            || result.status.as_ref().is_some_and(|status| status.as_str() == "async_launched");
        if is_background {
            event.evidence = event.evidence.with(Evidence::BACKGROUND);
        }
        if let Some(child) = &result.agent_id {
            event.spawned_agent_id.join(&First::of(0, at, AgentId::new(child.as_str())));
            self.spawned(id, &result);
        }
        self.resumed();
    }

    /// PostToolUse(Agent) links the child to the agent that called, exactly.
    fn spawned(&mut self, id: &Text<'_>, result: &ToolResult<'_>) {
        let Some(child) = &result.agent_id else { return };
        let at = self.envelope.at;
        let parent = self.agent.clone().unwrap_or_else(AgentId::main);
        let prompt = self.prompt_id();
        link_spawned(self.fold.agent(&self.session, &AgentId::new(child.as_str())), at, parent, id, result);
        if let Some(prompt) = prompt {
            self.fold.agent(&self.session, &AgentId::new(child.as_str())).prompt_id.join(&First::of(1, at, prompt));
        }
    }

    pub(super) fn post_tool_batch(&mut self) {
        let at = self.envelope.at;
        for BatchedCall { tool_name, tool_input, tool_use_id } in self.payload.tool_calls.iter().flatten() {
            let Some(id) = tool_use_id else { continue };
            let event = self.call(id, tool_name.as_ref(), tool_input.map(ToolInput::new).as_ref());
            event.evidence = event.evidence.with(Evidence::BATCHED);
            event.ended_at.join(&First::of(2, at, at));
        }
        self.resumed();
    }

    pub(super) fn permission_denied(&mut self) {
        let p = self.payload;
        let Some(id) = &p.tool_use_id else { return self.other("PermissionDenied", p.tool_name.as_ref()) };
        let at = self.envelope.at;
        let reason = p.reason.as_ref().and_then(|reason| label::of_text(reason.as_str(), self.redactor));
        let input = p.tool_input.map(ToolInput::new);
        let event = self.call(id, p.tool_name.as_ref(), input.as_ref());
        event.evidence = event.evidence.with(Evidence::DENIED);
        event.ended_at.join(&First::of(1, at, at));
        if let Some(reason) = reason {
            event.error.join(&First::of(1, at, reason));
        }
    }

    pub(super) fn permission_request(&mut self) {
        let (p, at) = (self.payload, self.envelope.at);
        let tool = p.tool_name.as_ref().map_or("", Text::as_str);
        let label = label::of_input(tool, p.tool_input.map(ToolInput::new).as_ref(), self.redactor).unwrap_or_default();
        let kind = match tool {
            "AskUserQuestion" => "question",
            "ExitPlanMode" => "plan",
            _ => "permission",
        };
        let waiting = Waiting { kind: kind.into(), text: format!("{tool}  {label}").trim_end().to_owned() };
        self.fold.session(&self.session).waiting.join(&Last::of(0, at, waiting));
        let (name, hash) = (p.tool_name.as_ref().map(|name| name.as_str().to_owned()), input_hash(p));
        let event = self.own_event("q", EventKind::PermissionRequest);
        event.input_hash.join(&First::of(0, at, hash));
        if let Some(name) = name {
            event.tool_name.join(&First::of(0, at, name));
        }
        event.label.join(&First::of(0, at, label));
    }
}

fn input_hash(payload: &HookPayload<'_>) -> i64 {
    let name = payload.tool_name.as_ref().map_or("", Text::as_str);
    let input = payload.tool_input.map_or("", |input| input.get());
    text::hash(&[name.as_bytes(), input.as_bytes()])
}
