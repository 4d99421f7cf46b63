//! Budgets over time: which period a moment lies in, and how each budget stands now. The dashboard, the command line and the
//! engine's alerts all ask here, so that no two of them count differently.
//!
//! Periods are those of the machine's time zone, daylight saving included; what happened is taken from sums by quarter hour,
//! of which every zone's days are made.

mod calendar;
mod stops;

use std::collections::BTreeMap;
use std::sync::Arc;

use argus_model::budget::{Forecast, PastDay, Period, Portion, Weekday, Weighed, forecast, weigh};
use argus_model::slot::beginning_of;
use argus_model::{Budget, BudgetPeriod, PicoUsd, Timestamp};
use argus_store::{Ledger, Result};

pub use calendar::Calendar;
pub use stops::{Stopped, UsedUp, list_used_up};

/// So far back a forecast looks.
const PAST_DAYS: i64 = 56;

/// How one owner of a budget stands in the period that runs.
#[derive(Clone, Debug, PartialEq)]
pub struct BudgetState {
    /// What was spent, by whom, and which steps were passed.
    pub weighed: Weighed,
    /// What it will come to; `None` where too little is known, or where nobody wants to know.
    pub forecast: Option<Forecast>,
}

/// How a budget stands now, the owner that used most of it first. A budget for sessions has no period; it tells of the
/// sessions of today.
pub fn list_states(
    ledger: &Ledger<'_>,
    budget: &Budget,
    calendar: &Calendar,
    now: Timestamp,
) -> Result<(Period, Vec<BudgetState>)> {
    let kind = if budget.period == BudgetPeriod::Session { BudgetPeriod::Day } else { budget.period };
    let period = calendar.period_of(kind, now);
    let portions = ledger.list_portions(budget, period.from, period.until)?;
    let mut states: Vec<BudgetState> = if budget.period == BudgetPeriod::Session {
        let mut sessions: Vec<_> = portions.iter().map(|portion| portion.session_id.clone()).collect();
        sessions.sort_unstable();
        sessions.dedup();
        let mut states = Vec::new();
        for session_id in sessions {
            let whole = ledger.list_session_portions(budget, &session_id)?;
            states.extend(
                weigh(budget, &of_session(budget, whole))
                    .into_iter()
                    .map(|weighed| BudgetState { weighed, forecast: None }),
            );
        }
        states
    } else {
        let past = if budget.has_forecast { past_days(ledger, budget, calendar, now)? } else { BTreeMap::new() };
        let mut weighed = weigh(budget, &portions);
        if weighed.is_empty() && !budget.is_each() {
            // Nothing was spent yet: that is known, and it is zero.
            weighed.push(nothing(budget));
        }
        let state = |weighed: Weighed| {
            let days = past.get(&weighed.owner).map_or(&[][..], Vec::as_slice);
            let (today, ahead) = calendar.days_left(&period, now);
            let forecast = forecast(weighed.spent, today, &ahead, days);
            BudgetState { weighed, forecast: forecast.filter(|_| budget.has_forecast) }
        };
        weighed.into_iter().map(state).collect()
    };
    states.sort_by(|a, b| b.weighed.spent.cmp(&a.weighed.spent).then_with(|| a.weighed.owner.cmp(&b.weighed.owner)));
    Ok((period, states))
}

/// In a budget for sessions each session has its own account, whatever else divides it.
pub(crate) fn of_session(budget: &Budget, mut portions: Vec<Portion>) -> Vec<Portion> {
    if matches!(budget.scope, argus_model::BudgetScope::All) {
        for portion in &mut portions {
            portion.owner = Arc::from(portion.session_id.as_str());
        }
    }
    portions
}

fn nothing(budget: &Budget) -> Weighed {
    Weighed {
        owner: Arc::from(""),
        spent: PicoUsd(0),
        is_lower_bound: false,
        steps: budget.steps.iter().map(|step| (*step, None)).collect(),
        sessions: Vec::new(),
        last_slot: 0,
    }
}

/// What each day before today cost, from the first with use on, by owner.
fn past_days(
    ledger: &Ledger<'_>,
    budget: &Budget,
    calendar: &Calendar,
    now: Timestamp,
) -> Result<BTreeMap<Arc<str>, Vec<PastDay>>> {
    let days = calendar.days_before(now, PAST_DAYS);
    let (Some(first), Some(last)) = (days.first(), days.last()) else { return Ok(BTreeMap::new()) };
    let mut owners = BTreeMap::<Arc<str>, Vec<(Timestamp, PicoUsd)>>::new();
    for portion in ledger.list_portions(budget, first.from, last.until)? {
        owners.entry(portion.owner).or_default().push((beginning_of(portion.slot), portion.cost));
    }
    let past = |spent: Vec<(Timestamp, PicoUsd)>| -> Vec<PastDay> {
        let nothing = |day: &Day| PastDay { weekday: day.weekday, rest: PicoUsd(0), whole: PicoUsd(0) };
        let mut past: Vec<PastDay> = days.iter().map(nothing).collect();
        let mut begun = days.len();
        for (at, cost) in spent {
            let index = days.partition_point(|day| day.until <= at);
            let (Some(day), Some(sums)) = (days.get(index), past.get_mut(index)) else { continue };
            sums.whole.0 += cost.0;
            sums.rest.0 += if at >= day.same_time { cost.0 } else { 0 };
            begun = begun.min(index);
        }
        past.split_off(begun)
    };
    Ok(owners.into_iter().map(|(owner, spent)| (owner, past(spent))).collect())
}

/// A day that is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Day {
    /// 0 for Monday.
    pub weekday: Weekday,
    /// Its first moment.
    pub from: Timestamp,
    /// When its clocks showed what they show now.
    pub same_time: Timestamp,
    /// The first moment after it.
    pub until: Timestamp,
}
