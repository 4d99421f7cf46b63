//! Tokens of model requests, and sums of them.

use crate::{Cost, CostBasis, Maximum, PicoUsd};

/// How fast the request was served.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Speed {
    /// The normal speed.
    #[default]
    Standard,
    /// Fast mode, dearer.
    Fast,
}

/// `usage.service_tier`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ServiceTier {
    /// Standard, or not told.
    #[default]
    Standard,
    /// Batch, cheaper.
    Batch,
    /// Priority.
    Priority,
}

/// `usage.inference_geo`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Geo {
    /// Anywhere, or not told.
    #[default]
    Global,
    /// Inside the United States, dearer for newer models.
    Us,
}

/// What one model request used. The order of fields is the order that decides between contradicting records.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Usage {
    /// Tokens written by the model.
    pub output_tokens: u64,
    /// Fresh prompt tokens.
    pub input_tokens: u64,
    /// Prompt tokens written to the 5-minute cache.
    pub cache_write_5m_tokens: u64,
    /// Prompt tokens written to the 1-hour cache.
    pub cache_write_1h_tokens: u64,
    /// Prompt tokens read from the cache.
    pub cache_read_tokens: u64,
    /// Web searches run by the server.
    pub web_search_requests: u64,
    /// Speed.
    pub speed: Speed,
    /// Tier.
    pub tier: ServiceTier,
    /// Where.
    pub geo: Geo,
    /// The model was asked for with its long context, which may have a price of its own.
    pub asks_long_context: bool,
}

impl Usage {
    /// Everything the model was given: what price tiers and the context meter look at.
    pub fn prompt_tokens(&self) -> u64 {
        self.input_tokens + self.cache_write_5m_tokens + self.cache_write_1h_tokens + self.cache_read_tokens
    }
}

/// What of a request's usage only the API's answer tells, and telemetry never: joined apart from the record that counts,
/// which may be telemetry's. Unknown is `None`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct UsageTerms {
    /// Web searches run by the server.
    pub web_search_requests: Maximum<u64>,
    /// Tier.
    pub tier: Maximum<ServiceTier>,
    /// Where.
    pub geo: Maximum<Geo>,
}

impl UsageTerms {
    /// Takes `other` in.
    pub fn join(&mut self, other: &Self) {
        self.web_search_requests.join(&other.web_search_requests);
        self.tier.join(&other.tier);
        self.geo.join(&other.geo);
    }

    /// A usage with what is known of these; what is not is left as it stands.
    pub fn complete(&self, usage: &Usage) -> Usage {
        Usage {
            web_search_requests: self.web_search_requests.value().unwrap_or(usage.web_search_requests),
            tier: self.tier.value().unwrap_or(usage.tier),
            geo: self.geo.value().unwrap_or(usage.geo),
            ..*usage
        }
    }
}

/// A sum over model requests.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// How many requests.
    pub requests: i64,
    /// Sum of `input_tokens`.
    pub input_tokens: i64,
    /// Sum of `output_tokens`.
    pub output_tokens: i64,
    /// Sum of `cache_write_5m_tokens`.
    pub cache_write_5m_tokens: i64,
    /// Sum of `cache_write_1h_tokens`.
    pub cache_write_1h_tokens: i64,
    /// Sum of `cache_read_tokens`.
    pub cache_read_tokens: i64,
    /// Sum of `web_search_requests`.
    pub web_search_requests: i64,
    /// Sum of the known amounts.
    pub cost: PicoUsd,
    /// Requests whose amount is a lower bound.
    pub incomplete_requests: i64,
    /// Requests without a price.
    pub unpriced_requests: i64,
    /// Requests whose amount Claude Code itself reported. Sums that are stored do not count them; whoever asks does.
    pub reported_requests: i64,
}

