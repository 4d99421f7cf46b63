//! One file a table: how its rows are read into states and written back.

pub(crate) mod agent;
pub(crate) mod alert;
pub(crate) mod deed;
pub(crate) mod event;
pub(crate) mod facet;
pub(crate) mod guard;
pub(crate) mod known_again;
pub(crate) mod part;
pub(crate) mod request;
pub(crate) mod session;
pub(crate) mod spend;
pub(crate) mod statement;
pub(crate) mod tool_use;
pub(crate) mod totals;

use argus_model::Timestamp;
use rusqlite::Row;

/// A time, or unknown.
pub(crate) fn time(row: &Row<'_>, column: &str) -> rusqlite::Result<Option<Timestamp>> {
    Ok(row.get::<_, Option<i64>>(column)?.map(Timestamp::from_micros))
}

/// The stored form of a time.
pub(crate) fn micros(at: Option<Timestamp>) -> Option<i64> {
    at.map(Timestamp::as_micros)
}
