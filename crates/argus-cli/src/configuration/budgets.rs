//! `[[budgets]]` of `config.toml`: each is read by itself, so that a mistake in one takes neither the others nor the server
//! down; and changed by name, so that comments and order stay.

use std::path::Path;

use argus_model::budget::DEFAULT_STEPS;
use argus_model::{Budget, BudgetPeriod, BudgetScope, PicoUsd};
use serde::Deserialize;
use serde_json::Value;
use toml_edit::{ArrayOfTables, DocumentMut, Item, Table};

use super::edit::as_toml;
use super::file::expand;
use crate::output::visible;

/// One of them as it is written.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    #[serde(default)]
    scope: Word<Scope>,
    selector: Option<String>,
    period: Word<Period>,
    amount_usd: Decimal,
    warn_percent: Option<Vec<u32>>,
    forecast: Option<bool>,
    stop: Option<bool>,
}

type Scope = BudgetScope;
type Period = BudgetPeriod;

/// A word of a list.
#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
#[serde(bound = "T: Spelled")]
struct Word<T: Spelled>(T);

trait Spelled: Sized {
    const WORDS: &'static str;
    fn parse(text: &str) -> Option<Self>;
}

impl Spelled for BudgetScope {
    const WORDS: &'static str = "scope is one of all, project, branch, model, session, agent";
    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl Spelled for BudgetPeriod {
    const WORDS: &'static str = "period is one of session, day, week, month";
    fn parse(text: &str) -> Option<Self> {
        Self::parse(text)
    }
}

impl<T: Spelled> TryFrom<String> for Word<T> {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        T::parse(&text).map(Self).ok_or(T::WORDS)
    }
}

impl Default for Word<BudgetScope> {
    fn default() -> Self {
        Self(BudgetScope::All)
    }
}

/// Dollars as they are written, to the last digit.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(try_from = "toml::Value")]
struct Decimal(PicoUsd);

impl TryFrom<toml::Value> for Decimal {
    type Error = &'static str;

    fn try_from(value: toml::Value) -> Result<Self, Self::Error> {
        let text = match value {
            toml::Value::String(text) => text,
            toml::Value::Integer(whole) => whole.to_string(),
            // The shortest text that means this number: what was written, as far as numbers go.
            toml::Value::Float(number) => number.to_string(),
            _ => return Err("amount_usd is a number of dollars"),
        };
        parse_decimal(&text).map(Self).ok_or("amount_usd is a number of dollars with at most twelve places")
    }
}

fn parse_decimal(text: &str) -> Option<PicoUsd> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(fraction) || fraction.len() > 12 {
        return None;
    }
    let whole: i64 = whole.parse().ok()?;
    let fraction: i64 = format!("{fraction:0<12}").parse().ok()?;
    Some(PicoUsd(whole.checked_mul(PicoUsd::DOLLAR)?.checked_add(fraction)?))
}

/// The budgets that hold, and why the others do not.
pub(super) fn read(
    text: &str,
    entries: &[toml::Spanned<toml::Value>],
    path: &Path,
    home: Option<&str>,
) -> (Vec<Budget>, Vec<String>) {
    let (mut budgets, mut problems) = (Vec::<Budget>::new(), Vec::new());
    for entry in entries {
        let line = text[..entry.span().start.min(text.len())].matches('\n').count() + 1;
        let mut told = |name: &str, why: &str| {
            let (path, name, why) = (path.display(), visible(name), visible(why));
            problems.push(format!("{path}, line {line}: budget {name} is left out: {why}; mend it there"));
        };
        let value = entry.get_ref();
        let name = value.get("name").and_then(toml::Value::as_str).unwrap_or("without a name");
        match budget_of(value.clone(), home) {
            Ok(budget) if budgets.iter().any(|other| other.name == budget.name) => {
                told(name, "there is another of this name above");
            }
            Ok(budget) => budgets.push(budget),
            Err(why) => told(name, &why),
        }
    }
    (budgets, problems)
}

fn budget_of(value: toml::Value, home: Option<&str>) -> Result<Budget, String> {
    let entry: Entry = value.try_into().map_err(|error: toml::de::Error| error.message().to_owned())?;
    let scope = entry.scope.0;
    let selector = entry.selector.map(|selector| match scope {
        BudgetScope::Project => expand(&selector, home).to_string_lossy().trim_end_matches('/').to_owned(),
        _ => selector,
    });
    let budget = Budget {
        name: entry.name,
        scope,
        selector,
        period: entry.period.0,
        amount: entry.amount_usd.0,
        steps: entry.warn_percent.unwrap_or_else(|| DEFAULT_STEPS.to_vec()),
        has_forecast: entry.forecast.unwrap_or(true),
        has_stop: entry.stop.unwrap_or(false),
    };
    budget.problem().map_or(Ok(budget), Err)
}

