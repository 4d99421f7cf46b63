//! Sources: how far they were read, the bodies that came from them, and what could not be read.

use std::collections::HashMap;

use argus_model::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Batch, Writer, prune};
use crate::Result;
use crate::search::{self, CHUNK_BYTES};

/// What kind of source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SourceKind {
    /// A session's stream of hook records.
    Hook,
    /// A transcript file.
    Transcript,
    /// A session's stream of log records of Claude Code's telemetry.
    Otlp,
}

impl SourceKind {
    fn code(self) -> i64 {
        match self {
            Self::Hook => 1,
            Self::Transcript => 2,
            Self::Otlp => 3,
        }
    }
}

/// A source as it is known.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceRow {
    /// Its number.
    pub source_no: i64,
    /// Its name: stays when the file moves.
    pub name: String,
    /// Hash of its first line, so that a rewritten file counts as another.
    pub head: i64,
    /// Where it was last seen.
    pub path: String,
    /// Its size when last read.
    pub size_bytes: i64,
    /// Its modification time when last read, nanoseconds.
    pub modified_at: Option<i64>,
    /// Read into facts up to here.
    pub read_offset: i64,
    /// Archived up to here.
    pub archived_offset: i64,
    /// What the reader carried over from the lines before.
    pub reader_state: Option<Vec<u8>>,
}

/// How far a source was read.
#[derive(Clone, Debug, PartialEq)]
pub struct SourceUpdate {
    /// Which.
    pub source_no: i64,
    /// Where it is now.
    pub path: String,
    /// Its size.
    pub size_bytes: i64,
    /// Its modification time, nanoseconds.
    pub modified_at: Option<i64>,
    /// Read from here; the update counts only if the source was read up to exactly here.
    pub from_offset: i64,
    /// Read up to here.
    pub read_offset: i64,
    /// Carry over to the next lines.
    pub reader_state: Vec<u8>,
    /// Records read.
    pub record_count: i64,
    /// Of these, valid but of unknown meaning.
    pub unknown_count: i64,
    /// Time of the newest.
    pub last_at: Option<Timestamp>,
}

/// One masked record.
#[derive(Clone, Debug, PartialEq)]
pub struct BodyLine {
    /// Its offset in the source.
    pub offset: i64,
    /// The masked text, without line breaks.
    pub text: String,
}

/// Masked records of one source, in order.
#[derive(Clone, Debug, PartialEq)]
pub struct BodyChunk {
    /// Which source.
    pub source_no: i64,
    /// The records.
    pub lines: Vec<BodyLine>,
    /// The source is archived up to here; `None` for streams of hooks and logs, which have no end.
    pub archived_offset: Option<i64>,
}

/// Something that could not be read.
#[derive(Clone, Debug, PartialEq)]
pub struct Quarantined {
    /// The source's kind.
    pub kind: SourceKind,
    /// A path, or a spool record's name.
    pub source_name: String,
    /// Where in it.
    pub offset: i64,
    /// Why.
    pub reason: String,
    /// When it was met.
    pub at: Timestamp,
    /// How much.
    pub size_bytes: i64,
    /// The masked beginning of it.
    pub excerpt: String,
}

