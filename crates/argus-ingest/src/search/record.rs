//! The texts of a kept record, each with the event it belongs to.
//!
//! Searched is what people and models wrote and tools gave back: prompts, words and thoughts of the model, inputs,
//! outputs, errors, titles. Not searched: names of fields, ids, usage, signatures, pictures, and copies of the same text
//! (`toolUseResult`, progress, reminders that the client makes up). Keys of events are made by the code that makes the events.

use argus_model::{AgentId, EventKey, EventState, MessageId, PromptId, SessionId, Timestamp, ToolUseId};

use crate::claude::hook::error_key;
use crate::claude::notification;
use crate::claude::text::{self, Text};
use crate::claude::transcript::{self, FileOwner};
use crate::claude::wire::{Content, HookPayload, Line};

use super::strings;

/// Strings under these names are no words of anybody.
const SILENT: [&str; 6] = ["data", "signature", "id", "tool_use_id", "type", "media_type"];

/// Where a source's records come from, as far as its name and path tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    /// A session's hooks.
    Hooks,
    /// A transcript, of a session or of one of its agents.
    Transcript(FileOwner),
    /// A tool's output in a file of its own: plain text.
    Output(FileOwner),
}

impl Origin {
    /// The origin of a source.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let (kind, rest) = name.split_once('/').unwrap_or((name, ""));
        let owner = |session: &str, agent: Option<&str>| FileOwner {
            session: Some(session.to_owned()),
            agent: agent.map(str::to_owned),
            is_workflow: false,
        };
        match kind {
            "hooks" => Some(Self::Hooks),
            "main" => Some(Self::Transcript(owner(rest, None))),
            "agent" => {
                let (session, agent) = rest.rsplit_once('/')?;
                let mut owner = owner(session, Some(agent));
                // Old clients put agents' files beside the main one: then that is a folder's name, and the lines tell.
                owner.session = owner.session.filter(|session| !session.starts_with('-'));
                Some(Self::Transcript(owner))
            }
            "result" => Some(Self::Output(owner(rest.split('/').next()?, None))),
            _ => None,
        }
    }

    /// The session, where all records are of one.
    pub(crate) fn session(&self) -> Option<&str> {
        match self {
            Self::Hooks => None,
            Self::Transcript(owner) | Self::Output(owner) => owner.session.as_deref(),
        }
    }
}

/// Whose text it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place<'a> {
    /// The input or output of a tool call.
    ToolCall(&'a str),
    /// The model's own words.
    Request(&'a str),
    /// A prompt.
    Prompt,
    /// An API error.
    Failure,
    /// The session's own: a title, a tool's output in a file.
    Session,
}

#[derive(Clone, PartialEq, Eq)]
pub(crate) enum OwnPlace {
    ToolCall(String),
    Request(String),
    Prompt,
    Failure,
    Session,
}

impl OwnPlace {
    pub(crate) fn of(place: Place<'_>) -> Self {
        match place {
            Place::ToolCall(id) => Self::ToolCall(id.to_owned()),
            Place::Request(id) => Self::Request(id.to_owned()),
            Place::Prompt => Self::Prompt,
            Place::Failure => Self::Failure,
            Place::Session => Self::Session,
        }
    }

    pub(crate) fn as_place(&self) -> Place<'_> {
        match self {
            Self::ToolCall(id) => Place::ToolCall(id),
            Self::Request(id) => Place::Request(id),
            Self::Prompt => Place::Prompt,
            Self::Failure => Place::Failure,
            Self::Session => Place::Session,
        }
    }
}

/// What a record tells of itself.
pub(crate) struct About {
    pub(crate) session: Option<SessionId>,
    pub(crate) at: Option<Timestamp>,
    agent: AgentId,
    prompt: Option<String>,
    uuid: String,
}

impl About {
    /// The key of the event that a text belongs to; `None` for the session's own.
    pub(crate) fn key(&self, place: Place<'_>) -> Option<EventKey> {
        let prompt = self.prompt.as_deref();
        match place {
            Place::ToolCall(id) => Some(EventState::tool_key(&ToolUseId::new(id))),
            Place::Request(id) => Some(EventState::request_key(&MessageId::new(id))),
            Place::Prompt => Some(transcript::prompt_key(&self.agent, prompt, &self.uuid)),
            Place::Failure => {
                let agent = (!self.agent.is_main()).then_some(&self.agent);
                Some(error_key(prompt.map(PromptId::new).as_ref(), agent, &self.uuid))
            }
            Place::Session => None,
        }
    }
}

/// Gives each text of a record; what it says of itself. `None` when the record is not one that is searched.
pub(crate) fn read(record: &str, origin: &Origin, each: &mut dyn FnMut(Place<'_>, &str)) -> Option<About> {
    match origin {
        Origin::Hooks => match serde_json::from_str::<HookPayload<'_>>(record) {
            Ok(payload) => Some(hook(&payload, each)),
            Err(_) => serde_json::from_str(&text::close_cut(record)?).ok().map(|payload| hook(&payload, each)),
        },
        Origin::Transcript(owner) => match serde_json::from_str::<Line<'_>>(record) {
            Ok(read) => Some(line(&read, owner, each)),
            Err(_) => serde_json::from_str(&text::mend_surrogates(record)?).ok().map(|read| line(&read, owner, each)),
        },
        Origin::Output(owner) => {
            each(Place::Session, &record.replace("\\n", "\n"));
            let session = owner.session.as_deref().map(SessionId::new);
            Some(About { session, at: None, agent: AgentId::main(), prompt: None, uuid: String::new() })
        }
    }
}

