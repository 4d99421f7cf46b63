//! Our hook's entry: how it is written, and how it is known again.
//!
//! Claude Code starts a hook in one of two forms. With `args` it spawns the command itself (exec form, since 2.1.139);
//! without, and on older clients in any case, the command goes through `/bin/sh -c`. A path without special characters
//! means the same to both, so the exec form with no arguments is written for every client. A path that a shell would
//! split or expand cannot be written so that both understand it in exec form: quoted it is no path, unquoted no shell
//! word. Where a client older than 2.1.139 (or none that tells its version) is installed, such a path is written in shell
//! form, quoted, which every client runs; the price is one `sh` a call. A path that neither form can carry is refused.
//!
//! What must stay true: no argument (a hook that fails on its usage would veto tool calls), an explicit short time-out
//! for every event, no `onFailure`, no matcher.

use jsonc_parser::ast::{Object, Value};
use std::path::Path;

use super::events::Version;

/// Seconds after which Claude Code gives up on our hook.
const TIMEOUT_S: &str = "5";
/// The hook's file name.
pub(crate) const HOOK_NAME: &str = "argus-hook";
/// The guard's file name.
pub(crate) const GUARD_NAME: &str = "argus-guard";
/// The first client that knows `onFailure`.
pub(crate) const CLOSED_SINCE: Version = Version(2, 1, 295);
/// The first client that knows `args`.
const EXEC_FORM_SINCE: Version = Version(2, 1, 139);

/// The entry to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Handler {
    command: String,
    form: Form,
    /// A guard that cannot answer blocks. The hook never does.
    is_closed: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Spawned as it is.
    Exec,
    /// Run by a shell.
    Shell,
}

/// A path that cannot be registered.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("the hook's path cannot be registered ({problem}): {path}")]
pub(crate) struct UnusablePath {
    problem: &'static str,
    path: String,
}

impl Handler {
    /// The entry for the hook at `path`, to be understood by `oldest` and every later client.
    pub(crate) fn new(path: &Path, oldest: Option<Version>) -> Result<Self, UnusablePath> {
        let refuse = |problem| UnusablePath { problem, path: path.display().to_string() };
        let text = path.to_str().ok_or_else(|| refuse("it is not UTF-8"))?;
        if !path.is_absolute() {
            return Err(refuse("it is not absolute"));
        }
        if text.chars().any(char::is_control) {
            return Err(refuse("it holds a control character"));
        }
        if text.contains("${") {
            return Err(refuse("Claude Code would replace its ${…}"));
        }
        if text.chars().all(|char| char.is_ascii_alphanumeric() || "/._-+,:@%=".contains(char)) {
            return Ok(Self { command: text.into(), form: Form::Exec, is_closed: false });
        }
        if oldest.is_some_and(|oldest| oldest >= EXEC_FORM_SINCE) {
            return Ok(Self { command: text.into(), form: Form::Exec, is_closed: false });
        }
        let command = format!("'{}'", text.replace('\'', r"'\''"));
        Ok(Self { command, form: Form::Shell, is_closed: false })
    }

    /// The same, blocking where it cannot answer.
    pub(crate) fn closed(self) -> Self {
        Self { is_closed: true, ..self }
    }

    /// The entry that Argus would have written with this command.
    pub(super) fn of_command(command: &str) -> Self {
        let form = if command.starts_with('\'') { Form::Shell } else { Form::Exec };
        Self { command: command.into(), form, is_closed: false }
    }

    /// Which of our two programs it starts.
    pub(super) fn name(&self) -> &'static str {
        if is_command_of(&self.command, GUARD_NAME) { GUARD_NAME } else { HOOK_NAME }
    }

    /// The matcher group that holds the entry and nothing else.
    pub(super) fn group_text(&self) -> String {
        let command = serde_json::Value::from(self.command.as_str());
        let args = match self.form {
            Form::Exec => r#""args": [], "#,
            Form::Shell => "",
        };
        let closed = if self.is_closed { r#", "onFailure": "block""# } else { "" };
        format!(
            r#"{{ "hooks": [{{ "type": "command", "command": {command}, {args}"timeout": {TIMEOUT_S}{closed} }}] }}"#
        )
    }

    /// Whether `object` says exactly this, in any order and layout.
    pub(super) fn is_written_as(&self, object: &Object<'_>) -> bool {
        let expected_keys = if self.form == Form::Exec { 4 } else { 3 } + usize::from(self.is_closed);
        let blocks = object.get_string("onFailure").is_some_and(|word| word.value == "block");
        object.properties.len() == expected_keys
            && blocks == self.is_closed
            && object.get_string("type").is_some_and(|kind| kind.value == "command")
            && object.get_string("command").is_some_and(|command| command.value == self.command)
            && object.get_number("timeout").is_some_and(|timeout| timeout.value == TIMEOUT_S)
            && (self.form == Form::Shell || object.get_array("args").is_some_and(|args| args.elements.is_empty()))
    }
}

