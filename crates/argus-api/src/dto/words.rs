//! The closed sets of words, each spelled as the model spells it.

use argus_model::agent::{AgentEnd, AgentKind};
use argus_model::budget::{BudgetPeriod, BudgetScope};
use argus_model::record::{EventPart, Sources};
use argus_model::{AlertState, CostBasis, EventKind, Outcome, SessionStatus, Severity};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident of $model:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* $variant),+
        }

        impl From<$model> for $name {
            fn from(word: $model) -> Self {
                match word {
                    $($model::$variant => Self::$variant),+
                }
            }
        }

        impl From<$name> for $model {
            fn from(word: $name) -> Self {
                match word {
                    $($name::$variant => Self::$variant),+
                }
            }
        }
    };
}

words!(
    /// The state a session is in.
    StatusWord of SessionStatus {
        /// A turn runs, or background work does.
        Running,
        /// It waits for the person.
        Waiting,
        /// Its turn is over.
        Idle,
        /// It is over.
        Ended,
        /// Its process is gone without an end.
        Lost,
    }
);

words!(
    /// How bad it is that a rule matched.
    SeverityWord of Severity {
        /// Kept quietly.
        Info,
        /// Kept quietly.
        Low,
        /// Somebody should look.
        Medium,
        /// Damage is likely.
        High,
        /// Damage is at hand.
        Critical,
    }
);

words!(
    /// Where an alert stands.
    AlertStateWord of AlertState {
        /// Nobody has said anything yet.
        Open,
        /// It was seen.
        Acknowledged,
        /// It was dealt with.
        Resolved,
        /// Not now.
        Muted,
        /// A later fact took its ground away.
        Superseded,
    }
);

words!(
    /// Whose money a budget is about.
    BudgetScopeWord of BudgetScope {
        /// Everybody's.
        All,
        /// A project's.
        Project,
        /// A branch's.
        Branch,
        /// A model's.
        Model,
        /// A session's.
        Session,
        /// A subagent's, with all that it started.
        Agent,
    }
);

words!(
    /// In which time it may be spent.
    BudgetPeriodWord of BudgetPeriod {
        /// A session's life.
        Session,
        /// A day of the machine's time zone.
        Day,
        /// A week that begins on Monday.
        Week,
        /// A month.
        Month,
    }
);

words!(
    /// How a cost is known.
    Basis of CostBasis {
        /// Claude Code reported it.
        Reported,
        /// From exact usage and the price table.
        Priced,
        /// A lower bound.
        Incomplete,
        /// No price is known.
        Unpriced,
    }
);

words!(
    /// What kind of agent it is.
    AgentKindWord of AgentKind {
        /// The session's own.
        Main,
        /// Spawned by the Agent tool.
        Subagent,
        /// A copy of its parent's context.
        Fork,
        /// A member of a team.
        Teammate,
        /// Spawned by a workflow.
        Workflow,
    }
);

words!(
    /// How an agent ended.
    AgentEndWord of AgentEnd {
        /// It gave its report.
        Completed,
        /// It was stopped.
        Killed,
        /// It failed.
        Failed,
    }
);

/// What kind of thing happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum EventKindWord {
    /// A prompt.
    Prompt,
    /// One call to the model.
    ModelRequest,
    /// One tool use.
    ToolCall,
    /// The context was summarised.
    Compaction,
    /// The API failed or refused.
    Error,
    /// A retry after that.
    Retry,
    /// The person was notified.
    Notification,
    /// The person was asked.
    PermissionRequest,
    /// A session began, was resumed, cleared or forked.
    SessionStart,
    /// A session ended.
    SessionEnd,
    /// A turn stopped.
    Stop,
    /// Background work told something.
    TaskNotification,
    /// Any other hook event.
    Hook,
    /// What a tool use gave back: the second half of a `tool_call`.
    ToolResult,
    /// A tool use began an agent: a half of that `tool_call`.
    SubagentSpawn,
}

impl EventKindWord {
    /// As it is spelled in JSON.
    pub fn as_str(self) -> &'static str {
        match self.into() {
            EventPart::Kind(kind) => kind.as_str(),
            EventPart::Result => "tool_result",
            EventPart::Spawn => "subagent_spawn",
        }
    }
}

