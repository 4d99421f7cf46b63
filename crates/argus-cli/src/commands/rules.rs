//! `argus rules`: the catalogue, a check of a rules file, and judging calls that come as lines. None needs a database.

mod check;
mod eval;

use argus_rules::{CATALOGUE_VERSION, Rule, catalogue, nearest_rule, rule};
use serde_json::{Value, json};

use super::Format;
use crate::cli::RulesCommand;
use crate::failure::{Done, Failure};
use crate::output::{Align, Screen, Style, Table, print_answer, print_json, visible};

/// Does what was asked about rules.
pub(super) fn run(command: &RulesCommand, format: Format) -> Done {
    match command {
        RulesCommand::List => list(format),
        RulesCommand::Show(arguments) => show(&arguments.id, format),
        RulesCommand::Check(arguments) => check::run(&arguments.file, format),
        RulesCommand::Eval(arguments) => eval::run(arguments),
    }
}

fn list(format: Format) -> Done {
    if format == Format::Json {
        let rules: Vec<Value> = catalogue().iter().map(record).collect();
        return print_json(&json!({ "catalogue_version": CATALOGUE_VERSION, "rules": rules }));
    }
    let mut table = Table::new(&[
        ("RULE", Align::Left),
        ("SEVERITY", Align::Left),
        ("ACT", Align::Left),
        ("TITLE", Align::Flexible),
    ]);
    for rule in catalogue() {
        table.push([rule.id.into(), rule.severity.as_str().into(), rule.act.as_str().into(), rule.title.into()]);
    }
    print_answer(&table.render(Screen::of_stdout()))
}

fn show(id: &str, format: Format) -> Done {
    let Some(rule) = rule(id) else {
        let failure = Failure::new(format!("no rule is called {}", visible(id)));
        return Err(match nearest_rule(id) {
            Some(near) => failure.hint(format!("did you mean {}?", near.id)),
            None => failure.hint("`argus rules list` lists them"),
        });
    };
    if format == Format::Json {
        return print_json(&record(rule));
    }
    let screen = Screen::of_stdout();
    let attack =
        if rule.attack.is_empty() { String::new() } else { format!("ATT&CK     {}\n", rule.attack.join(", ")) };
    print_answer(&format!(
        "{}\n{}\n\nSeverity   {}\nBlocking   {}\n{attack}Version    {}\n\nWhy\n  {}\n\nWhat to do\n  {}\n",
        screen.paint(rule.id, Style::Bold),
        rule.title,
        rule.severity,
        rule.act.as_str(),
        rule.version,
        rule.why,
        rule.advice
    ))
}

fn record(rule: &Rule) -> Value {
    json!({
        "rule": rule.id,
        "family": rule.family(),
        "severity": rule.severity.as_str(),
        "act": rule.act.as_str(),
        "attack": rule.attack,
        "title": rule.title,
        "why": rule.why,
        "advice": rule.advice,
        "version": rule.version,
    })
}
