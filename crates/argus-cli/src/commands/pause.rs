//! `argus pause` and `argus resume`: from when nothing is recorded, and from when again.

use argus_api::dto::Utc;
use argus_api::read_script_token;
use argus_model::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Format, open_reader, open_store, with_advice};
use crate::cli::PauseArgs;
use crate::configuration::Configuration;
use crate::failure::{Done, Explain};
use crate::output::{print_answer, print_json, render_time};
use crate::{daemon, http, when};

/// Pauses capture.
pub(super) fn pause(configuration: &Configuration, arguments: &PauseArgs, format: Format) -> Done {
    let (now, zone) = (when::now(), TimeZone::system());
    let until = arguments.until.as_ref().map(|text| when::parse_time_to_come(text, now, &zone)).transpose()?;
    let change = json!({ "is_paused": true, "paused_until": until.and_then(|until| Utc(until).to_text()) });
    if !told_server(configuration, &change)? {
        open_store(configuration)?.writer().map_err(with_advice)?.pause(now, until).map_err(with_advice)?;
    }
    let end = until.map_or_else(|| "`argus resume`".to_owned(), |until| render_time(Some(until), &zone));
    say(format, until, &format!("Capture is paused until {end}: what happens meanwhile is not recorded.\n"), true)
}

/// Ends the pause.
pub(super) fn resume(configuration: &Configuration, format: Format) -> Done {
    let reader = open_reader(configuration)?;
    let was_paused = reader.map(|reader| reader.get_pause(when::now()).map_err(with_advice)).transpose()?.flatten();
    if was_paused.is_none() {
        return say(format, None, "Capture was not paused: what happens is recorded.\n", false);
    }
    if !told_server(configuration, &json!({ "is_paused": false }))? {
        open_store(configuration)?.writer().map_err(with_advice)?.resume(when::now()).map_err(with_advice)?;
    }
    say(format, None, "Capture goes on: what happens from now on is recorded.\n", false)
}

/// The running server does it, if there is one: only it may write.
fn told_server(configuration: &Configuration, change: &serde_json::Value) -> Done<bool> {
    let Some(card) = daemon::find_server(&configuration.data).filter(daemon::answers) else { return Ok(false) };
    let token = read_script_token(configuration.data.path())?;
    http::put_body(card.address, "/api/v1/settings", &token, &change.to_string())
        .while_doing("the server did not take it")?;
    Ok(true)
}

fn say(format: Format, until: Option<Timestamp>, words: &str, is_paused: bool) -> Done {
    match format {
        Format::Json => print_json(&json!({ "is_paused": is_paused, "paused_until": until.map(Utc) })),
        Format::Text => print_answer(words),
    }
}
