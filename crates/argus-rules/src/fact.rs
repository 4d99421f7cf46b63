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
    /// A step of a budget that was passed.
    BudgetStep {
        /// The budget's name, and whose account where each has its own.
        budget: String,
        /// Its period in words: `2026-11-23`, `the session`.
        period: String,
        /// The percent.
        step: u32,
        /// The whole budget.
        amount_picousd: i64,
    },
    /// A budget that will probably be exceeded.
    BudgetForecast {
        /// The budget's name, and whose account where each has its own.
        budget: String,
        /// Its period in words.
        period: String,
        /// What it will come to.
        likely_picousd: i64,
        /// The whole budget.
        amount_picousd: i64,
    },
    /// An hour that costs far more than is usual.
    BurnRate {
        /// The last hour.
        hour_picousd: i64,
        /// A usual busy hour.
        usual_picousd: i64,
    },
    /// A call that the guard had denied, or had not been asked about, and that ran.
    Unguarded {
        /// The tool.
        tool: String,
        /// The guard had denied it.
        was_denied: bool,
    },
    /// A call that the guard stopped because a budget is used up.
    Stopped {
        /// What was spent of what, as a sentence.
        said: String,
    },
    /// A call that failed again and again, or was made again and again, in the same words.
    Repeated {
        /// The tool.
        tool: String,
        /// The call, in one line.
        label: String,
        /// How often by then.
        count: u32,
        /// It failed each time.
        has_failed: bool,
    },
    /// Claude Code does not call the hook any more.
    HooksOff {
        /// Why, in words.
        detail: String,
    },
    /// A program of ours that Claude Code runs is not what was installed.
    BinaryChanged {
        /// Which, and how, without a full stop.
        said: String,
    },
    /// The database or the spool is gone, or is another one.
    StorageTouched {
        /// Which, and how, without a full stop.
        said: String,
    },
    /// A transcript that was read, and that is no more what it was.
    TranscriptLost {
        /// Whose: the session's, or an agent's of it.
        whose: String,
        /// It is not there at all.
        is_gone: bool,
    },
    /// A call that ran, and of which no hook told.
    Unobserved {
        /// The tool.
        tool: String,
    },
    /// A context that is nearly as long as the model takes.
    ContextFull {
        /// Whose; empty for the main agent.
        agent_id: String,
        /// Tokens of the prompt by then.
        tokens: u64,
        /// What the model takes.
        window_tokens: u64,
    },
    /// What the cache had held of a thread's context and did not give, and what that cost.
    CacheMisses {
        /// Whose context; empty for the main agent's.
        agent_id: String,
        /// How often by then.
        count: u32,
        /// What it cost beyond reading it.
        cost_picousd: i64,
    },
    /// A result that cost much for as long as it stayed in the context.
    DearResult {
        /// The tool.
        tool: String,
        /// What it cost by then.
        cost_picousd: i64,
    },
    /// An agent that lies too deep.
    AgentDepth {
        /// Which.
        agent_id: String,
    },
    /// An agent that started too many.
    AgentChildren {
        /// Which; empty for the main one.
        agent_id: String,
    },
}

/// The rules about facts. The guard never meets them: by then it has happened.
const RULES: [&str; 17] = [
    "agent.fan-out",
    "agent.orphan-subagent",
    "agent.recursion",
    "agent.rereads",
    "agent.stuck",
    "budget.burn-rate",
    "budget.event",
    "budget.forecast",
    "budget.session",
    "budget.step",
    "guard.binary-changed",
    "guard.denied-but-ran",
    "guard.hooks-off",
    "guard.no-decision",
    "guard.storage-touched",
    "guard.transcript-lost",
    "guard.unobserved",
];

/// Whether a rule of the catalogue is about what has happened, and not about a call that the guard could be asked about.
pub fn is_about_facts(rule: &str) -> bool {
    RULES.contains(&rule)
}

