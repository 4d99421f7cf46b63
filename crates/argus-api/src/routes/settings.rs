//! The settings: what holds, and what the person changes while the server runs.

use std::sync::Arc;

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Map, Value};

use crate::commands::CommandRefused;
use crate::dto::{SettingValues, SettingsRecord};
use crate::error::{ApiError, ErrorBody};

use super::Site;

/// The settings that hold.
#[utoipa::path(
    get, path = "/api/v1/settings", tag = "settings",
    responses((status = 200, body = SettingsRecord), (status = 503, body = ErrorBody, description = "Nobody writes here"))
)]
pub(super) async fn get_settings(State(site): State<Arc<Site>>) -> Result<Json<SettingsRecord>, ApiError> {
    let settings = Arc::clone(&site.commands.settings);
    answer(tokio::task::spawn_blocking(move || settings()).await)
}

/// Changes settings: those that are named, any of them. `null` takes a setting back to its default.
#[utoipa::path(
    put, path = "/api/v1/settings", tag = "settings",
    request_body(content = SettingValues, description = "Any of these, without the others"),
    responses((status = 200, body = SettingsRecord), (status = 400, body = ErrorBody),
        (status = 409, body = ErrorBody, description = "The file cannot be understood or written; it was left alone"),
        (status = 503, body = ErrorBody, description = "Nobody writes here"))
)]
pub(super) async fn change_settings(
    State(site): State<Arc<Site>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<SettingsRecord>, ApiError> {
    let body = body.map_err(|rejection| ApiError::of_status(rejection.into_response().status()))?;
    let change: Map<String, Value> = serde_json::from_slice(&body)
        .map_err(|_| ApiError::bad_request("the body is not a JSON object of settings"))?;
    let apply = Arc::clone(&site.commands.change_settings);
    answer(tokio::task::spawn_blocking(move || apply(change)).await)
}

fn answer(
    done: Result<Result<SettingsRecord, CommandRefused>, tokio::task::JoinError>,
) -> Result<Json<SettingsRecord>, ApiError> {
    done.map_err(|_| ApiError::internal())?.map(Json).map_err(refused)
}

/// Why a command was not carried out, as the client sees it.
pub(super) fn refused(refused: CommandRefused) -> ApiError {
    match refused {
        CommandRefused::NoWriter => {
            ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "no_writer", "nothing can be changed right now")
                .hint("try again in a moment; argus status says what runs")
        }
        CommandRefused::Wrong(message) => ApiError::bad_setting(message),
        CommandRefused::File(message) => ApiError::file_in_the_way(message),
        CommandRefused::Failed => ApiError::internal(),
    }
}
