//! What a call does, in the words that rules judge: becomes root, deletes, opens to all, runs a stranger's text, writes.
//!
//! Rules never look at commands; a new spelling of an old effect is taught here once and every rule knows it.

mod delete;
mod file;
pub(crate) mod known;
mod mode;
mod write;

use std::borrow::Cow;
use std::ops::Range;

use crate::code;
use crate::deed::Half;
use crate::path::{self, Place, look_up};
use crate::shell::{Context, Script, Simple, Site, Word};
use crate::{Scope, shell};

pub(crate) use file::{code_of_tool, language_of, of_file};
pub(crate) use mode::opens_to_all;

/// How deep code may start shells that start code.
const MAX_LEVELS: usize = 3;

/// Something that a call does.
#[derive(Debug)]
pub(crate) struct Effect {
    /// What.
    pub(crate) kind: Kind,
    /// The command as it would run, or the path.
    pub(crate) text: String,
    /// The part of the call's command that does it.
    pub(crate) span: Option<Range<usize>>,
    /// The wrappers around it.
    pub(crate) via: String,
}

/// The kinds of effects.
#[derive(Debug)]
pub(crate) enum Kind {
    /// Runs a command through sudo.
    Sudo,
    /// Deletes folders with all that is in them.
    Delete(Vec<Target>),
    /// Gives everybody the right to write.
    OpenToAll,
    /// Runs what somebody else's server sent.
    RunRemote,
    /// Writes a file.
    Write(Target),
    /// Deletes a file that something else relies on.
    Remove(Target),
    /// Breaks this rule, and why.
    Known(&'static str, String),
    /// Leaves a file behind that may be run later: its path, and what it holds.
    Leaves(String, String),
    /// What holds for one subject of this rule holds for another from now on.
    Carries(&'static str, String, String),
    /// Is half of a sequence of this rule, about this subject.
    Deed(&'static str, Half, String),
}

/// A path that something is done to.
#[derive(Debug)]
pub(crate) struct Target {
    /// As a person reads it.
    pub(crate) shown: String,
    /// The resolved path with its marks, where there is one.
    pub(crate) path: Option<String>,
    /// What lies there.
    pub(crate) at: Where,
}

/// Where a target lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Where {
    /// On this machine.
    Here(Place),
    /// On another machine or in a container.
    Elsewhere,
    /// In a container that is thrown away.
    Throwaway,
}

/// How sure a target must be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Proof {
    /// An unknown part proves nothing.
    Strict,
    /// The folder before an unknown part is taken for where it lies.
    Likely,
}

impl Target {
    /// Works out where a word points.
    pub(crate) fn of(word: &Word, context: &Context, scope: &Scope, proof: Proof) -> Self {
        // `link/` is what the link leads to; `link` is the link.
        let ends_open = matches!(word.pieces().last(), Some(crate::shell::Piece::Text(text)) if text.ends_with('/'));
        Self::find(word, context, scope, (proof, ends_open))
    }

    /// Works out where what is written under a name goes: through it, where it is a link.
    pub(crate) fn through(word: &Word, context: &Context, scope: &Scope) -> Self {
        Self::find(word, context, scope, (Proof::Likely, true))
    }

