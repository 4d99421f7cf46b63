//! `argus token`: the bearer token for scripts.

use argus_api::{Tokens, read_script_token, rotate_script_token};

use super::Format;
use crate::cli::TokenArgs;
use crate::configuration::Configuration;
use crate::failure::Done;
use crate::output::{print_answer, print_json};

/// Prints the token, made where there is none yet.
pub(super) fn run(configuration: &Configuration, arguments: &TokenArgs, format: Format) -> Done {
    let folder = configuration.data.path();
    configuration.data.prepare()?;
    let token = if arguments.rotate {
        rotate_script_token(folder)?
    } else {
        Tokens::open(folder)?;
        read_script_token(folder)?
    };
    match format {
        Format::Json => print_json(&serde_json::json!({ "token": token })),
        Format::Text => print_answer(&format!("{token}\n")),
    }
}
