//! Exact numbers out of JSON's decimal text.
//!
//! serde_json would hand out floats; so the number is taken as raw text and read digit by digit.

use serde::Deserialize;
use serde::de::{Deserializer, Error};
use serde_json::value::RawValue;

/// Pico-dollars a token, read from dollars per million tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PicoPerToken(pub(super) u64);

/// Pico-dollars, read from dollars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PicoEach(pub(super) u64);

/// A multiplier as a fraction, so that several can be applied before the one rounding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Factor {
    numerator: u64,
    denominator: u64,
}

impl Factor {
    pub(super) const ONE: Self = Self { numerator: 1, denominator: 1 };

    fn of_thousandths(thousandths: u64) -> Self {
        let shared = greatest_common_divisor(thousandths, 1000);
        Self { numerator: thousandths / shared, denominator: 1000 / shared }
    }

    /// A multiplier as it is written: a plain decimal of at most three places, above zero and at most a thousand.
    pub fn parse(text: &str) -> Option<Self> {
        parse_decimal(text, 3).filter(|thousandths| (1..=1_000_000).contains(thousandths)).map(Self::of_thousandths)
    }

    pub(super) fn times(self, other: Self) -> Self {
        Self { numerator: self.numerator * other.numerator, denominator: self.denominator * other.denominator }
    }

    /// `1.1`, `0.5`, `6`; factors are read from at most three decimals.
    pub(super) fn to_decimal(self) -> String {
        let thousandths = self.numerator * 1_000 / self.denominator;
        let text = format!("{}.{:03}", thousandths / 1_000, thousandths % 1_000);
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    pub(super) fn of_rounded_half_up(self, amount: u128) -> u128 {
        let (numerator, denominator) = (u128::from(self.numerator), u128::from(self.denominator));
        (amount * numerator + denominator / 2) / denominator
    }
}

impl PicoPerToken {
    /// Dollars per million tokens as they are written: a plain decimal of at most six places, at most 100,000.
    pub(super) fn parse(text: &str) -> Option<Self> {
        parse_decimal(text, 6).filter(|rate| *rate <= 100_000_000_000).map(Self)
    }
}

impl std::fmt::Display for Factor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let thousandths = self.numerator * 1000 / self.denominator;
        write!(f, "{}", decimal_text(thousandths, 3))
    }
}

/// The shortest decimal of a number of 10^-places.
pub(super) fn decimal_text(value: u64, places: u32) -> String {
    let one = 10_u64.pow(places);
    let text = format!("{}.{:0width$}", value / one, value % one, width = places as usize);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

/// The value of a plain decimal number times 10^places; `None` when it has more places, a sign or an exponent.
fn parse_decimal(text: &str, places: u32) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let fraction = fraction.trim_end_matches('0');
    let missing = places.checked_sub(u32::try_from(fraction.len()).ok()?)?;
    let digits = format!("{whole}{fraction}");
    if whole.is_empty() || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    digits.parse::<u64>().ok()?.checked_mul(10_u64.checked_pow(missing)?)
}

fn deserialize_decimal<'de, D: Deserializer<'de>>(deserializer: D, places: u32) -> Result<u64, D::Error> {
    let text = <&RawValue>::deserialize(deserializer)?.get();
    parse_decimal(text, places)
        .ok_or_else(|| D::Error::custom(format!("not a plain decimal of at most {places} places: {text}")))
}

impl<'de> Deserialize<'de> for PicoPerToken {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_decimal(deserializer, 6).map(Self)
    }
}

impl<'de> Deserialize<'de> for PicoEach {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_decimal(deserializer, 12).map(Self)
    }
}

impl<'de> Deserialize<'de> for Factor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize_decimal(deserializer, 3).map(Self::of_thousandths)
    }
}

fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { greatest_common_divisor(b, a % b) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_read_exactly_or_refused() {
        for (text, places, value) in [
            ("8", 6, Some(8_000_000)),
            ("0.125", 6, Some(125_000)),
            ("1.0", 6, Some(1_000_000)),
            ("22.50", 6, Some(22_500_000)),
            ("0.000001", 6, Some(1)),
            ("0.0000001", 6, None),
            ("-1", 6, None),
            ("1e3", 6, None),
            ("null", 6, None),
            ("\"1\"", 6, None),
            ("99999999999999999999", 0, None),
        ] {
            assert_eq!(parse_decimal(text, places), value, "{text}");
        }
    }

    #[test]
    fn factors_round_halves_up_once() {
        let half = Factor { numerator: 1, denominator: 2 };
        let us = Factor { numerator: 11, denominator: 10 };
        assert_eq!(half.of_rounded_half_up(3), 2);
        assert_eq!(half.times(us).of_rounded_half_up(10), 6);
        assert_eq!(us.of_rounded_half_up(4), 4);
    }
}
