//! Reading everything there is, as fast as two cores allow: parsers in parallel, one writer.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use argus_model::record::ModelTotals;
use argus_model::{Budget, SessionId};
use argus_store::{Batch, Store};
use crossbeam_channel::{Receiver, Sender, bounded};

use crate::claude::transcript::Lens;
use crate::engine::{Engine, Plan, now, project_folders};
use crate::error::{IngestError, Result};
use crate::judge::RuleSettings;
use crate::pricing::OwnPrices;
use crate::project::Projects;
use crate::source::archive::Packer;
use crate::source::file::{self, Job, Portion, ReadCount};
use crate::source::keep::Keeping;
use crate::source::lines::LineRoom;
use crate::source::{ahead, parallel};

/// Where Argus' and Claude Code's data are.
#[derive(Clone, Debug)]
pub struct IngestConfig {
    /// Argus' own folder; the spool is in it.
    pub data_dir: PathBuf,
    /// Claude Code's folders, each with a `projects/`.
    pub config_roots: Vec<PathBuf>,
    /// What the person may change while the server runs.
    pub settings: IngestSettings,
}

/// What the person may change while the server runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct IngestSettings {
    /// How rules are read, and above which amounts money is worth an alert.
    pub rules: RuleSettings,
    /// Folders of which no session is recorded.
    pub excluded_folders: Vec<PathBuf>,
    /// What the person pays where that is not the list price.
    pub prices: OwnPrices,
    /// Contents older than so many days are removed; `None` keeps everything.
    pub retention_days: Option<u32>,
    /// What may be spent.
    pub budgets: Vec<Budget>,
}

/// How far an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportProgress {
    /// Files read.
    pub files_done: u64,
    /// Files to read.
    pub files_total: u64,
    /// Bytes read.
    pub bytes_done: u64,
    /// Bytes to read.
    pub bytes_total: u64,
    /// `reading`, `archiving` or `indexing`.
    pub phase: &'static str,
}

/// What an import did, and what the database now holds.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportReport {
    /// Transcript files looked at.
    pub files: u64,
    /// Lines read now.
    pub lines: u64,
    /// Lines set aside now.
    pub skipped_lines: u64,
    /// Sessions in the database.
    pub sessions: i64,
    /// Model requests in the database.
    pub model_requests: i64,
    /// Tool calls in the database.
    pub tool_calls: i64,
    /// Usage by model over the whole database.
    pub usage: Vec<ModelTotals>,
    /// How long it took.
    pub duration_ms: u64,
}

/// Claude Code deletes transcripts that nobody touched for a month, by default. An import keeps the bodies of those
/// half way there at once; younger ones are left to the server, which archives all, so that totals are there first.
const KEPT_BY_CLAUDE_NS: i64 = 14 * 24 * 3600 * 1_000_000_000;

/// Events joined in one transaction of a bulk import.
const GROUP_EVENTS: usize = 30_000;
/// A parser hands on what it read once it holds so many facts, be they from one file or from many.
const LOAD_FACTS: usize = 3_000;
/// Or so much text to be kept.
const LOAD_BYTES: usize = 8 * 1024 * 1024;
/// Loads waiting between parsers and writer: about what one transaction takes, so that parsers go on while it is written.
const QUEUE: usize = GROUP_EVENTS / LOAD_FACTS;

/// How far an import goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Until {
    /// Totals are right. Bodies of old files are archived, others are left to the server.
    #[default]
    Totals,
    /// Everything is archived and can be searched.
    Searchable,
}

