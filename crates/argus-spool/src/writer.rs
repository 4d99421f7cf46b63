//! Whether the hook that made a segment may still be about to fill it.
//!
//! A hook fills its file right after it makes it, with nothing in between, so a few seconds are ample. The process behind
//! the name is asked as well, because a hook can be stopped in that instant; a process of the same number that is younger
//! than the segment is another. A hook in another pid namespace cannot be seen at all: it has the grace and no more.

use std::io;
use std::time::{Duration, SystemTime};

use crate::name::SegmentName;

/// So long any segment may stay unfinished.
const GRACE: Duration = Duration::from_secs(2);
/// So long it may if its writer seems to live: seems, for the number may be a stranger's from another namespace.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) fn may_still_write(name: &SegmentName, modified: io::Result<SystemTime>) -> bool {
    match modified.map(|at| SystemTime::now().duration_since(at)) {
        Ok(Ok(age)) => age < GRACE || (age < PATIENCE && writer_lives(name)),
        // A clock that was set back says nothing about age.
        Ok(Err(_)) | Err(_) => writer_lives(name),
    }
}

#[cfg(target_os = "linux")]
fn writer_lives(name: &SegmentName) -> bool {
    /// The kernel counts process times in these, whatever its own tick.
    const NS_PER_TICK: u64 = 10_000_000;
    const SLACK_NS: u64 = 1_000_000_000;
    let Ok(stat) = std::fs::read(format!("/proc/{}/stat", name.pid())) else { return false };
    // The command's name may hold anything, also spaces and brackets: fields are counted from its last bracket.
    let fields = stat.rsplit(|&byte| byte == b')').next().unwrap_or_default();
    let fields: Vec<&str> = std::str::from_utf8(fields).unwrap_or_default().split_ascii_whitespace().collect();
    let (Some(&state), Some(started)) = (fields.first(), fields.get(19).and_then(|ticks| ticks.parse::<u64>().ok()))
    else {
        return false;
    };
    let boot = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    let boot_ns = (boot.tv_sec as u64).saturating_mul(1_000_000_000) + boot.tv_nsec as u64;
    let process_age_ns = boot_ns.saturating_sub(started.saturating_mul(NS_PER_TICK));
    let now_ns = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |at| at.as_nanos() as u64);
    !matches!(state, "Z" | "X")
        && now_ns.saturating_sub(process_age_ns) <= name.started_at_ns().saturating_add(SLACK_NS)
}

#[cfg(not(target_os = "linux"))]
fn writer_lives(_: &SegmentName) -> bool {
    false
}
