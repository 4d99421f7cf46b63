//! Slots of time in which sums are kept: quarter hours of UTC, and UTC days of them.
//!
//! Every time zone in use is some number of quarter hours away from UTC, so that each zone's days are whole sums of
//! slots, daylight saving included. A range of time is therefore one of whole quarter hours: it begins with the slot
//! that holds its first moment and ends with the slot that holds its last.

use crate::Timestamp;

/// Length of the smaller slots, seconds.
pub const QUARTER_S: i64 = 900;

/// Length of an hour, seconds: sums of all sessions are kept by it, too.
pub const HOUR_S: i64 = 3_600;

/// Length of the larger slots, seconds.
pub const DAY_S: i64 = 86_400;

const MICROS: i64 = 1_000_000;

/// The quarter hour that holds a moment: its beginning in seconds since the epoch.
pub const fn quarter_of(at: Timestamp) -> i64 {
    at.as_micros().div_euclid(QUARTER_S * MICROS) * QUARTER_S
}

/// The UTC day that holds a slot.
pub const fn day_of(slot: i64) -> i64 {
    slot.div_euclid(DAY_S) * DAY_S
}

/// The UTC hour that holds a slot.
pub const fn hour_of(slot: i64) -> i64 {
    slot.div_euclid(HOUR_S) * HOUR_S
}

/// When a slot begins.
pub const fn beginning_of(slot: i64) -> Timestamp {
    Timestamp::from_micros(slot.saturating_mul(MICROS))
}

/// A run of slots of one width: from `from` on, before `until`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SlotRange {
    /// Width of the slots, seconds.
    pub width_s: i64,
    /// The first slot.
    pub from: i64,
    /// The slot after the last.
    pub until: i64,
}

/// The quarter hours of a range of time; without bounds, all there are.
pub fn quarters(since: Option<Timestamp>, until: Option<Timestamp>) -> SlotRange {
    let end = |at: Timestamp| {
        let slot = quarter_of(at);
        if beginning_of(slot) == at { slot } else { slot + QUARTER_S }
    };
    SlotRange { width_s: QUARTER_S, from: since.map_or(i64::MIN, quarter_of), until: until.map_or(i64::MAX, end) }
}

/// The same range in as few slots as cover it exactly: UTC days, and quarter hours at both ends.
pub fn cover(since: Option<Timestamp>, until: Option<Timestamp>) -> Vec<SlotRange> {
    cover_by(&[DAY_S, QUARTER_S], since, until)
}

/// The same by slots of these widths, the widest first, of which each is whole slots of the next and the last is the
/// quarter hour.
pub fn cover_by(widths: &[i64], since: Option<Timestamp>, until: Option<Timestamp>) -> Vec<SlotRange> {
    let mut parts = Vec::new();
    cover_part(widths, quarters(since, until), &mut parts);
    parts
}

fn cover_part(widths: &[i64], part: SlotRange, parts: &mut Vec<SlotRange>) {
    let Some((&width_s, narrower)) = widths.split_first() else { return };
    if part.from >= part.until {
        return;
    }
    let is_open = |slot: i64| slot == i64::MIN || slot == i64::MAX;
    let down = |slot: i64| if is_open(slot) { slot } else { slot.div_euclid(width_s) * width_s };
    let from = if is_open(part.from) { part.from } else { down(part.from + width_s - QUARTER_S) };
    let until = down(part.until);
    if from >= until {
        return cover_part(narrower, part, parts);
    }
    cover_part(narrower, SlotRange { until: from, ..part }, parts);
    parts.push(SlotRange { width_s, from, until });
    cover_part(narrower, SlotRange { from: until, ..part }, parts);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(at: i64) -> Timestamp {
        Timestamp::from_micros(at * MICROS)
    }

    #[test]
    fn a_moment_lies_in_the_quarter_hour_that_began_last() {
        assert_eq!(quarter_of(second(0)), 0);
        assert_eq!(quarter_of(second(899)), 0);
        assert_eq!(quarter_of(second(900)), 900);
        assert_eq!(quarter_of(Timestamp::from_micros(-1)), -900);
        let _ = (quarter_of(Timestamp::from_micros(i64::MIN)), quarter_of(Timestamp::from_micros(i64::MAX)));
    }

    #[test]
    fn a_cover_holds_each_quarter_hour_of_the_range_once() {
        for since in [None, Some(0), Some(1), Some(3_600), Some(86_399), Some(86_400), Some(100_000)] {
            for until in [None, Some(100), Some(86_400), Some(86_401), Some(200_000), Some(300_000)] {
                let (since, until) = (since.map(second), until.map(second));
                let (all, parts) = (quarters(since, until), cover(since, until));
                for slot in (-2 * DAY_S..5 * DAY_S).step_by(900) {
                    let holds = |part: &&SlotRange| {
                        let slot = if part.width_s == DAY_S { day_of(slot) } else { slot };
                        part.from <= slot && slot < part.until
                    };
                    let expected = usize::from(all.from <= slot && slot < all.until);
                    assert_eq!(parts.iter().filter(holds).count(), expected, "{since:?} {until:?} {slot}");
                }
            }
        }
    }

    #[test]
    fn hours_stand_between_days_and_quarter_hours() {
        let parts = cover_by(&[DAY_S, HOUR_S, QUARTER_S], Some(second(7_200 + 900)), Some(second(3 * DAY_S + 3_700)));
        let told: Vec<_> = parts.iter().map(|part| (part.width_s, part.from, part.until)).collect();
        let day = DAY_S;
        assert_eq!(
            told,
            [
                (900, 8_100, 10_800),
                (3_600, 10_800, day),
                (day, day, 3 * day),
                (3_600, 3 * day, 3 * day + 3_600),
                (900, 3 * day + 3_600, 3 * day + 4_500)
            ]
        );
        assert_eq!(cover_by(&[QUARTER_S], None, None), [quarters(None, None)]);
    }

    #[test]
    fn a_month_is_covered_by_days_and_two_ends() {
        let widths: Vec<i64> =
            cover(Some(second(7_200)), Some(second(30 * DAY_S + 7_200))).iter().map(|p| p.width_s).collect();
        assert_eq!(widths, [900, 86_400, 900]);
    }
}
