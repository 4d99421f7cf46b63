//! The one place where sources meet the store: owns the writer and does one piece of work after another.
//!
//! Nothing here waits for events; `pipeline` decides when, `import` drives it to the end. Every method may be
//! repeated, interrupted or killed at any point: facts are joined, offsets commit with their rows, a spool record is
//! removed after its commit.

mod budgets;
mod context;
mod forgotten;
mod identity;
mod telemetry;
mod watch;

pub use watch::{Trouble, Watched};

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use argus_model::{SessionId, SessionState, Timestamp};
use argus_spool::{Segment, Spool};
use argus_store::search::WaitingChunk;
use argus_store::{Batch, Quarantined, SourceKind, SourceRow, Writer};

use crate::admission::{Excluded, Pauses};
use crate::claude::fold::Fold;
use crate::claude::transcript::Lens;
use crate::error::{IngestError, Result};
use crate::import::IngestSettings;
use crate::judge::Judge;
use crate::pricing::PriceTable;
use crate::process;
use crate::project::Projects;
use crate::redact::Redactor;
use crate::redact::names::mask_names;
use crate::source::discover::{self, Found, FoundKind};
use crate::source::file::{self, Job, ReadCount};
use crate::source::keep::Keeping;
use crate::source::lines::LineRoom;
use crate::source::{archive, parallel, spool};

/// Spool records joined in one transaction.
const SPOOL_BATCH: usize = 512;
/// Bytes of records joined in one transaction.
const SPOOL_BATCH_BYTES: usize = 32 * 1024 * 1024;
/// Sources archived in one go, before other work gets its turn.
const ARCHIVE_BATCH: i64 = 8;
/// Bytes archived in one go.
const ARCHIVE_BYTES: usize = 4 * 1024 * 1024;
/// Chunks indexed in one go.
const INDEX_BATCH: i64 = 16;

pub(crate) struct Engine {
    pub(crate) writer: Writer,
    pub(crate) judge: Arc<Judge>,
    pub(crate) redactor: Arc<Redactor>,
    pub(crate) projects: Projects,
    pub(crate) pauses: Arc<Pauses>,
    pub(crate) prices: Arc<PriceTable>,
    pub(crate) excluded: Excluded,
    known: HashMap<String, SourceRow>,
    streams: HashMap<String, i64>,
    telemetry: telemetry::Telemetry,
    budgets: budgets::Budgets,
    contexts: context::Seen,
    vanished: HashSet<i64>,
    lost: lost::Lost,
    watched: HashMap<SessionId, argus_model::session::Process>,
    /// What is planned was planned under other settings.
    is_changed: bool,
}

mod lost;
mod orders;
mod small;

/// What a rescan found worth doing.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    pub(crate) jobs: Vec<Job>,
    pub(crate) metas: Vec<Found>,
    pub(crate) results: Vec<Found>,
    pub(crate) file_count: usize,
    /// The sources of its jobs: each is read from one file at a time.
    taken: HashSet<i64>,
}

/// What became of the spool.
#[derive(Debug, Default)]
pub(crate) struct DrainReport {
    pub(crate) touched: Vec<SessionId>,
    pub(crate) record_count: usize,
    /// More is there than was drained now.
    pub(crate) has_more: bool,
    /// Some record is not whole yet.
    pub(crate) has_waiting: bool,
}

impl Engine {
    pub(crate) fn new(mut writer: Writer, settings: &IngestSettings) -> Result<Self> {
        let redactor = Arc::new(Redactor::new(salt(&mut writer)?));
        // Left over where the process died while it forgot.
        while writer.forget_contents()? > 0 {}
        let known = writer.list_transcripts()?;
        let watched = writer.list_processes()?.into_iter().collect();
        let pauses = Arc::new(Pauses::new(writer.list_pauses()?));
        let mut engine = Self {
            writer,
            judge: Arc::default(),
            redactor,
            projects: Projects::default(),
            pauses,
            prices: Arc::new(PriceTable::built_in().clone()),
            excluded: Excluded::default(),
            known,
            streams: HashMap::new(),
            telemetry: telemetry::Telemetry::default(),
            budgets: budgets::Budgets::default(),
            contexts: context::Seen::default(),
            vanished: HashSet::new(),
            lost: lost::Lost::default(),
            watched,
            is_changed: false,
        };
        engine.read_again_under_a_new_data_version()?;
        for (session_id, folder) in engine.writer.list_added_folders()? {
            engine.judge.add_folder(&session_id, &folder);
        }
        engine.take_over(settings);
        engine.redefine_budgets(settings)?;
        engine.judge_changed_limits()?;
        Ok(engine)
    }

