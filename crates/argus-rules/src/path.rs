//! Paths, worked out from text alone: where a word points, and what lies there.
//!
//! There is no file system here: evaluation is pure, and the same call judged again years later gives the same
//! answer. Parts of a path that cannot be known stand in it as marks, one character each, so that a path stays one
//! piece of text: [`ANY`] may be anything, even `../..`; [`SEGMENT`] is one name; [`DEEP`] is a way down and never up;
//! [`GLOB`] precedes each active wildcard.
//!
//! What must stay true: a place is only called inside when nothing unknown could lead out of it.

mod guarded;
mod place;

use std::borrow::Cow;

pub(crate) use place::{Place, look_up};

use crate::shell::{Piece, Unknown, Word};

/// Stands for text that may be anything.
pub(crate) const ANY: char = '\u{E000}';
/// Stands for one name without a slash.
pub(crate) const SEGMENT: char = '\u{E001}';
/// Stands for zero or more names, none of them `..`.
pub(crate) const DEEP: char = '\u{E002}';
/// Precedes a wildcard that the shell would expand.
pub(crate) const GLOB: char = '\u{E003}';

/// What a word says as a path, with marks for what is unknown.
pub(crate) fn spell(word: &Word) -> String {
    let mut out = String::new();
    for piece in word.pieces() {
        match piece {
            Piece::Text(text) if text.is_ascii() => out.push_str(text),
            Piece::Text(text) => out.extend(text.chars().filter(|c| !('\u{E000}'..='\u{E003}').contains(c))),
            Piece::Glob(pattern) => {
                out.push(GLOB);
                out.push_str(pattern);
            }
            Piece::Unknown(Unknown::Segment) => out.push(SEGMENT),
            Piece::Unknown(Unknown::Subpath) => out.push(DEEP),
            Piece::Unknown(
                Unknown::Guess(_) | Unknown::Any | Unknown::Remote | Unknown::Content(_) | Unknown::Consumer(_),
            ) => out.push(ANY),
        }
    }
    out
}

/// Joins to the folder and takes `.`, `..` and doubled slashes out. `None` where the folder would be needed and is
/// unknown.
pub(crate) fn resolve(spelled: &str, cwd: Option<&str>) -> Option<String> {
    let spelled = unify(spelled);
    if spelled.starts_with('/') {
        return Some(normalise(&spelled));
    }
    if spelled.starts_with(ANY) {
        // It may begin at the root.
        return Some(normalise(&format!("/{spelled}")));
    }
    Some(normalise(&format!("{}/{spelled}", cwd?)))
}

/// Takes `.`, `..` and doubled slashes out of an absolute path.
pub(crate) fn normalise(path: &str) -> String {
    if is_normal(path) {
        return path.to_owned();
    }
    let mut out = String::with_capacity(path.len());
    let mut is_lost = false;
    for part in path.split('/') {
        match (part, out.rfind('/')) {
            ("" | ".", _) | ("..", None) => {}
            ("..", Some(at)) => {
                let last = &out[at + 1..];
                // Up from somewhere that may be anywhere.
                let is_anywhere = last.contains([ANY, DEEP]) || last == "\u{E003}**";
                is_lost |= is_anywhere;
                out.truncate(if is_anywhere { 0 } else { at });
            }
            (part, _) => {
                out.push('/');
                out.push_str(part);
            }
        }
    }
    if is_lost {
        out.insert_str(0, "/\u{E000}");
    }
    if out.is_empty() {
        out.push('/');
    }
    unify_private(out)
}

/// True for a path that surely has nothing to be taken out; most have not.
fn is_normal(path: &str) -> bool {
    let bytes = path.as_bytes();
    let is_plain = |pair: &[u8; 2]| pair[0] != b'/' || !matches!(pair[1], b'/' | b'.');
    bytes.first() == Some(&b'/')
        && bytes.last() != Some(&b'/')
        && !path.starts_with("/private")
        && bytes.array_windows().all(is_plain)
}

