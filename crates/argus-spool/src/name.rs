//! A segment's name: the id of the one record in it, and the order in which records came.

use std::fmt;

use crate::record;

/// The file name of a record, `<wall clock in ns, 20 digits>-<pid>.rec`. Unique, so it is the record's own id: ingest
/// stores it with the rows, and draining a segment twice stores it once.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentName(String);

impl SegmentName {
    /// Takes a file name that a hook could have given; anything else in the folder is not ours.
    pub fn parse(name: &str) -> Option<Self> {
        let (started_at, pid) = name.strip_suffix(".rec")?.split_once('-')?;
        let (started_at, pid) = (started_at.parse().ok()?, pid.parse().ok()?);
        let ours = Self::new(started_at, pid);
        (ours.0 == name).then_some(ours)
    }

    pub(crate) fn new(started_at_ns: u64, pid: u32) -> Self {
        let (name, length) = record::file_name(started_at_ns, pid);
        Self(name[..length].iter().map(|&byte| char::from(byte)).collect())
    }

    /// The name as a file name and as an id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// When its hook started, by the wall clock, in ns since 1970.
    pub fn started_at_ns(&self) -> u64 {
        self.0.get(..20).and_then(|digits| digits.parse().ok()).unwrap_or_default()
    }

    /// Its hook's process id.
    pub fn pid(&self) -> u32 {
        let digits = self.0.get(21..).and_then(|rest| rest.strip_suffix(".rec"));
        digits.and_then(|digits| digits.parse().ok()).unwrap_or_default()
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_time_and_read_back() {
        let early = SegmentName::new(9, u32::MAX);
        let late = SegmentName::new(1_795_358_421_097_617_410, 0);
        assert!(early < late);
        for name in [early, late] {
            assert_eq!(SegmentName::parse(name.as_str()), Some(name.clone()));
            assert_eq!(SegmentName::new(name.started_at_ns(), name.pid()), name);
        }
    }

    #[test]
    fn only_names_that_a_hook_gives_are_segments() {
        for foreign in [
            "full",
            "",
            ".rec",
            "1-2.rec",
            "00000000000000000001-02.rec",
            "00000000000000000001-+2.rec",
            "00000000000000000001-2.rec.tmp",
            "00000000000000000001-4294967296.rec",
            "99999999999999999999-1.rec",
        ] {
            assert_eq!(SegmentName::parse(foreign), None, "{foreign}");
        }
    }
}
