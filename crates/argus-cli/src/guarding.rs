//! The guard for a person: how it stands, and what is let pass, for the command line and for the dashboard.
//!
//! What is let pass lies in a file of its own that the guard reads at each call, so that the way out works while no
//! server runs. It is read and written whole; entries that are over go when another comes.

use std::fs;
use std::path::Path;

use argus_api::dto::{Guard, GuardRelease, GuardReleaseRequest, GuardSettings, GuardStop, Utc};
use argus_guard::{BUDGET_RULE, Published, RELEASES_FILE, Release, Stop, read_releases};
use argus_model::Timestamp;

use crate::configuration::{Configuration, replace};
use crate::failure::{Done, Explain, Failure};
use crate::hook_binary::{self, HookState, Program};
use crate::output::visible;
use crate::registering::Registered;
use crate::settings::path_of_command;
use crate::when;

const MINUTE_US: i64 = 60_000_000;
/// The longest that something is let pass at once.
const MOST_MINUTES: u32 = 1_440;

/// How the guard stands now.
pub(crate) fn describe(configuration: &Configuration) -> Guard {
    let now_us = when::now().as_micros();
    let published = Published::read(configuration.data.path(), None);
    let mut releases: Vec<&Release> = published.releases.iter().filter(|one| one.until_us > now_us).collect();
    releases.sort_by_key(|release| release.until_us);
    Guard {
        is_placed: matches!(
            hook_binary::inspect(Program::Guard, &configuration.data),
            HookState::Current | HookState::Outdated
        ),
        settings: configuration.config_roots.iter().map(|root| settings_of(configuration, root)).collect(),
        stops: published.stops_now(now_us).map(|stop| stop_of(stop, &releases)).collect(),
        releases: releases.into_iter().map(release_of).collect(),
    }
}

/// Whether Claude Code asks the guard before each call.
fn settings_of(configuration: &Configuration, root: &Path) -> GuardSettings {
    let guard = configuration.data.guard();
    let registered = Registered::read(&root.join("settings.json"));
    let is_ours = |command: &str| Path::new(&path_of_command(command)) == guard;
    let own = registered.found.ok().and_then(|found| {
        let mut guards = found.guards.into_iter();
        guards.find(|entry| entry.is_sound && entry.event == "PreToolUse" && is_ours(&entry.command))
    });
    GuardSettings {
        path: registered.path.display().to_string(),
        is_registered: own.is_some(),
        is_closed: own.is_some_and(|entry| entry.is_closed),
    }
}

fn release_of(release: &Release) -> GuardRelease {
    GuardRelease {
        release_id: release.until_us.to_string(),
        session_id: release.session_id.clone(),
        rule: release.rule.clone(),
        budget: release.budget.clone(),
        until: Utc(Timestamp::from_micros(release.until_us)),
    }
}

fn stop_of(stop: &Stop, releases: &[&Release]) -> GuardStop {
    let mut session_ids = stop.sessions.clone();
    session_ids.extend(stop.agents.iter().map(|(session_id, _)| session_id.clone()));
    session_ids.sort_unstable();
    session_ids.dedup();
    // For all whom it stops, which may be one session.
    let is_for_it = |release: &&Release| {
        release.session_id.as_ref().is_none_or(|id| !stop.is_for_all && session_ids == [id.as_str()])
            && release.rule.as_deref().is_none_or(|rule| rule == BUDGET_RULE)
            && release.budget.as_ref().is_none_or(|budget| *budget == stop.budget)
    };
    let is_released = releases.iter().any(is_for_it);
    GuardStop {
        budget: stop.budget.clone(),
        said: stop.said.clone(),
        until: stop.until_us.map(|until| Utc(Timestamp::from_micros(until))),
        is_for_all: stop.is_for_all,
        session_ids,
        is_released,
    }
}

/// Lets something pass from now on. The session is not looked up here: who asks knows it.
pub(crate) fn release(configuration: &Configuration, wanted: GuardReleaseRequest) -> Done {
    let GuardReleaseRequest { session_id, rule, budget, minutes } = wanted;
    if !(1..=MOST_MINUTES).contains(&minutes) {
        return Err(Failure::new(format!("something is let pass for 1 to {MOST_MINUTES} minutes")));
    }
    if let Some(rule) = &rule
        && argus_api::dto::Rule::find(rule, &configuration.settings.rules.book).is_none()
    {
        return Err(Failure::new(format!("no rule is called {}", visible(rule))).hint("`argus rules list` lists them"));
    }
    if let Some(budget) = &budget
        && !configuration.settings.budgets.iter().any(|known| known.name == *budget && known.has_stop)
    {
        return Err(Failure::new(format!("no budget that stops is called {}", visible(budget)))
            .hint("`argus guard` says what is stopped by which"));
    }
    if budget.is_some() && rule.as_ref().is_some_and(|rule| rule != BUDGET_RULE) {
        return Err(Failure::new("a release is about a budget or about a rule, not about both"));
    }
    let rule = if budget.is_some() { Some(BUDGET_RULE.to_owned()) } else { rule };
    let (data_dir, now_us) = (configuration.data.path(), when::now().as_micros());
    let mut releases = read_releases(data_dir);
    releases.retain(|one| one.until_us > now_us);
    let mut until_us = now_us + i64::from(minutes) * MINUTE_US;
    // Its end is its name, too.
    while releases.iter().any(|one| one.until_us == until_us) {
        until_us += 1;
    }
    releases.push(Release { session_id, rule, budget, until_us });
    write(data_dir, &releases)
}

/// Takes one back that was let pass, or all.
pub(crate) fn close(configuration: &Configuration, release_id: Option<&str>) -> Done {
    let data_dir = configuration.data.path();
    let mut releases = read_releases(data_dir);
    releases.retain(|one| release_id.is_some_and(|id| one.until_us.to_string() != id));
    write(data_dir, &releases)
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
