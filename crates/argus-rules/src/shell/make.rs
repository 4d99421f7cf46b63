//! Makefiles that a command line gives to `make`: the recipes of what is asked for run in a shell.

use std::ops::Range;

use super::env::Env;
use super::options::{Options, Taking};
use super::walk::Reader;
use super::word::Word;

/// Most rules of a makefile that are looked at.
const MAX_RULES: usize = 256;

/// A rule: what it makes, of what, and how.
#[derive(Debug, Default)]
struct Rule {
    targets: Vec<String>,
    needs: Vec<String>,
    recipe: Vec<String>,
}

impl Reader {
    /// Runs what `make` would; `None` where the makefile is not known.
    pub(crate) fn make(
        &mut self,
        env: &mut Env,
        name: &str,
        words: &[Word],
        stdin: &Word,
        span: &Range<usize>,
    ) -> Option<Word> {
        if !matches!(name, "make" | "gmake") {
            return None;
        }
        let options =
            Options::of(words, Taking { short: "fCIlo", long: &["file", "makefile", "directory"], stops: false });
        if options.has("nqtp", &["dry-run", "just-print", "question", "version", "help"]) {
            return None;
        }
        let named = options.value(&["f", "file", "makefile"]);
        let is_stdin = named.is_some_and(|file| file.is("-") || file.is("/dev/stdin"));
        let text = match named {
            _ if is_stdin => stdin.clone(),
            Some(file) => env.written(file)?,
            None => ["Makefile", "makefile", "GNUmakefile"].iter().find_map(|file| env.written(&Word::text(*file)))?,
        };
        let goals: Vec<String> = options.operands.iter().map(Word::guess).filter(|word| !word.contains('=')).collect();
        let recipes = recipes(&text.spell_out(), goals);
        Some(self.run_text(env, name, &Word::text(recipes), None, (&Word::default(), span)))
    }
}

/// The commands that making these goals runs, as a script.
fn recipes(text: &str, mut goals: Vec<String>) -> String {
    let (mut rules, mut out): (Vec<Rule>, String) = (Vec::new(), String::new());
    for line in text.replace("\\\n", " ").lines() {
        if let Some(recipe) = line.strip_prefix('\t') {
            if let Some(rule) = rules.last_mut() {
                rule.recipe.push(spelled(recipe.trim_start_matches(['@', '-', '+', ' '])));
            }
        } else if let Some((name, value)) = assigned(line) {
            out.push_str(&format!("{name}=\"{}\"\n", spelled(value).replace('"', "\\\"")));
        } else if let Some((targets, rest)) =
            line.split_once(':').filter(|_| !line.starts_with('#') && rules.len() < MAX_RULES)
        {
            let (needs, inline) = rest.trim_start_matches(':').split_once(';').unwrap_or((rest, ""));
            let names = |text: &str| text.split_whitespace().map(str::to_owned).collect();
            let recipe = if inline.is_empty() { Vec::new() } else { vec![spelled(inline.trim())] };
            rules.push(Rule { targets: names(targets), needs: names(needs), recipe });
        }
    }
    if goals.is_empty() {
        let first = rules.iter().flat_map(|rule| &rule.targets).find(|target| !target.starts_with('.'));
        goals.extend(first.cloned());
    }
    let mut at = 0;
    while let Some(goal) = goals.get(at).cloned() {
        at += 1;
        for rule in rules.iter().filter(|rule| rule.targets.contains(&goal)) {
            for need in &rule.needs {
                if !goals.contains(need) && goals.len() < MAX_RULES {
                    goals.push(need.clone());
                }
            }
            for command in &rule.recipe {
                // Each line of a recipe has a shell of its own.
                out.push_str(&format!("({command}\n)\n"));
            }
        }
    }
    out
}

/// `NAME = value`, `NAME := value`, `NAME ?= value`.
fn assigned(line: &str) -> Option<(&str, &str)> {
    let (name, value) = line.split_once('=')?;
    let name = name.trim_end_matches([':', '?', '+']).trim().trim_start_matches("export ");
    let is_name = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    is_name.then(|| (name, value.trim()))
}

/// A line of a recipe as the shell gets it: `$$` is a dollar, `$(NAME)` a variable, `$(shell x)` what x prints.
fn spelled(recipe: &str) -> String {
    let mut out = String::new();
    let mut rest = recipe;
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some(inside) = rest.strip_prefix(['(', '{'])
            && let Some(end) = inside.find([')', '}'])
        {
            let name = &inside[..end];
            match name.strip_prefix("shell ") {
                Some(command) => out.push_str(&format!("$({command})")),
                None if name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') => {
                    out.push_str(&format!("${{{name}}}"));
                }
                None => out.push_str("$RANDOM"),
            }
            rest = &inside[end + 1..];
        } else {
            // `$@`, `$<`: a target's name.
            out.push_str("$RANDOM");
            rest = rest.get(rest.chars().next().map_or(0, char::len_utf8)..).unwrap_or_default();
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_asked_for_is_made() {
        let text = "DIR := out\nall: build\n\nbuild: gen\n\t@echo $(DIR) $$HOME\ngen:\n\tgen $@\nnuke:\n\t-rm -rf /\n";
        assert_eq!(recipes(text, Vec::new()), "DIR=\"out\"\n(echo ${DIR} $HOME\n)\n(gen $RANDOM\n)\n");
        assert!(recipes(text, vec!["nuke".into()]).ends_with("(rm -rf /\n)\n"));
        for hostile in ["$(", "a: b: c\n\t$\n\t${", "=\n:\n\t\n", "\t$é"] {
            recipes(hostile, vec!["a".into()]);
        }
    }
}
