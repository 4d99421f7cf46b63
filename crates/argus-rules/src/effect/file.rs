//! What a file that was written would do, were it run: judged by the language that its name or its first line says.

use std::ops::Range;

use super::{Effect, collect, of_script};
use crate::Scope;
use crate::shell::{Context, Script, Site, Snippet, Word, read_file};

/// Longer programs in other languages are judged by their beginning: finding what a name stands for costs a search each.
const MAX_CODE_BYTES: usize = 32 * 1024;

/// A language in which a file may be run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Language {
    name: &'static str,
    /// Its text is read as commands.
    pub(crate) is_shell: bool,
}

/// Interpreters, with the endings of their files.
const LANGUAGES: &[(&str, &[&str])] = &[
    ("bash", &["sh", "bash", "zsh", "ksh", "fish", "command", "bats"]),
    ("python", &["py", "pyw"]),
    ("node", &["js", "mjs", "cjs", "ts", "mts"]),
    ("perl", &["pl", "pm"]),
    ("ruby", &["rb"]),
    ("php", &["php"]),
    ("pwsh", &["ps1"]),
];

/// The language of a file that may be run; `None` for any other file.
pub(crate) fn language_of(path: &str, text: &str) -> Option<Language> {
    let file = path.rsplit('/').next().unwrap_or_default();
    let ending = file.rsplit_once('.').map(|(_, ending)| ending).unwrap_or_default();
    let named = by_first_line(text)
        .or_else(|| LANGUAGES.iter().find(|(_, endings)| endings.contains(&ending)).map(|(name, _)| *name))?;
    Some(Language { name: named, is_shell: named == "bash" })
}

fn by_first_line(text: &str) -> Option<&'static str> {
    let words = text.strip_prefix("#!")?.lines().next()?.split_whitespace();
    let mut programs = words.map(|word| word.rsplit('/').next().unwrap_or_default());
    let program = programs.find(|word| *word != "env" && !word.starts_with('-'))?;
    let plain = program.trim_end_matches(|c: char| c.is_ascii_digit() || c == '.');
    match plain {
        "sh" | "dash" | "zsh" | "ksh" | "ash" | "fish" => Some("bash"),
        "deno" | "bun" | "tsx" | "nodejs" => Some("node"),
        plain => LANGUAGES.iter().find(|(name, _)| *name == plain).map(|(name, _)| *name),
    }
}

/// What a file would do; nothing for one that is not run.
pub(crate) fn of_file(path: &str, text: &str, scope: &Scope) -> Vec<Effect> {
    let Some(language) = language_of(path, text) else { return Vec::new() };
    if language.is_shell {
        return of_script(&read_file(text, path, scope), text, scope);
    }
    of_code(language.name, text, scope)
}

/// What code that a tool runs does.
pub(crate) fn code_of_tool(language: &'static str, code: &str, scope: &Scope) -> Vec<Effect> {
    match language {
        "bash" => of_script(&crate::shell::read(code, scope), code, scope),
        language => of_code(language, code, scope),
    }
}

fn of_code(language: &str, code: &str, scope: &Scope) -> Vec<Effect> {
    let context = Context {
        span: Range::default(),
        via: std::rc::Rc::default(),
        cwd: scope.cwd.as_deref().or(scope.project_dir.as_deref()).map(std::rc::Rc::from),
        site: Site::Local,
        links: std::rc::Rc::new(scope.links.clone()),
    };
    let code = Word::text(&code[..code.floor_char_boundary(MAX_CODE_BYTES)]);
    let snippets = vec![Snippet { language: language.to_owned(), code, context }];
    let script = Script { snippets, ..Script::default() };
    let mut out = Vec::new();
    collect(&script, scope, &mut out, 0);
    for (context, shown, (rule, reason)) in super::known::of_line(&script, None, scope) {
        out.push(Effect::at(super::Kind::Known(rule, reason), shown, context));
    }
    // There is no command line in which it stands.
    out.iter_mut().for_each(|effect| effect.span = None);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_is_told_by_the_first_line_before_the_name() {
        let told = |path: &str, text: &str| language_of(path, text).map(|language| language.name);
        assert_eq!(told("/p/run.sh", "id"), Some("bash"));
        assert_eq!(told("/p/run", "#!/usr/bin/env -S python3.12 -u\n"), Some("python"));
        assert_eq!(told("/p/run.sh", "#!/usr/bin/perl\n"), Some("perl"));
        assert_eq!(told("/p/hook", "#!/bin/dash\n"), Some("bash"));
        assert_eq!(told("/p/notes.md", "rm -rf /"), None);
        assert_eq!(told("/p/run", "rm -rf /"), None);
    }
}
