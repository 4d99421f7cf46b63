//! Values assigned to a telling name: `password = "…"`, `API_KEY=…`, `"client_secret": "…"`, `Authorization: …`,
//! `--token …`; in code, in settings, in shells, in JSON, and in JSON inside JSON strings.
//!
//! What must stay true, so that valid JSON stays valid whatever is in it:
//! - After a quoted name only a quoted value counts: an unquoted one may be a number of the JSON itself.
//! - A value in double quotes ends at the quote that closes it at its own depth of escaping, or at one further out.
//! - A quote after an unquoted name may be the end of the JSON string that the name stands in. Then one of `,:}]`
//!   follows, and it is no value.
//! - An unquoted or single-quoted value has no double quote and no backslash.

use std::ops::Range;

use super::judgement::{Assigned, Shape, is_secret};
use super::literals::Name;
use super::mark;
use super::text::{backslashes_at, closing_backslashes, quote_depth, window};

const LONGEST_NAME_BYTES: usize = 64;
const MOST_SPACES: usize = 8;
const LONGEST_TYPE_BYTES: usize = 40;
/// A value is judged by its beginning; whatever its length, the rest is looked at once it is found to be a secret.
const JUDGED_BYTES: usize = 256;

/// What may follow a telling word within the same name, lower case, without `-` and `_`.
const NAME_ENDINGS: [&str; 12] =
    ["", "key", "accesskey", "keybase", "value", "base64", "prod", "production", "dev", "test", "live", "header"];
/// What makes a key one that is kept secret.
const SECRET_KEYS: [&str; 7] = ["api", "access", "auth", "private", "signing", "encryption", "account"];
const SCHEMES: [&str; 6] = ["bearer", "basic", "token", "apikey", "bot", "digest"];

#[derive(Clone, Copy, PartialEq, Eq)]
struct Quote {
    sign: u8,
    backslashes: usize,
}

/// The value assigned to the name in which the telling word stands.
pub(super) fn find_value(text: &[u8], word: &Range<usize>, name: Name) -> Option<Range<usize>> {
    let name_end = end_of_name(text, word.end)?;
    let (sign, after_name) = closing_quote(text, name_end)?;
    if !matches!(text.get(skip_spaces(text, after_name))?, b'=' | b':') && text.get(after_name) != Some(&b' ') {
        return None;
    }
    let name_start = start_of_name(text, word.start);
    let is_other_key = name == Name::Key && !is_secret_key(&text[name_start..word.end]);
    if is_other_key || text[..name_start].ends_with(b"${") || mark::is_word_of_mark(text, word.start) {
        return None;
    }
    let is_upper = !text[name_start..name_end].iter().any(u8::is_ascii_lowercase);
    let (start, shape) = if sign.is_none() && is_flag(text, name_start, after_name) {
        (after_name + 1, Shape::Flag)
    } else {
        let (start, is_tight) = after_separator(text, after_name, sign.is_none())?;
        let shape = match (is_tight, is_upper) {
            (true, true) => Shape::Environment,
            (true, false) => Shape::Tight,
            _ => Shape::Loose,
        };
        (start, shape)
    };
    let start = start + string_prefix_at(text, start);
    let near = window(text, 0, start + JUDGED_BYTES);
    let (range, shape) = value_at(near, start, sign, name, shape)?;
    if !is_secret(&near[range.clone()], Assigned { name, shape }) {
        return None;
    }
    if range.end < near.len() { Some(range) } else { value_at(text, start, sign, name, shape).map(|(range, _)| range) }
}

/// The extent of the value that begins at `start`, with its quote if it has one.
fn value_at(
    text: &[u8],
    start: usize,
    of_name: Option<Quote>,
    name: Name,
    shape: Shape,
) -> Option<(Range<usize>, Shape)> {
    match opening_quote(text, start) {
        Some(quote) => {
            let range = quoted_value(text, start + quote.backslashes + 1, quote, of_name, name)?;
            Some((range, Shape::Quoted))
        }
        None if of_name.is_some() || start > text.len() => None,
        None => {
            let scheme = scheme_at(text, start, name);
            // Behind a scheme stands a credential, however loosely it is written.
            let shape = if scheme > 0 { Shape::Environment } else { shape };
            Some((start + scheme..end_of_unquoted(text, start + scheme), shape))
        }
    }
}

fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn start_of_name(text: &[u8], word: usize) -> usize {
    let name = text[..word].iter().rev().take(LONGEST_NAME_BYTES).take_while(|byte| is_name_byte(**byte)).count();
    let start = word - name;
    // The first letter may be that of an escape such as \n.
    if name > 0 && text[..start].ends_with(b"\\") { start + 1 } else { start }
}

fn end_of_name(text: &[u8], word_end: usize) -> Option<usize> {
    const LONGEST: usize = 16;
    let rest = &text[word_end..];
    let length = rest.iter().take(LONGEST).take_while(|byte| is_name_byte(**byte)).count();
    // Most hits are `tokens`: no ending begins so.
    if rest.first() == Some(&b's') || length == LONGEST {
        return None;
    }
    let is_numbered = length <= 3 && rest[..length].iter().all(|byte| byte.is_ascii_digit() || *byte == b'_');
    let is_ending = |ending: &&str| {
        let letters = rest[..length].iter().filter(|byte| byte.is_ascii_alphanumeric());
        letters.map(u8::to_ascii_lowercase).eq(ending.bytes())
    };
    (is_numbered || NAME_ENDINGS.iter().any(is_ending)).then_some(word_end + length)
}

/// True for `api_key`, `X-Api-Key`, `awsAccessKey`; false for `primary_key`.
fn is_secret_key(name: &[u8]) -> bool {
    let letters = name.iter().filter(|byte| byte.is_ascii_alphanumeric());
    let lower: Vec<u8> = letters.map(u8::to_ascii_lowercase).collect();
    lower.strip_suffix(b"key").is_some_and(|what| SECRET_KEYS.iter().any(|secret| what.ends_with(secret.as_bytes())))
}

/// The quote that closes the name, if any, and where the text goes on; `None` for a stray backslash.
fn closing_quote(text: &[u8], at: usize) -> Option<(Option<Quote>, usize)> {
    match opening_quote(text, at) {
        Some(quote) => {
            let after = at + quote.backslashes + 1;
            // `settings["password"] = …` assigns to an expression: its value may be anything.
            if text.get(after) == Some(&b']') { Some((None, after + 1)) } else { Some((Some(quote), after)) }
        }
        None if text.get(at) == Some(&b'\\') => None,
        None => Some((None, at)),
    }
}

fn opening_quote(text: &[u8], at: usize) -> Option<Quote> {
    let backslashes = if at < text.len() { backslashes_at(text, at) } else { 0 };
    let sign = *text.get(at + backslashes)?;
    matches!(sign, b'"' | b'\'' | b'`').then_some(Quote { sign, backslashes })
}

fn is_flag(text: &[u8], name_start: usize, after_name: usize) -> bool {
    text[name_start..].starts_with(b"--")
        && matches!(text.get(after_name..after_name + 2), Some([b' ', next]) if *next != b' ' && *next != b'-')
}

fn skip_spaces(text: &[u8], at: usize) -> usize {
    at + text[at.min(text.len())..].iter().take(MOST_SPACES).take_while(|byte| matches!(**byte, b' ' | b'\t')).count()
}

/// Where the value begins, and whether nothing but `=` stands between it and the name.
fn after_separator(text: &[u8], at: usize, may_have_type: bool) -> Option<(usize, bool)> {
    let sign = skip_spaces(text, at);
    let after = |length: usize| skip_spaces(text, sign + length);
    match (text.get(sign)?, text.get(sign + 1)) {
        (b'=', Some(b'=' | b'~')) | (b':', Some(b':')) => None,
        (b'=', Some(b'>')) | (b':', Some(b'=')) => Some((after(2), false)),
        (b'=', _) => Some((after(1), sign == at && after(1) == sign + 1)),
        (b':', _) => {
            let start = after(1);
            let typed = if may_have_type { after_type(text, start) } else { None };
            Some((typed.unwrap_or(start), false))
        }
        _ => None,
    }
}

