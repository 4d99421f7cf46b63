//! `otlp-forward.json`: who got Claude Code's log records before Argus did and gets a copy of each batch since, and what
//! stood in the settings then.
//!
//! A file of its own, for its owner alone: headers are secrets, and are neither shown nor sent anywhere but to the one
//! they belong to. The server looks at it again every few seconds; what it says of its work stands beside, in
//! `otlp-forwarded.json`.

use std::collections::BTreeMap;
use std::path::Path;

use argus_egress::Collector;
use serde::{Deserialize, Serialize};

use crate::configuration::replace;
use crate::failure::{Done, Explain};
use crate::settings::{Before, Way};

/// The file's name, in the data directory.
pub(crate) const FILE: &str = "otlp-forward.json";
/// What the server says of it.
pub(crate) const FORWARDED_FILE: &str = "otlp-forwarded.json";

/// The whole file.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Forwarding {
    /// Who gets a copy.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) to: Option<Receiver>,
    /// By settings file: what stood in the places of variables that are ours now.
    #[serde(default)]
    pub(crate) before: BTreeMap<String, Before>,
}

/// Somebody who gets a copy.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Receiver {
    endpoint: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    /// Batches are to be written in protobuf.
    #[serde(default)]
    pub(crate) is_protobuf: bool,
}

impl Receiver {
    pub(crate) fn new(way: &Way, is_protobuf: bool) -> Self {
        Self { endpoint: way.endpoint.clone(), headers: way.headers.iter().cloned().collect(), is_protobuf }
    }

    /// As the one way out takes it.
    pub(crate) fn collector(&self) -> Result<Collector, argus_egress::Refused> {
        Collector::new(&self.endpoint, &self.headers)
    }
}

impl Forwarding {
    /// What the file says; nothing where there is none.
    pub(crate) fn read(folder: &Path) -> Done<Self> {
        let path = folder.join(FILE);
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(error).while_doing(&format!("cannot read {}", path.display())),
        };
        // What a parser says repeats what it read, and that is secret.
        serde_json::from_str(&text).map_err(|error| {
            crate::failure::Failure::new(format!("{}, line {}: it cannot be read", path.display(), error.line()))
        })
    }

    /// Keeps it; where there is nothing to keep, there is no file.
    pub(crate) fn write(&self, folder: &Path) -> Done {
        let path = folder.join(FILE);
        if *self == Self::default() {
            let _ = std::fs::remove_file(folder.join(FORWARDED_FILE));
            return match std::fs::remove_file(&path) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
                _ => Ok(()),
            };
        }
        replace(&path, &serde_json::to_string_pretty(self)?).while_doing(&format!("cannot write {}", path.display()))
    }

    /// Forgets a settings file; nobody gets a copy once none is left.
    pub(crate) fn forget(&mut self, settings: &Path) {
        self.before.remove(&*settings.to_string_lossy());
        if self.before.is_empty() {
            self.to = None;
        }
    }

    /// What stood in a settings file.
    pub(crate) fn before(&self, settings: &Path) -> Before {
        self.before.get(&*settings.to_string_lossy()).cloned().unwrap_or_default()
    }
}

/// How forwarding goes, as the server tells.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Forwarded {
    /// Batches that were given up, or found no room.
    pub(crate) lost: u64,
    /// Why the last one did not arrive.
    pub(crate) problem: Option<String>,
}

impl Forwarded {
    /// What the file says; nothing where there is none.
    pub(crate) fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join(FORWARDED_FILE)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }
}
