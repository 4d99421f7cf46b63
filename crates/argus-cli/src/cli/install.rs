//! What `argus install` may be asked for.

use clap::Args;

use super::TargetArgs;

/// `argus install`.
#[derive(Debug, Args)]
pub(crate) struct InstallArgs {
    /// Where.
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Also have Claude Code send its own telemetry (log records without content) to Argus
    #[arg(long)]
    pub(crate) otel: bool,
    /// With --otel, where log records go elsewhere already: Argus gets them and passes a copy of each batch on
    #[arg(long, requires = "otel")]
    pub(crate) forward: bool,
    /// Also show Argus's status line (cost, burn, context, budget left) in Claude Code, below yours if you have one
    #[arg(long)]
    pub(crate) statusline: bool,
    /// Also have the rules answer before each tool call: silence, ask or deny; what the guard cannot judge runs
    #[arg(long)]
    pub(crate) guard: bool,
    /// The same, and what the guard cannot judge does not run; needs Claude Code 2.1.295 or later
    #[arg(long)]
    pub(crate) guard_closed: bool,
}
