//! All budgets as they stand now, as the route and the command line tell them.

use argus_ingest::budget::{Calendar, list_states};
use argus_model::budget::{BurnLimits, burning};
use argus_model::slot::{DAY_S, quarter_of};
use argus_model::{Budget, Timestamp};
use argus_store::{Reader, StoreError};

use crate::dto::{BudgetList, BudgetRecord, Burn, Utc};

/// So far back a usual hour is looked for.
const USUAL_DAYS: i64 = 28;

/// How these budgets stand at `now`. The alarm of the burn rate is the server's; `limits` are its.
pub fn list_budgets(
    reader: &Reader,
    budgets: &[Budget],
    limits: &BurnLimits,
    now: Timestamp,
) -> Result<BudgetList, StoreError> {
    let (ledger, calendar) = (reader.ledger(), Calendar::of_machine());
    let mut records = Vec::new();
    for budget in budgets {
        let (period, states) = list_states(&ledger, budget, &calendar, now)?;
        records.push(BudgetRecord::new(budget, &period, states));
    }
    let since = Timestamp::from_micros(now.as_micros() - USUAL_DAYS * DAY_S * 1_000_000);
    let burn: Burn = burning(&ledger.list_quarters(since)?, quarter_of(now), limits).into();
    Ok(BudgetList { budgets: records, problems: Vec::new(), burn, tz: calendar.zone_name(), as_of: Utc(now) })
}

/// The budgets that the writer goes by.
pub(crate) fn running_budgets(reader: &Reader) -> Result<Vec<Budget>, StoreError> {
    let all = reader.ledger().list_budgets()?;
    Ok(all.into_iter().filter(|definition| definition.until.is_none()).map(|definition| definition.budget).collect())
}
