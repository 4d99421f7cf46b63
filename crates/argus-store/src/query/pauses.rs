//! When capture was, or is, paused.

use argus_model::{Pause, Timestamp};
use rusqlite::Connection;

use super::Reader;
use crate::Result;
use crate::table::time;

impl Reader {
    /// The pause that holds at a moment.
    pub fn get_pause(&self, at: Timestamp) -> Result<Option<Pause>> {
        Ok(list_pauses(self.connection())?.into_iter().find(|pause| pause.covers(at)))
    }
}

/// Every pause there was, in order; a person makes few.
pub(crate) fn list_pauses(connection: &Connection) -> Result<Vec<Pause>> {
    let mut statement = connection.prepare_cached("SELECT from_at, until_at FROM pause ORDER BY from_at")?;
    let rows = statement.query_map([], |row| {
        Ok(Pause { from_at: Timestamp::from_micros(row.get("from_at")?), until_at: time(row, "until_at")? })
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
