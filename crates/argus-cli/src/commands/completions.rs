//! `argus completions`.

use clap::CommandFactory;

use crate::cli::{Cli, CompletionsArgs};
use crate::failure::Done;
use crate::output::print_answer;

/// Prints completions for a shell.
pub(super) fn run(arguments: &CompletionsArgs) -> Done {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut Cli::command(), "argus", &mut script);
    print_answer(&String::from_utf8_lossy(&script))
}
