//! Turns.

use argus_model::record;
use serde::Serialize;
use utoipa::ToSchema;

use super::time::utc;
use super::{Sums, UsageTold, Utc};

/// One prompt and all that it caused.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = TurnRecord)]
pub struct Turn {
    /// Its id; `null` for what came before the first prompt.
    pub prompt_id: Option<String>,
    /// First line of the prompt.
    pub label: Option<String>,
    /// Whether a person typed it.
    pub is_human: bool,
    /// When it began.
    pub started_at: Option<Utc>,
    /// Its last event.
    pub last_at: Option<Utc>,
    /// Steps of the main agent in it.
    pub step_count: i64,
    /// Errors in it, of all agents.
    pub error_count: i64,
    /// Tokens and money of all agents in it.
    pub totals: Sums,
    /// How long its calls waited for a person's permission, each by itself; `null` where of none it is known.
    pub wait_ms: Option<i64>,
    /// How long hooks ran in it; `null` where telemetry told of none.
    pub hook_ms: Option<i64>,
}

impl Turn {
    /// A turn of a session.
    pub fn new(record: record::TurnRecord, delays: record::Delays, told: UsageTold) -> Self {
        Self {
            prompt_id: record.prompt_id,
            label: record.label,
            is_human: record.is_human,
            started_at: utc(record.started_at),
            last_at: utc(record.last_at),
            step_count: record.step_count,
            error_count: record.error_count,
            totals: Sums::new(&record.totals, told),
            wait_ms: delays.wait_ms,
            hook_ms: delays.hook_ms,
        }
    }
}
