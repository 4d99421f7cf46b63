//! Where the next page of a search begins: behind which hit, and in which chunk.

use std::fmt;

use argus_model::Timestamp;
use argus_store::StoreError;

/// A place in the list of hits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    /// Time and id of the last hit given.
    pub(crate) at: Timestamp,
    pub(crate) id: String,
    /// No chunk above this holds anything that was not given.
    pub(crate) resume: i64,
}

impl Cursor {
    pub(crate) fn parse(text: &str) -> Result<Self, StoreError> {
        let parts = || {
            let (at, rest) = text.split_once('.')?;
            let (resume, id) = rest.split_once('.')?;
            Some(Self { at: Timestamp::from_micros(at.parse().ok()?), id: id.to_owned(), resume: resume.parse().ok()? })
        };
        parts().ok_or(StoreError::BadCursor)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.at.as_micros(), self.resume, self.id)
    }
}
