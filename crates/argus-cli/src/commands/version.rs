//! `argus --version`.

use crate::cli::Global;
use crate::failure::Done;
use crate::output::{print_answer, print_json};

/// Version, commit and SQLite's version.
pub(super) fn run(global: &Global) -> Done {
    let (version, commit) = (env!("CARGO_PKG_VERSION"), env!("ARGUS_COMMIT"));
    let sqlite = argus_store::sqlite_version();
    if global.json {
        return print_json(&serde_json::json!({ "version": version, "commit": commit, "sqlite_version": sqlite }));
    }
    print_answer(&format!("argus {version} (commit {commit}, SQLite {sqlite})\n"))
}
