//! How a tool call ended, as a pure function of all that was ever seen of it.
//!
//! Claude Code has no single "end" for a call: a refused or interrupted one gets no further hook at all, a
//! denied one only a batch, a background one ends twice. So each sighting sets a bit, bits only accumulate, and
//! the outcome is read off them (the table in claude-code-measured, section 2).

/// Sightings of one event, as a set that only grows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence(pub u32);

impl Evidence {
    /// PreToolUse was seen.
    pub const STARTED: Self = Self(1);
    /// The assistant's tool_use block was seen in a transcript.
    pub const REQUESTED: Self = Self(1 << 1);
    /// PostToolUse was seen.
    pub const SUCCEEDED: Self = Self(1 << 2);
    /// PostToolUseFailure was seen.
    pub const FAILED: Self = Self(1 << 3);
    /// A PostToolBatch named it.
    pub const BATCHED: Self = Self(1 << 4);
    /// A tool_result without error was seen.
    pub const RESULT_OK: Self = Self(1 << 5);
    /// A tool_result with is_error was seen.
    pub const RESULT_ERROR: Self = Self(1 << 6);
    /// The person refused it, or pressed Esc before it ran.
    pub const REJECTED: Self = Self(1 << 7);
    /// A rule, a mode or a hook denied it.
    pub const DENIED: Self = Self(1 << 8);
    /// It was interrupted while it ran.
    pub const INTERRUPTED: Self = Self(1 << 9);
    /// It went on in the background.
    pub const BACKGROUND: Self = Self(1 << 10);
    /// A notification told of the background work's good end.
    pub const BACKGROUND_DONE: Self = Self(1 << 11);
    /// A notification told of the background work's failure or killing.
    pub const BACKGROUND_FAILED: Self = Self(1 << 12);
    /// The person was asked for permission.
    pub const ASKED: Self = Self(1 << 13);
    /// The call never reached a tool: unknown tool or invalid input.
    pub const INVALID: Self = Self(1 << 14);
    /// A prompt that a person (or the program in the person's place) gave.
    pub const HUMAN: Self = Self(1 << 15);

    /// The guard let it go.
    pub const GUARD_PASSED: Self = Self(1 << 16);
    /// The guard had the person asked.
    pub const GUARD_ASKED: Self = Self(1 << 17);
    /// The guard denied it.
    pub const GUARD_DENIED: Self = Self(1 << 18);

    /// What was asked for makes a commit.
    pub const ASKS_COMMIT: Self = Self(1 << 19);

    /// Any of the guard's answers.
    pub const GUARDED: Self = Self(Self::GUARD_PASSED.0 | Self::GUARD_ASKED.0 | Self::GUARD_DENIED.0);

    /// True when the call certainly ran, whatever became of it.
    pub const fn ran(self) -> bool {
        self.0 & (Self::SUCCEEDED.0 | Self::FAILED.0 | Self::RESULT_OK.0 | Self::BACKGROUND.0) != 0
    }

    /// True when the guard denied it, and it ran.
    pub const fn ran_denied(self) -> bool {
        self.has(Self::GUARD_DENIED) && self.ran()
    }

    /// Both sets.
    #[must_use]
    pub const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// True when all of `other` was seen.
    pub const fn has(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

/// How a tool call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// No end was seen, and its thread has not gone on.
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
    /// Its thread went on or ended without telling of it.
    Abandoned,
}

impl Outcome {
    /// The word used in JSON and the UI.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Ok => "ok",
            Self::Error => "error",
            Self::Denied => "denied",
            Self::Rejected => "rejected",
            Self::Interrupted => "interrupted",
            Self::Background => "background",
            Self::Abandoned => "abandoned",
        }
    }

    /// True for the outcomes that count as errors in every total.
    pub fn is_error(self) -> bool {
        matches!(self, Self::Error)
    }

    /// Reads the outcome off the evidence alone; the caller turns `Running` into `Abandoned` when the thread
    /// went on, which only it can know.
    pub fn of(evidence: Evidence) -> Self {
        let has = |bits| evidence.has(bits);
        if has(Evidence::REJECTED) {
            Self::Rejected
        } else if has(Evidence::DENIED) {
            Self::Denied
        } else if has(Evidence::INTERRUPTED) {
            Self::Interrupted
        } else if has(Evidence::BACKGROUND_FAILED) || has(Evidence::FAILED) || has(Evidence::RESULT_ERROR) {
            Self::Error
        } else if has(Evidence::BACKGROUND_DONE) {
            Self::Ok
        } else if has(Evidence::BACKGROUND) {
            Self::Background
        } else if has(Evidence::SUCCEEDED) || has(Evidence::RESULT_OK) {
            Self::Ok
        } else if has(Evidence::BATCHED) {
            // In a batch without a result of its own and without a transcript: it was denied or never ran.
            if has(Evidence::STARTED) { Self::Denied } else { Self::Error }
        } else {
            Self::Running
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_measured_table_of_endings_holds() {
        use Evidence as E;
        for (evidence, outcome) in [
            (E::STARTED, Outcome::Running),
            (E::STARTED.with(E::SUCCEEDED).with(E::BATCHED), Outcome::Ok),
            (E::STARTED.with(E::FAILED).with(E::BATCHED), Outcome::Error),
            (E::STARTED.with(E::BATCHED), Outcome::Denied),
            (E::BATCHED, Outcome::Error),
            (E::STARTED.with(E::RESULT_ERROR).with(E::REJECTED), Outcome::Rejected),
            (E::STARTED.with(E::SUCCEEDED).with(E::BACKGROUND), Outcome::Background),
            (E::STARTED.with(E::SUCCEEDED).with(E::BACKGROUND).with(E::BACKGROUND_DONE), Outcome::Ok),
            (E::REQUESTED.with(E::RESULT_OK), Outcome::Ok),
        ] {
            assert_eq!(Outcome::of(evidence), outcome, "{evidence:?}");
        }
    }
}
