//! Where words begin and end, for the index and for the texts it leads to.
//!
//! A word is a run of letters, digits and underscores, and so is each part of it: `AuthService` is found by `auth`, and
//! `max_retry_count` by `retry`. Scripts that put no spaces between words are indexed by the character. A long word is
//! indexed by its beginning, so hashes are found whole while noise costs little; the rest is compared in the text.
//!
//! What must stay true: whatever [`borders`] calls a word in a text, [`for_each`] gave to the index when it read that
//! text. Numbers that only count lines (`  12→`) are no words.

use std::borrow::Cow;

/// A longer word is indexed by so much of its beginning.
const INDEXED_BYTES: usize = 24;

const LOWER: u8 = 1;
const UPPER: u8 = 2;
const DIGIT: u8 = 4;
const UNDERSCORE: u8 = 8;
/// Beyond ASCII: looked at character by character.
const WIDE: u8 = 16;

const CLASSES: [u8; 256] = classes();

const fn classes() -> [u8; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'a'..=b'z' => LOWER,
            b'A'..=b'Z' => UPPER,
            b'0'..=b'9' => DIGIT,
            b'_' => UNDERSCORE,
            128..=255 => WIDE,
            _ => 0,
        };
        byte += 1;
    }
    table
}

/// A word as the index holds it, in a room of one size: comparing two is a look at three numbers. No word holds a zero.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Folded([u8; INDEXED_BYTES]);

impl Folded {
    const NONE: Self = Self([0; INDEXED_BYTES]);

    fn as_bytes(&self) -> &[u8] {
        let length = self.0.iter().position(|byte| *byte == 0).unwrap_or(INDEXED_BYTES);
        &self.0[..length]
    }

    fn hash(&self) -> u64 {
        let (parts, _) = self.0.as_chunks::<8>();
        let mix = |hash: u64, part: &[u8; 8]| {
            (hash.rotate_left(5) ^ u64::from_le_bytes(*part)).wrapping_mul(0x517c_c1b7_2722_0a95)
        };
        parts.iter().fold(0, mix) >> 20
    }
}

/// Gives every word of a text, and every part of one. The same word may come more than once.
fn for_each(text: &str, word: &mut impl FnMut(Folded)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let start = at;
        let mut seen = 0;
        while at < bytes.len() && CLASSES[usize::from(bytes[at])] != 0 {
            seen |= CLASSES[usize::from(bytes[at])];
            at += 1;
        }
        if seen & WIDE != 0 {
            wide_run(&text[start..at], word);
        } else if seen != 0 && !(seen == DIGIT && bytes.get(at) == Some(&b'\t') && begins_line(&bytes[..start])) {
            run(&text[start..at], seen, word);
        }
        at += 1;
    }
}

fn begins_line(before: &[u8]) -> bool {
    before.iter().rev().find(|byte| **byte != b' ').is_none_or(|byte| *byte == b'\n')
}

/// A run that may hold letters of any script, and signs that are no letters.
fn wide_run(text: &str, word: &mut impl FnMut(Folded)) {
    // The number of a line in a listing.
    let text = match text.split_once('→') {
        Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => rest,
        _ => text,
    };
    let mut start = 0;
    for (at, character) in text.char_indices() {
        let is_alone = is_ideograph(character);
        if is_alone || !is_word(character) {
            run(&text[start..at], LOWER | UPPER | UNDERSCORE, word);
            start = at + character.len_utf8();
        }
        if is_alone {
            emit(&text[at..start], word);
        }
    }
    run(&text[start..], LOWER | UPPER | UNDERSCORE, word);
}

/// One word with its parts.
fn run(text: &str, seen: u8, word: &mut impl FnMut(Folded)) {
    let has_humps = seen & UPPER != 0 && seen & (LOWER | DIGIT) != 0;
    if seen & UNDERSCORE == 0 && !has_humps {
        return emit(text, word);
    }
    let whole = text.trim_matches('_');
    emit(whole, word);
    let mut start = 0;
    for (at, _) in whole.char_indices().skip(1) {
        if is_border(whole, at) {
            emit(whole[start..at].trim_matches('_'), word);
            start = at;
        }
    }
    if start > 0 {
        emit(&whole[start..], word);
    }
}

