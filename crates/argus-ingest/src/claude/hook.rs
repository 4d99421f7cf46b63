//! What a hook's payload means.
//!
//! Hooks tell first and tell times exactly; transcripts tell later and tell more. Facts here use ranks so that where
//! both tell the same thing the better source counts (claude-code-measured, sections 2 and 5).

use argus_model::agent::{AgentEnd, seen};
use argus_model::record::Sources;
use argus_model::session::{Process, StopState, Waiting};
use argus_model::{
    AgentId, BodyRef, EventKey, EventKind, EventState, Evidence, First, Last, Maximum, Minimum, PromptId, SessionId,
    SessionState, StatusTotal, Timestamp,
};

use super::dollars::picousd;
use super::fold::Fold;
use super::label;
use super::notification;
use super::text::Text;
use super::wire::HookPayload;
use crate::judge::Judge;
use crate::project::rank;
use crate::redact::Redactor;

mod call;
mod guard;

/// What the envelope adds to the payload.
#[derive(Clone, Debug)]
pub(crate) struct Envelope<'a> {
    /// The record's own name: the key of events that only this record tells of.
    pub(crate) name: &'a str,
    pub(crate) at: Timestamp,
    pub(crate) body: BodyRef,
    pub(crate) process: Option<Process>,
    /// Root of the project, after worktrees were led back to their main repository.
    pub(crate) project: Option<String>,
    /// The folder that Claude Code named as the project's, as it named it.
    pub(crate) told_dir: Option<String>,
    pub(crate) entrypoint: Option<String>,
}

/// Whether the payload's meaning was known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Known {
    Yes,
    No,
}

/// One payload being understood.
struct Hook<'a, 'b> {
    payload: &'a HookPayload<'a>,
    envelope: &'a Envelope<'a>,
    session: SessionId,
    agent: Option<AgentId>,
    judge: &'a Judge,
    redactor: &'a Redactor,
    fold: &'b mut Fold,
}

/// Folds in all that a payload tells. `None` when it names no session.
pub(crate) fn normalize(
    payload: &HookPayload<'_>,
    envelope: &Envelope<'_>,
    judge: &Judge,
    redactor: &Redactor,
    fold: &mut Fold,
) -> Option<Known> {
    let session = SessionId::new(payload.session_id.as_ref()?.as_str());
    let agent = payload.agent_id.as_ref().map(|id| AgentId::new(id.as_str()));
    if payload.hook_event_name.as_ref().is_some_and(|name| name.as_str() == STATUS_LINE) {
        return status_line(payload, session, envelope.at, fold);
    }
    let mut hook = Hook { payload, envelope, session, agent, judge, redactor, fold };
    hook.session_facts();
    Some(hook.dispatch())
}

/// The name under which our status line hands over what it was given.
const STATUS_LINE: &str = "ArgusStatusLine";

/// No hook of Claude Code's: it says nothing of the session but its money.
fn status_line(payload: &HookPayload<'_>, session_id: SessionId, at: Timestamp, fold: &mut Fold) -> Option<Known> {
    let total = picousd(payload.total_cost_usd?.get().parse().ok()?)?;
    let runs_ms = payload.total_duration_ms?.get().parse::<f64>().ok().filter(|ms| (0.0..1e15).contains(ms))?;
    fold.status_total(StatusTotal { session_id, at, total, runs_ms: runs_ms as i64 });
    Some(Known::Yes)
}

impl Hook<'_, '_> {
    fn dispatch(&mut self) -> Known {
        let name = self.payload.hook_event_name.as_ref().map_or("", Text::as_str).to_owned();
        match name.as_str() {
            "PreToolUse" => self.pre_tool_use(),
            "PostToolUse" | "PostToolUseFailure" => self.post_tool_use(),
            "PostToolBatch" => self.post_tool_batch(),
            "PermissionDenied" => self.permission_denied(),
            "PermissionRequest" => self.permission_request(),
            "UserPromptSubmit" => self.user_prompt_submit(),
            "SessionStart" if self.agent.is_none() => self.session_start(),
            "SessionEnd" => self.session_end(),
            "Stop" => self.stop(0),
            "StopFailure" => self.stop_failure(),
            "SubagentStart" => self.subagent_start(),
            "SubagentStop" => self.subagent_stop(),
            "ArgusGuard" => self.guard_decided(),
            "Notification" => self.notification(),
            "Elicitation" => self.elicitation(),
            "ElicitationResult" => {
                self.resumed();
                self.other(&name, self.payload.mcp_server_name.as_ref());
            }
            _ => return self.rest(&name),
        }
        Known::Yes
    }

