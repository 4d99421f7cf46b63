//! `argus db`: care for the database.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use argus_model::CareOrder;
use argus_store::{Replace, Store};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Format, care, open_reader, open_store, with_advice};
use crate::cli::{BackupArgs, DbCommand, PruneArgs};
use crate::configuration::Configuration;
use crate::failure::{Done, Explain, Failure};
use crate::output::{print_answer, print_json, render_bytes, render_items, render_time, tell, visible};
use crate::paths::make_private_folder;
use crate::target::Target;
use crate::when;

/// Prints where it is, or what is wrong with it.
pub(super) fn run(configuration: &Configuration, command: &DbCommand, format: Format) -> Done {
    let path = configuration.data.database();
    match (command, format) {
        (DbCommand::Path, Format::Json) => print_json(&serde_json::json!({ "path": path })),
        (DbCommand::Path, Format::Text) => print_answer(&format!("{}\n", path.display())),
        (DbCommand::Backup(arguments), _) => back_up(configuration, arguments, format),
        (DbCommand::Prune(arguments), _) => prune(configuration, arguments, format),
        (DbCommand::Check, _) => {
            let Some(reader) = open_reader(configuration)? else { return Err(no_database()) };
            let problems = reader.check().map_err(with_advice)?;
            match format {
                Format::Json => {
                    print_json(&serde_json::json!({ "is_sound": problems.is_empty(), "problems": problems }))?;
                }
                Format::Text if problems.is_empty() => print_answer("The database is sound.\n")?,
                Format::Text => {
                    print_answer(
                        &problems.iter().map(|problem| format!("{}\n", visible(problem))).collect::<String>(),
                    )?;
                }
            }
            if problems.is_empty() {
                return Ok(());
            }
            Err(Failure::new("the database is damaged").hint(
                "stop the server, move the database aside and run `argus import`: it is made anew from the transcripts",
            ))
        }
    }
}

fn no_database() -> Failure {
    Failure::new("there is no database yet").hint("`argus up` or `argus import` makes one")
}

fn back_up(configuration: &Configuration, arguments: &BackupArgs, format: Format) -> Done {
    if !configuration.data.database().exists() {
        return Err(no_database());
    }
    let path = match &arguments.file {
        Some(file) => Target::of(file)?.file()?,
        None => default_backup(&configuration.data.backups())?,
    };
    if std::fs::canonicalize(configuration.data.database()).is_ok_and(|database| database == path) {
        return Err(Failure::usage("that is the database itself").hint("give another file"));
    }
    if !arguments.force && path.exists() {
        return Err(Failure::new(format!("there is a file already: {}", path.display()))
            .hint("give another name, or --force to replace it"));
    }
    let replace = if arguments.force { Replace::Existing } else { Replace::Never };
    let store = open_store(configuration)?;
    let backup = with_bar(store.path(), &Store::partial_backup(&path), || store.back_up(&path, replace))
        .map_err(with_advice)
        .or_hint("is there room on the disk? No half backup was left behind")?;
    match format {
        Format::Json => print_json(&json!({
            "path": path, "size_bytes": backup.size_bytes, "is_verified": true,
            "sessions": backup.sessions, "events": backup.events,
        })),
        Format::Text => {
            tell(&format!(
                "{} and {}, checked.",
                render_items(backup.sessions, "session"),
                render_items(backup.events, "event")
            ));
            print_answer(&format!("{}  {}\n", path.display(), render_bytes(Some(backup.size_bytes))))
        }
    }
}

/// `argus-2026-11-22T140000Z.db`, so that names sort by time and no two meet.
fn default_backup(folder: &Path) -> Done<PathBuf> {
    make_private_folder(folder).while_doing(&format!("cannot make {}", folder.display()))?;
    Ok(folder.join(format!("argus-{}.db", jiff::Timestamp::now().strftime("%Y-%m-%dT%H%M%SZ"))))
}

/// Shows how large the copy has become, beside the size of what is copied.
fn with_bar<T>(from: &Path, to: &Path, work: impl FnOnce() -> T) -> T {
    let size = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    let bar = ProgressBar::new(size(from));
    if let Ok(style) = ProgressStyle::with_template("copying [{bar:30}] {bytes}/{total_bytes} {eta}") {
        bar.set_style(style);
    }
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_done.load(Ordering::Relaxed) {
                bar.set_position(size(to));
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        let result = work();
        is_done.store(true, Ordering::Relaxed);
        bar.finish_and_clear();
        result
    })
}

fn prune(configuration: &Configuration, arguments: &PruneArgs, format: Format) -> Done {
    let (now, zone) = (when::now(), TimeZone::system());
    let before = when::parse_time(&arguments.older_than, now, &zone)?;
    if before > now {
        return Err(Failure::usage("that is still to come").hint("--older-than 90d, or a day in the past"));
    }
    let reader = open_reader(configuration)?.ok_or_else(no_database)?;
    let (chunks, stored_bytes) = reader.count_prunable(before).map_err(with_advice)?;
    drop(reader);
    if format == Format::Text {
        tell(&format!(
            "Contents from before {}: {} in {}. Steps, tokens, dollars and alerts stay.",
            render_time(Some(before), &zone),
            render_bytes(u64::try_from(stored_bytes).ok()),
            render_items(chunks, "piece"),
        ));
    }
    if arguments.dry_run || chunks == 0 {
        return match format {
            Format::Json => print_json(&json!({
                "before": argus_api::dto::Utc(before).to_text(), "is_dry_run": arguments.dry_run, "chunks": chunks,
                "stored_bytes": stored_bytes, "freed_bytes": 0,
            })),
            Format::Text => print_answer("Nothing was removed.\n"),
        };
    }
    care::agree("Remove these contents for good?", arguments.yes)?;
    let report = care::carry_out(configuration, &CareOrder::Prune { before })?;
    match format {
        Format::Json => print_json(&json!({
            "before": argus_api::dto::Utc(before).to_text(), "is_dry_run": false, "chunks": report.chunks,
            "stored_bytes": stored_bytes, "freed_bytes": report.freed_bytes,
        })),
        Format::Text => print_answer(&format!(
            "Removed {}; the database is {} smaller.\n",
            render_items(i64::try_from(report.chunks).unwrap_or(i64::MAX), "piece"),
            render_bytes(Some(report.freed_bytes)),
        )),
    }
}
