//! Whatever stands on its standard input, the guard ends soon, with an answer or with the code for none.
#![allow(clippy::unwrap_used, reason = "a test's helpers fail like the test itself")]

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::json;

/// The exit code and what was said.
fn asked(data_dir: &Path, payload: &[u8]) -> (i32, String) {
    let mut guard = Command::new(env!("CARGO_BIN_EXE_argus-guard"))
        .env_clear()
        .env("ARGUS_DATA_DIR", data_dir)
        .env("HOME", data_dir)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It may have answered before it read all.
    let _ = guard.stdin.take().unwrap().write_all(payload);
    let ended = guard.wait_with_output().unwrap();
    assert_eq!(String::from_utf8_lossy(&ended.stderr), "", "it never speaks up on its own");
    (ended.status.code().unwrap_or(-1), String::from_utf8_lossy(&ended.stdout).into_owned())
}

fn call(command: &str) -> Vec<u8> {
    let input = json!({ "command": command });
    json!({ "session_id": "s", "tool_name": "Bash", "cwd": "/home/ann/app", "tool_input": input })
        .to_string()
        .into_bytes()
}

#[test]
fn bytes_that_are_no_payload_get_no_answer() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("spool")).unwrap();
    let mut broken = call("rm -rf /");
    let at = broken.windows(2).position(|pair| pair == b"rm").unwrap();
    broken[at] = 0xff;
    let deep = [vec![b'['; 10_000], vec![b']'; 10_000]].concat();
    let cases: [&[u8]; 6] = [b"", b"{", &[0xff, 0xfe, 0x00], &broken, &deep, &call("ls")[..20]];
    for payload in cases {
        assert_eq!(asked(folder.path(), payload), (3, String::new()), "{:?}", payload.get(..20));
    }
}

#[test]
fn long_and_deep_commands_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::create_dir(folder.path().join("spool")).unwrap();
    let lossy = String::from_utf8_lossy(&[0xf0, 0x28, 0x8c, 0x28, b';']).into_owned();
    let long = format!("{}\nrm -rf /", "# é".repeat(300_000));
    for command in [format!("{lossy} rm -rf /"), long, format!("{}rm -rf /{}", "(".repeat(10_000), ")".repeat(10_000))]
    {
        let (code, said) = asked(folder.path(), &call(&command));
        assert_eq!(code, 0);
        assert!(said.contains("\"deny\""), "{said}");
    }
}
