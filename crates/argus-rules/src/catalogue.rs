//! The catalogue: every rule that can match, as data.
//!
//! An id is never renumbered or reused. A rule's version rises when what it matches changes, the catalogue's with any of
//! them, so that stored findings can say which reading they come from. What matches is code (`rules`); what it means,
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
    /// Rises when what it matches changes.
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
