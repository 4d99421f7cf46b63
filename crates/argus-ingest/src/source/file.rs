//! Reading a transcript from where it was left to its last whole line.

use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Seek, SeekFrom};

use argus_model::{BodyRef, First, Timestamp};
use argus_store::{Batch, Quarantined, SourceKind, SourceRow, SourceUpdate, Withheld};
use serde::{Deserialize, Serialize};

use super::archive::{self, Keeper, Kept, LONGEST_BODY, Packer, masked_head, masked_text};
use super::discover::Found;
use super::lines::{Keep, LineRoom, Taken, make_text};
use super::tail::{LastLine, Tail};
use crate::claude::fold::Fold;
use crate::claude::text;
use crate::claude::transcript::{self, Lens, LineMeaning, Reading};
use crate::claude::wire::Line;
use crate::engine::now_ns;
use crate::project::Projects;
use crate::redact::Redactor;
use crate::redact::names::mask_names;

/// A batch is handed on after about this many bytes, so that memory stays bounded on any file.
const BATCH_BYTES: u64 = 6 * 1024 * 1024;
/// A longer line is no record of Claude Code's: it is set aside, and of it no more is held than may be kept.
const LINES: Keep = Keep { longest: 128 * 1024 * 1024, head: LONGEST_BODY };
/// So much of a broken line is kept, masked, to show what it was.
const EXCERPT_BYTES: usize = 2048;

/// A file to be read, and where to begin.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    pub(crate) found: Found,
    pub(crate) source: SourceRow,
}

/// What one reading of a file gave besides its facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ReadCount {
    pub(crate) lines: u64,
    pub(crate) skipped_lines: u64,
}

/// What was read of a file: facts, and the lines themselves where they are kept on the way.
#[derive(Default)]
pub(crate) struct Portion {
    pub(crate) batch: Batch,
    /// They may be kept once the batch is in the store.
    pub(crate) kept: Vec<Kept>,
}

/// Reads the file's new whole lines, handing on what they tell in order. A half-written last line waits. The `room` may
/// serve for one file after another, and so may the `packer`: with it the lines are kept on the way, where all before them
/// are kept already.
pub(crate) fn read(
    job: &Job,
    lens: Lens<'_>,
    room: &mut LineRoom,
    packer: Option<&mut Packer>,
    projects: &mut Projects,
    emit: &mut dyn FnMut(Portion) -> bool,
) -> io::Result<ReadCount> {
    let mut reader = BufReader::with_capacity(64 * 1024, File::open(&job.found.path)?);
    reader.seek(SeekFrom::Start(job.source.read_offset.cast_unsigned()))?;
    let mut piece = Piece::begin(job);
    let mut keeper =
        packer.filter(|_| job.source.archived_offset == job.source.read_offset).map(|packer| job.keeper(packer));
    let (mut kept, mut count) = (Vec::new(), ReadCount::default());
    while let Taken::Whole { line, length, is_cut } = room.take(&mut reader, LINES)? {
        let length = length.cast_signed();
        piece.last_line.note(line, length);
        make_text(line);
        let (text, mut mended) = (text::decode(line), None);
        let parsed = if is_cut { Err(LineMeaning::Broken) } else { transcript::parse(&text, &mut mended) };
        let outcome = piece.line(parsed.as_ref().map_err(|unread| *unread), lens);
        let mut is_withheld = false;
        match outcome {
            _ if line.iter().all(u8::is_ascii_whitespace) => {}
            _ if piece.is_paused(lens) => {
                is_withheld = true;
                piece.withhold(length);
            }
            LineMeaning::Broken => {
                count.skipped_lines += 1;
                let reason = if is_cut { "line is too long" } else { "not a JSON record" };
                piece.set_aside(line, length, reason, lens.redactor);
            }
            LineMeaning::Known => count.lines += 1,
            LineMeaning::Unknown => {
                count.lines += 1;
                piece.unknown_count += 1;
            }
        }
        if let Some(keeper) = &mut keeper {
            let masked = match &text {
                _ if is_withheld => Cow::Borrowed(""),
                Cow::Borrowed(text) if !is_cut && text.len() <= LONGEST_BODY => masked_text(text, lens.redactor),
                _ => masked_head(&line[..line.len().min(LONGEST_BODY)], length as usize - 1, lens.redactor),
            };
            // What masking changed says something else.
            let same = parsed.as_ref().ok().filter(|_| matches!(masked, Cow::Borrowed(_)) && !is_withheld);
            kept.extend(keeper.push(&masked, same, length));
        }
        room.empty();
        piece.offset += length;
        let size_bytes = (piece.offset - piece.from_offset).cast_unsigned();
        if size_bytes >= BATCH_BYTES {
            let batch = piece.hand_on(projects, lens.redactor);
            if !emit(Portion { batch, kept: std::mem::take(&mut kept) }) {
                return Ok(count);
            }
        }
    }
    kept.extend(keeper.map(Keeper::finish));
    emit(Portion { batch: piece.hand_on(projects, lens.redactor), kept });
    Ok(count)
}

