//! `argus import`: transcripts now, without waiting for the server.
//!
//! Only one process may write the database. Where a server runs, it follows the transcripts itself: then this command
//! waits until the server has read what there is, and prints the totals from the database.

use std::time::{Duration, Instant};

use argus_api::dto::{Sums, UsageTold};
use argus_api::read_script_token;
use argus_ingest::{ImportProgress, ImportReport, IngestConfig, IngestError, Until, import, report_totals};
use argus_model::{Totals, record::ModelTotals};
use argus_store::{Store, StoreError};
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;

use super::{Format, open_store, with_advice};
use crate::cli::ImportArgs;
use crate::configuration::Configuration;
use crate::daemon::{self, ServerCard};
use crate::failure::{Done, Explain, Failure};
use crate::http;
use crate::output::{
    Align, Cell, Screen, Style, Table, print_answer, print_json, render_count, render_duration, render_items,
    render_usd, tell,
};

/// What the command prints as JSON.
#[derive(Debug, Serialize)]
struct Document {
    files: u64,
    lines: u64,
    skipped_lines: u64,
    sessions: i64,
    model_requests: i64,
    tool_calls: i64,
    usage: serde_json::Map<String, serde_json::Value>,
    total: Sums,
    duration_ms: u64,
}

/// Imports, or lets the server do it.
pub(super) fn run(configuration: &Configuration, arguments: &ImportArgs, format: Format) -> Done {
    // Folders that a person names now; the usual one may come later.
    let named = configuration.named_roots().iter().filter(|_| arguments.paths.is_empty());
    for path in arguments.paths.iter().chain(named) {
        if !path.exists() {
            return Err(Failure::new(format!("there is no such file or folder: {}", path.display())));
        }
    }
    let paths = arguments.paths.iter().map(std::path::absolute).collect::<Result<Vec<_>, _>>()?;
    let store = open_store(configuration)?;
    let config = IngestConfig {
        data_dir: configuration.data.path().to_owned(),
        config_roots: configuration.config_roots.clone(),
        settings: configuration.settings.clone(),
    };
    let bar = Bar::new();
    let until = if arguments.search { Until::Searchable } else { Until::Totals };
    let report = match import(&store, &config, &paths, until, &|progress| bar.show(progress)) {
        Err(IngestError::Store(StoreError::WriterBusy(lock))) => match daemon::find_server(&configuration.data) {
            Some(_) if !paths.is_empty() => {
                return Err(Failure::new("a running server owns the database, and it reads its own folders only")
                    .hint("`argus down`, then import, then `argus up`"));
            }
            Some(card) => import_by_server(configuration, &store, &card, &bar)?,
            None => return Err(with_advice(StoreError::WriterBusy(lock))),
        },
        result => result.or_hint("`argus doctor` looks for what is wrong")?,
    };
    bar.finish();
    print_report(&report, format)
}

/// Waits until the running server has read everything.
fn import_by_server(configuration: &Configuration, store: &Store, card: &ServerCard, bar: &Bar) -> Done<ImportReport> {
    tell("The running server does the importing.");
    wait_for_server(configuration, card, bar)?;
    report_totals(store).while_doing("cannot add up")
}

