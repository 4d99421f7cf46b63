//! The overview's figures: this day against such days before, what runs and waits, what failed.

use argus_model::record::{ReconciliationQuery, SessionRecord, SpendCut, SpendQuery};
use argus_model::{PicoUsd, SessionId, SessionStatus, Timestamp, Totals, slot};
use argus_store::{Reader, StoreError};
use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;

use crate::capture::CaptureStatus;
use crate::days::{Days, widest_slot, zone_name};
use crate::dto::{
    CaptureHealth, Overview, OverviewDay, ReconciliationTotals, Session, Sums, Today, Usage, UsageTold, Usd, Usual,
};

/// As many days are in the chart.
const DAYS: i64 = 30;
/// As many weeks back the same weekday is looked at.
const WEEKS: i64 = 8;
/// With fewer days nothing is usual yet.
const LEAST_DAYS: usize = 3;
/// As many sessions of one state are shown; the list of sessions has them all.
const SESSIONS: usize = 50;
const ERRORS: usize = 5;
const DEAREST: usize = 3;

/// The overview at `now`.
pub(crate) fn get_overview(
    reader: &Reader,
    zone: &TimeZone,
    now: Timestamp,
    status: &CaptureStatus,
) -> Result<Overview, StoreError> {
    let mut calendar = Days::of(zone);
    let today = calendar.date_of(now).unwrap_or(Date::ZERO);
    let told = if reader.has_spend()? { UsageTold::Yes } else { UsageTold::No };
    let (waiting, running): (Vec<SessionRecord>, Vec<SessionRecord>) =
        reader.list_open_sessions(now)?.into_iter().partition(|session| session.status == SessionStatus::Waiting);
    let list = |sessions: Vec<SessionRecord>| sessions.into_iter().take(SESSIONS).map(Session::from).collect();
    Ok(Overview {
        today: today_so_far(reader, &calendar, today, told)?,
        usual: usual(reader, &calendar, today, now)?,
        reported: reported(reader, &calendar, today)?,
        days: last_days(reader, (zone, &mut calendar), today, told)?,
        waiting: list(waiting),
        running: list(running),
        errors: reader.list_errors(ERRORS)?.into_iter().map(Into::into).collect(),
        dearest_today: dearest(reader, &calendar, today, now)?,
        capture: health(reader, status)?,
        tz: zone_name(zone),
    })
}

/// A day's requests.
fn day_query(calendar: &Days, date: Date) -> SpendQuery {
    let next = date.tomorrow().ok().and_then(|next| calendar.beginning(next));
    SpendQuery { since: calendar.beginning(date), until: next, ..SpendQuery::default() }
}

fn today_so_far(reader: &Reader, calendar: &Days, today: Date, told: UsageTold) -> Result<Today, StoreError> {
    let query = day_query(calendar, today);
    let (since, until) = edges(&query);
    let activity = reader.count_activity(since, until)?;
    Ok(Today {
        usage: Sums::new(&reader.total_spend(&query)?, told).usage,
        session_count: reader.count_sessions_since(since)?,
        tool_call_count: activity.tool_calls,
        error_count: activity.errors,
    })
}

fn edges(query: &SpendQuery) -> (Timestamp, Timestamp) {
    let far = Timestamp::from_micros;
    (query.since.unwrap_or(far(i64::MIN)), query.until.unwrap_or(far(i64::MAX)))
}

/// The median of the same weekday up to the same time of day, of days on which anything happened.
fn usual(reader: &Reader, calendar: &Days, today: Date, now: Timestamp) -> Result<Usual, StoreError> {
    let (mut costs, mut errors) = (Vec::new(), Vec::new());
    for week in 1..=WEEKS {
        let Ok(date) = today.checked_sub(week.weeks()) else { break };
        let whole = day_query(calendar, date);
        let (since, until) = edges(&whole);
        let is_active = !reader.list_spend_amounts(&whole, slot::DAY_S)?.is_empty()
            || reader.count_activity(since, until)?.tool_calls > 0;
        let Some(by_now) = calendar.same_time_on(date, now).filter(|_| is_active) else { continue };
        let so_far = SpendQuery { until: Some(by_now), ..whole };
        let amounts = reader.list_spend_amounts(&so_far, slot::DAY_S)?;
        costs.push(amounts.iter().map(|(_, money)| money.cost.0).sum());
        errors.push(reader.list_error_slots(since, by_now)?.iter().map(|(_, count)| count).sum());
    }
    let day_count = i64::try_from(costs.len()).unwrap_or(i64::MAX);
    Ok(Usual {
        cost_usd: median(&mut costs).map(|amount| Usd(PicoUsd(amount))),
        error_count: median(&mut errors),
        day_count,
        basis: "median of the same weekday up to this time of day, last 8 weeks",
    })
}

