//! `argus serve`: capture and dashboard in one process, until SIGINT or SIGTERM.
//!
//! Order of the start: lock, port, database, pipeline, answers. Whatever is taken already ends the start before anything
//! was changed. Order of the end: no more answers, then the pipeline finishes the work at hand, then the lock goes.

mod forward;
mod notify;
mod publish;
mod settings;
mod trials;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use argus_api::{
    ApiConfig, CaptureSource, CaptureStatus, CareStatus, Changes, CommandRefused, Commands, ExcludedStatus,
    ImportStatus, Server, SpoolStatus, TelemetryStatus, Tokens,
};
use argus_ingest::{CareProgress, Copies, IngestConfig, Pipeline};
use argus_model::CareOrder;
use tokio::signal::unix::{SignalKind, signal};

use super::{open_store, with_advice};
use crate::cli::ServeArgs;
use crate::configuration::Configuration;
use crate::daemon::{ServerCard, ServerLock};
use crate::failure::{Done, Explain, Failure};
use crate::log::Log;
use crate::output::tell;
use crate::sending::Sending;
use crate::{registering, when};
use settings::Settings;
use trials::Trials;

/// How long an answer about the hooks holds: pages ask often, settings change seldom.
const HOOKS_HOLD: Duration = Duration::from_secs(5);

/// Runs the server.
pub(super) fn run(configuration: &Configuration, arguments: &ServeArgs) -> Done {
    if arguments.background {
        // A session of its own, so that the closing terminal does not take it along. It fails only for a leader.
        let _ = rustix::process::setsid();
    }
    let listen = arguments.listen.unwrap_or(configuration.listen);
    start_log(arguments.background.then(|| configuration.data.log()))?;
    run_at(configuration, listen, |card| tell(&format!("Argus listens on http://{} (stop with Ctrl-C).", card.address)))
}

/// Runs the server at an address; `started` hears of it once it can be asked.
pub(super) fn run_at(
    configuration: &Configuration,
    listen: SocketAddr,
    started: impl FnOnce(&ServerCard) + Send + 'static,
) -> Done {
    rustix::process::umask(rustix::fs::Mode::from_raw_mode(0o077));
    stay_small();
    if !listen.ip().is_loopback() {
        return Err(Failure::usage(format!("{listen} can be reached from other machines"))
            .hint("listen on 127.0.0.1; to look from elsewhere, forward the port with ssh -L"));
    }
    configuration.rule_problems.iter().for_each(|problem| tracing::warn!(problem, "not all of the rules hold"));
    let store = open_store(configuration)?;
    let mut lock = ServerLock::take(&configuration.data)?;
    let listener = bind(listen)?;
    let changes = Changes::new();
    let ingest = IngestConfig {
        data_dir: configuration.data.path().to_owned(),
        config_roots: configuration.config_roots.clone(),
        settings: configuration.settings.clone(),
    };
    let pipeline = Arc::new(
        Pipeline::start(&store, ingest, Box::new(changes.publisher())).or_hint("`argus status` says what runs")?,
    );
    let config = ApiConfig {
        version: env!("CARGO_PKG_VERSION").into(),
        data_dir: configuration.data.path().to_owned(),
        database_path: configuration.data.database(),
        clock: when::now,
    };
    let tokens = Tokens::open(configuration.data.path())?;
    let settings = Settings::new(configuration.clone(), &pipeline);
    let capture = capture_source(configuration.clone(), Arc::clone(&pipeline), Arc::clone(&settings));
    let commands = commands(&pipeline, &settings, &Trials::new(Arc::clone(&settings), store.readers()));
    let copies = Arc::new(Copies::open(configuration.data.path()).map_err(|error| Failure::new(error.to_string()))?);
    let server = Server::new(config, store.readers(), tokens, changes, capture)?
        .with_commands(commands)
        .with_intake(pipeline.intake().with_copies(Arc::clone(&copies)));
    let watch = settings::watch(&settings, store.readers())?;
    let notifier = notify::start(&settings, store.readers())?;
    let forwards = forward::start(configuration.data.path().to_owned(), copies)?;
    let card = ServerCard {
        pid: i32::try_from(std::process::id()).unwrap_or(0),
        address: listener.local_addr()?,
        instance: server.instance().to_owned(),
        version: env!("CARGO_PKG_VERSION").into(),
    };
    lock.write(&card)?;
    store.readers().get().map_err(with_advice)?;
    std::thread::Builder::new().name("announce".into()).spawn(move || started(&card))?;
    answer(listener, server)?;
    drop(forwards);
    drop(notifier);
    drop(watch);
    // The capture source went with the server; this was the last other owner.
    if let Some(pipeline) = Arc::into_inner(pipeline) {
        pipeline.stop();
    }
    drop(lock);
    Ok(())
}

fn answer(listener: TcpListener, server: Server) -> Done {
    listener.set_nonblocking(true)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    runtime.block_on(async {
        let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
        // A terminal that closes is no reason to stop capturing.
        let _hangup = signal(SignalKind::hangup())?;
        let listener = tokio::net::TcpListener::from_std(listener)?;
        let shutdown = async move {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
        };
        Ok::<_, Failure>(argus_api::serve(listener, server, shutdown).await?)
    })?;
    runtime.shutdown_timeout(Duration::from_secs(3));
    Ok(())
}

