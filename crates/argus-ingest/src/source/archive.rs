//! Keeping the masked lines themselves, since Claude Code deletes its transcripts after some weeks.
//!
//! This comes after the facts, so that totals are there first; until it has run, an event's body is "being archived". Only
//! an import that is to end with everything searchable keeps lines while their facts are read (`file::read`): by the same
//! [`Keeper`], so that both ways give the same.
//! What is much is packed here, together with its words for the search, so that the writer only has to store it; what
//! little a running session adds is handed on as lines, which the writer puts into the source's last chunk.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::Path;

use argus_store::search::{CHUNK_BYTES, ChunkWords, PackedChunk, pack};
use argus_store::{BodyChunk, BodyLine, SourceRow};

use super::lines::{Keep, LineRoom, Taken, make_text};
use super::tail::{Fit, fit};
use crate::claude::text;
use crate::claude::wire::Line;
use crate::redact::{self, Redactor};
use crate::search::{Origin, WordCollector};

/// Less than this is appended to the source's last chunk.
const FEW_BYTES: i64 = 96 * 1024;
/// A file that nobody wrote for so long is taken to be finished, and indexed to its end.
pub(crate) const QUIET_SECONDS: i64 = 600;
/// Of a longer line the beginning is kept, and the cut is said.
pub(crate) const LONGEST_BODY: usize = 16 * 1024 * 1024;
const LINES: Keep = Keep { longest: LONGEST_BODY, head: LONGEST_BODY };

/// Masked lines on their way into the store.
pub(crate) enum Kept {
    /// Few, to be put into the last chunk.
    Lines(BodyChunk),
    /// A whole chunk.
    Chunk(PackedChunk),
}

impl Kept {
    /// Bytes of text in it.
    pub(crate) fn size_bytes(&self) -> usize {
        match self {
            Self::Lines(chunk) => chunk.lines.iter().map(|line| line.text.len()).sum(),
            Self::Chunk(chunk) => usize::try_from(chunk.plain_bytes).unwrap_or(0),
        }
    }
}

/// What archiving a source needs in memory, kept from one to the next: making it anew for each takes longer than a small
/// file does.
#[derive(Default)]
pub(crate) struct Desk {
    line: LineRoom,
    packer: Packer,
}

/// Masks the lines between what is archived and what is read, in pieces, but for the parts that are `withheld`. Stops
/// early when `emit` says no.
pub(crate) fn archive(
    desk: &mut Desk,
    source: &SourceRow,
    withheld: &[Range<i64>],
    redactor: &Redactor,
    now_ns: i64,
    emit: &mut dyn FnMut(Kept) -> bool,
) -> io::Result<()> {
    let file = File::open(Path::new(&source.path))?;
    if fit(source, &file) == Fit::Other {
        // What was read is gone: other bytes must not stand for it.
        return Err(io::ErrorKind::NotFound.into());
    }
    let mut reader = BufReader::with_capacity(64 * 1024, file);
    reader.seek(SeekFrom::Start(source.archived_offset.cast_unsigned()))?;
    let Desk { line: room, packer } = desk;
    let mut keeper = Keeper::begin(packer, source, source.read_offset, may_grow(source.modified_at, now_ns));
    while keeper.offset < source.read_offset {
        let mut unread = reader.by_ref().take((source.read_offset - keeper.offset).cast_unsigned());
        let Taken::Whole { line, length, is_cut } = room.take(&mut unread, LINES)? else { break };
        // Of one that is cut the last character may be cut as well.
        if !is_cut {
            make_text(line);
        }
        let is_withheld = withheld.iter().any(|part| part.contains(&keeper.offset));
        let text = if is_withheld { "".into() } else { masked_head(line, length as usize - 1, redactor) };
        if let Some(chunk) = keeper.push(&text, None, length.cast_signed())
            && !emit(chunk)
        {
            return Ok(());
        }
        room.empty();
    }
    let offset = keeper.offset;
    emit(keeper.finish());
    // Of a file that was cut there is no more to be had: asking again would never end.
    if offset < source.read_offset { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
}

/// Whether a file last changed then is likely to be written to again.
pub(crate) fn may_grow(modified_at_ns: Option<i64>, now_ns: i64) -> bool {
    modified_at_ns.is_none_or(|at| at > now_ns - QUIET_SECONDS * 1_000_000_000)
}

/// Keeps a source's lines as they come, from where its archive ends.
pub(crate) struct Keeper<'d> {
    packer: &'d mut Packer,
    /// Where the next line begins.
    offset: i64,
    /// What little is added to a source goes into its last chunk.
    is_little: bool,
    lines: Vec<BodyLine>,
    lines_bytes: i64,
    may_grow: bool,
}

impl<'d> Keeper<'d> {
    /// Begins with a source of which there will be lines up to about `end`.
    pub(crate) fn begin(packer: &'d mut Packer, source: &SourceRow, end: i64, may_grow: bool) -> Self {
        packer.begin(source);
        let offset = source.archived_offset;
        let is_little = offset > 0 && end - offset < FEW_BYTES;
        Self { packer, offset, is_little, lines: Vec::new(), lines_bytes: 0, may_grow }
    }

    /// Takes the next line, masked, which has so many bytes in the file; `read` is what it says, where somebody read it
    /// already. Gives what it had no room beside.
    pub(crate) fn push(&mut self, text: &str, read: Option<&Line<'_>>, length: i64) -> Option<Kept> {
        let offset = self.offset;
        self.offset += length;
        if self.is_little {
            // It may be more than was expected: somebody is writing to the file.
            let is_much = self.lines_bytes + text.len() as i64 > FEW_BYTES && !self.lines.is_empty();
            let full = is_much.then(|| self.take_lines(offset));
            if !text.is_empty() {
                self.lines_bytes += text.len() as i64;
                self.lines.push(BodyLine { offset, text: text.to_owned() });
            }
            return full;
        }
        let full = self.packer.is_full_with(text).then(|| Kept::Chunk(self.packer.take(offset, true)));
        self.packer.push(offset, text, read);
        full
    }

