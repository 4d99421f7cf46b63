//! Commands that look after the program itself: starting at login, and what support asks for.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `argus autostart`.
#[derive(Debug, Subcommand)]
pub(crate) enum AutostartCommand {
    /// Start the server at each login, and now
    Enable(AutostartArgs),
    /// Do not start it at login any more
    Disable(AutostartArgs),
    /// Say whether it starts at login
    Status,
}

/// How carefully.
#[derive(Debug, Args)]
pub(crate) struct AutostartArgs {
    /// Print what would be written or removed, and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
}

/// `argus doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Write a file that may be given to whoever helps: findings, versions, counts and the log's end, without names,
    /// paths, prompts and secrets [default: argus-support-TIME.json here]
    #[arg(long, value_name = "FILE")]
    pub(crate) bundle: Option<Option<PathBuf>>,
    /// Replace the file if it is there
    #[arg(long, requires = "bundle")]
    pub(crate) force: bool,
}
