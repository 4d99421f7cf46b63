//! Model requests: who made them, what they used, and how their cost is shared out.

use crate::{
    AgentId, Best, Cost, Facets, First, FirstLine, MessageId, Minimum, PicoUsd, PromptId, RequestId, SessionId,
    Timestamp, ToolUseId, Usage, UsageTerms,
};

/// What stands before the request id in the message id of a request that only telemetry told of.
pub(crate) const REPORTED: &str = "otlp.";

/// What makes a request the same request (invariant 6).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestKey {
    /// `message.id`.
    pub message_id: MessageId,
    /// `requestId`, where there is one.
    pub request_id: Option<RequestId>,
}

impl RequestKey {
    /// The key under which telemetry tells of a request, since it knows no message ids.
    pub fn reported(request_id: RequestId) -> Self {
        Self { message_id: MessageId::new(format!("{REPORTED}{request_id}")), request_id: Some(request_id) }
    }

    /// Whether this is telemetry's own key for a request.
    pub fn is_reported(&self) -> bool {
        let told = self.message_id.as_str().strip_prefix(REPORTED);
        told.is_some() && told == self.request_id.as_ref().map(RequestId::as_str)
    }
}

/// Who a request belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Owner {
    /// The session that made it.
    pub session_id: SessionId,
    /// The agent that made it.
    pub agent_id: AgentId,
    /// The turn it was made in, where known.
    pub prompt_id: Option<PromptId>,
}

/// One whole record of a request's usage. Of several the one with most output counts, ties to what Claude Code itself
/// reported, then to the later.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UsageRecord {
    /// Its output tokens, first so that they decide.
    pub output_tokens: u64,
    /// Claude Code's telemetry told it, and not a transcript.
    pub is_reported: bool,
    /// When it was written.
    pub at: Timestamp,
    /// The usage.
    pub usage: Usage,
    /// The model that answered.
    pub model: String,
    /// The price at that time.
    pub cost: Cost,
}

/// What only telemetry tells of a request. Of several the latest counts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RequestReport {
    /// When the answer had come.
    pub at: Timestamp,
    /// From sending to the end of the answer.
    pub duration_ms: Option<i64>,
    /// From sending to the first token.
    pub ttft_ms: Option<i64>,
    /// What it was for: purpose, skill, MCP server. Telemetry knows no place.
    pub facets: Facets,
}

/// All that is known of a model request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestState {
    /// Its identity.
    pub key: RequestKey,
    /// Its owner. Rank 0: told by `requestSessionId` or a line outside a fork's copy; 1: a marked copy, or telemetry, which
    /// knows the session that asked and so has the better time.
    pub owner: First<Owner>,
    /// The usage that counts, without its terms; see [`RequestState::record`].
    pub usage: Best<UsageRecord>,
    /// What telemetry's usage lacks.
    pub terms: UsageTerms,
    /// True once a line carried a stop reason: the usage is final.
    pub is_final: bool,
    /// When the request was sent, where the transcript tells.
    pub sent_at: Minimum<Timestamp>,
    /// Its first line in a transcript.
    pub first: Best<FirstLine>,
    /// What telemetry told.
    pub report: Best<RequestReport>,
    /// Text and thinking: (hash of the block's line, bytes), sorted.
    pub text_blocks: Vec<(i64, i64)>,
    /// Tool uses: (id, bytes), sorted.
    pub tool_blocks: Vec<(ToolUseId, i64)>,
}

impl RequestState {
    /// A request of which nothing is known yet.
    pub fn new(key: RequestKey) -> Self {
        Self {
            key,
            owner: First::default(),
            usage: Best::default(),
            terms: UsageTerms::default(),
            is_final: false,
            sent_at: Minimum::default(),
            first: Best::default(),
            report: Best::default(),
            text_blocks: Vec::new(),
            tool_blocks: Vec::new(),
        }
    }

