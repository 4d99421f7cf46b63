//! The price file: what it says, and the rows that pricing looks at.
//!
//! What must stay true: the rows of a model stand in the order of their start and do not overlap. A row without a
//! start covers all the time before the next. Days are UTC, and a listed end is the last day of its row.

use std::collections::{HashMap, HashSet};

use argus_model::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::Deserialize;
use serde::de::Error as _;

use super::own::OwnRow;
use super::rate::{Factor, PicoEach, PicoPerToken};

/// List prices by model and day.
#[derive(Clone, Debug)]
pub struct PriceTable {
    rows: HashMap<String, Vec<Row>>,
    pub(super) own: HashMap<String, Vec<OwnRow>>,
    pub(super) batch: Factor,
    pub(super) us: Factor,
    pub(super) regional: Factor,
    pub(super) web_search: PicoEach,
    /// The day on which it was made.
    pub(super) made: String,
}

/// The prices of one model over one stretch of time.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) starts_at: Option<Timestamp>,
    pub(super) ends_before: Option<Timestamp>,
    pub(super) rates: Rates,
    pub(super) tier: Option<Tier>,
    pub(super) fast: Option<FastPrice>,
    pub(super) has_us_price: bool,
    pub(super) has_regional_price: bool,
    /// Where it was read.
    pub(super) source: Option<String>,
    /// How long a prompt the model takes.
    pub(super) context_window: Option<u64>,
}

#[derive(Clone, Debug)]
pub(super) struct Rates {
    pub(super) input: PicoPerToken,
    pub(super) output: PicoPerToken,
    pub(super) cache_write_5m: Option<PicoPerToken>,
    pub(super) cache_write_1h: Option<PicoPerToken>,
    pub(super) cache_read: Option<PicoPerToken>,
}

#[derive(Clone, Debug)]
pub(super) struct Tier {
    above_prompt_tokens: u64,
    /// Only where the model was asked for with its long context; otherwise such a prompt is no sign of it.
    only_if_asked: bool,
    rates: Rates,
}

#[derive(Clone, Debug)]
pub(super) struct FastPrice {
    pub(super) factor: Factor,
    pub(super) ends_before: Option<Timestamp>,
    /// After its end a request that asks for fast runs and costs as standard, rather than being refused.
    pub(super) then_standard: bool,
}

impl Row {
    /// The rates for a request whose whole prompt has this many tokens.
    pub(super) fn rates_for(&self, asks_long_context: bool, prompt_tokens: u128) -> &Rates {
        match &self.tier {
            Some(tier) if tier.only_if_asked && !asks_long_context => &self.rates,
            Some(tier) if prompt_tokens > u128::from(tier.above_prompt_tokens) => &tier.rates,
            _ => &self.rates,
        }
    }
}

impl PriceTable {
    pub(super) fn rows(&self, id: &str) -> Option<&[Row]> {
        self.rows.get(id).map(Vec::as_slice)
    }

    /// The models of the list.
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.rows.keys().map(String::as_str)
    }

    /// Reads a price file.
    pub(super) fn from_json(json: &str) -> Result<Self, serde_json::Error> {
        let file: wire::PriceFile<'_> = serde_json::from_str(json)?;
        let us_ids: HashSet<&str> = file.modifiers.inference_geo_us.ids.iter().copied().collect();
        let regional_ids: HashSet<&str> = file.modifiers.bedrock_vertex_regional.ids.iter().copied().collect();
        let mut rows: HashMap<String, Vec<Row>> = HashMap::new();
        for listed in &file.first_party {
            for &id in &listed.ids {
                let mut row = listed.to_row()?;
                row.has_us_price = us_ids.contains(id);
                row.has_regional_price = regional_ids.contains(id);
                rows.entry(id.to_owned()).or_default().push(row);
            }
        }
        for (id, rows) in &mut rows {
            rows.sort_by_key(|row| row.starts_at);
            let apart = |pair: &[Row]| pair[0].ends_before.is_some() && pair[0].ends_before <= pair[1].starts_at;
            if !rows.windows(2).all(apart) {
                return Err(serde_json::Error::custom(format!("prices of {id} overlap")));
            }
        }
        Ok(Self {
            rows,
            own: HashMap::new(),
            batch: file.modifiers.batch.multiplier,
            us: file.modifiers.inference_geo_us.multiplier,
            regional: file.modifiers.bedrock_vertex_regional.multiplier,
            web_search: file.modifiers.web_search.usd_per_use,
            made: file.meta.map(|meta| meta.made.to_owned()).unwrap_or_default(),
        })
    }
}

/// When a UTC day begins.
pub(super) fn start_of(day: Date) -> Result<Timestamp, jiff::Error> {
    Ok(Timestamp::from_micros(day.to_zoned(TimeZone::UTC)?.timestamp().as_microsecond()))
}

