//! What each part of a request's prompt cost.
//!
//! The table says how dear each kind of token is; the amount that counts, which Claude Code may have reported, is
//! divided in that proportion. So the parts sum to it exactly, whoever told it.

use argus_model::request::divide;
use argus_model::{Band, PicoUsd, Prompt, Usage, UsageRecord};

use super::{Factor, PriceTable, classes};

impl PriceTable {
    /// A request's prompt in its bands, each with its money; without money where no price is known.
    pub fn prompt_of(&self, record: &UsageRecord, is_final: bool) -> Prompt {
        let usage = &record.usage;
        let written = usage.cache_write_5m_tokens.saturating_add(usage.cache_write_1h_tokens);
        let parts = self.parts(record);
        let band = |tokens: u64, index: usize| Band { tokens, cost: parts.and_then(|parts| parts[index]) };
        Prompt {
            read: band(usage.cache_read_tokens, 0),
            written: band(written, 1),
            uncached: band(usage.input_tokens, 2),
            output_tokens: is_final.then_some(usage.output_tokens),
        }
    }

    /// What a cache miss cost: the price of a request less what it had been, had `missed` of its tokens been read.
    /// `None` where no price is known.
    pub fn cost_of_miss(&self, record: &UsageRecord, missed: u64) -> Option<PicoUsd> {
        let usage = &record.usage;
        let mut hit = *usage;
        let mut left = missed;
        // The cache for an hour lies before that for five minutes, and the uncached tail last.
        for tokens in [&mut hit.cache_write_1h_tokens, &mut hit.cache_write_5m_tokens, &mut hit.input_tokens] {
            let moved = left.min(*tokens);
            *tokens -= moved;
            left -= moved;
        }
        hit.cache_read_tokens = hit.cache_read_tokens.saturating_add(missed - left);
        let price = |usage: &Usage| self.price(&record.model, usage, record.at).amount;
        let list = price(usage)?;
        let more = i128::from(list.0 - price(&hit)?.0);
        // What was reported instead of the list price is as much dearer for its missed part as for the rest.
        let counted = record.cost.amount.filter(|_| list.0 != 0).unwrap_or(list);
        i64::try_from(more * i128::from(counted.0) / i128::from(list.0.max(1))).ok().map(PicoUsd)
    }

    /// What of the amount that counts is for cache reads, cache writes and the uncached input, in this order; none for
    /// tokens of a kind that has no rate.
    fn parts(&self, record: &UsageRecord) -> Option<[Option<PicoUsd>; 3]> {
        let (usage, amount) = (&record.usage, record.cost.amount?);
        let quote = self.quote(&record.model, usage, record.at)?;
        let [_, _, knows_5m, knows_1h, knows_read] =
            classes(quote.rates, usage).map(|(tokens, rate)| tokens == 0 || rate.is_some());
        let factor = self.modifiers(&quote, usage).into_iter().fold(Factor::ONE, |all, (_, one)| all.times(one));
        let [input, output, write_5m, write_1h, read] = classes(quote.rates, usage)
            .map(|(tokens, rate)| u128::from(tokens) * u128::from(rate.map_or(0, |rate| rate.0)));
        let searches = u128::from(usage.web_search_requests) * u128::from(self.web_search.0);
        let weights = [read, write_5m + write_1h, input, output].map(|cost| factor.of_rounded_half_up(cost));
        let weights: Vec<i64> =
            weights.into_iter().chain([searches]).map(i64::try_from).collect::<Result<_, _>>().ok()?;
        if weights.iter().all(|weight| *weight == 0) && amount.0 != 0 {
            return None;
        }
        let parts = divide(amount.0, &weights);
        let part = |index: usize, is_known: bool| is_known.then(|| PicoUsd(parts[index]));
        Some([part(0, knows_read), part(1, knows_5m && knows_1h), part(2, true)])
    }
}

#[cfg(test)]
mod tests {
    use argus_model::{Cost, CostBasis, Timestamp};

    use super::*;
    use crate::pricing::{OwnPrice, OwnPrices, OwnRates, OwnTerms};

