//! Wrappers: commands whose operands are another command.
//!
//! Three kinds: those that take a command after their own options and a fixed number of operands (a table), those that
//! take text for a shell, and those that fill a command with what they read (`xargs`, `parallel`). A name that nobody
//! knows is taken for a wrapper only if what follows reads like a command of its own (see [`reads_like_a_command`]).

use std::ops::Range;

use super::builtin::{fill, joined};
use super::env::Env;
use super::options::{Options, Taking};
use super::script::Site;
use super::walk::Reader;
use super::word::Word;
use super::wrappers::{DATA, VERBS, wrapper_of};

impl Reader {
    /// Follows a command into what it wraps; `None` where it wraps nothing.
    pub(crate) fn unwrap(
        &mut self,
        env: &mut Env,
        name: &str,
        words: &[Word],
        stdin: &Word,
        span: &Range<usize>,
    ) -> Option<Word> {
        if let Some(printed) = self.fill_command(env, name, words, stdin, span) {
            return Some(printed);
        }
        if let Some(text) = text_for_a_shell(name, words) {
            let reader = (stdin, span);
            return Some(self.run_text(env, name, &text, None, reader));
        }
        if name == "command" && words.get(1).is_some_and(|word| word.is("-v") || word.is("-V")) {
            return Some(words.last().cloned().unwrap_or_default());
        }
        let at = inner_command(name, words)?;
        let mut inner = words.get(at..)?.to_vec();
        if inner.is_empty() {
            return None;
        }
        if name == "env" || name == "sudo" || name == "doas" {
            let folder = Options::of(words, Taking { short: "uC", long: &["chdir"], stops: true });
            if let Some(folder) = folder.value(&["chdir"]).or_else(|| folder.value(&["C"]).filter(|_| name == "env")) {
                let mut there = env.clone();
                there.cwd = env.folder(folder);
                return Some(self.run_inside(&mut there, name, inner, stdin, span));
            }
        }
        if ["npx", "bunx", "pnpx", "uvx"].contains(&name) {
            inner[0] = without_version(&inner[0]);
        }
        Some(self.run_inside(env, name, inner, stdin, span))
    }

    /// `xargs` and `parallel`.
    fn fill_command(
        &mut self,
        env: &mut Env,
        name: &str,
        words: &[Word],
        stdin: &Word,
        span: &Range<usize>,
    ) -> Option<Word> {
        let taking = match name {
            "xargs" | "gxargs" => Taking {
                short: "IinLPsdEa",
                long: &["replace", "max-args", "max-lines", "max-procs", "delimiter", "arg-file", "max-chars"],
                stops: true,
            },
            "parallel" => Taking {
                short: "jIaSnNLC",
                long: &["jobs", "arg-file", "colsep", "joblog", "delay", "timeout"],
                stops: true,
            },
            _ => return None,
        };
        let options = Options::of(words, taking);
        let mut template = options.operands.clone();
        let listed = template.iter().position(|word| matches!(word.guess().as_str(), ":::" | "::::"));
        let is_file = options.has("a", &["arg-file"]);
        let items: Vec<Word> = match listed {
            Some(at) => template.split_off(at).into_iter().skip(1).collect(),
            None if is_file || stdin.is_opaque() && !stdin.is_remote() => vec![Env::unset_word()],
            None => stdin.fields("\n\0"),
        };
        let placeholder = match options.value(&["I", "i", "replace"]) {
            Some(word) => Some(word.guess()),
            None => {
                (name == "parallel" && template.iter().any(|word| word.guess().contains("{}"))).then(|| "{}".to_owned())
            }
        };
        let items = if items.is_empty() { vec![Env::unset_word()] } else { items };
        let mut commands: Vec<Vec<Word>> = match &placeholder {
            Some(placeholder) => items
                .iter()
                .take(16)
                .map(|item| template.iter().map(|word| fill(word, placeholder, item)).collect())
                .collect(),
            None => {
                let items = items.iter().flat_map(|item| item.fields(" \t\n"));
                vec![template.iter().cloned().chain(items).collect()]
            }
        };
        let is_text = name == "parallel" && template.len() == 1 && template[0].guess().contains(' ');
        let mut printed = Word::default();
        for command in commands.drain(..) {
            let more = if is_text {
                self.run_text(env, name, &joined(&command), None, (&Word::default(), span))
            } else {
                self.run_inside(&mut env.clone(), name, command, &Word::default(), span)
            };
            super::walk::join(&mut printed, &more);
        }
        // Whatever fills the commands may come out of them again.
        if stdin.is_remote() || printed.is_empty() {
            super::walk::join(&mut printed, &super::flow::through(stdin));
        }
        Some(printed)
    }
}

