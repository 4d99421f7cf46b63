//! `budgets.json` in the data directory: how the budgets stand, for whoever must know at once and may not open the database.
//!
//! The server writes it whole (beside, then renamed) when something changed and at least every minute; the status line reads
//! it. A file that is older was left by a server that is gone, and says nothing.

use std::fs;
use std::io;
use std::path::Path;

use argus_api::dto::BudgetList;
use serde_json::Value;

/// Its name in the data directory.
pub(crate) const FILE: &str = "budgets.json";
/// After this time it says nothing any more.
pub(crate) const HOLDS_US: i64 = 180_000_000;
/// A reader takes no more than this.
const LONGEST: u64 = 256 * 1024;

/// Writes it.
pub(crate) fn write(data_dir: &Path, list: &BudgetList) -> io::Result<()> {
    let text = serde_json::to_vec(list)?;
    let beside = data_dir.join(format!("{FILE}.{}.new", std::process::id()));
    let written = fs::write(&beside, text).and_then(|()| fs::rename(&beside, data_dir.join(FILE)));
    if written.is_err() {
        // What is left of it is only in the way.
        let _ = fs::remove_file(&beside);
    }
    written
}

/// Reads it; none where nobody wrote it lately.
pub(crate) fn read(data_dir: &Path, now_us: i64) -> Option<Value> {
    let path = data_dir.join(FILE);
    let metadata = fs::metadata(&path).ok().filter(|metadata| metadata.is_file() && metadata.len() <= LONGEST)?;
    let written = metadata.modified().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    let age_us = now_us.saturating_sub(i64::try_from(written.as_micros()).ok()?);
    if age_us > HOLDS_US {
        return None;
    }
    serde_json::from_slice(&fs::read(&path).ok()?).ok()
}
