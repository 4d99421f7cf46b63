//! The catalogue of rules.

use std::sync::Arc;

use argus_model::Timestamp;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::dto::RuleList;
use crate::error::{ApiError, ErrorBody};

use super::Site;
use super::settings::refused;

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

/// Exceptions, as `rules.toml` is written.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExceptionsRequest {
    /// One `[[except]]` entry or several, each with a reason and an end.
    text: String,
}

/// What was added.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExceptionsAnswer {
    /// How many exceptions.
    added_count: usize,
}

/// Adds exceptions at the end of `rules.toml`; what stands there stays as it is. Only from the dashboard: what an agent may
/// do is a person's word, and the token for scripts lies where agents can read it.
#[utoipa::path(
    post, path = "/api/v1/rules/exceptions", tag = "alerts", request_body = ExceptionsRequest,
    responses((status = 200, body = ExceptionsAnswer), (status = 400, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "Not a person"),
        (status = 409, body = ErrorBody, description = "The file cannot be understood or written; it was left alone"),
        (status = 503, body = ErrorBody, description = "Nobody writes here"))
)]
pub(super) async fn add_exceptions(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ExceptionsAnswer>, ApiError> {
    if caller != Caller::Browser {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "person_needed", "exceptions are a person's word")
            .hint("add it in the dashboard, or with argus alerts allow in a terminal"));
    }
    let body = body.map_err(|rejection| ApiError::of_status(rejection.into_response().status()))?;
    let request: ExceptionsRequest = serde_json::from_slice(&body)
        .map_err(|_| ApiError::bad_request("the body is not the JSON that this route takes"))?;
    let add = Arc::clone(&site.commands.add_exceptions);
    let done = tokio::task::spawn_blocking(move || add(request.text)).await.map_err(|_| ApiError::internal())?;
    Ok(Json(ExceptionsAnswer { added_count: done.map_err(refused)? }))
}