    fn read_again_under_a_new_data_version(&mut self) -> Result<()> {
        let version = argus_store::DATA_VERSION.to_le_bytes();
        if self.writer.get_meta("data_version")?.is_none_or(|stored| stored != version) {
            self.writer.reset_offsets()?;
            self.known = self.writer.list_transcripts()?;
            self.writer.set_meta("data_version", &version)?;
        }
        Ok(())
    }

    /// Looks at every file below `paths` and decides what must be read.
    pub(crate) fn plan(&mut self, paths: &[PathBuf]) -> Result<Plan> {
        self.is_changed = false;
        let mut plan = Plan::default();
        for path in paths {
            for found in discover::walk(path) {
                self.consider(found, &mut plan)?;
            }
        }
        Ok(plan)
    }

    /// Decides about one file.
    pub(crate) fn consider(&mut self, found: Found, plan: &mut Plan) -> Result<()> {
        let is_forgotten = |name: &str| self.writer.is_forgotten(name);
        let is_gone = is_forgotten(&found.name) || found.owner.session.as_deref().is_some_and(is_forgotten);
        if is_gone || self.excluded.holds_file(&found) {
            return Ok(());
        }
        plan.file_count += usize::from(found.kind == FoundKind::Transcript);
        let path = found.path.to_string_lossy().into_owned();
        if let Some(row) = self.known.get(&path)
            && row.size_bytes == found.size_bytes
            && row.modified_at == Some(found.modified_at_ns)
        {
            return Ok(());
        }
        match found.kind {
            // These have no date but their file's.
            FoundKind::Meta | FoundKind::ToolResult
                if self.pauses.cover(Timestamp::from_nanos(found.modified_at_ns)) => {}
            FoundKind::Transcript => {
                let Some(source) = self.source_of(&found, &path, &plan.taken)? else { return Ok(()) };
                self.note_replaced(&path, &source)?;
                plan.taken.insert(source.source_no);
                plan.jobs.push(Job { found, source });
            }
            FoundKind::Meta => plan.metas.push(found),
            FoundKind::ToolResult => plan.results.push(found),
        }
        Ok(())
    }

    /// Reads one file now, in this thread.
    pub(crate) fn read_job(&mut self, job: &Job) -> Result<(Vec<SessionId>, ReadCount)> {
        let mut batches = Vec::new();
        let (writer, mut touched) = (&mut self.writer, Vec::new());
        let mut failed = None;
        let lens = Lens { judge: &self.judge, redactor: &self.redactor, pauses: &self.pauses, prices: &self.prices };
        let count = file::read(job, lens, &mut LineRoom::default(), None, &mut self.projects, &mut |portion| {
            batches.push(portion.batch);
            match writer.apply(&batches) {
                Ok(sessions) => touched.extend(sessions),
                Err(error) => failed = Some(error),
            }
            batches.clear();
            failed.is_none()
        });
        if let Some(error) = failed {
            return Err(error.into());
        }
        let count = count.map_err(|source| IngestError::Read { path: job.found.path.clone(), source })?;
        self.remember(job)?;
        Ok((touched, count))
    }

    /// Notes that a file was read, so that a rescan passes it over.
    pub(crate) fn remember(&mut self, job: &Job) -> Result<()> {
        let path = job.found.path.to_string_lossy().into_owned();
        let row = self.writer.register_source(SourceKind::Transcript, &job.source.name, job.source.head, &path)?;
        // What a rescan compares is the size and the time; the rest is read again when it is needed.
        self.known.insert(path, SourceRow { reader_state: None, ..row });
        Ok(())
    }

