//! Rank and time of each joined value, packed into one small blob a row.
//!
//! A column a rank and a column a time would double the width of the widest table. Most values of a row were told
//! within moments of each other, so times are kept as differences from the first one: two or three bytes a value.
//! Readers and writers must name the values in the same order; new ones go at the end.

use argus_model::{First, Last, Timestamp};

const ABSENT: u8 = 0xff;

/// Writes ranks and times in a fixed order.
#[derive(Default)]
pub(crate) struct Pack {
    bytes: Vec<u8>,
    base: Option<i64>,
}

/// Reads them back in the same order.
pub(crate) struct Unpack<'a> {
    bytes: &'a [u8],
    base: Option<i64>,
}

impl Pack {
    pub(crate) fn first<T: Ord + Clone>(mut self, value: &First<T>) -> Self {
        self.push(value.rank().zip(value.at()));
        self
    }

    pub(crate) fn last<T: Ord + Clone>(mut self, value: &Last<T>) -> Self {
        self.push(value.rank().zip(value.at()));
        self
    }

    /// What is absent at the end need not be said: no rank and no last byte of a number looks like it.
    pub(crate) fn into_bytes(mut self) -> Vec<u8> {
        let length = self.bytes.iter().rposition(|byte| *byte != ABSENT).map_or(0, |last| last + 1);
        self.bytes.truncate(length);
        self.bytes
    }

    fn push(&mut self, told: Option<(u8, Timestamp)>) {
        let Some((rank, at)) = told else { return self.bytes.push(ABSENT) };
        self.bytes.push(rank);
        let at = at.as_micros();
        push_varint(&mut self.bytes, at - self.base.unwrap_or(0));
        self.base.get_or_insert(at);
    }
}

impl<'a> Unpack<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, base: None }
    }

    /// The next value's rank and time; values that were added after the row was written are absent.
    pub(crate) fn told(&mut self) -> (Option<u8>, Option<Timestamp>) {
        let Some((&rank, rest)) = self.bytes.split_first() else { return (None, None) };
        self.bytes = rest;
        if rank == ABSENT {
            return (None, None);
        }
        let number = self.varint();
        let at = match self.base {
            None => {
                self.base = Some(number);
                number
            }
            Some(base) => base + number,
        };
        (Some(rank), Some(Timestamp::from_micros(at)))
    }

    pub(crate) fn first<T: Ord + Clone>(&mut self, value: Option<T>) -> First<T> {
        let (rank, at) = self.told();
        First::from_parts(rank, at, value)
    }

    pub(crate) fn last<T: Ord + Clone>(&mut self, value: Option<T>) -> Last<T> {
        let (rank, at) = self.told();
        Last::from_parts(rank, at, value)
    }

    fn varint(&mut self) -> i64 {
        let mut zigzag = 0u64;
        for shift in (0..64).step_by(7) {
            let Some((&byte, rest)) = self.bytes.split_first() else { break };
            self.bytes = rest;
            zigzag |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                break;
            }
        }
        (zigzag >> 1).cast_signed() ^ -(zigzag & 1).cast_signed()
    }
}

/// Appends a signed number in as few bytes as it needs.
pub(crate) fn push_varint(bytes: &mut Vec<u8>, number: i64) {
    let mut zigzag = ((number << 1) ^ (number >> 63)).cast_unsigned();
    while zigzag >= 0x80 {
        bytes.push((zigzag & 0x7f) as u8 | 0x80);
        zigzag >>= 7;
    }
    bytes.push(zigzag as u8);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranks_and_times_survive_packing(told in prop::collection::vec(prop::option::of((0u8..4, -1i64 << 60..1i64 << 60)), 0..12)) {
            let pack = told.iter().fold(Pack::default(), |pack, one| match one {
                Some((rank, at)) => pack.first(&First::of(*rank, Timestamp::from_micros(*at), 1)),
                None => pack.first(&First::<i32>::default()),
            });
            let bytes = pack.into_bytes();
            let mut unpack = Unpack::new(&bytes);
            for one in &told {
                let (rank, at) = unpack.told();
                prop_assert_eq!(rank.zip(at), one.map(|(rank, at)| (rank, Timestamp::from_micros(at))));
            }
        }
    }
}
