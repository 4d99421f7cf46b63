//! How long models took to answer, as telemetry tells it.

use crate::Durations;

/// What telemetry told of requests and of those that failed, in a range.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Latency {
    /// By model, the most asked first.
    pub models: Vec<ModelLatency>,
    /// Requests that failed for good, or that the model refused.
    pub failures: i64,
    /// How often Claude Code tried a request again until it gave up.
    pub given_up: i64,
    /// How long that took in all.
    pub given_up_ms: i64,
    /// Sessions that were too many to look at: in none of the figures.
    pub left_out_sessions: i64,
}

/// The answers of one model.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelLatency {
    /// The model that answered.
    pub model: String,
    /// Requests of which telemetry told.
    pub told_requests: i64,
    /// From the request to the end of the answer.
    pub durations: Durations,
    /// From the request to the first token of the answer.
    pub first_tokens: Durations,
}
