//! `cost-state`: Claude Code's own totals at the end of a run.
//!
//! A statement that cannot be read whole is none: half of it would pass for the whole of what was reported.

use std::borrow::Cow;
use std::collections::BTreeMap;

use argus_model::{CostStatement, Counted, PicoUsd, SessionId, Timestamp};
use serde_json::value::RawValue;

use super::Context;
use crate::claude::dollars::picousd;
use crate::claude::wire::{LONGEST_NAME_BYTES, Line, ModelUsage};

/// Real ones name a handful.
const MOST_MODELS: usize = 64;
/// No count is larger; sums of them stay far from the end of an `i64`.
const LARGEST: u64 = 1 << 50;

impl Context<'_, '_> {
    pub(super) fn cost_state(&mut self) {
        if !self.agent.is_main() {
            return;
        }
        let Some((opened_at, runs_ms, total, models)) = read(self.line) else { return };
        let copied_from = self.reading.copied_from.as_ref();
        let statement = CostStatement {
            session_id: self.session.clone(),
            opened_at,
            runs_ms,
            at: self.at,
            forked_from: copied_from.map(|(session, _)| SessionId::new(session.as_str())),
            copied_until: copied_from.map(|(_, micros)| Timestamp::from_micros(*micros)),
            has_unknown_model: self.line.has_unknown_model_cost.is_some_and(|flag| flag.get() == "true"),
            total,
            models,
        };
        self.fold.statement(statement);
    }
}

type Parts = (Timestamp, i64, PicoUsd, BTreeMap<String, Counted>);

fn read(line: &Line<'_>) -> Option<Parts> {
    let number =
        |raw: Option<&RawValue>| raw?.get().parse::<u64>().ok().filter(|ms| *ms < LARGEST).map(u64::cast_signed);
    let opened_at = Timestamp::from_micros(number(line.start_time)?.saturating_mul(1_000));
    let total = picousd(line.total_cost_usd?.get().parse().ok()?)?;
    let usage: BTreeMap<Cow<'_, str>, ModelUsage> = serde_json::from_str(line.model_usage?.get()).ok()?;
    if usage.len() > MOST_MODELS || usage.keys().any(|model| model.is_empty() || model.len() > LONGEST_NAME_BYTES) {
        return None;
    }
    let mut models: BTreeMap<String, Counted> = BTreeMap::new();
    for (model, used) in &usage {
        // An answer names the model without the context that was asked for.
        let name = model.strip_suffix("[1m]").unwrap_or(model);
        models.entry(name.to_owned()).or_default().add(&counted(used)?, 1);
    }
    Some((opened_at, number(line.total_duration)?, total, models))
}

fn counted(used: &ModelUsage) -> Option<Counted> {
    let count = |tokens: u64| (tokens < LARGEST).then_some(tokens.cast_signed());
    Some(Counted {
        cost: picousd(used.cost_usd)?,
        input_tokens: count(used.input_tokens)?,
        output_tokens: count(used.output_tokens)?,
        cache_write_tokens: count(used.cache_creation_input_tokens)?,
        cache_read_tokens: count(used.cache_read_input_tokens)?,
        web_search_requests: count(used.web_search_requests)?,
    })
}
