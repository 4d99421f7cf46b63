//! Running what nobody has read.

use argus_model::Severity::{Critical, High, Medium};

use crate::catalogue::Act::{Ask, Deny};
use crate::catalogue::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "exec.reverse-shell",
        severity: Critical,
        act: Deny,
        attack: &["T1059.004", "T1071"],
        title: "Gives somebody else a shell",
        why: "Whoever is at the other end can do all that you can.",
        advice: "There is no task that needs this. Find out where it came from.",
        version: 2,
    },
    Rule {
        id: "exec.fork-bomb",
        severity: Critical,
        act: Deny,
        attack: &["T1499.001"],
        title: "Starts itself until nothing else can run",
        why: "The machine stops answering within seconds.",
        advice: "There is no task that needs this.",
        version: 2,
    },
    Rule {
        id: "exec.decode-run",
        severity: Critical,
        act: Deny,
        attack: &["T1027", "T1140"],
        title: "Decodes text and runs it",
        why: "What runs has been hidden from everybody who could have read it.",
        advice: "Decode it into a file of the project, and read that first.",
        version: 2,
    },
    Rule {
        id: "exec.download-run",
        severity: High,
        act: Ask,
        attack: &["T1105", "T1204.002"],
        title: "Downloads a file and runs it at once",
        why: "Nobody has read it, and the next download may be another one.",
        advice: "Download it, read it, and run it in a second step that a person sees.",
        version: 2,
    },
    Rule {
        id: "exec.obfuscated",
        severity: High,
        act: Ask,
        attack: &["T1027.010"],
        title: "Hides the name of the command",
        why: "An honest command says what it is.",
        advice: "Write the command as it is.",
        version: 2,
    },
    Rule {
        id: "exec.eval-dynamic",
        severity: Medium,
        act: Ask,
        attack: &["T1059.004"],
        title: "Runs a text that nobody can tell before",
        why: "What a variable or a file holds then is what runs.",
        advice: "Write the command out.",
        version: 2,
    },
    Rule {
        id: "exec.inline-danger",
        severity: High,
        act: Ask,
        attack: &["T1059"],
        title: "Code that runs whatever it is given",
        why: "The code alone does not say what will happen.",
        advice: "Write what is to run into a file of the project.",
        version: 2,
    },
];