    /// The rest.
    pub(crate) fn finish(mut self) -> Kept {
        if self.is_little || self.packer.is_empty() {
            return self.take_lines(self.offset);
        }
        Kept::Chunk(self.packer.take(self.offset, !self.may_grow))
    }

    fn take_lines(&mut self, archived_offset: i64) -> Kept {
        self.lines_bytes = 0;
        let (source_no, lines) = (self.packer.source_no, std::mem::take(&mut self.lines));
        Kept::Lines(BodyChunk { source_no, lines, archived_offset: Some(archived_offset) })
    }
}

/// A chunk being filled.
#[derive(Default)]
pub(crate) struct Packer {
    source_no: i64,
    plain: Vec<u8>,
    first_offset: i64,
    last_offset: i64,
    words: WordCollector,
}

impl Packer {
    /// Whatever was left of another source is gone.
    fn begin(&mut self, source: &SourceRow) {
        self.source_no = source.source_no;
        self.plain.clear();
        self.words.begin(Origin::of(&source.name));
    }

    fn is_empty(&self) -> bool {
        self.plain.is_empty()
    }

    fn is_full_with(&self, text: &str) -> bool {
        !self.plain.is_empty() && self.plain.len() + text.len() > CHUNK_BYTES
    }

    fn push(&mut self, offset: i64, text: &str, read: Option<&Line<'_>>) {
        if text.is_empty() {
            return;
        }
        if self.plain.is_empty() {
            self.first_offset = offset;
        }
        self.last_offset = offset;
        // Writing to memory cannot fail.
        let _ = write!(self.plain, "{offset} ");
        self.plain.extend_from_slice(text.as_bytes());
        self.plain.push(b'\n');
        self.words.add(text, read, None);
    }

    fn take(&mut self, archived_offset: i64, is_done: bool) -> PackedChunk {
        let words: ChunkWords = self.words.take();
        let packed = pack(&self.plain);
        let plain_bytes = self.plain.len() as i64;
        self.plain.clear();
        PackedChunk {
            source_no: self.source_no,
            first_offset: self.first_offset,
            last_offset: self.last_offset,
            plain_bytes,
            packed,
            archived_offset,
            words: is_done.then_some(words),
        }
    }
}

/// A text as it may be kept, as one line.
pub(crate) fn masked(text: &[u8], redactor: &Redactor) -> String {
    let head = &text[..text.len().min(LONGEST_BODY)];
    masked_head(head, text.len(), redactor).into_owned()
}

/// The head of a text so many bytes long; borrowed where it may be kept as it stands.
pub(crate) fn masked_head<'t>(head: &'t [u8], size_bytes: usize, redactor: &Redactor) -> Cow<'t, str> {
    let is_cut = head.len() < size_bytes;
    // A character that the cut went through is left out.
    let head = match is_cut.then(|| std::str::from_utf8(head)) {
        Some(Err(error)) if error.error_len().is_none() => &head[..error.valid_up_to()],
        _ => head,
    };
    let mut masked = changed(text::decode(head), |text| masked_text(text, redactor));
    if is_cut {
        masked.to_mut().push_str(&format!("‹cut: {} more bytes›", size_bytes - head.len()));
    }
    masked
}

/// A whole text as it may be kept, as one line.
pub(crate) fn masked_text<'t>(text: &'t str, redactor: &Redactor) -> Cow<'t, str> {
    let text = redact::normalise_escapes(text.trim_end_matches(['\n', '\r']));
    let masked = changed(text, |text| redactor.redact(text));
    if memchr::memchr(b'\n', masked.as_bytes()).is_some() { masked.replace('\n', "\\n").into() } else { masked }
}

/// What a change makes of a text, which nearly all leave as it stands: then nothing is copied.
fn changed<'t>(text: Cow<'t, str>, change: impl for<'a> Fn(&'a str) -> Cow<'a, str>) -> Cow<'t, str> {
    match text {
        Cow::Borrowed(text) => change(text),
        Cow::Owned(text) => change(&text).into_owned().into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file may grow by far more than was seen of it when it was planned.
    #[test]
    fn what_is_more_than_a_little_is_handed_on_in_pieces() {
        let source = SourceRow {
            source_no: 3,
            name: "main/s".into(),
            head: 0,
            path: String::new(),
            size_bytes: 100,
            modified_at: None,
            read_offset: 100,
            archived_offset: 100,
            reader_state: None,
        };
        let mut packer = Packer::default();
        let mut keeper = Keeper::begin(&mut packer, &source, 200, true);
        let line = "x".repeat(40_000);
        let mut pieces: Vec<Kept> = (0..7).filter_map(|_| keeper.push(&line, None, 40_001)).collect();
        pieces.push(keeper.finish());
        assert!(pieces.iter().all(|piece| piece.size_bytes() <= FEW_BYTES as usize));
        let (mut begins, mut archived_to) = (Vec::new(), 0);
        for piece in pieces {
            let Kept::Lines(chunk) = piece else { panic!("a little goes into the last chunk") };
            assert!(chunk.lines.iter().all(|line| line.offset >= archived_to));
            archived_to = chunk.archived_offset.unwrap();
            begins.extend(chunk.lines.iter().map(|line| line.offset));
        }
        assert_eq!(begins, (0..7).map(|n| 100 + n * 40_001).collect::<Vec<_>>());
        assert_eq!(archived_to, 100 + 7 * 40_001);
    }
}
