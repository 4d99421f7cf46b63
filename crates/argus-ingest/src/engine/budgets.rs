//! Weighing budgets after money changed, and telling of what burns.
//!
//! Steps are a function of stored sums alone: the days that changed are noted with the sums, and each of their periods is
//! weighed whole, so that neither order nor repetition nor a crash says anything twice. Forecasts and burning are asked of
//! the clock, at most once a minute, and only of the period that runs: history burns nobody.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use argus_model::budget::{BurnLimits, Crossing, Period, Weighed, burning, weigh};
use argus_model::slot::{DAY_S, QUARTER_S, beginning_of, quarter_of};
use argus_model::{AgentId, Budget, BudgetPeriod, BudgetScope, BudgetVerdict, EventKey, PicoUsd, SessionId, Timestamp};
use argus_rules::{Fact, evaluate_fact};

use super::{Engine, now};
use crate::budget::{Calendar, list_states, of_session};
use crate::error::Result;
use crate::import::IngestSettings;
use crate::judge::plain;

/// Days of sessions weighed in one go.
const DUE_BATCH: usize = 256;
/// Weighing that took no longer needs no rest.
const LITTLE: Duration = Duration::from_millis(2);
/// How often the clock is asked.
const MINUTE: Duration = Duration::from_secs(60);
/// So far back a usual hour is looked for.
const USUAL_DAYS: i64 = 28;

/// What the engine keeps of budgets.
pub(crate) struct Budgets {
    pub(crate) calendar: Calendar,
    /// When it was last looked ahead, and back: both read much.
    foretold: Option<Instant>,
    /// Not before then, so that weighing takes a tenth of the writer's time at most.
    rests_until: Option<Instant>,
    has_due: bool,
}

impl Default for Budgets {
    fn default() -> Self {
        Self { calendar: Calendar::of_machine(), foretold: None, rests_until: None, has_due: true }
    }
}

impl Engine {
    /// Looks for what needs no new fact: processes that went, agents that nobody started, budgets that are used up.
    pub(crate) fn look_around(&mut self) -> Result<Vec<SessionId>> {
        let mut touched = self.find_lost()?;
        touched.extend(self.find_orphans()?);
        if !self.rests() {
            let begun = Instant::now();
            touched.extend(self.weigh_budgets(now())?);
            // To find nothing due is no work.
            let took = Some(begun.elapsed()).filter(|took| *took > LITTLE);
            self.budgets.rests_until = took.map(|took| Instant::now() + took * 9);
        }
        if self.budgets.foretold.is_none_or(|at| at.elapsed() >= MINUTE) {
            self.budgets.foretold = Some(Instant::now());
            touched.extend(self.foretell(now())?);
            touched.extend(self.look_back()?);
        }
        Ok(touched)
    }

    /// Goes by these budgets from now on.
    pub(crate) fn redefine_budgets(&mut self, settings: &IngestSettings) -> Result<()> {
        self.budgets.foretold = None;
        Ok(self.writer.define_budgets(&settings.budgets, now())?)
    }

    /// Whether weighing rests for a moment.
    pub(crate) fn rests(&self) -> bool {
        self.budgets.rests_until.is_some_and(|until| Instant::now() < until)
    }

    /// Whether some budgets are still to be weighed now.
    pub(crate) fn has_due(&self) -> bool {
        self.budgets.has_due && !self.rests()
    }

    /// Weighs the periods of some of the days whose money changed.
    pub(crate) fn weigh_budgets(&mut self, now: Timestamp) -> Result<Vec<SessionId>> {
        let due = self.writer.list_due(DUE_BATCH)?;
        self.budgets.has_due = due.len() == DUE_BATCH;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let sessions: BTreeSet<&SessionId> = due.iter().filter_map(|(session, _)| session.as_ref()).collect();
        let days: BTreeSet<i64> = due.iter().map(|(_, day)| *day).collect();
        let mut verdicts = Vec::new();
        for definition in self.writer.ledger().list_budgets()? {
            let budget = &definition.budget;
            if budget.period == BudgetPeriod::Session {
                for session in &sessions {
                    let portions = self.writer.ledger().list_session_portions(budget, session)?;
                    let last = portions.iter().map(|portion| portion.slot).max();
                    let end = last.map_or(now, |slot| beginning_of(slot + QUARTER_S));
                    if definition.holds_at(end) {
                        let weighed = weigh(budget, &of_session(budget, portions));
                        let said: Vec<_> =
                            weighed.iter().flat_map(|weighed| of_life(budget, session, weighed)).collect();
                        verdicts.extend(self.with_unsaid(budget, "session", Some(session), said)?);
                    }
                }
                continue;
            }
            for period in self.periods(budget, &days) {
                if definition.holds_at(period.until) {
                    verdicts.extend(self.weigh_period(budget, &period)?);
                }
            }
        }
        Ok(self.writer.settle_budgets(&verdicts, due.len(), now)?)
    }

