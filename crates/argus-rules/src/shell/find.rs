//! `find` and `fd`: which paths they give, and what they run on them.

use std::ops::Range;

use super::builtin::fill;
use super::env::Env;
use super::walk::Reader;
use super::word::{Piece, Unknown, Word, push_globs};

/// What a search gives.
#[derive(Default)]
struct Search {
    roots: Vec<Word>,
    names: Vec<Word>,
    commands: Vec<Vec<Word>>,
    /// True where the roots themselves are never given.
    is_below: bool,
}

impl Reader {
    /// Follows a search into what it runs; `None` for anything else.
    pub(crate) fn find(
        &mut self,
        env: &mut Env,
        name: &str,
        words: &[Word],
        stdin: &Word,
        span: &Range<usize>,
    ) -> Option<Word> {
        let search = match name {
            "find" | "gfind" => find(words),
            "fd" | "fdfind" => fd(words),
            _ => return None,
        };
        let found = search.found();
        let mut is_remote = false;
        for command in &search.commands {
            for path in &found {
                let has_place = command.iter().any(|word| word.guess().contains("{}"));
                let mut words: Vec<Word> = command.iter().map(|word| fill(word, "{}", path)).collect();
                if !has_place && name != "find" && name != "gfind" {
                    words.push(path.clone());
                }
                is_remote |= self.run_inside(&mut env.clone(), name, words, stdin, span).is_remote();
            }
        }
        if is_remote {
            return Some(Word::unknown(Unknown::Remote));
        }
        let mut printed = Word::default();
        for path in &found {
            printed.append(path);
            printed.push_text("\n");
        }
        Some(printed)
    }
}

impl Search {
    /// A path of every kind that may be found.
    fn found(&self) -> Vec<Word> {
        let mut out = Vec::new();
        for root in self.roots.iter().take(8) {
            if self.names.is_empty() {
                let mut path = root.clone();
                if self.is_below {
                    path.push_text("/");
                    path.push(Piece::Unknown(Unknown::Segment));
                }
                path.push_text("/");
                path.push(Piece::Unknown(Unknown::Subpath));
                // A search without a name may give its root.
                out.push(path);
            }
            for name in self.names.iter().take(16) {
                let mut path = root.clone();
                path.push_text("/");
                path.push(Piece::Unknown(Unknown::Subpath));
                path.push_text("/");
                path.append(name);
                out.push(path);
            }
        }
        out
    }
}

fn find(words: &[Word]) -> Search {
    let mut search = Search::default();
    let mut at = 1;
    while words.get(at).is_some_and(|word| matches!(word.guess().as_str(), "-H" | "-L" | "-P" | "-E" | "-O3")) {
        at += 1;
    }
    while let Some(word) = words.get(at).filter(|word| !word.prefix().starts_with(['-', '(', '!'])) {
        search.roots.push(word.clone());
        at += 1;
    }
    if search.roots.is_empty() {
        search.roots.push(Word::text("."));
    }
    let mut is_negated = false;
    while let Some(word) = words.get(at) {
        at += 1;
        let value = words.get(at);
        let predicate = word.guess();
        match predicate.as_str() {
            "!" | "-not" => {
                is_negated = true;
                continue;
            }
            "-name" | "-iname" | "-path" | "-wholename" | "-ipath" => {
                at += 1;
                if let Some(value) = value.filter(|_| !is_negated) {
                    let pattern = value.guess();
                    search.names.push(pattern_word(pattern.trim_start_matches("./")));
                }
            }
            // As if each were removed by itself.
            "-delete" => search.commands.push(vec![Word::text("rm"), Word::text("{}")]),
            "-mindepth" => {
                at += 1;
                search.is_below = value.is_some_and(|value| !value.is("0"));
            }
            "-exec" | "-execdir" | "-ok" | "-okdir" => {
                let end = words[at..].iter().position(|word| word.is(";") || word.is("+") || word.is("\\;"));
                let end = end.map_or(words.len(), |length| at + length);
                search.commands.push(words[at..end].to_vec());
                at = end + 1;
            }
            _ => {}
        }
        is_negated = false;
    }
    search
}

fn fd(words: &[Word]) -> Search {
    let mut search = Search::default();
    let mut operands = Vec::new();
    let mut is_exact = false;
    let mut at = 1;
    while let Some(word) = words.get(at) {
        at += 1;
        match word.guess().as_str() {
            "-x" | "-X" | "--exec" | "--exec-batch" => {
                let end = words[at..].iter().position(|word| word.is(";")).map_or(words.len(), |length| at + length);
                search.commands.push(words[at..end].to_vec());
                at = end + 1;
            }
            "-g" | "--glob" | "-F" | "--fixed-strings" => is_exact = true,
            "-t" | "-d" | "-E" | "-j" | "-S" | "-o" | "--type" | "--max-depth" | "--exclude" | "--threads" => at += 1,
            "-e" | "--extension" => {
                let extension = words.get(at).map(Word::guess).unwrap_or_default();
                search.names.push(pattern_word(&format!("*.{extension}")));
                at += 1;
            }
            option if option.starts_with('-') => {}
            _ => operands.push(word.clone()),
        }
    }
    let mut operands = operands.into_iter();
    if let Some(pattern) = operands.next().map(|word| word.guess()) {
        let name = pattern.trim_start_matches('^').trim_end_matches('$');
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-.".contains(c));
        if is_name || is_exact {
            search.names.push(pattern_word(name));
        }
    }
    search.roots = operands.collect();
    if search.roots.is_empty() {
        search.roots.push(Word::text("."));
    }
    search
}

fn pattern_word(pattern: &str) -> Word {
    let mut out = Word::default();
    push_globs(&mut out, pattern);
    out
}
