//! What a thread's context cost: how it grew, what the cache missed, and what each tool result cost on its way.
//!
//! Built when somebody asks, from the requests of one thread: nothing of it is stored, so nothing of it can be old.
//! Start with [`ThreadContext::of`].

use std::collections::BTreeMap;

use argus_model::record::{ContextArrival, ContextStep};
use argus_model::{
    AgentId, Arrival, Carry, CarryStep, CostBasis, MessageId, PicoUsd, SessionId, Timestamp, UsageRecord, carry,
};
use argus_store::{Reader, StoreError};

use crate::pricing::PriceTable;

/// Fewer tokens than this are not called a miss: the smallest piece that the API caches has as many.
const LEAST_MISS: u64 = 1_024;
/// How long the short and the long cache live.
const SHORT_MS: i64 = 5 * 60_000;
const LONG_MS: i64 = 60 * 60_000;

/// One thread's context, request by request.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ThreadContext {
    /// Each request of which the usage is known, in order.
    pub points: Vec<ContextPoint>,
    /// Each tool result, in order.
    pub results: Vec<CarriedResult>,
    /// The input side of all priced requests.
    pub input: PicoUsd,
    /// Of it, what no result is known to have cost.
    pub rest: PicoUsd,
    /// Requests whose input side has no known price: in none of the figures.
    pub unknown_requests: u32,
    /// How sure the money is: as the weakest amount that was divided; a lower bound with unknown ones. `None` without any.
    pub basis: Option<CostBasis>,
}

/// The contexts of all agents of a session that made requests; `None` if there is no such session.
pub fn list_threads(
    reader: &Reader,
    session_id: &SessionId,
    prices: &PriceTable,
) -> Result<Option<Vec<(AgentId, ThreadContext)>>, StoreError> {
    let Some(contexts) = reader.list_contexts(session_id)? else { return Ok(None) };
    let threads = contexts.into_iter().map(|(agent, steps)| (agent, ThreadContext::of(steps, prices)));
    Ok(Some(threads.collect()))
}

/// The prompt of one request.
#[derive(Clone, Debug, PartialEq)]
pub struct ContextPoint {
    /// Its message.
    pub message_id: MessageId,
    /// When it was answered.
    pub at: Timestamp,
    /// Tokens read from the cache.
    pub read_tokens: u64,
    /// Tokens written to it.
    pub written_tokens: u64,
    /// Tokens that were neither.
    pub uncached_tokens: u64,
    /// How many tokens its model takes; `None` where that is not known.
    pub window_tokens: Option<u64>,
    /// The context was replaced before it.
    pub is_compacted: bool,
    /// What the cache held of it, and did not give.
    pub miss: Option<CacheMiss>,
}

/// A part of the context that was in the cache and had to be paid again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CacheMiss {
    /// Why.
    pub reason: MissReason,
    /// Its tokens.
    pub tokens: u64,
    /// What it cost beyond reading it; `None` where no price is known.
    pub cost: Option<PicoUsd>,
    /// How long nothing was asked before.
    pub idle_ms: i64,
}

/// Why the cache did not give what it had held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum MissReason {
    /// It had run out: nothing was asked for longer than it lives.
    Expired,
    /// Another model was asked, which has a cache of its own.
    ModelChanged,
    /// An earlier part of the prompt was not the same any more.
    PromptChanged,
}

/// A tool result with what it cost.
#[derive(Clone, Debug, PartialEq)]
pub struct CarriedResult {
    /// The call.
    pub call: ContextArrival,
    /// What it cost.
    pub carry: Carry,
}

/// What the results of one tool cost.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ToolCarry {
    /// How many results.
    pub results: u64,
    /// How many of them have no known tokens.
    pub unknown_results: u64,
    /// Tokens of the others.
    pub tokens: u64,
    /// What the requests that first saw them paid for them.
    pub entry: PicoUsd,
    /// What later requests paid.
    pub carried: PicoUsd,
}

impl ContextPoint {
    /// All tokens of the prompt.
    pub fn prompt_tokens(&self) -> u64 {
        self.read_tokens + self.written_tokens + self.uncached_tokens
    }
}