/// The file as it is written; only what pricing needs.
mod wire {
    use super::*;

    #[derive(Deserialize)]
    pub(super) struct PriceFile<'f> {
        #[serde(borrow, rename = "_meta")]
        pub(super) meta: Option<Meta<'f>>,
        #[serde(borrow)]
        pub(super) modifiers: Modifiers<'f>,
        #[serde(borrow)]
        pub(super) first_party: Vec<Listed<'f>>,
    }

    #[derive(Deserialize)]
    pub(super) struct Meta<'f> {
        pub(super) made: &'f str,
    }

    #[derive(Deserialize)]
    pub(super) struct Modifiers<'f> {
        pub(super) batch: Multiplier,
        #[serde(borrow)]
        pub(super) inference_geo_us: MultiplierOf<'f>,
        #[serde(borrow)]
        pub(super) bedrock_vertex_regional: MultiplierOf<'f>,
        pub(super) web_search: Each,
    }

    #[derive(Deserialize)]
    pub(super) struct Multiplier {
        pub(super) multiplier: Factor,
    }

    #[derive(Deserialize)]
    pub(super) struct MultiplierOf<'f> {
        pub(super) multiplier: Factor,
        #[serde(borrow)]
        pub(super) ids: Vec<&'f str>,
    }

    #[derive(Deserialize)]
    pub(super) struct Each {
        pub(super) usd_per_use: PicoEach,
    }

    #[derive(Deserialize)]
    pub(super) struct Listed<'f> {
        #[serde(borrow)]
        pub(super) ids: Vec<&'f str>,
        input: PicoPerToken,
        output: PicoPerToken,
        cache_write_5m: PicoPerToken,
        cache_write_1h: PicoPerToken,
        cache_read: PicoPerToken,
        effective_from: Option<&'f str>,
        effective_to: Option<&'f str>,
        context_window: Option<u64>,
        fast: Option<ListedFast<'f>>,
        #[serde(default)]
        sources: Vec<String>,
        #[serde(default)]
        #[serde(borrow)]
        tiers: Vec<ListedTier<'f>>,
    }

    #[derive(Deserialize)]
    struct ListedFast<'f> {
        multiplier: Factor,
        until: Option<&'f str>,
        after: Option<&'f str>,
    }

    #[derive(Clone, Deserialize)]
    struct ListedTier<'f> {
        above_prompt_tokens: u64,
        only_with: Option<&'f str>,
        input: PicoPerToken,
        output: PicoPerToken,
        cache_write_5m: PicoPerToken,
        cache_write_1h: PicoPerToken,
        cache_read: PicoPerToken,
    }

    impl Listed<'_> {
        pub(super) fn to_row(&self) -> Result<Row, serde_json::Error> {
            if self.tiers.len() > 1 {
                return Err(serde_json::Error::custom("more than one tier"));
            }
            let fast = self.fast.as_ref().map(|fast| {
                let ends_before = fast.until.map(day_after).transpose()?;
                let then_standard = fast.after == Some("standard");
                Ok::<_, serde_json::Error>(FastPrice { factor: fast.multiplier, ends_before, then_standard })
            });
            let tier = self.tiers.first().map(|tier| Tier {
                above_prompt_tokens: tier.above_prompt_tokens,
                only_if_asked: tier.only_with.is_some(),
                rates: Rates {
                    input: tier.input,
                    output: tier.output,
                    cache_write_5m: Some(tier.cache_write_5m),
                    cache_write_1h: Some(tier.cache_write_1h),
                    cache_read: Some(tier.cache_read),
                },
            });
            Ok(Row {
                starts_at: self.effective_from.map(|day| start_of(parse_day(day)?)).transpose()?,
                ends_before: self.effective_to.map(day_after).transpose()?,
                rates: Rates {
                    input: self.input,
                    output: self.output,
                    cache_write_5m: Some(self.cache_write_5m),
                    cache_write_1h: Some(self.cache_write_1h),
                    cache_read: Some(self.cache_read),
                },
                tier,
                fast: fast.transpose()?,
                has_us_price: false,
                has_regional_price: false,
                source: self.sources.first().cloned(),
                context_window: self.context_window,
            })
        }
    }

    fn parse_day(text: &str) -> Result<Date, serde_json::Error> {
        text.parse().map_err(serde_json::Error::custom)
    }

    fn day_after(text: &str) -> Result<Timestamp, serde_json::Error> {
        start_of(parse_day(text)?.tomorrow().map_err(serde_json::Error::custom)?)
    }

    fn start_of(day: Date) -> Result<Timestamp, serde_json::Error> {
        super::start_of(day).map_err(serde_json::Error::custom)
    }
}
