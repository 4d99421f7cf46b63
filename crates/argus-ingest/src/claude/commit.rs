//! Commits that tool calls make: git says of each in a line of its own, `[branch hash] subject`.
//!
//! Any output may hold such a line, so it is one only where the call asked for a commit; both are facts of the call, and
//! whoever tells of either may come first.

use argus_model::{EventState, Evidence, First, Timestamp};
use serde_json::Value;

use super::input::ToolInput;
use super::label;
use crate::redact::Redactor;

/// Outputs beyond this are none of `git commit`.
const LARGEST_OUTPUT: usize = 64 * 1024;
/// Branch and hash are no longer.
const LONGEST_HEAD: usize = 300;

/// Notes whether a call asks for a commit.
pub(crate) fn note_input(event: &mut EventState, input: Option<&ToolInput<'_>>) {
    let Some(input) = input.filter(|input| input.raw().contains("commit")) else { return };
    let command = input.value().and_then(|input| input.get("command")).and_then(Value::as_str).unwrap_or_default();
    if command.split_once("git").is_some_and(|(_, rest)| rest.contains("commit")) {
        event.evidence = event.evidence.with(Evidence::ASKS_COMMIT);
    }
}

/// The commit that a call's output, in JSON, tells of: its hash and its subject, masked.
pub(crate) fn of_output(output: &str, redactor: &Redactor) -> Option<String> {
    find_line(output).and_then(|line| label::of_text(&line, redactor))
}

/// Notes the commit that telemetry tells of: its hash alone.
pub(crate) fn note_revision(event: &mut EventState, at: Timestamp, revision: &str) {
    if is_hash(revision) {
        event.evidence = event.evidence.with(Evidence::ASKS_COMMIT);
        event.commit_line.join(&First::of(1, at, revision.to_owned()));
    }
}

/// `HASH SUBJECT` of the last commit in an output.
fn find_line(output: &str) -> Option<String> {
    if output.len() > LARGEST_OUTPUT {
        return None;
    }
    output.match_indices('[').rev().find_map(|(at, _)| {
        let is_begin = output[..at].ends_with('"') || output[..at].ends_with("\\n");
        let (head, rest) =
            output[at + 1..].split_once(']').filter(|(head, _)| is_begin && head.len() < LONGEST_HEAD)?;
        let (branch, hash) = head.rsplit_once(' ')?;
        let subject = text_until_end(rest.strip_prefix(' ')?)?;
        (!branch.is_empty() && is_hash(hash)).then(|| format!("{hash} {subject}"))
    })
}

fn is_hash(word: &str) -> bool {
    (7..=64).contains(&word.len()) && word.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The text up to the end of its line, or of its JSON string.
fn text_until_end(rest: &str) -> Option<String> {
    let mut is_escaped = false;
    let end = rest.char_indices().find(|(_, c)| {
        let ends = *c == '"' && !is_escaped || *c == 'n' && is_escaped;
        is_escaped = *c == '\\' && !is_escaped;
        ends
    });
    let (end, last) = end?;
    let end = if last == 'n' { end - 1 } else { end };
    serde_json::from_str(&format!("\"{}\"", &rest[..end])).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_line_of_git_counts_and_other_brackets_do_not() {
        let found = |output: &str| find_line(&serde_json::to_string(output).unwrap());
        let said = |text: &str| Some(text.to_owned());
        assert_eq!(found("[main 1a2b3c4] Fix the \"door\"\n 1 file changed"), said("1a2b3c4 Fix the \"door\""));
        assert_eq!(found("ok\n[feature/x (root-commit) 1a2b3c4d] First\\n step"), said("1a2b3c4d First\\n step"));
        assert_eq!(found("[a 1111111] one\n[detached HEAD 2222222] two"), said("2222222 two"));
        let none = ["[main nothex1] x", "see [main 1a2b3c4] x", "[1a2b3c4] x", "[main 1a2b3c4]", "[ 1a2b3c4] x", "[["];
        none.iter().for_each(|output| assert_eq!(found(output), None, "{output}"));
        assert_eq!(find_line(r#"{"stdout":"[main 1a2b3c4] in an object","stderr":""}"#), said("1a2b3c4 in an object"));
    }

    #[test]
    fn a_call_asks_for_a_commit_by_its_command() {
        let asks = |input: &str| {
            let raw = serde_json::from_str::<Box<serde_json::value::RawValue>>(input).unwrap();
            let mut event = EventState::new("s".into(), "t".into(), argus_model::EventKind::ToolCall);
            note_input(&mut event, Some(&ToolInput::new(&raw)));
            event.evidence.has(Evidence::ASKS_COMMIT)
        };
        assert!(asks(r#"{"command":"cd a && git -C . commit -qm x"}"#));
        assert!(!asks(r#"{"command":"git push"}"#) && !asks(r#"{"file_path":"git commit"}"#));
        assert!(!asks(r#"{"command":"echo commit to git"}"#));
    }
}
