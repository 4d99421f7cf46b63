//! Keeping the masked lines themselves, since Claude Code deletes its transcripts after some weeks.
//!
//! This comes after the facts, so that totals are there first; until it has run, an event's body is "being archived".

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use argus_store::{BodyChunk, BodyLine, SourceRow};

use crate::claude::text;
use crate::redact::{self, Redactor};

/// Handed on after about this many bytes.
const CHUNK_BYTES: usize = 4 * 1024 * 1024;
/// Of a longer line the beginning is kept, and the cut is said.
const LONGEST_BODY: usize = 16 * 1024 * 1024;

/// Masks the lines between what is archived and what is read, in pieces. Stops early when `emit` says no.
pub(crate) fn archive(
    source: &SourceRow,
    redactor: &Redactor,
    emit: &mut dyn FnMut(BodyChunk) -> bool,
) -> io::Result<()> {
    let mut reader = BufReader::with_capacity(256 * 1024, File::open(Path::new(&source.path))?);
    reader.seek(SeekFrom::Start(source.archived_offset.cast_unsigned()))?;
    let mut offset = source.archived_offset;
    let mut lines = Vec::new();
    let mut gathered = 0;
    let mut line = Vec::new();
    while offset < source.read_offset {
        line.clear();
        let length =
            reader.by_ref().take((source.read_offset - offset).cast_unsigned()).read_until(b'\n', &mut line)?;
        if length == 0 {
            break;
        }
        let text = masked(&line, redactor);
        if !text.is_empty() {
            gathered += text.len();
            lines.push(BodyLine { offset, text });
        }
        offset += length as i64;
        if gathered >= CHUNK_BYTES {
            gathered = 0;
            let chunk = BodyChunk {
                source_no: source.source_no,
                lines: std::mem::take(&mut lines),
                archived_offset: Some(offset),
            };
            if !emit(chunk) {
                return Ok(());
            }
        }
    }
    emit(BodyChunk { source_no: source.source_no, lines, archived_offset: Some(offset) });
    Ok(())
}

/// A line as it may be kept.
pub(crate) fn masked(line: &[u8], redactor: &Redactor) -> String {
    let text = text::decode(line);
    let text = text.trim_end_matches(['\n', '\r']);
    let (text, cut_bytes) = match text.len() {
        length if length <= LONGEST_BODY => (text, 0),
        length => {
            let end = (0..=LONGEST_BODY).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
            (&text[..end], length - end)
        }
    };
    let normal = redact::normalise_escapes(text);
    let mut masked = redactor.redact(&normal).into_owned();
    if masked.contains('\n') {
        masked = masked.replace('\n', "\\n");
    }
    if cut_bytes > 0 {
        masked.push_str(&format!("‹cut: {cut_bytes} more bytes›"));
    }
    masked
}
