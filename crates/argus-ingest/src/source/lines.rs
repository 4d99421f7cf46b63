//! Whole lines out of a file, whatever their length, in bounded memory.

use std::io::{self, BufRead};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::claude::text;

/// From this length on a line is long: its memory is given back, and one is held at a time.
const LONG_LINE: usize = 8 * 1024 * 1024;
/// Readers run side by side, and each may come upon a line of a hundred megabytes.
static ONE_LONG_LINE: Mutex<()> = Mutex::new(());

/// One line at a time, without its end.
#[derive(Debug, Default)]
pub(crate) struct LineRoom {
    line: Vec<u8>,
    long: Option<MutexGuard<'static, ()>>,
}

/// What came of asking for a line.
pub(super) enum Taken<'a> {
    Whole {
        /// The line, or its head.
        line: &'a mut [u8],
        /// The bytes of the whole line with its end.
        length: u64,
        /// It was longer than was asked for.
        is_cut: bool,
    },
    /// The end, or a line that is still being written.
    Nothing,
}

/// How much of a line is kept.
#[derive(Clone, Copy)]
pub(super) struct Keep {
    pub(super) longest: usize,
    /// Of a line longer than that.
    pub(super) head: usize,
}

impl LineRoom {
    /// The next line of `reader`.
    pub(super) fn take<'a>(&'a mut self, reader: &mut impl BufRead, keep: Keep) -> io::Result<Taken<'a>> {
        self.empty();
        let (mut length, mut is_cut) = (0, false);
        loop {
            let available = reader.fill_buf()?;
            if available.is_empty() {
                return Ok(Taken::Nothing);
            }
            let end = memchr::memchr(b'\n', available);
            let used = end.map_or(available.len(), |end| end + 1);
            let text = &available[..end.unwrap_or(used)];
            is_cut |= self.line.len() + text.len() > keep.longest;
            let wanted = if is_cut { keep.head.saturating_sub(self.line.len()) } else { text.len() };
            self.grow(&text[..wanted.min(text.len())], keep);
            reader.consume(used);
            length += used as u64;
            if end.is_some() {
                if is_cut {
                    self.line.truncate(keep.head);
                }
                return Ok(Taken::Whole { line: &mut self.line, length, is_cut });
            }
        }
    }

    fn grow(&mut self, more: &[u8], keep: Keep) {
        if self.long.is_none() && self.line.len() + more.len() > LONG_LINE {
            self.long = Some(ONE_LONG_LINE.lock().unwrap_or_else(PoisonError::into_inner));
            // All it may need at once: only what is written to counts, and growing by and by would hold it twice.
            self.line.reserve_exact(keep.longest.saturating_sub(self.line.len()));
        }
        self.line.extend_from_slice(more);
    }

    /// Gives back what a long line took.
    pub(super) fn empty(&mut self) {
        self.line.clear();
        if self.long.is_some() {
            self.line = Vec::new();
            self.long = None;
        }
    }
}

/// Makes a long line text that parses, where it stands: the ways of short ones would copy it, up to three times its size.
pub(super) fn make_text(line: &mut [u8]) {
    if line.len() <= LONG_LINE {
        return;
    }
    let mut at = 0;
    while let Err(error) = std::str::from_utf8(&line[at..]) {
        let bad = at + error.valid_up_to();
        at = error.error_len().map_or(line.len(), |length| bad + length);
        line[bad..at].fill(b'?');
    }
    text::mend_surrogates_from(line, 0);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_whole_or_cut_and_its_length_is_true() {
        let text = b"one\ntwo and more\n\nhalf";
        let keep = Keep { longest: 5, head: 2 };
        let mut reader = io::BufReader::with_capacity(3, &text[..]);
        let mut room = LineRoom::default();
        let mut seen = Vec::new();
        while let Taken::Whole { line, length, is_cut } = room.take(&mut reader, keep).unwrap() {
            seen.push((String::from_utf8(line.to_vec()).unwrap(), length, is_cut));
        }
        assert_eq!(seen, [("one".to_owned(), 4, false), ("tw".to_owned(), 13, true), (String::new(), 1, false)]);
    }

    #[test]
    fn a_long_line_that_is_no_text_becomes_one_in_its_own_place() {
        let mut line =
            [b"\xffa\xe2\x82".as_slice(), &vec![b'x'; LONG_LINE], "\\ud83d€\u{e9}".as_bytes(), b"\xe2\x82"].concat();
        let length = line.len();
        make_text(&mut line);
        let text = String::from_utf8(line).unwrap();
        assert!(text.len() == length && text.starts_with("?a??x") && text.ends_with("x\\ufffd€é??"), "{}", &text[..9]);
    }
}
