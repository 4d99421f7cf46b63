//! The alert feed, and what people say about alerts.

use std::sync::Arc;

use argus_model::record::AlertQuery;
use argus_model::{Actor, AlertAction, AlertScope, AlertState, Timestamp};
use argus_store::{Reader, StoreError};
use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{Extension, State};
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::auth::Caller;
use crate::dto::{Alert, AlertChange, AlertGroupPage, AlertPage, Allowance, Fingerprint, Rule, SeverityWord};
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
    /// Only this rule, or these with commas between.
    rule: Option<String>,
    /// Only rules of this family.
    family: Option<String>,
    /// Only what has this fingerprint: all times that the same happened.
    fingerprint: Option<String>,
    /// `true`: only history, of which nobody is told; `false`: only what is none. Both if not said.
    past: Option<bool>,
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
        let fingerprint = not_empty(self.fingerprint).map(|text| text.parse::<Fingerprint>().map(|found| found.0));
        let family = not_empty(self.family).map(|family| format!("{family}."));
        Ok(AlertQuery {
            limit: limit(self.limit, DEFAULT_LIMIT)?,
            cursor: not_empty(self.cursor),
            states: states.ok_or(
                ApiError::bad_request("`state` holds a word that is no state of an alert")
                    .hint("open, acknowledged, resolved, muted, superseded"),
            )?,
            severity: self.severity.map(Into::into),
            rule: not_empty(self.rule).or(family),
            fingerprint: fingerprint.transpose().map_err(ApiError::bad_request)?,
            past: self.past,
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
    let (page, [open, past]) =
        site.ask(move |reader| Ok((reader.list_alerts(&query, now)?, counts(reader, now)?))).await?;
    let alerts = page.rows.into_iter().map(Alert::from).collect();
    Ok(Json(AlertPage { alerts, next_cursor: page.next_cursor, open: open.into(), past: past.into() }))
}

/// Open alerts by severity, and those of history.
fn counts(reader: &Reader, now: Timestamp) -> Result<[[i64; 5]; 2], StoreError> {
    Ok([reader.count_open_alerts(now)?, reader.count_past_alerts(now)?])
}

/// Alerts folded by fingerprint across sessions, the one with the newest alert first.
#[utoipa::path(
    get, path = "/api/v1/alerts/groups", tag = "alerts", params(AlertParams),
    responses((status = 200, body = AlertGroupPage), (status = 400, body = ErrorBody))
)]
pub(super) async fn list_alert_groups(
    State(site): State<Arc<Site>>,
    Params(params): Params<AlertParams>,
) -> Result<Json<AlertGroupPage>, ApiError> {
    let (query, now) = (params.query()?, site.now());
    let (page, [open, past]) =
        site.ask(move |reader| Ok((reader.list_alert_groups(&query, now)?, counts(reader, now)?))).await?;
    let groups = page.rows.into_iter().map(Into::into).collect();
    Ok(Json(AlertGroupPage { groups, next_cursor: page.next_cursor, open: open.into(), past: past.into() }))
}

/// One alert with its rule and what people said of it.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlertDetails {
    /// The alert.
    alert: Alert,
    /// Its rule; `null` for one that this version does not know.
    rule: Option<Rule>,
    /// What in `rules.toml` would have allowed exactly this; `null` where no exception can.
    allowance: Option<Allowance>,
    /// What was said of it and of others of its fingerprint, the oldest first.
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
    let allowance = Allowance::of(&alert, today(now));
    Ok(Json(AlertDetails { alert: alert.into(), rule, allowance, history }))
}