impl Writer {
    /// Finds or makes the row of a source.
    pub fn register_source(&mut self, kind: SourceKind, name: &str, head: i64, path: &str) -> Result<SourceRow> {
        self.connection
            .prepare_cached("INSERT OR IGNORE INTO source (kind, name, head, path) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![kind.code(), name, head, path])?;
        Ok(self.find_source(kind, name, head)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?)
    }

    /// The row of a source, if there is one.
    pub fn find_source(&self, kind: SourceKind, name: &str, head: i64) -> Result<Option<SourceRow>> {
        Ok(self
            .connection
            .prepare_cached("SELECT * FROM source WHERE kind = ?1 AND name = ?2 AND head = ?3")?
            .query_row(params![kind.code(), name, head], read_source)
            .optional()?)
    }

    /// Every transcript known, by path, so that a rescan can skip what has not changed.
    pub fn list_transcripts(&self) -> Result<HashMap<String, SourceRow>> {
        let mut statement = self.connection.prepare("SELECT * FROM source WHERE kind = 2 ORDER BY source_no")?;
        let rows = statement.query_map([], read_source)?;
        let mut by_path = HashMap::new();
        for row in rows {
            let row = row?;
            by_path.insert(row.path.clone(), row);
        }
        Ok(by_path)
    }

    /// Transcripts whose newest lines are not archived yet, of those last changed at or before a time (nanoseconds).
    pub fn list_unarchived(&self, changed_by_ns: i64, limit: i64) -> Result<Vec<SourceRow>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM source WHERE kind = 2 AND archived_offset < read_offset AND ifnull(modified_at, 0) <= ?1 \
             ORDER BY source_no LIMIT ?2",
        )?;
        let rows = statement.query_map([changed_by_ns, limit], read_source)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Forgets how far transcripts were read, so that they are read again under a new data version.
    pub fn reset_offsets(&mut self) -> Result<()> {
        self.connection
            .execute("UPDATE source SET read_offset = 0, reader_state = NULL, modified_at = NULL WHERE kind = 2", [])?;
        Ok(())
    }

    pub(super) fn keep_sources(&mut self, batch: &Batch) -> Result<()> {
        for update in &batch.sources {
            update_source(&self.connection, update)?;
        }
        for chunk in &batch.bodies {
            keep_bodies(&self.connection, chunk)?;
        }
        for one in &batch.quarantined {
            self.connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO quarantine (source_name, offset, kind, reason, at, size_bytes, excerpt) \
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                )?
                .execute(params![
                    one.source_name,
                    one.offset,
                    one.kind.code(),
                    one.reason,
                    one.at.as_micros(),
                    one.size_bytes,
                    one.excerpt
                ])?;
        }
        Ok(())
    }
}

fn read_source(row: &Row<'_>) -> rusqlite::Result<SourceRow> {
    Ok(SourceRow {
        source_no: row.get("source_no")?,
        name: row.get("name")?,
        head: row.get("head")?,
        path: row.get("path")?,
        size_bytes: row.get("size_bytes")?,
        modified_at: row.get("modified_at")?,
        read_offset: row.get("read_offset")?,
        archived_offset: row.get("archived_offset")?,
        reader_state: row.get("reader_state")?,
    })
}

fn update_source(connection: &Connection, update: &SourceUpdate) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE source SET path = ?2, size_bytes = ?3, modified_at = ?4, read_offset = ?6, reader_state = ?7, \
             record_count = record_count + ?8, unknown_count = unknown_count + ?9, \
             last_at = max(ifnull(last_at, 0), ifnull(?10, 0)) WHERE source_no = ?1 AND read_offset = ?5",
        )?
        .execute(params![
            update.source_no,
            update.path,
            update.size_bytes,
            update.modified_at,
            update.from_offset,
            update.read_offset,
            update.reader_state,
            update.record_count,
            update.unknown_count,
            update.last_at.map(Timestamp::as_micros)
        ])?;
    Ok(())
}

/// Appends to the source's last chunk while that is small, so that live lines do not end in a chunk each.
fn keep_bodies(connection: &Connection, chunk: &BodyChunk) -> Result<()> {
    let is_void = prune::is_void(connection, chunk)?;
    let last: Option<(i64, i64, i64, Vec<u8>)> = connection
        .prepare_cached(
            "SELECT body_no, first_offset, last_offset, CASE WHEN plain_bytes < ?2 THEN packed ELSE x'' END FROM body \
             WHERE source_no = ?1 ORDER BY first_offset DESC LIMIT 1",
        )?
        .query_row(params![chunk.source_no, CHUNK_BYTES as i64 / 2], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })
        .optional()?;
    let mut known_until = last.as_ref().map_or(-1, |last| last.2);
    let mut open = Open::default();
    if let Some((body_no, first_offset, last_offset, packed)) = last
        && !packed.is_empty()
        && let Some(plain) = search::unpack(&packed)
    {
        open = Open { body_no: Some(body_no), first_offset, last_offset, plain };
    }
    for line in chunk.lines.iter().filter(|line| !is_void(line.offset)) {
        if line.offset <= known_until {
            // Hook records may come out of order: a late one gets a chunk of its own, a known or removed one nothing.
            if find_line(connection, chunk.source_no, line.offset)?.is_none()
                && find_removal(connection, chunk.source_no, line.offset)?.is_none()
                && !open.holds(line.offset)
            {
                let mut late = Open::default();
                late.push(line);
                late.write(connection, chunk.source_no)?;
            }
            continue;
        }
        known_until = line.offset;
        if open.plain.len() + line.text.len() > CHUNK_BYTES && !open.plain.is_empty() {
            open.write(connection, chunk.source_no)?;
            open = Open::default();
        }
        open.push(line);
    }
    if !open.plain.is_empty() {
        open.write(connection, chunk.source_no)?;
    }
    if let Some(offset) = chunk.archived_offset {
        connection
            .prepare_cached("UPDATE source SET archived_offset = max(archived_offset, ?2) WHERE source_no = ?1")?
            .execute(params![chunk.source_no, offset])?;
    }
    Ok(())
}

