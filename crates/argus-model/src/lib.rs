//! The vocabulary of Argus.
//!
//! Everything the other crates say to each other is said in these types: ids, money, usage, the facts that
//! ingest learns (`state`), and the records that queries answer with (`record`). There is no I/O, no serde and
//! no clock here, so that every rule about meaning can be tested as a plain function.
//!
//! What must stay true: each `*State` is a join-semilattice. `join` is commutative, associative and idempotent,
//! so the same facts in any order, any number of times, give the same state (invariant 5).
//! Start with `join`, then `state`.

pub mod agent;
pub mod alert;
pub mod budget;
pub mod care;
pub mod carry;
pub mod durations;
pub mod event;
pub mod facet;
pub mod finding;
pub mod guard;
pub mod id;
pub mod join;
pub mod money;
pub mod outcome;
pub mod pause;
pub mod reconcile;
pub mod record;
pub mod request;
pub mod session;
pub mod shape;
pub mod slot;
pub mod statement;
pub mod time;
pub mod usage;

pub use agent::AgentState;
pub use alert::{Actor, AlertState, RuleId, Severity};
pub use budget::{Budget, BudgetDefinition, BudgetPeriod, BudgetScope};
pub use care::{CareOrder, CareReport, Holdings};
pub use carry::{Arrival, Band, Carry, CarryStep, Prompt, ThreadCarry, carry};
pub use durations::Durations;
pub use event::{BodyRef, EventKind, EventState, HookTime};
pub use facet::{Facets, FirstLine};
pub use finding::{
    AlertAction, AlertFact, AlertScope, AlertsActed, BudgetVerdict, DeedFact, Ground, SpendLimits, Spent,
};
pub use guard::{GuardAnswer, GuardDecision, GuardFact, GuardGround};
pub use id::{AgentId, EventKey, MessageId, PromptId, RequestId, SessionId, ToolUseId};
pub use join::{Best, First, Last, Maximum, Minimum};
pub use money::{Cost, CostBasis, PicoUsd};
pub use outcome::{Evidence, Outcome};
pub use pause::Pause;
pub use reconcile::{DriftReason, Figures, KnownRequest, Reconciliation, Told};
pub use request::{Owner, RequestKey, RequestReport, RequestState, UsageRecord};
pub use session::{SessionState, SessionStatus};
pub use statement::{CostStatement, Counted, StatusTotal};
pub use time::Timestamp;
pub use usage::{Geo, ServiceTier, Speed, Totals, Usage, UsageTerms};
