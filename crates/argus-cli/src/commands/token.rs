//! `argus token`: the bearer token for scripts, or the one that lets telemetry in.

use argus_api::{Tokens, open_ingest_token, read_script_token, rotate_ingest_token, rotate_script_token};

use super::Format;
use crate::cli::TokenArgs;
use crate::configuration::Configuration;
use crate::failure::Done;
use crate::output::{print_answer, print_json};

/// Prints the token, made where there is none yet.
pub(super) fn run(configuration: &Configuration, arguments: &TokenArgs, format: Format) -> Done {
    let folder = configuration.data.path();
    configuration.data.prepare()?;
    let token = match (arguments.otlp, arguments.rotate) {
        (false, true) => rotate_script_token(folder)?,
        (true, true) => rotate_ingest_token(folder)?,
        (true, false) => open_ingest_token(folder)?,
        (false, false) => {
            Tokens::open(folder)?;
            read_script_token(folder)?
        }
    };
    match format {
        Format::Json => print_json(&serde_json::json!({ "token": token })),
        Format::Text => print_answer(&format!("{token}\n")),
    }
}
