//! Commands that change the shell itself, or run text in it.

use std::ops::Range;
use std::rc::Rc;

use super::env::{Env, Variable};
use super::flow;
use super::walk::Reader;
use super::word::{Piece, Unknown, Word};
use crate::path;

impl Reader {
    /// Does what a builtin does; `None` for anything else.
    pub(crate) fn builtin(
        &mut self,
        env: &mut Env,
        name: &str,
        words: &[Word],
        stdin: &Word,
        span: &Range<usize>,
    ) -> Option<Word> {
        let operands = || words[1..].iter().filter(|word| !word.prefix().starts_with('-') || word.is("-"));
        match name {
            "cd" | "chdir" => {
                let to = match operands().next() {
                    None => env.home().map(Rc::from),
                    Some(word) if word.is("-") => env.old_cwd.clone(),
                    Some(word) => env.folder(word),
                };
                env.change_folder(to);
            }
            "pushd" => {
                env.folders.push(env.cwd.clone());
                let to = operands().next().and_then(|word| env.folder(word));
                env.change_folder(to);
            }
            "popd" => {
                let to = env.folders.pop().flatten();
                env.change_folder(to);
            }
            "export" | "declare" | "typeset" | "local" | "readonly" => declare(env, &words[1..]),
            "unset" => operands().for_each(|word| env.unset(&word.guess())),
            "set" => {
                if let Some(at) = words.iter().position(|word| word.is("--")) {
                    let mut arguments = vec![Word::text("bash")];
                    arguments.extend(words[at + 1..].iter().cloned());
                    env.arguments = Some(Rc::new(arguments));
                }
            }
            "shift" => {
                if let Some(arguments) = &mut env.arguments
                    && arguments.len() > 1
                {
                    Rc::make_mut(arguments).remove(1);
                }
            }
            "alias" => {
                for word in &words[1..] {
                    if let Some((name, text)) = word.literal().as_deref().and_then(|text| text.split_once('=')) {
                        env.aliases.push((name.into(), text.into()));
                    }
                }
            }
            "read" | "mapfile" | "readarray" => read(env, name, words, stdin),
            "printf" if words.get(1).is_some_and(|word| word.is("-v")) => {
                let target = words.get(2).map(Word::guess).unwrap_or_default();
                let printed = flow::print_formatted(words.get(3..).unwrap_or_default());
                env.set(&target, Variable::Scalar(printed));
            }
            "ln" => {
                link(env, words);
                return None;
            }
            _ => return self.text_builtin(env, name, words, stdin, span),
        }
        Some(Word::default())
    }

    fn text_builtin(
        &mut self,
        env: &mut Env,
        name: &str,
        words: &[Word],
        stdin: &Word,
        span: &Range<usize>,
    ) -> Option<Word> {
        match name {
            "eval" => {
                let text = joined(&words[1..]);
                if text.is_remote() {
                    self.mark_remote(self.script.commands.len() - 1);
                    return Some(Word::default());
                }
                let before = super::run::wrapped(env, "eval");
                let printed = self.run_text_here(env, &text, stdin, span);
                env.via = before;
                Some(printed)
            }
            "source" | "." => {
                let file = words.get(1)?;
                let is_stdin = file.literal().is_some_and(|text| matches!(&*text, "/dev/stdin" | "-" | "/dev/fd/0"));
                let content = match file.content() {
                    Some(content) => content.clone(),
                    None if is_stdin => stdin.clone(),
                    None => {
                        return self.run_file(env, (file, span), |reader, env, text| {
                            reader.run_text_here(env, text, stdin, span)
                        });
                    }
                };
                if content.is_remote() {
                    self.mark_remote(self.script.commands.len() - 1);
                    return Some(Word::default());
                }
                Some(self.run_text_here(env, &content, stdin, span))
            }
            "trap" => {
                let text = words.get(1).filter(|word| !word.prefix().starts_with('-'))?;
                let is_handler = words.len() > 2 && !text.is_empty();
                is_handler.then(|| self.run_text(env, "trap", &text.clone(), None, (&Word::default(), span)))
            }
            _ => None,
        }
    }
}

