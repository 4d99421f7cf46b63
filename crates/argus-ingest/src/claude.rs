//! What Claude Code's bytes mean: the one place that knows its field names.
//!
//! `wire` says what arrives, `hook`, `transcript` and `telemetry` say what of it matters, `fold` gathers it into states. Nothing
//! here touches a file or a database, so every rule can be tested on recorded bytes.

pub(crate) mod commit;
pub(crate) mod dollars;
pub(crate) mod fold;
pub(crate) mod hook;
pub(crate) mod input;
pub(crate) mod label;
pub(crate) mod meta;
pub(crate) mod notification;
pub(crate) mod spawn;
pub(crate) mod telemetry;
pub(crate) mod text;
pub(crate) mod transcript;
pub(crate) mod usage;
pub(crate) mod wire;
