//! Is capture healthy: what came from each source, and what could not be read.

use argus_model::Timestamp;
use argus_model::record::{QuarantineRecord, SourceHealth};

use super::Reader;
use crate::Result;
use crate::table::time;

/// The tables whose rows are counted, as columns of the statement.
const COUNTED: [&str; 15] = [
    "session",
    "agent",
    "turn",
    "event",
    "request",
    "source",
    "body",
    "quarantine",
    "search_chunk",
    "search_waiting",
    "sighting",
    "alert",
    "alert_action",
    "withheld",
    "forgotten",
];

/// The word for a kind of source.
pub(super) fn source_word(kind: i64) -> &'static str {
    match kind {
        1 => "hook",
        2 => "transcript",
        _ => "otlp",
    }
}

impl Reader {
    /// One row a kind of source.
    pub fn list_source_health(&self) -> Result<Vec<SourceHealth>> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/source_health.sql"))?;
        let rows = statement.query_map([], |row| {
            Ok(SourceHealth {
                source: source_word(row.get("kind")?),
                source_count: row.get("source_count")?,
                size_bytes: row.get("size_bytes")?,
                read_bytes: row.get("read_bytes")?,
                archived_bytes: row.get("archived_bytes")?,
                record_count: row.get("record_count")?,
                quarantine_count: row.get("quarantine_count")?,
                unknown_count: row.get("unknown_count")?,
                last_at: time(row, "last_at")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The newest records set aside.
    pub fn list_quarantine(&self, limit: i64) -> Result<Vec<QuarantineRecord>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT source_name, offset, reason, at, excerpt FROM quarantine ORDER BY at DESC, source_name, offset LIMIT ?1",
        )?;
        let rows = statement.query_map([limit], |row| {
            Ok(QuarantineRecord {
                source: row.get(0)?,
                offset: row.get(1)?,
                reason: row.get(2)?,
                at: Timestamp::from_micros(row.get(3)?),
                excerpt: row.get(4)?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// How many records are set aside.
    pub fn count_quarantine(&self) -> Result<i64> {
        let sql = "SELECT count(*) FROM quarantine";
        Ok(self.connection().prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// How many rows each of the tables has that grow.
    pub fn count_rows(&self) -> Result<Vec<(&'static str, i64)>> {
        let sql = include_str!("../../queries/row_counts.sql");
        let counts = |row: &rusqlite::Row<'_>| {
            COUNTED.iter().map(|table| Ok((*table, row.get(*table)?))).collect::<rusqlite::Result<_>>()
        };
        Ok(self.connection().query_row(sql, [], counts)?)
    }

    /// How many migrations made the database what it is.
    pub fn schema_version(&self) -> Result<i64> {
        Ok(self.connection().pragma_query_value(None, "user_version", |row| row.get(0))?)
    }

    /// Size of the database in bytes, without its write-ahead log.
    pub fn database_bytes(&self) -> Result<i64> {
        let pages: i64 = self.connection().pragma_query_value(None, "page_count", |row| row.get(0))?;
        let page: i64 = self.connection().pragma_query_value(None, "page_size", |row| row.get(0))?;
        Ok(pages * page)
    }
}
