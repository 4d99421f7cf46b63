//! End to end with the real Claude Code client, offline: it runs whole scripted sessions, and Argus must tell exactly
//! what happened while the client must not notice Argus at all.
//!
//! The client is the pinned npm package (`npm/`), the model a stand-in for the Messages API whose ledger is the ground
//! truth for tokens. The parts of the harness: `script` (what the model says), `messages_api` and `ledger`, `world` (a
//! scratch HOME), `print_mode` and `terminal` (the two ways to run the client), `transcripts` (a second opinion), `argus`
//! (the program under test), `twice` (the same with and without it) and `truth` (what must hold after any session).
//! The tests: `client_alone` proves the harness itself; `observed_print`, `observed_interactive`,
//! `observed_telemetry` and `observed_guard` hold Argus to it.
//!
//! Start at `client_alone`: it shows a script, a run and a ledger with nothing else around.
#![allow(clippy::print_stderr, reason = "the installer of the client reports its progress")]
#![allow(clippy::unwrap_used, reason = "a harness stops at the first thing that is not as it must be")]

mod argus;
#[path = "../../../../xtask/src/client.rs"]
mod client;
mod ledger;
mod messages_api;
mod print_mode;
mod script;
mod terminal;
mod transcripts;
mod truth;
mod twice;
mod world;

mod client_alone;
mod observed_guard;
mod observed_interactive;
mod observed_print;
mod observed_telemetry;
