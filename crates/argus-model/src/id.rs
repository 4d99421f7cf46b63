//! Ids, one newtype each, so that a session can never be passed where an agent is meant.
//!
//! They are opaque text from Claude Code and keep its spelling from payload to pixel. Every fact names several, the same
//! ones again and again: a copy shares its text.

use std::sync::Arc;

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Wraps the text as it came.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The text as it came.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

id!(
    /// One conversation (`session_id`).
    SessionId
);
id!(
    /// One agent in a session; the empty text is the main agent.
    AgentId
);
id!(
    /// One turn (`prompt_id`); for clients that know none, the uuid of the prompt's transcript line.
    PromptId
);
id!(
    /// One tool call (`tool_use_id`).
    ToolUseId
);
id!(
    /// One API message (`message.id`).
    MessageId
);
id!(
    /// One API request (`requestId`).
    RequestId
);
id!(
    /// What makes an event the same event within its session, whichever source tells of it.
    EventKey
);

impl AgentId {
    /// The main agent of a session.
    pub fn main() -> Self {
        Self::new("")
    }

    /// True for the main agent.
    pub fn is_main(&self) -> bool {
        self.as_str().is_empty()
    }
}