    /// The periods in which these UTC days lie.
    fn periods(&self, budget: &Budget, days: &BTreeSet<i64>) -> BTreeSet<Period> {
        let ends = days.iter().flat_map(|day| [*day, day + DAY_S - QUARTER_S]);
        ends.map(|slot| self.budgets.calendar.period_of(budget.period, beginning_of(slot))).collect()
    }

    fn weigh_period(&self, budget: &Budget, period: &Period) -> Result<Vec<BudgetVerdict>> {
        let portions = self.writer.ledger().list_portions(budget, period.from, period.until)?;
        let weighed = weigh(budget, &portions);
        let verdicts = weighed.iter().flat_map(|weighed| of_period(budget, period, weighed)).collect();
        self.with_unsaid(budget, &period.label, None, verdicts)
    }

    /// With what was said before of accounts that have nothing any more: that stands back.
    fn with_unsaid(
        &self,
        budget: &Budget,
        period: &str,
        session_id: Option<&SessionId>,
        mut verdicts: Vec<BudgetVerdict>,
    ) -> Result<Vec<BudgetVerdict>> {
        let (prefix, suffix) = (format!("budget.{}.{period}.", budget.name), budget.suffix());
        for key in self.writer.list_said(&prefix, session_id)? {
            if key.as_str().ends_with(&suffix) && !verdicts.iter().any(|verdict| verdict.key == key) {
                verdicts.push(BudgetVerdict {
                    key,
                    rule: "budget.step".into(),
                    session_id: session_id.cloned(),
                    agent_id: AgentId::main(),
                    passed: None,
                });
            }
        }
        Ok(verdicts)
    }

    /// Asks the clock: what will the running periods come to, and does it burn?
    pub(super) fn foretell(&mut self, now: Timestamp) -> Result<Vec<SessionId>> {
        let mut verdicts = Vec::new();
        for definition in self.writer.ledger().list_budgets()? {
            let budget = &definition.budget;
            if definition.until.is_some() || !budget.has_forecast || budget.period == BudgetPeriod::Session {
                continue;
            }
            let (period, states) = list_states(&self.writer.ledger(), budget, &self.budgets.calendar, now)?;
            for state in states {
                let Some(forecast) = state.forecast else { continue };
                if forecast.likely > budget.amount && state.weighed.spent < budget.amount {
                    verdicts.extend(foretold(budget, &period, &state.weighed, forecast.likely));
                }
            }
        }
        verdicts.extend(self.burn(now)?);
        let new = self.unsaid(verdicts)?;
        if new.is_empty() {
            return Ok(Vec::new());
        }
        Ok(self.writer.settle_budgets(&new, 0, now)?)
    }

    /// What was not said before: a forecast is said once, as it was then.
    fn unsaid(&self, verdicts: Vec<BudgetVerdict>) -> Result<Vec<BudgetVerdict>> {
        let mut new = Vec::new();
        for verdict in verdicts {
            if !self.writer.is_said(&verdict)? {
                new.push(verdict);
            }
        }
        Ok(new)
    }

