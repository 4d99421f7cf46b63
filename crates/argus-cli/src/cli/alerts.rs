//! What `argus alerts` takes.

use clap::{Args, Subcommand, ValueEnum};

use crate::commands::{SeverityArg, StateArg};

/// `argus alerts list`, and `argus alerts` alone.
#[derive(Debug, Args)]
pub(crate) struct AlertListArgs {
    /// At most so many
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) limit: u32,
    /// Go on where the last page ended
    #[arg(long, value_name = "C")]
    pub(crate) cursor: Option<String>,
    /// Only at least so bad; medium if not said
    #[arg(long, value_name = "S")]
    pub(crate) severity: Option<SeverityArg>,
    /// Only in these states; open if not said
    #[arg(long, value_name = "STATE", value_delimiter = ',')]
    pub(crate) state: Vec<StateArg>,
    /// Every severity and every state
    #[arg(long)]
    pub(crate) all: bool,
    /// Only this rule
    #[arg(long, value_name = "ID")]
    pub(crate) rule: Option<String>,
    /// Only this session's
    #[arg(long, value_name = "SESSION")]
    pub(crate) session: Option<String>,
    /// Only this project's: its path or its folder's name
    #[arg(long, value_name = "P")]
    pub(crate) project: Option<String>,
    /// Only of things that happened since then
    #[arg(long, value_name = "T")]
    pub(crate) since: Option<String>,
    /// Only history: what was long past when Argus learnt of it, and of which nobody was told
    #[arg(long, conflicts_with = "news")]
    pub(crate) past: bool,
    /// Everything but history
    #[arg(long)]
    pub(crate) news: bool,
    /// A row for whatever happened again and again, in all sessions
    #[arg(long)]
    pub(crate) grouped: bool,
}

/// What can be done with alerts.
#[derive(Debug, Subcommand)]
pub(crate) enum AlertCommand {
    /// List alerts, the newest first
    List(AlertListArgs),
    /// Show one with its rule and what was said about it
    Show {
        /// Its number in the list, or its id
        alert: String,
    },
    /// Say that it was seen
    Ack(AlertSayArgs),
    /// Say that it was dealt with, and how
    Resolve(AlertSayArgs),
    /// Say nothing of it for a while
    Mute {
        #[command(flatten)]
        say: AlertSayArgs,
        /// Until when: 2h, 7d, 2027-01-01
        #[arg(long, value_name = "T")]
        until: String,
    },
    /// List all that is kept quiet now: mutes, exceptions in force, rules that are switched off
    Mutes,
    /// End a mute
    Unmute {
        /// Its number in the list of mutes
        #[arg(value_name = "NUMBER")]
        mute_no: i64,
    },
    /// Say that it is open after all
    Reopen(AlertSayArgs),
    /// Add what would have allowed exactly this to rules.toml; a person's, in a terminal
    Allow(AlertAllowArgs),
}

/// `argus alerts allow`.
#[derive(Debug, Args)]
pub(crate) struct AlertAllowArgs {
    /// Its number in the list, or its id
    pub(crate) alert: String,
    /// Why it is fine, for those who read it later
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// The last day on which it is; in 90 days if not said
    #[arg(long, value_name = "DAY")]
    pub(crate) until: Option<jiff::civil::Date>,
}

/// How far a word about an alert reaches.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReachWord {
    /// This alert alone
    #[default]
    Alert,
    /// Whenever the same happened, in whatever session
    Group,
    /// All of its rule in its session
    Session,
    /// All of its rule in its project
    Project,
}

/// What is said about an alert.
#[derive(Debug, Args)]
pub(crate) struct AlertSayArgs {
    /// Its number in the list, or its id
    #[arg(required_unless_present = "past")]
    pub(crate) alert: Option<String>,
    /// Why, for those who read it later
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Whenever the same happened, in whatever session: the same as --reach group
    #[arg(long, conflicts_with = "reach")]
    pub(crate) group: bool,
    /// How far it reaches; a mute that reaches further than one alert holds for those to come
    #[arg(long, value_enum, value_name = "REACH", default_value_t)]
    pub(crate) reach: ReachWord,
    /// All of history that nobody has dealt with, in all sessions
    #[arg(long, conflicts_with_all = ["alert", "group", "reach"])]
    pub(crate) past: bool,
}
