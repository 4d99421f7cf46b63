//! `argus alerts`: the feed, one alert, and what people say about them.
//!
//! Reading asks the database. Saying something goes to the running server, which owns the one writer; where none runs,
//! this process takes the writer's place for a moment.

use std::str::FromStr;

use argus_api::dto::{Alert, AlertChange, AlertPage, Rule};
use argus_api::read_script_token;
use argus_model::record::{AlertQuery, AlertRecord, Page};
use argus_model::{AlertAction, AlertScope, AlertState, Severity};
use jiff::tz::TimeZone;
use serde_json::json;

use super::sessions::short_id;
use super::{Format, find_session, open_reader, open_store, with_advice};
use crate::cli::{AlertCommand, AlertListArgs, AlertSayArgs};
use crate::configuration::Configuration;
use crate::daemon;
use crate::failure::{Done, Explain, Failure};
use crate::http;
use crate::output::{Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_time, tell, visible};
use crate::when;

/// Runs what was asked.
pub(super) fn run(
    configuration: &Configuration,
    list_arguments: &AlertListArgs,
    command: Option<&AlertCommand>,
    format: Format,
) -> Done {
    let said = |action, arguments: &AlertSayArgs, until| say(configuration, action, arguments, until, format);
    match command {
        None => list(configuration, list_arguments, format),
        Some(AlertCommand::List(arguments)) => list(configuration, arguments, format),
        Some(AlertCommand::Show { alert }) => show(configuration, alert, format),
        Some(AlertCommand::Ack(arguments)) => said(AlertState::Acknowledged, arguments, None),
        Some(AlertCommand::Reopen(arguments)) => said(AlertState::Open, arguments, None),
        Some(AlertCommand::Resolve(arguments)) => said(AlertState::Resolved, arguments, None),
        Some(AlertCommand::Mute { say: arguments, until }) => said(AlertState::Muted, arguments, Some(until)),
    }
}

fn list(configuration: &Configuration, arguments: &AlertListArgs, format: Format) -> Done {
    let (now, zone) = (when::now(), TimeZone::system());
    let Some(reader) = open_reader(configuration)? else {
        if format == Format::Json {
            return print_json(&AlertPage { alerts: Vec::new(), next_cursor: None, open: [0; 5].into() });
        }
        tell("Nothing was captured yet. `argus up` starts capturing, `argus import` reads what there is.");
        return Ok(());
    };
    let session = arguments.session.as_deref().map(|named| find_session(&reader, named)).transpose()?;
    let states = match (arguments.all, &arguments.state[..]) {
        (true, _) => Vec::new(),
        (false, []) => vec![AlertState::Open],
        (false, states) => states.iter().map(|word| word.0).collect(),
    };
    let severity = arguments.severity.map(|word| word.0).or((!arguments.all).then_some(Severity::Medium));
    let time = |text: &Option<String>| text.as_deref().map(|text| when::parse_time(text, now, &zone)).transpose();
    let query = AlertQuery {
        limit: arguments.limit,
        cursor: arguments.cursor.clone(),
        states,
        severity,
        rule: arguments.rule.clone(),
        session_id: session.map(|id| id.as_str().to_owned()),
        project: arguments.project.clone(),
        since: time(&arguments.since)?,
        until: None,
    };
    let page = reader.list_alerts(&query, now).map_err(with_advice)?;
    let open = reader.count_open_alerts(now).map_err(with_advice)?;
    if format == Format::Json {
        let (rows, next_cursor) = (page.rows, page.next_cursor);
        return print_json(&AlertPage {
            alerts: rows.into_iter().map(Alert::from).collect(),
            next_cursor,
            open: open.into(),
        });
    }
    print_list(&page, open, &zone)
}

fn print_list(page: &Page<AlertRecord>, open: [i64; 5], zone: &TimeZone) -> Done {
    if page.rows.is_empty() {
        tell("No such alerts. `argus alerts --all` lists low, resolved and muted ones too.");
        return Ok(());
    }
    let mut table = Table::new(&[
        ("RAISED", Align::Left),
        ("SEVERITY", Align::Left),
        ("RULE", Align::Left),
        ("STATE", Align::Left),
        ("SESSION", Align::Left),
        ("WHAT", Align::Flexible),
        ("ALERT", Align::Left),
    ]);
    for alert in &page.rows {
        let what = alert.evidence.as_deref().unwrap_or(&alert.reason);
        table.push([
            render_time(Some(alert.raised_at), zone).into(),
            severity_cell(alert.severity),
            alert.rule.as_str().into(),
            alert.state.as_str().into(),
            short_id(&alert.session_id).into(),
            what.lines().next().unwrap_or_default().into(),
            alert.alert_no.to_string().into(),
        ]);
    }
    print_answer(&table.render(Screen::of_stdout()))?;
    let [info, low, medium, high, critical] = open;
    tell(&format!("Open, history apart: {critical} critical, {high} high, {medium} medium, {low} low, {info} info."));
    if let Some(cursor) = &page.next_cursor {
        tell(&format!("There are more: --cursor {cursor}"));
    }
    Ok(())
}

