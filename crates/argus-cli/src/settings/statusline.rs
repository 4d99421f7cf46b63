//! The status line in a settings file: ours put before the person's own, which goes on to be shown, and taken out again. Pure
//! functions.
//!
//! Claude Code has room for one command. What stands there is kept inside ours, as its literal in the file, byte for byte:
//! `argus statusline --wrap '"…"' || /bin/sh -c '…'` runs it and prints its lines before ours, and where Argus is gone the shell
//! runs it alone. Other keys of `statusLine` (padding, refreshInterval) are not touched.
//!
//! What must stay true: `take_out(put_in(text)) == text`; a command that is not exactly as we write it is somebody's.

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::common::Range;

use super::document::{Document, Refusal};
use super::registration::{delete_property, once, ranges};
use super::telemetry::split_mark;

const STATUS_LINE: &str = "statusLine";

/// Which program shows the line, and from which data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StatusLine {
    /// The program `argus`.
    pub(crate) program: String,
    /// Its data directory.
    pub(crate) data_dir: String,
}

impl StatusLine {
    /// The command, with the literal of the one that it shows as well.
    fn command(&self, wrapped: Option<&str>) -> String {
        let own = format!("{} statusline --data-dir {}", quoted(&self.program), quoted(&self.data_dir));
        match wrapped {
            None => own,
            Some(literal) => {
                let theirs: String = serde_json::from_str(literal).unwrap_or_default();
                format!("{own} --wrap {} || /bin/sh -c {}", quoted(literal), quoted(&theirs))
            }
        }
    }

    /// Reads a command back; `None` where it is not ours to the last byte.
    fn of_command(command: &str) -> Option<(Self, Option<String>)> {
        let (program, rest) = unquoted(command)?;
        let (data_dir, rest) = unquoted(rest.strip_prefix(" statusline --data-dir ")?)?;
        let wrapped = match rest.strip_prefix(" --wrap ") {
            Some(rest) => Some(unquoted(rest)?.0),
            None => None,
        };
        let own = Self { program, data_dir };
        (own.command(wrapped.as_deref()) == command).then_some((own, wrapped))
    }
}

/// For a shell: within single quotes nothing means anything but the quote itself.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

/// A word within single quotes, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let (mut word, mut rest) = (String::new(), text.strip_prefix('\'')?);
    loop {
        let (part, after) = rest.split_once('\'')?;
        word.push_str(part);
        match after.strip_prefix(r"\''") {
            Some(more) => {
                word.push('\'');
                rest = more;
            }
            None => return Some((word, after)),
        }
    }
}