/// Where money and agents become worth a word. More than the threshold is; the threshold itself is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Thresholds {
    /// For one model request.
    pub event_picousd: i64,
    /// For a session.
    pub session_picousd: i64,
    /// An hour that cost less is never said to burn.
    pub burn_floor_picousd: i64,
    /// So many times a usual busy hour is.
    pub burn_factor: u32,
    /// How deep agents may be nested.
    pub agent_depth: u32,
    /// How many agents one agent may start.
    pub agent_children: u32,
    /// A context is nearly full from so many percent of what the model takes on.
    pub context_percent: u32,
    /// What a thread's cache misses may cost.
    pub misses_picousd: i64,
    /// What one result may cost while it stays in the context.
    pub result_picousd: i64,
}

const PICOUSD_PER_USD: i64 = 1_000_000_000_000;

impl Default for Thresholds {
    fn default() -> Self {
        Self {
            event_picousd: PICOUSD_PER_USD / 10,
            session_picousd: PICOUSD_PER_USD,
            burn_floor_picousd: 5 * PICOUSD_PER_USD,
            burn_factor: 4,
            agent_depth: 3,
            agent_children: 20,
            context_percent: 80,
            misses_picousd: PICOUSD_PER_USD,
            result_picousd: PICOUSD_PER_USD,
        }
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
            paths: Vec::new(),
        })
    };
    let finding = match fact {
        Fact::OrphanSubagent { agent_id } => Some(Finding {
            rule: RuleId("agent.orphan-subagent"),
            severity: Severity::Info,
            reason: format!("Nothing known started the subagent {}.", clean(agent_id)),
            evidence: None,
            paths: Vec::new(),
        }),
        Fact::RequestCost { cost_picousd } => {
            over("budget.event", "One model request", *cost_picousd, thresholds.event_picousd)
        }
        Fact::SessionCost { cost_picousd } => {
            over("budget.session", "The session", *cost_picousd, thresholds.session_picousd)
        }
        other => Some(told(other, thresholds)),
    };
    finding.into_iter().collect()
}

/// What was weighed before it got here: it only has to be said.
fn told(fact: &Fact, thresholds: &Thresholds) -> Finding {
    let (rule, severity, reason) = match fact {
        Fact::BudgetStep { budget, period, step, amount_picousd } => (
            "budget.step",
            if *step >= 100 { Severity::High } else { Severity::Medium },
            format!("Budget {}, {}: {step} % of {} is spent.", clean(budget), clean(period), usd(*amount_picousd)),
        ),
        Fact::BudgetForecast { budget, period, likely_picousd, amount_picousd } => (
            "budget.forecast",
            Severity::Medium,
            format!(
                "Budget {}, {}: will probably come to {}, more than {}.",
                clean(budget),
                clean(period),
                usd(*likely_picousd),
                usd(*amount_picousd)
            ),
        ),
        Fact::BurnRate { hour_picousd, usual_picousd } => (
            "budget.burn-rate",
            Severity::High,
            format!("The last hour cost {}; a usual busy hour costs {}.", usd(*hour_picousd), usd(*usual_picousd)),
        ),
        Fact::Stopped { said } => ("budget.stop", Severity::High, clean_long(said)),
        Fact::Repeated { tool, label, count, has_failed: true } => (
            "agent.stuck",
            Severity::Medium,
            format!("The same call of {} failed {count} times in a row: {}", clean(tool), clean(label)),
        ),
        Fact::Repeated { tool, label, count, has_failed: false } => (
            "agent.rereads",
            Severity::Low,
            format!("{} was called {count} times for the same thing: {}", clean(tool), clean(label)),
        ),
        Fact::ContextFull { .. } | Fact::CacheMisses { .. } | Fact::DearResult { .. } => of_context(fact),
        Fact::AgentDepth { agent_id } => (
            "agent.recursion",
            Severity::High,
            format!(
                "The subagent {} lies deeper than {} below the main agent.",
                clean(agent_id),
                thresholds.agent_depth
            ),
        ),
        Fact::AgentChildren { agent_id } => {
            let who = if agent_id.is_empty() {
                "The main agent".to_owned()
            } else {
                format!("The subagent {}", clean(agent_id))
            };
            (
                "agent.fan-out",
                Severity::Medium,
                format!("{who} started more than {} subagents.", thresholds.agent_children),
            )
        }
        other => of_the_watch(other),
    };
    Finding { rule: RuleId(rule), severity, reason, evidence: None, paths: Vec::new() }
}

