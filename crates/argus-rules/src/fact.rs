//! Findings about facts that are no tool calls: what something cost, who started whom.

use argus_model::Severity;

use crate::{Finding, RuleId};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fact {
    /// An agent whose parent nobody knows.
    OrphanSubagent {
        /// Which.
        agent_id: String,
    },
    /// A model request and what it cost.
    RequestCost {
        /// The cost.
        cost_picousd: i64,
    },
    /// What a session has cost so far.
    SessionCost {
        /// The cost.
        cost_picousd: i64,
    },
}

/// Where money becomes worth a word. More than the threshold is; the threshold itself is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// For one model request.
    pub event_picousd: i64,
    /// For a session.
    pub session_picousd: i64,
}

const PICOUSD_PER_USD: i64 = 1_000_000_000_000;

impl Default for Thresholds {
    fn default() -> Self {
        Self { event_picousd: PICOUSD_PER_USD / 10, session_picousd: PICOUSD_PER_USD }
    }
}

/// Judges a fact.
pub fn evaluate_fact(fact: &Fact, thresholds: &Thresholds) -> Vec<Finding> {
    let over = |rule, what: &str, cost: i64, threshold: i64| {
        (cost > threshold).then(|| Finding {
            rule: RuleId(rule),
            severity: Severity::Medium,
            reason: format!("{what} cost {}, more than {}.", usd(cost), usd(threshold)),
            evidence: None,
        })
    };
    let finding = match fact {
        Fact::OrphanSubagent { agent_id } => Some(Finding {
            rule: RuleId("agent.orphan-subagent"),
            severity: Severity::Info,
            reason: format!("Nothing known started the subagent {}.", clean(agent_id)),
            evidence: None,
        }),
        Fact::RequestCost { cost_picousd } => {
            over("budget.event", "One model request", *cost_picousd, thresholds.event_picousd)
        }
        Fact::SessionCost { cost_picousd } => {
            over("budget.session", "The session", *cost_picousd, thresholds.session_picousd)
        }
    };
    finding.into_iter().collect()
}

fn usd(picousd: i64) -> String {
    let cents = picousd / (PICOUSD_PER_USD / 10_000);
    format!("${}.{:04}", cents / 10_000, (cents % 10_000).abs())
}

fn clean(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(80).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_more_than_the_threshold_is_worth_a_word() {
        let thresholds = Thresholds::default();
        let count = |fact| evaluate_fact(&fact, &thresholds).len();
        assert_eq!(count(Fact::RequestCost { cost_picousd: 100_000_000_000 }), 0);
        assert_eq!(count(Fact::RequestCost { cost_picousd: 100_000_000_001 }), 1);
        assert_eq!(count(Fact::SessionCost { cost_picousd: 1_000_000_000_000 }), 0);
        assert_eq!(count(Fact::SessionCost { cost_picousd: 1_010_000_000_000 }), 1);
        let reason = &evaluate_fact(&Fact::SessionCost { cost_picousd: 1_010_000_000_000 }, &thresholds)[0].reason;
        assert_eq!(reason, "The session cost $1.0100, more than $1.0000.");
    }

    #[test]
    fn an_agent_without_a_parent_is_noted() {
        let found = evaluate_fact(&Fact::OrphanSubagent { agent_id: "a\u{1b}1".into() }, &Thresholds::default());
        assert_eq!((found[0].rule.as_str(), found[0].severity), ("agent.orphan-subagent", Severity::Info));
        assert!(found[0].reason.contains(" a1."));
    }
}