fn hook(payload: &HookPayload<'_>, each: &mut dyn FnMut(Place<'_>, &str)) -> About {
    if let Some(id) = &payload.tool_use_id {
        let place = Place::ToolCall(id.as_str());
        for raw in [payload.tool_input, payload.tool_response].into_iter().flatten() {
            strings::for_each(raw.get(), &mut |name, text| {
                if !SILENT.contains(&name) {
                    each(place, text);
                }
            });
        }
        if let Some(error) = &payload.error {
            each(place, error.as_str());
        }
    } else if let Some(prompt) = payload.prompt.as_ref().filter(|_| payload.prompt_id.is_some())
        && notification::parse(prompt.as_str()).is_none()
    {
        each(Place::Prompt, prompt.as_str());
    } else if payload.hook_event_name.as_ref().is_some_and(|name| name.as_str() == "StopFailure") {
        for text in [&payload.error, &payload.last_assistant_message].into_iter().flatten() {
            each(Place::Failure, text.as_str());
        }
    }
    About {
        session: payload.session_id.as_ref().map(|id| SessionId::new(id.as_str())),
        at: None,
        agent: payload.agent_id.as_ref().map_or_else(AgentId::main, |id| AgentId::new(id.as_str())),
        prompt: payload.prompt_id.as_ref().map(|id| id.as_str().to_owned()),
        uuid: String::new(),
    }
}

/// The same of a transcript's line.
pub(crate) fn line(line: &Line<'_>, owner: &FileOwner, each: &mut dyn FnMut(Place<'_>, &str)) -> About {
    match line.kind.as_ref().map(Text::as_str) {
        Some("user") if line.is_meta != Some(true) && line.is_compact_summary != Some(true) => user(line, each),
        Some("assistant") => assistant(line, each),
        Some("ai-title" | "custom-title" | "summary") => {
            for title in [&line.custom_title, &line.ai_title, &line.title, &line.summary].into_iter().flatten() {
                each(Place::Session, title.as_str());
            }
        }
        _ => {}
    }
    let told = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.as_str().to_owned());
    // A copied line is its parent's.
    let session = told(&line.request_session_id).or(owner.session.clone()).or(told(&line.session_id));
    let agent = transcript::agent_of(line, owner, None);
    let mut prompt = told(&line.prompt_id);
    if prompt.is_none() && agent.is_main() && line.kind.as_ref().is_some_and(|kind| kind.as_str() == "user") {
        prompt = line.uuid.as_ref().map(|uuid| transcript::prompt_of_line(uuid.as_str()));
    }
    About {
        session: session.map(SessionId::new),
        at: line.timestamp.as_ref().and_then(|at| text::parse_time(at.as_str())),
        agent,
        prompt,
        uuid: told(&line.uuid).unwrap_or_default(),
    }
}

fn user(line: &Line<'_>, each: &mut dyn FnMut(Place<'_>, &str)) {
    let Some(message) = &line.message else { return };
    match &message.content {
        Content::Nothing => {}
        Content::Plain(text) => spoken(text.as_str(), each),
        Content::Blocks(blocks) => {
            // Beside a result the client speaks, nobody else.
            let is_result = blocks.iter().any(|block| block.tool_use_id.is_some());
            for block in blocks {
                match (&block.tool_use_id, block.content, &block.text) {
                    (Some(id), Some(raw), _) => strings::for_each(raw.get(), &mut |name, text| {
                        if !SILENT.contains(&name) {
                            each(Place::ToolCall(id.as_str()), text);
                        }
                    }),
                    (None, _, Some(text)) if !is_result => spoken(text.as_str(), each),
                    _ => {}
                }
            }
        }
    }
}

fn spoken(text: &str, each: &mut dyn FnMut(Place<'_>, &str)) {
    if !transcript::is_client_speaking(text) && notification::parse(text).is_none() {
        each(Place::Prompt, text);
    }
}

fn assistant(line: &Line<'_>, each: &mut dyn FnMut(Place<'_>, &str)) {
    let Some(message) = &line.message else { return };
    let place = match &message.id {
        Some(id) if line.is_api_error_message != Some(true) => Place::Request(id.as_str()),
        _ => Place::Failure,
    };
    match &message.content {
        Content::Nothing => {}
        Content::Plain(text) => each(place, text.as_str()),
        Content::Blocks(blocks) => {
            for block in blocks {
                if let Some(text) = &block.text {
                    each(place, text.as_str());
                }
                if let Some(raw) = block.thinking {
                    strings::for_each(raw.get(), &mut |_, text| each(place, text));
                }
                if let (Some(id), Some(raw)) = (&block.id, block.input) {
                    strings::for_each(raw.get(), &mut |_, text| each(Place::ToolCall(id.as_str()), text));
                }
            }
        }
    }
}
