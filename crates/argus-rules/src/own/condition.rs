//! What a rule of one's own asks of a call: words with `*` and `?` in them, held against the effective command.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use crate::Call;
use crate::effect::{Effect, Kind};
use crate::path;
use crate::shell::Word;
use crate::tool;

/// Conditions, all of which must hold; of the words of each, one is enough.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Condition {
    /// Names of tools: `Bash`, `mcp__*`.
    pub tool: Vec<String>,
    /// Names of programs, as they would run: `psql`.
    pub name: Vec<String>,
    /// Whole commands, as they would run: `psql * prod*`.
    pub command: Vec<String>,
    /// Words of the same command: `--force`.
    pub arg: Vec<String>,
    /// Files that are read, written or deleted: `**/migrations/*.sql`.
    pub path: Vec<String>,
}

impl Condition {
    /// True where it asks for nothing.
    pub fn is_empty(&self) -> bool {
        [&self.tool, &self.name, &self.command, &self.arg, &self.path].iter().all(|words| words.is_empty())
    }

    /// All its words.
    pub fn words(&self) -> impl Iterator<Item = &String> {
        [&self.tool, &self.name, &self.command, &self.arg, &self.path].into_iter().flatten()
    }

    /// What of a call fits.
    pub(super) fn find(&self, seen: &Seen) -> Option<Found> {
        if self.is_empty() || !self.tool.is_empty() && !self.tool.iter().any(|word| fits(word, &seen.tool)) {
            return None;
        }
        let paths: Vec<String> =
            seen.paths.iter().filter(|path| self.path.iter().any(|word| fits_path(word, path))).cloned().collect();
        if !self.path.is_empty() && paths.is_empty() {
            return None;
        }
        if self.name.is_empty() && self.command.is_empty() && self.arg.is_empty() {
            let text = paths.first().cloned().unwrap_or_else(|| seen.tool.clone());
            return Some(Found { text, span: None, paths });
        }
        let holds = |command: &&Command| {
            (self.name.is_empty() || self.name.iter().any(|word| fits(word, &command.name)))
                && (self.command.is_empty() || self.command.iter().any(|word| fits(word, &command.text)))
                && (self.arg.is_empty() || self.arg.iter().any(|word| command.args.iter().any(|arg| fits(word, arg))))
        };
        let command = seen.commands.iter().find(holds)?;
        Some(Found { text: command.text.clone(), span: Some(command.span.clone()), paths })
    }
}

/// What fits a condition.
pub(super) struct Found {
    pub(super) text: String,
    pub(super) span: Option<Range<usize>>,
    pub(super) paths: Vec<String>,
}

/// What a condition may ask about, read once for all rules.
pub(super) struct Seen {
    tool: String,
    commands: Vec<Command>,
    paths: Vec<String>,
}

struct Command {
    name: String,
    args: Vec<String>,
    text: String,
    span: Range<usize>,
}

impl Seen {
    pub(super) fn of(call: &Call<'_>) -> Self {
        let scope = crate::with_home(call.scope);
        let mut paths: Vec<String> = tool::read(call.tool, call.input, &scope)
            .iter()
            .flat_map(paths_of)
            .filter(|path| path::is_known(path))
            .collect();
        paths.extend(tool::named_file(call.tool, call.input, &scope));
        paths.dedup();
        let commands = tool::script(call.tool, call.input, &scope).map(|script| script.commands).unwrap_or_default();
        let commands = commands
            .into_iter()
            .map(|command| Command {
                args: command.operands().iter().map(Word::guess).collect(),
                text: command.show(),
                span: command.context.span.clone(),
                name: command.name,
            })
            .collect();
        Self { tool: call.tool.to_owned(), commands, paths }
    }
}

/// Where an effect leads, as far as it can be told.
pub(crate) fn paths_of(effect: &Effect) -> Vec<String> {
    match &effect.kind {
        Kind::Write(target) | Kind::Remove(target) => target.path.iter().cloned().collect(),
        Kind::Delete(targets) => targets.iter().map(|target| target.path.clone().unwrap_or_default()).collect(),
        _ => Vec::new(),
    }
}

/// Whether a text fits a pattern, in which `*` stands for any text and `?` for any character.
pub(super) fn fits(pattern: &str, text: &str) -> bool {
    glob(pattern, text, false)
}

/// The same for paths: `*` and `?` stay within a folder, `**` does not; `**/` may also be nothing.
pub(super) fn fits_path(pattern: &str, text: &str) -> bool {
    let rest = pattern.strip_prefix("**/");
    glob(pattern, text, true) || rest.is_some_and(|rest| glob(rest, text.trim_start_matches('/'), true))
}

/// Each star is tried at every place once, the last one first: linear in pattern times text, whatever the pattern.
fn glob(pattern: &str, text: &str, stays: bool) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    // fits[at]: the pattern so far fits the first `at` characters.
    let mut fits = vec![false; text.len() + 1];
    fits[0] = true;
    let mut place = 0;
    while place < pattern.len() {
        let is_deep = pattern[place] == '*' && pattern.get(place + 1) == Some(&'*');
        match pattern[place] {
            '*' => {
                for at in 1..=text.len() {
                    fits[at] |= fits[at - 1] && (!stays || is_deep || text[at - 1] != '/');
                }
            }
            wanted => {
                for at in (1..=text.len()).rev() {
                    let same = if wanted == '?' { !stays || text[at - 1] != '/' } else { text[at - 1] == wanted };
                    fits[at] = fits[at - 1] && same;
                }
                fits[0] = false;
            }
        }
        place += 1 + usize::from(is_deep);
    }
    fits[text.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_and_marks_stand_for_what_they_say() {
        assert!(fits("git push*", "git push --force") && fits("*", "") && fits("a?c", "abc"));
        assert!(!fits("git push", "git push --force") && !fits("a?c", "ac") && !fits("", "a"));
        assert!(fits("psql * prod*", "psql -h prod-1") && !fits("psql * prod*", "psql prod"));
        assert!(fits_path("/srv/*/x", "/srv/a/x") && !fits_path("/srv/*/x", "/srv/a/b/x"));
        assert!(fits_path("/srv/**/x", "/srv/a/b/x") && fits_path("**/x", "/x") && fits_path("**/x", "/a/b/x"));
        assert!(!fits_path("/srv/*", "/srv/a/b") && fits_path("/srv/**", "/srv/a/b"));
    }

    #[test]
    fn a_pattern_full_of_stars_ends() {
        let text = "a".repeat(5_000);
        assert!(!fits(&format!("{}b", "*a".repeat(100)), &text));
    }
}