    fn rest(&mut self, name: &str) -> Known {
        let p = self.payload;
        let told = match name {
            "SessionStart" => &p.source,
            "PreCompact" | "PostCompact" | "Setup" => &p.trigger,
            "PreModelSwitch" | "PostModelSwitch" => &p.to_model,
            "ConfigChange" | "InstructionsLoaded" | "FileChanged" => &p.file_path,
            "CwdChanged" => &p.new_cwd,
            "TaskCreated" | "TaskCompleted" => &p.task_subject,
            "UserPromptExpansion" => &p.prompt,
            "DirectoryAdded" => {
                self.folder_added();
                &p.directory
            }
            "TeammateIdle" | "WorktreeCreate" | "WorktreeRemove" | "MessageDisplay" => &None,
            _ => {
                self.other(name, None);
                return Known::No;
            }
        };
        self.other(name, told.as_ref());
        Known::Yes
    }

    /// A person made a folder part of the session.
    fn folder_added(&mut self) {
        let Some(folder) = self.payload.directory.as_ref().map(Text::as_str) else { return };
        if folder.starts_with('/') {
            self.judge.add_folder(&self.session, folder);
            self.fold.folder(&self.session, self.redactor.redact_path(folder).into_owned());
        }
    }

    /// What every payload tells.
    fn session_facts(&mut self) {
        let (p, at) = (self.payload, self.envelope.at);
        let is_main = self.agent.is_none();
        let session = self.fold.session(&self.session);
        session.sources |= Sources::HOOK;
        session.alive_at(at);
        if let Some(project) = &self.envelope.project {
            session.project.join(&First::of(rank::TOLD, at, project.clone()));
        }
        if let Some(cwd) = &p.cwd {
            session.cwd.join(&First::of(0, at, cwd.as_str().to_owned()));
        }
        if let Some(process) = self.envelope.process {
            session.process.join(&Last::of(0, at, process));
        }
        if let Some(entrypoint) = &self.envelope.entrypoint {
            session.entrypoint.join(&First::of(0, at, entrypoint.clone()));
        }
        if let Some(mode) = p.permission_mode.as_ref().filter(|_| is_main) {
            session.permission_mode.join(&Last::of(0, at, mode.as_str().to_owned()));
        }
        let is_stop = p.hook_event_name.as_ref().is_some_and(|name| name.as_str() == "SubagentStop");
        if let Some(agent) = self.agent.clone().filter(|_| !is_stop) {
            let state = self.fold.agent(&self.session, &agent);
            state.seen |= seen::ACTED;
            state.alive_at(at);
            if let Some(kind) = p.agent_type.as_ref().filter(|kind| !kind.as_str().is_empty()) {
                state.agent_type.join(&First::of(1, at, kind.as_str().to_owned()));
            }
        }
    }

    fn prompt_id(&self) -> Option<PromptId> {
        self.payload.prompt_id.as_ref().map(|id| PromptId::new(id.as_str()))
    }

    /// An event that only this record tells of.
    fn own_event(&mut self, prefix: &str, kind: EventKind) -> &mut EventState {
        self.event(EventKey::new(format!("{prefix}.{}", self.envelope.name)), kind)
    }

    fn event(&mut self, key: EventKey, kind: EventKind) -> &mut EventState {
        let (at, body) = (self.envelope.at, self.envelope.body);
        // Old clients' hooks name no agent inside subagents: saying nothing is a weak claim to be the main agent.
        let agent = self.agent.clone().map_or_else(|| First::of(1, at, AgentId::main()), |id| First::of(0, at, id));
        let prompt = self.prompt_id();
        let event = self.fold.event(&self.session, key, kind);
        event.sources |= Sources::HOOK;
        event.hook_at.join(&Minimum::of(at));
        event.agent_id.join(&agent);
        if let Some(prompt) = prompt {
            event.prompt_id.join(&First::of(0, at, prompt));
        }
        event.input_ref.join(&First::of(1, at, body));
        event
    }

