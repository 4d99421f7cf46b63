//! B1: the server is killed with SIGKILL again and again while hooks and transcripts go on; at the end everything is
//! there, once. The oracle is the writer of the load itself, which knows every id and token.

// Clippy allows it in test functions only; what serves them is test code as well.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fs::{self, OpenOptions};
use std::io::Write;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use argus_spool::record::{self, Head};
use serde_json::Value;

const SESSIONS: usize = 4;

/// Kills at PR size; `ARGUS_DEEP=1` asks for many more.
fn cycles() -> u32 {
    if std::env::var_os("ARGUS_DEEP").is_some() { 2_000 } else { 50 }
}

struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join("claude/projects/-app")).unwrap();
        fs::create_dir_all(folder.path().join("data/spool")).unwrap();
        let budgets = ["day", "week", "month"].map(|period| {
            format!("[[budgets]]\nname = '{period}'\nperiod = '{period}'\namount_usd = '0.001'\nwarn_percent = [1, 10, 100]\n")
        });
        fs::write(folder.path().join("data/config.toml"), budgets.concat()).unwrap();
        Self { folder }
    }

    fn path(&self, below: &str) -> PathBuf {
        self.folder.path().join(below)
    }

    fn argus(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_argus"));
        command
            .env_clear()
            .env("HOME", self.folder.path())
            .env("PATH", "/usr/bin:/bin")
            .env("ARGUS_DATA_DIR", self.path("data"))
            .env("CLAUDE_CONFIG_DIR", self.path("claude"))
            .args(arguments);
        command
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let output = self.argus(arguments).output().unwrap();
        assert!(output.status.success(), "argus {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        output
    }

    fn json(&self, arguments: &[&str]) -> Value {
        serde_json::from_slice(&self.run(arguments).stdout).unwrap()
    }

    fn serve(&self) -> Child {
        let log = OpenOptions::new().create(true).append(true).open(self.path("serve.log")).unwrap();
        self.argus(&["serve", "--listen", "127.0.0.1:0"]).stdout(Stdio::null()).stderr(log).spawn().unwrap()
    }

    fn pending(&self) -> usize {
        fs::read_dir(self.path("data/spool"))
            .unwrap()
            .filter(|entry| entry.as_ref().is_ok_and(|e| e.path().extension().is_some_and(|x| x == "rec")))
            .count()
    }
}

/// What the load wrote.
#[derive(Default)]
struct Truth {
    tool_use_ids: BTreeSet<String>,
    prompt_ids: BTreeSet<String>,
    requests: u64,
    output_tokens: u64,
}

/// One step of each session: a prompt now and then, a request with a tool call, and its hooks.
fn write_load(root: &Path, stop: &AtomicBool) -> Truth {
    let mut truth = Truth::default();
    let mut step = 0u64;
    while !stop.load(Ordering::Relaxed) {
        for session in 0..SESSIONS {
            let id = format!("session-{session}");
            let prompt = format!("prompt-{session}-{}", step / 20);
            let tool = format!("toolu_{session}_{step}");
            truth.tool_use_ids.insert(tool.clone());
            truth.prompt_ids.insert(format!("p.{prompt}"));
            truth.requests += 1;
            truth.output_tokens += step % 7 + 1;
            hook(
                root,
                &format!(
                    r#"{{"session_id":"{id}","hook_event_name":"UserPromptSubmit","prompt_id":"{prompt}","prompt":"go on","cwd":"/app"}}"#
                ),
            );
            hook(
                root,
                &format!(
                    r#"{{"session_id":"{id}","hook_event_name":"PreToolUse","prompt_id":"{prompt}","tool_name":"Bash","tool_input":{{"command":"echo {step}"}},"tool_use_id":"{tool}"}}"#
                ),
            );
            transcript(root, &id, &prompt, &tool, step);
            hook(
                root,
                &format!(
                    r#"{{"session_id":"{id}","hook_event_name":"PostToolUse","prompt_id":"{prompt}","tool_name":"Bash","tool_input":{{"command":"echo {step}"}},"tool_response":{{"stdout":"{step}"}},"tool_use_id":"{tool}","duration_ms":3}}"#
                ),
            );
        }
        step += 1;
        thread::sleep(Duration::from_millis(10));
    }
    truth
}

/// A record as the hook writes it: one file, one write.
fn hook(root: &Path, payload: &str) {
    let at = u64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_nanos()).unwrap();
    let head = Head { pid: std::process::id(), seen_bytes: payload.len() as u64, started_at_ns: at, ..Head::default() };
    let mut room = vec![0; record::HEAD_ROOM];
    let begin = record::encode_head(&head, payload.as_bytes(), &mut room).unwrap();
    let (name, length) = record::file_name(at, std::process::id());
    let path = root.join("data/spool").join(std::str::from_utf8(&name[..length]).unwrap());
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).unwrap();
    file.write_all(&[&room[begin..], payload.as_bytes()].concat()).unwrap();
}

