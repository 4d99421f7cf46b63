//! Tokens and money, alone and summed.

use argus_model::record::Sources;
use argus_model::{Cost, Totals};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Basis, Usd};

/// Tokens and money.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Usage {
    /// Fresh prompt tokens.
    pub input_tokens: Option<i64>,
    /// Tokens written by the model.
    pub output_tokens: Option<i64>,
    /// Prompt tokens written to the 5-minute cache.
    pub cache_write_5m_tokens: Option<i64>,
    /// Prompt tokens written to the 1-hour cache.
    pub cache_write_1h_tokens: Option<i64>,
    /// Prompt tokens read from the cache.
    pub cache_read_tokens: Option<i64>,
    /// Web searches run by the server.
    pub web_search_requests: Option<i64>,
    /// The cost; a lower bound where the basis says so.
    pub cost_usd: Option<Usd>,
    /// How the cost is known.
    pub cost_basis: Option<Basis>,
}

/// Tokens and money over a number of model requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Sums {
    /// How many requests.
    pub requests: Option<i64>,
    /// Their usage.
    #[serde(flatten)]
    pub usage: Usage,
}

/// Whether any source could have told of model requests. Hooks alone never do, so a session that only they told of has
/// used an unknown amount, not none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageTold {
    /// A transcript or telemetry was read: no request means no request.
    Yes,
    /// No request means nothing.
    No,
}

impl UsageTold {
    /// What these sources can tell.
    pub fn by(sources: Sources) -> Self {
        if sources.0 & (Sources::TRANSCRIPT | Sources::OTLP) == 0 { Self::No } else { Self::Yes }
    }
}

impl Usage {
    /// Tokens and their cost.
    pub fn new(tokens: Option<&Totals>, cost: Option<Cost>) -> Self {
        Self {
            input_tokens: tokens.map(|t| t.input_tokens),
            output_tokens: tokens.map(|t| t.output_tokens),
            cache_write_5m_tokens: tokens.map(|t| t.cache_write_5m_tokens),
            cache_write_1h_tokens: tokens.map(|t| t.cache_write_1h_tokens),
            cache_read_tokens: tokens.map(|t| t.cache_read_tokens),
            web_search_requests: tokens.map(|t| t.web_search_requests),
            cost_usd: cost.and_then(|cost| cost.amount).map(Usd),
            cost_basis: cost.map(|cost| cost.basis.into()),
        }
    }
}

impl Sums {
    /// The sums as far as they are known.
    pub fn new(totals: &Totals, told: UsageTold) -> Self {
        if totals.requests == 0 && told == UsageTold::No {
            return Self::default();
        }
        Self { requests: Some(totals.requests), usage: Usage::new(Some(totals), Some(totals.as_cost())) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usage_that_nobody_could_tell_of_is_unknown_and_not_zero() {
        let hooks_only = Sums::new(&Totals::default(), UsageTold::by(Sources(Sources::HOOK)));
        assert_eq!(hooks_only, Sums::default());
        let read = Sums::new(&Totals::default(), UsageTold::by(Sources(Sources::HOOK | Sources::TRANSCRIPT)));
        assert_eq!((read.requests, read.usage.output_tokens), (Some(0), Some(0)));
        let json = serde_json::to_value(hooks_only).unwrap();
        assert_eq!(json["cost_usd"], serde_json::Value::Null);
    }
}
