//! `webhooks.json`: which alert each webhook was told last, and why the last message did not arrive.

use std::collections::BTreeMap;
use std::path::Path;

use argus_egress::Courier;
use serde::{Deserialize, Serialize};

/// The file's name, in the data directory.
pub(crate) const FILE: &str = "webhooks.json";

/// The whole file.
#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Told(BTreeMap<String, Line>);

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Line {
    last_alert_no: i64,
    problem: Option<String>,
}

impl Told {
    /// What the file says; nothing where there is none, or where it cannot be understood.
    pub(crate) fn read(folder: &Path) -> Self {
        let text = std::fs::read_to_string(folder.join(FILE)).unwrap_or_default();
        serde_json::from_str(&text).unwrap_or_default()
    }

    pub(crate) fn of(couriers: &BTreeMap<String, Courier>) -> Self {
        let line = |courier: &Courier| Line { last_alert_no: courier.after, problem: courier.problem.clone() };
        Self(couriers.iter().map(|(name, courier)| (name.clone(), line(courier))).collect())
    }

    pub(crate) fn couriers(self) -> BTreeMap<String, Courier> {
        self.0.into_iter().map(|(name, line)| (name, Courier::behind(line.last_alert_no))).collect()
    }

    pub(crate) fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Why the last message to a webhook did not arrive.
    pub(crate) fn problem(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.problem.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_told_outlives_a_start() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(Told::read(folder.path()), Told::default());
        let couriers: BTreeMap<_, _> = [("team".to_owned(), Courier::behind(7))].into();
        std::fs::write(folder.path().join(FILE), Told::of(&couriers).text()).unwrap();
        assert_eq!(Told::read(folder.path()).couriers(), couriers);
        std::fs::write(folder.path().join(FILE), "{").unwrap();
        assert_eq!(Told::read(folder.path()), Told::default());
    }
}
