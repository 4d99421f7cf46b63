//! `prices.toml`: what the person pays where that is not the list price. Each entry is read by itself, so that a mistake in
//! one takes neither the others nor the server down; and entries are added in the person's own text.

use std::fs;
use std::io;
use std::path::Path;

use argus_ingest::pricing::{Factor, OwnPrice, OwnPrices, OwnRates, OwnTerms};
use jiff::civil::Date;
use serde::Deserialize;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use crate::output::visible;

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    price: Vec<toml::Spanned<toml::Value>>,
}

/// One entry as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    model: String,
    from: Option<Day>,
    to: Option<Day>,
    multiplier: Option<Decimal>,
    input: Option<Decimal>,
    output: Option<Decimal>,
    cache_write_5m: Option<Decimal>,
    cache_write_1h: Option<Decimal>,
    cache_read: Option<Decimal>,
    source: Option<String>,
}

/// A number as it is written.
#[derive(Debug, Deserialize)]
#[serde(try_from = "toml::Value")]
struct Decimal(String);

impl TryFrom<toml::Value> for Decimal {
    type Error = &'static str;

    fn try_from(value: toml::Value) -> Result<Self, Self::Error> {
        match value {
            toml::Value::String(text) => Ok(Self(text)),
            toml::Value::Integer(whole) => Ok(Self(whole.to_string())),
            // The shortest text that means this number: what was written, as far as numbers go.
            toml::Value::Float(number) => Ok(Self(number.to_string())),
            _ => Err("prices are numbers"),
        }
    }
}

/// A day, with or without quotes.
#[derive(Debug, Deserialize)]
#[serde(try_from = "toml::Value")]
struct Day(Date);

impl TryFrom<toml::Value> for Day {
    type Error = &'static str;

    fn try_from(value: toml::Value) -> Result<Self, Self::Error> {
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Datetime(day) => day.to_string(),
            _ => String::new(),
        };
        text.parse().map(Self).map_err(|_| "from and to are days such as 2026-08-01")
    }
}

/// The prices that hold, and why the others do not. Without the file there are none.
pub(super) fn read(path: &Path) -> (OwnPrices, Vec<String>) {
    match fs::read_to_string(path) {
        Ok(text) => parse(&text, path),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Default::default(),
        Err(error) => {
            (OwnPrices::default(), vec![format!("{} cannot be read: {error}; list prices hold", path.display())])
        }
    }
}

/// The same, of a text.
pub(crate) fn parse(text: &str, path: &Path) -> (OwnPrices, Vec<String>) {
    let line_of = |at: usize| text[..at.min(text.len())].matches('\n').count() + 1;
    let file: File = match toml::from_str(text) {
        Ok(file) => file,
        Err(error) => {
            let line = line_of(error.span().map_or(0, |span| span.start));
            let message = visible(error.message());
            return (
                OwnPrices::default(),
                vec![format!("{}, line {line}: {message}; until that is mended list prices hold", path.display())],
            );
        }
    };
    let (mut prices, mut problems) = (OwnPrices::default(), Vec::new());
    for entry in &file.price {
        let value = entry.get_ref();
        if let Err(why) = price_of(value.clone()).and_then(|price| prices.add(price)) {
            let model = value.get("model").and_then(toml::Value::as_str).unwrap_or("without a model");
            problems.push(format!(
                "{}, line {}: the price of {} is left out: {}; mend it there",
                path.display(),
                line_of(entry.span().start),
                visible(model),
                visible(&why)
            ));
        }
    }
    (prices, problems)
}

fn price_of(value: toml::Value) -> Result<OwnPrice, String> {
    let entry: Entry = value.try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
    if entry.model.is_empty() {
        return Err("model is empty; `*` stands for every model".to_owned());
    }
    let terms = terms_of(&entry)?;
    if entry.model == "*" && matches!(terms, OwnTerms::Rates(_)) {
        return Err("no rate is right for every model; `*` takes a multiplier".to_owned());
    }
    let day = |day: Option<Day>| day.map(|day| day.0);
    Ok(OwnPrice { from: day(entry.from), to: day(entry.to), model: entry.model, terms, source: entry.source })
}

fn terms_of(entry: &Entry) -> Result<OwnTerms, String> {
    fn text(number: &Option<Decimal>) -> Option<&str> {
        number.as_ref().map(|number| number.0.as_str())
    }
    let cache = [text(&entry.cache_write_5m), text(&entry.cache_write_1h), text(&entry.cache_read)];
    match (&entry.multiplier, text(&entry.input), text(&entry.output)) {
        (Some(factor), None, None) if cache == [None; 3] => Factor::parse(&factor.0)
            .map(OwnTerms::Multiplier)
            .ok_or_else(|| "multiplier is a number above 0 with at most three places, such as 0.85".to_owned()),
        (Some(_), ..) => Err("it has a multiplier of the list price and rates as well; give one of both".to_owned()),
        (None, Some(input), Some(output)) => {
            OwnRates::parse(input, output, cache).map(OwnTerms::Rates).map_err(|name| {
                format!("{name} is a number of dollars per million tokens with at most six places, such as 3.75")
            })
        }
        (None, ..) => Err("input and output are missing, or else a multiplier of the list price".to_owned()),
    }
}

