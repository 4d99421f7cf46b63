//! What the person may change.

use serde::Serialize;
use utoipa::ToSchema;

use super::{BudgetSetting, Usd, Utc};

/// What the person may change.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SettingValues {
    /// A request that costs more raises an alert.
    pub budget_event_usd: Usd,
    /// A session that costs more raises an alert, once.
    pub budget_session_usd: Usd,
    /// What may be spent on an account in a time. Changed as a whole: those that are not named are removed.
    pub budgets: Vec<BudgetSetting>,
    /// An hour that cost less is never said to burn.
    pub burn_floor_usd: Usd,
    /// So many times a usual busy hour is said to burn.
    pub burn_factor: u32,
    /// How deep subagents may be nested.
    pub agent_depth: u32,
    /// How many subagents one agent may start.
    pub agent_children: u32,
    /// How the catalogue of rules is read.
    pub rule_profile: ProfileWord,
    /// Folders of which no session is recorded; `~` is the home folder.
    pub excluded_projects: Vec<String>,
    /// Whether capture is paused now.
    pub is_paused: bool,
    /// When the pause ends by itself, RFC 3339; `null` when somebody has to end it, or when there is none.
    pub paused_until: Option<Utc>,
    /// Contents older than so many days are removed, facts and figures stay; `null` keeps everything.
    pub retention_days: Option<u32>,
}

/// A reading of the catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ProfileWord {
    /// What is proven harmless counts less.
    Graded,
    /// To the letter.
    Seed,
}

impl ProfileWord {
    /// As it stands in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Graded => "graded",
            Self::Seed => "seed",
        }
    }
}

/// The settings that hold.
#[derive(Clone, Debug, PartialEq, Serialize, ToSchema)]
pub struct SettingsRecord {
    /// Their values.
    pub settings: SettingValues,
    /// Names of those that the environment gives: they cannot be changed here.
    pub fixed: Vec<&'static str>,
    /// The file that keeps them.
    pub file: String,
    /// Why some budgets of the file do not hold.
    pub budget_problems: Vec<String>,
}
