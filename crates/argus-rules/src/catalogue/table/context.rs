//! What the context of a thread costs.

use argus_model::Severity::Medium;

use crate::catalogue::Act::Notify;
use crate::catalogue::Rule;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "context.nearly-full",
        severity: Medium,
        act: Notify,
        attack: &[],
        title: "Has a context that is nearly full",
        why: "A full context is summarised, and what the summary leaves out is gone; until then each request pays for all of it.",
        advice: "Finish the task at hand, then `/clear`, or `/compact` with a word on what must stay.",
        version: 1,
    },
    Rule {
        id: "context.cache-misses",
        severity: Medium,
        act: Notify,
        attack: &[],
        title: "Pays for its context again and again",
        why: "A pause longer than the cache lives, another model or a changed beginning makes the whole context be written anew, at many times the price of reading it.",
        advice: "The Context view of the session shows each miss and why. Begin anew after long pauses, and change models between tasks.",
        version: 1,
    },
    Rule {
        id: "context.dear-result",
        severity: Medium,
        act: Notify,
        attack: &[],
        title: "Carries a dear result along",
        why: "What a tool returned stays in the context, and every later request pays for it once more.",
        advice: "Let a subagent read long outputs, or ask for less of them; `/clear` takes it out of the context.",
        version: 1,
    },
];
