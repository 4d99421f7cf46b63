//! What the lines of a transcript mean.
//!
//! A file is always read from its beginning to its end, in as many pieces as it takes; what later lines need of
//! earlier ones (the current turn, a fork's copied message, when a request was sent) is carried in `Reading`, which is
//! stored with the read offset. So the facts of a file do not depend on where the pieces were cut.

use std::collections::VecDeque;

use argus_model::agent::{AgentKind, seen};
use argus_model::record::Sources;
use argus_model::{
    AgentId, BodyRef, EventKey, EventKind, Evidence, First, Last, Maximum, Minimum, PromptId, SessionId, SessionState,
    Timestamp,
};
use serde::{Deserialize, Serialize};

use super::fold::Fold;
use super::hook::{At, error_key, note_facts};
use super::text::{self, Text};
use super::wire::{ApiError, Attachment, CompactMetadata, Content, Line};
use super::{label, notification};
use crate::admission::Pauses;
use crate::judge::Judge;
use crate::pricing::PriceTable;
use crate::redact::Redactor;

mod assistant;
mod bookkeeping;
mod kinds;
mod result;
mod statement;

use kinds::known;

const COMMAND_OUTPUT: &str = "<local-command-";
const INTERRUPTION: &str = "[Request interrupted by user";

/// Sent times kept while their answers may still come.
const OPEN_REQUESTS: usize = 16;

/// What is carried from line to line, and from one reading of the file to the next.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Reading {
    session: Option<String>,
    agent: Option<String>,
    prompt: Option<String>,
    /// A fork's file begins with its parent's last message: the id once it is known.
    fork_copy: Option<String>,
    is_fork: bool,
    /// Where the file began: what lies below is at home.
    first_cwd: Option<String>,
    last_at: Option<i64>,
    /// The line at hand's own date.
    #[serde(skip)]
    line_at: Option<i64>,
    sent: VecDeque<Sent>,
    /// Of a forked session: who made the last request of the copy that its file begins with, and when.
    copied_from: Option<(String, i64)>,
}

/// A request that was sent, before its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Sent {
    id: String,
    at: i64,
    query_source: Option<String>,
}

/// What lines are looked at with.
#[derive(Clone, Copy)]
pub(crate) struct Lens<'a> {
    pub(crate) judge: &'a Judge,
    pub(crate) redactor: &'a Redactor,
    pub(crate) pauses: &'a Pauses,
    pub(crate) prices: &'a PriceTable,
}

/// Whose file it is, as far as its path tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct FileOwner {
    pub(crate) session: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) is_workflow: bool,
}

/// What became of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineMeaning {
    Known,
    /// Valid, but of a type this version does not know.
    Unknown,
    /// Not JSON of the expected shape.
    Broken,
}

/// One line with where it stands.
struct Context<'a, 'b> {
    line: &'a Line<'a>,
    session: SessionId,
    agent: AgentId,
    at: Timestamp,
    body: BodyRef,
    judge: &'a Judge,
    redactor: &'a Redactor,
    prices: &'a PriceTable,
    fold: &'b mut Fold,
    reading: &'b mut Reading,
}

impl Reading {
    /// The state a file's first line is read in.
    pub(crate) fn begin(owner: &FileOwner) -> Self {
        Self { session: owner.session.clone(), agent: owner.agent.clone(), ..Self::default() }
    }

    /// Whether it is known where the file began.
    pub(crate) fn has_begun(&self) -> bool {
        self.first_cwd.is_some()
    }

    /// Where the file began.
    pub(crate) fn first_cwd(&self) -> Option<&str> {
        self.first_cwd.as_deref()
    }

    /// Time of the newest line so far.
    pub(crate) fn last_at(&self) -> Option<Timestamp> {
        self.last_at.map(Timestamp::from_micros)
    }

    /// The date of the line that was read last, or of the newest before it, if any had one yet.
    pub(crate) fn line_at(&self) -> Option<Timestamp> {
        self.line_at.or(self.last_at).map(Timestamp::from_micros)
    }
}

/// Reads a line; what cannot be read is [`LineMeaning::Unknown`] or [`LineMeaning::Broken`]. `room` holds the line where
/// it had to be mended.
pub(crate) fn parse<'t>(text: &'t str, room: &'t mut Option<String>) -> Result<Line<'t>, LineMeaning> {
    let parsed = serde_json::from_str::<Line<'_>>(text).or_else(|error| {
        *room = text::mend_surrogates(text);
        room.as_deref().map_or(Err(error), serde_json::from_str::<Line<'_>>)
    });
    parsed.map_err(|_| match serde_json::from_str::<serde::de::IgnoredAny>(text) {
        Ok(_) => LineMeaning::Unknown,
        Err(_) => LineMeaning::Broken,
    })
}

