//! `argus uninstall`: our entries out of the settings, and with `--purge` the captured data too.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};

use super::install::{apply, print_changes};
use super::{Format, autostart};
use crate::autostart::{Login, State};
use crate::cli::{Scope, UninstallArgs};
use crate::configuration::Configuration;
use crate::daemon;
use crate::demo;
use crate::failure::{Done, Explain, Failure};
use crate::forwarding::{FILE, FORWARDED_FILE, Forwarding};
use crate::output::{ask, has_person, tell, visible};
use crate::paths::DataDir;
use crate::registering::{Change, list_settings};

/// Everything that Argus puts into its data directory; a purge removes these, a demo, and nothing else.
/// `config.toml`, `rules.toml` and `prices.toml` are the person's own words.
const OURS: [&str; 26] = [
    "argus.db",
    "argus.db-wal",
    "argus.db-shm",
    "argus.lock",
    "database-id",
    "spool",
    "spool-lost",
    "status-line",
    "aside",
    "bin",
    "log",
    "token",
    "otlp-token",
    "telemetry",
    "telemetry-copies",
    FILE,
    FORWARDED_FILE,
    "server.json",
    "budgets.json",
    "webhooks.json",
    "guard.json",
    "guard.jsonl",
    "guard-releases.json",
    "salt",
    "exports",
    "backups",
];

/// Removes our entries.
pub(super) fn run(configuration: &Configuration, arguments: &UninstallArgs, format: Format) -> Done {
    let target = &arguments.target;
    if arguments.purge {
        refuse_while_the_demo_runs(&configuration.data)?;
    }
    let paths = list_settings(configuration, target.scope, target.settings.as_deref())?;
    let mut forwarding = Forwarding::read(configuration.data.path())?;
    let plan = |path: &PathBuf| Change::plan_removal(path, &forwarding.before(path));
    let changes = paths.iter().map(plan).collect::<Done<Vec<_>>>()?;
    let changed = apply(&changes, target, format)?;
    if !target.dry_run {
        // Telemetry goes where it went: nobody needs a copy any more.
        paths.iter().for_each(|path| forwarding.forget(path));
        forwarding.write(configuration.data.path())?;
    }
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
    let demo = demo::folder(data);
    let mut gone: Vec<PathBuf> = list(data.path())?.into_iter().filter(|path| is_ours(path)).collect();
    // The folder in which a demo lies, or a demo itself that was named by --data-dir.
    gone.extend(demo::is_demo(&demo).then(|| demo.path().to_owned()));
    if demo::is_demo(data) {
        gone.extend([demo::config_root(data), demo::marker(data), data.configuration()]);
    }
    for path in gone {
        let removed = match fs::symlink_metadata(&path) {
            Ok(metadata) if metadata.is_dir() => fs::remove_dir_all(&path),
            Ok(_) => fs::remove_file(&path),
            Err(_) => Ok(()),
        };
        removed.while_doing(&format!("cannot delete {}", path.display()))?;
    }
    let left: Vec<String> = list(data.path())?.iter().filter_map(|path| path.file_name()).map(show).collect();
    match fs::remove_dir(data.path()) {
        Ok(()) => tell("Deleted all captured data."),
        Err(_) => tell(&format!(
            "Deleted all captured data. What you put into {} stays: {}.",
            data.path().display(),
            left.join(", ")
        )),
    }
    Ok(())
}

/// A demo writes for as long as it runs, so its folder cannot be taken away from under it.
fn refuse_while_the_demo_runs(data: &DataDir) -> Done {
    match daemon::find_server(&demo::folder(data)) {
        Some(card) => Err(Failure::new(format!("the demo runs, at http://{}", card.address))
            .hint("stop it there with Ctrl-C first; nothing was changed")),
        None => Ok(()),
    }
}

/// What lies in the data directory, by name.
fn list(folder: &Path) -> Done<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).while_doing(&format!("cannot look into {}", folder.display()))?;
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    Ok(paths)
}

/// One of [`OURS`], or what is left of the writing of one: `NAME.PROCESS.new`.
fn is_ours(path: &Path) -> bool {
    let Some(name) = path.file_name().and_then(OsStr::to_str) else { return false };
    let draft = name.strip_suffix(".new").and_then(|name| name.rsplit_once('.'));
    let whole = draft.filter(|(_, process)| process.parse::<u32>().is_ok()).map_or(name, |(whole, _)| whole);
    OURS.contains(&whole)
}

fn show(name: &OsStr) -> String {
    visible(&name.to_string_lossy()).into_owned()
}
