//! Whom a used-up budget stops: whoever would go on spending on its account, named so that the guard, which has no
//! database, knows their calls.

use std::sync::Arc;

use argus_model::budget::{Weighed, weigh};
use argus_model::{AgentId, Budget, BudgetPeriod, BudgetScope, PicoUsd, SessionId, Timestamp};
use argus_store::{Alive, Ledger, Result, StoreError};

use super::{Calendar, list_states, of_session};

/// Who was silent for longer is known again as soon as they come back.
const ALIVE_US: i64 = 24 * 3_600_000_000;

/// An account of a budget that stops, with nothing left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedUp {
    /// The budget.
    pub budget: Budget,
    /// Whose account; empty where all is one.
    pub owner: Arc<str>,
    /// What was spent.
    pub spent: PicoUsd,
    /// The period in words: `2026-11-23`, `the session`.
    pub period: String,
    /// When the next period begins; `None` for a session's life.
    pub until: Option<Timestamp>,
    /// Who is stopped.
    pub who: Stopped,
}

/// Who is stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// Every agent of every session.
    Everybody,
    /// Every agent of these sessions.
    Sessions(Vec<SessionId>),
    /// These agents; the main one has an empty id.
    Agents(Vec<(SessionId, AgentId)>),
}

/// The accounts with nothing left, of those budgets that stop.
pub fn list_used_up(
    ledger: &Ledger<'_>,
    budgets: &[Budget],
    calendar: &Calendar,
    now: Timestamp,
) -> Result<Vec<UsedUp>> {
    let mut found = Vec::new();
    if !budgets.iter().any(|budget| budget.has_stop) {
        return Ok(found);
    }
    let alive = ledger.list_alive(Timestamp::from_micros(now.as_micros() - ALIVE_US))?;
    for budget in budgets.iter().filter(|budget| budget.has_stop) {
        let budget = Budget { has_forecast: false, ..budget.clone() };
        let mut note = |weighed: Weighed, period: &str, until, sessions: &[Alive]| {
            if weighed.spent >= budget.amount {
                let who = stopped(ledger, &budget, &weighed.owner, sessions)?;
                let (owner, spent, period) = (weighed.owner, weighed.spent, period.to_owned());
                found.push(UsedUp { budget: budget.clone(), owner, spent, period, until, who });
            }
            Ok::<_, StoreError>(())
        };
        if budget.period == BudgetPeriod::Session {
            for session in &alive {
                let portions = of_session(&budget, ledger.list_session_portions(&budget, &session.session_id)?);
                weigh(&budget, &portions)
                    .into_iter()
                    .try_for_each(|weighed| note(weighed, "the session", None, std::slice::from_ref(session)))?;
            }
        } else {
            let (period, states) = list_states(ledger, &budget, calendar, now)?;
            states.into_iter().try_for_each(|state| note(state.weighed, &period.label, Some(period.until), &alive))?;
        }
    }
    Ok(found)
}

/// Who of these sessions spends on an account.
fn stopped(ledger: &Ledger<'_>, budget: &Budget, owner: &str, sessions: &[Alive]) -> Result<Stopped> {
    let is_its = |name: Option<&str>| {
        name.is_some_and(|name| if owner.is_empty() { budget.is_about(name) } else { name == owner })
    };
    let of = |name: fn(&Alive) -> Option<&str>| {
        let its = sessions.iter().filter(|session| is_its(name(session)));
        Stopped::Sessions(its.map(|session| session.session_id.clone()).collect())
    };
    Ok(match budget.scope {
        BudgetScope::All if budget.period != BudgetPeriod::Session => Stopped::Everybody,
        BudgetScope::All | BudgetScope::Session => of(|session| Some(session.session_id.as_str())),
        BudgetScope::Project => of(|session| session.project.as_deref()),
        BudgetScope::Branch => of(|session| session.branch.as_deref()),
        BudgetScope::Model => {
            let mut agents = Vec::new();
            for session in sessions {
                for (agent_id, model) in ledger.list_models(&session.session_id)? {
                    if is_its(Some(&model)) {
                        agents.push((session.session_id.clone(), agent_id));
                    }
                }
            }
            Stopped::Agents(agents)
        }
        BudgetScope::Agent => {
            let mut agents = Vec::new();
            for session in sessions {
                let below = ledger.list_below(&session.session_id, &AgentId::new(owner))?;
                agents.extend(below.into_iter().map(|agent_id| (session.session_id.clone(), agent_id)));
            }
            Stopped::Agents(agents)
        }
    })
}
