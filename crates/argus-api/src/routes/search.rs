//! Full-text search.

use std::sync::Arc;
use std::time::{Duration, Instant};

use argus_ingest::search::{Query, Request, find};
use axum::Json;
use axum::extract::State;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::dto::SearchPage;
use crate::error::{ApiError, ErrorBody};

use super::Site;
use super::params::{Params, limit};

const DEFAULT_LIMIT: u32 = 50;

/// A search is cut short in good order before its questions to the database would be given up.
const DEADLINE: Duration = Duration::from_millis(1_500);

/// What to search for.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SearchParams {
    /// Words, "phrases", prefix*, -excluded, and the fields tool: is:error kind: cost:>0.10 agent: session: project:
    /// since: until:
    q: String,
    /// At most so many hits, 500 at most; 50 if not said.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Prompts, inputs, outputs, errors and titles that hold all words, newest first.
#[utoipa::path(
    get, path = "/api/v1/search", tag = "search", params(SearchParams),
    responses((status = 200, body = SearchPage), (status = 400, body = ErrorBody))
)]
pub(super) async fn search(
    State(site): State<Arc<Site>>,
    Params(params): Params<SearchParams>,
) -> Result<Json<SearchPage>, ApiError> {
    let limit = limit(params.limit, DEFAULT_LIMIT)?;
    let query = Query::parse(&params.q, site.now(), &TimeZone::system())
        .map_err(|error| ApiError::bad_query(error.to_string()).hint(error.hint))?;
    let cursor = params.cursor.filter(|cursor| !cursor.is_empty());
    let answer = site
        .ask(move |reader| {
            let deadline = Instant::now() + DEADLINE;
            find(reader, &query, &Request { limit: limit as usize, cursor, deadline })
        })
        .await?;
    Ok(Json(answer.into()))
}
