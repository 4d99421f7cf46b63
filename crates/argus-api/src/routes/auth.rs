//! One-time codes: minted for `argus open`, exchanged by the page it opens.

use std::sync::Arc;
use std::time::Instant;

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::{CODE_LIFETIME, Caller};
use crate::error::{ApiError, ErrorBody};

use super::Site;

/// A code from an address's fragment.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExchangeRequest {
    /// The code.
    code: String,
}

/// A browser's token, which lives as long as the server.
#[derive(Serialize, ToSchema)]
pub(crate) struct ExchangeAnswer {
    /// The token.
    token: String,
}

/// A code that works once.
#[derive(Serialize, ToSchema)]
pub(crate) struct CodeAnswer {
    /// The code.
    code: String,
    /// How long it works.
    expires_in_s: u64,
}

/// Gives a token for a one-time code. The only route that needs no token.
#[utoipa::path(
    post, path = "/api/v1/auth/exchange", tag = "auth", security(()), request_body = ExchangeRequest,
    responses((status = 200, body = ExchangeAnswer), (status = 401, body = ErrorBody, description = "Used, expired or unknown"))
)]
pub(super) async fn exchange_code(
    State(site): State<Arc<Site>>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<ExchangeAnswer>, ApiError> {
    let body = body.map_err(|rejection| ApiError::of_status(rejection.into_response().status()))?;
    let request: ExchangeRequest = serde_json::from_slice(&body)
        .map_err(|_| ApiError::bad_request("the body is not the JSON that this route takes"))?;
    match site.tokens.exchange_code(&request.code, Instant::now()) {
        Ok(Some(token)) => Ok(Json(ExchangeAnswer { token })),
        Ok(None) => Err(ApiError::new(StatusCode::UNAUTHORIZED, "code_refused", "the code was used, or is too old")
            .hint("run argus open again")),
        Err(error) => Err(failed(&error)),
    }
}

/// A one-time code for a browser, asked for with the script token.
#[utoipa::path(
    post, path = "/api/v1/auth/code", tag = "auth",
    responses((status = 200, body = CodeAnswer), (status = 403, body = ErrorBody, description = "Not a script's token"))
)]
pub(super) async fn mint_code(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
) -> Result<Json<CodeAnswer>, ApiError> {
    if caller != Caller::Script {
        return Err(ApiError::new(StatusCode::FORBIDDEN, "script_token_needed", "codes are given to scripts only")
            .hint("run argus open"));
    }
    let code = site.tokens.mint_code(Instant::now()).map_err(|error| failed(&error))?;
    Ok(Json(CodeAnswer { code, expires_in_s: CODE_LIFETIME.as_secs() }))
}

fn failed(error: &crate::AuthError) -> ApiError {
    tracing::error!(%error, "no code or token could be made");
    ApiError::internal()
}
