//! Burning: money that is spent now far faster than is usual, and enough of it to matter.
//!
//! Two windows, so that neither one dear prompt nor an hour that is over calls anybody: the last hour must have cost
//! beyond a floor and a multiple of what a usual busy hour costs, and its last half must still go on at that rate.

use crate::PicoUsd;
use crate::slot::QUARTER_S;

/// Quarter hours with use that must be known before anything is usual.
const LEAST_BUSY: usize = 20;

/// From where on it is burning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BurnLimits {
    /// An hour that cost less is never worth a word.
    pub floor: PicoUsd,
    /// So many times what is usual.
    pub factor: u32,
}

impl Default for BurnLimits {
    fn default() -> Self {
        Self { floor: PicoUsd(5 * PicoUsd::DOLLAR), factor: 4 }
    }
}

/// How fast money is spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Burning {
    /// In the last hour.
    pub hour: PicoUsd,
    /// In a usual busy hour; `None` while too little is known to call anything usual.
    pub usual: Option<PicoUsd>,
    /// Whether somebody should be told.
    pub is_alarming: bool,
}

/// Weighs the hour that ends with the quarter `now`. `spent` holds quarter hours with use, in any order.
pub fn burning(spent: &[(i64, PicoUsd)], now: i64, limits: &BurnLimits) -> Burning {
    let within = |from: i64| -> i64 {
        spent
            .iter()
            .filter(|(slot, _)| (from..=now).contains(slot))
            .map(|(_, cost)| cost.0)
            .fold(0, i64::saturating_add)
    };
    let hour = within(now - 3 * QUARTER_S);
    let last = within(now - QUARTER_S);
    let mut before: Vec<i64> =
        spent.iter().filter(|(slot, cost)| *slot < now - 3 * QUARTER_S && cost.0 > 0).map(|(_, cost)| cost.0).collect();
    before.sort_unstable();
    let usual = (before.len() >= LEAST_BUSY).then(|| before[before.len() / 2].saturating_mul(4));
    let is_beyond = |cost: i64, part: i64| {
        usual.is_some_and(|usual| i128::from(cost) * i128::from(part) > i128::from(usual) * i128::from(limits.factor))
    };
    // The quarter hour at hand may only have begun: the one before it is taken with it.
    let is_alarming = hour >= limits.floor.0 && is_beyond(hour, 1) && is_beyond(last, 2);
    Burning { hour: PicoUsd(hour), usual: usual.map(PicoUsd), is_alarming }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: i64 = 1_000 * QUARTER_S;

    fn usual() -> Vec<(i64, PicoUsd)> {
        (0..40).map(|n| (n * QUARTER_S, PicoUsd(PicoUsd::DOLLAR / 4))).collect()
    }

    fn with(last: &[i64]) -> Burning {
        let mut spent = usual();
        spent.extend(last.iter().rev().zip(0..).map(|(usd, n)| (NOW - n * QUARTER_S, PicoUsd(usd * PicoUsd::DOLLAR))));
        burning(&spent, NOW, &BurnLimits::default())
    }

    #[test]
    fn far_more_than_usual_and_still_going_on_is_alarming() {
        assert_eq!(with(&[1, 2, 3, 4]).usual, Some(PicoUsd(PicoUsd::DOLLAR)));
        assert!(with(&[1, 2, 3, 4]).is_alarming);
        assert!(!with(&[5, 5, 0, 0]).is_alarming, "it is over");
        assert!(!with(&[1, 1, 1, 1]).is_alarming, "below the floor");
    }

    #[test]
    fn without_enough_history_nothing_is_usual_and_nobody_is_called() {
        let found = burning(&[(NOW, PicoUsd(1_000 * PicoUsd::DOLLAR))], NOW, &BurnLimits::default());
        assert_eq!((found.usual, found.is_alarming), (None, false));
    }
}
