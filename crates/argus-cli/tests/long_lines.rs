//! B10: lines and payloads of a hundred megabytes, made of whatever is dear to look at, through the real program.
//!
//! The oracle: what stands before and after is there, the long one is there with its cut said, or set aside with a
//! reason, and the process never held more than the limit. Memory is the system's own high-water mark.
#![cfg(target_os = "linux")]
// Clippy allows them in test functions only; what serves those is test code as well, and tells what it measured.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use argus_model::SessionId;
use argus_model::record::{EventQuery, EventRecord};
use argus_store::{Reader, Store};

/// What `trust.md` calls B10 promises.
const LIMIT_BYTES: u64 = 300_000_000;
/// Far from what it takes, near enough to tell a line that is looked at once from one looked at again and again.
const LONGEST: Duration = Duration::from_secs(90);
const MEGABYTE: usize = 1_000_000;

struct Scratch {
    folder: tempfile::TempDir,
}

impl Scratch {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for below in ["claude/projects/-app", "data/spool"] {
            fs::create_dir_all(folder.path().join(below)).unwrap();
        }
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
            .args(arguments)
            .stdout(Stdio::null());
        command
    }

    /// A transcript with a line before and one after what `middle` writes, old enough to be archived by an import.
    fn transcript(&self, middle: impl FnOnce(&mut dyn Write)) {
        let path = self.path("claude/projects/-app/s1.jsonl");
        let mut file = BufWriter::new(File::create(&path).unwrap());
        file.write_all(message("before").as_bytes()).unwrap();
        middle(&mut file);
        file.write_all(message("after").as_bytes()).unwrap();
        let file = file.into_inner().unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(40 * 24 * 3600)).unwrap();
    }

    /// Imports, and gives the most memory that the process had.
    fn import(&self) -> u64 {
        let begun = Instant::now();
        let mut import = self.argus(&["import", "--json"]).spawn().unwrap();
        let mut peak = 0;
        let status = loop {
            peak = peak_bytes(&import).unwrap_or(peak);
            if let Some(status) = import.try_wait().unwrap() {
                break status;
            }
            assert!(begun.elapsed() < LONGEST, "still importing");
            thread::sleep(Duration::from_millis(1));
        };
        assert!(status.success());
        eprintln!("import: {} MB at its peak, {:.1} s", peak / 1_000_000, begun.elapsed().as_secs_f64());
        peak
    }

    fn reader(&self) -> Reader {
        Store::open(&self.path("data/argus.db")).unwrap().readers().get().unwrap()
    }

    fn events(&self) -> Vec<EventRecord> {
        let query = EventQuery { all_kinds: true, limit: 100, ..EventQuery::default() };
        self.reader().list_events(&SessionId::new("s1"), &query).unwrap().0
    }

    fn has_both_neighbours(&self) -> bool {
        let labels: Vec<_> = self.events().into_iter().filter_map(|event| event.label).collect();
        ["before", "after"].iter().all(|wanted| labels.iter().any(|label| label == wanted))
    }
}

fn peak_bytes(child: &Child) -> Option<u64> {
    let status = fs::read_to_string(Path::new("/proc").join(child.id().to_string()).join("status")).ok()?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim().strip_suffix(" kB")?;
    Some(kilobytes.trim().parse::<u64>().ok()? * 1024)
}

fn message(text: &str) -> String {
    format!(
        r#"{{"type":"assistant","uuid":"u-{text}","timestamp":"2026-09-22T07:00:00.000Z","sessionId":"s1","cwd":"/app","requestId":"r-{text}","message":{{"id":"m-{text}","model":"claude-opus-5-5","stop_reason":"end_turn","content":[{{"type":"text","text":"{text}"}}],"usage":{{"input_tokens":1,"output_tokens":2}}}}}}"#
    ) + "\n"
}

/// A tool's result whose text is `pieces` over and over, raw as they are.
fn result(file: &mut dyn Write, size_bytes: usize, pieces: &[&[u8]]) {
    let head = r#"{"type":"user","uuid":"u-big","timestamp":"2026-09-22T07:00:01.000Z","sessionId":"s1","cwd":"/app","message":{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_big","content":""#;
    file.write_all(head.as_bytes()).unwrap();
    fill(file, size_bytes, pieces);
    file.write_all(b"\"}]}}\n").unwrap();
}

/// A share of the size for each piece.
fn fill(file: &mut dyn Write, size_bytes: usize, pieces: &[&[u8]]) {
    for piece in pieces {
        let block = piece.repeat(64 * 1024 / piece.len() + 1);
        for _ in 0..size_bytes / pieces.len() / block.len() {
            file.write_all(&block).unwrap();
        }
    }
}

/// What costs most to look at: beginnings of secrets, secrets, quotes, escapes, lone surrogates, one endless word.
const HOSTILE: [&[u8]; 9] = [
    b"password=abc sk-ant- ghp_ AKIA eyJ token: x -----BEGIN PRIVATE KEY----- https://a:b",
    b"\\\"",
    b"QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVphYmNkZWZnaGlqa2xtbm9wcXJzdHV2d3h5ejAxMjM0NTY3ODk",
    b"token=hunter2A9x!q and words between that are no secret at all, as most of a log is ",
    b"\\u0070\\u0061\\u0073\\u0073word and more words ",
    b"\\ud83d",
    b"lorem ipsum dolor sit amet ",
    b"secret=\\\"",
    b"\\\\",
];

