//! What the shell knows while it runs: variables, the folder, functions, aliases.

use std::rc::Rc;

use rable::Node;

use super::files::Files;
use super::script::Site;
use super::walk::Frame;
use super::word::{Piece, Unknown, Word};
use crate::Scope;
use crate::path;

/// What a variable holds.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Variable {
    /// One word.
    Scalar(Word),
    /// A list of them.
    Array(Vec<Word>),
    /// One of these words, by the branch that was taken.
    Either(Vec<Word>),
}

/// What the variables were that branches of a command set.
pub(crate) type Held = Vec<(Rc<str>, Variable)>;

/// A function, and the text it stands in.
#[derive(Debug)]
pub(crate) struct Function {
    /// What it does.
    pub(crate) body: Node,
    /// Where it stands.
    pub(crate) frame: Frame,
}

/// The state of a shell. A subshell is a clone.
#[derive(Debug, Clone)]
pub(crate) struct Env {
    variables: Vec<(Rc<str>, Variable)>,
    /// The folder; `None` where it cannot be told.
    pub(crate) cwd: Option<Rc<str>>,
    /// The folder before (`cd -`).
    pub(crate) old_cwd: Option<Rc<str>>,
    /// Folders pushed.
    pub(crate) folders: Vec<Option<Rc<str>>>,
    functions: Vec<(Rc<str>, Rc<Function>)>,
    /// Aliases with their text.
    pub(crate) aliases: Vec<(Rc<str>, Rc<str>)>,
    /// `$0` and what follows; `None` where they are not known.
    pub(crate) arguments: Option<Rc<Vec<Word>>>,
    /// Links made so far: (name, what it points to).
    pub(crate) links: Rc<Vec<(String, String)>>,
    /// Files that were written here, and what they hold; all shells of a command line see the same.
    pub(crate) files: Files,
    /// Wrappers around.
    pub(crate) via: Rc<Vec<String>>,
    /// Where it runs.
    pub(crate) site: Site,
    home: Option<Rc<str>>,
    project: Option<Rc<str>>,
}

/// Most words of which a variable may hold one.
const MAX_EITHER: usize = 4;

impl Env {
    /// The shell that a tool call starts.
    pub(crate) fn new(scope: &Scope) -> Self {
        let clean = |text: &String| Rc::from(path::resolve(text, None).unwrap_or_else(|| text.clone()));
        let project: Option<Rc<str>> = scope.project_dir.as_ref().map(clean);
        Self {
            variables: Vec::new(),
            cwd: scope.cwd.as_ref().map(clean).or_else(|| project.clone()),
            old_cwd: None,
            folders: Vec::new(),
            functions: Vec::new(),
            aliases: Vec::new(),
            arguments: None,
            links: Rc::new(scope.links.clone()),
            files: Files::default(),
            via: Rc::default(),
            site: Site::Local,
            home: scope.home.as_ref().map(clean),
            project,
        }
    }

    /// The home folder.
    pub(crate) fn home(&self) -> Option<&str> {
        self.home.as_deref()
    }

    /// The top of the project, where the folder lies in it.
    pub(crate) fn top_level(&self) -> Option<&str> {
        let project = self.project.as_deref()?;
        path::is_below(self.cwd.as_deref()?, project).then_some(project)
    }

    /// Sets a variable.
    pub(crate) fn set(&mut self, name: &str, value: Variable) {
        if let Some((_, held)) = self.variables.iter_mut().find(|(known, _)| &**known == name) {
            *held = value;
        } else if self.variables.len() < 256 {
            self.variables.push((name.into(), value));
        }
    }

    /// Forgets a variable.
    pub(crate) fn unset(&mut self, name: &str) {
        self.variables.retain(|(known, _)| &**known != name);
    }

    /// What this command line gave a variable.
    pub(crate) fn get(&self, name: &str) -> Option<&Variable> {
        self.variables.iter().find(|(known, _)| &**known == name).map(|(_, value)| value)
    }

    /// What a variable holds: given here, or told by where the command runs.
    pub(crate) fn value(&self, name: &str) -> Option<Word> {
        match self.get(name) {
            Some(Variable::Scalar(word)) => return Some(word.clone()),
            Some(Variable::Array(words)) => return Some(words.first().cloned().unwrap_or_default()),
            Some(Variable::Either(words)) => return Some(words.last().cloned().unwrap_or_default()),
            None => {}
        }
        let home = |below: &str| self.home().map(|home| Word::text(format!("{home}{below}")));
        match name {
            "HOME" => home(""),
            "PWD" => self.cwd.as_deref().map(marked),
            "OLDPWD" => self.old_cwd.as_deref().map(marked),
            "CLAUDE_PROJECT_DIR" => self.project.as_deref().map(Word::text),
            "TMPDIR" | "TMP" | "TEMP" => Some(Word::text("/tmp")),
            "XDG_CONFIG_HOME" => home("/.config"),
            "XDG_CACHE_HOME" => home("/.cache"),
            "XDG_DATA_HOME" => home("/.local/share"),
            "XDG_STATE_HOME" => home("/.local/state"),
            "USER" | "LOGNAME" => self.home()?.rsplit('/').next().map(Word::text),
            "SHELL" | "BASH" => Some(Word::text("/bin/bash")),
            "IFS" => Some(Word::text(" \t\n")),
            "RANDOM" | "SRANDOM" | "$" | "!" | "?" | "#" | "BASHPID" | "PPID" | "SECONDS" | "EPOCHSECONDS" | "UID"
            | "EUID" | "LINENO" | "HOSTNAME" | "OSTYPE" | "MACHTYPE" | "EPOCHREALTIME" => {
                Some(Word::unknown(Unknown::Segment))
            }
            _ => None,
        }
    }

