//! Every dollar that Claude Code reported of a session, explained or not.
//!
//! It reports in statements, at the end of a run. What came after the last one is told by the status line's running
//! total, where there is one ([`status`]): money alone, so that nothing of it can be called hidden.
//!
//! Four figures, by model and in sum: *reported* by Claude Code in its statements, *explained* by the requests that are
//! known, *hidden* in requests that nobody told of, and *unexplained*. What must stay true, to the pico-dollar, in each
//! model and in sum: reported = explained + hidden + unexplained; and explained + what no statement covers = the
//! session's cost. Unknown stays `None`: without a statement there is nothing to hold the requests against.
//!
//! What is hidden is said of tokens, not of money: Claude Code counted more of a model than its requests have, and less
//! of no kind. Where the tokens agree and the money does not, a price differs. Where the requests have more, a run that
//! left no statement is among them, or a record is wrong; that is never set against what is hidden.
//!
//! Start with [`reconcile`].

use std::collections::{BTreeMap, BTreeSet};

use crate::{CostBasis, CostStatement, Counted, PicoUsd, SessionId, StatusTotal, Timestamp, Totals};

mod coverage;
mod status;
#[cfg(test)]
mod tests;

use coverage::Coverage;
use status::Stretch;

/// The name under which stands what the status line told, which knows no models. No model has it.
pub const STATUS_LINE: &str = "(status line)";

/// Differences below this, with equal tokens, are the rounding of Claude Code's floating-point sums.
const ROUNDING: i64 = 1_000_000;

/// A request of the session, as far as it matters here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownRequest {
    /// When its answer began to be there.
    pub at: Timestamp,
    /// When its usage was last told.
    pub done_at: Timestamp,
    /// The model that answered.
    pub model: String,
    /// It stands in the main agent's transcript.
    pub is_main: bool,
    /// Only telemetry told of it.
    pub is_hidden: bool,
    /// How sure its cost is.
    pub basis: CostBasis,
    /// Whether its web searches are known: telemetry does not tell them.
    pub knows_searches: bool,
    /// Tokens and money.
    pub totals: Totals,
}

/// All that Claude Code said of a session's money. Order matters in no list.
#[derive(Clone, Copy, Debug, Default)]
pub struct Told<'a> {
    /// Its statements.
    pub own: &'a [CostStatement],
    /// Those of the sessions it was forked from.
    pub of_parents: &'a [CostStatement],
    /// What its status line was given last.
    pub status: Option<&'a StatusTotal>,
    /// The same of the session it was forked from.
    pub of_parent: Option<&'a StatusTotal>,
    /// Up to when its main thread is a copy; `None` where it is no fork.
    pub copied_until: Option<Timestamp>,
}

/// Why reported and explained differ, or what keeps them from being compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum DriftReason {
    /// Claude Code left no statement.
    NoStatement,
    /// The account was taken over from a session whose statements are not known.
    UnknownOpening,
    /// Claude Code counted tokens that no known request has.
    HiddenRequests,
    /// The tokens agree, the money does not.
    PriceDiffers,
    /// No price is known for the model here.
    Unpriced,
    /// Claude Code itself had no price for a model.
    UnknownModel,
    /// The final usage of some request never arrived.
    Incomplete,
    /// The requests have more tokens than Claude Code counted.
    FewerReported,
    /// Claude Code's total is not the sum of its models.
    NoModel,
    /// A run before the last statement left none.
    RunWithoutStatement,
    /// The session went on after its last statement.
    OlderThanSession,
    /// Less than the accuracy of Claude Code's figures.
    Rounding,
    /// Only the status line tells of it.
    StatusLine,
}

