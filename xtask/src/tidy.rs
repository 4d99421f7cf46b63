//! `cargo xtask tidy`: the rules of the house that no compiler checks.
//!
//! A rule is a pure function from the text of the tracked files (a [`Tree`]) to the places that break it. So each has
//! tests that show it failing on a small made-up tree: a check that cannot fail proves nothing. The message says what
//! to do, for whoever meets the rule the first time.
//!
//! Start at [`RULES`].

mod crates;
mod documents;
mod migrations;
mod names;
mod rust_text;
mod shape;
mod sql;
mod zones;

use std::fmt;
use std::path::Path;
use std::process::Command;

use clap::Args;

use crate::workspace::Checkout;
use crate::{Result, program};

/// Options of `cargo xtask tidy`.
#[derive(Args)]
pub(crate) struct Options {
    /// Record migrations that are new. One that was edited is never recorded: write a new one.
    #[arg(long)]
    record_migrations: bool,
}

/// A rule's name and the check behind it.
type Rule = (&'static str, fn(&Tree) -> Vec<Problem>);

const RULES: [Rule; 10] = [
    ("crates use only what their layer may use", crates::check),
    ("only the store speaks SQL", sql::check),
    ("files stay small, open with a header, and none is mod.rs", shape::check),
    ("names say what a thing is", names::check),
    ("the dashboard's layers import downwards", zones::check),
    ("migrations are never edited", migrations::check),
    ("the crates that ARCHITECTURE.md names exist, and no others", documents::check_crates),
    ("the tests that ARCHITECTURE.md names exist", documents::check_tests),
    ("links between documents lead somewhere", documents::check_links),
    ("no path of one machine is written down", documents::check_machine_paths),
];

/// The text of the repository's files, and its packages.
pub(crate) struct Tree {
    files: Vec<File>,
    /// Paths of what is no text: pictures.
    others: Vec<String>,
    packages: Vec<Package>,
}

/// A text file: its path from the root, with `/` between the parts.
struct File {
    path: String,
    text: String,
}

/// A package of the workspace.
struct Package {
    name: String,
    dependencies: Vec<String>,
    integration_tests: Vec<String>,
}

/// A place that breaks a rule, and what to do.
#[derive(Debug, PartialEq, Eq)]
struct Problem {
    path: String,
    line: Option<usize>,
    message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{}:{line}: {}", self.path, self.message),
            None => write!(formatter, "{}: {}", self.path, self.message),
        }
    }
}

/// The command: checks, or records migrations first.
pub(crate) fn run(checkout: &Checkout, options: &Options) -> Result<()> {
    if options.record_migrations {
        let tree = Tree::read(checkout)?;
        std::fs::write(checkout.root().join(migrations::RECORD), migrations::record(&tree))?;
    }
    check(checkout)
}

/// Applies every rule and prints what breaks one.
pub(crate) fn check(checkout: &Checkout) -> Result<()> {
    let tree = Tree::read(checkout)?;
    let mut count = 0;
    for (name, rule) in RULES {
        let problems = rule(&tree);
        println!("{:<6} {name}", if problems.is_empty() { "ok" } else { "BROKEN" });
        for problem in &problems {
            println!("       {problem}");
        }
        count += problems.len();
    }
    match count {
        0 => Ok(()),
        1 => Err("a rule of the house is broken in one place, shown above".into()),
        _ => Err(format!("rules of the house are broken in {count} places, shown above").into()),
    }
}

/// The files in `tests/` of a package, by the names cargo gives them.
pub(crate) fn integration_tests(checkout: &Checkout, package: &str) -> Result<Vec<String>> {
    let found = packages(checkout)?.into_iter().find(|candidate| candidate.name == package);
    Ok(found.map(|package| package.integration_tests).unwrap_or_default())
}

