//! Commands that are dangerous by what they are told to do: a program, its verb, its options.
//!
//! One file a family. Each looks at the effective words of one command (wrappers are gone, quotes are taken, options
//! before the verb are skipped) and says which rule it breaks and why. Asking for help or for a rehearsal breaks none.
//! Start with [`of`]; [`Told`] is how a command's words are asked.

mod account;
mod cloud;
mod cluster;
mod code;
mod database;
mod deed;
mod download;
mod exec;
mod forge;
mod git;
mod given;
mod guard;
mod host;
mod metadata;
mod net;
mod packages;
mod remote;
mod request;
mod secret;
mod shown;
mod token;

use std::borrow::Cow;
use std::cell::OnceCell;
use std::ops::Deref;

use crate::Scope;
use crate::shell::{Script, Simple};

pub(crate) use account::is_setuid;
pub(crate) use database::sql;
pub(crate) use git::in_file as settings_in;
pub(crate) use metadata::is_metadata;
pub(crate) use request::Request;
pub(crate) use secret::{judge_path, judge_read};
pub(crate) use token::find as find_credential;

mod flow;

pub(crate) use deed::code_gives_away;
pub(super) use deed::of as deeds;
pub(super) use exec::judge as of_line;
pub(crate) use flow::collects_anything;

/// What the commands of a line break together, with the command that does; `found` is what they break by themselves.
pub(super) fn of_script<'s>(script: &'s Script, scope: &Scope, found: &[&'static str]) -> Vec<(&'s Simple, Broken)> {
    let mut out = flow::judge(script, scope, found);
    out.extend(guard::across(script, scope));
    out.extend(database::across(script));
    out.extend(given::across(script));
    out.extend(net::across(script));
    out.extend(metadata::across(script));
    out.extend(cluster::across(script));
    out.extend(remote::across(script));
    out
}

/// What a file says that switches a guard of the machine off.
pub(crate) fn guards_off(path: &str, text: &str) -> Option<Broken> {
    guard::switches_off(path, text)
        .then(|| ("guard.security-off", "A guard of this machine is switched off.".to_owned()))
}

/// A rule that a command breaks, and why.
pub(crate) type Broken = (&'static str, String);

/// What a command breaks.
pub(super) fn of(command: &Simple, scope: &Scope, mut push: impl FnMut(Broken)) {
    let told = Told::of(command);
    if told.only_asks() {
        return;
    }
    let mut out = Vec::new();
    git::judge(&told, &mut out);
    database::judge(&told, &mut out);
    remote::judge(&told, &mut out);
    cloud::judge(&told, &mut out);
    cluster::judge(&told, &mut out);
    forge::judge(&told, &mut out);
    packages::judge(&told, &mut out);
    out.extend(request::judge(&told));
    account::judge(&told, &mut out);
    host::judge(&told, scope, &mut out);
    net::judge(&told, &mut out);
    out.extend(metadata::judge(&told));
    secret::judge(&told, scope, &mut out);
    shown::judge(&told, &mut out);
    guard::judge(&told, scope, &mut out);
    out.into_iter().for_each(&mut push);
}

/// A command's words as text, guesses taken.
pub(super) struct Told<'a> {
    pub(super) command: &'a Simple,
    /// Its name, without folders.
    pub(super) name: &'a str,
    /// The words after it.
    pub(super) args: &'a [String],
    line: OnceCell<String>,
    sorted: OnceCell<Sorted<'a>>,
}

/// A command's words, as every family has them whose options take none of these.
struct Sorted<'a> {
    options: Vec<&'a str>,
    verbs: Vec<&'a str>,
}

/// The words of a command that are no options. Sought when they are asked for: most families ask only about programs
/// that they know.
pub(super) struct Verbs<'t, 'a> {
    told: &'t Told<'a>,
    taking: &'static [&'static str],
    found: OnceCell<Cow<'t, [&'a str]>>,
}

impl<'a> Verbs<'_, 'a> {
    pub(super) fn as_slice(&self) -> &[&'a str] {
        self.found.get_or_init(|| {
            let Sorted { options, verbs } = self.told.sorted();
            let is_taken = |option: &&str| self.taking.contains(option);
            if options.iter().any(is_taken) { Cow::Owned(self.sought()) } else { Cow::Borrowed(verbs) }
        })
    }

    fn sought(&self) -> Vec<&'a str> {
        let (mut out, mut at) = (Vec::new(), 0);
        while let Some(arg) = self.told.args.get(at) {
            if is_option(arg) {
                at += usize::from(self.taking.contains(&arg.as_str()));
            } else if !arg.is_empty() {
                out.push(arg.as_str());
            }
            at += 1;
        }
        out
    }
}

impl<'a> Deref for Verbs<'_, 'a> {
    type Target = [&'a str];

    fn deref(&self) -> &Self::Target {
        self.as_slice()
    }
}

fn is_option(arg: &str) -> bool {
    arg.len() > 1 && arg.starts_with('-')
}

