//! What the hook, or the guard, costs the agent: the whole process as installed, from spawn to wait, against `/bin/true`.
//!
//! Every tool call waits for a hook, and starting a process is most of what a hook costs, so the anchor is the cheapest
//! program that everybody knows. Both are started in the same way, with the same environment and the same payload ready
//! on a pipe as their stdin, in turns; one at a time, and eight at once on however many cores there are. In the end the
//! records are counted: a fast hook that stores nothing is none.
//!
//! They are not removed in between, because ext4 gives no inode away within a minute of its removal and looks through
//! all such for each new file: about 0.15 us each, which is little at an agent's pace and all one sees at this one. For
//! the same reason a second run wants a minute's pause.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::measure::percentile;
use crate::workspace::Checkout;
use crate::{Result, build, program};

const AT_ONCE: usize = 8;
/// Calls a thread makes in one turn of a program: enough to be at once, few enough that turns alternate quickly.
const CALLS_A_TURN: usize = 5;

/// What is laid down for the guard: the most that a server writes, the asked session last.
const SESSIONS: usize = 20;
const CAUSES_A_SESSION: usize = 500;

/// How often.
#[derive(Args)]
pub(crate) struct Options {
    /// Calls of each program, one at a time and again at once.
    #[arg(long, default_value_t = 1_000)]
    calls: usize,
    /// Which of the programs that Claude Code runs.
    #[arg(long, value_enum, default_value_t = Which::Hook)]
    program: Which,
    /// One JSON document instead of text.
    #[arg(long)]
    json: bool,
}

/// A program that Claude Code runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Which {
    /// It stores what it is told.
    Hook,
    /// It judges a command, and stores what it answered.
    Guard,
}

impl Which {
    fn binary(self) -> &'static str {
        match self {
            Self::Hook => "argus-hook",
            Self::Guard => "argus-guard",
        }
    }

    /// How long it is: a usual result; a script of a dozen commands, which is more than most calls are.
    fn bytes(self) -> usize {
        match self {
            Self::Hook => 2_048,
            Self::Guard => 512,
        }
    }

    /// What it is told: a result of plain text, or a script that has to be read to its end.
    fn payload(self) -> Vec<u8> {
        let (start, line, end) = match self {
            Self::Hook => (
                r#"{"session_id":"00000000-0000-4000-8000-000000000000","hook_event_name":"PostToolUse","tool_response":""#,
                "x",
                r#""}"#,
            ),
            Self::Guard => (
                r#"{"session_id":"00000000-0000-4000-8000-000000000000","hook_event_name":"PreToolUse","cwd":"/home/dev/app","tool_name":"Bash","tool_use_id":"toolu_1","tool_input":{"command":"cd web"#,
                r#" && npm run build 2>&1 | tail -n 5 && cp -r dist \"$OUT\"/x"#,
                r#""}}"#,
            ),
        };
        let room = (self.bytes() - start.len() - end.len()) / line.len();
        format!("{start}{}{end}", line.repeat(room)).into_bytes()
    }
}

pub(crate) fn run(checkout: &Checkout, options: &Options) -> Result<()> {
    match options.program {
        Which::Hook => program::run(checkout.cargo().args(["build", "--release", "--quiet", "-p", "argus-hook"]))?,
        Which::Guard => build::guard(checkout)?,
    }
    let contest = Contest::prepare(checkout, options.program)?;
    let warm_up = contest.turns(AT_ONCE, AT_ONCE * CALLS_A_TURN)?;
    let alone = contest.turns(1, options.calls)?;
    let at_once = contest.turns(AT_ONCE, options.calls)?;
    contest.check_spool(warm_up.hook.len() + alone.hook.len() + at_once.hook.len())?;
    fs::remove_dir_all(&contest.data_dir)?;
    if options.json {
        let document = json!({
            "program": options.program.binary(),
            "payload_bytes": contest.payload.len(),
            "cores": thread::available_parallelism()?.get(),
            "one_at_a_time": alone.to_json(),
            "eight_at_once": at_once.to_json(),
        });
        println!("{document}");
        return Ok(());
    }
    println!(
        "{} as installed against /bin/true: {} calls of each, {} bytes on stdin",
        options.program.binary(),
        options.calls,
        contest.payload.len()
    );
    println!(
        "{:<16}{:>14}{:>14}{:>10}{:>14}{:>14}{:>10}",
        "", "true median", "ours", "ratio", "true p99", "ours", "ratio"
    );
    alone.print("one at a time");
    at_once.print("8 at once");
    Ok(())
}

/// The two programs, and the folder ours is installed in.
struct Contest {
    which: Which,
    anchor: PathBuf,
    hook: PathBuf,
    data_dir: PathBuf,
    payload: Vec<u8>,
}

/// Spawn-to-wait times of each.
#[derive(Default)]
struct Times {
    anchor: Vec<Duration>,
    hook: Vec<Duration>,
}

impl Contest {
    /// Installs it as `argus install` does, in `bin` beside `spool`, so that it finds its spool by its own place.
    fn prepare(checkout: &Checkout, which: Which) -> Result<Self> {
        let data_dir = checkout.scratch("bench-hook")?;
        fs::remove_dir_all(&data_dir)?;
        private_folder(&data_dir.join("bin"))?;
        private_folder(&data_dir.join("spool"))?;
        let hook = data_dir.join("bin").join(which.binary());
        fs::copy(checkout.binary("release", which.binary()), &hook)?;
        let anchor = ["/bin/true", "/usr/bin/true"].map(PathBuf::from).into_iter().find(|path| path.is_file());
        let anchor = anchor.ok_or("no /bin/true to compare with")?;
        let contest = Self { which, anchor, hook, data_dir, payload: which.payload() };
        if which == Which::Guard {
            contest.lay_down()?;
        }
        Ok(contest)
    }

