//! The alert feed, and what people say about alerts.

use std::sync::Arc;

use argus_model::record::AlertQuery;
use argus_model::{AlertAction, AlertScope, AlertState};
use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::dto::{Alert, AlertChange, AlertGroupPage, AlertPage, Rule, SeverityWord};
use crate::error::{ApiError, ErrorBody};

use super::Site;
use super::params::{Id, Params, limit, moment, not_empty};
use super::settings::refused;

const DEFAULT_LIMIT: u32 = 50;

const NO_ALERT: ApiError = ApiError::not_found("there is no such alert");

/// Most characters of a reason.
const LONGEST_REASON: usize = 2_000;

/// Which alerts.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct AlertParams {
    /// At most so many, 500 at most; 50 if not said.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// Only these states, with commas between; all if not said.
    state: Option<String>,
    /// Only at least so bad.
    severity: Option<SeverityWord>,
    /// Only this rule.
    rule: Option<String>,
    /// Only rules of this family.
    family: Option<String>,
    /// Only this session's.
    session_id: Option<String>,
    /// Only this project's: its root, or its last folder name.
    project: Option<String>,
    /// Only of things that happened at or after this: RFC 3339 or a date.
    since: Option<String>,
    /// Only of things that happened before this.
    until: Option<String>,
}

impl AlertParams {
    fn query(self) -> Result<AlertQuery, ApiError> {
        let states = self.state.iter().flat_map(|list| list.split(',')).filter(|word| !word.is_empty());
        let states: Option<Vec<AlertState>> = states.map(AlertState::parse).collect();
        let family = not_empty(self.family).map(|family| format!("{family}."));
        Ok(AlertQuery {
            limit: limit(self.limit, DEFAULT_LIMIT)?,
            cursor: not_empty(self.cursor),
            states: states.ok_or(
                ApiError::bad_request("a state is none of ours")
                    .hint("open, acknowledged, resolved, muted, superseded"),
            )?,
            severity: self.severity.map(Into::into),
            rule: not_empty(self.rule).or(family),
            session_id: not_empty(self.session_id),
            project: not_empty(self.project),
            since: moment(self.since)?,
            until: moment(self.until)?,
        })
    }
}

/// Alerts, the newest first.
#[utoipa::path(
    get, path = "/api/v1/alerts", tag = "alerts", params(AlertParams),
    responses((status = 200, body = AlertPage), (status = 400, body = ErrorBody))
)]
pub(super) async fn list_alerts(
    State(site): State<Arc<Site>>,
    Params(params): Params<AlertParams>,
) -> Result<Json<AlertPage>, ApiError> {
    let (query, now) = (params.query()?, site.now());
    let (page, open) =
        site.ask(move |reader| Ok((reader.list_alerts(&query, now)?, reader.count_open_alerts(now)?))).await?;
    let alerts = page.rows.into_iter().map(Alert::from).collect();
    Ok(Json(AlertPage { alerts, next_cursor: page.next_cursor, open: open.into() }))
}

/// Alerts folded by rule and session, the one with the newest alert first.
#[utoipa::path(
    get, path = "/api/v1/alerts/groups", tag = "alerts", params(AlertParams),
    responses((status = 200, body = AlertGroupPage), (status = 400, body = ErrorBody))
)]
pub(super) async fn list_alert_groups(
    State(site): State<Arc<Site>>,
    Params(params): Params<AlertParams>,
) -> Result<Json<AlertGroupPage>, ApiError> {
    let (query, now) = (params.query()?, site.now());
    let (page, open) =
        site.ask(move |reader| Ok((reader.list_alert_groups(&query, now)?, reader.count_open_alerts(now)?))).await?;
    let groups = page.rows.into_iter().map(Into::into).collect();
    Ok(Json(AlertGroupPage { groups, next_cursor: page.next_cursor, open: open.into() }))
}

/// One alert with its rule and what people said of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlertDetails {
    /// The alert.
    alert: Alert,
    /// Its rule; `null` for one that this version does not know.
    rule: Option<Rule>,
    /// What people said, the oldest first.
    history: Vec<AlertChange>,
}

