//! The closed sets of words, each spelled as the model spells it.

use argus_model::agent::{AgentEnd, AgentKind};
use argus_model::budget::{BudgetPeriod, BudgetScope};
use argus_model::record::Sources;
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

words!(
    /// What kind of thing happened.
    EventKindWord of EventKind {
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
    }
);

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