impl DriftReason {
    /// All of them, in the order of their numbers in the store, which only grows at its end.
    pub const ALL: [Self; 13] = [
        Self::NoStatement,
        Self::UnknownOpening,
        Self::HiddenRequests,
        Self::PriceDiffers,
        Self::Unpriced,
        Self::UnknownModel,
        Self::Incomplete,
        Self::FewerReported,
        Self::NoModel,
        Self::RunWithoutStatement,
        Self::OlderThanSession,
        Self::Rounding,
        Self::StatusLine,
    ];

    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoStatement => "no_report",
            Self::UnknownOpening => "unknown_start",
            Self::HiddenRequests => "hidden_requests",
            Self::PriceDiffers => "price_differs",
            Self::Unpriced => "unpriced",
            Self::UnknownModel => "unknown_model",
            Self::Incomplete => "incomplete",
            Self::FewerReported => "fewer_reported",
            Self::NoModel => "no_model",
            Self::RunWithoutStatement => "run_without_report",
            Self::OlderThanSession => "older_than_session",
            Self::Rounding => "rounding",
            Self::StatusLine => "status_line",
        }
    }

    /// The same in a sentence.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::NoStatement => {
                "Claude Code left no report: the session is still open, was killed, or its client writes none \
                 (2.1.240 and older). With `argus install --statusline` its running total is known all the same."
            }
            Self::UnknownOpening => {
                "The report goes on from that of the session it was forked from, of which no report is known."
            }
            Self::HiddenRequests => {
                "Claude Code counted tokens that stand in no transcript: compaction, web search, prompt and agent \
                 hooks, titles. Telemetry tells of them one by one."
            }
            Self::PriceDiffers => "The tokens agree, the money does not: Claude Code reckoned with another price.",
            Self::Unpriced => "No price is known here for a model that Claude Code priced.",
            Self::UnknownModel => "Claude Code itself had no price for a model, and says so.",
            Self::Incomplete => "The final usage of a request never arrived: what it explains is a lower bound.",
            Self::FewerReported => {
                "The requests have more tokens than Claude Code counted: a run that was killed reports nothing."
            }
            Self::NoModel => "Claude Code's total is not the sum of its models.",
            Self::RunWithoutStatement => {
                "A run that was killed left no report; its requests stand beside the reported money."
            }
            Self::OlderThanSession => "The session went on after its last report; what came later stands beside it.",
            Self::Rounding => "Less than the accuracy of Claude Code's own figures.",
            Self::StatusLine => {
                "What came after the last report is told by the status line, a total without tokens: the difference may \
                 be hidden requests or another price. The report at the end of the run will tell."
            }
        }
    }
}

/// The four figures. `reported`, `hidden` and `unexplained` are known together or not at all.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// What Claude Code says.
    pub reported: Option<PicoUsd>,
    /// What the known requests come to that its statements cover.
    pub explained: PicoUsd,
    /// How sure that is: as sure as its weakest request; `None` without one.
    pub explained_basis: Option<CostBasis>,
    /// The part of that in requests that only telemetry told of.
    pub told_by_telemetry: PicoUsd,
    /// In requests that nobody told of.
    pub hidden: Option<PicoUsd>,
    /// The rest; negative where the requests come to more.
    pub unexplained: Option<PicoUsd>,
}

impl Figures {
    /// How far reported and explained are apart.
    pub fn drift(&self) -> Option<PicoUsd> {
        Some(PicoUsd(self.hidden?.0.saturating_add(self.unexplained?.0)))
    }

    fn add(&mut self, other: &Self) {
        let sum = |a: Option<PicoUsd>, b: Option<PicoUsd>| Some(PicoUsd(a?.0.saturating_add(b?.0)));
        self.reported = sum(self.reported, other.reported);
        self.explained.0 += other.explained.0;
        self.explained_basis = weaker(self.explained_basis, other.explained_basis);
        self.told_by_telemetry.0 += other.told_by_telemetry.0;
        self.hidden = sum(self.hidden, other.hidden);
        self.unexplained = sum(self.unexplained, other.unexplained);
    }
}

fn weaker(one: Option<CostBasis>, other: Option<CostBasis>) -> Option<CostBasis> {
    match (one, other) {
        (Some(one), Some(other)) => Some(one.with(other)),
        (one, other) => one.or(other),
    }
}

/// The figures of one model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ModelFigures {
    /// The model; empty for what Claude Code's total has beyond the sum of its models; [`STATUS_LINE`] for what came
    /// after the last statement.
    pub model: String,
    /// Its money.
    pub figures: Figures,
    /// What Claude Code counted; `None` where nothing is known of that.
    pub reported: Option<Counted>,
    /// What the covered requests have.
    pub explained: Counted,
    /// Why they differ.
    pub reason: Option<DriftReason>,
}

/// What became of a session's money.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// In sum.
    pub figures: Figures,
    /// By model, the dearest first.
    pub models: Vec<ModelFigures>,
    /// Money of requests that no statement covers.
    pub uncovered: PicoUsd,
    /// How many there are.
    pub uncovered_requests: i64,
    /// Up to when Claude Code reported.
    pub reported_until: Option<Timestamp>,
    /// Whether the newest of it was told by the status line.
    pub is_by_status_line: bool,
    /// All that applies, what weighs most first.
    pub reasons: Vec<DriftReason>,
}