    /// Takes `other` in.
    pub fn join(&mut self, other: &Self) {
        self.owner.join(&other.owner);
        self.usage.join(&other.usage);
        self.terms.join(&other.terms);
        self.is_final |= other.is_final;
        self.sent_at.join(&other.sent_at);
        self.first.join(&other.first);
        self.report.join(&other.report);
        unite(&mut self.text_blocks, &other.text_blocks);
        unite(&mut self.tool_blocks, &other.tool_blocks);
    }

    /// The weights by which cost and tokens are divided: the request's own event first, then its tool calls.
    pub fn weights(&self) -> Vec<i64> {
        let text = self.text_blocks.iter().map(|(_, bytes)| bytes).sum();
        std::iter::once(text).chain(self.tool_blocks.iter().map(|(_, bytes)| *bytes)).collect()
    }

    /// When its first line was written.
    pub fn first_at(&self) -> Option<Timestamp> {
        self.first.get().map(|first| first.at.0)
    }

    /// What it was made for, and where: by its own line, or else by telemetry.
    pub fn facets(&self) -> Facets {
        let of_line = self.first.get().map_or_else(Facets::default, |first| first.facets.clone());
        match self.report.get() {
            Some(report) => of_line.or(&report.facets),
            None => of_line,
        }
    }

    /// The record that counts, with the terms that any source told.
    pub fn record(&self) -> Option<UsageRecord> {
        let record = self.usage.get()?;
        Some(UsageRecord { usage: self.terms.complete(&record.usage), ..record.clone() })
    }

    /// The cost that counts: a lower bound until the usage is known to be final.
    pub fn cost(&self) -> Option<Cost> {
        let cost = self.usage.get()?.cost;
        let is_bound = !self.is_final && cost.basis == crate::CostBasis::Priced;
        Some(if is_bound { Cost { amount: cost.amount, basis: crate::CostBasis::Incomplete } } else { cost })
    }
}

fn unite<T: Ord + Clone>(into: &mut Vec<T>, from: &[T]) {
    for block in from {
        if let Err(at) = into.binary_search(block) {
            into.insert(at, block.clone());
        }
    }
}

/// Divides `amount` by `weights`; the parts sum to `amount` exactly, what does not divide goes to the largest
/// remainders, ties to the later part. Without any weight the first part takes all.
pub fn divide(amount: i64, weights: &[i64]) -> Vec<i64> {
    let total: i128 = weights.iter().map(|w| i128::from(*w)).sum();
    if weights.is_empty() {
        return Vec::new();
    }
    if total == 0 {
        let mut parts = vec![0; weights.len()];
        parts[0] = amount;
        return parts;
    }
    let mut rest = amount;
    let mut parts: Vec<i64> = Vec::with_capacity(weights.len());
    let mut remainders: Vec<(i128, usize)> = Vec::with_capacity(weights.len());
    for (index, weight) in weights.iter().enumerate() {
        let product = i128::from(amount) * i128::from(*weight);
        let part = i64::try_from(product / total).unwrap_or(i64::MAX);
        parts.push(part);
        rest -= part;
        remainders.push((product % total, index));
    }
    remainders.sort_unstable_by(|a, b| b.cmp(a));
    for (_, index) in remainders.into_iter().take(usize::try_from(rest).unwrap_or(0)) {
        parts[index] += 1;
    }
    parts
}

/// [`divide`] for money.
pub fn divide_cost(cost: PicoUsd, weights: &[i64]) -> Vec<PicoUsd> {
    divide(cost.0, weights).into_iter().map(PicoUsd).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_sum_to_the_whole() {
        for (amount, weights) in
            [(100, vec![1, 1, 1]), (7, vec![0, 3, 3]), (5, vec![0, 0]), (1, vec![9, 9, 9, 9]), (0, vec![4])]
        {
            assert_eq!(divide(amount, &weights).iter().sum::<i64>(), amount, "{weights:?}");
        }
    }

    #[test]
    fn what_does_not_divide_goes_to_the_largest_remainder_and_ties_to_the_later() {
        assert_eq!(divide(10, &[1, 1, 1]), vec![3, 3, 4]);
        assert_eq!(divide(10, &[5, 1, 0]), vec![8, 2, 0]);
    }
}
