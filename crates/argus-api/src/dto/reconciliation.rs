//! What Claude Code reported of a session's money, and what explains it.

use argus_model::reconcile::ModelFigures;
use argus_model::record::{self, HiddenRecord};
use argus_model::{Counted, DriftReason, Figures, PicoUsd, Reconciliation};
use serde::Serialize;
use utoipa::ToSchema;

use super::session::project_name;
use super::time::utc;
use super::{Basis, Usd, Utc};

macro_rules! reasons {
    ($($(#[$doc:meta])* $word:ident = $reason:ident),* $(,)?) => {
        /// Why reported and explained money differ, or cannot be compared.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum DriftWord {
            $($(#[$doc])* $word,)*
        }

        impl From<DriftReason> for DriftWord {
            fn from(reason: DriftReason) -> Self {
                match reason {
                    $(DriftReason::$reason => Self::$word,)*
                }
            }
        }
    };
}

reasons! {
    /// Claude Code left no report.
    NoReport = NoStatement,
    /// The report goes on from one that is not known.
    UnknownStart = UnknownOpening,
    /// Tokens that no known request has.
    HiddenRequests = HiddenRequests,
    /// The tokens agree, the money does not.
    PriceDiffers = PriceDiffers,
    /// No price is known here.
    Unpriced = Unpriced,
    /// Claude Code had no price.
    UnknownModel = UnknownModel,
    /// A request's final usage never arrived.
    Incomplete = Incomplete,
    /// The requests have more tokens than were reported.
    FewerReported = FewerReported,
    /// The reported total is not the sum of its models.
    NoModel = NoModel,
    /// A killed run left no report.
    RunWithoutReport = RunWithoutStatement,
    /// The session went on after its last report.
    OlderThanSession = OlderThanSession,
    /// Less than the accuracy of the report.
    Rounding = Rounding,
    /// Only the status line tells of it, a total without tokens.
    StatusLine = StatusLine,
}

/// A reason with its sentence.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct Drift {
    /// The reason.
    pub reason: DriftWord,
    /// What it means.
    pub says: String,
}

impl From<DriftReason> for Drift {
    fn from(reason: DriftReason) -> Self {
        Self { reason: reason.into(), says: reason.sentence().to_owned() }
    }
}

/// The four figures: reported = explained + hidden + unexplained, exactly. Three of them are known together or not at all.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct MoneyFigures {
    /// By Claude Code.
    pub reported_usd: Option<Usd>,
    /// By the known requests that its report covers.
    pub explained_usd: Usd,
    /// How sure that is: as sure as the weakest of its requests; unknown without one.
    pub explained_basis: Option<Basis>,
    /// The part of that in requests that only telemetry told of.
    pub told_by_telemetry_usd: Usd,
    /// In requests that nobody told of.
    pub hidden_usd: Option<Usd>,
    /// The rest; negative where the requests come to more.
    pub unexplained_usd: Option<Usd>,
}

impl From<&Figures> for MoneyFigures {
    fn from(figures: &Figures) -> Self {
        Self {
            reported_usd: figures.reported.map(Usd),
            explained_usd: Usd(figures.explained),
            explained_basis: figures.explained_basis.map(Into::into),
            told_by_telemetry_usd: Usd(figures.told_by_telemetry),
            hidden_usd: figures.hidden.map(Usd),
            unexplained_usd: figures.unexplained.map(Usd),
        }
    }
}

/// What was counted of a model.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct CountedTokens {
    /// Fresh prompt tokens.
    pub input_tokens: i64,
    /// Tokens written by the model.
    pub output_tokens: i64,
    /// Prompt tokens written to either cache.
    pub cache_write_tokens: i64,
    /// Prompt tokens read from the cache.
    pub cache_read_tokens: i64,
    /// Web searches run by the server.
    pub web_search_requests: i64,
}

impl From<Counted> for CountedTokens {
    fn from(counted: Counted) -> Self {
        Self {
            input_tokens: counted.input_tokens,
            output_tokens: counted.output_tokens,
            cache_write_tokens: counted.cache_write_tokens,
            cache_read_tokens: counted.cache_read_tokens,
            web_search_requests: counted.web_search_requests,
        }
    }
}

/// The figures of one model.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ModelReconciliation {
    /// The model; empty for what the reported total has beyond the sum of its models, `(status line)` for what came after
    /// the last report and is known from the status line's total alone.
    pub model: String,
    /// Its money.
    #[serde(flatten)]
    pub figures: MoneyFigures,
    /// What Claude Code counted.
    pub reported: Option<CountedTokens>,
    /// What the covered requests have.
    pub explained: CountedTokens,
    /// Why they differ; `null` where they do not.
    pub drift: Option<Drift>,
}

impl From<ModelFigures> for ModelReconciliation {
    fn from(model: ModelFigures) -> Self {
        Self {
            figures: (&model.figures).into(),
            model: model.model,
            reported: model.reported.map(Into::into),
            explained: model.explained.into(),
            drift: model.reason.map(Into::into),
        }
    }
}

/// Requests that only telemetry told of, for one purpose.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ToldSource {
    /// What they were for, in the client's own word; unknown where it did not say.
    pub query_source: Option<String>,
    /// How many.
    pub request_count: i64,
    /// Their money.
    pub cost_usd: Usd,
}

