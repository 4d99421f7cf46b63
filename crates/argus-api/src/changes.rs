//! Which sessions changed, from the thread that commits to whoever watches.
//!
//! Publishing never waits and keeps nothing for slow watchers: who falls behind is told to load everything anew.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use argus_model::SessionId;
use tokio::sync::broadcast;

/// Commits a watcher may fall behind before it must load everything anew.
const BACKLOG: usize = 256;

/// One commit's worth of changes.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// Counts commits since the server started.
    pub(crate) seq: u64,
    /// The sessions it touched.
    pub(crate) session_ids: Arc<[SessionId]>,
}

/// The channel between the committing thread and the live streams. Clones are the same channel.
#[derive(Clone, Debug)]
pub struct Changes {
    sender: broadcast::Sender<Change>,
    seq: Arc<AtomicU64>,
}

impl Default for Changes {
    fn default() -> Self {
        Self::new()
    }
}

impl Changes {
    /// A channel without watchers.
    pub fn new() -> Self {
        Self { sender: broadcast::Sender::new(BACKLOG), seq: Arc::new(AtomicU64::new(0)) }
    }

    /// What the committing thread calls after each commit. It never blocks, on no thread.
    pub fn publisher(&self) -> impl Fn(&[SessionId]) + Send + Sync + 'static {
        let Self { sender, seq } = self.clone();
        move |session_ids| {
            if session_ids.is_empty() {
                return;
            }
            let seq = seq.fetch_add(1, Ordering::Relaxed) + 1;
            if sender.receiver_count() > 0 {
                // An error means that the last watcher has just left.
                let _ = sender.send(Change { seq, session_ids: session_ids.into() });
            }
        }
    }

    /// Starts to watch.
    pub(crate) fn watch(&self) -> broadcast::Receiver<Change> {
        self.sender.subscribe()
    }

    /// The number of the last commit.
    pub(crate) fn seq(&self) -> u64 {
        self.seq.load(Ordering::Relaxed)
    }
}
