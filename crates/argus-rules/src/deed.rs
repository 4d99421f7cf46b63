//! Deeds: what a call does that matters to another call of its session.
//!
//! A sequence is two deeds of one rule and one subject, a cause and, later, a consequence: a file is downloaded, then run.
//! Each call is judged by itself and names its halves; whoever keeps them puts them together, in whatever order they
//! become known. A consequence whose cause never comes says nothing.

use argus_model::Severity;

use crate::effect::{Effect, Kind};
use crate::{Finding, RuleId, catalogue, rules};

/// Which half of a sequence a deed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Half {
    /// What comes first.
    Cause,
    /// What is dangerous after it.
    Consequence,
}

/// Half of a sequence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deed {
    /// The rule of the sequence.
    pub rule: RuleId,
    /// Which half.
    pub half: Half,
    /// What both halves have in common: the file, the kind of hook; empty where one of each is enough.
    pub subject: String,
    /// The command or the path.
    pub text: String,
}

impl Deed {
    /// What is found when this consequence follows a cause.
    pub fn finding(&self) -> Option<Finding> {
        let rule = catalogue::rule(self.rule.as_str())?;
        Some(Finding {
            rule: self.rule,
            severity: rule.severity,
            reason: reason(rule.id).to_owned(),
            evidence: None,
            paths: Vec::new(),
        })
    }
}

fn reason(rule: &str) -> &'static str {
    match rule {
        SECRET => "A secret was read earlier in the session, and now something leaves the machine.",
        DOWNLOAD => "What an earlier call downloaded is run.",
        _ => "What an earlier call changed makes this run more than it says.",
    }
}

pub(crate) const SECRET: &str = "seq.secret-then-network";
pub(crate) const DOWNLOAD: &str = "seq.download-then-exec";
pub(crate) const HOOK: &str = "seq.write-then-hook";

/// What puts a secret into the session's hands.
const READS_A_SECRET: &[&str] = &["secret.read", "secret.read-dotenv", "secret.env-dump", "secret.token-print"];
/// What takes something off the machine, whatever it is.
const SENDS: &[&str] = &["secret.exfil", "net.upload", "exec.reverse-shell", "publish.registry"];
/// The longest text of a deed.
const MAX_TEXT_BYTES: usize = 160;

/// The halves that a call's effects and findings are.
pub(crate) fn of(effects: &[Effect], findings: &[Finding]) -> Vec<Deed> {
    let mut out: Vec<Deed> = Vec::new();
    let mut add = |rule: &'static str, half: Half, subject: &str, text: &str| {
        let deed =
            Deed { rule: RuleId(rule), half, subject: subject.to_owned(), text: rules::cut(text, MAX_TEXT_BYTES) };
        if !out.iter().any(|known| (known.rule, known.half, &known.subject) == (deed.rule, half, &deed.subject)) {
            out.push(deed);
        }
    };
    for effect in effects {
        if let Kind::Deed(rule, half, subject) = &effect.kind {
            add(rule, *half, subject, &effect.text);
        }
    }
    for finding in findings {
        let text = finding.evidence.as_ref().map(|evidence| evidence.text.as_str()).unwrap_or_default();
        let id = finding.rule.as_str();
        if READS_A_SECRET.contains(&id) {
            add(SECRET, Half::Cause, "", text);
        }
        if SENDS.contains(&id) {
            add(SECRET, Half::Consequence, "", text);
        }
        match id {
            "persist.git-hook" => add(HOOK, Half::Cause, hook_subject(text), text),
            "git.config-exec" => add(HOOK, Half::Cause, "git", text),
            "persist.shell-rc" => add(HOOK, Half::Cause, "shell", text),
            "guard.agent-config" => add(HOOK, Half::Cause, "agent", text),
            // Limits that were widened a moment ago are used.
            _ if finding.severity == Severity::Critical && !id.starts_with("guard.") => {
                add(HOOK, Half::Consequence, "agent", text);
            }
            _ => {}
        }
    }
    out
}

/// The commands of git that run a hook, as a subject; see [`git_subjects`].
fn hook_subject(path: &str) -> &'static str {
    let name = path.split("hooks/").last().unwrap_or_default();
    let is = |names: &[&str]| names.iter().any(|known| name.starts_with(known));
    if is(&["pre-commit", "prepare-commit-msg", "commit-msg", "post-commit"]) {
        "git commit"
    } else if is(&["pre-push"]) {
        "git push"
    } else if is(&["post-checkout"]) {
        "git checkout"
    } else if is(&["post-merge", "pre-merge"]) {
        "git merge"
    } else if is(&["pre-rebase", "post-rewrite"]) {
        "git rebase"
    } else {
        "git"
    }
}

/// The subjects of the hooks that a command of git runs.
pub(crate) fn git_subjects(verb: &str) -> &'static [&'static str] {
    match verb {
        "commit" | "cherry-pick" | "revert" | "am" => &["git", "git commit"],
        "push" => &["git", "git push"],
        "checkout" | "switch" | "worktree" => &["git", "git checkout"],
        "merge" | "pull" => &["git", "git merge"],
        "rebase" => &["git", "git rebase", "git checkout", "git commit"],
        "fetch" | "stash" | "reset" | "gc" => &["git"],
        _ => &[],
    }
}
