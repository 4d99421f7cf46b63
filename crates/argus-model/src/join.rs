//! Small join-semilattices from which every entity's state is made.
//!
//! Facts about one thing come from hooks, transcripts and telemetry, in any order and more than once. If each
//! field is a join (commutative, associative, idempotent), order cannot matter. Ties are broken by the value
//! itself, so that even contradicting facts with the same time converge.

use crate::Timestamp;

/// The value with the best (lowest) rank, then the earliest time, then the smallest value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct First<T>(Option<(u8, Timestamp, T)>);

/// The value with the best (lowest) rank, then the latest time, then the largest value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Last<T>(Option<(u8, Timestamp, T)>);

/// The earliest of many, or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Minimum<T>(Option<T>);

/// The latest of many, or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Maximum<T>(Option<T>);

/// The largest by its own order, or unknown.
pub type Best<T> = Maximum<T>;

macro_rules! ranked {
    ($name:ident, |$new:ident, $old:ident| $wins:expr) => {
        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self(None)
            }
        }

        impl<T: Ord + Clone> $name<T> {
            /// A known value.
            pub fn of(rank: u8, at: Timestamp, value: T) -> Self {
                Self(Some((rank, at, value)))
            }

            /// From stored parts; unknown unless all are there.
            pub fn from_parts(rank: Option<u8>, at: Option<Timestamp>, value: Option<T>) -> Self {
                match (rank, at, value) {
                    (Some(rank), Some(at), Some(value)) => Self(Some((rank, at, value))),
                    _ => Self(None),
                }
            }

            /// The value, if known.
            pub fn get(&self) -> Option<&T> {
                self.0.as_ref().map(|(_, _, value)| value)
            }

            /// When the value was so.
            pub fn at(&self) -> Option<Timestamp> {
                self.0.as_ref().map(|(_, at, _)| *at)
            }

            /// How good its source is; 0 is best.
            pub fn rank(&self) -> Option<u8> {
                self.0.as_ref().map(|(rank, _, _)| *rank)
            }

            /// Changes the value in place; its rank and time stay.
            pub fn amend(&mut self, change: impl FnOnce(&mut T)) {
                if let Some((_, _, value)) = &mut self.0 {
                    change(value);
                }
            }

            /// Takes `other` in.
            pub fn join(&mut self, other: &Self) {
                let Some($new) = &other.0 else { return };
                let wins = match &self.0 {
                    None => true,
                    Some($old) => $wins,
                };
                if wins {
                    self.0 = other.0.clone();
                }
            }
        }
    };
}

ranked!(First, |new, old| (new.0, new.1, &new.2) < (old.0, old.1, &old.2));
ranked!(Last, |new, old| (std::cmp::Reverse(new.0), new.1, &new.2) > (std::cmp::Reverse(old.0), old.1, &old.2));

macro_rules! extreme {
    ($name:ident, $wins:tt) => {
        impl<T> Default for $name<T> {
            fn default() -> Self {
                Self(None)
            }
        }

        impl<T> From<Option<T>> for $name<T> {
            fn from(value: Option<T>) -> Self {
                Self(value)
            }
        }

        impl<T: PartialOrd + Clone> $name<T> {
            /// A known value.
            pub fn of(value: T) -> Self {
                Self(Some(value))
            }

            /// The value, if known.
            pub fn get(&self) -> Option<&T> {
                self.0.as_ref()
            }

            /// The value, if known.
            pub fn value(&self) -> Option<T> {
                self.0.clone()
            }

            /// Changes the value in place.
            pub fn amend(&mut self, change: impl FnOnce(&mut T)) {
                if let Some(value) = &mut self.0 {
                    change(value);
                }
            }

            /// Takes `other` in.
            pub fn join(&mut self, other: &Self) {
                if let Some(new) = &other.0
                    && self.0.as_ref().is_none_or(|old| new $wins old)
                {
                    self.0 = other.0.clone();
                }
            }
        }
    };
}

extreme!(Minimum, <);
extreme!(Maximum, >);

#[cfg(test)]
mod tests {
    use super::*;

    const EARLY: Timestamp = Timestamp::from_micros(1);
    const LATE: Timestamp = Timestamp::from_micros(2);

    #[test]
    fn a_better_rank_beats_an_earlier_time() {
        let mut cwd = First::of(1, EARLY, "b");
        cwd.join(&First::of(0, LATE, "a"));
        assert_eq!(cwd.get(), Some(&"a"));
    }

    #[test]
    fn last_keeps_the_latest_of_the_best_rank() {
        let mut title = Last::of(0, EARLY, "old");
        title.join(&Last::of(1, LATE, "worse source"));
        title.join(&Last::of(0, LATE, "new"));
        assert_eq!(title.get(), Some(&"new"));
    }

    #[test]
    fn unknown_changes_nothing() {
        let mut end = Maximum::of(5);
        end.join(&Maximum::default());
        assert_eq!(end.value(), Some(5));
        let mut start: Minimum<i32> = Minimum::default();
        start.join(&Minimum::of(3));
        assert_eq!(start.value(), Some(3));
    }
}
