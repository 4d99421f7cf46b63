//! Events in windows, and one event with all that is known of it.

use std::sync::Arc;

use argus_model::SessionId;
use argus_model::record::EventQuery;
use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::detail;
use crate::dto::{Body, Event, EventDetails, EventKindWord, EventPage, MAIN_AGENT, Price};
use crate::error::{ApiError, ErrorBody};

use super::Site;
use super::params::{Id, Params, limit};

const DEFAULT_LIMIT: u32 = 200;

/// Longer texts are cut unless they are asked for in full.
const TEXT_BYTES: usize = 256 * 1024;

/// Which events of a session.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventParams {
    /// Only this agent's steps; `main` for the main agent. Without it all agents', by time.
    agent_id: Option<String>,
    /// Only this turn's steps of the main agent; `none` for those before the first prompt.
    prompt_id: Option<String>,
    /// Only failed ones.
    errors: Option<bool>,
    /// Also kinds that are no steps.
    all_kinds: Option<bool>,
    /// Only this kind. `tool_result` and `subagent_spawn` are halves of tool calls, told one by one.
    kind: Option<EventKindWord>,
    /// Skip so many.
    offset: Option<u32>,
    /// `next_cursor` of the window before, in place of `offset`.
    cursor: Option<u32>,
    /// At most so many, 500 at most; 200 if not said.
    limit: Option<u32>,
}

impl EventParams {
    fn into_query(self) -> Result<EventQuery, ApiError> {
        let agent_id = self.agent_id.filter(|id| !id.is_empty());
        if self.prompt_id.is_some() && agent_id.is_none() {
            return Err(ApiError::bad_request("prompt_id needs agent_id").hint("add agent_id=main"));
        }
        if self.cursor.is_some() && self.offset.is_some() {
            return Err(ApiError::bad_request("cursor and offset exclude each other"));
        }
        Ok(EventQuery {
            agent_id: agent_id.map(|id| if id == MAIN_AGENT { String::new() } else { id }),
            before_first_prompt: self.prompt_id.as_deref() == Some("none"),
            prompt_id: self.prompt_id.filter(|id| id != "none"),
            errors_only: self.errors.unwrap_or(false),
            all_kinds: self.all_kinds.unwrap_or(false),
            only: self.kind.map(Into::into),
            offset: self.cursor.or(self.offset).unwrap_or(0).into(),
            limit: limit(self.limit, DEFAULT_LIMIT)?.into(),
        })
    }
}

/// Events of a session in order, from any position.
#[utoipa::path(
    get, path = "/api/v1/sessions/{session_id}/events", tag = "sessions",
    params(("session_id" = String, Path), EventParams),
    responses((status = 200, body = EventPage), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody))
)]
pub(super) async fn list_events(
    State(site): State<Arc<Site>>,
    Id(id): Id,
    Params(params): Params<EventParams>,
) -> Result<Json<EventPage>, ApiError> {
    let query = params.into_query()?;
    let (now, offset, only) = (site.now(), query.offset, query.only);
    let window = site
        .ask(move |reader| {
            let id = SessionId::new(id);
            let (events, total) = reader.list_events(&id, &query)?;
            // An empty window of a session that is not there is an error, of one that is there is not.
            let is_there = total > 0 || reader.get_session(&id, now)?.is_some();
            Ok(is_there.then_some((events, total)))
        })
        .await?;
    let (events, total) = window.ok_or(ApiError::not_found("there is no such session"))?;
    let next = offset.saturating_add(i64::try_from(events.len()).unwrap_or(i64::MAX));
    let has_more = !events.is_empty() && next < total;
    Ok(Json(EventPage {
        events: events.into_iter().map(|event| Event::part(event, only)).collect(),
        total,
        next_cursor: has_more.then(|| next.to_string()),
    }))
}

/// How much of an event.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct DetailParams {
    /// Long texts in full; otherwise each is cut at 256 KiB and says so.
    full: Option<bool>,
}

/// All that is known of an event; a half's id leads to the whole.
#[utoipa::path(
    get, path = "/api/v1/events/{event_id}", tag = "sessions",
    params(("event_id" = String, Path), DetailParams),
    responses((status = 200, body = EventDetails), (status = 404, body = ErrorBody))
)]
pub(super) async fn get_event(
    State(site): State<Arc<Site>>,
    Id(id): Id,
    Params(params): Params<DetailParams>,
) -> Result<Json<EventDetails>, ApiError> {
    let most_bytes = if params.full.unwrap_or(false) { usize::MAX } else { TEXT_BYTES };
    let prices = (site.commands.prices)();
    let details = site
        .ask(move |reader| {
            let id = Event::whole_id(&id);
            let Some(event) = reader.get_event(id)? else { return Ok(None) };
            let request = reader.get_request(id)?;
            let bodies = reader.list_bodies(id)?;
            // Parsing megabytes of JSON belongs on this thread, too.
            let detail = detail::read(&event, &bodies);
            let saved = match &detail.saved_file {
                Some(file) => reader.get_saved_output(&event.session_id, file)?,
                None => None,
            };
            let (input, input_is_cut) = detail::cut(detail.input, most_bytes);
            let (output, output_is_cut) = detail::cut(detail.output, most_bytes);
            Ok(Some(EventDetails {
                event: event.into(),
                price: request.as_ref().and_then(|request| Price::of(request, &prices)),
                request: request.map(Into::into),
                bodies: bodies.into_iter().map(|body| Body::new(body, most_bytes)).collect(),
                input,
                input_is_cut,
                output,
                output_is_cut,
                saved_output: saved.map(|body| Body::new(body, most_bytes)),
            }))
        })
        .await?;
    Ok(Json(details.ok_or(ApiError::not_found("there is no such event"))?))
}