/// What is to be said of a context.
fn of_context(fact: &Fact) -> (&'static str, Severity, String) {
    match fact {
        Fact::ContextFull { agent_id, tokens, window_tokens } => (
            "context.nearly-full",
            Severity::Medium,
            format!(
                "The context of {} holds {tokens} tokens, {} % of what the model takes.",
                agent(agent_id),
                tokens.saturating_mul(100) / (*window_tokens).max(1)
            ),
        ),
        Fact::CacheMisses { agent_id, count, cost_picousd } => (
            "context.cache-misses",
            Severity::Medium,
            format!(
                "What the cache did not give of the context of {} cost {} so far, {count} times.",
                agent(agent_id),
                usd(*cost_picousd)
            ),
        ),
        Fact::DearResult { tool, cost_picousd } => (
            "context.dear-result",
            Severity::Medium,
            format!("This result of {} has cost {} so far, staying in the context.", clean(tool), usd(*cost_picousd)),
        ),
        _ => unreachable!("no context"),
    }
}

/// What concerns Argus itself: its guard, its hook, what it keeps.
fn of_the_watch(fact: &Fact) -> (&'static str, Severity, String) {
    match fact {
        Fact::Unguarded { tool, was_denied: true } => (
            "guard.denied-but-ran",
            Severity::Critical,
            format!("The guard denied this call of {}, and it ran.", clean(tool)),
        ),
        Fact::Unguarded { tool, was_denied: false } => (
            "guard.no-decision",
            Severity::High,
            format!("The guard answers in this session, but was not asked about this call of {}.", clean(tool)),
        ),
        Fact::HooksOff { detail } => {
            let said = format!("Claude Code does not call Argus any more as it did: {}.", clean_long(detail));
            ("guard.hooks-off", Severity::Critical, said)
        }
        Fact::BinaryChanged { said } => {
            let said = format!("What Claude Code runs for Argus is not what was installed: {}.", clean_long(said));
            ("guard.binary-changed", Severity::Critical, said)
        }
        Fact::StorageTouched { said } => {
            let said = format!("What Argus keeps was touched: {}.", clean_long(said));
            ("guard.storage-touched", Severity::Critical, said)
        }
        Fact::TranscriptLost { whose, is_gone } => {
            let how = if *is_gone { "was taken away" } else { "was cut or written anew" };
            let said = format!("The transcript of {} {how}; what Argus had read of it stays.", clean(whose));
            ("guard.transcript-lost", Severity::High, said)
        }
        Fact::Unobserved { tool } => (
            "guard.unobserved",
            Severity::Medium,
            format!("Calls of this session ran that no hook told of; the first is one of {}.", clean(tool)),
        ),
        _ => unreachable!("weighed or said before"),
    }
}

fn usd(picousd: i64) -> String {
    let parts = picousd / (PICOUSD_PER_USD / 10_000);
    let (whole, rest) = (parts / 10_000, (parts % 10_000).abs());
    // Whole cents, which limits mostly are, are told as people write them.
    if rest % 100 == 0 { format!("${whole}.{:02}", rest / 100) } else { format!("${whole}.{rest:04}") }
}

/// Whose something is.
fn agent(agent_id: &str) -> String {
    if agent_id.is_empty() { "the main agent".to_owned() } else { format!("the subagent {}", clean(agent_id)) }
}

fn clean_long(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(300).collect()
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
        assert_eq!(reason, "The session cost $1.01, more than $1.00.");
    }

    #[test]
    fn an_agent_without_a_parent_is_noted() {
        let found = evaluate_fact(&Fact::OrphanSubagent { agent_id: "a\u{1b}1".into() }, &Thresholds::default());
        assert_eq!((found[0].rule.as_str(), found[0].severity), ("agent.orphan-subagent", Severity::Info));
        assert!(found[0].reason.contains(" a1."));
    }
}
