//! A person's own prices: what they pay where that is not the list price.
//!
//! An entry is about one model, as clients write it, or about every model (`*`), over some days (UTC, both ends
//! included). It gives rates of its own or multiplies what the list says. Of several that hold on a day the one that
//! names the model counts; two of one model never hold on the same day.

use std::collections::HashMap;

use argus_model::Timestamp;
use jiff::civil::Date;

use super::model_id;
use super::rate::{Factor, PicoPerToken, decimal_text};
use super::table::{PriceTable, Rates, Row, start_of};

/// What stands for every model.
const EVERY_MODEL: &str = "*";

/// One entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnPrice {
    /// The model, or `*`.
    pub model: String,
    /// Its first day, UTC; without one it holds from the beginning.
    pub from: Option<Date>,
    /// Its last day.
    pub to: Option<Date>,
    /// What is paid.
    pub terms: OwnTerms,
    /// Where the price comes from, in the person's words.
    pub source: Option<String>,
}

/// What is paid instead of the list price.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnTerms {
    /// So much.
    Rates(OwnRates),
    /// The list price times this.
    Multiplier(Factor),
}

/// Pico-dollars a token. A rate that is left out is unknown: a request that has such tokens is *incomplete*.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OwnRates {
    input: PicoPerToken,
    output: PicoPerToken,
    cache_write_5m: Option<PicoPerToken>,
    cache_write_1h: Option<PicoPerToken>,
    cache_read: Option<PicoPerToken>,
}

impl OwnRates {
    /// From dollars per million tokens, as they are written: input, output, cache written for five minutes, for an hour,
    /// cache read. The name of the one that cannot be read otherwise.
    pub fn parse(input: &str, output: &str, cache: [Option<&str>; 3]) -> Result<Self, &'static str> {
        let optional = |text: Option<&str>, name| match text {
            None => Ok(None),
            Some(text) => PicoPerToken::parse(text).map(Some).ok_or(name),
        };
        Ok(Self {
            input: PicoPerToken::parse(input).ok_or("input")?,
            output: PicoPerToken::parse(output).ok_or("output")?,
            cache_write_5m: optional(cache[0], "cache_write_5m")?,
            cache_write_1h: optional(cache[1], "cache_write_1h")?,
            cache_read: optional(cache[2], "cache_read")?,
        })
    }

    /// Dollars per million tokens, by the names of the file.
    pub fn texts(&self) -> [(&'static str, Option<String>); 5] {
        let text = |rate: PicoPerToken| decimal_text(rate.0, 6);
        [
            ("input", Some(text(self.input))),
            ("output", Some(text(self.output))),
            ("cache_write_5m", self.cache_write_5m.map(text)),
            ("cache_write_1h", self.cache_write_1h.map(text)),
            ("cache_read", self.cache_read.map(text)),
        ]
    }

    pub(super) fn of(rates: &Rates) -> Self {
        Self {
            input: rates.input,
            output: rates.output,
            cache_write_5m: rates.cache_write_5m,
            cache_write_1h: rates.cache_write_1h,
            cache_read: rates.cache_read,
        }
    }
}

/// All entries; no two of one model hold on the same day.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnPrices(Vec<OwnPrice>);

impl OwnPrices {
    /// Takes one in; what it says otherwise that an earlier one of the same model says already.
    pub fn add(&mut self, price: OwnPrice) -> Result<(), String> {
        if let (Some(from), Some(to)) = (price.from, price.to)
            && to < from
        {
            return Err(format!("its last day {to} is before its first day {from}"));
        }
        let ends_before = |a: &OwnPrice, b: &OwnPrice| matches!((a.to, b.from), (Some(to), Some(from)) if to < from);
        let is_apart = |other: &OwnPrice| ends_before(other, &price) || ends_before(&price, other);
        if self.0.iter().any(|other| other.model == price.model && !is_apart(other)) {
            return Err("another entry of the same model holds on some of these days".to_owned());
        }
        self.0.push(price);
        Ok(())
    }

