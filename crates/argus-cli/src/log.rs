//! The background server's log: a few files of bounded size, the newest as `argus.log`, for its owner alone.
//!
//! The server turns the files over itself as it writes. What does not come through the log (the text of a panic, the
//! last error before an end) goes to the file that was the newest when the server started.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

use crate::paths::make_private_folder;

/// A file is turned over before it grows beyond this.
const LARGEST_BYTES: u64 = 5 << 20;
/// So many files are kept, the newest included.
const FILES: usize = 5;

/// Opens the log to be written on, turned over if it is full.
pub(crate) fn open(path: &Path) -> io::Result<File> {
    if let Some(folder) = path.parent() {
        make_private_folder(folder)?;
    }
    if fs::metadata(path).is_ok_and(|file| file.len() >= LARGEST_BYTES) {
        turn_over(path)?;
    }
    OpenOptions::new().create(true).append(true).mode(0o600).open(path)
}

/// The log as the running server writes it.
pub(crate) struct Log {
    path: PathBuf,
    open: Mutex<Open>,
}

struct Open {
    file: File,
    size_bytes: u64,
    largest_bytes: u64,
}

impl Log {
    /// Goes on with the log at `path`.
    pub(crate) fn new(path: PathBuf) -> io::Result<Self> {
        Self::bounded(path, LARGEST_BYTES)
    }

    fn bounded(path: PathBuf, largest_bytes: u64) -> io::Result<Self> {
        let file = open(&path)?;
        let size_bytes = file.metadata()?.len();
        Ok(Self { path, open: Mutex::new(Open { file, size_bytes, largest_bytes }) })
    }
}

/// One line on its way into the log.
pub(crate) struct Line<'a> {
    path: &'a Path,
    open: MutexGuard<'a, Open>,
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Line<'a>;

    fn make_writer(&'a self) -> Line<'a> {
        Line { path: &self.path, open: self.open.lock().unwrap_or_else(PoisonError::into_inner) }
    }
}

impl Write for Line<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.open.size_bytes > 0 && self.open.size_bytes + bytes.len() as u64 > self.open.largest_bytes {
            turn_over(self.path)?;
            self.open.file = OpenOptions::new().create(true).append(true).mode(0o600).open(self.path)?;
            self.open.size_bytes = 0;
        }
        let written = self.open.file.write(bytes)?;
        self.open.size_bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.open.file.flush()
    }
}

/// `argus.log` becomes `argus.log.1`, that `argus.log.2`, and so on; the oldest goes.
fn turn_over(path: &Path) -> io::Result<()> {
    let numbered = |number: usize| path.with_extension(format!("log.{number}"));
    for number in (1..FILES - 1).rev() {
        match fs::rename(numbered(number), numbered(number + 1)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    fs::rename(path, numbered(1))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_log_never_grows_beyond_its_bounds_and_keeps_the_newest_lines() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log/argus.log");
        let log = Log::bounded(path.clone(), 1_000).unwrap();
        for number in 0..2_000 {
            log.make_writer().write_all(format!("line {number:06}\n").as_bytes()).unwrap();
        }
        let files: Vec<_> = fs::read_dir(path.parent().unwrap()).unwrap().map(|entry| entry.unwrap()).collect();
        assert_eq!(files.len(), FILES);
        for file in files {
            let metadata = file.metadata().unwrap();
            assert!(metadata.len() <= 1_000, "{file:?}");
            assert_eq!(metadata.permissions().mode() & 0o777, 0o600);
        }
        assert!(fs::read_to_string(&path).unwrap().ends_with("line 001999\n"));
        // A server that starts again goes on where the last one ended.
        let size = fs::metadata(&path).unwrap().len();
        Log::bounded(path.clone(), 1_000).unwrap().make_writer().write_all(b"again\n").unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), size + 6);
    }
}