impl ThreadContext {
    /// Of a thread's requests, in their order.
    pub fn of(steps: Vec<ContextStep>, prices: &PriceTable) -> Self {
        let mut taken: Vec<CarryStep> = Vec::with_capacity(steps.len());
        let (mut points, mut calls) = (Vec::new(), Vec::new());
        let mut before: Option<UsageRecord> = None;
        let (mut arrivals, mut is_replaced) = (Vec::new(), false);
        let mut basis: Option<CostBasis> = None;
        for step in steps {
            arrivals.extend(step.arrivals);
            is_replaced |= step.is_compacted;
            // The client's own messages, which no model wrote, had no prompt.
            if step.usage.as_ref().is_some_and(|record| record.usage.prompt_tokens() == 0) {
                continue;
            }
            let prompt = step.usage.as_ref().map(|record| prices.prompt_of(record, step.is_final));
            if let (Some(record), true) = (&step.usage, prompt.is_some_and(|prompt| prompt.cost().is_some())) {
                // An answer that is not known whole makes the prompt no less known.
                let one = if record.is_reported { CostBasis::Reported } else { CostBasis::Priced };
                basis = Some(basis.map_or(one, |basis| basis.with(one)));
            }
            let came = arrivals.iter().map(|arrival: &ContextArrival| match arrival.is_result {
                true => Arrival::Result(arrival.size_bytes),
                false => Arrival::Other(arrival.size_bytes),
            });
            taken.push(CarryStep { arrivals: came.collect(), prompt, is_replaced });
            calls.extend(arrivals.drain(..).filter(|arrival| arrival.is_result));
            if let Some(record) = step.usage {
                points.push(ContextPoint {
                    message_id: step.message_id,
                    at: step.at,
                    read_tokens: record.usage.cache_read_tokens,
                    written_tokens: record.usage.cache_write_5m_tokens + record.usage.cache_write_1h_tokens,
                    uncached_tokens: record.usage.input_tokens,
                    window_tokens: prices.context_window(&record),
                    is_compacted: is_replaced,
                    miss: before.as_ref().filter(|_| !is_replaced).and_then(|old| find_miss(old, &record, prices)),
                });
                before = Some(record);
            }
            is_replaced = false;
        }
        let thread = carry(&taken);
        let input = taken.iter().filter_map(|step| step.prompt?.cost()).map(|cost| cost.0).sum();
        let results = calls.into_iter().zip(thread.results).map(|(call, carry)| CarriedResult { call, carry });
        Self {
            points,
            results: results.collect(),
            input: PicoUsd(input),
            rest: thread.rest,
            unknown_requests: thread.unknown_requests,
            basis: basis.map(|basis| if thread.unknown_requests > 0 { CostBasis::Incomplete } else { basis }),
        }
    }
}

/// What each tool's results cost.
pub fn by_tool<'a>(results: impl IntoIterator<Item = &'a CarriedResult>) -> BTreeMap<String, ToolCarry> {
    let mut tools = BTreeMap::<String, ToolCarry>::new();
    for CarriedResult { call, carry } in results {
        let tool = tools.entry(call.tool_name.clone().unwrap_or_default()).or_default();
        tool.results += 1;
        tool.unknown_results += u64::from(carry.tokens.is_none());
        tool.tokens += carry.tokens.unwrap_or(0);
        tool.entry.0 += carry.entry.unwrap_or_default().0;
        tool.carried.0 += carry.carried.unwrap_or_default().0;
    }
    tools
}

impl CarriedResult {
    /// All that it cost, as far as known.
    pub fn cost(&self) -> Option<PicoUsd> {
        match (self.carry.entry, self.carry.carried) {
            (None, None) => None,
            (entry, carried) => Some(PicoUsd(entry.unwrap_or_default().0 + carried.unwrap_or_default().0)),
        }
    }
}

/// What the request before had in the cache and this one did not get from there.
fn find_miss(before: &UsageRecord, next: &UsageRecord, prices: &PriceTable) -> Option<CacheMiss> {
    let held = before.usage.prompt_tokens() - before.usage.input_tokens;
    if next.usage.prompt_tokens() < held {
        // A shorter prompt is another context.
        return None;
    }
    let tokens = held.checked_sub(next.usage.cache_read_tokens).filter(|missed| *missed >= LEAST_MISS)?;
    let idle_ms = next.at.millis_since(before.at).max(0);
    let lives_ms = if before.usage.cache_write_1h_tokens > 0 { LONG_MS } else { SHORT_MS };
    let reason = if next.model != before.model {
        MissReason::ModelChanged
    } else if idle_ms > lives_ms {
        MissReason::Expired
    } else {
        MissReason::PromptChanged
    };
    Some(CacheMiss { reason, tokens, cost: prices.cost_of_miss(next, tokens), idle_ms })
}

