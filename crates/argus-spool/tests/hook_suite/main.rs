//! The hook never hurts the agent: fault injection on the real binary, as installed.
//!
//! Each test runs `argus-hook` as a process against a real folder and reads back with the real drain. The oracle is the
//! set of payloads sent: all in the spool or counted as lost, none twice, none changed. Times are not asserted, beyond
//! what a deadline promises; `cargo xtask bench hook` measures them. `ARGUS_DEEP=1` runs the larger counts.
//!
//! Start at `rig::World`.
#![cfg(target_os = "linux")]

mod draining;
mod killed;
mod many;
mod places;
mod refused;
mod rig;
mod stdin;
