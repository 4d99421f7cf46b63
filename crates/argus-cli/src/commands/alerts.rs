//! `argus alerts`: the feed, one alert, and what people say about them.
//!
//! Reading asks the database; what is said of alerts stands in `word`.

mod mutes;
mod word;

use std::str::FromStr;

use argus_api::dto::{Alert, AlertChange, AlertGroupPage, AlertPage, Allowance, Rule};
use argus_model::record::{AlertActionRecord, AlertGroup, AlertQuery, AlertRecord, Page};
use argus_model::{Actor, AlertState, Severity, Timestamp};
use jiff::tz::TimeZone;
use serde_json::json;

use super::sessions::short_id;
use super::{Format, find_session, open_reader, with_advice};
use crate::cli::{AlertCommand, AlertListArgs, AlertSayArgs};
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{
    Align, Cell, Screen, Style, Table, UNKNOWN, print_answer, print_json, render_count, render_time, tell, visible,
};
use crate::when;

/// Runs what was asked.
pub(super) fn run(
    configuration: &Configuration,
    list_arguments: &AlertListArgs,
    command: Option<&AlertCommand>,
    format: Format,
) -> Done {
    let said = |action, arguments: &AlertSayArgs, until| word::say(configuration, action, arguments, until, format);
    match command {
        None => list(configuration, list_arguments, format),
        Some(AlertCommand::List(arguments)) => list(configuration, arguments, format),
        Some(AlertCommand::Show { alert }) => show(configuration, alert, format),
        Some(AlertCommand::Ack(arguments)) => said(AlertState::Acknowledged, arguments, None),
        Some(AlertCommand::Reopen(arguments)) => said(AlertState::Open, arguments, None),
        Some(AlertCommand::Resolve(arguments)) => said(AlertState::Resolved, arguments, None),
        Some(AlertCommand::Mute { say: arguments, until }) => said(AlertState::Muted, arguments, Some(until)),
        Some(AlertCommand::Mutes) => mutes::list(configuration, format),
        Some(AlertCommand::Unmute { mute_no }) => mutes::end(configuration, *mute_no, format),
        Some(AlertCommand::Allow(arguments)) => word::allow(configuration, arguments, format),
    }
}

fn list(configuration: &Configuration, arguments: &AlertListArgs, format: Format) -> Done {
    let (now, zone) = (when::now(), TimeZone::system());
    let Some(reader) = open_reader(configuration)? else {
        if format == Format::Json {
            let (open, next_cursor) = ([0; 5].into(), None);
            return match arguments.grouped {
                true => print_json(&AlertGroupPage { groups: Vec::new(), next_cursor, open, past: open }),
                false => print_json(&AlertPage { alerts: Vec::new(), next_cursor, open, past: open }),
            };
        }
        tell("Nothing was captured yet. `argus up` starts capturing, `argus import` reads what there is.");
        return Ok(());
    };
    let query = query(&reader, arguments, now, &zone)?;
    let open = reader.count_open_alerts(now).map_err(with_advice)?;
    let past = reader.count_past_alerts(now).map_err(with_advice)?;
    let next_cursor = if arguments.grouped {
        let Page { rows, next_cursor } = reader.list_alert_groups(&query, now).map_err(with_advice)?;
        if format == Format::Json {
            let groups = rows.into_iter().map(Into::into).collect();
            return print_json(&AlertGroupPage { groups, next_cursor, open: open.into(), past: past.into() });
        }
        print_groups(&rows, &zone)?;
        next_cursor
    } else {
        let Page { rows, next_cursor } = reader.list_alerts(&query, now).map_err(with_advice)?;
        if format == Format::Json {
            let alerts = rows.into_iter().map(Alert::from).collect();
            return print_json(&AlertPage { alerts, next_cursor, open: open.into(), past: past.into() });
        }
        print_list(&rows, &zone)?;
        next_cursor
    };
    let [info, low, medium, high, critical] = open;
    tell(&format!("Open, history apart: {critical} critical, {high} high, {medium} medium, {low} low, {info} info."));
    let (all, graver): (i64, i64) = (past.iter().sum(), past.iter().skip(Severity::Medium as usize).sum());
    if all > 0 && !arguments.past {
        tell(&format!(
            "Of history {} are open, {} of them medium or graver: `argus alerts --past` lists these, \
             `argus alerts resolve --past --reason …` ends all.",
            render_count(Some(all)),
            render_count(Some(graver))
        ));
    }
    if let Some(cursor) = &next_cursor {
        tell(&format!("There are more: --cursor {cursor}"));
    }
    Ok(())
}