/// Shows the server's own import until it is done.
pub(super) fn wait_for_server(configuration: &Configuration, card: &ServerCard, bar: &Bar) -> Done {
    let token = read_script_token(configuration.data.path())?;
    let mut unanswered_since = None;
    loop {
        match http::get_json(card.address, "/api/v1/capture", Some(&token)) {
            Ok(capture) => {
                unanswered_since = None;
                let importing = &capture["importing"];
                if importing.is_null() {
                    return Ok(());
                }
                let number = |key: &str| importing[key].as_u64().unwrap_or(0);
                bar.show(&ImportProgress {
                    files_done: number("files_done"),
                    files_total: number("files_total"),
                    bytes_done: number("bytes_done"),
                    bytes_total: number("bytes_total"),
                    phase: "reading",
                });
            }
            Err(error) => {
                let since = *unanswered_since.get_or_insert_with(Instant::now);
                if since.elapsed() > Duration::from_secs(10) {
                    return Err(error)
                        .while_doing("the server does not answer")
                        .or_hint("`argus status` says what runs");
                }
            }
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

/// A progress bar on a terminal, nothing elsewhere.
pub(super) struct Bar(ProgressBar);

impl Bar {
    /// Shown once there is something to show.
    pub(super) fn new() -> Self {
        let bar = ProgressBar::new(0);
        let style = ProgressStyle::with_template("{msg:>9} [{bar:30}] {bytes}/{total_bytes} {prefix} {eta}");
        if let Ok(style) = style {
            bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
        }
        Self(bar)
    }

    /// Shows how far it is.
    pub(super) fn show(&self, progress: &ImportProgress) {
        self.0.set_message(progress.phase);
        self.0.set_prefix(format!("{}/{} files", progress.files_done, progress.files_total));
        self.0.set_length(progress.bytes_total);
        self.0.set_position(progress.bytes_done);
    }

    /// Takes it away.
    pub(super) fn finish(&self) {
        self.0.finish_and_clear();
    }
}

fn total_of(usage: &[ModelTotals]) -> Totals {
    usage.iter().fold(Totals::default(), |mut total, model| {
        total.add(&model.totals, 1);
        total
    })
}

fn print_report(report: &ImportReport, format: Format) -> Done {
    let total = total_of(&report.usage);
    if format == Format::Text {
        return print_table(report, &total);
    }
    let usage = report
        .usage
        .iter()
        .map(|model| Ok((model.model.clone(), serde_json::to_value(Sums::new(&model.totals, UsageTold::Yes))?)))
        .collect::<Done<_>>()?;
    print_json(&Document {
        files: report.files,
        lines: report.lines,
        skipped_lines: report.skipped_lines,
        sessions: report.sessions,
        model_requests: report.model_requests,
        tool_calls: report.tool_calls,
        usage,
        total: Sums::new(&total, UsageTold::Yes),
        duration_ms: report.duration_ms,
    })
}

fn print_table(report: &ImportReport, total: &Totals) -> Done {
    let mut table = Table::new(&[
        ("MODEL", Align::Flexible),
        ("REQUESTS", Align::Right),
        ("INPUT", Align::Right),
        ("OUTPUT", Align::Right),
        ("WRITE 5M", Align::Right),
        ("WRITE 1H", Align::Right),
        ("READ", Align::Right),
        ("COST", Align::Right),
    ]);
    let mut row = |name: &str, totals: &Totals, style| {
        let count = |number| Cell::styled(render_count(Some(number)), style);
        table.push([
            Cell::styled(name, style),
            count(totals.requests),
            count(totals.input_tokens),
            count(totals.output_tokens),
            count(totals.cache_write_5m_tokens),
            count(totals.cache_write_1h_tokens),
            count(totals.cache_read_tokens),
            Cell::styled(render_usd(Some(totals.as_cost())), style),
        ]);
    };
    for model in &report.usage {
        row(&model.model, &model.totals, Style::Plain);
    }
    row("total", total, Style::Bold);
    print_answer(&table.render(Screen::of_stdout()))?;
    let duration_ms = i64::try_from(report.duration_ms).ok();
    let items = |count: u64, item| render_items(i64::try_from(count).unwrap_or(i64::MAX), item);
    tell(&format!(
        "Read {} and {} in {}; stored now: {} with {}.",
        items(report.files, "file"),
        items(report.lines, "line"),
        render_duration(duration_ms),
        render_items(report.sessions, "session"),
        render_items(report.tool_calls, "tool call"),
    ));
    if report.skipped_lines > 0 {
        tell(&format!("{} could not be read; the Capture page shows why.", items(report.skipped_lines, "line")));
    }
    Ok(())
}
