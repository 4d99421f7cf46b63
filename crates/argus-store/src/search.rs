//! The write side of search: chunks of bodies with the words in them.
//!
//! FTS5 gets one row a chunk and each word once, so that it does a tenth of the work of a row an event; which record of
//! the chunk a word stands in is found by reading the chunk. What must stay true: a chunk stands either in
//! `search_chunk` (with its row in `search`) or in `search_waiting`, in the transaction that wrote it; the upper part of
//! a row's number is never before the chunk's newest record, so that reading rows downwards reads time downwards.

use std::cell::RefCell;

use argus_model::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use zstd::bulk::Compressor;

pub use crate::query::search::{Candidate, EventFilter, IndexedWord, Position, SearchCoverage, SessionBrief};
use crate::writer::prune;
use crate::{Result, Writer};

/// A row's number is a second times this, plus what tells chunks of one second apart.
const SLOTS_A_SECOND: i64 = 16;

/// Chunks grow to about this size before a new one is begun: large enough to compress well and to share words, small
/// enough to open one for a single body.
pub const CHUNK_BYTES: usize = 256 * 1024;

/// The fastest kind: level 3 makes the same texts a thirtieth smaller, and takes half as long again.
const COMPRESSION: i32 = 1;

/// A whole chunk, made ready off the writer's thread.
#[derive(Clone, Debug, PartialEq)]
pub struct PackedChunk {
    /// Its source.
    pub source_no: i64,
    /// Offset of its first record.
    pub first_offset: i64,
    /// Offset of its last record.
    pub last_offset: i64,
    /// Size of its text.
    pub plain_bytes: i64,
    /// `OFFSET TEXT\n` for each record, compressed by [`pack`].
    pub packed: Vec<u8>,
    /// The source is archived up to here with this chunk.
    pub archived_offset: i64,
    /// What search is to know; `None` while the chunk may still grow.
    pub words: Option<ChunkWords>,
}

/// The words of a chunk, and the time it spans.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChunkWords {
    /// Distinct words, lower case, separated by spaces: letters, digits and underscores only.
    pub words: String,
    /// Its oldest record.
    pub first_at: Option<Timestamp>,
    /// Its newest.
    pub last_at: Option<Timestamp>,
    /// Masked secrets in it.
    pub sightings: Vec<Sighting>,
}

/// A masked secret, and where it stands.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sighting {
    /// Its salted fingerprint.
    pub fingerprint: String,
    /// What kind of secret.
    pub kind: String,
    /// In which session.
    pub session_id: String,
    /// In which of its events; empty where it is the session's own, such as its title.
    pub event_key: String,
    /// When that was, as far as it is told.
    pub at: Option<Timestamp>,
}

/// A chunk that search does not know yet.
#[derive(Clone, Debug, PartialEq)]
pub struct WaitingChunk {
    /// Its number.
    pub body_no: i64,
    /// Its source's name.
    pub source_name: String,
    /// Where its source is, or was.
    pub source_path: String,
    /// Its text.
    pub plain: Vec<u8>,
    /// It was stored under earlier rules of masking.
    pub is_old: bool,
}

/// Compresses the text of a chunk.
pub fn pack(plain: &[u8]) -> Vec<u8> {
    thread_local! {
        // Its tables are larger than most chunks, and are made once.
        static COMPRESSOR: RefCell<Compressor<'static>> =
            RefCell::new(Compressor::new(COMPRESSION).expect("the level is one of the library's"));
        static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
    }
    COMPRESSOR.with_borrow_mut(|compressor| {
        ROOM.with_borrow_mut(|room| {
            room.clear();
            room.reserve(zstd::zstd_safe::compress_bound(plain.len()));
            // Compressing in memory cannot fail: the room is as large as the worst case needs.
            compressor.compress_to_buffer(plain, room).expect("the room is large enough");
            room.as_slice().to_vec()
        })
    })
}

pub(crate) fn unpack(packed: &[u8]) -> Option<Vec<u8>> {
    zstd::decode_all(packed).ok()
}

