//! Which crate may use which: the table of ARCHITECTURE.md, held against `cargo metadata`.
//!
//! Tests count too: a dependency that only tests have still ties two layers together. A new crate needs a row here and
//! a decision record, because a crate is a boundary and not a folder.

use super::{Problem, Tree};

struct Row {
    name: &'static str,
    /// Crates of ours that it may use.
    ours: &'static [&'static str],
    /// What would mean that the layer does another layer's work. `["*"]` is: nothing from outside at all.
    never: &'static [&'static str],
}

const DATABASES: [&str; 2] = ["rusqlite", "rusqlite_migration"];
const SERVERS: [&str; 4] = ["axum", "hyper", "tower-http", "utoipa"];

const TABLE: [Row; 11] = [
    Row { name: "argus-model", ours: &[], never: &["*"] },
    Row { name: "argus-spool", ours: &["argus-model"], never: &["tokio", "serde", "serde_json"] },
    Row { name: "argus-hook", ours: &["argus-spool"], never: &["*"] },
    Row { name: "argus-store", ours: &["argus-model"], never: &["serde", "tokio"] },
    Row { name: "argus-rules", ours: &["argus-model"], never: &["tokio", "jiff"] },
    Row {
        name: "argus-ingest",
        ours: &["argus-model", "argus-spool", "argus-store", "argus-rules"],
        never: &["tokio", "clap", "indicatif"],
    },
    Row { name: "argus-guard", ours: &["argus-rules", "argus-spool"], never: &["tokio", "jiff", "rusqlite", "regex"] },
    // Nothing else may speak to the network as a client.
    Row { name: "argus-egress", ours: &["argus-model"], never: &["tokio", "rusqlite", "clap"] },
    Row { name: "argus-api", ours: &["argus-model", "argus-store", "argus-ingest", "argus-rules"], never: &["clap"] },
    Row {
        name: "argus-cli",
        ours: &[
            "argus-model",
            "argus-spool",
            "argus-store",
            "argus-rules",
            "argus-ingest",
            "argus-api",
            "argus-egress",
            "argus-guard",
        ],
        never: &["ureq"],
    },
    Row { name: "xtask", ours: &[], never: &["tokio"] },
];

pub(super) fn check(tree: &Tree) -> Vec<Problem> {
    let mut problems = Vec::new();
    for package in &tree.packages {
        let mut report = |message: String| {
            problems.push(Problem { path: format!("package {}", package.name), line: None, message });
        };
        let Some(row) = TABLE.iter().find(|row| row.name == package.name) else {
            report("is not in the table of xtask/src/tidy/crates.rs: add its row, and a decision record".into());
            continue;
        };
        for dependency in &package.dependencies {
            let dependency = dependency.as_str();
            let ours = dependency.starts_with("argus-");
            if ours && !row.ours.contains(&dependency) {
                report(format!("must not use {dependency}: its layer may use {:?}", row.ours));
            } else if !ours && is_forbidden(row, dependency) {
                report(format!("must not use {dependency}: that is another layer's work (see ARCHITECTURE.md)"));
            }
        }
    }
    problems
}

fn is_forbidden(row: &Row, dependency: &str) -> bool {
    let for_tests_only = ["proptest", "tempfile", "insta"].contains(&dependency);
    let store_only = DATABASES.contains(&dependency) && row.name != "argus-store";
    let api_only = SERVERS.contains(&dependency) && !["argus-api", "argus-cli"].contains(&row.name);
    let named = row.never.contains(&dependency) || (row.never == ["*"] && !for_tests_only);
    store_only || api_only || named
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(name: &str, dependencies: &[&str]) -> Vec<String> {
        let tree = Tree::of(&[]).with_package(name, dependencies);
        check(&tree).into_iter().map(|problem| problem.message).collect()
    }

    #[test]
    fn a_dependency_against_the_flow_is_refused() {
        assert_eq!(messages("argus-store", &["argus-model", "rusqlite"]).len(), 0);
        assert!(messages("argus-store", &["argus-ingest"])[0].contains("must not use argus-ingest"));
        assert_eq!(messages("argus-api", &["argus-cli"]).len(), 1);
    }

    #[test]
    fn a_database_outside_the_store_is_refused() {
        assert_eq!(messages("argus-api", &["rusqlite"]).len(), 1);
        assert_eq!(messages("argus-cli", &["rusqlite"]).len(), 1);
    }

    #[test]
    fn the_vocabulary_and_the_hook_use_nothing_from_outside() {
        assert_eq!(messages("argus-model", &["serde"]).len(), 1);
        assert_eq!(messages("argus-model", &["proptest"]).len(), 0);
        assert_eq!(messages("argus-hook", &["libc"]).len(), 1);
    }

    #[test]
    fn a_crate_without_a_row_is_refused() {
        assert_eq!(messages("argus-tools", &[]).len(), 1);
    }
}
