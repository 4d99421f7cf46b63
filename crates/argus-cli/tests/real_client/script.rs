//! What the stand-in for the Messages API answers: conversations by name, each a list of turns.
//!
//! A prompt carries its conversation's name as `[[conv:NAME]]`, a subagent's prompt its own, so a request finds its
//! answer by content alone and the client's headers stay what is under test. The last marker in user text (tool results
//! are not looked at) picks the conversation, the number of assistant messages after it the turn. That is stateless: a
//! request that is tried again gets the same answer again. When the script runs out, the answer is [`NOTHING_MORE`].
//!
//! Start at [`Script`] to write one, at [`Script::find`] to see a request find its turn.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};

use crate::ledger::{Kind, Tokens};

/// The answer when a conversation has no turn left.
pub(crate) const NOTHING_MORE: &str = "Nothing more to do.";

/// The client's own compaction instruction, found in the last user text.
const COMPACTION_HINTS: [&str; 2] = ["create a detailed summary", "CRITICAL: Respond with TEXT ONLY"];

/// Every conversation of a test. Strings may hold `${WORK}` and `${HOME}`, known only once the scratch folders are.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    conversations: BTreeMap<String, Vec<Turn>>,
}

/// One answer: text and tool calls, or trouble first.
#[derive(Clone, Debug, Default)]
pub(crate) struct Turn {
    pub(crate) content: Vec<Value>,
    pub(crate) tokens: Option<Tokens>,
    pub(crate) delay: Duration,
    pub(crate) trouble: Option<Trouble>,
}

/// What goes wrong before the answer, and how many times.
#[derive(Clone, Debug)]
pub(crate) enum Trouble {
    /// An HTTP error in the API's own shape.
    Status { code: u16, kind: &'static str, times: usize },
    /// The connection breaks after some events of the stream.
    Cut { after_events: usize, times: usize },
}

/// Where a request belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) kind: Kind,
    pub(crate) conversation: String,
    pub(crate) turn: usize,
}

impl Script {
    /// Adds a conversation.
    pub(crate) fn conversation(mut self, name: &str, turns: impl IntoIterator<Item = Turn>) -> Self {
        self.conversations.insert(name.to_owned(), turns.into_iter().collect());
        self
    }

    /// The same script with `${NAME}` replaced everywhere.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        let hole = format!("${{{name}}}");
        for turn in self.conversations.values_mut().flatten() {
            turn.content.iter_mut().for_each(|block| fill(block, &hole, value));
        }
        self
    }

    /// The place of a request body.
    pub(crate) fn find(&self, body: &Value) -> Place {
        let messages = body["messages"].as_array().map_or(&[][..], Vec::as_slice);
        let last_user = messages.iter().rev().find(|message| message["role"] == "user");
        if last_user.is_some_and(|message| user_texts(message).iter().any(|text| is_compaction(text))) {
            return Place { kind: Kind::Compact, conversation: "compact".to_owned(), turn: 0 };
        }
        if body["tools"].as_array().is_none_or(Vec::is_empty) {
            return Place { kind: Kind::Side, conversation: "side".to_owned(), turn: 0 };
        }
        let marked = messages
            .iter()
            .enumerate()
            .filter(|(_, message)| message["role"] == "user")
            .flat_map(|(at, message)| user_texts(message).into_iter().filter_map(move |text| Some((at, marker(text)?))))
            .next_back();
        match marked {
            Some((at, name)) if self.conversations.contains_key(name) => {
                let turn = messages[at + 1..].iter().filter(|message| message["role"] == "assistant").count();
                Place { kind: Kind::Main, conversation: name.to_owned(), turn }
            }
            other => {
                let name = other.map_or("unmarked", |(_, name)| name);
                Place { kind: Kind::Fallback, conversation: name.to_owned(), turn: 0 }
            }
        }
    }

    /// The answer for a place.
    pub(crate) fn turn(&self, place: &Place) -> Turn {
        match place.kind {
            Kind::Compact => {
                says("<analysis>scripted</analysis>\n<summary>1. Primary Request and Intent: scripted.</summary>")
            }
            Kind::Side => says("{\"title\": \"Scripted session\"}"),
            Kind::Main | Kind::Fallback => self
                .conversations
                .get(&place.conversation)
                .and_then(|turns| turns.get(place.turn))
                .cloned()
                .unwrap_or_else(|| says(NOTHING_MORE)),
        }
    }
}

/// A turn that begins with text.
pub(crate) fn says(text: &str) -> Turn {
    Turn { content: vec![json!({ "type": "text", "text": text })], ..Turn::default() }
}

/// A turn that begins with a tool call.
pub(crate) fn calls(tool: &str, input: Value) -> Turn {
    Turn::default().and_calls(tool, input)
}

/// A turn that runs a shell command.
pub(crate) fn runs(command: &str) -> Turn {
    calls("Bash", json!({ "command": command, "description": "Scripted" }))
}

impl Turn {
    /// The same turn with one tool call more, in the same message.
    pub(crate) fn and_calls(mut self, tool: &str, input: Value) -> Self {
        let mut block = json!({ "type": "tool_use", "name": tool });
        block["input"] = input;
        self.content.push(block);
        self
    }

    /// The same turn, answered later.
    pub(crate) fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// The same turn with the token figures given, in place of the ones made from its name.
    pub(crate) fn costing(mut self, tokens: Tokens) -> Self {
        self.tokens = Some(tokens);
        self
    }

    /// The same turn, with trouble before it.
    pub(crate) fn troubled(mut self, trouble: Trouble) -> Self {
        self.trouble = Some(trouble);
        self
    }
}

/// The input of an Agent call whose subagent follows the conversation `name`, in the foreground.
pub(crate) fn agent(name: &str, agent_type: &str) -> Value {
    json!({
        "description": format!("Do {name}"),
        "prompt": format!("[[conv:{name}]] Do your part."),
        "subagent_type": agent_type,
        "run_in_background": false,
    })
}

/// The same in the background.
pub(crate) fn background_agent(name: &str, agent_type: &str) -> Value {
    let mut input = agent(name, agent_type);
    input["run_in_background"] = json!(true);
    input
}

fn fill(value: &mut Value, hole: &str, with: &str) {
    match value {
        Value::String(text) if text.contains(hole) => *text = text.replace(hole, with),
        Value::Array(items) => items.iter_mut().for_each(|item| fill(item, hole, with)),
        Value::Object(fields) => fields.values_mut().for_each(|item| fill(item, hole, with)),
        _ => {}
    }
}

fn is_compaction(text: &str) -> bool {
    COMPACTION_HINTS.iter().any(|hint| text.contains(hint))
}

/// The plain text blocks of a user message, tool results left out.
fn user_texts(message: &Value) -> Vec<&str> {
    match &message["content"] {
        Value::String(text) => vec![text],
        Value::Array(blocks) => {
            blocks.iter().filter(|block| block["type"] == "text").filter_map(|block| block["text"].as_str()).collect()
        }
        _ => Vec::new(),
    }
}

/// The last `[[conv:NAME]]` in a text.
fn marker(text: &str) -> Option<&str> {
    let (_, after) = text.rsplit_once("[[conv:")?;
    after.split_once("]]").map(|(name, _)| name)
}
