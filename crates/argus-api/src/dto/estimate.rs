//! Money looked at request by request: how it came about, and what another model would have cost.

use argus_ingest::pricing::{PriceSums, SumKey, SumLine};
use argus_model::{Cost, PicoUsd, Totals};
use serde::Serialize;
use utoipa::ToSchema;

use super::time::utc;
use super::{Basis, Usd, Utc};

/// Lines of prices that are alike, added up.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PriceSumLine {
    /// The model that answered.
    pub model: String,
    /// A kind of token, a modifier, or what no price table says.
    pub what: String,
    /// Of how many requests.
    pub request_count: u64,
    /// How many tokens, or searches; `null` where nothing is counted.
    pub count: Option<u64>,
    /// The price of each.
    pub each_usd: Option<Usd>,
    /// What all before it is multiplied by, for a modifier.
    pub factor: Option<String>,
    /// What they add up to.
    pub cost_usd: Usd,
    /// From when on the price holds; `null` for as long as the model is known.
    pub since: Option<Utc>,
    /// Where the price was read.
    pub source: Option<String>,
}

/// How the money of many requests came about. The lines sum exactly to it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CostReason {
    /// How many requests.
    pub request_count: u64,
    /// Their money, as far as it is known.
    pub cost_usd: Option<Usd>,
    /// How it is known.
    pub cost_basis: Option<Basis>,
    /// Requests without a price: in no line.
    pub unpriced_requests: u64,
    /// The lines, by model.
    pub lines: Vec<PriceSumLine>,
}

impl From<&PriceSums> for CostReason {
    fn from(sums: &PriceSums) -> Self {
        Self {
            request_count: sums.requests,
            cost_usd: (sums.unpriced_requests < sums.requests).then_some(Usd(sums.total)),
            cost_basis: sums.basis.map(Into::into),
            unpriced_requests: sums.unpriced_requests,
            lines: sums.lines.iter().map(Into::into).collect(),
        }
    }
}

impl From<(&SumKey, &SumLine)> for PriceSumLine {
    fn from((key, line): (&SumKey, &SumLine)) -> Self {
        Self {
            model: key.model.clone(),
            what: key.what.to_owned(),
            request_count: line.requests,
            count: (line.count > 0).then_some(line.count),
            each_usd: key.each.map(Usd),
            factor: key.factor.clone(),
            cost_usd: Usd(line.amount),
            since: utc(key.since),
            source: key.source.clone(),
        }
    }
}

/// One model's requests, and what they would have cost at another one's rates.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WhatIfRow {
    /// The model that answered.
    pub model: String,
    /// Whose rates are put in; the model's own where nothing was asked for it.
    pub at_rates_of: Option<String>,
    /// Its requests.
    pub request_count: i64,
    /// What they cost.
    pub cost_usd: Option<Usd>,
    /// How that is known.
    pub cost_basis: Basis,
    /// What the same tokens would have cost: an estimate, since another model would have used others. Unknown where no
    /// price is known.
    pub would_usd: Option<Usd>,
    /// How that is known.
    pub would_basis: Basis,
    /// How much more that would have been. Unknown where some request has no whole price on either side: the sums are of
    /// different requests then.
    pub difference_usd: Option<Usd>,
}

/// What other models would have cost. The rows sum exactly to the total.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct WhatIf {
    /// By model, the dearest first.
    pub rows: Vec<WhatIfRow>,
    /// All of them.
    pub total: WhatIfRow,
    /// The models that have a price here.
    pub priced_models: Vec<String>,
}

impl WhatIfRow {
    /// Of sums.
    pub(crate) fn new(model: String, at_rates_of: Option<String>, was: &Totals, would: &Totals) -> Self {
        let (was_cost, would_cost): (Cost, Cost) = (was.as_cost(), would.as_cost());
        let is_comparable = was.unpriced_requests == 0
            && would.unpriced_requests == 0
            && would.incomplete_requests <= was.incomplete_requests;
        let amounts = was_cost.amount.zip(would_cost.amount).filter(|_| is_comparable);
        Self {
            model,
            at_rates_of,
            request_count: was.requests,
            cost_usd: was_cost.amount.map(Usd),
            cost_basis: was_cost.basis.into(),
            would_usd: would_cost.amount.map(Usd),
            would_basis: would_cost.basis.into(),
            difference_usd: amounts.map(|(was, would)| Usd(PicoUsd(would.0.saturating_sub(was.0)))),
        }
    }
}
