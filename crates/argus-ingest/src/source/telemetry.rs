//! Batches of telemetry on their way to the store: taken, held as files, drained.
//!
//! Who sends a batch is answered when it lies whole in a folder of the data directory; the one thread that writes takes it
//! from there, as it takes hooks' records from the spool. So an answer never waits for an import, a batch that was
//! answered outlives a kill, and a batch that is drained twice is joined twice and changes nothing. The folder has a cap:
//! beyond it, senders are told to come again.
//!
//! What must stay true: a file is there whole or not at all, for its owner alone; it is removed only after the commit of
//! its rows. Start with [`Intake::take`], then [`read`].

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, SystemTime};

use argus_model::{BodyRef, SessionId};
use argus_store::BodyLine;

use crate::claude::fold::Fold;
use crate::claude::telemetry;
use crate::claude::telemetry::batch::{self, Encoding, Export, LogRecord};
use crate::error::{IngestError, Result};
use crate::pricing::PriceTable;
use crate::redact::Redactor;

use super::archive::masked;

/// The folder's name in the data directory.
const FOLDER: &str = "telemetry";
/// So much may wait; at a megabyte a second, for minutes.
const CAP_BYTES: u64 = 256 * 1024 * 1024;
/// A file that is being written.
const DRAFT: &str = "part";

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
    wake: Arc<dyn Fn() + Send + Sync>,
}

/// The folder of batches that wait.
#[derive(Debug)]
pub(crate) struct Waiting {
    folder: PathBuf,
    size_bytes: AtomicU64,
    serial: AtomicU64,
}

impl Intake {
    pub(crate) fn new(waiting: Arc<Waiting>, wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self { waiting, wake: Arc::new(wake) }
    }

    /// Takes batches for whoever drains this data directory later; nobody is woken.
    pub fn open(data_dir: &Path) -> Result<Self> {
        Ok(Self::new(Arc::new(Waiting::open(data_dir)?), || {}))
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
            (self.wake)();
        }
        Ok(taken)
    }
}

impl Waiting {
    /// Opens the folder, and clears away what was being written when the process before died: nobody was answered.
    pub(crate) fn open(data_dir: &Path) -> Result<Self> {
        let folder = data_dir.join(FOLDER);
        Self::clear(&folder)
            .map(|size_bytes| Self {
                folder: folder.clone(),
                size_bytes: size_bytes.into(),
                serial: AtomicU64::default(),
            })
            .map_err(|source| IngestError::Read { path: folder, source })
    }

    /// How much waits.
    fn clear(folder: &Path) -> io::Result<u64> {
        DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        let mut size_bytes = 0;
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            if entry.path().extension().is_some_and(|extension| extension == DRAFT) {
                fs::remove_file(entry.path())?;
            } else {
                size_bytes += entry.metadata()?.len();
            }
        }
        Ok(size_bytes)
    }

    fn put(&self, encoding: Encoding, body: &[u8]) -> io::Result<()> {
        let size = body.len() as u64;
        if self.size_bytes.fetch_add(size, Ordering::Relaxed) + size > CAP_BYTES {
            self.size_bytes.fetch_sub(size, Ordering::Relaxed);
            return Err(io::Error::new(io::ErrorKind::StorageFull, "the folder is full"));
        }
        let written = self.write(encoding, body);
        if written.is_err() {
            self.size_bytes.fetch_sub(size, Ordering::Relaxed);
        }
        written
    }

    fn write(&self, encoding: Encoding, body: &[u8]) -> io::Result<()> {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
        let serial = self.serial.fetch_add(1, Ordering::Relaxed);
        let extension = match encoding {
            Encoding::Json => "json",
            Encoding::Protobuf => "pb",
        };
        let name = format!("{:020}-{}-{serial}.{extension}", since.as_nanos(), std::process::id());
        let (path, draft) = (self.folder.join(&name), self.folder.join(format!("{name}.{DRAFT}")));
        let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft)?;
        let put = file.write_all(body).and_then(|()| fs::rename(&draft, &path));
        if put.is_err() {
            let _ = fs::remove_file(&draft);
        }
        put
    }

    /// Names of what waits, oldest first.
    pub(crate) fn list(&self) -> Result<Vec<String>> {
        self.names().map_err(|error| self.failed(error))
    }

    fn failed(&self, source: io::Error) -> IngestError {
        IngestError::Read { path: self.folder.clone(), source }
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let name = entry?.file_name().into_string().unwrap_or_default();
            if encoding_of(&name).is_some() {
                names.push(name);
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    /// A batch, and how long it waits already; `None` where it is gone.
    pub(crate) fn read(&self, name: &str) -> Result<Option<(Vec<u8>, Duration)>> {
        let path = self.folder.join(name);
        match fs::read(&path) {
            Ok(bytes) => {
                let written = fs::metadata(&path).and_then(|found| found.modified());
                let age = written.map_err(|error| self.failed(error))?.elapsed().unwrap_or_default();
                Ok(Some((bytes, age)))
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Removes a batch: only after the commit of what it said.
    pub(crate) fn remove(&self, name: &str, size_bytes: u64) -> Result<()> {
        fs::remove_file(self.folder.join(name)).map_err(|error| self.failed(error))?;
        self.size_bytes.fetch_sub(size_bytes, Ordering::Relaxed);
        Ok(())
    }
}

/// How a waiting batch is written, by its name.
pub(crate) fn encoding_of(name: &str) -> Option<Encoding> {
    match name.rsplit_once('.')?.1 {
        "json" => Some(Encoding::Json),
        "pb" => Some(Encoding::Protobuf),
        _ => None,
    }
}

/// The sessions that a batch speaks of.
pub(crate) fn sessions_of(export: &Export<'_>) -> Vec<SessionId> {
    let records = export.groups.iter().flat_map(|group| &group.records);
    let mut sessions: Vec<SessionId> = records.filter_map(telemetry::session_of).map(SessionId::new).collect();
    sessions.sort_unstable();
    sessions.dedup();
    sessions
}

/// One record into facts and the line that is kept of it; whether its event is known.
pub(crate) fn read(
    record: &LogRecord<'_>,
    client_version: Option<&str>,
    source_no: i64,
    (redactor, prices): (&Redactor, &PriceTable),
    fold: &mut Fold,
) -> (BodyLine, bool) {
    let offset = telemetry::offset_of(record);
    let is_known =
        telemetry::normalize(record, client_version, BodyRef { source_no, offset }, (redactor, prices), fold);
    (BodyLine { offset, text: masked(telemetry::body_of(record).as_bytes(), redactor) }, is_known)
}
