//! `argus sessions`: the list.

use argus_api::dto::{SessionPage, UsageTold};
use argus_model::SessionStatus;
use argus_model::record::{Page, SessionQuery, SessionRecord};
use jiff::tz::TimeZone;

use super::{Format, open_reader, with_advice};
use crate::cli::SessionsArgs;
use crate::configuration::Configuration;
use crate::failure::Done;
use crate::output::{
    Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_count, render_duration, render_time,
    render_usd, tell,
};
use crate::when;

/// As much of an id as tells sessions apart.
const SHORT_ID: usize = 8;

/// Lists sessions.
pub(super) fn run(configuration: &Configuration, arguments: &SessionsArgs, format: Format) -> Done {
    let (now, zone) = (when::now(), TimeZone::system());
    let time = |text: &Option<String>| text.as_deref().map(|text| when::parse_time(text, now, &zone)).transpose();
    let query = SessionQuery {
        limit: arguments.limit,
        cursor: arguments.cursor.clone(),
        project: arguments.project.clone(),
        since: time(&arguments.since)?,
        until: time(&arguments.until)?,
        ..SessionQuery::default()
    };
    let page = match open_reader(configuration)? {
        Some(reader) => reader.list_sessions(&query, now).map_err(with_advice)?,
        None => {
            tell("Nothing was captured yet. `argus up` starts capturing, `argus import` reads what there is.");
            Page { rows: Vec::new(), next_cursor: None }
        }
    };
    if format == Format::Json {
        return print_json(&SessionPage::from(page));
    }
    if page.rows.is_empty() {
        if configuration.data.database().exists() {
            tell("No sessions.");
        }
        return Ok(());
    }
    print_answer(&render(&page.rows, Screen::of_stdout(), &zone))?;
    if let Some(cursor) = page.next_cursor {
        tell(&format!("There are more: --cursor {cursor}"));
    }
    Ok(())
}

fn render(sessions: &[SessionRecord], screen: Screen, zone: &TimeZone) -> String {
    let mut table = Table::new(&[
        ("SESSION", Align::Left),
        ("STARTED", Align::Left),
        ("LASTED", Align::Right),
        ("STATUS", Align::Left),
        ("PROJECT", Align::Flexible),
        ("TITLE", Align::Flexible),
        ("TURNS", Align::Right),
        ("TOOLS", Align::Right),
        ("ERRORS", Align::Right),
        ("OUTPUT", Align::Right),
        ("COST", Align::Right),
    ]);
    for session in sessions {
        let until = session.ended_at.or(session.last_at);
        let project = session.project.as_deref().and_then(|root| root.rsplit('/').find(|name| !name.is_empty()));
        // Hooks alone tell nothing of usage.
        let is_told = session.totals.requests > 0 || UsageTold::by(session.sources) == UsageTold::Yes;
        let errors = if session.error_count > 0 { Style::Bad } else { Style::Dim };
        table.push([
            short_id(&session.session_id).into(),
            render_time(session.started_at, zone).into(),
            render_duration(session.started_at.zip(until).map(|(from, until)| until.millis_since(from))).into(),
            status_cell(session.status),
            project.unwrap_or(UNKNOWN).into(),
            session.title.as_deref().unwrap_or(UNKNOWN).into(),
            render_count(Some(session.turn_count)).into(),
            render_count(Some(session.tool_call_count)).into(),
            Cell::styled(render_count(Some(session.error_count)), errors),
            render_count(is_told.then_some(session.totals.output_tokens)).into(),
            render_usd(is_told.then(|| session.totals.as_cost())).into(),
        ]);
    }
    table.render(screen)
}

/// The beginning of an id, as the lists show it and every command takes it.
pub(super) fn short_id(id: &str) -> String {
    id.chars().take(SHORT_ID).collect()
}

/// A status in its word and colour.
fn status_cell(status: SessionStatus) -> Cell {
    let style = match status {
        SessionStatus::Running => Style::Good,
        SessionStatus::Waiting => Style::Warning,
        SessionStatus::Lost => Style::Bad,
        SessionStatus::Idle | SessionStatus::Ended => Style::Dim,
    };
    Cell::styled(status.as_str(), style)
}
