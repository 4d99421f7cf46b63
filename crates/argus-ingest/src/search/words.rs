//! Where words begin and end, for the index and for the texts it leads to.
//!
//! A word is a run of letters, digits and underscores, and so is each part of it: `AuthService` is found by `auth`, and
//! `max_retry_count` by `retry`. Scripts that put no spaces between words are indexed by the character. A long word is
//! indexed by its beginning, so hashes are found whole while noise costs little; the rest is compared in the text.
//!
//! What must stay true: whatever [`borders`] calls a word in a text, [`for_each`] gave to the index when it read that
//! text. Numbers that only count lines (`  12→`) are no words.

use std::borrow::Cow;
use std::ops::Range;

/// A longer word is indexed by so much of its beginning.
const INDEXED_BYTES: usize = 24;

/// One bit in each of eight bytes that stand in a number.
const EACH: u64 = 0x0101_0101_0101_0101;
/// The upper bit of each.
const TOPS: u64 = EACH << 7;

/// A word as the index holds it, in a room of one size: comparing two is a look at three numbers. No word holds a zero.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Folded([u64; INDEXED_BYTES / 8]);

impl Folded {
    /// The beginning of an ASCII word that stands in a text, in lower case.
    fn of_ascii(text: &[u8], range: Range<usize>) -> Self {
        let length = range.len().min(INDEXED_BYTES);
        let mut parts = [0; INDEXED_BYTES / 8];
        // Most words have one part.
        for (part, at) in parts.iter_mut().zip((0..length).step_by(8)) {
            *part = lower(first_of(eight(text, range.start + at), length - at));
        }
        Self(parts)
    }

    /// Of a text that is folded already.
    fn of(folded: &str) -> Self {
        let kept = indexed(folded).as_bytes();
        Self([0, 8, 16].map(|at| eight(kept, at)))
    }

    fn push_to(self, text: &mut String) {
        let mut bytes = [0; INDEXED_BYTES];
        for (to, part) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(self.0) {
            *to = part.to_le_bytes();
        }
        let length = bytes.iter().position(|byte| *byte == 0).unwrap_or(INDEXED_BYTES);
        // A word is cut where a character begins, so nothing is lost here.
        text.push_str(std::str::from_utf8(&bytes[..length]).unwrap_or_default());
    }
}

/// Eight bytes of a text in one number, the first the lowest; beyond the end stand zeros.
fn eight(text: &[u8], from: usize) -> u64 {
    let rest = text.get(from..).unwrap_or_default();
    let bytes = rest.first_chunk().copied().unwrap_or_else(|| {
        let mut bytes = [0; 8];
        bytes[..rest.len()].copy_from_slice(rest);
        bytes
    });
    u64::from_le_bytes(bytes)
}

/// The first so many of eight bytes, the others zero.
fn first_of(eight: u64, length: usize) -> u64 {
    if length >= 8 { eight } else { eight & !(u64::MAX << (8 * length)) }
}

/// The upper bit of each byte that lies in a range of ASCII.
fn between(eight: u64, first: u8, last: u8) -> u64 {
    // Without their upper bits no sum reaches the next byte.
    let ascii = eight & !TOPS;
    let from_first = ascii + EACH * u64::from(0x80 - first);
    let beyond_last = ascii + EACH * u64::from(0x7f - last);
    from_first & !beyond_last & !eight & TOPS
}

/// Eight bytes, those of ASCII in lower case.
fn lower(eight: u64) -> u64 {
    eight | between(eight, b'A', b'Z') >> 2
}

/// Which of eight bytes are of which class, as the upper bits of bytes.
#[derive(Clone, Copy, Default)]
struct Classes {
    small: u64,
    capital: u64,
    digit: u64,
    underscore: u64,
    /// Beyond ASCII: looked at character by character.
    wide: u64,
}

impl Classes {
    fn of(eight: u64) -> Self {
        let is = |first, last| between(eight, first, last);
        let (small, capital) = (is(b'a', b'z'), is(b'A', b'Z'));
        Self { small, capital, digit: is(b'0', b'9'), underscore: is(b'_', b'_'), wide: eight & TOPS }
    }

    fn all(self) -> u64 {
        self.small | self.capital | self.digit | self.underscore | self.wide
    }

    /// Those of either.
    fn or(self, more: Self) -> Self {
        Self {
            small: self.small | more.small,
            capital: self.capital | more.capital,
            digit: self.digit | more.digit,
            underscore: self.underscore | more.underscore,
            wide: self.wide | more.wide,
        }
    }

    /// Those among the first so many bytes.
    fn within(self, length: usize) -> Self {
        let kept = first_of(u64::MAX, length);
        Self {
            small: self.small & kept,
            capital: self.capital & kept,
            digit: self.digit & kept,
            underscore: self.underscore & kept,
            wide: self.wide & kept,
        }
    }
}

