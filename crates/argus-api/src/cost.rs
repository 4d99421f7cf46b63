//! Money by any cut, as the route and the command line both answer it: parts, days of a zone, pages.

use std::collections::BTreeMap;

use argus_model::record::{ReconciliationQuery, SpendCut, SpendQuery, SpendSplit};
use argus_model::{PicoUsd, Timestamp, Totals, slot};
use argus_store::{Reader, StoreError};
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::days::{Days, widest_slot, zone_name};
use crate::dto::{CostCut, CostPage, CostPart, CostRow, CostSplit, UsageTold, Usd};

/// What is asked.
#[derive(Clone, Debug)]
pub struct CostQuestion {
    /// The cut.
    pub by: CostCut,
    /// By what days are split.
    pub split: Option<CostSplit>,
    /// Which requests.
    pub query: SpendQuery,
    /// Whose days.
    pub zone: TimeZone,
    /// At most so many rows.
    pub limit: usize,
    /// Where the last page ended.
    pub cursor: Option<String>,
}

/// Answers it. `now` ends the last day where the range has no end.
pub fn list_cost(reader: &Reader, question: &CostQuestion, now: Timestamp) -> Result<CostPage, StoreError> {
    let told = if reader.has_spend()? { UsageTold::Yes } else { UsageTold::No };
    let total = reader.total_spend(&question.query)?;
    let (rows, next_cursor) = match question.by.of_store() {
        None => days(reader, question, now, told)?,
        Some(cut) => parts(cut, reader, question)?,
    };
    let total = crate::dto::Sums::new(&total, told).usage;
    let reported = match question.cursor {
        None => Some(reader.total_reconciliation(&question.of_sessions())?.into()),
        Some(_) => None,
    };
    Ok(CostPage { by: question.by, rows, next_cursor, total, reported, tz: zone_name(&question.zone) })
}

impl CostQuestion {
    /// The sessions that are meant, whole.
    fn of_sessions(&self) -> ReconciliationQuery {
        let SpendQuery { since, until, project, session_id } = self.query.clone();
        ReconciliationQuery { since, until, project, session_id, ..ReconciliationQuery::default() }
    }
}

type RowsAndCursor = (Vec<CostRow>, Option<String>);

/// A page of rows that come the dearest first; the cursor is the last row's money and key.
fn parts(cut: SpendCut, reader: &Reader, question: &CostQuestion) -> Result<RowsAndCursor, StoreError> {
    let after = match &question.cursor {
        None => None,
        Some(cursor) => {
            let (cost, key) = cursor.split_once('.').ok_or(StoreError::BadCursor)?;
            Some((PicoUsd(cost.parse().map_err(|_| StoreError::BadCursor)?), key))
        }
    };
    let (mut rows, has_more) = reader.list_spend_page(cut, &question.query, after, question.limit)?;
    if question.by == CostCut::Session {
        reader.name_sessions(&mut rows)?;
    }
    let next = rows.last().filter(|_| has_more).map(|row| format!("{}.{}", row.totals.cost.0, row.key));
    Ok((rows.into_iter().map(|row| CostRow::new(question.by, row)).collect(), next))
}

/// What a day came to, whole and by part.
#[derive(Default)]
struct Day {
    totals: Totals,
    parts: BTreeMap<String, Totals>,
}

/// A page of days without holes; the cursor is the last one's date.
fn days(
    reader: &Reader,
    question: &CostQuestion,
    now: Timestamp,
    told: UsageTold,
) -> Result<RowsAndCursor, StoreError> {
    let split = match question.split {
        None => SpendSplit::Whole,
        Some(CostSplit::Model) => SpendSplit::Model,
        Some(CostSplit::Project) => SpendSplit::Project,
    };
    let mut calendar = Days::of(&question.zone);
    let mut sums = BTreeMap::<Date, Day>::new();
    let first = match question.query.since {
        Some(since) => Some(since),
        None => reader.first_spend_day()?.map(slot::beginning_of),
    };
    let widest = widest_slot(&question.zone, first, question.query.until.unwrap_or(now).max(now));
    let slots = reader.list_spend_slots(split, &question.query, widest)?;
    // A broken clock's time that no calendar knows counts on the first day there is.
    let mut date_of = |slot: i64| calendar.date_of(slot::beginning_of(slot)).unwrap_or(Date::MIN);
    for (slot, totals) in &slots.whole {
        sums.entry(date_of(*slot)).or_default().totals.add(totals, 1);
    }
    for part in slots.parts {
        sums.entry(date_of(part.slot)).or_default().parts.entry(part.key).or_default().add(&part.totals, 1);
    }
    let (Some(first), Some(last)) = bounds(&mut calendar, question, &sums, now) else { return Ok((Vec::new(), None)) };
    let after = match &question.cursor {
        None => None,
        Some(cursor) => Some(cursor.parse::<Date>().map_err(|_| StoreError::BadCursor)?),
    };
    // Days of a clock that was far off stand alone; only the range that people asked for, or lived through, is filled.
    let mut dates: Vec<Date> = first.series(jiff::ToSpan::days(1)).take_while(|date| *date <= last).collect();
    dates.extend(sums.keys().copied().filter(|date| *date < first || *date > last));
    dates.sort_unstable();
    dates.retain(|date| after.is_none_or(|after| *date > after));
    let has_more = dates.len() > question.limit;
    dates.truncate(question.limit);
    let next = dates.last().filter(|_| has_more).map(ToString::to_string);
    let row = |date: Date| {
        let Day { totals, parts } = sums.remove(&date).unwrap_or_default();
        CostRow::day(date.to_string(), &totals, part_list(parts), told)
    };
    Ok((dates.into_iter().map(row).collect(), next))
}

/// More days than this in a row without being asked for are a clock's mistake, not a history.
const MOST_DAYS: i32 = 3_660;

/// The first and the last day to show.
fn bounds(
    calendar: &mut Days,
    question: &CostQuestion,
    sums: &BTreeMap<Date, Day>,
    now: Timestamp,
) -> (Option<Date>, Option<Date>) {
    let query = &question.query;
    let last_moment = query.until.map_or(now, |until| Timestamp::from_micros(until.as_micros().saturating_sub(1)));
    let last = calendar.date_of(last_moment);
    let is_near = |date: &&Date| last.is_none_or(|last| (last - **date).get_days() <= MOST_DAYS);
    let first = match query.since {
        Some(since) => calendar.date_of(since),
        None => sums.keys().find(is_near).copied(),
    };
    (first, last)
}

fn part_list(parts: BTreeMap<String, Totals>) -> Vec<CostPart> {
    let mut parts: Vec<(PicoUsd, CostPart)> = parts
        .into_iter()
        .map(|(key, totals)| {
            let cost = totals.as_cost();
            (totals.cost, CostPart { key, cost_usd: cost.amount.map(Usd), cost_basis: cost.basis.into() })
        })
        .collect();
    parts.sort_by_key(|(cost, _)| std::cmp::Reverse(*cost));
    parts.into_iter().map(|(_, part)| part).collect()
}
