//! The records as JSON, converted by hand from what the store answers with, a file an area. The command line prints
//! the same records.
//!
//! What must stay true: every field is always there, `null` means unknown, money and times are exact, the main agent
//! is called `main`.

mod agent;
mod alert;
mod backtest;
mod budget;
mod capture;
mod carry;
mod context;
mod estimate;
mod event;
mod guard;
mod latency;
mod live;
mod money;
mod mute;
mod overview;
mod part;
mod price;
mod project;
mod reconciliation;
mod rule;
mod search;
mod secret;
mod session;
mod settings;
mod spend;
mod time;
mod turn;
mod usage;
mod words;

pub use agent::Agent;
pub use alert::{
    Alert, AlertCause, AlertChange, AlertEvidence, AlertGroup, AlertGroupPage, AlertPage, Allowance, Fingerprint,
    OpenAlerts,
};
pub use backtest::{BacktestHitRecord, BacktestRecord, BacktestRequest, BacktestRule, BacktestStatus, RulesProblem};
pub use budget::{
    BudgetAccount, BudgetForecast, BudgetList, BudgetRecord, BudgetSession, BudgetSetting, BudgetStep, Burn,
};
pub use capture::{Capture, CapturePause, Excluded, HookState, Import, Quarantined, ServerFacts, Source, Spool};
pub use carry::{CarryPage, DearResult};
pub use context::{CarriedOutput, CarriedTool, Context, ContextOfAgent, ContextRequest, Miss, MissWord};
pub use estimate::{CostReason, PriceSumLine, WhatIf, WhatIfRow};
pub use event::{Body, Event, EventDetails, EventPage, Request};
pub use guard::{
    Guard, GuardDecision, GuardRelease, GuardReleaseRequest, GuardSettings, GuardStop, GuardWord, GuardedPage,
};
pub use latency::{LatencyList, ModelLatency};
pub use live::{Changed, Hello, Resync};
pub use money::Usd;
pub use mute::{ExceptionInForce, Mute, MuteList, MuteReachWord};
pub use overview::{CaptureHealth, Overview, OverviewDay, RecentError, Today, Usual};
pub use part::{SessionPart, SessionPartList};
pub use price::{Price, PricePart};
pub use project::{Project, ProjectList};
pub use reconciliation::{
    CountedTokens, Drift, DriftWord, ModelReconciliation, MoneyFigures, ReconciliationPage, ReconciliationRow,
    ReconciliationTotals, SessionReconciliation, ToldSource,
};
pub use rule::{Rule, RuleDay, RuleException, RuleList};
pub use search::{SearchHit, SearchIndex, SearchPage, SearchSnippet};
pub use secret::{Secret, SecretDetails, SecretList, SecretPlace};
pub use session::{Session, SessionDetails, SessionPage, Trace, Waiting};
pub use settings::{ProfileWord, SettingValues, SettingsRecord};
pub use spend::{CostCut, CostPage, CostPart, CostRow, CostSplit, Tool, ToolList};
pub use time::Utc;
pub use turn::Turn;
pub use usage::{Sums, Usage, UsageTold};
pub use words::{
    AgentEndWord, AgentKindWord, AlertStateWord, Basis, BudgetPeriodWord, BudgetScopeWord, EventKindWord, OutcomeWord,
    SeverityWord, SourceWord, StatusWord,
};

/// What the main agent, whose id is empty, is called outside the database.
pub const MAIN_AGENT: &str = "main";

fn agent_word(agent_id: String) -> String {
    if agent_id.is_empty() { MAIN_AGENT.to_owned() } else { agent_id }
}
