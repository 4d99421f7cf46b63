//! Tools that are no shell, and which of them are: what a call does, read from its name and its input.
//!
//! MCP servers name their tools as they like, so these are told by the verb in their name and by inputs that hold a path;
//! one that holds a command line for a tool that runs things is read as a shell's.

mod plain;
mod server;

use serde_json::Value;

use crate::deed::{Half, SECRET, UNTRUSTED};
use crate::effect::{Effect, Kind, Target, code_of_tool, known, left, of_script};
use crate::shell::{Context, Script, Site, Word, read as read_script};
use crate::{Scope, path};

pub(crate) use plain::{deeds as plain_deeds, is_harmless as is_plainly_harmless};

/// What a call does.
pub(crate) fn read(tool: &str, input: &Value, scope: &Scope) -> Vec<Effect> {
    let mut out = by_tool(tool, input, scope);
    out.extend(credentials(tool, input));
    if reads_elsewhere(tool, input) {
        out.push(Effect::of_tool(Kind::Deed(UNTRUSTED, Half::Cause, String::new()), told_of(tool, input)));
    }
    if tool.starts_with("mcp__") && tells_others(tool) {
        out.push(leaves(tool));
    }
    out
}

/// Most texts of an input in which credentials are looked for, how many bytes of them, and how deep they may lie.
const MAX_TEXTS: usize = 256;
const MAX_SEARCHED_BYTES: usize = 512 * 1024;
const MAX_INPUT_DEPTH: usize = 8;
/// What stands there before a change is not what the call brings; a folder or a file is told by its name.
const NOT_BROUGHT: &[&str] = &["old_string", "file_path", "notebook_path", "cwd"];

/// Credentials that an input holds: what is sent away with them is worse than what is kept.
fn credentials(tool: &str, input: &Value) -> Option<Effect> {
    let mut left = (MAX_TEXTS, MAX_SEARCHED_BYTES);
    let kind = find_in(input, &mut left, 0)?;
    let (rule, reason) = match tool {
        "WebFetch" | "WebSearch" => ("secret.exfil", "What is asked of a server holds a credential in live form"),
        _ => ("secret.hardcoded", "It holds a credential in live form"),
    };
    Some(Effect::of_tool(Kind::Known(rule, format!("{reason} ({kind}…).")), format!("{kind}…")))
}

fn find_in(value: &Value, left: &mut (usize, usize), depth: usize) -> Option<&'static str> {
    match value {
        Value::String(text) if left.0 > 0 && left.1 > 0 => {
            *left = (left.0 - 1, left.1.saturating_sub(text.len()));
            known::find_credential(text)
        }
        _ if depth >= MAX_INPUT_DEPTH => None,
        Value::Array(items) => items.iter().find_map(|item| find_in(item, left, depth + 1)),
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !NOT_BROUGHT.contains(&name.as_str()))
            .find_map(|(_, value)| find_in(value, left, depth + 1)),
        _ => None,
    }
}

/// Words for reading in the names of MCP tools, and servers that read what lies here.
const FETCHES: &[&str] = &[
    "fetch", "browse", "navigate", "open", "visit", "scrape", "crawl", "search", "get", "read", "list", "query",
    "view", "download", "extract", "snapshot",
];
const AT_HOME: &[&str] = &[
    "filesystem",
    "fs",
    "git",
    "ide",
    "memory",
    "sequential",
    "serena",
    "sqlite",
    "duckdb",
    "postgres",
    "time",
    "lsp",
    "local",
    "files",
    "argus",
];

/// Reads text that anybody may have written: a page, search results, a message, an issue.
fn reads_elsewhere(tool: &str, input: &Value) -> bool {
    match tool {
        "WebSearch" => true,
        "WebFetch" => input.get("url").and_then(Value::as_str).is_some_and(|url| !is_here(url)),
        _ => {
            let Some((server, _)) = tool.strip_prefix("mcp__").and_then(|rest| rest.split_once("__")) else {
                return false;
            };
            let is_home = server.split(['_', '-']).any(|word| AT_HOME.contains(&word));
            let url = ["url", "uri"].iter().find_map(|key| input.get(key)?.as_str());
            !is_home
                && !url.is_some_and(is_here)
                && name_words(tool).any(|word| FETCHES.contains(&word.as_str()))
                && !writes_files(tool, input)
        }
    }
}

