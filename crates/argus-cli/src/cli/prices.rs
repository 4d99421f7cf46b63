//! `argus prices`: what holds, and what the person pays otherwise.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// `argus prices`.
#[derive(Debug, Subcommand)]
pub(crate) enum PricesCommand {
    /// List prices and your own, in dollars per million tokens
    List(PricesListArgs),
    /// Check prices.toml; tells the line of a mistake
    Check(PricesCheckArgs),
    /// Add prices from a file in LiteLLM's format to prices.toml
    Import(PricesImportArgs),
    /// Price stored requests anew by the prices that hold now, after showing what would change
    Apply(PricesApplyArgs),
}

/// `argus prices list`.
#[derive(Debug, Args)]
pub(crate) struct PricesListArgs {
    /// Only models whose name contains this
    pub(crate) model: Option<String>,
}

/// `argus prices check`.
#[derive(Debug, Args)]
pub(crate) struct PricesCheckArgs {
    /// The file [default: prices.toml in the data directory]
    pub(crate) file: Option<PathBuf>,
}

/// `argus prices import`.
#[derive(Debug, Args)]
pub(crate) struct PricesImportArgs {
    /// LiteLLM's model_prices_and_context_window.json, or a part of it
    pub(crate) file: PathBuf,
    /// A model of the file, by its name; may be given again [default: the stored models that have no price]
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Vec<String>,
    /// Only say what would be added
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// `argus prices apply`.
#[derive(Debug, Args)]
#[command(
    after_help = "Prices that change rewrite nothing by themselves: requests keep the price of the day they were stored."
)]
pub(crate) struct PricesApplyArgs {
    /// Only say what would change
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}