/// The command of a handler that is ours: whatever its form and place, it ends in the name of our program.
pub(super) fn our_command<'a>(handler: &'a Value<'_>, name: &str) -> Option<&'a str> {
    let command = handler.as_object()?.get_string("command")?.value.as_ref();
    is_command_of(command, name).then_some(command)
}

fn is_command_of(command: &str, name: &str) -> bool {
    let bare = command.trim().trim_end_matches(['\'', '"']);
    bare.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with(['/', '\\', ' ', '\'', '"']))
}

/// The path that a command of ours starts, with a shell's quotes taken off.
pub(crate) fn path_of_command(command: &str) -> String {
    let command = command.trim();
    match command.strip_prefix('\'').and_then(|rest| rest.strip_suffix('\'')) {
        Some(quoted) => quoted.replace(r"'\''", "'"),
        None => command.trim_matches('"').to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const OLD: Option<Version> = Some(Version(2, 1, 80));
    const NEW: Option<Version> = Some(Version(2, 1, 139));

    fn command(path: &str, oldest: Option<Version>) -> Result<(String, Form), UnusablePath> {
        Handler::new(Path::new(path), oldest).map(|handler| (handler.command, handler.form))
    }

    #[test]
    fn a_plain_path_is_written_in_exec_form_for_every_client() {
        for oldest in [None, OLD, NEW] {
            assert_eq!(command("/home/me/argus/bin/argus-hook", oldest).unwrap().1, Form::Exec);
        }
    }

    #[test]
    fn a_path_that_a_shell_would_split_is_quoted_for_old_and_unknown_clients_only() {
        let path = "/home/O'Neil & co/bin/argus-hook";
        assert_eq!(command(path, NEW).unwrap(), (path.into(), Form::Exec));
        for oldest in [None, OLD] {
            assert_eq!(command(path, oldest).unwrap(), (r"'/home/O'\''Neil & co/bin/argus-hook'".into(), Form::Shell));
        }
    }

    #[test]
    fn a_quoted_command_gives_its_path_back_as_a_real_shell_reads_it() {
        let path = r#"/tmp/a b"c$d`e'f\g;h/bin/argus-hook"#;
        let (quoted, _) = command(path, None).unwrap();
        assert_eq!(path_of_command(&quoted), path);
        let output =
            std::process::Command::new("/bin/sh").arg("-c").arg(format!("printf %s {quoted}")).output().unwrap();
        assert_eq!(String::from_utf8(output.stdout).unwrap(), path);
    }

    #[test]
    fn a_path_that_no_form_can_carry_is_refused() {
        for path in ["bin/argus-hook", "/a\nb/bin/argus-hook", "/a${HOME}/bin/argus-hook"] {
            assert!(command(path, NEW).is_err(), "{path:?}");
        }
    }

    #[test]
    fn our_commands_are_known_in_every_form_and_others_are_not() {
        let ours = |command: &str| {
            let text = serde_json::json!({ "type": "command", "command": command }).to_string();
            let parsed = jsonc_parser::parse_to_ast(&text, &Default::default(), &Default::default()).unwrap();
            our_command(&parsed.value.unwrap(), HOOK_NAME).is_some()
        };
        for command in
            ["/d/bin/argus-hook", "argus-hook", "'/a b/bin/argus-hook'", "\"/a/argus-hook\"", "exec /x/argus-hook"]
        {
            assert!(ours(command), "{command}");
        }
        for command in ["/d/bin/argus-hook --x", "/d/bin/my-argus-hook", "argus-hook.sh", "argus hook-me", ""] {
            assert!(!ours(command), "{command}");
        }
    }
}
