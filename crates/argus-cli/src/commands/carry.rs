//! `argus cost --carry`: which tool results cost the most to carry in the context, over many sessions.

use std::time::Duration;

use argus_api::dto::{Basis, CarryPage, Usd};
use argus_api::list_carry;
use argus_ingest::pricing::PriceTable;
use argus_model::record::SpendQuery;
use argus_model::{Cost, CostBasis};
use argus_store::Reader;

use super::context::render_results;
use super::{Format, with_advice};
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{
    Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_count, render_items, render_usd, tell,
};

/// Nobody waits longer for an answer without being told how long it takes.
const LIMIT: Duration = Duration::from_secs(10);

/// Prints it, at most so many results.
pub(super) fn run(
    configuration: &Configuration,
    reader: Option<&Reader>,
    query: &SpendQuery,
    limit: u32,
    format: Format,
) -> Done {
    let Some(reader) = reader else {
        return Err(Failure::new("nothing was captured yet").hint("start with `argus up`, or `argus import`"));
    };
    let prices = PriceTable::built_in().with_own(&configuration.settings.prices);
    let mut page = list_carry(reader, query, &prices, LIMIT).map_err(with_advice)?;
    page.results.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    match format {
        Format::Json => print_json(&page),
        Format::Text if page.session_count == 0 => {
            tell("No model request is known in that range.");
            Ok(())
        }
        Format::Text => print_answer(&render(&page, Screen::of_stdout())),
    }
}

fn usd(amount: Usd, basis: Option<Basis>) -> String {
    render_usd(Some(Cost { amount: Some(amount.0), basis: basis.map_or(CostBasis::Priced, CostBasis::from) }))
}

/// `41.3 %`, of money.
fn percent(part: Usd, whole: Usd) -> String {
    let (part, whole) = (i128::from(part.0.0), i128::from(whole.0.0));
    if whole <= 0 {
        return UNKNOWN.to_owned();
    }
    let tenths = (part * 2_000 / whole + 1) / 2;
    format!("{}.{} %", tenths / 10, tenths % 10)
}

fn render(page: &CarryPage, screen: Screen) -> String {
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let mut text = format!(
        "Tool results cost {} of the {} that prompts cost, {} of it, in {}.\n",
        usd(page.results_usd, page.cost_basis),
        usd(page.input_usd, page.cost_basis),
        percent(page.results_usd, page.input_usd),
        render_items(count(page.looked_at_count), "session"),
    );
    let share = match (page.covered_usd, page.total.cost_usd) {
        (Some(covered), Some(total)) => format!(
            "; they are {} of {}, {} of what was spent there and then",
            usd(covered, page.total.cost_basis),
            usd(total, page.total.cost_basis),
            percent(covered, total)
        ),
        _ => String::new(),
    };
    text.push_str(&match page.looked_at_count == page.session_count {
        true => "All sessions of the range were looked at, each whole.\n".to_owned(),
        false => format!(
            "The dearest {} of {} were looked at, each whole{share}.\n",
            page.looked_at_count,
            render_items(count(page.session_count), "session")
        ),
    });
    if page.unknown_requests > 0 {
        let items = render_items(count(page.unknown_requests), "request");
        text.push_str(&format!("{items} without a known price, in none of the sums.\n"));
    }
    if !page.tools.is_empty() {
        text.push('\n');
        text.push_str(&render_tools(page, screen));
    }
    if !page.results.is_empty() {
        text.push_str("\nThe dearest tool results: paid once when they came, and again by each later request.\n\n");
        text.push_str(&render_results(page.results.iter().map(|dear| &dear.result), screen));
    }
    text
}

fn render_tools(page: &CarryPage, screen: Screen) -> String {
    let mut table = Table::new(&[
        ("TOOL", Align::Flexible),
        ("SHARE", Align::Right),
        ("PAID", Align::Right),
        ("FIRST $", Align::Right),
        ("LATER $", Align::Right),
        ("RESULTS", Align::Right),
        ("UNKNOWN", Align::Right),
        ("TOKENS", Align::Right),
    ]);
    let count = |number: u64| render_count(i64::try_from(number).ok());
    for tool in &page.tools {
        let name = if tool.tool_name.is_empty() { UNKNOWN.to_owned() } else { tool.tool_name.clone() };
        table.push([
            Cell::from(name),
            Cell::styled(percent(tool.cost_usd, page.results_usd), Style::Dim),
            usd(tool.cost_usd, page.cost_basis).into(),
            usd(tool.entry_usd, page.cost_basis).into(),
            usd(tool.carried_usd, page.cost_basis).into(),
            count(tool.result_count).into(),
            count(tool.unknown_count).into(),
            count(tool.tokens).into(),
        ]);
    }
    table.render(screen)
}