fn show(configuration: &Configuration, named: &str, format: Format) -> Done {
    let (now, zone) = (when::now(), TimeZone::system());
    let reader = open_reader(configuration)?.ok_or_else(|| unknown(named))?;
    let id = alert_id(&reader, named)?;
    let (alert, history) = reader.get_alert(&id, now).map_err(with_advice)?.ok_or_else(|| unknown(named))?;
    let rule = argus_rules::rule(&alert.rule).map(Rule::of_catalogue);
    if format == Format::Json {
        let history: Vec<AlertChange> = history.into_iter().map(Into::into).collect();
        return print_json(&json!({ "alert": Alert::from(alert), "rule": rule, "history": history }));
    }
    let screen = Screen::of_stdout();
    let mut text = format!(
        "{}  {}  {}\n{}\n",
        screen.paint(alert.severity.as_str(), severity_style(alert.severity)),
        screen.paint(&alert.rule, Style::Bold),
        alert.state,
        visible(&alert.reason)
    );
    if let Some(evidence) = &alert.evidence {
        text.push_str(&format!("\n{}\n", marked(evidence, alert.mark, screen)));
    }
    if let Some(cause) = &alert.cause {
        text.push_str(&format!("\nAfter       {}  {}\n", render_time(Some(cause.at), &zone), visible(&cause.text)));
    }
    if let Some(rule) = &rule {
        text.push_str(&format!("\nWhy         {}\nWhat to do  {}\n", rule.why, rule.advice));
    }
    let agent = if alert.agent_id.is_empty() { "main" } else { &alert.agent_id };
    text.push_str(&format!(
        "\nRaised      {}\nSession     {}  {}\nAgent       {}\n",
        render_time(Some(alert.raised_at), &zone),
        visible(&alert.session_id),
        visible(alert.session_title.as_deref().unwrap_or(UNKNOWN)),
        visible(agent),
    ));
    for said in history {
        let reason = said.reason.as_deref().map(|reason| format!(": {}", visible(reason))).unwrap_or_default();
        text.push_str(&format!("{}  {}{reason}\n", render_time(Some(said.at), &zone), said.state));
    }
    print_answer(&text)
}

/// The evidence with the part that raised the alert underlined, so that it shows without colour too.
fn marked(evidence: &str, mark: Option<(i64, i64)>, screen: Screen) -> String {
    let parts = mark.and_then(|(from, to)| {
        let (from, to) = (usize::try_from(from).ok()?, usize::try_from(to).ok()?);
        Some((evidence.get(..from)?, evidence.get(from..to)?, evidence.get(to..)?))
    });
    let Some((before, part, after)) = parts else { return format!("  {}", visible(evidence)) };
    format!("  {}»{}«{}", visible(before), screen.paint(&visible(part), Style::Bold), visible(after))
}

fn say(
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
    let reader = open_reader(configuration)?.ok_or_else(|| unknown(&arguments.alert))?;
    let id = alert_id(&reader, &arguments.alert)?;
    let action = AlertAction { state, reason: arguments.reason.clone(), muted_until, at: now };
    let changed = match daemon::find_server(&configuration.data) {
        Some(card) if daemon::answers(&card) => {
            let token = read_script_token(configuration.data.path())?;
            let body = request(&action, arguments.group);
            let path = format!("/api/v1/alerts/{}", super::open::escape_segment(&id));
            let answer = http::post_body(card.address, &path, &token, &body.to_string())
                .while_doing("the server did not take it")?;
            answer["changed_count"].as_u64().unwrap_or(0)
        }
        _ => {
            let scope = if arguments.group { AlertScope::Group(id.clone()) } else { AlertScope::One(id.clone()) };
            let mut writer = open_store(configuration)?.writer().map_err(with_advice)?;
            writer.act_on_alerts(&scope, &action).map_err(with_advice)? as u64
        }
    };
    if format == Format::Json {
        return print_json(&json!({ "alert_id": id, "state": state.as_str(), "changed_count": changed }));
    }
    let alerts = if changed == 1 { "1 alert".to_owned() } else { format!("{changed} alerts") };
    print_answer(&format!("{alerts}: {state}\n"))
}

fn request(action: &AlertAction, is_group: bool) -> serde_json::Value {
    let verb = match action.state {
        AlertState::Acknowledged => "acknowledge",
        AlertState::Resolved => "resolve",
        AlertState::Muted => "mute",
        AlertState::Open | AlertState::Superseded => "reopen",
    };
    let until = action.muted_until.and_then(|until| argus_api::dto::Utc(until).to_text());
    let scope = if is_group { "group" } else { "alert" };
    json!({ "action": verb, "reason": action.reason, "until": until, "scope": scope })
}

/// The alert that a number of the list or a whole id names.
fn alert_id(reader: &argus_store::Reader, named: &str) -> Done<String> {
    match named.parse() {
        Ok(number) => reader.find_alert(number).map_err(with_advice)?.ok_or_else(|| unknown(named)),
        Err(_) => Ok(named.to_owned()),
    }
}

fn unknown(named: &str) -> Failure {
    Failure::new(format!("there is no alert {}", visible(named)))
        .hint("`argus alerts --all` lists them with their numbers")
}

fn severity_style(severity: Severity) -> Style {
    match severity {
        Severity::Critical | Severity::High => Style::Bad,
        Severity::Medium => Style::Warning,
        Severity::Low | Severity::Info => Style::Dim,
    }
}

fn severity_cell(severity: Severity) -> Cell {
    Cell::styled(severity.as_str(), severity_style(severity))
}

/// A severity on the command line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SeverityArg(pub(crate) Severity);

impl FromStr for SeverityArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Severity::parse(text).map(Self).ok_or("one of critical, high, medium, low, info")
    }
}

/// A state on the command line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct StateArg(pub(crate) AlertState);

impl FromStr for StateArg {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        AlertState::parse(text).map(Self).ok_or("one of open, acknowledged, resolved, muted, superseded")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_shows_without_colour_and_hostile_text_stays_text() {
        let text = marked("echo \u{1b}[2J && sudo ls", Some((13, 20)), Screen::terminal(80));
        assert!(!text.replace("\u{1b}[1m", "").replace("\u{1b}[0m", "").contains("\u{1b}[2J"), "{text:?}");
        assert!(text.contains('»') && text.contains('«'), "{text:?}");
    }
}
