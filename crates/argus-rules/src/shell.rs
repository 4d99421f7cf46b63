//! Command lines, understood: what runs, with which words, where, and what it reads and writes.
//!
//! Nothing is run. A command line is parsed (`parse`, with `lexical` for what has no syntax), then walked in the order in
//! which a shell would run it (`walk`), with a model of the shell's state (`env`): words are expanded (`expand`,
//! `parameter`, `quote`), wrappers taken off (`unwrap`, `site`), and what commands print is followed into pipes and
//! substitutions where it can be told (`flow`). Data stays data: text becomes commands only where it reaches something
//! that runs it.
//!
//! What must stay true: any text gives a result, in bounded time and stack. Every step burns fuel; nesting is counted.
//! Start at [`read`].

mod builtin;
mod env;
mod expand;
mod files;
mod find;
mod fleet;
mod flow;
mod interpreter;
mod lexical;
mod make;
mod matching;
mod name;
mod options;
mod parameter;
mod parse;
mod quote;
mod redirect;
mod run;
mod script;
mod site;
mod unwrap;
mod walk;
mod word;
mod wrappers;

pub(crate) use flow::{CURL, WGET};
pub(crate) use options::Options;
pub(crate) use quote::decode;
pub(crate) use script::{Context, Script, Simple, Site, Snippet};
pub(crate) use walk::{read, read_file};
pub(crate) use word::{Piece, Unknown, Word, push_globs};
