//! `argus cost --reconcile`: what Claude Code reported against what requests explain, session by session.

use argus_api::dto::ReconciliationPage;
use argus_model::record::{ReconciliationQuery, ReconciliationRow, ReconciliationTotals};
use argus_model::{Cost, CostBasis, PicoUsd, Reconciliation};

use super::sessions::short_id;
use super::{Format, open_reader, with_advice};
use crate::configuration::Configuration;
use crate::failure::Done;
use crate::output::{
    Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_items, render_usd, tell,
};

/// Prints sessions by how far reported and explained are apart.
pub(super) fn run(configuration: &Configuration, query: &ReconciliationQuery, format: Format) -> Done {
    let Some(reader) = open_reader(configuration)? else {
        tell("Nothing was captured yet. `argus up` starts capturing, `argus import` reads what there is.");
        let nothing = argus_model::record::Page { rows: Vec::new(), next_cursor: None };
        let empty = ReconciliationPage::new(ReconciliationTotals::default(), nothing);
        return if format == Format::Json { print_json(&empty) } else { Ok(()) };
    };
    let totals = reader.total_reconciliation(query).map_err(with_advice)?;
    let page = reader.list_reconciliations(query).map_err(with_advice)?;
    if format == Format::Json {
        return print_json(&ReconciliationPage::new(totals, page));
    }
    if page.rows.is_empty() {
        tell("No session of that range made a request or was reported.");
        return Ok(());
    }
    let table = render(&page.rows, &totals, Screen::of_stdout());
    print_answer(&format!("{}\n\n{table}", headline(&totals)))?;
    if let Some(cursor) = &page.next_cursor {
        tell(&format!("There are more: --cursor '{}'", crate::output::visible(cursor)));
    }
    Ok(())
}

/// The share that is explained, in words.
fn headline(totals: &ReconciliationTotals) -> String {
    let unreported = if totals.unreported_sessions == 0 {
        String::new()
    } else {
        format!(
            " {} ({}) left no report.",
            render_items(totals.unreported_sessions, "session"),
            usd(Some(totals.unreported))
        )
    };
    let Some(share) = totals.explained_millionths() else {
        return format!("Claude Code reported no money of these sessions.{unreported}");
    };
    format!(
        "{}.{:02} % of the {} that Claude Code reported of {} is explained.{unreported}",
        share / 10_000,
        share % 10_000 / 100,
        usd(Some(totals.reported)),
        render_items(totals.reported_sessions, "session"),
    )
}

fn render(rows: &[ReconciliationRow], totals: &ReconciliationTotals, screen: Screen) -> String {
    let mut table = Table::new(&[
        ("SESSION", Align::Flexible),
        ("REPORTED", Align::Right),
        ("EXPLAINED", Align::Right),
        ("HIDDEN", Align::Right),
        ("UNEXPLAINED", Align::Right),
        ("REASON", Align::Left),
    ]);
    for row in rows {
        let title = row.title.as_deref().map_or_else(String::new, |title| format!("  {title}"));
        table.push([
            Cell::from(format!("{}{title}", short_id(&row.session_id))),
            usd(row.figures.reported).into(),
            usd(Some(row.figures.explained)).into(),
            usd(row.figures.hidden).into(),
            usd(row.figures.unexplained).into(),
            row.reason.map_or("", |reason| reason.as_str()).to_owned().into(),
        ]);
    }
    let is_known = |amount: PicoUsd| usd((totals.reported_sessions > 0).then_some(amount));
    table.push([
        Cell::styled("all with a report", Style::Bold),
        Cell::styled(is_known(totals.reported), Style::Bold),
        Cell::styled(is_known(totals.explained), Style::Bold),
        Cell::styled(is_known(totals.hidden), Style::Bold),
        Cell::styled(is_known(totals.unexplained), Style::Bold),
        String::new().into(),
    ]);
    table.render(screen)
}

/// The line of `argus show`.
pub(super) fn line_of(found: &Reconciliation) -> String {
    let figures = &found.figures;
    let Some(reported) = figures.reported else {
        return format!("{UNKNOWN} ({})", found.reasons.first().map_or("unknown", |reason| reason.as_str()));
    };
    let mut parts = vec![format!("{} explained", usd(Some(figures.explained)))];
    if figures.told_by_telemetry.0 > 0 {
        parts.push(format!("{} of that told by telemetry alone", usd(Some(figures.told_by_telemetry))));
    }
    parts.push(format!("{} hidden", usd(figures.hidden)));
    parts.push(format!("{} unexplained", usd(figures.unexplained)));
    if found.uncovered_requests > 0 {
        parts.push(format!("{} in no report", usd(Some(found.uncovered))));
    }
    let reasons: Vec<&str> = found.reasons.iter().map(|reason| reason.as_str()).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    format!("{}: {}{reasons}", usd(Some(reported)), parts.join(", "))
}

fn usd(amount: Option<PicoUsd>) -> String {
    match amount {
        None => UNKNOWN.to_owned(),
        Some(amount) if amount.0 < 0 => format!("-{}", usd(Some(PicoUsd(amount.0.saturating_neg())))),
        amount => render_usd(Some(Cost { amount, basis: CostBasis::Reported })),
    }
}
