//! The health of capture.

use argus_model::record;
use argus_store::search::SearchCoverage;
use serde::Serialize;
use utoipa::ToSchema;

use crate::capture::{CaptureStatus, HookStatus, ImportStatus, SpoolStatus, TelemetryStatus};

use super::time::utc;
use super::{SearchIndex, Utc};

/// The health of capture.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = CaptureRecord)]
pub struct Capture {
    /// Where facts come from.
    pub sources: Vec<Source>,
    /// What hooks left and nobody read yet.
    pub spool: Spool,
    /// An import on its way.
    pub importing: Option<Import>,
    /// Whether transcripts are followed by file events.
    pub is_watching: Option<bool>,
    /// How much of it can be searched.
    pub search: SearchIndex,
    /// What could not be read, the latest first, as far as it is listed; the sources tell how many there are.
    pub quarantine: Vec<Quarantined>,
    /// The server.
    pub server: ServerFacts,
    /// The hooks' registration.
    pub hooks: HookState,
    /// Whether Claude Code sends its telemetry here.
    pub telemetry: TelemetryState,
    /// The pause that holds now: what happens in it is not recorded.
    pub pause: Option<CapturePause>,
    /// What was met of excluded projects and left out.
    pub excluded: Excluded,
    /// Why the settings' file is not what holds, in words.
    pub settings_problem: Option<String>,
}

/// A pause of capture.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CapturePause {
    /// From when.
    pub from_at: Option<Utc>,
    /// Until when; `null` until somebody ends it.
    pub until_at: Option<Utc>,
}

/// What was left out since the server started or the setting was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = ExcludedCount)]
pub struct Excluded {
    /// Sessions.
    pub session_count: u64,
    /// Their projects.
    pub project_count: u64,
}

/// One source's health.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = SourceHealth)]
pub struct Source {
    /// `hook` or `transcript`.
    pub source: &'static str,
    /// Files or streams.
    pub source_count: i64,
    /// Bytes seen.
    pub size_bytes: i64,
    /// Bytes read into facts.
    pub read_bytes: i64,
    /// Bytes archived.
    pub archived_bytes: i64,
    /// Lines or records read.
    pub record_count: i64,
    /// Set aside.
    pub quarantine_count: i64,
    /// Valid but unknown to this version.
    pub unknown_count: i64,
    /// Last arrival.
    pub last_at: Option<Utc>,
}

impl From<record::SourceHealth> for Source {
    fn from(record: record::SourceHealth) -> Self {
        Self {
            source: record.source,
            source_count: record.source_count,
            size_bytes: record.size_bytes,
            read_bytes: record.read_bytes,
            archived_bytes: record.archived_bytes,
            record_count: record.record_count,
            quarantine_count: record.quarantine_count,
            unknown_count: record.unknown_count,
            last_at: utc(record.last_at),
        }
    }
}

/// The spool.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Spool {
    /// Files that wait.
    pub pending_files: Option<u64>,
    /// Their bytes.
    pub pending_bytes: Option<u64>,
    /// Records that hooks could not keep, ever.
    pub lost_records: Option<u64>,
}

/// How far an import is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Import {
    /// Files read.
    pub files_done: u64,
    /// Files to read.
    pub files_total: u64,
    /// Bytes read.
    pub bytes_done: u64,
    /// Bytes to read.
    pub bytes_total: u64,
}

/// One record set aside.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = QuarantineRecord)]
pub struct Quarantined {
    /// From where.
    pub source: String,
    /// Where in it.
    pub offset: i64,
    /// Why.
    pub reason: String,
    /// When.
    pub at: Option<Utc>,
    /// Its beginning, masked.
    pub excerpt: String,
}

impl From<record::QuarantineRecord> for Quarantined {
    fn from(record: record::QuarantineRecord) -> Self {
        Self {
            source: record.source,
            offset: record.offset,
            reason: record.reason,
            at: utc(Some(record.at)),
            excerpt: record.excerpt,
        }
    }
}

/// The server.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ServerFacts {
    /// Argus's version.
    pub version: String,
    /// When it started.
    pub started_at: Option<Utc>,
    /// The name of this run.
    pub instance: String,
    /// Where everything is kept.
    pub data_dir: String,
    /// The database engine's version.
    pub sqlite_version: String,
    /// The database with its log.
    pub database_bytes: Option<u64>,
    /// Everything it shows is made up.
    pub is_demo: bool,
}

/// The hooks' registration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct HookState {
    /// Registered and able to run.
    pub installed: Option<bool>,
    /// In words.
    pub detail: Option<String>,
}

/// Claude Code's telemetry.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct TelemetryState {
    /// Its settings send it here.
    pub is_switched_on: bool,
    /// What is wrong with it, in words; `null` where nothing is.
    pub detail: Option<String>,
}

impl TelemetryState {
    fn new(status: TelemetryStatus, sources: &[record::SourceHealth]) -> Self {
        let silent = status.since.and_then(|since| record::silent_since(sources, since));
        let silent = silent.map(|_| "nothing arrives of sessions that work; `argus doctor` says more".to_owned());
        Self { is_switched_on: status.since.is_some(), detail: status.detail.or(silent) }
    }
}

impl Capture {
    /// Brings the database's and the process's knowledge together.
    pub fn new(
        sources: Vec<record::SourceHealth>,
        quarantine: Vec<record::QuarantineRecord>,
        search: SearchCoverage,
        status: CaptureStatus,
        server: ServerFacts,
    ) -> Self {
        let CaptureStatus { spool, importing, is_watching, hooks, telemetry, pause, excluded, settings_problem } =
            status;
        let SpoolStatus { pending_files, pending_bytes, lost_records } = spool;
        let HookStatus { is_installed, detail } = hooks;
        Self {
            telemetry: TelemetryState::new(telemetry, &sources),
            sources: sources.into_iter().map(Source::from).collect(),
            spool: Spool { pending_files, pending_bytes, lost_records },
            importing: importing.map(|ImportStatus { files_done, files_total, bytes_done, bytes_total }| Import {
                files_done,
                files_total,
                bytes_done,
                bytes_total,
            }),
            is_watching,
            search: search.into(),
            quarantine: quarantine.into_iter().map(Quarantined::from).collect(),
            server,
            hooks: HookState { installed: is_installed, detail },
            pause: pause.map(|pause| CapturePause { from_at: utc(Some(pause.from_at)), until_at: utc(pause.until_at) }),
            excluded: Excluded { session_count: excluded.sessions, project_count: excluded.projects },
            settings_problem,
        }
    }
}
