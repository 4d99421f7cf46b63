//! The literals that secrets stand beside, and the search for them.
//!
//! One automaton reads a text once and finds the literals of all kinds, together with the keywords of the published rules:
//! what it costs hardly depends on how many they are. It knows no case, so the spelling is compared where one was found.

use std::ops::Range;
use std::sync::LazyLock;

use super::keywords::Keywords;
use super::{provider, published};

/// What a literal is a sign of.
#[derive(Clone, Copy, Debug)]
pub(super) enum Near {
    /// A token of the provider with this index.
    Provider(usize),
    PrivateKey,
    Url,
    /// A name that secrets are assigned to.
    Name(Name),
}

/// The kinds of telling names; they differ in what their values look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Name {
    Password,
    /// `pass`, `pwd`: short words, that mean other things as well.
    Pass,
    Secret,
    Token,
    /// `api_key` and its like; the literals are the end of the word with what tells it from other keys.
    Key,
    Authorization,
}

/// Found apart from those below, since one may stand within another.
const MORE_NAMES: [(Name, &[&str]); 2] = [
    (Name::Pass, &["pass", "Pass", "PASS", "pwd", "Pwd", "PWD"]),
    (Name::Secret, &["credential", "Credential", "CREDENTIAL", "_creds", "_CREDS"]),
];
const NAMES: [(Name, &[&str]); 5] = [
    (
        Name::Password,
        &["password", "Password", "PASSWORD", "passwd", "PASSWD", "passphrase", "Passphrase", "PASSPHRASE"],
    ),
    (Name::Secret, &["secret", "Secret", "SECRET"]),
    (Name::Token, &["token", "Token", "TOKEN"]),
    (
        Name::Key,
        &[
            "_key", "_KEY", "-key", "-Key", "-KEY", "iKey", "sKey", "hKey", "eKey", "gKey", "nKey", "tKey", "pikey",
            "PIKEY", "sskey", "SSKEY",
        ],
    ),
    (Name::Authorization, &["uthorization", "UTHORIZATION"]),
];

/// Three sets of tokens' beginnings, by their length, and two of names.
pub(super) const SETS: usize = 5;

/// Literals of which the first listed counts at a place, and none within another.
type LiteralSet = Vec<(&'static str, Near)>;

/// What a keyword of the automaton is.
#[derive(Clone, Copy)]
enum Meaning {
    /// A literal: its set, and its place there.
    Literal { set: usize, index: usize },
    /// A keyword of the published rules.
    Published(usize),
}

/// All that is looked for.
struct Literals {
    /// Beginnings of tokens, keys and URLs first, then names that secrets are assigned to.
    sets: [LiteralSet; SETS],
    automaton: Keywords,
    /// Of each keyword of the automaton.
    meanings: Vec<Vec<Meaning>>,
}

impl Literals {
    fn get() -> &'static Self {
        static LITERALS: LazyLock<Literals> = LazyLock::new(|| {
            let mut tokens = vec![("-----BEGIN ", Near::PrivateKey), ("://", Near::Url), (r":\/\/", Near::Url)];
            tokens.extend(provider::literals().map(|(literal, index)| (literal, Near::Provider(index))));
            let of_length = |lengths: Range<usize>| {
                tokens.iter().copied().filter(|(literal, _)| lengths.contains(&literal.len())).collect()
            };
            let spelled = |names: &[(Name, &'static [&'static str])]| {
                let each = |(name, spellings): &(Name, &'static [&'static str])| {
                    let name = *name;
                    spellings.iter().map(move |&spelling| (spelling, Near::Name(name)))
                };
                names.iter().flat_map(each).collect()
            };
            let sets =
                [of_length(0..3), of_length(3..4), of_length(4..usize::MAX), spelled(&NAMES), spelled(&MORE_NAMES)];
            Literals::of(sets)
        });
        &LITERALS
    }

    fn of(sets: [LiteralSet; SETS]) -> Self {
        let mut words = published::keywords().to_vec();
        let mut meanings: Vec<Vec<Meaning>> = (0..words.len()).map(|word| vec![Meaning::Published(word)]).collect();
        for (set, literals) in sets.iter().enumerate() {
            for (index, (literal, _)) in literals.iter().enumerate() {
                let lower = literal.to_ascii_lowercase();
                let place = words.iter().position(|word| *word == lower).unwrap_or_else(|| {
                    words.push(lower);
                    meanings.push(Vec::new());
                    words.len() - 1
                });
                meanings[place].push(Meaning::Literal { set, index });
            }
        }
        Self { sets, automaton: Keywords::new(&words), meanings }
    }
}

