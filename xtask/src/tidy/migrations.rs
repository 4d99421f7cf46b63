//! A migration that a database somewhere has run is history: editing it would make two databases of the same version
//! differ. So the fingerprint of each is recorded here, and only new files may be added to the record.

use super::{File, Problem, Tree};

/// Lines of `fingerprint path`, sorted by path.
pub(super) const RECORD: &str = "xtask/migrations.sum";

const FOLDER: &str = "crates/argus-store/migrations/";

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let recorded = recorded(tree);
    let mut problems = Vec::new();
    for file in migrations(tree) {
        match recorded.iter().find(|(_, path)| *path == file.path) {
            None => problems.push(file.problem(None, "is new: record it with `cargo xtask tidy --record-migrations`")),
            Some((fingerprint, _)) if *fingerprint != fingerprint_of(file) => {
                problems
                    .push(file.problem(None, "was edited: databases have run it; undo that and write a new migration"));
            }
            Some(_) => {}
        }
    }
    for (_, path) in recorded {
        if tree.file(path).is_none() {
            let message = "was removed or renamed: databases have run it; bring it back".to_string();
            problems.push(Problem { path: path.to_string(), line: None, message });
        }
    }
    problems
}

/// The record with the new files added. What is recorded already stays as it is, edited or not.
pub(super) fn record(tree: &Tree) -> String {
    let mut lines: Vec<(String, String)> =
        recorded(tree).into_iter().map(|(fingerprint, path)| (path.to_string(), fingerprint.to_string())).collect();
    for file in migrations(tree) {
        if !lines.iter().any(|(path, _)| *path == file.path) {
            lines.push((file.path.clone(), fingerprint_of(file)));
        }
    }
    lines.sort();
    lines.into_iter().map(|(path, fingerprint)| format!("{fingerprint} {path}\n")).collect()
}

fn migrations(tree: &Tree) -> impl Iterator<Item = &File> {
    tree.files.iter().filter(|file| file.path.starts_with(FOLDER) && file.path.ends_with(".sql"))
}

fn recorded(tree: &Tree) -> Vec<(&str, &str)> {
    let text = tree.file(RECORD).map_or("", |file| &file.text);
    text.lines().filter_map(|line| line.split_once(' ')).collect()
}

/// Line endings are git's matter, not an edit.
fn fingerprint_of(file: &File) -> String {
    blake3::hash(file.text.replace("\r\n", "\n").as_bytes()).to_hex()[..32].to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "crates/argus-store/migrations/0001_first.sql";

    fn recorded_tree(text_now: &str) -> Tree {
        let record = record(&Tree::of(&[(FIRST, "CREATE TABLE a (b);")]));
        Tree::of(&[(FIRST, text_now), (RECORD, &record)])
    }

    #[test]
    fn an_edited_migration_is_found_and_recording_again_does_not_hide_it() {
        assert!(check(&recorded_tree("CREATE TABLE a (b);")).is_empty());
        let edited = recorded_tree("CREATE TABLE a (b, c);");
        assert_eq!(check(&edited).len(), 1);
        let again = record(&edited);
        assert_eq!(check(&Tree::of(&[(FIRST, "CREATE TABLE a (b, c);"), (RECORD, &again)])).len(), 1);
    }

    #[test]
    fn a_new_or_a_missing_migration_is_found() {
        assert_eq!(check(&Tree::of(&[(FIRST, "CREATE TABLE a (b);")])).len(), 1);
        assert_eq!(check(&Tree::of(&[(RECORD, &format!("00 {FIRST}\n"))])).len(), 1);
    }
}
