//! Days, weeks and months of a time zone. A day may have 23 or 25 hours; a week begins on Monday.

use argus_model::budget::{Period, Weekday};
use argus_model::{BudgetPeriod, Timestamp};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{ToSpan, Zoned};

use super::Day;

/// A time zone's calendar.
#[derive(Clone, Debug)]
pub struct Calendar {
    zone: TimeZone,
}

impl Calendar {
    /// Of this zone.
    pub fn of(zone: TimeZone) -> Self {
        Self { zone }
    }

    /// Of the zone that the machine is set to.
    pub fn of_machine() -> Self {
        Self::of(TimeZone::system())
    }

    /// What the zone is called.
    pub fn zone_name(&self) -> String {
        match self.zone.iana_name() {
            Some(name) => name.to_owned(),
            None => self.zone.to_fixed_offset().map_or_else(|_| "local".to_owned(), |offset| offset.to_string()),
        }
    }

    /// The period that holds a moment. A session is no period of the calendar: its day is given.
    pub fn period_of(&self, kind: BudgetPeriod, at: Timestamp) -> Period {
        let date = self.zoned(at).date();
        let (first, after, label) = match kind {
            BudgetPeriod::Session | BudgetPeriod::Day => (date, date.saturating_add(1.day()), date.to_string()),
            BudgetPeriod::Week => {
                let monday = date.saturating_sub(i64::from(weekday(date)).days());
                let week = monday.iso_week_date();
                (monday, monday.saturating_add(7.days()), format!("{:04}-W{:02}", week.year(), week.week()))
            }
            BudgetPeriod::Month => {
                let first = date.first_of_month();
                (first, first.saturating_add(1.month()), format!("{:04}-{:02}", first.year(), first.month()))
            }
        };
        Period { label, from: self.beginning(first), until: self.beginning(after) }
    }

    /// The weekday of a moment, and those of the days after it that lie in a period.
    pub fn days_left(&self, period: &Period, at: Timestamp) -> (Weekday, Vec<Weekday>) {
        let today = self.zoned(at).date();
        let mut ahead = Vec::new();
        let mut day = today.saturating_add(1.day());
        while self.beginning(day) < period.until && ahead.len() < 31 {
            ahead.push(weekday(day));
            day = day.saturating_add(1.day());
        }
        (weekday(today), ahead)
    }

    /// So many days before the one that holds a moment, the oldest first.
    pub fn days_before(&self, at: Timestamp, count: i64) -> Vec<Day> {
        let now = self.zoned(at);
        let day = |back: i64| {
            let date = now.date().saturating_sub(back.days());
            let same_time = date
                .to_datetime(now.time())
                .to_zoned(self.zone.clone())
                .map_or_else(|_| self.beginning(date), |zoned| stamp(&zoned));
            Day {
                weekday: weekday(date),
                from: self.beginning(date),
                same_time,
                until: self.beginning(date.saturating_add(1.day())),
            }
        };
        (1..=count).rev().map(day).collect()
    }

    fn zoned(&self, at: Timestamp) -> Zoned {
        // Times that no calendar knows are taken as the beginning of time.
        jiff::Timestamp::from_microsecond(at.as_micros())
            .unwrap_or(jiff::Timestamp::UNIX_EPOCH)
            .to_zoned(self.zone.clone())
    }

    fn beginning(&self, date: Date) -> Timestamp {
        date.to_zoned(self.zone.clone()).map_or(Timestamp::from_micros(0), |zoned| stamp(&zoned))
    }
}

fn stamp(zoned: &Zoned) -> Timestamp {
    Timestamp::from_micros(zoned.timestamp().as_microsecond())
}

fn weekday(date: Date) -> Weekday {
    date.weekday().to_monday_zero_offset().unsigned_abs()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
    }

    fn berlin() -> Calendar {
        Calendar::of(TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap())
    }

    #[test]
    fn periods_are_those_of_the_zone_even_when_the_clocks_change() {
        let calendar = berlin();
        let period = |kind, moment| {
            let period = calendar.period_of(kind, at(moment));
            (period.label, (period.until.as_micros() - period.from.as_micros()) / 3_600_000_000)
        };
        assert_eq!(period(BudgetPeriod::Day, "2026-10-24T22:00:00Z"), ("2026-10-25".to_owned(), 25));
        assert_eq!(period(BudgetPeriod::Day, "2026-03-29T12:00:00Z"), ("2026-03-29".to_owned(), 23));
        assert_eq!(period(BudgetPeriod::Week, "2026-10-25T22:59:59Z"), ("2026-W43".to_owned(), 7 * 24 + 1));
        assert_eq!(period(BudgetPeriod::Week, "2026-10-25T23:00:00Z"), ("2026-W44".to_owned(), 7 * 24));
        assert_eq!(period(BudgetPeriod::Week, "2027-01-01T12:00:00Z").0, "2026-W53");
        assert_eq!(period(BudgetPeriod::Month, "2026-11-30T23:00:00Z").0, "2026-12");
    }

    #[test]
    fn each_moment_lies_in_one_period_of_each_kind_and_they_join_without_a_gap() {
        let calendar = berlin();
        for kind in [BudgetPeriod::Day, BudgetPeriod::Week, BudgetPeriod::Month] {
            let mut period = calendar.period_of(kind, at("2026-01-01T00:00:00Z"));
            for _ in 0..400 {
                let next = calendar.period_of(kind, period.until);
                assert_eq!(next.from, period.until, "{period:?}");
                let before = Timestamp::from_micros(next.from.as_micros() - 1);
                assert_eq!(calendar.period_of(kind, before), period);
                period = next;
            }
        }
    }

    #[test]
    fn the_days_left_of_a_week_are_those_after_today() {
        let calendar = berlin();
        let friday = at("2026-11-27T12:00:00Z");
        let week = calendar.period_of(BudgetPeriod::Week, friday);
        assert_eq!(calendar.days_left(&week, friday), (4, vec![5, 6]));
        let before = calendar.days_before(friday, 2);
        assert_eq!((before[0].weekday, before[1].weekday, before[1].same_time), (2, 3, at("2026-11-26T12:00:00Z")));
    }
}