impl Reconciliation {
    /// How far reported and explained are apart, hidden and unexplained each for itself; `None` where that is unknown.
    pub fn apart(&self) -> Option<PicoUsd> {
        let of_model = |figures: &Figures| {
            Some(figures.hidden?.0.saturating_abs().saturating_add(figures.unexplained?.0.saturating_abs()))
        };
        self.figures.reported?;
        let parts = self.models.iter().map(|model| of_model(&model.figures));
        parts.sum::<Option<i64>>().map(PicoUsd)
    }

    /// The reason that weighs most; `None` where all is explained.
    pub fn reason(&self) -> Option<DriftReason> {
        self.reasons.first().copied().filter(|reason| *reason != DriftReason::Rounding)
    }
}

/// Holds the requests of a session against what Claude Code said of it. The order of requests does not matter.
pub fn reconcile(told: &Told<'_>, requests: &[KnownRequest]) -> Reconciliation {
    let own = in_order(told.own.iter());
    let first_request = requests.iter().filter(|r| r.is_main && !r.is_hidden).map(|r| r.at).min();
    let stretch = status::stretch(told, own.last().copied(), first_request);
    let accounts = match accounts(&own, told.of_parents, first_request) {
        Some(accounts) => accounts,
        None if own.is_empty() && stretch.is_some() => Vec::new(),
        None => return unknown(told, requests),
    };
    let mut reported: BTreeMap<String, Counted> = BTreeMap::new();
    let (mut total, mut has_unknown_model) = (PicoUsd(0), false);
    for account in &accounts {
        has_unknown_model |= account.last.has_unknown_model;
        for (statement, factor) in [(Some(account.last), 1), (account.opening, -1)] {
            let Some(statement) = statement else { continue };
            total.0 = total.0.saturating_add(statement.total.0.saturating_mul(factor));
            for (model, counted) in &statement.models {
                reported.entry(model.clone()).or_default().add(counted, factor);
            }
        }
    }
    let coverage = Coverage::of(&accounts, requests, stretch.map(|stretch| stretch.from));
    let mut explained: BTreeMap<&str, Explained> = BTreeMap::new();
    let mut result = empty(own.iter().map(|statement| statement.written_at()).max(), stretch);
    let (mut is_older, mut has_gap, mut since) = (false, false, Explained::default());
    for request in requests {
        if coverage.holds(request.at) {
            explained.entry(&request.model).or_default().take(request);
        } else if stretch.is_some_and(|stretch| stretch.holds(request)) {
            since.take(request);
        } else {
            result.uncovered.0 += request.totals.cost.0;
            result.uncovered_requests += 1;
            let is_after = Some(request.done_at) > result.reported_until;
            (is_older, has_gap) = (is_older || is_after, has_gap || !is_after);
        }
    }
    let names: BTreeSet<&str> = reported.keys().map(String::as_str).chain(explained.keys().copied()).collect();
    let nothing = Explained::default();
    for name in names {
        let counted = reported.get(name).copied().unwrap_or_default();
        let found = explained.get(name).unwrap_or(&nothing);
        if counted == Counted::default() && found.counted == Counted::default() {
            continue;
        }
        result.models.push(judge(name, counted, found, has_unknown_model));
    }
    let rest = total.0.saturating_sub(reported.values().fold(0_i64, |sum, counted| sum.saturating_add(counted.cost.0)));
    if rest != 0 {
        result.models.push(beyond_models(PicoUsd(rest)));
    }
    result.models.extend(stretch.map(|stretch| judge_status(stretch, &since)));
    settle(result, [(is_older, DriftReason::OlderThanSession), (has_gap, DriftReason::RunWithoutStatement)])
}

/// What a session added to one account.
pub(crate) struct Account<'a> {
    /// What stood there when it took over.
    pub(crate) opening: Option<&'a CostStatement>,
    /// Its own statements, in order.
    pub(crate) own: Vec<&'a CostStatement>,
    pub(crate) last: &'a CostStatement,
}

fn in_order<'a>(statements: impl Iterator<Item = &'a CostStatement>) -> Vec<&'a CostStatement> {
    let mut statements: Vec<&CostStatement> = statements.collect();
    statements.sort_by(|a, b| (a.order(), a.at, &a.models).cmp(&(b.order(), b.at, &b.models)));
    statements
}