    /// Moves what waits in the spool into the store, at most a batch.
    pub(crate) fn drain(&mut self, spool: &Spool) -> Result<DrainReport> {
        let mut report = DrainReport::default();
        let pending = spool.pending()?;
        let (mut batch, mut fold) = (Batch::default(), Fold::default());
        let (mut done, mut aside, mut bytes) = (Vec::new(), Vec::new(), 0);
        for name in &pending {
            if done.len() >= SPOOL_BATCH || bytes >= SPOOL_BATCH_BYTES {
                report.has_more = true;
                break;
            }
            match spool.read(name)? {
                Segment::Waiting => report.has_waiting = true,
                Segment::Torn(torn) if self.leaves_out_torn(name, &torn) => done.push(name),
                Segment::Whole(record) if self.leaves_out(&record) => done.push(name),
                Segment::Torn(torn) => {
                    self.torn(name, &torn, &mut batch)?;
                    // A newer hook's record is kept for the newer server that can read it.
                    if matches!(torn.reason, argus_spool::record::Damage::Version(_)) {
                        aside.push(name);
                    } else {
                        done.push(name);
                    }
                }
                Segment::Whole(record) => {
                    bytes += record.payload.len();
                    let stream = spool::stream_of(&record);
                    if self.is_forgotten_stream(&stream) {
                        done.push(name);
                        continue;
                    }
                    let source_no = self.stream(&stream)?;
                    let lens =
                        spool::Lens { judge: &self.judge, redactor: &self.redactor, projects: &mut self.projects };
                    let drained = spool::drain(name, &record, source_no, lens, &mut fold, &mut batch);
                    let mut is_known = true;
                    match drained {
                        spool::Drained::Facts { is_known: known } => is_known = known,
                        spool::Drained::Damaged(damaged) => batch.quarantined.push(damaged),
                    }
                    batch.sources.push(stream_update(source_no, &record, is_known));
                    done.push(name);
                }
            }
        }
        let mut telemetry = self.take_telemetry(&mut report)?;
        let Batch { sources, bodies, quarantined, .. } = batch;
        let mut batch = Batch { sources, bodies, quarantined, ..fold.take() };
        self.watch_processes(&batch.sessions);
        mask_names(&mut batch, &self.redactor);
        let mut batches = std::mem::take(&mut telemetry.facts);
        batches.push(batch);
        batches.retain(|batch| *batch != Batch::default());
        if !batches.is_empty() {
            report.touched = self.writer.apply(&batches)?;
        }
        // Only now are the rows safe; a record drained twice is joined twice and changes nothing.
        for name in &done {
            spool.remove(name)?;
        }
        for name in aside {
            spool.set_aside(name)?;
        }
        self.remove_telemetry(&telemetry)?;
        report.record_count = done.len();
        Ok(report)
    }

    /// Keeps what there is of a record that never became whole, masked, and says why.
    fn torn(&mut self, name: &argus_spool::SegmentName, torn: &argus_spool::Torn, batch: &mut Batch) -> Result<()> {
        let text = archive::masked(&torn.bytes, &self.redactor);
        let offset = name.started_at_ns().cast_signed();
        batch.quarantined.push(Quarantined {
            kind: SourceKind::Hook,
            source_name: name.as_str().to_owned(),
            offset,
            reason: format!("torn record: {:?}", torn.reason),
            at: Timestamp::from_nanos(offset),
            size_bytes: torn.bytes.len() as i64,
            excerpt: text.chars().take(2048).collect(),
        });
        let source_no = self.stream("hooks")?;
        let lines = vec![argus_store::BodyLine { offset, text }];
        batch.bodies.push(argus_store::BodyChunk { source_no, lines, archived_offset: None });
        Ok(())
    }

    fn stream(&mut self, name: &str) -> Result<i64> {
        if let Some(number) = self.streams.get(name) {
            return Ok(*number);
        }
        let row = self.writer.register_source(SourceKind::Hook, name, 0, name)?;
        self.streams.insert(name.to_owned(), row.source_no);
        Ok(row.source_no)
    }

    fn watch_processes(&mut self, sessions: &[SessionState]) {
        for session in sessions {
            if let Some(process) = session.process.get() {
                self.watched.insert(session.session_id.clone(), *process);
            }
        }
    }

    /// Marks sessions whose process is gone. A session that ended in order stays ended: its end is older news.
    pub(crate) fn find_lost(&mut self) -> Result<Vec<SessionId>> {
        if self.pauses.cover(now()) {
            // Afterwards they are still gone.
            return Ok(Vec::new());
        }
        let gone: Vec<SessionId> = self
            .watched
            .iter()
            .filter(|(_, process)| !process::is_alive(**process))
            .map(|(id, _)| id.clone())
            .collect();
        if gone.is_empty() {
            return Ok(Vec::new());
        }
        let mut batch = Batch::default();
        for id in gone {
            self.watched.remove(&id);
            let mut state = SessionState::new(id);
            state.lost_at = Some(now()).into();
            batch.sessions.push(state);
        }
        Ok(self.writer.apply(&[batch])?)
    }

