//! git: what is lost here, what is overwritten there, and settings that run programs.

use super::{Broken, Told};

const TAKING: &[&str] =
    &["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--exec-path", "--config-env", "--file", "--blob"];
/// Programs that take git's own words.
const LIKE_GIT: &[&str] = &["git", "hub", "yadm", "lab"];
/// Settings whose value is a program, wherever it is not one of git's own.
const RUNS: &[&str] = &[
    "core.hookspath",
    "core.fsmonitor",
    "core.sshcommand",
    "core.editor",
    "core.pager",
    "core.askpass",
    "core.gitproxy",
    "sequence.editor",
    "diff.external",
    "gpg.program",
    "uploadpack.packobjectshook",
    "protocol.ext.allow",
];

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
    let verbs = told.verbs(TAKING);
    // `git-filter-repo` is `git filter-repo`.
    let (verb, rest) = match (told.name.strip_prefix("git-"), verbs.split_first()) {
        (Some(verb), _) => (verb, &verbs[..]),
        (None, Some((verb, rest))) if LIKE_GIT.contains(&told.name) => (*verb, rest),
        _ if told.name == "java" && told.args.iter().any(|arg| arg.ends_with(".jar") && arg.contains("bfg")) => {
            ("filter-repo", &verbs[..])
        }
        _ if told.name == "bfg" && !told.args.is_empty() => ("filter-repo", &verbs[..]),
        _ => return,
    };
    for (name, value) in settings(told, verb, rest) {
        if runs_a_program(&name, &value) {
            out.push(("git.config-exec", format!("From then on git runs what {name} names.")));
        }
    }
    match verb {
        "push" | "send-pack" => push(told, rest, out),
        "reset" if told.flag("", &["hard", "merge"]) => {
            out.push(("git.reset-hard", "Changes that were not committed are gone.".into()));
        }
        "read-tree" if told.flag("", &["reset"]) && told.flag("u", &[]) => {
            out.push(("git.reset-hard", "Changes that were not committed are gone.".into()));
        }
        "clean" if (told.flag("f", &["force"]) || needs_no_force(told)) && !told.flag("n", &[]) => {
            out.push(("git.clean-force", "Files that git does not keep are deleted.".into()));
        }
        "filter-repo" if told.flag("", &["analyze"]) => {}
        "filter-branch" | "filter-repo" => {
            out.push(("git.history-rewrite", "Every commit is made anew; the old ones will be gone.".into()));
        }
        "reflog" if rest.first() == Some(&"expire") || rest.first() == Some(&"delete") => {
            out.push(("git.history-rewrite", "The way back to earlier commits is removed.".into()));
        }
        "gc" if told.value(&["--prune"]).is_some_and(|when| when == "now" || when == "all")
            || settings(told, verb, rest).iter().any(|(name, when)| name == "gc.pruneexpire" && when == "now") =>
        {
            out.push(("git.history-rewrite", "Commits that nothing points to are removed for good.".into()));
        }
        "update-ref" if told.has(&["-d", "--delete"]) || told.has(&["--stdin"]) && feeds_deletions(told) => {
            out.push(("git.history-rewrite", "A name of a commit is removed.".into()));
        }
        "prune"
            if told.value(&["--expire"]).is_none_or(|when| when == "now" || when == "all") && !told.flag("n", &[]) =>
        {
            out.push(("git.history-rewrite", "Commits that nothing points to are removed for good.".into()));
        }
        "commit" if commits_unchecked(told) => {
            out.push(("guard.bypass-checks", "The project's own checks are skipped.".into()));
        }
        _ if discards(told, verb, rest) => {
            out.push(("git.discard", "Work that stands nowhere else is thrown away.".into()));
        }
        _ => {}
    }
    if verb != "push" && told.flag("", &["no-verify"]) {
        out.push(("guard.bypass-checks", "The project's own checks are skipped.".into()));
    }
}

fn needs_no_force(told: &Told<'_>) -> bool {
    settings(told, "clean", &[]).iter().any(|(name, value)| name == "clean.requireforce" && value == "false")
}

/// `-n` means so for commits alone, and `-m` takes the rest of its cluster.
fn commits_unchecked(told: &Told<'_>) -> bool {
    told.args.iter().any(|arg| {
        let cluster = arg.strip_prefix('-').filter(|rest| !rest.starts_with('-')).unwrap_or_default();
        cluster.split(['m', 'F', 'C', 'c', 't']).next().is_some_and(|letters| letters.contains('n'))
    })
}

/// What `update-ref` reads says that names go, or cannot be told.
fn feeds_deletions(told: &Told<'_>) -> bool {
    let fed = told.command.stdin.as_ref();
    fed.is_some_and(|fed| fed.literal().is_none_or(|lines| lines.lines().any(|line| line.starts_with("delete"))))
}

fn push(told: &Told<'_>, rest: &[&str], out: &mut Vec<Broken>) {
    // A rehearsal, alone or among other letters.
    if told.flag("n", &[]) {
        return;
    }
    if told.flag("", &["no-verify"]) {
        out.push(("guard.bypass-checks", "The project's own checks are skipped.".into()));
    }
    let refs = rest.get(1..).unwrap_or_default();
    if told.flag("d", &["delete", "prune"]) || refs.iter().any(|name| name.len() > 1 && name.starts_with(':')) {
        out.push(("git.remote-delete", "A branch or a tag is deleted for everybody.".into()));
    }
    if told.flag("f", &["force", "mirror"]) || refs.iter().any(|name| name.starts_with('+')) {
        out.push(("git.push-force", "What others pushed is overwritten.".into()));
    } else if told.flag("", &["force-with-lease"]) {
        out.push(("git.push-force-lease", "What others pushed is overwritten unless it changed meanwhile.".into()));
    }
}