impl Totals {
    /// The sum over one request.
    pub fn of(usage: &Usage, cost: Cost) -> Self {
        let int = |tokens: u64| i64::try_from(tokens).unwrap_or(i64::MAX);
        Self {
            requests: 1,
            input_tokens: int(usage.input_tokens),
            output_tokens: int(usage.output_tokens),
            cache_write_5m_tokens: int(usage.cache_write_5m_tokens),
            cache_write_1h_tokens: int(usage.cache_write_1h_tokens),
            cache_read_tokens: int(usage.cache_read_tokens),
            web_search_requests: int(usage.web_search_requests),
            cost: cost.amount.unwrap_or_default(),
            incomplete_requests: i64::from(cost.basis == CostBasis::Incomplete),
            unpriced_requests: i64::from(cost.basis == CostBasis::Unpriced),
            reported_requests: i64::from(cost.basis == CostBasis::Reported),
        }
    }

    /// Adds `factor` times `other` (1 to add, -1 to take away).
    pub fn add(&mut self, other: &Totals, factor: i64) {
        self.requests += factor * other.requests;
        self.input_tokens += factor * other.input_tokens;
        self.output_tokens += factor * other.output_tokens;
        self.cache_write_5m_tokens += factor * other.cache_write_5m_tokens;
        self.cache_write_1h_tokens += factor * other.cache_write_1h_tokens;
        self.cache_read_tokens += factor * other.cache_read_tokens;
        self.web_search_requests += factor * other.web_search_requests;
        self.cost.0 += factor * other.cost.0;
        self.incomplete_requests += factor * other.incomplete_requests;
        self.unpriced_requests += factor * other.unpriced_requests;
        self.reported_requests += factor * other.reported_requests;
    }

    /// So many reported requests, and nothing else: what a sum that does not count them lacks.
    pub fn of_reported(requests: i64) -> Self {
        Self { reported_requests: requests, ..Self::default() }
    }

    /// The sum as a cost: unknown when no part of it is known, a lower bound when some part is not, and reported when all
    /// of it is.
    pub fn as_cost(&self) -> Cost {
        let (amount, basis) = if self.requests > 0 && self.unpriced_requests == self.requests {
            (None, CostBasis::Unpriced)
        } else if self.incomplete_requests + self.unpriced_requests > 0 {
            (Some(self.cost), CostBasis::Incomplete)
        } else if self.requests > 0 && self.reported_requests == self.requests {
            (Some(self.cost), CostBasis::Reported)
        } else {
            (Some(self.cost), CostBasis::Priced)
        };
        Cost { amount, basis }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sum_is_as_sure_as_its_weakest_request() {
        use CostBasis::{Incomplete, Priced, Reported, Unpriced};
        let usage = Usage { output_tokens: 7, ..Usage::default() };
        let cost = |basis| Cost { amount: (basis != Unpriced).then_some(PicoUsd(5)), basis };
        let sum = |parts: &[CostBasis]| {
            let mut sum = Totals::default();
            parts.iter().for_each(|basis| sum.add(&Totals::of(&usage, cost(*basis)), 1));
            sum
        };
        assert_eq!(Totals::default().as_cost(), cost_of(0, Priced), "nothing was reported of nothing");
        let all = [Reported, Priced, Incomplete, Unpriced];
        for (first, second) in all.into_iter().flat_map(|a| all.map(|b| (a, b))) {
            for third in all {
                let mut both = sum(&[first, second, third]);
                let known = [first, second, third].iter().filter(|basis| **basis != Unpriced).count() as i64;
                let expected = first.with(second).with(third);
                assert_eq!(both.as_cost().basis, expected, "{first:?} {second:?} {third:?}");
                assert_eq!(both.as_cost().amount, (known > 0).then_some(PicoUsd(5 * known)));
                // What was added and taken away again leaves no trace.
                both.add(&sum(&[third]), -1);
                assert_eq!(both, sum(&[first, second]));
            }
        }
    }

    fn cost_of(amount: i64, basis: CostBasis) -> Cost {
        Cost { amount: Some(PicoUsd(amount)), basis }
    }
}