/// The text that a command gives to a shell.
fn text_for_a_shell(name: &str, words: &[Word]) -> Option<Word> {
    let value = |short: &str, long: &[&str]| {
        let options = Options::of(words, Taking { short, long, stops: false });
        let names: Vec<&str> = short.split("").filter(|name| !name.is_empty()).chain(long.iter().copied()).collect();
        options.value(&names).cloned()
    };
    let verb = |at: usize| words.get(at).map(Word::guess).unwrap_or_default();
    match name {
        "script" => {
            let is_option = |word: &Word| {
                word.is("--command")
                    || word.literal().is_some_and(|text| {
                        text.strip_prefix('-').is_some_and(|letters| letters.ends_with('c') && letters.len() <= 4)
                    })
            };
            let own = words.iter().take(8).position(is_option)?;
            words.get(own + 1).cloned()
        }
        "su" | "runuser" | "sg" | "newgrp" => value("c", &["command", "session-command"]),
        "flock" | "npm" | "npx" | "pnpm" if name == "flock" || verb(1) == "exec" || name == "npx" => {
            value("c", &["call", "command"])
        }
        "env" => value("S", &["split-string"]),
        "watch" | "gwatch" => {
            let options = Options::of(words, Taking { short: "ndq", long: &["interval", "equexit"], stops: true });
            (!options.operands.is_empty()).then(|| joined(&options.operands))
        }
        "hyperfine" => {
            let options = Options::of(
                words,
                Taking { short: "wmMrpcsSuN", long: &["warmup", "runs", "prepare", "setup"], stops: false },
            );
            let mut lines = Word::default();
            let values =
                options.values.iter().filter(|(name, _)| ["p", "c", "s", "prepare", "setup"].contains(&name.as_str()));
            for word in options.operands.iter().chain(values.map(|(_, word)| word)) {
                lines.append(word);
                lines.push_text("\n");
            }
            Some(lines)
        }
        "tmux" | "screen" => {
            let verbs = [
                "new-session",
                "new",
                "new-window",
                "neww",
                "split-window",
                "splitw",
                "run-shell",
                "run",
                "respawn-pane",
                "send-keys",
                "send",
            ];
            let is_run = name == "screen" || verbs.contains(&verb(1).as_str());
            let options = Options::of(words, Taking { short: "stnxycFTSpP", long: &[], stops: name == "screen" });
            let from = usize::from(name == "tmux");
            let operands = options.operands.get(from..).unwrap_or_default();
            let keys = ["Enter", "C-m"];
            let operands: Vec<Word> =
                operands.iter().filter(|word| !keys.contains(&word.guess().as_str())).cloned().collect();
            (is_run && !operands.is_empty()).then(|| joined(&operands))
        }
        "nix-shell" => value("", &["run", "command"]),
        // What Tcl starts: `spawn sudo id; interact`.
        "expect" => {
            let orders = value("c", &[])?;
            let text = orders.literal()?;
            let starts = |order: &str| {
                let order = order.trim();
                ["spawn ", "exec "].iter().find_map(|verb| order.strip_prefix(verb)).map(str::to_owned)
            };
            let lines: Vec<String> = text.split([';', '\n']).filter_map(starts).collect();
            (!lines.is_empty()).then(|| Word::text(lines.join("\n")))
        }
        // Its backslashes part folders.
        "cmd" => {
            let at = words.iter().position(|word| ["/c", "/C", "/k", "/K"].iter().any(|option| word.is(option)))?;
            Some(Word::text(joined(words.get(at + 1..)?).spell_out().replace('\\', "/")))
        }
        "git" => git_text(words),
        "repo" if verb(1) == "forall" => value("c", &["command"]),
        "start" | "osascript" => None,
        _ => None,
    }
}

