//! How long models took to answer, and how often they did not.

use std::collections::HashMap;

use argus_model::record::{Latency, SpendRow};
use serde::Serialize;
use utoipa::ToSchema;

/// What Claude Code's telemetry told of the requests in a range; where it told nothing, all but the counts of requests is
/// unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct LatencyList {
    /// Every model that answered in the range, the most asked first.
    pub models: Vec<ModelLatency>,
    /// Requests in the range, whoever told of them.
    pub request_count: i64,
    /// Of them, those of which telemetry told.
    pub told_count: i64,
    /// Requests that failed for good or were refused, as telemetry tells: their share is of these and the told ones.
    pub failure_count: Option<i64>,
    /// How often a request was tried again until Claude Code gave up.
    pub given_up_count: Option<i64>,
    /// How long that took in all.
    pub given_up_ms: Option<i64>,
    /// Sessions of which telemetry told that were too many to look at: the latest come first, and these are in none of the
    /// figures but `request_count`.
    pub left_out_session_count: i64,
}

/// The answers of one model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ModelLatency {
    /// The model.
    pub model: String,
    /// Its requests in the range, whoever told of them.
    pub request_count: i64,
    /// Of them, those of which telemetry told: the figures below are theirs.
    pub told_count: i64,
    /// Half of the answers were whole no later, to 1.6 %.
    pub p50_ms: Option<i64>,
    /// 95 % of the answers were whole no later.
    pub p95_ms: Option<i64>,
    /// Half of the answers began no later.
    pub first_token_p50_ms: Option<i64>,
    /// 95 % of the answers began no later.
    pub first_token_p95_ms: Option<i64>,
}

impl LatencyList {
    /// What telemetry told beside all requests by model.
    pub(crate) fn new(requests: Vec<SpendRow>, told: Option<Latency>) -> Self {
        let is_told = told.is_some();
        let told = told.unwrap_or_default();
        let counts = requests.into_iter().map(|row| (row.key, row.totals.requests));
        let mut counts: HashMap<String, i64> = counts.filter(|(_, count)| *count > 0).collect();
        let request_count = counts.values().sum();
        let told_count = told.models.iter().map(|model| model.told_requests).sum();
        let mut models: Vec<ModelLatency> = told
            .models
            .into_iter()
            .map(|model| ModelLatency {
                request_count: counts.remove(&model.model).unwrap_or(model.told_requests),
                told_count: model.told_requests,
                p50_ms: model.durations.percentile_ms(50),
                p95_ms: model.durations.percentile_ms(95),
                first_token_p50_ms: model.first_tokens.percentile_ms(50),
                first_token_p95_ms: model.first_tokens.percentile_ms(95),
                model: model.model,
            })
            .collect();
        models.extend(counts.into_iter().map(|(model, request_count)| ModelLatency {
            model,
            request_count,
            told_count: 0,
            p50_ms: None,
            p95_ms: None,
            first_token_p50_ms: None,
            first_token_p95_ms: None,
        }));
        models.sort_by(|a, b| b.request_count.cmp(&a.request_count).then_with(|| a.model.cmp(&b.model)));
        Self {
            models,
            request_count,
            told_count,
            failure_count: is_told.then_some(told.failures),
            given_up_count: is_told.then_some(told.given_up),
            given_up_ms: is_told.then_some(told.given_up_ms),
            left_out_session_count: told.left_out_sessions,
        }
    }
}
