//! Numbers for people: short, with unit, unknown as `–` and never as zero. Exact ones are in `--json`.

use argus_model::{Cost, CostBasis, PicoUsd, Timestamp};
use jiff::tz::TimeZone;

/// What stands where nothing is known.
pub(crate) const UNKNOWN: &str = "–";

/// `850 ms`, `14.2 s`, `42 min`, `3 h 05 min`, `2 d 4 h`.
pub(crate) fn render_duration(duration_ms: Option<i64>) -> String {
    let Some(ms) = duration_ms else { return UNKNOWN.into() };
    let (sign, ms) = (if ms < 0 { "-" } else { "" }, ms.unsigned_abs());
    let minutes = (ms + 30_000) / 60_000;
    let text = match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..100_000 => {
            let tenths = (ms + 50) / 100;
            format!("{}.{} s", tenths / 10, tenths % 10)
        }
        100_000.. if minutes < 100 => format!("{minutes} min"),
        _ if minutes < 48 * 60 => format!("{} h {:02} min", minutes / 60, minutes % 60),
        _ => format!("{} d {} h", minutes / 1_440, minutes % 1_440 / 60),
    };
    format!("{sign}{text}")
}

/// `812`, `12.4k`, `3.1M`.
pub(crate) fn render_count(count: Option<i64>) -> String {
    match count {
        None => UNKNOWN.into(),
        Some(count) if count.unsigned_abs() < 10_000 => count.to_string(),
        Some(count) => scaled(count.unsigned_abs(), 1_000, &["", "k", "M", "G", "T", "P"]),
    }
}

/// `1 error`, `3 errors`.
pub(crate) fn render_items(count: i64, item: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {item}{ending}", render_count(Some(count)))
}

/// `312 B`, `1.2 MB`.
pub(crate) fn render_bytes(bytes: Option<u64>) -> String {
    match bytes {
        None => UNKNOWN.into(),
        Some(bytes) if bytes < 1_000 => format!("{bytes} B"),
        Some(bytes) => scaled(bytes, 1_000, &["", " kB", " MB", " GB", " TB", " PB"]),
    }
}

fn scaled(number: u64, step: u64, units: &[&str]) -> String {
    let (mut unit, mut scale) = (0, 1);
    // 999,950 would round to 1000.0 of the smaller unit.
    while unit + 1 < units.len() && number.saturating_add(scale / 20) / scale >= step {
        unit += 1;
        scale *= step;
    }
    let tenths = (u128::from(number) * 10 + u128::from(scale) / 2) / u128::from(scale);
    let (whole, tenth, unit) = (tenths / 10, tenths % 10, units[unit]);
    if whole >= 100 { format!("{whole}{unit}") } else { format!("{whole}.{tenth}{unit}") }
}

/// `$3.17`, `≥ $0.42` for a lower bound, `–` where no price is known.
pub(crate) fn render_usd(cost: Option<Cost>) -> String {
    let Some(Cost { amount: Some(amount), basis }) = cost else { return UNKNOWN.into() };
    let bound = if basis == CostBasis::Incomplete { "≥ " } else { "" };
    format!("{bound}{}", render_amount(amount))
}

fn render_amount(PicoUsd(pico): PicoUsd) -> String {
    let (sign, pico) = (if pico < 0 { "-" } else { "" }, pico.unsigned_abs());
    // Two places from ten cents on, three below: $0.42, $0.031.
    let places: u32 = if pico >= 100_000_000_000 || pico == 0 { 2 } else { 3 };
    let unit = 10u64.pow(12 - places);
    let rounded = (pico + unit / 2) / unit;
    if rounded == 0 && pico > 0 {
        return format!("{sign}<$0.001");
    }
    let whole = 10u64.pow(places);
    format!("{sign}${}.{:0width$}", rounded / whole, rounded % whole, width = places as usize)
}

/// `2026-11-22 14:02` in the zone.
pub(crate) fn render_time(at: Option<Timestamp>, zone: &TimeZone) -> String {
    let instant = at.and_then(|at| jiff::Timestamp::from_microsecond(at.as_micros()).ok());
    instant.map_or_else(|| UNKNOWN.into(), |at| at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M").to_string())
}

/// `just now`, `3 min ago`, `5 h ago`, `2 d ago`.
pub(crate) fn render_ago(at: Option<Timestamp>, now: Timestamp) -> String {
    let Some(at) = at else { return UNKNOWN.into() };
    match now.millis_since(at) / 60_000 {
        ..=-1 => "in the future".into(),
        0 => "just now".into(),
        minutes @ 1..60 => format!("{minutes} min ago"),
        minutes @ 60..2_880 => format!("{} h ago", minutes / 60),
        minutes => format!("{} d ago", minutes / 1_440),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_short_and_have_a_unit() {
        for (ms, text) in [
            (0, "0 ms"),
            (999, "999 ms"),
            (14_230, "14.2 s"),
            (99_999, "100.0 s"),
            (100_000, "2 min"),
            (2_520_000, "42 min"),
            (11_100_000, "3 h 05 min"),
            (187_200_000, "2 d 4 h"),
            (-1_500, "-1.5 s"),
        ] {
            assert_eq!(render_duration(Some(ms)), text, "{ms}");
        }
        assert_eq!(render_duration(None), "–");
    }

    #[test]
    fn counts_and_bytes_round_to_the_right_unit() {
        for (count, text) in
            [(0, "0"), (9_999, "9999"), (12_449, "12.4k"), (412_345, "412k"), (999_949, "999k"), (999_950, "1.0M")]
        {
            assert_eq!(render_count(Some(count)), text, "{count}");
        }
        assert_eq!(render_bytes(Some(312)), "312 B");
        assert_eq!(render_bytes(Some(1_234_567)), "1.2 MB");
        assert_eq!(render_bytes(Some(u64::MAX)), "18446 PB");
    }

    #[test]
    fn money_keeps_its_basis_and_is_unknown_without_a_price() {
        let usd = |pico, basis| render_usd(Some(Cost { amount: Some(PicoUsd(pico)), basis }));
        assert_eq!(usd(3_170_000_000_000, CostBasis::Priced), "$3.17");
        assert_eq!(usd(420_000_000_000, CostBasis::Incomplete), "≥ $0.42");
        assert_eq!(usd(31_400_000_000, CostBasis::Priced), "$0.031");
        assert_eq!(usd(99_999_000_000, CostBasis::Priced), "$0.100");
        assert_eq!(usd(1, CostBasis::Priced), "<$0.001");
        assert_eq!(usd(0, CostBasis::Priced), "$0.00");
        assert_eq!(render_usd(Some(Cost { amount: None, basis: CostBasis::Unpriced })), "–");
        assert_eq!(render_usd(None), "–");
    }

    #[test]
    fn the_past_is_told_in_one_unit() {
        let now = Timestamp::from_micros(1_000_000_000_000);
        let ago = |minutes: i64| render_ago(Some(Timestamp::from_micros(now.as_micros() - minutes * 60_000_000)), now);
        assert_eq!(
            [ago(0), ago(3), ago(300), ago(4_000), ago(-9)],
            ["just now", "3 min ago", "5 h ago", "2 d ago", "in the future"]
        );
    }
}