/// The accounts of a session; `None` without a statement, or where what stood there at the beginning is not known.
fn accounts<'a>(
    own: &[&'a CostStatement],
    of_parents: &'a [CostStatement],
    first_request: Option<Timestamp>,
) -> Option<Vec<Account<'a>>> {
    let mut accounts = Vec::new();
    for statements in own.chunk_by(|a, b| a.opened_at == b.opened_at) {
        let (first, last) = (statements.first()?, statements.last()?);
        let opening = if first.is_taken_over() {
            // The parent may have gone on with the account since: what counts is how it stood when this session began.
            let began_at = first_request.unwrap_or(first.at);
            let known = of_parents.iter().filter(|statement| {
                Some(&statement.session_id) == first.forked_from.as_ref()
                    && statement.opened_at == first.opened_at
                    && statement.at < began_at
                    && statement.order() <= first.order()
            });
            Some(in_order(known).pop()?)
        } else {
            None
        };
        accounts.push(Account { opening, own: statements.to_vec(), last });
    }
    (!accounts.is_empty()).then_some(accounts)
}

/// What the covered requests of a model come to.
#[derive(Default)]
struct Explained {
    counted: Counted,
    basis: Option<CostBasis>,
    told_by_telemetry: PicoUsd,
    incomplete: i64,
    unpriced: i64,
    /// Requests of which nobody told whether they searched.
    without_searches: i64,
}

impl Explained {
    fn take(&mut self, request: &KnownRequest) {
        self.counted.add(&Counted::of(&request.totals), 1);
        self.basis = weaker(self.basis, Some(request.basis));
        self.incomplete += i64::from(request.basis == CostBasis::Incomplete);
        self.unpriced += i64::from(request.basis == CostBasis::Unpriced);
        self.without_searches += i64::from(!request.knows_searches);
        if request.is_hidden {
            self.told_by_telemetry.0 += request.totals.cost.0;
        }
    }
}

/// Says what the difference of a model is.
fn judge(model: &str, reported: Counted, explained: &Explained, has_unknown_model: bool) -> ModelFigures {
    let mut gap = reported;
    gap.add(&explained.counted, -1);
    let mut uses = gap.uses();
    let [.., searches] = &mut uses;
    if *searches > 0 && (explained.without_searches > 0 || gap.cost.0.abs() < ROUNDING) {
        // Where they were made nobody told, and their money is there.
        *searches = 0;
    }
    let is_output_alone = uses[0] > 0 && uses[1..].iter().all(|more| *more == 0);
    let reason = if uses.iter().any(|more| *more < 0) {
        Some(DriftReason::FewerReported)
    } else if uses.iter().all(|more| *more == 0) {
        match gap.cost.0 {
            0 => None,
            _ if explained.unpriced > 0 => Some(DriftReason::Unpriced),
            _ if explained.incomplete > 0 => Some(DriftReason::Incomplete),
            _ if has_unknown_model => Some(DriftReason::UnknownModel),
            rest if rest.abs() < ROUNDING => Some(DriftReason::Rounding),
            _ => Some(DriftReason::PriceDiffers),
        }
    } else if explained.unpriced > 0 {
        Some(DriftReason::Unpriced)
    } else if explained.incomplete > 0 && is_output_alone {
        Some(DriftReason::Incomplete)
    } else if gap.cost.0 < 0 {
        Some(DriftReason::PriceDiffers)
    } else {
        Some(DriftReason::HiddenRequests)
    };
    let is_hidden = reason == Some(DriftReason::HiddenRequests);
    let (hidden, unexplained) = if is_hidden { (gap.cost, PicoUsd(0)) } else { (PicoUsd(0), gap.cost) };
    let figures = Figures {
        reported: Some(reported.cost),
        explained: explained.counted.cost,
        explained_basis: explained.basis,
        told_by_telemetry: explained.told_by_telemetry,
        hidden: Some(hidden),
        unexplained: Some(unexplained),
    };
    let (model, explained) = (model.to_owned(), explained.counted);
    ModelFigures { model, figures, reported: Some(reported), explained, reason }
}

/// What the total has beyond the sum of its models.
fn beyond_models(rest: PicoUsd) -> ModelFigures {
    let reported = Counted { cost: rest, ..Counted::default() };
    let reason = if rest.0.abs() < ROUNDING { DriftReason::Rounding } else { DriftReason::NoModel };
    let figures =
        Figures { reported: Some(rest), hidden: Some(PicoUsd(0)), unexplained: Some(rest), ..Figures::default() };
    let explained = Counted::default();
    ModelFigures { model: String::new(), figures, reported: Some(reported), explained, reason: Some(reason) }
}

