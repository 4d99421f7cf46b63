//! The literals that secrets stand beside, and the search for them.
//!
//! The packed (SIMD) searcher is several times faster than an automaton, the more so the fewer and longer its
//! patterns; so there are several small sets, by length. Case is spelled out rather than folded for the same reason.

use std::ops::Range;
use std::sync::LazyLock;

use aho_corasick::{AhoCorasick, MatchKind, packed};
use memchr::memmem;

use super::provider;

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

/// At most 32 spellings in a list: with more the searcher falls back to a slower form.
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

pub(super) struct Literals {
    /// Beginnings of tokens, keys and URLs, the sets of different lengths.
    pub(super) tokens: [LiteralSet; 3],
    /// Names that secrets are assigned to.
    pub(super) names: [LiteralSet; 2],
}

impl Literals {
    pub(super) fn get() -> &'static Self {
        static LITERALS: LazyLock<Literals> = LazyLock::new(|| {
            let mut tokens = vec![("-----BEGIN ", Near::PrivateKey), ("://", Near::Url), (r":\/\/", Near::Url)];
            tokens.extend(provider::literals().map(|(literal, index)| (literal, Near::Provider(index))));
            let of_length = |lengths: Range<usize>| {
                LiteralSet::new(
                    tokens.iter().copied().filter(|(literal, _)| lengths.contains(&literal.len())).collect(),
                )
            };
            let spelled = |names: &[(Name, &'static [&'static str])]| {
                let each = |(name, spellings): &(Name, &'static [&'static str])| {
                    let name = *name;
                    spellings.iter().map(move |&spelling| (spelling, Near::Name(name)))
                };
                LiteralSet::new(names.iter().flat_map(each).collect())
            };
            Literals {
                tokens: [of_length(0..3), of_length(3..4), of_length(4..usize::MAX)],
                names: [spelled(&NAMES), spelled(&MORE_NAMES)],
            }
        });
        &LITERALS
    }
}

pub(super) struct LiteralSet {
    near: Vec<Near>,
    search: Search,
}

/// Packed where the processor can, else the automaton.
enum Search {
    One(memmem::Finder<'static>, usize),
    Packed(packed::Searcher),
    Automaton(AhoCorasick),
}

impl LiteralSet {
    /// Of several literals at one place the first listed wins.
    fn new(literals: Vec<(&'static str, Near)>) -> Self {
        let (patterns, near): (Vec<_>, Vec<_>) = literals.into_iter().unzip();
        let search = match (patterns.as_slice(), packed::Searcher::new(&patterns)) {
            ([one], _) => Search::One(memmem::Finder::new(*one), one.len()),
            (_, Some(searcher)) => Search::Packed(searcher),
            (_, None) => Search::Automaton(
                AhoCorasick::builder()
                    .match_kind(MatchKind::LeftmostFirst)
                    .build(&patterns)
                    .expect("a few dozen short literals make an automaton"),
            ),
        };
        Self { near, search }
    }

    pub(super) fn for_each(&self, text: &[u8], mut found: impl FnMut(Range<usize>, Near)) {
        match &self.search {
            Search::One(finder, length) => {
                finder.find_iter(text).for_each(|at| found(at..at + length, self.near[0]));
            }
            Search::Packed(searcher) => {
                searcher.find_iter(text).for_each(|hit| found(hit.range(), self.near[hit.pattern().as_usize()]));
            }
            Search::Automaton(automaton) => {
                automaton.find_iter(text).for_each(|hit| found(hit.range(), self.near[hit.pattern().as_usize()]));
            }
        }
    }
}
