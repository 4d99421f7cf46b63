//! Claude Code's settings files: our hook's entries in them, and nothing else.
//!
//! `document` knows where to cut and paste in a text, `handler` how our entry looks, `events` which events there are,
//! `registration` what is to stand where (pure functions over text), `telemetry` the same for
//! the `env` block and `statusline` for the status line, `file` how to replace a file without harm, `client`
//! which versions of Claude Code are installed. Start at [`registration::register`] and [`SettingsFile`].

pub(crate) mod client;
mod document;
mod events;
mod file;
mod handler;
mod registration;
mod statusline;
mod telemetry;
#[cfg(test)]
mod tests;

pub(crate) use events::list_events;
pub(crate) use file::{Extras, Plan, SettingsError, SettingsFile};
pub(crate) use handler::{CLOSED_SINCE, GUARD_NAME, HOOK_NAME, Handler, path_of_command};
pub(crate) use registration::{Found, Registration};
pub(crate) use statusline::StatusLine;
pub(crate) use telemetry::{
    Before, Elsewhere, Protocol, TelemetrySwitch, Way, before_of, elsewhere_in, overridden_in, switch_in,
};
