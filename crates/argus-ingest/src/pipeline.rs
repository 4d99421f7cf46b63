//! The running server's ingest: one thread that owns the writer, woken by the file system.
//!
//! Order of work: the spool first (somebody watches), then changed transcripts, then history, then archiving. The
//! watcher only wakes; what is to be done is always found by looking, so a lost event costs a rescan and nothing more.

mod orders;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use argus_model::{CareOrder, CareReport, Pause, SessionId, Timestamp};
use argus_spool::Spool;
use argus_store::Store;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded, unbounded};
use notify::{RecursiveMode, Watcher};

use crate::care::{self, CareProgress};
use crate::engine::{Engine, Plan, now, project_folders};
use crate::error::{IngestError, Result};
use crate::import::{ImportProgress, IngestConfig, Until, run_plan};
use crate::source::archive::QUIET_SECONDS;
use crate::source::discover;
use crate::source::telemetry::waiting::Waiting;
use crate::source::telemetry::{CAP_BYTES, Intake, open_waiting};

/// The thread looks up at least this often: processes may have gone, a watch may have failed.
const IDLE: Duration = Duration::from_secs(5);
/// Without a working watch everything is looked at again after this time.
const RESCAN_UNWATCHED: Duration = Duration::from_secs(5);
/// With one, now and then, for file systems that keep silent.
const RESCAN_WATCHED: Duration = Duration::from_secs(300);
/// A record that is not whole is looked at again after this time.
const WAITING: Duration = Duration::from_millis(200);
/// Orders that wait for the writer; people are slow, so this many is a flood.
const ORDERS: usize = 64;
/// How long an order may wait for its answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The spool may grow to this size before hooks are told to drop.
const SPOOL_CAP_BYTES: u64 = 2 * 1024 * 1024 * 1024;

/// What the running pipeline says of itself.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PipelineStatus {
    /// Records waiting in the spool.
    pub spool_pending_files: u64,
    /// Their size.
    pub spool_pending_bytes: u64,
    /// Records that hooks could not write.
    pub lost_records: u64,
    /// Whether the file system tells of changes; else folders are looked at every few seconds.
    pub watching: bool,
    /// When the spool was last emptied.
    pub last_drain_at: Option<Timestamp>,
    /// The first import, while it runs.
    pub importing: Option<ImportProgress>,
    /// The last thing that went wrong, in words.
    pub last_error: Option<String>,
    /// The pause that holds now.
    pub pause: Option<Pause>,
    /// Sessions of excluded folders that were met and left out.
    pub excluded_sessions: u64,
    /// The projects of these sessions.
    pub excluded_projects: u64,
}

/// The running pipeline; stops when told or dropped.
pub struct Pipeline {
    wake: Sender<Wake>,
    orders: Sender<Order>,
    care: Sender<CareOrder>,
    care_progress: Arc<Mutex<CareProgress>>,
    status: Arc<Mutex<PipelineStatus>>,
    telemetry: Arc<Waiting>,
    spool: PathBuf,
    thread: Option<JoinHandle<()>>,
}

/// Told of the sessions that changed, after each commit.
pub type OnChange = Box<dyn Fn(&[SessionId]) + Send + Sync>;

enum Wake {
    Spool,
    File(PathBuf),
    /// An order waits.
    Order,
    Rescan,
    Stop,
}

impl Pipeline {
    /// Starts the thread. Fails when another process writes to the store.
    pub fn start(store: &Store, config: IngestConfig, on_change: OnChange) -> Result<Self> {
        let mut engine = Engine::new(store.writer()?, &config.settings)?;
        engine.know_database(&config.data_dir)?;
        let telemetry = engine.attend(Arc::new(open_waiting(&config.data_dir, CAP_BYTES)?));
        let spool_folder = config.data_dir.join("spool");
        let spool = Spool::open(&spool_folder)?;
        let status = Arc::new(Mutex::new(PipelineStatus::default()));
        let (wake, woken) = unbounded();
        let (orders, ordered) = bounded(ORDERS);
        let (care, care_ordered) = bounded(1);
        let care_progress = Arc::new(Mutex::new(CareProgress { phase: "done", ..CareProgress::default() }));
        let mut worker = Worker {
            engine,
            spool,
            config,
            on_change,
            status: Arc::clone(&status),
            wake: wake.clone(),
            orders: ordered,
            care: care_ordered,
            care_progress: Arc::clone(&care_progress),
            changed: BTreeSet::new(),
            watched: BTreeSet::new(),
            last_scan: None,
            has_grown: false,
        };
        worker.tell_of_admission();
        let thread = std::thread::Builder::new()
            .name("argus-ingest".into())
            .spawn(move || worker.run(&woken))
            .map_err(IngestError::Thread)?;
        Ok(Self { wake, orders, care, care_progress, status, telemetry, spool: spool_folder, thread: Some(thread) })
    }

    /// Takes batches of telemetry.
    pub fn intake(&self) -> Intake {
        let wake = self.wake.clone();
        Intake::new(Arc::clone(&self.telemetry), move || {
            // A worker that is gone finds the batch when the next one begins.
            let _ = wake.send(Wake::Spool);
        })
    }