/// Behind the `=` of `: &'static str = …`.
fn after_type(text: &[u8], at: usize) -> Option<usize> {
    let in_type = |byte: &u8| byte.is_ascii_alphanumeric() || b"_&'<>[]:.?| ".contains(byte);
    let length = window(text, at, LONGEST_TYPE_BYTES).iter().take_while(|byte| in_type(byte)).count();
    let sign = at + length;
    let is_assigned = length > 0 && text.get(sign) == Some(&b'=') && text.get(sign + 1) != Some(&b'=');
    is_assigned.then(|| skip_spaces(text, sign + 1))
}

/// The length of the `b`, `r`, `f` before a string of Python or Rust.
fn string_prefix_at(text: &[u8], at: usize) -> usize {
    let length = text[at.min(text.len())..].iter().take(2).take_while(|byte| b"brfu".contains(byte)).count();
    if opening_quote(text, at + length).is_some() { length } else { 0 }
}

/// The length of the `Bearer ` before a credential.
fn scheme_at(text: &[u8], at: usize, name: Name) -> usize {
    if name != Name::Authorization {
        return 0;
    }
    let rest = &text[at.min(text.len())..];
    let has_scheme =
        |scheme: &&&str| rest.get(..scheme.len()).is_some_and(|word| word.eq_ignore_ascii_case(scheme.as_bytes()));
    let Some(scheme) = SCHEMES.iter().find(has_scheme) else { return 0 };
    let spaces = rest[scheme.len()..].iter().take(MOST_SPACES).take_while(|byte| **byte == b' ').count();
    if spaces > 0 { scheme.len() + spaces } else { 0 }
}

fn quoted_value(text: &[u8], start: usize, quote: Quote, of_name: Option<Quote>, name: Name) -> Option<Range<usize>> {
    let first = *text.get(start)?;
    if of_name != Some(quote) && (of_name.is_some_and(|of_name| of_name.sign == b'"') || b",:}])\\".contains(&first)) {
        return None;
    }
    let start = start + scheme_at(text, start, name);
    if quote.sign != b'"' {
        let end = end_of_unquoted_in(text, start, quote.sign);
        return (text.get(end) != Some(&b' ')).then_some(start..end);
    }
    let depth = quote_depth(quote.backslashes)?;
    end_of_double_quoted(text, start, depth).map(|end| start..end)
}

/// Where a value in double quotes ends; `None` when it has white space, as a sentence has and a secret has not.
fn end_of_double_quoted(text: &[u8], start: usize, depth: u32) -> Option<usize> {
    let mut at = start;
    while at < text.len() {
        let backslashes = backslashes_at(text, at);
        let sign = at + backslashes;
        match text.get(sign) {
            Some(b'"') => match closing_backslashes(backslashes, depth) {
                Some(of_quote) => return Some(sign - of_quote),
                None => at = sign + 1,
            },
            Some(b'n' | b'r' | b't') if backslashes > 0 => return (at - start >= JUDGED_BYTES).then_some(at),
            Some(byte) if byte.is_ascii_whitespace() => return (at - start >= JUDGED_BYTES).then_some(at),
            // An escaped character other than a quote; a backslash at the very end belongs to nothing.
            Some(_) => at = sign + 1,
            None => return Some(at),
        }
    }
    Some(at)
}

fn end_of_unquoted(text: &[u8], start: usize) -> usize {
    let stops = |byte: &u8| byte.is_ascii_whitespace() || b"\"'`\\,;&|)]}>".contains(byte);
    text[start..].iter().position(stops).map_or(text.len(), |length| start + length)
}

/// The end of a value in single quotes or backticks: never beyond a double quote or a backslash.
fn end_of_unquoted_in(text: &[u8], start: usize, quote: u8) -> usize {
    let stops = |byte: &u8| byte.is_ascii_whitespace() || matches!(*byte, b'"' | b'\\') || *byte == quote;
    text[start..].iter().position(stops).map_or(text.len(), |length| start + length)
}
