//! What a budget's period came to: the sum of each owner, and where its steps were passed.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::Budget;
use crate::{PicoUsd, SessionId};

/// So many sessions are named as those that spent most.
const NAMED: usize = 3;

/// What one session spent in one slot on one owner's account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portion {
    /// Whose account: a project, a branch, a model, a session, an agent; empty where all is one.
    pub owner: Arc<str>,
    /// Which session.
    pub session_id: SessionId,
    /// The quarter hour.
    pub slot: i64,
    /// How much.
    pub cost: PicoUsd,
    /// Whether some of it is not known, so that it is a lower bound.
    pub is_lower_bound: bool,
}

/// What an owner's period came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weighed {
    /// Whose account; empty where all is one.
    pub owner: Arc<str>,
    /// The sum.
    pub spent: PicoUsd,
    /// Whether it is a lower bound.
    pub is_lower_bound: bool,
    /// Each step, and where it was passed.
    pub steps: Vec<(u32, Option<Crossing>)>,
    /// The sessions that spent most, the dearest first.
    pub sessions: Vec<(SessionId, PicoUsd)>,
    /// The last slot with use.
    pub last_slot: i64,
}

/// Where a step was passed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Crossing {
    /// In this quarter hour.
    pub slot: i64,
    /// By the session that spent most in it.
    pub session_id: SessionId,
}

/// Sums by owner. The same portions in any order give the same.
pub fn weigh(budget: &Budget, portions: &[Portion]) -> Vec<Weighed> {
    let mut owners = BTreeMap::<&Arc<str>, Vec<&Portion>>::new();
    for portion in portions {
        owners.entry(&portion.owner).or_default().push(portion);
    }
    owners.into_iter().map(|(owner, own)| weigh_one(budget, owner, &own)).collect()
}

fn weigh_one(budget: &Budget, owner: &Arc<str>, portions: &[&Portion]) -> Weighed {
    let spent: Vec<(i64, PicoUsd)> = portions.iter().map(|portion| (portion.slot, portion.cost)).collect();
    let crossing = |slot: i64| {
        let session_id = dearest(portions.iter().copied().filter(|portion| portion.slot == slot)).into_iter().next()?.0;
        Some(Crossing { slot, session_id })
    };
    let steps = budget.crossings(&spent).into_iter().map(|(step, slot)| (step, slot.and_then(crossing))).collect();
    let mut sessions = dearest(portions.iter().copied());
    sessions.truncate(NAMED);
    Weighed {
        owner: Arc::clone(owner),
        spent: PicoUsd(spent.iter().fold(0, |sum, (_, cost)| sum.saturating_add(cost.0))),
        is_lower_bound: portions.iter().any(|portion| portion.is_lower_bound),
        steps,
        sessions,
        last_slot: spent.iter().map(|(slot, _)| *slot).max().unwrap_or(0),
    }
}

/// Sums by session, the dearest first.
fn dearest<'a>(portions: impl Iterator<Item = &'a Portion>) -> Vec<(SessionId, PicoUsd)> {
    let mut sums = BTreeMap::<&SessionId, i64>::new();
    for portion in portions {
        *sums.entry(&portion.session_id).or_default() += portion.cost.0;
    }
    let mut sums: Vec<_> = sums.into_iter().map(|(id, cost)| (id.clone(), PicoUsd(cost))).collect();
    // Stable: of equal ones the one whose id comes first.
    sums.sort_by_key(|(_, cost)| std::cmp::Reverse(*cost));
    sums
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::budget::{BudgetPeriod, BudgetScope};

    fn portion(owner: &str, session: &str, slot: i64, cost: i64) -> Portion {
        Portion {
            owner: owner.into(),
            session_id: session.into(),
            slot,
            cost: PicoUsd(cost),
            is_lower_bound: session == "c",
        }
    }

    #[test]
    fn each_owner_has_its_sum_its_steps_and_who_passed_them() {
        let budget = Budget {
            name: "each".into(),
            scope: BudgetScope::Project,
            selector: None,
            period: BudgetPeriod::Day,
            amount: PicoUsd(10),
            steps: vec![50, 100],
            has_forecast: false,
            has_stop: false,
        };
        let mut portions = vec![
            portion("x", "a", 0, 4),
            portion("x", "b", 900, 2),
            portion("x", "a", 900, 1),
            portion("y", "c", 0, 1),
        ];
        let found = weigh(&budget, &portions);
        assert_eq!((found[0].spent, found[1].spent), (PicoUsd(7), PicoUsd(1)));
        let crossing = Crossing { slot: 900, session_id: "b".into() };
        assert_eq!(found[0].steps, [(50, Some(crossing)), (100, None)]);
        assert_eq!(found[0].sessions, [("a".into(), PicoUsd(5)), ("b".into(), PicoUsd(2))]);
        assert_eq!((found[0].is_lower_bound, found[1].is_lower_bound), (false, true));
        portions.reverse();
        assert_eq!(weigh(&budget, &portions), found);
    }
}