impl Job {
    fn keeper<'d>(&self, packer: &'d mut Packer) -> Keeper<'d> {
        let Found { size_bytes, modified_at_ns, .. } = self.found;
        Keeper::begin(packer, &self.source, size_bytes, archive::may_grow(Some(modified_at_ns), now_ns()))
    }
}

/// What is stored with an offset.
#[derive(Serialize, Deserialize)]
struct Stored {
    #[serde(flatten)]
    reading: Reading,
    /// What the offset is known again by.
    #[serde(default)]
    tail: Option<Tail>,
}

/// The part of a file that goes into one batch.
struct Piece<'a> {
    job: &'a Job,
    stored: Stored,
    last_line: LastLine,
    fold: Fold,
    quarantined: Vec<Quarantined>,
    withheld: Vec<Withheld>,
    from_offset: i64,
    offset: i64,
    record_count: i64,
    unknown_count: i64,
}

impl<'a> Piece<'a> {
    fn begin(job: &'a Job) -> Self {
        let stored = job.source.reader_state.as_deref().and_then(|bytes| serde_json::from_slice(bytes).ok());
        Self {
            job,
            stored: stored.unwrap_or_else(|| Stored { reading: Reading::begin(&job.found.owner), tail: None }),
            last_line: LastLine::default(),
            fold: Fold::default(),
            quarantined: Vec::new(),
            withheld: Vec::new(),
            from_offset: job.source.read_offset,
            offset: job.source.read_offset,
            record_count: 0,
            unknown_count: 0,
        }
    }

    fn line(&mut self, line: Result<&Line<'_>, LineMeaning>, lens: Lens<'_>) -> LineMeaning {
        self.record_count += 1;
        let body = BodyRef { source_no: self.job.source.source_no, offset: self.offset };
        transcript::read_line(line, body, &self.job.found.owner, lens, &mut self.stored.reading, &mut self.fold)
    }

    /// Whether the line just read lies in a pause. Before a file's first date its own time stands for it.
    fn is_paused(&self, lens: Lens<'_>) -> bool {
        !lens.pauses.is_empty()
            && lens.pauses.cover(
                self.stored.reading.line_at().unwrap_or_else(|| Timestamp::from_nanos(self.job.found.modified_at_ns)),
            )
    }

    /// The archive is to pass over the line just read.
    fn withhold(&mut self, length: i64) {
        self.record_count -= 1;
        let bytes = self.offset..self.offset + length;
        match self.withheld.last_mut().filter(|last| last.bytes.end == bytes.start) {
            Some(last) => last.bytes.end = bytes.end,
            None => self.withheld.push(Withheld { source_no: self.job.source.source_no, bytes }),
        }
    }

    fn set_aside(&mut self, line: &[u8], length: i64, reason: &str, redactor: &Redactor) {
        let head = String::from_utf8_lossy(&line[..line.len().min(EXCERPT_BYTES * 2)]).into_owned();
        let excerpt: String = redactor.redact(&head).chars().take(EXCERPT_BYTES).collect();
        self.quarantined.push(Quarantined {
            kind: SourceKind::Transcript,
            source_name: self.job.found.path.to_string_lossy().into_owned(),
            offset: self.offset,
            reason: reason.into(),
            at: Timestamp::from_nanos(self.job.found.modified_at_ns),
            size_bytes: length,
            excerpt,
        });
    }

    fn hand_on(&mut self, projects: &mut Projects, redactor: &Redactor) -> Batch {
        let mut batch = self.fold.take();
        for session in &mut batch.sessions {
            if let (Some(cwd), Some(at)) = (session.cwd.get().cloned(), session.cwd.at()) {
                let (rank, root) = projects.of_cwd(&cwd);
                session.project.join(&First::of(rank, at, root));
            }
        }
        let began = self.stored.reading.first_cwd();
        for request in &mut batch.requests {
            request.first.amend(|first| projects.lead_to_tree(&mut first.facets, began));
        }
        mask_names(&mut batch, redactor);
        self.stored.tail = self.last_line.tail().or(self.stored.tail);
        batch.quarantined = std::mem::take(&mut self.quarantined);
        batch.withheld = std::mem::take(&mut self.withheld);
        batch.sources.push(SourceUpdate {
            source_no: self.job.source.source_no,
            path: self.job.found.path.to_string_lossy().into_owned(),
            size_bytes: self.job.found.size_bytes,
            modified_at: Some(self.job.found.modified_at_ns),
            from_offset: self.from_offset,
            read_offset: self.offset,
            // It goes into the database like all text; masking leaves JSON valid.
            reader_state: redactor.redact(&serde_json::to_string(&self.stored).unwrap_or_default()).into_owned().into(),
            record_count: self.record_count,
            unknown_count: self.unknown_count,
            last_at: self.stored.reading.last_at(),
        });
        (self.from_offset, self.record_count, self.unknown_count) = (self.offset, 0, 0);
        batch
    }
}
