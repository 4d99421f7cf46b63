//! Which versions of Claude Code are installed: the oldest decides which events may be registered.
//!
//! Clients are looked for on `PATH`, in `CLAUDE_CLIENT` and in the places where their installers put them, and each is
//! asked with `--version`. A client runs here with an environment built from nothing and a home that cannot be written
//! to, so that asking leaves no trace; one that does not answer in time counts as unknown.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::events::Version;

const PATIENCE: Duration = Duration::from_secs(10);

/// A client on this machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Client {
    /// Where it is.
    pub(crate) path: PathBuf,
    /// What it says of itself; `None` when it says nothing that can be read.
    pub(crate) version: Option<Version>,
}

/// What the search goes by; taken from the environment by the caller.
#[derive(Debug, Clone, Default)]
pub(crate) struct Places<'a> {
    /// `PATH`.
    pub(crate) path: Option<&'a OsStr>,
    /// `CLAUDE_CLIENT`: one more client.
    pub(crate) named: Option<&'a OsStr>,
    /// `HOME`.
    pub(crate) home: Option<&'a Path>,
}

/// The clients found, each once.
pub(crate) fn list_clients(places: &Places<'_>) -> Vec<Client> {
    let mut candidates: Vec<PathBuf> = places.named.map(PathBuf::from).into_iter().collect();
    if let Some(path) = places.path {
        candidates.extend(std::env::split_paths(path).filter(|folder| folder.is_absolute()).map(|f| f.join("claude")));
    }
    if let Some(home) = places.home {
        candidates.extend(
            [".local/bin", ".claude/local", ".npm-global/bin", ".bun/bin", ".volta/bin"]
                .map(|folder| home.join(folder).join("claude")),
        );
        candidates.extend(list_below(&home.join(".nvm/versions/node"), "bin/claude"));
    }
    let mut seen = BTreeSet::new();
    let mut clients: Vec<(PathBuf, std::thread::JoinHandle<Option<Version>>)> = Vec::new();
    for candidate in candidates {
        let Ok(real) = fs::canonicalize(&candidate) else { continue };
        if is_executable(&real) && seen.insert(real) {
            let (asked, path) = (candidate.clone(), places.path.map(OsStr::to_owned));
            clients.push((candidate, std::thread::spawn(move || ask_version(&asked, path.as_deref()))));
        }
    }
    clients.into_iter().map(|(path, answer)| Client { path, version: answer.join().unwrap_or(None) }).collect()
}

/// The version that decides: the oldest, or `None` where there is no client or one does not tell.
pub(crate) fn oldest_version(clients: &[Client]) -> Option<Version> {
    clients.iter().map(|client| client.version).min().flatten()
}

fn list_below(folder: &Path, rest: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path().join(rest)).collect()
}

fn is_executable(path: &Path) -> bool {
    fs::metadata(path).is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

fn ask_version(client: &Path, path: Option<&OsStr>) -> Option<Version> {
    let mut child = Command::new(client)
        .arg("--version")
        .env_clear()
        .env("PATH", path.unwrap_or(OsStr::new("/usr/local/bin:/usr/bin:/bin")))
        .env("HOME", "/dev/null")
        .env("CLAUDE_CONFIG_DIR", "/dev/null/claude")
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .env("DISABLE_AUTOUPDATER", "1")
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let stdout = child.stdout.take()?;
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        stdout.take(4096).read_to_string(&mut text).map(|_| text)
    });
    let deadline = Instant::now() + PATIENCE;
    let has_ended = loop {
        match child.try_wait() {
            Ok(Some(_)) => break true,
            Ok(None) if Instant::now() < deadline => std::thread::sleep(Duration::from_millis(10)),
            _ => break false,
        }
    };
    if !has_ended {
        let _ = child.kill();
        let _ = child.wait();
        return None;
    }
    Version::parse(&reader.join().ok()?.ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place_client(folder: &Path, script: &str) -> PathBuf {
        fs::create_dir_all(folder).unwrap();
        let path = folder.join("claude");
        fs::write(&path, format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    #[test]
    fn clients_are_found_on_the_path_and_in_known_places_each_once() {
        let home = tempfile::tempdir().unwrap();
        let on_path = home.path().join("one");
        let first = place_client(&on_path, "echo '2.1.328 (Claude Code)'");
        let second = place_client(&home.path().join(".claude/local"), "echo '2.1.80 (Claude Code)'");
        let path = std::env::join_paths([&on_path, &on_path]).unwrap();
        let clients =
            list_clients(&Places { path: Some(&path), named: Some(first.as_os_str()), home: Some(home.path()) });
        let ours: Vec<_> = clients.iter().filter(|client| client.path.starts_with(home.path())).cloned().collect();
        assert_eq!(
            ours,
            [
                Client { path: first, version: Some(Version(2, 1, 328)) },
                Client { path: second, version: Some(Version(2, 1, 80)) }
            ]
        );
        assert_eq!(oldest_version(&ours), Some(Version(2, 1, 80)));
    }

    #[test]
    fn a_client_that_tells_no_version_counts_as_the_oldest() {
        let client = |version| Client { path: "/c".into(), version };
        assert_eq!(oldest_version(&[client(Some(Version(2, 1, 328))), client(None)]), None);
        assert_eq!(oldest_version(&[]), None);
    }

    #[test]
    fn a_client_sees_nothing_of_our_environment_and_cannot_write_to_a_home() {
        let folder = tempfile::tempdir().unwrap();
        let seen = folder.path().join("seen");
        let script = format!("env > {}; mkdir -p \"$HOME/x\" 2>/dev/null && exit 1; echo 2.1.328", seen.display());
        let client = place_client(folder.path(), &script);
        assert_eq!(ask_version(&client, std::env::var_os("PATH").as_deref()), Some(Version(2, 1, 328)));
        let environment = fs::read_to_string(seen).unwrap();
        assert!(!environment.contains("CARGO"), "{environment}");
    }
}
