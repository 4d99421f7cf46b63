//! `argus alerts mutes` and `unmute`: all that is kept quiet now, and the end of it.
//!
//! The list asks the database and the person's rules. An end goes to the running server, which owns the one writer; where
//! none runs, this process takes the writer's place for a moment.

use argus_api::dto::{Mute, MuteList, MuteReachWord};
use argus_api::read_script_token;
use argus_model::{Actor, AlertAction, AlertScope, AlertState};
use jiff::tz::TimeZone;
use serde_json::json;

use super::super::sessions::short_id;
use super::super::{Format, open_reader, open_store, with_advice};
use crate::configuration::Configuration;
use crate::daemon;
use crate::failure::{Done, Explain, Failure};
use crate::http;
use crate::output::{Align, Screen, Table, UNKNOWN, print_answer, print_json, render_time, tell, visible};
use crate::when;

pub(super) fn list(configuration: &Configuration, format: Format) -> Done {
    let (now, zone) = (when::now(), TimeZone::system());
    let mutes = match open_reader(configuration)? {
        Some(reader) => reader.list_mutes(MuteList::MOST, now).map_err(with_advice)?,
        None => Vec::new(),
    };
    let all = MuteList::new(mutes, &configuration.settings.rules.book, now);
    if format == Format::Json {
        return print_json(&all);
    }
    if all.mutes.is_empty() {
        tell("Nothing is muted.");
    } else {
        print_mutes(&all.mutes, &zone)?;
    }
    for one in &all.exceptions {
        let until = render_time(one.exception.until.map(|until| until.0), &TimeZone::UTC);
        let (fits, reason) = (visible(&one.exception.fits.join(", ")).into_owned(), visible(&one.exception.reason));
        tell(&format!("Excepted in rules.toml: {} for {fits}, until {until} UTC: {reason}", visible(&one.rule)));
    }
    if !all.rules_off.is_empty() {
        tell(&format!("Switched off in rules.toml: {}", visible(&all.rules_off.join(", "))));
    }
    if all.mutes.iter().any(|mute| mute.mute_id.is_some()) {
        tell("`argus alerts unmute NUMBER` ends one.");
    }
    if all.mutes.iter().any(|mute| mute.mute_id.is_none()) {
        tell("What is muted alone is opened by `argus alerts reopen ALERT`.");
    }
    Ok(())
}

fn print_mutes(mutes: &[Mute], zone: &TimeZone) -> Done {
    let mut table = Table::new(&[
        ("MUTE", Align::Right),
        ("UNTIL", Align::Left),
        ("RULE", Align::Left),
        ("WHERE", Align::Left),
        ("ALERTS", Align::Right),
        ("BY", Align::Left),
        ("WHY", Align::Flexible),
        ("WHAT", Align::Flexible),
        ("ALERT", Align::Left),
    ]);
    for mute in mutes {
        let place = match mute.reach {
            MuteReachWord::Alert => "this alert".to_owned(),
            MuteReachWord::Group => "the same again".to_owned(),
            MuteReachWord::Session => {
                format!("session {}", mute.session_id.as_deref().map_or(UNKNOWN.into(), short_id))
            }
            MuteReachWord::Project => format!("project {}", mute.project.as_deref().unwrap_or(UNKNOWN)),
        };
        let first_line = |text: &Option<String>| {
            text.as_deref().and_then(|text| text.lines().next()).map_or(UNKNOWN.to_owned(), str::to_owned)
        };
        table.push([
            mute.mute_id.as_deref().unwrap_or(UNKNOWN).into(),
            render_time(mute.until.map(|until| until.0), zone).into(),
            mute.rule.as_str().into(),
            place.into(),
            mute.alert_count.to_string().into(),
            mute.actor.as_deref().unwrap_or(UNKNOWN).into(),
            first_line(&mute.reason).into(),
            first_line(&mute.example).into(),
            mute.alert_no.map_or(UNKNOWN.to_owned(), |number| number.to_string()).into(),
        ]);
    }
    print_answer(&table.render(Screen::of_stdout()))
}

pub(super) fn end(configuration: &Configuration, mute_no: i64, format: Format) -> Done {
    let now = when::now();
    let reader = open_reader(configuration)?.ok_or_else(|| unknown(mute_no))?;
    if !reader.has_mute(mute_no, now).map_err(with_advice)? {
        return Err(unknown(mute_no));
    }
    let changed = match daemon::find_server(&configuration.data) {
        Some(card) if daemon::answers(&card) => {
            let token = read_script_token(configuration.data.path())?;
            let body = json!({ "action": "end", "is_terminal": true }).to_string();
            let answer = http::post_body(card.address, &format!("/api/v1/mutes/{mute_no}"), &token, &body)
                .while_doing("the server did not take it")?;
            answer["changed_count"].as_u64().unwrap_or(0)
        }
        _ => {
            let (state, actor) = (AlertState::Open, Actor::Terminal);
            let action = AlertAction { state, reason: None, muted_until: None, at: now, actor };
            let mut writer = open_store(configuration)?.writer().map_err(with_advice)?;
            writer.act_on_alerts(&AlertScope::Mute(mute_no), &action).map_err(with_advice)?.count as u64
        }
    };
    if format == Format::Json {
        return print_json(&json!({ "mute_id": mute_no.to_string(), "changed_count": changed }));
    }
    let alerts = if changed == 1 { "1 alert is".to_owned() } else { format!("{changed} alerts are") };
    print_answer(&format!("The mute has ended; {alerts} open again.\n"))
}

fn unknown(mute_no: i64) -> Failure {
    Failure::new(format!("no mute {mute_no} holds")).hint("`argus alerts mutes` lists those that do")
}