/// Folds in what a line tells.
pub(crate) fn read_line(
    line: Result<&Line<'_>, LineMeaning>,
    body: BodyRef,
    owner: &FileOwner,
    lens: Lens<'_>,
    reading: &mut Reading,
    fold: &mut Fold,
) -> LineMeaning {
    reading.line_at = None;
    match line {
        Ok(line) if line.has_plausible_names() => meaning(line, body, owner, lens, reading, fold),
        Ok(_) => LineMeaning::Unknown,
        Err(unread) => unread,
    }
}

fn meaning(
    line: &Line<'_>,
    body: BodyRef,
    owner: &FileOwner,
    lens: Lens<'_>,
    reading: &mut Reading,
    fold: &mut Fold,
) -> LineMeaning {
    let kind = line.kind.as_ref().map_or("", Text::as_str);
    if reading.session.is_none() {
        reading.session = line.session_id.as_ref().map(|id| id.as_str().to_owned());
    }
    if reading.first_cwd.is_none() {
        reading.first_cwd = line.cwd.as_ref().map(|cwd| cwd.as_str().to_owned());
    }
    let at = line.timestamp.as_ref().and_then(|at| text::parse_time(at.as_str()));
    if let Some(at) = at {
        reading.last_at = reading.last_at.max(Some(at.as_micros()));
    }
    reading.line_at = at.map(Timestamp::as_micros);
    let (Some(session), Some(at)) = (reading.session.as_deref(), at.or(reading.last_at.map(Timestamp::from_micros)))
    else {
        return known(kind);
    };
    let agent = agent_of(line, owner, reading.agent.as_deref());
    // What a pause covers is read for the sake of the lines that follow, and told to nobody.
    let mut untold = Fold::default();
    let fold = if lens.pauses.cover(at) { &mut untold } else { fold };
    let (session, Lens { judge, redactor, prices, .. }) = (SessionId::new(session), lens);
    let mut context = Context { line, session, agent, at, body, judge, redactor, prices, fold, reading };
    match kind {
        "user" => context.user(),
        "assistant" => context.assistant(),
        "system" => context.system(),
        "attachment" => context.attachment(),
        "api-request" => context.api_request(),
        "queue-operation" => context.queued(),
        "custom-title" | "ai-title" | "summary" | "cost-state" | "permission-mode" => context.bookkeeping(kind),
        "fork-context-ref" => context.fork(),
        _ => {}
    }
    context.fold.session(&context.session).sources |= Sources::TRANSCRIPT;
    if owner.is_workflow {
        let agent = context.fold.agent(&context.session, &context.agent);
        agent.kind.join(&First::of(1, at, AgentKind::Workflow));
    }
    known(kind)
}

/// Whose line it is; `read_as` is whose the lines before were.
pub(crate) fn agent_of(line: &Line<'_>, owner: &FileOwner, read_as: Option<&str>) -> AgentId {
    match (owner.agent.as_deref(), read_as, &line.agent_id) {
        (Some(id), _, _) | (None, Some(id), _) => AgentId::new(id),
        (None, None, Some(id)) => AgentId::new(id.as_str()),
        // The oldest clients wrote subagents' lines into the main file without a name.
        (None, None, None) if line.is_sidechain == Some(true) => AgentId::new("sidechain"),
        (None, None, None) => AgentId::main(),
    }
}

/// The key of a prompt's event.
pub(crate) fn prompt_key(agent: &AgentId, prompt: Option<&str>, uuid: &str) -> EventKey {
    match prompt.filter(|_| agent.is_main()) {
        Some(prompt) => EventKey::new(format!("p.{prompt}")),
        None => EventKey::new(format!("p.{agent}.{uuid}")),
    }
}

/// What stands for a prompt's id where the client gave none.
pub(crate) fn prompt_of_line(uuid: &str) -> String {
    format!("u.{uuid}")
}

/// A text in the person's place that nobody wrote as a prompt.
pub(crate) fn is_client_speaking(text: &str) -> bool {
    text.starts_with(COMMAND_OUTPUT) || text.starts_with(INTERRUPTION)
}

