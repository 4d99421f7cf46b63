//! What takes people and their work out of a text that leaves the machine: secrets, paths, names, quoted words.
//!
//! What is left is meant to be read by strangers, so doubt is decided for leaving out: a path that is not one of ours
//! goes whole, and what an error quotes goes too, since parsers quote what they were given.

use std::path::Path;

use argus_ingest::redact::Redactor;

/// Files and folders below our roots whose names say nothing of anybody.
const TELLS_NOTHING: [&str; 14] = [
    "argus.db",
    "argus.db-wal",
    "argus.db-shm",
    "argus.lock",
    "spool",
    "aside",
    "bin",
    "log",
    "token",
    "server.json",
    "backups",
    "config.toml",
    "settings.json",
    "projects",
];
/// What the folders are made of that are used where nobody chose others.
const USUAL: [&str; 6] = [".claude", ".config", "claude", ".local", "share", "argus"];
/// Shorter names are parts of too many words.
const SHORTEST_NAME: usize = 2;

/// Takes out what a stranger is not to read.
pub(super) struct Scrub {
    redactor: Redactor,
    /// Folders and what stands for them, the longest first.
    roots: Vec<(String, &'static str)>,
    /// Projects, branches, titles, the longest first.
    names: Vec<String>,
    users: Vec<String>,
}

impl Scrub {
    /// Knows nothing yet but secrets.
    pub(super) fn new(redactor: Redactor) -> Self {
        Self { redactor, roots: Vec::new(), names: Vec::new(), users: Vec::new() }
    }

    /// A folder that is shown under another name.
    pub(super) fn add_root(&mut self, path: &Path, shown: &'static str) {
        if let Some(text) = path.to_str().filter(|text| text.len() > 1) {
            self.roots.push((text.trim_end_matches('/').to_owned(), shown));
            self.roots.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
        }
    }

    /// The name of a person who uses this machine.
    pub(super) fn add_user(&mut self, name: &str) {
        add(&mut self.users, name);
    }

