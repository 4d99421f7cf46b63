//! What can go wrong on the server's side of the spool, by what the caller can do about it.

use std::io;
use std::path::{Path, PathBuf};

use crate::name::SegmentName;

/// An error of the drain. The hook's side has none: it counts its losses.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// Something else stands where the spool belongs, or it is another user's: a person must move it away.
    #[error("the spool is not a folder of this user: {}", .0.display())]
    NotOurs(PathBuf),
    /// The segment is no longer there: somebody else drained it, go on.
    #[error("the segment is gone: {0}")]
    Gone(SegmentName),
    /// The file system refused; try again later.
    #[error("cannot {action} ({source}): {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
        /// With which file or folder.
        path: PathBuf,
    },
}

/// For `map_err`: an I/O error with what was tried and where.
pub(crate) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SpoolError {
    let path = path.to_owned();
    move |source| SpoolError::Io { action, source, path }
}
