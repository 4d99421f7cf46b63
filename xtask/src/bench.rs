//! `cargo xtask bench`: how fast, measured the same way each time.
//!
//! Absolute times mean little on a shared machine, so each benchmark has an anchor in the same run (`/bin/true`,
//! ccusage) or a distribution, and prints both. Everything happens in scratch folders with a clean environment.
//! Method and results: docs/benchmarks.md. Start at [`Bench`].

mod hook;
mod import;
mod live;
mod measure;
mod otlp;
mod pages;
mod search;
mod server;
mod transcript_set;

use clap::Subcommand;

use crate::workspace::Checkout;
use crate::{Result, build};

/// What can be measured.
#[derive(Subcommand)]
pub(crate) enum Bench {
    /// The hook as installed, a whole process, against `/bin/true`.
    Hook(hook::Options),
    /// Reading transcripts: wall time, memory, totals against the truth, against ccusage; then a second start.
    Import(import::Options),
    /// From the start of a hook to the message in the live stream.
    Live(live::Options),
    /// Log records of Claude Code's telemetry: how many are taken and stored in a second.
    Otlp(otlp::Options),
    /// Every page's own questions over HTTP: median and 99th percentile of each.
    Pages(pages::Options),
    /// Words in texts: common, middling, rare and absent ones, over HTTP; and the database's size.
    Search(search::Options),
}

/// Runs one benchmark on release binaries.
pub(crate) fn run(checkout: &Checkout, bench: &Bench) -> Result<()> {
    match bench {
        Bench::Hook(options) => hook::run(checkout, options),
        Bench::Import(options) => {
            build::release(checkout)?;
            import::run(checkout, options)
        }
        Bench::Otlp(options) => {
            build::release(checkout)?;
            otlp::run(checkout, options)
        }
        Bench::Pages(options) => {
            build::release(checkout)?;
            pages::run(checkout, options)
        }
        Bench::Search(options) => {
            build::release(checkout)?;
            search::run(checkout, options)
        }
        Bench::Live(options) => {
            build::release(checkout)?;
            live::run(checkout, options)
        }
    }
}