/// A folder that a person or Claude Code named, in the one form of it.
fn normal(folder: &str) -> Cow<'_, str> {
    if is_normal(folder) { Cow::Borrowed(folder) } else { Cow::Owned(normalise(&unify(folder))) }
}

/// True where nothing above or below it: `path` is `root` or lies in it.
pub(crate) fn is_below(path: &str, root: &str) -> bool {
    below(path, root).is_some()
}

/// What is left of `path` below `root`; empty for the root itself.
pub(crate) fn below<'a>(path: &'a str, root: &str) -> Option<&'a str> {
    let rest = path.strip_prefix(root.trim_end_matches('/'))?;
    if rest.is_empty() { Some("") } else { rest.strip_prefix('/') }
}

/// True for a path without a part that is not known.
pub(crate) fn is_known(path: &str) -> bool {
    !path.is_empty() && !path.contains([ANY, GLOB, SEGMENT, DEEP])
}

/// Windows spellings in one form: `C:\x` and `C:/x` are `/c:/x`.
fn unify(path: &str) -> Cow<'_, str> {
    let bytes = path.as_bytes();
    if bytes.len() >= 3 && bytes[0].is_ascii_alphabetic() && bytes[1] == b':' && matches!(bytes[2], b'\\' | b'/') {
        let rest = path[2..].replace('\\', "/");
        return Cow::Owned(format!("/{}:{rest}", bytes[0].to_ascii_lowercase() as char));
    }
    Cow::Borrowed(path)
}

/// What lies below `Users/` on a drive of Windows, as WSL and its like spell it: `/mnt/c/Users/ann/x`, `/c/Users/ann/x`.
pub(crate) fn windows_home(path: &str) -> Option<&str> {
    let rest = path.strip_prefix("/mnt/").unwrap_or(path.strip_prefix('/')?);
    let rest = rest.strip_prefix(|drive: char| drive.is_ascii_alphabetic())?;
    rest.strip_prefix(":/").or_else(|| rest.strip_prefix('/'))?.strip_prefix("Users/")
}

/// macOS keeps `/tmp`, `/var` and `/etc` under `/private`.
fn unify_private(path: String) -> String {
    for name in ["/tmp", "/var", "/etc"] {
        if path.strip_prefix("/private").is_some_and(|rest| is_below(rest, name)) {
            return path["/private".len()..].to_owned();
        }
    }
    path
}

/// A path with its marks as a person reads them.
pub(crate) fn show(path: &str) -> String {
    if path.is_ascii() {
        return path.to_owned();
    }
    let mut out = String::with_capacity(path.len());
    for c in path.chars() {
        match c {
            ANY | SEGMENT | DEEP => out.push('…'),
            GLOB => {}
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dots_and_doubled_slashes_vanish() {
        assert_eq!(normalise("/a/./b//../c"), "/a/c");
        assert_eq!(normalise("/../.."), "/");
        assert_eq!(resolve("x/../../y", Some("/a/b")).as_deref(), Some("/a/y"));
        assert_eq!(resolve("x", None), None);
    }

    #[test]
    fn going_up_from_an_unknown_place_may_lead_anywhere() {
        assert!(normalise(&format!("/p/{ANY}/../x")).starts_with(&format!("/{ANY}")));
        assert_eq!(normalise(&format!("/p/{SEGMENT}/../x")), "/p/x");
    }

    #[test]
    fn a_folder_is_not_above_its_namesakes() {
        assert_eq!(below("/a/bc", "/a/b"), None);
        assert_eq!(below("/a/b", "/a/b"), Some(""));
        assert_eq!(below("/a/b/c", "/a/b"), Some("c"));
    }

    #[test]
    fn spellings_of_windows_and_macos_are_one() {
        assert_eq!(resolve(r"C:\Users\x", None), resolve("c:/Users/x", None));
        assert_eq!(normalise("/private/tmp/x"), "/tmp/x");
        assert_eq!(normalise("/private/tmpx"), "/private/tmpx");
    }
}
