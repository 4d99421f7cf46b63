//! `argus autostart`: the server starts at login, or does not.

use super::Format;
use crate::autostart::{self, Login, State};
use crate::cli::{AutostartArgs, AutostartCommand};
use crate::configuration::Configuration;
use crate::daemon;
use crate::failure::{Done, Failure};
use crate::output::{print_answer, print_json, tell, visible};

/// Does what was asked.
pub(super) fn run(configuration: &Configuration, command: &AutostartCommand, format: Format) -> Done {
    let login = Login::find(configuration)?;
    match command {
        AutostartCommand::Enable(AutostartArgs { dry_run: true }) => would_enable(configuration, &login, format),
        AutostartCommand::Enable(_) => enable(configuration, &login, format),
        AutostartCommand::Disable(AutostartArgs { dry_run: true }) => would_disable(&login, format),
        AutostartCommand::Disable(_) => {
            match disable(&login)? {
                true => tell(&format!("Argus does not start at login any more. Removed {}.", shown(&login))),
                false => tell("Argus does not start at login; nothing to remove."),
            }
            if let Some(card) = daemon::find_server(&configuration.data) {
                tell(&format!("The server that runs (process {}) goes on until `argus down`.", card.pid));
            }
            print_state(&login, format)
        }
        AutostartCommand::Status => print_state(&login, format),
    }
}

/// How things stand, in words.
pub(super) fn in_words(login: &Login) -> String {
    match login.state() {
        State::Off => "does not start at login".into(),
        State::Foreign => format!("{} is not ours", shown(login)),
        State::Written => format!("{} is there but not switched on", shown(login)),
        State::On if login.is_current() => "starts at login".into(),
        State::On if login.is_for_this_data() => "starts at login, as another program or with other folders".into(),
        State::On => "starts at login, for another data directory".into(),
    }
}

/// Switches it off; tells whether there was something.
pub(super) fn disable(login: &Login) -> Done<bool> {
    if login.state() == State::Off {
        return Ok(false);
    }
    if login.state() != State::Foreign {
        for command in login.commands_to_disable() {
            // Where nobody answers nothing is loaded either, and the file is all there is.
            if let Err(problem) = autostart::run(&command) {
                tell(&format!("{}; the file goes all the same.", visible(&problem)));
            }
        }
    }
    login.remove()?;
    Ok(true)
}

fn enable(configuration: &Configuration, login: &Login, format: Format) -> Done {
    let running = daemon::find_server(&configuration.data);
    let was_for_other = matches!(login.state(), State::On | State::Written) && !login.is_for_this_data();
    configuration.data.prepare()?;
    login.write()?;
    if was_for_other {
        tell("It stood for another data directory until now; one server starts at login.");
    }
    let commands = login.commands_to_enable(running.is_some());
    let outcome = commands.iter().try_for_each(|command| autostart::run(command));
    if let Err(problem) = outcome {
        print_state(login, format)?;
        let by_hand: Vec<String> = commands.iter().map(|command| command.join(" ")).collect();
        return Err(Failure::new(format!("wrote {}, but could not switch it on: {problem}", login.path().display()))
            .hint(format!(
                "in a session of your own run: {}; where there is none, call `argus up` in your login script",
                by_hand.join(" && ")
            )));
    }
    tell(&format!("Argus starts at login. Wrote {}.", shown(login)));
    match running {
        Some(card) => tell(&format!(
            "A server runs already (process {}) and keeps its place: there is one for a data directory. The next login \
             starts the other; sooner: `argus down`, then `{}`.",
            card.pid,
            visible(&login.command_to_start())
        )),
        None => tell("It runs now too; `argus down` stops it until the next login."),
    }
    print_state(login, format)
}

fn would_enable(configuration: &Configuration, login: &Login, format: Format) -> Done {
    let text = login.render()?;
    let commands: Vec<String> = login
        .commands_to_enable(daemon::find_server(&configuration.data).is_some())
        .iter()
        .map(|command| command.join(" "))
        .collect();
    if format == Format::Json {
        return print_json(&serde_json::json!({
            "dry_run": true, "starter": login.starter(), "path": login.path().display().to_string(),
            "state": login.state(), "text": text, "commands": commands,
        }));
    }
    tell(&format!("Would write {}:", shown(login)));
    print_answer(&text)?;
    for command in commands {
        tell(&format!("Would run: {}", visible(&command)));
    }
    Ok(())
}

fn would_disable(login: &Login, format: Format) -> Done {
    let is_ours = matches!(login.state(), State::On | State::Written);
    if format == Format::Json {
        return print_json(&serde_json::json!({
            "dry_run": true, "starter": login.starter(), "path": login.path().display().to_string(),
            "state": login.state(), "would_remove": is_ours,
        }));
    }
    match is_ours {
        true => print_answer(&format!("Would remove {}\n", shown(login))),
        false => print_answer(&format!("Would remove nothing: {}\n", in_words(login))),
    }
}

fn print_state(login: &Login, format: Format) -> Done {
    let state = login.state();
    let is_ours = matches!(state, State::On | State::Written);
    match format {
        Format::Json => print_json(&serde_json::json!({
            "starter": login.starter(), "path": login.path().display().to_string(), "state": state,
            "is_for_this_data": is_ours.then(|| login.is_for_this_data()),
            "is_current": is_ours.then(|| login.is_current()),
        })),
        Format::Text => print_answer(&format!("{}\n", in_words(login))),
    }
}

fn shown(login: &Login) -> String {
    visible(&login.path().display().to_string()).into_owned()
}
