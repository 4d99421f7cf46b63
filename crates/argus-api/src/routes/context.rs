//! What an agent's context was made of, and what it cost to carry.

use std::sync::Arc;
use std::time::Duration;

use argus_ingest::context::{ThreadContext, list_threads};
use argus_model::record::SpendQuery;
use argus_model::{AgentId, SessionId};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::dto::{CarryPage, Context, MAIN_AGENT};
use crate::error::{ApiError, ErrorBody};

use super::Site;
use super::params::{Id, Params, moment, not_empty};

/// Whose context.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ContextParams {
    /// The agent; all of the session together if not said.
    agent: Option<String>,
    /// A tool call of it, whose own figures are wanted.
    event: Option<String>,
}

/// What the cache missed, and what each tool result cost for as long as it stayed: over all agents of a session, or of
/// one, with how its context grew.
#[utoipa::path(
    get, path = "/api/v1/sessions/{session_id}/context", tag = "cost",
    params(("session_id" = String, Path), ContextParams),
    responses((status = 200, body = Context), (status = 404, body = ErrorBody))
)]
pub(super) async fn get_context(
    State(site): State<Arc<Site>>,
    Id(id): Id,
    Params(params): Params<ContextParams>,
) -> Result<Json<Context>, ApiError> {
    let agent = not_empty(params.agent);
    let event = not_empty(params.event);
    let prices = (site.commands.prices)();
    let found = site
        .ask(move |reader| {
            let session_id = SessionId::new(id.as_str());
            let Some(agent) = agent else {
                return Ok(list_threads(reader, &session_id, &prices)?.map(|threads| Context::of_session(&threads)));
            };
            let agent = if agent == MAIN_AGENT { AgentId::main() } else { AgentId::new(agent) };
            let Some(steps) = reader.list_context(&session_id, &agent)? else { return Ok(None) };
            let thread = (agent, ThreadContext::of(steps, &prices));
            Ok(Some(Context::of_agent(&id, &thread, event.as_deref())))
        })
        .await?;
    found.map(Json).ok_or(ApiError::not_found("there is no such agent in such a session"))
}

/// Which sessions: those that spent something there and then. A range counts in whole quarter hours.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CarryParams {
    /// From this moment on: RFC 3339 or a date.
    since: Option<String>,
    /// Up to this moment.
    until: Option<String>,
    /// Only this project: its root, or its last folder name.
    project: Option<String>,
}

/// Contexts are looked at for so long: less than a question may take, of which the last context may need some.
const CARRY_LIMIT: Duration = Duration::from_millis(1_000);

/// What tool results cost to carry, over the dearest sessions of a range, as many as a second allows; the answer says how
/// much of the range's money they are.
#[utoipa::path(
    get, path = "/api/v1/cost/carry", tag = "cost", params(CarryParams),
    responses((status = 200, body = CarryPage), (status = 400, body = ErrorBody))
)]
pub(super) async fn list_carry(
    State(site): State<Arc<Site>>,
    Params(params): Params<CarryParams>,
) -> Result<Json<CarryPage>, ApiError> {
    let query = SpendQuery {
        since: moment(params.since)?,
        until: moment(params.until)?,
        project: not_empty(params.project),
        session_id: None,
    };
    let prices = (site.commands.prices)();
    Ok(Json(site.ask(move |reader| crate::carry::list_carry(reader, &query, &prices, CARRY_LIMIT)).await?))
}
