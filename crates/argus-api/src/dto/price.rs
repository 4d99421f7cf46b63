//! How a request's money came about.

use argus_ingest::pricing::{PriceExplanation, PriceLine, PriceTable};
use argus_model::CostBasis;
use argus_model::record::RequestRecord;
use serde::Serialize;
use utoipa::ToSchema;

use super::time::utc;
use super::{Basis, Usd, Utc};

/// One line of a price.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct PricePart {
    /// A kind of token, or a modifier.
    pub what: String,
    /// How many; `null` for a modifier.
    pub count: Option<u64>,
    /// The price of each; `null` for a modifier.
    pub each_usd: Option<Usd>,
    /// What all before it is multiplied by, for a modifier.
    pub factor: Option<String>,
    /// What it adds.
    pub cost_usd: Usd,
}

impl From<PriceLine> for PricePart {
    fn from(line: PriceLine) -> Self {
        Self {
            what: line.what.to_owned(),
            count: line.count,
            each_usd: line.each.map(Usd),
            factor: line.factor,
            cost_usd: Usd(line.amount),
        }
    }
}

/// What the price table says of a request.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Price {
    /// The parts; they sum exactly to `list_usd`.
    pub parts: Vec<PricePart>,
    /// The list price.
    pub list_usd: Option<Usd>,
    /// What counts: the list price, or what Claude Code reported in its place.
    pub cost_usd: Option<Usd>,
    /// How sure that is.
    pub cost_basis: Basis,
    /// Whether the list price is what counts. If not, it was reported, or priced by another table.
    pub is_list_price: bool,
    /// From when on the price holds; `null` for as long as the model is known.
    pub since: Option<Utc>,
    /// The first moment at which it holds no more.
    pub until: Option<Utc>,
    /// Where the price was read.
    pub source: Option<String>,
    /// The day on which the table was made.
    pub table_date: String,
}

impl Price {
    /// Of a stored request; `None` where no price is known, or no usage. It is explained by the table that it was priced
    /// by, if that can be told: the one that holds now, or the list alone.
    pub fn of(request: &RequestRecord, now: &PriceTable) -> Option<Self> {
        let record = request.usage.as_ref()?;
        let cost = request.cost?;
        let found = now.explain_stored(record)?;
        let PriceExplanation { lines, cost: list, starts_at, ends_before, source, table_date } = found;
        Some(Self {
            parts: lines.into_iter().map(Into::into).collect(),
            list_usd: list.amount.map(Usd),
            cost_usd: cost.amount.map(Usd),
            cost_basis: cost.basis.into(),
            is_list_price: cost.basis != CostBasis::Reported && list.amount == cost.amount,
            since: utc(starts_at),
            until: utc(ends_before),
            source,
            table_date,
        })
    }
}
