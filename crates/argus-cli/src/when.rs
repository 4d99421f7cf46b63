//! Times as people give them on the command line.

use argus_model::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::failure::{Done, Failure};

/// The time now.
pub(crate) fn now() -> Timestamp {
    Timestamp::from_micros(jiff::Timestamp::now().as_microsecond())
}

/// `2026-11-22T14:00:00Z`, `2026-11-22`, `30min`, `2h`, `7d`, `2w`, `today`, `yesterday`; days begin in `zone`.
pub(crate) fn parse_time(text: &str, now: Timestamp, zone: &TimeZone) -> Done<Timestamp> {
    let refuse = || {
        Failure::usage(format!("not a time: {}", crate::output::visible(text)))
            .hint("give 2026-11-22, 2026-11-22T14:00:00Z, 30min, 2h, 7d, today or yesterday")
    };
    let day = |date: Date| date.to_zoned(zone.clone()).map(|zoned| zoned.timestamp().as_microsecond());
    let today = || jiff::Timestamp::from_microsecond(now.as_micros()).map(|at| at.to_zoned(zone.clone()).date());
    let micros = match text {
        "today" => today().and_then(day),
        "yesterday" => today().and_then(|today| today.yesterday()).and_then(day),
        _ => {
            if let Some(back_ms) = parse_span_ms(text) {
                return Ok(Timestamp::from_micros(now.as_micros().saturating_sub(back_ms.saturating_mul(1_000))));
            }
            match text.parse::<jiff::Timestamp>() {
                Ok(at) => Ok(at.as_microsecond()),
                Err(_) => text.parse::<Date>().and_then(day),
            }
        }
    };
    micros.map(Timestamp::from_micros).map_err(|_| refuse())
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_understood_as_people_write_them() {
        let zone = TimeZone::fixed(jiff::tz::offset(2));
        let at = |text: &str| Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond());
        let now = at("2026-11-22T14:30:00Z");
        for (text, expected) in [
            ("2026-11-22T14:00:00Z", "2026-11-22T14:00:00Z"),
            ("2026-11-22", "2026-11-21T22:00:00Z"),
            ("30min", "2026-11-22T14:00:00Z"),
            ("2h", "2026-11-22T12:30:00Z"),
            ("7d", "2026-11-15T14:30:00Z"),
            ("today", "2026-11-21T22:00:00Z"),
            ("yesterday", "2026-11-20T22:00:00Z"),
        ] {
            assert_eq!(parse_time(text, now, &zone).unwrap(), at(expected), "{text}");
        }
        for text in ["", "soon", "2 h", "-3d", "99999999999999999999d", "2026-13-01"] {
            assert!(parse_time(text, now, &zone).is_err(), "{text}");
        }
    }
}
