//! Documents that say what is true: the crates and the tests that ARCHITECTURE.md names exist, links lead somewhere,
//! and no file holds a path that only one machine has.

use super::{File, Problem, Tree};

const ARCHITECTURE: &str = "ARCHITECTURE.md";

/// Crates of the workspace and crates in the text are the same.
pub(super) fn check_crates(tree: &Tree) -> Vec<Problem> {
    let Some(document) = tree.file(ARCHITECTURE) else { return missing() };
    let named = code_spans(document).into_iter().filter(|(_, span)| is_crate_name(span));
    let mut problems: Vec<Problem> = named
        .filter(|(_, span)| !tree.packages.iter().any(|package| package.name == *span))
        .map(|(line, span)| document.problem(line, format!("names the crate {span}, which does not exist")))
        .collect();
    for package in tree.packages.iter().filter(|package| is_crate_name(&package.name)) {
        if !document.text.contains(&format!("`{}`", package.name)) {
            problems.push(document.problem(None, format!("does not say what the crate {} is for", package.name)));
        }
    }
    problems
}

/// A line that starts `Proof:` names tests, each in a code span, and each is a function somewhere. Every numbered
/// invariant has such a line, if only to say that there is none yet.
pub(super) fn check_tests(tree: &Tree) -> Vec<Problem> {
    let Some(document) = tree.file(ARCHITECTURE) else { return missing() };
    let mut problems = Vec::new();
    for (line, span) in code_spans(document) {
        let is_proof = document.text.lines().nth(line - 1).is_some_and(|line| line.trim_start().starts_with("Proof:"));
        if is_proof && !test_exists(tree, span) {
            problems.push(document.problem(line, format!("names the test {span}, which does not exist")));
        }
    }
    problems.extend(invariants_without_proof(document));
    problems
}

fn invariants_without_proof(document: &File) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut open: Option<usize> = None;
    for (number, line) in document.text.lines().chain(["# end"]).enumerate() {
        let is_invariant = line.split_once(". **").is_some_and(|(count, _)| count.parse::<u8>().is_ok());
        if line.trim_start().starts_with("Proof:") {
            open = None;
        } else if let Some(start) = open.filter(|_| is_invariant || line.starts_with('#')) {
            problems.push(document.problem(start, "an invariant without a `Proof:` line: which test would fail?"));
            open = None;
        }
        if is_invariant {
            open = Some(number + 1);
        }
    }
    problems
}

fn test_exists(tree: &Tree, name: &str) -> bool {
    let definition = format!("fn {name}(");
    tree.rust_files().any(|file| file.text.contains(&definition))
}

/// Links from one Markdown file to another, and paths from the root in code spans, lead to files of the repository.
pub(super) fn check_links(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.files.iter().filter(|file| file.path.ends_with(".md") && !file.path.starts_with("testdata/")) {
        for (line, span) in code_spans(file) {
            if is_path_from_the_root(span) && !tree.has(span.trim_end_matches('/')) {
                problems.push(file.problem(line, format!("names {span}, which does not exist")));
            }
        }
        for (number, line) in file.text.lines().enumerate() {
            for (at, _) in line.match_indices("](") {
                let target = line[at + 2..].split(')').next().unwrap_or_default();
                let target = target.split('#').next().unwrap_or_default();
                if target.is_empty() || target.contains("://") || target.starts_with("mailto:") {
                    continue;
                }
                if !tree.has(&beside(&file.path, target)) {
                    problems.push(file.problem(number + 1, format!("links to {target}, which does not exist")));
                }
            }
        }
    }
    problems
}

fn is_path_from_the_root(span: &str) -> bool {
    let a_path = span.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-".contains(&byte));
    a_path && ["crates/", "xtask/", "docs/", "testdata/", "ui/"].iter().any(|folder| span.starts_with(folder))
}

