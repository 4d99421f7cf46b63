//! Assistant lines: model requests, their text, and the tool calls they ask for.

use std::cmp::Reverse;

use argus_model::agent::AgentEnd;
use argus_model::{
    AgentId, CostBasis, EventKind, EventState, Evidence, Facets, First, FirstLine, Last, Maximum, MessageId, Minimum,
    Owner, RequestId, RequestKey, RequestState, SessionId, Timestamp, ToolUseId, UsageRecord,
};

use super::{Context, error_key};
use crate::claude::input::ToolInput;
use crate::claude::text::{self, Text};
use crate::claude::wire::{Block, Content, Line, Message};
use crate::claude::{commit, label, usage};
use crate::judge::{Judged, Site};

/// The model of messages that the client made up itself; they cost nothing and were asked of nobody.
const SYNTHETIC: &str = "<synthetic>";

impl Context<'_, '_> {
    pub(super) fn assistant(&mut self) {
        let Some(message) = &self.line.message else { return };
        let model = message.model.as_ref().map_or("", Text::as_str);
        let Some(id) = message.id.as_ref().filter(|_| model != SYNTHETIC) else {
            self.line_facts();
            if self.line.is_api_error_message == Some(true) {
                self.api_failure(message);
            }
            return;
        };
        let id = MessageId::new(id.as_str());
        if self.is_fork_copy(&id) {
            return;
        }
        let made_by =
            self.line.request_session_id.as_ref().map(Text::as_str).filter(|made_by| *made_by != self.session.as_str());
        let made_by = made_by.map(SessionId::new);
        let request = self.request(message, &id, made_by.as_ref());
        self.fold.request(request);
        if let Some(parent) = made_by {
            return self.copied_line(&parent);
        }
        self.line_facts();
        self.answered(model);
        self.blocks(message, &id);
    }

    /// A forked agent's file begins with a copy of its parent's last message.
    fn is_fork_copy(&mut self, id: &MessageId) -> bool {
        if self.reading.is_fork && self.reading.fork_copy.is_none() {
            self.reading.fork_copy = Some(id.to_string());
        }
        self.reading.fork_copy.as_deref() == Some(id.as_str())
    }

    /// A forked session's file begins with a copy of its parent's lines; they stay the parent's.
    fn copied_line(&mut self, parent: &SessionId) {
        let at = self.at;
        let session = self.fold.session(&self.session);
        session.copied_until.join(&Maximum::of(at));
        session.parent_session_id.join(&First::of(0, at, parent.clone()));
        self.reading.copied_from = Some((parent.to_string(), at.as_micros()));
    }

    fn request(&self, message: &Message<'_>, id: &MessageId, made_by: Option<&SessionId>) -> RequestState {
        let (line, at) = (self.line, self.at);
        let request_id = line.request_id.as_ref().map(|id| RequestId::new(id.as_str()));
        let mut request = RequestState::new(RequestKey { message_id: id.clone(), request_id });
        let owner = match made_by {
            Some(session) => Owner { session_id: session.clone(), agent_id: AgentId::main(), prompt_id: None },
            None => Owner { session_id: self.session.clone(), agent_id: self.agent.clone(), prompt_id: self.prompt() },
        };
        request.owner = First::of(u8::from(made_by.is_some()), at, owner);
        request.is_final = message.stop_reason.is_some();
        let sent = line
            .request_ref
            .as_ref()
            .and_then(|sent_as| self.reading.sent.iter().find(|sent| sent.id == sent_as.as_str()));
        request.sent_at = sent.map(|sent| Timestamp::from_micros(sent.at)).into();
        let query_source = sent.and_then(|sent| sent.query_source.clone());
        request.first = Maximum::of(FirstLine { at: Reverse(at), facets: Facets { query_source, ..facets(line) } });
        if let Some(wire) = &message.usage {
            let mut usage = usage::normalize(wire);
            let model = message.model.as_ref().map_or("", Text::as_str).to_owned();
            // The answer names the model without the context that was asked for, and that may have its own price.
            usage.asks_long_context =
                line.requested_model.as_ref().is_some_and(|asked| asked.as_str().ends_with("[1m]"));
            request.terms = usage::normalize_terms(wire);
            let cost = self.prices.price(&model, &request.terms.complete(&usage), at);
            debug_assert!(cost.amount.is_some() || cost.basis == CostBasis::Unpriced);
            let output_tokens = usage.output_tokens;
            let record = UsageRecord { output_tokens, is_reported: false, at, usage, model, cost };
            request.usage = Maximum::of(record);
        }
        if made_by.is_none() {
            self.weigh(message, &mut request);
        }
        request
    }

    /// Sizes of the blocks, by which cost is divided.
    fn weigh(&self, message: &Message<'_>, request: &mut RequestState) {
        let uuid = self.line.uuid.as_ref().map_or("", Text::as_str);
        match &message.content {
            Content::Nothing => {}
            Content::Plain(text) => {
                request.text_blocks.push((text::hash(&[uuid.as_bytes()]), text.as_str().len() as i64));
            }
            Content::Blocks(blocks) => {
                for (index, block) in blocks.iter().enumerate() {
                    match (&block.id, block.is_tool_use()) {
                        (Some(id), true) => request.tool_blocks.push((ToolUseId::new(id.as_str()), block.size_bytes())),
                        _ => {
                            let hash = text::hash(&[uuid.as_bytes(), &index.to_le_bytes()]);
                            request.text_blocks.push((hash, block.size_bytes()));
                        }
                    }
                }
            }
        }
        request.text_blocks.sort_unstable();
        request.tool_blocks.sort_unstable();
    }

