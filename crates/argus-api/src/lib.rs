//! The HTTP server: routes, records as JSON, live stream, and the embedded dashboard.
//!
//! Everything that asks comes through one door ([`door`]): address, origin, method, token, in that order, whatever
//! the route. Behind it stand thin handlers ([`routes`]) that ask the store on a blocking thread and convert its
//! records by hand ([`dto`]). The server never writes facts; what the running process knows beside the database
//! comes through [`CaptureSource`].
//!
//! What must stay true: no answer without the security headers, no data route without a token, no CORS header at
//! all, loopback only, unknown is `null` and never zero, money is exact.
//! Start with [`door`], then [`server`].

mod assets;
mod auth;
mod budgets;
mod capture;
mod carry;
mod changes;
mod commands;
mod cost;
mod days;
mod detail;
mod door;
pub mod dto;
mod error;
mod estimate;
mod latency;
mod otlp;
mod overview;
mod routes;
mod server;

pub use auth::{
    AuthError, INGEST_TOKEN_FILE, TOKEN_FILE, Tokens, open_ingest_token, read_script_token, rotate_ingest_token,
    rotate_script_token,
};
pub use budgets::list_budgets;
pub use capture::{
    CaptureSource, CaptureStatus, ExcludedStatus, HookStatus, ImportStatus, SpoolStatus, TelemetryStatus,
};
pub use carry::list_carry;
pub use changes::Changes;
pub use commands::{
    AlertActor, Backtester, CareStatus, CareTaker, CommandRefused, Commands, ExceptionAdder, GuardKeeper, GuardOrder,
    PriceReader, RulebookReader, SettingsChanger, SettingsReader,
};
pub use cost::{CostQuestion, list_cost};
pub use estimate::{explain_cost, what_if};
pub use latency::list_latency;
pub use routes::{MADE_UP, openapi_json};
pub use server::{ApiConfig, ServeError, Server, serve};