/// The text with our line, before the one that was there.
pub(crate) fn put_in(text: &str, wanted: &StatusLine) -> Result<String, Refusal> {
    let text = take_out(text)?;
    let (mark, body) = split_mark(&text);
    let body = if body.trim().is_empty() { "{}\n" } else { body };
    let document = Document::parse(body)?;
    let literal = |command: &str| serde_json::Value::from(command).to_string();
    let splices = match command_of(&document.root)? {
        Some((_, place)) => {
            let theirs = &body[place.start..place.end];
            if serde_json::from_str::<String>(theirs).is_err() {
                return Err(Refusal::WrongType { place: "statusLine.command".into(), wanted: "a JSON string" });
            }
            vec![document.replace(place, literal(&wanted.command(Some(theirs))))]
        }
        None => {
            let line =
                format!(r#""{STATUS_LINE}": {{ "type": "command", "command": {} }}"#, literal(&wanted.command(None)));
            document.append(document.root.range, &ranges(&document.root.properties), &line)
        }
    };
    Ok(format!("{mark}{}", document.with(splices)))
}

/// The text without our line, and with the one that it showed.
pub(crate) fn take_out(text: &str) -> Result<String, Refusal> {
    let (mark, body) = split_mark(text);
    if body.trim().is_empty() {
        return Ok(text.to_owned());
    }
    let document = Document::parse(body)?;
    let root = &document.root;
    // What is laid out otherwise cannot be ours.
    let Ok(Some((command, place))) = command_of(root) else { return Ok(text.to_owned()) };
    let Some((_, wrapped)) = StatusLine::of_command(command) else { return Ok(text.to_owned()) };
    let splices = match (wrapped, once(root, STATUS_LINE)?) {
        (Some(literal), _) => vec![document.replace(place, literal)],
        (None, Some(property)) => delete_property(&document, root, property),
        (None, None) => Vec::new(),
    };
    Ok(format!("{mark}{}", document.with(splices)))
}

/// What [`put_in`] put in, if it did.
pub(crate) fn line_in(text: &str) -> Result<Option<StatusLine>, Refusal> {
    let (_, body) = split_mark(text);
    if body.trim().is_empty() {
        return Ok(None);
    }
    let document = Document::parse(body)?;
    let command = command_of(&document.root).ok().flatten();
    Ok(command.and_then(|(command, _)| StatusLine::of_command(command)).map(|(line, _)| line))
}

/// The command that stands there, and where.
fn command_of<'d>(root: &'d Object<'_>) -> Result<Option<(&'d str, Range)>, Refusal> {
    let wrong = |place: &str, wanted| Refusal::WrongType { place: place.into(), wanted };
    let line = match once(root, STATUS_LINE)?.map(|property| &property.value) {
        None => return Ok(None),
        Some(Value::Object(line)) => line,
        Some(_) => return Err(wrong(STATUS_LINE, "an object")),
    };
    match once(line, "command")?.map(|property| &property.value) {
        Some(Value::StringLit(command)) => Ok(Some((command.value.as_ref(), command.range))),
        _ => Err(wrong("statusLine.command", "a text")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn line() -> StatusLine {
        StatusLine { program: "/opt/it's here/argus".into(), data_dir: "/home/me/.local/share/argus".into() }
    }

    const TEXTS: [&str; 7] = [
        "{}\n",
        "{\n  \"model\": \"opus\"\n}\n",
        "{ \"statusLine\": { \"type\": \"command\", \"command\": \"~/bin/line.sh\", \"padding\": 0 } }",
        "{\r\n\t\"statusLine\": {\r\n\t\t\"command\": \"jq -r '.model.id' \\u0026\\u0026 echo \\\"\\/x\\\"; date # \\ud83d\\ude00\",\r\n\t\t\"type\": \"command\"\r\n\t}\r\n}\r\n",
        "\u{feff}{\n  // of mine\n  \"a\": 1, // why\n}\n",
        "{\n  \"statusLine\": { \"command\": \"\" }\n}\n",
        "{ \"statusLine\": { \"command\": \"'/x/argus' statusline --data-dir '/y' | cut -c1-9\" } }",
    ];

    #[test]
    fn what_was_put_in_and_taken_out_is_as_it_was_byte_for_byte() {
        for text in TEXTS {
            let put = put_in(text, &line()).unwrap();
            assert_ne!(put, text);
            assert_eq!(line_in(&put).unwrap(), Some(line()), "{put}");
            assert_eq!(put_in(&put, &line()).unwrap(), put, "twice is once");
            assert_eq!(take_out(&put).unwrap(), text, "{put}");
            let moved = put_in(&put, &StatusLine { program: "/new/argus".into(), ..line() }).unwrap();
            assert_eq!(take_out(&moved).unwrap(), text, "a moved program is followed");
            assert_eq!(take_out(text).unwrap(), text);
        }
    }

    #[test]
    fn what_is_laid_out_otherwise_is_refused() {
        for text in [r#"{ "statusLine": 3 }"#, r#"{ "statusLine": {} }"#, r#"{ "statusLine": { "command": 3 } }"#] {
            assert!(put_in(text, &line()).is_err(), "{text}");
            assert_eq!(take_out(text).unwrap(), text);
        }
    }

    #[test]
    fn where_argus_is_gone_the_shell_runs_the_persons_own_command_alone() {
        let theirs = r#"read -r all; echo "got $all"; echo 'it'"'"'s me' # no more"#;
        let literal = serde_json::to_string(theirs).unwrap();
        let command = StatusLine { program: "/nowhere/argus".into(), ..line() }.command(Some(&literal));
        let script = format!("echo '{{\"a\":1}}' | {{ {command}\n}}");
        let out = std::process::Command::new("/bin/sh").arg("-c").arg(script).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stdout), "got {\"a\":1}\nit's me\n");
    }

    proptest! {
        #[test]
        fn any_command_comes_back_to_the_last_byte(theirs in "\\PC{0,60}", quotes in "['\"\\\\ $`;&|\n]{0,12}") {
            let theirs = format!("{quotes}{theirs}{quotes}");
            let text = serde_json::json!({ "x": 1, "statusLine": { "type": "command", "command": theirs, "padding": 1 } });
            for text in [text.to_string(), serde_json::to_string_pretty(&text).unwrap()] {
                let put = put_in(&text, &line()).unwrap();
                prop_assert_eq!(line_in(&put).unwrap(), Some(line()));
                prop_assert_eq!(take_out(&put).unwrap(), text);
            }
        }
    }
}
