//! Many transcripts made of few: the recordings in `testdata/`, copied under fresh ids until there are enough bytes.
//!
//! For whoever has no large set at hand. Every copy is the same work again, so the totals of n copies must be n times
//! those of one: that is the truth this set is held against.
//!
//! An id is renamed by its own text and the copy's number alone, so all mentions of it, in whatever file or file name,
//! stay the same id.

use std::fs;
use std::path::{Path, PathBuf};

use crate::Result;

/// Ids that must differ between copies for them not to be taken for one and the same fact.
const PREFIXES: [&str; 4] = ["msg_", "req_", "toolu_", "srvtoolu_"];

/// Writes `copies` copies of the recordings' transcripts below `claude/projects`, and returns their bytes and files.
pub(super) fn write(recordings: &Path, claude: &Path, copies: u32) -> Result<Size> {
    let mut files = Vec::new();
    for entry in fs::read_dir(recordings)? {
        let transcripts = entry?.path().join("transcripts");
        if transcripts.is_dir() {
            files_below(&transcripts, &transcripts, &mut files)?;
        }
    }
    files.sort();
    let mut size = Size::default();
    for (path, relative) in &files {
        let text = fs::read(path)?;
        for copy in 0..copies {
            let target = claude.join("projects").join(renamed(relative, copy));
            fs::create_dir_all(target.parent().unwrap_or(claude))?;
            let written = match std::str::from_utf8(&text) {
                Ok(text) => renamed(text, copy).into_bytes(),
                Err(_) => text.clone(),
            };
            size.bytes += written.len() as u64;
            size.files += 1;
            fs::write(target, written)?;
        }
    }
    Ok(size)
}

/// How much there is.
#[derive(Default, Clone, Copy)]
pub(super) struct Size {
    pub(super) bytes: u64,
    pub(super) files: u64,
}

/// The size of a set that lies there already.
pub(super) fn size(claude: &Path) -> Result<Size> {
    let mut files = Vec::new();
    let projects = claude.join("projects");
    files_below(&projects, &projects, &mut files).map_err(|cause| format!("{}: {cause}", projects.display()))?;
    let mut size = Size::default();
    for (path, _) in files {
        size.bytes += fs::metadata(path)?.len();
        size.files += 1;
    }
    Ok(size)
}

/// Every file below a folder.
pub(super) fn files_of(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    let mut named = Vec::new();
    files_below(folder, folder, &mut named)?;
    files.extend(named.into_iter().map(|(path, _)| path));
    Ok(())
}

fn files_below(folder: &Path, top: &Path, files: &mut Vec<(PathBuf, String)>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files_below(&path, top, files)?;
        } else {
            let relative = path.strip_prefix(top)?.to_string_lossy().into_owned();
            files.push((path, relative));
        }
    }
    Ok(())
}

/// `text` with every id replaced by the one it has in copy `copy`.
fn renamed(text: &str, copy: u32) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    let mut in_word = false;
    while let Some(character) = rest.chars().next() {
        let length = if in_word { 0 } else { id_length(rest) };
        if length > 0 {
            // The first eight characters of an id's own part carry the copy's number.
            let id = &rest[..length];
            let own = PREFIXES.iter().find(|prefix| id.starts_with(**prefix)).map_or(0, |prefix| prefix.len());
            result.push_str(&id[..own]);
            result.push_str(&mixed(&id[own..own + 8], copy));
            result.push_str(&id[own + 8..]);
            rest = &rest[length..];
            in_word = true;
        } else {
            result.push(character);
            rest = &rest[character.len_utf8()..];
            in_word = character.is_ascii_alphanumeric() || character == '_';
        }
    }
    result
}

/// The length of an id that starts here: a UUID, or a known prefix with at least eight characters; 0 for none.
fn id_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    if let Some(prefix) = PREFIXES.iter().find(|prefix| text.starts_with(**prefix)) {
        let own = bytes[prefix.len()..].iter().take_while(|byte| byte.is_ascii_alphanumeric()).count();
        return if own >= 8 { prefix.len() + own } else { 0 };
    }
    let is_uuid = bytes.len() >= 36
        && bytes[..36].iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        });
    if is_uuid { 36 } else { 0 }
}

/// Eight hexadecimal digits that depend on the eight characters and on the copy; copy 0 changes them too.
fn mixed(characters: &str, copy: u32) -> String {
    let hash = blake3::hash(format!("{characters} {copy}").as_bytes());
    hash.to_hex()[..8].to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str =
        r#"{"sessionId":"cfc1a6c2-06de-4115-84b4-adf4af2d870e","id":"msg_0123456789ab","use":"toolu_abcdefghij"}"#;

    #[test]
    fn a_copy_has_ids_of_its_own_and_is_the_same_line_but_for_them() {
        let (first, second) = (renamed(LINE, 1), renamed(LINE, 2));
        assert_ne!(first, second);
        assert_eq!(first, renamed(LINE, 1), "the same copy differs from itself");
        assert_eq!(first.len(), LINE.len());
        for kept in ["-06de-4115-84b4-adf4af2d870e", "\"msg_", "89ab\"", "\"toolu_", "\"sessionId\":"] {
            assert!(first.contains(kept), "{kept} is gone from {first}");
        }
        assert!(!first.contains("cfc1a6c2") && !first.contains("msg_01234567"));
    }

    #[test]
    fn what_only_looks_like_an_id_stays() {
        for text in ["my_msg_0123456789", "msg_short", "12345678-1234-1234", "grün"] {
            assert_eq!(renamed(text, 1), text);
        }
    }
}
