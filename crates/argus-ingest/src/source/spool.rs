//! A spool record into facts and a masked body.

use argus_model::session::Process;
use argus_model::{BodyRef, Timestamp};
use argus_spool::{Record, SegmentName};
use argus_store::{Batch, BodyChunk, BodyLine, Quarantined, SourceKind};

use super::archive::masked;
use crate::claude::fold::Fold;
use crate::claude::hook::{self, Envelope, Known};
use crate::claude::text;
use crate::claude::wire::HookPayload;
use crate::judge::Judge;
use crate::process;
use crate::project::Projects;
use crate::redact::Redactor;

/// So much of a damaged record is kept, masked, to show what it was.
const EXCERPT_CHARS: usize = 2048;

/// What a record turned out to be.
pub(crate) enum Drained {
    /// Facts, and the session they belong to.
    Facts { is_known: bool },
    /// Not a payload: set aside.
    Damaged(Quarantined),
}

/// Which session's stream the record belongs to; records without one share a stream.
pub(crate) fn stream_of(record: &Record) -> String {
    let decoded = text::decode(&record.payload);
    let session = parse(&decoded, |payload| payload.session_id.as_ref().map(|id| id.as_str().to_owned())).flatten();
    session.map_or_else(|| "hooks".to_owned(), |id| format!("hooks/{id}"))
}

/// Position of a record in its stream: its time, with the process id in the last bits so that two hooks of one
/// instant do not meet.
pub(crate) fn offset_of(record: &Record) -> i64 {
    (record.started_at_ns & !0x3ff | u64::from(record.pid) & 0x3ff).cast_signed()
}

/// What a record is looked at with.
pub(crate) struct Lens<'a> {
    pub(crate) judge: &'a Judge,
    pub(crate) redactor: &'a Redactor,
    pub(crate) projects: &'a mut Projects,
}

/// Folds the record's facts in, and adds its masked body to `batch`.
pub(crate) fn drain(
    name: &SegmentName,
    record: &Record,
    source_no: i64,
    lens: Lens<'_>,
    fold: &mut Fold,
    batch: &mut Batch,
) -> Drained {
    let Lens { judge, redactor, projects } = lens;
    let at = Timestamp::from_nanos(record.started_at_ns.cast_signed());
    let offset = offset_of(record);
    let body = BodyRef { source_no, offset };
    let told = record.project_dir.as_deref().map(|path| String::from_utf8_lossy(path).into_owned());
    let told = told.filter(|path| !path.is_empty());
    let envelope = Envelope {
        name: name.as_str().trim_end_matches(".rec"),
        at,
        body,
        process: record.client_pid.map(client),
        project: told.as_ref().map(|path| projects.of_told(path)),
        told_dir: told,
        entrypoint: record.entrypoint.as_deref().map(|text| String::from_utf8_lossy(text).into_owned()),
    };
    let decoded = text::decode(&record.payload);
    let known = parse(&decoded, |payload| hook::normalize(payload, &envelope, judge, redactor, fold)).flatten();
    let mut text = masked(&record.payload, redactor);
    if record.is_cut {
        text.push_str(&format!("‹cut: {} bytes in all, xxh64 {:016x}›", record.seen_bytes, record.seen_hash));
    }
    batch.bodies.push(BodyChunk {
        source_no,
        lines: vec![BodyLine { offset, text: text.clone() }],
        archived_offset: None,
    });
    match known {
        Some(known) => Drained::Facts { is_known: known == Known::Yes },
        None => Drained::Damaged(Quarantined {
            kind: SourceKind::Hook,
            source_name: name.as_str().to_owned(),
            offset,
            reason: damage(record).into(),
            at,
            size_bytes: record.payload.len() as i64,
            excerpt: text.chars().take(EXCERPT_CHARS).collect(),
        }),
    }
}

fn damage(record: &Record) -> &'static str {
    match () {
        () if record.payload.is_empty() => "empty payload",
        () if record.is_unterminated => "the payload stopped before its end",
        () => "not a hook payload",
    }
}

/// Reads a payload, mended or closed where it was cut.
pub(crate) fn parse<T>(decoded: &str, use_it: impl FnOnce(&HookPayload<'_>) -> T) -> Option<T> {
    if let Some(payload) = plausible(decoded) {
        return Some(use_it(&payload));
    }
    let mended = text::mend_surrogates(decoded);
    if let Some(payload) = mended.as_deref().and_then(plausible) {
        return Some(use_it(&payload));
    }
    let closed = text::close_cut(mended.as_deref().unwrap_or(decoded))?;
    plausible(&closed).map(|payload| use_it(&payload))
}

fn plausible(text: &str) -> Option<HookPayload<'_>> {
    serde_json::from_str::<HookPayload<'_>>(text).ok().filter(HookPayload::has_plausible_names)
}

fn client(pid: u32) -> Process {
    process::find(i64::from(pid)).unwrap_or(Process { pid: i64::from(pid), start_ticks: 0 })
}
