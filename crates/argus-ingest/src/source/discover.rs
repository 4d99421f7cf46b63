//! Finding transcripts below `projects/`, and telling from a path whose file it is.

use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use crate::claude::text;
use crate::claude::transcript::FileOwner;

/// So much of a file's first line tells it from another of the same name.
const HEAD_BYTES: u64 = 4096;

/// A file below `projects/` that matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    pub(crate) kind: FoundKind,
    /// Stays when the file moves to another project's folder.
    pub(crate) name: String,
    pub(crate) owner: FileOwner,
    pub(crate) size_bytes: i64,
    pub(crate) modified_at_ns: i64,
}

/// What kind of file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FoundKind {
    Transcript,
    /// An agent's `.meta.json`.
    Meta,
    /// A tool's output, too long for the transcript.
    ToolResult,
}

/// All files that matter below a `projects/` folder, or the one that `path` names, in path order.
pub(crate) fn walk(path: &Path) -> Vec<Found> {
    walkdir::WalkDir::new(path)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_file())
        .filter_map(|entry| {
            let metadata = entry.metadata().ok()?;
            classify(entry.path(), &metadata)
        })
        .collect()
}

/// The file at `path`, if it is one that matters.
pub(crate) fn find(path: &Path) -> Option<Found> {
    let metadata = fs::symlink_metadata(path).ok()?;
    if !metadata.is_file() {
        return None;
    }
    classify(path, &metadata)
}

fn classify(path: &Path, metadata: &fs::Metadata) -> Option<Found> {
    let (kind, name, owner) = name_of(path)?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as i64);
    Some(Found { path: path.into(), kind, name, owner, size_bytes: metadata.len() as i64, modified_at_ns: modified })
}

fn name_of(path: &Path) -> Option<(FoundKind, String, FileOwner)> {
    let file = path.file_name()?.to_str()?;
    let folders: Vec<&str> = path.parent()?.iter().filter_map(|part| part.to_str()).collect();
    let folder = *folders.last()?;
    if let Some(stem) = file.strip_suffix(".meta.json").and_then(|stem| stem.strip_prefix("agent-")) {
        let session = session_of_agents(&folders)?;
        return Some((FoundKind::Meta, format!("meta/{session}/{stem}"), owner(Some(session), Some(stem), &folders)));
    }
    if folder == "tool-results" {
        let session = above(&folders, "tool-results")?;
        return Some((FoundKind::ToolResult, format!("result/{session}/{file}"), owner(Some(session), None, &folders)));
    }
    let stem = file.strip_suffix(".jsonl")?;
    match (stem.strip_prefix("agent-"), session_of_agents(&folders)) {
        (Some(agent), Some(session)) => Some((
            FoundKind::Transcript,
            format!("agent/{session}/{agent}"),
            owner(Some(session), Some(agent), &folders),
        )),
        // Clients around 2.0 put agents' files beside the main one; the session stands in the lines.
        (Some(agent), None) => {
            Some((FoundKind::Transcript, format!("agent/{folder}/{agent}"), owner(None, Some(agent), &folders)))
        }
        // A journal of a workflow or the like: not a conversation.
        (None, Some(_)) => None,
        (None, None) => Some((FoundKind::Transcript, format!("main/{stem}"), owner(Some(stem), None, &folders))),
    }
}

fn owner(session: Option<&str>, agent: Option<&str>, folders: &[&str]) -> FileOwner {
    FileOwner {
        session: session.map(str::to_owned),
        agent: agent.map(str::to_owned),
        is_workflow: folders.contains(&"workflows") && folders.contains(&"subagents"),
    }
}

/// The session whose agents' files lie in these folders: `SESSION/subagents`, or somewhere below its `workflows`. A
/// folder of that name further up is the person's.
fn session_of_agents<'a>(folders: &[&'a str]) -> Option<&'a str> {
    let at = folders.iter().rposition(|folder| *folder == "subagents")?;
    let is_theirs = folders.get(at + 1).is_none_or(|below| *below == "workflows");
    is_theirs.then(|| above(folders, "subagents")).flatten()
}

/// The folder above the last one of that name.
fn above<'a>(folders: &[&'a str], name: &str) -> Option<&'a str> {
    let at = folders.iter().rposition(|folder| *folder == name)?;
    folders.get(at.checked_sub(1)?).copied()
}

/// A number for the file's first line; `None` until that is whole.
pub(crate) fn head_of(path: &Path) -> std::io::Result<Option<i64>> {
    let mut head = Vec::with_capacity(HEAD_BYTES as usize);
    File::open(path)?.take(HEAD_BYTES).read_to_end(&mut head)?;
    let end = memchr::memchr(b'\n', &head);
    Ok(match end {
        Some(end) => Some(text::hash(&[&head[..end]])),
        None if head.len() as u64 == HEAD_BYTES => Some(text::hash(&[&head])),
        None => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(path: &str) -> Option<(FoundKind, String, FileOwner)> {
        name_of(Path::new(path))
    }

    #[test]
    fn a_path_tells_whose_file_it_is() {
        let (kind, main, owner) = name("/h/.claude/projects/-p/5ab0.jsonl").unwrap();
        assert_eq!((kind, main.as_str(), owner.session.as_deref()), (FoundKind::Transcript, "main/5ab0", Some("5ab0")));
        let (_, agent, owner) = name("/h/projects/-p/5ab0/subagents/agent-a1.jsonl").unwrap();
        assert_eq!((agent.as_str(), owner.agent.as_deref(), owner.is_workflow), ("agent/5ab0/a1", Some("a1"), false));
        let (_, _, owner) = name("/h/projects/-p/5ab0/subagents/workflows/wf_1/agent-a2.jsonl").unwrap();
        assert_eq!((owner.session.as_deref(), owner.is_workflow), (Some("5ab0"), true));
        let (_, _, owner) = name("/h/projects/-p/agent-a71f1f0.jsonl").unwrap();
        assert_eq!((owner.session, owner.agent.as_deref()), (None, Some("a71f1f0")));
        assert_eq!(name("/h/projects/-p/5ab0/subagents/agent-a1.meta.json").unwrap().0, FoundKind::Meta);
        assert_eq!(name("/h/projects/-p/5ab0/tool-results/b2.txt").unwrap().0, FoundKind::ToolResult);
        assert_eq!(name("/h/projects/-p/5ab0/subagents/workflows/wf_1/journal.jsonl"), None);
        let (_, main, _) = name("/home/ada/subagents/.claude/projects/-p/5ab0.jsonl").unwrap();
        assert_eq!(main, "main/5ab0", "a person's folder may be called so too");
        assert_eq!(name("/h/projects/-p/memory/notes.md"), None);
    }

    #[test]
    fn a_file_that_moves_keeps_its_name() {
        let name_in = |folder: &str| name(&format!("/h/projects/{folder}/5ab0.jsonl")).unwrap().1;
        assert_eq!(name_in("-p"), name_in("-p--claude-worktrees-wt1"));
    }
}