    /// Lays down for the guard what the server does after a busy day, and sees that the guard goes by it.
    fn lay_down(&self) -> Result<()> {
        let mut text = json!({}).to_string();
        for session in 0..SESSIONS {
            let cause = |no| json!({ "rule": "seq.download-then-exec", "subject": format!("/tmp/of-{session}/{no}.sh"), "at_us": i64::MAX });
            let causes: Vec<Value> = (0..CAUSES_A_SESSION).map(cause).collect();
            let id = format!("00000000-0000-4000-8000-{:012}", SESSIONS - 1 - session);
            text += &format!("\n{}", json!([id, { "causes": causes }]));
        }
        fs::write(self.data_dir.join("guard.jsonl"), text + "\n")?;
        let follows = json!({
            "session_id": "00000000-0000-4000-8000-000000000000", "hook_event_name": "PreToolUse", "cwd": "/home/dev/app",
            "tool_name": "Bash", "tool_input": { "command": format!("sh /tmp/of-{}/7.sh", SESSIONS - 1) },
        });
        let mut guard = Command::new(&self.hook).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        guard.stdin.take().ok_or("the guard has no stdin")?.write_all(follows.to_string().as_bytes())?;
        let answered = guard.wait_with_output()?;
        if String::from_utf8_lossy(&answered.stdout).contains("seq.download-then-exec") {
            return Ok(());
        }
        Err("the guard did not go by what was laid down for it: its file has another form than this benchmark knows"
            .into())
    }

    /// Both programs in turns, `at_once` of the same at a time, until each was called `calls` times.
    fn turns(&self, at_once: usize, calls: usize) -> Result<Times> {
        let mut times = Times::default();
        while times.hook.len() < calls {
            times.anchor.extend(self.turn(&self.anchor, at_once)?);
            times.hook.extend(self.turn(&self.hook, at_once)?);
        }
        Ok(times)
    }

    fn turn(&self, program: &Path, at_once: usize) -> Result<Vec<Duration>> {
        let together = Barrier::new(at_once);
        let calls = || {
            together.wait();
            (0..CALLS_A_TURN).map(|_| self.call(program)).collect::<std::io::Result<Vec<Duration>>>()
        };
        let mut times = Vec::new();
        thread::scope(|scope| -> Result<()> {
            let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(calls)).collect();
            for thread in threads {
                times.extend(thread.join().map_err(|_| "a benchmark thread failed")??);
            }
            Ok(())
        })?;
        Ok(times)
    }

    /// One process, its payload ready before the clock starts.
    fn call(&self, program: &Path) -> std::io::Result<Duration> {
        let (stdin, mut fill) = std::io::pipe()?;
        fill.write_all(&self.payload)?;
        drop(fill);
        let mut command = Command::new(program);
        command.env_clear().env("HOME", &self.data_dir).env("PATH", "/usr/bin:/bin");
        command.env("CLAUDE_PID", "1").env("CLAUDE_PROJECT_DIR", &self.data_dir).env("CLAUDE_CODE_ENTRYPOINT", "cli");
        command.stdin(stdin).stdout(Stdio::null()).stderr(Stdio::null());
        let start = Instant::now();
        let status = command.spawn()?.wait()?;
        let took = start.elapsed();
        if status.success() { Ok(took) } else { Err(std::io::Error::other(format!("{}: {status}", program.display()))) }
    }

    /// Sees that every call was stored whole, or what was answered to it.
    fn check_spool(&self, calls: usize) -> Result<()> {
        let mut stored = 0;
        for entry in fs::read_dir(self.data_dir.join("spool"))? {
            let record = fs::read(entry?.path())?;
            stored += usize::from(match self.which {
                Which::Hook => record.ends_with(&self.payload),
                Which::Guard => {
                    record.ends_with(b"}") && String::from_utf8_lossy(&record).contains(r#""decision":"pass""#)
                }
            });
        }
        if stored == calls { Ok(()) } else { Err(format!("{calls} hooks ran, {stored} records are whole").into()) }
    }
}

impl Times {
    /// Median and 99th percentile of both in microseconds, and their ratios.
    fn figures(&self) -> [[f64; 3]; 2] {
        [0.5, 0.99].map(|share| {
            let [anchor, hook] = [&self.anchor, &self.hook]
                .map(|times| percentile(&mut times.clone(), share).unwrap_or_default().as_secs_f64() * 1e6);
            [anchor, hook, hook / anchor]
        })
    }

    fn print(&self, how: &str) {
        print!("{how:<16}");
        for [anchor, hook, ratio] in self.figures() {
            print!("{anchor:>11.0} us{hook:>11.0} us{ratio:>9.2}x");
        }
        println!();
    }

    fn to_json(&self) -> Value {
        let [median, p99] = self.figures();
        let named = |[anchor, hook, ratio]: [f64; 3]| json!({ "true_us": anchor, "hook_us": hook, "ratio": ratio });
        json!({ "calls": self.hook.len(), "median": named(median), "p99": named(p99) })
    }
}

/// A folder as Argus makes it: for its owner alone.
fn private_folder(path: &Path) -> Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    Ok(builder.create(path)?)
}
