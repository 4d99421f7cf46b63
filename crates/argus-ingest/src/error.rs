//! What can go wrong while ingesting, named for what the caller can do about it.

use std::path::PathBuf;

/// An error of ingest.
#[derive(Debug, thiserror::Error)]
pub enum IngestError {
    /// The store refused.
    #[error(transparent)]
    Store(#[from] argus_store::StoreError),
    /// The spool refused.
    #[error(transparent)]
    Spool(#[from] argus_spool::SpoolError),
    /// A file or folder could not be read.
    #[error("cannot read: {source}: {}", path.display())]
    Read {
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// No randomness for the masking salt.
    #[error("the system gave no random bytes for the masking salt: {0}")]
    Salt(std::io::Error),
    /// The writer did not answer in time.
    #[error("the writer did not answer; it may be stopping")]
    NoAnswer,
    /// Another order is carried out.
    #[error("data is being removed just now; try again when that is done")]
    Busy,
    /// A thread could not be started.
    #[error("cannot start a thread: {0}")]
    Thread(std::io::Error),
}

/// Result of ingest.
pub type Result<T, E = IngestError> = std::result::Result<T, E>;
