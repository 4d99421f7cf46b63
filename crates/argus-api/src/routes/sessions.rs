//! Sessions and their outlines.

use std::sync::Arc;

use argus_model::SessionId;
use argus_model::record::SessionQuery;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::dto::{SessionDetails, SessionPage, SessionPartList, StatusWord, Trace};
use crate::error::{ApiError, ErrorBody};

use super::Site;
use super::params::{Id, Params, limit, moment, not_empty};

const DEFAULT_LIMIT: u32 = 50;

const NO_SESSION: ApiError = ApiError::not_found("there is no such session");

/// Which sessions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SessionParams {
    /// At most so many, 500 at most; 50 if not said.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Only this project: its root, or its last folder name.
    project: Option<String>,
    /// Only sessions in this state now.
    status: Option<StatusWord>,
    /// Only sessions with a sign of life at or after this: RFC 3339 or a date.
    since: Option<String>,
    /// Only sessions started before this.
    until: Option<String>,
    /// Only titles, branches, projects or ids that contain this.
    q: Option<String>,
}

/// Sessions, the one with the latest sign of life first.
#[utoipa::path(
    get, path = "/api/v1/sessions", tag = "sessions", params(SessionParams),
    responses((status = 200, body = SessionPage), (status = 400, body = ErrorBody))
)]
pub(super) async fn list_sessions(
    State(site): State<Arc<Site>>,
    Params(params): Params<SessionParams>,
) -> Result<Json<SessionPage>, ApiError> {
    let query = SessionQuery {
        limit: limit(params.limit, DEFAULT_LIMIT)?,
        cursor: not_empty(params.cursor),
        project: not_empty(params.project),
        since: moment(params.since)?,
        until: moment(params.until)?,
        text: not_empty(params.q),
        status: params.status.map(Into::into),
    };
    let now = site.now();
    let page = site.ask(move |reader| reader.list_sessions(&query, now)).await?;
    Ok(Json(page.into()))
}

/// One session.
#[utoipa::path(
    get, path = "/api/v1/sessions/{session_id}", tag = "sessions", params(("session_id" = String, Path)),
    responses((status = 200, body = SessionDetails), (status = 404, body = ErrorBody))
)]
pub(super) async fn get_session(State(site): State<Arc<Site>>, Id(id): Id) -> Result<Json<SessionDetails>, ApiError> {
    let now = site.now();
    let session = site.ask(move |reader| reader.get_session(&SessionId::new(id), now)).await?;
    Ok(Json(SessionDetails { session: session.ok_or(NO_SESSION)?.into() }))
}

/// A session's outline: agents and turns with their counts and sums, no steps.
#[utoipa::path(
    get, path = "/api/v1/sessions/{session_id}/trace", tag = "sessions", params(("session_id" = String, Path)),
    responses((status = 200, body = Trace), (status = 404, body = ErrorBody))
)]
pub(super) async fn get_trace(State(site): State<Arc<Site>>, Id(id): Id) -> Result<Json<Trace>, ApiError> {
    let now = site.now();
    let trace = site
        .ask(move |reader| {
            let id = SessionId::new(id);
            let Some(session) = reader.get_session(&id, now)? else { return Ok(None) };
            let (agents, turns) = (reader.list_agents(&id, now)?, reader.list_turns(&id)?);
            Ok(Some(Trace::new(session, agents, turns, &reader.list_delays(&id)?)))
        })
        .await?;
    Ok(Json(trace.ok_or(NO_SESSION)?))
}

/// A session's money by agent and tool.
#[utoipa::path(
    get, path = "/api/v1/sessions/{session_id}/parts", tag = "cost", params(("session_id" = String, Path)),
    responses((status = 200, body = SessionPartList), (status = 404, body = ErrorBody))
)]
pub(super) async fn list_parts(State(site): State<Arc<Site>>, Id(id): Id) -> Result<Json<SessionPartList>, ApiError> {
    let parts = site.ask(move |reader| reader.list_session_parts(&SessionId::new(id))).await?;
    let parts = parts.ok_or(NO_SESSION)?.into_iter().map(Into::into).collect();
    Ok(Json(SessionPartList { parts }))
}
