//! What a period is likely to cost in the end: the rest of it, made of what such days cost before.
//!
//! Each day that is left (the rest of today, too) is taken as the days of the same weekday were: their median, and their
//! quartiles for the range. The median does not mind one wild day. Without enough days nothing is foretold: a wrong
//! forecast is worse than none.

use crate::PicoUsd;

/// So many days must have been seen, with and without use.
const LEAST_DAYS: usize = 7;
/// So many of them with use.
const LEAST_BUSY_DAYS: usize = 3;
/// So many of the same weekday are enough to go by them alone.
const LEAST_OF_WEEKDAY: usize = 3;

/// What a period is likely to come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Forecast {
    /// Three of four such periods cost more.
    pub low: PicoUsd,
    /// Half of them cost more.
    pub likely: PicoUsd,
    /// One of four costs more.
    pub high: PicoUsd,
    /// From how many days it was made.
    pub sample_days: usize,
}

/// One day of the past, or one that is to come.
pub type Weekday = u8;

/// Foretells. `past`: what each day before today cost in the part of the day that is left today (`rest`) and as a whole.
/// `ahead`: the days that are left in the period after today. `None` where too little is known.
pub fn forecast(spent: PicoUsd, today: Weekday, ahead: &[Weekday], past: &[PastDay]) -> Option<Forecast> {
    let busy = past.iter().filter(|day| day.whole > PicoUsd(0)).count();
    if past.len() < LEAST_DAYS || busy < LEAST_BUSY_DAYS {
        return None;
    }
    let mut sums = [i128::from(spent.0); 3];
    let mut add = |weekday: Weekday, of: fn(&PastDay) -> PicoUsd| {
        let same: Vec<i64> = past.iter().filter(|day| day.weekday == weekday).map(|day| of(day).0).collect();
        let mut sample = if same.len() >= LEAST_OF_WEEKDAY { same } else { past.iter().map(|day| of(day).0).collect() };
        sample.sort_unstable();
        for (sum, quarter) in sums.iter_mut().zip(1..) {
            *sum += i128::from(quartile(&sample, quarter));
        }
    };
    add(today, |day| day.rest);
    for weekday in ahead {
        add(*weekday, |day| day.whole);
    }
    let [low, likely, high] = sums.map(|sum| PicoUsd(i64::try_from(sum).unwrap_or(i64::MAX)));
    Some(Forecast { low, likely, high, sample_days: past.len() })
}

/// What a day before today cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PastDay {
    /// 0 for Monday.
    pub weekday: Weekday,
    /// In the part of the day that is still left today.
    pub rest: PicoUsd,
    /// From its beginning to its end.
    pub whole: PicoUsd,
}

/// The value a quarter, half or three quarters up a sorted sample.
fn quartile(sorted: &[i64], quarter: usize) -> i64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0 };
    sorted.get((last * quarter + 2) / 4).copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(count: usize, whole: impl Fn(usize) -> i64) -> Vec<PastDay> {
        (0..count)
            .map(|n| PastDay { weekday: (n % 7) as u8, rest: PicoUsd(whole(n) / 2), whole: PicoUsd(whole(n)) })
            .collect()
    }

    #[test]
    fn nothing_is_foretold_from_too_few_days() {
        assert_eq!(forecast(PicoUsd(1), 0, &[1], &days(6, |_| 10)), None);
        assert_eq!(forecast(PicoUsd(1), 0, &[1], &days(30, |n| i64::from(n < 2))), None);
        assert!(forecast(PicoUsd(1), 0, &[1], &days(7, |_| 10)).is_some());
    }

    #[test]
    fn the_rest_of_the_period_costs_what_such_days_cost() {
        // Weekends (5, 6) cost nothing, other days 10.
        let past = days(28, |n| if n % 7 >= 5 { 0 } else { 10 });
        let found = forecast(PicoUsd(7), 4, &[5, 6, 0], &past).unwrap();
        assert_eq!((found.likely, found.sample_days), (PicoUsd(7 + 5 + 10), 28));
    }

    #[test]
    fn one_wild_day_moves_the_range_and_not_the_middle() {
        let past = days(7, |n| if n == 3 { 1_000 } else { 10 });
        let found = forecast(PicoUsd(0), 3, &[3], &past).unwrap();
        assert_eq!((found.low, found.likely, found.high), (PicoUsd(15), PicoUsd(15), PicoUsd(15)));
        assert!(found.low <= found.likely && found.likely <= found.high);
    }
}
