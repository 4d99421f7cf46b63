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

/// How many sets of tokens' beginnings there are, by their length, and of names.
const TOKEN_SETS: usize = 3;
const NAME_SETS: usize = 2;

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
    sets: [LiteralSet; TOKEN_SETS + NAME_SETS],
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

    fn of(sets: [LiteralSet; TOKEN_SETS + NAME_SETS]) -> Self {
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

/// What stands in a text.
#[derive(Default)]
pub(super) struct Found {
    /// Of each set where a literal begins, and its place in the set.
    literals: [Vec<(usize, usize)>; TOKEN_SETS + NAME_SETS],
    /// Where a keyword of the published rules begins, and which it is, by where they end.
    pub(super) published: Vec<(usize, usize)>,
}

impl Found {
    /// Looks a text through.
    pub(super) fn of(text: &[u8]) -> Self {
        let literals = Literals::get();
        let mut found = Self::default();
        literals.automaton.for_each(text, |start, word| {
            for meaning in &literals.meanings[word] {
                match *meaning {
                    Meaning::Published(word) => found.published.push((start, word)),
                    Meaning::Literal { set, index } => {
                        if text[start..].starts_with(literals.sets[set][index].0.as_bytes()) {
                            found.literals[set].push((start, index));
                        }
                    }
                }
            }
        });
        found.literals.iter_mut().for_each(|hits| hits.sort_unstable());
        found
    }

    /// Beginnings of tokens, keys and URLs, set by set.
    pub(super) fn tokens(&self) -> impl Iterator<Item = impl Iterator<Item = (Range<usize>, Near)>> {
        (0..TOKEN_SETS).map(|set| self.in_set(set))
    }

    /// Names that secrets are assigned to, set by set.
    pub(super) fn names(&self) -> impl Iterator<Item = impl Iterator<Item = (Range<usize>, Near)>> {
        (TOKEN_SETS..TOKEN_SETS + NAME_SETS).map(|set| self.in_set(set))
    }

    fn in_set(&self, set: usize) -> impl Iterator<Item = (Range<usize>, Near)> {
        let (literals, mut done) = (&Literals::get().sets[set], 0);
        self.literals[set].iter().filter_map(move |(start, index)| {
            let (literal, near) = literals[*index];
            let range = *start..*start + literal.len();
            (range.start >= done).then(|| {
                done = range.end;
                (range, near)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use aho_corasick::{AhoCorasick, MatchKind};
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn literals_are_found_as_if_each_set_were_looked_for_by_itself(
            text in "(ghp_|GHP_|sk-|AKIA|akia|://|password|PassWord|PASSWORD|pass|Pwd|token|secret|api_key|-----BEGIN |[a-zA-Z_:/ -]){0,80}"
        ) {
            let found = Found::of(text.as_bytes());
            for (set, literals) in Literals::get().sets.iter().enumerate() {
                let patterns = literals.iter().map(|(literal, _)| literal);
                let plain = AhoCorasick::builder().match_kind(MatchKind::LeftmostFirst).build(patterns).unwrap();
                let expected: Vec<_> = plain.find_iter(&text).map(|hit| hit.range()).collect();
                prop_assert_eq!(found.in_set(set).map(|(range, _)| range).collect::<Vec<_>>(), expected);
            }
        }
    }
}
