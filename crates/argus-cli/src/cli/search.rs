//! Arguments of `argus search`.

use clap::Args;

/// `argus search`.
#[derive(Debug, Args)]
#[command(after_help = "\
Words are found whole or as parts of names; put '...' around the whole query for what the shell would take:
  argus search 'tool:Bash is:error cost:>0.10 rm \"exact phrase\" -word pre*'
Fields: tool, is:error, kind, cost, agent, session, project, since, until.")]
pub(crate) struct SearchArgs {
    /// What to look for
    #[arg(required = true, value_name = "QUERY")]
    pub(crate) query: Vec<String>,
    /// At most so many hits
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=500))]
    pub(crate) limit: u32,
    /// Go on where the last page ended
    #[arg(long, value_name = "C")]
    pub(crate) cursor: Option<String>,
}
