//! `argus cost --explain STEP`: how a step's money came about, line by line.

use argus_api::dto::{Price, Request};
use argus_ingest::pricing::PriceTable;
use argus_model::record::{EventRecord, RequestRecord};
use argus_model::{CostBasis, PicoUsd};
use serde::Serialize;

use super::{Format, open_reader, with_advice};
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_duration, visible};

/// What the command prints as JSON.
#[derive(Serialize)]
struct Document {
    event: argus_api::dto::Event,
    request: Option<Request>,
    price: Option<Price>,
}

/// Explains the request that produced a step, and the step's share of it.
pub(super) fn run(configuration: &Configuration, event_id: &str, format: Format) -> Done {
    let Some(reader) = open_reader(configuration)? else {
        return Err(Failure::new("nothing was captured yet").hint("start with `argus up`, or `argus import`"));
    };
    let event = reader.get_event(event_id).map_err(with_advice)?.ok_or_else(|| {
        Failure::new(format!("there is no step {}", visible(event_id)))
            .hint("a step's `event_id` is in `argus show SESSION --json` and `argus search QUERY --json`")
    })?;
    let request = reader.get_request(event_id).map_err(with_advice)?;
    let prices = PriceTable::built_in().with_own(&configuration.settings.prices);
    let price = request.as_ref().and_then(|request| Price::of(request, &prices));
    if format == Format::Json {
        return print_json(&Document { event: event.into(), request: request.map(Into::into), price });
    }
    let Some(request) = request else {
        return print_answer("No model request is known to have produced this step, so it has no cost of its own.\n");
    };
    let mut text = price.as_ref().map_or_else(|| "No price is known for it.\n".to_owned(), render);
    text.push('\n');
    let basis = request.cost.map(|cost| cost.basis);
    text.push_str(&match (basis, &price) {
        (Some(CostBasis::Reported), Some(price)) => format!(
            "Claude Code itself reported {} for the request; the price table would have said {}.\n",
            exact(request.cost.and_then(|cost| cost.amount)),
            exact(price.list_usd.map(|usd| usd.0))
        ),
        (Some(basis), _) => {
            let amount = request.cost.and_then(|cost| cost.amount);
            format!(
                "The request costs {} ({}), at list price: a subscription pays another one.\n",
                exact(amount),
                basis.as_str()
            )
        }
        (None, _) => "Its usage is not known.\n".to_owned(),
    });
    text.push_str(&share(&event, request.share_count));
    text.push_str(&told(&request));
    print_answer(&text)
}

/// What telemetry says beside its money.
fn told(request: &RequestRecord) -> String {
    let duration = request.duration_ms.map(|ms| format!("It took {}", render_duration(Some(ms))));
    let first = request.ttft_ms.map(|ms| format!(", its first token came after {}", render_duration(Some(ms))));
    let mut text = duration.map_or_else(String::new, |took| format!("{took}{}.\n", first.unwrap_or_default()));
    if request.is_hidden {
        let purpose = request.query_source.as_deref().unwrap_or("unknown");
        text.push_str(&format!(
            "It stands in no transcript; telemetry told of it. Its purpose: {}.\n",
            visible(purpose)
        ));
    }
    text
}

fn share(event: &EventRecord, share_count: i64) -> String {
    let amount = exact(event.cost.and_then(|cost| cost.amount));
    format!(
        "This step's share of it is {amount}; {share_count} in all have one, by the size of their part of the answer.\n"
    )
}

fn render(price: &Price) -> String {
    let mut table = Table::new(&[
        ("", Align::Left),
        ("COUNT", Align::Right),
        ("$ EACH", Align::Right),
        ("TIMES", Align::Right),
        ("$", Align::Right),
    ]);
    for part in &price.parts {
        table.push([
            Cell::from(part.what.clone()),
            part.count.map_or_else(String::new, |count| count.to_string()).into(),
            part.each_usd.map_or_else(String::new, |usd| usd.0.to_decimal()).into(),
            part.factor.clone().unwrap_or_default().into(),
            part.cost_usd.0.to_decimal().into(),
        ]);
    }
    let sum = price.list_usd.map_or_else(|| UNKNOWN.to_owned(), |usd| usd.0.to_decimal());
    let empty = String::new;
    table.push([
        Cell::styled("list price", Style::Bold),
        empty().into(),
        empty().into(),
        empty().into(),
        Cell::styled(sum, Style::Bold),
    ]);
    let since = price
        .since
        .and_then(argus_api::dto::Utc::to_text)
        .map_or_else(|| "the model's beginning".to_owned(), |at| at[..10].to_owned());
    let source = price.source.as_deref().unwrap_or("not told");
    format!(
        "{}\nPrice since {since}; table of {}, source: {}\n",
        table.render(Screen::of_stdout()),
        price.table_date,
        visible(source)
    )
}

fn exact(amount: Option<PicoUsd>) -> String {
    amount.map_or_else(|| UNKNOWN.to_owned(), |amount| format!("${}", amount.to_decimal()))
}
