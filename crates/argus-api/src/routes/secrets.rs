//! Which secrets were masked, and where they stand.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::dto::{SecretDetails, SecretList};
use crate::error::{ApiError, ErrorBody};

use super::Site;
use super::params::{Id, Params, not_empty};

/// Which secrets.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SecretParams {
    /// Only those of this session.
    session: Option<String>,
}

/// The secrets that were masked, by their salted fingerprints, the last seen first.
#[utoipa::path(
    get, path = "/api/v1/secrets", tag = "alerts", params(SecretParams),
    responses((status = 200, body = SecretList))
)]
pub(super) async fn list_secrets(
    State(site): State<Arc<Site>>,
    Params(params): Params<SecretParams>,
) -> Result<Json<SecretList>, ApiError> {
    let session = not_empty(params.session);
    Ok(Json(site.ask(move |reader| SecretList::read(reader, session.as_deref())).await?))
}

/// Where one secret stands.
#[utoipa::path(
    get, path = "/api/v1/secrets/{fingerprint}", tag = "alerts",
    params(("fingerprint" = String, Path)),
    responses((status = 200, body = SecretDetails), (status = 404, body = ErrorBody))
)]
pub(super) async fn get_secret(State(site): State<Arc<Site>>, Id(id): Id) -> Result<Json<SecretDetails>, ApiError> {
    let found = site.ask(move |reader| SecretDetails::read(reader, &id)).await?;
    found.map(Json).ok_or(ApiError::not_found("no secret with this fingerprint was masked"))
}
