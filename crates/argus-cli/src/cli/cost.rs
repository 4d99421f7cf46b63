//! `argus cost`: money by any cut.

use clap::{Args, ValueEnum};

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
    /// Only this session: its id, or the beginning of it; `--by agent` then lists its agents
    #[arg(long, value_name = "SESSION")]
    pub(crate) session: Option<String>,
    /// Whose days: a time zone such as Europe/Berlin [default: this machine's]
    #[arg(long, value_name = "ZONE")]
    pub(crate) tz: Option<String>,
    /// At most so many rows
    #[arg(long, value_name = "N", default_value_t = 500, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,
    /// Go on where the last page ended
    #[arg(long, value_name = "C")]
    pub(crate) cursor: Option<String>,
    /// Instead: what Claude Code itself reported of each session against what its requests explain, widest apart first
    #[arg(long)]
    pub(crate) reconcile: bool,
    /// Instead: which tool results cost the most to carry in the context, by tool and one by one; the dearest sessions first,
    /// for ten seconds
    #[arg(long, conflicts_with_all = ["reconcile", "cursor"])]
    pub(crate) carry: bool,
    /// Instead: how long models took to answer and how often they failed, as Claude Code's telemetry tells
    #[arg(long, conflicts_with_all = ["reconcile", "carry", "cursor"])]
    pub(crate) latency: bool,
    /// Comma-separated values, every row: exact dollars, unknown left empty
    #[arg(long, conflicts_with_all = ["json", "reconcile", "carry", "latency", "cursor", "limit"])]
    pub(crate) csv: bool,
    /// Instead: how the money came about, line by line: of one step (`event_id` of `argus show --json`), or of all requests
    /// of the range, session, agent and model that are given
    #[arg(long, value_name = "STEP", num_args = 0..=1, conflicts_with_all = ["reconcile", "carry", "latency", "csv"])]
    pub(crate) explain: Option<Option<String>>,
    /// Only this agent's requests: its id, or `main`
    #[arg(long, value_name = "ID", requires = "session", requires = "explain")]
    pub(crate) agent: Option<String>,
    /// Only this model's requests
    #[arg(long, value_name = "MODEL", requires = "explain")]
    pub(crate) model: Option<String>,
    /// Instead: what the same tokens would have cost, had the model on the left been the one on the right; an estimate
    #[arg(long, value_name = "MODEL=MODEL", value_parser = pair, conflicts_with_all = ["reconcile", "carry", "latency", "csv", "explain"])]
    pub(crate) what_if: Vec<(String, String)>,
}

/// Two models.
fn pair(text: &str) -> Result<(String, String), String> {
    let models = text.split_once('=').filter(|(from, to)| !from.is_empty() && !to.is_empty());
    models
        .map(|(from, to)| (from.to_owned(), to.to_owned()))
        .ok_or_else(|| "give two models, as in OPUS=HAIKU".to_owned())
}

/// By what money is cut.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CutWord {
    /// Days of this machine's time zone, in order
    #[default]
    Day,
    /// The model that answered
    Model,
    /// The project
    Project,
    /// The session
    Session,
    /// The type of agent
    Agent,
    /// The tool whose calls the requests made
    Tool,
    /// The branch on which the request was made
    Branch,
    /// The working tree in which it was made
    Worktree,
    /// The repository of that
    Repository,
    /// The skill that was at work
    Skill,
    /// The MCP server whose results it read
    McpServer,
    /// What it was for, in Claude Code's own word
    QuerySource,
    /// The commit that came after it in its session
    Commit,
}
