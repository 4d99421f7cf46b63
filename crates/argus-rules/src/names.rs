//! Long lists of names that every command or path is held against.

use std::collections::HashSet;
use std::sync::OnceLock;

/// A list of names. Nearly every name that is asked for is in none, so that it is not compared with each.
pub(crate) struct Names {
    list: &'static [&'static str],
    known: OnceLock<HashSet<&'static str>>,
}

impl Names {
    pub(crate) const fn new(list: &'static [&'static str]) -> Self {
        Self { list, known: OnceLock::new() }
    }

    /// True for a name of the list.
    pub(crate) fn contains(&self, name: &str) -> bool {
        self.known.get_or_init(|| self.list.iter().copied().collect()).contains(name)
    }
}
