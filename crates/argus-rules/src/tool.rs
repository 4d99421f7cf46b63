//! Tools that are no shell, and which of them are: what a call does, read from its name and its input.
//!
//! MCP servers name their tools as they like, so these are told by the verb in their name and by inputs that hold a path;
//! one that holds a command line for a tool that runs things is read as a shell's.

use serde_json::Value;

use crate::deed::{Half, SECRET};
use crate::effect::{Effect, Kind, Proof, Target, known, of_script};
use crate::shell::{Context, Script, Site, Word, read as read_script};
use crate::{Call, Scope, path};

/// Longest plain text that is looked at word by word before anything else.
const MAX_PLAIN_BYTES: usize = 512;

/// Words that make a plain command worth reading.
const WATCHED: &[&str] = &[
    "rm", "grm", "rimraf", "rmrf", "srm", "premove", "sudo", "sudoedit", "gsudo", "chmod", "gchmod", "umask",
    "setfacl", "install", "ginstall", "mkdir", "mkfifo", "mknod", "rsync", "tar", "ssh", "docker", "podman", "cd",
    "flush", "reset_db", "-c", "-e", "exec", "xargs", "-exec", "-delete", "-execdir",
];
/// Commands that only look, build or test, whatever their plain words are.
const HARMLESS: &[&str] = &[
    "ls", "pwd", "echo", "wc", "cat", "head", "tail", "grep", "rg", "sort", "uniq", "diff", "which", "date", "whoami",
    "uname", "tree", "stat", "file", "du", "df", "true", "test", "basename", "dirname", "jq", "pytest", "ruff", "mypy",
    "black", "tsc", "eslint", "prettier", "jest", "vitest", "cmake", "ninja", "hostname", "nproc", "uptime", "ps",
    "id",
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
const WATCHED_FILES: &[&str] =
    &[".env", ".ssh", ".aws", ".netrc", ".npmrc", ".pem", ".claude", ".git", "credentials", "environ"];

/// True for a plain command without anything that a shell expands, that names nothing watched and leads nowhere else.
pub(crate) fn is_plainly_harmless(call: &Call<'_>) -> bool {
    match call.tool {
        "Bash" => {
            let Some(command) = call.input.get("command").and_then(Value::as_str) else { return true };
            let inside = match (&call.scope.cwd, &call.scope.project_dir) {
                (Some(cwd), Some(project)) => path::is_below(cwd, project),
                _ => false,
            };
            inside && is_plain(command)
        }
        "Glob" | "LS" | "WebSearch" | "Task" | "Agent" | "TodoWrite" => true,
        _ => false,
    }
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

/// What a call does.
pub(crate) fn read(tool: &str, input: &Value, scope: &Scope) -> Vec<Effect> {
    let mut out = by_tool(tool, input, scope);
    out.extend(credentials(tool, input));
    if tool.starts_with("mcp__") && tells_others(tool) {
        out.push(leaves(tool));
    }
    out
}

/// Credentials that an input holds: what is sent away with them is worse than what is kept.
fn credentials(tool: &str, input: &Value) -> Option<Effect> {
    let texts = ["command", "content", "new_string", "new_source", "url", "prompt", "text", "body", "data", "query"];
    let found = |value: &Value| value.as_str().and_then(known::find_credential);
    let direct = texts.iter().filter_map(|key| input.get(key)).find_map(found);
    let edits = || input.get("edits")?.as_array()?.iter().find_map(|edit| found(edit.get("new_string")?));
    let kind = direct.or_else(edits)?;
    let (rule, reason) = match tool {
        "WebFetch" | "WebSearch" => ("secret.exfil", "The address holds a credential in live form"),
        _ => ("secret.hardcoded", "It holds a credential in live form"),
    };
    Some(Effect::of_tool(Kind::Known(rule, format!("{reason} ({kind}…).")), format!("{kind}…")))
}

fn by_tool(tool: &str, input: &Value, scope: &Scope) -> Vec<Effect> {
    let text = |key: &str| input.get(key).and_then(Value::as_str);
    match tool {
        "Write" | "Edit" | "MultiEdit" | "NotebookEdit" | "Update" | "Create" => {
            let path = ["file_path", "notebook_path", "path"].iter().find_map(|key| text(key));
            path.map(|path| write(path, scope)).into_iter().collect()
        }
        "Read" | "Grep" | "NotebookRead" => {
            let path = ["file_path", "notebook_path", "path"].iter().find_map(|key| text(key));
            path.and_then(|path| read_file(path, scope)).into_iter().collect()
        }
        "WebFetch" => {
            let address = text("url").unwrap_or_default();
            let sends = known::collects_anything(address) || has_long_query(address);
            let asks = text("url").is_some_and(known::is_metadata);
            let effect = || {
                let reason = "The machine's own credentials are asked for.".to_owned();
                Effect::of_tool(Kind::Known("net.metadata", reason), text("url").unwrap_or_default().to_owned())
            };
            asks.then(effect).into_iter().chain(sends.then(|| leaves(address))).collect()
        }
        _ if tool == "Bash" || runs_commands(tool) => match command_line(input) {
            Some(command) => of_script(&read_script(&command, &in_folder(input, scope)), &command, scope),
            None => Vec::new(),
        },
        _ if tool.starts_with("mcp__") && asks_a_database(input).is_some() => {
            let statement = asks_a_database(input).unwrap_or_default().to_owned();
            let reason = known::sql(&statement).map(|what| format!("{what} is deleted."));
            reason.map(|reason| Effect::of_tool(Kind::Known("db.destructive", reason), statement)).into_iter().collect()
        }
        _ if tool.starts_with("mcp__") && writes_files(tool, input) => {
            destinations(input).map(|path| write(path, scope)).collect()
        }
        _ => Vec::new(),
    }
}

/// Something leaves the machine.
fn leaves(text: &str) -> Effect {
    Effect::of_tool(Kind::Deed(SECRET, Half::Consequence, String::new()), text.to_owned())
}

/// An address whose query has room for more than a question.
fn has_long_query(address: &str) -> bool {
    const LONG: usize = 48;
    let query = address.split_once('?').map(|(_, query)| query).unwrap_or_default();
    query.split('&').any(|part| {
        let value = part.split_once('=').map_or(part, |(_, value)| value);
        value.len() >= LONG && !value.contains(['+', ' ', '/']) && !value.contains("%20") && !value.contains("%2F")
    })
}

/// A tool that gives what it is told to other people or machines.
fn tells_others(tool: &str) -> bool {
    const TELLS: &[&str] = &["send", "post", "publish", "upload", "email", "mail", "share", "tweet", "notify"];
    name_words(tool).next().is_some_and(|word| TELLS.contains(&word.as_str()))
        || name_words(tool).any(|word| matches!(word.as_str(), "send" | "upload" | "publish"))
}

/// The command line of a tool that runs one, read.
pub(crate) fn script(tool: &str, input: &Value, scope: &Scope) -> Option<Script> {
    let runs = tool == "Bash" || runs_commands(tool);
    command_line(input).filter(|_| runs).map(|command| read_script(&command, &in_folder(input, scope)))
}

/// The file that a file tool names, wherever it lies.
pub(crate) fn named_file(tool: &str, input: &Value, scope: &Scope) -> Option<String> {
    if runs_commands(tool) || tool == "Bash" {
        return None;
    }
    let file = ["file_path", "notebook_path", "path"].iter().find_map(|key| input.get(key)?.as_str())?;
    match write(file, scope).kind {
        Kind::Write(target) => target.path,
        _ => None,
    }
}

fn read_file(file: &str, scope: &Scope) -> Option<Effect> {
    let effect = write(file, scope);
    let Kind::Write(target) = effect.kind else { return None };
    let (rule, reason) = known::judge_path(target.path.as_deref()?, &target.shown, scope)?;
    Some(Effect::of_tool(Kind::Known(rule, reason), effect.text))
}

fn write(file: &str, scope: &Scope) -> Effect {
    let file = match (file.strip_prefix('~'), &scope.home) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => format!("{home}{rest}"),
        _ => file.strip_prefix("file://").unwrap_or(file).to_owned(),
    };
    let cwd = scope.cwd.as_ref().or(scope.project_dir.as_ref());
    let context = Context {
        span: 0..0,
        via: std::rc::Rc::default(),
        cwd: cwd.and_then(|cwd| path::resolve(cwd, None)).map(std::rc::Rc::from),
        site: Site::Local,
        links: std::rc::Rc::default(),
    };
    let target = Target::of(&Word::text(file.as_str()), &context, scope, Proof::Likely);
    Effect::of_tool(Kind::Write(target), file)
}

/// The words of a tool's own name: `mcp__server__do_this` says `do` and `this`.
fn name_words(tool: &str) -> impl Iterator<Item = String> + '_ {
    let own = tool.rsplit("__").next().unwrap_or(tool);
    let mut spread = String::with_capacity(own.len() + 4);
    for c in own.chars() {
        if c.is_uppercase() {
            spread.push('_');
        }
        spread.extend(c.to_lowercase());
    }
    spread.split(['_', '-', '.']).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>().into_iter()
}

