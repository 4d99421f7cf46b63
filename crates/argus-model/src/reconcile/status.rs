//! What the status line's running total adds to the statements.
//!
//! It is the account's total, as a statement would have it at this moment: it goes on from the session's last statement;
//! in a fork from where the parent stood; else from nothing. That nothing was taken over from a parent that left no
//! statement is certain only where the account was opened after the copy: a fork within one process goes on with the
//! total that the process has. `/clear` opens an account of its own, under a new session.

use crate::{CostStatement, PicoUsd, StatusTotal, Timestamp};

use super::{KnownRequest, Told};

/// A stretch of time of which the status line tells, and what it told.
#[derive(Clone, Copy)]
pub(super) struct Stretch {
    pub(super) from: Timestamp,
    pub(super) until: Timestamp,
    pub(super) reported: PicoUsd,
}

impl Stretch {
    /// Whether the total has it: Claude Code counts a request when its answer is whole.
    pub(super) fn holds(&self, request: &KnownRequest) -> bool {
        self.from <= request.at && request.done_at <= self.until
    }
}

/// How an account stood.
#[derive(Clone, Copy, Default)]
struct Standing {
    total: PicoUsd,
    runs_ms: i64,
}

/// What the status line tells beyond the session's last statement; nothing where the statement is newer, or where it is
/// not known from what the total goes on.
pub(super) fn stretch(
    told: &Told<'_>,
    last: Option<&CostStatement>,
    first_request: Option<Timestamp>,
) -> Option<Stretch> {
    let status = told.status?;
    let opening = match last {
        Some(last) if last.written_at() >= status.at => return None,
        Some(last) => Some(Standing { total: last.total, runs_ms: last.runs_ms }),
        None => opening(told, status, first_request),
    }?;
    let ran_ms = status.runs_ms.checked_sub(opening.runs_ms).filter(|ms| *ms > 0)?;
    let reported = status.total.0.checked_sub(opening.total.0).filter(|added| *added >= 0)?;
    let from = before(status.at, ran_ms);
    Some(Stretch { from, until: status.at, reported: PicoUsd(reported) })
}

/// From what the total of a session goes on that left no statement.
fn opening(told: &Told<'_>, status: &StatusTotal, first_request: Option<Timestamp>) -> Option<Standing> {
    let Some(copied_until) = told.copied_until else { return Some(Standing::default()) };
    let began_at = first_request.unwrap_or(status.at);
    let is_one_process = before(status.at, status.runs_ms) <= copied_until;
    let statements =
        told.of_parents.iter().map(|told| (told.at, Standing { total: told.total, runs_ms: told.runs_ms }));
    let running = told.of_parent.filter(|_| is_one_process);
    let running = running.map(|told| (told.at, Standing { total: told.total, runs_ms: told.runs_ms }));
    let may_be = |standing: &Standing| standing.runs_ms <= status.runs_ms && standing.total <= status.total;
    let known = statements.chain(running).filter(|(at, standing)| *at < began_at && may_be(standing));
    let known = known.map(|(_, standing)| standing).max_by_key(|standing| (standing.runs_ms, standing.total));
    known.or((!is_one_process).then(Standing::default))
}

const fn before(at: Timestamp, ms: i64) -> Timestamp {
    Timestamp::from_micros(at.as_micros().saturating_sub(ms.saturating_mul(1_000)))
}
