//! What a model request costs, from its usage and an effective-dated table of list prices.
//!
//! The table is data (`prices.json`, with its sources) and is read once. Every rate is a whole number of
//! pico-dollars a token: $x per million tokens is x * 10^6 pico-dollars a token, so no float ever touches money
//! and sums are exact (invariant 8).
//!
//! How a price is made: the row of the model that was in force on the UTC day of the request; its long-context
//! tier when the whole prompt (input, cache reads, cache writes) is above the limit, for the whole request; the
//! five token classes times their rates; then the multipliers that apply, as one fraction: fast, or else batch;
//! and United States or regional inference. The one rounding, half up to a whole pico-dollar, comes last. Web
//! searches are added after it: no multiplier touches them.
//!
//! A person's own prices ([`own`]) go before the list: rates in the place of a row, or a multiplier of what the list says.
//!
//! What must stay true: nothing is guessed. A model that no rule leads to a row is *unpriced*; a request that says
//! it ran fast when no fast price is known has its standard price as a lower bound, *incomplete*. A price is that
//! of one request: tiers make it wrong for sums of several.
//!
//! Start with [`PriceTable::price`]; `table` reads the file, `model_id` leads a model's name to its row.

mod explain;
mod model_id;
mod own;
mod parts;
mod rate;
mod sums;
mod table;

use std::sync::LazyLock;

use argus_model::{Cost, CostBasis, Geo, PicoUsd, Speed, Timestamp, Usage, UsageRecord};

pub use explain::{PriceExplanation, PriceLine};
pub use own::{OwnPrice, OwnPrices, OwnRates, OwnTerms};
pub use rate::Factor;
use rate::PicoPerToken;
pub use sums::{PriceSums, SumKey, SumLine};
pub use table::PriceTable;
use table::{FastPrice, Rates, Row};

/// The model name of the client's own messages, which no model wrote.
const SYNTHETIC: &str = "<synthetic>";

/// What a model takes that was asked for with its long context.
const LONG_CONTEXT_TOKENS: u64 = 1_000_000;

static BUILT_IN: LazyLock<PriceTable> = LazyLock::new(|| {
    PriceTable::from_json(include_str!("prices.json")).expect("the built-in price table is checked by the tests")
});

const UNPRICED: Cost = Cost { amount: None, basis: CostBasis::Unpriced };

impl PriceTable {
    /// The table that comes with the program.
    pub fn built_in() -> &'static PriceTable {
        &BUILT_IN
    }

    /// The models that have a price of their own, in order.
    pub fn list_models(&self) -> Vec<&str> {
        let mut models: Vec<&str> = self.ids().chain(self.own.keys().map(String::as_str)).collect();
        models.sort_unstable();
        models.dedup();
        models
    }

    /// What a stored request costs by this table; what Claude Code itself reported stands.
    pub fn price_again(&self, record: &UsageRecord) -> Cost {
        match record.cost.basis {
            CostBasis::Reported => record.cost,
            _ => self.price(&record.model, &record.usage, record.at),
        }
    }

    /// The list price of one request to `model` with `usage` at `at`.
    pub fn price(&self, model: &str, usage: &Usage, at: Timestamp) -> Cost {
        if model == SYNTHETIC {
            return Cost { amount: Some(PicoUsd(0)), basis: CostBasis::Priced };
        }
        let Some(quote) = self.quote(model, usage, at) else { return UNPRICED };
        let factor = self.modifiers(&quote, usage).into_iter().fold(Factor::ONE, |all, (_, one)| all.times(one));
        let tokens = factor.of_rounded_half_up(tokens_cost(quote.rates, usage));
        let searches = u128::from(usage.web_search_requests) * u128::from(self.web_search.0);
        let Ok(amount) = i64::try_from(tokens + searches) else { return UNPRICED };
        Cost { amount: Some(PicoUsd(amount)), basis: quote.basis(usage) }
    }

    /// How long a prompt a model takes, where that is known: longer where its long context was asked for.
    pub fn context_window(&self, record: &UsageRecord) -> Option<u64> {
        let rows = model_id::find(&record.model, |id| self.rows(id))?.rows;
        let listed = row_at(rows, record.at)?.context_window;
        if record.usage.asks_long_context { listed.max(Some(LONG_CONTEXT_TOKENS)) } else { listed }
    }

    /// What of the table applies to a request.
    fn quote(&self, model: &str, usage: &Usage, at: Timestamp) -> Option<Quote<'_>> {
        let (own, multiplier) = self.own_terms(model, at);
        let found = model_id::find(model, |id| self.rows(id));
        let is_regional = found.as_ref().is_some_and(|found| found.is_regional);
        let row = own.or_else(|| row_at(found?.rows, at))?;
        let asks_long_context = usage.asks_long_context || model.ends_with("[1m]");
        Some(Quote {
            row,
            rates: row.rates_for(asks_long_context, prompt_tokens(usage)),
            speed: speed_factor(row, usage.speed, at),
            multiplier,
            in_the_us: usage.geo == Geo::Us && row.has_us_price,
            is_regional: is_regional && row.has_regional_price,
        })
    }
}