fn emit(text: &str, word: &mut impl FnMut(Folded)) {
    if text.is_empty() {
        return;
    }
    let mut folded = Folded::NONE;
    if text.is_ascii() {
        for (to, from) in folded.0.iter_mut().zip(text.as_bytes()) {
            *to = from.to_ascii_lowercase();
        }
    } else {
        let text = fold(text);
        let kept = indexed(&text).as_bytes();
        folded.0[..kept.len()].copy_from_slice(kept);
    }
    word(folded);
}

/// As much of a folded word as the index holds.
pub(crate) fn indexed(folded: &str) -> &str {
    &folded[..folded.floor_char_boundary(INDEXED_BYTES)]
}

/// The text in lower case, each character in its place: one whose lower case is of another length stays.
pub(crate) fn fold(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    let lower = |character: char| {
        let mut lower = character.to_lowercase();
        match (lower.next(), lower.next()) {
            (Some(one), None) if one.len_utf8() == character.len_utf8() => one,
            _ => character,
        }
    };
    Cow::Owned(text.chars().map(lower).collect())
}

/// True where a word or a part of one may begin or end.
pub(crate) fn is_border(text: &str, at: usize) -> bool {
    let (Some(before), Some(after)) = (text[..at].chars().next_back(), text[at..].chars().next()) else { return true };
    if !is_word(before) || !is_word(after) || before == '_' || after == '_' {
        return true;
    }
    if is_ideograph(before) || is_ideograph(after) {
        return true;
    }
    let is_hump = after.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
    let ends_capitals = before.is_ascii_uppercase()
        && after.is_ascii_uppercase()
        && text[at..].chars().nth(1).is_some_and(|next| next.is_ascii_lowercase());
    is_hump || ends_capitals
}

/// True when the range is a word of the text, or a part of one: what the index holds, not a stretch of several parts.
pub(crate) fn is_word_at(text: &str, from: usize, to: usize) -> bool {
    if !is_border(text, from) || !is_border(text, to) {
        return false;
    }
    let is_outer = text[..from].trim_end_matches('_').chars().next_back().is_none_or(ends_run)
        && text[to..].trim_start_matches('_').chars().next().is_none_or(ends_run);
    is_outer || !text[from..to].char_indices().skip(1).any(|(at, _)| is_border(text, from + at))
}

fn ends_run(character: char) -> bool {
    !is_word(character) || is_ideograph(character)
}

/// A character that words are made of.
pub(crate) fn is_word(character: char) -> bool {
    character == '_' || character.is_alphanumeric()
}

/// Characters of scripts without spaces between words.
pub(crate) fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The distinct words of many texts.
#[derive(Default)]
pub(crate) struct Distinct {
    words: String,
    /// A power of two of them; a word stands at its hash, or behind it.
    table: Vec<Folded>,
    count: usize,
}

impl Distinct {
    /// Adds the words of a text.
    pub(crate) fn add(&mut self, text: &str) {
        for_each(text, &mut |word| self.insert(word));
    }

    /// The words, separated by spaces; what is left is empty.
    pub(crate) fn take(&mut self) -> String {
        // The next texts have about as many words.
        self.table.fill(Folded::NONE);
        self.count = 0;
        let length = self.words.len();
        std::mem::replace(&mut self.words, String::with_capacity(length))
    }

    fn insert(&mut self, word: Folded) {
        if self.count * 2 >= self.table.len() {
            self.grow();
        }
        if let Some(free) = place_of(&self.table, word) {
            self.table[free] = word;
            self.words.push_str(&String::from_utf8_lossy(word.as_bytes()));
            self.words.push(' ');
            self.count += 1;
        }
    }

