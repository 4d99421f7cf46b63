//! The overview: is all well, in five seconds.

use argus_model::record;
use serde::Serialize;
use utoipa::ToSchema;

use super::time::utc;
use super::{ReconciliationTotals, Session, Usage, Usd, Utc};

/// What the first page shows.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
#[schema(as = OverviewRecord)]
pub struct Overview {
    /// This day so far.
    pub today: Today,
    /// What such a day usually came to by now.
    pub usual: Usual,
    /// The last thirty days in order, today with them.
    pub days: Vec<OverviewDay>,
    /// How much of what Claude Code reported is explained, of sessions alive on these days.
    pub reported: ReconciliationTotals,
    /// Sessions that wait for the person.
    pub waiting: Vec<Session>,
    /// Sessions that run.
    pub running: Vec<Session>,
    /// The newest errors.
    pub errors: Vec<RecentError>,
    /// The sessions that cost most today, with what they cost in all.
    pub dearest_today: Vec<Session>,
    /// Whether everything is captured.
    pub capture: CaptureHealth,
    /// The time zone of the days.
    pub tz: String,
}

/// This day so far.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Today {
    /// Tokens and money.
    #[serde(flatten)]
    pub usage: Usage,
    /// Sessions with a sign of life.
    pub session_count: i64,
    /// Tool calls.
    pub tool_call_count: i64,
    /// Failed tool calls and API errors.
    pub error_count: i64,
}

/// What such a day usually came to by now.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Usual {
    /// Money; unknown with fewer than three days to compare with.
    pub cost_usd: Option<Usd>,
    /// Errors; unknown with fewer than three days to compare with.
    pub error_count: Option<i64>,
    /// How many days there are to compare with.
    pub day_count: i64,
    /// How it is computed.
    pub basis: &'static str,
}

/// A day of the chart.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct OverviewDay {
    /// `2026-11-22`.
    pub day: String,
    /// Its money.
    pub cost_usd: Option<Usd>,
    /// Its errors.
    pub error_count: i64,
}

/// An error.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct RecentError {
    /// The step.
    pub event_id: String,
    /// Its session.
    pub session_id: String,
    /// The session's title.
    pub session_title: Option<String>,
    /// The step's line.
    pub label: Option<String>,
    /// The first line of the error.
    pub error: Option<String>,
    /// When.
    pub at: Option<Utc>,
}

impl From<record::ErrorRecord> for RecentError {
    fn from(record: record::ErrorRecord) -> Self {
        Self {
            event_id: record.event_id,
            session_id: record.session_id,
            session_title: record.session_title,
            label: record.label,
            error: record.error,
            at: utc(record.at),
        }
    }
}

/// Whether everything is captured.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CaptureHealth {
    /// Nothing to mend.
    pub is_healthy: bool,
    /// What is wrong, in words.
    pub problems: Vec<String>,
}
