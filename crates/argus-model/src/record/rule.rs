//! What is counted of a rule.

use crate::Timestamp;

/// What a rule has raised.
#[derive(Clone, Debug, PartialEq)]
pub struct RuleCount {
    /// The rule.
    pub rule: String,
    /// All its alerts that still have their ground.
    pub alert_count: i64,
    /// Those still open.
    pub open_count: i64,
    /// Those that a person resolved.
    pub resolved_count: i64,
    /// Those of them that were resolved as a false alarm.
    pub false_count: i64,
    /// The newest.
    pub last_seen_at: Option<Timestamp>,
    /// Alerts by UTC day since a given time: days since the epoch, and how many.
    pub days: Vec<(i64, i64)>,
}