    fn grow(&mut self) {
        let size = (self.table.len() * 2).max(4096);
        let old = std::mem::replace(&mut self.table, vec![Folded::NONE; size]);
        for word in old.into_iter().filter(|word| *word != Folded::NONE) {
            if let Some(free) = place_of(&self.table, word) {
                self.table[free] = word;
            }
        }
    }
}

/// Where a word is to be put; `None` when it is there.
fn place_of(table: &[Folded], word: Folded) -> Option<usize> {
    let mask = table.len() - 1;
    let mut place = word.hash() as usize & mask;
    while table[place] != word {
        if table[place] == Folded::NONE {
            return Some(place);
        }
        place = (place + 1) & mask;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        for_each(text, &mut |word| words.push(String::from_utf8(word.as_bytes().to_vec()).unwrap()));
        words
    }

    #[test]
    fn names_are_found_whole_and_by_their_parts() {
        assert_eq!(words("src/auth.rs"), ["src", "auth", "rs"]);
        assert_eq!(words("AuthService"), ["authservice", "auth", "service"]);
        assert_eq!(words("HTTPServer2x"), ["httpserver2x", "http", "server2x"]);
        assert_eq!(words("__max_retryCount"), ["max_retrycount", "max", "retry", "count"]);
        assert_eq!(words("rm -rf x_"), ["rm", "rf", "x"]);
        assert_eq!(words("___ --"), [""; 0]);
        assert_eq!(words("Grüße, ÉCOLE"), ["grüße", "école"]);
        assert_eq!(words("foo—bar 日本go"), ["foo", "bar", "日", "本", "go"]);
    }

    #[test]
    fn numbers_of_lines_are_no_words_and_other_numbers_are() {
        assert_eq!(words("   12→fn main\n  13\tlet x = 7777;\t8"), ["fn", "main", "let", "x", "7777", "8"]);
    }

    #[test]
    fn a_long_word_is_indexed_by_its_beginning() {
        let long = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(words(long), [&long[..24]]);
        assert_eq!(indexed("äääääääääääääää").len(), 24);
    }

    #[test]
    fn a_word_between_borders_is_known_from_a_stretch_of_parts() {
        let at = |text: &str, word: &str| {
            let from = text.find(word).unwrap();
            is_word_at(text, from, from + word.len())
        };
        assert!(at("MyAuthService", "Auth") && at("MyAuthService", "MyAuthService"));
        assert!(!at("MyAuthService", "AuthService") && !at("MyAuthService", "Aut"));
        assert!(at("x my_auth_y", "my_auth_y") && !at("x my_auth_y", "my_auth") && at("__init__", "init"));
    }

    #[test]
    fn each_word_is_kept_once() {
        let mut distinct = Distinct::default();
        let numbers: Vec<String> = (0..5000).map(|n| format!("w{n}")).collect();
        for _ in 0..2 {
            numbers.iter().for_each(|word| distinct.add(word));
        }
        assert_eq!(distinct.take().split_whitespace().collect::<Vec<_>>(), numbers);
        assert_eq!(distinct.take(), "");
    }

    proptest! {
        #[test]
        fn what_stands_as_a_word_in_a_text_is_in_the_index(text in "[a-zA-Z0-9_ ./→日é]{0,40}") {
            let known = words(&text);
            let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            for (from, to) in ends.iter().flat_map(|from| ends.iter().map(move |to| (*from, *to))) {
                if from >= to { continue }
                let word = &text[from..to];
                let is_plain = word.chars().all(is_word) && !word.starts_with('_') && !word.ends_with('_')
                    && (word.chars().count() == 1 || !word.chars().any(is_ideograph));
                let is_gutter = text[to..].starts_with('→');
                if is_plain && !is_gutter && is_word_at(&text, from, to) {
                    prop_assert!(known.iter().any(|known| *known == indexed(&fold(word))), "{word:?} of {text:?}: {known:?}");
                }
            }
        }
    }
}