/// Imports `paths`, or everything below the config roots.
pub fn import(
    store: &Store,
    config: &IngestConfig,
    paths: &[PathBuf],
    until: Until,
    progress: &dyn Fn(&ImportProgress),
) -> Result<ImportReport> {
    let began = Instant::now();
    let mut engine = Engine::new(store.writer()?, &config.settings)?;
    let folders = if paths.is_empty() { project_folders(&config.config_roots) } else { paths.to_vec() };
    let plan = engine.plan(&folders)?;
    let count = run_plan(&mut engine, &plan, until, progress, &mut |_, _| Ok(()))?;
    engine.find_orphans()?;
    let archived_to = match until {
        Until::Totals => now().as_micros() * 1_000 - KEPT_BY_CLAUDE_NS,
        Until::Searchable => i64::MAX,
    };
    let total = plan_bytes(&plan);
    // What was searchable on the way needs no more.
    let archived = std::cell::Cell::new(if until == Until::Searchable { total } else { 0 });
    let state = ImportProgress { phase: "archiving", ..done(&plan, total) };
    engine.archive_all(archived_to, &|bytes| {
        archived.set(archived.get() + bytes);
        progress(&ImportProgress { bytes_done: archived.get().min(total), ..state });
    })?;
    if until == Until::Searchable {
        progress(&ImportProgress { phase: "indexing", ..state });
        while engine.index_some(0)? {}
    }
    engine.writer.checkpoint()?;
    drop(engine);
    report(store, plan.file_count as u64, count, began)
}

/// What the database holds, as an import that read nothing reports it.
pub fn report_totals(store: &Store) -> Result<ImportReport> {
    report(store, 0, ReadCount::default(), Instant::now())
}

fn report(store: &Store, files: u64, count: ReadCount, began: Instant) -> Result<ImportReport> {
    let reader = store.readers().get()?;
    let usage = reader.model_totals()?;
    let (sessions, tool_calls) = reader.count_everything()?;
    Ok(ImportReport {
        files,
        lines: count.lines,
        skipped_lines: count.skipped_lines,
        sessions,
        model_requests: usage.iter().map(|model| model.totals.requests).sum(),
        tool_calls,
        usage,
        duration_ms: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
    })
}

fn plan_bytes(plan: &Plan) -> u64 {
    plan.jobs.iter().map(|job| (job.found.size_bytes - job.source.read_offset).max(0).cast_unsigned()).sum()
}

fn done(plan: &Plan, bytes: u64) -> ImportProgress {
    let files = plan.jobs.len() as u64;
    ImportProgress { files_done: files, files_total: files, bytes_done: bytes, bytes_total: bytes, phase: "reading" }
}

/// Called between two transactions with the sessions that changed, so that live work need not wait for history.
pub(crate) type Between<'a> = dyn FnMut(&mut Engine, Vec<SessionId>) -> Result<()> + 'a;

/// Carries a plan out: parsers read files side by side, this thread writes. What is wanted `until` all can be searched is
/// read once, and its lines are kept on the way; else they are kept later, so that totals are there first.
pub(crate) fn run_plan(
    engine: &mut Engine,
    plan: &Plan,
    until: Until,
    progress: &dyn Fn(&ImportProgress),
    between: &mut Between<'_>,
) -> Result<ReadCount> {
    let mut state = done(plan, plan_bytes(plan));
    (state.files_done, state.bytes_done) = (0, 0);
    progress(&state);
    let touched = engine.read_small(plan)?;
    between(engine, touched)?;
    let mut count = ReadCount::default();
    let (judge, redactor) = (Arc::clone(&engine.judge), Arc::clone(&engine.redactor));
    let (pauses, prices) = (Arc::clone(&engine.pauses), Arc::clone(&engine.prices));
    let checkpointer = engine.writer.checkpoint_beside()?;
    let outcome = std::thread::scope(|scope| {
        let (jobs_in, jobs) = bounded::<&Job>(ahead::FILES);
        scope.spawn(move || ahead::feed(&plan.jobs, &jobs_in));
        let (parsed_in, parsed) = bounded::<Load>(QUEUE);
        let parser_count =
            std::thread::available_parallelism().map_or(2, |n| n.get().clamp(1, 4)).min(plan.jobs.len().max(1));
        for _ in 0..parser_count {
            let lens = Lens { judge: &judge, redactor: &redactor, pauses: &pauses, prices: &prices };
            let (jobs, parsed_in) = (jobs.clone(), parsed_in.clone());
            scope.spawn(move || parse_all(&jobs, &parsed_in, lens, until));
        }
        drop((jobs, parsed_in));
        let (written_in, written) = bounded::<Vec<Batch>>(1);
        scope.spawn(move || parallel::clear_away(&written, &checkpointer));
        write_all(engine, (&parsed, &written_in), &mut state, &mut count, progress, between)
    });
    engine.writer.checkpoint_itself()?;
    outcome?;
    Ok(count)
}

