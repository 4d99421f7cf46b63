//! The catalogue of rules.

use std::sync::Arc;

use argus_model::Timestamp;
use axum::Json;
use axum::extract::State;

use crate::dto::RuleList;
use crate::error::ApiError;

use super::Site;

/// The days of which each rule's alerts are counted.
const DAYS: i64 = 30;

/// All rules, with what each has raised.
#[utoipa::path(get, path = "/api/v1/rules", tag = "alerts", responses((status = 200, body = RuleList)))]
pub(super) async fn list_rules(State(site): State<Arc<Site>>) -> Result<Json<RuleList>, ApiError> {
    let now = site.now();
    let since = Timestamp::from_micros(now.as_micros() - DAYS * 86_400_000_000);
    let book = (site.commands.rulebook)();
    let counts = site.ask(move |reader| reader.count_by_rule(since, now)).await?;
    Ok(Json(RuleList::new(&book, &counts)))
}
