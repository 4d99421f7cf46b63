//! When a webhook is told, and what becomes of what it did not take.
//!
//! Alerts wait for the last message to be old enough, so that a burst is one message. What may pass is tried again, ever
//! later; what does not, or does not end, is given up, and what came meanwhile goes on. The feed waits for none of it.

use std::time::Duration;

use argus_model::Severity;
use argus_model::record::AlertRecord;

use crate::Undelivered;

/// Messages to one place are so far apart.
pub const LEAST_APART: Duration = Duration::from_secs(10);
/// The first new try comes so late, each further one twice as late as the one before.
const FIRST_RETRY: Duration = Duration::from_secs(5);
/// No try comes later than this after the last.
const LONGEST_RETRY: Duration = Duration::from_secs(600);
/// After so many tries a message is given up.
const MOST_TRIES: u32 = 8;

/// What is known of one webhook.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Courier {
    /// The number of the last alert that was told or given up.
    pub after: i64,
    /// Why the last try failed.
    pub problem: Option<String>,
    tries: u32,
    /// Nothing before this, by the clock of whoever asks.
    not_before: Duration,
}

impl Courier {
    /// One that begins behind an alert.
    pub fn behind(after: i64) -> Self {
        Self { after, ..Self::default() }
    }

    /// Sends what there is to send; `now` is any clock that only goes forward. True when something changed that is worth
    /// keeping.
    pub fn step<E>(
        &mut self,
        now: Duration,
        least: Severity,
        news: impl FnOnce(i64) -> Result<(Vec<AlertRecord>, i64), E>,
        send: impl FnOnce(&[AlertRecord]) -> Result<(), Undelivered>,
    ) -> Result<bool, E> {
        if now < self.not_before {
            return Ok(false);
        }
        let (mut alerts, last) = news(self.after)?;
        alerts.retain(|alert| alert.severity >= least);
        if alerts.is_empty() {
            // Kept with the next message: alerts that nobody waits for are no reason to write a file.
            self.after = last;
            return Ok(false);
        }
        match send(&alerts) {
            Ok(()) => {
                *self = Self { after: last, not_before: now + LEAST_APART, ..Self::default() };
            }
            Err(why) => {
                self.tries += 1;
                self.problem = Some(why.to_string());
                if why.may_pass() && self.tries < MOST_TRIES {
                    let doubled = FIRST_RETRY.saturating_mul(1 << (self.tries - 1).min(16));
                    self.not_before = now + doubled.min(LONGEST_RETRY);
                } else {
                    (self.after, self.tries, self.not_before) = (last, 0, now + LEAST_APART);
                }
            }
        }
        Ok(true)
    }
}