/// What a parser read: whole files and pieces of one, in order.
#[derive(Default)]
struct Load {
    batches: Vec<Batch>,
    events: usize,
    /// Facts besides events, and batches.
    others: usize,
    kept: Keeping,
    files: Vec<(Job, std::io::Result<ReadCount>)>,
}

/// Lets others go first: an import waits for its writer, and parsers run ahead of it anyway.
pub(crate) fn give_way() {
    // Elsewhere the call is about the whole process.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(10);
}

impl Load {
    fn is_full(&self) -> bool {
        self.events + self.others >= LOAD_FACTS || self.kept.size_bytes() >= LOAD_BYTES
    }
}

/// Reads files until none is left, or until the writer is gone.
fn parse_all(jobs: &Receiver<&Job>, parsed: &Sender<Load>, lens: Lens<'_>, until: Until) {
    give_way();
    let (mut room, mut projects) = (LineRoom::default(), Projects::default());
    let mut packer = (until == Until::Searchable).then(Packer::default);
    let (mut load, mut is_wanted) = (Load::default(), true);
    for job in jobs {
        let read = file::read(job, lens, &mut room, packer.as_mut(), &mut projects, &mut |Portion { batch, kept }| {
            load.events += batch.events.len();
            load.others += batch.requests.len() + batch.alerts.len() + batch.deeds.len() + batch.quarantined.len() + 1;
            load.batches.push(batch);
            kept.into_iter().for_each(|piece| load.kept.push(piece));
            is_wanted = !load.is_full() || parsed.send(std::mem::take(&mut load)).is_ok();
            is_wanted
        });
        if !is_wanted {
            // The writer failed, and says so itself.
            return;
        }
        load.files.push((job.clone(), read));
    }
    let _ = parsed.send(load);
}

fn write_all(
    engine: &mut Engine,
    (parsed, written): (&Receiver<Load>, &Sender<Vec<Batch>>),
    state: &mut ImportProgress,
    count: &mut ReadCount,
    progress: &dyn Fn(&ImportProgress),
    between: &mut Between<'_>,
) -> Result<()> {
    let (mut group, mut events, mut finished) = (Vec::new(), 0, Vec::new());
    let mut kept = Keeping::default();
    loop {
        let load = parsed.recv();
        let is_end = load.is_err();
        let load = load.unwrap_or_default();
        events += load.events;
        group.extend(load.batches);
        kept.append(load.kept);
        for (job, read) in load.files {
            match read {
                Ok(read) => {
                    count.lines += read.lines;
                    count.skipped_lines += read.skipped_lines;
                    finished.push(job);
                }
                Err(source) if source.kind() == std::io::ErrorKind::NotFound => {}
                Err(source) => {
                    let error = IngestError::Read { path: job.found.path.clone(), source };
                    tracing::warn!(%error, "a transcript could not be read");
                }
            }
        }
        if is_end || events >= GROUP_EVENTS || finished.len() >= 2_000 || kept.size_bytes() >= parallel::GROUP_BYTES {
            let touched = engine.writer.apply(&group)?;
            for job in finished.drain(..) {
                state.files_done += 1;
                state.bytes_done += (job.found.size_bytes - job.source.read_offset).max(0).cast_unsigned();
                engine.remember(&job)?;
            }
            progress(state);
            // If the one that clears away has not come back from the disk, it goes here.
            let _ = written.try_send(std::mem::take(&mut group));
            if is_end || kept.size_bytes() >= parallel::GROUP_BYTES {
                std::mem::take(&mut kept).keep(&mut engine.writer)?;
            }
            events = 0;
            between(engine, touched)?;
        }
        // What was read under other settings is dropped before it is joined; it is planned and read again.
        if is_end || engine.is_changed() {
            return Ok(());
        }
    }
}
