//! The commands, a file each, and what several of them need.

mod alerts;
mod autostart;
mod budgets;
mod care;
mod carry;
mod completions;
mod context;
mod cost;
mod db;
mod demo;
mod doctor;
mod down;
mod estimate;
mod explain;
mod export;
mod forget;
mod guard;
mod import;
mod install;
mod latency;
mod open;
mod pause;
mod prices;
mod reconcile;
mod rules;
mod search;
mod secrets;
mod serve;
mod sessions;
mod show;
mod status;
pub(crate) mod statusline;
mod token;
mod uninstall;
mod up;
mod version;
mod webhooks;

pub(crate) use alerts::{SeverityArg, StateArg};

use std::time::Duration;

use argus_model::SessionId;
use argus_store::{Reader, Readers, Store, StoreError};
use indicatif::ProgressBar;

use crate::cli::{Cli, Command, DbCommand};
use crate::configuration::Configuration;
use crate::failure::{Done, Failure};
use crate::output::{tell, visible};

/// Runs what was asked.
pub(crate) fn run(cli: &Cli) -> Done {
    if cli.version {
        return version::run(&cli.global);
    }
    let Some(command) = &cli.command else {
        return Err(
            Failure::usage("no command given").hint("`argus up` sets everything up, `argus --help` lists the rest")
        );
    };
    if let Command::Completions(arguments) = command {
        return completions::run(arguments);
    }
    let format = if cli.global.json { Format::Json } else { Format::Text };
    if let Command::Rules(command) = command {
        return rules::run(&cli.global, command, format);
    }
    let configuration = match Configuration::load(&cli.global) {
        Err(problem) if works_without_file(command) => {
            let without = Configuration::load_without_file(&cli.global, &problem)?;
            tell(&format!("Warning: {}; this goes on as if there were no such file", visible(problem.cause())));
            without
        }
        loaded => loaded?,
    };
    match command {
        Command::Up(arguments) => up::run(&configuration, arguments, format),
        Command::Down => down::run(&configuration, format),
        Command::Autostart(command) => autostart::run(&configuration, command, format),
        Command::Status => status::run(&configuration, format),
        Command::Pause(arguments) => pause::pause(&configuration, arguments, format),
        Command::Resume => pause::resume(&configuration, format),
        Command::Open(arguments) => open::run(&configuration, arguments, format),
        Command::Serve(arguments) => serve::run(&configuration, arguments),
        Command::Install(arguments) => install::run(&configuration, arguments, format),
        Command::Uninstall(arguments) => uninstall::run(&configuration, arguments, format),
        Command::Import(arguments) => import::run(&configuration, arguments, format),
        Command::Search(arguments) => search::run(&configuration, arguments, format),
        Command::Sessions(arguments) => sessions::run(&configuration, arguments, format),
        Command::Cost(arguments) => cost::run(&configuration, arguments, format),
        Command::Export(arguments) => export::run(&configuration, arguments, format),
        Command::Prices(command) => prices::run(&configuration, command, format),
        Command::Budgets => budgets::run(&configuration, format),
        Command::Alerts { list, command } => alerts::run(&configuration, list, command.as_ref(), format),
        Command::Webhooks { command } => webhooks::run(&configuration, command.as_ref(), format),
        Command::Secrets(arguments) => secrets::run(&configuration, arguments, format),
        Command::Guard(arguments) => guard::run(&configuration, arguments, format),
        Command::Show(arguments) => show::run(&configuration, arguments, format),
        Command::Demo(arguments) => demo::run(&configuration, arguments),
        Command::Forget(arguments) => forget::run(&configuration, arguments, format),
        Command::Doctor(arguments) => doctor::run(&configuration, arguments, format),
        Command::Token(arguments) => token::run(&configuration, arguments, format),
        Command::Db(command) => db::run(&configuration, command, format),
        // These are taken care of before.
        Command::Hook | Command::Statusline(_) | Command::Completions(_) | Command::Rules(_) => Ok(()),
    }
}

/// What must work whatever is wrong with the configuration file: stopping, uninstalling, and looking for faults.
fn works_without_file(command: &Command) -> bool {
    match command {
        Command::Down | Command::Uninstall(_) | Command::Status | Command::Doctor(_) => true,
        Command::Db(command) => matches!(command, DbCommand::Path | DbCommand::Check),
        _ => false,
    }
}

/// How data is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// For people.
    Text,
    /// One JSON document.
    Json,
}

/// Makes the data directory, or says why that cannot be.
fn prepare(configuration: &Configuration) -> Done {
    configuration.data.prepare().map_err(|error| {
        Failure::new(format!("cannot use the data directory ({error}): {}", configuration.data.path().display()))
            .hint("check its permissions, or choose another one with --data-dir")
    })
}

/// The database, made if there is none.
fn open_store(configuration: &Configuration) -> Done<Store> {
    prepare(configuration)?;
    let path = configuration.data.database();
    let spinner = Store::is_older(&path).then(|| {
        let spinner = ProgressBar::new_spinner().with_message("bringing the database up to date");
        spinner.enable_steady_tick(Duration::from_millis(120));
        spinner
    });
    let store = Store::open(&path).map_err(with_advice);
    spinner.iter().for_each(ProgressBar::finish_and_clear);
    store
}

/// A reader of what is there; `None` where nothing was captured yet.
fn open_reader(configuration: &Configuration) -> Done<Option<Reader>> {
    let Some(readers) = open_readers(configuration)? else { return Ok(None) };
    Ok(Some(readers.get().map_err(with_advice)?))
}

/// The same for a command that reads for longer than a moment.
fn open_readers(configuration: &Configuration) -> Done<Option<Readers>> {
    if !configuration.data.database().exists() {
        return Ok(None);
    }
    Ok(Some(open_store(configuration)?.readers()))
}

fn with_advice(error: StoreError) -> Failure {
    let hint = match &error {
        StoreError::WriterBusy(_) => "`argus status` says what runs",
        StoreError::Newer { .. } | StoreError::OldSqlite(_) => "nothing was changed; use the newer Argus",
        StoreError::BadCursor => "take the cursor from `next_cursor` of the page before",
        StoreError::Io { .. } => "check the permissions of the data directory, or choose another one with --data-dir",
        error if error.is_damage() => {
            "put a backup back (`argus db path` says where), or move the file away: `argus import` reads what Claude Code still has"
        }
        StoreError::Sqlite(_) | StoreError::Migration(_) | StoreError::BadBackup(_) => {
            "`argus db check` looks for damage"
        }
    };
    Failure::from(error).hint(hint)
}

/// The session that an id or the beginning of one names.
fn find_session(reader: &Reader, named: &str) -> Done<SessionId> {
    let unknown = || {
        Failure::new(format!("no session begins with {}", visible(named))).hint("`argus sessions` lists what there is")
    };
    if named.is_empty() {
        return Err(unknown());
    }
    let mut found = reader.find_session(named).map_err(with_advice)?;
    if let Some(exact) = found.iter().position(|id| id.as_str() == named) {
        return Ok(found.swap_remove(exact));
    }
    match found.len() {
        0 => Err(unknown()),
        1 => Ok(found.swap_remove(0)),
        _ => {
            let ids: Vec<_> = found.iter().map(|id| visible(id.as_str())).collect();
            Err(Failure::new(format!("several sessions begin with {}", visible(named)))
                .hint(format!("give more of it: {}", ids.join(", "))))
        }
    }
}