    /// Raises an alert for each agent that nobody is known to have started, once no word of it can be on its way.
    pub(crate) fn find_orphans(&mut self) -> Result<Vec<SessionId>> {
        let found = self.writer.list_new_orphans(now())?;
        let alerts: Vec<_> =
            found.iter().flat_map(|(session, agent, at)| self.judge.judge_orphan(session, agent, *at)).collect();
        if alerts.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.writer.apply(&[Batch { alerts, ..Batch::default() }])?)
    }

    /// Archives some of what is read but not kept yet, of files last changed at or before a time (nanoseconds);
    /// false when nothing is left.
    pub(crate) fn archive_some(&mut self, changed_by_ns: i64) -> Result<bool> {
        let waiting = self.writer.list_unarchived(changed_by_ns, ARCHIVE_BATCH + self.vanished.len() as i64)?;
        if waiting.is_empty() {
            return Ok(false);
        }
        let withheld = self.writer.list_withheld()?;
        let (mut desk, mut has_more, mut left_bytes) = (archive::Desk::default(), false, ARCHIVE_BYTES);
        for source in waiting.iter().filter(|source| !self.vanished.contains(&source.source_no)).collect::<Vec<_>>() {
            has_more = true;
            let mut gathered = Keeping::default();
            let parts = withheld.get(&source.source_no).map_or(&[][..], Vec::as_slice);
            let kept = archive::archive(&mut desk, source, parts, &self.redactor, now_ns(), &mut |piece| {
                left_bytes = left_bytes.saturating_sub(piece.size_bytes());
                gathered.push(piece);
                left_bytes > 0
            });
            gathered.keep(&mut self.writer)?;
            if kept.is_err() {
                // Deleted or moved before it was kept: the facts stay, and a rescan finds it where it went.
                self.vanished.insert(source.source_no);
            }
            if left_bytes == 0 {
                break;
            }
        }
        Ok(has_more)
    }

    /// Archives all of it, packing on every core.
    pub(crate) fn archive_all(&mut self, changed_by_ns: i64, done: &dyn Fn(u64)) -> Result<()> {
        let waiting = self.writer.list_unarchived(changed_by_ns, i64::MAX)?;
        let (redactor, withheld) = (Arc::clone(&self.redactor), self.writer.list_withheld()?);
        let checkpointer = self.writer.checkpoint_beside()?;
        let (writer, vanished) = (&mut self.writer, &mut self.vanished);
        let archived = parallel::archive(
            &waiting,
            &withheld,
            &redactor,
            checkpointer,
            &mut |gathered| {
                done(gathered.size_bytes() as u64);
                gathered.keep(writer)
            },
            &mut |source_no| {
                vanished.insert(source_no);
            },
        );
        self.writer.checkpoint_itself()?;
        archived
    }

    /// Lets search know some of the chunks that grow no more, or did not for so long; false when none is left.
    pub(crate) fn index_some(&mut self, quiet_seconds: i64) -> Result<bool> {
        let waiting = self.writer.list_waiting(quiet_seconds, INDEX_BATCH)?;
        if waiting.is_empty() {
            return Ok(false);
        }
        let mut waiting = waiting;
        self.mask_again(&mut waiting)?;
        let words: Vec<_> = waiting.iter().map(|chunk| (chunk.body_no, crate::search::words_of(chunk))).collect();
        self.writer.index_chunks(&words)?;
        Ok(true)
    }

    /// Texts that were stored under earlier rules are masked by today's.
    fn mask_again(&mut self, waiting: &mut [WaitingChunk]) -> Result<()> {
        let mut masked = Vec::new();
        for chunk in waiting.iter_mut().filter(|chunk| chunk.is_old) {
            if let Some(plain) = crate::search::masked_again(chunk, &self.redactor) {
                chunk.plain.clone_from(&plain);
                masked.push((chunk.body_no, plain));
            }
        }
        Ok(self.writer.replace_chunks(&masked)?)
    }

    /// A moved file may be found again.
    pub(crate) fn forget_vanished(&mut self) {
        self.vanished.clear();
    }
}

fn stream_update(source_no: i64, record: &argus_spool::Record, is_known: bool) -> argus_store::SourceUpdate {
    argus_store::SourceUpdate {
        source_no,
        path: String::new(),
        size_bytes: 0,
        modified_at: None,
        from_offset: 0,
        read_offset: 0,
        reader_state: Vec::new(),
        record_count: 1,
        unknown_count: i64::from(!is_known),
        last_at: Some(Timestamp::from_nanos(record.started_at_ns.cast_signed())),
    }
}

/// The clock, read in one place.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
}

/// The same in nanoseconds, as files have their times.
pub(crate) fn now_ns() -> i64 {
    now().as_micros().saturating_mul(1_000)
}

/// Paths that hold transcripts below the config roots.
pub(crate) fn project_folders(config_roots: &[PathBuf]) -> Vec<PathBuf> {
    config_roots.iter().map(|root| root.join("projects")).filter(|path: &PathBuf| Path::is_dir(path)).collect()
}

fn salt(writer: &mut Writer) -> Result<[u8; 32]> {
    if let Some(stored) = writer.get_meta("salt")?.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok()) {
        return Ok(stored);
    }
    let mut salt = [0; 32];
    let mut source = std::fs::File::open("/dev/urandom").map_err(IngestError::Salt)?;
    std::io::Read::read_exact(&mut source, &mut salt).map_err(IngestError::Salt)?;
    writer.set_meta("salt", &salt)?;
    Ok(salt)
}

#[cfg(test)]
mod tests;