fn is_here(url: &str) -> bool {
    let host = url.split("://").last().unwrap_or_default().split(['/', '?', '#']).next().unwrap_or_default();
    let name = host.rsplit('@').next().unwrap_or_default();
    ["localhost", "127.", "[::1]", "0.0.0.0"].iter().any(|own| name.starts_with(own)) || url.starts_with("file:")
}

/// What a call asks for, in a line.
fn told_of(tool: &str, input: &Value) -> String {
    let asked = ["url", "query", "uri", "path", "id"].iter().find_map(|key| input.get(key)?.as_str());
    asked.map_or_else(|| tool.to_owned(), |asked| format!("{tool} {asked}"))
}

fn by_tool(tool: &str, input: &Value, scope: &Scope) -> Vec<Effect> {
    let text = |key: &str| input.get(key).and_then(Value::as_str);
    match tool {
        "Write" | "Edit" | "MultiEdit" | "NotebookEdit" | "Update" | "Create" => {
            let path = ["file_path", "notebook_path", "path"].iter().find_map(|key| text(key));
            path.map(|path| written(path, new_text(input), scope)).unwrap_or_default()
        }
        "Read" | "Grep" | "NotebookRead" => {
            let path = ["file_path", "notebook_path", "path"].iter().find_map(|key| text(key));
            path.and_then(|path| read_file(path, scope)).into_iter().collect()
        }
        "WebFetch" => text("url").map(asked).unwrap_or_default(),
        _ if runs_lines(tool, input) => match command_line(input) {
            Some(command) => of_script(&read_script(&command, &in_folder(input, scope)), &command, scope),
            None => Vec::new(),
        },
        _ if tool.starts_with("mcp__") => of_server(tool, input, scope),
        _ => Vec::new(),
    }
}

/// What a tool of an MCP server does, as far as its name and its input tell.
fn of_server(tool: &str, input: &Value, scope: &Scope) -> Vec<Effect> {
    let mut out: Vec<Effect> =
        ["url", "uri"].iter().filter_map(|key| input.get(key)?.as_str()).flat_map(asked).collect();
    if let Some(statement) = asks_a_database(input)
        && let Some(what) = known::sql(statement)
    {
        let reason = format!("{what} is deleted.");
        out.push(Effect::of_tool(Kind::Known("db.destructive", reason), statement.to_owned()));
    }
    if let Some((rule, reason)) = server::judge(tool, input) {
        out.push(Effect::of_tool(Kind::Known(rule, reason), told_of(tool, input)));
    }
    if let Some((language, code)) = code_to_run(tool, input) {
        out.extend(code_of_tool(language, code, scope));
    } else if writes_files(tool, input) {
        out.extend(destinations(input).flat_map(|path| written(path, new_text(input), scope)));
    } else if reads_files(tool, input) {
        let listed = ["paths", "files"].iter().filter_map(|key| input.get(key)?.as_array()).flatten();
        let paths = destinations(input).chain(listed.filter_map(Value::as_str));
        out.extend(paths.filter_map(|path| read_file(path, scope)));
    }
    out
}

/// What asking for an address does: it may carry something along, or be where a machine's own credentials are.
fn asked(address: &str) -> Vec<Effect> {
    let known = |rule, reason: &str| Effect::of_tool(Kind::Known(rule, reason.to_owned()), address.to_owned());
    let asks = known::is_metadata(address);
    let sends = known::collects_anything(address) || has_long_query(address);
    let metadata = asks.then(|| known("net.metadata", "The machine's own credentials are asked for."));
    metadata.into_iter().chain(sends.then(|| leaves(address))).collect()
}

