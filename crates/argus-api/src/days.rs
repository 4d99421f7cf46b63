//! Days of a time zone, daylight saving included: which one a moment belongs to, and where each begins.

use argus_model::Timestamp;
use argus_model::slot::{DAY_S, HOUR_S, QUARTER_S};
use jiff::civil::Date;
use jiff::tz::TimeZone;

/// The days of a zone; remembers the last one asked for, since slots come in order.
#[derive(Debug)]
pub(crate) struct Days {
    zone: TimeZone,
    last: Option<(Date, i64, i64)>,
}

impl Days {
    pub(crate) fn of(zone: &TimeZone) -> Self {
        Self { zone: zone.clone(), last: None }
    }

    /// The day that holds a moment; none for times that no calendar knows.
    pub(crate) fn date_of(&mut self, at: Timestamp) -> Option<Date> {
        let micros = at.as_micros();
        if let Some((date, from, until)) = self.last
            && (from..until).contains(&micros)
        {
            return Some(date);
        }
        let date = self.zone.to_datetime(jiff::Timestamp::from_microsecond(micros).ok()?).date();
        let until = self.beginning(date.tomorrow().ok()?)?.as_micros();
        self.last = Some((date, self.beginning(date)?.as_micros(), until));
        Some(date)
    }

    /// The first moment of a day.
    pub(crate) fn beginning(&self, date: Date) -> Option<Timestamp> {
        let zoned = date.to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp::from_micros(zoned.timestamp().as_microsecond()))
    }

    /// The moment of a day at which clocks show the same as `at`.
    pub(crate) fn same_time_on(&self, date: Date, at: Timestamp) -> Option<Timestamp> {
        let time = self.zone.to_datetime(jiff::Timestamp::from_microsecond(at.as_micros()).ok()?).time();
        let zoned = date.to_datetime(time).to_zoned(self.zone.clone()).ok()?;
        Some(Timestamp::from_micros(zoned.timestamp().as_microsecond()))
    }
}

/// The widest slots of which each day of a range is a whole number: UTC days, hours, or quarter hours.
pub(crate) fn widest_slot(zone: &TimeZone, since: Option<Timestamp>, until: Timestamp) -> i64 {
    /// Further back nobody looks day by day.
    const MOST_DAYS: usize = 1_100;
    let mut days = Days::of(zone);
    let Some(first) = since.and_then(|since| days.date_of(since)) else { return QUARTER_S };
    let mut widest = DAY_S;
    for date in first.series(jiff::ToSpan::days(1)).take(MOST_DAYS + 1) {
        let Some(from) = days.beginning(date) else { return QUARTER_S };
        if from > until {
            return widest;
        }
        let second = from.as_micros().div_euclid(1_000_000);
        let fits = |width_s: &i64| second.rem_euclid(*width_s) == 0;
        widest = [DAY_S, HOUR_S].into_iter().filter(|width_s| *width_s <= widest).find(fits).unwrap_or(QUARTER_S);
        if widest == QUARTER_S {
            break;
        }
    }
    QUARTER_S
}

/// What a zone is called.
pub(crate) fn zone_name(zone: &TimeZone) -> String {
    match zone.iana_name() {
        Some(name) => name.to_owned(),
        None => zone.to_fixed_offset().map_or_else(|_| "local".to_owned(), |offset| offset.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    #[test]
    fn a_day_of_a_zone_begins_with_its_own_midnight_even_when_the_clocks_change() {
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let mut days = Days::of(&berlin);
        for (moment, date) in [
            ("2026-10-24T21:59:59Z", "2026-10-24"),
            ("2026-10-24T22:00:00Z", "2026-10-25"),
            ("2026-10-25T22:59:59Z", "2026-10-25"),
            ("2026-10-25T23:00:00Z", "2026-10-26"),
            ("2026-03-28T23:00:00Z", "2026-03-29"),
            ("2026-03-29T22:00:00Z", "2026-03-30"),
        ] {
            assert_eq!(days.date_of(at(moment)).unwrap().to_string(), date, "{moment}");
        }
        let sunday = jiff::civil::date(2026, 10, 25);
        let hours = |date: Date| days.beginning(date).unwrap().as_micros() / 3_600_000_000;
        assert_eq!(hours(sunday.tomorrow().unwrap()) - hours(sunday), 25);
        assert_eq!(days.same_time_on(sunday, at("2026-11-22T11:30:00Z")), Some(at("2026-10-25T11:30:00Z")));
        assert_eq!(days.date_of(Timestamp::from_micros(i64::MAX)), None);
    }

    #[test]
    fn days_of_a_zone_are_read_in_the_widest_slots_that_make_them_up() {
        let (since, until) = (at("2026-10-01T00:00:00Z"), at("2026-11-22T11:30:00Z"));
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        let kolkata = TimeZone::posix("IST-5:30").unwrap();
        // Whole hours in winter, half ones in summer.
        let odd = TimeZone::posix("AAA-1BBB-1:30,M3.5.0,M10.5.0/3").unwrap();
        for (zone, width_s) in [(TimeZone::UTC, 86_400), (berlin, 3_600), (kolkata, 900), (odd, 900)] {
            assert_eq!(widest_slot(&zone, Some(since), until), width_s, "{zone:?}");
        }
        assert_eq!(widest_slot(&TimeZone::UTC, None, until), 900);
        assert_eq!(widest_slot(&TimeZone::UTC, Some(Timestamp::from_micros(0)), until), 900, "too many to look at");
    }
}
