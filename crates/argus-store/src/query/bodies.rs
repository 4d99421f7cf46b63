//! The masked records behind an event.

use argus_model::record::BodyRecord;
use rusqlite::{OptionalExtension, params};

use super::Reader;
use crate::Result;
use crate::writer::{find_line, find_removal};

impl Reader {
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
