//! Money that Claude Code reported against money that requests explain.

use std::sync::Arc;

use argus_model::SessionId;
use argus_model::record::ReconciliationQuery;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::dto::{ReconciliationPage, SessionReconciliation};
use crate::error::{ApiError, ErrorBody};

use super::Site;
use super::params::{Id, Params, limit, moment, not_empty};

const DEFAULT_LIMIT: u32 = 50;

/// Which sessions.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ReconciliationParams {
    /// Only sessions with a sign of life at or after this: RFC 3339 or a date.
    since: Option<String>,
    /// Only sessions started before this.
    until: Option<String>,
    /// Only this project: its root, or its last folder name.
    project: Option<String>,
    /// At most so many, 500 at most; 50 if not said.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Sessions by how far what Claude Code reported and what requests explain are apart, with the reason.
#[utoipa::path(
    get, path = "/api/v1/reconciliation", tag = "cost", params(ReconciliationParams),
    responses((status = 200, body = ReconciliationPage), (status = 400, body = ErrorBody))
)]
pub(super) async fn list_reconciliations(
    State(site): State<Arc<Site>>,
    Params(params): Params<ReconciliationParams>,
) -> Result<Json<ReconciliationPage>, ApiError> {
    let query = ReconciliationQuery {
        limit: limit(params.limit, DEFAULT_LIMIT)?,
        cursor: not_empty(params.cursor),
        session_id: None,
        project: not_empty(params.project),
        since: moment(params.since)?,
        until: moment(params.until)?,
    };
    let ask = move |reader: &argus_store::Reader| {
        Ok(ReconciliationPage::new(reader.total_reconciliation(&query)?, reader.list_reconciliations(&query)?))
    };
    Ok(Json(site.ask(ask).await?))
}

/// What became of a session's money, model by model.
#[utoipa::path(
    get, path = "/api/v1/sessions/{session_id}/reconciliation", tag = "cost", params(("session_id" = String, Path)),
    responses((status = 200, body = SessionReconciliation), (status = 404, body = ErrorBody))
)]
pub(super) async fn get_reconciliation(
    State(site): State<Arc<Site>>,
    Id(id): Id,
) -> Result<Json<SessionReconciliation>, ApiError> {
    let found = site
        .ask(move |reader| {
            let session_id = SessionId::new(id.as_str());
            let Some(found) = reader.get_reconciliation(&session_id)? else { return Ok(None) };
            Ok(Some(SessionReconciliation::new(id, found, reader.list_hidden(&session_id)?)))
        })
        .await?;
    found.map(Json).ok_or(ApiError::not_found("there is no such session"))
}
