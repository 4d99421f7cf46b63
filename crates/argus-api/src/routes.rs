//! The routes under `/api/v1`, a file an area, and their description.
//!
//! A handler reads its parameters, asks the store on a blocking thread, and converts the answer. Wrong parameters are
//! refused, never ignored: a misspelt filter that silently shows everything would be a lie.

mod alerts;
mod auth;
mod backtest;
mod budgets;
mod capture;
mod care;
mod context;
mod description;
mod events;
mod guard;
mod live;
mod mutes;
mod params;
mod projects;
mod reconciliation;
mod rules;
mod search;
mod secrets;
mod sessions;
mod settings;
mod spend;

pub use capture::MADE_UP;
use std::sync::Arc;
use std::time::Duration;

use argus_model::Timestamp;
use argus_store::{Reader, Readers, StoreError};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use tokio::sync::{Semaphore, watch};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::auth::Tokens;
use crate::capture::CaptureSource;
use crate::changes::Changes;
use crate::commands::Commands;
use crate::door::MAX_BODY_BYTES;
use crate::error::ApiError;
use crate::server::ApiConfig;

/// A query that takes longer is given up; every page's own takes a hundredth of it.
pub(crate) const QUERY_LIMIT: Duration = Duration::from_secs(2);

/// What the handlers share.
pub(crate) struct Site {
    pub(crate) config: ApiConfig,
    pub(crate) readers: Readers,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) changes: Changes,
    pub(crate) capture: CaptureSource,
    pub(crate) commands: Commands,
    pub(crate) instance: String,
    pub(crate) started_at: Timestamp,
    pub(crate) closing: watch::Receiver<bool>,
    pub(crate) streams: Arc<Semaphore>,
    pub(crate) query_limit: Duration,
}

impl Site {
    fn now(&self) -> Timestamp {
        (self.config.clock)()
    }

    /// Asks the store on a thread that may block.
    async fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&Reader) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let (readers, limit) = (self.readers.clone(), self.query_limit);
        let answer = tokio::task::spawn_blocking(move || question(&readers.get_within(limit)?)).await;
        answer.map_err(|_| ApiError::internal())?.map_err(ApiError::from)
    }
}

/// All routes under `/api`.
pub(crate) fn router(site: Arc<Site>) -> Router {
    let (router, _) = described().split_for_parts();
    router
        .fallback(|| async { ApiError::of_status(StatusCode::NOT_FOUND) })
        .layer(DefaultBodyLimit::max(usize::try_from(MAX_BODY_BYTES).unwrap_or(usize::MAX)))
        .with_state(site)
}

/// The description of all routes and records, as `openapi.json` keeps it and the dashboard's types are made from it.
pub fn openapi_json() -> String {
    let (_, api) = described().split_for_parts();
    let mut text = serde_json::to_string_pretty(&description::strict(api)).unwrap_or_default();
    text.push('\n');
    text
}

fn described() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::with_openapi(description::head()).merge(of_records()).merge(of_sums()).merge(of_the_server())
}

/// Alerts, and what people say of them.
fn of_alerts() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(alerts::list_alerts))
        .routes(routes!(alerts::list_alert_groups))
        .routes(routes!(alerts::act_on_past))
        .routes(routes!(alerts::get_alert, alerts::act_on_alert))
        .routes(routes!(mutes::list_mutes))
        .routes(routes!(mutes::act_on_mute))
}

/// What was captured, and what is said of it.
fn of_records() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(auth::exchange_code))
        .routes(routes!(auth::mint_code))
        .routes(routes!(sessions::list_sessions))
        .routes(routes!(sessions::get_session))
        .routes(routes!(sessions::get_trace))
        .routes(routes!(sessions::list_parts))
        .routes(routes!(context::get_context))
        .routes(routes!(events::list_events))
        .routes(routes!(events::get_event))
        .routes(routes!(projects::list_projects))
        .routes(routes!(search::search))
        .merge(of_alerts())
        .routes(routes!(secrets::list_secrets))
        .routes(routes!(secrets::get_secret))
        .routes(routes!(rules::list_rules))
        .routes(routes!(rules::add_exceptions))
        .routes(routes!(backtest::get_backtest, backtest::order_backtest))
}

fn of_sums() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(spend::list_cost))
        .routes(routes!(spend::what_if))
        .routes(routes!(context::list_carry))
        .routes(routes!(budgets::list_budgets))
        .routes(routes!(spend::list_tools))
        .routes(routes!(spend::list_latency))
        .routes(routes!(reconciliation::list_reconciliations))
        .routes(routes!(reconciliation::get_reconciliation))
        .routes(routes!(spend::get_overview))
}

fn of_the_server() -> OpenApiRouter<Arc<Site>> {
    OpenApiRouter::new()
        .routes(routes!(capture::get_capture))
        .routes(routes!(care::get_care, care::order_care))
        .routes(routes!(settings::get_settings, settings::change_settings))
        .routes(routes!(guard::get_guard))
        .routes(routes!(guard::list_guarded))
        .routes(routes!(guard::release, guard::close_all))
        .routes(routes!(guard::close_one))
        .routes(routes!(live::watch_changes))
        .routes(routes!(description::get_openapi))
}
