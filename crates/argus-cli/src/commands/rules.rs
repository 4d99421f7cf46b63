//! `argus rules`: the rules as the person wants them, a check of their file, and judging calls that come as lines, or
//! that are stored. Only the last needs a database.

mod backtest;
mod check;
mod eval;

use argus_api::dto::Rule;
use argus_rules::{CATALOGUE_VERSION, Rulebook, nearest_rule};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::Format;
use crate::cli::{Global, RulesCommand};
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{Align, Screen, Style, Table, print_answer, print_json, render_time, tell, visible};

/// Does what was asked about rules.
pub(super) fn run(global: &Global, command: &RulesCommand, format: Format) -> Done {
    match command {
        RulesCommand::List => list(&book(global)?, format),
        RulesCommand::Show(arguments) => show(&book(global)?, &arguments.id, format),
        RulesCommand::Check(arguments) => check::run(&arguments.file, format),
        RulesCommand::Eval(arguments) => eval::run(arguments),
        RulesCommand::Schema => print_answer(&crate::configuration::rules_schema()),
        RulesCommand::Backtest(arguments) => backtest::run(&Configuration::load(global)?, arguments, format),
    }
}

/// The catalogue with the person's own word on it. What of that does not hold is told.
fn book(global: &Global) -> Done<Rulebook> {
    let configuration = Configuration::load(global)?;
    configuration.rule_problems.iter().for_each(|problem| tell(&format!("Warning: {problem}")));
    Ok((*configuration.settings.rules.book).clone())
}

fn list(book: &Rulebook, format: Format) -> Done {
    if format == Format::Json {
        let rules: Vec<Value> = Rule::all(book).map(|rule| record(&rule)).collect();
        return print_json(&json!({ "catalogue_version": CATALOGUE_VERSION, "rules": rules }));
    }
    let mut table = Table::new(&[
        ("RULE", Align::Left),
        ("SEVERITY", Align::Left),
        ("ACT", Align::Left),
        ("YOURS", Align::Left),
        ("TITLE", Align::Flexible),
    ]);
    for rule in Rule::all(book) {
        let yours = match (rule.is_enabled, rule.origin.as_str(), rule.exceptions.len()) {
            (false, ..) => "off",
            (true, "catalogue", 0) => "",
            (true, "catalogue", _) => "excepted",
            (true, origin, _) => origin,
        };
        let severity = argus_model::Severity::from(rule.severity).as_str();
        table.push([
            rule.rule.as_str().into(),
            severity.into(),
            rule.act.as_str().into(),
            yours.into(),
            visible(&rule.title).as_ref().into(),
        ]);
    }
    print_answer(&table.render(Screen::of_stdout()))
}

fn show(book: &Rulebook, id: &str, format: Format) -> Done {
    let Some(rule) = Rule::find(id, book) else {
        let failure = Failure::new(format!("no rule is called {}", visible(id)));
        return Err(match nearest_rule(id) {
            Some(near) => failure.hint(format!("did you mean {}?", near.id)),
            None => failure.hint("`argus rules list` lists them"),
        });
    };
    if format == Format::Json {
        return print_json(&record(&rule));
    }
    let screen = Screen::of_stdout();
    let line = |name: &str, value: &str| match value {
        "" => String::new(),
        value => format!("{name:<11}{}\n", visible(value)),
    };
    let version = rule.version.map(|version| version.to_string()).unwrap_or_default();
    let severity = argus_model::Severity::from(rule.severity).as_str();
    let mut text = format!(
        "{}\n{}\n\n{}{}{}{}{}",
        screen.paint(&visible(&rule.rule), Style::Bold),
        visible(&rule.title),
        line("Severity", severity),
        line("Blocking", &rule.act),
        line("ATT&CK", &rule.attack.join(", ")),
        line("Version", &version),
        line("Yours", if rule.is_enabled { if rule.origin == "catalogue" { "" } else { &rule.origin } } else { "off" }),
    );
    for exception in &rule.exceptions {
        let until = render_time(exception.until.map(|until| until.0), &TimeZone::UTC);
        let said = format!("{} ({}, until {until} UTC)", exception.fits.join(", "), exception.reason);
        text.push_str(&line("Except", &said));
    }
    text.push_str(&format!("\nWhy\n  {}\n", visible(&rule.why)));
    if !rule.advice.is_empty() {
        text.push_str(&format!("\nWhat to do\n  {}\n", visible(&rule.advice)));
    }
    print_answer(&text)
}

fn record(rule: &Rule) -> Value {
    json!({
        "rule": rule.rule,
        "family": rule.family,
        "severity": rule.severity,
        "act": rule.act,
        "attack": rule.attack,
        "title": rule.title,
        "why": rule.why,
        "advice": rule.advice,
        "version": rule.version,
        "is_enabled": rule.is_enabled,
        "origin": rule.origin,
        "exceptions": rule.exceptions,
    })
}
