//! What a thread's context cost, or the contexts of all agents of a session.

use argus_ingest::context::{CarriedResult, ContextPoint, MissReason, ThreadContext, ToolCarry, by_tool};
use argus_model::{AgentId, CostBasis, PicoUsd};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Basis, Usd, Utc, agent_word};

/// Why the cache did not give what it had held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MissWord {
    /// Nothing was asked for longer than the cache lives.
    Expired,
    /// Another model was asked.
    ModelChanged,
    /// An earlier part of the prompt was not the same any more.
    PromptChanged,
}

/// A part of the context that was in the cache and had to be paid again.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Miss {
    /// Why.
    pub reason: MissWord,
    /// Its tokens.
    pub tokens: u64,
    /// What it cost beyond reading it; `null` where no price is known.
    pub cost_usd: Option<Usd>,
    /// How long nothing was asked before.
    pub idle_ms: i64,
}

/// The prompt of one request.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ContextRequest {
    /// `SESSION~KEY` of its step.
    pub event_id: String,
    /// When it was answered.
    pub at: Utc,
    /// All tokens of the prompt.
    pub prompt_tokens: u64,
    /// Of them, read from the cache.
    pub cache_read_tokens: u64,
    /// Written to the cache.
    pub cache_write_tokens: u64,
    /// Neither.
    pub input_tokens: u64,
    /// The context was replaced before it.
    pub is_compacted: bool,
    /// What the cache held of it, and did not give.
    pub miss: Option<Miss>,
}

/// A tool result with what it cost for as long as it stayed in the context. Tokens are known from the growth of the
/// prompt; several results between two requests divide it by their sizes.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CarriedOutput {
    /// `SESSION~KEY` of the call.
    pub event_id: String,
    /// Whose context it came into.
    pub agent_id: String,
    /// The tool.
    pub tool_name: Option<String>,
    /// What the call was about.
    pub label: Option<String>,
    /// Bytes of the result.
    pub output_bytes: Option<u64>,
    /// Its tokens; `null` where growth does not tell them.
    pub tokens: Option<u64>,
    /// What the request that first saw it paid.
    pub entry_usd: Option<Usd>,
    /// What the later requests paid, as far as known.
    pub carried_usd: Option<Usd>,
    /// Both.
    pub cost_usd: Option<Usd>,
    /// How sure that is; a lower bound where some later request paid an unknown amount.
    pub cost_basis: Option<Basis>,
    /// Later requests that paid a known amount.
    pub later_requests: u32,
    /// Later requests that paid an unknown one: the money is then a lower bound.
    pub missing_requests: u32,
}

/// What the results of one tool cost.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CarriedTool {
    /// The tool; empty where it is not known.
    pub tool_name: String,
    /// How many results.
    pub result_count: u64,
    /// How many of them have no known tokens: they are in none of the figures.
    pub unknown_count: u64,
    /// Tokens of the others.
    pub tokens: u64,
    /// What the requests that first saw them paid for them.
    pub entry_usd: Usd,
    /// What later requests paid.
    pub carried_usd: Usd,
    /// Both.
    pub cost_usd: Usd,
}

/// What the context of one agent cost, where all of a session are looked at.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ContextOfAgent {
    /// The agent.
    pub agent_id: String,
    /// How many requests of known usage it made.
    pub request_count: u64,
    /// Sum of all prompts.
    pub prompt_tokens: u64,
    /// Of them, read from the cache.
    pub cache_read_tokens: u64,
    /// What the prompts cost.
    pub input_usd: Usd,
    /// How often the cache did not give what it had held.
    pub miss_count: u64,
    /// What that cost beyond reading it, as far as known.
    pub miss_usd: Usd,
}

/// The context of one agent, or those of all agents of a session together.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Context {
    /// The agent; `null` for all of the session.
    pub agent_id: Option<String>,
    /// How many requests of known usage it made.
    pub request_count: u64,
    /// The largest prompt; `null` without any.
    pub peak_tokens: Option<u64>,
    /// Sum of all prompts.
    pub prompt_tokens: u64,
    /// Of them, read from the cache: their part of the prompts is the hit ratio.
    pub cache_read_tokens: u64,
    /// Written to the cache.
    pub cache_write_tokens: u64,
    /// Neither.
    pub input_tokens: u64,
    /// What the prompts cost, without the answers. The results below and `rest_usd` sum to it exactly.
    pub input_usd: Usd,
    /// Of it, what tool results cost, as far as known.
    pub results_usd: Usd,
    /// How sure the money is; unknown without any.
    pub cost_basis: Option<Basis>,
    /// Of it, everything else: instructions, prompts, the model's own words, results whose tokens are not known.
    pub rest_usd: Usd,
    /// Requests whose prompt has no known price: in none of the figures.
    pub unknown_requests: u32,
    /// How often the context was replaced.
    pub compaction_count: u64,
    /// How often the cache did not give what it had held.
    pub miss_count: u64,
    /// Tokens that it did not give.
    pub miss_tokens: u64,
    /// What that cost beyond reading them, as far as known.
    pub miss_usd: Usd,
    /// Each agent's part, the dearest first, where all of a session are looked at.
    pub agents: Vec<ContextOfAgent>,
    /// The requests of one agent in order; none where all are looked at, whose prompts have nothing in common. If there are
    /// more than 1,000, some that are like their neighbours are left out.
    pub requests: Vec<ContextRequest>,
    /// Whether some are left out.
    pub is_thinned: bool,
    /// The dearest results, at most 100.
    pub results: Vec<CarriedOutput>,
    /// What each tool's results cost, the dearest first.
    pub tools: Vec<CarriedTool>,
    /// The result of the call that was asked for; `null` where none was, or where it came into no prompt.
    pub asked: Option<CarriedOutput>,
}

