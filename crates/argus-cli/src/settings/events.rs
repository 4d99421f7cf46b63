//! Which hook events are registered, by the client's version.
//!
//! Clients up to 2.1.80 silently drop *all* hooks of a settings file with an event name they do not know; 2.1.120 and
//! later ignore such names. So the oldest client on the machine decides, and an unknown one counts as old.
//!
//! Never registered, whatever the version: `WorktreeCreate` and `WorktreeRemove` (a hook replaces git's own work and a
//! silent one breaks `--worktree`), `PreModelSwitch` (its time-out blocks), `MessageDisplay` (delays the tool behind the
//! text), `FileChanged` (needs matchers and starts watchers).

use std::fmt;

/// A client's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Version(pub u32, pub u32, pub u32);

impl Version {
    /// Reads the version at the beginning of `2.1.328 (Claude Code)`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let word = text.split_whitespace().next()?;
        let core = word.split(['-', '+']).next()?;
        let mut parts = core.split('.').map(|part| part.parse::<u32>().ok());
        let version = Self(parts.next()??, parts.next()??, parts.next()??);
        parts.next().is_none().then_some(version)
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

/// From here on an unknown event name does no harm.
const TOLERANT_SINCE: Version = Version(2, 1, 120);

/// Known to every client.
const CLASSIC: [&str; 9] = [
    "PreToolUse",
    "PostToolUse",
    "Notification",
    "UserPromptSubmit",
    "SessionStart",
    "SessionEnd",
    "Stop",
    "SubagentStop",
    "PreCompact",
];

/// Known to the tolerant clients, each with the version that brought it. New ones go to the end: files of earlier
/// installations then differ by additions only.
const LATER: [(&str, Version); 19] = [
    ("PostToolUseFailure", TOLERANT_SINCE),
    ("PostToolBatch", TOLERANT_SINCE),
    ("PermissionRequest", TOLERANT_SINCE),
    ("PermissionDenied", TOLERANT_SINCE),
    ("UserPromptExpansion", TOLERANT_SINCE),
    ("Setup", TOLERANT_SINCE),
    ("StopFailure", TOLERANT_SINCE),
    ("SubagentStart", TOLERANT_SINCE),
    ("PostCompact", TOLERANT_SINCE),
    ("TeammateIdle", TOLERANT_SINCE),
    ("TaskCreated", TOLERANT_SINCE),
    ("TaskCompleted", TOLERANT_SINCE),
    ("Elicitation", TOLERANT_SINCE),
    ("ElicitationResult", TOLERANT_SINCE),
    ("ConfigChange", TOLERANT_SINCE),
    ("InstructionsLoaded", TOLERANT_SINCE),
    ("CwdChanged", TOLERANT_SINCE),
    ("DirectoryAdded", Version(2, 1, 219)),
    ("PostModelSwitch", Version(2, 1, 251)),
];

/// The events to register where `oldest` is the oldest client; `None` where no version is known.
pub(crate) fn list_events(oldest: Option<Version>) -> Vec<&'static str> {
    let later = LATER.iter().filter(|(_, since)| oldest.is_some_and(|oldest| oldest >= *since));
    CLASSIC.into_iter().chain(later.map(|(name, _)| *name)).collect()
}

/// Where an event stands in the order of registering; unknown ones come last.
pub(super) fn place_of(event: &str) -> usize {
    let mut all = CLASSIC.into_iter().chain(LATER.into_iter().map(|(name, _)| name));
    all.position(|name| name == event).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_oldest_and_the_unknown_client_get_the_classic_nine_only() {
        for oldest in [None, Version::parse("1.0.128"), Version::parse("2.0.77"), Version::parse("2.1.80")] {
            assert_eq!(list_events(oldest), CLASSIC);
        }
    }

    #[test]
    fn each_tolerant_client_gets_what_it_knows_and_an_observer_may_register() {
        let count = |text| list_events(Version::parse(text)).len();
        assert_eq!(count("2.1.120"), 26);
        assert_eq!(count("2.1.240"), 27);
        assert_eq!(count("2.1.328 (Claude Code)"), 28);
        for never in ["WorktreeCreate", "WorktreeRemove", "PreModelSwitch", "MessageDisplay", "FileChanged"] {
            assert!(!list_events(Version::parse("9.9.9")).contains(&never));
        }
    }

    #[test]
    fn versions_are_read_from_what_clients_print() {
        assert_eq!(Version::parse("2.1.328 (Claude Code)\n"), Some(Version(2, 1, 328)));
        assert_eq!(Version::parse("2.1.0-beta.3"), Some(Version(2, 1, 0)));
        for text in ["", "claude", "2.1", "2.1.3.4", "v2.1.3"] {
            assert_eq!(Version::parse(text), None, "{text}");
        }
        assert!(Version(2, 1, 99) < Version(2, 1, 120));
    }
}