    fn user_prompt_submit(&mut self) {
        let at = self.envelope.at;
        let prompt = self.payload.prompt.as_ref().map_or("", Text::as_str);
        if let Some(note) = notification::parse(prompt) {
            self.prompted(false);
            let prompt = self.prompt_id();
            return note_facts(
                self.fold,
                &self.session,
                &note,
                At::Hook(at, self.envelope.body),
                prompt,
                self.redactor,
            );
        }
        self.prompted(true);
        let label = label::of_prompt(prompt, self.redactor);
        if let Some(label) = label.clone() {
            self.fold.session(&self.session).title.join(&SessionState::prompt_title(at, label));
        }
        // Without an id the transcript's line, which follows at once, is the only name the prompt has.
        let Some(prompt_id) = self.prompt_id() else { return };
        let event = self.event(EventKey::new(format!("p.{prompt_id}")), EventKind::Prompt);
        event.evidence = event.evidence.with(Evidence::HUMAN);
        if let Some(label) = label {
            event.label.join(&First::of(1, at, label));
        }
    }

    fn prompted(&mut self, is_human: bool) {
        let at = self.envelope.at;
        let session = self.fold.session(&self.session);
        session.prompted_at.join(&Maximum::of(at));
        session.resumed_at.join(&Maximum::of(at));
        if is_human {
            self.fold.agent(&self.session, &AgentId::main()).boundary_at.join(&Maximum::of(at));
        }
    }

    fn resumed(&mut self) {
        let at = self.envelope.at;
        self.fold.session(&self.session).resumed_at.join(&Maximum::of(at));
    }

    fn session_start(&mut self) {
        let at = self.envelope.at;
        let (source, model) = (self.payload.source.as_ref(), self.payload.model.as_ref());
        let session = self.fold.session(&self.session);
        // Compaction starts no session anew: an end that came before it stays an end.
        session.entered_at.join(&Maximum::of(at));
        if let Some(model) = model {
            session.model.join(&Last::of(0, at, model.as_str().to_owned()));
        }
        let label = source.and_then(|source| label::of_text(source.as_str(), self.redactor));
        let event = self.own_event("s", EventKind::SessionStart);
        if let Some(label) = label {
            event.label.join(&First::of(0, at, label));
        }
    }

    fn session_end(&mut self) {
        let at = self.envelope.at;
        let reason = self.payload.reason.as_ref().and_then(|reason| label::of_text(reason.as_str(), self.redactor));
        let reason = reason.unwrap_or_else(|| "other".to_owned());
        self.fold.session(&self.session).ended.join(&Last::of(0, at, reason.clone()));
        self.fold.agent(&self.session, &AgentId::main()).boundary_at.join(&Maximum::of(at));
        self.own_event("x", EventKind::SessionEnd).label.join(&First::of(0, at, reason));
    }

    fn stop(&mut self, failed: i64) {
        let at = self.envelope.at;
        let background_tasks = self.payload.background_tasks.as_ref().map_or(failed, |tasks| tasks.len() as i64);
        self.fold.session(&self.session).stopped.join(&Last::of(0, at, StopState { background_tasks }));
        self.fold.agent(&self.session, &AgentId::main()).boundary_at.join(&Maximum::of(at));
        let label =
            self.payload.last_assistant_message.as_ref().and_then(|m| label::of_text(m.as_str(), self.redactor));
        let event = self.own_event("z", EventKind::Stop);
        if let Some(label) = label {
            event.label.join(&First::of(0, at, label));
        }
    }

    fn stop_failure(&mut self) {
        let at = self.envelope.at;
        let error = self.payload.last_assistant_message.as_ref().or(self.payload.error.as_ref());
        let label = error.and_then(|error| label::of_text(error.as_str(), self.redactor));
        match self.agent.clone() {
            None => self.stop(0),
            Some(agent) => {
                let state = self.fold.agent(&self.session, &agent);
                state.ended.join(&Last::of(0, at, AgentEnd::Failed));
                state.boundary_at.join(&Maximum::of(at));
            }
        }
        let key = error_key(self.prompt_id().as_ref(), self.agent.as_ref(), self.envelope.name);
        let event = self.event(key, EventKind::Error);
        if let Some(label) = label {
            event.error.join(&First::of(1, at, label.clone()));
            event.label.join(&First::of(1, at, label));
        }
    }

    fn subagent_start(&mut self) {
        let (at, prompt) = (self.envelope.at, self.prompt_id());
        let Some(agent) = self.agent.clone() else {
            return self.other("SubagentStart", self.payload.agent_type.as_ref());
        };
        let state = self.fold.agent(&self.session, &agent);
        state.seen |= seen::STARTED;
        if let Some(prompt) = prompt {
            state.prompt_id.join(&First::of(1, at, prompt));
        }
    }

