//! `argus status`: what runs, where, how much is captured, what is missing.

use argus_api::dto::ReconciliationTotals;
use argus_model::record::{ReconciliationQuery, silent_since};
use argus_spool::Spool;
use serde::Serialize;

use super::{Format, autostart, open_reader, reconcile, with_advice};
use crate::autostart::{Login, State};
use crate::configuration::Configuration;
use crate::daemon::{self, ServerCard};
use crate::failure::Done;
use crate::output::{
    Align, Cell, Screen, Style, Table, print_answer, print_json, render_ago, render_bytes, render_items, render_time,
};
use crate::sending::Sending;
use crate::{registering, when};

/// What the command prints as JSON.
#[derive(Debug, Serialize)]
struct Document {
    server: Option<ServerCard>,
    autostart: Option<State>,
    #[serde(skip)]
    autostart_words: Option<String>,
    data_dir: String,
    config_roots: Vec<String>,
    hooks: Hooks,
    spool: Option<SpoolCounts>,
    sessions: Option<i64>,
    tool_calls: Option<i64>,
    database_bytes: Option<i64>,
    reported: Option<ReconciliationTotals>,
    last_at: Option<argus_api::dto::Utc>,
    paused: Option<Paused>,
    missing: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Paused {
    from_at: argus_api::dto::Utc,
    until_at: Option<argus_api::dto::Utc>,
}

#[derive(Debug, Serialize)]
struct Hooks {
    installed: Option<bool>,
    detail: Option<String>,
}

#[derive(Debug, Serialize)]
struct SpoolCounts {
    pending_files: u64,
    pending_bytes: u64,
    lost_records: Option<u64>,
}

/// Prints the state.
pub(super) fn run(configuration: &Configuration, format: Format) -> Done {
    let document = gather(configuration)?;
    match format {
        Format::Json => print_json(&document),
        Format::Text => print_answer(&render(&document, Screen::of_stdout())),
    }
}

fn gather(configuration: &Configuration) -> Done<Document> {
    let server = daemon::find_server(&configuration.data);
    let status = registering::hook_status(configuration);
    let spool = Spool::open(configuration.data.spool()).ok().and_then(|spool| {
        let size = spool.size().ok()?;
        Some(SpoolCounts {
            pending_files: size.segments,
            pending_bytes: size.size_bytes,
            lost_records: spool.lost_count().ok(),
        })
    });
    let reader = open_reader(configuration)?;
    let counts = reader.as_ref().map(|reader| reader.count_everything().map_err(with_advice)).transpose()?;
    let health = reader.as_ref().map(|reader| reader.list_source_health().map_err(with_advice)).transpose()?;
    let pause = reader.as_ref().map(|reader| reader.get_pause(when::now()).map_err(with_advice)).transpose()?.flatten();
    let everything = ReconciliationQuery::default();
    let reported = reader.as_ref().map(|reader| reader.total_reconciliation(&everything).map_err(with_advice));
    let reported = reported.transpose()?.map(ReconciliationTotals::from);
    let mut missing = Vec::new();
    if server.is_none() {
        missing.push("no server runs; `argus up` starts it".to_owned());
    }
    if let Some(detail) = &status.detail {
        missing.push(format!("{detail}; `argus install` mends it"));
    }
    missing.extend(configuration.rule_problems.iter().cloned());
    let sending = Sending::look(configuration);
    if let Some(problem) = sending.problems.first() {
        missing.push(format!("{}; {}", problem.message, problem.mend));
    } else if sending.since.is_some_and(|since| silent_since(health.as_deref().unwrap_or_default(), since).is_some()) {
        missing.push("telemetry is switched on, but nothing arrives; `argus doctor` says more".to_owned());
    }
    if spool.as_ref().and_then(|spool| spool.lost_records).is_some_and(|lost| lost > 0) {
        missing.push("hooks could not store some records; `argus doctor` says more".to_owned());
    }
    if !configuration.config_roots.iter().any(|root| root.join("projects").is_dir()) {
        missing.push("no Claude Code data was found; sessions appear here once you have used it".to_owned());
    }
    let login = Login::find(configuration).ok();
    Ok(Document {
        server,
        autostart: login.as_ref().map(Login::state),
        autostart_words: login.as_ref().map(autostart::in_words),
        data_dir: configuration.data.path().display().to_string(),
        config_roots: configuration.config_roots.iter().map(|root| root.display().to_string()).collect(),
        hooks: Hooks { installed: status.is_installed, detail: status.detail },
        spool,
        sessions: counts.map(|(sessions, _)| sessions),
        tool_calls: counts.map(|(_, tool_calls)| tool_calls),
        database_bytes: reader.as_ref().and_then(|reader| reader.database_bytes().ok()),
        reported,
        last_at: health
            .and_then(|sources| sources.iter().filter_map(|source| source.last_at).max())
            .map(argus_api::dto::Utc),
        paused: pause.map(|pause| Paused {
            from_at: argus_api::dto::Utc(pause.from_at),
            until_at: pause.until_at.map(argus_api::dto::Utc),
        }),
        missing,
    })
}

fn render(document: &Document, screen: Screen) -> String {
    // What to do about something stands at the end: nothing is cut.
    let mut table = Table::new(&[("", Align::Left), ("", Align::Left)]);
    let mut line = |name: &str, text: Cell| table.push([Cell::styled(name, Style::Dim), text]);
    line(
        "server",
        match &document.server {
            Some(card) => Cell::styled(
                format!("runs at http://{} (process {}, version {})", card.address, card.pid, card.version),
                Style::Good,
            ),
            None => Cell::styled("does not run", Style::Warning),
        },
    );
    if let Some(words) = &document.autostart_words {
        line("autostart", words.clone().into());
    }
    line(
        "hooks",
        match document.hooks.installed {
            Some(true) => Cell::styled("registered", Style::Good),
            _ => Cell::styled(document.hooks.detail.clone().unwrap_or_else(|| "not registered".into()), Style::Warning),
        },
    );
    if let Some(paused) = &document.paused {
        let zone = jiff::tz::TimeZone::system();
        let (from, until) = (paused.from_at.0, paused.until_at.map(|until| until.0));
        let end = until.map_or_else(|| "`argus resume`".to_owned(), |until| render_time(Some(until), &zone));
        let text = format!("paused since {} until {end}; nothing is recorded", render_time(Some(from), &zone));
        line("capture", Cell::styled(text, Style::Warning));
    }
    let last = render_ago(document.last_at.map(|at| at.0), when::now());
    let captured = match (document.sessions, document.tool_calls) {
        (Some(sessions), Some(tool_calls)) => {
            format!(
                "{}, {}; last news {last}",
                render_items(sessions, "session"),
                render_items(tool_calls, "tool call")
            )
        }
        _ => "nothing yet".into(),
    };
    line("captured", captured.into());
    if let Some(reported) = document.reported.as_ref().filter(|reported| reported.reported_sessions > 0) {
        line("money", reconcile::headline(reported).into());
    }
    let bytes = document.database_bytes.and_then(|bytes| u64::try_from(bytes).ok());
    line("data", format!("{} ({} database)", document.data_dir, render_bytes(bytes)).into());
    line("reads", document.config_roots.join(", ").into());
    if let Some(spool) = &document.spool {
        let lost = spool.lost_records.filter(|lost| *lost > 0).map(|lost| format!(", {lost} lost")).unwrap_or_default();
        line(
            "spool",
            format!(
                "{} waiting, {}{lost}",
                render_items(spool.pending_files.cast_signed(), "record"),
                render_bytes(Some(spool.pending_bytes))
            )
            .into(),
        );
    }
    for missing in &document.missing {
        line("missing", Cell::styled(missing.clone(), Style::Warning));
    }
    table.render(screen)
}