    /// In the order of the file.
    pub fn list(&self) -> &[OwnPrice] {
        &self.0
    }
}

/// An entry with its times.
#[derive(Clone, Debug)]
pub(super) struct OwnRow {
    starts_at: Option<Timestamp>,
    ends_before: Option<Timestamp>,
    terms: Terms,
}

#[derive(Clone, Debug)]
enum Terms {
    Rates(Box<Row>),
    Multiplier(Factor),
}

impl PriceTable {
    /// The same list, with a person's own prices before it.
    pub fn with_own(&self, own: &OwnPrices) -> Self {
        let mut rows = HashMap::<String, Vec<OwnRow>>::new();
        for price in own.list() {
            rows.entry(price.model.clone()).or_default().push(price.to_row());
        }
        let mut table = self.clone();
        table.own = rows;
        table
    }

    /// What a person's own prices say of a model: rates in the place of the list's row, and a multiplier.
    pub(super) fn own_terms(&self, model: &str, at: Timestamp) -> (Option<&Row>, Factor) {
        if self.own.is_empty() {
            return (None, Factor::ONE);
        }
        let of_id = |id: &str| self.own.get(id).map(Vec::as_slice);
        let named = model_id::find(model, of_id).and_then(|found| found.rows.iter().find(|row| row.holds_at(at)));
        let row = named.or_else(|| of_id(EVERY_MODEL)?.iter().find(|row| row.holds_at(at)));
        match row.map(|row| &row.terms) {
            Some(Terms::Rates(row)) => (Some(row), Factor::ONE),
            Some(Terms::Multiplier(factor)) => (None, *factor),
            None => (None, Factor::ONE),
        }
    }

    /// The list, by model and then by time.
    pub fn list(&self) -> Vec<OwnPrice> {
        let mut prices: Vec<OwnPrice> =
            self.ids().flat_map(|id| self.rows(id).unwrap_or_default().iter().map(|row| row.to_price(id))).collect();
        prices.sort_by(|a, b| (&a.model, a.from).cmp(&(&b.model, b.from)));
        prices
    }
}

impl OwnPrice {
    fn to_row(&self) -> OwnRow {
        let starts_at = self.from.and_then(|day| start_of(day).ok());
        let ends_before = self.to.and_then(|day| start_of(day.tomorrow().ok()?).ok());
        let terms = match self.terms {
            OwnTerms::Multiplier(factor) => Terms::Multiplier(factor),
            OwnTerms::Rates(rates) => Terms::Rates(Box::new(Row {
                source: Some("prices.toml".to_owned()),
                starts_at,
                ends_before,
                rates: Rates {
                    input: rates.input,
                    output: rates.output,
                    cache_write_5m: rates.cache_write_5m,
                    cache_write_1h: rates.cache_write_1h,
                    cache_read: rates.cache_read,
                },
                tier: None,
                fast: None,
                has_us_price: false,
                has_regional_price: false,
                context_window: None,
            })),
        };
        OwnRow { starts_at, ends_before, terms }
    }
}

impl Row {
    fn to_price(&self, id: &str) -> OwnPrice {
        let day = |at: Timestamp| {
            Some(jiff::Timestamp::from_microsecond(at.as_micros()).ok()?.to_zoned(jiff::tz::TimeZone::UTC).date())
        };
        OwnPrice {
            model: id.to_owned(),
            from: self.starts_at.and_then(day),
            to: self.ends_before.and_then(day).and_then(|day| day.yesterday().ok()),
            terms: OwnTerms::Rates(OwnRates::of(&self.rates)),
            source: None,
        }
    }
}

impl OwnRow {
    fn holds_at(&self, at: Timestamp) -> bool {
        self.starts_at.is_none_or(|start| start <= at) && self.ends_before.is_none_or(|end| at < end)
    }
}