fn transcript(root: &Path, session: &str, prompt: &str, tool: &str, step: u64) {
    let output = step % 7 + 1;
    let path = root.join(format!("claude/projects/-app/{session}.jsonl"));
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    let at = format!("2026-11-22T0{}:{:02}:{:02}.000Z", step / 3600 % 10, step / 60 % 60, step % 60);
    let common = format!(r#""timestamp":"{at}","sessionId":"{session}","cwd":"/app","version":"2.1.328""#);
    let lines = format!(
        "{{\"type\":\"user\",\"uuid\":\"u-{tool}\",\"promptId\":\"{prompt}\",{common},\"message\":{{\"role\":\"user\",\"content\":\"go on\"}}}}\n\
         {{\"type\":\"assistant\",\"uuid\":\"a-{tool}\",{common},\"requestId\":\"r-{tool}\",\"message\":{{\"id\":\"m-{tool}\",\"model\":\"claude-opus-5-5\",\"stop_reason\":\"tool_use\",\"content\":[{{\"type\":\"tool_use\",\"id\":\"{tool}\",\"name\":\"Bash\",\"input\":{{\"command\":\"echo {step}\"}}}}],\"usage\":{{\"input_tokens\":1,\"output_tokens\":{output}}}}}}}\n\
         {{\"type\":\"user\",\"uuid\":\"t-{tool}\",\"promptId\":\"{prompt}\",{common},\"message\":{{\"role\":\"user\",\"content\":[{{\"type\":\"tool_result\",\"tool_use_id\":\"{tool}\",\"content\":\"{step}\"}}]}}}}\n"
    );
    // Two writes, so that a kill can meet a half-written line.
    let (head, tail) = lines.split_at(lines.len() / 2);
    file.write_all(head.as_bytes()).unwrap();
    file.write_all(tail.as_bytes()).unwrap();
}

#[test]
fn killing_the_server_again_and_again_loses_nothing_and_doubles_nothing() {
    let scratch = Scratch::new();
    let stop = Arc::new(AtomicBool::new(false));
    let load = {
        let (root, stop) = (scratch.folder.path().to_owned(), Arc::clone(&stop));
        thread::spawn(move || write_load(&root, &stop))
    };
    let mut wait_ms = 5u64;
    for _ in 0..cycles() {
        let mut server = scratch.serve();
        // 5 to 500 ms, spread without a clock or a random source to explain a failure by.
        wait_ms = (wait_ms * 37 + 101) % 496 + 5;
        thread::sleep(Duration::from_millis(wait_ms));
        server.kill().unwrap();
        server.wait().unwrap();
    }
    stop.store(true, Ordering::Relaxed);
    let truth = load.join().unwrap();
    settle(&scratch);
    assert_equal(&scratch, &truth);
}

/// A last server takes in what is left and ends in order.
fn settle(scratch: &Scratch) {
    let mut server = scratch.serve();
    let begun = Instant::now();
    while scratch.pending() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} records still wait", scratch.pending());
        thread::sleep(Duration::from_millis(50));
    }
    thread::sleep(Duration::from_millis(500));
    let pid = rustix::process::Pid::from_child(&server);
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    assert!(server.wait().unwrap().success(), "{}", fs::read_to_string(scratch.path("serve.log")).unwrap());
}

fn assert_equal(scratch: &Scratch, truth: &Truth) {
    let total = scratch.json(&["import", "--json"]);
    assert_eq!(total["sessions"], SESSIONS);
    assert_eq!(total["model_requests"], truth.requests);
    assert_eq!(total["tool_calls"], truth.tool_use_ids.len());
    assert_eq!(total["total"]["output_tokens"], truth.output_tokens);
    let (mut calls, mut prompts) = (BTreeSet::new(), BTreeSet::new());
    for session in 0..SESSIONS {
        let shown = scratch.json(&["show", &format!("session-{session}"), "--json"]);
        for event in shown["events"].as_array().unwrap() {
            match event["kind"].as_str().unwrap() {
                "tool_call" => {
                    assert!(calls.insert(event["tool_use_id"].as_str().unwrap().to_owned()), "doubled: {event}");
                    assert_eq!(event["outcome"], "ok", "{event}");
                    assert_eq!(event["sources"], serde_json::json!(["hook", "transcript"]), "{event}");
                    assert_eq!(event["duration_ms"], 3, "{event}");
                }
                "prompt" => {
                    let id = event["event_id"].as_str().unwrap().split_once('~').unwrap().1.to_owned();
                    assert!(prompts.insert(id), "doubled: {event}");
                }
                _ => {}
            }
        }
    }
    assert_eq!(calls, truth.tool_use_ids);
    assert_eq!(prompts, truth.prompt_ids);
    let checked = scratch.run(&["db", "check", "--json"]);
    assert!(checked.status.success());
    assert_each_step_is_told_once(scratch);
}

