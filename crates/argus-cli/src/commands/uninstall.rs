//! `argus uninstall`: our entries out of the settings, and with `--purge` the captured data too.

use std::fs;

use super::install::{apply, print_changes};
use super::{Format, autostart};
use crate::autostart::{Login, State};
use crate::cli::{Scope, UninstallArgs};
use crate::configuration::Configuration;
use crate::daemon;
use crate::failure::{Done, Explain, Failure};
use crate::output::{ask, has_person, tell};
use crate::paths::DataDir;
use crate::registering::{Change, list_settings};

/// Everything that Argus puts into its data directory; a purge removes these and nothing else.
const OURS: [&str; 19] = [
    "argus.db",
    "argus.db-wal",
    "argus.db-shm",
    "argus.lock",
    "spool",
    "spool-lost",
    "aside",
    "bin",
    "log",
    "token",
    "otlp-token",
    "telemetry",
    "server.json",
    "budgets.json",
    "guard.json",
    "guard-releases.json",
    "salt",
    "exports",
    "backups",
];

/// Removes our entries.
pub(super) fn run(configuration: &Configuration, arguments: &UninstallArgs, format: Format) -> Done {
    let target = &arguments.target;
    let paths = list_settings(configuration, target.scope, target.settings.as_deref())?;
    let changes = paths.iter().map(|path| Change::plan(path, None)).collect::<Done<Vec<_>>>()?;
    let changed = apply(&changes, target, format)?;
    if format == Format::Text && !target.dry_run {
        tell(match changed {
            0 => "No entry of ours is in the settings.",
            _ => "Our entries are removed; everything else is as it was.",
        });
    }
    if target.scope == Scope::User && target.settings.is_none() {
        leave_login(configuration, target.dry_run)?;
    }
    if arguments.purge {
        purge(&configuration.data, target.yes)?;
    } else if format == Format::Text && !target.dry_run && configuration.data.path().exists() {
        tell(&format!("What was captured stays in {}; --purge deletes it.", configuration.data.path().display()));
    }
    print_changes(&changes, target, format)
}

/// What starts the server of this data directory at login goes too; another one's stays.
fn leave_login(configuration: &Configuration, dry_run: bool) -> Done {
    let Ok(login) = Login::find(configuration) else { return Ok(()) };
    if !matches!(login.state(), State::On | State::Written) || !login.is_for_this_data() {
        return Ok(());
    }
    if dry_run {
        tell(&format!("Would also remove what starts Argus at login: {}", login.path().display()));
        return Ok(());
    }
    autostart::disable(&login)?;
    tell("Argus does not start at login any more.");
    Ok(())
}

fn purge(data: &DataDir, is_agreed: bool) -> Done {
    if !data.path().exists() {
        return Ok(());
    }
    let question = format!("Delete everything that Argus captured, in {}?", data.path().display());
    if !is_agreed {
        if !has_person() {
            return Err(Failure::new("captured data is deleted only after asking, and there is nobody to ask")
                .hint("give --yes with --purge"));
        }
        if !ask(&question) {
            return Err(Failure::new("no data was deleted"));
        }
    }
    daemon::stop(data)?;
    for name in OURS {
        let path = data.path().join(name);
        let removed = match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(&path),
            Ok(_) => fs::remove_file(&path),
            Err(_) => Ok(()),
        };
        removed.while_doing(&format!("cannot delete {}", path.display()))?;
    }
    // What is left is the person's own (config.toml), and then the folder stays.
    match fs::remove_dir(data.path()) {
        Ok(()) => tell("Deleted all captured data."),
        Err(_) => tell(&format!("Deleted all captured data; what is not ours stays in {}.", data.path().display())),
    }
    Ok(())
}
