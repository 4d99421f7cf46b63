//! `argus prices apply`: what other prices would make of the stored requests, and then that.

use std::collections::BTreeMap;

use argus_ingest::pricing::PriceTable;
use argus_model::{CareOrder, CostBasis, PicoUsd};
use serde_json::{Value, json};

use crate::cli::PricesApplyArgs;
use crate::commands::{Format, care, open_reader, with_advice};
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{Align, Screen, Table, UNKNOWN, print_answer, print_json, render_items, tell, visible};

/// What becomes of one model's requests.
#[derive(Default)]
struct Change {
    requests: i64,
    newly_priced: i64,
    no_more_priced: i64,
    /// Requests of which a part would have no price that has one now.
    less_known: i64,
    /// Requests of which a part has no price now.
    more_known: i64,
    before: i64,
    after: i64,
}

impl Change {
    /// What they come to now; `None` while none of them has a price.
    fn known_before(&self) -> Option<i64> {
        (self.newly_priced < self.requests).then_some(self.before)
    }

    /// What they would come to.
    fn known_after(&self) -> Option<i64> {
        (self.no_more_priced < self.requests).then_some(self.after)
    }

    /// How much more that would be; `None` where some of it would not be known, or is not known now.
    fn known_change(&self) -> Option<i64> {
        (self.newly_priced + self.no_more_priced + self.less_known + self.more_known == 0)
            .then_some(self.after - self.before)
    }

    /// What is to be said of requests whose price is not whole.
    fn note(&self) -> String {
        let notes = [
            (self.newly_priced, "had no price"),
            (self.no_more_priced, "would have no price"),
            (self.less_known, "would lack the price of some tokens"),
            (self.more_known, "lacked the price of some tokens"),
        ];
        let told = notes.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        told.collect::<Vec<_>>().join(", ")
    }
}

/// Shows what would change, asks, and has it done.
pub(super) fn run(configuration: &Configuration, arguments: &PricesApplyArgs, format: Format) -> Done {
    if let Some(problem) = configuration.price_problems.first() {
        return Err(Failure::new(problem.clone()).hint("nothing is priced anew before all of your prices are right"));
    }
    let Some(reader) = open_reader(configuration)? else {
        tell("Nothing was captured yet.");
        return Ok(());
    };
    let table = PriceTable::built_in().with_own(&configuration.settings.prices);
    let mut changes = BTreeMap::<String, Change>::new();
    reader
        .each_usage(|record| {
            let cost = table.price_again(record);
            if cost == record.cost {
                return;
            }
            let change = changes.entry(record.model.clone()).or_default();
            change.requests += 1;
            change.newly_priced += i64::from(record.cost.basis == CostBasis::Unpriced);
            change.no_more_priced += i64::from(cost.basis == CostBasis::Unpriced);
            let is_whole =
                [cost, record.cost].map(|cost| matches!(cost.basis, CostBasis::Priced | CostBasis::Reported));
            change.less_known += i64::from(is_whole == [false, true] && cost.basis == CostBasis::Incomplete);
            change.more_known += i64::from(is_whole == [true, false] && record.cost.basis == CostBasis::Incomplete);
            change.before += record.cost.amount.map_or(0, |amount| amount.0);
            change.after += cost.amount.map_or(0, |amount| amount.0);
        })
        .map_err(with_advice)?;
    drop(reader);
    let count = changes.values().map(|change| change.requests).sum::<i64>();
    if format == Format::Text {
        render(&changes)?;
    }
    let is_done = count > 0 && !arguments.dry_run;
    let repriced = if is_done {
        care::agree("Give these requests the prices that hold now?", arguments.yes)?;
        care::carry_out(configuration, &CareOrder::Reprice)?.requests
    } else {
        0
    };
    match format {
        Format::Json => {
            let models: Vec<Value> = changes.iter().map(|(model, change)| record(model, change)).collect();
            print_json(&json!({ "is_dry_run": arguments.dry_run, "models": models, "repriced_requests": repriced }))
        }
        Format::Text if is_done => {
            let words = render_items(i64::try_from(repriced).unwrap_or(i64::MAX), "request");
            print_answer(&format!("Priced {words} anew.\n"))
        }
        Format::Text => print_answer(if count == 0 {
            "Every stored request has the price that holds now.\n"
        } else {
            "Nothing was changed.\n"
        }),
    }
}

fn render(changes: &BTreeMap<String, Change>) -> Done {
    if changes.is_empty() {
        return Ok(());
    }
    let mut table = Table::new(&[
        ("MODEL", Align::Flexible),
        ("REQUESTS", Align::Right),
        ("NOW", Align::Right),
        ("THEN", Align::Right),
        ("CHANGE", Align::Right),
        ("", Align::Left),
    ]);
    for (model, change) in changes {
        let then = change.known_after().map_or_else(|| UNKNOWN.to_owned(), dollars);
        let is_least = change.no_more_priced + change.less_known > 0 && then != UNKNOWN;
        table.push([
            visible(model).into(),
            change.requests.to_string().into(),
            change.known_before().map_or_else(|| UNKNOWN.to_owned(), dollars).into(),
            format!("{}{then}", if is_least { "≥ " } else { "" }).into(),
            change.known_change().map_or_else(|| UNKNOWN.to_owned(), signed).into(),
            change.note().into(),
        ]);
    }
    print_answer(&table.render(Screen::of_stdout()))
}

fn record(model: &str, change: &Change) -> Value {
    let usd = |picousd: Option<i64>| json!(picousd.map(|picousd| argus_api::dto::Usd(PicoUsd(picousd))));
    json!({
        "model": model, "requests": change.requests, "newly_priced_requests": change.newly_priced,
        "no_more_priced_requests": change.no_more_priced,
        "less_known_requests": change.less_known, "cost_usd": usd(change.known_before()), "new_cost_usd": usd(change.known_after()),
    })
}

fn dollars(picousd: i64) -> String {
    format!("${}.{:04}", picousd / PicoUsd::DOLLAR, picousd % PicoUsd::DOLLAR / (PicoUsd::DOLLAR / 10_000))
}

fn signed(picousd: i64) -> String {
    format!("{}{}", if picousd < 0 { "−" } else { "+" }, dollars(picousd.abs()))
}
