//! `argus prices import`: prices out of LiteLLM's public table, for models that the built-in list does not know.

use std::fs;
use std::io;

use argus_ingest::pricing::{OwnPrice, OwnRates, OwnTerms};
use serde_json::{Map, Value, json};

use crate::cli::PricesImportArgs;
use crate::commands::{Format, open_reader, with_advice};
use crate::configuration::{Configuration, add_entries, replace};
use crate::failure::{Done, Explain, Failure};
use crate::output::{ask, has_person, print_answer, print_json, tell, visible};

/// LiteLLM's names of the cache's rates, in the order in which [`OwnRates::parse`] takes them.
const CACHE: [&str; 3] =
    ["cache_creation_input_token_cost", "cache_creation_input_token_cost_above_1hr", "cache_read_input_token_cost"];

/// Shows what would be added, asks, and adds it.
pub(super) fn run(configuration: &Configuration, arguments: &PricesImportArgs, format: Format) -> Done {
    let shown = arguments.file.display();
    let text = fs::read_to_string(&arguments.file).while_doing(&format!("cannot read {shown}"))?;
    let models: Map<String, Value> = serde_json::from_str(&text).map_err(|error| {
        Failure::new(format!("{shown} is not LiteLLM's table: {error}"))
            .hint("it is a JSON object of models, each with input_cost_per_token and output_cost_per_token")
    })?;
    let entries = chosen(configuration, arguments, &models)?;
    let path = configuration.data.prices();
    let before = match fs::read_to_string(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        read => read.while_doing(&format!("cannot read {}", path.display()))?,
    };
    let after = add_entries(&before, &entries, &path).map_err(Failure::new)?;
    let added = after.strip_prefix(before.as_str()).unwrap_or(&after);
    if format == Format::Text && !entries.is_empty() {
        print_answer(&format!("{}\n", visible_lines(added.trim_start())))?;
    }
    let is_done = !arguments.dry_run && !entries.is_empty();
    if is_done {
        agree(arguments.yes, &path.display().to_string())?;
        configuration.data.prepare().while_doing("cannot make the data directory")?;
        replace(&path, &after).while_doing(&format!("cannot write {}", path.display()))?;
    }
    let names: Vec<&str> = entries.iter().map(|entry| entry.model.as_str()).collect();
    match format {
        Format::Json => print_json(&json!({ "is_dry_run": arguments.dry_run, "models": names, "file": path })),
        Format::Text if is_done => {
            tell("Requests from now on have these prices. `argus prices apply` gives them to stored ones.");
            Ok(())
        }
        Format::Text if entries.is_empty() => {
            print_answer("Nothing is to be added for the stored models; --model NAME adds another one.\n")
        }
        Format::Text => print_answer("Nothing was changed.\n"),
    }
}

/// The models that were named, or else those that are stored without a price.
fn chosen(
    configuration: &Configuration,
    arguments: &PricesImportArgs,
    models: &Map<String, Value>,
) -> Done<Vec<OwnPrice>> {
    if !arguments.model.is_empty() {
        return arguments
            .model
            .iter()
            .map(|name| {
                let entry = models.get(name).ok_or_else(|| {
                    Failure::new(format!("{} stands not in {}", visible(name), arguments.file.display()))
                })?;
                price(name, entry).map_err(|why| Failure::new(format!("{}: {why}", visible(name))))
            })
            .collect();
    }
    let Some(reader) = open_reader(configuration)? else { return Ok(Vec::new()) };
    let mut entries = Vec::new();
    for model in reader.model_totals().map_err(with_advice)? {
        if model.totals.unpriced_requests == 0 {
            continue;
        }
        let name = model.model;
        match models.get(&name).map(|entry| price(&name, entry)) {
            Some(Ok(entry)) => entries.push(entry),
            Some(Err(why)) => tell(&format!("{}: {why}", visible(&name))),
            None => tell(&format!("{} has no price, and stands not in the file.", visible(&name))),
        }
    }
    Ok(entries)
}

fn price(name: &str, entry: &Value) -> Result<OwnPrice, String> {
    let rate = |key: &str| entry.get(key).and_then(Value::as_f64).map(per_million);
    let needed = |key: &str| rate(key).ok_or_else(|| format!("{key} is missing"));
    let (input, output) = (needed("input_cost_per_token")?, needed("output_cost_per_token")?);
    let cache = CACHE.map(rate);
    let rates = OwnRates::parse(&input, &output, cache.each_ref().map(Option::as_deref))
        .map_err(|rate| format!("{rate} is no price per token"))?;
    let source = Some("LiteLLM".to_owned());
    Ok(OwnPrice { model: name.to_owned(), from: None, to: None, terms: OwnTerms::Rates(rates), source })
}

/// Dollars a token as dollars per million, digit for digit: the point moves, nothing is calculated.
fn per_million(per_token: f64) -> String {
    // Rust writes the shortest digits that mean the number, and no exponent.
    let text = per_token.to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    let fraction = format!("{fraction:0<6}");
    let whole = format!("{whole}{}", &fraction[..6]);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        digits => digits,
    };
    match fraction[6..].trim_end_matches('0') {
        "" => whole.to_owned(),
        rest => format!("{whole}.{rest}"),
    }
}

/// A file's names are anybody's: only line breaks of our own are kept.
fn visible_lines(text: &str) -> String {
    text.lines().map(visible).collect::<Vec<_>>().join("\n")
}

fn agree(is_agreed: bool, path: &str) -> Done {
    if is_agreed {
        return Ok(());
    }
    if !has_person() {
        return Err(Failure::usage("prices are added only after asking, and there is nobody to ask")
            .hint("give --yes to add them without being asked"));
    }
    if ask(&format!("Add this to {path}?")) { Ok(()) } else { Err(Failure::new("nothing was changed")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_move_their_point_and_keep_every_digit() {
        for (per_token, text) in [
            (3e-06, "3"),
            (1.5e-05, "15"),
            (3.75e-06, "3.75"),
            (3e-07, "0.3"),
            (1.25e-08, "0.0125"),
            (0.0, "0"),
            (0.001, "1000"),
            (2.0, "2000000"),
        ] {
            assert_eq!(per_million(per_token), text, "{per_token}");
        }
    }

    #[test]
    fn a_model_needs_both_its_rates() {
        let whole = json!({ "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05, "mode": "chat" });
        assert!(price("m", &whole).is_ok());
        assert!(price("m", &json!({ "input_cost_per_token": 3e-06 })).unwrap_err().contains("output_cost_per_token"));
        let negative = json!({ "input_cost_per_token": -1.0, "output_cost_per_token": 1.0 });
        assert!(price("m", &negative).unwrap_err().contains("input"));
    }
}