/// At most about so many requests are drawn.
const MOST_REQUESTS: usize = 1_000;
/// At most so many results are listed.
const MOST_RESULTS: usize = 100;

/// An agent with its context.
type Thread = (AgentId, ThreadContext);

impl Context {
    /// Of one agent, with the result of one call if that is asked for.
    pub fn of_agent(session_id: &str, thread: &Thread, event: Option<&str>) -> Self {
        let (agent, context) = thread;
        let asked = context.results.iter().find(|one| Some(one.call.event_id.as_str()) == event);
        Self {
            agent_id: Some(agent_word(agent.to_string())),
            agents: Vec::new(),
            requests: thin(&context.points).into_iter().map(|point| ContextRequest::new(session_id, point)).collect(),
            is_thinned: context.points.len() > MOST_REQUESTS,
            asked: asked.map(|result| CarriedOutput::new(thread, result)),
            ..Self::of_session(std::slice::from_ref(thread))
        }
    }

    /// Of all agents of a session together.
    pub fn of_session(threads: &[Thread]) -> Self {
        let points = || threads.iter().flat_map(|(_, context)| &context.points);
        let sum = |of: fn(&ContextPoint) -> u64| points().map(of).sum::<u64>();
        let misses = || points().filter_map(|point| point.miss);
        let money = |of: fn(&ThreadContext) -> PicoUsd| PicoUsd(threads.iter().map(|(_, one)| of(one).0).sum());
        let (input, rest) = (money(|one| one.input), money(|one| one.rest));
        let mut tools: Vec<CarriedTool> = by_tool(threads.iter().flat_map(|(_, context)| &context.results))
            .into_iter()
            .map(CarriedTool::new)
            .collect();
        tools.sort_by(|a, b| b.cost_usd.0.cmp(&a.cost_usd.0).then_with(|| a.tool_name.cmp(&b.tool_name)));
        let mut agents: Vec<ContextOfAgent> = threads.iter().map(ContextOfAgent::new).collect();
        agents.sort_by(|a, b| b.input_usd.0.cmp(&a.input_usd.0).then_with(|| a.agent_id.cmp(&b.agent_id)));
        let basis = threads.iter().filter_map(|(_, context)| context.basis).reduce(CostBasis::with);
        Self {
            agent_id: None,
            request_count: points().count() as u64,
            peak_tokens: points().map(ContextPoint::prompt_tokens).max(),
            prompt_tokens: sum(ContextPoint::prompt_tokens),
            cache_read_tokens: sum(|point| point.read_tokens),
            cache_write_tokens: sum(|point| point.written_tokens),
            input_tokens: sum(|point| point.uncached_tokens),
            input_usd: Usd(input),
            results_usd: Usd(PicoUsd(input.0 - rest.0)),
            cost_basis: basis.map(Into::into),
            rest_usd: Usd(rest),
            unknown_requests: threads.iter().map(|(_, context)| context.unknown_requests).sum(),
            compaction_count: points().filter(|point| point.is_compacted).count() as u64,
            miss_count: misses().count() as u64,
            miss_tokens: misses().map(|miss| miss.tokens).sum(),
            miss_usd: Usd(cost_of_misses(points())),
            agents,
            requests: Vec::new(),
            is_thinned: false,
            results: dearest(threads),
            tools,
            asked: None,
        }
    }
}

impl ContextOfAgent {
    fn new((agent, context): &Thread) -> Self {
        let points = &context.points;
        Self {
            agent_id: agent_word(agent.to_string()),
            request_count: points.len() as u64,
            prompt_tokens: points.iter().map(ContextPoint::prompt_tokens).sum(),
            cache_read_tokens: points.iter().map(|point| point.read_tokens).sum(),
            input_usd: Usd(context.input),
            miss_count: points.iter().filter(|point| point.miss.is_some()).count() as u64,
            miss_usd: Usd(cost_of_misses(points.iter())),
        }
    }
}

fn cost_of_misses<'a>(points: impl Iterator<Item = &'a ContextPoint>) -> PicoUsd {
    PicoUsd(points.filter_map(|point| point.miss?.cost).map(|cost| cost.0).sum())
}

