//! Walks syntax trees in the order in which a shell would run them.
//!
//! Each walk gives what would be printed, as far as it can be told, because a pipe or a substitution may run it. All
//! branches are taken: which one runs cannot be known.

use std::ops::Range;
use std::rc::Rc;

use rable::{ListItem, Node, NodeKind, Span};

use super::env::{Env, Function, Variable};
use super::lexical;
use super::parse::{self, MAX_BYTES};
use super::script::{Context, Script};
use super::word::{Piece, Unknown, Word};
use crate::Scope;

/// Steps that one command line may take.
const FUEL: u32 = 20_000;
/// How deep one thing may stand in another.
const MAX_DEPTH: u32 = 48;
/// Bytes parsed for one command line, all substitutions counted.
const MAX_PARSED_BYTES: usize = 4 * MAX_BYTES;
/// Times that the body of a loop is walked.
const MAX_TURNS: usize = 8;
/// Most variables that are kept for the record.
const MAX_ASSIGNED: usize = 64;
/// Most pieces of a value that is followed.
const MAX_PIECES: usize = 256;

/// Where a piece of text stands in the command line.
#[derive(Debug, Clone)]
pub(crate) enum Origin {
    /// It begins here.
    At(usize),
    /// It is made from what stands here.
    Within(Range<usize>),
}

impl Origin {
    /// The origin of what begins `count` bytes later.
    pub(crate) fn after(&self, count: usize) -> Self {
        match self {
            Self::At(start) => Self::At(start + count),
            within => within.clone(),
        }
    }

    /// The origin of text made from the whole.
    pub(crate) fn whole(&self, length: usize) -> Self {
        Self::Within(self.span(0..length))
    }

    fn span(&self, range: Range<usize>) -> Range<usize> {
        match self {
            Self::At(start) => start + range.start..start + range.end,
            Self::Within(range) => range.clone(),
        }
    }
}

/// A text that was parsed, and where it stands.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    text: Rc<str>,
    origin: Origin,
    /// Byte offsets of characters, where they differ.
    offsets: Option<Rc<[u32]>>,
}

impl Frame {
    fn new(text: &str, origin: Origin) -> Self {
        let offsets = (!text.is_ascii()).then(|| {
            text.char_indices().map(|(at, _)| at as u32).chain([text.len() as u32]).collect::<Vec<_>>().into()
        });
        Self { text: text.into(), origin, offsets }
    }

    fn bytes(&self, span: &Span) -> Range<usize> {
        let byte = |at: usize| match &self.offsets {
            Some(offsets) => offsets.get(at).map_or(self.text.len(), |at| *at as usize),
            None => at.min(self.text.len()),
        };
        byte(span.start)..byte(span.end)
    }

    fn span(&self, span: &Span) -> Range<usize> {
        self.origin.span(self.bytes(span))
    }

    /// Where a raw word stands: exactly, if the tree gives it as it was written.
    fn origin_of(&self, node: &Node, raw: &str, command: &Range<usize>) -> Origin {
        let range = self.bytes(&node.span);
        if !node.span.is_empty() && self.text.get(range.clone()) == Some(raw) {
            return self.origin.after(range.start);
        }
        Origin::Within(command.clone())
    }
}

/// Reads a command line.
pub(crate) fn read(text: &str, scope: &Scope) -> Script {
    read_in(Env::new(scope), text)
}

/// Reads a file of commands, which lies at `path`.
pub(crate) fn read_file(text: &str, path: &str, scope: &Scope) -> Script {
    let mut env = Env::new(scope);
    for name in ["0", "BASH_SOURCE"] {
        env.set(name, Variable::Scalar(Word::text(path)));
    }
    let whole = Reader::context(&env, &(0..text.len()));
    let mut script = read_in(env, text);
    script.bombs.extend(super::files::starts_itself(path, text).then_some(whole));
    script
}