fn today(now: Timestamp) -> jiff::civil::Date {
    let at = jiff::Timestamp::from_microsecond(now.as_micros()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    at.to_zoned(jiff::tz::TimeZone::UTC).date()
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
    /// How far it reaches; this alert only if not said.
    scope: Option<AlertReach>,
    /// True: a person said it in a terminal, by `argus alerts`. Nothing that a browser says.
    is_terminal: Option<bool>,
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

/// How far an action reaches. A mute that reaches further than one alert holds for those to come, too.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AlertReach {
    /// This alert only.
    #[default]
    Alert,
    /// All of its fingerprint: whenever the same happened, in whatever session.
    Group,
    /// All of its rule in its session.
    Session,
    /// All of its rule in its project.
    Project,
}

/// What an action did.
#[derive(Serialize, ToSchema)]
pub(crate) struct AlertAnswer {
    /// The alert as it stands now.
    alert: Alert,
    /// How many alerts were changed.
    changed_count: usize,
}

/// Says something about an alert, or about others like it.
#[utoipa::path(
    post, path = "/api/v1/alerts/{alert_id}", tag = "alerts", params(("alert_id" = String, Path)),
    request_body = AlertRequest,
    responses((status = 200, body = AlertAnswer), (status = 400, body = ErrorBody), (status = 404, body = ErrorBody),
        (status = 503, body = ErrorBody, description = "Nobody writes here"))
)]
pub(super) async fn act_on_alert(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    Id(id): Id,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<AlertAnswer>, ApiError> {
    let request = read(body)?;
    let scope = match request.scope.unwrap_or_default() {
        AlertReach::Alert => AlertScope::One(id.clone()),
        AlertReach::Group => AlertScope::Group(id.clone()),
        AlertReach::Session => AlertScope::Session(id.clone()),
        AlertReach::Project => AlertScope::Project(id.clone()),
    };
    let now = site.now();
    let changed_count = act(&site, scope, action(request, now, caller)?).await?;
    let found = site.ask(move |reader| reader.get_alert(&id, now)).await?;
    let (alert, _) = found.ok_or(NO_ALERT)?;
    Ok(Json(AlertAnswer { alert: alert.into(), changed_count }))
}

/// What an action about history did.
#[derive(Serialize, ToSchema)]
pub(crate) struct PastAnswer {
    /// How many alerts were changed.
    changed_count: usize,
}

/// Says something about all alerts of history that nobody has dealt with, in all sessions.
#[utoipa::path(
    post, path = "/api/v1/alerts/past", tag = "alerts", request_body = AlertRequest,
    responses((status = 200, body = PastAnswer), (status = 400, body = ErrorBody),
        (status = 503, body = ErrorBody, description = "Nobody writes here"))
)]
pub(super) async fn act_on_past(
    State(site): State<Arc<Site>>,
    Extension(caller): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<PastAnswer>, ApiError> {
    let request = read(body)?;
    if request.scope.is_some() {
        return Err(ApiError::bad_request("all of history is meant; there is no scope"));
    }
    let changed_count = act(&site, AlertScope::Past, action(request, site.now(), caller)?).await?;
    Ok(Json(PastAnswer { changed_count }))
}

fn read(body: Result<Bytes, BytesRejection>) -> Result<AlertRequest, ApiError> {
    let body = body.map_err(|rejection| ApiError::of_status(rejection.into_response().status()))?;
    serde_json::from_slice(&body).map_err(|_| ApiError::bad_request("the body is not the JSON that this route takes"))
}

pub(super) async fn act(site: &Site, scope: AlertScope, action: AlertAction) -> Result<usize, ApiError> {
    let act = Arc::clone(&site.commands.act_on_alerts);
    let done = tokio::task::spawn_blocking(move || act(scope, action)).await.map_err(|_| ApiError::internal())?;
    done.map_err(refused)
}

/// Whose word it is.
pub(super) fn actor_of(caller: Caller, is_terminal: Option<bool>) -> Actor {
    match caller {
        Caller::Browser => Actor::Dashboard,
        Caller::Script if is_terminal == Some(true) => Actor::Terminal,
        Caller::Script => Actor::Script,
    }
}

fn action(request: AlertRequest, now: Timestamp, caller: Caller) -> Result<AlertAction, ApiError> {
    let actor = actor_of(caller, request.is_terminal);
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
    Ok(AlertAction { state, reason, muted_until, at: now, actor })
}
