//! `argus open`: the dashboard with a one-time code in the address's fragment, which never leaves the browser.

use std::io;
use std::process::{Command, Stdio};

use argus_api::read_script_token;

use super::{Format, find_session, open_reader};
use crate::cli::OpenArgs;
use crate::configuration::Configuration;
use crate::daemon::{self, ServerCard};
use crate::failure::{Done, Explain, Failure};
use crate::http;
use crate::output::{print_answer, print_json, tell};

/// Prints the address and opens it.
pub(super) fn run(configuration: &Configuration, arguments: &OpenArgs, format: Format) -> Done {
    let card = daemon::find_server(&configuration.data)
        .ok_or_else(|| Failure::new("no server runs").hint("start it with `argus up`"))?;
    let page = match &arguments.session {
        None => String::new(),
        Some(named) => {
            let reader = open_reader(configuration)?
                .ok_or_else(|| Failure::new("nothing was captured yet").hint("start with `argus up`"))?;
            format!("sessions/{}", escape_segment(find_session(&reader, named)?.as_str()))
        }
    };
    let address = mint_address(configuration, &card, &page)?;
    match format {
        Format::Json => print_json(&serde_json::json!({ "url": address }))?,
        Format::Text => print_answer(&format!("{address}\n"))?,
    }
    if !arguments.print && format == Format::Text {
        open_browser(&address);
    }
    Ok(())
}

/// The dashboard's address with a code that works once.
pub(super) fn mint_address(configuration: &Configuration, card: &ServerCard, page: &str) -> Done<String> {
    let token = read_script_token(configuration.data.path())?;
    if !daemon::answers(card) {
        // Whoever took the port must not get the token.
        return Err(Failure::new(format!("what answers at {} is not this Argus", card.address))
            .hint("`argus down`, then `argus up --port N` with a free port"));
    }
    let answer = http::post_json(card.address, "/api/v1/auth/code", &token)
        .while_doing("cannot get a one-time code from the server")?;
    let code = answer["code"].as_str().ok_or_else(|| Failure::new("the server gave no code"))?;
    Ok(format!("http://{}/{page}#code={code}", card.address))
}

/// Opens a browser where there is a display.
pub(super) fn open_browser(address: &str) {
    let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let program = if cfg!(target_os = "macos") {
        "open"
    } else if is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") {
        "xdg-open"
    } else {
        return;
    };
    let spawned =
        Command::new(program).arg(address).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if let Err(error) = spawned
        && error.kind() != io::ErrorKind::NotFound
    {
        tell(&format!("Could not open a browser: {error}"));
    }
}

pub(super) fn escape_segment(text: &str) -> String {
    let mut out = String::new();
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