    fn answered(&mut self, model: &str) {
        let at = self.at;
        let is_main = self.agent.is_main();
        self.fold.agent(&self.session, &self.agent).model.join(&Last::of(0, at, model.to_owned()));
        if is_main {
            let session = self.fold.session(&self.session);
            session.model.join(&Last::of(0, at, model.to_owned()));
            session.resumed_at.join(&Maximum::of(at));
        }
    }

    fn blocks(&mut self, message: &Message<'_>, id: &MessageId) {
        let (at, body) = (self.at, self.body);
        let blocks: &[Block<'_>] = match &message.content {
            Content::Blocks(blocks) => blocks,
            _ => &[],
        };
        let said = match &message.content {
            Content::Plain(text) => Some(text.as_str()),
            _ => blocks.iter().find_map(|block| block.text.as_ref()).map(Text::as_str),
        };
        let label = said.and_then(|said| label::of_text(said, self.redactor));
        let event = self.event(EventState::request_key(id), EventKind::ModelRequest);
        event.line_at.join(&Minimum::of(at));
        event.message_id.join(&First::of(0, at, id.clone()));
        // The line that holds the text says more than one that holds a tool use.
        event.input_ref.join(&First::of(u8::from(label.is_none()), at, body));
        if let Some(label) = label {
            event.label.join(&First::of(0, at, label));
        }
        for block in blocks.iter().filter(|block| block.is_tool_use()) {
            self.tool_use(block, id);
        }
    }

    fn tool_use(&mut self, block: &Block<'_>, message_id: &MessageId) {
        let (Some(id), Some(name)) = (&block.id, &block.name) else { return };
        let (at, body) = (self.at, self.body);
        let input = block.input.map(ToolInput::new);
        let label = label::of_input(name.as_str(), input.as_ref(), self.redactor);
        let event = self.event(EventState::tool_key(&ToolUseId::new(id.as_str())), EventKind::ToolCall);
        event.evidence = event.evidence.with(Evidence::REQUESTED);
        commit::note_input(event, input.as_ref());
        event.line_at.join(&Minimum::of(at));
        event.tool_name.join(&First::of(0, at, name.as_str().to_owned()));
        event.message_id.join(&First::of(0, at, message_id.clone()));
        event.input_ref.join(&First::of(0, at, body));
        if let Some(label) = label {
            event.label.join(&First::of(0, at, label));
        }
        self.judge_call(id, name.as_str(), input.as_ref());
    }

    /// Holds the call against the rules. What its hook told counts more, if there is one.
    fn judge_call(&mut self, id: &Text<'_>, tool: &str, input: Option<&ToolInput<'_>>) {
        let site = Site {
            told_dir: None,
            first_cwd: self.reading.first_cwd.as_deref(),
            cwd: self.line.cwd.as_ref().map(Text::as_str),
        };
        let key = EventState::tool_key(&ToolUseId::new(id.as_str()));
        let call = Judged { session: &self.session, agent: &self.agent, key, tool, input, at: self.at, rank: 1 };
        self.judge.judge_call(&call, site, self.redactor, self.fold);
    }

    /// The client's own message about an API failure that ended the turn.
    fn api_failure(&mut self, message: &Message<'_>) {
        let (at, body) = (self.at, self.body);
        let said = match &message.content {
            Content::Plain(text) => Some(text.as_str()),
            Content::Blocks(blocks) => blocks.iter().find_map(|block| block.text.as_ref()).map(Text::as_str),
            Content::Nothing => None,
        };
        let label = said.and_then(|said| label::of_text(said, self.redactor));
        let agent = (!self.agent.is_main()).then(|| self.agent.clone());
        let uuid = self.line.uuid.as_ref().map_or("", Text::as_str);
        if let Some(agent) = &agent {
            self.fold.agent(&self.session, agent).ended.join(&Last::of(0, at, AgentEnd::Failed));
        }
        let key = error_key(self.prompt().as_ref(), agent.as_ref(), uuid);
        let event = self.event(key, EventKind::Error);
        event.line_at.join(&Minimum::of(at));
        event.input_ref.join(&First::of(0, at, body));
        if let Some(label) = label {
            event.error.join(&First::of(0, at, label.clone()));
            event.label.join(&First::of(0, at, label));
        }
    }
}

/// What a line tells of where its request was made, and on whose behalf. The working tree is only a folder yet.
fn facets(line: &Line<'_>) -> Facets {
    let name = |text: &Option<Text<'_>>| text.as_ref().map(|text| text.as_str().to_owned());
    Facets {
        // Outside of git, and with a detached head, Claude Code writes that.
        branch: name(&line.git_branch).map(|branch| if branch == "HEAD" { String::new() } else { branch }),
        worktree: name(&line.cwd),
        skill: name(&line.attribution_skill),
        mcp_server: name(&line.attribution_mcp_server),
        ..Facets::default()
    }
}

impl Block<'_> {
    fn is_tool_use(&self) -> bool {
        self.kind.as_ref().is_some_and(|kind| kind.as_str() == "tool_use") && self.name.is_some()
    }

    /// Bytes of content: what the model wrote of it.
    fn size_bytes(&self) -> i64 {
        let raw = |raw: Option<&serde_json::value::RawValue>| raw.map_or(0, |raw| raw.get().len());
        let text = |text: &Option<Text<'_>>| text.as_ref().map_or(0, |text| text.as_str().len());
        (raw(self.input) + text(&self.name) + text(&self.text) + raw(self.thinking)) as i64
    }
}