/// Gives every word of a text, and every part of one. The same word may come more than once.
///
/// Eight bytes are looked at together: going on byte by byte would mistake the end of every word.
fn for_each(text: &str, word: &mut impl FnMut(Folded)) {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let begin = eight(bytes, at);
        let classes = Classes::of(begin);
        let members = classes.all();
        let mut length = (!members & TOPS).trailing_zeros() as usize / 8;
        if length == 0 {
            at += members.trailing_zeros() as usize / 8;
            continue;
        }
        let mut seen = classes.within(length);
        // A word that begins with its one capital has no parts.
        let mut later_capitals = seen.capital & !0xff;
        let mut folded = Folded([lower(first_of(begin, length)), 0, 0]);
        let mut end = at + length;
        while length == 8 {
            let next = eight(bytes, end);
            let classes = Classes::of(next);
            length = (!classes.all() & TOPS).trailing_zeros() as usize / 8;
            let classes = classes.within(length);
            seen = seen.or(classes);
            later_capitals |= classes.capital;
            if let Some(part) = folded.0.get_mut((end - at) / 8) {
                *part = lower(first_of(next, length));
            }
            end += length;
        }
        let is_plain = later_capitals == 0 || seen.small | seen.digit == 0;
        if seen.wide != 0 {
            wide_run(text, at..end, word);
        } else if seen.underscore != 0 || !is_plain {
            run(text, at..end, word);
        } else if seen.small | seen.capital != 0 || bytes.get(end) != Some(&b'\t') || !begins_line(&bytes[..at]) {
            word(folded);
        }
        at = end + 1;
    }
}

fn begins_line(before: &[u8]) -> bool {
    before.iter().rev().find(|byte| **byte != b' ').is_none_or(|byte| *byte == b'\n')
}

/// A run that may hold letters of any script, and signs that are no letters.
fn wide_run(text: &str, range: Range<usize>, word: &mut impl FnMut(Folded)) {
    // The number of a line in a listing.
    let number = text[range.clone()].split_once('→').filter(|(number, _)| number.bytes().all(|b| b.is_ascii_digit()));
    let begin = range.start + number.map_or(0, |(number, _)| number.len() + '→'.len_utf8());
    let mut start = begin;
    for (at, character) in text[begin..range.end].char_indices() {
        let at = begin + at;
        let is_alone = is_ideograph(character);
        if is_alone || !is_word(character) {
            run(text, start..at, word);
            start = at + character.len_utf8();
        }
        if is_alone {
            emit(text, at..start, word);
        }
    }
    run(text, start..range.end, word);
}

/// One word with its parts.
fn run(text: &str, range: Range<usize>, word: &mut impl FnMut(Folded)) {
    let whole = trimmed(text, range);
    emit(text, whole.clone(), word);
    let mut start = whole.start;
    for at in whole.start + 1..whole.end {
        if text.is_char_boundary(at) && is_border(text, at) {
            emit(text, trimmed(text, start..at), word);
            start = at;
        }
    }
    if start > whole.start {
        emit(text, start..whole.end, word);
    }
}

/// Without the underscores around it.
fn trimmed(text: &str, range: Range<usize>) -> Range<usize> {
    let is_letter = |byte: &u8| *byte != b'_';
    let bytes = &text.as_bytes()[range.clone()];
    let Some(first) = bytes.iter().position(is_letter) else { return range.start..range.start };
    let last = bytes.iter().rposition(is_letter).unwrap_or(first);
    range.start + first..range.start + last + 1
}

fn emit(text: &str, range: Range<usize>, word: &mut impl FnMut(Folded)) {
    if range.is_empty() {
        return;
    }
    if text[range.clone()].is_ascii() {
        word(Folded::of_ascii(text.as_bytes(), range));
    } else {
        word(Folded::of(&fold(&text[range])));
    }
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
    let bytes = text.as_bytes();
    // Nearly all text is ASCII, whose bytes tell as much and are had for less.
    if let (Some(before), Some(after)) = (bytes[..at].last(), bytes.get(at))
        && before.is_ascii()
        && after.is_ascii()
    {
        let is_small = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_lowercase);
        let is_hump = after.is_ascii_uppercase() && (before.is_ascii_lowercase() || before.is_ascii_digit());
        let ends_capitals = before.is_ascii_uppercase() && after.is_ascii_uppercase() && is_small(bytes.get(at + 1));
        return !before.is_ascii_alphanumeric() || !after.is_ascii_alphanumeric() || is_hump || ends_capitals;
    }
    let (Some(before), Some(after)) = (text[..at].chars().next_back(), text[at..].chars().next()) else { return true };
    !is_word(before) || !is_word(after) || before == '_' || after == '_' || is_ideograph(before) || is_ideograph(after)
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
    match character {
        '_' => true,
        // What takes long to look up and stands often in texts: dashes, arrows, lines and pictures; letters of Latin,
        // Greek, Cyrillic and Chinese.
        '\u{2010}'..='\u{206f}'
        | '\u{2190}'..='\u{245f}'
        | '\u{2500}'..='\u{2775}'
        | '\u{2794}'..='\u{2bff}'
        | '\u{1f300}'..='\u{1faff}' => false,
        '\u{d8}'..='\u{f6}'
        | '\u{f8}'..='\u{24f}'
        | '\u{3a3}'..='\u{3f5}'
        | '\u{400}'..='\u{481}'
        | '\u{48a}'..='\u{52f}'
        | '\u{4e00}'..='\u{9fff}' => true,
        _ => character.is_alphanumeric(),
    }
}

