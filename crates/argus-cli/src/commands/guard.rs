//! `argus guard` for a person: how it stands, what is let pass, and for how long.
//!
//! The way out is a person's. An agent's shell has no terminal of a person's, and Claude Code marks its environment;
//! either is refused here, and the rules watch for whoever tries it all the same.

use std::fs;
use std::path::Path;

use argus_guard::{RELEASES_FILE, Release, read_releases};
use argus_model::Timestamp;
use jiff::tz::TimeZone;
use serde_json::json;

use super::{Format, find_session, open_reader};
use crate::cli::{GuardArgs, GuardCommand, GuardReleaseArgs};
use crate::configuration::{Configuration, replace};
use crate::failure::{Done, Explain, Failure};
use crate::hook_binary::{self, HookState, Program};
use crate::output::{has_person, print_answer, print_json, render_time, tell, visible};
use crate::registering::Registered;
use crate::settings::path_of_command;
use crate::when;

const MINUTE_US: i64 = 60_000_000;
/// What Claude Code sets for whatever it starts.
const MARKS: [&str; 3] = ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_PROJECT_DIR"];

/// Does what was asked.
pub(super) fn run(configuration: &Configuration, arguments: &GuardArgs, format: Format) -> Done {
    match &arguments.command {
        None => status(configuration, format),
        Some(GuardCommand::Release(arguments)) => release(configuration, arguments),
        Some(GuardCommand::Close) => {
            write(configuration.data.path(), &[])?;
            tell("Nothing is let pass any more.");
            Ok(())
        }
    }
}

fn status(configuration: &Configuration, format: Format) -> Done {
    let guard = configuration.data.guard();
    let roots: Vec<(String, bool)> = configuration
        .config_roots
        .iter()
        .map(|root| {
            let registered = Registered::read(&root.join("settings.json"));
            let is_ours = |command: &str| Path::new(&path_of_command(command)) == guard;
            let is_there = registered.found.is_ok_and(|found| {
                found
                    .guards
                    .iter()
                    .any(|entry| entry.is_sound && entry.event == "PreToolUse" && is_ours(&entry.command))
            });
            (registered.path.display().to_string(), is_there)
        })
        .collect();
    let is_placed =
        matches!(hook_binary::inspect(Program::Guard, &configuration.data), HookState::Current | HookState::Outdated);
    let now = when::now();
    let releases: Vec<Release> =
        read_releases(configuration.data.path()).into_iter().filter(|one| one.until_us > now.as_micros()).collect();
    if format == Format::Json {
        let settings: Vec<_> =
            roots.iter().map(|(path, is_there)| json!({ "path": path, "is_registered": is_there })).collect();
        return print_json(&json!({ "is_placed": is_placed, "settings": settings, "releases": releases }));
    }
    let mut text = String::new();
    for (path, is_there) in &roots {
        let said = match (is_there, is_placed) {
            (true, true) => "the guard answers before each tool call",
            (true, false) => "the guard is registered, but its program is missing: `argus install --guard` places it",
            (false, _) => "no guard; `argus install --guard` installs it",
        };
        text.push_str(&format!("{}: {said}\n", visible(path)));
    }
    for release in &releases {
        text.push_str(&format!(
            "let pass: {} in {}, until {}\n",
            release.rule.as_deref().map_or("every rule".into(), visible),
            release.session_id.as_deref().map_or("every session".into(), visible),
            render_time(Some(Timestamp::from_micros(release.until_us)), &TimeZone::system())
        ));
    }
    print_answer(&text)
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
    let now_us = when::now().as_micros();
    let until_us = now_us + i64::from(arguments.minutes) * MINUTE_US;
    let mut releases = read_releases(configuration.data.path());
    releases.retain(|one| one.until_us > now_us);
    releases.push(Release { session_id, rule: arguments.rule.clone(), until_us });
    write(configuration.data.path(), &releases)?;
    let minutes = arguments.minutes;
    tell(&format!("Let pass for {minutes} min: `argus guard` shows what, `argus guard close` takes it back."));
    Ok(())
}

fn write(data_dir: &Path, releases: &[Release]) -> Done {
    let path = data_dir.join(RELEASES_FILE);
    if releases.is_empty() {
        return match fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).while_doing("cannot take it back"),
            _ => Ok(()),
        };
    }
    replace(&path, &serde_json::to_string(releases).unwrap_or_default()).while_doing("cannot write what is let pass")
}