/// Says what the difference is where only a total is known: which tokens it is made of, nobody told.
fn judge_status(stretch: Stretch, explained: &Explained) -> ModelFigures {
    let rest = PicoUsd(stretch.reported.0.saturating_sub(explained.counted.cost.0));
    let reason = match rest.0 {
        0 => None,
        _ if explained.unpriced > 0 => Some(DriftReason::Unpriced),
        rest if rest.abs() < ROUNDING => Some(DriftReason::Rounding),
        _ if explained.incomplete > 0 => Some(DriftReason::Incomplete),
        _ => Some(DriftReason::StatusLine),
    };
    let figures = Figures {
        reported: Some(stretch.reported),
        explained: explained.counted.cost,
        explained_basis: explained.basis,
        told_by_telemetry: explained.told_by_telemetry,
        hidden: Some(PicoUsd(0)),
        unexplained: Some(rest),
    };
    let (model, explained) = (STATUS_LINE.to_owned(), explained.counted);
    ModelFigures { model, figures, reported: None, explained, reason }
}

fn empty(written_at: Option<Timestamp>, stretch: Option<Stretch>) -> Reconciliation {
    let zero = Some(PicoUsd(0));
    Reconciliation {
        figures: Figures { reported: zero, hidden: zero, unexplained: zero, ..Figures::default() },
        models: Vec::new(),
        uncovered: PicoUsd(0),
        uncovered_requests: 0,
        reported_until: written_at.max(stretch.map(|stretch| stretch.until)),
        is_by_status_line: stretch.is_some(),
        reasons: Vec::new(),
    }
}

/// Requests alone: there is nothing to hold them against.
fn unknown(told: &Told<'_>, requests: &[KnownRequest]) -> Reconciliation {
    let is_silent = told.own.is_empty() && told.status.is_none();
    let reason = if is_silent { DriftReason::NoStatement } else { DriftReason::UnknownOpening };
    let mut by_model: BTreeMap<&str, Explained> = BTreeMap::new();
    for request in requests {
        by_model.entry(&request.model).or_default().take(request);
    }
    let mut result = empty(None, None);
    result.figures = Figures::default();
    for (model, found) in by_model {
        let (explained, told_by_telemetry) = (found.counted.cost, found.told_by_telemetry);
        let figures = Figures { explained, explained_basis: found.basis, told_by_telemetry, ..Figures::default() };
        let model = model.to_owned();
        result.models.push(ModelFigures { model, figures, reported: None, explained: found.counted, reason: None });
    }
    result.reasons = vec![reason];
    sum(&mut result);
    result
}

fn sum(result: &mut Reconciliation) {
    let mut models = std::mem::take(&mut result.models);
    models.iter().for_each(|model| result.figures.add(&model.figures));
    let weight = |model: &ModelFigures| model.figures.reported.unwrap_or(model.figures.explained);
    models.sort_by(|a, b| weight(b).cmp(&weight(a)).then_with(|| a.model.cmp(&b.model)));
    result.models = models;
}

fn settle(mut result: Reconciliation, coverage: [(bool, DriftReason); 2]) -> Reconciliation {
    sum(&mut result);
    let mut weights: BTreeMap<DriftReason, i64> = BTreeMap::new();
    for model in &result.models {
        if let (Some(reason), Some(drift)) = (model.reason, model.figures.drift()) {
            let weight = weights.entry(reason).or_default();
            *weight = weight.saturating_add(drift.0.saturating_abs());
        }
    }
    let mut reasons: Vec<(DriftReason, i64)> = weights.into_iter().collect();
    reasons.extend(coverage.into_iter().filter(|(holds, _)| *holds).map(|(_, reason)| (reason, 0)));
    // What is merely rounded comes last, whatever it weighs.
    reasons.sort_by_key(|(reason, weight)| (*reason == DriftReason::Rounding, std::cmp::Reverse(*weight), *reason));
    result.reasons = reasons.into_iter().map(|(reason, _)| reason).collect();
    result
}

/// The sessions whose statements are needed for those of `own`.
pub fn parents(own: &[CostStatement]) -> BTreeSet<SessionId> {
    own.iter().filter(|statement| statement.is_taken_over()).filter_map(|s| s.forked_from.clone()).collect()
}
