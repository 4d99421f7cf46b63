//! Budgets that fit the made-up sessions: one that is used up to a step, one that will probably be exceeded, one for each
//! project; and limits for agents and burning that some scene goes beyond.

use argus_ingest::budget::{Calendar, list_states};
use argus_model::{Budget, BudgetPeriod, BudgetScope, PicoUsd};
use argus_store::Reader;

use crate::failure::Done;
use crate::paths::{DataDir, write_private};
use crate::when;

const CENT: i64 = PicoUsd::DOLLAR / 100;

/// Writes them into the demo's own configuration, once its sessions are imported.
pub(crate) fn write(data: &DataDir, reader: &Reader) -> Done {
    let mut text =
        "# The demo's own.\n[alarms]\nburn_floor_usd = 0.5\nburn_factor = 1\nagent_depth = 2\nagent_children = 3\n\
         context_percent = 10\ncache_misses_usd = 0.5\nresult_usd = 0.25\n"
            .to_owned();
    let mut add = |name: &str, scope: &str, period: BudgetPeriod, amount: PicoUsd| {
        text.push_str(&format!(
            "\n[[budgets]]\nname = \"{name}\"\nscope = \"{scope}\"\nperiod = \"{}\"\namount_usd = {}\n",
            period.as_str(),
            amount.to_decimal()
        ));
    };
    let mut has_forecast = false;
    for (name, period) in
        [("this month", BudgetPeriod::Month), ("this week", BudgetPeriod::Week), ("today", BudgetPeriod::Day)]
    {
        let (spent, likely) = foretell(reader, period)?;
        let amount = match likely.filter(|likely| *likely > spent && !has_forecast) {
            // Not yet, but soon.
            Some(likely) => {
                has_forecast = true;
                spent + (likely - spent) / 2
            }
            None => likely.unwrap_or(spent).max(spent) * 5 / 4,
        };
        add(name, "all", period, PicoUsd((amount / CENT + 1) * CENT));
    }
    add("each project", "project", BudgetPeriod::Week, PicoUsd(4 * PicoUsd::DOLLAR));
    write_private(&data.configuration(), &text)?;
    Ok(())
}

/// What was spent in the period that runs, and what it will come to.
fn foretell(reader: &Reader, period: BudgetPeriod) -> Done<(i64, Option<i64>)> {
    let probe = Budget {
        name: "probe".to_owned(),
        scope: BudgetScope::All,
        selector: None,
        period,
        amount: PicoUsd(1),
        steps: Vec::new(),
        has_forecast: true,
        has_stop: false,
    };
    let (_, states) = list_states(&reader.ledger(), &probe, &Calendar::of_machine(), when::now())?;
    let state = states.into_iter().next();
    let spent = state.as_ref().map_or(0, |state| state.weighed.spent.0);
    Ok((spent, state.and_then(|state| state.forecast).map(|forecast| forecast.likely.0)))
}
