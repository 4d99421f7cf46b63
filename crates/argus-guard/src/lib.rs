//! The guard: what Claude Code asks before a tool call, where the person has installed it.
//!
//! It stands in the agent's way, so it opens no database and asks no server: the payload says what is about to happen,
//! and `guard.jsonl` in the data directory how the person wants it judged and what earlier calls of the session did. What
//! it decided goes to the spool like any hook's word, so that "denied, but ran" can be seen later.
//!
//! What must stay true: it never answers `allow`, which would skip the person's own prompts; silence is the answer to
//! whatever no rule minds. What it cannot read it does not wave through silently: it ends with a code that Claude Code
//! takes for a failure, which blocks where the person chose so and is told to them where not. Start at [`run`].

mod decision;
mod published;

use std::io::{Read, Write};
use std::path::Path;

use argus_rules::DotGit;

pub use decision::{Decision, Payload, Surroundings, Verdict, decide};
pub use published::{
    BUDGET_RULE, Cause, FILE, FORMER_FILE, Known, Published, RELEASES_FILE, Release, STOPS_HOLD_US, Stop, read_releases,
};

/// So much of a payload is read; what is longer cannot be judged whole.
const LONGEST: u64 = 64 * 1024 * 1024;
/// The exit code for "no answer": neither 0, which is silence, nor 2, which would block whoever did not choose that.
pub const NO_ANSWER: u8 = 3;

/// Answers the call on stdin; the exit code.
pub fn run(spool: &Path) -> u8 {
    let mut text = Vec::new();
    let read = std::io::stdin().lock().take(LONGEST + 1).read_to_end(&mut text);
    if read.is_err() || text.len() as u64 > LONGEST {
        return NO_ANSWER;
    }
    let Ok(payload) = serde_json::from_slice::<Payload>(&text) else { return NO_ANSWER };
    let data_dir = spool.parent().unwrap_or(Path::new("/"));
    let published = Published::read(data_dir, Some(payload.session_id()));
    let variable = |name| std::env::var(name).ok().filter(|value: &String| !value.is_empty());
    let (project_dir, home) = (variable("CLAUDE_PROJECT_DIR"), variable("HOME"));
    let around =
        Surroundings { project_dir: project_dir.as_deref(), home: home.as_deref(), look: &look, now_us: now_us() };
    let decision = decide(&payload, &published, &around);
    argus_spool::append_payload(spool, decision.record(&payload).as_bytes());
    let Some(answer) = decision.answer() else { return 0 };
    match writeln!(std::io::stdout().lock(), "{answer}") {
        Ok(()) => 0,
        Err(_) => NO_ANSWER,
    }
}

/// What stands at `.git` in a folder.
fn look(folder: &Path) -> DotGit {
    let dot_git = folder.join(".git");
    match std::fs::read_to_string(&dot_git) {
        Ok(text) => DotGit::File(text),
        Err(_) if dot_git.exists() => DotGit::Folder,
        Err(_) => DotGit::Missing,
    }
}

fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}