/// The masked record at an offset, wherever its chunk is.
pub(crate) fn find_line(connection: &Connection, source_no: i64, offset: i64) -> Result<Option<String>> {
    let mut statement = connection.prepare_cached(
        "SELECT packed FROM body WHERE source_no = ?1 AND first_offset <= ?2 AND last_offset >= ?2 ORDER BY first_offset DESC",
    )?;
    let mut rows = statement.query(params![source_no, offset])?;
    while let Some(row) = rows.next()? {
        let packed: Vec<u8> = row.get(0)?;
        if let Some(plain) = search::unpack(&packed)
            && let Some(line) = line_at(&plain, offset)
        {
            return Ok(Some(line));
        }
    }
    Ok(None)
}

/// When the record at an offset was removed because of its age, if it was.
pub(crate) fn find_removal(connection: &Connection, source_no: i64, offset: i64) -> Result<Option<Timestamp>> {
    let stamp: Option<Vec<u8>> = connection
        .prepare_cached(
            "SELECT packed FROM body WHERE source_no = ?1 AND first_offset <= ?2 AND last_offset >= ?2 \
             AND plain_bytes = 0 ORDER BY first_offset DESC LIMIT 1",
        )?
        .query_row([source_no, offset], |row| row.get(0))
        .optional()?;
    Ok(stamp.and_then(|bytes| bytes.try_into().ok()).map(|bytes| Timestamp::from_micros(i64::from_le_bytes(bytes))))
}

fn line_at(plain: &[u8], offset: i64) -> Option<String> {
    let prefix = format!("{offset} ");
    let line = plain.split(|byte| *byte == b'\n').find(|line| line.starts_with(prefix.as_bytes()))?;
    Some(String::from_utf8_lossy(&line[prefix.len()..]).into_owned())
}

/// A chunk being filled.
#[derive(Default)]
struct Open {
    body_no: Option<i64>,
    first_offset: i64,
    last_offset: i64,
    plain: Vec<u8>,
}

impl Open {
    fn push(&mut self, line: &BodyLine) {
        if self.plain.is_empty() {
            self.first_offset = line.offset;
        }
        self.last_offset = line.offset;
        self.plain.extend_from_slice(line.offset.to_string().as_bytes());
        self.plain.push(b' ');
        self.plain.extend_from_slice(line.text.as_bytes());
        self.plain.push(b'\n');
    }

    fn holds(&self, offset: i64) -> bool {
        line_at(&self.plain, offset).is_some()
    }

    fn write(&self, connection: &Connection, source_no: i64) -> Result<()> {
        let body_no = connection
            .prepare_cached(
                "INSERT OR REPLACE INTO body (body_no, source_no, first_offset, last_offset, plain_bytes, packed) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6) RETURNING body_no",
            )?
            .query_row(
                params![
                    self.body_no,
                    source_no,
                    self.first_offset,
                    self.last_offset,
                    self.plain.len() as i64,
                    search::pack(&self.plain)
                ],
                |row| row.get(0),
            )?;
        search::wait(connection, body_no)
    }
}
