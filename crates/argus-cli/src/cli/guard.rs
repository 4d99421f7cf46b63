//! Arguments of `argus guard`.

use clap::{Args, Subcommand};

/// `argus guard`.
#[derive(Debug, Args)]
pub(crate) struct GuardArgs {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<GuardCommand>,
}

/// The ways out, for a person.
#[derive(Debug, Subcommand)]
pub(crate) enum GuardCommand {
    /// Let calls pass for a while, which the guard would ask about or deny
    Release(GuardReleaseArgs),
    /// Take back all that was let pass
    Close,
}

/// `argus guard release`.
#[derive(Debug, Args)]
pub(crate) struct GuardReleaseArgs {
    /// In this session only (its id, or the beginning of it)
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    /// This rule only
    #[arg(long, value_name = "ID")]
    pub(crate) rule: Option<String>,
    /// A budget that is used up and stops, by its name
    #[arg(long, value_name = "NAME", conflicts_with = "rule")]
    pub(crate) budget: Option<String>,
    /// For so many minutes
    #[arg(long = "for", value_name = "MINUTES", default_value_t = 15, value_parser = clap::value_parser!(u32).range(1..=1440))]
    pub(crate) minutes: u32,
}
