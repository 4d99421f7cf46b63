//! Times as people give them on the command line.

use argus_model::Timestamp;
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
    argus_ingest::search::parse_moment(text, now, zone).ok_or_else(refuse)
}

/// A time to come: like every time, but `2h` and `7d` lead ahead.
pub(crate) fn parse_time_to_come(text: &str, now: Timestamp, zone: &TimeZone) -> Done<Timestamp> {
    let parsed = parse_time(text, now, zone)?;
    let is_span = text.chars().next().is_some_and(|c| c.is_ascii_digit()) && !text.contains('-');
    let until = if is_span { Timestamp::from_micros(2 * now.as_micros() - parsed.as_micros()) } else { parsed };
    if until <= now {
        return Err(Failure::usage(format!("{} is over already", crate::output::visible(text)))
            .hint("give a time to come: 2h, 7d, 2027-01-01"));
    }
    Ok(until)
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

    #[test]
    fn a_span_leads_into_the_future_where_a_time_to_come_is_asked_for() {
        let now = Timestamp::from_micros(1_795_330_800_000_000);
        let until = |text| parse_time_to_come(text, now, &TimeZone::UTC);
        assert_eq!(until("2h").unwrap().as_micros() - now.as_micros(), 7_200_000_000);
        assert!(until("2027-01-01").unwrap() > now);
        assert!(until("2020-01-01").is_err());
    }
}
