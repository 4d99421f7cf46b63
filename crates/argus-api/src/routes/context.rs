//! What an agent's context was made of, and what it cost to carry.

use std::sync::Arc;

use argus_ingest::context::ThreadContext;
use argus_model::{AgentId, SessionId};
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::dto::{Context, MAIN_AGENT};
use crate::error::{ApiError, ErrorBody};

use super::Site;
use super::params::{Id, Params, not_empty};

/// Whose context.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ContextParams {
    /// The agent; the main agent if not said.
    agent: Option<String>,
    /// A tool call of it, whose own figures are wanted.
    event: Option<String>,
}

/// How an agent's context grew, what the cache missed, and what each tool result cost for as long as it stayed.
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
    let agent = not_empty(params.agent).filter(|agent| agent != MAIN_AGENT).unwrap_or_default();
    let event = not_empty(params.event);
    let prices = (site.commands.prices)();
    let found = site
        .ask(move |reader| {
            let steps = reader.list_context(&SessionId::new(id.as_str()), &AgentId::new(agent.as_str()))?;
            let context = steps.map(|steps| ThreadContext::of(steps, &prices));
            Ok(context.map(|context| Context::new(&id, agent, &context, event.as_deref())))
        })
        .await?;
    found.map(Json).ok_or(ApiError::not_found("there is no such agent in such a session"))
}
