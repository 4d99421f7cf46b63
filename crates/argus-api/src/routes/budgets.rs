//! Budgets as they stand.

use std::sync::Arc;

use argus_model::budget::BurnLimits;
use axum::Json;
use axum::extract::State;

use crate::budgets;
use crate::dto::BudgetList;
use crate::error::ApiError;

use super::Site;

/// Every budget in the period that runs: what was spent by whom, which steps were passed, what it will come to.
#[utoipa::path(get, path = "/api/v1/budgets", tag = "cost", responses((status = 200, body = BudgetList)))]
pub(super) async fn list_budgets(State(site): State<Arc<Site>>) -> Result<Json<BudgetList>, ApiError> {
    let (now, settings) = (site.now(), Arc::clone(&site.commands.settings));
    let list = site.ask(move |reader| {
        // Without a writer nobody knows of the file; what it last went by stands in the database.
        let record = settings().ok();
        let limits = record.as_ref().map_or_else(BurnLimits::default, |record| BurnLimits {
            floor: record.settings.burn_floor_usd.0,
            factor: record.settings.burn_factor,
        });
        let list = budgets::list_budgets(reader, &budgets::running_budgets(reader)?, &limits, now)?;
        Ok(BudgetList { problems: record.map(|record| record.budget_problems).unwrap_or_default(), ..list })
    });
    Ok(Json(list.await?))
}
