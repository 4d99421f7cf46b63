//! The only crate that knows a database.
//!
//! One `Writer` in one process joins facts into tables and keeps every roll-up in the same transaction; any number
//! of `Reader`s answer questions from indexes. SQL stays in here; types that cross the border are argus-model's.
//!
//! What must stay true: applying the same facts in any order, any number of times, gives the same tables; counters
//! only change by the difference between a row's old and new contribution, so a replay cannot count twice.
//! Start with `writer`, then `table`, one file a table; `query`, one file a question.

mod backup;
mod error;
mod open;
mod query;
mod registers;
pub mod search;
mod table;
mod writer;

pub use backup::{Backup, Replace};
pub use error::{Result, StoreError};

/// Version of the SQLite in this binary.
pub fn sqlite_version() -> &'static str {
    rusqlite::version()
}
pub use open::{DATA_VERSION, Store};
pub use query::{AgentContexts, Alive, KeptChunk, Ledger, Reader, Readers};
pub use writer::{
    AlertPlace, Batch, BodyChunk, BodyLine, Checkpointer, Due, Judge, PRUNE_BATCH, Quarantined, Repriced, RequestPlace,
    SourceKind, SourceRow, SourceUpdate, Withheld, Writer,
};
