//! How a price came about, line by line: tokens times rate, then what each modifier adds. The lines sum exactly to the
//! price, since each modifier's line is the difference that it makes to the rounded amount.

use argus_model::{Cost, PicoUsd, ServiceTier, Timestamp, Usage};

use super::rate::Factor;
use super::{PriceTable, Quote, SYNTHETIC};

/// One line of a price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceLine {
    /// What it is for: a kind of token, or a modifier.
    pub what: &'static str,
    /// How many tokens, or searches; `None` for a modifier.
    pub count: Option<u64>,
    /// The price of each; `None` for a modifier.
    pub each: Option<PicoUsd>,
    /// What all before it is multiplied by, for a modifier: `1.1`.
    pub factor: Option<String>,
    /// What it adds.
    pub amount: PicoUsd,
}

/// A price with its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceExplanation {
    /// The parts; they sum to the price.
    pub lines: Vec<PriceLine>,
    /// The price.
    pub cost: Cost,
    /// From when on the row holds; `None` for as long as the model is known.
    pub starts_at: Option<Timestamp>,
    /// The first moment at which it holds no more.
    pub ends_before: Option<Timestamp>,
    /// Where the row was read.
    pub source: Option<String>,
    /// When the table was made.
    pub table_date: String,
}

impl PriceTable {
    /// How the list price of one request comes about; `None` where there is none.
    pub fn explain(&self, model: &str, usage: &Usage, at: Timestamp) -> Option<PriceExplanation> {
        if model == SYNTHETIC {
            return None;
        }
        let quote = self.quote(model, usage, at)?;
        let rates = quote.rates;
        let classes = [
            ("input", usage.input_tokens, Some(rates.input)),
            ("output", usage.output_tokens, Some(rates.output)),
            ("cache write, 5 min", usage.cache_write_5m_tokens, rates.cache_write_5m),
            ("cache write, 1 h", usage.cache_write_1h_tokens, rates.cache_write_1h),
            ("cache read", usage.cache_read_tokens, rates.cache_read),
        ];
        let pico = |amount: u128| i64::try_from(amount).ok().map(PicoUsd);
        let (mut lines, mut so_far, mut factor) = (Vec::new(), 0_u128, Factor::ONE);
        for (what, count, rate) in classes.into_iter().filter(|(_, count, _)| *count > 0) {
            // A rate that is not known adds nothing, and makes the price a lower bound.
            let Some(rate) = rate else { continue };
            let amount = u128::from(count) * u128::from(rate.0);
            so_far += amount;
            let each = pico(u128::from(rate.0));
            lines.push(PriceLine { what, count: Some(count), each, factor: None, amount: pico(amount)? });
        }
        let (tokens, mut rounded) = (so_far, so_far);
        for (what, one) in self.modifiers(&quote, usage) {
            factor = factor.times(one);
            let next = factor.of_rounded_half_up(tokens);
            let amount = PicoUsd(pico(next)?.0 - pico(rounded)?.0);
            lines.push(PriceLine { what, count: None, each: None, factor: Some(one.to_decimal()), amount });
            rounded = next;
        }
        if usage.web_search_requests > 0 {
            let (count, each) = (usage.web_search_requests, self.web_search.0);
            let amount = pico(u128::from(count) * u128::from(each))?;
            let each = pico(u128::from(each));
            lines.push(PriceLine { what: "web search", count: Some(count), each, factor: None, amount });
        }
        let total = lines.iter().try_fold(0_i64, |sum, line| sum.checked_add(line.amount.0))?;
        let basis = quote.basis(usage);
        Some(PriceExplanation {
            lines,
            cost: Cost { amount: Some(PicoUsd(total)), basis },
            starts_at: quote.row.starts_at,
            ends_before: quote.row.ends_before,
            source: quote.row.source.clone(),
            table_date: self.made.clone(),
        })
    }

    /// The modifiers that apply, in their order.
    pub(super) fn modifiers(&self, quote: &Quote<'_>, usage: &Usage) -> Vec<(&'static str, Factor)> {
        let mut modifiers = Vec::new();
        let speed = quote.speed.unwrap_or(Factor::ONE);
        if speed != Factor::ONE {
            modifiers.push(("fast mode", speed));
        } else if usage.tier == ServiceTier::Batch {
            modifiers.push(("batch", self.batch));
        }
        if quote.multiplier != Factor::ONE {
            modifiers.push(("your own multiplier", quote.multiplier));
        }
        if quote.in_the_us {
            modifiers.push(("United States inference", self.us));
        } else if quote.is_regional {
            modifiers.push(("regional endpoint", self.regional));
        }
        modifiers
    }
}
