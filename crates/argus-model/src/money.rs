//! Money: integer pico-dollars end to end, so that sums are exact (invariant 8).

/// 10^-12 US dollars. An i64 holds a little over nine million dollars.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PicoUsd(pub i64);

impl PicoUsd {
    /// One dollar.
    pub const DOLLAR: i64 = 1_000_000_000_000;

    /// The exact decimal text in dollars, at most twelve places, no trailing zeros: `0.0281`, `3`, `-0.5`.
    pub fn to_decimal(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        let magnitude = self.0.unsigned_abs();
        let (whole, fraction) = (magnitude / Self::DOLLAR.unsigned_abs(), magnitude % Self::DOLLAR.unsigned_abs());
        if fraction == 0 {
            return format!("{sign}{whole}");
        }
        let digits = format!("{fraction:012}");
        format!("{sign}{whole}.{}", digits.trim_end_matches('0'))
    }
}

/// Where a cost comes from, from the firmest to the weakest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CostBasis {
    /// Claude Code itself reported this amount.
    Reported,
    /// Priced from exact usage and the price table.
    Priced,
    /// A lower bound: some final usage never arrived, or some part has no price.
    Incomplete,
    /// No price is known for the model; the amount is unknown.
    Unpriced,
}

impl CostBasis {
    /// The word used in JSON, SQL and the UI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Reported => "reported",
            Self::Priced => "priced",
            Self::Incomplete => "incomplete",
            Self::Unpriced => "unpriced",
        }
    }

    /// The basis of a sum: that of its weaker part. A part without a price makes a lower bound of the rest.
    pub fn with(self, other: Self) -> Self {
        if self == other { self } else { self.max(other).min(Self::Incomplete) }
    }
}

/// An amount with its basis; `amount` is `None` exactly when nothing is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cost {
    /// The money, if known.
    pub amount: Option<PicoUsd>,
    /// How it is known.
    pub basis: CostBasis,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_as_sure_as_its_weakest_part_in_any_order() {
        use CostBasis::{Incomplete, Priced, Reported, Unpriced};
        let all = [Reported, Priced, Incomplete, Unpriced];
        for a in all {
            assert_eq!(a.with(a), a);
            for b in all {
                assert_eq!(a.with(b), b.with(a));
                assert!(all.iter().all(|c| a.with(b).with(*c) == a.with(b.with(*c))));
            }
        }
        assert_eq!((Reported.with(Priced), Reported.with(Unpriced)), (Priced, Incomplete));
    }

    #[test]
    fn decimals_are_exact_and_short() {
        for (pico, text) in [
            (0, "0"),
            (28_100_000_000, "0.0281"),
            (3_000_000_000_000, "3"),
            (1, "0.000000000001"),
            (-500_000_000_000, "-0.5"),
            (i64::MIN, "-9223372.036854775808"),
        ] {
            assert_eq!(PicoUsd(pico).to_decimal(), text);
        }
    }
}
