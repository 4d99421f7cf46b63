//! Claude Code's own account of what a session cost: the statements it writes when a run ends.
//!
//! A statement (`cost-state`) is cumulative. A resumed session and a forked one take the account over as it stood and go
//! on with it, and keep the moment at which the account was opened; a session that finds no statement to take over opens
//! an account of its own. So an account is known by that moment, and what a session added to it is its last statement
//! less what stood there when it took over. Each statement is a fact that never changes: statements are united, and
//! their order follows from what they say.
//!
//! While a run goes on, Claude Code hands the same running total to its status line, without models and tokens
//! ([`StatusTotal`]). Of a session's the newest counts.

use std::collections::BTreeMap;

use crate::{PicoUsd, SessionId, Timestamp, Totals};

/// What was counted of one model: by Claude Code, or over requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Counted {
    /// Money.
    pub cost: PicoUsd,
    /// Fresh prompt tokens.
    pub input_tokens: i64,
    /// Tokens written by the model.
    pub output_tokens: i64,
    /// Prompt tokens written to either cache; not every statement tells them apart.
    pub cache_write_tokens: i64,
    /// Prompt tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Web searches run by the server.
    pub web_search_requests: i64,
}

impl Counted {
    /// What requests come to.
    pub fn of(totals: &Totals) -> Self {
        Self {
            cost: totals.cost,
            input_tokens: totals.input_tokens,
            output_tokens: totals.output_tokens,
            cache_write_tokens: totals.cache_write_5m_tokens.saturating_add(totals.cache_write_1h_tokens),
            cache_read_tokens: totals.cache_read_tokens,
            web_search_requests: totals.web_search_requests,
        }
    }

    /// Adds `factor` times `other` (1 to add, -1 to take away). The figures come from files that anyone may have written.
    pub fn add(&mut self, other: &Self, factor: i64) {
        let join = |mine: i64, theirs: i64| mine.saturating_add(theirs.saturating_mul(factor));
        self.cost.0 = join(self.cost.0, other.cost.0);
        self.input_tokens = join(self.input_tokens, other.input_tokens);
        self.output_tokens = join(self.output_tokens, other.output_tokens);
        self.cache_write_tokens = join(self.cache_write_tokens, other.cache_write_tokens);
        self.cache_read_tokens = join(self.cache_read_tokens, other.cache_read_tokens);
        self.web_search_requests = join(self.web_search_requests, other.web_search_requests);
    }

    /// All that is counted and is no money; output stands first.
    pub fn uses(&self) -> [i64; 5] {
        [
            self.output_tokens,
            self.input_tokens,
            self.cache_write_tokens,
            self.cache_read_tokens,
            self.web_search_requests,
        ]
    }
}

/// One statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CostStatement {
    /// The session that wrote it.
    pub session_id: SessionId,
    /// When the account was opened (`startTime`).
    pub opened_at: Timestamp,
    /// How long all runs of the account took together (`totalDuration`). It only grows, and so orders an account's statements.
    pub runs_ms: i64,
    /// The newest line before it: it was written then or later.
    pub at: Timestamp,
    /// Whose last request stands in the copy that a forked session's file begins with.
    pub forked_from: Option<SessionId>,
    /// When that request was made.
    pub copied_until: Option<Timestamp>,
    /// Claude Code itself had no price for some model (`hasUnknownModelCost`).
    pub has_unknown_model: bool,
    /// Money of all models (`totalCostUSD`).
    pub total: PicoUsd,
    /// By model, in the words of `message.model`.
    pub models: BTreeMap<String, Counted>,
}

impl CostStatement {
    /// The order of statements: by account, and along it.
    pub fn order(&self) -> (Timestamp, i64, PicoUsd) {
        (self.opened_at, self.runs_ms, self.total)
    }

    /// When it was written at the earliest: for the first run of an account exactly then.
    pub fn written_at(&self) -> Timestamp {
        let by_clock = self.opened_at.as_micros().saturating_add(self.runs_ms.saturating_mul(1_000));
        self.at.max(Timestamp::from_micros(by_clock))
    }

    /// Whether its session took the account over from the session it was forked from.
    pub fn is_taken_over(&self) -> bool {
        self.forked_from.is_some() && self.copied_until.is_some_and(|until| self.opened_at <= until)
    }
}

/// Claude Code's running total as its status line is given it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusTotal {
    /// The session that runs.
    pub session_id: SessionId,
    /// When it was given.
    pub at: Timestamp,
    /// Money of the account so far (`cost.total_cost_usd`).
    pub total: PicoUsd,
    /// How long the account's runs took so far (`cost.total_duration_ms`).
    pub runs_ms: i64,
}

impl StatusTotal {
    /// Which of a session's counts: the newest, and of two of one moment the larger.
    pub fn order(&self) -> (Timestamp, PicoUsd, i64) {
        (self.at, self.total, self.runs_ms)
    }
}