impl From<EventKind> for EventKindWord {
    fn from(kind: EventKind) -> Self {
        match kind {
            EventKind::Prompt => Self::Prompt,
            EventKind::ModelRequest => Self::ModelRequest,
            EventKind::ToolCall => Self::ToolCall,
            EventKind::Compaction => Self::Compaction,
            EventKind::Error => Self::Error,
            EventKind::Retry => Self::Retry,
            EventKind::Notification => Self::Notification,
            EventKind::PermissionRequest => Self::PermissionRequest,
            EventKind::SessionStart => Self::SessionStart,
            EventKind::SessionEnd => Self::SessionEnd,
            EventKind::Stop => Self::Stop,
            EventKind::TaskNotification => Self::TaskNotification,
            EventKind::Hook => Self::Hook,
        }
    }
}

impl From<EventKindWord> for EventPart {
    fn from(word: EventKindWord) -> Self {
        Self::Kind(match word {
            EventKindWord::ToolResult => return Self::Result,
            EventKindWord::SubagentSpawn => return Self::Spawn,
            EventKindWord::Prompt => EventKind::Prompt,
            EventKindWord::ModelRequest => EventKind::ModelRequest,
            EventKindWord::ToolCall => EventKind::ToolCall,
            EventKindWord::Compaction => EventKind::Compaction,
            EventKindWord::Error => EventKind::Error,
            EventKindWord::Retry => EventKind::Retry,
            EventKindWord::Notification => EventKind::Notification,
            EventKindWord::PermissionRequest => EventKind::PermissionRequest,
            EventKindWord::SessionStart => EventKind::SessionStart,
            EventKindWord::SessionEnd => EventKind::SessionEnd,
            EventKindWord::Stop => EventKind::Stop,
            EventKindWord::TaskNotification => EventKind::TaskNotification,
            EventKindWord::Hook => EventKind::Hook,
        })
    }
}

words!(
    /// How a tool call ended.
    OutcomeWord of Outcome {
        /// No end was seen yet.
        Running,
        /// It did what it was asked.
        Ok,
        /// It failed.
        Error,
        /// A rule, a mode or a hook denied it.
        Denied,
        /// The person refused it.
        Rejected,
        /// It was stopped while it ran.
        Interrupted,
        /// It goes on in the background.
        Background,
        /// Its thread went on without telling of it.
        Abandoned,
    }
);

/// Who told of something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SourceWord {
    /// Claude Code's hooks.
    Hook,
    /// Its transcripts.
    Transcript,
    /// Its telemetry.
    Otlp,
}

impl SourceWord {
    /// The members of a set, in this order.
    pub fn of(sources: Sources) -> Vec<Self> {
        [(Sources::HOOK, Self::Hook), (Sources::TRANSCRIPT, Self::Transcript), (Sources::OTLP, Self::Otlp)]
            .into_iter()
            .filter(|(bit, _)| sources.0 & bit != 0)
            .map(|(_, word)| word)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spelled(word: impl Serialize) -> String {
        serde_json::to_string(&word).unwrap().trim_matches('"').to_owned()
    }

    #[test]
    fn words_are_spelled_as_the_model_spells_them() {
        for kind in EventKind::ALL {
            assert_eq!(spelled(EventKindWord::from(kind)), kind.as_str());
            assert_eq!(EventPart::from(EventKindWord::from(kind)), EventPart::Kind(kind));
        }
        for half in [EventKindWord::ToolResult, EventKindWord::SubagentSpawn] {
            assert_eq!(spelled(half), half.as_str());
        }
        for outcome in [Outcome::Running, Outcome::Ok, Outcome::Background, Outcome::Abandoned] {
            assert_eq!(spelled(OutcomeWord::from(outcome)), outcome.as_str());
        }
        for status in [SessionStatus::Running, SessionStatus::Waiting, SessionStatus::Lost] {
            assert_eq!(spelled(StatusWord::from(status)), status.as_str());
        }
        for basis in [CostBasis::Reported, CostBasis::Incomplete, CostBasis::Unpriced] {
            assert_eq!(spelled(Basis::from(basis)), basis.as_str());
        }
        let all = Sources(Sources::HOOK | Sources::TRANSCRIPT | Sources::OTLP);
        let words: Vec<String> = SourceWord::of(all).into_iter().map(spelled).collect();
        assert_eq!(words, all.words());
    }
}
