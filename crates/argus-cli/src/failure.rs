//! What a command ends with when it cannot do its work: the cause with its chain, a hint, and the exit code.
//!
//! The CLI prints `error:` + cause + `hint:` in one place (`main`), so a command only says what happened and what to do.

use std::error::Error;
use std::process::ExitCode;

/// A failed command.
#[derive(Debug)]
pub(crate) struct Failure {
    cause: String,
    hint: Option<String>,
    exit: u8,
}

/// The result of a command.
pub(crate) type Done<T = ()> = Result<T, Failure>;

impl Failure {
    /// It was asked rightly, but failed: exit code 1.
    pub(crate) fn new(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), hint: None, exit: 1 }
    }

    /// It was asked wrongly: exit code 2.
    pub(crate) fn usage(cause: impl Into<String>) -> Self {
        Self { cause: cause.into(), hint: None, exit: 2 }
    }

    /// Adds what to do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The cause alone.
    pub(crate) fn cause(&self) -> &str {
        &self.cause
    }

    /// What to do about it.
    pub(crate) fn get_hint(&self) -> Option<&str> {
        self.hint.as_deref()
    }

    /// The process's exit code.
    pub(crate) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.exit)
    }
}

impl<E: Error> From<E> for Failure {
    fn from(error: E) -> Self {
        let mut cause = error.to_string();
        let mut source = error.source();
        while let Some(inner) = source {
            let text = inner.to_string();
            // Some errors repeat their source in their own text.
            if !cause.ends_with(&text) {
                cause = format!("{cause}: {text}");
            }
            source = inner.source();
        }
        Self::new(cause)
    }
}

/// Says what was being done when an error came up, and what to do about it.
pub(crate) trait Explain<T> {
    /// Puts `context` before the cause.
    fn while_doing(self, context: &str) -> Done<T>;
    /// Adds a hint.
    fn or_hint(self, hint: &str) -> Done<T>;
}

impl<T, E: Into<Failure>> Explain<T> for Result<T, E> {
    fn while_doing(self, context: &str) -> Done<T> {
        self.map_err(|error| {
            let mut failure = error.into();
            failure.cause = format!("{context}: {}", failure.cause);
            failure
        })
    }

    fn or_hint(self, hint: &str) -> Done<T> {
        self.map_err(|error| error.into().hint(hint))
    }
}
