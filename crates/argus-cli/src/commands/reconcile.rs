//! `argus cost --reconcile`: what Claude Code reported against what requests explain, session by session.

use argus_api::dto::{ReconciliationPage, ReconciliationTotals, Usd};
use argus_model::record::{self, ReconciliationQuery, ReconciliationRow};
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
        let empty = ReconciliationPage::new(record::ReconciliationTotals::default(), nothing);
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
    let totals = ReconciliationTotals::from(totals);
    let table = render(&page.rows, &totals, Screen::of_stdout());
    print_answer(&format!("{}\n\n{table}", headline(&totals)))?;
    if let Some(cursor) = &page.next_cursor {
        tell(&format!("There are more: --cursor '{}'", crate::output::visible(cursor)));
    }
    Ok(())
}

/// The share that is explained, in words, with what is hidden or not explained at all.
pub(super) fn headline(totals: &ReconciliationTotals) -> String {
    let unreported = if totals.unreported_sessions == 0 {
        String::new()
    } else {
        format!(
            " {} ({}) left no report.",
            render_items(totals.unreported_sessions, "session"),
            usd(Some(totals.unreported_usd.0))
        )
    };
    let figures = &totals.figures;
    let Some(share) = totals.explained_millionths else {
        return format!("Claude Code reported no money of these sessions.{unreported}");
    };
    let parts = [(figures.hidden_usd, "hidden"), (figures.unexplained_usd, "unexplained")];
    let parts = parts.into_iter().filter_map(|(part, word)| Some((part.filter(|usd| usd.0 != PicoUsd(0))?, word)));
    let parts: String = parts.map(|(part, word)| format!(", {} {word}", usd(Some(part.0)))).collect();
    format!(
        "{}.{:02} % of the {} that Claude Code reported of {} is explained{parts}.{unreported}",
        share / 10_000,
        share % 10_000 / 100,
        usd(figures.reported_usd.map(|reported| reported.0)),
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
            explained(row.figures.explained, row.figures.explained_basis).into(),
            usd(row.figures.hidden).into(),
            usd(row.figures.unexplained).into(),
            row.reason.map_or("", |reason| reason.as_str()).to_owned().into(),
        ]);
    }
    let sum = |amount: Option<Usd>| Cell::styled(usd(amount.map(|usd| usd.0)), Style::Bold);
    let figures = &totals.figures;
    let basis = figures.explained_basis.map(CostBasis::from);
    table.push([
        Cell::styled("all with a report", Style::Bold),
        sum(figures.reported_usd),
        match figures.reported_usd {
            Some(_) => Cell::styled(explained(figures.explained_usd.0, basis), Style::Bold),
            None => sum(None),
        },
        sum(figures.hidden_usd),
        sum(figures.unexplained_usd),
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
    let mut parts = vec![format!("{} explained", explained(figures.explained, figures.explained_basis))];
    if figures.told_by_telemetry.0 > 0 {
        parts.push(format!("{} of that told by telemetry alone", usd(Some(figures.told_by_telemetry))));
    }
    parts.push(format!("{} hidden", usd(figures.hidden)));
    parts.push(format!("{} unexplained", usd(figures.unexplained)));
    if found.uncovered_requests > 0 {
        parts.push(format!("{} in no report", usd(Some(found.uncovered))));
    }
    if found.is_by_status_line {
        parts.push("the newest of it told by the status line".to_owned());
    }
    let reasons: Vec<&str> = found.reasons.iter().map(|reason| reason.as_str()).collect();
    let reasons = if reasons.is_empty() { String::new() } else { format!(" ({})", reasons.join(", ")) };
    format!("{}: {}{reasons}", usd(Some(reported)), parts.join(", "))
}

/// Money of requests, with the mark of the weakest among them.
fn explained(amount: PicoUsd, basis: Option<CostBasis>) -> String {
    render_usd(Some(Cost { amount: Some(amount), basis: basis.unwrap_or(CostBasis::Reported) }))
}

fn usd(amount: Option<PicoUsd>) -> String {
    match amount {
        None => UNKNOWN.to_owned(),
        Some(amount) if amount.0 < 0 => format!("-{}", usd(Some(PicoUsd(amount.0.saturating_neg())))),
        amount => render_usd(Some(Cost { amount, basis: CostBasis::Reported })),
    }
}