impl Writer {
    /// Chunks that can grow no more, or did not for `quiet_seconds`, and are not indexed yet.
    pub fn list_waiting(&self, quiet_seconds: i64, limit: i64) -> Result<Vec<WaitingChunk>> {
        let mut statement = self.connection().prepare_cached(include_str!("../queries/search_waiting.sql"))?;
        let rows = statement.query_map([quiet_seconds, limit], |row| {
            Ok((
                row.get("body_no")?,
                row.get("name")?,
                row.get("path")?,
                row.get::<_, Vec<u8>>("packed")?,
                row.get("is_old")?,
            ))
        })?;
        let mut waiting = Vec::new();
        for row in rows {
            let (body_no, source_name, source_path, packed, is_old) = row?;
            let plain = unpack(&packed).unwrap_or_default();
            waiting.push(WaitingChunk { body_no, source_name, source_path, plain, is_old });
        }
        Ok(waiting)
    }

    /// Puts texts in the place of chunks that waited: the same records, masked again.
    pub fn replace_chunks(&mut self, chunks: &[(i64, Vec<u8>)]) -> Result<()> {
        let connection = self.connection();
        for (body_no, plain) in chunks {
            connection
                .prepare_cached("UPDATE body SET packed = ?2, plain_bytes = ?3 WHERE body_no = ?1")?
                .execute(params![body_no, pack(plain), i64::try_from(plain.len()).unwrap_or(i64::MAX)])?;
        }
        Ok(())
    }

    /// Lets search know chunks that waited, in one transaction.
    pub fn index_chunks(&mut self, chunks: &[(i64, ChunkWords)]) -> Result<()> {
        let connection = self.connection();
        connection.execute_batch("BEGIN IMMEDIATE")?;
        match index_all(connection, chunks) {
            Ok(()) => Ok(connection.execute_batch("COMMIT")?),
            Err(error) => {
                connection.execute_batch("ROLLBACK")?;
                Err(error)
            }
        }
    }

    /// Keeps whole chunks and lets search know their words, in one transaction. They may come in any order.
    pub fn keep_chunks(&mut self, chunks: &[PackedChunk]) -> Result<()> {
        let connection = self.connection();
        connection.execute_batch("BEGIN IMMEDIATE")?;
        match keep_all(connection, chunks) {
            Ok(()) => Ok(connection.execute_batch("COMMIT")?),
            Err(error) => {
                connection.execute_batch("ROLLBACK")?;
                Err(error)
            }
        }
    }
}

fn keep_all(connection: &Connection, chunks: &[PackedChunk]) -> Result<()> {
    let mut numbered = Vec::with_capacity(chunks.len());
    for chunk in chunks {
        if prune::is_removed(connection, chunk)? {
            set_archived(connection, chunk)?;
            continue;
        }
        let body_no: i64 = connection.prepare_cached(include_str!("../queries/search_keep_chunk.sql"))?.query_row(
            params![chunk.source_no, chunk.first_offset, chunk.last_offset, chunk.plain_bytes, chunk.packed],
            |row| row.get(0),
        )?;
        set_archived(connection, chunk)?;
        match &chunk.words {
            Some(words) => numbered.push((body_no, words)),
            None => wait(connection, body_no)?,
        }
    }
    insert_all(connection, numbered)
}

fn set_archived(connection: &Connection, chunk: &PackedChunk) -> Result<()> {
    connection
        .prepare_cached("UPDATE source SET archived_offset = max(archived_offset, ?2) WHERE source_no = ?1")?
        .execute([chunk.source_no, chunk.archived_offset])?;
    Ok(())
}

fn index_all(connection: &Connection, chunks: &[(i64, ChunkWords)]) -> Result<()> {
    insert_all(connection, chunks.iter().map(|(body_no, words)| (*body_no, words)).collect())
}

