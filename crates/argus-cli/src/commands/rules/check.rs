//! `argus rules check FILE`: what is wrong with a rules file, with line, column and a hint.
//!
//! A rules file tunes the catalogue: `[rule."fs.write-outside"]` with `enabled` and `severity`. Every problem is told, not
//! just the first.

use std::path::Path;

use argus_model::Severity;
use argus_rules::{catalogue, nearest_rule, rule};
use serde_json::json;
use toml::de::{DeTable, DeValue};

use super::super::Format;
use crate::failure::{Done, Explain, Failure};
use crate::output::{print_answer, print_json, visible};

/// Something wrong in the file.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    at: usize,
    message: String,
    hint: String,
}

/// Checks a file.
pub(super) fn run(file: &Path, format: Format) -> Done {
    let text = std::fs::read_to_string(file)
        .while_doing("cannot read the rules file")
        .or_hint("give the path of a rules.toml")?;
    let problems = check(&text);
    let place = |at: usize| {
        let before = &text[..text.floor_char_boundary(at)];
        let column = before.rsplit('\n').next().map_or(0, |line| line.chars().count()) + 1;
        (before.matches('\n').count() + 1, column)
    };
    match format {
        Format::Json => {
            let problems: Vec<_> = problems
                .iter()
                .map(|problem| {
                    let (line, column) = place(problem.at);
                    json!({ "line": line, "column": column, "message": problem.message, "hint": problem.hint })
                })
                .collect();
            print_json(&json!({ "is_valid": problems.is_empty(), "problems": problems }))?;
        }
        Format::Text if problems.is_empty() => print_answer("The rules file is sound.\n")?,
        Format::Text => {
            let mut out = String::new();
            for problem in &problems {
                let (line, column) = place(problem.at);
                let (message, hint) = (visible(&problem.message), visible(&problem.hint));
                out.push_str(&format!("{line}:{column}: {message}\n    hint: {hint}\n"));
            }
            print_answer(&out)?;
        }
    }
    match problems.len() {
        0 => Ok(()),
        1 => Err(Failure::new("one thing in the rules file is wrong")),
        count => Err(Failure::new(format!("{count} things in the rules file are wrong"))),
    }
}

/// All that is wrong, from the top.
fn check(text: &str) -> Vec<Problem> {
    let table = match DeTable::parse(text) {
        Ok(table) => table,
        Err(error) => {
            let at = error.span().map_or(0, |span| span.start);
            return vec![Problem { at, message: error.message().to_owned(), hint: "the file is no TOML".into() }];
        }
    };
    let mut problems = Vec::new();
    for (key, value) in table.get_ref() {
        let at = key.span().start;
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("rule", DeValue::Table(rules)) => rules.iter().for_each(|(id, settings)| {
                check_rule(id.get_ref(), id.span().start, settings.get_ref(), &mut problems);
            }),
            (name, _) => problems.push(Problem {
                at,
                message: format!("{name} is nothing that a rules file says"),
                hint: "write `[rule.\"fs.write-outside\"]`, with the id in quotes".into(),
            }),
        }
    }
    problems.sort_by_key(|problem| problem.at);
    problems
}

fn check_rule(id: &str, at: usize, settings: &DeValue<'_>, problems: &mut Vec<Problem>) {
    let mut report = |at, message: String, hint: String| problems.push(Problem { at, message, hint });
    if rule(id).is_none() {
        let is_family = catalogue().iter().any(|rule| rule.family() == id);
        let hint = match nearest_rule(id) {
            _ if is_family => format!("put the whole id in quotes: `[rule.\"{id}.…\"]`"),
            Some(near) => format!("did you mean {}?", near.id),
            None => "`argus rules list` lists them".to_owned(),
        };
        return report(at, format!("no rule is called {id}"), hint);
    }
    let DeValue::Table(settings) = settings else {
        return report(at, format!("{id} must be a table"), format!("write `[rule.\"{id}\"]`"));
    };
    for (key, value) in settings {
        match (key.get_ref().as_ref(), value.get_ref()) {
            ("enabled", DeValue::Boolean(_)) => {}
            ("enabled", _) => {
                report(value.span().start, "enabled must be true or false".into(), "without quotes".into());
            }
            ("severity", DeValue::String(text)) if Severity::parse(text).is_some() => {}
            ("severity", _) => {
                let all: Vec<_> = Severity::ALL.iter().map(|severity| severity.as_str()).collect();
                report(value.span().start, "no such severity".into(), format!("one of {}", all.join(", ")));
            }
            (name, _) => report(
                key.span().start,
                format!("{name} is nothing that can be set for a rule"),
                "`enabled` and `severity` can be".into(),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Vec<(usize, String)> {
        check(text).into_iter().map(|problem| (problem.at, format!("{} / {}", problem.message, problem.hint))).collect()
    }

    #[test]
    fn a_sound_file_has_no_problem() {
        assert_eq!(
            said("[rule.\"fs.write-outside\"]\nenabled = false\n[rule.\"priv.sudo\"]\nseverity = \"low\"\n"),
            []
        );
        assert_eq!(said(""), []);
    }

    #[test]
    fn every_problem_is_told_where_it_stands() {
        let found = said("[rule.\"fs.rmrf\"]\n[rule.\"priv.sudo\"]\nseverity = \"bad\"\nenabled = 1\nx = 2\n[rules]\n");
        assert_eq!(found[0], (6, "no rule is called fs.rmrf / did you mean fs.rm-rf?".to_owned()));
        assert_eq!(found.len(), 5);
        assert!(found[1].1.contains("one of info, low, medium, high, critical"));
    }

    #[test]
    fn an_id_without_quotes_is_explained() {
        assert!(said("[rule.fs.write-outside]\nenabled = false\n")[0].1.contains("in quotes"));
        assert!(said("[rule")[0].1.contains("no TOML"));
    }
}
