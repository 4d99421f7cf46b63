//! Batches of telemetry on their way to the store: taken, held as files, drained.
//!
//! Who sends a batch is answered when it lies whole in a folder of the data directory; the one thread that writes takes it
//! from there, as it takes hooks' records from the spool. So an answer never waits for an import, a batch that was
//! answered outlives a kill, and a batch that is drained twice is joined twice and changes nothing. The folder has a cap:
//! beyond it, senders are told to come again.
//!
//! What must stay true: a file is there whole or not at all, for its owner alone; it is removed only after the commit of
//! its rows. Start with [`Intake::take`], then [`said::read_group`].

mod copies;
pub(crate) mod said;
pub(crate) mod waiting;

use std::path::Path;
use std::sync::Arc;

use crate::claude::telemetry;
use crate::claude::telemetry::batch::{self, Encoding};
use crate::error::Result;
use waiting::Waiting;

pub use copies::{BatchCopy, Copies};

/// The folder's name in the data directory.
const FOLDER: &str = "telemetry";
/// So much may wait; at a megabyte a second, for minutes.
pub const CAP_BYTES: u64 = 256 * 1024 * 1024;

/// Which of OTLP's signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Signal {
    /// Log records: the client's events.
    Logs,
    /// Metrics: sums of what the events say.
    Metrics,
    /// Spans: the events' times once more.
    Traces,
}

/// What became of a batch that was taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Taken {
    /// Records in it.
    pub records: u64,
    /// Of these, records that no session can be named of: not Claude Code's.
    pub rejected: u64,
}

/// Why a batch was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// It cannot be read, for this reason; nothing of it was taken.
    #[error("{0}")]
    Malformed(&'static str),
    /// Too much waits already, or the disk takes no more.
    #[error("too much waits to be stored")]
    Full,
}

/// Takes batches; clones share what waits.
#[derive(Clone)]
pub struct Intake {
    waiting: Arc<Waiting>,
    copies: Option<Arc<Copies>>,
    wake: Arc<dyn Fn() + Send + Sync>,
}

impl Intake {
    pub(crate) fn new(waiting: Arc<Waiting>, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { waiting, copies: None, wake: Arc::new(wake) }
    }

    /// Keeps a copy of each batch, too, for whoever got them before.
    pub fn with_copies(self, copies: Arc<Copies>) -> Self {
        Self { copies: Some(copies), ..self }
    }

    /// Takes batches for whoever drains this data directory later, so many bytes of them; nobody is woken.
    pub fn open(data_dir: &Path, cap_bytes: u64) -> Result<Self> {
        Ok(Self::new(Arc::new(open_waiting(data_dir, cap_bytes)?), || {}))
    }

    /// Takes a batch: when this returns, its log records outlive the process. Metrics and spans are only looked at, for
    /// what they say stands in the log records.
    pub fn take(&self, signal: Signal, encoding: Encoding, body: &[u8]) -> std::result::Result<Taken, Refused> {
        let malformed = |batch::Malformed(reason)| Refused::Malformed(reason);
        if signal != Signal::Logs {
            let records = batch::count_items(body, encoding).map_err(malformed)?;
            return Ok(Taken { records, rejected: 0 });
        }
        let export = batch::parse_logs(body, encoding).map_err(malformed)?;
        let records = || export.groups.iter().flat_map(|group| &group.records);
        let rejected = records().filter(|record| telemetry::session_of(record).is_none()).count() as u64;
        let taken = Taken { records: records().count() as u64, rejected };
        if taken.records > taken.rejected {
            self.waiting.put(encoding, body).map_err(|error| {
                tracing::warn!(%error, "a batch of telemetry could not be kept");
                Refused::Full
            })?;
            if let Some(copies) = &self.copies {
                copies.keep(encoding, body);
            }
            (self.wake)();
        }
        Ok(taken)
    }
}

/// The folder of the batches that wait to be stored.
pub(crate) fn open_waiting(data_dir: &Path, cap_bytes: u64) -> Result<Waiting> {
    Waiting::open(data_dir.join(FOLDER), cap_bytes)
}
