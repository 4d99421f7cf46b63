//! What is said of alerts in a terminal.
//!
//! It goes to the running server, which owns the one writer; where none runs, this process takes the writer's place for a
//! moment. What is allowed from now on goes to `rules.toml`, and only a person may say so.

use argus_api::dto::{Allowance, Utc};
use argus_api::read_script_token;
use argus_model::{Actor, AlertAction, AlertScope, AlertState};
use jiff::tz::TimeZone;
use serde_json::{Value, json};

use super::super::guard::ensure_person;
use super::super::open::escape_segment;
use super::super::{Format, open_reader, open_store, with_advice};
use super::{alert_id, today, unknown};
use crate::cli::{AlertAllowArgs, AlertSayArgs, ReachWord};
use crate::configuration::{Configuration, Refusal, add_exceptions};
use crate::daemon;
use crate::failure::{Done, Explain, Failure};
use crate::http;
use crate::output::{print_answer, print_json, tell, visible};
use crate::when;

pub(super) fn say(
    configuration: &Configuration,
    state: AlertState,
    arguments: &AlertSayArgs,
    until: Option<&String>,
    format: Format,
) -> Done {
    let (now, zone) = (when::now(), TimeZone::system());
    if state == AlertState::Resolved && arguments.reason.is_none() {
        return Err(Failure::usage("resolving needs a reason").hint("--reason \"what was done about it\""));
    }
    let muted_until = until.map(|text| when::parse_time_to_come(text, now, &zone)).transpose()?;
    let action = AlertAction { state, reason: arguments.reason.clone(), muted_until, at: now, actor: Actor::Terminal };
    let scope = scope(configuration, arguments)?;
    let changed = match daemon::find_server(&configuration.data) {
        Some(card) if daemon::answers(&card) => {
            let token = read_script_token(configuration.data.path())?;
            let (path, body) = request(&scope, &action);
            let answer = http::post_body(card.address, &path, &token, &body.to_string())
                .while_doing("the server did not take it")?;
            answer["changed_count"].as_u64().unwrap_or(0)
        }
        _ => {
            let mut writer = open_store(configuration)?.writer().map_err(with_advice)?;
            writer.act_on_alerts(&scope, &action).map_err(with_advice)?.count as u64
        }
    };
    if changed == 0
        && let Some(named) = &arguments.alert
    {
        return Err(unknown(named));
    }
    if format == Format::Json {
        return print_json(&json!({ "alert_id": scope.alert_id(), "state": state.as_str(), "changed_count": changed }));
    }
    let alerts = if changed == 1 { "1 alert".to_owned() } else { format!("{changed} alerts") };
    print_answer(&format!("{alerts}: {state}\n"))
}

fn scope(configuration: &Configuration, arguments: &AlertSayArgs) -> Done<AlertScope> {
    let Some(named) = arguments.alert.as_deref() else { return Ok(AlertScope::Past) };
    let reader = open_reader(configuration)?.ok_or_else(|| unknown(named))?;
    let id = alert_id(&reader, named)?;
    Ok(match arguments.reach {
        _ if arguments.group => AlertScope::Group(id),
        ReachWord::Alert => AlertScope::One(id),
        ReachWord::Group => AlertScope::Group(id),
        ReachWord::Session => AlertScope::Session(id),
        ReachWord::Project => AlertScope::Project(id),
    })
}

/// Where the server takes it, and how.
fn request(scope: &AlertScope, action: &AlertAction) -> (String, Value) {
    let verb = match action.state {
        AlertState::Acknowledged => "acknowledge",
        AlertState::Resolved => "resolve",
        AlertState::Muted => "mute",
        AlertState::Open | AlertState::Superseded => "reopen",
    };
    let reach = match scope {
        AlertScope::One(_) => Some("alert"),
        AlertScope::Group(_) => Some("group"),
        AlertScope::Session(_) => Some("session"),
        AlertScope::Project(_) => Some("project"),
        AlertScope::Past | AlertScope::Mute(_) => None,
    };
    let path = scope.alert_id().map_or_else(|| "past".to_owned(), escape_segment);
    let until = action.muted_until.and_then(|until| Utc(until).to_text());
    let body = json!({ "action": verb, "reason": action.reason, "until": until, "scope": reach, "is_terminal": true });
    (format!("/api/v1/alerts/{path}"), body)
}

/// Adds the exception that would have allowed an alert.
pub(super) fn allow(configuration: &Configuration, arguments: &AlertAllowArgs, format: Format) -> Done {
    ensure_person("allowing what a rule found")?;
    let reason = arguments.reason.trim();
    if reason.is_empty() {
        return Err(Failure::usage("the reason says nothing").hint("--reason \"why it is fine\""));
    }
    let named = arguments.alert.as_str();
    let reader = open_reader(configuration)?.ok_or_else(|| unknown(named))?;
    let id = alert_id(&reader, named)?;
    let (alert, _) = reader.get_alert(&id, when::now()).map_err(with_advice)?.ok_or_else(|| unknown(named))?;
    let path = configuration.data.rules();
    let allowance = Allowance::of(&alert, today(&TimeZone::system())).ok_or_else(|| {
        Failure::new(format!("no exception can cover an alert of {}", visible(&alert.rule))).hint(format!(
            "`[rule.\"{}\"]` in {} makes it milder, or silent",
            visible(&alert.rule),
            path.display()
        ))
    })?;
    let entry = allowance.with(reason, arguments.until);
    add_exceptions(&path, &entry).map_err(|refusal| match refusal {
        Refusal::Wrong(message) | Refusal::File(message) => Failure::new(message),
    })?;
    if format == Format::Json {
        return print_json(&json!({ "alert_id": id, "file": path, "text": entry }));
    }
    tell(&format!("Added to {}:", path.display()));
    print_answer(&entry.lines().map(|line| format!("{}\n", visible(line))).collect::<String>())
}
