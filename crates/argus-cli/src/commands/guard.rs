//! `argus guard` for a person: how it stands, what is let pass, and for how long.
//!
//! The way out is a person's. An agent's shell has no terminal of a person's, and Claude Code marks its environment;
//! either is refused here, and the rules watch for whoever tries it all the same.

use argus_api::dto::{Guard, GuardReleaseRequest, Utc};
use jiff::tz::TimeZone;

use super::{Format, find_session, open_reader};
use crate::cli::{GuardArgs, GuardCommand, GuardReleaseArgs};
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::guarding;
use crate::output::{has_person, print_answer, print_json, render_time, tell, visible};

/// What Claude Code sets for whatever it starts.
const MARKS: [&str; 3] = ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_PROJECT_DIR"];

/// Does what was asked.
pub(super) fn run(configuration: &Configuration, arguments: &GuardArgs, format: Format) -> Done {
    match &arguments.command {
        None => {
            let guard = guarding::describe(configuration);
            match format {
                Format::Json => print_json(&guard),
                Format::Text => print_answer(&render(&guard)),
            }
        }
        Some(GuardCommand::Release(arguments)) => release(configuration, arguments),
        Some(GuardCommand::Close) => {
            guarding::close(configuration, None)?;
            tell("Nothing is let pass any more.");
            Ok(())
        }
    }
}

fn render(guard: &Guard) -> String {
    let mut text = String::new();
    for settings in &guard.settings {
        let said = match (settings.is_registered, guard.is_placed) {
            (true, true) if settings.is_closed => {
                "the guard answers before each tool call; what it cannot judge does not run"
            }
            (true, true) => "the guard answers before each tool call",
            (true, false) => "the guard is registered, but its program is missing: `argus install --guard` places it",
            (false, _) => "no guard; `argus install --guard` installs it",
        };
        text.push_str(&format!("{}: {said}\n", visible(&settings.path)));
    }
    let time = |Utc(at): Utc| render_time(Some(at), &TimeZone::system());
    for stop in &guard.stops {
        let who = match stop.session_ids.as_slice() {
            _ if stop.is_for_all => "every session".to_owned(),
            [] => "nobody who is there now".to_owned(),
            sessions => sessions.iter().map(|id| super::sessions::short_id(id)).collect::<Vec<_>>().join(", "),
        };
        let until = stop.until.map_or_else(String::new, |until| format!(", until {}", time(until)));
        let released = if stop.is_released { " (released)" } else { "" };
        text.push_str(&format!("stopped{released}: {who}{until}. {}\n", visible(&stop.said)));
    }
    for release in &guard.releases {
        let what = match (&release.budget, &release.rule) {
            (Some(budget), _) => format!("budget {}", visible(budget)),
            (None, Some(rule)) => visible(rule).into_owned(),
            (None, None) => "every rule".to_owned(),
        };
        let session = release.session_id.as_deref().map_or("every session".into(), visible);
        text.push_str(&format!("let pass: {what} in {session}, until {}\n", time(release.until)));
    }
    text
}

/// Refuses where no person can be at the keyboard.
pub(super) fn ensure_person(what: &str) -> Done {
    if let Some(mark) = MARKS.iter().find(|mark| std::env::var_os(mark).is_some()) {
        return Err(Failure::new(format!("this is no terminal of a person's: {mark} is set"))
            .hint("the person runs it in a terminal that Claude Code did not start"));
    }
    if !has_person() {
        return Err(Failure::new(format!("{what} needs a person, and there is no terminal")));
    }
    Ok(())
}

fn release(configuration: &Configuration, arguments: &GuardReleaseArgs) -> Done {
    ensure_person("letting calls pass")?;
    if let Some(rule) = &arguments.rule
        && argus_api::dto::Rule::find(rule, &configuration.settings.rules.book).is_none()
    {
        return Err(Failure::new(format!("no rule is called {}", visible(rule))).hint("`argus rules list` lists them"));
    }
    let session_id = match &arguments.session {
        Some(named) => {
            let reader = open_reader(configuration)?
                .ok_or_else(|| Failure::new("nothing is recorded yet, so no session can be named"))?;
            Some(find_session(&reader, named)?.to_string())
        }
        None => None,
    };
    let minutes = arguments.minutes;
    let (rule, budget) = (arguments.rule.clone(), arguments.budget.clone());
    guarding::release(configuration, GuardReleaseRequest { session_id, rule, budget, minutes })?;
    tell(&format!("Let pass for {minutes} min: `argus guard` shows what, `argus guard close` takes it back."));
    Ok(())
}