/// The results of known cost, the dearest first, as many as are listed.
fn dearest(threads: &[Thread]) -> Vec<CarriedOutput> {
    let results = threads.iter().flat_map(|thread| thread.1.results.iter().map(move |one| (thread, one)));
    let mut known: Vec<_> = results.filter_map(|(thread, one)| Some((one.cost()?, thread, one))).collect();
    known.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.2.call.event_id.cmp(&b.2.call.event_id)));
    known.into_iter().take(MOST_RESULTS).map(|(_, thread, one)| CarriedOutput::new(thread, one)).collect()
}

/// Leaves points out so that about a thousand remain: of each stretch the largest prompt stays, and all that stands out.
fn thin(points: &[ContextPoint]) -> Vec<&ContextPoint> {
    if points.len() <= MOST_REQUESTS {
        return points.iter().collect();
    }
    let mut kept = Vec::new();
    for stretch in points.chunks(points.len().div_ceil(MOST_REQUESTS)) {
        let largest = stretch.iter().map(ContextPoint::prompt_tokens).max();
        let mut has_largest = false;
        for point in stretch {
            let is_first_largest = !has_largest && Some(point.prompt_tokens()) == largest;
            has_largest |= is_first_largest;
            if is_first_largest || point.is_compacted || point.miss.is_some() {
                kept.push(point);
            }
        }
    }
    kept
}

impl ContextRequest {
    fn new(session_id: &str, point: &ContextPoint) -> Self {
        let reason = |reason| match reason {
            MissReason::Expired => MissWord::Expired,
            MissReason::ModelChanged => MissWord::ModelChanged,
            MissReason::PromptChanged => MissWord::PromptChanged,
        };
        Self {
            event_id: format!("{session_id}~{}", argus_model::EventState::request_key(&point.message_id).as_str()),
            at: Utc(point.at),
            prompt_tokens: point.prompt_tokens(),
            cache_read_tokens: point.read_tokens,
            cache_write_tokens: point.written_tokens,
            input_tokens: point.uncached_tokens,
            is_compacted: point.is_compacted,
            miss: point.miss.map(|miss| Miss {
                reason: reason(miss.reason),
                tokens: miss.tokens,
                cost_usd: miss.cost.map(Usd),
                idle_ms: miss.idle_ms,
            }),
        }
    }
}

impl CarriedOutput {
    fn new((agent, context): &Thread, result: &CarriedResult) -> Self {
        let CarriedResult { call, carry } = result;
        let basis = if carry.missing_requests > 0 { Some(CostBasis::Incomplete) } else { context.basis };
        Self {
            event_id: call.event_id.clone(),
            agent_id: agent_word(agent.to_string()),
            tool_name: call.tool_name.clone(),
            label: call.label.clone(),
            output_bytes: call.size_bytes,
            tokens: carry.tokens,
            entry_usd: carry.entry.map(Usd),
            carried_usd: carry.carried.map(Usd),
            cost_usd: result.cost().map(Usd),
            cost_basis: result.cost().and(basis).map(Into::into),
            later_requests: carry.later_requests,
            missing_requests: carry.missing_requests,
        }
    }
}

impl CarriedTool {
    fn new((tool_name, tool): (String, ToolCarry)) -> Self {
        Self {
            tool_name,
            result_count: tool.results,
            unknown_count: tool.unknown_results,
            tokens: tool.tokens,
            entry_usd: Usd(tool.entry),
            carried_usd: Usd(tool.carried),
            cost_usd: Usd(PicoUsd(tool.entry.0 + tool.carried.0)),
        }
    }
}

#[cfg(test)]
mod tests {
    use argus_ingest::context::CacheMiss;
    use argus_model::{MessageId, Timestamp};

    use super::*;

    #[test]
    fn a_long_thread_is_thinned_and_keeps_its_peaks_and_all_that_stands_out() {
        let miss = CacheMiss { reason: MissReason::Expired, tokens: 2_000, cost: None, idle_ms: 400_000 };
        let point = |n: i64| ContextPoint {
            message_id: MessageId::new(format!("m{n}")),
            at: Timestamp::from_micros(n),
            read_tokens: if n == 31_337 { 900_000 } else { n as u64 % 7 },
            written_tokens: 0,
            uncached_tokens: 1,
            window_tokens: None,
            is_compacted: n == 40_000,
            miss: (n == 77).then_some(miss),
        };
        let context = ThreadContext { points: (0..50_000).map(point).collect(), ..ThreadContext::default() };
        let told = Context::of_agent("s", &(AgentId::main(), context), None);
        assert_eq!((told.request_count, told.peak_tokens, told.is_thinned), (50_000, Some(900_001), true));
        assert!(told.requests.len() <= 1_002, "{}", told.requests.len());
        let find = |id: &str| told.requests.iter().find(|request| request.event_id == id).unwrap();
        assert_eq!(find("s~m.m31337").prompt_tokens, 900_001);
        assert!(find("s~m.m40000").is_compacted && find("s~m.m77").miss.is_some());
        assert!(told.requests.is_sorted_by_key(|request| request.at.0));
    }
}
