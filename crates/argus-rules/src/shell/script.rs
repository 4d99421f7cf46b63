//! What a command line comes to: simple commands with their effective words, and what they redirect.

use std::cell::OnceCell;
use std::ops::Range;
use std::rc::Rc;

use super::word::Word;

/// A command line, read.
#[derive(Debug, Default)]
pub(crate) struct Script {
    /// Simple commands in the order in which they were met. A wrapper and what it wraps stand here one after the other.
    pub(crate) commands: Vec<Simple>,
    /// Files that redirections write.
    pub(crate) writes: Vec<Redirection>,
    /// Files that redirections read.
    pub(crate) reads: Vec<Redirection>,
    /// Code for interpreters that are no shell.
    pub(crate) snippets: Vec<Snippet>,
    /// Variables that are set, for good or for one command, as they were written: `NAME=value`.
    pub(crate) assigned: Vec<(String, Context)>,
    /// Functions that start themselves twice and do not wait.
    pub(crate) bombs: Vec<Context>,
    /// Files of this machine that it leaves behind, and what they hold.
    pub(crate) files: Vec<(String, Word)>,
    /// True where some of the text could not be understood.
    pub(crate) is_partial: bool,
}

impl Script {
    /// Changes where each part stands.
    pub(crate) fn each_context(&mut self, mut change: impl FnMut(&mut Context)) {
        self.commands.iter_mut().for_each(|command| change(&mut command.context));
        self.writes.iter_mut().for_each(|write| change(&mut write.context));
        self.reads.iter_mut().for_each(|read| change(&mut read.context));
        self.snippets.iter_mut().for_each(|snippet| change(&mut snippet.context));
        self.assigned.iter_mut().for_each(|(_, context)| change(context));
        self.bombs.iter_mut().for_each(change);
    }
}

/// Where a command runs.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Site {
    /// On this machine.
    Local,
    /// On another machine.
    Remote,
    /// In a container, with folders of this machine mounted as told: (inside, outside).
    Container(Rc<Vec<(String, String)>>),
    /// In a container made for this command and thrown away after it, with nothing mounted.
    Throwaway,
}

impl Site {
    /// A machine, this one or another, and no container on it.
    pub(crate) fn is_machine(&self) -> bool {
        matches!(self, Self::Local | Self::Remote)
    }
}

/// Where and around what a command stands.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    /// The part of the command line that made it, in bytes.
    pub(crate) span: Range<usize>,
    /// Wrappers around it, the outermost first.
    pub(crate) via: Rc<Vec<String>>,
    /// The folder it runs in, where it can be told, with marks (see `path`).
    pub(crate) cwd: Option<Rc<str>>,
    /// Where it runs.
    pub(crate) site: Site,
    /// Links that the same command line made: (name, what it points to).
    pub(crate) links: Rc<Vec<(String, String)>>,
}

/// A simple command.
#[derive(Debug, Clone)]
pub(crate) struct Simple {
    /// Its name without folders, guesses taken.
    pub(crate) name: String,
    /// Its words, the name included.
    pub(crate) words: Vec<Word>,
    /// What it is given to read, where it is given anything.
    pub(crate) stdin: Option<Word>,
    /// True where it runs text that came from somebody else's server.
    pub(crate) runs_remote: bool,
    /// Where it stands.
    pub(crate) context: Context,
    /// What [`Self::arguments`] gives, once it was asked.
    pub(crate) guesses: OnceCell<Vec<String>>,
    /// What [`Self::show_briefly`] gives, once it was asked.
    pub(crate) shown: OnceCell<String>,
}

impl Simple {
    /// Its words after the name as text, guesses taken: a dozen families of rules ask.
    pub(crate) fn arguments(&self) -> &[String] {
        self.guesses.get_or_init(|| self.operands().iter().map(Word::guess).collect())
    }

    /// Its words after the name.
    pub(crate) fn operands(&self) -> &[Word] {
        self.words.get(1..).unwrap_or_default()
    }

    /// As a person reads it, as far as anybody would: each of a thousand operands may have an effect that shows it.
    pub(crate) fn show_briefly(&self) -> String {
        const MOST: usize = 512;
        let shown = self.shown.get_or_init(|| {
            let mut out = String::new();
            for word in &self.words {
                if !out.is_empty() {
                    out.push(' ');
                }
                out.push_str(&word.show());
                if out.len() > MOST {
                    break;
                }
            }
            out
        });
        shown.clone()
    }

    /// As a person reads it.
    pub(crate) fn show(&self) -> String {
        self.words.iter().map(Word::show).collect::<Vec<_>>().join(" ")
    }
}

/// A file that a redirection writes or reads.
#[derive(Debug, Clone)]
pub(crate) struct Redirection {
    /// The operator: `>`, `>>`, `&>`, …
    pub(crate) operator: String,
    /// The file.
    pub(crate) target: Word,
    /// Where it stands.
    pub(crate) context: Context,
}

/// Code for an interpreter that is no shell.
#[derive(Debug, Clone)]
pub(crate) struct Snippet {
    /// The interpreter.
    pub(crate) language: String,
    /// The code, unknown parts included.
    pub(crate) code: Word,
    /// Where it stands.
    pub(crate) context: Context,
}