    /// The variables as they are, to begin each branch with.
    pub(crate) fn held(&self) -> Held {
        self.variables.clone()
    }

    /// Goes back to what the variables were before a branch; gives what they are after it.
    pub(crate) fn go_back(&mut self, before: &Held) -> Held {
        std::mem::replace(&mut self.variables, before.clone())
    }

    /// Goes on after branches, each of which may have been the one that was taken.
    pub(crate) fn join_branches(&mut self, branches: &[Held]) {
        let names: Vec<Rc<str>> = branches.iter().flatten().map(|(name, _)| Rc::clone(name)).collect();
        for name in names {
            let mut words: Vec<Word> = Vec::new();
            let mut is_list = None;
            for held in branches {
                match held.iter().find(|(known, _)| *known == name).map(|(_, value)| value) {
                    Some(Variable::Scalar(word)) => words.push(word.clone()),
                    Some(Variable::Either(some)) => words.extend(some.iter().cloned()),
                    Some(list @ Variable::Array(_)) => is_list = Some(list.clone()),
                    None => {}
                }
            }
            let mut known: Vec<Word> = Vec::new();
            for word in words {
                if !known.contains(&word) && known.len() < MAX_EITHER {
                    known.push(word);
                }
            }
            match (is_list, known.len()) {
                (Some(list), _) => self.set(&name, list),
                (None, 1) => self.set(&name, Variable::Scalar(known.remove(0))),
                (None, _) => self.set(&name, Variable::Either(known)),
            }
        }
    }

    /// A variable that may hold one of several words, if this text speaks of one.
    pub(crate) fn open_choice(&self, text: &str) -> Option<(Rc<str>, Vec<Word>)> {
        self.variables.iter().find_map(|(name, value)| {
            let Variable::Either(words) = value else { return None };
            let is_named = text.match_indices('$').any(|(at, _)| {
                let rest = text[at + 1..].trim_start_matches('{');
                rest.strip_prefix(&**name)
                    .is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
            });
            is_named.then(|| (Rc::clone(name), words.clone()))
        })
    }

    /// The characters at which unquoted values part.
    pub(crate) fn separators(&self) -> String {
        match self.get("IFS") {
            Some(Variable::Scalar(word)) => word.literal().map_or_else(|| " \t\n".to_owned(), |text| text.into_owned()),
            _ => " \t\n".to_owned(),
        }
    }

    /// Keeps a function.
    pub(crate) fn define(&mut self, name: &str, function: Rc<Function>) {
        self.functions.retain(|(known, _)| &**known != name);
        if self.functions.len() < 64 {
            self.functions.push((name.into(), function));
        }
    }

    /// Forgets a function.
    pub(crate) fn forget(&mut self, name: &str) {
        self.functions.retain(|(known, _)| &**known != name);
    }

    /// A function.
    pub(crate) fn function(&self, name: &str) -> Option<Rc<Function>> {
        self.functions.iter().find(|(known, _)| &**known == name).map(|(_, function)| Rc::clone(function))
    }

    /// Where a folder word leads from here.
    pub(crate) fn folder(&self, word: &Word) -> Option<Rc<str>> {
        let spelled = path::spell(word);
        if word.is_opaque() && spelled.contains(path::ANY) {
            return None;
        }
        path::resolve(&spelled, self.cwd.as_deref()).map(Rc::from)
    }

    /// Changes the folder.
    pub(crate) fn change_folder(&mut self, to: Option<Rc<str>>) {
        self.old_cwd = std::mem::replace(&mut self.cwd, to);
    }

    /// The word of a variable that nothing sets: unknown.
    pub(crate) fn unset_word() -> Word {
        Word::unknown(Unknown::Any)
    }
}

/// A path with marks as a word.
pub(crate) fn marked(path: &str) -> Word {
    let mut out = Word::default();
    let mut chars = path.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            path::ANY => out.push(Piece::Unknown(Unknown::Any)),
            path::SEGMENT => out.push(Piece::Unknown(Unknown::Segment)),
            path::DEEP => out.push(Piece::Unknown(Unknown::Subpath)),
            path::GLOB => out.push(Piece::Glob(chars.next().map(String::from).unwrap_or_default())),
            c => out.push_text(c.encode_utf8(&mut [0; 4])),
        }
    }
    out
}