/// The text with more entries at its end; why it cannot be done otherwise.
pub(crate) fn add_entries(text: &str, entries: &[OwnPrice], path: &Path) -> Result<String, String> {
    let mut document: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| format!("{}: {}", path.display(), visible(error.message())))?;
    let list = document.entry("price").or_insert(Item::ArrayOfTables(ArrayOfTables::new()));
    let Some(list) = list.as_array_of_tables_mut() else {
        return Err(format!("{}: `price` is no list of [[price]]", path.display()));
    };
    for entry in entries {
        let mut table = Table::new();
        table.insert("model", entry.model.as_str().into());
        for (name, day) in [("from", entry.from), ("to", entry.to)] {
            if let Some(day) = day {
                table.insert(name, day.to_string().into());
            }
        }
        match entry.terms {
            OwnTerms::Multiplier(factor) => table.insert("multiplier", factor.to_string().into()),
            OwnTerms::Rates(rates) => {
                for (name, rate) in rates.texts() {
                    if let Some(rate) = rate {
                        table.insert(name, rate.into());
                    }
                }
                None
            }
        };
        if let Some(source) = &entry.source {
            table.insert("source", source.as_str().into());
        }
        list.push(table);
    }
    let after = document.to_string();
    match parse(&after, path).1.first() {
        // What was wrong before stays the person's to mend.
        Some(problem) if parse(text, path).1.first() != Some(problem) => Err(problem.clone()),
        _ => Ok(after),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATH: &str = "prices.toml";

    fn problems(text: &str) -> Vec<String> {
        parse(text, Path::new(PATH)).1
    }

    #[test]
    fn a_wrong_entry_is_named_with_its_line_and_takes_no_other_along() {
        let good = "# mine\n[[price]]\nmodel = 'm'\ninput = 3\noutput = 15.5\ncache_read = '0.30'\n";
        let (prices, none) = parse(good, Path::new(PATH));
        assert_eq!((prices.list().len(), none), (1, Vec::new()));
        for (entry, why) in [
            ("model = 'n'", "input and output are missing"),
            ("model = 'n'\ninput = 1", "input and output are missing"),
            ("model = 'n'\ninput = -1\noutput = 1", "input is a number"),
            ("model = 'n'\ninput = 1\noutput = 1e-9", "output is a number"),
            ("model = 'n'\ninput = 1\noutput = true", "prices are numbers"),
            ("model = 'n'\ninput = 1\noutput = 1\nmultiplier = 2", "one of both"),
            ("model = 'n'\nmultiplier = 0", "multiplier is a number above 0"),
            ("model = '*'\ninput = 1\noutput = 1", "takes a multiplier"),
            ("model = ''\nmultiplier = 1", "model is empty"),
            ("model = 'n'\nmultiplier = 1\nfrom = 'soon'", "days such as"),
            ("model = 'n'\nmultiplier = 1\nfrom = 2026-08-02\nto = 2026-08-01", "is before its first day"),
            ("model = 'm'\nmultiplier = 1\nfrom = 2026-08-02", "some of these days"),
            ("model = 'n'\nprice = 1", "unknown field"),
        ] {
            let text = format!("{good}\n[[price]]\n{entry}\n");
            let (prices, problems) = parse(&text, Path::new(PATH));
            assert_eq!(prices.list().len(), 1, "{entry}");
            let [problem] = &problems[..] else { panic!("{entry}: {problems:?}") };
            assert!(problem.starts_with("prices.toml, line 8:") && problem.contains(why), "{entry}: {problem}");
        }
        assert!(problems("[[price]\n")[0].contains("line 1"));
        assert!(problems("cost = 1\n")[0].contains("list prices hold"));
    }

    #[test]
    fn entries_are_added_to_the_persons_own_text() {
        let before = "# what we pay\n[[price]] # contract\nmodel = 'm'\nmultiplier = 0.85\n";
        let (mut more, _) = parse("[[price]]\nmodel = 'n'\ninput = 0.1\noutput = 2\nsource = 'x'", Path::new(PATH));
        let after = add_entries(before, more.list(), Path::new(PATH)).unwrap();
        assert!(after.starts_with(before), "{after}");
        let (read, problems) = parse(&after, Path::new(PATH));
        assert_eq!((read.list().len(), problems), (2, Vec::new()));
        assert_eq!(read.list()[1], more.list()[0]);
        more.add(read.list()[0].clone()).unwrap();
        assert!(add_entries(&after, more.list(), Path::new(PATH)).unwrap_err().contains("some of these days"));
    }
}
