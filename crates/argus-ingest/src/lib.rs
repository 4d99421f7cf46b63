//! Claude Code's hooks, transcripts and telemetry in, facts out.
//!
//! `claude` knows what the bytes mean, `source` knows where they come from, `engine` joins them into the store,
//! `pipeline` and `import` decide when. `redact` stands before every write of text; `pricing` gives each request its
//! money.
//!
//! What must stay true: facts are joined, never added up, so anything may be read again; a spool record is removed
//! only after the commit of its rows; a read offset commits together with the rows it stands for.
//! Start with `pipeline`, then `engine`, then `claude::hook` and `claude::transcript`.

mod admission;
mod backtest;
pub mod budget;
mod care;
mod claude;
pub mod context;
mod engine;
mod error;
mod import;
mod judge;
mod pipeline;
pub mod pricing;
mod process;
mod project;
pub mod redact;
pub mod search;
pub mod secrets;
mod source;

pub use backtest::{Backtest, BacktestHit, Backtesting, HitKey, backtest};
pub use care::{CareProgress, care_for};
pub use claude::telemetry::batch::Encoding;
pub use engine::{Trouble, Watched};
pub use error::{IngestError, Result};
pub use import::{ImportProgress, ImportReport, IngestConfig, IngestSettings, Until, import, report_totals};
pub use judge::RuleSettings;
pub use pipeline::{OnChange, Pipeline, PipelineStatus};
pub use source::telemetry::{BatchCopy, CAP_BYTES as TELEMETRY_CAP_BYTES, Copies, Intake, Refused, Signal, Taken};
