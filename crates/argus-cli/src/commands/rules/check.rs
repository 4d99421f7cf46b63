//! `argus rules check FILE`: what is wrong with a rules file, with line, column and a hint.

use std::path::Path;

use serde_json::json;

use super::super::Format;
use crate::configuration::rules::{parse, place};
use crate::failure::{Done, Explain, Failure};
use crate::output::{print_answer, print_json, visible};

/// Checks a file.
pub(super) fn run(file: &Path, format: Format) -> Done {
    let text = std::fs::read_to_string(file)
        .while_doing("cannot read the rules file")
        .or_hint("give the path of a rules.toml")?;
    let (book, problems) = parse(&text);
    match format {
        Format::Json => {
            let problems: Vec<_> = problems
                .iter()
                .map(|problem| {
                    let (line, column) = place(&text, problem.at);
                    json!({ "line": line, "column": column, "message": problem.message, "hint": problem.hint })
                })
                .collect();
            print_json(&json!({ "is_valid": problems.is_empty(), "problems": problems }))?;
        }
        Format::Text if problems.is_empty() => print_answer(&format!(
            "The rules file is sound: {} tuned, {} excepted, {} of your own.\n",
            book.tuned.len(),
            book.exceptions.len(),
            book.own.len()
        ))?,
        Format::Text => {
            let mut out = String::new();
            for problem in &problems {
                let (line, column) = place(&text, problem.at);
                let (message, hint) = (visible(&problem.message), visible(&problem.hint));
                out.push_str(&format!("{line}:{column}: {message}\n    hint: {hint}\n"));
            }
            print_answer(&out)?;
        }
    }
    match problems.len() {
        0 => Ok(()),
        1 => Err(Failure::new("one thing in the rules file is wrong; that entry is left out, the others hold")),
        count => Err(Failure::new(format!(
            "{count} things in the rules file are wrong; those entries are left out, the others hold"
        ))),
    }
}
