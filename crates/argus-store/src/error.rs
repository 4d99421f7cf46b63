//! What can go wrong in the store, named for what the caller can do about it.

use std::path::PathBuf;

/// An error of the store.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process owns the writer.
    #[error("another Argus process is writing to this database ({})", .0.display())]
    WriterBusy(PathBuf),
    /// The database was made by a newer Argus.
    #[error("the database was made by a newer Argus (schema {found}, this one knows {known}); update Argus")]
    Newer {
        /// The schema found.
        found: i64,
        /// The newest schema this binary knows.
        known: i64,
    },
    /// SQLite itself is too old to be trusted with several connections.
    #[error("SQLite {0} has a known corruption bug with several connections; 3.51.3 or newer is needed")]
    OldSqlite(&'static str),
    /// A file or folder could not be used.
    #[error("{action}: {source}: {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The copy is not what was to be copied.
    #[error("the copy is not sound: {0}")]
    BadBackup(String),
    /// The cursor is not one of ours.
    #[error("the cursor is not one that this list gave")]
    BadCursor,
    /// SQLite refused.
    #[error("database: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// A migration failed.
    #[error("database migration: {0}")]
    Migration(#[from] rusqlite_migration::Error),
}

impl StoreError {
    /// The file is no database, or a damaged one: asking again tells the same.
    pub fn is_damage(&self) -> bool {
        let of = |error: &rusqlite::Error| {
            matches!(
                error.sqlite_error_code(),
                Some(rusqlite::ErrorCode::DatabaseCorrupt | rusqlite::ErrorCode::NotADatabase)
            )
        };
        match self {
            Self::Sqlite(error) | Self::Migration(rusqlite_migration::Error::RusqliteError { err: error, .. }) => {
                of(error)
            }
            _ => false,
        }
    }

    /// A question took longer than it may, and was stopped.
    pub fn is_interrupted(&self) -> bool {
        matches!(self, Self::Sqlite(error) if error.sqlite_error_code() == Some(rusqlite::ErrorCode::OperationInterrupted))
    }
}

/// Result of the store.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;
