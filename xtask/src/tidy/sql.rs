//! Only the store speaks SQL: a statement in any other crate means that a question has no name yet.

use super::rust_text::split;
use super::{Problem, Tree};

/// How statements start. Words of prose ("Select a row") differ by case.
const STATEMENTS: [&str; 12] = [
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE FROM",
    "CREATE TABLE",
    "CREATE INDEX",
    "CREATE VIRTUAL",
    "ALTER TABLE",
    "DROP TABLE",
    "PRAGMA ",
    "ATTACH ",
    "REPLACE INTO",
];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in tree.rust_files() {
        let speaks_sql = file.path.starts_with("crates/argus-store/");
        let code_of_ours = file.path.starts_with("crates/") && file.path.contains("/src/");
        if speaks_sql || !code_of_ours {
            continue;
        }
        for (line, content) in split(file.above_tests()).strings {
            if let Some(statement) = STATEMENTS.iter().find(|statement| content.trim_start().starts_with(**statement)) {
                let message =
                    format!("SQL ({}…) outside argus-store: give the question a name there", statement.trim());
                problems.push(file.problem(line, message));
            }
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_outside_the_store_is_found_with_its_line() {
        let source = "//! Header.\nfn f() {\n    db.run(\"\n  SELECT 1\");\n}\n";
        let problems = check(&Tree::of(&[("crates/argus-api/src/a.rs", source)]));
        assert_eq!(problems.len(), 1);
        assert_eq!(problems[0].line, Some(3));
    }

    #[test]
    fn the_store_comments_and_prose_are_left_alone() {
        let statement = "let a = \"SELECT 1\";";
        assert!(check(&Tree::of(&[("crates/argus-store/src/a.rs", statement)])).is_empty());
        let prose = "// SELECT is for the store\nlet a = \"Select a session\";";
        assert!(check(&Tree::of(&[("crates/argus-api/src/a.rs", prose)])).is_empty());
    }
}
