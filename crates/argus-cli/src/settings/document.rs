//! A settings file as text with places: where to splice so that everything else stays byte for byte.
//!
//! Rewriting a parsed tree would reformat what people and other tools wrote. So an edit is a list of splices over the
//! text as it is, found by the positions of tokens and comments. Appending and deleting are each other's inverse: what
//! [`Document::append`] put in, [`Document::delete`] takes out without a trace (save for containers that were there but
//! empty, which no text can tell from our own; the backup can, see `file`).
//!
//! What must stay true: comments are never moved or removed, a trailing comma stays a trailing comma, and a text that is
//! not JSON (comments and trailing commas allowed) is refused.

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Range;
use jsonc_parser::tokens::{Token, TokenAndRange};
use jsonc_parser::{CollectOptions, CommentCollectionStrategy, ParseOptions, parse_to_ast};

/// Why a settings file is left alone.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// It cannot be read as JSON.
    #[error("line {line}, column {column}: {problem}")]
    NotJson { line: usize, column: usize, problem: String },
    /// Something in it has another type than Claude Code wants there.
    #[error("`{place}` is not {wanted}")]
    WrongType { place: String, wanted: &'static str },
    /// A key stands twice, so that it is unclear which one counts.
    #[error("`{key}` stands there twice")]
    Twice { key: String },
    /// The edit found no end; better nothing than something odd.
    #[error("it is laid out in a way that this version cannot edit")]
    Unsettled,
    /// It is not UTF-8.
    #[error("it is not UTF-8 text")]
    NotUtf8,
}

/// Replaces `place` by `text`.
#[derive(Debug)]
pub(super) struct Splice {
    place: Range,
    text: String,
}

/// A parsed settings text.
pub(super) struct Document<'a> {
    text: &'a str,
    tokens: Vec<TokenAndRange<'a>>,
    /// The object that the file is.
    pub(super) root: Object<'a>,
}

impl<'a> Document<'a> {
    /// Reads a text without byte-order mark.
    pub(super) fn parse(text: &'a str) -> Result<Self, Refusal> {
        let collect = CollectOptions { comments: CommentCollectionStrategy::AsTokens, tokens: true };
        let parsed = parse_to_ast(text, &collect, &strict_but_for_comments()).map_err(|error| Refusal::NotJson {
            line: error.line_display(),
            column: error.column_display(),
            problem: error.kind().to_string(),
        })?;
        match parsed.value {
            Some(Value::Object(root)) => Ok(Self { text, tokens: parsed.tokens.unwrap_or_default(), root }),
            Some(_) => Err(Refusal::WrongType { place: "the file".into(), wanted: "a JSON object" }),
            None => Err(Refusal::NotJson { line: 1, column: 1, problem: "there is no value".into() }),
        }
    }

    /// Puts `element` behind the last of `elements` in the object or array at `container`.
    pub(super) fn append(&self, container: Range, elements: &[Range], element: &str) -> Vec<Splice> {
        let closer = container.end - 1;
        let before_closer = self.token_before(closer);
        let Some(last) = elements.last() else {
            return self.append_first(container, before_closer, element);
        };
        let gap = self.gap_before(last.start);
        let separator =
            if gap.contains('\n') { format!("{}{}", self.newline(), self.indent_at(last.start)) } else { " ".into() };
        let trailing_comma = self.token_after(last.end).is_some_and(|token| matches!(token.token, Token::Comma));
        let place = self.end_of(before_closer);
        if trailing_comma {
            return vec![insert(place, self.behind_comment(before_closer, &separator, &format!("{element},")))];
        }
        if place == last.end {
            return vec![insert(place, format!(",{separator}{element}"))];
        }
        vec![insert(last.end, ",".into()), insert(place, self.behind_comment(before_closer, &separator, element))]
    }

    fn append_first(&self, container: Range, before_closer: &TokenAndRange<'_>, element: &str) -> Vec<Splice> {
        let closer = container.end - 1;
        let outer = self.indent_at(container.start);
        let inner = format!("{}{outer}{}", self.newline(), self.indent_unit());
        if is_comment(before_closer) {
            return vec![insert(self.end_of(before_closer), self.behind_comment(before_closer, &inner, element))];
        }
        let has_own_lines = self.text[container.start + 1..closer].contains('\n');
        if has_own_lines || self.is_one_line() {
            return vec![insert(closer, element.into())];
        }
        vec![insert(closer, format!("{inner}{element}{}{outer}", self.newline()))]
    }

    /// A line comment swallows what follows on its line, whatever the layout of the rest.
    fn behind_comment(&self, comment: &TokenAndRange<'_>, separator: &str, element: &str) -> String {
        if matches!(comment.token, Token::CommentLine(_)) && !separator.contains('\n') {
            return format!("{}{element}", self.newline());
        }
        format!("{separator}{element}")
    }

