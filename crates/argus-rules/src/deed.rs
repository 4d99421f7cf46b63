//! Deeds: what a call does that matters to another call of its session.
//!
//! A sequence is two deeds of one rule and one subject, a cause and, later, a consequence: a file is downloaded, then run.
//! Each call is judged by itself and names its halves; whoever keeps them puts them together, in whatever order they
//! become known. A consequence whose cause never comes says nothing.

use argus_model::Severity;

use crate::effect::{Effect, Kind};
use crate::{Finding, Profile, RuleId, Scope, catalogue, rules};

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
    /// Another subject that must have had a cause before, for this one to be one: what was downloaded is moved.
    pub after: Option<String>,
    /// The command or the path.
    pub text: String,
    /// How bad this half is by itself, where that says more than the rule: a sequence is as bad as its milder half.
    pub severity: Option<Severity>,
}

impl Deed {
    /// What a command springs that waits for one like it.
    pub(crate) fn springs(subject: &str, text: &str) -> Self {
        let (subject, text) = (subject.to_owned(), rules::cut(text, MAX_TEXT_BYTES));
        Self { rule: RuleId(HOOK), half: Half::Consequence, subject, after: None, text, severity: None }
    }

    /// How long after its cause a consequence still counts, in microseconds; `None` for as long as the session goes on.
    pub fn window_us(&self) -> Option<i64> {
        (self.rule.as_str() == UNTRUSTED).then_some(UNTRUSTED_WINDOW_US)
    }

    /// What is found when this consequence follows a cause.
    pub fn finding(&self) -> Option<Finding> {
        let rule = catalogue::rule(self.rule.as_str())?;
        Some(Finding {
            rule: self.rule,
            severity: self.severity.map_or(rule.severity, |own| own.min(rule.severity)),
            reason: reason(rule.id).to_owned(),
            evidence: None,
            paths: Vec::new(),
        })
    }
}

fn reason(rule: &str) -> &'static str {
    match rule {
        SECRET => "A secret was read earlier in the session, and now something leaves the machine.",
        WRITTEN => "A script that an earlier call wrote does something dangerous, and is run now.",
        UNTRUSTED => "Text from elsewhere was read a moment ago, and now the agent does this.",
        DOWNLOAD => "What an earlier call downloaded is run.",
        _ => "What an earlier call changed makes this run more than it says.",
    }
}

pub(crate) const SECRET: &str = "seq.secret-then-network";
pub(crate) const DOWNLOAD: &str = "seq.download-then-exec";
pub(crate) const HOOK: &str = "seq.write-then-hook";
pub(crate) const WRITTEN: &str = "seq.write-then-exec";
pub(crate) const UNTRUSTED: &str = "seq.untrusted-then-shell";

/// What was read is on the agent's mind for so long: about a turn.
const UNTRUSTED_WINDOW_US: i64 = 10 * 60 * 1_000_000;

/// What puts a secret into the session's hands.
const READS_A_SECRET: &[&str] = &["secret.read", "secret.read-dotenv", "secret.env-dump", "secret.token-print"];
/// What takes something off the machine, whatever it is.
const SENDS: &[&str] = &["secret.exfil", "net.upload", "exec.reverse-shell", "publish.registry"];
/// What somebody who writes to the agent would want of it: families that run, take, send, stay, or switch off.
const WANTED: &[&str] = &["exec", "priv", "secret", "net", "persist", "guard", "supply"];
/// The longest text of a deed.
const MAX_TEXT_BYTES: usize = 160;

