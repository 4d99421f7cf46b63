//! What only the running process knows about its capture; the database tells the rest.

use std::sync::Arc;

use argus_model::{Pause, Timestamp};

/// Asks the process for its state, whenever somebody looks.
pub type CaptureSource = Arc<dyn Fn() -> CaptureStatus + Send + Sync>;

/// The state of capture at one moment.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CaptureStatus {
    /// What waits in the spool.
    pub spool: SpoolStatus,
    /// An import on its way.
    pub importing: Option<ImportStatus>,
    /// Whether transcripts are followed by file events; `None` when nobody follows them.
    pub is_watching: Option<bool>,
    /// Whether Claude Code will call the hook.
    pub hooks: HookStatus,
    /// Whether Claude Code sends its telemetry.
    pub telemetry: TelemetryStatus,
    /// The pause that holds now.
    pub pause: Option<Pause>,
    /// What was met of excluded projects.
    pub excluded: ExcludedStatus,
    /// Why the settings' file is not what holds, in words.
    pub settings_problem: Option<String>,
}

/// What was met of excluded projects and left out, since the server started or the setting was changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExcludedStatus {
    /// Sessions.
    pub sessions: u64,
    /// Their projects.
    pub projects: u64,
}

/// The spool's state.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SpoolStatus {
    /// Files that wait; `None` when nobody counted.
    pub pending_files: Option<u64>,
    /// Their bytes.
    pub pending_bytes: Option<u64>,
    /// Records that hooks could not keep, ever.
    pub lost_records: Option<u64>,
}

/// How far an import is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ImportStatus {
    /// Files read.
    pub files_done: u64,
    /// Files to read.
    pub files_total: u64,
    /// Bytes read.
    pub bytes_done: u64,
    /// Bytes to read.
    pub bytes_total: u64,
}

/// The hooks' registration.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HookStatus {
    /// Registered and able to run; `None` when nobody looked.
    pub is_installed: Option<bool>,
    /// In words.
    pub detail: Option<String>,
}

/// Claude Code's telemetry, as its settings say.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TelemetryStatus {
    /// Since when it has been sent to us; `None` where it is not, or where nobody looked.
    pub since: Option<Timestamp>,
    /// What is wrong with it, in words.
    pub detail: Option<String>,
}
