//! The catalogue of rules.

use std::sync::Arc;

use argus_model::Timestamp;
use axum::Json;
use axum::extract::State;

use crate::dto::{ProfileWord, RuleList};
use crate::error::ApiError;

use super::Site;

/// The days of which each rule's alerts are counted.
const DAYS: i64 = 30;

/// All rules, with what each has raised.
#[utoipa::path(get, path = "/api/v1/rules", tag = "alerts", responses((status = 200, body = RuleList)))]
pub(super) async fn list_rules(State(site): State<Arc<Site>>) -> Result<Json<RuleList>, ApiError> {
    let now = site.now();
    let since = Timestamp::from_micros(now.as_micros() - DAYS * 86_400_000_000);
    let settings = Arc::clone(&site.commands.settings);
    let (counts, record) = site.ask(move |reader| Ok((reader.count_by_rule(since, now)?, settings()))).await?;
    let profile = record.map_or(ProfileWord::Graded, |record| record.settings.rule_profile);
    Ok(Json(RuleList::new(profile.as_str(), &counts)))
}
