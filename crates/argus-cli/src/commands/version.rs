//! `argus --version`.

use crate::cli::Global;
use crate::configuration::Configuration;
use crate::failure::Done;
use crate::output::{print_answer, print_json};

/// Version, commit and SQLite's version.
pub(super) fn run(global: &Global) -> Done {
    let (version, commit) = (env!("CARGO_PKG_VERSION"), env!("ARGUS_COMMIT"));
    let sqlite = sqlite_version(global);
    if global.json {
        return print_json(&serde_json::json!({ "version": version, "commit": commit, "sqlite_version": sqlite }));
    }
    let sqlite = sqlite.map_or_else(String::new, |sqlite| format!(", SQLite {sqlite}"));
    print_answer(&format!("argus {version} (commit {commit}{sqlite})\n"))
}

/// The store tells it of an open database only; asking for a version must not make one.
fn sqlite_version(global: &Global) -> Option<&'static str> {
    let path = Configuration::load(global).ok()?.data.database();
    let store = path.exists().then(|| argus_store::Store::open(&path).ok())??;
    Some(store.readers().sqlite_version())
}
