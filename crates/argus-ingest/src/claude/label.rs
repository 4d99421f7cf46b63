//! Short, masked lines for lists: what a tool was asked to do, how a prompt begins.

use serde_json::Value;

use super::input::ToolInput;
use crate::redact::Redactor;

/// Longest label in characters.
const LONGEST: usize = 160;
/// Masking looks at this much of a text, so that a secret is seen whole before the label is cut.
const WINDOW_BYTES: usize = 4096;
/// Inputs beyond this are not opened for a label.
const LARGEST_INPUT: usize = 256 * 1024;

/// The fields that say best what a call does, in order of preference.
const TELLING: [&str; 15] = [
    "command",
    "file_path",
    "notebook_path",
    "pattern",
    "description",
    "url",
    "query",
    "skill",
    "subject",
    "path",
    "task_id",
    "taskId",
    "prompt",
    "message",
    "plan",
];

/// The first line or so of a text, masked.
pub(crate) fn of_text(text: &str, redactor: &Redactor) -> Option<String> {
    let text = text.trim_start();
    let end = (0..=WINDOW_BYTES.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    let masked = redactor.redact(&text[..end]);
    let mut rest = masked.chars();
    rest.nth(LONGEST - 1);
    let mut label = masked[..masked.len() - rest.as_str().len()].replace(char::is_whitespace, " ");
    label.truncate(label.trim_end().len());
    (!label.is_empty()).then_some(label)
}

/// What a tool call does, in a line.
pub(crate) fn of_input(tool_name: &str, input: Option<&ToolInput<'_>>, redactor: &Redactor) -> Option<String> {
    let input = input?;
    let raw = input.raw();
    if raw.len() > LARGEST_INPUT {
        return of_text(&raw[..raw.char_indices().nth(WINDOW_BYTES)?.0], redactor);
    }
    let Some(Value::Object(fields)) = input.value() else { return of_text(raw, redactor) };
    if fields.is_empty() {
        return None;
    }
    let preferred = if tool_name == "Agent" || tool_name == "Task" { "description" } else { TELLING[0] };
    let telling = std::iter::once(preferred).chain(TELLING).find_map(|name| fields.get(name)?.as_str());
    match telling {
        Some(text) => of_text(text, redactor),
        None => of_text(raw, redactor),
    }
}

/// How a prompt begins; a slash command as it was typed.
pub(crate) fn of_prompt(text: &str, redactor: &Redactor) -> Option<String> {
    if let Some(name) = between(text, "<command-name>", "</command-name>") {
        let arguments = between(text, "<command-args>", "</command-args>").unwrap_or_default();
        return of_text(&format!("{name} {arguments}"), redactor);
    }
    of_text(text, redactor)
}

/// The text between two marks.
pub(crate) fn between<'a>(text: &'a str, before: &str, after: &str) -> Option<&'a str> {
    let (_, rest) = text.split_once(before)?;
    rest.split_once(after).map(|(inner, _)| inner.trim())
}
