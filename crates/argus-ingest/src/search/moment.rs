//! Times as people write them.

use argus_model::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// `2026-11-22T14:00:00Z`, `2026-11-22`, `30min`, `2h`, `7d`, `2w`, `today`, `yesterday`; days begin in `zone`.
pub fn parse_moment(text: &str, now: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
    let day = |date: Date| date.to_zoned(zone.clone()).map(|zoned| zoned.timestamp().as_microsecond());
    let today = || jiff::Timestamp::from_microsecond(now.as_micros()).map(|at| at.to_zoned(zone.clone()).date());
    let micros = match text {
        "today" => today().and_then(day),
        "yesterday" => today().and_then(|today| today.yesterday()).and_then(day),
        _ => {
            if let Some(back_ms) = parse_span_ms(text) {
                return Some(Timestamp::from_micros(now.as_micros().saturating_sub(back_ms.saturating_mul(1_000))));
            }
            match text.parse::<jiff::Timestamp>() {
                Ok(at) => Ok(at.as_microsecond()),
                Err(_) => text.parse::<Date>().and_then(day),
            }
        }
    };
    micros.map(Timestamp::from_micros).ok()
}

fn parse_span_ms(text: &str) -> Option<i64> {
    let unit_at = text.find(|char: char| !char.is_ascii_digit())?;
    let count: i64 = text[..unit_at].parse().ok()?;
    let unit_ms = match &text[unit_at..] {
        "s" => 1_000,
        "m" | "min" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        "w" => 604_800_000,
        _ => return None,
    };
    count.checked_mul(unit_ms)
}
