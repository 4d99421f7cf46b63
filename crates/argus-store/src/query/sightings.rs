//! Where masked secrets stand, as the chunks that were indexed tell.

use argus_model::Timestamp;
use rusqlite::{Params, Row};

use super::Reader;
use crate::Result;
use crate::search::Sighting;
use crate::table::time;

/// More rows than this are no report that anybody reads.
const MOST: usize = 200_000;

/// One row an event, however many chunks tell of it.
macro_rules! sightings {
    ($filter:literal) => {
        concat!(
            "SELECT fingerprint, kind, session_id, event_key, min(at) AS at FROM sighting ",
            $filter,
            " GROUP BY fingerprint, kind, session_id, event_key LIMIT ?1"
        )
    };
}

impl Reader {
    /// Every secret in every event, and whether that is all of them.
    pub fn list_sightings(&self) -> Result<(Vec<Sighting>, bool)> {
        let rows = self.sightings(sightings!(""), (MOST as i64,))?;
        let is_all = rows.len() < MOST;
        Ok((rows, is_all))
    }

    /// The secrets of one session.
    pub fn list_sightings_of_session(&self, session_id: &str) -> Result<Vec<Sighting>> {
        self.sightings(sightings!("WHERE session_id = ?2"), (MOST as i64, session_id))
    }

    /// Where one secret stands.
    pub fn list_sightings_of_secret(&self, fingerprint: &str) -> Result<Vec<Sighting>> {
        self.sightings(sightings!("WHERE fingerprint = ?2"), (MOST as i64, fingerprint))
    }

    fn sightings(&self, sql: &str, params: impl Params) -> Result<Vec<Sighting>> {
        let mut statement = self.connection().prepare_cached(sql)?;
        let rows = statement.query_map(params, read)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<Sighting> {
    let at: Option<Timestamp> = time(row, "at")?;
    Ok(Sighting {
        fingerprint: row.get("fingerprint")?,
        kind: row.get("kind")?,
        session_id: row.get("session_id")?,
        event_key: row.get("event_key")?,
        at,
    })
}
