//! What a person does in the dashboard, on its way to the one thread that writes.
//!
//! The server itself has no writer. It hands each command over and waits for the answer, on a blocking thread.

use std::sync::Arc;

use argus_ingest::pricing::PriceTable;
use argus_model::{AlertAction, AlertScope, CareOrder, CareReport};
use argus_rules::Rulebook;
use serde_json::{Map, Value};

use crate::dto::{BacktestRequest, BacktestStatus, Guard, GuardReleaseRequest, SettingsRecord};

/// Carries an action about alerts out; how many alerts it was about.
pub type AlertActor = Arc<dyn Fn(AlertScope, AlertAction) -> Result<usize, CommandRefused> + Send + Sync>;

/// Tells the settings that hold.
pub type SettingsReader = Arc<dyn Fn() -> Result<SettingsRecord, CommandRefused> + Send + Sync>;

/// Changes the settings that are named; the settings that hold then.
pub type SettingsChanger = Arc<dyn Fn(Map<String, Value>) -> Result<SettingsRecord, CommandRefused> + Send + Sync>;
/// Tells how calls are judged.
pub type RulebookReader = Arc<dyn Fn() -> Arc<Rulebook> + Send + Sync>;

/// Tells the prices that hold.
pub type PriceReader = Arc<dyn Fn() -> Arc<PriceTable> + Send + Sync>;

/// Orders data to be taken away, or with `None` only asks how far the last order is.
pub type CareTaker = Arc<dyn Fn(Option<CareOrder>) -> Result<CareStatus, CommandRefused> + Send + Sync>;

/// Begins a back-test, or with `None` only tells how far the last one is.
pub type Backtester = Arc<dyn Fn(Option<BacktestRequest>) -> Result<BacktestStatus, CommandRefused> + Send + Sync>;

/// Adds exceptions to the person's rules, as they are written in `rules.toml`; how many.
pub type ExceptionAdder = Arc<dyn Fn(String) -> Result<usize, CommandRefused> + Send + Sync>;
/// Tells how the guard stands, after an order about it was carried out.
pub type GuardKeeper = Arc<dyn Fn(GuardOrder) -> Result<Guard, CommandRefused> + Send + Sync>;

/// What a person wants of the guard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum GuardOrder {
    /// To know how it stands.
    Tell,
    /// To let something pass.
    Release(GuardReleaseRequest),
    /// To take that back: one, or all.
    Close(Option<String>),
}

/// How far an order is.
#[derive(Clone, Debug, Default)]
pub struct CareStatus {
    /// Counts orders since the server started.
    pub order_no: u64,
    /// `waiting`, `removing`, `merging`, `packing`, `done` or `failed`.
    pub phase: &'static str,
    /// What it came to so far.
    pub report: CareReport,
    /// Why it failed.
    pub error: Option<String>,
}

/// Why a command was not carried out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CommandRefused {
    /// Nobody writes here, or the writer is stopping.
    NoWriter,
    /// What was asked cannot be, in words.
    Wrong(String),
    /// The file that keeps the settings is in the way, in words; it was left alone.
    File(String),
    /// The writer tried and failed; its log says why.
    Failed,
}

/// All that can be asked of the writer.
#[derive(Clone)]
pub struct Commands {
    /// See [`AlertActor`].
    pub act_on_alerts: AlertActor,
    /// See [`SettingsReader`].
    pub settings: SettingsReader,
    /// See [`SettingsChanger`].
    pub change_settings: SettingsChanger,
    /// See [`CareTaker`].
    pub order_care: CareTaker,
    /// See [`PriceReader`].
    pub prices: PriceReader,
    /// Tells how calls are judged.
    pub rulebook: RulebookReader,
    /// See [`Backtester`].
    pub order_backtest: Backtester,
    /// See [`ExceptionAdder`].
    pub add_exceptions: ExceptionAdder,
    /// See [`GuardKeeper`].
    pub guard: GuardKeeper,
}

impl Default for Commands {
    /// Refuses everything: a server without a writer.
    fn default() -> Self {
        Self {
            act_on_alerts: Arc::new(|_, _| Err(CommandRefused::NoWriter)),
            settings: Arc::new(|| Err(CommandRefused::NoWriter)),
            change_settings: Arc::new(|_| Err(CommandRefused::NoWriter)),
            order_care: Arc::new(|_| Err(CommandRefused::NoWriter)),
            prices: Arc::new(|| Arc::new(PriceTable::built_in().clone())),
            rulebook: Arc::new(Arc::<Rulebook>::default),
            order_backtest: Arc::new(|_| Err(CommandRefused::NoWriter)),
            add_exceptions: Arc::new(|_| Err(CommandRefused::NoWriter)),
            guard: Arc::new(|_| Err(CommandRefused::NoWriter)),
        }
    }
}
