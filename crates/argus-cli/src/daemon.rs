//! The background server: who it is, how it is started and how it is stopped.
//!
//! A running server holds a lock on `DATA/server.json` for as long as it lives and writes into it who it is. The kernel
//! drops the lock with the process, so a file without a lock is a memory and never a wrong process id.
//!
//! What must stay true: the background server's environment is built from an allow-list (`CLAUDECODE` and `CLAUDE_CODE_*`
//! inherited would make later sessions write no transcript), it has its own session, and its output goes to the log.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::net::SocketAddr;
use std::os::unix::fs::OpenOptionsExt;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde::{Deserialize, Serialize};

use crate::failure::{Done, Explain, Failure};
use crate::http;
use crate::log;
use crate::paths::DataDir;

/// What a running server says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ServerCard {
    /// Its process id.
    pub(crate) pid: i32,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// The name of this run, as `/healthz` gives it.
    pub(crate) instance: String,
    /// Argus's version.
    pub(crate) version: String,
}

/// Held by a server while it lives.
#[derive(Debug)]
pub(crate) struct ServerLock(File);

const START_PATIENCE: Duration = Duration::from_secs(30);
const STOP_PATIENCE: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(20);

impl ServerLock {
    /// Becomes the one server of this data directory.
    pub(crate) fn take(data: &DataDir) -> Done<Self> {
        let path = data.server_file();
        let file = OpenOptions::new()
            .create(true)
            .read(true)
            .write(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .while_doing(&format!("cannot open {}", path.display()))?;
        // Somebody may just be looking whether a server runs.
        let deadline = Instant::now() + Duration::from_secs(1);
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Self(file)),
                Err(TryLockError::WouldBlock) if Instant::now() < deadline => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(Failure::new("another Argus server runs on this data directory")
                        .hint("`argus status` says where, `argus down` stops it"));
                }
                Err(TryLockError::Error(error)) => return Err(error).while_doing("cannot lock the server's file"),
            }
        }
    }

    /// Says who the server is.
    pub(crate) fn write(&mut self, card: &ServerCard) -> Done {
        let text = serde_json::to_string(card)?;
        self.0.set_len(0)?;
        self.0.rewind()?;
        Ok(self.0.write_all(text.as_bytes())?)
    }
}

/// The running server, if there is one.
pub(crate) fn find_server(data: &DataDir) -> Option<ServerCard> {
    let deadline = Instant::now() + Duration::from_secs(2);
    loop {
        let mut file = File::open(data.server_file()).ok()?;
        if !matches!(file.try_lock_shared(), Err(TryLockError::WouldBlock)) {
            return None;
        }
        let mut text = String::new();
        file.read_to_string(&mut text).ok()?;
        match serde_json::from_str(&text) {
            Ok(card) => return Some(card),
            // It is being written just now.
            Err(_) if Instant::now() < deadline => std::thread::sleep(PAUSE),
            Err(_) => return None,
        }
    }
}

/// Starts the server in the background and waits until it answers.
pub(crate) fn start(data: &DataDir, arguments: &[String]) -> Done<ServerCard> {
    let path = data.log();
    let log = log::open(&path).while_doing(&format!("cannot open the log {}", path.display()))?;
    let program = std::env::current_exe().while_doing("cannot find this program")?;
    let mut child = Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(may_inherit)))
        .current_dir(data.path())
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .spawn()
        .while_doing("cannot start the server")?;
    let deadline = Instant::now() + START_PATIENCE;
    while Instant::now() < deadline {
        if let Some(card) = find_server(data)
            && answers(&card)
        {
            return Ok(card);
        }
        if let Some(failure) = early_end(&mut child, data)? {
            return Err(failure);
        }
        std::thread::sleep(PAUSE);
    }
    Err(Failure::new("the server started but does not answer").hint(format!("see {}", data.log().display())))
}

/// A server that ended at once has said why in the log.
fn early_end(child: &mut Child, data: &DataDir) -> Done<Option<Failure>> {
    if child.try_wait()?.is_none() {
        return Ok(None);
    }
    let log = fs::read_to_string(data.log()).unwrap_or_default();
    let last = |word: &str| log.lines().rev().find_map(|line| line.strip_prefix(word).map(str::to_owned));
    let cause = last("error: ").unwrap_or_else(|| "the server ended at once".into());
    let hint = last("hint: ").unwrap_or_else(|| format!("see {}", data.log().display()));
    Ok(Some(Failure::new(cause).hint(hint)))
}

/// Whether the process behind the card answers as that very run.
pub(crate) fn answers(card: &ServerCard) -> bool {
    http::get_json(card.address, "/healthz", None).is_ok_and(|health| health["instance"] == card.instance.as_str())
}

/// Ends the server and waits for it; tells whether there was one.
pub(crate) fn stop(data: &DataDir) -> Done<Option<ServerCard>> {
    let Some(card) = find_server(data) else { return Ok(None) };
    let pid = Pid::from_raw(card.pid).ok_or_else(|| Failure::new("the server's process id is unreadable"))?;
    kill_process(pid, Signal::TERM).while_doing(&format!("cannot stop process {}", card.pid))?;
    let deadline = Instant::now() + STOP_PATIENCE;
    while find_server(data).is_some_and(|now| now.instance == card.instance) {
        if Instant::now() > deadline {
            return Err(Failure::new(format!("the server (process {}) does not end", card.pid))
                .hint(format!("see {}; nothing is lost if you kill it", data.log().display())));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(Some(card))
}

/// What the background server may know of the environment it was started from.
fn may_inherit(name: &str) -> bool {
    matches!(name, "PATH" | "HOME" | "LANG" | "TZ" | "TMPDIR" | "CLAUDE_CONFIG_DIR" | "USER" | "LOGNAME")
        || ["XDG_", "ARGUS_", "LC_"].iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_session_is_inherited() {
        for name in ["CLAUDECODE", "CLAUDE_CODE_CHILD_SESSION", "CLAUDE_PID", "ANTHROPIC_API_KEY", "LD_PRELOAD", "FOO"]
        {
            assert!(!may_inherit(name), "{name}");
        }
        for name in ["PATH", "HOME", "ARGUS_DATA_DIR", "XDG_DATA_HOME", "CLAUDE_CONFIG_DIR", "TZ"] {
            assert!(may_inherit(name), "{name}");
        }
    }

    #[test]
    fn a_server_is_found_while_it_lives_and_not_after() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::new(folder.path().into());
        assert_eq!(find_server(&data), None);
        let mut lock = ServerLock::take(&data).unwrap();
        let card = ServerCard {
            pid: 1,
            address: "127.0.0.1:7777".parse().unwrap(),
            instance: "a".into(),
            version: "0".into(),
        };
        lock.write(&card).unwrap();
        assert_eq!(find_server(&data), Some(card));
        assert!(ServerLock::take(&data).is_err(), "there is only one");
        drop(lock);
        assert_eq!(find_server(&data), None, "its file alone says nothing");
        assert!(ServerLock::take(&data).is_ok());
    }
}
