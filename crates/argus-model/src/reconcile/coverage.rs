//! Which requests a session's statements speak of.
//!
//! A statement covers the run that wrote it. How long a run took is known to the millisecond (the difference of
//! `totalDuration` to the statement before), when it ended only to the last line before. A run that was killed wrote
//! none, and the next one goes on from the statement before as if it had not been; its requests lie between two runs.
//! So does what a run did after its last line: work in the background, and requests that only telemetry told of. The
//! first answer that the main agent got between two runs, or after the last, is a run without statement: from there
//! on nothing is covered.

use crate::Timestamp;

use super::{Account, KnownRequest};

/// Stretches of time, both ends within.
pub(super) struct Coverage(Vec<(Timestamp, Timestamp)>);

impl Coverage {
    /// `later` is when the run began that only the status line tells of.
    pub(super) fn of(accounts: &[Account<'_>], requests: &[KnownRequest], later: Option<Timestamp>) -> Self {
        let mut runs: Vec<(Timestamp, Timestamp)> = accounts.iter().flat_map(runs_of).collect();
        runs.sort_unstable();
        let mut answers: Vec<Timestamp> = requests.iter().filter(|r| r.is_main && !r.is_hidden).map(|r| r.at).collect();
        answers.sort_unstable();
        let ends: Vec<Timestamp> = (0..runs.len())
            .map(|index| {
                let end = runs[index].1;
                let next_run = runs.get(index + 1).map(|next| next.0).or(later);
                let next_run = next_run.unwrap_or(Timestamp::from_micros(i64::MAX));
                let foreign = answers[answers.partition_point(|at| *at <= end)..].first();
                let next_answer = foreign.map_or(Timestamp::from_micros(i64::MAX), |at| earlier(*at));
                end.max(earlier(next_run).min(next_answer))
            })
            .collect();
        Self(runs.iter().zip(ends).map(|(run, end)| (run.0, end)).collect())
    }

    pub(super) fn holds(&self, at: Timestamp) -> bool {
        self.0.iter().any(|(from, until)| (*from..=*until).contains(&at))
    }
}

/// When each run of an account began at the earliest, and ended at the earliest.
fn runs_of(account: &Account<'_>) -> Vec<(Timestamp, Timestamp)> {
    let mut runs = Vec::new();
    let mut before_ms = account.opening.map(|opening| opening.runs_ms);
    for statement in &account.own {
        let end = statement.written_at();
        let began = match before_ms {
            None => statement.opened_at,
            Some(before) => {
                let took_ms = statement.runs_ms.saturating_sub(before);
                Timestamp::from_micros(end.as_micros().saturating_sub(took_ms.saturating_mul(1_000)))
            }
        };
        runs.push((began, end));
        before_ms = Some(statement.runs_ms);
    }
    runs
}

const fn earlier(at: Timestamp) -> Timestamp {
    Timestamp::from_micros(at.as_micros().saturating_sub(1))
}