fn discards(told: &Told<'_>, verb: &str, rest: &[&str]) -> bool {
    let is_force = || told.flag("f", &["force", "discard-changes"]);
    match verb {
        "checkout" => {
            let dashes = told.args.iter().position(|arg| arg == "--");
            // A commit, and files of it: `git checkout HEAD~3 src/a.rs`.
            let takes_files = rest.len() > 1 && !told.flag("bBt", &["orphan", "track"]);
            dashes.is_some_and(|at| at + 1 < told.args.len()) || rest == ["."] || takes_files || is_force()
        }
        "restore" => {
            let only_unstages = told.flag("S", &["staged"]) && !told.flag("W", &["worktree"]);
            !only_unstages && !rest.is_empty()
        }
        "stash" => matches!(rest.first(), Some(&"drop" | &"clear")),
        "branch" => told.flag("D", &[]) || told.flag("d", &["delete"]) && told.flag("f", &["force"]),
        "switch" => is_force(),
        "worktree" => rest.first() == Some(&"remove") && is_force(),
        "submodule" => rest.first() == Some(&"deinit") && is_force(),
        _ => false,
    }
}

/// Settings that the command makes, for good or for itself.
fn settings(told: &Told<'_>, verb: &str, rest: &[&str]) -> Vec<(String, String)> {
    let mut out = Vec::new();
    for (at, arg) in told.args.iter().enumerate() {
        if let Some((name, variable)) = arg.strip_prefix("--config-env=").and_then(|pair| pair.split_once('=')) {
            out.push((name.to_ascii_lowercase(), format!("${variable}")));
        }
        // What a clone, a fetch or a push starts at the other end.
        if arg.starts_with("--upload-pack=") || arg.starts_with("--receive-pack=") {
            out.push((
                "uploadpack".to_owned(),
                arg.split_once('=').map(|(_, value)| value.to_owned()).unwrap_or_default(),
            ));
        }
        if arg.starts_with("ext::") {
            out.push(("protocol.ext.allow".to_owned(), arg.clone()));
        }
        if arg == "-c"
            && let Some((name, value)) = told.args.get(at + 1).and_then(|pair| pair.split_once('='))
        {
            out.push((name.to_ascii_lowercase(), value.to_owned()));
        }
    }
    let only_looks = told.flag("l", &["get", "get-all", "get-regexp", "list", "unset", "unset-all", "show-origin"]);
    if verb == "config" && !only_looks {
        let rest = if rest.first() == Some(&"set") { &rest[1..] } else { rest };
        if let [name, value, ..] = rest {
            out.push((name.to_ascii_lowercase(), (*value).to_owned()));
        }
    }
    out
}

pub(super) fn runs_a_program(name: &str, value: &str) -> bool {
    if matches!(name, "init.templatedir") || name.starts_with("url.ext::") {
        return true;
    }
    if name == "uploadpack"
        || name.starts_with("remote.") && (name.ends_with(".uploadpack") || name.ends_with(".receivepack"))
    {
        return !value.starts_with("git-");
    }
    if name.starts_with("alias.") || name.starts_with("credential.") && name.ends_with("helper") {
        return value.starts_with('!') || value.starts_with('/') && name.starts_with("credential.");
    }
    let is_filter = (name.starts_with("filter.") || name.starts_with("diff.") || name.starts_with("merge."))
        && [".clean", ".smudge", ".process", ".textconv", ".command", ".driver"].iter().any(|end| name.ends_with(end));
    let is_own =
        matches!(value, "true" | "false" | "cat" | "less" | "less -R" | "delta" | "vim" | "nano" | "code --wait" | "")
            || matches!(
                value,
                ".husky"
                    | ".husky/_"
                    | ".githooks"
                    | "git-lfs clean -- %f"
                    | "git-lfs smudge -- %f"
                    | "git-lfs filter-process"
            );
    let is_ssh =
        name == "core.sshcommand" && !value.contains([';', '|', '$', '`', '"', '\'']) && value.starts_with("ssh ");
    (RUNS.contains(&name) || is_filter) && !is_own && !is_ssh
}

/// Settings that a file of git's own is given, which make it run a program.
pub(crate) fn in_file(path: &str, text: &str) -> Option<Broken> {
    let is_settings = [".git/config", ".gitconfig", ".config/git/config", ".git/config.worktree"]
        .iter()
        .any(|end| path.strip_suffix(end).is_some_and(|before| before.is_empty() || before.ends_with('/')))
        || path.starts_with("/etc/gitconfig");
    if !is_settings {
        return None;
    }
    let mut section = String::new();
    for line in text.lines().map(str::trim) {
        if let Some(head) = line.strip_prefix('[') {
            let head = head.split([']', ' ']).next().unwrap_or_default();
            section = head.to_ascii_lowercase();
        } else if let Some((key, value)) = line.split_once('=') {
            let (key, value) = (key.trim().to_ascii_lowercase(), value.trim().trim_matches('"'));
            // A piece of a file may begin within a section.
            let sections: &[&str] =
                if section.is_empty() { &["core", "alias", "diff", "gpg", "credential"] } else { &[] };
            let names = sections.iter().copied().chain((!section.is_empty()).then_some(section.as_str()));
            for name in names.map(|section| format!("{section}.{key}")) {
                if runs_a_program(&name, value) {
                    return Some(("git.config-exec", format!("From then on git runs what {name} names.")));
                }
            }
        }
    }
    None
}
