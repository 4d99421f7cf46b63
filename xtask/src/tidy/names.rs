//! Names say what a thing is. The banned words fit anything, so they say nothing: where one seems to fit, the word of
//! the domain is missing.
//!
//! Looked at are the names of files, types, functions and modules, above the tests: a test's name is a sentence.

use super::rust_text::{line_of, split};
use super::{File, Problem, Tree};

const BANNED: [&str; 11] =
    ["manager", "service", "helper", "util", "common", "misc", "data", "info", "processor", "base", "impl"];

/// Words that hold a banned one and mean something: the data directory, the version of what is stored in it, the
/// Messages API's own `service_tier`, and arithmetic.
const KNOWN_PAIRS: [(&str, &str); 4] =
    [("data", "dir"), ("data", "version"), ("service", "tier"), ("common", "divisor")];

const RUST_KEYWORDS: [&str; 6] = ["fn", "struct", "enum", "trait", "type", "mod"];
const SCRIPT_KEYWORDS: [&str; 4] = ["function", "class", "interface", "type"];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in &tree.files {
        let keywords: &[&str] = match file.path.rsplit('.').next() {
            Some("rs") => &RUST_KEYWORDS,
            Some("ts" | "tsx") if !file.path.ends_with("/schema.ts") => &SCRIPT_KEYWORDS,
            _ => continue,
        };
        if let Some(word) = banned_word(file.stem()) {
            problems.push(file.problem(None, message("file", file.stem(), word)));
        }
        problems.extend(banned_definitions(file, keywords));
    }
    problems
}

fn banned_definitions(file: &File, keywords: &[&str]) -> Vec<Problem> {
    let is_test = file.path.contains("/tests/") || file.path.contains(".test.") || file.path.contains("/e2e/");
    if is_test {
        return Vec::new();
    }
    let code = split(file.above_tests()).code;
    let mut problems = Vec::new();
    let mut keyword: Option<&str> = None;
    for (position, word) in words(&code) {
        let defines = |keyword| keyword != "type" || is_type_definition(&code[position + word.len()..]);
        if let Some(keyword) = keyword.filter(|keyword| defines(*keyword))
            && let Some(banned) = banned_word(word)
        {
            problems.push(file.problem(line_of(&code, position), message(keyword, word, banned)));
        }
        keyword = keywords.iter().find(|candidate| **candidate == word).copied();
    }
    problems
}

/// After the name: a definition goes on, `import { type Foreign }` does not.
fn is_type_definition(rest: &str) -> bool {
    rest.trim_start().starts_with(['=', '<', ':', ';'])
}

fn message(kind: &str, name: &str, banned: &str) -> String {
    format!("{kind} `{name}`: \"{banned}\" fits anything; which word of the domain (GLOSSARY.md) is missing?")
}

/// Identifiers and keywords, with their positions.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_part = |character: char| character.is_alphanumeric() || character == '_';
    code.split(move |character| !is_part(character)).filter(|word| !word.is_empty()).map(|word| {
        // `split` yields slices of `code`, so the distance of the addresses is the position.
        (word.as_ptr() as usize - code.as_ptr() as usize, word)
    })
}

/// The banned word that a snake_case, kebab-case or CamelCase name holds, in singular or plural.
fn banned_word(name: &str) -> Option<&'static str> {
    let parts = parts(name);
    let is_known = |at: usize| {
        let pair = |first: usize| parts.get(first).zip(parts.get(first + 1)).map(|(a, b)| (a.as_str(), b.as_str()));
        pair(at).is_some_and(|pair| KNOWN_PAIRS.contains(&pair))
    };
    parts.iter().enumerate().filter(|(at, _)| !is_known(*at)).find_map(|(_, part)| {
        BANNED.iter().find(|banned| part == *banned || part.strip_suffix('s') == Some(**banned)).copied()
    })
}

fn parts(name: &str) -> Vec<String> {
    let mut parts: Vec<String> = Vec::new();
    let mut starts_new = true;
    let mut after_lower = false;
    for character in name.chars() {
        if !character.is_alphanumeric() {
            starts_new = true;
            continue;
        }
        if starts_new || (character.is_uppercase() && after_lower) {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut() {
            part.extend(character.to_lowercase());
        }
        starts_new = false;
        after_lower = character.is_lowercase();
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_banned_word_is_found_in_every_spelling_and_not_inside_another_word() {
        for name in ["utils", "FileManager", "session_info", "date-helpers", "baseUrl", "DataRow", "fooImpl"] {
            assert!(banned_word(name).is_some(), "{name} passed");
        }
        for name in ["database", "metadata", "information", "data_dir", "DataDir", "data_version", "implied", "simple"]
        {
            assert!(banned_word(name).is_none(), "{name} was refused");
        }
    }

    #[test]
    fn files_types_and_functions_are_looked_at_and_values_are_not() {
        let source = "//! Header about data.\nstruct SessionInfo;\nfn f() { let data = \"info\"; }\n";
        let problems = check(&Tree::of(&[("crates/a/src/util.rs", source)]));
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert_eq!(problems[1].line, Some(2));
        let script = "export function formatData() {}\n";
        assert_eq!(check(&Tree::of(&[("ui/src/lib/format.ts", script)])).len(), 1);
        let types = "import { type InfiniteData } from 'x'\nexport type PageInfo = string\n";
        let lines: Vec<_> = check(&Tree::of(&[("ui/src/lib/a.ts", types)])).iter().map(|found| found.line).collect();
        assert_eq!(lines, [Some(2)], "a foreign name is not ours to choose");
    }

    #[test]
    fn the_sentence_of_a_test_is_left_alone() {
        let source = "//! Header.\n#[cfg(test)]\nmod tests {\n#[test]\nfn data_is_kept() {}\n}\n";
        assert!(check(&Tree::of(&[("crates/a/src/a.rs", source)])).is_empty());
        assert!(check(&Tree::of(&[("crates/a/tests/a.rs", "fn data_is_kept() {}")])).is_empty());
    }
}
