//! Money as Claude Code writes it.

use argus_model::PicoUsd;

/// The client's dollars, which come as a floating-point number, in whole pico-dollars: the decimal that it stands for,
/// rounded once. From here on it is an integer.
pub(crate) fn picousd(usd: f64) -> Option<PicoUsd> {
    if !(0.0..1_000_000.0).contains(&usd) {
        return None;
    }
    let digits: String = format!("{usd:.12}").chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok().map(PicoUsd)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_floating_point_price_becomes_the_decimal_it_stands_for() {
        for (usd, pico) in [
            (0.007_630_000_000_000_000_5, 7_630_000_000),
            (0.000_273_525, 273_525_000),
            (0.197_44, 197_440_000_000),
            (12.5, 12_500_000_000_000),
            (0.0, 0),
        ] {
            assert_eq!(picousd(usd), Some(PicoUsd(pico)), "{usd}");
        }
        for usd in [f64::NAN, -0.1, f64::INFINITY, 1e9] {
            assert_eq!(picousd(usd), None, "{usd}");
        }
    }
}