/// A tool that runs a command line: by its name, or because it is a server's and takes one.
fn runs_lines(tool: &str, input: &Value) -> bool {
    let takes = || {
        ["command", "cmd", "command_line", "commandLine", "shell_command", "cli_command", "cliCommand"]
            .iter()
            .any(|key| input.get(key).is_some())
    };
    tool == "Bash" || runs_commands(tool) && command_line(input).is_some() || tool.starts_with("mcp__") && takes()
}

/// Code that a tool runs on this machine, with its language.
fn code_to_run<'i>(tool: &str, input: &'i Value) -> Option<(&'static str, &'i str)> {
    const RUNS: &[&str] =
        &["execute", "run", "eval", "evaluate", "exec", "cell", "code", "python", "javascript", "node", "repl"];
    // A page's own script runs in the browser.
    let in_browser =
        ["browser", "playwright", "puppeteer", "chrome", "devtools"].iter().any(|name| tool.contains(name));
    let code =
        ["code", "source", "script", "cell_source", "python_code"].iter().find_map(|key| input.get(key)?.as_str())?;
    let told = || input.get("language").and_then(Value::as_str).unwrap_or_default();
    let is_node = [tool, told()]
        .iter()
        .any(|text| ["javascript", "typescript", "node", "deno", "_js"].iter().any(|name| text.contains(name)));
    let is_shell = ["bash", "sh", "shell"].contains(&told());
    let language = if is_shell {
        "bash"
    } else if is_node {
        "node"
    } else {
        "python"
    };
    (!in_browser && name_words(tool).any(|word| RUNS.contains(&word.as_str()))).then_some((language, code))
}

/// Reads files that lie here.
fn reads_files(tool: &str, input: &Value) -> bool {
    const READS: &[&str] =
        &["read", "get", "view", "cat", "open", "show", "load", "fetch", "search", "grep", "copy", "move"];
    !is_elsewhere(input) && name_words(tool).any(|word| READS.contains(&word.as_str()))
}

/// A path in somebody else's repository is no path here.
fn is_elsewhere(input: &Value) -> bool {
    ["repo", "owner", "repository", "bucket", "project_id", "page_id"].iter().any(|key| input.get(key).is_some())
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
    let runs = runs_lines(tool, input);
    command_line(input).filter(|_| runs).map(|command| read_script(&command, &in_folder(input, scope)))
}

/// The file that a file tool names, wherever it lies.
pub(crate) fn named_file(tool: &str, input: &Value, scope: &Scope) -> Option<String> {
    if runs_lines(tool, input) {
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
        links: std::rc::Rc::new(scope.links.clone()),
    };
    let target = Target::through(&Word::text(file.as_str()), &context, scope);
    Effect::of_tool(Kind::Write(target), file)
}

/// A file that is written, and what it holds afterwards as far as the call tells.
fn written(file: &str, text: Option<String>, scope: &Scope) -> Vec<Effect> {
    let effect = write(file, scope);
    let path = match &effect.kind {
        Kind::Write(target) => target.path.clone(),
        _ => None,
    };
    let left = path.zip(text).map(|(path, text)| left(&path, text)).unwrap_or_default();
    std::iter::once(effect).chain(left).collect()
}

/// The text that a call puts into a file.
fn new_text(input: &Value) -> Option<String> {
    const KEYS: &[&str] = &["content", "new_string", "new_str", "file_text", "contents", "text", "data"];
    let direct = KEYS.iter().find_map(|key| input.get(key)?.as_str()).map(str::to_owned);
    direct.or_else(|| {
        let edits = input.get("edits")?.as_array()?.iter();
        Some(edits.filter_map(|edit| edit.get("new_string")?.as_str()).collect::<Vec<_>>().join("\n"))
    })
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
    let value = [
        "command",
        "cmd",
        "command_line",
        "commandLine",
        "script",
        "shell_command",
        "cli_command",
        "cliCommand",
        "input",
    ]
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
    let first = name_words(tool).find(|word| WRITES.contains(&word.as_str()) || READS.contains(&word.as_str()));
    !is_elsewhere(input) && first.is_some_and(|word| WRITES.contains(&word.as_str()))
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
}
