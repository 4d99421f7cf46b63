//! How the money of many requests came about: the lines of their prices, added up by what makes them alike.
//!
//! What must stay true: the lines sum to the money of the requests, to the last digit. So what a price table cannot say of
//! a request has a line of its own: what Claude Code reported beside the list price, or what another table had priced.

use std::collections::BTreeMap;

use argus_model::{CostBasis, PicoUsd, Timestamp, UsageRecord};

use super::{PriceExplanation, PriceTable};

/// What makes lines alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SumKey {
    /// The model that answered.
    pub model: String,
    /// From when on its price holds; `None` for as long as it is known.
    pub since: Option<Timestamp>,
    /// Where that price was read; `None` where it was not told, or there is no price.
    pub source: Option<String>,
    /// Kinds of tokens stand before modifiers, and what no table says last.
    place: u8,
    /// What it is for: a kind of token, a modifier, or what no table says.
    pub what: &'static str,
    /// The price of each.
    pub each: Option<PicoUsd>,
    /// What all before it is multiplied by.
    pub factor: Option<String>,
}

/// Lines that are alike, added up.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SumLine {
    /// Of how many requests.
    pub requests: u64,
    /// How many tokens, or searches; 0 where nothing is counted.
    pub count: u64,
    /// Their money.
    pub amount: PicoUsd,
}

/// The lines of many requests.
#[derive(Clone, Debug, Default)]
pub struct PriceSums {
    /// In order of models, prices, and of the lines of one price.
    pub lines: BTreeMap<SumKey, SumLine>,
    /// How many requests.
    pub requests: u64,
    /// Their money, as far as it is known.
    pub total: PicoUsd,
    /// How sure that is; `None` without any request.
    pub basis: Option<CostBasis>,
    /// Requests without a price: in no line.
    pub unpriced_requests: u64,
}

impl PriceSums {
    /// Adds a request, explained by the table that it was priced by, if that can be told.
    pub fn add(&mut self, record: &UsageRecord, now: &PriceTable) {
        self.requests += 1;
        self.basis = Some(self.basis.map_or(record.cost.basis, |basis| basis.with(record.cost.basis)));
        let Some(amount) = record.cost.amount else {
            self.unpriced_requests += 1;
            return;
        };
        self.total.0 = self.total.0.saturating_add(amount.0);
        let Some(found) = now.explain_stored(record) else {
            let word = if record.is_reported {
                "reported by Claude Code, no price known"
            } else {
                "the client’s own message"
            };
            let key = SumKey {
                model: record.model.clone(),
                since: None,
                source: None,
                place: 2,
                what: word,
                each: None,
                factor: None,
            };
            if amount.0 != 0 {
                self.put(key, 0, amount);
            }
            return;
        };
        let key = |place: u8, what: &'static str| SumKey {
            model: record.model.clone(),
            since: found.starts_at,
            source: found.source.clone(),
            place,
            what,
            each: None,
            factor: None,
        };
        let explained = found.cost.amount.unwrap_or_default();
        for line in &found.lines {
            let place = u8::from(line.factor.is_some());
            let key = SumKey { each: line.each, factor: line.factor.clone(), ..key(place, line.what) };
            self.put(key, line.count.unwrap_or(0), line.amount);
        }
        let rest = PicoUsd(amount.0.saturating_sub(explained.0));
        if rest.0 != 0 {
            let word =
                if record.is_reported { "reported instead of the list price" } else { "priced by another table" };
            self.put(key(2, word), 0, rest);
        }
    }

    fn put(&mut self, key: SumKey, count: u64, amount: PicoUsd) {
        let line = self.lines.entry(key).or_default();
        line.requests += 1;
        line.count = line.count.saturating_add(count);
        line.amount.0 = line.amount.0.saturating_add(amount.0);
    }
}

impl PriceTable {
    /// How the price of a stored request comes about: by this table, or by the list alone where that is what it was priced
    /// by. `None` where neither knows the model.
    pub fn explain_stored(&self, record: &UsageRecord) -> Option<PriceExplanation> {
        let explain = |table: &PriceTable| table.explain(&record.model, &record.usage, record.at);
        let is_it = |found: &PriceExplanation| found.cost.amount == record.cost.amount;
        match (explain(self), explain(PriceTable::built_in())) {
            (Some(now), Some(list)) if !is_it(&now) && is_it(&list) => Some(list),
            (now, list) => now.or(list),
        }
    }
}

#[cfg(test)]
mod tests {
    use argus_model::{Cost, Speed, Usage};

    use super::*;

    const AT: Timestamp = Timestamp::from_micros(1_795_330_800_000_000);

    fn record(model: &str, usage: Usage, reported: Option<i64>) -> UsageRecord {
        let list = PriceTable::built_in().price(model, &usage, AT);
        let cost = match reported {
            Some(amount) => Cost { amount: Some(PicoUsd(amount)), basis: CostBasis::Reported },
            None => list,
        };
        let model = model.to_owned();
        UsageRecord { output_tokens: usage.output_tokens, is_reported: reported.is_some(), at: AT, usage, model, cost }
    }

    fn usage(seed: u64) -> Usage {
        Usage {
            input_tokens: seed % 97,
            output_tokens: seed % 1_009,
            cache_write_5m_tokens: seed % 5_003,
            cache_write_1h_tokens: seed % 211,
            cache_read_tokens: seed % 90_001,
            web_search_requests: seed % 3,
            speed: if seed.is_multiple_of(5) { Speed::Fast } else { Speed::Standard },
            ..Usage::default()
        }
    }

    #[test]
    fn lines_sum_to_the_money_to_the_last_digit_whatever_it_was_priced_by() {
        let models = [
            "claude-opus-4-5-20251101",
            "claude-opus-4-6",
            "claude-haiku-4-5-20251001",
            "somebody-elses",
            "<synthetic>",
        ];
        let (mut sums, mut seed, mut all) = (PriceSums::default(), 88_172_645_463_325_252_u64, 0_i64);
        for at in 0..2_000 {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            let reported = (seed % 4 == 0).then_some((seed >> 20) as i64 % 1_000_000_007);
            let mut one = record(models[at % models.len()], usage(seed), reported);
            if seed % 11 == 0 && one.cost.amount.is_some() {
                // Priced by a table that is not there any more.
                one.cost.amount = Some(PicoUsd(one.cost.amount.unwrap().0 / 3));
            }
            all += one.cost.amount.unwrap_or_default().0;
            sums.add(&one, PriceTable::built_in());
        }
        assert_eq!((sums.requests, sums.total.0), (2_000, all));
        assert_eq!(sums.lines.values().map(|line| line.amount.0).sum::<i64>(), all);
        assert!(sums.unpriced_requests > 0 && sums.basis == Some(CostBasis::Incomplete));
        assert!(sums.lines.len() < 80, "{}", sums.lines.len());
    }

    #[test]
    fn requests_at_one_rate_make_one_line_with_all_their_tokens() {
        let mut sums = PriceSums::default();
        for _ in 0..3 {
            let usage = Usage { input_tokens: 10, output_tokens: 2, ..Usage::default() };
            sums.add(&record("claude-opus-4-5-20251101", usage, None), PriceTable::built_in());
        }
        let lines: Vec<_> =
            sums.lines.iter().map(|(key, line)| (key.what, line.requests, line.count, line.amount.0)).collect();
        assert_eq!(lines, [("input", 3, 30, 150_000_000), ("output", 3, 6, 150_000_000)]);
        assert_eq!(sums.basis, Some(CostBasis::Priced));
    }
}
