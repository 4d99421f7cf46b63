//! What questions about money and tools answer with.

use crate::{Durations, Timestamp, Totals};

/// What money is cut by. Days are sums of slots, since the store knows no time zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpendCut {
    /// The model that answered.
    Model,
    /// The project's root.
    Project,
    /// The session.
    Session,
    /// The type of agent; one by one where a session is given.
    Agent,
    /// The tool whose calls the requests made.
    Tool,
    /// The branch on which the request was made; the one on which its session was last, where only that is known.
    Branch,
    /// The working tree in which it was made.
    Worktree,
    /// The repository of that.
    Repository,
    /// The skill that was at work.
    Skill,
    /// The MCP server whose results it read.
    McpServer,
    /// What it was for, in Claude Code's word.
    QuerySource,
    /// The commit that came after it in its session.
    Commit,
}

impl SpendCut {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Model,
        Self::Project,
        Self::Session,
        Self::Agent,
        Self::Tool,
        Self::Branch,
        Self::Worktree,
        Self::Repository,
        Self::Skill,
        Self::McpServer,
        Self::QuerySource,
        Self::Commit,
    ];
}

/// Which requests: by time, in whole quarter hours, and by session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpendQuery {
    /// From this moment's quarter hour on.
    pub since: Option<Timestamp>,
    /// Up to this moment; its quarter hour counts whole, unless it begins with it.
    pub until: Option<Timestamp>,
    /// Only this project's root, or its last folder name.
    pub project: Option<String>,
    /// Only this session.
    pub session_id: Option<String>,
}

impl SpendQuery {
    /// All requests there are.
    pub fn is_everything(&self) -> bool {
        *self == Self::default()
    }
}

/// One part of a cut.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpendRow {
    /// What it is called in the data; empty where that is unknown.
    pub key: String,
    /// What people call it; `None` where there is no better word than the key.
    pub label: Option<String>,
    /// How many sessions, where they were told apart.
    pub session_count: Option<i64>,
    /// Requests, or shares of requests for a tool.
    pub totals: Totals,
}

/// The key under which requests stand for what no tool call carries: text, thinking, and the server's own tools. No
/// tool has this name, which is no identifier.
pub const MODEL_TEXT: &str = "(model text)";

/// The key under which requests stand after which no commit came. No hash has this name.
pub const NO_COMMIT: &str = "(no commit)";

/// What was used in the slots of a range.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpendSlots {
    /// By slot, in order: its beginning in seconds since the epoch.
    pub whole: Vec<(i64, Totals)>,
    /// By slot and part, in order of the slots.
    pub parts: Vec<SpendSlot>,
}

/// What a part used in a slot.
#[derive(Clone, Debug, PartialEq)]
pub struct SpendSlot {
    /// The slot's beginning, in seconds since the epoch.
    pub slot: i64,
    /// Model or project.
    pub key: String,
    /// Its requests.
    pub totals: Totals,
}

impl SpendSlots {
    /// Adds to a slot; slots come in order.
    pub fn add(&mut self, slot: i64, sums: &Totals) {
        match self.whole.last_mut() {
            Some((last, totals)) if *last == slot => totals.add(sums, 1),
            _ => self.whole.push((slot, *sums)),
        }
    }

    /// Adds to a part of a slot; slots come in order.
    pub fn add_part(&mut self, slot: i64, key: &str, sums: &Totals) {
        // What belongs to the same slot stands at the end.
        let same = self.parts.iter_mut().rev().take_while(|known| known.slot == slot).find(|known| known.key == key);
        match same {
            Some(known) => known.totals.add(sums, 1),
            None => self.parts.push(SpendSlot { slot, key: key.to_owned(), totals: *sums }),
        }
    }
}

/// How slots are split.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SpendSplit {
    /// Not at all.
    Whole,
    /// By model.
    Model,
    /// By project.
    Project,
}

/// A tool's figures.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolRecord {
    /// Its name; empty when unknown.
    pub tool_name: String,
    /// Calls that began in the range.
    pub call_count: i64,
    /// Failed ones.
    pub error_count: i64,
    /// Denied by a rule, or refused by the person.
    pub denied_count: i64,
    /// How long calls took.
    pub durations: Durations,
    /// Shares of requests.
    pub totals: Totals,
}

/// Tool calls and errors in a range.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Activity {
    /// Tool calls.
    pub tool_calls: i64,
    /// Failed tool calls and API errors.
    pub errors: i64,
}

/// The newest errors, over all sessions.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorRecord {
    /// `SESSION~KEY`.
    pub event_id: String,
    /// Its session.
    pub session_id: String,
    /// The session's title.
    pub session_title: Option<String>,
    /// The step's line.
    pub label: Option<String>,
    /// The first line of the error.
    pub error: Option<String>,
    /// When.
    pub at: Option<Timestamp>,
}