/// FTS5 gathers rows in memory as long as their numbers rise; so they are sorted first.
fn insert_all(connection: &Connection, mut chunks: Vec<(i64, &ChunkWords)>) -> Result<()> {
    chunks.sort_by_key(|(body_no, words)| (words.last_at, *body_no));
    let mut last = 0;
    for (body_no, words) in chunks {
        forget(connection, body_no)?;
        let second = words.last_at.map_or(0, |at| at.as_micros().div_euclid(1_000_000) + 1).max(0);
        let mut search_no = (second * SLOTS_A_SECOND).max(last + 1);
        while is_taken(connection, search_no)? {
            search_no += 1;
        }
        last = search_no;
        connection
            .prepare_cached("INSERT INTO search_chunk (search_no, body_no, first_at, last_at) VALUES (?1, ?2, ?3, ?4)")?
            .execute(params![
                search_no,
                body_no,
                words.first_at.map(Timestamp::as_micros),
                words.last_at.map(Timestamp::as_micros)
            ])?;
        connection
            .prepare_cached("INSERT INTO search (rowid, words) VALUES (?1, ?2)")?
            .execute(params![search_no, words.words])?;
        for seen in &words.sightings {
            connection.prepare_cached(include_str!("../queries/put_sighting.sql"))?.execute(params![
                seen.fingerprint,
                seen.kind,
                seen.session_id,
                seen.event_key,
                body_no,
                seen.at.map(Timestamp::as_micros)
            ])?;
        }
    }
    Ok(())
}

fn is_taken(connection: &Connection, search_no: i64) -> Result<bool> {
    let found: Option<i64> = connection
        .prepare_cached("SELECT 1 FROM search_chunk WHERE search_no = ?1")?
        .query_row([search_no], |row| row.get(0))
        .optional()?;
    Ok(found.is_some())
}

/// Notes that a chunk changed: search reads it as it is until it is indexed again.
pub(crate) fn wait(connection: &Connection, body_no: i64) -> Result<()> {
    forget(connection, body_no)?;
    connection
        .prepare_cached("INSERT INTO search_waiting (body_no, changed_at) VALUES (?1, unixepoch())")?
        .execute([body_no])?;
    Ok(())
}