#[test]
fn a_line_of_a_hundred_megabytes_is_read_in_bounded_memory_and_so_are_its_neighbours() {
    let scratch = Scratch::new();
    scratch.transcript(|file| result(file, 100 * MEGABYTE, &HOSTILE));
    let peak = scratch.import();
    assert!(peak <= LIMIT_BYTES, "{peak} bytes at its peak");
    assert!(scratch.has_both_neighbours());
    let call = scratch.events().into_iter().find(|event| event.tool_use_id.as_deref() == Some("toolu_big")).unwrap();
    assert!(call.output_bytes.unwrap() > 99 * MEGABYTE as i64);
    let bodies = scratch.reader().list_bodies(&call.event_id).unwrap();
    let text = bodies.iter().find_map(|body| body.text.as_ref()).unwrap();
    assert!(text.ends_with("more bytes›") && text.len() > 10 * MEGABYTE, "{} bytes kept", text.len());
    assert!(!text.contains("hunter2A9x"), "a secret stayed");
    assert_eq!(scratch.reader().list_quarantine(10).unwrap(), []);
}

#[test]
fn a_line_of_a_hundred_megabytes_that_is_no_text_is_read_in_bounded_memory() {
    let scratch = Scratch::new();
    scratch.transcript(|file| result(file, 100 * MEGABYTE, &[b"\xff", b"a\xed\xa0\x80", b"\xe2\x82"]));
    let peak = scratch.import();
    assert!(peak <= LIMIT_BYTES, "{peak} bytes at its peak");
    assert!(scratch.has_both_neighbours());
}

#[test]
fn a_line_longer_than_any_record_or_broken_is_set_aside_with_its_reason() {
    let scratch = Scratch::new();
    scratch.transcript(|file| {
        result(file, 160 * MEGABYTE, &[b"x"]);
        file.write_all(b"{\"type\":\"user\", broken ").unwrap();
        fill(file, 100 * MEGABYTE, &[b"[", b"\""]);
        file.write_all(b"\n").unwrap();
    });
    let peak = scratch.import();
    assert!(peak <= LIMIT_BYTES, "{peak} bytes at its peak");
    assert!(scratch.has_both_neighbours());
    let mut aside = scratch.reader().list_quarantine(10).unwrap();
    aside.sort_by_key(|one| one.offset);
    let reasons: Vec<_> = aside.iter().map(|one| one.reason.as_str()).collect();
    assert_eq!(reasons, ["line is too long", "not a JSON record"]);
    assert!(aside[1].offset - aside[0].offset > 159 * MEGABYTE as i64, "the next line is found where it is");
    assert!(aside.iter().all(|one| one.excerpt.chars().count() <= 2_048));
}

#[test]
fn payloads_of_a_hundred_megabytes_are_drained_in_bounded_memory() {
    let scratch = Scratch::new();
    for event in ["PreToolUse", "PostToolUse"] {
        let mut hook = scratch.argus(&["hook"]).stdin(Stdio::piped()).spawn().unwrap();
        let mut stdin = hook.stdin.take().unwrap();
        let head = format!(
            r#"{{"session_id":"s1","hook_event_name":"{event}","tool_name":"Bash","tool_use_id":"toolu_big","tool_input":{{"command":"cat big"}},"tool_response":{{"stdout":""#
        );
        stdin.write_all(head.as_bytes()).unwrap();
        fill(&mut stdin, 100 * MEGABYTE, &HOSTILE);
        stdin.write_all(b"\"}}").unwrap();
        drop(stdin);
        assert!(hook.wait().unwrap().success());
    }
    let begun = Instant::now();
    let mut server = scratch.argus(&["serve", "--listen", "127.0.0.1:0"]).stderr(Stdio::null()).spawn().unwrap();
    let pending = || fs::read_dir(scratch.path("data/spool")).unwrap().count();
    while pending() > 0 && begun.elapsed() < LONGEST {
        thread::sleep(Duration::from_millis(20));
    }
    let peak = peak_bytes(&server).unwrap();
    server.kill().unwrap();
    server.wait().unwrap();
    eprintln!("drained: {} MB at its peak, {:.1} s", peak / 1_000_000, begun.elapsed().as_secs_f64());
    assert_eq!(pending(), 0, "still draining");
    assert!(peak <= LIMIT_BYTES, "{peak} bytes at its peak");
    let call = scratch.events().into_iter().find(|event| event.tool_use_id.as_deref() == Some("toolu_big")).unwrap();
    assert_eq!(call.label.as_deref(), Some("cat big"));
    let bodies = scratch.reader().list_bodies(&call.event_id).unwrap();
    assert!(bodies.iter().filter_map(|body| body.text.as_ref()).all(|text| text.contains("‹cut: ")));
}