/// One alert.
#[utoipa::path(
    get, path = "/api/v1/alerts/{alert_id}", tag = "alerts", params(("alert_id" = String, Path)),
    responses((status = 200, body = AlertDetails), (status = 404, body = ErrorBody))
)]
pub(super) async fn get_alert(State(site): State<Arc<Site>>, Id(id): Id) -> Result<Json<AlertDetails>, ApiError> {
    let now = site.now();
    let (alert, history) = site.ask(move |reader| reader.get_alert(&id, now)).await?.ok_or(NO_ALERT)?;
    let rule = Rule::find(&alert.rule, &(site.commands.rulebook)());
    let history = history.into_iter().map(Into::into).collect();
    Ok(Json(AlertDetails { alert: alert.into(), rule, history }))
}

/// What is said about an alert.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct AlertRequest {
    /// What is to be done.
    action: AlertVerb,
    /// Why; needed to resolve.
    reason: Option<String>,
    /// Until when, RFC 3339; needed to mute.
    until: Option<String>,
    /// This alert only, or all of its rule in its session.
    scope: Option<AlertReach>,
}

/// What can be said about an alert.
#[derive(Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlertVerb {
    /// It was seen.
    Acknowledge,
    /// It was dealt with.
    Resolve,
    /// Not now.
    Mute,
    /// It is open after all.
    Reopen,
}

/// How far an action reaches.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlertReach {
    /// This alert only.
    #[default]
    Alert,
    /// All of its rule in its session.
    Group,
}

/// What an action did.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlertAnswer {
    /// The alert as it stands now.
    alert: Alert,
    /// How many alerts were changed.
    changed_count: usize,
}

/// Says something about an alert, or about its group.
#[utoipa::path(
    post, path = "/api/v1/alerts/{alert_id}", tag = "alerts", params(("alert_id" = String, Path)),
    request_body = AlertRequest,
    responses((status = 200, body = AlertAnswer), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 503, body = ErrorBody, description = "Nobody writes here"))
)]
pub(super) async fn act_on_alert(
    State(site): State<Arc<Site>>,
    Id(id): Id,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<AlertAnswer>, ApiError> {
    let body = body.map_err(|rejection| ApiError::of_status(rejection.into_response().status()))?;
    let request: AlertRequest = serde_json::from_slice(&body)
        .map_err(|_| ApiError::bad_request("the body is not the JSON that this route takes"))?;
    let scope = match request.scope.unwrap_or_default() {
        AlertReach::Alert => AlertScope::One(id.clone()),
        AlertReach::Group => AlertScope::Group(id.clone()),
    };
    let (now, action) = (site.now(), action(request, site.now())?);
    let act = Arc::clone(&site.commands.act_on_alerts);
    let done = tokio::task::spawn_blocking(move || act(scope, action)).await.map_err(|_| ApiError::internal())?;
    let changed_count = done.map_err(refused)?;
    let found = site.ask(move |reader| reader.get_alert(&id, now)).await?;
    let (alert, _) = found.ok_or(NO_ALERT)?;
    Ok(Json(AlertAnswer { alert: alert.into(), changed_count }))
}

fn action(request: AlertRequest, now: argus_model::Timestamp) -> Result<AlertAction, ApiError> {
    let reason = not_empty(request.reason.map(|reason| reason.trim().to_owned()));
    if reason.as_ref().is_some_and(|reason| reason.chars().count() > LONGEST_REASON) {
        return Err(ApiError::bad_request("the reason is longer than 2,000 characters"));
    }
    let until = moment(request.until)?;
    let state = match request.action {
        AlertVerb::Acknowledge => AlertState::Acknowledged,
        AlertVerb::Reopen => AlertState::Open,
        AlertVerb::Resolve if reason.is_none() => {
            return Err(ApiError::bad_request("resolving needs a reason").hint("say what was done about it"));
        }
        AlertVerb::Resolve => AlertState::Resolved,
        AlertVerb::Mute if until.is_none_or(|until| until <= now) => {
            return Err(ApiError::bad_request("muting needs a time to come").hint("give until, as RFC 3339"));
        }
        AlertVerb::Mute => AlertState::Muted,
    };
    let muted_until = until.filter(|_| state == AlertState::Muted);
    Ok(AlertAction { state, reason, muted_until, at: now })
}