    /// Names of projects, branches and sessions.
    pub(super) fn add_names(&mut self, names: impl IntoIterator<Item = String>) {
        self.names.extend(names.into_iter().filter(|name| name.trim().len() >= SHORTEST_NAME));
        self.names.sort_by(|one, other| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        self.names.dedup();
    }

    /// A folder of the configuration: whole where it is the usual one below the home, else only where it begins.
    pub(super) fn shorten(&self, path: &Path, home: Option<&Path>) -> String {
        let below = home.and_then(|home| path.strip_prefix(home).ok());
        let is_usual = |below: &Path| below.iter().all(|part| USUAL.iter().any(|usual| part == *usual));
        match below {
            Some(below) if is_usual(below) => format!("~/{}", below.display()),
            Some(_) => "~/…".to_owned(),
            None => "<path>".to_owned(),
        }
    }

    /// A text of our own that may name paths and quote what it was given.
    pub(super) fn text(&self, text: &str) -> String {
        let mut text = self.redactor.redact(text).into_owned();
        for (root, shown) in &self.roots {
            text = replace(&text, root, shown, |char| char.is_alphanumeric() || matches!(char, '_' | '-'));
        }
        without_paths_and_quotes(&self.without_names(&text))
    }

    fn without_names(&self, text: &str) -> String {
        let is_inside = |char: char| char.is_alphanumeric() || char == '_';
        let mut text = self.redactor.redact(text).into_owned();
        for name in &self.names {
            text = replace(&text, name, "<name>", is_inside);
        }
        for user in &self.users {
            text = replace(&text, user, "<user>", is_inside);
        }
        text
    }
}

fn add(names: &mut Vec<String>, name: &str) {
    if name.len() >= SHORTEST_NAME && !names.iter().any(|known| known == name) {
        names.push(name.to_owned());
    }
}

/// Replaces `what` where it stands for itself: no character beside it belongs to the same word.
fn replace(text: &str, what: &str, with: &str, is_inside: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(what) {
        let (before, after) = (&rest[..at], &rest[at + what.len()..]);
        let last = before.chars().next_back().or_else(|| out.chars().next_back());
        out.push_str(before);
        let stands_alone = !last.is_some_and(&is_inside) && !after.chars().next().is_some_and(&is_inside);
        out.push_str(if stands_alone { with } else { what });
        rest = after;
    }
    out.push_str(rest);
    out
}

fn without_paths_and_quotes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(char) = rest.chars().next() {
        let follows_word = out.chars().next_back().is_some_and(|last| last.is_alphanumeric() || "_-~/>".contains(last));
        let length = if let Some(length) = quoted(rest).filter(|_| !follows_word) {
            out.push(char);
            out.push_str(if rest[1..].starts_with("argus ") { &rest[1..length - 1] } else { "…" });
            out.push(char);
            length
        } else if let Some(root) = ["<data>", "<claude>", "<here>"].iter().find(|root| rest.starts_with(**root)) {
            out.push_str(root);
            let tail = &rest[root.len()..];
            let length = if tail.starts_with('/') { path_length(tail) } else { 0 };
            out.push_str(&tail_of_ours(&tail[..length]));
            root.len() + length
        } else if !follows_word && is_path(rest) {
            out.push_str("<path>");
            path_length(rest)
        } else {
            out.push(char);
            char.len_utf8()
        };
        rest = &rest[length..];
    }
    out
}

/// How long the quotation is that begins here. A quotation that does not end goes to the end.
fn quoted(text: &str) -> Option<usize> {
    let quote = text.chars().next().filter(|char| matches!(char, '"' | '`' | '\''))?;
    let end = text[1..].rfind(quote).filter(|_| quote == '"').or_else(|| text[1..].find(quote));
    Some(end.map_or(text.len(), |end| end + 2)).filter(|length| *length >= 2 && text[..*length].ends_with(quote))
}

fn is_path(text: &str) -> bool {
    ["~/", "<name>/", "<user>/"].iter().any(|begin| text.starts_with(begin))
        || text.strip_prefix('/').is_some_and(|rest| rest.starts_with(|char: char| char != '/' && !ends_path(char)))
}

fn path_length(text: &str) -> usize {
    let length = text.find(ends_path).unwrap_or(text.len());
    // A colon or a full stop behind a path belongs to the sentence.
    text[..length].trim_end_matches([':', '.']).len()
}

fn ends_path(char: char) -> bool {
    char.is_whitespace() || "\"'`,;()".contains(char)
}

fn tail_of_ours(tail: &str) -> String {
    let mut parts = tail.split('/').filter(|part| !part.is_empty());
    match (parts.next(), parts.next()) {
        (None, _) => String::new(),
        (Some(first), None) if TELLS_NOTHING.contains(&first) => format!("/{first}"),
        (Some(first), Some(_)) if TELLS_NOTHING.contains(&first) => format!("/{first}/…"),
        _ => "/…".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_tells_of_people_and_their_work_goes_and_the_sentence_stays() {
        let mut scrub = Scrub::new(Redactor::new([7; 32]));
        scrub.add_root(Path::new("/home/ada/my files/argus"), "<data>");
        scrub.add_root(Path::new("/home/ada/.claude"), "<claude>");
        scrub.add_root(Path::new("/home/ada"), "~");
        scrub.add_user("ada");
        scrub.add_names(["moonshot".to_owned(), "Fix the leak".to_owned()]);
        for (text, wanted) in [
            ("opens: /home/ada/my files/argus/argus.db", "opens: <data>/argus.db"),
            (
                "cannot read /home/ada/.claude/projects/-home-ada-x/1.jsonl: gone",
                "cannot read <claude>/projects/…: gone",
            ),
            ("in /home/ada/.claude-work/settings.json.", "in <path>."),
            ("/srv/secret/place, and ada; not adamant", "<path>, and <user>; not adamant"),
            ("at http://127.0.0.1:7777 and/or", "at http://127.0.0.1:7777 and/or"),
            ("`argus install` mends `other words`", "`argus install` mends `…`"),
            (
                "invalid type: string \"the \\\"whole\\\" prompt\", expected u8",
                "invalid type: string \"…\", expected u8",
            ),
            ("no /srv/big moonshot/plan.md, moonshot/plan.md", "no <path> <path>, <path>"),
            ("moonshot: Fix the leak", "<name>: <name>"),
            ("the hook's limit isn't it", "the hook's limit isn't it"),
        ] {
            assert_eq!(scrub.text(text), wanted);
        }
        let home = Path::new("/home/ada");
        for (folder, wanted) in [
            ("/home/ada/.local/share/argus", "~/.local/share/argus"),
            ("/home/ada/.claude", "~/.claude"),
            ("/home/ada/moonshot/.argus", "~/…"),
            ("/srv/moonshot", "<path>"),
        ] {
            assert_eq!(scrub.shorten(Path::new(folder), Some(home)), wanted);
        }
    }
}
