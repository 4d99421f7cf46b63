//! `argus install`: the hook's binary in its place, our entries in the settings.

mod otel;

use std::path::PathBuf;

use super::Format;
use crate::cli::{InstallArgs, Scope, TargetArgs};
use crate::configuration::Configuration;
use crate::failure::{Done, Explain, Failure};
use crate::hook_binary::{self, Program};
use crate::output::{Screen, ask, has_person, print_answer, print_json, tell};
use crate::registering::{Change, find_clients, list_settings, wanted_guard, wanted_registration};
use crate::settings::{Extras, StatusLine};
use otel::Otel;

/// Registers the hook.
pub(super) fn run(configuration: &Configuration, arguments: &InstallArgs, format: Format) -> Done {
    let target = &arguments.target;
    let clients = find_clients();
    let wanted = wanted_registration(configuration, &clients)?;
    let paths = list_settings(configuration, target.scope, target.settings.as_deref())?;
    let otel = arguments.otel.then(|| Otel::plan(configuration, arguments, &paths)).transpose()?;
    let extras = Extras {
        telemetry: otel.as_ref().map(|otel| otel.switch.clone()),
        status_line: arguments.statusline.then(|| status_line(configuration, target)).transpose()?,
        guard: (arguments.guard || arguments.guard_closed)
            .then(|| wanted_guard(configuration, &clients, arguments.guard_closed))
            .transpose()?,
    };
    let plan = |path: &PathBuf| Change::plan(path, &wanted, &extras);
    let changes = paths.iter().map(plan).collect::<Done<Vec<_>>>()?;
    if let Some(otel) = &otel {
        otel.warn(configuration, &changes);
    }
    if !target.dry_run {
        // The binary comes first: settings must never name a hook that is not there.
        configuration.data.prepare()?;
        hook_binary::place(Program::Hook, &configuration.data)?;
        if extras.guard.is_some() || configuration.data.guard().exists() {
            hook_binary::place(Program::Guard, &configuration.data)?;
        }
    }
    let change = || apply(&changes, target, format);
    let changed = match &otel {
        Some(otel) if !target.dry_run => otel.keep_while(configuration, change)?,
        _ => change()?,
    };
    if format == Format::Text && !target.dry_run {
        tell(match changed {
            0 => "The hook is registered already; nothing to change.",
            _ => "The hook is registered. Sessions that run already take it up by themselves.",
        });
        if extras.guard.is_some() {
            tell("The guard answers from now on: `argus guard` shows how, `argus guard release` lets something pass.");
        }
        if arguments.otel {
            tell("Telemetry is sent by sessions that begin from now on, while the server runs.");
        }
        if arguments.statusline {
            tell("Sessions that begin from now on show the status line, below yours if you have one.");
        }
    }
    print_changes(&changes, target, format)
}

/// This program, and its data directory.
fn status_line(configuration: &Configuration, target: &TargetArgs) -> Done<StatusLine> {
    if target.settings.is_none() && target.scope != Scope::User {
        return Err(Failure::usage("--statusline writes the user's own settings only")
            .hint("a project's settings are shared, and this program lies here only"));
    }
    let text = |path: &std::path::Path| {
        path.to_str().filter(|text| !text.chars().any(char::is_control)).map(str::to_owned).ok_or_else(|| {
            Failure::new(format!("a settings file cannot hold the path {}", path.display()))
                .hint("choose a plainer place for it")
        })
    };
    let program = std::env::current_exe().while_doing("cannot tell where this program lies")?;
    Ok(StatusLine { program: text(&program)?, data_dir: text(configuration.data.path())? })
}

/// Shows the changes, asks unless told not to, and carries them out; tells how many there were.
pub(super) fn apply(changes: &[Change], target: &TargetArgs, format: Format) -> Done<usize> {
    let needed: Vec<_> = changes.iter().filter(|change| change.is_needed()).collect();
    if target.dry_run {
        if format == Format::Text {
            let screen = Screen::of_stdout();
            print_answer(&needed.iter().map(|change| change.render(screen)).collect::<String>())?;
        }
        return Ok(needed.len());
    }
    if needed.is_empty() {
        return Ok(0);
    }
    if !target.yes {
        if !has_person() {
            return Err(Failure::new("settings are changed only after asking, and there is nobody to ask")
                .hint("look at the change with --dry-run, then give --yes"));
        }
        let screen = Screen::of_stderr();
        for change in &needed {
            tell(&change.render(screen));
        }
        if !ask("Change these settings?") {
            return Err(Failure::new("nothing was changed"));
        }
    }
    for change in &needed {
        change.carry_out()?;
    }
    Ok(needed.len())
}

/// The changes as JSON.
pub(super) fn print_changes(changes: &[Change], target: &TargetArgs, format: Format) -> Done {
    if format == Format::Text {
        return Ok(());
    }
    let files: Vec<_> = changes
        .iter()
        .map(|change| {
            let difference = change.is_needed().then(|| change.render(Screen::PIPE));
            serde_json::json!({ "path": change.path(), "changed": change.is_needed(), "diff": difference })
        })
        .collect();
    print_json(&serde_json::json!({ "dry_run": target.dry_run, "settings": files }))
}