fn runs_commands(tool: &str) -> bool {
    const RUNS: &[&str] =
        &["bash", "shell", "sh", "zsh", "exec", "execute", "run", "terminal", "command", "cmd", "powershell", "spawn"];
    // The server's name counts too: `mcp__shell__start`.
    tool.split("__").any(|part| name_words(part).any(|word| RUNS.contains(&word.as_str())))
}

/// The command line in an input: text, or a list of words.
fn command_line(input: &Value) -> Option<String> {
    let value = ["command", "cmd", "command_line", "commandLine", "script", "shell_command", "input"]
        .iter()
        .find_map(|key| input.get(key))?;
    match value {
        Value::String(text) => {
            let arguments = input.get("args").and_then(Value::as_array);
            let rest = arguments.into_iter().flatten().filter_map(Value::as_str).map(quote);
            Some(std::iter::once(text.clone()).chain(rest).collect::<Vec<_>>().join(" "))
        }
        Value::Array(words) => Some(words.iter().filter_map(Value::as_str).map(quote).collect::<Vec<_>>().join(" ")),
        _ => None,
    }
}

/// A statement that an input holds.
fn asks_a_database(input: &Value) -> Option<&str> {
    ["sql", "query", "statement"].iter().find_map(|key| input.get(key)?.as_str())
}

fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

fn in_folder(input: &Value, scope: &Scope) -> Scope {
    let folder =
        ["cwd", "workdir", "working_directory", "workingDirectory"].iter().find_map(|key| input.get(key)?.as_str());
    match folder {
        Some(folder) => Scope { cwd: Some(folder.to_owned()), ..scope.clone() },
        None => scope.clone(),
    }
}

fn writes_files(tool: &str, input: &Value) -> bool {
    const WRITES: &[&str] = &[
        "write",
        "edit",
        "create",
        "save",
        "append",
        "move",
        "rename",
        "copy",
        "put",
        "update",
        "patch",
        "insert",
        "replace",
        "mkdir",
        "touch",
        "download",
        "export",
        "overwrite",
        "modify",
        "set",
        "add",
        "apply",
    ];
    const READS: &[&str] =
        &["read", "get", "list", "search", "stat", "find", "view", "query", "fetch", "show", "describe"];
    // A path in somebody else's repository is no path here.
    let is_elsewhere =
        ["repo", "owner", "repository", "bucket", "project_id", "page_id"].iter().any(|key| input.get(key).is_some());
    let first = name_words(tool).find(|word| WRITES.contains(&word.as_str()) || READS.contains(&word.as_str()));
    !is_elsewhere && first.is_some_and(|word| WRITES.contains(&word.as_str()))
}

/// The inputs that say where is written: a destination where there is one, else the path.
fn destinations(input: &Value) -> impl Iterator<Item = &str> {
    const TO: &[&str] = &[
        "destination",
        "dest",
        "target",
        "to",
        "new_path",
        "newPath",
        "target_path",
        "targetPath",
        "destination_path",
        "output_path",
        "outputPath",
        "output",
        "savePath",
        "save_path",
    ];
    const PATH: &[&str] = &[
        "path",
        "file_path",
        "filePath",
        "filepath",
        "file",
        "filename",
        "relative_path",
        "uri",
        "absolute_path",
        "notebook_path",
        "directory",
        "dir",
        "target_file",
    ];
    let named = |keys: &[&str]| keys.iter().filter_map(|key| input.get(key)?.as_str()).find(|path| is_path(path));
    named(TO).or_else(|| named(PATH)).into_iter()
}

fn is_path(text: &str) -> bool {
    let is_address = text.contains("://") && !text.starts_with("file://");
    !text.is_empty() && text.len() < 4_096 && !text.contains('\n') && !is_address
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_tools_are_read_word_by_word() {
        let words = |tool| name_words(tool).collect::<Vec<_>>();
        assert_eq!(words("mcp__fs__writeFile"), ["write", "file"]);
        assert!(
            runs_commands("mcp__shell__start")
                && runs_commands("run_shell_command")
                && !runs_commands("mcp__trunk__show")
        );
    }

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
