//! What only several calls together are, and what could not be read.

use argus_model::Severity::{Critical, High, Info};

use crate::catalogue::Act::{Ask, Deny, Log};
use crate::catalogue::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "seq.secret-then-network",
        severity: Critical,
        act: Deny,
        attack: &["T1552", "T1041"],
        title: "Reads a secret, then sends something away",
        why: "Each half may be harmless; together they are how a credential leaves a machine.",
        advice: "Look at what was sent. If the secret may have been in it, make a new one where it came from.",
        version: 2,
    },
    Rule {
        id: "seq.download-then-exec",
        severity: High,
        act: Ask,
        attack: &["T1105", "T1204.002"],
        title: "Downloads a file in one call and runs it in another",
        why: "Somebody else's code runs here, and the two calls alone do not show it.",
        advice: "Read the file first, or hold it against a checksum that was published elsewhere.",
        version: 2,
    },
    Rule {
        id: "seq.write-then-hook",
        severity: High,
        act: Ask,
        attack: &["T1546"],
        title: "Sets a trap in one call and springs it in another",
        why: "A hook, a start-up file or a setting that was changed makes a plain command do more than it says.",
        advice: "Read what was written before anything runs it.",
        version: 2,
    },
    Rule {
        id: "seq.write-then-exec",
        severity: High,
        act: Ask,
        attack: &["T1059", "T1204.002"],
        title: "Writes a dangerous script in one call and runs it in another",
        why: "The call that runs it says nothing of what it does; what stands in the script would have been raised by itself.",
        advice: "Read the script, the line that is shown above all, before it runs.",
        version: 1,
    },
    Rule {
        id: "seq.untrusted-then-shell",
        severity: High,
        act: Ask,
        attack: &["T1059", "T1204"],
        title: "Reads text from elsewhere, then does something dangerous",
        why: "A web page, a search result or somebody's message may hold instructions for an agent; what it does within minutes may be theirs.",
        advice: "Look at what was read, and ask whether it was you who wanted this.",
        version: 1,
    },
    Rule {
        id: "parse.incomplete",
        severity: Info,
        act: Log,
        attack: &[],
        title: "Could not be read to its end",
        why: "What cannot be read cannot be judged; the shell may still run it.",
        advice: "Look at the command itself; it may have been cut off.",
        version: 2,
    },
];