impl Context<'_, '_> {
    /// What every conversation line tells.
    fn line_facts(&mut self) {
        let (line, at) = (self.line, self.at);
        let is_main = self.agent.is_main();
        let session = self.fold.session(&self.session);
        session.alive_at(at);
        if is_main {
            if let Some(cwd) = &line.cwd {
                session.cwd.join(&First::of(0, at, cwd.as_str().to_owned()));
            }
            if let Some(branch) = line.git_branch.as_ref().filter(|branch| !matches!(branch.as_str(), "" | "HEAD")) {
                session.git_branch.join(&Last::of(0, at, branch.as_str().to_owned()));
            }
        }
        if let Some(version) = &line.version {
            session.client_version.join(&Last::of(0, at, version.as_str().to_owned()));
        }
        if let Some(entrypoint) = &line.entrypoint {
            session.entrypoint.join(&First::of(0, at, entrypoint.as_str().to_owned()));
        }
        let prompt = self.prompt();
        let agent = self.fold.agent(&self.session, &self.agent);
        agent.seen |= seen::TRANSCRIPT;
        agent.alive_at(at);
        if !is_main {
            if let Some(cwd) = &line.cwd {
                agent.cwd.join(&First::of(0, at, cwd.as_str().to_owned()));
            }
            if let Some(prompt) = prompt {
                agent.prompt_id.join(&First::of(0, at, prompt));
            }
        }
    }

    fn prompt(&self) -> Option<PromptId> {
        self.reading.prompt.as_deref().map(PromptId::new)
    }

    fn event(&mut self, key: EventKey, kind: EventKind) -> &mut argus_model::EventState {
        let (at, agent, prompt) = (self.at, self.agent.clone(), self.prompt());
        let event = self.fold.event(&self.session, key, kind);
        event.sources |= Sources::TRANSCRIPT;
        event.agent_id.join(&First::of(0, at, agent));
        if let Some(prompt) = prompt {
            event.prompt_id.join(&First::of(1, at, prompt));
        }
        event
    }

    fn user(&mut self) {
        let line = self.line;
        if let Some(prompt) = &line.prompt_id {
            self.reading.prompt = Some(prompt.as_str().to_owned());
        }
        let Some(message) = &line.message else { return };
        let mut spoken: Option<&str> = None;
        let mut is_result = false;
        match &message.content {
            Content::Nothing => {}
            Content::Plain(text) => spoken = Some(text.as_str()),
            Content::Blocks(blocks) => {
                for block in blocks {
                    match block.kind.as_ref().map(Text::as_str) {
                        Some("tool_result") => is_result = true,
                        Some("text") if spoken.is_none() => spoken = block.text.as_ref().map(Text::as_str),
                        _ => {}
                    }
                }
            }
        }
        match spoken {
            Some(text) if !is_result => self.spoken(text),
            _ => {}
        }
        self.line_facts();
        if let Content::Blocks(blocks) = &message.content {
            for block in
                blocks.iter().filter(|block| block.kind.as_ref().is_some_and(|kind| kind.as_str() == "tool_result"))
            {
                self.tool_result(block);
            }
        }
    }

    /// A text in the person's place: a prompt, a notification, an interruption, or the client talking to itself.
    fn spoken(&mut self, text: &str) {
        let line = self.line;
        if line.is_meta == Some(true) || line.is_compact_summary == Some(true) || text.starts_with(COMMAND_OUTPUT) {
            return;
        }
        if text.starts_with(INTERRUPTION) {
            let at = self.at;
            self.fold.agent(&self.session, &self.agent).boundary_at.join(&Maximum::of(at));
            if self.agent.is_main() {
                let stop = argus_model::session::StopState { background_tasks: 0 };
                self.fold.session(&self.session).stopped.join(&Last::of(0, at, stop));
            }
            return;
        }
        if let Some(note) = notification::parse(text) {
            self.prompted_at();
            let prompt = self.prompt();
            return note_facts(self.fold, &self.session, &note, At::Line(self.at, self.body), prompt, self.redactor);
        }
        self.prompt_event(text);
    }

    fn prompted_at(&mut self) {
        let at = self.at;
        if self.agent.is_main() {
            let session = self.fold.session(&self.session);
            session.prompted_at.join(&Maximum::of(at));
            session.resumed_at.join(&Maximum::of(at));
        }
    }

