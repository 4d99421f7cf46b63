//! What questions about reported and explained money answer with.

use crate::{CostBasis, DriftReason, Figures, PicoUsd, Timestamp};

/// A session in the list of those whose money is not all explained.
#[derive(Clone, Debug, PartialEq)]
pub struct ReconciliationRow {
    /// The session.
    pub session_id: String,
    /// Its title.
    pub title: Option<String>,
    /// Its project's root.
    pub project: Option<String>,
    /// Its last sign of life.
    pub last_at: Option<Timestamp>,
    /// The client's version, which may be the reason why there is no statement.
    pub client_version: Option<String>,
    /// The four figures.
    pub figures: Figures,
    /// Money of requests that no statement covers; `None` where there is none to cover any.
    pub uncovered: Option<PicoUsd>,
    /// The reason that weighs most; `None` where all is explained.
    pub reason: Option<DriftReason>,
}

/// How much of the money is explained, over sessions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReconciliationTotals {
    /// Sessions whose statements are known.
    pub reported_sessions: i64,
    /// Those of them in which all is explained.
    pub explained_sessions: i64,
    /// Sessions that made requests and have no statement to hold them against.
    pub unreported_sessions: i64,
    /// What their requests come to.
    pub unreported: PicoUsd,
    /// Sums over the sessions whose statements are known.
    pub reported: PicoUsd,
    /// Of them, by known requests.
    pub explained: PicoUsd,
    /// How sure that is; `None` where nothing is explained.
    pub explained_basis: Option<CostBasis>,
    /// The part of that in requests that only telemetry told of.
    pub told_by_telemetry: PicoUsd,
    /// In requests that nobody told of.
    pub hidden: PicoUsd,
    /// The rest.
    pub unexplained: PicoUsd,
    /// How far sessions are apart, each for itself, so that too much in one does not make up for too little in another.
    pub apart: PicoUsd,
    /// Money of requests that no statement covers, in sessions that have one.
    pub uncovered: PicoUsd,
}

impl ReconciliationTotals {
    /// The share of the reported money that is explained, in millionths; `None` where none was reported.
    pub fn explained_millionths(&self) -> Option<i64> {
        share(self.reported, self.apart)
    }
}

/// What is left of reported money when what is apart is taken off, in millionths.
fn share(reported: PicoUsd, apart: PicoUsd) -> Option<i64> {
    let reported = i128::from(reported.0);
    let rest = (reported - i128::from(apart.0)).max(0);
    (reported > 0).then(|| i64::try_from(rest * 1_000_000 / reported).unwrap_or(0))
}

/// What Claude Code reported of a session, and how much of it is explained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReportedMoney {
    /// By Claude Code.
    pub reported: PicoUsd,
    /// In requests that nobody told of.
    pub hidden: PicoUsd,
    /// The rest that is not explained; negative where the requests come to more.
    pub unexplained: PicoUsd,
    /// How far reported and explained are apart, each part for itself.
    pub apart: PicoUsd,
}

impl ReportedMoney {
    /// The share that is explained, in millionths; `None` where nothing was reported.
    pub fn explained_millionths(&self) -> Option<i64> {
        share(self.reported, self.apart)
    }
}

/// Which sessions.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReconciliationQuery {
    /// At most so many.
    pub limit: u32,
    /// Where the last page ended.
    pub cursor: Option<String>,
    /// Only this session.
    pub session_id: Option<String>,
    /// Only this project's root, or its last folder name.
    pub project: Option<String>,
    /// Only sessions with a sign of life at or after this.
    pub since: Option<Timestamp>,
    /// Only sessions started before this.
    pub until: Option<Timestamp>,
}