/// The halves that a call's effects and findings are.
pub(crate) fn of(effects: &[Effect], findings: &[Finding], scope: &Scope, profile: Profile) -> Vec<Deed> {
    let (mut out, mut carried): (Vec<Deed>, Vec<Deed>) = (Vec::new(), Vec::new());
    let mut push = |deed: Deed| {
        let same =
            |known: &&mut Deed| (known.rule, known.half, &known.subject) == (deed.rule, deed.half, &deed.subject);
        match out.iter_mut().find(same) {
            Some(known) if known.severity < deed.severity => *known = deed,
            Some(_) => {}
            None => out.push(deed),
        }
    };
    let mut add_as = |severity: Option<Severity>, rule: &'static str, half: Half, subject: &str, text: &str| {
        let (subject, text) = (subject.to_owned(), rules::cut(text, MAX_TEXT_BYTES));
        push(Deed { rule: RuleId(rule), half, subject, after: None, text, severity });
    };
    for effect in effects {
        if let Kind::Carries(rule, from, to) = &effect.kind {
            let (subject, text) = (to.clone(), rules::cut(&effect.text, MAX_TEXT_BYTES));
            let after = Some(from.clone());
            carried.push(Deed { rule: RuleId(rule), half: Half::Cause, subject, after, text, severity: None });
        }
        match &effect.kind {
            Kind::Deed(rule, half, subject) => add_as(None, rule, *half, subject, &effect.text),
            Kind::Leaves(path, text) => {
                if let Some((severity, found)) = lies_in_wait(path, text, scope, profile) {
                    add_as(Some(severity), WRITTEN, Half::Cause, path, &found);
                }
            }
            _ => {}
        }
    }
    for finding in findings.iter().filter(|finding| is_wanted(finding)) {
        let text = finding.evidence.as_ref().map(|evidence| evidence.text.as_str()).unwrap_or_default();
        add_as(Some(finding.severity), UNTRUSTED, Half::Consequence, "", text);
    }
    let mut add = |rule, half, subject: &str, text: &str| add_as(None, rule, half, subject, text);
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
            "git.config-exec" => {
                add(HOOK, Half::Cause, "git", text);
                // These run whenever git looks at files.
                if ["fsmonitor", "diff.", "filter.", "pager"].iter().any(|name| finding.reason.contains(name)) {
                    add(HOOK, Half::Cause, LOOKS, text);
                }
            }
            "persist.shell-rc" if text.contains(".zshenv") => add(HOOK, Half::Cause, "zsh", text),
            "persist.shell-rc" => add(HOOK, Half::Cause, "shell", text),
            "guard.agent-config" => add(HOOK, Half::Cause, "agent", text),
            // Limits that were widened a moment ago are used.
            _ if finding.severity >= Severity::High && !id.starts_with("guard.") => {
                add(HOOK, Half::Consequence, "agent", text);
            }
            _ => {}
        }
    }
    // One subject has one cause in a call, and one that stands by itself is the better.
    carried.retain(|deed| !out.iter().any(|known| known.half == Half::Cause && known.subject == deed.subject));
    out.extend(carried);
    out
}

/// What a person who fetched a text would not want to follow from it: of the families that an intruder cares for, or a
/// loss without bounds.
fn is_wanted(finding: &Finding) -> bool {
    let (family, _) = finding.rule.as_str().split_once('.').unwrap_or_default();
    finding.severity >= Severity::Medium && WANTED.contains(&family) || finding.severity == Severity::Critical
}

/// Findings about code that say little about a whole program: it may well decode something and run something.
const ONLY_INLINE: &[&str] = &["exec.inline-danger", "exec.decode-run", "secret.hardcoded"];

/// The worst that a file would do, were it run: how bad, and where.
fn lies_in_wait(path: &str, text: &str, scope: &Scope, profile: Profile) -> Option<(Severity, String)> {
    let is_shell = crate::effect::language_of(path, text)?.is_shell;
    let effects = crate::effect::of_file(path, text, scope);
    let (least, unsure): (_, &[&str]) = if is_shell { (Severity::Medium, &[]) } else { (Severity::High, ONLY_INLINE) };
    let findings = rules::judge(&effects, scope, profile);
    let counts = |found: &&Finding| found.severity >= least && !unsure.contains(&found.rule.as_str());
    let worst = findings.iter().filter(counts).max_by_key(|found| found.severity)?;
    let shown = worst.evidence.as_ref().map(|evidence| evidence.text.clone()).unwrap_or_default();
    Some((worst.severity, format!("{path}: {shown}")))
}

/// The subject of what runs when git only looks.
const LOOKS: &str = "git status";

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
        "status" | "diff" | "add" | "log" | "show" => &[LOOKS],
        _ => &[],
    }
}
