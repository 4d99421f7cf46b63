//! `argus cost`: money by any cut.

use clap::Args;

use super::CutWord;

/// `argus cost`.
#[derive(Debug, Args)]
pub(crate) struct CostArgs {
    /// What to cut by
    #[arg(long, value_enum, default_value_t, value_name = "CUT")]
    pub(crate) by: CutWord,
    /// Only from then on: 2026-11-22, 2026-11-22T14:00:00Z, 2h, 7d, today; counted in whole quarter hours
    #[arg(long, value_name = "T")]
    pub(crate) since: Option<String>,
    /// Only before then
    #[arg(long, value_name = "T")]
    pub(crate) until: Option<String>,
    /// Only this project: its path or its folder's name
    #[arg(long, value_name = "P")]
    pub(crate) project: Option<String>,
    /// At most so many rows
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Go on where the last page ended
    #[arg(long, value_name = "C")]
    pub(crate) cursor: Option<String>,
    /// Instead: what Claude Code itself reported of each session against what its requests explain, widest apart first
    #[arg(long)]
    pub(crate) reconcile: bool,
    /// Comma-separated values, every row: exact dollars, unknown left empty
    #[arg(long, conflicts_with_all = ["json", "reconcile", "cursor", "limit"])]
    pub(crate) csv: bool,
    /// Instead: how the money of one step came about, line by line (`event_id` of `argus show --json`)
    #[arg(long, value_name = "STEP", conflicts_with_all = ["reconcile", "csv"])]
    pub(crate) explain: Option<String>,
}
