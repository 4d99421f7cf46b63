//! The person's own status line: run as Claude Code would run it, for a bounded time and a bounded length.

use std::io::{Read, Write};
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

/// After this time its lines so far are shown, and it is ended.
const PATIENCE: Duration = Duration::from_secs(5);
/// So much of its output is shown.
const LONGEST: usize = 64 * 1024;

/// What it prints.
pub(super) fn run(command: &str, payload: &[u8]) -> Vec<u8> {
    run_for(command, payload, PATIENCE)
}

fn run_for(command: &str, payload: &[u8], patience: Duration) -> Vec<u8> {
    let spawned = Command::new("/bin/sh")
        .arg("-c")
        .arg(command)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        // A group of its own, so that all that it starts ends with it.
        .process_group(0)
        .spawn();
    let Ok(mut child) = spawned else { return Vec::new() };
    if let Some(mut stdin) = child.stdin.take() {
        let payload = payload.to_vec();
        // It may read nothing at all: then this ends with it.
        std::thread::spawn(move || stdin.write_all(&payload));
    }
    let out = gather(&mut child, patience);
    end(&mut child);
    out
}

fn gather(child: &mut Child, patience: Duration) -> Vec<u8> {
    let Some(mut stdout) = child.stdout.take() else { return Vec::new() };
    let (told, pieces) = channel::<Vec<u8>>();
    std::thread::spawn(move || {
        let mut room = [0; 4096];
        while let Ok(length) = stdout.read(&mut room) {
            if length == 0 || told.send(room[..length].to_vec()).is_err() {
                break;
            }
        }
    });
    let (mut out, until) = (Vec::new(), Instant::now() + patience);
    while out.len() < LONGEST {
        match pieces.recv_timeout(until.saturating_duration_since(Instant::now())) {
            Ok(piece) => out.extend(piece),
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => break,
        }
    }
    out.truncate(LONGEST);
    out
}

/// Ends it and all that it started, if it has not ended by itself.
fn end(child: &mut Child) {
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    std::thread::sleep(Duration::from_millis(2));
    if matches!(child.try_wait(), Ok(Some(_))) {
        return;
    }
    let group = i32::try_from(child.id()).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group {
        // It may have ended this very moment.
        let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
    }
    let _ = child.wait();
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(command: &str, payload: &[u8]) -> String {
        String::from_utf8_lossy(&run_for(command, payload, Duration::from_millis(500))).into_owned()
    }

    #[test]
    fn it_gets_the_same_payload_and_its_lines_pass_as_they_are() {
        assert_eq!(
            shown("cat; printf '\\033[31mred\\033[0m\\n'", b"{\"a\":1}\n"),
            "{\"a\":1}\n\u{1b}[31mred\u{1b}[0m\n"
        );
        assert_eq!(shown("echo no one reads", &[b'x'; 300_000]), "no one reads\n");
    }

    #[test]
    fn one_that_fails_hangs_or_never_stops_printing_is_bounded() {
        let begin = Instant::now();
        assert_eq!(shown("exit 3", b""), "");
        assert_eq!(shown("/nowhere/at/all", b""), "");
        assert_eq!(shown("echo first; sleep 60; echo never", b""), "first\n");
        assert_eq!(shown("yes", b"").len(), LONGEST);
        assert!(begin.elapsed() < Duration::from_secs(10));
    }
}