#[cfg(test)]
mod tests {
    use argus_model::{Cost, Usage};

    use super::*;

    const MINUTE: i64 = 60_000_000;

    fn record(minute: i64, (read, written, uncached): (u64, u64, u64)) -> UsageRecord {
        let usage = Usage {
            input_tokens: uncached,
            output_tokens: 0,
            cache_write_5m_tokens: written,
            cache_read_tokens: read,
            ..Usage::default()
        };
        let at = Timestamp::from_micros(1_795_330_800_000_000 + minute * MINUTE);
        let model = "claude-opus-4-5-20251101".to_owned();
        let cost: Cost = PriceTable::built_in().price(&model, &usage, at);
        UsageRecord { output_tokens: 0, is_reported: false, at, usage, model, cost }
    }

    fn step(name: &str, record: UsageRecord, arrivals: &[&str]) -> ContextStep {
        let arrivals = arrivals.iter().map(|id| ContextArrival {
            event_id: (*id).to_owned(),
            tool_name: Some("Read".to_owned()),
            label: None,
            size_bytes: None,
            is_result: true,
        });
        ContextStep {
            message_id: name.into(),
            at: record.at,
            usage: Some(record),
            is_final: true,
            is_compacted: false,
            arrivals: arrivals.collect(),
        }
    }

    fn of(steps: Vec<ContextStep>) -> ThreadContext {
        ThreadContext::of(steps, PriceTable::built_in())
    }

    #[test]
    fn a_result_is_written_once_and_read_after() {
        let context = of(vec![
            step("a", record(0, (0, 10_000, 0)), &[]),
            step("b", record(1, (10_000, 4_000, 0)), &["s~toolu_1"]),
            step("c", record(2, (14_000, 1_000, 0)), &[]),
        ]);
        let [result] = context.results.as_slice() else { panic!("{context:?}") };
        assert_eq!(result.carry.tokens, Some(4_000));
        assert_eq!(result.carry.entry, Some(PicoUsd(4_000 * 6_250_000)));
        assert_eq!(result.carry.carried, Some(PicoUsd(4_000 * 500_000)));
        assert_eq!(by_tool(&context.results)["Read"].carried, PicoUsd(4_000 * 500_000));
        assert_eq!(context.rest.0 + result.cost().unwrap().0, context.input.0);
        assert!(context.points.iter().all(|point| point.miss.is_none()));
        assert_eq!(context.basis, Some(CostBasis::Priced));
    }

    #[test]
    fn a_pause_longer_than_the_cache_lives_is_a_miss_with_its_price() {
        let steps =
            |minute| vec![step("a", record(0, (0, 10_000, 0)), &[]), step("b", record(minute, (2_000, 9_000, 0)), &[])];
        let miss = |minute| of(steps(minute)).points[1].miss.unwrap();
        let cost = Some(PicoUsd(8_000 * (6_250_000 - 500_000)));
        assert_eq!(miss(6), CacheMiss { reason: MissReason::Expired, tokens: 8_000, cost, idle_ms: 360_000 });
        assert_eq!(miss(1).reason, MissReason::PromptChanged);
        let mut other = steps(6);
        other[1].usage.as_mut().unwrap().model = "claude-haiku-4-5-20251001".to_owned();
        assert_eq!(of(other).points[1].miss.unwrap().reason, MissReason::ModelChanged);
    }

    #[test]
    fn after_a_compaction_nothing_is_missed_and_the_clients_own_messages_change_nothing() {
        let mut own = record(1, (0, 0, 0));
        own.model = "<synthetic>".to_owned();
        let mut compacted = step("c", record(2, (0, 9_000, 0)), &[]);
        compacted.is_compacted = true;
        let context = of(vec![
            step("a", record(0, (0, 10_000, 0)), &[]),
            step("own", own, &["s~toolu_1"]),
            step("b", record(1, (10_000, 500, 0)), &[]),
            compacted,
        ]);
        assert_eq!(context.points.iter().map(|point| point.is_compacted).collect::<Vec<_>>(), [false, false, true]);
        assert!(context.points.iter().all(|point| point.miss.is_none()));
        assert_eq!(context.results[0].carry.tokens, Some(500));
    }
}
