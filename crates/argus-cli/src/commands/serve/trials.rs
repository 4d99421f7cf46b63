//! Back-tests that are asked for in the dashboard: one at a time, on a thread that gives way to all others. A new one
//! takes the place of one that runs.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use argus_api::CommandRefused;
use argus_api::dto::{BacktestRecord, BacktestRequest, BacktestStatus, RulesProblem};
use argus_store::Readers;

use super::settings::Settings;
use crate::trial::Trial;

/// Hits that are told one by one.
const MOST_HITS: usize = 200;

/// Takes orders.
pub(super) struct Trials {
    settings: Arc<Settings>,
    readers: Readers,
    last: Mutex<Arc<Job>>,
}

#[derive(Default)]
struct Job {
    order_no: u64,
    problems: Vec<RulesProblem>,
    done: AtomicU64,
    total: AtomicU64,
    is_given_up: AtomicBool,
    end: Mutex<Option<Result<BacktestRecord, String>>>,
}

impl Trials {
    pub(super) fn new(settings: Arc<Settings>, readers: Readers) -> Arc<Self> {
        Arc::new(Self { settings, readers, last: Mutex::default() })
    }

    /// Begins one, or with `None` only tells how far the last one is.
    pub(super) fn order(&self, request: Option<BacktestRequest>) -> Result<BacktestStatus, CommandRefused> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(request) = request {
            let mut trial = self.asked(&request)?;
            last.is_given_up.store(true, Ordering::Relaxed);
            let problems = std::mem::take(&mut trial.problems);
            let job = Arc::new(Job { order_no: last.order_no + 1, problems, ..Job::default() });
            *last = Arc::clone(&job);
            let readers = self.readers.clone();
            let work = move || {
                let end = job.run(&trial, &readers);
                *job.end.lock().unwrap_or_else(PoisonError::into_inner) = Some(end);
            };
            std::thread::Builder::new().name("backtest".into()).spawn(work).map_err(|error| {
                tracing::error!(%error, "a back-test cannot begin");
                CommandRefused::Failed
            })?;
        }
        Ok(last.status())
    }

    fn asked(&self, request: &BacktestRequest) -> Result<Trial, CommandRefused> {
        let held = self.settings.rules();
        match request {
            BacktestRequest::Rule(id) => {
                Trial::of_rule(id, &held).ok_or_else(|| CommandRefused::Wrong("there is no such rule".into()))
            }
            BacktestRequest::Text(text) => {
                let trial = Trial::of_text(text, &held);
                match (trial.is_empty(), trial.problems.first()) {
                    (false, _) => Ok(trial),
                    (true, None) => Err(CommandRefused::Wrong("the text speaks of no rule".into())),
                    (true, Some(problem)) => Err(CommandRefused::Wrong(format!(
                        "line {}, column {}: {}; {}",
                        problem.line, problem.column, problem.message, problem.hint
                    ))),
                }
            }
        }
    }
}

impl Drop for Trials {
    fn drop(&mut self) {
        let last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_given_up.store(true, Ordering::Relaxed);
    }
}

impl Job {
    fn run(&self, trial: &Trial, readers: &Readers) -> Result<BacktestRecord, String> {
        let reader = readers.get_unpinned().map_err(|error| error.to_string())?;
        let progress = |done, total| {
            self.done.store(done, Ordering::Relaxed);
            self.total.store(total, Ordering::Relaxed);
            !self.is_given_up.load(Ordering::Relaxed)
        };
        trial.run(&reader, true, MOST_HITS, &progress).map_err(|error| error.to_string())
    }

    fn status(&self) -> BacktestStatus {
        let end = self.end.lock().unwrap_or_else(PoisonError::into_inner);
        let (phase, found, error) = match (&*end, self.order_no) {
            (_, 0) => ("none", None, None),
            (None, _) => ("judging", None, None),
            (Some(Ok(found)), _) => ("done", Some(found.clone()), None),
            (Some(Err(error)), _) => ("failed", None, Some(error.clone())),
        };
        BacktestStatus {
            order_no: self.order_no,
            phase: phase.to_owned(),
            done_count: self.done.load(Ordering::Relaxed),
            total_count: self.total.load(Ordering::Relaxed),
            problems: self.problems.clone(),
            found,
            error,
        }
    }
}