impl Quote<'_> {
    fn basis(&self, usage: &Usage) -> CostBasis {
        let is_whole = self.speed.is_some() && has_all_rates(self.rates, usage);
        if is_whole { CostBasis::Priced } else { CostBasis::Incomplete }
    }
}

/// What of the table applies to a request.
struct Quote<'t> {
    row: &'t Row,
    rates: &'t Rates,
    /// `None`: it ran fast, and no price for that is known.
    speed: Option<Factor>,
    /// A person's own, of what the list says.
    multiplier: Factor,
    in_the_us: bool,
    is_regional: bool,
}

/// The row in force at `at`. A use before the first listed start takes the earliest row: the model was there, so
/// the start is what is wrong. After a listed end without a successor nothing is known.
fn row_at(rows: &[Row], at: Timestamp) -> Option<&Row> {
    let first = rows.first()?;
    if first.starts_at.is_some_and(|start| at < start) {
        return Some(first);
    }
    rows.iter()
        .rev()
        .find(|row| row.starts_at.is_none_or(|start| start <= at) && row.ends_before.is_none_or(|end| at < end))
}

/// What the speed multiplies the price by; `None` when the request ran fast and no price for that is known.
fn speed_factor(row: &Row, speed: Speed, at: Timestamp) -> Option<Factor> {
    match (speed, &row.fast) {
        (Speed::Standard, _) => Some(Factor::ONE),
        (Speed::Fast, None) => None,
        (Speed::Fast, Some(FastPrice { factor, ends_before, then_standard })) => match ends_before {
            Some(end) if at >= *end => then_standard.then_some(Factor::ONE),
            _ => Some(*factor),
        },
    }
}

/// Like `Usage::prompt_tokens`, but for counts of any size: they come from files that anyone may have written.
fn prompt_tokens(usage: &Usage) -> u128 {
    [usage.input_tokens, usage.cache_write_5m_tokens, usage.cache_write_1h_tokens, usage.cache_read_tokens]
        .into_iter()
        .map(u128::from)
        .sum()
}

fn tokens_cost(rates: &Rates, usage: &Usage) -> u128 {
    classes(rates, usage)
        .into_iter()
        .map(|(tokens, rate)| u128::from(tokens) * u128::from(rate.map_or(0, |rate| rate.0)))
        .sum()
}

/// Whether each kind of token that was used has a rate; one's own prices may leave out those of the cache.
fn has_all_rates(rates: &Rates, usage: &Usage) -> bool {
    classes(rates, usage).into_iter().all(|(tokens, rate)| tokens == 0 || rate.is_some())
}

fn classes(rates: &Rates, usage: &Usage) -> [(u64, Option<PicoPerToken>); 5] {
    [
        (usage.input_tokens, Some(rates.input)),
        (usage.output_tokens, Some(rates.output)),
        (usage.cache_write_5m_tokens, rates.cache_write_5m),
        (usage.cache_write_1h_tokens, rates.cache_write_1h),
        (usage.cache_read_tokens, rates.cache_read),
    ]
}

#[cfg(test)]
mod tests;
