//! `argus demo`: Argus on made-up sessions, in a folder of their own.

use std::fs;
use std::sync::mpsc;
use std::time::Duration;

use argus_ingest::{IngestConfig, Until, import};
use indicatif::{ProgressBar, ProgressStyle};
use jiff::{SignedDuration, Timestamp};

use super::import::Bar;
use super::{open_store, up, with_advice};
use crate::cli::{DemoArgs, Global, Scope};
use crate::configuration::Configuration;
use crate::daemon;
use crate::demo;
use crate::failure::{Done, Explain, Failure};
use crate::hook_binary::{self, Program};
use crate::output::{render_count, tell};
use crate::registering::{Change, list_settings, wanted_registration};
use crate::settings::Extras;

/// A demo older than this is made anew, so that its last day is today.
const FRESH_HOURS: i64 = 12;
/// Between two steps of the session that runs.
const PAUSE: Duration = Duration::from_millis(2_500);

/// Makes the demo where it is missing, and serves it until it is stopped.
pub(super) fn run(configuration: &Configuration, arguments: &DemoArgs) -> Done {
    let data = demo::folder(&configuration.data);
    // A configuration of its own, with budgets that fit, so that there is something to see.
    let global =
        Global { data_dir: Some(data.path().to_owned()), config_root: vec![demo::config_root(&data)], json: false };
    let may_open = configuration.open_browser && !arguments.no_open;
    let configuration = Configuration::load(&global)?;
    if let Some(card) = daemon::find_server(&configuration.data) {
        return Err(Failure::new(format!("the demo runs already, at http://{}", card.address))
            .hint("stop it there with Ctrl-C first"));
    }
    let is_fresh = demo::made_at(&configuration.data)
        .is_some_and(|made| Timestamp::now().duration_since(made) < SignedDuration::from_hours(FRESH_HOURS));
    if !is_fresh || arguments.fresh {
        make(&configuration, arguments.steps)?;
    }
    let configuration = configuration.reload()?;
    let mut listen = configuration.listen;
    listen.set_port(arguments.port);
    let (stop, stopped) = mpsc::channel();
    let data = configuration.data.clone();
    let player = std::thread::Builder::new().name("demo".into()).spawn(move || demo::play(&data, &stopped, PAUSE))?;
    tell("Everything here is made up. Ctrl-C ends the demo; your own data is not touched.");
    let served = up::serve_here(&configuration, listen, may_open);
    drop(stop);
    if let Ok(Err(error)) = player.join() {
        tracing::warn!(%error, "the demo's live session could not be written");
    }
    served
}

/// The hook in the demo's own settings, so that capture looks as it should.
fn register(configuration: &Configuration) -> Done {
    hook_binary::place(Program::Hook, &configuration.data)?;
    let wanted = wanted_registration(configuration, &[])?;
    list_settings(configuration, Scope::User, None)?
        .iter()
        .try_for_each(|path| Change::plan(path, &wanted, &Extras::default())?.carry_out())
}

/// Writes and imports the sessions.
fn make(configuration: &Configuration, steps: usize) -> Done {
    let data = &configuration.data;
    if data.path().exists() {
        if !demo::is_demo(data) {
            return Err(Failure::new(format!("{} is there and holds no demo", data.path().display()))
                .hint("move it away, or choose another place with --data-dir"));
        }
        fs::remove_dir_all(data.path())
            .while_doing(&format!("cannot remove the old demo {}", data.path().display()))?;
    }
    let bar = ProgressBar::new(1_000);
    if let Ok(style) = ProgressStyle::with_template("{msg:>9} [{bar:30}] {percent} % {eta}") {
        bar.set_style(style.progress_chars("█▉▊▋▌▍▎▏ "));
    }
    bar.set_message("writing");
    let made = demo::make(data, Timestamp::now(), steps, &|thousandths| bar.set_position(thousandths));
    bar.finish_and_clear();
    made.while_doing(&format!("cannot write the demo to {}", data.path().display()))?;
    register(configuration)?;
    let store = open_store(configuration)?;
    let config = IngestConfig {
        data_dir: data.path().to_owned(),
        config_roots: configuration.config_roots.clone(),
        settings: configuration.settings.clone(),
    };
    let bar = Bar::new();
    let report = import(&store, &config, &[], Until::Searchable, &|progress| bar.show(progress));
    bar.finish();
    let report = report.or_hint("`argus demo --fresh` makes it anew")?;
    demo::write_budgets(data, &store.readers().get().map_err(with_advice)?)?;
    tell(&format!(
        "Made {} sessions with {} tool calls.",
        render_count(Some(report.sessions)),
        render_count(Some(report.tool_calls))
    ));
    Ok(())
}
