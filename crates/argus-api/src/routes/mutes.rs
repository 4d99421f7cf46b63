//! What is muted now, and its end.

use std::sync::Arc;

use argus_model::{AlertAction, AlertScope, AlertState};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, State};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::auth::Caller;
use crate::dto::MuteList;
use crate::error::{ApiError, ErrorBody};

use super::Site;
use super::alerts::{act, actor_of};
use super::params::Id;

const NO_MUTE: ApiError = ApiError::not_found("no such mute holds");

/// All that is kept quiet now: mutes, exceptions in force, rules that are switched off.
#[utoipa::path(get, path = "/api/v1/mutes", tag = "alerts", responses((status = 200, body = MuteList)))]
pub(super) async fn list_mutes(State(site): State<Arc<Site>>) -> Result<Json<MuteList>, ApiError> {
    let now = site.now();
    let mutes = site.ask(move |reader| reader.list_mutes(MuteList::MOST, now)).await?;
    Ok(Json(MuteList::new(mutes, &(site.commands.rulebook)(), now)))
}

/// What is said of a mute.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct MuteRequest {
    /// What is to be done.
    action: MuteVerb,
    /// True: a person said it in a terminal, by `argus alerts`. Nothing that a browser says.
    is_terminal: Option<bool>,
}

/// What can be said of a mute.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum MuteVerb {
    /// It holds no more; what it kept quiet is open again.
    End,
}

/// What the end of a mute did.
#[derive(Serialize, ToSchema)]
pub(crate) struct MuteAnswer {
    /// How many alerts are open again.
    changed_count: usize,
}

/// Ends a mute. What it kept quiet is open again; what another mute keeps quiet stays so.
#[utoipa::path(
    post, path = "/api/v1/mutes/{mute_id}", tag = "alerts", params(("mute_id" = String, Path)), request_body = MuteRequest,
    responses((status = 200, body = MuteAnswer), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 503, body = ErrorBody, description = "Nobody writes here"))
)]
pub(super) async fn act_on_mute(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<MuteAnswer>, ApiError> {
    let body = body.map_err(|rejection| ApiError::of_status(rejection.into_response().status()))?;
    let MuteRequest { action: MuteVerb::End, is_terminal } = serde_json::from_slice(&body)
        .map_err(|_| ApiError::bad_request("the body is not the JSON that this route takes"))?;
    let mute_no: i64 = id.parse().map_err(|_| NO_MUTE)?;
    let now = site.now();
    let holds = site.ask(move |reader| reader.has_mute(mute_no, now)).await?;
    if !holds {
        return Err(NO_MUTE);
    }
    let actor = actor_of(caller, is_terminal);
    let action = AlertAction { state: AlertState::Open, reason: None, muted_until: None, at: now, actor };
    let changed_count = act(&site, AlertScope::Mute(mute_no), action).await?;
    Ok(Json(MuteAnswer { changed_count }))
}
