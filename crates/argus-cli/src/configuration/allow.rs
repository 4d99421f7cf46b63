//! Adding exceptions to `rules.toml`: at its end, so that the person's own text, comments and order stay byte for byte.
//!
//! What is added must be sound by itself, and the file must say it once it stands there. A file that is no TOML, or that
//! writes its exceptions in another way, is left alone.

use std::fs;
use std::io;
use std::path::Path;

use super::edit::{Refusal, replace};
use super::rules::{parse, place};
use crate::output::visible;

/// Adds `[[except]]` entries; how many.
pub(crate) fn add_exceptions(path: &Path, text: &str) -> Result<usize, Refusal> {
    let (added, problems) = parse(text);
    if let Some(problem) = problems.first() {
        let (line, column) = place(text, problem.at);
        let said = format!("line {line}, column {column}: {}; {}", problem.message, problem.hint);
        return Err(Refusal::Wrong(visible(&said).into_owned()));
    }
    let count = added.exceptions.len();
    if count == 0 || !added.tuned.is_empty() || !added.own.is_empty() {
        return Err(Refusal::Wrong("only `[[except]]` entries can be added here".into()));
    }
    let before = match fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => String::new(),
        Err(error) => return Err(Refusal::File(format!("{} cannot be read: {error}", path.display()))),
    };
    let gap = match before.as_str() {
        "" => "",
        text if text.ends_with('\n') => "\n",
        _ => "\n\n",
    };
    let after = format!("{before}{gap}{}\n", text.trim());
    let known = parse(&before).0.exceptions.len();
    if parse(&after).0.exceptions.len() != known + count {
        let said = format!("{} does not take another entry at its end", path.display());
        return Err(Refusal::File(format!("{said}; `argus rules check {}` says why", path.display())));
    }
    replace(path, &after).map_err(|error| Refusal::File(format!("{} cannot be written: {error}", path.display())))?;
    Ok(count)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTRY: &str =
        "[[except]]\nrule = \"priv.sudo\"\ncommand = \"sudo ls\"\nreason = \"ours\"\nuntil = 2030-01-01\n";

    #[test]
    fn what_the_person_wrote_stays_and_the_entry_stands_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.toml");
        assert_eq!(add_exceptions(&path, ENTRY), Ok(1));
        assert_eq!(fs::read_to_string(&path).unwrap(), ENTRY);
        let own = "# mine\n[rule.\"git.\"] # all\nseverity = \"low\"\n[rule.\"no.such\"]\nenabled = false";
        fs::write(&path, own).unwrap();
        assert_eq!(add_exceptions(&path, &format!("\n{ENTRY}\n{ENTRY}\n")), Ok(2));
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, format!("{own}\n\n{ENTRY}\n{ENTRY}"), "a mistake of the person's own does not matter");
        assert_eq!(parse(&text).0.exceptions.len(), 2);
    }

    #[test]
    fn what_is_not_sound_or_no_exception_is_refused_and_a_broken_file_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("rules.toml");
        let empty = ENTRY.replace("\"ours\"", "\"\"");
        for (text, word) in [
            (empty.as_str(), "line 4, column 10: reason must say something"),
            ("", "only"),
            ("[rule.\"priv.sudo\"]\nenabled = false\n", "only"),
            ("[[except]]\nrule = \"priv.sudo\"\nreason = \"x\"\nuntil = 2030-01-01\n", "covers everything"),
        ] {
            let Err(Refusal::Wrong(message)) = add_exceptions(&path, text) else { panic!("{text} was taken") };
            assert!(message.contains(word), "{message}");
        }
        assert!(!path.exists());
        for broken in ["[rule", "except = []\n"] {
            fs::write(&path, broken).unwrap();
            assert!(matches!(add_exceptions(&path, ENTRY), Err(Refusal::File(_))), "{broken}");
            assert_eq!(fs::read_to_string(&path).unwrap(), broken);
        }
    }
}
