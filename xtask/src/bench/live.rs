//! From the start of a hook process to its session in the live stream: what a person at the dashboard waits for, less
//! the drawing. With `--screen` a browser draws it, too, and the time ends with the frame that shows it.
//!
//! Each hook carries a prompt of a session of its own, so that the message that names the session is the answer to
//! this hook and to no other. Hooks run one at a time, as far apart as asked, against a server that is otherwise idle.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};

use super::measure::{milliseconds, percentile};
use super::server::World;
use crate::workspace::Checkout;
use crate::{Result, program};

/// A hook without an answer for so long is lost, and the benchmark fails.
const ANSWER_AT_MOST: Duration = Duration::from_secs(5);

/// How often, how far apart.
#[derive(Args)]
pub(crate) struct Options {
    /// How many hooks.
    #[arg(long, default_value_t = 300)]
    hooks: u32,
    /// The pause before each, in milliseconds.
    #[arg(long, default_value_t = 20)]
    pause_ms: u64,
    /// To the drawn row in a browser: a step of a session, and an alert of the feed.
    #[arg(long)]
    screen: bool,
    /// One JSON document instead of text.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(checkout: &Checkout, options: &Options) -> Result<()> {
    if options.screen { on_screen(checkout, options) } else { in_stream(checkout, options) }
}

/// The pages' own script measures: it holds the browser.
fn on_screen(checkout: &Checkout, options: &Options) -> Result<()> {
    let mut node = Command::new("node");
    node.current_dir(checkout.ui()).args(["e2e/screen.mjs", &options.hooks.to_string()]);
    checkout.scratch_environment(&mut node)?;
    let printed = program::capture(node.env("ARGUS_BIN", checkout.binary("release", "argus")))?;
    let answer = printed.lines().last().unwrap_or_default();
    if options.json {
        println!("{answer}");
        return Ok(());
    }
    let figures: Value = serde_json::from_str(answer)?;
    for kind in ["event", "alert"] {
        let figure = |name: &str| figures[kind][name].as_f64().map_or_else(|| "–".into(), |ms| format!("{ms:.1} ms"));
        let [median, p90, p99, slowest] = ["median_ms", "p90_ms", "p99_ms", "slowest_ms"].map(figure);
        println!("hook start → {kind} drawn, {} hooks", figures[kind]["hooks"]);
        println!("median {median}  p90 {p90}  p99 {p99}  slowest {slowest}");
    }
    Ok(())
}

fn in_stream(checkout: &Checkout, options: &Options) -> Result<()> {
    let world = World::new(checkout, "live", None)?;
    let server = world.start()?;
    let stream = server.get("/api/v1/live", Some(&world.token()?))?;
    if stream.status != 200 {
        return Err(format!("the live stream answered {}", stream.status).into());
    }
    let lines = follow(stream.body);
    let mut times = Vec::new();
    for number in 0..options.hooks {
        thread::sleep(Duration::from_millis(options.pause_ms));
        times.push(one_hook(checkout, &world, &lines, number)?);
    }
    let figures = [0.5, 0.9, 0.99, 1.0].map(|share| percentile(&mut times, share).map(milliseconds));
    let [median, p90, p99, slowest] = figures;
    if options.json {
        println!(
            "{}",
            json!({ "hooks": times.len(), "median_ms": median, "p90_ms": p90, "p99_ms": p99, "slowest_ms": slowest })
        );
    } else {
        let show = |value: Option<f64>| value.map_or_else(|| "–".to_string(), |value| format!("{value:.2} ms"));
        println!("hook start → live message, {} hooks", times.len());
        println!("median {}  p90 {}  p99 {}  slowest {}", show(median), show(p90), show(p99), show(slowest));
    }
    Ok(())
}

/// Runs the hook with a prompt of a new session, and waits for the message that names it.
fn one_hook(
    checkout: &Checkout,
    world: &World<'_>,
    lines: &Receiver<(Instant, String)>,
    number: u32,
) -> Result<Duration> {
    let session = format!("00000000-0000-4000-8000-{number:012x}");
    let payload = json!({
        "session_id": session,
        "transcript_path": format!("/nonexistent/{session}.jsonl"),
        "cwd": "/nonexistent",
        "hook_event_name": "UserPromptSubmit",
        "prompt": "x".repeat(1500),
    });
    let mut hook = world.command(&checkout.binary("release", "argus-hook"))?;
    hook.stdin(Stdio::piped());
    let start = Instant::now();
    let mut child = hook.spawn()?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(payload.to_string().as_bytes())?;
    }
    child.wait()?;
    while let Some(left) = ANSWER_AT_MOST.checked_sub(start.elapsed()) {
        let Ok((arrived, line)) = lines.recv_timeout(left) else { break };
        if line.contains(&session) {
            return Ok(arrived - start);
        }
    }
    Err(format!("hook {number}: no live message within {} s", ANSWER_AT_MOST.as_secs()).into())
}

/// Reads the stream in a thread of its own and stamps each line as it comes. Ends when the server does.
fn follow(mut body: BufReader<TcpStream>) -> Receiver<(Instant, String)> {
    let (sender, receiver) = mpsc::sync_channel(10_000);
    thread::spawn(move || {
        // The answer was awaited with a limit; a stream may be silent for long.
        let _ = body.get_ref().set_read_timeout(None);
        let mut line = String::new();
        while body.read_line(&mut line).is_ok_and(|length| length > 0) {
            if sender.send((Instant::now(), std::mem::take(&mut line))).is_err() {
                break;
            }
        }
    });
    receiver
}
