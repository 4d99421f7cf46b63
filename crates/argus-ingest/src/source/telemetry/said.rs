//! What waiting batches say: read, masked and made facts of, before it is known what of it may be kept.
//!
//! All of that needs neither the database nor the settings about folders, so it is done ahead, on a thread of its own,
//! while what was read before is written. Only what depends on the one that writes is left out: whether a session may be
//! kept, and the number of its stream.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use argus_model::{BodyRef, Timestamp};
use argus_store::{Batch, BodyLine, Quarantined, SourceKind};

use super::waiting::{Found, Waiting};
use crate::admission::Pauses;
use crate::claude::fold::Fold;
use crate::claude::telemetry::batch::{self, Malformed};
use crate::claude::telemetry::{self, session_of, time_of};
use crate::engine::now;
use crate::error::Result;
use crate::pricing::PriceTable;
use crate::redact::Redactor;
use crate::redact::names::mask_names;
use crate::source::archive::masked;

/// Bytes of batches that are read together, and joined in one transaction.
const GROUP_BYTES: u64 = 8 * 1024 * 1024;
/// So much of a damaged batch is kept, masked, to show what it was.
const EXCERPT_CHARS: usize = 2048;
/// Stands for the number of a stream until that is known.
const NO_STREAM: i64 = 0;

/// What batches are looked at with.
#[derive(Clone)]
pub(crate) struct Lens {
    pub(crate) redactor: Arc<Redactor>,
    pub(crate) prices: Arc<PriceTable>,
    pub(crate) pauses: Arc<Pauses>,
}

impl Lens {
    /// Whether both see the same in everything.
    pub(crate) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.redactor, &other.redactor)
            && Arc::ptr_eq(&self.prices, &other.prices)
            && Arc::ptr_eq(&self.pauses, &other.pauses)
    }
}

/// What one batch says.
pub(crate) struct Said {
    pub(crate) name: String,
    pub(crate) size_bytes: u64,
    written_at: SystemTime,
    /// By session; or why it cannot be read. It was looked at when it was taken: the disk, or somebody, changed it since.
    pub(crate) told: std::result::Result<BTreeMap<String, Told>, Quarantined>,
}

/// What is said of one session.
pub(crate) struct Told {
    facts: Batch,
    stream: Stream,
}

/// What is kept of a session's records.
#[derive(Default)]
pub(crate) struct Stream {
    pub(crate) lines: Vec<BodyLine>,
    pub(crate) record_count: i64,
    pub(crate) unknown_count: i64,
    pub(crate) last_at: Option<Timestamp>,
}

impl Said {
    /// How long it waits already.
    pub(crate) fn age(&self) -> Duration {
        self.written_at.elapsed().unwrap_or_default()
    }
}

impl Told {
    /// The facts and the lines, once it is known which stream they stand in.
    pub(crate) fn place(mut self, source_no: i64) -> (Batch, Stream) {
        for event in &mut self.facts.events {
            event.input_ref.amend(|body| body.source_no = source_no);
            event.output_ref.amend(|body| body.source_no = source_no);
        }
        (self.facts, self.stream)
    }
}

impl Stream {
    /// Takes in what another batch says of the same session.
    pub(crate) fn append(&mut self, mut other: Self) {
        self.lines.append(&mut other.lines);
        self.record_count += other.record_count;
        self.unknown_count += other.unknown_count;
        self.last_at = self.last_at.max(other.last_at);
    }
}

/// Reads the first of these batches, as many as are joined in one transaction.
pub(crate) fn read_group(waiting: &Waiting, names: &[String], lens: &Lens) -> Result<Vec<Said>> {
    let (mut group, mut size_bytes) = (Vec::new(), 0);
    for name in names {
        if size_bytes >= GROUP_BYTES {
            break;
        }
        let Some(found) = waiting.read(name)? else { continue };
        size_bytes += found.bytes.len() as u64;
        group.push(read(name, &found, lens));
    }
    Ok(group)
}

fn read(name: &str, found: &Found, lens: &Lens) -> Said {
    let size_bytes = found.bytes.len() as u64;
    let told = tell(found, lens).map_err(|damage| {
        let text = masked(&found.bytes, &lens.redactor);
        Quarantined {
            kind: SourceKind::Otlp,
            source_name: name.to_owned(),
            offset: 0,
            reason: format!("a batch of telemetry that changed after it was taken: {damage}"),
            at: now(),
            size_bytes: size_bytes.cast_signed(),
            excerpt: text.chars().take(EXCERPT_CHARS).collect(),
        }
    });
    Said { name: name.to_owned(), size_bytes, written_at: found.written_at, told }
}

fn tell(found: &Found, lens: &Lens) -> std::result::Result<BTreeMap<String, Told>, Malformed> {
    let export = batch::parse_logs(&found.bytes, found.encoding)?;
    let mut sessions = BTreeMap::<&str, (Fold, Stream)>::new();
    for group in &export.groups {
        let version = group.version();
        for record in &group.records {
            let at = time_of(record);
            let Some(session) = session_of(record).filter(|_| !lens.pauses.cover(at)) else { continue };
            let (fold, stream) = sessions.entry(session).or_default();
            let offset = telemetry::offset_of(record);
            let body = BodyRef { source_no: NO_STREAM, offset };
            let is_known = telemetry::normalize(record, version, body, (&lens.redactor, &lens.prices), fold);
            let text = masked(telemetry::body_of(record).as_bytes(), &lens.redactor);
            stream.lines.push(BodyLine { offset, text });
            stream.record_count += 1;
            stream.unknown_count += i64::from(!is_known);
            stream.last_at = stream.last_at.max(Some(at));
        }
    }
    let told = |(session, (mut fold, stream)): (&str, (Fold, Stream))| {
        let mut facts = fold.take();
        mask_names(&mut facts, &lens.redactor);
        (session.to_owned(), Told { facts, stream })
    };
    Ok(sessions.into_iter().map(told).collect())
}