/// The middle value, or the mean of the two in the middle; none with too few to call it usual.
fn median(values: &mut [i64]) -> Option<i64> {
    if values.len() < LEAST_DAYS {
        return None;
    }
    values.sort_unstable();
    let middle = values.len() / 2;
    Some(if values.len() % 2 == 1 { values[middle] } else { (values[middle - 1] + values[middle]) / 2 })
}

/// Of the sessions alive on the days of the chart.
fn reported(reader: &Reader, calendar: &Days, today: Date) -> Result<ReconciliationTotals, StoreError> {
    let since = calendar.beginning(first_day(today));
    Ok(reader.total_reconciliation(&ReconciliationQuery { since, ..ReconciliationQuery::default() })?.into())
}

fn first_day(today: Date) -> Date {
    today.checked_sub((DAYS - 1).days()).unwrap_or(today)
}

fn last_days(
    reader: &Reader,
    (zone, calendar): (&TimeZone, &mut Days),
    today: Date,
    told: UsageTold,
) -> Result<Vec<OverviewDay>, StoreError> {
    let first = first_day(today);
    let (since, until) = (calendar.beginning(first), day_query(calendar, today).until);
    let query = SpendQuery { since, until, ..SpendQuery::default() };
    let mut days: BTreeMap<Date, (Totals, i64)> =
        first.series(1.day()).take_while(|date| *date <= today).map(|date| (date, Default::default())).collect();
    let widest = widest_slot(zone, since, edges(&query).1);
    for (slot, totals) in reader.list_spend_amounts(&query, widest)? {
        if let Some((sum, _)) = calendar.date_of(slot::beginning_of(slot)).and_then(|date| days.get_mut(&date)) {
            sum.add(&totals, 1);
        }
    }
    let (since, until) = edges(&query);
    for (slot, count) in reader.list_error_slots(since, until)? {
        if let Some((_, errors)) = calendar.date_of(slot::beginning_of(slot)).and_then(|date| days.get_mut(&date)) {
            *errors += count;
        }
    }
    let day = |(date, (totals, error_count)): (Date, (Totals, i64))| {
        let usage: Usage = Sums::new(&totals, told).usage;
        OverviewDay { day: date.to_string(), cost_usd: usage.cost_usd, error_count }
    };
    Ok(days.into_iter().map(day).collect())
}

fn dearest(reader: &Reader, calendar: &Days, today: Date, now: Timestamp) -> Result<Vec<Session>, StoreError> {
    let (rows, _) = reader.list_spend_page(SpendCut::Session, &day_query(calendar, today), None, DEAREST)?;
    let mut sessions = Vec::new();
    for row in rows {
        sessions.extend(reader.get_session(&SessionId::new(row.key), now)?.map(Session::from));
    }
    Ok(sessions)
}

fn health(reader: &Reader, status: &CaptureStatus) -> Result<CaptureHealth, StoreError> {
    let mut problems = Vec::new();
    if status.pause.is_some() {
        problems.push("capture is paused; nothing is recorded".to_owned());
    }
    if let Some(problem) = &status.settings_problem {
        problems.push(format!("the settings' file is not in force: {problem}"));
    }
    if status.hooks.is_installed == Some(false) {
        let detail = status.hooks.detail.as_deref().map(|detail| format!(": {detail}")).unwrap_or_default();
        problems.push(format!("Claude Code does not call the hook{detail}"));
    }
    if status.is_watching == Some(false) {
        problems.push("transcripts are not followed".to_owned());
    }
    if let Some(lost @ 1..) = status.spool.lost_records {
        problems.push(format!("records that hooks could not keep: {lost}"));
    }
    // What was set aside once stays told; nobody can mend it, and what comes is captured.
    let is_healthy = problems.is_empty();
    let unread = reader.count_quarantine()?;
    if unread > 0 {
        problems.push(format!("records that could not be read and were set aside: {unread}"));
    }
    Ok(CaptureHealth { is_healthy, problems })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_usual_before_the_third_day() {
        assert_eq!(median(&mut [1, 2]), None);
        assert_eq!(median(&mut [9, 1, 2]), Some(2));
        assert_eq!(median(&mut [9, 1, 2, 4]), Some(3));
    }
}
