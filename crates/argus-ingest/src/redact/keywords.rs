//! The search for keywords, a few hundred in any case.
//!
//! Each step of an automaton waits for the one before, which is nearly all of its time; so a long text is read at
//! several places at once.

use std::array;
use std::ops::Range;

use aho_corasick::automaton::Automaton;
use aho_corasick::dfa::DFA;
use aho_corasick::{Anchored, PatternID};

/// Places read at once; with more of them their states no longer fit into the processor's registers.
const LANES: usize = 4;
/// In a shorter text the beginnings of the parts would cost more than is won.
const LONG_BYTES: usize = 256;

pub(super) struct Keywords {
    automaton: DFA,
    pub(super) longest: usize,
}

/// Where a keyword begins, and which it is.
type Hit = (usize, PatternID);

impl Keywords {
    /// Of words in lower case.
    pub(super) fn new(words: &[String]) -> Self {
        let automaton = DFA::builder()
            .ascii_case_insensitive(true)
            .prefilter(false)
            .build(words)
            .expect("a few hundred short words make an automaton");
        let longest = words.iter().map(String::len).max().unwrap_or(0);
        Self { automaton, longest }
    }

    /// Gives every keyword that ends in a part of the text, those within others too, by where they end.
    pub(super) fn for_each(&self, text: &[u8], part: Range<usize>, found: impl FnMut(usize, usize)) {
        match part.len() {
            ..LONG_BYTES => self.for_each_in::<1>(text, part, found),
            LONG_BYTES.. => self.for_each_in::<LANES>(text, part, found),
        }
    }

    fn for_each_in<const LANES: usize>(
        &self,
        text: &[u8],
        Range { start: from, end: to }: Range<usize>,
        mut found: impl FnMut(usize, usize),
    ) {
        let mut hits: [Vec<Hit>; LANES] = array::from_fn(|_| Vec::new());
        let start = self.automaton.start_state(Anchored::No).expect("the search is not anchored");
        let step = |state, byte: u8| self.automaton.next_state(Anchored::No, state, byte);
        let length = (to - from) / LANES;
        // A keyword that reaches into a part is found there: so far back it can begin.
        let back = self.longest.saturating_sub(1);
        let mut states = [start; LANES];
        for (lane, state) in states.iter_mut().enumerate() {
            let begin = from + lane * length;
            *state = text[begin.saturating_sub(back)..begin].iter().fold(start, |state, byte| step(state, *byte));
        }
        let parts: [&[u8]; LANES] = array::from_fn(|lane| &text[from + lane * length..from + (lane + 1) * length]);
        for at in 0..length {
            for (state, part) in states.iter_mut().zip(parts) {
                *state = step(*state, part[at]);
            }
            // All are asked: to stop at the first that says yes is to guess which that is.
            if states.iter().fold(false, |is_special, state| is_special | self.automaton.is_special(*state)) {
                for (lane, state) in states.iter().enumerate() {
                    self.note(*state, from + lane * length + at, &mut hits[lane]);
                }
            }
        }
        for (at, byte) in text.iter().enumerate().take(to).skip(from + LANES * length) {
            states[LANES - 1] = step(states[LANES - 1], *byte);
            self.note(states[LANES - 1], at, &mut hits[LANES - 1]);
        }
        hits.iter().flatten().for_each(|(start, word)| found(*start, word.as_usize()));
    }

    /// Keeps the keywords that end with the byte at a place.
    fn note(&self, state: aho_corasick::automaton::StateID, at: usize, hits: &mut Vec<Hit>) {
        if self.automaton.is_match(state) {
            hits.extend((0..self.automaton.match_len(state)).map(|index| {
                let word = self.automaton.match_pattern(state, index);
                (at + 1 - self.automaton.pattern_len(word), word)
            }));
        }
    }
}

#[cfg(test)]
mod tests {
    use aho_corasick::AhoCorasick;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn keywords_are_found_wherever_the_parts_of_a_text_meet(text in "[abcA]{0,40}([abc.]{200,400})?([abc.]{4000,4100})?") {
            let words = ["a", "ab", "bca", "cabca", "aaaaaaa"].map(str::to_owned);
            let plain = AhoCorasick::builder().ascii_case_insensitive(true).build(&words).unwrap();
            let expected: Vec<_> =
                plain.find_overlapping_iter(&text).map(|hit| (hit.start(), hit.pattern().as_usize())).collect();
            let mut found = Vec::new();
            let (keywords, text) = (Keywords::new(&words), text.as_bytes());
            // As a whole, and in two parts.
            for middle in [text.len(), text.len() / 3] {
                found.clear();
                for part in [0..middle, middle..text.len()] {
                    keywords.for_each(text, part, |start, word| found.push((start, word)));
                }
                prop_assert_eq!(&found, &expected);
            }
        }
    }
}
