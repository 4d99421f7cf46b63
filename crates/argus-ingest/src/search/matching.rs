//! Where the terms of a query stand in a text, and the piece of text that shows it.

use std::ops::Range;

use super::query::Term;
use super::words::{fold, is_border, is_word, is_word_at};

/// A piece of masked text with what was found in it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Snippet {
    /// The text, on one line.
    pub text: String,
    /// What was found, as ranges of bytes in it, in order and apart.
    pub ranges: Vec<Range<usize>>,
}

/// So much is shown before the first thing found, and in all.
const BEFORE_BYTES: usize = 60;
const SNIPPET_BYTES: usize = 240;

impl Term {
    /// Where the term stands first in `text` from `from` on; `folded` is the text in lower case.
    pub(crate) fn find(&self, text: &str, folded: &str, from: usize) -> Option<Range<usize>> {
        let first = self.pieces.first()?;
        let mut at = from;
        while let Some(found) = folded.get(at..)?.find(first.as_str()) {
            let start = at + found;
            if let Some(end) = self.end(folded, start)
                && self.stands(text, start, end)
            {
                return Some(start..end);
            }
            at = start + folded[start..].chars().next().map_or(1, char::len_utf8);
        }
        None
    }

    /// Where the pieces that begin at `start` end, white space between them being any.
    fn end(&self, folded: &str, start: usize) -> Option<usize> {
        let mut at = start;
        for (index, piece) in self.pieces.iter().enumerate() {
            if index > 0 {
                let rest = folded[at..].trim_start();
                if rest.len() == folded[at..].len() {
                    return None;
                }
                at = folded.len() - rest.len();
            }
            if !folded[at..].starts_with(piece.as_str()) {
                return None;
            }
            at += piece.len();
        }
        Some(at)
    }

    fn stands(&self, text: &str, start: usize, end: usize) -> bool {
        let is_one_word = self.pieces.len() == 1 && self.pieces[0].chars().all(is_word);
        let begins = !text[start..].starts_with(is_word) || is_border(text, start);
        if self.is_prefix {
            return begins;
        }
        if is_one_word && !self.pieces[0].starts_with('_') && !self.pieces[0].ends_with('_') && self.words.len() == 1 {
            return is_word_at(text, start, end);
        }
        begins && (!text[..end].ends_with(is_word) || is_border(text, end))
    }
}

/// A text being searched.
pub(crate) struct Searched<'a> {
    text: &'a str,
    folded: String,
}

impl<'a> Searched<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self { text, folded: fold(text).into_owned() }
    }

    pub(crate) fn holds(&self, term: &Term) -> bool {
        term.find(self.text, &self.folded, 0).is_some()
    }

    /// The text around the first thing found, with all that was found there.
    pub(crate) fn snippet(&self, terms: &[Term]) -> Snippet {
        let first =
            terms.iter().filter_map(|term| term.find(self.text, &self.folded, 0)).map(|range| range.start).min();
        let first = first.unwrap_or(0);
        let start = self.text.floor_char_boundary(first.saturating_sub(BEFORE_BYTES));
        let end = self.text.floor_char_boundary(start + SNIPPET_BYTES);
        let mut found: Vec<Range<usize>> = Vec::new();
        for term in terms {
            let mut at = start;
            while let Some(range) = term.find(self.text, &self.folded, at) {
                if range.start >= end {
                    break;
                }
                at = range.end;
                found.push(range.start..range.end.min(end));
            }
        }
        let (before, after) = (if start > 0 { "…" } else { "" }, if end < self.text.len() { "…" } else { "" });
        // Line breaks and the like become spaces, byte for byte, so that the ranges stay right.
        let shown: String = self.text[start..end].chars().map(|c| if c.is_ascii_control() { ' ' } else { c }).collect();
        let ranges =
            apart(found).into_iter().map(|range| range.start - start + before.len()..range.end - start + before.len());
        Snippet { text: format!("{before}{shown}{after}"), ranges: ranges.collect() }
    }
}

/// The ranges in order, those that overlap as one.
fn apart(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|range| (range.start, range.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use argus_model::Timestamp;
    use jiff::tz::TimeZone;

    use super::super::query::Query;
    use super::*;

    fn terms(query: &str) -> Vec<Term> {
        Query::parse(query, Timestamp::from_micros(0), &TimeZone::UTC).unwrap().terms
    }

    fn finds(query: &str, text: &str) -> bool {
        let searched = Searched::new(text);
        terms(query).iter().all(|term| searched.holds(term))
    }

    #[test]
    fn words_are_found_whole_or_as_parts_and_phrases_literally() {
        assert!(finds("auth", "in AuthService") && finds("authservice", "an AuthService") && !finds("aut", "auth"));
        assert!(
            finds("aut*", "auth") && finds("src/auth.rs", "at ./src/auth.rs:7") && !finds("src/auth.rs", "src auth rs")
        );
        assert!(finds("\"no such file\"", "error: No such\n  file") && !finds("\"no such file\"", "no such files"));
        assert!(finds("max_retry", "x.max_retry(2)") && finds("grüße", "Viele GRÜßE!") && finds("日本", "在日本的"));
        assert!(finds("__init__", "def __init__(self)") && finds("\"rm -rf\"", "$ rm -rf /"));
    }

    #[test]
    fn a_snippet_shows_what_was_found_and_where() {
        let text = format!("{} needle\nand Needle {}", "x ".repeat(100), "y ".repeat(200));
        let snippet = Searched::new(&text).snippet(&terms("needle and"));
        assert!(snippet.text.starts_with('…') && snippet.text.ends_with('…') && !snippet.text.contains('\n'));
        let found: Vec<&str> = snippet.ranges.iter().map(|range| &snippet.text[range.clone()]).collect();
        assert_eq!(found, ["needle", "and", "Needle"]);
        let found = Searched::new("é needle é").snippet(&terms("needle")).ranges;
        assert_eq!(found.iter().map(|range| (range.start, range.end)).collect::<Vec<_>>(), [(3, 9)]);
    }
}
