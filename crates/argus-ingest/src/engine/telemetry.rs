//! What waits of telemetry, into the batch that the spool's records go into.
//!
//! A log record has no folder. While folders are excluded, a session's telemetry therefore waits until a hook or a
//! transcript said where the session works; of a session that nobody told of in time nothing is kept.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use argus_model::{SessionId, Timestamp};
use argus_store::{Batch, BodyChunk, BodyLine, Quarantined, SourceKind, SourceUpdate};

use super::{DrainReport, Engine, now};
use crate::claude::fold::Fold;
use crate::claude::telemetry::batch::{self, Export};
use crate::claude::telemetry::{session_of, time_of};
use crate::error::Result;
use crate::source::archive;
use crate::source::telemetry::{Waiting, encoding_of, read, sessions_of};

/// Bytes of batches joined in one transaction.
const BATCH_BYTES: u64 = 8 * 1024 * 1024;
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
}

/// Batches whose facts are in a batch, to be removed after its commit.
#[derive(Default)]
pub(super) struct Drained {
    names: Vec<(String, u64)>,
}

/// What is kept of a session's records.
#[derive(Default)]
struct Stream {
    lines: Vec<BodyLine>,
    record_count: i64,
    unknown_count: i64,
    last_at: Option<Timestamp>,
}

impl Engine {
    /// Drains from this folder, too.
    pub(crate) fn attend(&mut self, waiting: Arc<Waiting>) -> Arc<Waiting> {
        self.telemetry.waiting = Some(Arc::clone(&waiting));
        waiting
    }

    /// Folds in the facts of what waits, at most so much of it.
    pub(super) fn take_telemetry(
        &mut self,
        fold: &mut Fold,
        into: &mut Batch,
        report: &mut DrainReport,
    ) -> Result<Drained> {
        let mut drained = Drained::default();
        let Some(waiting) = self.telemetry.waiting.clone() else { return Ok(drained) };
        let (mut streams, mut taken_bytes) = (BTreeMap::<String, Stream>::new(), 0);
        self.telemetry.held.retain(|_, since| since.elapsed() < AGAIN);
        for name in waiting.list()? {
            if taken_bytes >= BATCH_BYTES {
                report.has_more = true;
                break;
            }
            if self.telemetry.held.contains_key(&name) {
                continue;
            }
            let Some(encoding) = encoding_of(&name) else { continue };
            let Some((bytes, age)) = waiting.read(&name)? else { continue };
            taken_bytes += bytes.len() as u64;
            match batch::parse_logs(&bytes, encoding) {
                Ok(export) if age < PATIENCE && self.is_unplaced(&export)? => {
                    self.telemetry.held.insert(name, Instant::now());
                    continue;
                }
                Ok(export) => self.read_telemetry(&export, fold, &mut streams)?,
                // It was looked at when it was taken: the disk, or somebody, changed it since.
                Err(damage) => into.quarantined.push(self.damaged_batch(&name, &bytes, damage)),
            }
            drained.names.push((name, bytes.len() as u64));
        }
        self.keep_streams(streams, into)?;
        Ok(drained)
    }

    /// After the commit.
    pub(super) fn remove_telemetry(&self, drained: &Drained) -> Result<()> {
        let Some(waiting) = &self.telemetry.waiting else { return Ok(()) };
        for (name, size_bytes) in &drained.names {
            waiting.remove(name, *size_bytes)?;
        }
        Ok(())
    }

    /// Whether folders are excluded, and of some session nobody said yet where it works.
    fn is_unplaced(&self, export: &Export<'_>) -> Result<bool> {
        if self.excluded.is_empty() {
            return Ok(false);
        }
        for session in sessions_of(export) {
            if !self.excluded.holds_session(session.as_str()) && !self.writer.knows_session(&session)? {
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

    fn read_telemetry(
        &mut self,
        export: &Export<'_>,
        fold: &mut Fold,
        streams: &mut BTreeMap<String, Stream>,
    ) -> Result<()> {
        let mut admitted: BTreeMap<&str, Option<i64>> = BTreeMap::new();
        for group in &export.groups {
            let version = group.version();
            for record in &group.records {
                let at = time_of(record);
                let Some(session) = session_of(record).filter(|_| !self.pauses.cover(at)) else { continue };
                let source_no = match admitted.get(session) {
                    Some(known) => *known,
                    None => {
                        let number = if self.is_admitted(session)? { Some(self.log_stream(session)?) } else { None };
                        admitted.insert(session, number);
                        number
                    }
                };
                let Some(source_no) = source_no else { continue };
                let (line, is_known) = read(record, version, source_no, (&self.redactor, &self.prices), fold);
                let stream = streams.entry(session.to_owned()).or_default();
                stream.lines.push(line);
                stream.record_count += 1;
                stream.unknown_count += i64::from(!is_known);
                stream.last_at = stream.last_at.max(Some(at));
            }
        }
        Ok(())
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

    fn damaged_batch(&self, name: &str, bytes: &[u8], damage: batch::Malformed) -> Quarantined {
        let text = archive::masked(bytes, &self.redactor);
        Quarantined {
            kind: SourceKind::Otlp,
            source_name: name.to_owned(),
            offset: 0,
            reason: format!("a batch of telemetry that changed after it was taken: {damage}"),
            at: now(),
            size_bytes: bytes.len() as i64,
            excerpt: text.chars().take(2048).collect(),
        }
    }
}
