//! What Claude Code runs for each hook event: stdin → spool, and nothing else.
//!
//! Every event waits for this program, so it takes no arguments, reads no configuration, knows no server, prints nothing
//! and exits 0 whatever happens (exit 2 would be a veto). All it may fail at is counted in one file beside the spool.
//!
//! On Linux it runs without libc and without the standard library (`bare`), because their start-up costs several times
//! the work itself; elsewhere it is the same thing over the standard library. Both follow
//! `argus-spool/src/record.rs` and `place.rs`; the bare one includes these files by path, so that it has no dependency
//! and no Cargo feature of another crate can reach it.
//!
//! Start at `bare::record_stdin`.
#![cfg_attr(without_libc, no_std, no_main)]
#![allow(unsafe_code, reason = "without libc the system calls are made here; each use says why it is sound")]

#[cfg(without_libc)]
mod bare;
#[cfg(without_libc)]
#[path = "../../argus-spool/src/place.rs"]
#[allow(unreachable_pub, reason = "source shared with a library")]
mod place;
#[cfg(without_libc)]
#[path = "../../argus-spool/src/record.rs"]
#[allow(unreachable_pub, dead_code, reason = "source shared with a library; the hook never decodes")]
mod record;
#[cfg(without_libc)]
#[path = "../../argus-spool/src/xxh64.rs"]
#[allow(unreachable_pub, dead_code, reason = "source shared with a library; the hook never decodes")]
mod xxh64;

#[cfg(not(without_libc))]
fn main() {
    if let Some(spool) = argus_spool::spool_folder() {
        argus_spool::append_stdin(&spool);
    }
}
