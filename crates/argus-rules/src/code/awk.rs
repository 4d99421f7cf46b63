//! awk: what it runs, and which files its `print` goes to. Texts that stand beside each other are one text.

use super::{Found, shorten};
use crate::Scope;
use crate::effect::{Kind, Proof, Target};
use crate::shell::{Context, Piece, Unknown, Word, decode};

use super::call::{group_end, string_end};

/// Most places that are looked at.
const MAX_PLACES: usize = 64;

/// What a program of awk does.
pub(super) fn effects(code: &str, context: &Context, scope: &Scope) -> Vec<Found> {
    let mut out = Vec::new();
    for (at, _) in code.match_indices("system(").take(MAX_PLACES) {
        let open = at + "system".len();
        let told = value(code, &code[open + 1..group_end(code, open)]);
        if told.prefix().is_empty() && !told.is_empty() {
            let reason = "Code runs what it is given, and nobody can tell what that is.".to_owned();
            out.push(Found::Effect(Kind::Known("exec.inline-danger", reason), shorten(code)));
        } else {
            out.push(Found::Shell(told.spell_out()));
        }
    }
    // `"date" | getline now`.
    for (at, _) in code.match_indices("getline").take(MAX_PLACES) {
        if let Some(before) = code[..at].trim_end().strip_suffix('|') {
            let from = before.rfind(['{', ';', '\n', '(']).map_or(0, |at| at + 1);
            out.extend(run(code, &before[from..]));
        }
    }
    for (at, _) in code.match_indices("print").take(MAX_PLACES) {
        let Some((operator, rest)) = redirected(&code[at..]) else { continue };
        match operator {
            '|' => out.extend(run(code, rest)),
            _ => {
                let file = text(rest);
                if !file.prefix().is_empty() && !file.prefix().starts_with("/dev/std") {
                    let target = Target::of(&file, context, scope, Proof::Likely);
                    out.push(Found::Effect(Kind::Write(target), shorten(code)));
                }
            }
        }
    }
    out
}

/// A command at the end of a pipe; a shell there runs what it is fed.
fn run(code: &str, told: &str) -> Option<Found> {
    let told = value(code, told);
    let program = told.prefix().trim();
    if matches!(program, "" | "sh" | "bash" | "zsh" | "/bin/sh" | "/bin/bash") {
        let reason = "Code runs what it is given, and nobody can tell what that is.".to_owned();
        return Some(Found::Effect(Kind::Known("exec.inline-danger", reason), shorten(code)));
    }
    Some(Found::Shell(told.spell_out()))
}

/// The text that an expression gives: itself, or what the name that it is was given.
fn value(code: &str, raw: &str) -> Word {
    let name = raw.trim();
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let given = |at: usize| {
        let is_whole = !code[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let given = code[at + name.len()..].trim_start().strip_prefix('=')?;
        (is_whole && !given.starts_with(['=', '~'])).then(|| text(&given[..end_of(given)]))
    };
    let named = || code.match_indices(name).take(MAX_PLACES).find_map(|(at, _)| given(at));
    is_name.then(named).flatten().unwrap_or_else(|| text(raw))
}

/// Where a `print` goes, and what stands there: `>` in brackets compares.
fn redirected(statement: &str) -> Option<(char, &str)> {
    let bytes = statement.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = string_end(statement, at),
            b'(' | b'[' => at = group_end(statement, at) + 1,
            b';' | b'}' | b'\n' => return None,
            operator @ (b'>' | b'|') => {
                let rest = statement[at..].trim_start_matches(['>', '|', '&', ' ']);
                return Some((char::from(operator), &rest[..end_of(rest)]));
            }
            _ => at += 1,
        }
    }
    None
}

fn end_of(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => at = string_end(text, at),
            b'(' => at = group_end(text, at) + 1,
            b';' | b'}' | b'\n' => return at,
            _ => at += 1,
        }
    }
    text.len()
}

/// Texts beside each other; what is no text is unknown.
fn text(raw: &str) -> Word {
    let raw = raw.trim();
    let raw = match raw.strip_prefix('(').map(|_| group_end(raw, 0)) {
        Some(end) if end + 1 == raw.len() => &raw[1..end],
        _ => raw,
    };
    let (bytes, mut at, mut out) = (raw.as_bytes(), 0, Word::default());
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let end = string_end(raw, at);
                out.push_text(&decode(raw.get(at + 1..end.saturating_sub(1)).unwrap_or_default()));
                at = end;
            }
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => {
                out.push(Piece::Unknown(Unknown::Segment));
                at += raw[at..].find(['"', ' ']).filter(|length| *length > 0).unwrap_or(raw.len() - at);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_beside_each_other_are_one() {
        assert_eq!(text("(\"/out/\" $2 \".csv\")").prefix(), "/out/");
        assert_eq!(redirected("print $1, ($2 > 3) >> \"x\" }"), Some(('>', "\"x\" ")));
        assert_eq!(redirected("print $1; x > 3"), None);
        for hostile in ["print >", "print \"é", "(", "print > (\"", "\"", "print | é"] {
            redirected(hostile);
            text(hostile);
        }
    }
}