/// A path of the machine someone worked on: it means nothing to anyone else, and says more than it should.
pub(super) fn check_machine_paths(tree: &Tree) -> Vec<Problem> {
    // Put together here, so that this file does not break its own rule.
    let folders = ["work", "root"].map(|folder| format!("/{folder}/"));
    let mut problems = Vec::new();
    for file in tree.files.iter().filter(|file| !file.path.starts_with("testdata/")) {
        for (number, line) in file.text.lines().enumerate() {
            let found = folders.iter().find(|folder| {
                line.match_indices(folder.as_str()).any(|(at, _)| !line[..at].ends_with(is_inside_a_path))
            });
            if let Some(folder) = found {
                problems.push(file.problem(number + 1, format!("{folder}… is a path of one machine")));
            }
        }
    }
    problems
}

fn is_inside_a_path(before: char) -> bool {
    before.is_alphanumeric() || ['.', '_', '-', '~', '}', '$', '/', ')'].contains(&before)
}

fn missing() -> Vec<Problem> {
    vec![Problem { path: ARCHITECTURE.to_string(), line: None, message: "does not exist".to_string() }]
}

fn is_crate_name(text: &str) -> bool {
    text.strip_prefix("argus-")
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_lowercase()))
}

/// The texts between backticks, with their lines; fenced blocks aside.
fn code_spans(file: &File) -> Vec<(usize, &str)> {
    let mut spans = Vec::new();
    let mut fenced = false;
    for (number, line) in file.text.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            spans.extend(line.split('`').skip(1).step_by(2).map(|span| (number + 1, span)));
        }
    }
    spans
}

/// `target` as seen from the folder of `path`.
fn beside(path: &str, target: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in target.trim_end_matches('/').split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_crate_only_in_the_text_or_only_in_the_workspace_is_found() {
        let tree = |text| Tree::of(&[(ARCHITECTURE, text)]).with_package("argus-model", &[]);
        assert!(check_crates(&tree("`argus-model` is the vocabulary")).is_empty());
        assert_eq!(check_crates(&tree("`argus-model` and `argus-dream`")).len(), 1);
        assert_eq!(check_crates(&tree("no crates here")).len(), 1);
        assert_eq!(check_crates(&Tree::of(&[])).len(), 1, "no document at all");
    }

    #[test]
    fn a_proof_that_is_no_test_is_found() {
        let document = "Proof: `draining_twice_stores_each_record_once`, `dreamt`\n";
        let test = "fn draining_twice_stores_each_record_once() {}";
        let problems = check_tests(&Tree::of(&[(ARCHITECTURE, document), ("crates/a/tests/a.rs", test)]));
        assert_eq!(problems.len(), 1);
        assert!(problems[0].message.contains("dreamt"));
    }

    #[test]
    fn an_invariant_without_proof_is_found() {
        let document = "1. **One**: so.\n   Proof: none yet.\n2. **Two**: so,\n   and so.\n3. **Three**.\n\n## After\n";
        let lines: Vec<_> =
            check_tests(&Tree::of(&[(ARCHITECTURE, document)])).iter().map(|found| found.line).collect();
        assert_eq!(lines, [Some(3), Some(5)]);
    }

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let text = "[a](docs/a.md#part) [b](https://example.org) [c](docs) [d](gone.md) `docs/gone.md` `docs/`";
        let problems = check_links(&Tree::of(&[("README.md", text), ("docs/a.md", "[up](../README.md)")]));
        assert_eq!(problems.len(), 2, "{problems:?}");
        assert!(problems.iter().all(|problem| problem.message.contains("gone.md")));
    }

    #[test]
    fn a_path_of_one_machine_is_found_and_part_of_another_path_is_not() {
        let folder = format!("/{}/", "work");
        let check = |text: String| check_machine_paths(&Tree::of(&[("a.rs", &text)])).len();
        assert_eq!(check(format!("see {folder}x")), 1);
        assert_eq!(check(format!("\"{folder}x\"")), 1);
        assert_eq!(check(format!("/home/dev{folder}x")), 0);
    }
}