/// Words as `eval` and `ssh` join them.
pub(crate) fn joined(words: &[Word]) -> Word {
    let mut out = Word::default();
    for (index, word) in words.iter().enumerate() {
        if index > 0 {
            out.push_text(" ");
        }
        out.append(word);
    }
    out
}

fn declare(env: &mut Env, words: &[Word]) {
    for word in words {
        let text = word.prefix();
        let Some((name, _)) = text.split_once('=') else { continue };
        let value = word.without_prefix(name.len() + 1);
        let inside = value.literal().and_then(|text| Some(text.strip_prefix('(')?.strip_suffix(')')?.to_owned()));
        match inside {
            Some(inside) => {
                let words = Word::text(inside).fields(" \t\n");
                env.set(name, Variable::Array(words));
            }
            None => env.set(name, Variable::Scalar(value)),
        }
    }
}

fn read(env: &mut Env, command: &str, words: &[Word], stdin: &Word) {
    let values = if command == "read" { "adinNptu" } else { "dnOsucC" };
    let options = super::Options::of(words, super::options::Taking { short: values, long: &[], stops: false });
    let separators = if command == "read" && options.operands.len() > 1 { " \t\n" } else { "\n\0" };
    let lines: Vec<Word> = stdin.fields(separators);
    let is_array = command != "read" || options.has("a", &[]);
    let mut names: Vec<String> = options.operands.iter().map(Word::guess).collect();
    names.extend(options.value(&["a"]).map(Word::guess).filter(|_| command == "read"));
    if names.is_empty() {
        names.push(if command == "read" { "REPLY" } else { "MAPFILE" }.to_owned());
    }
    for (index, name) in names.iter().enumerate() {
        let held = if stdin.is_remote() {
            Variable::Scalar(Word::unknown(Unknown::Remote))
        } else if is_array && !lines.is_empty() {
            Variable::Array(lines.clone())
        } else {
            Variable::Scalar(line(&lines, index, names.len()))
        };
        env.set(name, held);
    }
}

/// The value that a loop over lines sees: the line where there is one, what all lines share where there are several.
fn line(lines: &[Word], index: usize, names: usize) -> Word {
    match lines {
        [] => Env::unset_word(),
        lines if names > 1 => lines.get(index).cloned().unwrap_or_else(Env::unset_word),
        [only] => only.clone(),
        [first, rest @ ..] => {
            let ends_alike = |word: &Word| word.pieces().last() == first.pieces().last();
            if rest.iter().all(ends_alike) { first.clone() } else { Env::unset_word() }
        }
    }
}

/// Notes what a link made here points to, so that a later path through it leads where it leads.
fn link(env: &mut Env, words: &[Word]) {
    let options =
        super::Options::of(words, super::options::Taking { short: "tS", long: &["target-directory"], stops: false });
    let [target, .., name] = options.operands.as_slice() else { return };
    let cwd = env.cwd.clone();
    let resolve = |word: &Word| path::resolve(&path::spell(word), cwd.as_deref());
    let Some(name) = resolve(name) else { return };
    let Some(target) = path::resolve(&path::spell(target), name.rsplit_once('/').map(|(folder, _)| folder)) else {
        return;
    };
    Rc::make_mut(&mut env.links).push((name, target));
}

/// A word with each `placeholder` in it replaced.
pub(crate) fn fill(word: &Word, placeholder: &str, value: &Word) -> Word {
    let mut out = Word::default();
    for piece in word.pieces() {
        match piece {
            Piece::Text(text) if text.contains(placeholder) => {
                for (index, part) in text.split(placeholder).enumerate() {
                    if index > 0 {
                        out.append(value);
                    }
                    out.push_text(part);
                }
            }
            piece => out.push(piece.clone()),
        }
    }
    out
}
