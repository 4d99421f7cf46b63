//! `argus up`: from nothing to the dashboard, doing only what is missing.

use std::net::SocketAddr;

use super::import::{Bar, wait_for_server};
use super::open::{mint_address, open_browser};
use super::{Format, prepare, serve};
use crate::cli::UpArgs;
use crate::configuration::Configuration;
use crate::daemon;
use crate::failure::{Done, Failure};
use crate::hook_binary::{self, Program};
use crate::output::{Screen, ask, has_person, print_answer, print_json, tell};
use crate::registering::{Change, find_clients, list_settings, wanted_registration};
use crate::settings::Extras;

/// Sets up, starts and opens.
pub(super) fn run(configuration: &Configuration, arguments: &UpArgs, format: Format) -> Done {
    let mut listen = configuration.listen;
    if let Some(port) = arguments.port {
        listen.set_port(port);
    }
    let running = daemon::find_server(&configuration.data);
    if let (Some(card), Some(port)) = (&running, arguments.port)
        && card.address.port() != port
    {
        return Err(Failure::new(format!("the server runs already, at {}", card.address))
            .hint(format!("`argus down`, then `argus up --port {port}`")));
    }
    prepare(configuration)?;
    if !arguments.no_hooks {
        register(configuration, arguments)?;
    }
    if !configuration.config_roots.iter().any(|root| root.join("projects").is_dir()) {
        let roots: Vec<_> = configuration.config_roots.iter().map(|root| root.display().to_string()).collect();
        tell(&format!(
            "No Claude Code data in {} yet; sessions appear as soon as you use it. `argus demo` shows Argus on made-up ones.",
            roots.join(", ")
        ));
    }
    configuration.rule_problems.iter().for_each(|problem| tell(&format!("Warning: {problem}")));
    if arguments.foreground && running.is_none() {
        return serve_here(configuration, listen, !arguments.no_open);
    }
    if arguments.foreground {
        tell("A server runs already in the background, and goes on. `argus down` stops it.");
    }
    let card = match running {
        Some(card) => card,
        None => daemon::start(&configuration.data, &server_arguments(configuration, listen))?,
    };
    let bar = Bar::new();
    let imported = wait_for_server(configuration, &card, &bar);
    bar.finish();
    imported?;
    let address = mint_address(configuration, &card, "")?;
    match format {
        Format::Json => print_json(&serde_json::json!({ "url": address, "server": card }))?,
        Format::Text => print_answer(&format!("{address}\n"))?,
    }
    if configuration.open_browser && !arguments.no_open {
        open_browser(&address);
    }
    Ok(())
}

fn server_arguments(configuration: &Configuration, listen: SocketAddr) -> Vec<String> {
    let data = configuration.data.path().display().to_string();
    let mut arguments = vec!["serve".into(), "--background".into(), "--listen".into(), listen.to_string()];
    arguments.extend(["--data-dir".into(), data]);
    for root in &configuration.config_roots {
        arguments.extend(["--config-root".into(), root.display().to_string()]);
    }
    arguments
}

/// The hook in its place and in the settings, after asking.
fn register(configuration: &Configuration, arguments: &UpArgs) -> Done {
    hook_binary::place(Program::Hook, &configuration.data)?;
    let wanted = wanted_registration(configuration, &find_clients())?;
    let paths = list_settings(configuration, crate::cli::Scope::User, None)?;
    let changes = paths.iter().map(|path| Change::plan(path, &wanted, &Extras::default())).collect::<Done<Vec<_>>>()?;
    for change in changes.iter().filter(|change| change.is_needed()) {
        if !arguments.yes {
            if !has_person() {
                tell(&format!(
                    "Changed no settings: there is nobody to ask. `argus install --yes` registers the hook in {}.",
                    change.path().display()
                ));
                continue;
            }
            tell(&change.render(Screen::of_stderr()));
            if !ask(&format!("Change {}?", change.path().display())) {
                tell(
                    "Left as it is; transcripts are read all the same, but later and without permissions and waiting.",
                );
                continue;
            }
        }
        change.carry_out()?;
        tell(&format!("Registered the hook in {}.", change.path().display()));
    }
    Ok(())
}

/// Serves in this process until it is stopped; `may_open` unless the person's configuration says otherwise.
pub(super) fn serve_here(configuration: &Configuration, listen: SocketAddr, may_open: bool) -> Done {
    let opens = configuration.open_browser && may_open;
    let known = configuration.clone();
    serve::start_log(None)?;
    serve::run_at(configuration, listen, move |card| {
        for _ in 0..250 {
            if daemon::answers(card) {
                break;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        match mint_address(&known, card, "") {
            Ok(address) => {
                // Nobody reads standard output where it is closed.
                let _ = print_answer(&format!("{address}\n"));
                if opens {
                    open_browser(&address);
                }
            }
            Err(failure) => tell(&format!("The server runs at http://{}, but: {}", card.address, failure.cause())),
        }
    })
}
