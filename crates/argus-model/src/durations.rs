//! How long things took, as a histogram that can be added to, taken from, and merged.
//!
//! Up to 31 ms every millisecond has a bucket; from there each doubling is cut into 32, so that a bucket is at most
//! 1/32 (3.2 %) wide and a percentile read off it is wrong by at most half of that.

use std::collections::BTreeMap;

/// Buckets a doubling.
const PER_DOUBLING: i64 = 32;

/// Counts by bucket; a count may be negative in a difference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Durations(BTreeMap<i64, i64>);

impl Durations {
    /// How many buckets there can be.
    pub const BUCKETS: usize = 32 * 59;

    /// Adds a duration `factor` times (1 to add, -1 to take away).
    pub fn count(&mut self, duration_ms: i64, factor: i64) {
        self.add_to(bucket_of(duration_ms), factor);
    }

    /// Adds `factor` times another.
    pub fn add(&mut self, other: &Self, factor: i64) {
        for (bucket, count) in &other.0 {
            self.add_to(*bucket, factor * count);
        }
    }

    /// Buckets with their counts, in order.
    pub fn buckets(&self) -> impl Iterator<Item = (i64, i64)> + '_ {
        self.0.iter().map(|(bucket, count)| (*bucket, *count))
    }

    /// Adds to one bucket; those at zero are not kept.
    pub fn add_to(&mut self, bucket: i64, count: i64) {
        let entry = self.0.entry(bucket).or_insert(0);
        *entry += count;
        if *entry == 0 {
            self.0.remove(&bucket);
        }
    }

    /// True when nothing is counted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The duration that `percent` of all do not exceed, to the middle of its bucket; `None` when there is none.
    pub fn percentile_ms(&self, percent: i64) -> Option<i64> {
        let total: i64 = self.0.values().sum();
        let rank = (total * percent + 99) / 100;
        let mut seen = 0;
        for (bucket, count) in &self.0 {
            seen += count;
            if *count > 0 && seen >= rank {
                return Some(middle_of(*bucket));
            }
        }
        None
    }
}

fn bucket_of(duration_ms: i64) -> i64 {
    let ms = duration_ms.max(0);
    if ms < PER_DOUBLING {
        return ms;
    }
    let doublings = i64::from(ms.ilog2()) - 5;
    PER_DOUBLING + doublings * PER_DOUBLING + ((ms >> doublings) & (PER_DOUBLING - 1))
}

fn middle_of(bucket: i64) -> i64 {
    if bucket < PER_DOUBLING {
        return bucket.max(0);
    }
    // Stored buckets end far below 63 doublings; a damaged row must not make us panic.
    let (doublings, part) = ((bucket / PER_DOUBLING - 1).min(57), bucket % PER_DOUBLING);
    let width = 1_i64 << doublings;
    (PER_DOUBLING + part) * width + width / 2
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bucket_is_at_most_a_thirtysecond_wide_and_holds_its_own_middle() {
        let mut last = -1;
        for ms in (0..5_000).chain((5_000..100_000_000).step_by(9_973)) {
            let bucket = bucket_of(ms);
            assert!(bucket >= last, "{ms}");
            last = bucket;
            assert_eq!(bucket_of(middle_of(bucket)), bucket, "{ms}");
            assert!((middle_of(bucket) - ms).abs() * 32 <= ms.max(32), "{ms}: {}", middle_of(bucket));
        }
        assert_eq!(bucket_of(i64::MAX), Durations::BUCKETS as i64 - 1);
        assert!(middle_of(bucket_of(i64::MAX)) > 0 && middle_of(i64::MAX) > 0);
    }

    #[test]
    fn percentiles_are_those_of_the_counted_durations() {
        let mut durations = Durations::default();
        assert_eq!(durations.percentile_ms(50), None);
        (1..=20).for_each(|ms| durations.count(ms, 1));
        assert_eq!((durations.percentile_ms(50), durations.percentile_ms(95)), (Some(10), Some(19)));
        assert_eq!(durations.percentile_ms(100), Some(20));
    }

    #[test]
    fn what_is_taken_away_was_never_there() {
        let mut durations = Durations::default();
        durations.count(40, 1);
        let mut other = durations.clone();
        other.count(1_000_000, 1);
        other.add(&durations, -1);
        other.count(1_000_000, -1);
        assert_eq!(other, Durations::default());
    }
}