    /// How it is doing.
    pub fn status(&self) -> PipelineStatus {
        let mut status = self.status.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Ok(spool) = Spool::open(&self.spool) {
            if let Ok(size) = spool.size() {
                (status.spool_pending_files, status.spool_pending_bytes) = (size.segments, size.size_bytes);
            }
            status.lost_records = spool.lost_count().unwrap_or(status.lost_records);
        }
        status
    }

    /// Looks at every transcript again.
    pub fn rescan(&self) {
        // A worker that is gone has nothing to rescan.
        let _ = self.wake.send(Wake::Rescan);
    }

    /// Finishes the work at hand and stops.
    pub fn stop(mut self) {
        self.join();
    }

    fn join(&mut self) {
        let _ = self.wake.send(Wake::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for Pipeline {
    fn drop(&mut self) {
        self.join();
    }
}

/// What a person asks for; it answers by itself.
type Order = Box<dyn FnOnce(&mut Engine, &OnChange) + Send>;

struct Worker {
    engine: Engine,
    spool: Spool,
    config: IngestConfig,
    on_change: OnChange,
    status: Arc<Mutex<PipelineStatus>>,
    wake: Sender<Wake>,
    orders: Receiver<Order>,
    care: Receiver<CareOrder>,
    care_progress: Arc<Mutex<CareProgress>>,
    changed: BTreeSet<PathBuf>,
    watched: BTreeSet<PathBuf>,
    last_scan: Option<Instant>,
    /// Work was done since memory was last given back.
    has_grown: bool,
}

impl Worker {
    fn run(&mut self, woken: &Receiver<Wake>) {
        let mut watcher = self.watcher();
        let mut timeout = Duration::ZERO;
        loop {
            if let Some(watcher) = &mut watcher {
                self.watch_roots(watcher);
            }
            match woken.recv_timeout(timeout) {
                Ok(wake) => {
                    if self.note(wake) || woken.try_iter().collect::<Vec<_>>().into_iter().any(|wake| self.note(wake)) {
                        break;
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            timeout = match self.work() {
                Ok(timeout) => timeout,
                Err(error) => {
                    tracing::error!(%error, "ingest failed; trying again");
                    self.set(|status| status.last_error = Some(error.to_string()));
                    Duration::from_secs(1)
                }
            };
        }
        if let Err(error) = self.engine.writer.checkpoint() {
            tracing::warn!(%error, "the last checkpoint failed; the next start does it");
        }
    }

    /// Takes a wake-up in; true when it says stop.
    fn note(&mut self, wake: Wake) -> bool {
        match wake {
            Wake::Spool | Wake::Order => {}
            Wake::File(path) => {
                self.changed.insert(path);
            }
            Wake::Rescan => self.last_scan = None,
            Wake::Stop => return true,
        }
        false
    }

    /// Does what is to be done; how long to sleep afterwards.
    fn work(&mut self) -> Result<Duration> {
        let has_waiting = self.drain()?;
        obey(&mut self.engine, &self.orders, &self.on_change);
        self.engine.judge_changed_limits()?;
        self.take_care();
        let changed = std::mem::take(&mut self.changed);
        let mut plan = Plan::default();
        for path in &changed {
            // A new folder may hold files already by the time it is watched: nobody tells of those.
            let found = if path.is_dir() { discover::walk(path) } else { discover::find(path).into_iter().collect() };
            for found in found {
                self.engine.consider(found, &mut plan)?;
            }
        }
        self.carry_out(&plan)?;
        let rescan_after = if self.watched.is_empty() { RESCAN_UNWATCHED } else { RESCAN_WATCHED };
        if self.last_scan.is_none_or(|at| at.elapsed() >= rescan_after) {
            self.scan()?;
        }
        self.tell_of_admission();
        let found = self.engine.look_around()?;
        self.tell(&found);
        if self.engine.has_due() || self.engine.archive_some(i64::MAX)? || self.engine.index_some(QUIET_SECONDS)? {
            self.has_grown = true;
            return Ok(Duration::ZERO);
        }
        if self.has_grown && self.engine.writer.try_checkpoint()? {
            self.has_grown = false;
            self.engine.writer.shrink()?;
        }
        Ok(if has_waiting || self.engine.rests() { WAITING } else { IDLE })
    }

    fn drain(&mut self) -> Result<bool> {
        loop {
            let report = self.engine.drain(&self.spool)?;
            self.tell(&report.touched);
            if report.record_count > 0 {
                self.set(|status| status.last_drain_at = Some(now()));
            }
            obey(&mut self.engine, &self.orders, &self.on_change);
            if !report.has_more {
                if report.has_waiting || report.record_count > 0 {
                    self.spool.enforce_cap(SPOOL_CAP_BYTES)?;
                }
                return Ok(report.has_waiting);
            }
        }
    }

    /// Takes data away where that was ordered; live work goes on between its transactions.
    fn take_care(&mut self) {
        let Ok(order) = self.care.try_recv() else { return };
        let (spool, on_change, orders, progress) = (&self.spool, &self.on_change, &self.orders, &self.care_progress);
        let note = |phase: &'static str, report: Option<CareReport>, error: Option<String>| {
            let mut progress = progress.lock().unwrap_or_else(PoisonError::into_inner);
            (progress.phase, progress.error) = (phase, error);
            progress.report = report.unwrap_or(progress.report);
        };
        let done = care::carry_out(&mut self.engine, spool, &order, &mut |engine, phase, report, forgotten| {
            note(phase, Some(report), None);
            let mut touched = engine.drain(spool)?.touched;
            obey(engine, orders, on_change);
            touched.extend_from_slice(forgotten);
            if !touched.is_empty() {
                on_change(&touched);
            }
            Ok(())
        });
        match done {
            Ok(report) => note("done", Some(report), None),
            Err(error) => {
                tracing::error!(%error, "taking data away failed");
                note("failed", None, Some(error.to_string()));
            }
        }
    }

    /// Changed files of a running session are few: read at once, in this thread.
    fn carry_out(&mut self, plan: &Plan) -> Result<()> {
        let touched = self.engine.read_small(plan)?;
        self.tell(&touched);
        for job in &plan.jobs {
            match self.engine.read_job(job) {
                Ok((touched, _)) => self.tell(&touched),
                Err(IngestError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// Until everything was read by the settings that hold at its end.
    fn scan(&mut self) -> Result<()> {
        self.scan_once()?;
        while self.engine.is_changed() {
            self.scan_once()?;
        }
        Ok(())
    }

    fn scan_once(&mut self) -> Result<()> {
        self.engine.forget_vanished();
        let folders = project_folders(&self.config.config_roots);
        let plan = self.engine.plan(&folders)?;
        self.last_scan = Some(Instant::now());
        let (status, spool, on_change, orders) = (Arc::clone(&self.status), &self.spool, &self.on_change, &self.orders);
        let progress = |progress: &ImportProgress| {
            status.lock().unwrap_or_else(PoisonError::into_inner).importing = Some(*progress);
        };
        run_plan(&mut self.engine, &plan, Until::Totals, &progress, &mut |engine, mut touched| {
            touched.extend(engine.drain(spool)?.touched);
            obey(engine, orders, on_change);
            show_admission(engine, &status);
            if !touched.is_empty() {
                on_change(&touched);
            }
            Ok(())
        })?;
        self.set(|status| status.importing = None);
        Ok(())
    }

    fn tell_of_admission(&self) {
        show_admission(&self.engine, &self.status);
    }

    fn tell(&self, touched: &[SessionId]) {
        if !touched.is_empty() {
            (self.on_change)(touched);
        }
    }

    fn set(&self, change: impl FnOnce(&mut PipelineStatus)) {
        change(&mut self.status.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// A watcher that only wakes; `None` when the system gives none.
    fn watcher(&self) -> Option<notify::RecommendedWatcher> {
        let wake = self.wake.clone();
        let spool = self.spool.folder().to_owned();
        let made = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let wakes = match event {
                Ok(event) if event.need_rescan() => vec![Wake::Rescan],
                Ok(event) if event.kind.is_access() && !is_close_write(&event.kind) => return,
                Ok(event) => event
                    .paths
                    .into_iter()
                    .map(|path| if path.starts_with(&spool) { Wake::Spool } else { Wake::File(path) })
                    .collect(),
                Err(_) => vec![Wake::Rescan],
            };
            for one in wakes {
                let _ = wake.send(one);
            }
        });
        made.inspect_err(|error| tracing::warn!(%error, "no file events; looking every few seconds instead")).ok()
    }

    /// Watches the spool and every `projects/` that exists by now.
    fn watch_roots(&mut self, watcher: &mut notify::RecommendedWatcher) {
        let spool = self.spool.folder().to_owned();
        let folders = project_folders(&self.config.config_roots);
        let wanted = std::iter::once((spool, RecursiveMode::NonRecursive))
            .chain(folders.into_iter().map(|folder| (folder, RecursiveMode::Recursive)));
        for (folder, mode) in wanted {
            if self.watched.contains(&folder) || !Path::is_dir(&folder) {
                continue;
            }
            match watcher.watch(&folder, mode) {
                Ok(()) => {
                    self.watched.insert(folder);
                    self.last_scan = None;
                    self.set(|status| status.watching = true);
                }
                Err(error) => tracing::warn!(%error, "cannot watch; looking every few seconds instead"),
            }
        }
    }
}

/// Does what people asked for meanwhile.
fn obey(engine: &mut Engine, orders: &Receiver<Order>, on_change: &OnChange) {
    for order in orders.try_iter() {
        order(engine, on_change);
    }
}

/// Says what is left out.
fn show_admission(engine: &Engine, status: &Mutex<PipelineStatus>) {
    let mut status = status.lock().unwrap_or_else(PoisonError::into_inner);
    status.pause = engine.running_pause();
    (status.excluded_sessions, status.excluded_projects) = engine.excluded.counts();
}

fn is_close_write(kind: &notify::EventKind) -> bool {
    use notify::event::{AccessKind, AccessMode, EventKind};
    matches!(kind, EventKind::Access(AccessKind::Close(AccessMode::Write)))
}
