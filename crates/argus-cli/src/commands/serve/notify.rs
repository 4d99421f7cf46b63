//! Telling webhooks of alerts, on a thread of its own: an address that does not answer holds up nothing but itself.
//!
//! Which alert each was told last stands in `webhooks.json`, so that a new start neither repeats nor leaves out; a webhook
//! that is new hears of what comes from now on.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use argus_egress::{Courier, Egress, render};
use argus_rules::Rulebook;
use argus_store::Readers;

use super::settings::Settings;
use crate::configuration::{Webhook, replace};
use crate::failure::Done;
use crate::told::{FILE, Told};
use crate::when;

const LOOK: Duration = Duration::from_secs(1);
/// As many alerts make one message; of more the oldest are only in the feed.
const MOST_ALERTS: i64 = 200;

/// The thread; ends when dropped, after the message at hand.
pub(super) struct Notifier {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

pub(super) fn start(settings: &Arc<Settings>, readers: Readers) -> Done<Notifier> {
    let (stop, stopped) = channel();
    let settings = Arc::clone(settings);
    let thread = std::thread::Builder::new().name("webhooks".into()).spawn(move || {
        let mut round = Round { egress: None, couriers: BTreeMap::new(), started: Instant::now() };
        while stopped.recv_timeout(LOOK) == Err(RecvTimeoutError::Timeout) {
            let (webhooks, path) = settings.webhooks();
            if webhooks.is_empty() && round.couriers.is_empty() {
                continue;
            }
            if round.couriers.is_empty() {
                round.couriers = Told::read(&path).couriers();
            }
            if round.go(&webhooks, &readers, &settings.rulebook())
                && let Err(error) = replace(&path.join(FILE), &Told::of(&round.couriers).text())
            {
                tracing::warn!(%error, "what webhooks were told could not be kept");
            }
        }
    })?;
    Ok(Notifier { stop: Some(stop), thread: Some(thread) })
}

struct Round {
    /// Made when it is first needed: most people have no webhook.
    egress: Option<Egress>,
    couriers: BTreeMap<String, Courier>,
    started: Instant,
}

impl Round {
    /// Tells every webhook what it is to be told; true when something is to be kept.
    fn go(&mut self, webhooks: &[Webhook], readers: &Readers, book: &Rulebook) -> bool {
        let count = self.couriers.len();
        self.couriers.retain(|name, _| webhooks.iter().any(|webhook| webhook.name == *name));
        let mut is_changed = self.couriers.len() != count;
        let egress = self.egress.get_or_insert_with(Egress::default);
        for webhook in webhooks {
            let told = readers.get().and_then(|reader| {
                if !self.couriers.contains_key(&webhook.name) {
                    let courier = Courier::behind(reader.last_alert_no()?);
                    self.couriers.insert(webhook.name.clone(), courier);
                    is_changed = true;
                }
                let Some(courier) = self.couriers.get_mut(&webhook.name) else { return Ok(()) };
                is_changed |= courier.step(
                    self.started.elapsed(),
                    webhook.severity,
                    |after| reader.list_news(after, MOST_ALERTS, when::now()),
                    |alerts| {
                        let title = |rule: &str| book.title_of(rule).map(str::to_owned);
                        egress.post(&webhook.destination, &render(webhook.format, alerts, &title))
                    },
                )?;
                if let Some(problem) = &courier.problem {
                    tracing::debug!(webhook = webhook.name, problem, "a webhook was not told");
                }
                Ok(())
            });
            if let Err(error) = told {
                tracing::warn!(%error, "alerts could not be read for a webhook");
            }
        }
        is_changed
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take() {
            // It has told why it panicked, if it did.
            let _ = thread.join();
        }
    }
}