    fn prompt_event(&mut self, text: &str) {
        let (line, at, body) = (self.line, self.at, self.body);
        let uuid = line.uuid.as_ref().map_or("", Text::as_str);
        let is_main = self.agent.is_main();
        if is_main && line.prompt_id.is_none() {
            // Clients before 2.1.196 have no prompt id: the prompt's own line names the turn.
            self.reading.prompt = Some(prompt_of_line(uuid));
        }
        self.prompted_at();
        let label = label::of_prompt(text, self.redactor);
        let is_human = is_main && !text.starts_with("Another Claude session sent a message") && !text.starts_with('<')
            || text.starts_with("<command-name>");
        let is_human = is_human && line.prompt_source.as_ref().is_none_or(|source| source.as_str() != "system");
        let key = prompt_key(&self.agent, self.reading.prompt.as_deref(), uuid);
        let event = self.event(key, EventKind::Prompt);
        event.line_at.join(&Minimum::of(at));
        event.input_ref.join(&First::of(0, at, body));
        if is_human {
            event.evidence = event.evidence.with(Evidence::HUMAN);
        }
        if let Some(label) = label {
            event.label.join(&First::of(0, at, label.clone()));
            if is_human {
                self.fold.session(&self.session).title.join(&SessionState::prompt_title(at, label));
            }
        }
    }

    fn system(&mut self) {
        self.line_facts();
        let (line, at, body) = (self.line, self.at, self.body);
        let uuid = line.uuid.as_ref().map_or("", Text::as_str).to_owned();
        match line.subtype.as_ref().map(Text::as_str) {
            Some("compact_boundary") => {
                let meta: CompactMetadata<'_> =
                    line.compact_metadata.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
                let tokens = |n: Option<u64>| n.map_or("?".to_owned(), |n| n.to_string());
                let trigger = meta.trigger.as_ref().and_then(|trigger| label::of_text(trigger.as_str(), self.redactor));
                let trigger = trigger.as_deref().unwrap_or("compaction");
                let label = format!("{trigger}: {} → {} tokens", tokens(meta.pre_tokens), tokens(meta.post_tokens));
                let event = self.event(EventKey::new(format!("c.{uuid}")), EventKind::Compaction);
                event.line_at.join(&Minimum::of(at));
                event.label.join(&First::of(0, at, label));
                event.input_ref.join(&First::of(0, at, body));
                if let Some(duration_ms) = meta.duration_ms {
                    event.duration_ms.join(&First::of(0, at, duration_ms));
                }
            }
            Some("api_error") => {
                let error: ApiError<'_> =
                    line.error.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
                let formatted = error.formatted.as_ref().map(|f| f.as_str().to_owned());
                let status = error.status.map(|status| format!("API error {status}"));
                let label = formatted.or(status).and_then(|text| label::of_text(&text, self.redactor));
                let event = self.event(EventKey::new(format!("r.{uuid}")), EventKind::Retry);
                event.line_at.join(&Minimum::of(at));
                event.input_ref.join(&First::of(0, at, body));
                if let Some(label) = label {
                    event.label.join(&First::of(0, at, label));
                }
            }
            _ => {}
        }
    }

    fn attachment(&mut self) {
        let Some(raw) = self.line.attachment else { return };
        if !raw.get().contains("<task-notification>") {
            return;
        }
        let Ok(attachment) = serde_json::from_str::<Attachment<'_>>(raw.get()) else { return };
        if let (Some("queued_command"), Some(prompt)) = (attachment.kind.as_ref().map(Text::as_str), &attachment.prompt)
            && let Some(note) = notification::parse(prompt.as_str())
        {
            let prompt = self.prompt();
            note_facts(self.fold, &self.session, &note, At::Line(self.at, self.body), prompt, self.redactor);
        }
    }

    fn queued(&mut self) {
        let Some(raw) = self.line.content.filter(|raw| raw.get().contains("<task-notification>")) else { return };
        let Ok(content) = serde_json::from_str::<Text<'_>>(raw.get()) else { return };
        if let Some(note) = notification::parse(content.as_str())
            && let Some(id) = note.tool_use_id
        {
            let event = self.fold.event(&self.session, EventKey::new(id), EventKind::ToolCall);
            event.evidence = event.evidence.with(note.evidence());
        }
    }

    fn api_request(&mut self) {
        let Some(id) = &self.line.id else { return };
        let query_source = self.line.query_source.as_ref().map(|source| source.as_str().to_owned());
        self.reading.sent.push_back(Sent { id: id.as_str().to_owned(), at: self.at.as_micros(), query_source });
        if self.reading.sent.len() > OPEN_REQUESTS {
            self.reading.sent.pop_front();
        }
    }

    fn fork(&mut self) {
        self.reading.is_fork = true;
        let at = self.at;
        self.fold.agent(&self.session, &self.agent).kind.join(&First::of(0, at, AgentKind::Fork));
    }
}
