//! `argus statusline`: what Claude Code shows below its prompt. The person's own line first, then one of ours.
//!
//! It runs after every change of a session, so it opens no database: the payload says cost, context and plan limits, and
//! `budgets.json` what is left. The total that Claude Code counts goes on to the server through the spool ([`told`]), the
//! only source of it while a session runs. What must stay true: exit code 0 whatever comes; the person's own lines are printed before
//! anything of ours is even computed; nothing that came from outside reaches the terminal unescaped. Their own command is theirs:
//! its output passes as it is.

mod line;
mod told;
mod wrapped;

use std::ffi::OsString;
use std::io::{Read, Write};
use std::path::PathBuf;

use crate::published;
use crate::when;

/// So much of a payload is read; real ones have a few thousand bytes.
const LONGEST: u64 = 1024 * 1024;

/// What it was started with.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Arguments {
    data_dir: Option<PathBuf>,
    wrap: Option<String>,
}

/// Its arguments, if this is what the program was started for. Help is the parser's.
pub(crate) fn arguments() -> Option<Arguments> {
    parse(std::env::args_os().skip(1))
}

fn parse(mut words: impl Iterator<Item = OsString>) -> Option<Arguments> {
    if words.next()? != "statusline" {
        return None;
    }
    let mut arguments = Arguments::default();
    while let Some(word) = words.next() {
        match word.to_str() {
            Some("-h" | "--help") => return None,
            Some("--data-dir") => arguments.data_dir = words.next().map(PathBuf::from),
            Some("--wrap") => arguments.wrap = words.next().and_then(|word| word.into_string().ok()),
            // A flag of another version is no reason to show nothing.
            _ => {}
        }
    }
    Some(arguments)
}

/// Prints their lines, then ours.
pub(crate) fn run(arguments: &Arguments) {
    let mut payload = Vec::new();
    // What came so far is shown.
    let _ = std::io::stdin().lock().take(LONGEST).read_to_end(&mut payload);
    let mut out = std::io::stdout().lock();
    if let Some(command) = arguments.wrap.as_deref().and_then(|literal| serde_json::from_str::<String>(literal).ok()) {
        let theirs = wrapped::run(&command, &payload);
        // There is nobody to tell where that fails.
        let _ = out.write_all(&theirs);
        if !theirs.is_empty() && !theirs.ends_with(b"\n") {
            let _ = out.write_all(b"\n");
        }
        let _ = out.flush();
    }
    let now_us = when::now().as_micros();
    let folder = data_dir(arguments);
    let budgets = folder.as_ref().and_then(|folder| published::read(folder, now_us));
    if let Some(line) = line::render(&payload, budgets.as_ref(), now_us) {
        let _ = writeln!(out, "{line}");
    }
    let _ = out.flush();
    if let Some(folder) = folder {
        told::hand_over(&folder, &payload);
    }
}

/// Where the server publishes: as every command finds it.
fn data_dir(arguments: &Arguments) -> Option<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let absolute = |path: PathBuf| path.is_absolute().then_some(path);
    arguments
        .data_dir
        .clone()
        .or_else(|| set("ARGUS_DATA_DIR"))
        .or_else(|| set("XDG_DATA_HOME").and_then(absolute).map(|folder| folder.join("argus")))
        .or_else(|| set("HOME").map(|home| home.join(".local/share/argus")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_own_name_is_taken_from_the_parser_and_unknown_flags_do_no_harm() {
        let parse = |words: &[&str]| parse(words.iter().map(OsString::from));
        assert_eq!(parse(&["status"]), None);
        assert_eq!(parse(&["statusline", "--help"]), None);
        let found = parse(&["statusline", "--later", "--wrap", "\"x\"", "--data-dir", "/d"]).unwrap();
        assert_eq!(found, Arguments { data_dir: Some("/d".into()), wrap: Some("\"x\"".into()) });
        assert_eq!(parse(&["statusline", "--wrap"]), Some(Arguments::default()));
    }
}
