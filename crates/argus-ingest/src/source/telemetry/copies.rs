//! Copies of batches for somebody who got Claude Code's telemetry before Argus did: as received, until they are sent.
//!
//! They lie in a folder of their own with a cap of its own. Whoever hands a batch in never waits for them, and never hears
//! that one found no room: that is counted here.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use super::waiting::Waiting;
use crate::claude::telemetry::batch::Encoding;
use crate::error::Result;

/// The folder's name in the data directory.
const FOLDER: &str = "telemetry-copies";
/// So much may wait for a collector that does not answer.
const CAP_BYTES: u64 = 64 * 1024 * 1024;

/// The folder of copies that wait to be sent.
#[derive(Debug)]
pub struct Copies {
    waiting: Waiting,
    is_wanted: AtomicBool,
    lost: AtomicU64,
}

/// A copy that waits.
#[derive(Debug)]
pub struct BatchCopy {
    name: String,
    /// The batch as it was received.
    pub batch: Vec<u8>,
    /// How it is written.
    pub encoding: Encoding,
    /// How long it waits already.
    pub age: Duration,
}

impl Copies {
    /// Opens the folder; nothing is copied before somebody wants it.
    pub fn open(data_dir: &Path) -> Result<Self> {
        Self::with_cap(data_dir, CAP_BYTES)
    }

    pub(crate) fn with_cap(data_dir: &Path, cap_bytes: u64) -> Result<Self> {
        let waiting = Waiting::open(data_dir.join(FOLDER), cap_bytes)?;
        Ok(Self { waiting, is_wanted: AtomicBool::default(), lost: AtomicU64::default() })
    }

    /// Says whether copies are wanted from now on.
    pub fn want(&self, is_wanted: bool) {
        self.is_wanted.store(is_wanted, Ordering::Relaxed);
    }

    /// Copies for which there was no room since the server began.
    pub fn lost(&self) -> u64 {
        self.lost.load(Ordering::Relaxed)
    }

    pub(super) fn keep(&self, encoding: Encoding, body: &[u8]) {
        if !self.is_wanted.load(Ordering::Relaxed) {
            return;
        }
        if let Err(error) = self.waiting.put(encoding, body) {
            self.lost.fetch_add(1, Ordering::Relaxed);
            tracing::debug!(%error, "a copy of telemetry found no room");
        }
    }

    /// The copy that waits longest.
    pub fn oldest(&self) -> Result<Option<BatchCopy>> {
        for name in self.waiting.list()? {
            if let Some(found) = self.waiting.read(&name)? {
                let age = found.written_at.elapsed().unwrap_or_default();
                return Ok(Some(BatchCopy { name, batch: found.bytes, encoding: found.encoding, age }));
            }
        }
        Ok(None)
    }

    /// Removes a copy: it was sent, or nobody will take it.
    pub fn remove(&self, copy: &BatchCopy) -> Result<()> {
        self.waiting.remove(&copy.name, copy.batch.len() as u64)
    }
}