    const AT: Timestamp = Timestamp::from_micros(1_795_330_800_000_000);

    fn record(usage: Usage, reported: Option<i64>) -> UsageRecord {
        let model = "claude-opus-4-5-20251101".to_owned();
        let list = PriceTable::built_in().price(&model, &usage, AT);
        let cost = match reported {
            Some(amount) => Cost { amount: Some(PicoUsd(amount)), basis: CostBasis::Reported },
            None => list,
        };
        UsageRecord { output_tokens: usage.output_tokens, is_reported: reported.is_some(), at: AT, usage, model, cost }
    }

    fn usage() -> Usage {
        Usage {
            input_tokens: 7,
            output_tokens: 100,
            cache_write_5m_tokens: 1_000,
            cache_write_1h_tokens: 500,
            cache_read_tokens: 20_000,
            ..Usage::default()
        }
    }

    #[test]
    fn a_prompt_costs_what_its_tokens_cost_at_their_rates() {
        let prompt = PriceTable::built_in().prompt_of(&record(usage(), None), true);
        // $5 per million: a tenth of it for reads, 1.25 and 2 times for writes.
        let cost = |band: Band| (band.tokens, band.cost);
        assert_eq!(cost(prompt.read), (20_000, Some(PicoUsd(20_000 * 500_000))));
        assert_eq!(cost(prompt.written), (1_500, Some(PicoUsd(1_000 * 6_250_000 + 500 * 10_000_000))));
        assert_eq!(cost(prompt.uncached), (7, Some(PicoUsd(7 * 5_000_000))));
        assert_eq!(prompt.output_tokens, Some(100));
        assert_eq!(PriceTable::built_in().prompt_of(&record(usage(), None), false).output_tokens, None);
    }

    #[test]
    fn what_claude_code_reported_is_divided_as_the_list_would_be() {
        let list = record(usage(), None);
        let whole = list.cost.amount.unwrap().0;
        let half = PriceTable::built_in().prompt_of(&record(usage(), Some(whole / 2)), true);
        assert_eq!(half.read.cost, Some(PicoUsd(20_000 * 250_000)));
        let unpriced = UsageRecord { model: "somebody-elses".to_owned(), ..record(usage(), Some(whole)) };
        let prompt = PriceTable::built_in().prompt_of(&unpriced, true);
        assert_eq!((prompt.read.tokens, prompt.read.cost), (20_000, None), "unknown is not zero");
    }

    #[test]
    fn a_miss_costs_the_difference_between_writing_and_reading() {
        let table = PriceTable::built_in();
        let of = |missed| table.cost_of_miss(&record(usage(), None), missed).unwrap().0;
        assert_eq!(of(0), 0);
        assert_eq!(of(500), 500 * (10_000_000 - 500_000));
        assert_eq!(of(600), 500 * 9_500_000 + 100 * 5_750_000);
        // More than was paid for otherwise cannot have been missed.
        assert_eq!(of(u64::MAX), of(1_507));
        let whole = record(usage(), None).cost.amount.unwrap().0;
        let reported = table.cost_of_miss(&record(usage(), Some(whole / 2)), 500).unwrap().0;
        assert_eq!(reported, of(500) / 2, "as much less as Claude Code reported less");
    }

    #[test]
    fn tokens_without_a_rate_have_no_cost_and_do_not_change_that_of_others() {
        let model = "house-model".to_owned();
        let terms = OwnTerms::Rates(OwnRates::parse("5", "25", [None; 3]).unwrap());
        let mut own = OwnPrices::default();
        own.add(OwnPrice { model: model.clone(), from: None, to: None, terms, source: None }).unwrap();
        let table = PriceTable::built_in().with_own(&own);
        let cost = table.price(&model, &usage(), AT);
        let record = UsageRecord { model, cost, ..record(usage(), None) };
        let prompt = table.prompt_of(&record, true);
        assert_eq!((prompt.read.tokens, prompt.read.cost, prompt.written.cost), (20_000, None, None));
        assert_eq!(prompt.uncached.cost, Some(PicoUsd(7 * 5_000_000)));
    }
}
