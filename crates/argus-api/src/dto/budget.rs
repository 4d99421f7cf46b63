//! Budgets: as they are defined, and as they stand.

use argus_ingest::budget::BudgetState;
use argus_model::budget::{Burning, Period};
use argus_model::slot::beginning_of;
use argus_model::{Budget, PicoUsd};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Basis, BudgetPeriodWord, BudgetScopeWord, Usd, Utc};

/// So many accounts of one budget are listed.
const LISTED: usize = 20;

/// A budget as it is defined.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BudgetSetting {
    /// What it is called.
    pub name: String,
    /// Whose money.
    pub scope: BudgetScopeWord,
    /// Which of them, `*` for any text; `null`: each has this amount of its own.
    pub selector: Option<String>,
    /// In which time.
    pub period: BudgetPeriodWord,
    /// How much.
    pub amount_usd: Usd,
    /// At which percents of it somebody is told.
    pub warn_percent: Vec<u32>,
    /// Whether somebody is told when it will probably be exceeded.
    pub forecast: bool,
    /// Whether the guard stops whoever goes on spending when it is used up.
    pub stop: bool,
}

impl BudgetSetting {
    /// As the page and the command line show it.
    pub fn of(budget: &Budget) -> Self {
        Self {
            name: budget.name.clone(),
            scope: budget.scope.into(),
            selector: budget.selector.clone(),
            period: budget.period.into(),
            amount_usd: Usd(budget.amount),
            warn_percent: budget.steps.clone(),
            forecast: budget.has_forecast,
            stop: budget.has_stop,
        }
    }
}

/// All budgets as they stand.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BudgetList {
    /// In the order in which they are defined.
    pub budgets: Vec<BudgetRecord>,
    /// Why some budgets of the file do not hold.
    pub problems: Vec<String>,
    /// How fast money is spent.
    pub burn: Burn,
    /// The time zone of all periods: the machine's.
    pub tz: String,
    /// As of when.
    pub as_of: Utc,
}

/// A budget in the period that runs.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BudgetRecord {
    /// How it is defined.
    #[serde(flatten)]
    pub budget: BudgetSetting,
    /// The period that runs: `2026-11-23`, `2026-W48`, `2026-11`. A budget for sessions tells of those with use today.
    pub period_label: String,
    /// Its first moment.
    pub period_from: Utc,
    /// The first moment after it.
    pub period_until: Utc,
    /// How much of it is left: that of the account that used most.
    pub left_usd: Usd,
    /// Each account, the one that used most first; at most twenty.
    pub accounts: Vec<BudgetAccount>,
    /// How many accounts there are.
    pub account_count: usize,
}

/// One account of a budget.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BudgetAccount {
    /// Whose, where each has its own; `null` where all is one.
    pub owner: Option<String>,
    /// What was spent.
    pub spent_usd: Usd,
    /// `priced`, or `incomplete` where it is a lower bound.
    pub cost_basis: Basis,
    /// So many percent of the amount, rounded down.
    pub percent: i64,
    /// What is left; below zero when more was spent.
    pub left_usd: Usd,
    /// Each step, and when it was passed.
    pub steps: Vec<BudgetStep>,
    /// What the period will come to; `null` where too little is known.
    pub forecast: Option<BudgetForecast>,
    /// The sessions that spent most.
    pub sessions: Vec<BudgetSession>,
}

/// A step.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BudgetStep {
    /// Its percent.
    pub percent: u32,
    /// The quarter hour in which it was passed; `null` when it was not.
    pub passed_at: Option<Utc>,
}

/// What a period will come to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BudgetForecast {
    /// Three of four such periods cost more.
    pub low_usd: Usd,
    /// Half of them do.
    pub likely_usd: Usd,
    /// One of four does.
    pub high_usd: Usd,
    /// From so many days.
    pub sample_days: usize,
    /// Whether more than the amount is likely.
    pub is_beyond: bool,
}

/// What a session spent.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct BudgetSession {
    /// Which.
    pub session_id: String,
    /// How much.
    pub cost_usd: Usd,
}

/// How fast money is spent.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Burn {
    /// In the last hour.
    pub hour_usd: Usd,
    /// In a usual busy hour; `null` while too little is known.
    pub usual_usd: Option<Usd>,
    /// Whether it is far more than usual.
    pub is_alarming: bool,
}

impl From<Burning> for Burn {
    fn from(burning: Burning) -> Self {
        Self { hour_usd: Usd(burning.hour), usual_usd: burning.usual.map(Usd), is_alarming: burning.is_alarming }
    }
}

impl BudgetRecord {
    /// A budget with the states of its accounts.
    pub fn new(budget: &Budget, period: &Period, states: Vec<BudgetState>) -> Self {
        let account_count = states.len();
        let accounts: Vec<BudgetAccount> =
            states.into_iter().take(LISTED).map(|state| BudgetAccount::new(budget, state)).collect();
        Self {
            budget: BudgetSetting::of(budget),
            period_label: period.label.clone(),
            period_from: Utc(period.from),
            period_until: Utc(period.until),
            left_usd: accounts.first().map_or(Usd(budget.amount), |account| account.left_usd),
            accounts,
            account_count,
        }
    }
}

impl BudgetAccount {
    fn new(budget: &Budget, BudgetState { weighed, forecast }: BudgetState) -> Self {
        let passed = |slot: i64| Utc(beginning_of(slot));
        Self {
            owner: Some(weighed.owner.to_string()).filter(|owner| !owner.is_empty()),
            spent_usd: Usd(weighed.spent),
            cost_basis: if weighed.is_lower_bound { Basis::Incomplete } else { Basis::Priced },
            percent: i64::try_from(i128::from(weighed.spent.0) * 100 / i128::from(budget.amount.0.max(1)))
                .unwrap_or(i64::MAX),
            left_usd: Usd(PicoUsd(budget.amount.0.saturating_sub(weighed.spent.0))),
            steps: weighed
                .steps
                .iter()
                .map(|(percent, crossing)| BudgetStep {
                    percent: *percent,
                    passed_at: crossing.as_ref().map(|crossing| passed(crossing.slot)),
                })
                .collect(),
            forecast: forecast.map(|forecast| BudgetForecast {
                low_usd: Usd(forecast.low),
                likely_usd: Usd(forecast.likely),
                high_usd: Usd(forecast.high),
                sample_days: forecast.sample_days,
                is_beyond: forecast.likely > budget.amount,
            }),
            sessions: weighed
                .sessions
                .iter()
                .map(|(session_id, cost)| BudgetSession { session_id: session_id.to_string(), cost_usd: Usd(*cost) })
                .collect(),
        }
    }
}