fn read_in(mut env: Env, text: &str) -> Script {
    let mut reader = Reader { script: Script::default(), fuel: FUEL, depth: 0, parsed_bytes: 0 };
    reader.source(&mut env, text, &Origin::At(0), &Word::default());
    let mut script = reader.script;
    script.files = env.files.left();
    // A mended text is longer than what was given.
    script.each_context(|context| {
        let fit = |at: usize| (0..=at.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        context.span = fit(context.span.start)..fit(context.span.end);
    });
    script
}

/// Reads one command line.
pub(crate) struct Reader {
    pub(crate) script: Script,
    fuel: u32,
    depth: u32,
    parsed_bytes: usize,
}

impl Reader {
    /// Takes a step; `false` where none is left.
    pub(crate) fn burn(&mut self) -> bool {
        self.fuel = self.fuel.saturating_sub(1);
        self.script.is_partial |= self.fuel == 0;
        self.fuel > 0
    }

    /// Takes steps for work that grows with `count`.
    pub(crate) fn burn_many(&mut self, count: usize) {
        self.fuel = self.fuel.saturating_sub(u32::try_from(count).unwrap_or(u32::MAX));
    }

    /// Goes one level down, unless that is too deep.
    pub(crate) fn deeper<T: Default>(&mut self, work: impl FnOnce(&mut Self) -> T) -> T {
        if self.depth >= MAX_DEPTH || !self.burn() {
            self.script.is_partial = true;
            return T::default();
        }
        self.depth += 1;
        let out = work(self);
        self.depth -= 1;
        out
    }

    /// Reads text as a shell would, and gives what it prints.
    pub(crate) fn source(&mut self, env: &mut Env, text: &str, origin: &Origin, stdin: &Word) -> Word {
        self.deeper(|reader| {
            // The command line itself is always looked at, however long it is.
            reader.parsed_bytes += if reader.depth > 1 { text.len() } else { 0 };
            if reader.parsed_bytes > MAX_PARSED_BYTES {
                reader.script.is_partial = true;
                return Word::default();
            }
            let parsed = parse::parse(text);
            reader.script.is_partial |= parsed.is_partial;
            let frame = Frame::new(&parsed.text, origin.clone());
            let mut out = Word::default();
            for node in &parsed.nodes {
                let printed = reader.node(env, &frame, node, stdin);
                join(&mut out, &printed);
            }
            if let Some(at) = parsed.rest_at {
                reader.scan_rest(env, &text[at..], &origin.after(at));
            }
            out
        })
    }

    fn scan_rest(&mut self, env: &mut Env, text: &str, origin: &Origin) {
        for scanned in lexical::scan(text) {
            if !self.burn() {
                break;
            }
            let span = origin.span(scanned.start..scanned.end);
            let words: Vec<Word> =
                scanned.words.iter().flat_map(|raw| self.expand(env, raw, &Origin::Within(span.clone()))).collect();
            self.run(env, words, &Word::unknown(Unknown::Any), &span);
        }
    }

    /// What `$(text)` becomes.
    pub(crate) fn substitute(&mut self, env: &Env, text: &str, origin: &Origin) -> Word {
        let mut inner = env.clone();
        self.source(&mut inner, text, origin, &Word::default()).trim_newlines()
    }

    /// Where a command stands, for the record.
    pub(crate) fn context(env: &Env, span: &Range<usize>) -> Context {
        Context {
            span: span.clone(),
            via: Rc::clone(&env.via),
            cwd: env.cwd.clone(),
            site: env.site.clone(),
            links: Rc::clone(&env.links),
        }
    }

    /// Walks a tree.
    pub(crate) fn node(&mut self, env: &mut Env, frame: &Frame, node: &Node, stdin: &Word) -> Word {
        self.deeper(|reader| reader.walk(env, frame, node, stdin))
    }

    fn walk(&mut self, env: &mut Env, frame: &Frame, node: &Node, stdin: &Word) -> Word {
        let span = frame.span(&node.span);
        match &node.kind {
            NodeKind::Command { assignments, words, redirects } => {
                let raw = frame.text.get(frame.bytes(&node.span)).unwrap_or_default();
                match env.open_choice(raw) {
                    Some((name, choices)) => self.each_choice(env, frame, (node, &name, choices), stdin),
                    None => self.command(env, frame, &span, (assignments, words, redirects), stdin),
                }
            }
            NodeKind::Pipeline { commands, .. } => {
                let mut flowing = stdin.clone();
                for command in commands {
                    let mut inner = env.clone();
                    flowing = self.node(&mut inner, frame, command, &flowing);
                }
                flowing
            }
            NodeKind::List { items } => self.list(env, frame, items, stdin),
            NodeKind::Negation { pipeline } | NodeKind::Time { pipeline, .. } => self.node(env, frame, pipeline, stdin),
            NodeKind::Coproc { command, .. } => self.node(&mut env.clone(), frame, command, stdin),
            NodeKind::Function { name, body } => {
                let raw = frame.text.get(frame.bytes(&node.span)).unwrap_or_default();
                if is_bomb(name, raw) {
                    self.script.bombs.push(Self::context(env, &span));
                }
                env.define(name, Rc::new(Function { body: (**body).clone(), frame: frame.clone() }));
                Word::default()
            }
            _ => self.compound(env, frame, node, &span, stdin),
        }
    }

    fn list(&mut self, env: &mut Env, frame: &Frame, items: &[ListItem], stdin: &Word) -> Word {
        let mut out = Word::default();
        for item in items {
            let printed = self.node(env, frame, &item.command, stdin);
            join(&mut out, &printed);
        }
        out
    }

    fn compound(&mut self, env: &mut Env, frame: &Frame, node: &Node, span: &Range<usize>, stdin: &Word) -> Word {
        let redirects: &[Node] = match &node.kind {
            NodeKind::If { redirects, .. }
            | NodeKind::While { redirects, .. }
            | NodeKind::Until { redirects, .. }
            | NodeKind::For { redirects, .. }
            | NodeKind::ForArith { redirects, .. }
            | NodeKind::Select { redirects, .. }
            | NodeKind::Case { redirects, .. }
            | NodeKind::Subshell { redirects, .. }
            | NodeKind::BraceGroup { redirects, .. }
            | NodeKind::ArithmeticCommand { redirects, .. }
            | NodeKind::ConditionalExpr { redirects, .. } => redirects,
            _ => &[],
        };
        let (stdin, outputs) = &self.redirect(env, frame, redirects, span, stdin);
        let mut out = Word::default();
        match &node.kind {
            NodeKind::If { condition, then_body, else_body, .. } => {
                let printed = self.node(env, frame, condition, stdin);
                join(&mut out, &printed);
                let bodies = [Some(&**then_body), else_body.as_deref()];
                // Without an `else`, nothing may be done at all.
                let may_skip = else_body.is_none();
                self.branches(env, frame, (bodies.into_iter().flatten(), may_skip), stdin, &mut out);
            }
            NodeKind::While { condition, body, .. } | NodeKind::Until { condition, body, .. } => {
                self.node(env, frame, condition, stdin);
                out = self.node(env, frame, body, stdin);
            }
            NodeKind::For { var, words, body, .. } | NodeKind::Select { var, words, body, .. } => {
                let turns = match words {
                    Some(words) => self.words(env, frame, words, span),
                    None => super::expand::special(env, "@"),
                };
                out = self.turns(env, frame, (var, turns), body, stdin);
            }
            NodeKind::ForArith { init, cond, incr, body, .. } => {
                for raw in [init, cond, incr] {
                    self.expand_text(env, raw, &Origin::Within(span.clone()));
                }
                out = self.node(env, frame, body, stdin);
            }
            NodeKind::Case { word, patterns, .. } => {
                self.raw_word(env, frame, word, span);
                let bodies = patterns.iter().filter_map(|pattern| pattern.body.as_ref());
                self.branches(env, frame, (bodies, true), stdin, &mut out);
            }
            NodeKind::Subshell { body, .. } => out = self.node(&mut env.clone(), frame, body, stdin),
            NodeKind::BraceGroup { body, .. } => out = self.node(env, frame, body, stdin),
            // Conditions and sums run what they substitute. Their raw text is all that is needed.
            NodeKind::ArithmeticCommand { .. } | NodeKind::ConditionalExpr { .. } => {
                let raw = frame.text.get(frame.bytes(&node.span)).unwrap_or_default().to_owned();
                if raw.contains(['$', '`']) {
                    self.expand_text(env, &raw, &Origin::Within(span.clone()));
                }
            }
            _ => {}
        }
        self.divert(env, outputs, out)
    }

    /// Walks all branches, each from where they part.
    fn branches<'n>(
        &mut self,
        env: &mut Env,
        frame: &Frame,
        (bodies, may_skip): (impl Iterator<Item = &'n Node>, bool),
        stdin: &Word,
        out: &mut Word,
    ) {
        let before = env.held();
        let mut after = if may_skip { vec![before.clone()] } else { Vec::new() };
        for body in bodies {
            let printed = self.node(env, frame, body, stdin);
            join(out, &printed);
            after.push(env.go_back(&before));
        }
        env.join_branches(&after);
    }

    /// Walks a command once for each word that a variable of it may hold.
    fn each_choice(
        &mut self,
        env: &mut Env,
        frame: &Frame,
        (node, name, choices): (&Node, &str, Vec<Word>),
        stdin: &Word,
    ) -> Word {
        let (before, mut after, mut out) = (env.held(), Vec::new(), Word::default());
        for choice in choices {
            env.set(name, Variable::Scalar(choice));
            let printed = self.node(env, frame, node, stdin);
            join(&mut out, &printed);
            after.push(env.go_back(&before));
        }
        env.join_branches(&after);
        out
    }

    fn turns(
        &mut self,
        env: &mut Env,
        frame: &Frame,
        (name, values): (&str, Vec<Word>),
        body: &Node,
        stdin: &Word,
    ) -> Word {
        let mut out = Word::default();
        let is_cut = values.len() > MAX_TURNS;
        for value in values.into_iter().take(MAX_TURNS) {
            env.set(name, Variable::Scalar(value));
            let printed = self.node(env, frame, body, stdin);
            join(&mut out, &printed);
        }
        if is_cut {
            env.set(name, Variable::Scalar(Env::unset_word()));
            self.node(env, frame, body, stdin);
        }
        out
    }

    fn words(&mut self, env: &mut Env, frame: &Frame, nodes: &[Node], span: &Range<usize>) -> Vec<Word> {
        let mut out = Vec::new();
        for node in nodes {
            if let NodeKind::Word { value, .. } = &node.kind {
                let origin = frame.origin_of(node, value, span);
                out.extend(self.expand(env, value, &origin));
            }
        }
        out
    }

    pub(crate) fn raw_word(&mut self, env: &mut Env, frame: &Frame, node: &Node, span: &Range<usize>) -> Word {
        match &node.kind {
            NodeKind::Word { value, .. } => {
                let origin = frame.origin_of(node, value, span);
                self.expand_one(env, value, &origin)
            }
            _ => Word::default(),
        }
    }

    fn command(
        &mut self,
        env: &mut Env,
        frame: &Frame,
        span: &Range<usize>,
        (assignments, words, redirects): (&[Node], &[Node], &[Node]),
        stdin: &Word,
    ) -> Word {
        let mut child = None;
        for node in assignments {
            if let NodeKind::Word { value, .. } = &node.kind {
                let origin = frame.origin_of(node, value, span);
                if self.script.assigned.len() < MAX_ASSIGNED {
                    self.script.assigned.push((value.clone(), Self::context(env, span)));
                }
                let target = if words.is_empty() { &mut *env } else { child.get_or_insert_with(|| env.clone()) };
                self.assign(target, value, &origin);
            }
        }
        let words = self.words(env, frame, words, span);
        let before = self.script.writes.len();
        let (input, outputs) = self.redirect(env, frame, redirects, span, stdin);
        let is_consumer =
            |word: &Word| word.pieces().iter().any(|piece| matches!(piece, Piece::Unknown(Unknown::Consumer(_))));
        let consumers: Vec<Word> =
            self.script.writes[before..].iter().map(|write| write.target.clone()).filter(is_consumer).collect();
        let printed = self.run(child.as_mut().unwrap_or(env), words, &input, span);
        for write in consumers {
            self.feed(env, &write, &printed, span);
        }
        self.divert(env, &outputs, printed)
    }

    /// Does what `name=value`, `name+=value`, `name=(…)` and `name[index]=value` do.
    pub(crate) fn assign(&mut self, env: &mut Env, raw: &str, origin: &Origin) {
        let Some(equals) = raw.find('=') else { return };
        let (target, value) = (&raw[..equals], &raw[equals + 1..]);
        let (target, is_more) = target.strip_suffix('+').map_or((target, false), |target| (target, true));
        let name = target.split('[').next().unwrap_or_default();
        if target.len() > name.len() {
            self.expand_text(env, &target[name.len()..], &origin.whole(raw.len()));
        }
        if let Some(inside) = value.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
            let mut elements = if is_more { super::expand::all_of(env, name).unwrap_or_default() } else { Vec::new() };
            for scanned in lexical::scan(&inside.replace('\n', " ")) {
                for raw in &scanned.words {
                    elements.extend(self.expand(env, raw, &origin.whole(raw.len())));
                }
            }
            env.set(name, Variable::Array(elements));
            return;
        }
        let value = self.expand_one(env, value, &origin.after(equals + 1));
        if target.len() > name.len() {
            return env.set(name, Variable::Scalar(Env::unset_word()));
        }
        let value = match env.value(name) {
            Some(mut before) if is_more => {
                before.append(&value);
                before
            }
            _ => value,
        };
        env.set(name, Variable::Scalar(value));
    }
}

/// `f() { f | f & }`, `f() { f & f; }`: it starts itself twice, and does not wait.
fn is_bomb(name: &str, raw: &str) -> bool {
    let body = raw.split_once('{').map_or(raw, |(_, body)| body);
    let parts = body.split(['|', '&', ';', '{', '}', '(', ')', '\n']);
    let calls = parts.filter(|part| part.split_whitespace().next() == Some(name)).count();
    calls >= 2 && body.replace("&&", "").contains('&')
}

/// Adds what a later command prints.
pub(crate) fn join(out: &mut Word, printed: &Word) {
    if out.pieces().len() + printed.pieces().len() <= MAX_PIECES {
        out.append(printed);
    } else if printed.is_remote() && !out.is_remote() {
        out.push(Piece::Unknown(Unknown::Remote));
    }
}
