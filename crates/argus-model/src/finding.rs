//! What rules find, as facts: an alert is known by its session, the thing it is about, and its rule.
//!
//! The same tool call may be judged twice, by what its hook told and by what its transcript told. Both are kept as
//! ranked grounds, so that the better source decides whatever the order in which they come.

use crate::budget::{AgentLimits, Crossing, Spread};
use crate::{Actor, AgentId, AlertState, EventKey, First, MessageId, PicoUsd, RuleId, SessionId, Severity, Timestamp};

/// Why an alert was raised.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Ground {
    /// How bad it is.
    pub severity: Severity,
    /// One sentence, masked.
    pub reason: String,
    /// What raised it, masked: a command, a path.
    pub evidence: Option<String>,
    /// The part of the evidence that raised it, from and to, in bytes.
    pub mark: Option<(i64, i64)>,
    /// What the rule looked at, of calls: the command as it would run, or the path; masked.
    pub effective: Option<String>,
    /// The files and folders that it is about, resolved and masked; empty text for one that cannot be told.
    pub paths: Vec<String>,
    /// The version of the rule that said so; `None` for a person's own.
    pub rule_version: Option<u32>,
}

impl Ground {
    /// A sentence and nothing more.
    pub fn of(severity: Severity, reason: impl Into<String>) -> Self {
        let (evidence, mark, effective, rule_version) = (None, None, None, None);
        Self { severity, reason: reason.into(), evidence, mark, effective, paths: Vec::new(), rule_version }
    }
}

/// One rule's match on one thing of a session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertFact {
    /// Its session.
    pub session_id: SessionId,
    /// The event it is about; see [`AlertFact::session_key`] and [`AlertFact::agent_key`] for what is no event.
    pub key: EventKey,
    /// The rule.
    pub rule: RuleId,
    /// Whose doing it was.
    pub agent_id: AgentId,
    /// The tool, for tool calls.
    pub tool_name: Option<String>,
    /// Why. Rank 0 by hook or by stored rows, 1 by transcript.
    pub ground: First<Ground>,
}

impl AlertFact {
    /// The key of an alert about a session as a whole.
    pub fn session_key() -> EventKey {
        EventKey::new("session")
    }

    /// The key of an alert about an agent.
    pub fn agent_key(agent_id: &AgentId) -> EventKey {
        EventKey::new(format!("agent.{agent_id}"))
    }

    /// The key of an alert about the agents that an agent started, or about how deep it lies.
    pub fn spread_key(agent_id: &AgentId) -> EventKey {
        EventKey::new(format!("spread.{agent_id}"))
    }

    /// The key of an alert about an agent's context.
    pub fn context_key(agent_id: &AgentId) -> EventKey {
        EventKey::new(format!("context.{agent_id}"))
    }
}

/// Half of a sequence: what a call did that matters to another call of its session.
///
/// A consequence raises its rule's alert where a cause of the same subject happened before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeedFact {
    /// Its session.
    pub session_id: SessionId,
    /// The call.
    pub key: EventKey,
    /// The rule of the sequence.
    pub rule: RuleId,
    /// What both halves have in common, masked.
    pub subject: String,
    /// Another subject, masked, that must have had a cause before for this cause to be one.
    pub after: Option<String>,
    /// True for what is dangerous after the other half.
    pub is_consequence: bool,
    /// Whose doing it was.
    pub agent_id: AgentId,
    /// The tool.
    pub tool_name: Option<String>,
    /// How long after its cause it still counts, in microseconds; `None` for as long as the session goes on.
    pub within_us: Option<i64>,
    /// What is said of it, with its text as evidence. Rank 0 by hook, 1 by transcript.
    pub ground: First<Ground>,
}

/// What is to be said of one step of one period, which is said at most once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BudgetVerdict {
    /// See [`crate::Budget::key`].
    pub key: EventKey,
    /// The rule.
    pub rule: RuleId,
    /// The session to which the alert belongs; `None` for one about many sessions, which is shown at the session that
    /// passed the step.
    pub session_id: Option<SessionId>,
    /// Whose doing it was, where it belongs to one agent.
    pub agent_id: AgentId,
    /// Where it was passed and what is said; `None` when it was not.
    pub passed: Option<(Crossing, Ground)>,
}

/// What the writer tells of when it is exceeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SpendLimits {
    /// One model request.
    pub request: PicoUsd,
    /// All requests of a session.
    pub session: PicoUsd,
    /// Agents that start agents.
    pub agents: AgentLimits,
}

/// What stored rows show: money and agents beyond a limit, calls that ran past the guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Spent {
    /// By one model request.
    Request {
        /// Whose.
        session_id: SessionId,
        /// Which agent's.
        agent_id: AgentId,
        /// Which.
        message_id: MessageId,
        /// Which model answered.
        model: String,
        /// How much.
        cost: PicoUsd,
        /// When its usage was written.
        at: Timestamp,
    },
    /// By a session in all.
    Session {
        /// Which.
        session_id: SessionId,
        /// How much by now.
        cost: PicoUsd,
        /// The usage with which the limit was passed.
        at: Timestamp,
    },
    /// A call that the guard had denied, or had not been asked about, and that ran.
    Unguarded {
        /// In which session.
        session_id: SessionId,
        /// The call.
        key: EventKey,
        /// Whose.
        agent_id: AgentId,
        /// The tool.
        tool_name: Option<String>,
        /// When it began.
        at: Timestamp,
        /// The guard had denied it.
        was_denied: bool,
    },
    /// By agents that start agents.
    Agents {
        /// In which session.
        session_id: SessionId,
        /// Which agent, and how.
        spread: Spread,
    },
}

/// What a person says about an alert.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertAction {
    /// The state it gets; never [`AlertState::Superseded`], which only facts can say.
    pub state: AlertState,
    /// Why, for people who read it later.
    pub reason: Option<String>,
    /// Until when, for [`AlertState::Muted`].
    pub muted_until: Option<Timestamp>,
    /// When it was said.
    pub at: Timestamp,
    /// By whom.
    pub actor: Actor,
}

/// Which alerts an action is about. A mute of more than one holds for those to come, too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AlertScope {
    /// One, by its id.
    One(String),
    /// It and whatever has its fingerprint, in all sessions.
    Group(String),
    /// It and all others of its rule in its session.
    Session(String),
    /// It and all others of its rule in its project.
    Project(String),
    /// All of history that are open.
    Past,
    /// Those that are muted by the mute of this number, which ends with whatever is said.
    Mute(i64),
}

impl AlertScope {
    /// The alert that it begins with.
    pub fn alert_id(&self) -> Option<&str> {
        match self {
            Self::One(id) | Self::Group(id) | Self::Session(id) | Self::Project(id) => Some(id),
            Self::Past | Self::Mute(_) => None,
        }
    }
}

/// What an action came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AlertsActed {
    /// How many alerts were changed.
    pub count: usize,
    /// Their sessions.
    pub session_ids: Vec<SessionId>,
}
