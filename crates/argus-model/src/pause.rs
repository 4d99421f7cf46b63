//! A time in which nothing is to be recorded.
//!
//! A fact is weighed by its own date and never by its arrival, so what is read late, again or in another order is
//! left out all the same (invariant 5).

use crate::Timestamp;

/// From when, and until when; `None` until somebody resumes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// The first moment that is left out.
    pub from_at: Timestamp,
    /// The first moment that is recorded again.
    pub until_at: Option<Timestamp>,
}

impl Pause {
    /// Whether a moment lies in it.
    pub fn covers(&self, at: Timestamp) -> bool {
        self.from_at <= at && self.until_at.is_none_or(|until| at < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pause_covers_its_beginning_and_not_its_end() {
        let at = Timestamp::from_micros;
        let ended = Pause { from_at: at(10), until_at: Some(at(20)) };
        assert_eq!([9, 10, 19, 20].map(|micros| ended.covers(at(micros))), [false, true, true, false]);
        let open = Pause { from_at: at(10), until_at: None };
        assert!(open.covers(at(i64::MAX)) && !open.covers(at(9)));
    }
}
