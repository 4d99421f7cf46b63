//! The command line: every command and flag, with the words that `--help` says.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

mod alerts;
mod care;
mod cost;
mod export;
mod guard;
mod install;
mod operation;
mod prices;
mod search;
mod secrets;
mod webhooks;

pub(crate) use alerts::{AlertAllowArgs, AlertCommand, AlertListArgs, AlertSayArgs, ReachWord};
pub(crate) use care::{BackupArgs, DbCommand, ForgetArgs, PruneArgs};
pub(crate) use cost::{CostArgs, CutWord};
pub(crate) use export::{ExportArgs, ExportFormat, ExportWhat};
pub(crate) use guard::{GuardArgs, GuardCommand, GuardReleaseArgs};
pub(crate) use install::InstallArgs;
pub(crate) use operation::{AutostartArgs, AutostartCommand, DoctorArgs};
pub(crate) use prices::{PricesApplyArgs, PricesCheckArgs, PricesCommand, PricesImportArgs, PricesListArgs};
pub(crate) use search::SearchArgs;
pub(crate) use secrets::SecretsArgs;
pub(crate) use webhooks::WebhooksCommand;

/// See what Claude Code did, when, and what it cost.
#[derive(Debug, Parser)]
#[command(
    name = "argus",
    about = "See what Claude Code did, when, and what it cost. Everything stays on this machine.",
    after_help = "Start with `argus up`. Exit codes: 0 done, 1 failed, 2 wrong usage; `argus guard`, asked by Claude Code: 3 could not answer.",
    disable_version_flag = true,
    arg_required_else_help = true,
    max_term_width = 100
)]
pub(crate) struct Cli {
    /// Flags of every command.
    #[command(flatten)]
    pub(crate) global: Global,
    /// Print version, commit and SQLite's version
    #[arg(short = 'V', long)]
    pub(crate) version: bool,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// Flags of every command.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Global {
    /// Where Argus keeps its data [env: ARGUS_DATA_DIR] [default: XDG_DATA_HOME/argus]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) data_dir: Option<PathBuf>,
    /// Claude Code's configuration folder; may be given several times [env: CLAUDE_CONFIG_DIR] [default: ~/.claude]
    #[arg(long, value_name = "DIR", global = true)]
    pub(crate) config_root: Vec<PathBuf>,
    /// Print data as one JSON document
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Register hooks, import what there is, start the server, open the dashboard; does only what is missing
    Up(UpArgs),
    /// Stop the background server
    Down,
    /// Start the server at login
    #[command(subcommand)]
    Autostart(AutostartCommand),
    /// Say what runs, where, how much is captured and what is missing
    Status,
    /// Record nothing that happens from now on
    Pause(PauseArgs),
    /// End the pause
    Resume,
    /// Open the dashboard with a one-time code
    Open(OpenArgs),
    /// Run the server in the foreground
    Serve(ServeArgs),
    /// Register the hook in Claude Code's settings; only our own entries change
    Install(InstallArgs),
    /// Remove our entries from Claude Code's settings
    Uninstall(UninstallArgs),
    /// Read transcripts now; without a path, all that Claude Code keeps
    Import(ImportArgs),
    /// Find words in prompts, inputs, outputs and errors, newest first
    Search(SearchArgs),
    /// List sessions, the latest first
    Sessions(SessionsArgs),
    /// Say what was spent, by day or by any other cut
    Cost(CostArgs),
    /// Write requests or events to a file: Parquet, CSV or JSON lines
    Export(ExportArgs),
    /// Say how much of each budget is used, and what its period will come to
    Budgets,
    /// Show one session as a tree of agents, turns, requests and tool calls
    Show(ShowArgs),
    /// List alerts, the newest first; show one; say what became of it
    Alerts {
        #[command(flatten)]
        list: AlertListArgs,
        #[command(subcommand)]
        command: Option<AlertCommand>,
    },
    /// List the secrets that were masked, and how each is replaced; say where one stands
    Secrets(SecretsArgs),
    /// List who is told of alerts outside of this machine; send a test
    Webhooks {
        #[command(subcommand)]
        command: Option<WebhooksCommand>,
    },
    /// Delete everything that Argus stores of sessions, and never read them again
    Forget(ForgetArgs),
    /// Look for what is wrong with capture, and say how to mend it
    Doctor(DoctorArgs),
    /// Show Argus on made-up sessions, in a folder of their own, until Ctrl-C
    Demo(DemoArgs),
    /// Print the bearer token for scripts
    Token(TokenArgs),
    /// Care for the database
    #[command(subcommand)]
    Db(DbCommand),
    /// List the rules, check a rules file, judge calls from standard input
    #[command(subcommand)]
    Rules(RulesCommand),
    /// List the prices that hold, check or extend your own, price stored requests anew
    #[command(subcommand)]
    Prices(PricesCommand),
    /// What Claude Code runs: stdin to the spool, silent, exit code 0
    Hook,
    /// What Claude Code asks before a tool call; in a terminal: how the guard stands, and what to let pass
    Guard(GuardArgs),
    /// What Claude Code runs for its status line: prints yours, then one line of ours; exit code 0
    Statusline(StatuslineArgs),
    /// Print completions for a shell
    Completions(CompletionsArgs),
}