/// Takes a chunk's words out of the index, and its secrets out of the report.
pub(crate) fn forget(connection: &Connection, body_no: i64) -> Result<()> {
    connection.prepare_cached("DELETE FROM sighting WHERE body_no = ?1")?.execute([body_no])?;
    let known: Option<i64> = connection
        .prepare_cached("DELETE FROM search_chunk WHERE body_no = ?1 RETURNING search_no")?
        .query_row([body_no], |row| row.get(0))
        .optional()?;
    if let Some(search_no) = known {
        connection.prepare_cached("DELETE FROM search WHERE rowid = ?1")?.execute([search_no])?;
    }
    connection.prepare_cached("DELETE FROM search_waiting WHERE body_no = ?1")?.execute([body_no])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SourceKind, Store};

    fn keep_a_parrot(writer: &mut Writer) {
        let source_no = writer.register_source(SourceKind::Transcript, "f", 1, "/f").unwrap().source_no;
        let words = ChunkWords { words: "parrot".to_owned(), ..ChunkWords::default() };
        let packed = pack(b"0 parrot\n");
        let chunk = PackedChunk {
            source_no,
            first_offset: 0,
            last_offset: 0,
            plain_bytes: 9,
            packed,
            archived_offset: 9,
            words: Some(words),
        };
        writer.keep_chunks(&[chunk]).unwrap();
    }

    #[test]
    fn what_stricter_rules_would_mask_waits_again_whether_it_was_indexed_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("argus.db");
        let store = Store::open(&path).unwrap();
        let mut writer = store.writer().unwrap();
        keep_a_parrot(&mut writer);
        let connection = writer.connection();
        connection.execute_batch(crate::table::part::UNDONE).unwrap();
        connection
            .execute_batch(
                "INSERT INTO body (source_no, first_offset, last_offset, plain_bytes, packed) \
                 SELECT source_no, 9, 9, plain_bytes, packed FROM body; \
                 INSERT INTO search_waiting (body_no, changed_at) SELECT max(body_no), unixepoch() FROM body; \
                 DROP TRIGGER alert_waits_anew; DROP TRIGGER alert_waits_no_more; DROP TABLE alert_waiting; \
                 DROP INDEX alert_past_muted; ALTER TABLE alert DROP COLUMN waits_from; \
                 CREATE INDEX alert_past ON alert (severity); PRAGMA user_version = 25",
            )
            .unwrap();
        drop((writer, store));
        let store = Store::open(&path).unwrap();
        let waiting = store.writer().unwrap().list_waiting(600, 10).unwrap();
        assert_eq!(waiting.iter().map(|chunk| chunk.is_old).collect::<Vec<_>>(), [true, true]);
    }

    #[test]
    fn what_was_indexed_before_a_migration_waits_again_and_is_said_to_be_old() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("argus.db");
        let store = Store::open(&path).unwrap();
        let mut writer = store.writer().unwrap();
        keep_a_parrot(&mut writer);
        drop((writer, store));
        let connection = Connection::open(&path).unwrap();
        crate::table::known_again::undo(&connection);
        connection
            .execute_batch(
                "DROP TABLE project; DROP TRIGGER body_leaves_sightings; DROP TABLE sighting; PRAGMA user_version = 15",
            )
            .unwrap();
        drop(connection);
        let store = Store::open(&path).unwrap();
        let mut writer = store.writer().unwrap();
        let waiting = writer.list_waiting(600, 10).unwrap();
        assert_eq!((waiting.len(), waiting[0].is_old), (1, true));
        let sightings = vec![Sighting { fingerprint: "0123abcd".to_owned(), ..Sighting::default() }];
        let words = ChunkWords { words: "herring".to_owned(), sightings, ..ChunkWords::default() };
        writer.replace_chunks(&[(waiting[0].body_no, b"0 herring\n".to_vec())]).unwrap();
        writer.index_chunks(&[(waiting[0].body_no, words)]).unwrap();
        let reader = store.readers().get_unpinned().unwrap();
        let held = |word: &str| {
            let mut found = 0;
            let words = [IndexedWord { text: word.to_owned(), is_prefix: false }];
            let mut each = |_| {
                found += 1;
                Ok(std::ops::ControlFlow::Continue(()))
            };
            reader.walk_chunks(&words, i64::MAX, &mut each).unwrap();
            found
        };
        assert_eq!((held("parrot"), held("herring")), (0, 1));
        assert_eq!(reader.get_chunk(waiting[0].body_no).unwrap().unwrap(), b"0 herring\n");
        assert_eq!(reader.list_sightings().unwrap().0.len(), 1);
        writer.connection().execute("DELETE FROM body", []).unwrap();
        assert_eq!(reader.list_sightings().unwrap().0.len(), 0);
    }

    #[test]
    fn a_body_that_is_deleted_takes_its_words_along() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("argus.db")).unwrap();
        let mut writer = store.writer().unwrap();
        let source_no = writer.register_source(SourceKind::Transcript, "f", 1, "/f").unwrap().source_no;
        let at = Some(Timestamp::from_micros(1_795_330_800_000_000));
        for (first_offset, word) in [(0, "parrot"), (9, "parrot herring"), (18, "herring")] {
            let words = ChunkWords { words: word.to_owned(), first_at: at, last_at: at, ..ChunkWords::default() };
            let chunk = PackedChunk {
                source_no,
                first_offset,
                last_offset: first_offset,
                plain_bytes: 9,
                packed: pack(b"0 parrot\n"),
                archived_offset: first_offset + 9,
                words: Some(words),
            };
            writer.keep_chunks(&[chunk]).unwrap();
        }
        let connection = writer.connection();
        let count = |sql: &str| connection.query_row(sql, [], |row| row.get::<_, i64>(0)).unwrap();
        let holding = |word: &str| count(&format!("SELECT count(*) FROM search WHERE search MATCH '{word}'"));
        assert_eq!((holding("parrot"), holding("herring")), (2, 2));
        connection.execute("DELETE FROM body WHERE first_offset = 9", []).unwrap();
        assert_eq!((holding("parrot"), holding("herring")), (1, 1));
        connection.execute("DELETE FROM body", []).unwrap();
        assert_eq!((holding("parrot"), holding("herring")), (0, 0));
        assert_eq!(count("SELECT count(*) FROM search_chunk"), 0, "nothing points at what is gone");
    }
}