    fn burn(&self, now: Timestamp) -> Result<Option<BudgetVerdict>> {
        let thresholds = self.judge.thresholds();
        let limits = BurnLimits { floor: PicoUsd(thresholds.burn_floor_picousd), factor: thresholds.burn_factor };
        let since = |seconds: i64| Timestamp::from_micros(now.as_micros() - seconds * 1_000_000);
        let slot = quarter_of(now);
        let found = burning(&self.writer.ledger().list_quarters(since(USUAL_DAYS * DAY_S))?, slot, &limits);
        let (true, Some(usual)) = (found.is_alarming, found.usual) else { return Ok(None) };
        let Some(session_id) = self.writer.ledger().find_dearest_session(since(3 * QUARTER_S))? else {
            return Ok(None);
        };
        let fact = Fact::BurnRate { hour_picousd: found.hour.0, usual_picousd: usual.0 };
        // Once an hour of the clock: what goes on for hours is worth more than one word.
        let hour = slot.div_euclid(4 * QUARTER_S);
        let key = EventKey::new(format!("burn.{hour}"));
        Ok(verdict(key, None, Crossing { slot, session_id }, &fact))
    }
}

/// What is to be said of a session's steps.
fn of_life(budget: &Budget, session_id: &SessionId, weighed: &Weighed) -> Vec<BudgetVerdict> {
    let is_agent = budget.scope == BudgetScope::Agent;
    let owner =
        (is_agent || !matches!(budget.scope, BudgetScope::All | BudgetScope::Session)).then_some(&*weighed.owner);
    let owner = owner.filter(|owner| !owner.is_empty());
    let name = if is_agent { format!("{} for subagent {}", budget.name, weighed.owner) } else { budget.name.clone() };
    let agent_id = if is_agent { AgentId::new(&*weighed.owner) } else { AgentId::main() };
    let said = |(step, crossing): &(u32, Option<Crossing>)| {
        let fact = Fact::BudgetStep {
            budget: name.clone(),
            period: "the session".to_owned(),
            step: *step,
            amount_picousd: budget.amount.0,
        };
        step_verdict(
            EventKey::new(budget.key("session", owner, &step.to_string())),
            Some(session_id),
            crossing.clone(),
            &fact,
        )
        .map(|verdict| BudgetVerdict { agent_id: agent_id.clone(), ..verdict })
    };
    weighed.steps.iter().filter_map(said).collect()
}

/// What is to be said of a period's steps.
fn of_period(budget: &Budget, period: &Period, weighed: &Weighed) -> Vec<BudgetVerdict> {
    let owner = Some(&*weighed.owner).filter(|owner| !owner.is_empty());
    let said = |(step, crossing): &(u32, Option<Crossing>)| {
        let fact = Fact::BudgetStep {
            budget: name_of(budget, owner),
            period: period.label.clone(),
            step: *step,
            amount_picousd: budget.amount.0,
        };
        step_verdict(EventKey::new(budget.key(&period.label, owner, &step.to_string())), None, crossing.clone(), &fact)
    };
    weighed.steps.iter().filter_map(said).collect()
}

fn foretold(budget: &Budget, period: &Period, weighed: &Weighed, likely: PicoUsd) -> Option<BudgetVerdict> {
    let owner = Some(&*weighed.owner).filter(|owner| !owner.is_empty());
    let (session_id, _) = weighed.sessions.first()?;
    let fact = Fact::BudgetForecast {
        budget: name_of(budget, owner),
        period: period.label.clone(),
        likely_picousd: likely.0,
        amount_picousd: budget.amount.0,
    };
    let crossing = Crossing { slot: quarter_of(now()), session_id: session_id.clone() };
    verdict(EventKey::new(budget.key(&period.label, owner, "forecast")), None, crossing, &fact)
}

fn name_of(budget: &Budget, owner: Option<&str>) -> String {
    owner.map_or_else(|| budget.name.clone(), |owner| format!("{} for {owner}", budget.name))
}

fn verdict(key: EventKey, session_id: Option<&SessionId>, crossing: Crossing, fact: &Fact) -> Option<BudgetVerdict> {
    step_verdict(key, session_id, Some(crossing), fact)
}

fn step_verdict(
    key: EventKey,
    session_id: Option<&SessionId>,
    crossing: Option<Crossing>,
    fact: &Fact,
) -> Option<BudgetVerdict> {
    let finding = evaluate_fact(fact, &argus_rules::Thresholds::default()).into_iter().next()?;
    Some(BudgetVerdict {
        key,
        rule: finding.rule.into(),
        session_id: session_id.cloned(),
        agent_id: AgentId::main(),
        passed: crossing.map(|crossing| (crossing, plain(finding))),
    })
}
