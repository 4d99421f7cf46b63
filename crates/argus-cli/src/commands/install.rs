//! `argus install`: the hook's binary in its place, our entries in the settings.

use super::Format;
use crate::cli::{InstallArgs, TargetArgs};
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::hook_binary;
use crate::output::{Screen, ask, has_person, print_answer, print_json, tell};
use crate::registering::{Change, find_clients, list_settings, wanted_registration};

/// Registers the hook.
pub(super) fn run(configuration: &Configuration, arguments: &InstallArgs, format: Format) -> Done {
    let target = &arguments.target;
    let clients = find_clients();
    let wanted = wanted_registration(configuration, &clients)?;
    let paths = list_settings(configuration, target.scope, target.settings.as_deref())?;
    let changes = paths.iter().map(|path| Change::plan(path, Some(&wanted))).collect::<Done<Vec<_>>>()?;
    if !target.dry_run {
        // The binary comes first: settings must never name a hook that is not there.
        configuration.data.prepare()?;
        hook_binary::place(&configuration.data)?;
    }
    let changed = apply(&changes, target, format)?;
    if format == Format::Text && !target.dry_run {
        tell(match changed {
            0 => "The hook is registered already; nothing to change.",
            _ => "The hook is registered. Sessions that run already take it up by themselves.",
        });
    }
    print_changes(&changes, target, format)
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