fn bind(listen: SocketAddr) -> Done<TcpListener> {
    TcpListener::bind(listen).map_err(|error| match error.kind() {
        io::ErrorKind::AddrInUse => Failure::new(format!("port {} is taken by another program", listen.port()))
            .hint(format!("`argus up --port {}` uses another one", listen.port().wrapping_add(1).max(1024))),
        _ => Failure::new(format!("cannot listen on {listen}: {error}")).hint("choose another address with --listen"),
    })
}

/// What people change goes to the one thread that writes.
fn commands(pipeline: &Arc<Pipeline>, settings: &Arc<Settings>, trials: &Arc<Trials>) -> Commands {
    let pipeline = Arc::downgrade(pipeline);
    let caring = pipeline.clone();
    let (read, changed, looked) = (Arc::clone(settings), Arc::clone(settings), Arc::clone(settings));
    let (priced, judged_by, guarded) = (Arc::clone(settings), Arc::clone(settings), Arc::clone(settings));
    let (trials, allowing) = (Arc::clone(trials), Arc::clone(settings));
    Commands {
        add_exceptions: Arc::new(move |text| allowing.add_exceptions(&text)),
        order_backtest: Arc::new(move |request| trials.order(request)),
        guard: Arc::new(move |order| guarded.guard(order)),
        prices: Arc::new(move || priced.prices()),
        rulebook: Arc::new(move || judged_by.rulebook()),
        settings: Arc::new(move || read.record()),
        change_settings: Arc::new(move |changes| changed.change(changes)),
        order_care: Arc::new(move |order| {
            let pipeline = caring.upgrade().ok_or(CommandRefused::NoWriter)?;
            if let Some(order) = order {
                if order == CareOrder::Reprice {
                    // By the prices that the person has just seen the outcome of.
                    looked.look();
                }
                pipeline.order_care(order).map_err(|_| CommandRefused::Failed)?;
            }
            let CareProgress { order_no, phase, report, error } = pipeline.care_progress();
            Ok(CareStatus { order_no, phase, report, error })
        }),
        act_on_alerts: Arc::new(move |scope, action| {
            let pipeline = pipeline.upgrade().ok_or(CommandRefused::NoWriter)?;
            pipeline.act_on_alerts(scope, action).map_err(|error| {
                tracing::error!(%error, "an action about alerts failed");
                CommandRefused::Failed
            })
        }),
    }
}

/// What only this process knows of capture.
fn capture_source(configuration: Configuration, pipeline: Arc<Pipeline>, settings: Arc<Settings>) -> CaptureSource {
    let looked = Mutex::new(None::<(Instant, argus_api::HookStatus, TelemetryStatus)>);
    Arc::new(move || {
        let status = pipeline.status();
        let mut held = looked.lock().unwrap_or_else(PoisonError::into_inner);
        if held.as_ref().is_none_or(|(at, ..)| at.elapsed() > HOOKS_HOLD) {
            let Sending { since, problems, .. } = Sending::look(&configuration);
            let telemetry =
                TelemetryStatus { since, detail: problems.into_iter().next().map(|problem| problem.message) };
            *held = Some((Instant::now(), registering::hook_status(&configuration), telemetry));
        }
        let (hooks, telemetry) =
            held.as_ref().map(|(_, hooks, telemetry)| (hooks.clone(), telemetry.clone())).unwrap_or_default();
        CaptureStatus {
            spool: SpoolStatus {
                pending_files: Some(status.spool_pending_files),
                pending_bytes: Some(status.spool_pending_bytes),
                lost_records: Some(status.lost_records),
            },
            importing: status.importing.map(|progress| ImportStatus {
                files_done: progress.files_done,
                files_total: progress.files_total,
                bytes_done: progress.bytes_done,
                bytes_total: progress.bytes_total,
            }),
            is_watching: Some(status.watching),
            pause: status.pause,
            excluded: ExcludedStatus { sessions: status.excluded_sessions, projects: status.excluded_projects },
            settings_problem: settings.problem(),
            hooks,
            telemetry,
        }
    })
}

/// Huge pages would double the memory of a server that waits, and make no import quicker. Only here, since programs that
/// a process starts inherit the answer.
fn stay_small() {
    #[cfg(target_os = "linux")]
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

/// JSON lines, so that no logged text can forge a line: to a file that is turned over, or to the terminal. `ARGUS_LOG`
/// chooses what is logged.
pub(super) fn start_log(path: Option<PathBuf>) -> Done {
    let filter = tracing_subscriber::EnvFilter::try_from_env("ARGUS_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("warn"));
    let log = tracing_subscriber::fmt().json().with_env_filter(filter);
    // It fails only where a log was started already.
    let _ = match path {
        Some(path) => log.with_writer(Log::new(path).while_doing("cannot open the log")?).try_init(),
        None => log.with_writer(io::stderr).try_init(),
    };
    Ok(())
}
