//! The shape of files: small enough to hold in mind, with a header that says what they are for, and named like their
//! folder (`name.rs` beside `name/`), so that a file's tab in an editor says which module it is.

use super::{File, Problem, Tree};

/// Lines of code above the tests. The aim is 120; at 500 there are two modules in one file.
const LINES_AT_MOST: usize = 500;

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in &tree.files {
        if is_measured(file) {
            let lines = file.above_tests().lines().count();
            if lines > LINES_AT_MOST {
                problems.push(file.problem(
                    None,
                    format!("{lines} lines above its tests, {LINES_AT_MOST} at most: split it by meaning"),
                ));
            }
        }
        if file.path.ends_with(".rs") {
            if !opens_with_header(&file.text) {
                problems.push(
                    file.problem(1, "no `//!` header: what is it for, why so, what must stay true, where to start?"),
                );
            }
            if file.path.ends_with("/mod.rs") {
                problems.push(file.problem(None, "name it like its folder: `name.rs` beside `name/`, no mod.rs"));
            }
        }
    }
    problems
}

fn is_measured(file: &File) -> bool {
    let source = [".rs", ".ts", ".tsx"].iter().any(|ending| file.path.ends_with(ending));
    let generated = file.path.ends_with("/schema.ts");
    let test = [".test.ts", ".test.tsx"].iter().any(|ending| file.path.ends_with(ending));
    source && !generated && !test
}

/// The header is the first thing but for attributes of the whole file.
fn opens_with_header(text: &str) -> bool {
    text.lines()
        .find(|line| !line.trim().is_empty() && !line.starts_with("#!["))
        .is_some_and(|line| line.starts_with("//!"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn a_file_past_its_size_is_found_whatever_its_language() {
        let long = format!("//! Header.\n{}", "x();\n".repeat(500));
        assert_eq!(problems("crates/a/src/b.rs", &long), 1);
        assert_eq!(problems("ui/src/lib/b.ts", &long), 1);
        assert_eq!(problems("ui/src/api/schema.ts", &long), 0);
        let tests = format!("//! Header.\n#[cfg(test)]\nmod tests {{\n{}}}\n", "x();\n".repeat(500));
        assert_eq!(problems("crates/a/src/b.rs", &tests), 0);
    }

    #[test]
    fn a_file_without_a_header_is_found() {
        assert_eq!(problems("crates/a/src/b.rs", "use x;\n//! too late\n"), 1);
        assert_eq!(problems("crates/a/src/b.rs", "#![no_std]\n//! Header.\n"), 0);
    }

    #[test]
    fn mod_rs_is_found() {
        assert_eq!(problems("crates/a/src/b/mod.rs", "//! Header.\n"), 1);
    }
}
