//! Alerts: how bad, which rule, and what a person did about it.
//!
//! Severities are ordered, so that "at least medium" is a comparison. The text of each is its spelling in SQL, JSON,
//! flags and settings; `parse` reads nothing but that spelling, so a typing error is never a severity.

/// How bad it is that a rule matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth keeping, not worth reading.
    Info,
    /// Fine as a rule; kept quietly.
    Low,
    /// Somebody should look.
    Medium,
    /// Damage is likely.
    High,
    /// Damage is at hand.
    Critical,
}

impl Severity {
    /// All, the mildest first.
    pub const ALL: [Self; 5] = [Self::Info, Self::Low, Self::Medium, Self::High, Self::Critical];

    /// The spelling everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }

    /// Reads the spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|severity| severity.as_str() == text)
    }

    /// True where the feed shows it without being asked.
    pub fn is_raised(self) -> bool {
        self >= Self::Medium
    }
}

impl std::fmt::Display for Severity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What became of an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AlertState {
    /// Nobody has said anything yet.
    Open,
    /// Somebody has seen it.
    Acknowledged,
    /// Somebody has dealt with it, and said how.
    Resolved,
    /// Nobody wants to hear of it for a while.
    Muted,
    /// A fact that came later took its ground away.
    Superseded,
}

impl AlertState {
    /// All, in the order of a life.
    pub const ALL: [Self; 5] = [Self::Open, Self::Acknowledged, Self::Resolved, Self::Muted, Self::Superseded];

    /// The spelling everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Acknowledged => "acknowledged",
            Self::Resolved => "resolved",
            Self::Muted => "muted",
            Self::Superseded => "superseded",
        }
    }

    /// Reads the spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

impl std::fmt::Display for AlertState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who said something about an alert.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Actor {
    /// A person in the dashboard.
    Dashboard,
    /// Whoever ran `argus` in a terminal.
    Terminal,
    /// A program with the token for scripts.
    Script,
    /// Argus itself: what was dealt with happened again.
    Argus,
}

impl Actor {
    /// All.
    pub const ALL: [Self; 4] = [Self::Dashboard, Self::Terminal, Self::Script, Self::Argus];

    /// The spelling everywhere.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Terminal => "terminal",
            Self::Script => "script",
            Self::Argus => "argus",
        }
    }

    /// Reads the spelling.
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|actor| actor.as_str() == text)
    }
}

/// A rule's name, `family.smell`; never renumbered or reused. Stored ones may name rules that this version lacks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(Box<str>);

impl RuleId {
    /// Wraps the text.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The part before the first dot.
    pub fn family(&self) -> &str {
        self.0.split_once('.').map_or(&self.0, |(family, _)| family)
    }
}

impl From<&str> for RuleId {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl std::fmt::Display for RuleId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_spelling_reads_back_as_itself() {
        for severity in Severity::ALL {
            assert_eq!(Severity::parse(severity.as_str()), Some(severity));
        }
        for state in AlertState::ALL {
            assert_eq!(AlertState::parse(state.as_str()), Some(state));
        }
        for actor in Actor::ALL {
            assert_eq!(Actor::parse(actor.as_str()), Some(actor));
        }
        assert_eq!(Severity::parse("Critical"), None);
        assert_eq!(AlertState::parse(""), None);
    }

    #[test]
    fn severities_rise_from_info_to_critical() {
        assert!(Severity::ALL.is_sorted());
        assert!(Severity::Medium.is_raised() && !Severity::Low.is_raised());
    }

    #[test]
    fn the_family_is_what_stands_before_the_dot() {
        assert_eq!(RuleId::new("fs.rm-rf").family(), "fs");
        assert_eq!(RuleId::new("odd").family(), "odd");
    }
}
