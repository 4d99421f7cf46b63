//! What waits of telemetry, into the transaction that the spool's records go into.
//!
//! A log record has no folder. While folders are excluded, a session's telemetry therefore waits until a hook or a
//! transcript said where the session works; of a session that nobody told of in time nothing is kept.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use argus_model::SessionId;
use argus_store::{Batch, BodyChunk, SourceKind, SourceUpdate};

use super::{DrainReport, Engine};
use crate::error::{IngestError, Result};
use crate::source::telemetry::said::{Lens, Said, Stream, Told, read_group};
use crate::source::telemetry::waiting::Waiting;

/// So long a session's telemetry waits for a word of where the session works.
const PATIENCE: Duration = Duration::from_secs(600);
/// What was put back is looked at again after this time.
const AGAIN: Duration = Duration::from_secs(2);

/// Batches that wait, as the engine sees them.
#[derive(Default)]
pub(crate) struct Telemetry {
    waiting: Option<Arc<Waiting>>,
    /// Put back, and since when.
    held: BTreeMap<String, Instant>,
    /// What comes next, being read while what came before is written.
    ahead: Option<Ahead>,
}

struct Ahead {
    lens: Lens,
    thread: JoinHandle<Result<Vec<Said>>>,
}

/// What was drained: facts, and the batches to be removed after their commit.
#[derive(Default)]
pub(super) struct Drained {
    pub(super) facts: Vec<Batch>,
    names: Vec<(String, u64)>,
}

impl Engine {
    /// Drains from this folder, too.
    pub(crate) fn attend(&mut self, waiting: Arc<Waiting>) -> Arc<Waiting> {
        self.telemetry.waiting = Some(Arc::clone(&waiting));
        waiting
    }

    /// Takes a part of what waits.
    pub(super) fn take_telemetry(&mut self, report: &mut DrainReport) -> Result<Drained> {
        let Some(waiting) = self.telemetry.waiting.clone() else { return Ok(Drained::default()) };
        self.telemetry.held.retain(|_, since| since.elapsed() < AGAIN);
        let mut names = waiting.list()?;
        names.retain(|name| !self.telemetry.held.contains_key(name));
        let group = self.read_telemetry(&waiting, &names)?;
        let taken: HashSet<&str> = group.iter().map(|said| said.name.as_str()).collect();
        names.retain(|name| !taken.contains(name.as_str()));
        if !names.is_empty() {
            report.has_more = true;
            self.read_ahead(&waiting, names)?;
        }
        self.sort_out(group)
    }

    /// After the commit.
    pub(super) fn remove_telemetry(&self, drained: &Drained) -> Result<()> {
        let Some(waiting) = &self.telemetry.waiting else { return Ok(()) };
        for (name, size_bytes) in &drained.names {
            waiting.remove(name, *size_bytes)?;
        }
        Ok(())
    }

    /// The next batches: those that were read ahead, unless they would be read otherwise by now.
    fn read_telemetry(&mut self, waiting: &Waiting, names: &[String]) -> Result<Vec<Said>> {
        let lens = self.telemetry_lens();
        if let Some(ahead) = self.telemetry.ahead.take() {
            let read = ahead.thread.join();
            if let (true, Ok(read)) = (ahead.lens.is(&lens), read) {
                return read;
            }
        }
        read_group(waiting, names, &lens)
    }

    fn read_ahead(&mut self, waiting: &Arc<Waiting>, names: Vec<String>) -> Result<()> {
        let (waiting, lens) = (Arc::clone(waiting), self.telemetry_lens());
        let mine = lens.clone();
        let thread = std::thread::Builder::new()
            .name("argus-telemetry".into())
            .spawn(move || read_group(&waiting, &names, &mine))
            .map_err(IngestError::Thread)?;
        self.telemetry.ahead = Some(Ahead { lens, thread });
        Ok(())
    }

    fn telemetry_lens(&self) -> Lens {
        Lens {
            redactor: Arc::clone(&self.redactor),
            prices: Arc::clone(&self.prices),
            pauses: Arc::clone(&self.pauses),
        }
    }

    /// Keeps what may be kept, and puts back what waits for a word of its folder.
    fn sort_out(&mut self, group: Vec<Said>) -> Result<Drained> {
        let (mut drained, mut rest) = (Drained::default(), Batch::default());
        let mut streams = BTreeMap::<String, Stream>::new();
        for said in group {
            let age = said.age();
            match said.told {
                Ok(told) if age < PATIENCE && self.is_unplaced(&told)? => {
                    self.telemetry.held.insert(said.name, Instant::now());
                    continue;
                }
                Ok(told) => {
                    for (session, told) in told {
                        if self.is_admitted(&session)? {
                            let (facts, stream) = told.place(self.log_stream(&session)?);
                            drained.facts.push(facts);
                            streams.entry(session).or_default().append(stream);
                        }
                    }
                }
                Err(damaged) => rest.quarantined.push(damaged),
            }
            drained.names.push((said.name, said.size_bytes));
        }
        self.keep_streams(streams, &mut rest)?;
        drained.facts.push(rest);
        Ok(drained)
    }

    /// Whether folders are excluded, and of some session nobody said yet where it works.
    fn is_unplaced(&self, told: &BTreeMap<String, Told>) -> Result<bool> {
        if self.excluded.is_empty() {
            return Ok(false);
        }
        for session in told.keys() {
            if !self.excluded.holds_session(session) && !self.writer.knows_session(&SessionId::new(session.as_str()))? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether a session's telemetry may be kept at all.
    fn is_admitted(&self, session: &str) -> Result<bool> {
        if self.writer.is_forgotten(session) {
            return Ok(false);
        }
        if self.excluded.is_empty() {
            return Ok(true);
        }
        Ok(!self.excluded.holds_session(session) && self.writer.knows_session(&SessionId::new(session))?)
    }

    fn keep_streams(&mut self, streams: BTreeMap<String, Stream>, into: &mut Batch) -> Result<()> {
        for (session, mut stream) in streams {
            let source_no = self.log_stream(&session)?;
            stream.lines.sort_by_key(|line| line.offset);
            into.bodies.push(BodyChunk { source_no, lines: stream.lines, archived_offset: None });
            into.sources.push(SourceUpdate {
                source_no,
                path: String::new(),
                size_bytes: 0,
                modified_at: None,
                from_offset: 0,
                read_offset: 0,
                reader_state: Vec::new(),
                record_count: stream.record_count,
                unknown_count: stream.unknown_count,
                last_at: stream.last_at,
            });
        }
        Ok(())
    }

    fn log_stream(&mut self, session: &str) -> Result<i64> {
        let name = format!("otlp/{session}");
        if let Some(number) = self.streams.get(&name) {
            return Ok(*number);
        }
        let row = self.writer.register_source(SourceKind::Otlp, &name, 0, &name)?;
        self.streams.insert(name, row.source_no);
        Ok(row.source_no)
    }
}
