//! `${…}`: defaults, cuts, replacements, slices and arrays.

use super::env::{Env, Variable};
use super::expand::{all_of, special};
use super::walk::{Origin, Reader};
use super::word::{Piece, Unknown, Word, glob_fits};

/// The operators, the longer ones first.
const OPERATORS: &[&str] =
    &[":-", ":=", ":?", ":+", "##", "%%", "//", "^^", ",,", "-", "=", "?", "+", "#", "%", "/", "^", ",", "@", ":"];

impl Reader {
    /// The words that the inside of `${…}` becomes.
    pub(crate) fn parameter(&mut self, env: &mut Env, inside: &str, origin: &Origin) -> Vec<Word> {
        if let Some(rest) = inside.strip_prefix('#')
            && !rest.is_empty()
        {
            return vec![Word::unknown(Unknown::Segment)];
        }
        let (is_indirect, body) = match inside.strip_prefix('!') {
            Some(rest) if !rest.is_empty() => (true, rest),
            _ => (false, inside),
        };
        let name_end = name_length(body);
        let (mut name, mut operation) = (body[..name_end].to_owned(), &body[name_end..]);
        let mut subscript = None;
        if let Some(rest) = operation.strip_prefix('[')
            && let Some(end) = rest.find(']')
        {
            subscript = Some(&rest[..end]);
            self.expand_text(env, &rest[..end], &origin.whole(inside.len()));
            operation = &rest[end + 1..];
        }
        if is_indirect {
            name = env.value(&name).and_then(|word| word.literal().map(|text| text.into_owned())).unwrap_or_default();
        }
        let words = match subscript {
            Some("@" | "*") => all_of(env, &name),
            Some(index) => element(env, &name, index).map(|word| vec![word]),
            None if name.bytes().all(|byte| byte.is_ascii_digit() || b"@*#?$!-".contains(&byte)) => {
                Some(special(env, &name)).filter(|words| words.iter().any(|word| !word.is_opaque()))
            }
            None => env.value(&name).map(|word| vec![word]),
        };
        // The argument runs whether or not it is taken: what it substitutes is read here.
        let operator = OPERATORS.iter().find(|operator| operation.starts_with(**operator)).copied().unwrap_or_default();
        let argument = &operation[operator.len()..];
        let argument = self.expand_one(env, argument, &origin.whole(inside.len()));
        apply(env, &name, words, operator, argument)
    }
}

fn apply(env: &mut Env, name: &str, words: Option<Vec<Word>>, operator: &str, argument: Word) -> Vec<Word> {
    let is_set = words.as_ref().is_some_and(|words| words.iter().any(|word| !word.is_empty()));
    match operator {
        "" => words.unwrap_or_else(|| vec![Env::unset_word()]),
        ":-" | "-" | ":=" | "=" => {
            if is_set {
                return words.unwrap_or_default();
            }
            let word = if words.is_some() { argument } else { Word::unknown(Unknown::Guess(Box::new(argument))) };
            if operator.ends_with('=') {
                env.set(name, Variable::Scalar(word.clone()));
            }
            vec![word]
        }
        ":+" | "+" => vec![if is_set { argument } else { Word::unknown(Unknown::Guess(Box::new(argument))) }],
        // Unset ends the shell, so what goes on is set and not empty; it may still be anything.
        ":?" | "?" => words.unwrap_or_else(|| vec![Env::unset_word()]),
        _ => {
            words.unwrap_or_else(|| vec![Env::unset_word()]).iter().map(|word| cut(word, operator, &argument)).collect()
        }
    }
}

fn element(env: &Env, name: &str, index: &str) -> Option<Word> {
    match env.get(name)? {
        Variable::Array(words) => index.trim().parse::<usize>().ok().and_then(|index| words.get(index)).cloned(),
        Variable::Scalar(word) => (index == "0").then(|| word.clone()),
        Variable::Either(words) => words.last().filter(|_| index == "0").cloned(),
    }
}

fn cut(word: &Word, operator: &str, argument: &Word) -> Word {
    let unknown = || {
        // What is left after the last slash is one name.
        let is_name = operator == "##" && argument.is("*/") && !word.is_remote();
        Word::unknown(if is_name { Unknown::Segment } else { remote_or(word, Unknown::Any) })
    };
    let (Some(text), Some(pattern)) = (word.literal(), argument.literal()) else {
        let is_plain_end = operator.starts_with('%') && matches!(word.pieces().last(), Some(Piece::Text(_)));
        return if is_plain_end { cut_end(word, argument).unwrap_or_else(unknown) } else { unknown() };
    };
    let boundaries = || text.char_indices().map(|(at, _)| at).chain([text.len()]);
    let cut = match operator {
        "#" => boundaries().find(|at| glob_fits(&pattern, &text[..*at])).map(|at| text[at..].to_owned()),
        "##" => boundaries().rfind(|at| glob_fits(&pattern, &text[..*at])).map(|at| text[at..].to_owned()),
        "%" => boundaries().rfind(|at| glob_fits(&pattern, &text[*at..])).map(|at| text[..at].to_owned()),
        "%%" => boundaries().find(|at| glob_fits(&pattern, &text[*at..])).map(|at| text[..at].to_owned()),
        "^^" => Some(text.to_uppercase()),
        ",," => Some(text.to_lowercase()),
        "/" | "//" => replace(&text, &pattern, operator),
        ":" => slice(&text, &pattern),
        _ => return unknown(),
    };
    Word::text(cut.unwrap_or_else(|| text.into_owned()))
}

fn cut_end(word: &Word, argument: &Word) -> Option<Word> {
    let (Some(Piece::Text(last)), Some(end)) = (word.pieces().last(), argument.literal()) else { return None };
    let kept = last.strip_suffix(&*end)?;
    let mut out = Word::default();
    for piece in &word.pieces()[..word.pieces().len() - 1] {
        out.push(piece.clone());
    }
    out.push_text(kept);
    Some(out)
}

fn replace(text: &str, argument: &str, operator: &str) -> Option<String> {
    let (from, to) = argument.split_once('/').unwrap_or((argument, ""));
    if from.is_empty() || from.contains(['*', '?', '[', '#', '%']) {
        return None;
    }
    Some(if operator == "//" { text.replace(from, to) } else { text.replacen(from, to, 1) })
}

fn slice(text: &str, argument: &str) -> Option<String> {
    let (from, length) = argument.split_once(':').unwrap_or((argument, ""));
    let from: usize = from.trim().parse().ok()?;
    let rest = text.chars().skip(from);
    match length.trim().parse::<usize>() {
        Ok(length) => Some(rest.take(length).collect()),
        Err(_) if length.is_empty() => Some(rest.collect()),
        Err(_) => None,
    }
}

fn name_length(body: &str) -> usize {
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    match body.chars().next() {
        Some(c) if is_name(c) => body.find(|c| !is_name(c)).unwrap_or(body.len()),
        Some('@' | '*' | '#' | '?' | '$' | '!' | '-') => 1,
        _ => 0,
    }
}

fn remote_or(word: &Word, otherwise: Unknown) -> Unknown {
    if word.is_remote() { Unknown::Remote } else { otherwise }
}
