//! What the guard is told of sessions.

use argus_model::{SessionId, Timestamp};
use rusqlite::Connection;

use super::Reader;
use crate::Result;

impl Reader {
    /// The folders that people added to sessions which were alive since.
    pub fn list_added_folders(&self, since: Timestamp) -> Result<Vec<(SessionId, String)>> {
        list_added_folders(self.connection(), since.as_micros())
    }
}

pub(crate) fn list_added_folders(connection: &Connection, since: i64) -> Result<Vec<(SessionId, String)>> {
    let mut statement = connection.prepare_cached(
        "SELECT s.session_id, f.folder FROM added_folder AS f CROSS JOIN session AS s ON s.session_no = f.session_no \
         WHERE ifnull(s.last_at, 0) >= ?1 ORDER BY s.session_id, f.folder",
    )?;
    let rows = statement.query_map([since], |row| Ok((SessionId::new(row.get::<_, String>(0)?), row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
