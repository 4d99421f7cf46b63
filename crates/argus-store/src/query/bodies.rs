//! The masked records behind an event.

use argus_model::record::BodyRecord;
use rusqlite::{OptionalExtension, params};

use super::Reader;
use crate::Result;
use crate::writer::{find_line, find_removal};

/// A chunk of a transcript as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptChunk {
    /// Its file.
    pub source_no: i64,
    /// The file's name; see `source`.
    pub source_name: String,
    packed: Vec<u8>,
}

impl KeptChunk {
    /// `OFFSET TEXT\n` for each record; `None` for a damaged chunk.
    pub fn unpack(&self) -> Option<Vec<u8>> {
        crate::search::unpack(&self.packed)
    }
}

impl Reader {
    /// How many chunks of transcripts are kept.
    pub fn count_kept_chunks(&self) -> Result<u64> {
        let sql = "SELECT count(*) FROM source AS s JOIN body AS b ON b.source_no = s.source_no WHERE s.kind = 2";
        Ok(self.connection().prepare_cached(sql)?.query_row([], |row| row.get::<_, i64>(0))?.unsigned_abs())
    }

    /// Gives all chunks of transcripts, file by file and in each file's order, until `each` says false.
    pub fn each_kept_chunk(&self, mut each: impl FnMut(KeptChunk) -> bool) -> Result<()> {
        let mut statement = self.connection().prepare_cached(
            "SELECT s.source_no, s.name, b.packed FROM source AS s JOIN body AS b ON b.source_no = s.source_no \
             WHERE s.kind = 2 ORDER BY s.source_no, b.first_offset",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if !each(KeptChunk { source_no: row.get(0)?, source_name: row.get(1)?, packed: row.get(2)? }) {
                break;
            }
        }
        Ok(())
    }

    /// Input and output of an event as they were received, masked.
    pub fn list_bodies(&self, event_id: &str) -> Result<Vec<BodyRecord>> {
        let Some((session_id, key)) = event_id.split_once('~') else { return Ok(Vec::new()) };
        let refs = self
            .connection()
            .prepare_cached(
                "SELECT input_source, input_offset, output_source, output_offset FROM event WHERE session_no = \
                 (SELECT session_no FROM session WHERE session_id = ?1) AND key = ?2",
            )?
            .query_row(params![session_id, key], |row| {
                Ok([("input", row.get(0)?, row.get(1)?), ("output", row.get(2)?, row.get(3)?)])
            })
            .optional()?;
        let mut bodies = Vec::new();
        for (part, source_no, offset) in refs.into_iter().flatten() {
            let (Some(source_no), Some(offset)): (Option<i64>, Option<i64>) = (source_no, offset) else { continue };
            let kind: i64 = self
                .connection()
                .prepare_cached("SELECT kind FROM source WHERE source_no = ?1")?
                .query_row([source_no], |row| row.get(0))?;
            let source = super::capture::source_word(kind);
            let text = find_line(self.connection(), source_no, offset)?;
            let removed_at = match text {
                Some(_) => None,
                None => find_removal(self.connection(), source_no, offset)?,
            };
            bodies.push(BodyRecord { source, part, text, removed_at });
        }
        Ok(bodies)
    }

    /// A tool's output that was too long for the transcript, from the file of that name beside it; `None` when no such
    /// file was kept.
    pub fn get_saved_output(&self, session_id: &str, file: &str) -> Result<Option<BodyRecord>> {
        let source_no: Option<i64> = self
            .connection()
            .prepare_cached("SELECT max(source_no) FROM source WHERE kind = 2 AND name = ?1")?
            .query_row([format!("result/{session_id}/{file}")], |row| row.get(0))?;
        let Some(source_no) = source_no else { return Ok(None) };
        // One line holds all of it; its line breaks were escaped.
        let text = find_line(self.connection(), source_no, 0)?.map(|text| text.replace("\\n", "\n"));
        let removed_at = match text {
            Some(_) => None,
            None => find_removal(self.connection(), source_no, 0)?,
        };
        Ok(Some(BodyRecord { source: "file", part: "output", text, removed_at }))
    }
}
