//! What tool results cost to carry, over many sessions.

use argus_model::{PicoUsd, Totals};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Basis, CarriedOutput, CarriedTool, Usage, Usd};

/// What tool results cost to carry, in the sessions that spent something in a range: the dearest of them, each looked at
/// whole, as its context shows it.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CarryPage {
    /// Sessions that spent something in the range.
    pub session_count: u64,
    /// How many of them were looked at: the dearest, as many as the time allows. The figures below are theirs alone.
    pub looked_at_count: u64,
    /// What the range cost.
    pub total: Usage,
    /// Of it, what the sessions cost that were looked at; unknown where the total is.
    pub covered_usd: Option<Usd>,
    /// The same in millionths of the total, rounded down; unknown where nothing was spent.
    pub covered_millionths: Option<i64>,
    /// What all prompts of these sessions cost, without the answers. The results and `rest_usd` sum to it exactly.
    pub input_usd: Usd,
    /// Of it, what tool results cost, as far as known; the tools below sum to it exactly.
    pub results_usd: Usd,
    /// Of it, everything else.
    pub rest_usd: Usd,
    /// How sure the money is; unknown without any.
    pub cost_basis: Option<Basis>,
    /// Requests whose prompt has no known price: in none of the figures.
    pub unknown_requests: u64,
    /// What each tool's results cost, the dearest first.
    pub tools: Vec<CarriedTool>,
    /// The dearest results, at most 100.
    pub results: Vec<DearResult>,
}

/// One of the dearest results, with the session in whose context it came.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct DearResult {
    /// Its session.
    pub session_id: String,
    /// The session's title, where it has one.
    pub session_title: Option<String>,
    /// The result.
    #[serde(flatten)]
    pub result: CarriedOutput,
}

impl CarryPage {
    /// Of a range in which nothing was looked at yet.
    pub(crate) fn of_range(session_count: usize, total: Usage) -> Self {
        let nothing = Usd(PicoUsd(0));
        Self {
            session_count: session_count as u64,
            looked_at_count: 0,
            total,
            covered_usd: total.cost_usd.map(|_| nothing),
            covered_millionths: None,
            input_usd: nothing,
            results_usd: nothing,
            rest_usd: nothing,
            cost_basis: None,
            unknown_requests: 0,
            tools: Vec::new(),
            results: Vec::new(),
        }
    }

    /// Says how much of the range's money was looked at.
    pub(crate) fn cover(&mut self, total: &Totals, covered: &Totals) {
        self.covered_usd = self.total.cost_usd.map(|_| Usd(covered.cost));
        let share = i128::from(covered.cost.0) * 1_000_000;
        let whole = i128::from(total.cost.0);
        self.covered_millionths = (whole > 0).then(|| i64::try_from(share / whole).unwrap_or(1_000_000));
    }
}

impl CarriedTool {
    /// Takes in what the same tool's results cost elsewhere.
    pub(crate) fn add(&mut self, other: &Self) {
        self.result_count += other.result_count;
        self.unknown_count += other.unknown_count;
        self.tokens += other.tokens;
        self.entry_usd.0.0 += other.entry_usd.0.0;
        self.carried_usd.0.0 += other.carried_usd.0.0;
        self.cost_usd.0.0 += other.cost_usd.0.0;
    }
}
