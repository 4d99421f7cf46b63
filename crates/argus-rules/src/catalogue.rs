//! The catalogue: every rule that can match, as data.
//!
//! An id is never renumbered or reused. A rule's version rises when what it matches or says changes (`versions.txt` holds what each said
//! at its version), the catalogue's with any of them, so that stored findings can say which reading they come from. What matches is code (`rules`); what it means,
//! how bad it is and what to do about it is here. No advice may itself be something that a rule refuses.

mod table;

use argus_model::Severity;

pub use table::CATALOGUE_VERSION;

/// What to answer when blocking is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// Refuse.
    Deny,
    /// Ask the person.
    Ask,
    /// Tell the person.
    Notify,
    /// Keep quietly.
    Log,
}

impl Act {
    /// Reads the spelling; `watch` is to keep quietly too.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "watch" => Some(Self::Log),
            _ => [Self::Deny, Self::Ask, Self::Notify, Self::Log].into_iter().find(|act| act.as_str() == text),
        }
    }

    /// The spelling everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Ask => "ask",
            Self::Notify => "notify",
            Self::Log => "log",
        }
    }
}

/// A rule.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Rule {
    /// `family.smell`.
    pub id: &'static str,
    /// How bad a match is.
    pub severity: Severity,
    /// What to answer when blocking is switched on.
    pub act: Act,
    /// ATT&CK techniques.
    pub attack: &'static [&'static str],
    /// A few words.
    pub title: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub advice: &'static str,
    /// Rises when what it matches or says changes.
    pub version: u32,
}

impl Rule {
    /// The part of the id before the dot.
    pub fn family(&self) -> &'static str {
        self.id.split_once('.').map_or(self.id, |(family, _)| family)
    }
}

/// All rules.
pub fn catalogue() -> &'static [Rule] {
    &table::RULES
}

/// A rule by its id.
pub fn rule(id: &str) -> Option<&'static Rule> {
    catalogue().iter().find(|rule| rule.id == id)
}

/// The rule whose id is most like this text; for hints.
pub fn nearest_rule(text: &str) -> Option<&'static Rule> {
    let nearest = catalogue().iter().min_by_key(|rule| distance(rule.id, text))?;
    (distance(nearest.id, text) <= text.len().max(6) / 2).then_some(nearest)
}

fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, a) in left.chars().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, b) in right.iter().enumerate() {
            let replaced = before + usize::from(a != *b);
            before = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row[right.len()]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Call, Profile, Scope, evaluate_call};

    #[test]
    fn ids_are_unique_and_every_word_is_said() {
        for (index, rule) in catalogue().iter().enumerate() {
            assert!(catalogue()[..index].iter().all(|other| other.id != rule.id), "{}", rule.id);
            assert!(
                rule.id.contains('.')
                    && !rule.title.is_empty()
                    && rule.why.ends_with('.')
                    && rule.advice.ends_with('.')
            );
        }
    }

    /// What a rule says, in one number: FNV-1a over each of its parts.
    fn digest(rule: &Rule) -> u64 {
        let attack = rule.attack.join(" ");
        let parts = [rule.severity.as_str(), rule.act.as_str(), &attack, rule.title, rule.why, rule.advice];
        let bytes = parts.iter().flat_map(|part| part.bytes().chain([0]));
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3))
    }

    const VERSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/catalogue/versions.txt");

    /// The rows of `versions.txt`: a rule, its version, what it says; the first is the catalogue's own.
    fn versions() -> Vec<(String, u32, String)> {
        let row = |line: &str| {
            let mut words = line.split_whitespace().map(str::to_owned);
            Some((words.next()?, words.next()?.parse().ok()?, words.next().unwrap_or_default()))
        };
        std::fs::read_to_string(VERSIONS).unwrap_or_default().lines().filter_map(row).collect()
    }

    #[test]
    fn what_a_rule_says_changes_with_its_version_alone_and_the_catalogues_rises_with_it() {
        let known = versions();
        let said = |rule: &Rule| (rule.id.to_owned(), rule.version, format!("{:016x}", digest(rule)));
        let now: Vec<_> = catalogue().iter().map(said).collect();
        let (catalogue_then, rules_then) = known.split_first().map_or((0, &[][..]), |(first, rest)| (first.1, rest));
        for (id, version, digest) in rules_then {
            let rule = now.iter().find(|rule| rule.0 == *id);
            let rule =
                rule.unwrap_or_else(|| panic!("{id} is gone: an id that was given out stays, and is never reused"));
            assert!(rule.1 >= *version, "{id} fell from version {version} to {}", rule.1);
            let is_other = rule.2 != *digest;
            assert!(
                !is_other || rule.1 > *version,
                "{id} says something else than as version {version}: raise its version"
            );
        }
        if now == rules_then {
            assert_eq!(CATALOGUE_VERSION, catalogue_then, "{VERSIONS}: write it anew with ARGUS_UPDATE=1");
            return;
        }
        assert!(CATALOGUE_VERSION > catalogue_then, "a rule has changed: raise CATALOGUE_VERSION");
        assert!(std::env::var_os("ARGUS_UPDATE").is_some(), "{VERSIONS} is stale: ARGUS_UPDATE=1 writes it anew");
        let rows = now.iter().map(|(id, version, digest)| format!("{id} {version} {digest}\n"));
        std::fs::write(VERSIONS, format!("catalogue {CATALOGUE_VERSION}\n{}", rows.collect::<String>())).unwrap();
    }

    #[test]
    fn no_advice_is_a_command_that_a_rule_refuses() {
        let scope = Scope {
            project_dir: Some("/home/ann/app".into()),
            cwd: Some("/home/ann/app".into()),
            home: Some("/home/ann".into()),
            ..Scope::default()
        };
        for rule in catalogue() {
            for snippet in rule.advice.split('`').skip(1).step_by(2) {
                let input = serde_json::json!({ "command": snippet });
                let found = evaluate_call(&Call { tool: "Bash", input: &input, scope: &scope }, Profile::Seed).findings;
                assert!(found.is_empty(), "{}: {snippet} {found:?}", rule.id);
            }
        }
    }

    #[test]
    fn a_typing_error_finds_its_rule() {
        assert_eq!(nearest_rule("fs.rmrf").map(|rule| rule.id), Some("fs.rm-rf"));
        assert_eq!(nearest_rule("priv.sudoo").map(|rule| rule.id), Some("priv.sudo"));
        assert!(nearest_rule("something quite different").is_none());
    }
}
