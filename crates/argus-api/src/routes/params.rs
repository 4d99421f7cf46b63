//! Parameters that refuse what they do not know, with our own error.

use argus_model::Timestamp;
use axum::extract::{FromRequestParts, Path, Query};
use axum::http::request::Parts;
use serde::de::DeserializeOwned;

use crate::dto::Utc;
use crate::error::ApiError;

/// The most rows of one answer.
pub(super) const MAX_LIMIT: u32 = 500;

/// The query, whole and known.
pub(super) struct Params<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequestParts<S> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Query::from_request_parts(parts, state).await {
            Ok(Query(params)) => Ok(Self(params)),
            Err(_) => Err(ApiError::bad_request("a parameter is unknown or has a wrong value")
                .hint("the parameters of every route are in /api/v1/openapi.json")),
        }
    }
}

/// The id in the path.
pub(super) struct Id(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(ApiError::bad_request("the id in the address is not text")),
        }
    }
}

/// A limit within bounds, never cut in silence.
pub(super) fn limit(asked: Option<u32>, default: u32) -> Result<u32, ApiError> {
    match asked.unwrap_or(default) {
        limit @ 1..=MAX_LIMIT => Ok(limit),
        _ => Err(ApiError::bad_request("limit must be between 1 and 500").hint("page with next_cursor")),
    }
}

/// An empty text in an address means that the filter is not set.
pub(super) fn not_empty(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// A time that a filter begins or ends with.
pub(super) fn moment(text: Option<String>) -> Result<Option<Timestamp>, ApiError> {
    match not_empty(text) {
        None => Ok(None),
        Some(text) => Utc::parse(&text).map(Some).ok_or(
            ApiError::bad_request("since and until are times").hint("2026-11-22T06:59:31Z, or a date: 2026-11-22"),
        ),
    }
}
