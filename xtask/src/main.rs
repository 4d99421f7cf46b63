//! `cargo xtask`: every command that builds, checks or measures Argus.
//!
//! What a person, the automated checks and an agent run is the same program, so there is one way to do each thing and
//! nothing to keep in step with a shell script. It depends on no crate of ours: it must run when they do not compile.
//!
//! Start at [`Task`]: a variant a command, a module a variant.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command-line program reports by printing")]

mod bench;
mod build;
mod checks;
#[allow(unreachable_pub, reason = "the real-client tests include the same file")]
mod client;
mod codegen;
mod dev;
mod program;
mod tidy;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::workspace::Checkout;

/// Any failure, as the sentence to show; what to do about it stands in the same sentence.
type Failure = Box<dyn std::error::Error + Send + Sync>;
type Result<T, E = Failure> = std::result::Result<T, E>;

#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", about = "Build, run, check and measure Argus")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// The dashboard and the release binaries, at target/release/argus and target/release/argus-hook.
    Build,
    /// Build, then `argus up` with the arguments given.
    Run {
        /// Handed to `argus up` unchanged.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Every check, or the parts named.
    Test(checks::Selection),
    /// The rules of the house that no compiler checks.
    Tidy(tidy::Options),
    /// How fast, with the anchor in the same run.
    Bench {
        /// Which benchmark.
        #[command(subcommand)]
        bench: bench::Bench,
    },
    /// Write the generated files anew: openapi.json and the dashboard's types.
    Codegen,
    /// Server and Vite, both reloading, on a scratch home folder.
    Dev,
    /// Install the pinned Claude Code client that the end-to-end tests run, and print where it is.
    Client,
}

fn main() -> ExitCode {
    let outcome = Checkout::find().and_then(|checkout| perform(Arguments::parse().task, &checkout));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn perform(task: Task, checkout: &Checkout) -> Result<()> {
    match task {
        Task::Build => build::release(checkout),
        Task::Run { arguments } => build::run_release(checkout, &arguments),
        Task::Test(selection) => checks::run(checkout, &selection),
        Task::Tidy(options) => tidy::run(checkout, &options),
        Task::Bench { bench } => bench::run(checkout, &bench),
        Task::Codegen => codegen::write(checkout),
        Task::Dev => dev::run(checkout),
        Task::Client => {
            println!("{}", client::ensure_client(checkout.root())?.display());
            Ok(())
        }
    }
}
