//! Passing copies of telemetry on to whoever got it before, on a thread of its own: a collector that does not answer holds
//! up nothing but its own copies, of which the folder holds only so many.
//!
//! Oldest first, each until it is taken, refused for good, or a day old. `otlp-forward.json` is looked at every few
//! seconds; where nobody is named there, nothing is copied and nothing waits.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use argus_egress::{Collector, Forwarder, Pace, Passed, Undelivered};
use argus_ingest::{Copies, Encoding};

use crate::configuration::replace;
use crate::failure::Done;
use crate::forwarding::{FORWARDED_FILE, Forwarded, Forwarding};

const LOOK: Duration = Duration::from_millis(500);
/// Who gets copies is looked up again after so long.
const LOOK_UP: Duration = Duration::from_secs(3);
/// Older copies are nothing that a collector would take.
const OLDEST: Duration = Duration::from_secs(24 * 3600);

/// The thread; ends when dropped, after the copy at hand.
pub(super) struct Forwards {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

pub(super) fn start(folder: PathBuf, copies: Arc<Copies>) -> Done<Forwards> {
    let (stop, stopped) = channel();
    let mut round = Round {
        told: Forwarded::read(&folder),
        folder,
        copies,
        to: None,
        looked_up: None,
        forwarder: Forwarder::default(),
        pace: Pace::default(),
        started: Instant::now(),
        counted: 0,
    };
    round.look_up();
    let thread = std::thread::Builder::new().name("forward".into()).spawn(move || {
        while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            if let Err(error) = round.go() {
                tracing::warn!(%error, "copies of telemetry could not be passed on");
            }
        }
    })?;
    Ok(Forwards { stop: Some(stop), thread: Some(thread) })
}

struct Round {
    folder: PathBuf,
    copies: Arc<Copies>,
    to: Option<Collector>,
    looked_up: Option<Instant>,
    forwarder: Forwarder,
    pace: Pace,
    started: Instant,
    told: Forwarded,
    /// Of the copies that found no room, those that are told of already.
    counted: u64,
}

impl Round {
    /// Passes on what waits, until nothing does or the collector wants a pause.
    fn go(&mut self) -> argus_ingest::Result<()> {
        if self.looked_up.is_none_or(|at| at.elapsed() >= LOOK_UP) {
            self.look_up();
        }
        let before = self.told.clone();
        let went = self.pass_on();
        let lost = self.copies.lost();
        self.told.lost += lost - std::mem::replace(&mut self.counted, lost);
        if self.told != before {
            let text = serde_json::to_string(&self.told).unwrap_or_default();
            if let Err(error) = replace(&self.folder.join(FORWARDED_FILE), &text) {
                tracing::warn!(%error, "how forwarding goes could not be kept");
            }
        }
        went
    }

    fn pass_on(&mut self) -> argus_ingest::Result<()> {
        while let Some(copy) = self.copies.oldest()? {
            let Some(to) = &self.to else {
                // Nobody is to get it any more.
                self.copies.remove(&copy)?;
                continue;
            };
            if !self.pace.may_try(self.started.elapsed()) {
                return Ok(());
            }
            let content_type = match copy.encoding {
                Encoding::Json => "application/json",
                Encoding::Protobuf => "application/x-protobuf",
            };
            let passed = self.forwarder.pass(to, content_type, &copy.batch);
            self.pace.note(self.started.elapsed(), &passed);
            self.told.problem = match &passed {
                Passed::Taken => None,
                Passed::Later(why, _) | Passed::Never(why) => Some(in_words(why)),
            };
            match passed {
                Passed::Later(..) if copy.age < OLDEST => return Ok(()),
                Passed::Taken => {}
                _ => self.told.lost += 1,
            }
            self.copies.remove(&copy)?;
        }
        Ok(())
    }

    fn look_up(&mut self) {
        self.looked_up = Some(Instant::now());
        let found = Forwarding::read(&self.folder).map(|forwarding| forwarding.to.map(|to| to.collector()));
        match found {
            Ok(None) => self.to = None,
            Ok(Some(Ok(to))) if self.to.as_ref() == Some(&to) => {}
            Ok(Some(Ok(to))) => {
                (self.to, self.pace) = (Some(to), Pace::default());
            }
            Ok(Some(Err(why))) => self.refuse(&why.to_string()),
            // Half written, or not to be read now: what held before goes on.
            Err(problem) => self.told.problem = Some(problem.cause().to_owned()),
        }
        self.copies.want(self.to.is_some());
    }

    fn refuse(&mut self, why: &str) {
        self.to = None;
        self.told.problem = Some(format!("its address is refused: {why}"));
    }
}

fn in_words(why: &Undelivered) -> String {
    match why {
        Undelivered::TooLate => "there was no answer in time".to_owned(),
        other => other.to_string(),
    }
}

impl Drop for Forwards {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It has told why it panicked, if it did.
            let _ = thread.join();
        }
    }
}
