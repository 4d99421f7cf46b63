//! The guard for a person: how it stands, what it answered, and the way out.
//!
//! The way out is for browsers alone: the script token lies in a file that every program of this user can read, agents
//! among them, and a script that needs a way out is no person.

use std::sync::Arc;

use argus_model::SessionId;
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::auth::Caller;
use crate::commands::{CommandRefused, GuardOrder};
use crate::dto::{Guard, GuardReleaseRequest, GuardedPage};
use crate::error::{ApiError, ErrorBody};

use super::Site;
use super::params::{Id, Params, limit, not_empty};
use super::settings::refused;

const DEFAULT_LIMIT: u32 = 50;

/// How the guard stands, and what it stops and lets pass now.
#[utoipa::path(
    get, path = "/api/v1/guard", tag = "guard",
    responses((status = 200, body = Guard), (status = 503, body = ErrorBody, description = "Nobody can tell here"))
)]
pub(super) async fn get_guard(State(site): State<Arc<Site>>) -> Result<Json<Guard>, ApiError> {
    order(&site, GuardOrder::Tell).await
}

/// Which calls.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GuardedParams {
    /// At most so many, 500 at most; 50 if not said.
    limit: Option<u32>,
    /// Where the last page ended.
    cursor: Option<String>,
}

/// Calls that were denied, asked about, or let pass by a person, the newest first.
#[utoipa::path(
    get, path = "/api/v1/guard/decisions", tag = "guard", params(GuardedParams),
    responses((status = 200, body = GuardedPage), (status = 400, body = ErrorBody))
)]
pub(super) async fn list_guarded(
    State(site): State<Arc<Site>>,
    Params(params): Params<GuardedParams>,
) -> Result<Json<GuardedPage>, ApiError> {
    let (limit, cursor) = (limit(params.limit, DEFAULT_LIMIT)?, not_empty(params.cursor));
    let page = site.ask(move |reader| reader.list_guarded(cursor.as_deref(), limit)).await?;
    Ok(Json(GuardedPage { events: page.rows.into_iter().map(Into::into).collect(), next_cursor: page.next_cursor }))
}

/// Lets calls pass for a while, which the guard would deny or ask about.
#[utoipa::path(
    post, path = "/api/v1/guard/releases", tag = "guard", request_body = GuardReleaseRequest,
    responses((status = 200, body = Guard), (status = 400, body = ErrorBody),
        (status = 403, body = ErrorBody, description = "Not a browser's token"),
        (status = 404, body = ErrorBody, description = "There is no such session"))
)]
pub(super) async fn release(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<Guard>, ApiError> {
    only_a_person(caller)?;
    let body = body.map_err(|rejection| ApiError::of_status(rejection.into_response().status()))?;
    let request: GuardReleaseRequest = serde_json::from_slice(&body).map_err(|_| {
        ApiError::bad_request("the body is not what is to be let pass")
            .hint("{\"rule\": \"fs.rm-rf\", \"minutes\": 15}")
    })?;
    if let Some(session_id) = request.session_id.clone() {
        let now = site.now();
        let known = site.ask(move |reader| reader.get_session(&SessionId::new(session_id), now)).await?;
        known.ok_or(ApiError::not_found("there is no such session"))?;
    }
    order(&site, GuardOrder::Release(request)).await
}

/// Takes one back that was let pass.
#[utoipa::path(
    delete, path = "/api/v1/guard/releases/{release_id}", tag = "guard", params(("release_id" = String, Path)),
    responses((status = 200, body = Guard), (status = 403, body = ErrorBody, description = "Not a browser's token"))
)]
pub(super) async fn close_one(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
) -> Result<Json<Guard>, ApiError> {
    only_a_person(caller)?;
    order(&site, GuardOrder::Close(Some(id))).await
}

/// Takes all back that was let pass.
#[utoipa::path(
    delete, path = "/api/v1/guard/releases", tag = "guard",
    responses((status = 200, body = Guard), (status = 403, body = ErrorBody, description = "Not a browser's token"))
)]
pub(super) async fn close_all(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<Guard>, ApiError> {
    only_a_person(caller)?;
    order(&site, GuardOrder::Close(None)).await
}

fn only_a_person(caller: Caller) -> Result<(), ApiError> {
    match caller {
        Caller::Browser => Ok(()),
        Caller::Script => Err(ApiError::new(
            StatusCode::FORBIDDEN,
            "person_needed",
            "what the guard stops is let pass by a person, and a script's token is none",
        )
        .hint("open the dashboard with argus open, or run argus guard release in a terminal of your own")),
    }
}

async fn order(site: &Site, order: GuardOrder) -> Result<Json<Guard>, ApiError> {
    let guard = Arc::clone(&site.commands.guard);
    let done: Result<Guard, CommandRefused> =
        tokio::task::spawn_blocking(move || guard(order)).await.map_err(|_| ApiError::internal())?;
    done.map(Json).map_err(refused)
}
