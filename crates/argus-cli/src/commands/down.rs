//! `argus down`: stop the background server.

use super::Format;
use crate::configuration::Configuration;
use crate::daemon;
use crate::failure::Done;
use crate::output::{print_json, tell};

/// Stops it; that none runs is fine too.
pub(super) fn run(configuration: &Configuration, format: Format) -> Done {
    let stopped = daemon::stop(&configuration.data)?;
    match &stopped {
        Some(card) => tell(&format!("Stopped the server at {} (process {}).", card.address, card.pid)),
        None => tell("No server runs. Hooks go on recording into the spool."),
    }
    match format {
        Format::Json => print_json(&serde_json::json!({ "stopped": stopped.is_some() })),
        Format::Text => Ok(()),
    }
}