impl Tree {
    /// What git tracks or would track, so that nothing that was built is looked at.
    fn read(checkout: &Checkout) -> Result<Self> {
        let root = checkout.root();
        let mut list = Command::new("git");
        list.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let list = program::capture(&mut list)?;
        let mut paths: Vec<&str> = list.split_terminator('\0').collect();
        paths.sort_unstable();
        paths.dedup();
        paths.retain(|path| root.join(path).is_file());
        let files: Vec<File> = paths.iter().filter_map(|path| File::read(root, path)).collect();
        let is_text = |path: &str| files.iter().any(|file| file.path == path);
        let others = paths.into_iter().filter(|path| !is_text(path)).map(str::to_owned).collect();
        Ok(Self { files, others, packages: packages(checkout)? })
    }

    fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// A file or a folder.
    fn has(&self, path: &str) -> bool {
        let folder = format!("{path}/");
        let mut paths = self.files.iter().map(|file| &file.path).chain(&self.others);
        paths.any(|known| known == path || known.starts_with(&folder))
    }

    fn rust_files(&self) -> impl Iterator<Item = &File> {
        self.files.iter().filter(|file| file.path.ends_with(".rs"))
    }

    #[cfg(test)]
    fn of(files: &[(&str, &str)]) -> Self {
        let files =
            files.iter().map(|(path, text)| File { path: (*path).to_string(), text: (*text).to_string() }).collect();
        Self { files, others: Vec::new(), packages: Vec::new() }
    }

    #[cfg(test)]
    fn with_package(mut self, name: &str, dependencies: &[&str]) -> Self {
        let dependencies = dependencies.iter().map(ToString::to_string).collect();
        self.packages.push(Package { name: name.to_string(), dependencies, integration_tests: Vec::new() });
        self
    }
}

impl File {
    /// None for what is not text, or was removed and is not committed yet.
    fn read(root: &Path, path: &str) -> Option<Self> {
        let bytes = std::fs::read(root.join(path)).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        Some(Self { path: path.to_string(), text })
    }

    /// The name without folders and without its last ending.
    fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.split('.').next().filter(|stem| !stem.is_empty()).unwrap_or(name)
    }

    fn problem(&self, line: impl Into<Option<usize>>, message: impl Into<String>) -> Problem {
        Problem { path: self.path.clone(), line: line.into(), message: message.into() }
    }

    /// The code above the first block of tests.
    fn above_tests(&self) -> &str {
        let end = self.text.find("\n#[cfg(test)]\nmod ").map_or(self.text.len(), |at| at + 1);
        &self.text[..end]
    }
}

fn packages(checkout: &Checkout) -> Result<Vec<Package>> {
    let text =
        program::capture(checkout.cargo().args(["metadata", "--no-deps", "--format-version", "1", "--offline"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&text)?;
    let list = |value: &serde_json::Value| value.as_array().cloned().unwrap_or_default();
    let word = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
    let packages = list(&metadata["packages"]).into_iter().map(|package| Package {
        name: word(&package["name"]),
        dependencies: list(&package["dependencies"]).iter().map(|dependency| word(&dependency["name"])).collect(),
        integration_tests: list(&package["targets"])
            .iter()
            .filter(|target| list(&target["kind"]).iter().any(|kind| kind == "test"))
            .map(|target| word(&target["name"]))
            .collect(),
    });
    Ok(packages.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_not_counted_as_code_and_a_test_only_item_does_not_end_it() {
        let tree = Tree::of(&[("a.rs", "one\n#[cfg(test)]\nfn seam() {}\ntwo\n#[cfg(test)]\nmod tests {}\n")]);
        assert_eq!(tree.files[0].above_tests(), "one\n#[cfg(test)]\nfn seam() {}\ntwo\n");
    }

    #[test]
    fn a_problem_is_shown_as_a_place_that_editors_open() {
        let tree = Tree::of(&[("a/b.rs", "")]);
        assert_eq!(tree.files[0].problem(7, "too long").to_string(), "a/b.rs:7: too long");
        assert_eq!(tree.files[0].problem(None, "no header").to_string(), "a/b.rs: no header");
    }
}
