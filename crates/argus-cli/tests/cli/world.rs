//! A machine of its own for one test: a home, a data directory, an environment built from nothing.

use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::{Value, json};

/// Texts that do harm on a terminal when printed as they are.
pub(crate) const HOSTILE: &[&str] = &[
    "\u{1b}[2J\u{1b}[H",
    "\u{1b}]0;title\u{7}",
    "\u{1b}]52;c;cm0gLXJmIC8=\u{7}",
    "\u{1b}]8;;https://evil.example\u{1b}\\click\u{1b}]8;;\u{1b}\\",
    "\u{9b}31mred",
    "\u{9d}0;c1 title\u{9c}",
    "safe\rerror: forged",
    "one\nhint: forged",
    "bell\u{7}back\u{8}space",
    "\u{202e}txt.exe",
    "\u{2066}isolate\u{2069}\u{200f}\u{61c}",
    "zero\u{200b}width\u{200d}joiner\u{feff}mark\u{2060}",
    "tags\u{e0041}\u{e0042}",
    "line\u{2028}paragraph\u{2029}",
    "nul\0del\u{7f}",
];

/// Whether a character acts on a terminal instead of showing itself.
pub(crate) fn acts(char: char) -> bool {
    char.is_control()
        || matches!(char, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}')
        || matches!(char, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// The lines of a session in which `text` stands wherever an agent or a person can put words.
pub(crate) fn transcript(session_id: &str, text: &str) -> Vec<Value> {
    let common = |kind: &str, second: u32| {
        json!({
            "type": kind, "uuid": format!("{session_id}-{second}"), "parentUuid": null, "isSidechain": false,
            "sessionId": session_id, "promptId": format!("p-{session_id}"), "version": "2.1.328", "gitBranch": text,
            "cwd": format!("/home/dev/{text}"), "timestamp": format!("2026-11-22T06:59:{second:02}.000Z")
        })
    };
    let mut prompt = common("user", 1);
    prompt["message"] = json!({ "role": "user", "content": text });
    let mut answer = common("assistant", 2);
    answer["requestId"] = json!(format!("req_{session_id}"));
    answer["message"] = json!({
        "id": format!("msg_{session_id}"), "type": "message", "role": "assistant", "model": "claude-opus-5-5",
        "content": [{ "type": "tool_use", "id": format!("toolu_{session_id}"), "name": "Bash", "input": { "command": text } }],
        "usage": { "input_tokens": 10, "output_tokens": 50 }
    });
    let mut result = common("user", 3);
    result["message"] = json!({ "role": "user", "content": [
        { "type": "tool_result", "tool_use_id": format!("toolu_{session_id}"), "content": text, "is_error": true }
    ] });
    vec![prompt, answer, result]
}

pub(crate) struct World {
    root: tempfile::TempDir,
}

/// How a command ended.
pub(crate) struct Ended(Output);

impl World {
    pub(crate) fn new() -> Self {
        let world = Self { root: tempfile::tempdir().unwrap() };
        for folder in ["work", ".claude/projects"] {
            fs::create_dir_all(world.home().join(folder)).unwrap();
        }
        world
    }

    pub(crate) fn home(&self) -> &Path {
        self.root.path()
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.home().join("data")
    }

    /// A port that the system chooses.
    pub(crate) fn listen_anywhere(&self) {
        fs::create_dir_all(self.data()).unwrap();
        fs::write(self.data().join("config.toml"), "listen = '127.0.0.1:0'\n").unwrap();
    }

    pub(crate) fn write_transcript(&self, session_id: &str, lines: &[Value]) {
        let folder = self.home().join(".claude/projects/-home-dev");
        fs::create_dir_all(&folder).unwrap();
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        fs::write(folder.join(format!("{session_id}.jsonl")), text).unwrap();
    }

    /// Puts a client on the path.
    pub(crate) fn place_client(&self, script: &str) {
        let path = self.home().join("bin/claude");
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_argus"));
        command
            .args(arguments)
            .current_dir(self.home().join("work"))
            .env_clear()
            .env("HOME", self.home())
            .env("PATH", self.home().join("bin"))
            .env("ARGUS_DATA_DIR", self.data())
            .env("TZ", "UTC");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ended {
        self.run_with(arguments, b"")
    }

    pub(crate) fn run_with(&self, arguments: &[&str], input: &[u8]) -> Ended {
        self.end_of(self.command(arguments), input)
    }

    pub(crate) fn end_of(&self, mut command: Command, input: &[u8]) -> Ended {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A command that does not read ends the pipe early.
        let _ = child.stdin.take().unwrap().write_all(input);
        Ended(child.wait_with_output().unwrap())
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // A test that failed half-way must not leave its server behind.
        if self.data().join("server.json").exists() {
            drop(self.run(&["down"]));
        }
    }
}

impl Ended {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8(self.0.stderr.clone()).unwrap()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout())
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout(), self.stderr()))
    }

    pub(crate) fn assert_success(&self) {
        assert_eq!(self.code(), 0, "{}{}", self.stdout(), self.stderr());
    }

    pub(crate) fn assert_silent_success(&self) {
        assert_eq!((self.code(), self.stdout(), self.stderr()), (0, String::new(), String::new()));
    }
}
