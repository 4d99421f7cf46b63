//! What watches the agent, and what limits it.

use argus_model::Severity::{Critical, High, Low};

use crate::catalogue::Act::{Ask, Deny, Log};
use crate::catalogue::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "guard.agent-config",
        severity: Critical,
        act: Deny,
        attack: &["T1562.001"],
        title: "Changes the agent's own limits",
        why: "Permissions and hooks are what keeps an agent in bounds; it must not set them itself.",
        advice: "Say what is needed, and let the person change the settings.",
        version: 1,
    },
    Rule {
        id: "guard.argus-tamper",
        severity: Critical,
        act: Deny,
        attack: &["T1562.001"],
        title: "Stops or changes Argus",
        why: "Who acts unseen can do anything.",
        advice: "Let the person do it in a terminal of their own.",
        version: 1,
    },
    Rule {
        id: "guard.denied-but-ran",
        severity: Critical,
        act: Log,
        attack: &["T1562.001"],
        title: "Ran although the guard had denied it",
        why: "The denial did not hold: something between the guard and the tool let the call through.",
        advice: "Look at what else stands in the settings: other hooks, other settings files, the client's version.",
        version: 1,
    },
    Rule {
        id: "guard.no-decision",
        severity: High,
        act: Log,
        attack: &["T1562.001"],
        title: "Ran without the guard being asked",
        why: "Whoever takes the guard out of the way, or lets it run out of time, acts unjudged.",
        advice: "`argus doctor` tells whether the guard is still in its place. Look at what changed the settings.",
        version: 1,
    },
    Rule {
        id: "guard.bypass-permissions",
        severity: High,
        act: Ask,
        attack: &["T1562"],
        title: "Starts an agent that asks nobody",
        why: "It may do what this one may not.",
        advice: "Start it with the permissions that the task needs.",
        version: 1,
    },
    Rule {
        id: "guard.log-tamper",
        severity: High,
        act: Ask,
        attack: &["T1070.002", "T1070.003"],
        title: "Makes what was done invisible",
        why: "After an incident these are what is left to read.",
        advice: "Leave history and logs as they are.",
        version: 1,
    },
    Rule {
        id: "guard.security-off",
        severity: Critical,
        act: Deny,
        attack: &["T1562.001", "T1562.004"],
        title: "Switches a guard of this machine off",
        why: "Firewall, audit and access control protect everything else too.",
        advice: "Open the one door that is needed, and let a person do it.",
        version: 1,
    },
    Rule {
        id: "guard.bypass-checks",
        severity: Low,
        act: Log,
        attack: &[],
        title: "Skips the project's own checks",
        why: "What the hooks would have found goes through.",
        advice: "Mend what the check found.",
        version: 1,
    },
];