/// Makes the file's budgets these, by name: what is the same stays as it is written, what cannot be understood stays, too.
pub(super) fn edit(document: &mut DocumentMut, wanted: &Value) -> Result<(), String> {
    let wanted = match wanted {
        Value::Null => &[][..],
        Value::Array(wanted) => wanted,
        _ => return Err("budgets are a list".to_owned()),
    };
    let mut names = Vec::new();
    for budget in wanted {
        let as_read = as_table(budget).map(|table| toml_value(&table)).transpose()?;
        let checked = as_read.ok_or("a budget is an object")?;
        let budget = budget_of(checked, None)?;
        if names.contains(&budget.name) {
            return Err(format!("two budgets are named {}", budget.name));
        }
        names.push(budget.name);
    }
    if !document.contains_key("budgets") {
        document.insert("budgets", Item::ArrayOfTables(ArrayOfTables::new()));
    }
    // Written as a list in one line, they are written anew, one below the other.
    if let Some(list) = document["budgets"].as_array().cloned() {
        let tables = list.into_iter().filter_map(|value| Item::Value(value).into_table().ok());
        document["budgets"] = Item::ArrayOfTables(tables.collect());
    }
    let Some(tables) = document["budgets"].as_array_of_tables_mut() else {
        return Err("budgets are a list".to_owned());
    };
    tables.retain(|table| {
        let name = table.get("name").and_then(Item::as_str).unwrap_or_default();
        names.iter().any(|wanted| wanted == name)
            || toml_value(table).map_or(true, |value| budget_of(value, None).is_err())
    });
    for (name, budget) in names.iter().zip(wanted) {
        let Some(new) = as_table(budget) else { continue };
        let known = tables.iter_mut().find(|table| table.get("name").and_then(Item::as_str) == Some(name));
        match known {
            Some(table) => adapt(table, &new),
            None => tables.push(new),
        }
    }
    if tables.is_empty() {
        document.remove("budgets");
    }
    Ok(())
}

/// Changes the values that differ; what stands around them stays.
fn adapt(table: &mut Table, new: &Table) {
    let is_same = |old: &Item, new: &Item| {
        let plain = |item: &Item| toml_item(item).ok();
        let amount = |item: &Item| toml_item(item).ok().and_then(|value| Decimal::try_from(value).ok()).map(|it| it.0);
        plain(old) == plain(new) || amount(old).is_some() && amount(old) == amount(new)
    };
    let gone: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).filter(|key| !new.contains_key(key)).collect();
    for key in gone {
        table.remove(&key);
    }
    for (key, item) in new {
        match table.get_mut(key) {
            Some(old) if is_same(old, item) => {}
            Some(old) => match (old.as_value_mut(), item.as_value()) {
                (Some(old), Some(value)) => {
                    let decor = old.decor().clone();
                    *old = value.clone();
                    *old.decor_mut() = decor;
                }
                _ => *old = item.clone(),
            },
            None => {
                table.insert(key, item.clone());
            }
        }
    }
}

/// A budget of the page as it stands in the file; what is not said is left out.
fn as_table(budget: &Value) -> Option<Table> {
    let mut table = Table::new();
    for (key, value) in budget.as_object()? {
        if !value.is_null() {
            table.insert(key, Item::Value(as_toml(value)?));
        }
    }
    table.decor_mut().set_prefix("\n");
    Some(table)
}

fn toml_value(table: &Table) -> Result<toml::Value, String> {
    toml::from_str::<toml::Value>(&table.to_string()).map_err(|error| error.message().to_owned())
}

