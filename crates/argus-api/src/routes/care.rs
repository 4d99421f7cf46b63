//! Taking data away and pricing it anew: orders to the one thread that writes, and how far the last one is.

use std::sync::Arc;

use argus_model::{CareOrder, SessionId};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::Site;
use super::params::moment;
use crate::commands::{CareStatus, CommandRefused};
use crate::error::{ApiError, ErrorBody};

/// What is to be done.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields, rename_all = "snake_case")]
pub(crate) enum CareRequest {
    /// Everything of these sessions, by their whole ids. Transcripts on disk are not touched, and not read again.
    Forget {
        /// Their ids.
        session_ids: Vec<String>,
    },
    /// The contents of what is older; facts and figures stay.
    Prune {
        /// Older than this, RFC 3339.
        before: String,
    },
    /// Requests that a table priced get the price of the table that holds now.
    Reprice {},
}

/// How far an order is.
#[derive(Serialize, ToSchema)]
pub(crate) struct CareAnswer {
    /// Counts orders since the server started.
    order_no: u64,
    /// `waiting`, `removing`, `pricing`, `merging`, `packing`, `done` or `failed`.
    phase: &'static str,
    /// Sessions forgotten.
    session_count: u64,
    /// Chunks of contents removed.
    chunk_count: u64,
    /// Requests with another price.
    request_count: u64,
    /// By how much the database's file became smaller.
    freed_bytes: u64,
    /// Why it failed.
    error: Option<String>,
}

impl From<CareStatus> for CareAnswer {
    fn from(status: CareStatus) -> Self {
        let CareStatus { order_no, phase, report, error } = status;
        Self {
            order_no,
            phase,
            session_count: report.sessions,
            chunk_count: report.chunks,
            request_count: report.requests,
            freed_bytes: report.freed_bytes,
            error,
        }
    }
}

/// Orders data to be taken away, or priced anew; the answer comes at once, the work goes on.
#[utoipa::path(
    post, path = "/api/v1/care", tag = "care", request_body = CareRequest,
    responses((status = 200, body = CareAnswer), (status = 400, body = ErrorBody),
        (status = 503, body = ErrorBody, description = "Nobody writes here, or another order is carried out"))
)]
pub(super) async fn order_care(
    State(site): State<Arc<Site>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<CareAnswer>, ApiError> {
    let body = body.map_err(|rejection| ApiError::of_status(rejection.into_response().status()))?;
    let request: CareRequest = serde_json::from_slice(&body)
        .map_err(|_| ApiError::bad_request("the body is not the JSON that this route takes"))?;
    let order = match request {
        CareRequest::Forget { session_ids } => CareOrder::Forget(session_ids.into_iter().map(SessionId::new).collect()),
        CareRequest::Prune { before } => {
            let before = moment(Some(before))?.ok_or(ApiError::bad_request("before is no time"))?;
            CareOrder::Prune { before }
        }
        CareRequest::Reprice {} => CareOrder::Reprice,
    };
    let status = (site.commands.order_care)(Some(order)).map_err(|reason| refused(&reason))?;
    Ok(Json(status.into()))
}

/// How far the last order is.
#[utoipa::path(
    get, path = "/api/v1/care", tag = "care",
    responses((status = 200, body = CareAnswer), (status = 503, body = ErrorBody, description = "Nobody writes here"))
)]
pub(super) async fn get_care(State(site): State<Arc<Site>>) -> Result<Json<CareAnswer>, ApiError> {
    Ok(Json((site.commands.order_care)(None).map_err(|reason| refused(&reason))?.into()))
}

fn refused(refused: &CommandRefused) -> ApiError {
    let message = match refused {
        CommandRefused::NoWriter => "nothing can be changed right now",
        _ => "data is being removed just now",
    };
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "busy", message).hint("try again when that is done")
}
