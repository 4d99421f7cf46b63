//! A folder in which batches wait: each a file of its own, there whole or not at all, for its owner alone.
//!
//! It has a cap, beyond which nothing is put in. What was being written when a process died was never there.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use crate::claude::telemetry::batch::Encoding;
use crate::error::{IngestError, Result};

/// A file that is being written.
const DRAFT: &str = "part";

/// The folder of batches that wait.
#[derive(Debug)]
pub(crate) struct Waiting {
    folder: PathBuf,
    cap_bytes: u64,
    size_bytes: AtomicU64,
    serial: AtomicU64,
}

/// A batch as it was found.
pub(crate) struct Found {
    pub(crate) bytes: Vec<u8>,
    pub(crate) encoding: Encoding,
    pub(crate) written_at: SystemTime,
}

impl Waiting {
    /// Opens the folder, and clears away what was being written when the process before died: nobody was answered.
    pub(crate) fn open(folder: PathBuf, cap_bytes: u64) -> Result<Self> {
        let waiting = Self { folder, cap_bytes, size_bytes: AtomicU64::default(), serial: AtomicU64::default() };
        let size_bytes = waiting.clear().map_err(|error| waiting.failed(error))?;
        waiting.size_bytes.store(size_bytes, Ordering::Relaxed);
        Ok(waiting)
    }

    /// How much waits.
    fn clear(&self) -> io::Result<u64> {
        DirBuilder::new().recursive(true).mode(0o700).create(&self.folder)?;
        let mut size_bytes = 0;
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            if entry.path().extension().is_some_and(|extension| extension == DRAFT) {
                fs::remove_file(entry.path())?;
            } else {
                size_bytes += entry.metadata()?.len();
            }
        }
        Ok(size_bytes)
    }

    /// Puts a batch in.
    pub(crate) fn put(&self, encoding: Encoding, body: &[u8]) -> io::Result<()> {
        let size = body.len() as u64;
        if self.size_bytes.fetch_add(size, Ordering::Relaxed) + size > self.cap_bytes {
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

    /// A batch; `None` where it is gone.
    pub(crate) fn read(&self, name: &str) -> Result<Option<Found>> {
        let Some(encoding) = encoding_of(name) else { return Ok(None) };
        let path = self.folder.join(name);
        let read = || -> io::Result<Found> {
            let bytes = fs::read(&path)?;
            Ok(Found { bytes, encoding, written_at: fs::metadata(&path)?.modified()? })
        };
        match read() {
            Ok(found) => Ok(Some(found)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.failed(error)),
        }
    }

    /// Removes a batch: only after it has served.
    pub(crate) fn remove(&self, name: &str, size_bytes: u64) -> Result<()> {
        fs::remove_file(self.folder.join(name)).map_err(|error| self.failed(error))?;
        self.size_bytes.fetch_sub(size_bytes, Ordering::Relaxed);
        Ok(())
    }
}

/// How a waiting batch is written, by its name.
fn encoding_of(name: &str) -> Option<Encoding> {
    match name.rsplit_once('.')?.1 {
        "json" => Some(Encoding::Json),
        "pb" => Some(Encoding::Protobuf),
        _ => None,
    }
}