fn query(reader: &argus_store::Reader, arguments: &AlertListArgs, now: Timestamp, zone: &TimeZone) -> Done<AlertQuery> {
    let session = arguments.session.as_deref().map(|named| find_session(reader, named)).transpose()?;
    let states = match (arguments.all, &arguments.state[..]) {
        (true, _) => Vec::new(),
        (false, []) => vec![AlertState::Open],
        (false, states) => states.iter().map(|word| word.0).collect(),
    };
    let since = arguments.since.as_deref().map(|text| when::parse_time(text, now, zone)).transpose()?;
    Ok(AlertQuery {
        limit: arguments.limit,
        cursor: arguments.cursor.clone(),
        states,
        severity: arguments.severity.map(|word| word.0).or((!arguments.all).then_some(Severity::Medium)),
        rule: arguments.rule.clone(),
        fingerprint: None,
        past: (arguments.past || arguments.news).then_some(arguments.past),
        session_id: session.map(|id| id.as_str().to_owned()),
        project: arguments.project.clone(),
        since,
        until: None,
    })
}

const NONE: &str = "No such alerts. `argus alerts --all` lists low, resolved and muted ones too.";

fn print_list(alerts: &[AlertRecord], zone: &TimeZone) -> Done {
    if alerts.is_empty() {
        tell(NONE);
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
    for alert in alerts {
        table.push([
            render_time(Some(alert.raised_at), zone).into(),
            severity_cell(alert.severity),
            alert.rule.as_str().into(),
            state_word(alert).into(),
            short_id(&alert.session_id).into(),
            what(alert).into(),
            alert.alert_no.to_string().into(),
        ]);
    }
    print_answer(&table.render(Screen::of_stdout()))
}

fn print_groups(groups: &[AlertGroup], zone: &TimeZone) -> Done {
    if groups.is_empty() {
        tell(NONE);
        return Ok(());
    }
    let mut table = Table::new(&[
        ("LAST", Align::Left),
        ("FIRST", Align::Left),
        ("COUNT", Align::Right),
        ("OPEN", Align::Right),
        ("SEVERITY", Align::Left),
        ("RULE", Align::Left),
        ("WHAT", Align::Flexible),
        ("ALERT", Align::Left),
    ]);
    for AlertGroup { latest } in groups {
        let seen = latest.occurrences;
        table.push([
            render_time(Some(seen.last_at), zone).into(),
            render_time(Some(seen.first_at), zone).into(),
            seen.count.to_string().into(),
            seen.open_count.to_string().into(),
            severity_cell(seen.worst),
            latest.rule.as_str().into(),
            what(latest).into(),
            latest.alert_no.to_string().into(),
        ]);
    }
    print_answer(&table.render(Screen::of_stdout()))
}

/// The evidence where there is some, else the reason in words.
fn what(alert: &AlertRecord) -> &str {
    let text = alert.evidence.as_deref().unwrap_or(&alert.reason);
    text.lines().next().unwrap_or_default()
}

/// Where it stands, and whether it is history.
fn state_word(alert: &AlertRecord) -> String {
    let past = if alert.is_history { ", past" } else { "" };
    format!("{}{past}", alert.state)
}

fn show(configuration: &Configuration, named: &str, format: Format) -> Done {
    let (now, zone) = (when::now(), TimeZone::system());
    let reader = open_reader(configuration)?.ok_or_else(|| unknown(named))?;
    let id = alert_id(&reader, named)?;
    let (alert, history) = reader.get_alert(&id, now).map_err(with_advice)?.ok_or_else(|| unknown(named))?;
    let rule = Rule::find(&alert.rule, &configuration.settings.rules.book);
    let allowance = Allowance::of(&alert, today(&zone));
    if format == Format::Json {
        let history: Vec<AlertChange> = history.into_iter().map(Into::into).collect();
        return print_json(
            &json!({ "alert": Alert::from(alert), "rule": rule, "allowance": allowance, "history": history }),
        );
    }
    let screen = Screen::of_stdout();
    let mut text = format!(
        "{}  {}  {}\n{}\n",
        screen.paint(alert.severity.as_str(), severity_style(alert.severity)),
        screen.paint(&alert.rule, Style::Bold),
        state_word(&alert),
        visible(&alert.reason)
    );
    if let Some(evidence) = &alert.evidence {
        text.push_str(&format!("\n{}\n", marked(evidence, alert.mark, screen)));
    }
    if let Some(effective) = alert.effective.as_ref().filter(|text| alert.evidence.as_ref() != Some(text)) {
        text.push_str(&format!("\nIt would run  {}\n", visible(effective)));
    }
    for path in alert.paths.iter().filter(|path| alert.effective.as_ref() != Some(path)) {
        let path = if path.is_empty() { "a path that cannot be told".into() } else { visible(path) };
        text.push_str(&format!("Path        {path}\n"));
    }
    let origin = alert.cause.as_ref().and_then(|cause| cause.origin.as_deref());
    for (nth, cause) in origin.into_iter().chain(&alert.cause).enumerate() {
        let gap = if nth == 0 { "\n" } else { "" };
        text.push_str(&format!("{gap}After       {}  {}\n", render_time(Some(cause.at), &zone), visible(&cause.text)));
    }
    if let Some(rule) = &rule {
        text.push_str(&format!(
            "\n{}\nWhy         {}\nWhat to do  {}\n",
            visible(&rule.title),
            visible(&rule.why),
            visible(&rule.advice)
        ));
    }
    let agent = if alert.agent_id.is_empty() { "main" } else { &alert.agent_id };
    text.push_str(&format!(
        "\nRaised      {}\nSession     {}  {}\nAgent       {}\n",
        render_time(Some(alert.raised_at), &zone),
        visible(&alert.session_id),
        visible(alert.session_title.as_deref().unwrap_or(UNKNOWN)),
        visible(agent),
    ));
    let seen = alert.occurrences;
    if seen.count > 1 {
        let since = render_time(Some(seen.first_at), &zone);
        let sessions = if seen.session_count == 1 { "session" } else { "sessions" };
        text.push_str(&format!(
            "How often   {} times in {} {sessions} since {since}, {} open\n",
            seen.count, seen.session_count, seen.open_count
        ));
    }
    for said in &history {
        text.push_str(&format!("{}\n", history_line(said, &zone)));
    }
    if let Some(Allowance { text: entry, is_exact }) = &allowance {
        let wide = if *is_exact { "" } else { "; a * stands for what was masked" };
        text.push_str(&format!("\nThis would have allowed it (`argus alerts allow {named}` adds it{wide}):\n"));
        entry.lines().for_each(|line| text.push_str(&format!("  {}\n", visible(line))));
    }
    print_answer(&text)
}

/// What was said, by whom, and of how many.
fn history_line(said: &AlertActionRecord, zone: &TimeZone) -> String {
    let reason = said.reason.as_deref().map(|reason| format!(": {}", visible(reason))).unwrap_or_default();
    let until = said.muted_until.map(|until| format!(" until {}", render_time(Some(until), zone))).unwrap_or_default();
    let state = match (said.actor, said.state) {
        (Some(Actor::Argus), AlertState::Open) => "reopened, it happened again".to_owned(),
        (Some(actor), state) => format!("{state}{until} ({actor})", actor = actor.as_str()),
        (None, state) => format!("{state}{until}"),
    };
    let of = match (said.is_about_this, said.alert_count) {
        (true, 1) => String::new(),
        (false, 1) => ", another one of these".to_owned(),
        (_, count) => format!(", {count} of these"),
    };
    format!("{}  {state}{of}{reason}", render_time(Some(said.at), zone))
}

fn today(zone: &TimeZone) -> jiff::civil::Date {
    jiff::Timestamp::now().to_zoned(zone.clone()).date()
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
