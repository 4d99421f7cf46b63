//! Alarms about contexts: nearly full, missed by the cache, or carrying a dear result along.
//!
//! Of agents that worked lately, looked at once a minute where something changed. Each is told once a thread, or once a
//! result: what stands already is not told again, and not again after a restart, for it stands in the database.

use std::collections::HashMap;

use argus_model::{AgentId, AlertFact, EventKey, SessionId, Timestamp};
use argus_rules::Fact;
use argus_store::AlertPlace;

use super::{Engine, now};
use crate::context::{ContextPoint, ThreadContext};
use crate::error::Result;

/// Agents that were looked at, each with its last sign of life then.
pub(super) type Seen = HashMap<(SessionId, AgentId), Timestamp>;

/// Fewer misses than these are no habit.
const LEAST_MISSES: u32 = 3;

impl Engine {
    /// What contexts cost by now that nobody was told of.
    pub(super) fn find_dear_contexts(&mut self) -> Result<Vec<AlertFact>> {
        let busy = self.writer.list_busy_agents(now())?;
        let before = std::mem::take(&mut self.contexts);
        let mut alerts = Vec::new();
        for (session_id, agent_id, last_at) in busy {
            let agent = (session_id, agent_id);
            if before.get(&agent) != Some(&last_at) {
                alerts.extend(self.find_dear_context(&agent.0, &agent.1)?);
            }
            self.contexts.insert(agent, last_at);
        }
        Ok(alerts)
    }

    fn find_dear_context(&self, session_id: &SessionId, agent_id: &AgentId) -> Result<Vec<AlertFact>> {
        let (steps, told) = self.writer.list_context(session_id, agent_id)?;
        let context = ThreadContext::of(steps, &self.prices);
        let limits = self.judge.thresholds();
        let thread = |at| AlertPlace {
            session_id: session_id.clone(),
            key: AlertFact::context_key(agent_id),
            agent_id: agent_id.clone(),
            tool_name: None,
            at,
        };
        let mut alerts = Vec::new();
        if let Some((point, window_tokens)) = nearly_full(&context, limits.context_percent) {
            let tokens = point.prompt_tokens();
            let fact = Fact::ContextFull { agent_id: agent_id.to_string(), tokens, window_tokens };
            alerts.extend(self.judge.judge_place(&fact, &thread(point.at)));
        }
        if let Some((at, count, cost_picousd)) = missed(&context, limits.misses_picousd) {
            let fact = Fact::CacheMisses { agent_id: agent_id.to_string(), count, cost_picousd };
            alerts.extend(self.judge.judge_place(&fact, &thread(at)));
        }
        let Some(last) = context.points.last() else { return Ok(alerts) };
        for result in &context.results {
            let Some(cost) = result.cost().filter(|cost| cost.0 > limits.result_picousd) else { continue };
            let key = result.call.event_id.split_once('~').map_or("", |(_, key)| key);
            let tool_name = result.call.tool_name.clone();
            let fact = Fact::DearResult { tool: tool_name.clone().unwrap_or_default(), cost_picousd: cost.0 };
            let place = AlertPlace { key: EventKey::new(key), tool_name, ..thread(last.at) };
            alerts.extend(self.judge.judge_place(&fact, &place));
        }
        alerts.retain(|alert| !told.contains(&format!("{}~{}", alert.key, alert.rule)));
        Ok(alerts)
    }
}

/// The first request whose prompt is so much of what its model takes.
fn nearly_full(context: &ThreadContext, percent: u32) -> Option<(&ContextPoint, u64)> {
    let is_full = |(point, window): &(&ContextPoint, u64)| {
        point.prompt_tokens().saturating_mul(100) >= window.saturating_mul(u64::from(percent))
    };
    context.points.iter().filter_map(|point| Some((point, point.window_tokens?))).find(is_full)
}

/// When what the cache missed had cost more than this, how often it had missed by then, and what that cost.
fn missed(context: &ThreadContext, limit_picousd: i64) -> Option<(Timestamp, u32, i64)> {
    let (mut count, mut cost) = (0, 0_i64);
    context.points.iter().find_map(|point| {
        let miss = point.miss?;
        count += 1;
        cost = cost.saturating_add(miss.cost.map_or(0, |cost| cost.0));
        (count >= LEAST_MISSES && cost > limit_picousd).then_some((point.at, count, cost))
    })
}
