//! git: what is lost here or overwritten there.

use argus_model::Severity::{High, Low, Medium};

use crate::catalogue::Act::{Ask, Log};
use crate::catalogue::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "git.push-force",
        severity: High,
        act: Ask,
        attack: &["T1565.001"],
        title: "Overwrites what others pushed",
        why: "A forced push replaces the history on the server; what others committed meanwhile is gone from it.",
        advice: "Push without force, or with a lease that fails if somebody was there before you.",
        version: 2,
    },
    Rule {
        id: "git.push-force-lease",
        severity: Low,
        act: Log,
        attack: &[],
        title: "Overwrites a branch, unless it changed meanwhile",
        why: "The lease protects work of others, not the commits that are replaced.",
        advice: "Nothing to do on a branch of your own.",
        version: 2,
    },
    Rule {
        id: "git.remote-delete",
        severity: High,
        act: Ask,
        attack: &["T1485"],
        title: "Deletes a branch or a tag on the server",
        why: "Others lose it too, and what only it pointed to is collected some day.",
        advice: "Delete it yourself in the forge, where it can be brought back.",
        version: 2,
    },
    Rule {
        id: "git.reset-hard",
        severity: High,
        act: Ask,
        attack: &["T1485"],
        title: "Throws uncommitted changes away",
        why: "Changes that were never committed cannot be brought back.",
        advice: "Put them aside first: `git stash push -u`.",
        version: 2,
    },
    Rule {
        id: "git.clean-force",
        severity: High,
        act: Ask,
        attack: &["T1485"],
        title: "Deletes files that git does not keep",
        why: "New files, notes and local settings stand in no commit.",
        advice: "Look first: `git clean -nd`.",
        version: 2,
    },
    Rule {
        id: "git.discard",
        severity: Medium,
        act: Ask,
        attack: &["T1485"],
        title: "Discards local work",
        why: "A changed file, a stash or an unmerged branch is thrown away.",
        advice: "Commit it on a branch of its own before it goes.",
        version: 2,
    },
    Rule {
        id: "git.history-rewrite",
        severity: High,
        act: Ask,
        attack: &["T1070", "T1485"],
        title: "Rewrites history, or removes the way back",
        why: "Old commits are replaced or collected; nobody can compare afterwards.",
        advice: "Work on a fresh clone, and let a person replace the shared one.",
        version: 2,
    },
    Rule {
        id: "git.config-exec",
        severity: High,
        act: Ask,
        attack: &["T1546"],
        title: "Makes git run a program",
        why: "From then on ordinary git commands run it, in this project or in every one.",
        advice: "Read what it runs, and set it yourself if it is wanted.",
        version: 2,
    },
];
