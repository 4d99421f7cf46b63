//! What the guard answered to a call before it ran.
//!
//! A call may be asked about twice, where two settings files name the guard: the worst answer counts, as it does for
//! Claude Code. Silence is an answer too; it is kept as evidence of the call alone, unless a person had let pass what
//! would have been stopped.

use crate::{EventKey, First, RuleId, SessionId, Timestamp};

/// An answer, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum GuardAnswer {
    /// It must not run.
    Deny,
    /// The person decides.
    Ask,
    /// Nothing was said.
    Pass,
}

impl GuardAnswer {
    /// All, the worst first; their places are the ranks of their facts.
    pub const ALL: [Self; 3] = [Self::Deny, Self::Ask, Self::Pass];

    /// The spelling everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Ask => "ask",
            Self::Pass => "pass",
        }
    }

    /// Reads the spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|answer| answer.as_str() == text)
    }

    /// How much it counts beside others; 0 counts most.
    pub const fn rank(self) -> u8 {
        self as u8
    }

    /// The answer of a rank.
    pub fn of_rank(rank: u8) -> Self {
        Self::ALL.get(usize::from(rank)).copied().unwrap_or(Self::Pass)
    }
}

/// Why it was answered so.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct GuardGround {
    /// The rules that answered.
    pub rules: Vec<RuleId>,
    /// Rules that would have answered, had no person let them pass.
    pub released: Vec<RuleId>,
    /// What the agent or the person was told, masked.
    pub reason: String,
}

/// An answer to a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardFact {
    /// Its session.
    pub session_id: SessionId,
    /// The call.
    pub key: EventKey,
    /// Why; its rank is the answer's.
    pub ground: First<GuardGround>,
}

/// What was answered to a call, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardDecision {
    /// The answer.
    pub answer: GuardAnswer,
    /// Why.
    pub ground: GuardGround,
    /// When; `None` for plain silence, of which only the fact is kept.
    pub at: Option<Timestamp>,
}

impl GuardDecision {
    /// In a word: `deny`, `ask`, `released` by a person, or `pass`.
    pub fn word(&self) -> &'static str {
        match self.answer {
            GuardAnswer::Pass if !self.ground.released.is_empty() => "released",
            answer => answer.as_str(),
        }
    }
}
