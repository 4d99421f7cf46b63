//! The hook binary, built once, and a data folder of its own for each test.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use argus_spool::{Record, Segment, Spool};
use tempfile::TempDir;

/// The release binary: what is installed is what is tested. It has a target folder of its own, because the outer build
/// may hold the lock of the usual one, or instrument what it builds.
pub(crate) fn hook_binary() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| {
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("hook");
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args(["build", "--release", "--quiet", "--offline", "--package", "argus-hook", "--target-dir"]);
        cargo.arg(&target).current_dir(env!("CARGO_MANIFEST_DIR"));
        for inherited in ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_TARGET", "RUSTC_WORKSPACE_WRAPPER"] {
            cargo.env_remove(inherited);
        }
        assert!(cargo.status().expect("cargo runs").success(), "the hook builds");
        target.join("release/argus-hook")
    })
}

/// The usual count, or the larger one where somebody has the time.
pub(crate) fn times(usual: usize, deep: usize) -> usize {
    if std::env::var_os("ARGUS_DEEP").is_some() { deep } else { usual }
}

/// A payload that can be told from all others.
pub(crate) fn payload(id: usize) -> Vec<u8> {
    let filler = "x".repeat(1_900 + id % 300);
    format!(r#"{{"hook_event_name":"PostToolUse","tool_use_id":"toolu_{id}","tool_response":"{filler}"}}"#).into_bytes()
}

/// A data folder with a spool in it.
pub(crate) struct World {
    folder: TempDir,
    pub(crate) spool: Spool,
}

impl World {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(folder.path().join("spool")).expect("a spool");
        Self { folder, spool }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    /// The hook, with nothing in its environment but where the spool is.
    pub(crate) fn hook(&self) -> Command {
        let mut hook = bare(hook_binary());
        hook.env("ARGUS_DATA_DIR", self.path());
        hook
    }

    /// All that was spooled, oldest first; nothing waiting, nothing torn.
    pub(crate) fn records(&self) -> Vec<Record> {
        let names = self.spool.pending().expect("listed");
        names.iter().map(|name| whole(self.spool.read(name).expect("read"))).collect()
    }

    pub(crate) fn lost(&self) -> u64 {
        self.spool.lost_count().expect("counted")
    }

    /// One hook call; gives the one record that it left.
    pub(crate) fn record(&self, hook: Command, payload: &[u8]) -> Record {
        let before = self.spool.pending().expect("listed");
        call(hook, payload);
        let mut names = self.spool.pending().expect("listed");
        names.retain(|name| !before.contains(name));
        assert_eq!(names.len(), 1, "one record a call");
        whole(self.spool.read(&names[0]).expect("read"))
    }
}

/// A program with an empty environment and pipes all round.
pub(crate) fn bare(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

pub(crate) fn whole(segment: Segment) -> Record {
    match segment {
        Segment::Whole(record) => *record,
        other => panic!("not a whole record: {other:?}"),
    }
}

/// What a pipe holds without anybody reading it, everywhere.
const PIPE_BYTES: usize = 4_096;

/// Runs a hook with this on its stdin, and sees that the agent is left alone. What a pipe holds is there before the hook
/// starts: how long a busy machine keeps this thread from writing it, which a hook does not wait for, is another test's.
pub(crate) fn call(mut hook: Command, payload: &[u8]) {
    if payload.len() <= PIPE_BYTES {
        let (stdin, mut fill) = std::io::pipe().expect("a pipe");
        fill.write_all(payload).expect("filled");
        drop(fill);
        return assert_left_alone(hook.stdin(stdin).spawn().expect("spawned"));
    }
    let mut child = hook.spawn().expect("spawned");
    // A hook that ends early breaks the pipe; whether it may is for the caller to judge by what is spooled.
    let _ = child.stdin.take().expect("piped").write_all(payload);
    assert_left_alone(child);
}

pub(crate) fn assert_left_alone(child: Child) {
    assert_silent_success(&child.wait_with_output().expect("waited for"));
}

pub(crate) fn assert_silent_success(output: &Output) {
    assert_eq!(output.status.code(), Some(0), "exit 0 whatever happens: {output:?}");
    assert!(output.stdout.is_empty() && output.stderr.is_empty(), "silent: {output:?}");
}

/// Compares as sets, and says how far they differ rather than printing both.
pub(crate) fn assert_same_payloads(records: &[Record], mut sent: Vec<Vec<u8>>) {
    let mut got: Vec<&[u8]> = records.iter().map(|record| record.payload.as_slice()).collect();
    got.sort_unstable();
    sent.sort_unstable();
    assert_eq!(got.len(), sent.len(), "as many records as calls");
    assert!(got.iter().zip(&sent).all(|(got, sent)| *got == sent.as_slice()), "the same payloads");
}