/// What became of a session's money. Explained + uncovered is what the session's requests come to.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SessionReconciliation {
    /// The session.
    pub session_id: String,
    /// Its money.
    #[serde(flatten)]
    pub figures: MoneyFigures,
    /// Money of requests that no report covers.
    pub uncovered_usd: Usd,
    /// How many there are.
    pub uncovered_requests: i64,
    /// Up to when Claude Code reported.
    pub reported_until: Option<Utc>,
    /// Whether the newest of it is the status line's running total, which names no models and no tokens.
    pub is_by_status_line: bool,
    /// All reasons, what weighs most first; none where all is explained.
    pub drifts: Vec<Drift>,
    /// By model, the dearest first. They sum exactly to the session.
    pub models: Vec<ModelReconciliation>,
    /// Requests that only telemetry told of, by purpose, covered or not.
    pub told_by_telemetry: Vec<ToldSource>,
}

impl SessionReconciliation {
    /// The session's money with what telemetry told of it.
    pub fn new(session_id: String, found: Reconciliation, told: Vec<HiddenRecord>) -> Self {
        let told = told.into_iter().map(|told| ToldSource {
            query_source: told.query_source,
            request_count: told.totals.requests,
            cost_usd: Usd(told.totals.cost),
        });
        Self {
            session_id,
            figures: (&found.figures).into(),
            uncovered_usd: Usd(found.uncovered),
            uncovered_requests: found.uncovered_requests,
            reported_until: utc(found.reported_until),
            is_by_status_line: found.is_by_status_line,
            drifts: found.reasons.into_iter().map(Into::into).collect(),
            models: found.models.into_iter().map(Into::into).collect(),
            told_by_telemetry: told.collect(),
        }
    }
}

/// A session in the list.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReconciliationRow {
    /// The session.
    pub session_id: String,
    /// Its title.
    pub title: Option<String>,
    /// Its project's root.
    pub project: Option<String>,
    /// The project's last folder.
    pub project_name: Option<String>,
    /// Its last sign of life.
    pub last_at: Option<Utc>,
    /// The client's version.
    pub client_version: Option<String>,
    /// Its money.
    #[serde(flatten)]
    pub figures: MoneyFigures,
    /// How far reported and explained are apart.
    pub drift_usd: Option<Usd>,
    /// Money of requests that no report covers; unknown without a report.
    pub uncovered_usd: Option<Usd>,
    /// The reason that weighs most; `null` where all is explained.
    pub drift: Option<Drift>,
}

impl From<record::ReconciliationRow> for ReconciliationRow {
    fn from(row: record::ReconciliationRow) -> Self {
        Self {
            session_id: row.session_id,
            title: row.title,
            project_name: row.project.as_deref().map(project_name),
            project: row.project,
            last_at: utc(row.last_at),
            client_version: row.client_version,
            figures: (&row.figures).into(),
            drift_usd: row.figures.drift().map(Usd),
            uncovered_usd: row.uncovered.map(Usd),
            drift: row.reason.map(Into::into),
        }
    }
}

/// How much of the money is explained.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReconciliationTotals {
    /// The share of the reported money that is explained, in millionths: what sessions are apart is taken off, each for
    /// itself. Unknown where nothing was reported.
    pub explained_millionths: Option<i64>,
    /// Sessions with a report.
    pub reported_sessions: i64,
    /// Those of them in which all is explained.
    pub explained_sessions: i64,
    /// Sessions without a report to hold their requests against.
    pub unreported_sessions: i64,
    /// What their requests come to.
    pub unreported_usd: Usd,
    /// Sums over the sessions with a report.
    #[serde(flatten)]
    pub figures: MoneyFigures,
    /// Money of requests that no report covers, in sessions that have one.
    pub uncovered_usd: Usd,
}

impl From<record::ReconciliationTotals> for ReconciliationTotals {
    fn from(totals: record::ReconciliationTotals) -> Self {
        let is_known = |amount: PicoUsd| (totals.reported_sessions > 0).then_some(Usd(amount));
        Self {
            explained_millionths: totals.explained_millionths(),
            reported_sessions: totals.reported_sessions,
            explained_sessions: totals.explained_sessions,
            unreported_sessions: totals.unreported_sessions,
            unreported_usd: Usd(totals.unreported),
            figures: MoneyFigures {
                reported_usd: is_known(totals.reported),
                explained_usd: Usd(totals.explained),
                explained_basis: totals.explained_basis.map(Into::into),
                told_by_telemetry_usd: Usd(totals.told_by_telemetry),
                hidden_usd: is_known(totals.hidden),
                unexplained_usd: is_known(totals.unexplained),
            },
            uncovered_usd: Usd(totals.uncovered),
        }
    }
}

/// Sessions by how far reported and explained are apart; those of which that is unknown come last.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct ReconciliationPage {
    /// Over all sessions asked for, whatever the page.
    pub totals: ReconciliationTotals,
    /// The sessions.
    pub sessions: Vec<ReconciliationRow>,
    /// Give this as `cursor` to get the next page.
    pub next_cursor: Option<String>,
}

impl ReconciliationPage {
    /// An answer of the store.
    pub fn new(totals: record::ReconciliationTotals, page: record::Page<record::ReconciliationRow>) -> Self {
        Self {
            totals: totals.into(),
            sessions: page.rows.into_iter().map(Into::into).collect(),
            next_cursor: page.next_cursor,
        }
    }
}