/// A text is looked through in parts of so many bytes: one made of literals holds millions of them.
const PART_BYTES: usize = 256 * 1024;

/// Looks a text through, part by part.
pub(super) struct Search<'t> {
    text: &'t [u8],
    part_bytes: usize,
    searched_to: usize,
    /// Where literals of each set begin, and their places in the set, of which it is not known yet whether they stand
    /// within another.
    held: [Vec<(usize, usize)>; SETS],
    /// Where the last literal of each set ends.
    ends: [usize; SETS],
}

/// What was found in a part.
#[derive(Default)]
pub(super) struct Found {
    /// Literals, set by set: the number of the set, where it stands, and what it is a sign of.
    pub(super) literals: Vec<(usize, Range<usize>, Near)>,
    /// Where a keyword of the published rules begins, and which it is, by where they end.
    pub(super) published: Vec<(usize, usize)>,
}

impl<'t> Search<'t> {
    /// Ready to look through a text.
    pub(super) fn new(text: &'t [u8]) -> Self {
        let (held, ends) = (Default::default(), Default::default());
        Self { text, part_bytes: PART_BYTES, searched_to: 0, held, ends }
    }
}

impl Iterator for Search<'_> {
    type Item = Found;

    fn next(&mut self) -> Option<Found> {
        let (from, text) = (self.searched_to, self.text);
        if from == text.len() {
            return None;
        }
        let (literals, mut found) = (Literals::get(), Found::default());
        let to = text.len().min(from + self.part_bytes);
        literals.automaton.for_each(text, from..to, |start, word| {
            for meaning in &literals.meanings[word] {
                match *meaning {
                    Meaning::Published(word) => found.published.push((start, word)),
                    Meaning::Literal { set, index } => {
                        if text[start..].starts_with(literals.sets[set][index].0.as_bytes()) {
                            self.held[set].push((start, index));
                        }
                    }
                }
            }
        });
        self.searched_to = to;
        // What ends behind this part begins no further back.
        let sure = if to == text.len() { to } else { (to + 1).saturating_sub(literals.automaton.longest) };
        for (set, (held, end)) in self.held.iter_mut().zip(&mut self.ends).enumerate() {
            held.sort_unstable();
            for (start, index) in held.extract_if(.., |(start, _)| *start < sure) {
                let (literal, near) = literals.sets[set][index];
                if start >= *end {
                    *end = start + literal.len();
                    found.literals.push((set, start..*end, near));
                }
            }
        }
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use aho_corasick::{AhoCorasick, MatchKind};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn of_a_text_made_of_literals_one_part_is_held_at_a_time() {
        let text = "SK".repeat(PART_BYTES);
        let parts: Vec<usize> = Search::new(text.as_bytes()).map(|part| part.literals.len()).collect();
        assert!(parts.len() == 2 && parts.iter().sum::<usize>() == PART_BYTES, "{parts:?}");
    }

    proptest! {
        #[test]
        fn literals_are_found_as_if_each_set_were_looked_for_by_itself(
            text in "(ghp_|GHP_|sk-|AKIA|akia|://|password|PassWord|PASSWORD|pass|Pwd|token|secret|api_key|-----BEGIN |[a-zA-Z_:/ -]){0,80}"
        ) {
            for part_bytes in [PART_BYTES, 50, 7, 1] {
                let found = Search { part_bytes, ..Search::new(text.as_bytes()) };
                let found: Vec<_> = found.flat_map(|part| part.literals).collect();
                for (set, literals) in Literals::get().sets.iter().enumerate() {
                    let patterns = literals.iter().map(|(literal, _)| literal);
                    let plain = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(patterns).unwrap();
                    let expected: Vec<_> = plain.find_iter(&text).map(|hit| hit.range()).collect();
                    let in_set = found.iter().filter(|(of, ..)| *of == set);
                    prop_assert_eq!(in_set.map(|(_, range, _)| range.clone()).collect::<Vec<_>>(), expected);
                }
            }
        }
    }
}