/// Characters of scripts without spaces between words.
pub(crate) fn is_ideograph(character: char) -> bool {
    matches!(character, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}

/// The distinct words of many texts.
#[derive(Default)]
pub(crate) struct Distinct {
    words: String,
    /// Those of at most eight bytes, which most are: their table stays with the processor.
    short: Table<1>,
    long: Table<3>,
}

impl Distinct {
    /// Adds the words of a text.
    pub(crate) fn add(&mut self, text: &str) {
        for_each(text, &mut |word| self.insert(word));
    }

    /// The words, separated by spaces; what is left is empty.
    pub(crate) fn take(&mut self) -> String {
        // The next texts have about as many words.
        self.short.clear();
        self.long.clear();
        let length = self.words.len();
        std::mem::replace(&mut self.words, String::with_capacity(length))
    }

    fn insert(&mut self, word: Folded) {
        let Folded([first, second, third]) = word;
        let is_new = if second == 0 { self.short.insert([first]) } else { self.long.insert([first, second, third]) };
        if is_new {
            word.push_to(&mut self.words);
            self.words.push(' ');
        }
    }
}

/// A set of words, each as so many numbers, of which the first is never zero.
#[derive(Default)]
struct Table<const N: usize> {
    /// A power of two of them; a word stands at its hash, or behind it.
    slots: Vec<[u64; N]>,
    count: usize,
}

impl<const N: usize> Table<N> {
    const NONE: [u64; N] = [0; N];

    fn clear(&mut self) {
        self.slots.fill(Self::NONE);
        self.count = 0;
    }

    /// True when it was not there.
    fn insert(&mut self, word: [u64; N]) -> bool {
        if self.count * 2 >= self.slots.len() {
            self.grow();
        }
        let free = self.place_of(word);
        if let Some(free) = free {
            self.slots[free] = word;
            self.count += 1;
        }
        free.is_some()
    }

    fn grow(&mut self) {
        let size = (self.slots.len() * 2).max(4096);
        let old = std::mem::replace(&mut self.slots, vec![Self::NONE; size]);
        for word in old.into_iter().filter(|word| *word != Self::NONE) {
            if let Some(free) = self.place_of(word) {
                self.slots[free] = word;
            }
        }
    }

    /// Where a word is to be put; `None` when it is there.
    fn place_of(&self, word: [u64; N]) -> Option<usize> {
        let mix = |hash: u64, part: &u64| (hash.rotate_left(5) ^ part).wrapping_mul(0x517c_c1b7_2722_0a95);
        let mask = self.slots.len() - 1;
        let mut place = (word.iter().fold(0, mix) >> 20) as usize & mask;
        while self.slots[place] != word {
            if self.slots[place] == Self::NONE {
                return Some(place);
            }
            place = (place + 1) & mask;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        for_each(text, &mut |word| {
            words.push(String::new());
            word.push_to(words.last_mut().unwrap());
        });
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
    fn every_letter_and_digit_of_any_script_is_of_a_word_and_no_other_sign() {
        for character in '\0'..=char::MAX {
            let is_letter = character == '_' || character.is_alphanumeric();
            assert_eq!(is_word(character), is_letter, "{character:?}");
        }
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
    fn a_word_is_whole_wherever_it_stands_among_the_eights() {
        for (before, length) in (0..9).flat_map(|before| (1..33).map(move |length| (before, length))) {
            let word = &"Abcdefgh12345678abcdefgh12345678"[..length];
            let expected = word[..length.min(INDEXED_BYTES)].to_ascii_lowercase();
            let spaces = &"         "[..before];
            assert_eq!(words(&format!("{spaces}{word}")), [expected.as_str()]);
            assert_eq!(words(&format!("{spaces}{word}.é")), [expected.as_str(), "é"]);
        }
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