/// Every answer of the load is of one day, so that each budget has one period, whatever the machine's zone does at its
/// edges: as many periods as there are, each has its steps once.
fn assert_each_step_is_told_once(scratch: &Scratch) {
    let found = scratch.json(&["alerts", "list", "--all", "--rule", "budget.step", "--limit", "500", "--json"]);
    let ids: Vec<String> = found["alerts"]
        .as_array()
        .unwrap()
        .iter()
        .map(|alert| alert["alert_id"].as_str().unwrap().to_owned())
        .collect();
    let once: BTreeSet<&String> = ids.iter().collect();
    assert_eq!(once.len(), ids.len(), "told twice: {ids:?}");
    for period in ["day", "week", "month"] {
        let own: Vec<_> = ids.iter().filter(|id| id.starts_with(&format!("~budget.{period}."))).collect();
        for step in ["1-of", "10-of", "100-of"] {
            assert!(own.iter().any(|id| id.contains(&format!(".{step}"))), "{period} {step}: {own:?}");
        }
    }
}

/// A word that stands in one line of one transcript.
fn planted(cycle: u32, file: u32) -> String {
    format!("plantedword{cycle}x{file}")
}

/// Old transcripts, so that they are indexed at once: a planted word each, among much else.
fn write_texts(root: &Path, cycle: u32) {
    for file in 0..FILES_A_CYCLE {
        let session = format!("texts-{cycle}-{file}");
        let lines: String = (0..60)
            .map(|n| {
                let word = if n == 31 { planted(cycle, file) } else { format!("other{n}") };
                let text = format!("{word} {}", "and so it goes on ".repeat(60));
                format!(
                    "{{\"type\":\"user\",\"uuid\":\"u-{session}-{n}\",\"promptId\":\"p-{session}-{n}\",\"timestamp\":\"2026-11-20T01:00:{n:02}.000Z\",\
                     \"sessionId\":\"{session}\",\"cwd\":\"/app\",\"version\":\"2.1.328\",\"message\":{{\"role\":\"user\",\"content\":\"{text}\"}}}}\n"
                )
            })
            .collect();
        let path = root.join(format!("claude/projects/-app/{session}.jsonl"));
        fs::write(&path, lines).unwrap();
        let long_ago = SystemTime::now() - Duration::from_secs(48 * 3_600);
        OpenOptions::new().append(true).open(&path).unwrap().set_modified(long_ago).unwrap();
    }
}

const FILES_A_CYCLE: u32 = 30;

#[test]
fn a_server_killed_while_it_fills_the_search_index_leaves_every_word_to_be_found_once() {
    let scratch = Scratch::new();
    let cycles = if std::env::var_os("ARGUS_DEEP").is_some() { 200 } else { 12 };
    let (mut met_halfway, mut wait_ms, mut done) = (0, 100u64, 0);
    let is_half_filled = || {
        let index = &scratch.json(&["search", "nowhere", "--json"])["index"];
        let (indexed, total) = (index["indexed_bytes"].as_u64().unwrap(), index["total_bytes"].as_u64().unwrap());
        0 < indexed && indexed < total
    };
    while done < cycles {
        write_texts(scratch.folder.path(), done);
        let mut server = scratch.serve();
        wait_ms = (wait_ms * 37 + 101) % (600 + 40 * u64::from(done)) + 100;
        thread::sleep(Duration::from_millis(wait_ms));
        server.kill().unwrap();
        server.wait().unwrap();
        met_halfway += usize::from(is_half_filled());
        done += 1;
    }
    // How long the index takes depends on the machine: if none of these times met it, one is watched for.
    let until = Instant::now() + Duration::from_secs(120);
    while met_halfway == 0 && Instant::now() < until {
        for _ in 0..20 {
            write_texts(scratch.folder.path(), done);
            done += 1;
        }
        let mut server = scratch.serve();
        let look_until = Instant::now() + Duration::from_secs(30);
        while met_halfway == 0 && Instant::now() < look_until {
            met_halfway += usize::from(is_half_filled());
        }
        server.kill().unwrap();
        server.wait().unwrap();
    }
    assert!(met_halfway > 0, "no kill met the index half filled");
    scratch.run(&["import", "--search"]);
    for (cycle, file) in (0..done).flat_map(|cycle| [0, 13, FILES_A_CYCLE - 1].map(|file| (cycle, file))) {
        let found = scratch.json(&["search", &planted(cycle, file), "--json"]);
        let hits = found["hits"].as_array().unwrap();
        let sessions: Vec<_> = hits.iter().map(|hit| hit["session_id"].as_str().unwrap()).collect();
        assert_eq!(sessions, [format!("texts-{cycle}-{file}")], "{found}");
    }
    assert!(scratch.run(&["db", "check", "--json"]).status.success());
}
