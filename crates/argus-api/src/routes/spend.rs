//! Money by any cut, tools, and the overview.

use std::sync::Arc;

use argus_model::record::{SpendQuery, UsageQuery};
use axum::Json;
use axum::extract::State;
use jiff::tz::TimeZone;
use serde::Deserialize;
use utoipa::IntoParams;

use crate::cost::{CostQuestion, list_cost as answer};
use crate::dto::{CostCut, CostPage, CostSplit, LatencyList, Overview, ToolList, WhatIf};
use crate::error::{ApiError, ErrorBody};
use crate::{estimate, latency, overview};

use super::Site;
use super::params::{Params, limit, moment, not_empty};

const DEFAULT_LIMIT: u32 = 50;

/// Which money, and how it is cut. A range counts in whole quarter hours.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct CostParams {
    /// The cut; days if not said.
    by: Option<CostCut>,
    /// By what each day is split; for days only.
    split: Option<CostSplit>,
    /// From this moment on: RFC 3339 or a date.
    since: Option<String>,
    /// Up to this moment.
    until: Option<String>,
    /// Only this project: its root, or its last folder name.
    project: Option<String>,
    /// Only this session.
    session_id: Option<String>,
    /// The time zone of days, such as `Europe/Berlin`; the server's if not said.
    tz: Option<String>,
    /// At most so many rows, 500 at most; 50 if not said.
    limit: Option<u32>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// Money by any cut.
#[utoipa::path(
    get, path = "/api/v1/cost", tag = "cost", params(CostParams),
    responses((status = 200, body = CostPage), (status = 400, body = ErrorBody))
)]
pub(super) async fn list_cost(
    State(site): State<Arc<Site>>,
    Params(params): Params<CostParams>,
) -> Result<Json<CostPage>, ApiError> {
    let by = params.by.unwrap_or(CostCut::Day);
    if params.split.is_some() && by != CostCut::Day {
        return Err(ApiError::bad_request("only days can be split").hint("leave split out, or ask by=day"));
    }
    let zone = zone(params.tz)?;
    let question = CostQuestion {
        by,
        split: params.split,
        query: SpendQuery {
            since: moment(params.since)?,
            until: moment(params.until)?,
            project: not_empty(params.project),
            session_id: not_empty(params.session_id),
        },
        zone,
        limit: limit(params.limit, DEFAULT_LIMIT)? as usize,
        cursor: not_empty(params.cursor),
    };
    let now = site.now();
    Ok(Json(site.ask(move |reader| answer(reader, &question, now)).await?))
}

/// Which requests, and what other model is thought of. A range counts in whole quarter hours.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WhatIfParams {
    /// The model that answered.
    from: Option<String>,
    /// The model at whose rates its tokens are priced.
    to: Option<String>,
    /// From this moment on: RFC 3339 or a date.
    since: Option<String>,
    /// Up to this moment.
    until: Option<String>,
    /// Only this project: its root, or its last folder name.
    project: Option<String>,
    /// Only this session.
    session_id: Option<String>,
}

/// What the same tokens would have cost at another model's rates: an estimate, exact in its sums.
#[utoipa::path(
    get, path = "/api/v1/cost/what-if", tag = "cost", params(WhatIfParams),
    responses((status = 200, body = WhatIf), (status = 400, body = ErrorBody))
)]
pub(super) async fn what_if(
    State(site): State<Arc<Site>>,
    Params(params): Params<WhatIfParams>,
) -> Result<Json<WhatIf>, ApiError> {
    let instead = not_empty(params.from).zip(not_empty(params.to)).into_iter().collect();
    let spend = SpendQuery {
        since: moment(params.since)?,
        until: moment(params.until)?,
        project: not_empty(params.project),
        session_id: not_empty(params.session_id),
    };
    let (query, prices) = (UsageQuery { spend, ..UsageQuery::default() }, (site.commands.prices)());
    Ok(Json(site.ask(move |reader| estimate::what_if(reader, &query, &prices, &instead)).await?))
}

/// Which calls or requests. A range counts in whole quarter hours.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ToolParams {
    /// From this moment on: RFC 3339 or a date.
    since: Option<String>,
    /// Up to this moment.
    until: Option<String>,
    /// Only this project: its root, or its last folder name.
    project: Option<String>,
}

impl ToolParams {
    fn query(self) -> Result<SpendQuery, ApiError> {
        Ok(SpendQuery {
            since: moment(self.since)?,
            until: moment(self.until)?,
            project: not_empty(self.project),
            session_id: None,
        })
    }
}

/// Tools: calls, errors, denials, durations, money. All of them: there are as many as there are names.
#[utoipa::path(
    get, path = "/api/v1/tools", tag = "cost", params(ToolParams),
    responses((status = 200, body = ToolList), (status = 400, body = ErrorBody))
)]
pub(super) async fn list_tools(
    State(site): State<Arc<Site>>,
    Params(params): Params<ToolParams>,
) -> Result<Json<ToolList>, ApiError> {
    let query = params.query()?;
    let tools = site.ask(move |reader| reader.list_tools(&query)).await?;
    Ok(Json(ToolList { tools: tools.into_iter().map(Into::into).collect() }))
}

/// As many requests are looked at for how long they took: well within the time that a question may take.
const MOST_TOLD: i64 = 100_000;

/// How long models took to answer and how often they failed, as Claude Code's telemetry tells; unknown without it.
#[utoipa::path(
    get, path = "/api/v1/latency", tag = "cost", params(ToolParams),
    responses((status = 200, body = LatencyList), (status = 400, body = ErrorBody))
)]
pub(super) async fn list_latency(
    State(site): State<Arc<Site>>,
    Params(params): Params<ToolParams>,
) -> Result<Json<LatencyList>, ApiError> {
    let query = params.query()?;
    Ok(Json(site.ask(move |reader| latency::list_latency(reader, &query, MOST_TOLD)).await?))
}

/// Whose days.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct OverviewParams {
    /// The time zone of days, such as `Europe/Berlin`; the server's if not said.
    tz: Option<String>,
}

/// Is all well: this day against such days before, what runs and waits, what failed.
#[utoipa::path(
    get, path = "/api/v1/overview", tag = "cost", params(OverviewParams),
    responses((status = 200, body = Overview), (status = 400, body = ErrorBody))
)]
pub(super) async fn get_overview(
    State(site): State<Arc<Site>>,
    Params(params): Params<OverviewParams>,
) -> Result<Json<Overview>, ApiError> {
    let (zone, now, capture) = (zone(params.tz)?, site.now(), Arc::clone(&site.capture));
    Ok(Json(site.ask(move |reader| overview::get_overview(reader, &zone, now, &capture())).await?))
}

fn zone(name: Option<String>) -> Result<TimeZone, ApiError> {
    match not_empty(name) {
        None => Ok(TimeZone::system()),
        Some(name) => TimeZone::get(&name).map_err(|_| {
            ApiError::bad_request("the time zone is not known here").hint("tz is a name such as Europe/Berlin or UTC")
        }),
    }
}
