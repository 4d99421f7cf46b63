//! Made-up sessions for every page: transcripts and hook records as a client would have written them, in a folder of
//! their own, read by the same code as real ones.
//!
//! The same seed gives the same sessions at each making, moved to end today. Nothing here touches Claude Code's folders
//! or the person's own data. Start with [`make`]; [`play`] goes on writing while somebody looks.

mod budgets;
mod drill;
mod ledger;
mod scenes;
mod spool;
mod tell;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use argus_ingest::{Encoding, Intake, Signal, TELEMETRY_CAP_BYTES};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;

use crate::paths::{DataDir, make_private_folder, write_private};
use scenes::Scene;
use tell::{End, Project, Teller};

pub(crate) use budgets::write as write_budgets;

const OPUS: &str = "claude-opus-5-5";
const SONNET: &str = "claude-sonnet-5-5";
const HAIKU: &str = "claude-haiku-5-5";

const PROJECTS: [Project; 4] = [
    Project { cwd: "/home/dev/shop-api", branch: "main" },
    Project { cwd: "/home/dev/web-checkout", branch: "fix/rounding" },
    Project { cwd: "/home/dev/infra", branch: "main" },
    Project { cwd: "/home/dev/data-pipeline", branch: "feature/export" },
];

/// Days of ordinary work before today.
const DAYS: i64 = 29;
/// Sessions from then on have hooks, as if Argus had been installed yesterday.
const HOOKED_HOURS: i64 = 24;
/// How long the live sessions go on.
const LIVE_STEPS: usize = 1_200;

/// The scenes besides ordinary work: what, by which model, in which project, how many hours ago.
const SPECIAL: [(Scene, &str, usize, i64); 12] = [
    (scenes::dangerous, SONNET, 2, 12 * 24),
    (scenes::nested, OPUS, 0, 9 * 24),
    (scenes::dear, OPUS, 3, 5 * 24),
    (scenes::hostile, SONNET, 1, 4 * 24),
    (drill::drill, SONNET, 2, 3 * 24),
    (scenes::trouble, SONNET, 3, 2 * 24),
    (scenes::refused, SONNET, 0, 9),
    (scenes::nested, OPUS, 1, 6),
    (scenes::dear, OPUS, 0, 4),
    (drill::past_the_guard, SONNET, 0, 3),
    (scenes::dangerous, SONNET, 2, 2),
    (drill::chains, OPUS, 3, 5),
];

/// Where the demo lies of somebody whose own data lies in `data`.
pub(crate) fn folder(data: &DataDir) -> DataDir {
    DataDir::new(data.path().join("demo"))
}

/// The folder that stands for Claude Code's in a demo.
pub(crate) fn config_root(data: &DataDir) -> PathBuf {
    data.path().join("claude")
}

/// Whether a data directory holds a demo.
pub(crate) fn is_demo(data: &DataDir) -> bool {
    marker(data).exists()
}

/// When the demo in a data directory was made, if it was made to the end.
pub(crate) fn made_at(data: &DataDir) -> Option<Timestamp> {
    fs::read_to_string(marker(data)).ok()?.trim().parse().ok()
}

/// The file that says so, and when it was made.
pub(crate) fn marker(data: &DataDir) -> PathBuf {
    data.path().join(argus_api::MADE_UP)
}

/// Writes the sessions; the largest one has `steps`. `progress` hears how much of all is written, in thousandths.
pub(crate) fn make(data: &DataDir, now: Timestamp, steps: usize, progress: &dyn Fn(u64)) -> io::Result<()> {
    data.prepare()?;
    // Marked first: whatever becomes of the making, this folder holds nothing real.
    write_private(&marker(data), "")?;
    let projects = config_root(data).join("projects");
    make_private_folder(&projects)?;
    let mut rng = fastrand::Rng::with_seed(7);
    let begin = |project: usize, model, hours: i64, seed| {
        let at = now.saturating_sub(SignedDuration::from_hours(hours)).unwrap_or(now);
        Teller::begin(&projects, PROJECTS[project], model, at, seed)
    };
    for day in 1..=DAYS {
        for _ in 0..rng.u8(1..4) {
            let model = if rng.bool() { OPUS } else { SONNET };
            let mut teller = begin(rng.usize(..PROJECTS.len()), model, day * 24 + rng.i64(1..10), rng.u64(..))?;
            perform(&mut teller, data, now, scenes::work)?;
        }
        progress(100 * day.unsigned_abs() / DAYS.unsigned_abs());
    }
    for (index, (scene, model, project, hours)) in SPECIAL.into_iter().enumerate() {
        let mut teller = begin(project, model, hours, 1_000 + index as u64)?;
        perform(&mut teller, data, now, scene)?;
    }
    // Minutes ago: money that still burns.
    let at = now.saturating_sub(SignedDuration::from_mins(10)).unwrap_or(now);
    let mut teller = Teller::begin(&projects, PROJECTS[1], OPUS, at, 98)?;
    perform(&mut teller, data, now, scenes::dear)?;
    // And a context that was looked at lately.
    let at = now.saturating_sub(SignedDuration::from_mins(40)).unwrap_or(now);
    let mut teller = Teller::begin(&projects, PROJECTS[0], OPUS, at, 97)?;
    perform(&mut teller, data, now, scenes::pauses)?;
    let mut teller = begin(3, HAIKU, 6 * 24, 99)?;
    scenes::huge(&mut teller, steps, &|done| progress(100 + 900 * done as u64 / steps.max(1) as u64))?;
    teller.totals()?;
    teller.finish()?;
    write_private(&marker(data), &now.to_string())
}