    fn subagent_stop(&mut self) {
        let at = self.envelope.at;
        let Some(agent) = self.agent.clone() else {
            return self.other("SubagentStop", self.payload.agent_type.as_ref());
        };
        let kind = self.payload.agent_type.as_ref().filter(|kind| !kind.as_str().is_empty());
        let state = self.fold.agent(&self.session, &agent);
        state.boundary_at.join(&Maximum::of(at));
        match kind {
            // Compaction and agent-type hooks stop under ids that never were agents.
            None => state.seen |= seen::STOPPED_UNTYPED,
            Some(kind) => {
                state.seen |= seen::STOPPED;
                state.agent_type.join(&First::of(1, at, kind.as_str().to_owned()));
                state.last_at.join(&Maximum::of(at));
                state.ended.join(&Last::of(0, at, AgentEnd::Completed));
            }
        }
        self.resumed();
    }

    fn notification(&mut self) {
        let at = self.envelope.at;
        let label = self.payload.message.as_ref().and_then(|m| label::of_text(m.as_str(), self.redactor));
        let event = self.own_event("n", EventKind::Notification);
        if let Some(label) = label {
            event.label.join(&First::of(0, at, label));
        }
    }

    fn elicitation(&mut self) {
        let at = self.envelope.at;
        let server = self.payload.mcp_server_name.as_ref().map_or("", Text::as_str);
        let message =
            self.payload.message.as_ref().and_then(|m| label::of_text(m.as_str(), self.redactor)).unwrap_or_default();
        let waiting = Waiting { kind: "elicitation".into(), text: format!("{server}: {message}") };
        self.fold.session(&self.session).waiting.join(&Last::of(0, at, waiting));
        self.other("Elicitation", self.payload.message.as_ref());
    }

    fn other(&mut self, name: &str, told: Option<&Text<'_>>) {
        let at = self.envelope.at;
        let label = told.and_then(|told| label::of_text(told.as_str(), self.redactor));
        let name = name.to_owned();
        let event = self.own_event("h", EventKind::Hook);
        event.tool_name.join(&First::of(0, at, name));
        if let Some(label) = label {
            event.label.join(&First::of(0, at, label));
        }
    }
}

/// The key under which a hook and a transcript tell of the same failed turn.
pub(crate) fn error_key(prompt: Option<&PromptId>, agent: Option<&AgentId>, otherwise: &str) -> EventKey {
    match prompt {
        Some(prompt) => EventKey::new(format!("e.{prompt}.{}", agent.map_or("", AgentId::as_str))),
        None => EventKey::new(format!("e.{otherwise}")),
    }
}

/// Which source tells of a notification, and when.
#[derive(Clone, Copy, Debug)]
pub(crate) enum At {
    Hook(Timestamp, BodyRef),
    Line(Timestamp, BodyRef),
}

/// The end of background work, told by a machine-made prompt.
pub(crate) fn note_facts(
    fold: &mut Fold,
    session: &SessionId,
    note: &notification::TaskNotification<'_>,
    at: At,
    prompt: Option<PromptId>,
    redactor: &Redactor,
) {
    let (time, body, source) = match at {
        At::Hook(time, body) => (time, body, Sources::HOOK),
        At::Line(time, body) => (time, body, Sources::TRANSCRIPT),
    };
    if let Some(id) = note.tool_use_id {
        let event = fold.event(session, EventKey::new(id), EventKind::ToolCall);
        event.evidence = event.evidence.with(note.evidence());
    }
    if let Some((id, end)) = note.agent() {
        let agent = fold.agent(session, &AgentId::new(id));
        agent.ended.join(&Last::of(0, time, end));
        agent.boundary_at.join(&Maximum::of(time));
    }
    let subject = note.tool_use_id.or(note.task_id).unwrap_or("");
    let key = EventKey::new(format!("t.{subject}.{}", note.status.unwrap_or("")));
    let label = label::of_text(note.summary.or(note.status).unwrap_or("background task"), redactor);
    let event = fold.event(session, key, EventKind::TaskNotification);
    event.sources |= source;
    event.agent_id.join(&First::of(1, time, AgentId::main()));
    if let Some(prompt) = prompt {
        event.prompt_id.join(&First::of(0, time, prompt));
    }
    match at {
        At::Hook(..) => event.hook_at.join(&Minimum::of(time)),
        At::Line(..) => event.line_at.join(&Minimum::of(time)),
    }
    if let Some(label) = label {
        event.label.join(&First::of(0, time, label));
    }
    event.input_ref.join(&First::of(1, time, body));
}
