//! Files that a command line writes and then reads or runs: what they hold, as far as the command line says.
//!
//! There is no file system here. What is known comes from redirections, `tee`, `cp` and `mv` of the same command line, and
//! it is bounded: few files, and each costs steps by its length. What a server sent is left to the rules about downloads.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use super::env::{Env, Variable};
use super::interpreter;
use super::options::{Options, Taking};
use super::script::Site;
use super::walk::Reader;
use super::word::{Unknown, Word};
use crate::path;

/// Most files that are kept in mind.
const MAX_FILES: usize = 16;
/// Steps that are taken for one of these many bytes.
const BYTES_A_STEP: usize = 64;

/// A file: whether it lies on this machine, its path, and what it holds.
type File = (bool, String, Word);

/// What is kept in mind. Shells within shells share it, as they share the disk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Files(Rc<RefCell<Vec<File>>>);

impl Files {
    /// The files of this machine.
    pub(crate) fn left(&self) -> Vec<(String, Word)> {
        let files = self.0.borrow();
        files.iter().filter(|(is_here, _, _)| *is_here).map(|(_, path, held)| (path.clone(), held.clone())).collect()
    }
}

impl Env {
    /// Where a file lies, as far as it matters here: a relative name in an unknown folder stands for itself.
    fn place_of(&self, file: &Word) -> Option<(bool, String)> {
        let unknown_folder = "/\u{E001}";
        let spelled = path::spell(file);
        if spelled.is_empty() || spelled.contains([path::ANY, path::GLOB]) {
            return None;
        }
        let found = path::resolve(&spelled, Some(self.cwd.as_deref().unwrap_or(unknown_folder)))?;
        Some((self.site == Site::Local, found))
    }

    /// What a file holds that this command line wrote.
    pub(crate) fn written(&self, file: &Word) -> Option<Word> {
        if self.files.0.borrow().is_empty() {
            return None;
        }
        let (is_here, at) = self.place_of(file)?;
        let files = self.files.0.borrow();
        files.iter().find(|(here, path, _)| (*here, path) == (is_here, &at)).map(|(_, _, held)| held.clone())
    }

    /// What reading a file gives: what is known of it; the network, where that goes by the name of a file.
    pub(crate) fn content_of(&self, file: &Word) -> Word {
        let is_network = file.prefix().starts_with("/dev/tcp/") || file.prefix().starts_with("/dev/udp/");
        match file.content() {
            Some(content) => content.clone(),
            None if is_network => Word::unknown(Unknown::Remote),
            None => self.written(file).unwrap_or_else(|| Word::unknown(Unknown::Any)),
        }
    }
}

impl Reader {
    /// Notes what a file holds from now on.
    pub(crate) fn keep(&mut self, env: &Env, file: &Word, held: &Word, is_more: bool) {
        let is_told = held.pieces().iter().any(|piece| !matches!(piece, super::Piece::Unknown(Unknown::Any)));
        let Some((is_here, at)) = env.place_of(file).filter(|(_, at)| !at.starts_with("/dev/")) else { return };
        self.burn_many(held.weight() / BYTES_A_STEP);
        let mut files = env.files.0.borrow_mut();
        let known = files.iter().position(|(here, path, _)| (*here, path) == (is_here, &at));
        match known {
            Some(known) if is_more => files[known].2.append(held),
            Some(known) => files[known].2 = held.clone(),
            None if is_told && files.len() < MAX_FILES => files.push((is_here, at, held.clone())),
            None => {}
        }
    }

    /// Runs what a file holds by `run`; `None` for a file of which nothing is known. A file that runs itself does nothing
    /// that it has not done.
    pub(crate) fn run_file(
        &mut self,
        env: &mut Env,
        (file, span): (&Word, &Range<usize>),
        run: impl FnOnce(&mut Self, &mut Env, &Word) -> Word,
    ) -> Option<Word> {
        let held = env.written(file).filter(|held| !held.is_remote())?;
        let kept = env.files.clone();
        let (is_here, at) = env.place_of(file)?;
        kept.0.borrow_mut().retain(|(here, path, _)| (*here, path) != (is_here, &at));
        self.burn_many(held.weight() / BYTES_A_STEP);
        if held.literal().is_some_and(|text| starts_itself(&at, &text)) {
            self.script.bombs.push(Self::context(env, span));
        }
        let printed = run(self, env, &held);
        let mut files = kept.0.borrow_mut();
        if !files.iter().any(|(here, path, _)| (*here, path) == (is_here, &at)) {
            files.push((is_here, at, held));
        }
        Some(printed)
    }

    /// Runs a file that is started by its own name: in the language that its first line names, else in a shell.
    pub(crate) fn run_by_name(
        &mut self,
        env: &mut Env,
        words: &[Word],
        stdin: &Word,
        span: &Range<usize>,
    ) -> Option<Word> {
        let file = words.first().filter(|file| file.prefix().contains('/'))?;
        self.run_file(env, (file, span), |reader, env, held| {
            let shebang = held.prefix().lines().next().and_then(|line| line.strip_prefix("#!")).unwrap_or_default();
            let named = shebang.split_whitespace().map(|word| word.rsplit('/').next().unwrap_or_default());
            let language = named.filter(|word| !word.starts_with('-')).find(|word| *word != "env").unwrap_or("sh");
            match interpreter::role(language) {
                Some(role) if !role.is_shell() => {
                    reader.note_snippet(env, language, held, span);
                    Word::default()
                }
                _ => {
                    env.set("BASH_SOURCE", Variable::Scalar(file.clone()));
                    reader.run_text(env, &file.show(), held, Some(words.to_vec()), (stdin, span))
                }
            }
        })
    }

    /// Follows what programs that write files from others make of them.
    pub(crate) fn copy(&mut self, env: &Env, name: &str, words: &[Word], stdin: &Word) {
        match name {
            "tee" | "sponge" => {
                let options = Options::plain(words);
                let is_more = options.has("a", &["append"]);
                for file in &options.operands {
                    self.keep(env, file, stdin, is_more);
                }
            }
            "cp" | "mv" | "install" | "gcp" | "gmv" | "ginstall" => {
                let own = Taking { short: "tSgmo", long: &["mode", "owner", "group"], stops: false };
                if let [from, to] = Options::of(words, own).operands.as_slice()
                    && let Some(held) = env.written(from)
                {
                    self.keep(env, to, &held, false);
                }
            }
            _ => {}
        }
    }
}

/// A script that starts its own file twice or more, and does not wait.
pub(super) fn starts_itself(path: &str, text: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let is_own = |word: &str| {
        let word = word.trim_matches(['"', '\'']);
        word == path
            || matches!(word, "$0" | "${0}" | "${BASH_SOURCE[0]}" | "$BASH_SOURCE")
            || word.ends_with(name) && word.contains('/')
    };
    let starts = text.split(['|', '&', ';', '\n', '(', ')', '{', '}']).filter(|part| {
        let mut words =
            part.split_whitespace().skip_while(|word| matches!(*word, "nohup" | "setsid" | "exec" | "do" | "then"));
        let first = words.next().unwrap_or_default();
        is_own(first)
            || interpreter::role(first.rsplit('/').next().unwrap_or_default()).is_some()
                && words.next().is_some_and(is_own)
    });
    starts.count() >= 2 && text.replace("&&", "").replace("||", "").contains(['&', '|'])
}
