//! Commands that care for what is stored: backups, pruning, forgetting.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `argus db`.
#[derive(Debug, Subcommand)]
pub(crate) enum DbCommand {
    /// Print where the database is
    Path,
    /// Check that the database is sound
    Check,
    /// Copy the database while everything runs, and check the copy
    Backup(BackupArgs),
    /// Remove stored contents of what is old; steps, tokens, dollars and alerts stay
    Prune(PruneArgs),
}

/// `argus db backup`.
#[derive(Debug, Args)]
#[command(
    after_help = "To put a backup back: `argus down`, copy it over the path that `argus db path` prints (remove the \
files ending in -wal and -shm beside it), `argus db check`, `argus up`."
)]
pub(crate) struct BackupArgs {
    /// The file to be made [default: backups/argus-TIME.db in the data directory]
    pub(crate) file: Option<PathBuf>,
    /// Replace the file if it is there
    #[arg(long)]
    pub(crate) force: bool,
}

/// `argus db prune`.
#[derive(Debug, Args)]
pub(crate) struct PruneArgs {
    /// How old: 90d, 12w, or a day such as 2026-08-01
    #[arg(long, value_name = "T", default_value = "90d")]
    pub(crate) older_than: String,
    /// Only say what would be removed
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// `argus forget`.
#[derive(Debug, Args)]
#[command(
    after_help = "Claude Code's own transcripts are not touched; Argus will not read them again. Backups keep what they hold."
)]
pub(crate) struct ForgetArgs {
    /// Sessions: their ids, or the beginnings of them
    #[arg(required_unless_present = "project", conflicts_with = "project", value_name = "SESSION")]
    pub(crate) sessions: Vec<String>,
    /// All sessions of the project at this path; later sessions there are captured again
    #[arg(long, value_name = "PATH")]
    pub(crate) project: Option<String>,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}