    /// Takes out element `index` of the object or array at `container`.
    pub(super) fn delete(&self, container: Range, elements: &[Range], index: usize) -> Vec<Splice> {
        let element = elements[index];
        let comma = self.token_after(element.end).filter(|token| matches!(token.token, Token::Comma));
        let mut splices = Vec::new();
        if let (Some(next), Some(comma)) = (elements.get(index + 1), comma) {
            let follower = self.token_at_or_after(comma.range.end).map_or(next.start, |token| token.range.start);
            if comma.range.start == element.end {
                return vec![cut(element.start, follower)];
            }
            return vec![cut(element.start, element.end), cut(comma.range.start, comma.range.end)];
        }
        let before = self.token_before(element.start);
        let mut end = element.end;
        match comma {
            Some(comma) if self.text[end..comma.range.start].trim().is_empty() => end = comma.range.end,
            Some(comma) => splices.push(cut(comma.range.start, comma.range.end)),
            None => {
                if let Some(previous) = index.checked_sub(1).and_then(|index| elements.get(index))
                    && let Some(comma) = self.token_after(previous.end)
                {
                    if self.end_of(before) == comma.range.end {
                        return vec![cut(comma.range.start, end)];
                    }
                    splices.push(cut(comma.range.start, comma.range.end));
                }
            }
        }
        if index == 0 && !is_comment(before) {
            splices.push(self.cut_only_element(container, element.start, end));
        } else if matches!(before.token, Token::CommentLine(_)) && !self.text[end..].starts_with(['\r', '\n']) {
            // The line's end belongs to the comment: without it, the comment would swallow what follows.
            splices.push(cut(element.start, end));
        } else {
            splices.push(cut(self.end_of(before), end));
        }
        splices
    }

    /// The inverse of [`Self::append_first`].
    fn cut_only_element(&self, container: Range, start: usize, end: usize) -> Splice {
        let rest = &self.text[end..container.end - 1];
        match self.gap_before(start).find(['\r', '\n']) {
            Some(first_break) if rest.contains('\n') && rest.trim().is_empty() => {
                cut(container.start + 1 + first_break, container.end - 1)
            }
            _ => cut(start, end),
        }
    }

    /// Whether a comment stands in `container` outside of `element`.
    pub(super) fn has_comment_around(&self, container: Range, element: Range) -> bool {
        self.tokens.iter().filter(|token| is_comment(token)).any(|token| {
            let at = token.range.start;
            container.start < at && at < container.end && !(element.start <= at && at < element.end)
        })
    }

    /// Another text in a place.
    pub(super) fn replace(&self, place: Range, text: String) -> Splice {
        Splice { place, text }
    }

    /// The text after `splices`.
    pub(super) fn with(&self, mut splices: Vec<Splice>) -> String {
        splices.sort_by_key(|splice| splice.place.start);
        let mut out = String::with_capacity(self.text.len() + 256);
        let mut at = 0;
        for splice in &splices {
            out.push_str(&self.text[at..splice.place.start]);
            out.push_str(&splice.text);
            at = splice.place.end;
        }
        out.push_str(&self.text[at..]);
        out
    }

    /// The line ending that the file uses.
    fn newline(&self) -> &'static str {
        if self.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    fn is_one_line(&self) -> bool {
        !self.root.properties.is_empty() && !self.text[self.root.range.start..self.root.range.end].contains('\n')
    }

    /// One step of indentation, as the file's first property shows it.
    fn indent_unit(&self) -> &'a str {
        let first = self.root.properties.first().map_or("", |property| self.indent_at(property.range.start));
        if first.is_empty() { "  " } else { first }
    }

    /// The white space that begins the line of `at`.
    fn indent_at(&self, at: usize) -> &'a str {
        let line = &self.text[self.text[..at].rfind('\n').map_or(0, |newline| newline + 1)..at];
        &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
    }

    fn gap_before(&self, at: usize) -> &'a str {
        &self.text[self.end_of(self.token_before(at))..at]
    }

    /// The last token or comment that ends at or before `at`; there is always the file's opening brace.
    fn token_before(&self, at: usize) -> &TokenAndRange<'a> {
        let index = self.tokens.partition_point(|token| token.range.end <= at);
        &self.tokens[index.saturating_sub(1)]
    }

    fn token_at_or_after(&self, at: usize) -> Option<&TokenAndRange<'a>> {
        self.tokens.get(self.tokens.partition_point(|token| token.range.start < at))
    }

    /// The next token at or after `at` that is no comment.
    fn token_after(&self, at: usize) -> Option<&TokenAndRange<'a>> {
        let from = self.tokens.partition_point(|token| token.range.start < at);
        self.tokens[from..].iter().find(|token| !is_comment(token))
    }

    /// Where a token ends; a line comment's end leaves its whole line ending outside.
    fn end_of(&self, token: &TokenAndRange<'_>) -> usize {
        let range = token.range;
        range.start + self.text[range.start..range.end].trim_end_matches('\r').len()
    }
}

fn is_comment(token: &TokenAndRange<'_>) -> bool {
    matches!(token.token, Token::CommentLine(_) | Token::CommentBlock(_))
}

fn insert(at: usize, text: String) -> Splice {
    Splice { place: Range::new(at, at), text }
}

fn cut(start: usize, end: usize) -> Splice {
    Splice { place: Range::new(start, end), text: String::new() }
}

fn strict_but_for_comments() -> ParseOptions {
    ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    }
}
