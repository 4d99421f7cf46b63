//! Questions about money that only the single requests answer, for the routes and the command line alike.

use std::collections::BTreeMap;

use argus_ingest::pricing::{PriceSums, PriceTable};
use argus_model::record::UsageQuery;
use argus_model::{CostBasis, Totals, UsageRecord};
use argus_store::{Reader, StoreError};

use crate::dto::{CostReason, WhatIf, WhatIfRow};

/// How the money of the requests came about.
pub fn explain_cost(reader: &Reader, query: &UsageQuery, prices: &PriceTable) -> Result<CostReason, StoreError> {
    let mut sums = PriceSums::default();
    reader.each_usage_in(query, |record| sums.add(record, prices))?;
    Ok(CostReason::from(&sums))
}

/// What the requests would have cost, had the models on the left been those on the right.
pub fn what_if(
    reader: &Reader,
    query: &UsageQuery,
    prices: &PriceTable,
    instead: &BTreeMap<String, String>,
) -> Result<WhatIf, StoreError> {
    let mut models = BTreeMap::<String, (Totals, Totals)>::new();
    reader.each_usage_in(query, |record| {
        let was = Totals::of(&record.usage, record.cost);
        let would = instead.get(&record.model).map_or(was, |model| at_rates_of(model, record, prices));
        let (sum, other) = models.entry(record.model.clone()).or_default();
        sum.add(&was, 1);
        other.add(&would, 1);
    })?;
    let (mut was, mut would) = (Totals::default(), Totals::default());
    for (sum, other) in models.values() {
        was.add(sum, 1);
        would.add(other, 1);
    }
    let row = |(model, (was, would)): (String, (Totals, Totals))| {
        let at_rates_of = instead.get(&model).cloned();
        WhatIfRow::new(model, at_rates_of, &was, &would)
    };
    let mut rows: Vec<WhatIfRow> = models.into_iter().map(row).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.cost_usd.map(|usd| usd.0)));
    let total = WhatIfRow::new(String::new(), None, &was, &would);
    Ok(WhatIf { rows, total, priced_models: prices.list_models().into_iter().map(str::to_owned).collect() })
}

/// The same tokens, at the same moment and with the same modifiers, at another model's rates.
fn at_rates_of(model: &str, record: &UsageRecord, prices: &PriceTable) -> Totals {
    let mut cost = prices.price(model, &record.usage, record.at);
    if record.cost.basis == CostBasis::Incomplete {
        // A usage that is not known whole is known no better at another price.
        cost.basis = cost.basis.max(CostBasis::Incomplete);
    }
    Totals::of(&record.usage, cost)
}