    fn find(word: &Word, context: &Context, scope: &Scope, (proof, is_through): (Proof, bool)) -> Self {
        let word = if proof == Proof::Likely { word.with_guesses() } else { Cow::Borrowed(word) };
        let spelled = path::resolve(&path::spell(&word), context.cwd.as_deref());
        let (found, at) = match (&context.site, spelled) {
            (Site::Local, Some(found)) => {
                let found = follow_links(found, context, is_through);
                let place = place_of(&found, scope, proof);
                (Some(found), Where::Here(place))
            }
            (Site::Local, None) => (None, Where::Here(Place::Unproven)),
            // What opens a door or starts by itself does so on any machine; who logs in stands at home there.
            (Site::Remote, found) => {
                let at_home = || path::resolve(&path::spell(&word), Some("/home/~"));
                match found.clone().or_else(at_home).map(|there| look_up(&there, scope)) {
                    Some(Place::Guarded(rule)) => (found, Where::Here(Place::Guarded(rule))),
                    _ => (found, Where::Elsewhere),
                }
            }
            (Site::Throwaway, found) => (found, Where::Throwaway),
            (Site::Container(mounts), found) => match found.as_deref().and_then(|found| mounted(found, mounts)) {
                Some(host) => {
                    let place = place_of(&host, scope, proof);
                    (Some(host), Where::Here(place))
                }
                None => (found, Where::Elsewhere),
            },
        };
        Self { shown: found.as_deref().map_or_else(|| word.show(), path::show), path: found, at }
    }
}

fn place_of(found: &str, scope: &Scope, proof: Proof) -> Place {
    match found.find(path::ANY) {
        Some(_) if proof == Proof::Strict => Place::Unproven,
        Some(at) => match found[..at].rfind('/') {
            Some(0) | None => Place::Unproven,
            Some(end) => look_up(&format!("{}/{}", &found[..end], path::SEGMENT), scope),
        },
        None => match look_up(found, scope) {
            // A file that is put into a folder by the folder's name: a temporary one, or one whose files git runs.
            Place::System if proof == Proof::Likely => look_up(&format!("{found}/{}", path::SEGMENT), scope),
            Place::Root if proof == Proof::Likely && found.ends_with(".git/hooks") => {
                look_up(&format!("{found}/{}", path::SEGMENT), scope)
            }
            place => place,
        },
    }
}

/// How often one link leads to another before it is taken for a circle.
const MAX_LINKS: usize = 8;

fn follow_links(mut found: String, context: &Context, is_through: bool) -> String {
    for _ in 0..MAX_LINKS {
        let leads = |(name, target): &(String, String)| {
            let rest = path::below(&found, name).filter(|rest| is_through || !rest.is_empty())?;
            Some(path::normalise(&format!("{target}/{rest}")))
        };
        let Some(next) = context.links.iter().rev().find_map(leads) else { break };
        found = next;
    }
    found
}

fn mounted(found: &str, mounts: &[(String, String)]) -> Option<String> {
    let (inside, host) =
        mounts.iter().filter(|(inside, _)| path::is_below(found, inside)).max_by_key(|(at, _)| at.len())?;
    Some(path::normalise(&format!("{host}/{}", path::below(found, inside)?)))
}

/// All effects of a script that was read from a text.
pub(crate) fn of_script(script: &Script, text: &str, scope: &Scope) -> Vec<Effect> {
    let mut out = Vec::new();
    collect(script, scope, &mut out, 0);
    for (context, shown, (rule, reason)) in known::of_line(script, Some(text), scope) {
        out.push(Effect::at(Kind::Known(rule, reason), shown, context));
    }
    for (path, held) in &script.files {
        out.extend(left(path, held.spell_out()));
    }
    if script.is_partial {
        let reason = "The command line could not be read to its end; what could be was judged.".to_owned();
        out.push(Effect::of_tool(Kind::Known("parse.incomplete", reason), text.to_owned()));
    }
    out
}

/// What it means that a file is there afterwards.
pub(crate) fn left(path: &str, text: String) -> Vec<Effect> {
    let broken = known::settings_in(path, &text).or_else(|| known::guards_off(path, &text));
    let leaves = Effect::of_tool(Kind::Leaves(path.to_owned(), text), path.to_owned());
    let broken = broken.map(|(rule, reason)| Effect::of_tool(Kind::Known(rule, reason), path.to_owned()));
    broken.into_iter().chain([leaves]).collect()
}

fn collect(script: &Script, scope: &Scope, out: &mut Vec<Effect>, level: usize) {
    for command in &script.commands {
        of_command(command, scope, out);
    }
    for read in script.reads.iter().filter(|read| read.context.site == Site::Local) {
        if let Some((rule, reason)) = known::judge_read(&read.target, &read.context, scope) {
            out.push(Effect::at(Kind::Known(rule, reason), format!("< {}", read.target.show()), &read.context));
        }
    }
    let found: Vec<&'static str> = out
        .iter()
        .filter_map(|effect| match &effect.kind {
            Kind::Known(rule, _) => Some(*rule),
            _ => None,
        })
        .collect();
    for (command, (rule, reason)) in known::of_script(script, scope, &found) {
        out.push(Effect::at(Kind::Known(rule, reason), command.show_briefly(), &command.context));
    }
    for write in &script.writes {
        let target = Target::through(&write.target, &write.context, scope);
        let text = format!("{} {}", write.operator, write.target.show());
        out.push(Effect::at(Kind::Write(target), text, &write.context));
    }
    known::deeds(script, scope, out);
    for snippet in &script.snippets {
        for found in code::effects(snippet, scope) {
            match found {
                code::Found::Effect(kind, text) => out.push(Effect::at(kind, text, &snippet.context)),
                code::Found::Shell(text) if level < MAX_LEVELS => {
                    let cwd = snippet.context.cwd.as_deref().filter(|cwd| !cwd.contains(path::ANY)).map(str::to_owned);
                    let inner_scope = Scope { cwd: cwd.or_else(|| scope.cwd.clone()), ..scope.clone() };
                    let mut inner = shell::read(&text, &inner_scope);
                    inner.stand_in(&snippet.context, &snippet.language);
                    collect(&inner, scope, out, level + 1);
                    for (context, shown, (rule, reason)) in known::of_line(&inner, None, scope) {
                        out.push(Effect::at(Kind::Known(rule, reason), shown, context));
                    }
                }
                code::Found::Shell(_) => {}
            }
        }
    }
}

fn of_command(command: &Simple, scope: &Scope, out: &mut Vec<Effect>) {
    let mut add = |kind: Kind| out.push(Effect::at(kind, command.show_briefly(), &command.context));
    if command.runs_remote {
        add(Kind::RunRemote);
    }
    if is_sudo(command) {
        add(Kind::Sudo);
    }
    let deleted = delete::targets(command, scope);
    if !deleted.is_empty() {
        add(Kind::Delete(deleted));
    }
    if mode::opens(command) {
        add(Kind::OpenToAll);
    }
    known::of(command, scope, |(rule, reason)| {
        out.push(Effect::at(Kind::Known(rule, reason), command.show_briefly(), &command.context));
    });
    let is_bulk = command.context.via.iter().any(|wrapper| {
        matches!(wrapper.as_str(), "find" | "gfind" | "fd" | "fdfind" | "xargs" | "gxargs" | "parallel")
    });
    // What is moved is elsewhere, and not gone.
    let is_moved = matches!(command.name.as_str(), "mv" | "gmv");
    let is_bulk = is_bulk && !is_moved;
    for word in delete::files(command) {
        let proof = if is_bulk { Proof::Strict } else { Proof::Likely };
        let target = Target::of(&word, &command.context, scope, proof);
        if is_bulk
            && matches!(
                target.at,
                Where::Here(
                    Place::Project | Place::Root | Place::Outside | Place::System | Place::Unproven | Place::Guarded(_)
                )
            )
        {
            let reason = format!("Everything that was found at {} is deleted.", target.shown);
            out.push(Effect::at(Kind::Known("fs.mass-delete", reason), command.show_briefly(), &command.context));
        }
        let is_wide = target.path.as_deref().is_some_and(|path| path.contains(path::GLOB));
        if !is_bulk && !is_moved && is_wide && matches!(target.at, Where::Here(Place::Outside | Place::System)) {
            let reason = format!("Everything at {} is deleted.", target.shown);
            out.push(Effect::at(Kind::Known("fs.mass-delete", reason), command.show_briefly(), &command.context));
        }
        out.push(Effect::at(Kind::Remove(target), command.show_briefly(), &command.context));
    }
    let replaces = matches!(command.name.as_str(), "ln" | "mv" | "gmv");
    for word in write::targets(command) {
        let target = match replaces {
            true => Target::of(&word, &command.context, scope, Proof::Likely),
            false => Target::through(&word, &command.context, scope),
        };
        // A folder that is made holds no hook yet.
        let is_empty = command.name == "mkdir" && target.at == Where::Here(Place::Guarded("persist.git-hook"));
        if !is_empty {
            out.push(Effect::at(Kind::Write(target), command.show_briefly(), &command.context));
        }
    }
}

/// The files that a command writes by its own words.
pub(crate) fn written_by(command: &Simple) -> Vec<Word> {
    write::targets(command)
}

/// sudo that runs something: asking for its version, its help or to forget the password does not.
fn is_sudo(command: &Simple) -> bool {
    let asks_only = |word: &Word| {
        word.literal().is_some_and(|text| {
            matches!(
                &*text,
                "--version" | "-V" | "--help" | "-h" | "-k" | "-K" | "--reset-timestamp" | "--remove-timestamp"
            )
        })
    };
    match command.name.as_str() {
        "sudo" | "sudoedit" | "gsudo" => {
            !matches!(command.operands(), [only] if asks_only(only)) && !command.operands().is_empty()
        }
        _ => false,
    }
}

impl Effect {
    pub(crate) fn at(kind: Kind, text: String, context: &Context) -> Self {
        Self { kind, text, span: Some(context.span.clone()), via: context.via.join(" › ") }
    }

    /// An effect of a tool that is no shell.
    pub(crate) fn of_tool(kind: Kind, text: String) -> Self {
        Self { kind, text, span: None, via: String::new() }
    }
}

impl Script {
    /// Puts a script that code starts where the code stands.
    fn stand_in(&mut self, context: &Context, language: &str) {
        let mut via = (*context.via).clone();
        via.push(language.to_owned());
        let via = std::rc::Rc::new(via);
        let move_there = |inner: &mut Context| {
            inner.span = context.span.clone();
            inner.via = std::rc::Rc::clone(&via);
            if context.site != Site::Local {
                inner.site = context.site.clone();
            }
        };
        self.each_context(move_there);
    }
}
