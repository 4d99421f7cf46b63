//! A second, naive reader of the client's transcripts, to hold the ledger against them without Argus.
//!
//! It collects message ids and traces of hooks: enough to know which requests the client wrote down and whether it noticed
//! us, and too little to share a mistake with the reader under test.
//!
//! Start at [`message_ids`].

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Ids of all model messages in the transcripts below `projects`.
pub(crate) fn message_ids(projects: &Path) -> BTreeSet<String> {
    files(projects)
        .iter()
        .flat_map(|path| lines(path))
        .filter(|line| line["type"] == "assistant" && line["message"]["model"] != "<synthetic>")
        .filter_map(|line| Some(line["message"]["id"].as_str()?.to_owned()))
        .collect()
}

/// What hooks left in the transcripts: output, failures, cancellations. A silent hook leaves nothing.
pub(crate) fn hook_attachments(projects: &Path) -> Vec<Value> {
    files(projects)
        .iter()
        .flat_map(|path| lines(path))
        .map(|mut line| line["attachment"].take())
        .filter(|attachment| attachment["type"].as_str().is_some_and(|name| name.starts_with("hook_")))
        .collect()
}

/// The records that hold this text, but for the client's own report of its money.
pub(crate) fn records_with(projects: &Path, text: &str) -> Vec<Value> {
    let records = files(projects).into_iter().flat_map(|path| lines(&path));
    records.filter(|line| line["type"] != "cost-state" && line.to_string().contains(text)).collect()
}

/// All transcript files below a folder, subagents' included.
fn files(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let mut found = Vec::new();
    for path in entries.map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "jsonl") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// A transcript's records.
fn lines(path: &Path) -> Vec<Value> {
    fs::read_to_string(path).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}
