//! Runs a simple command in thought: notes it, takes wrappers off, follows text into interpreters.

use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

use super::env::Env;
use super::name::program_name;
use super::script::{Simple, Snippet};
use super::walk::{Origin, Reader};
use super::word::{Piece, Unknown, Word};
use super::{flow, interpreter};

const MAX_COMMANDS: usize = 2_000;
/// Most words that are read of one command: each wrapper copies what it wraps, and each family of rules goes over it.
pub(crate) const MAX_WORDS: usize = 1_024;
/// Words that a command has without being a list.
const USUAL_WORDS: usize = 16;

impl Reader {
    /// Runs a command of these words, and gives what it prints.
    pub(crate) fn run(&mut self, env: &mut Env, mut words: Vec<Word>, stdin: &Word, span: &Range<usize>) -> Word {
        if words.is_empty() || self.script.commands.len() >= MAX_COMMANDS {
            self.script.is_partial |= !words.is_empty();
            return Word::default();
        }
        if words.len() > MAX_WORDS {
            // What is cut off may be anything: nothing is proven of a command that has such a word.
            words.truncate(MAX_WORDS);
            words.push(Env::unset_word());
            self.script.is_partial = true;
        }
        // Each wrapper copies the words that it wraps, and each of many operands has an effect of its own.
        self.burn_many(words.len() + 2 * words.len().saturating_sub(USUAL_WORDS));
        self.deeper(|reader| reader.run_here(env, words, stdin, span))
    }

    fn run_here(&mut self, env: &mut Env, words: Vec<Word>, stdin: &Word, span: &Range<usize>) -> Word {
        let name = program_name(&words[0]);
        if let Some(text) = alias(env, &name) {
            return self.run_alias(env, &text, words, stdin, span);
        }
        // A function that is defined here stands for what it does, whatever it is called.
        if let Some(function) = env.function(&name) {
            let before = env.arguments.replace(Rc::new(words));
            // A function that calls itself does nothing that it has not done; a fork bomb would burn all fuel.
            env.forget(&name);
            let printed = self.node(env, &function.frame, &function.body, stdin);
            env.define(&name, function);
            env.arguments = before;
            return printed;
        }
        let index = self.note(env, &name, &words, (stdin, span));
        // `uv run https://…`: a program that is named by its address comes from there.
        let is_address = ["http://", "https://"].iter().any(|scheme| words[0].prefix().starts_with(scheme));
        if words[0].is_remote() || is_address && !env.via.is_empty() {
            self.mark_remote(index);
            return Word::default();
        }
        if words[0].is_opaque() && name.is_empty() {
            // A variable that nothing sets: it may hold a wrapper, or nothing at all.
            return self.run_inside(env, "$…", words[1..].to_vec(), stdin, span);
        }
        if let Some(printed) = self.builtin(env, &name, &words, stdin, span) {
            return printed;
        }
        if let Some(printed) = self.site(env, &name, &words, stdin, span) {
            return printed;
        }
        if let Some(printed) = self.find(env, &name, &words, stdin, span) {
            return printed;
        }
        if let Some(printed) = self.unwrap(env, &name, &words, stdin, span) {
            return printed;
        }
        if let Some(printed) = self.make(env, &name, &words, stdin, span) {
            return printed;
        }
        if name == "tee" {
            words.iter().for_each(|word| self.feed(env, word, stdin, span));
        }
        self.copy(env, &name, &words, stdin);
        if let Some(printed) = self.run_by_name(env, &words, stdin, span) {
            return printed;
        }
        if let Some(role) = interpreter::role(&name) {
            return self.interpret(env, role, (&name, &words), stdin, (index, span));
        }
        flow::printed(env, &name, &words, stdin)
    }

    /// Runs the command that a wrapper wraps.
    pub(crate) fn run_inside(
        &mut self,
        env: &mut Env,
        wrapper: &str,
        words: Vec<Word>,
        stdin: &Word,
        span: &Range<usize>,
    ) -> Word {
        let before = wrapped(env, wrapper);
        let printed = self.run(env, words, stdin, span);
        env.via = before;
        printed
    }