fn toml_item(item: &Item) -> Result<toml::Value, String> {
    let text = format!("x = {}", item.to_string().trim());
    let table: toml::Table = toml::from_str(&text).map_err(|error| error.message().to_owned())?;
    table.get("x").cloned().ok_or_else(String::new)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::file::File;
    use super::*;

    fn both(text: &str) -> (Vec<Budget>, Vec<String>) {
        read(text, &File::parse(text).unwrap().budgets, Path::new("/d/config.toml"), Some("/home/me"))
    }

    const GOOD: &str = "[[budgets]]\nname = 'all'\nperiod = 'day'\namount_usd = 0.1\n";

    #[test]
    fn a_wrong_budget_is_named_with_its_line_and_the_others_hold() {
        for (wrong, why) in [
            ("name = 'x'\nperiod = 'year'\namount_usd = 1\n", "one of session, day, week, month"),
            ("name = 'x'\nperiod = 'day'\namount_usd = -1\n", "amount_usd"),
            ("name = 'x'\nperiod = 'day'\namount_usd = 'much'\n", "amount_usd"),
            ("name = 'x'\nperiod = 'day'\n", "amount_usd"),
            ("name = 'x'\nperiod = 'day'\namount_usd = 1\nwarn = 3\n", "warn"),
            ("name = 'x'\nperiod = 'day'\namount_usd = 1\nwarn_percent = [90, 10]\n", "rising"),
            ("name = 'all'\nperiod = 'day'\namount_usd = 1\n", "another of this name"),
            ("name = 'x~y'\nperiod = 'day'\namount_usd = 1\n", "letters"),
        ] {
            let (budgets, problems) = both(&format!("{GOOD}\n[[budgets]]\n{wrong}"));
            assert_eq!((budgets.len(), problems.len()), (1, 1), "{problems:?}");
            assert!(problems[0].contains("line 6") && problems[0].contains(why), "{}", problems[0]);
        }
        assert_eq!(both("budgets = [3]").1.len(), 1);
    }

    #[test]
    fn an_amount_is_what_was_written_to_the_last_digit() {
        for (text, pico) in [
            ("0.1", 100_000_000_000),
            ("123456.78", 123_456_780_000_000_000),
            ("'0.000000000001'", 1),
            ("25", 25 * PicoUsd::DOLLAR),
            ("999999.999999", 999_999_999_999_000_000),
        ] {
            let (budgets, problems) = both(&GOOD.replace("0.1", text));
            assert_eq!((problems.len(), budgets[0].amount), (0, PicoUsd(pico)), "{text} {problems:?}");
        }
    }

    #[test]
    fn a_project_may_begin_at_home_and_steps_are_as_usual_when_nothing_is_said() {
        let (budgets, _) = both(&format!("{GOOD}scope = 'project'\nselector = '~/work/shop'\n"));
        assert_eq!(budgets[0].selector.as_deref(), Some("/home/me/work/shop"));
        assert_eq!((&budgets[0].steps[..], budgets[0].has_forecast), (&DEFAULT_STEPS[..], true));
    }

    #[test]
    fn what_is_changed_by_name_keeps_comments_order_and_what_cannot_be_understood() {
        let before = "# mine\n[[budgets]] # first\nname = 'a' # it\nperiod = 'day'\namount_usd = 1.0 # dear\n\n\
                      # odd\n[[budgets]]\nname = 'odd'\nperiod = 'year'\n\n[[budgets]]\nname = 'gone'\nperiod = 'day'\namount_usd = 2\n";
        let mut document: DocumentMut = before.parse().unwrap();
        let a = json!({ "name": "a", "period": "day", "amount_usd": 2.5 });
        let new = json!({ "name": "b", "scope": "model", "selector": "*opus*", "period": "week", "amount_usd": 3, "warn_percent": [90] });
        edit(&mut document, &json!([a, new])).unwrap();
        let after = document.to_string();
        assert!(after.starts_with("# mine\n[[budgets]] # first\nname = 'a' # it\nperiod = 'day'\namount_usd = 2.5 # dear\n\n# odd\n[[budgets]]\nname = 'odd'"), "{after}");
        let (budgets, problems) = both(&after);
        assert_eq!((budgets.len(), problems.len(), after.contains("gone")), (2, 1, false), "{after}");
        let again = json!([{ "name": "a", "period": "day", "amount_usd": 2.5 }, { "name": "b", "scope": "model",
            "selector": "*opus*", "period": "week", "amount_usd": 3.0, "warn_percent": [90] }]);
        edit(&mut document, &again).unwrap();
        assert_eq!(document.to_string(), after, "the same again changes nothing");
        edit(&mut document, &Value::Null).unwrap();
        assert_eq!(both(&document.to_string()).0, []);
        for wrong in [json!(3), json!([3]), json!([{ "name": "x" }]), json!([a, a])] {
            assert!(edit(&mut document, &wrong).is_err(), "{wrong}");
        }
    }
}
