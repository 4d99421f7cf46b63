//! The rules, one entry each, in the order of their families.

mod context;
mod elsewhere;
mod exec;
mod git;
mod guard;
mod host;
mod secret;
mod sequence;

use std::sync::LazyLock;

use argus_model::Severity::{Critical, High, Info, Low, Medium};

use super::Act::{Ask, Deny, Log, Notify};
use super::Rule;

/// Rises with any rule's version.
pub const CATALOGUE_VERSION: u32 = 6;

/// All of them.
pub(super) static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let families = [FIRST, context::RULES, exec::RULES, host::RULES, git::RULES, elsewhere::RULES, secret::RULES];
    [families.concat().as_slice(), guard::RULES, sequence::RULES].concat()
});

const FIRST: &[Rule] = &[
    Rule {
        id: "priv.sudo",
        severity: Critical,
        act: Ask,
        attack: &["T1548.003"],
        title: "Runs a command through sudo",
        why: "An agent with root can change anything on this machine, and its mistakes are no longer yours to undo.",
        advice: "Install tools for the user or in a container, or run the one command yourself in a terminal of your own.",
        version: 2,
    },
    Rule {
        id: "fs.rm-rf",
        severity: Critical,
        act: Deny,
        attack: &["T1485"],
        title: "Deletes folders that are not proven to be safe to delete",
        why: "The target is the system, a home folder, the project itself, outside of the project, or cannot be told before it runs.",
        advice: "Name each folder in full, inside of the project. Look first: `ls -la build`. What git keeps can be brought back.",
        version: 2,
    },
    Rule {
        id: "fs.rm-rf-project",
        severity: Medium,
        act: Ask,
        attack: &["T1485"],
        title: "Deletes a folder of the project that no build makes again",
        why: "The target lies in the project but holds source, documents or data; what git does not keep is gone.",
        advice: "Commit first (`git add -A && git commit -m wip`), or let git remove what it keeps: `git rm -r src/legacy`.",
        version: 2,
    },
    Rule {
        id: "fs.rm-rf-scratch",
        severity: Low,
        act: Log,
        attack: &["T1485"],
        title: "Deletes what a build makes again, or temporary files",
        why: "Every target is proven to be build output in the project or a temporary folder.",
        advice: "Nothing to do.",
        version: 2,
    },
    Rule {
        id: "fs.chmod-world",
        severity: Critical,
        act: Ask,
        attack: &["T1222.002"],
        title: "Lets everybody on the machine write",
        why: "Any other user or service can then change the file or plant code in the folder.",
        advice: "Give the right to the owner or a group: `chmod u+rwX,g+rwX uploads`.",
        version: 2,
    },
    Rule {
        id: "fs.write-outside",
        severity: Medium,
        act: Ask,
        attack: &["T1565.001"],
        title: "Writes outside of the project",
        why: "The task is in the project; what lies beside it belongs to other work, to other tools or to you.",
        advice: "Write into the project, or add the folder to the session if it belongs to the task.",
        version: 2,
    },
    Rule {
        id: "fs.write-system",
        severity: High,
        act: Ask,
        attack: &["T1565.001"],
        title: "Writes into a folder of the system",
        why: "Settings and programs there are shared by everybody and survive the task.",
        advice: "Keep the file in the project, or install it yourself in a terminal of your own.",
        version: 2,
    },
    Rule {
        id: "fs.write-tmp",
        severity: Info,
        act: Log,
        attack: &[],
        title: "Writes into a temporary folder",
        why: "It lies outside of the project, but is made to be thrown away.",
        advice: "Nothing to do.",
        version: 2,
    },
    Rule {
        id: "exec.pipe-to-shell",
        severity: Critical,
        act: Deny,
        attack: &["T1059.004", "T1105"],
        title: "Runs what a server sends, unseen",
        why: "Whoever controls the server or the way to it decides what runs here, and can send an agent something else than a browser.",
        advice: "Load it into a file and read it first: `curl -fsSL https://example.com/install.sh -o install.sh`.",
        version: 2,
    },
    Rule {
        id: "agent.orphan-subagent",
        severity: Info,
        act: Log,
        attack: &[],
        title: "A subagent whose parent is unknown",
        why: "Capture has a gap, or an agent was started from outside of the session.",
        advice: "Look at the capture page, and at what the agent did.",
        version: 1,
    },
    Rule {
        id: "budget.event",
        severity: Medium,
        act: Notify,
        attack: &[],
        title: "One model request over the budget",
        why: "A single request cost more than the threshold: a very long context, a cache that was missed, or a dear model.",
        advice: "Compact the session, or start a new one for the next task.",
        version: 1,
    },
    Rule {
        id: "budget.session",
        severity: Medium,
        act: Notify,
        attack: &[],
        title: "A session over the budget",
        why: "The session as a whole cost more than the threshold.",
        advice: "Look at its most costly turns; raise the threshold in the settings if this is what such work costs.",
        version: 1,
    },
    Rule {
        id: "budget.step",
        severity: Medium,
        act: Notify,
        attack: &[],
        title: "A budget is used up to one of its steps",
        why: "What was spent on the budget's account in its period reached a percentage at which you wanted to be told.",
        advice: "Look at the cost page at who spends; finish what runs, or raise the budget if this is what the work costs.",
        version: 1,
    },
    Rule {
        id: "budget.stop",
        severity: High,
        act: Deny,
        attack: &[],
        title: "Stopped, for a budget is used up",
        why: "The budget says `stop = true`, and what it allows is spent: each further call would spend more.",
        advice: "Stop here and say so. Only a person can raise or release the budget, on Argus's guard page or in a terminal of their own.",
        version: 1,
    },
    Rule {
        id: "budget.forecast",
        severity: Medium,
        act: Notify,
        attack: &[],
        title: "A budget will probably be exceeded",
        why: "What was spent, and what the rest of the period cost on such days before, come to more than the budget.",
        advice: "Put off what can wait, use a cheaper model for it, or raise the budget.",
        version: 1,
    },
    Rule {
        id: "budget.burn-rate",
        severity: High,
        act: Notify,
        attack: &[],
        title: "Money is spent far faster than usual",
        why: "The last hour cost many times what a busy hour usually costs, and it goes on: a loop, many agents at once, or a cache that is missed again and again.",
        advice: "Look at what the dearest session does now, and stop it if nobody needs it.",
        version: 1,
    },
    Rule {
        id: "agent.stuck",
        severity: Medium,
        act: Notify,
        attack: &[],
        title: "Fails at the same thing again and again",
        why: "An agent that repeats a failing call unchanged spends money and gets nowhere.",
        advice: "Look at what it fails at, and tell it; often one line about the real cause is enough.",
        version: 1,
    },
    Rule {
        id: "agent.rereads",
        severity: Low,
        act: Log,
        attack: &[],
        title: "Reads the same file over and over",
        why: "Each reading goes into the context anew and is paid for in every request after it.",
        advice: "The Context view of the session shows what it cost; a smaller file or a note in CLAUDE.md may help.",
        version: 1,
    },
    Rule {
        id: "agent.recursion",
        severity: High,
        act: Notify,
        attack: &[],
        title: "Subagents start subagents, too deep",
        why: "Agents that start agents can go on without end; each brings a context of its own that is paid for.",
        advice: "Look at the tree of the session; take the Agent tool away from subagents that need none.",
        version: 1,
    },
    Rule {
        id: "agent.fan-out",
        severity: Medium,
        act: Notify,
        attack: &[],
        title: "One agent starts very many subagents",
        why: "Each subagent reads its own context, so that many of them cost far more than the work they share.",
        advice: "Look at what they were started for; raise the limit in the settings if this is how the work is done.",
        version: 1,
    },
];