    /// Runs text that a command gives to a shell: in a shell of its own, with these arguments from `$0` on.
    pub(crate) fn run_text(
        &mut self,
        env: &Env,
        wrapper: &str,
        text: &Word,
        arguments: Option<Vec<Word>>,
        (stdin, span): (&Word, &Range<usize>),
    ) -> Word {
        let mut inner = env.clone();
        wrapped(&mut inner, wrapper);
        inner.arguments = arguments.map(Rc::new);
        self.run_text_here(&mut inner, text, stdin, span)
    }

    /// Runs text in this very shell, as `eval` does.
    pub(crate) fn run_text_here(&mut self, env: &mut Env, text: &Word, stdin: &Word, span: &Range<usize>) -> Word {
        let script = spell_script(env, text);
        self.source(env, &script, &Origin::Within(span.clone()), stdin)
    }

    /// Gives what was printed to the commands behind `>(…)`.
    pub(crate) fn feed(&mut self, env: &Env, word: &Word, printed: &Word, span: &Range<usize>) {
        for piece in word.pieces() {
            if let Piece::Unknown(Unknown::Consumer(text)) = piece {
                self.source(&mut env.clone(), text, &Origin::Within(span.clone()), printed);
            }
        }
    }

    /// Notes a command, and gives its place.
    pub(crate) fn note(
        &mut self,
        env: &Env,
        name: &str,
        words: &[Word],
        (stdin, span): (&Word, &Range<usize>),
    ) -> usize {
        self.script.commands.push(Simple {
            name: name.to_owned(),
            words: words.to_vec(),
            stdin: (!stdin.is_empty()).then(|| stdin.clone()),
            runs_remote: false,
            context: Self::context(env, span),
            guesses: OnceCell::new(),
            shown: OnceCell::new(),
        });
        self.script.commands.len() - 1
    }

    /// Notes that a command runs what somebody else's server sent.
    pub(crate) fn mark_remote(&mut self, index: usize) {
        if let Some(command) = self.script.commands.get_mut(index) {
            command.runs_remote = true;
        }
    }

    /// Notes code for an interpreter that is no shell.
    pub(crate) fn note_snippet(&mut self, env: &Env, language: &str, code: &Word, span: &Range<usize>) {
        let context = Self::context(env, span);
        self.script.snippets.push(Snippet { language: language.to_owned(), code: code.clone(), context });
    }

    fn run_alias(&mut self, env: &mut Env, text: &str, words: Vec<Word>, stdin: &Word, span: &Range<usize>) -> Word {
        let mut expanded = Vec::new();
        for scanned in super::lexical::scan(text).into_iter().take(1) {
            for raw in &scanned.words {
                expanded.extend(self.expand(env, raw, &Origin::Within(span.clone())));
            }
        }
        expanded.extend(words.into_iter().skip(1));
        // An alias is not expanded again inside of itself.
        let aliases = std::mem::take(&mut env.aliases);
        let printed = self.run_inside(env, "alias", expanded, stdin, span);
        env.aliases = aliases;
        printed
    }
}

/// Enters a wrapper; gives the wrappers before.
pub(crate) fn wrapped(env: &mut Env, wrapper: &str) -> Rc<Vec<String>> {
    let mut via = (*env.via).clone();
    via.push(wrapper.to_owned());
    std::mem::replace(&mut env.via, Rc::new(via))
}

fn alias(env: &Env, name: &str) -> Option<Rc<str>> {
    env.aliases.iter().find(|(known, _)| &**known == name).map(|(_, text)| Rc::clone(text))
}

/// A word as text for a shell: unknown parts become variables that keep what is known of them.
fn spell_script(env: &mut Env, text: &Word) -> String {
    if let Some(known) = text.literal() {
        return known.into_owned();
    }
    let mut out = String::new();
    for (index, piece) in text.pieces().iter().enumerate() {
        match piece {
            Piece::Text(known) | Piece::Glob(known) => out.push_str(known),
            Piece::Unknown(unknown) => {
                let name = format!("__argus_{index}");
                env.set(&name, super::env::Variable::Scalar(Word::unknown(unknown.clone())));
                out.push_str(&format!("${{{name}}}"));
            }
        }
    }
    out
}