/// What git gives to a shell: settings that it is given for this one command, and what it runs in turn.
fn git_text(words: &[Word]) -> Option<Word> {
    let mut lines = Word::default();
    let mut add = |text: &Word| {
        lines.append(text);
        lines.push_text("\n");
    };
    let options = Options::of(words, Taking { short: "Cc", long: &["git-dir", "work-tree", "namespace"], stops: true });
    let verb = options.operands.first().map(Word::guess).unwrap_or_default();
    for (_, setting) in options.values.iter().filter(|(name, _)| name == "c") {
        let Some((name, value)) =
            setting.prefix().split_once('=').map(|(name, _)| name.to_ascii_lowercase()).map(|name| {
                let value = setting.without_prefix(name.len() + 1);
                (name, value)
            })
        else {
            continue;
        };
        let is_alias = name.strip_prefix("alias.").is_some_and(|alias| alias == verb);
        if is_alias && value.prefix().starts_with('!') {
            add(&value.without_prefix(1));
        } else if ["core.sshcommand", "core.pager", "core.editor", "core.fsmonitor", "sequence.editor", "diff.external"]
            .contains(&name.as_str())
        {
            add(&value);
        }
    }
    if let Some(at) = words.iter().position(|word| ["foreach", "rebase", "run"].iter().any(|verb| word.is(verb))) {
        let before = words.get(at - 1).map(Word::guess).unwrap_or_default();
        let is_whole = !words[at].is("rebase");
        let options = Options::of(&words[at..], Taking { short: "x", long: &["exec"], stops: is_whole });
        match words[at].guess().as_str() {
            "foreach" if before == "submodule" || before == "--recursive" => add(&joined(&options.operands)),
            "run" if before == "bisect" => add(&joined(&options.operands)),
            "rebase" => options.value(&["x", "exec"]).into_iter().for_each(add),
            _ => {}
        }
    }
    (!lines.is_empty()).then_some(lines)
}

/// Where in the words the wrapped command begins.
fn inner_command(name: &str, words: &[Word]) -> Option<usize> {
    if let Some(wrapper) = wrapper_of(name) {
        let options = Options::of(words, Taking { short: wrapper.short, long: wrapper.long, stops: true });
        let mut at = options.first_operand + wrapper.operands;
        if wrapper.operands > 0 && name == "taskset" && options.has("c", &["cpu-list"]) {
            at -= 1;
        }
        while words.get(at).is_some_and(|word| is_assignment(word) || word.is("--")) {
            at += 1;
        }
        return (at < words.len()).then_some(at);
    }
    let dashes = words.iter().position(|word| word.is("--"));
    let is_verb = |word: &Word| word.literal().is_some_and(|text| VERBS.contains(&&*text));
    let verb = words.iter().take(4).position(is_verb);
    match (verb, dashes) {
        (Some(verb), Some(dashes)) if dashes > verb => return Some(dashes + 1),
        (Some(verb), _) if verb == 1 && !DATA.contains(name) => {
            // `uv run --with x rm -rf y`, `poetry run X`: the first operand after the verb that begins a command.
            let rest = &words[verb + 1..];
            let operand = rest.iter().position(|word| !word.prefix().starts_with('-'))?;
            return Some(verb + 1 + operand);
        }
        _ => {}
    }
    if DATA.contains(name) || name.is_empty() || words[0].prefix().contains('/') && dashes.is_none() {
        return None;
    }
    let from = dashes.map_or(1, |at| at + 1);
    (from..words.len().min(from + 4)).find(|at| reads_like_a_command(&words[*at..]))
}

/// True for words that are a command with the options that make it one, and not just its name: `rm -rf x`, `sudo x`.
fn reads_like_a_command(words: &[Word]) -> bool {
    let Some(name) = words[0].literal() else { return false };
    let next = words.get(1).map(Word::guess).unwrap_or_default();
    match name.rsplit('/').next().unwrap_or_default() {
        "rm" | "chmod" | "chown" => {
            next.starts_with('-') && words.len() > 2 || next.starts_with(|c: char| c.is_ascii_digit())
        }
        "sudo" => !next.is_empty(),
        "bash" | "sh" | "zsh" => next == "-c" || next == "-lc",
        _ => false,
    }
}

fn is_assignment(word: &Word) -> bool {
    let text = word.prefix();
    text.split_once('=')
        .is_some_and(|(name, _)| !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_'))
}

fn without_version(word: &Word) -> Word {
    match word
        .literal()
        .as_deref()
        .and_then(|text| text.rfind('@').filter(|at| *at > 0).map(|at| text[..at].to_owned()))
    {
        Some(name) => Word::text(name),
        None => word.clone(),
    }
}

/// The shell as it is elsewhere: no folder that is known here.
pub(crate) fn elsewhere(env: &Env, site: Site) -> Env {
    let mut there = env.clone();
    there.site = site;
    there.cwd = None;
    there.old_cwd = None;
    there
}