/// `argus up`.
#[derive(Debug, Args)]
pub(crate) struct UpArgs {
    /// Change settings without asking
    #[arg(short, long)]
    pub(crate) yes: bool,
    /// Port to listen on [default: 7777]
    #[arg(long, value_name = "N")]
    pub(crate) port: Option<u16>,
    /// Do not open a browser
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Leave Claude Code's settings alone
    #[arg(long)]
    pub(crate) no_hooks: bool,
    /// Stay in the foreground
    #[arg(long)]
    pub(crate) foreground: bool,
}

/// `argus pause`.
#[derive(Debug, Args)]
pub(crate) struct PauseArgs {
    /// When capture goes on by itself: 30min, 2h, 7d, 2027-01-01, 2027-01-01T12:00:00Z
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}

/// `argus open`.
#[derive(Debug, Args)]
pub(crate) struct OpenArgs {
    /// A session's id, or the beginning of it
    pub(crate) session: Option<String>,
    /// Only print the address
    #[arg(long)]
    pub(crate) print: bool,
}

/// `argus serve`.
#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Address to listen on, of this machine only [default: 127.0.0.1:7777]
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) listen: Option<SocketAddr>,
    /// Started by `argus up`: leave the terminal's session
    #[arg(long, hide = true)]
    pub(crate) background: bool,
}

/// Which settings file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Scope {
    /// settings.json of each configuration folder
    #[default]
    User,
    /// .claude/settings.json here
    Project,
    /// .claude/settings.local.json here
    Local,
}

/// Which settings to edit, and how carefully.
#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    /// Which settings file
    #[arg(long, value_enum, default_value_t, value_name = "SCOPE")]
    pub(crate) scope: Scope,
    /// Edit this settings file instead
    #[arg(long, value_name = "FILE", conflicts_with = "scope")]
    pub(crate) settings: Option<PathBuf>,
    /// Print the change as a unified diff and change nothing
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Do not ask
    #[arg(short, long)]
    pub(crate) yes: bool,
}

/// `argus uninstall`.
#[derive(Debug, Args)]
pub(crate) struct UninstallArgs {
    /// Where.
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Delete all captured data too
    #[arg(long, conflicts_with = "dry_run")]
    pub(crate) purge: bool,
}

/// `argus import`.
#[derive(Debug, Args)]
pub(crate) struct ImportArgs {
    /// Transcripts, or folders with transcripts
    pub(crate) paths: Vec<PathBuf>,
    /// Also keep all texts and make them searchable now, instead of leaving that to the server
    #[arg(long)]
    pub(crate) search: bool,
}

