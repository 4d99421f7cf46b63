//! Whether what hooks and transcripts tell is kept: folders, permissions, spool, database, server, clock.

use std::fs;
use std::io;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use argus_spool::Spool;
use argus_store::Store;

use super::Finding;
use crate::autostart::{Login, State};
use crate::commands::autostart;
use crate::configuration::Configuration;
use crate::daemon;
use crate::output::{render_bytes, render_time};
use crate::when;

/// 2026-01-01; no clock of a machine that runs this program stands before it.
const EARLIEST_MICROS: i64 = 1_767_225_600_000_000;
const DAY_MICROS: i64 = 86_400_000_000;

/// All findings about storage.
pub(super) fn look(configuration: &Configuration) -> Vec<Finding> {
    let mut findings = look_at_permissions(configuration);
    findings.push(look_at_spool(configuration));
    findings.push(look_at_database(configuration));
    findings.push(look_at_server(configuration));
    findings.extend(look_at_login(configuration));
    findings.extend(look_at_pause(configuration));
    findings.push(look_at_clock(configuration));
    findings
}

fn look_at_permissions(configuration: &Configuration) -> Vec<Finding> {
    let folder = configuration.data.path();
    let Ok(entries) = fs::read_dir(folder) else {
        return vec![Finding::warning("data", format!("there is no {}", folder.display()), "`argus up` makes it")];
    };
    // What the person wrote is the person's to share.
    let inside = entries.flatten().map(|entry| entry.path()).filter(|path| *path != configuration.data.configuration());
    let wide: Vec<String> = std::iter::once(folder.to_owned())
        .chain(inside)
        .filter(|path| fs::symlink_metadata(path).is_ok_and(|m| !m.is_symlink() && m.permissions().mode() & 0o077 != 0))
        .map(|path| path.display().to_string())
        .collect();
    if wide.is_empty() {
        return vec![Finding::ok("data", format!("private: {}", folder.display()))];
    }
    vec![Finding::broken(
        "data",
        format!("others may look into {}", wide.join(", ")),
        format!("chmod -R go= {}", folder.display()),
    )]
}

fn look_at_spool(configuration: &Configuration) -> Finding {
    let folder = configuration.data.spool();
    if !folder.exists() {
        return Finding::broken("spool", format!("missing: {}", folder.display()), "`argus install` makes it");
    }
    let spool = match Spool::open(&folder) {
        Ok(spool) => spool,
        Err(error) => {
            return Finding::broken("spool", error.to_string(), "move away what stands there, then `argus install`");
        }
    };
    let (Ok(size), lost) = (spool.size(), spool.lost_count().unwrap_or(0)) else {
        return Finding::broken("spool", format!("cannot be read: {}", folder.display()), "check its permissions");
    };
    if lost > 0 {
        return Finding::warning(
            "spool",
            format!("hooks could not store {lost} records"),
            "free disk space or mend the folder's permissions; transcripts fill most of the gap",
        );
    }
    if size.aside > 0 {
        return Finding::warning(
            "spool",
            format!("{} damaged records are set aside", size.aside),
            "the Capture page shows them",
        );
    }
    Finding::ok("spool", format!("{} records waiting, {}", size.segments, render_bytes(Some(size.size_bytes))))
}

fn look_at_database(configuration: &Configuration) -> Finding {
    let path = configuration.data.database();
    if !path.exists() {
        return Finding::warning("database", "there is none yet", "`argus up` or `argus import` makes it");
    }
    let sessions = Store::open(&path).and_then(|store| store.readers().get()?.count_everything());
    match sessions {
        Ok((sessions, _)) => Finding::ok("database", format!("opens, with {sessions} sessions: {}", path.display())),
        Err(error) => Finding::broken("database", error.to_string(), "`argus db check` looks for damage"),
    }
}

fn look_at_server(configuration: &Configuration) -> Finding {
    match daemon::find_server(&configuration.data) {
        Some(card) if daemon::answers(&card) => Finding::ok("server", format!("answers at http://{}", card.address)),
        Some(card) => Finding::broken(
            "server",
            format!("process {} does not answer at {}", card.pid, card.address),
            "`argus down`, then `argus up`",
        ),
        None => match TcpListener::bind(configuration.listen) {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => Finding::warning(
                "server",
                format!("does not run, and another program has port {}", configuration.listen.port()),
                "`argus up --port N` uses another port",
            ),
            _ => Finding::warning("server", "does not run; hooks go on recording", "`argus up` starts it"),
        },
    }
}

fn look_at_login(configuration: &Configuration) -> Option<Finding> {
    let login = Login::find(configuration).ok()?;
    let words = autostart::in_words(&login);
    Some(match login.state() {
        State::On if login.is_current() => Finding::ok("autostart", words),
        State::Off => Finding::ok("autostart", format!("{words}; `argus autostart enable` changes that")),
        State::Foreign => Finding::warning("autostart", words, "look at it, and remove it if nobody needs it"),
        State::On | State::Written => {
            Finding::warning("autostart", words, "`argus autostart enable` writes it anew and switches it on")
        }
    })
}

fn look_at_pause(configuration: &Configuration) -> Option<Finding> {
    let path = configuration.data.database();
    let pause =
        path.exists().then(|| Store::open(&path).and_then(|store| store.readers().get()?.get_pause(when::now())));
    let pause = pause?.ok()??;
    let zone = jiff::tz::TimeZone::system();
    let end = pause.until_at.map(|until| format!(" until {}", render_time(Some(until), &zone))).unwrap_or_default();
    let message = format!("paused since {}{end}: nothing is recorded", render_time(Some(pause.from_at), &zone));
    Some(Finding::warning("capture", message, "`argus resume` ends the pause"))
}

fn look_at_clock(configuration: &Configuration) -> Finding {
    let now = when::now().as_micros();
    let path = configuration.data.database();
    let newest = path
        .exists()
        .then(|| Store::open(&path).and_then(|store| store.readers().get()?.list_source_health()).ok())
        .flatten()
        .and_then(|sources| sources.iter().filter_map(|source| source.last_at).max());
    if now < EARLIEST_MICROS || newest.is_some_and(|newest| newest.as_micros() > now + DAY_MICROS) {
        return Finding::warning("clock", "the clock stands before what was captured", "set this machine's clock");
    }
    Finding::ok("clock", "not before what was captured")
}
