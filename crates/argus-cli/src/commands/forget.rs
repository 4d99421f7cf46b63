//! `argus forget`: everything that Argus stores of some sessions.

use argus_model::{CareOrder, Holdings, SessionId};
use argus_store::Reader;
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Format, care, find_session, open_reader, with_advice};
use crate::cli::ForgetArgs;
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{print_answer, print_json, render_bytes, render_items, render_time, tell, visible};

/// Shows what will go, asks, and lets it go.
pub(super) fn run(configuration: &Configuration, arguments: &ForgetArgs, format: Format) -> Done {
    let reader = open_reader(configuration)?.ok_or_else(|| {
        Failure::new("nothing was captured yet, so there is nothing to forget")
            .hint("`argus up` or `argus import` makes a database")
    })?;
    let sessions = named(&reader, arguments)?;
    let held = reader.get_holdings(&sessions).map_err(with_advice)?;
    drop(reader);
    if format == Format::Text {
        tell(&in_words(&held, &sessions));
    }
    care::agree("Forget this for good?", arguments.yes)?;
    let report = care::carry_out(configuration, &CareOrder::Forget(sessions.clone()))?;
    match format {
        Format::Json => print_json(&json!({
            "session_ids": sessions.iter().map(SessionId::as_str).collect::<Vec<_>>(),
            "forgotten": {
                "sessions": report.sessions, "agents": held.agents, "model_requests": held.model_requests,
                "events": held.events, "alerts": held.alerts, "chunks": report.chunks,
            },
            "freed_bytes": report.freed_bytes,
        })),
        Format::Text => print_answer(&format!(
            "Forgot {}; the database is {} smaller.\n",
            render_items(i64::try_from(report.sessions).unwrap_or(i64::MAX), "session"),
            render_bytes(Some(report.freed_bytes)),
        )),
    }?;
    if configuration.data.backups().is_dir() {
        tell(&format!(
            "Backups still hold it: delete those that you do not need in {}.",
            configuration.data.backups().display()
        ));
    }
    Ok(())
}

fn named(reader: &Reader, arguments: &ForgetArgs) -> Done<Vec<SessionId>> {
    let mut sessions = match &arguments.project {
        Some(project) => {
            let sessions = reader.list_sessions_of_project(project.trim_end_matches('/')).map_err(with_advice)?;
            if sessions.is_empty() {
                return Err(Failure::new(format!("no project has the path {}", visible(project)))
                    .hint("give the whole path; `argus cost --by project` lists them"));
            }
            sessions
        }
        None => arguments.sessions.iter().map(|named| find_session(reader, named)).collect::<Done<Vec<_>>>()?,
    };
    sessions.sort_unstable();
    sessions.dedup();
    Ok(sessions)
}

fn in_words(held: &Holdings, sessions: &[SessionId]) -> String {
    let zone = TimeZone::system();
    let mut text = format!(
        "This will be forgotten, from {} to {}:\n  {}: {}, {}, {}, {}, {} of contents\n",
        render_time(held.first_at, &zone),
        render_time(held.last_at, &zone),
        render_items(held.sessions, "session"),
        render_items(held.agents, "agent"),
        render_items(held.model_requests, "model request"),
        render_items(held.events, "event"),
        render_items(held.alerts, "alert"),
        render_bytes(u64::try_from(held.stored_bytes).ok()),
    );
    for id in sessions.iter().take(5) {
        text.push_str(&format!("  {}\n", visible(id.as_str())));
    }
    if sessions.len() > 5 {
        text.push_str(&format!("  and {} more\n", sessions.len() - 5));
    }
    text.push_str(
        "Its cost leaves all sums. Argus will not read these sessions again. Claude Code's own transcripts stay.",
    );
    text
}
