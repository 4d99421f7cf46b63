//! Plain commands that only look, build or test: nearly every call is one, and reading it like a shell would be for nothing.
//!
//! What must stay true: whatever is skipped here names nothing that a rule watches, and leads nowhere else.

use serde_json::Value;

use crate::deed::{Deed, git_subjects};
use crate::{Call, path};

/// Longest plain text that is looked at word by word before anything else.
const MAX_PLAIN_BYTES: usize = 512;

/// Words that make a plain command worth reading.
const WATCHED: &[&str] = &[
    "rm", "grm", "rimraf", "rmrf", "srm", "premove", "sudo", "sudoedit", "gsudo", "chmod", "gchmod", "umask",
    "setfacl", "install", "ginstall", "mkdir", "mkfifo", "mknod", "rsync", "tar", "ssh", "docker", "podman", "cd",
    "flush", "reset_db", "-c", "-e", "exec", "xargs", "-exec", "-delete", "-execdir", "env",
];
/// Commands that only look, build or test, whatever their plain words are.
const HARMLESS: &[&str] = &[
    "ls", "pwd", "echo", "wc", "cat", "head", "tail", "grep", "rg", "sort", "uniq", "diff", "which", "date", "whoami",
    "uname", "tree", "stat", "file", "du", "df", "true", "test", "basename", "dirname", "jq", "pytest", "ruff", "mypy",
    "black", "tsc", "eslint", "prettier", "jest", "vitest", "cmake", "ninja", "hostname", "nproc", "uptime", "id",
];
/// The same, with one of these verbs.
const HARMLESS_VERBS: &[(&str, &[&str])] = &[
    ("git", &["status", "diff", "log", "show", "add", "rev-parse", "ls-files", "blame", "describe", "shortlog"]),
    ("cargo", &["build", "test", "check", "clippy", "fmt", "bench", "doc", "tree", "nextest", "metadata", "update"]),
    ("go", &["build", "test", "vet", "fmt", "mod", "version", "list"]),
    ("npm", &["test", "run", "ci", "ls", "view", "outdated", "audit"]),
    ("pnpm", &["test", "run", "ls", "lint", "build"]),
    ("yarn", &["test", "run", "lint", "build"]),
    ("make", &["test", "build", "check", "lint", "all"]),
    ("kubectl", &["describe", "logs", "top", "version"]),
    ("docker", &["ps", "images", "logs", "version", "info"]),
];
/// Files that a plain command must not name.
const WATCHED_FILES: &[&str] = &[
    ".env",
    ".ssh",
    ".aws",
    ".netrc",
    ".npmrc",
    ".pem",
    ".key",
    ".dev.vars",
    "id_",
    ".claude",
    ".git",
    "credentials",
    "environ",
];

/// True for a plain command without anything that a shell expands, that names nothing watched and leads nowhere else.
pub(crate) fn is_harmless(call: &Call<'_>) -> bool {
    match call.tool {
        "Bash" => {
            let Some(command) = call.input.get("command").and_then(Value::as_str) else { return true };
            let inside = match (&call.scope.cwd, &call.scope.project_dir) {
                (Some(cwd), Some(project)) => path::is_below(cwd, project),
                _ => false,
            };
            inside && is_plain(command)
        }
        "Glob" | "LS" | "Task" | "Agent" | "TodoWrite" => true,
        _ => false,
    }
}

/// What even a plain command springs, if it was laid before.
pub(crate) fn deeds(call: &Call<'_>) -> Vec<Deed> {
    let command = call.input.get("command").and_then(Value::as_str).unwrap_or_default();
    let Some(rest) = command.strip_prefix("git ").filter(|_| call.tool == "Bash") else { return Vec::new() };
    let verb = rest.split(' ').next().unwrap_or_default();
    git_subjects(verb).iter().map(|subject| Deed::springs(subject, command)).collect()
}

fn is_plain(command: &str) -> bool {
    let mut words = command.split(' ');
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_known = HARMLESS.contains(&first)
        || HARMLESS_VERBS.iter().any(|(name, verbs)| *name == first && verbs.contains(&second));
    is_known
        && command.len() <= MAX_PLAIN_BYTES
        && command.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _-./:,@+%=".contains(&byte))
        && command.split(' ').all(|word| {
            let leads_away =
                word.starts_with('/') || word.contains("..") || word.contains("=/") || word.contains("://");
            let is_watched = || WATCHED.contains(&word.rsplit('/').next().unwrap_or_default());
            !leads_away && !is_watched() && !WATCHED_FILES.iter().any(|file| word.contains(file))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_commands_skip_the_reading() {
        assert!(is_plain("cargo test --workspace") && is_plain("npm run build") && is_plain("ls -la src"));
        for command in
            ["rm -r x", "a | b", "ls ../b", "./bin/rm x", "ls --to=/etc", "echo $X", "/bin/ls", "unknown", "cat .env"]
        {
            assert!(!is_plain(command), "{command}");
        }
    }
}
