//! Tools that are no shell, and which of them are: what a call does, read from its name and its input.
//!
//! MCP servers name their tools as they like, so these are told by the verb in their name and by inputs that hold a path;
//! one that holds a command line for a tool that runs things is read as a shell's.

use serde_json::Value;

use crate::effect::{Effect, Kind, Proof, Target, of_script};
use crate::shell::{Context, Site, Word, read as read_script};
use crate::{Call, Scope, path};

/// Longest plain text that is looked at word by word before anything else.
const MAX_PLAIN_BYTES: usize = 512;

/// Words that make a plain command worth reading.
const WATCHED: &[&str] = &[
    "rm", "grm", "rimraf", "rmrf", "srm", "premove", "sudo", "sudoedit", "gsudo", "chmod", "gchmod", "umask",
    "setfacl", "install", "ginstall", "mkdir", "mkfifo", "mknod", "rsync", "tar", "ssh", "docker", "podman", "cd",
];

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
        "Read" | "Grep" | "Glob" | "LS" | "WebFetch" | "WebSearch" | "Task" | "Agent" | "TodoWrite" => true,
        _ => false,
    }
}

fn is_plain(command: &str) -> bool {
    command.len() <= MAX_PLAIN_BYTES
        && command.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" _-./:,@+%=".contains(&byte))
        && command.split(' ').all(|word| {
            let leads_away = word.starts_with('/') || word.contains("..") || word.contains("=/");
            !leads_away && !WATCHED.contains(&word.rsplit('/').next().unwrap_or_default())
        })
}

/// What a call does.
pub(crate) fn read(tool: &str, input: &Value, scope: &Scope) -> Vec<Effect> {
    let text = |key: &str| input.get(key).and_then(Value::as_str);
    match tool {
        "Write" | "Edit" | "MultiEdit" | "NotebookEdit" | "Update" | "Create" => {
            let path = ["file_path", "notebook_path", "path"].iter().find_map(|key| text(key));
            path.map(|path| write(path, scope)).into_iter().collect()
        }
        _ if tool == "Bash" || runs_commands(tool) => match command_line(input) {
            Some(command) => of_script(&read_script(&command, &in_folder(input, scope)), scope),
            None => Vec::new(),
        },
        _ if tool.starts_with("mcp__") && writes_files(tool, input) => {
            destinations(input).map(|path| write(path, scope)).collect()
        }
        _ => Vec::new(),
    }
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
        assert!(is_plain("git status --porcelain=v2") && is_plain("npm run build"));
        for command in ["rm -r x", "a | b", "cp a ../b", "./bin/rm x", "x --to=/etc", "echo $X", "/bin/ls"] {
            assert!(!is_plain(command), "{command}");
        }
    }
}
