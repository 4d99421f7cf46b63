//! The last line that was read of a file, by which it is known again.
//!
//! An offset alone does not tell whether what lies before it is still what was read: a file may be cut and grow past its
//! old length before anybody looks. So the state stored with an offset holds the length and a hash of the line that ends
//! there, and before a file is read on or archived its bytes at that place are compared: one bounded read.

use std::fs::File;
use std::os::unix::fs::FileExt;

use argus_store::SourceRow;
use serde::{Deserialize, Serialize};

use crate::claude::text;

/// So much of a line's beginning is hashed. Clients write an id there.
const HASHED_BYTES: usize = 4096;

/// The last whole line before an offset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tail {
    /// Its bytes, with its end.
    length: i64,
    /// Of its beginning, without its end.
    hash: i64,
}

/// What is stored with an offset, as far as it matters here.
#[derive(Default, Deserialize)]
struct Stored {
    #[serde(default)]
    tail: Option<Tail>,
}

/// How a file is to a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fit {
    /// What was read of the source is what the file begins with, as far as its last line tells.
    Same,
    /// It is something else.
    Other,
    /// Nothing was read yet, or by a version that kept no last line.
    Unknown,
}

/// The beginning of a line that may be the last one, so that nothing is hashed for the others.
#[derive(Debug, Default)]
pub(super) struct LastLine {
    head: Vec<u8>,
    length: i64,
}

impl LastLine {
    /// Takes a line in: its text, which need not be all of it, and its bytes with its end.
    pub(super) fn note(&mut self, line: &[u8], length: i64) {
        self.head.clear();
        self.head.extend_from_slice(&line[..line.len().min(HASHED_BYTES)]);
        self.length = length;
    }

    /// What to store, if there was a line.
    pub(super) fn tail(&self) -> Option<Tail> {
        (self.length > 0).then(|| Tail { length: self.length, hash: text::hash(&[&self.head]) })
    }
}

impl Tail {
    /// Whether the line still stands before the offset, between two ends of lines.
    fn is_in(self, file: &File, offset: i64) -> bool {
        let Ok(begin) = u64::try_from(offset - self.length) else { return false };
        let is_end = |at: u64| {
            let mut byte = [0];
            file.read_exact_at(&mut byte, at).is_ok() && byte == *b"\n"
        };
        let mut head = vec![0; usize::try_from(self.length - 1).unwrap_or(0).min(HASHED_BYTES)];
        begin.checked_sub(1).is_none_or(is_end)
            && is_end(offset.cast_unsigned() - 1)
            && file.read_exact_at(&mut head, begin).is_ok()
            && text::hash(&[&head]) == self.hash
    }
}

/// Whether a file may be read on as the source that it was.
pub(crate) fn fit(source: &SourceRow, file: &File) -> Fit {
    let length = file.metadata().map_or(0, |metadata| metadata.len());
    if source.read_offset.cast_unsigned() > length {
        return Fit::Other;
    }
    let stored = source.reader_state.as_deref().and_then(|state| serde_json::from_slice::<Stored>(state).ok());
    match stored.unwrap_or_default().tail.filter(|_| source.read_offset > 0) {
        None => Fit::Unknown,
        Some(tail) if tail.is_in(file, source.read_offset) => Fit::Same,
        Some(_) => Fit::Other,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn source(read_offset: i64, tail: Option<Tail>) -> SourceRow {
        let reader_state =
            tail.map(|tail| serde_json::json!({ "session": "s", "tail": tail }).to_string().into_bytes());
        SourceRow {
            source_no: 1,
            name: String::new(),
            head: 0,
            path: String::new(),
            size_bytes: 0,
            modified_at: None,
            read_offset,
            archived_offset: 0,
            reader_state,
        }
    }

    #[test]
    fn a_file_is_the_same_only_while_its_last_line_ends_where_it_did() {
        let long = "x".repeat(2 * HASHED_BYTES);
        for line in ["", "a line", long.as_str()] {
            let mut last = LastLine::default();
            last.note(line.as_bytes(), line.len() as i64 + 1);
            let source = source(4 + line.len() as i64 + 1, last.tail());
            let fit_of = |text: &str| {
                let mut file = tempfile::tempfile().unwrap();
                file.write_all(text.as_bytes()).unwrap();
                fit(&source, &file)
            };
            assert_eq!(fit_of(&format!("one\n{line}\n")), Fit::Same);
            assert_eq!(fit_of(&format!("one\n{line}\nand more")), Fit::Same);
            assert_eq!(fit_of(&format!("one\n{line}")), Fit::Other);
            assert_eq!(fit_of(&format!("one\n{line} and more\n")), Fit::Other);
            assert_eq!(fit_of(&format!("ones\n{line}\n")), Fit::Other);
        }
    }

    #[test]
    fn what_was_read_without_a_last_line_is_unknown() {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(b"one\ntwo\n").unwrap();
        assert_eq!(fit(&source(4, None), &file), Fit::Unknown);
        assert_eq!(fit(&source(9, None), &file), Fit::Other);
    }
}
