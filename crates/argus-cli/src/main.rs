//! The program `argus`.
//!
//! Before anything else it asks whether it is to be the hook: `argus hook`, or started under the hook's name; or the guard, likewise. That way
//! leads past the command line's parser, for a hook must never print, never ask and never exit with anything but 0
//! (exit 2, which the parser uses, is a veto in Claude Code). The status line goes the same way, for speed. Everything else is a command in `commands`, one file each;
//! a failure is printed here and nowhere else.

mod autostart;
mod cli;
mod commands;
mod configuration;
mod daemon;
mod demo;
mod failure;
mod forwarding;
mod guarding;
mod hook_binary;
mod http;
mod log;
mod output;
mod paths;
mod published;
mod registering;
mod sending;
mod settings;
mod target;
mod told;
mod trial;
mod watching;
mod when;

use std::ffi::OsStr;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use crate::failure::Failure;
use crate::output::{Screen, Style, tell, visible};

/// An import makes and drops millions of short strings on several threads at once.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if is_hook() {
        if let Some(spool) = argus_spool::spool_folder() {
            argus_spool::append_stdin(&spool);
        }
        return ExitCode::SUCCESS;
    }
    if is_guard() {
        return match argus_spool::spool_folder() {
            Some(spool) => ExitCode::from(argus_guard::run(&spool)),
            None => ExitCode::from(argus_guard::NO_ANSWER),
        };
    }
    if let Some(arguments) = commands::statusline::arguments() {
        commands::statusline::run(&arguments);
        return ExitCode::SUCCESS;
    }
    let cli = match cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to stdout with 0, a mistake to stderr with 2; where that cannot be printed nobody reads it.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match commands::run(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            report(&failure);
            failure.exit_code()
        }
    }
}

fn is_hook() -> bool {
    let mut arguments = std::env::args_os();
    let is_named =
        arguments.next().is_some_and(|name| Path::new(&name).file_name() == Some(OsStr::new(settings::HOOK_NAME)));
    is_named || arguments.next().is_some_and(|first| first == "hook")
}

/// Claude Code asks; a person in a terminal wants to know how the guard stands.
fn is_guard() -> bool {
    let mut arguments = std::env::args_os();
    let is_named =
        arguments.next().is_some_and(|name| Path::new(&name).file_name() == Some(OsStr::new(settings::GUARD_NAME)));
    let is_asked = arguments.next().is_some_and(|first| first == "guard") && arguments.next().is_none();
    is_named || is_asked && !std::io::stdin().is_terminal()
}

fn report(failure: &Failure) {
    let screen = Screen::of_stderr();
    tell(&format!("{} {}", screen.paint("error:", Style::Bad), visible(failure.cause())));
    if let Some(hint) = failure.get_hint() {
        tell(&format!("{} {}", screen.paint("hint:", Style::Dim), visible(hint)));
    }
}
