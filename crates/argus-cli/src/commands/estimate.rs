//! `argus cost --explain` and `argus cost --what-if`: money looked at request by request.

use std::collections::BTreeMap;

use argus_api::dto::{CostReason, MAIN_AGENT, PriceSumLine, Usd, WhatIf, WhatIfRow};
use argus_api::{explain_cost, what_if};
use argus_ingest::pricing::PriceTable;
use argus_model::record::{SpendQuery, UsageQuery};
use argus_model::{Cost, CostBasis, PicoUsd};
use argus_store::Reader;

use super::{Format, with_advice};
use crate::cli::CostArgs;
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{
    Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_items, render_usd, tell, visible,
};

/// Answers one of the two.
pub(super) fn run(
    configuration: &Configuration,
    reader: Option<&Reader>,
    spend: SpendQuery,
    arguments: &CostArgs,
    format: Format,
) -> Done {
    let Some(reader) = reader else {
        return Err(Failure::new("nothing was captured yet").hint("start with `argus up`, or `argus import`"));
    };
    let agent = arguments.agent.clone();
    let agent_id = agent.map(|agent| if agent == MAIN_AGENT { String::new() } else { agent });
    let query = UsageQuery { spend, agent_id, model: arguments.model.clone() };
    let prices = PriceTable::built_in().with_own(&configuration.settings.prices);
    if arguments.what_if.is_empty() {
        let reason = explain_cost(reader, &query, &prices).map_err(with_advice)?;
        return match format {
            Format::Json => print_json(&reason),
            Format::Text if reason.request_count == 0 => {
                tell("No such model request is known.");
                Ok(())
            }
            Format::Text => print_answer(&render_reason(&reason, Screen::of_stdout())),
        };
    }
    let instead: BTreeMap<String, String> = arguments.what_if.iter().cloned().collect();
    let answer = what_if(reader, &query, &prices, &instead).map_err(with_advice)?;
    for model in instead.keys().filter(|model| answer.rows.iter().all(|row| row.model != **model)) {
        tell(&format!("No request of {} is known in that range.", visible(model)));
    }
    for model in answer.rows.iter().filter(|row| row.would_usd.is_none()).filter_map(|row| row.at_rates_of.as_deref()) {
        tell(&format!("No price is known for {}; `argus prices list` has those that are.", visible(model)));
    }
    match format {
        Format::Json => print_json(&answer),
        Format::Text => print_answer(&render_what_if(&answer, Screen::of_stdout())),
    }
}

fn render_reason(reason: &CostReason, screen: Screen) -> String {
    let mut table = Table::new(&[
        ("MODEL", Align::Flexible),
        ("FOR", Align::Left),
        ("COUNT", Align::Right),
        ("$ EACH", Align::Right),
        ("TIMES", Align::Right),
        ("$", Align::Right),
        ("SINCE", Align::Left),
    ]);
    let mut model = None;
    for line in &reason.lines {
        let name = if model == Some(&line.model) { String::new() } else { line.model.clone() };
        model = Some(&line.model);
        table.push([
            Cell::from(name),
            line.what.clone().into(),
            line.count.map_or_else(String::new, |count| count.to_string()).into(),
            line.each_usd.map_or_else(String::new, |usd| usd.0.to_decimal()).into(),
            line.factor.clone().unwrap_or_default().into(),
            line.cost_usd.0.to_decimal().into(),
            since(line).into(),
        ]);
    }
    let sum = reason.cost_usd.map_or_else(|| UNKNOWN.to_owned(), |usd| usd.0.to_decimal());
    let empty = Cell::default;
    table.push([
        Cell::styled("sum", Style::Bold),
        empty(),
        empty(),
        empty(),
        empty(),
        Cell::styled(sum, Style::Bold),
        empty(),
    ]);
    let basis = reason.cost_basis.map_or("unknown", |basis| CostBasis::from(basis).as_str());
    let mut text = table.render(screen);
    text.push_str(&format!("\n{}, {basis}", render_items(count(reason.request_count), "request")));
    if reason.unpriced_requests > 0 {
        let unpriced = render_items(count(reason.unpriced_requests), "request");
        text.push_str(&format!("; {unpriced} without a price, in no line"));
    }
    text.push_str(".\n");
    let mut sources: Vec<&str> = reason.lines.iter().filter_map(|line| line.source.as_deref()).collect();
    sources.sort_unstable();
    sources.dedup();
    for source in sources {
        text.push_str(&format!("Prices from {}\n", visible(source)));
    }
    text
}

/// The day from which on a price holds.
fn since(line: &PriceSumLine) -> String {
    line.since.and_then(argus_api::dto::Utc::to_text).map_or_else(String::new, |at| at[..10].to_owned())
}

fn render_what_if(answer: &WhatIf, screen: Screen) -> String {
    let mut table = Table::new(&[
        ("MODEL", Align::Flexible),
        ("AT RATES OF", Align::Left),
        ("REQUESTS", Align::Right),
        ("COST", Align::Right),
        ("WOULD COST", Align::Right),
        ("DIFFERENCE", Align::Right),
    ]);
    for row in &answer.rows {
        let would = row.at_rates_of.clone().unwrap_or_default();
        table.push(line(Cell::from(row.model.clone()), would, row, Style::Plain));
    }
    table.push(line(Cell::styled("total", Style::Bold), String::new(), &answer.total, Style::Bold));
    format!(
        "{}\nAn estimate: the same tokens at the other model's list price. Another model would have used others.\n",
        table.render(screen)
    )
}

fn line(name: Cell, would: String, row: &WhatIfRow, style: Style) -> [Cell; 6] {
    let money = |usd: Option<Usd>, basis| {
        let cost = Cost { amount: usd.map(|usd| usd.0), basis };
        Cell::styled(if usd.is_some() { render_usd(Some(cost)) } else { UNKNOWN.to_owned() }, style)
    };
    let difference = match row.difference_usd.map(|usd| usd.0) {
        None => UNKNOWN.to_owned(),
        Some(PicoUsd(0)) => String::new(),
        Some(amount) => {
            let size = PicoUsd(amount.0.saturating_abs());
            let text = render_usd(Some(Cost { amount: Some(size), basis: CostBasis::Reported }));
            format!("{}{text}", if amount.0 < 0 { "-" } else { "+" })
        }
    };
    [
        name,
        would.into(),
        render_items(row.request_count, "request").into(),
        money(row.cost_usd, row.cost_basis.into()),
        money(row.would_usd, row.would_basis.into()),
        Cell::styled(difference, style),
    ]
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