/// `argus demo`.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// Port to listen on
    #[arg(long, value_name = "N", default_value_t = 7778)]
    pub(crate) port: u16,
    /// Do not open a browser
    #[arg(long)]
    pub(crate) no_open: bool,
    /// Make the sessions anew, also where they are of today
    #[arg(long)]
    pub(crate) fresh: bool,
    /// Steps of the largest session
    #[arg(long, value_name = "N", default_value_t = 100_000)]
    pub(crate) steps: usize,
}

/// `argus sessions`.
#[derive(Debug, Args)]
pub(crate) struct SessionsArgs {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) limit: u32,
    /// Only this project: its path or its folder's name
    #[arg(long, value_name = "P")]
    pub(crate) project: Option<String>,
    /// Only sessions alive since then: 2026-11-22, 2026-11-22T14:00:00Z, 2h, 7d, today
    #[arg(long, value_name = "T")]
    pub(crate) since: Option<String>,
    /// Only sessions started before then
    #[arg(long, value_name = "T")]
    pub(crate) until: Option<String>,
    /// Go on where the last page ended
    #[arg(long, value_name = "C")]
    pub(crate) cursor: Option<String>,
}

/// `argus statusline`: read before the parser is asked, so that nothing can make it fail.
#[derive(Debug, Args)]
pub(crate) struct StatuslineArgs {
    /// The command whose lines are shown first, as a JSON string
    #[arg(long, value_name = "JSON")]
    pub(crate) wrap: Option<String>,
}

/// `argus show`.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// A session's id, or the beginning of it
    pub(crate) session: String,
    /// Instead of the tree: what the cache missed and which tool results cost the most, over all agents
    #[arg(long)]
    pub(crate) context: bool,
    /// Only this agent's context: its id, or `main`
    #[arg(long, value_name = "ID", requires = "context")]
    pub(crate) agent: Option<String>,
}

/// `argus token`.
#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    /// Make a new token; the old one stops working
    #[arg(long)]
    pub(crate) rotate: bool,
    /// The token with which Claude Code hands its telemetry in; it can do nothing else
    #[arg(long)]
    pub(crate) otlp: bool,
}

/// `argus rules`.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesCommand {
    /// List the rules
    List,
    /// Explain one rule: why, how bad, what to do
    Show(RuleArgs),
    /// Check a rules file; tells line, column and a hint
    Check(RulesFileArgs),
    /// Print the JSON schema of rules.toml, for editors
    Schema,
    /// Judge tool calls from standard input, one JSON object a line
    Eval(EvalArgs),
    /// Say what rules would raise over all that is stored: all of them, one, or a rules file before it holds
    Backtest(BacktestArgs),
}

/// `argus rules show`.
#[derive(Debug, Args)]
pub(crate) struct RuleArgs {
    /// The rule's id
    pub(crate) id: String,
}

/// `argus rules backtest`.
#[derive(Debug, Args)]
pub(crate) struct BacktestArgs {
    /// A rule's id, or the path of a rules file [default: all rules as they hold]
    #[arg(value_name = "ID|FILE")]
    pub(crate) what: Option<String>,
    /// Print at most this many of the newest hits
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
}

/// `argus rules check`.
#[derive(Debug, Args)]
pub(crate) struct RulesFileArgs {
    /// The file
    pub(crate) file: PathBuf,
}

/// `argus rules eval`.
#[derive(Debug, Args)]
pub(crate) struct EvalArgs {
    /// Read and write one JSON object a line; there is no other form
    #[arg(long)]
    pub(crate) jsonl: bool,
    /// How the rules are read
    #[arg(long, value_enum, default_value_t, value_name = "PROFILE")]
    pub(crate) profile: ProfileArg,
}

/// How the rules are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ProfileArg {
    /// Severity falls where harmlessness is proven
    #[default]
    Graded,
    /// To the letter: every recursive deletion is critical
    Seed,
}

/// `argus completions`.
#[derive(Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub(crate) shell: Shell,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }
}
