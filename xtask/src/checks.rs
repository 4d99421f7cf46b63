//! `cargo xtask test`: every check there is, each a part that can also be run alone.
//!
//! All parts run even when one fails, so that one run tells all there is to mend; the command fails at the end. The
//! last line is plain (`9 passed, 0 failed`) for whatever reads it. Programs under test see a scratch home folder.
//! Start at [`Part::check`].

mod browser;

use std::fmt;
use std::process::Command;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};

use crate::workspace::Checkout;
use crate::{Result, build, client, codegen, program, tidy};

/// Which checks, and how long they may take.
#[derive(Args)]
pub(crate) struct Selection {
    /// The parts to run; all of them when none is named.
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// The same tests with the larger counts of a nightly run.
    #[arg(long)]
    deep: bool,
}

/// A part of the checks. The order is that of running: what fails fast comes first.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Formatting of the Rust code.
    Fmt,
    /// The rules of the house that no compiler checks.
    Tidy,
    /// Clippy over every target, warnings denied.
    Clippy,
    /// The Rust tests, all but those that start the real client.
    Rust,
    /// The dashboard: types, lint, unit tests.
    Ui,
    /// The generated files are those that the code would write now.
    Contract,
    /// The dashboard in Chromium, against a real server.
    Browser,
    /// The real Claude Code client, offline, observed by Argus.
    Client,
}

/// What one part came to.
struct Verdict {
    part: Part,
    time: Duration,
    failure: Option<String>,
}

/// Runs the selected parts, prints what came of them, and fails if one did.
pub(crate) fn run(checkout: &Checkout, selection: &Selection) -> Result<()> {
    let suite = Suite { checkout, deep: selection.deep };
    let parts = if selection.parts.is_empty() { Part::value_variants() } else { &selection.parts };
    let verdicts: Vec<Verdict> = parts.iter().map(|&part| suite.judge(part)).collect();
    print!("{}", summary(&verdicts));
    match verdicts.iter().filter(|verdict| verdict.failure.is_some()).count() {
        0 => Ok(()),
        failed => Err(format!("{failed} of {} parts failed", verdicts.len()).into()),
    }
}

struct Suite<'a> {
    checkout: &'a Checkout,
    deep: bool,
}

impl Suite<'_> {
    fn judge(&self, part: Part) -> Verdict {
        println!("\n== {part}");
        let start = Instant::now();
        let failure = part.check(self).err().map(|failure| failure.to_string());
        let time = start.elapsed();
        let word = if failure.is_some() { "FAILED" } else { "ok" };
        println!("== {part}: {word} in {:.1} s", time.as_secs_f64());
        Verdict { part, time, failure }
    }

    /// Cargo for the programs under test: scratch home, clean environment, larger counts if asked for.
    fn test_cargo(&self) -> Result<Command> {
        let mut command = self.checkout.cargo();
        self.prepare(&mut command)?;
        Ok(command)
    }

    fn prepare(&self, command: &mut Command) -> Result<()> {
        self.checkout.scratch_environment(command)?;
        if self.deep {
            command.env("ARGUS_DEEP", "1");
        }
        Ok(())
    }
}

impl Part {
    fn check(self, suite: &Suite<'_>) -> Result<()> {
        let checkout = suite.checkout;
        match self {
            Self::Fmt => program::run(checkout.cargo().args(["fmt", "--all", "--", "--check", "-l"])),
            Self::Tidy => tidy::check(checkout),
            Self::Clippy => program::run(checkout.cargo().args([
                "clippy",
                "--workspace",
                "--all-targets",
                "--quiet",
                "--",
                "-D",
                "warnings",
            ])),
            Self::Rust => rust(suite),
            Self::Ui => dashboard(checkout),
            Self::Contract => codegen::check(checkout),
            Self::Browser => browser::check(suite),
            Self::Client => real_client(suite),
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let value = self.to_possible_value();
        formatter.write_str(value.as_ref().map_or("?", |value| value.get_name()))
    }
}

/// The tests of the workspace, those with the real client aside; the examples in the documentation too.
fn rust(suite: &Suite<'_>) -> Result<()> {
    // The dashboard is embedded: tests that look at the shell page need it built.
    build::dashboard(suite.checkout)?;
    if program::find("cargo-nextest").is_some() {
        let mut nextest = suite.test_cargo()?;
        let profile = if suite.deep { "deep" } else { "default" };
        nextest.args(["nextest", "run", "--workspace", "--profile", profile, "-E", "not binary(real_client)"]);
        program::run(&mut nextest)?;
    } else {
        program::run(suite.test_cargo()?.args(["test", "--workspace", "--exclude", "argus-cli"]))?;
        let mut cli = suite.test_cargo()?;
        cli.args(["test", "-p", "argus-cli", "--bins"]);
        for target in tidy::integration_tests(suite.checkout, "argus-cli")? {
            if target != "real_client" {
                cli.args(["--test", &target]);
            }
        }
        program::run(&mut cli)?;
    }
    program::run(suite.test_cargo()?.args(["test", "--workspace", "--doc", "--quiet"]))
}

fn dashboard(checkout: &Checkout) -> Result<()> {
    let ui = checkout.ui();
    build::packages(&ui)?;
    for script in ["typecheck", "lint", "test"] {
        program::run(Checkout::npm(&ui).args(["run", "--silent", script]))?;
    }
    Ok(())
}

fn real_client(suite: &Suite<'_>) -> Result<()> {
    let client = client::ensure_client(suite.checkout.root())?;
    build::debug(suite.checkout)?;
    let mut tests = suite.test_cargo()?;
    tests.env("CLAUDE_CLIENT", client);
    program::run(tests.args(["test", "-p", "argus-cli", "--test", "real_client"]))
}

fn summary(verdicts: &[Verdict]) -> String {
    use fmt::Write as _;
    let mut text = String::from("\npart      result   time\n");
    for verdict in verdicts {
        let word = if verdict.failure.is_some() { "FAILED" } else { "ok" };
        let _ = writeln!(text, "{:<9} {word:<7} {:>6.1} s", verdict.part.to_string(), verdict.time.as_secs_f64());
    }
    for verdict in verdicts {
        if let Some(failure) = &verdict.failure {
            let _ = writeln!(text, "\n{}: {failure}", verdict.part);
        }
    }
    let failed = verdicts.iter().filter(|verdict| verdict.failure.is_some()).count();
    let _ = writeln!(text, "\n{} passed, {failed} failed", verdicts.len() - failed);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_counts_what_passed_and_what_failed() {
        let verdict = |part, failure: Option<&str>| Verdict {
            part,
            time: Duration::from_millis(1234),
            failure: failure.map(str::to_string),
        };
        let text = summary(&[
            verdict(Part::Fmt, None),
            verdict(Part::Ui, Some("three type errors")),
            verdict(Part::Rust, None),
        ]);
        assert!(text.ends_with("\n2 passed, 1 failed\n"), "{text}");
        assert!(text.contains("fmt       ok         1.2 s"), "{text}");
        assert!(text.contains("ui        FAILED     1.2 s"), "{text}");
        assert!(text.contains("\nui: three type errors\n"), "{text}");
    }
}
