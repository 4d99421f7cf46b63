//! Back-tests: what rules would raise over all that is stored. The order is answered at once, the work goes on.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::IntoResponse;

use super::Site;
use super::settings::refused;
use crate::dto::{BacktestRequest, BacktestStatus};
use crate::error::{ApiError, ErrorBody};

/// Begins a back-test of one rule, or of a text as in `rules.toml`. Nothing is stored, and nothing changes.
#[utoipa::path(
    post, path = "/api/v1/backtest", tag = "alerts", request_body = BacktestRequest,
    responses((status = 200, body = BacktestStatus), (status = 400, body = ErrorBody),
        (status = 503, body = ErrorBody, description = "Nobody judges here"))
)]
pub(super) async fn order_backtest(
    State(site): State<Arc<Site>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<BacktestStatus>, ApiError> {
    let body = body.map_err(|rejection| ApiError::of_status(rejection.into_response().status()))?;
    let request: BacktestRequest = serde_json::from_slice(&body)
        .map_err(|_| ApiError::bad_request("the body is not the JSON that this route takes"))?;
    ask(&site, Some(request)).await
}

/// How far the last back-test is, and what it found.
#[utoipa::path(
    get, path = "/api/v1/backtest", tag = "alerts",
    responses((status = 200, body = BacktestStatus), (status = 503, body = ErrorBody, description = "Nobody judges here"))
)]
pub(super) async fn get_backtest(State(site): State<Arc<Site>>) -> Result<Json<BacktestStatus>, ApiError> {
    ask(&site, None).await
}

async fn ask(site: &Site, request: Option<BacktestRequest>) -> Result<Json<BacktestStatus>, ApiError> {
    let order = Arc::clone(&site.commands.order_backtest);
    let answer = tokio::task::spawn_blocking(move || order(request)).await;
    answer.map_err(|_| ApiError::internal())?.map(Json).map_err(refused)
}
