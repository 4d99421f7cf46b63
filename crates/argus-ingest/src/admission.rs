//! What may be recorded at all: nothing of a pause, and no session of a folder that the person excluded.
//!
//! Hooks know no configuration; what they hand over is dropped here, before anything of it is stored. A pause is asked of
//! each fact's own date, so order and repetition change nothing. An exclusion is asked of a whole session, before its
//! files are even registered: when it is lifted they are read from their beginning, as new ones are.

mod excluded;

use argus_model::{Pause, Timestamp};

pub(crate) use excluded::Excluded;

/// All pauses there were and the one that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pauses(Vec<Pause>);

impl Pauses {
    pub(crate) fn new(pauses: Vec<Pause>) -> Self {
        Self(pauses)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn cover(&self, at: Timestamp) -> bool {
        self.0.iter().any(|pause| pause.covers(at))
    }

    /// The pause that holds at a moment.
    pub(crate) fn at(&self, at: Timestamp) -> Option<Pause> {
        self.0.iter().find(|pause| pause.covers(at)).copied()
    }
}