impl<'a> Told<'a> {
    fn of(command: &'a Simple) -> Self {
        Self { command, name: &command.name, args: command.arguments(), line: OnceCell::new(), sorted: OnceCell::new() }
    }

    /// Help, a version, a rehearsal.
    fn only_asks(&self) -> bool {
        let asks = |arg: &String| {
            matches!(
                arg.as_str(),
                "--help"
                    | "--dry-run"
                    | "--dryrun"
                    | "--dry-run=client"
                    | "--dry-run=server"
                    | "--dry-run=true"
                    | "--simulate"
                    | "--just-print"
                    | "--no-act"
                    | "--noop"
                    | "--whatif"
                    | "--what-if"
                    | "-WhatIf"
            )
        };
        self.args.iter().any(asks)
            || self.args.first().is_some_and(|arg| arg == "help" || arg == "--version")
            // In the middle it has a value: `helm upgrade x --version 1.2`.
            || self.args.last().is_some_and(|arg| arg == "--version")
            || matches!(self.args, [only] if only == "-h")
    }

    /// One of these words stands there as it is.
    pub(super) fn has(&self, words: &[&str]) -> bool {
        self.args.iter().any(|arg| words.contains(&arg.as_str()))
    }

    /// An option is given: one of these letters, alone or among others after one dash, or one of these long names.
    pub(super) fn flag(&self, letters: &str, names: &[&str]) -> bool {
        self.args.iter().take_while(|arg| *arg != "--").any(|arg| match arg.strip_prefix("--") {
            Some(long) => {
                let long = long.split('=').next().unwrap_or(long);
                names.contains(&long) || self.is_cut(long) && names.iter().any(|name| name.starts_with(long))
            }
            None => arg.strip_prefix('-').is_some_and(|cluster| {
                // Go's programs write long options with one dash.
                let name = cluster.split('=').next().unwrap_or(cluster);
                names.contains(&name)
                    || !cluster.starts_with(char::is_numeric)
                        && cluster.len() <= 8
                        && cluster.chars().any(|c| letters.contains(c))
            }),
        })
    }

    /// git takes a long option by its beginning.
    fn is_cut(&self, long: &str) -> bool {
        const WHOLE: &[&str] = &["force", "merge", "stage", "delete", "mirror", "prune", "hard", "list"];
        const LEAST: usize = 3;
        self.name == "git" && long.len() >= LEAST && !WHOLE.contains(&long)
    }

    /// The value of an option, in its word or after it.
    pub(super) fn value(&self, names: &[&str]) -> Option<&str> {
        self.args.iter().enumerate().find_map(|(at, arg)| {
            let (name, value) = arg.split_once('=').map_or((arg.as_str(), None), |(name, value)| (name, Some(value)));
            names.contains(&name).then(|| value.or_else(|| self.args.get(at + 1).map(String::as_str))).flatten()
        })
    }

    /// What is no option, in order; these options take the word after them.
    pub(super) fn verbs(&self, taking: &'static [&'static str]) -> Verbs<'_, 'a> {
        Verbs { told: self, taking, found: OnceCell::new() }
    }

    fn sorted(&self) -> &Sorted<'a> {
        self.sorted.get_or_init(|| {
            let args = self.args.iter().map(String::as_str).filter(|arg| !arg.is_empty());
            let (options, verbs) = args.partition(|arg| is_option(arg));
            Sorted { options, verbs }
        })
    }

    /// All words in one line, in small letters.
    pub(super) fn line(&self) -> &str {
        self.line.get_or_init(|| self.args.join(" ").to_ascii_lowercase())
    }
}

/// The first words are these.
pub(super) fn begins(verbs: &[&str], words: &[&str]) -> bool {
    verbs.len() >= words.len() && verbs.iter().zip(words).all(|(verb, word)| verb == word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shell;

    fn told(line: &str, check: impl Fn(&Told<'_>)) {
        let script = shell::read(line, &Scope::default());
        check(&Told::of(&script.commands[0]));
    }

    #[test]
    fn options_are_told_from_verbs_in_every_spelling() {
        told("git -C x -c a=b push -uf --force-with-lease=main origin", |told| {
            assert_eq!(told.verbs(&["-C", "-c"]).as_slice(), ["push", "origin"]);
            assert!(told.flag("f", &[]) && told.flag("", &["force-with-lease"]) && !told.flag("d", &["force"]));
        });
        told("terraform -chdir=a apply -auto-approve", |told| assert!(told.flag("", &["auto-approve"])));
        told("aws --profile p s3 rm", |told| assert_eq!(told.value(&["--profile"]), Some("p")));
        told("kill -9 -1", |told| assert!(!told.flag("9", &[])));
    }

    #[test]
    fn asking_is_not_doing() {
        for line in [
            "terraform destroy --help",
            "git push --dry-run -f",
            "helm help uninstall",
            "kubectl delete ns x --dry-run=client",
        ] {
            let script = shell::read(line, &Scope::default());
            of(&script.commands[0], &Scope::default(), |broken| panic!("{line}: {broken:?}"));
        }
    }
}
