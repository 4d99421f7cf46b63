//! `argus prices`: which prices hold, the person's own, and pricing stored requests anew.

mod apply;
mod litellm;

use std::fs;

use argus_ingest::pricing::{OwnPrice, OwnTerms, PriceTable};
use serde_json::{Value, json};

use super::Format;
use crate::cli::{PricesCheckArgs, PricesCommand, PricesListArgs};
use crate::configuration::{Configuration, parse_prices};
use crate::failure::{Done, Explain, Failure};
use crate::output::{
    Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_items, tell, visible,
};

/// The rates of a table's row, by the names of the file.
const RATES: [(&str, &str); 5] = [
    ("input", "INPUT"),
    ("output", "OUTPUT"),
    ("cache_write_5m", "WRITE 5M"),
    ("cache_write_1h", "WRITE 1H"),
    ("cache_read", "READ"),
];

/// Does what was asked about prices.
pub(super) fn run(configuration: &Configuration, command: &PricesCommand, format: Format) -> Done {
    match command {
        PricesCommand::List(arguments) => list(configuration, arguments, format),
        PricesCommand::Check(arguments) => check(configuration, arguments, format),
        PricesCommand::Import(arguments) => litellm::run(configuration, arguments, format),
        PricesCommand::Apply(arguments) => apply::run(configuration, arguments, format),
    }
}

fn list(configuration: &Configuration, arguments: &PricesListArgs, format: Format) -> Done {
    for problem in &configuration.price_problems {
        tell(problem);
    }
    let is_asked = |price: &&OwnPrice| arguments.model.as_ref().is_none_or(|part| price.model.contains(part.as_str()));
    let built_in = PriceTable::built_in().list();
    let own: Vec<&OwnPrice> = configuration.settings.prices.list().iter().filter(is_asked).collect();
    let listed: Vec<&OwnPrice> = built_in.iter().filter(is_asked).collect();
    if format == Format::Json {
        let records: Vec<Value> = own
            .iter()
            .map(|price| record(price, "prices.toml"))
            .chain(listed.iter().map(|price| record(price, "list")))
            .collect();
        return print_json(&json!({ "prices": records, "problems": configuration.price_problems }));
    }
    let mut table = Table::new(&[
        ("MODEL", Align::Flexible),
        ("FROM", Align::Left),
        ("TO", Align::Left),
        (RATES[0].1, Align::Right),
        (RATES[1].1, Align::Right),
        (RATES[2].1, Align::Right),
        (RATES[3].1, Align::Right),
        (RATES[4].1, Align::Right),
        ("OF", Align::Left),
    ]);
    for (price, origin) in own.iter().map(|price| (price, "you")).chain(listed.iter().map(|price| (price, "list"))) {
        table.push(line(price, origin));
    }
    print_answer(&table.render(Screen::of_stdout()))?;
    tell(&format!(
        "Dollars per million tokens. Your own go before the list; they stand in {}.",
        configuration.data.prices().display()
    ));
    Ok(())
}

fn line(price: &OwnPrice, origin: &str) -> [Cell; 9] {
    let day =
        |day: Option<jiff::civil::Date>| Cell::styled(day.map_or_else(String::new, |day| day.to_string()), Style::Dim);
    let [input, output, write_5m, write_1h, read] = match price.terms {
        OwnTerms::Rates(rates) => rates.texts().map(|(_, rate)| Cell::from(rate.unwrap_or_else(|| UNKNOWN.to_owned()))),
        OwnTerms::Multiplier(factor) => {
            let words = Cell::from(format!("list × {factor}"));
            [words, "".into(), "".into(), "".into(), "".into()]
        }
    };
    let origin = Cell::styled(origin.to_owned(), if origin == "you" { Style::Bold } else { Style::Dim });
    [Cell::from(visible(&price.model)), day(price.from), day(price.to), input, output, write_5m, write_1h, read, origin]
}

fn record(price: &OwnPrice, origin: &str) -> Value {
    let mut record = json!({
        "model": price.model, "origin": origin, "source": price.source,
        "from": price.from.map(|day| day.to_string()), "to": price.to.map(|day| day.to_string()),
        "multiplier": null,
    });
    match price.terms {
        OwnTerms::Multiplier(factor) => record["multiplier"] = json!(factor.to_string()),
        OwnTerms::Rates(rates) => {
            for (name, rate) in rates.texts() {
                record[format!("{name}_usd_per_million")] = json!(rate);
            }
        }
    }
    record
}

fn check(configuration: &Configuration, arguments: &PricesCheckArgs, format: Format) -> Done {
    let path = arguments.file.clone().unwrap_or_else(|| configuration.data.prices());
    let text = fs::read_to_string(&path)
        .while_doing(&format!("cannot read {}", path.display()))
        .or_hint("without prices.toml the list prices hold; `argus prices list` shows them")?;
    let (prices, problems) = parse_prices(&text, &path);
    if format == Format::Json {
        print_json(&json!({ "is_right": problems.is_empty(), "prices": prices.list().len(), "problems": problems }))?;
    } else if problems.is_empty() {
        let count = i64::try_from(prices.list().len()).unwrap_or(i64::MAX);
        print_answer(&format!("{}: {}, all right.\n", path.display(), render_items(count, "price")))?;
    }
    match &problems[..] {
        [] => Ok(()),
        _ if format == Format::Json => Err(Failure::new("prices.toml has mistakes")),
        [first, rest @ ..] => {
            rest.iter().for_each(|problem| tell(problem));
            Err(Failure::new(first.clone()))
        }
    }
}