/// Plays a scene, with hooks where Argus was there already.
fn perform(teller: &mut Teller, data: &DataDir, now: Timestamp, scene: Scene) -> io::Result<()> {
    let is_hooked = now.duration_since(teller.now) < SignedDuration::from_hours(HOOKED_HOURS);
    teller.hook("SessionStart", json!({ "source": "startup" }));
    scene(teller)?;
    teller.wait(5_000);
    teller.hook("SessionEnd", json!({ "reason": "prompt_input_exit" }));
    teller.totals()?;
    teller.finish()?;
    if is_hooked {
        hand_over(teller, data, None)?;
        export(teller, data)?;
    }
    Ok(())
}

/// Leaves the telemetry of a session where the server takes it from.
fn export(teller: &Teller, data: &DataDir) -> io::Result<()> {
    let intake = Intake::open(data.path(), TELEMETRY_CAP_BYTES).map_err(io::Error::other)?;
    let batch = teller.export().to_string();
    intake.take(Signal::Logs, Encoding::Json, batch.as_bytes()).map_err(io::Error::other)?;
    Ok(())
}

fn hand_over(teller: &mut Teller, data: &DataDir, client: Option<u32>) -> io::Result<()> {
    teller.told.drain(..).try_for_each(|told| spool::hand_over(&data.spool(), &told, client))
}

/// Writes sessions that run now, until it is told to stop or the demo grows too large: one at work, one that waits for a
/// permission. This process stands for the client, so both are lost when it ends.
pub(crate) fn play(data: &DataDir, stop: &Receiver<()>, pause: Duration) -> io::Result<()> {
    let projects = config_root(data).join("projects");
    wait_for_permission(data, &projects)?;
    let mut teller = Teller::begin(&projects, PROJECTS[0], OPUS, Timestamp::now(), fastrand::u64(..))?;
    teller.hook("SessionStart", json!({ "source": "startup" }));
    teller.prompt("Find out why the basket forgets its discount, and mend it.")?;
    teller.title("Mend the basket's discount")?;
    for _ in 0..LIVE_STEPS {
        teller.now = Timestamp::now();
        let ids = teller.answer(None, &[("Bash", json!({ "command": "cargo test --package basket" }))])?;
        teller.finish()?;
        hand_over(&mut teller, data, Some(std::process::id()))?;
        if stop.recv_timeout(pause) != Err(RecvTimeoutError::Timeout) {
            return Ok(());
        }
        teller.now = Timestamp::now();
        let end = if teller.rng().u8(0..6) == 0 { End::Failed } else { End::Good };
        let said =
            if end == End::Good { "test result: ok. 12 passed" } else { "test result: FAILED. 11 passed; 1 failed" };
        for id in &ids {
            teller.result(id, 0, said, end)?;
            teller.hook(
                if end == End::Good { "PostToolUse" } else { "PostToolUseFailure" },
                json!({ "tool_name": "Bash", "tool_use_id": id, "duration_ms": pause.as_millis() as u64 }),
            );
        }
        teller.finish()?;
        hand_over(&mut teller, data, Some(std::process::id()))?;
    }
    Ok(())
}

fn wait_for_permission(data: &DataDir, projects: &Path) -> io::Result<()> {
    let mut teller = Teller::begin(projects, PROJECTS[2], SONNET, Timestamp::now(), fastrand::u64(..))?;
    teller.hook("SessionStart", json!({ "source": "startup" }));
    teller.prompt("Roll the new image out to staging.")?;
    teller.title("Roll out to staging")?;
    let input = json!({ "command": "sudo systemctl restart staging", "description": "Restart staging" });
    teller.wait(800);
    teller.answer(Some("The image is there. I restart the service."), &[("Bash", input.clone())])?;
    teller.wait(50);
    teller.hook("PermissionRequest", json!({ "tool_name": "Bash", "tool_input": input }));
    teller.finish()?;
    hand_over(&mut teller, data, Some(std::process::id()))
}
