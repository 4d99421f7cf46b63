//! Connections: accepts them on loopback, bounds them in number, header size and silence, and lets them end in peace.
//!
//! What is no HTTP request at all (broken, or with headers too large) is answered by the protocol library with a bare
//! status and an empty body; everything else is answered by the [`Door`].

mod stall;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use argus_ingest::Intake;
use argus_model::Timestamp;
use argus_store::Readers;
use axum::body::Body;
use axum::http::Request;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use crate::auth::{AuthError, Tokens, random_hex};
use crate::capture::CaptureSource;
use crate::changes::Changes;
use crate::commands::Commands;
use crate::door::{Address, Door};
use crate::otlp::Telemetry;
use crate::routes::{self, Site};

use stall::StallGuard;

/// Connections at the same time; more wait to be accepted.
const MAX_CONNECTIONS: usize = 64;

/// Live streams at the same time, so that they leave connections for questions.
const MAX_STREAMS: usize = 32;

/// Room for a request's line and headers.
const MAX_HEADER_BYTES: usize = 16 * 1024;

/// A connection on which no request arrives whole within this time is closed.
const HEADER_TIMEOUT: Duration = Duration::from_secs(30);

/// How long open requests may take after the server was told to stop.
const FAREWELL: Duration = Duration::from_secs(3);

/// A pause after a failed accept, which mostly means that there are no file descriptors left.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// What the server needs to know and cannot find out itself.
#[derive(Clone, Debug)]
pub struct ApiConfig {
    /// Argus's version.
    pub version: String,
    /// The data directory, for people to see.
    pub data_dir: PathBuf,
    /// The database's file, to tell its size.
    pub database_path: PathBuf,
    /// The time now.
    pub clock: fn() -> Timestamp,
}

/// A server that is ready to be started with [`serve`].
pub struct Server {
    config: ApiConfig,
    readers: Readers,
    tokens: Arc<Tokens>,
    changes: Changes,
    capture: CaptureSource,
    commands: Commands,
    intake: Option<Intake>,
    instance: String,
    query_limit: Duration,
}

/// Why the server did not start.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is not this machine's own.
    #[error("refusing to listen on {0}, which other machines could reach")]
    NotLoopback(SocketAddr),
    /// The listener has no address.
    #[error("the listener has no address: {0}")]
    NoAddress(#[source] std::io::Error),
}

impl Server {
    /// Brings the parts together and draws the name of this instance.
    pub fn new(
        config: ApiConfig,
        readers: Readers,
        tokens: Tokens,
        changes: Changes,
        capture: CaptureSource,
    ) -> Result<Self, AuthError> {
        let instance = random_hex()?.split_off(48);
        Ok(Self {
            config,
            readers,
            tokens: Arc::new(tokens),
            changes,
            capture,
            commands: Commands::default(),
            intake: None,
            query_limit: routes::QUERY_LIMIT,
            instance,
        })
    }

    /// Lets people change what only the writer can change.
    #[must_use]
    pub fn with_commands(mut self, commands: Commands) -> Self {
        self.commands = commands;
        self
    }

    /// Lets telemetry in.
    #[must_use]
    pub fn with_intake(mut self, intake: Intake) -> Self {
        self.intake = Some(intake);
        self
    }

    /// Gives questions up after another time than the two seconds that they may take otherwise.
    #[must_use]
    pub fn with_query_limit(mut self, limit: Duration) -> Self {
        self.query_limit = limit;
        self
    }

    /// A name that no other run of the server has, by which a person can tell this server from an impostor.
    pub fn instance(&self) -> &str {
        &self.instance
    }
}

/// Answers on `listener` until `shutdown` is ready, then lets open requests end.
pub async fn serve(
    listener: TcpListener,
    server: Server,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServeError> {
    let bound = listener.local_addr().map_err(ServeError::NoAddress)?;
    if !bound.ip().is_loopback() {
        return Err(ServeError::NotLoopback(bound));
    }
    let (closing, is_closing) = watch::channel(false);
    let door = Arc::new(open_door(bound, server, is_closing));
    let connections = GracefulShutdown::new();
    let slots = Arc::new(Semaphore::new(MAX_CONNECTIONS));
    let mut shutdown = pin!(shutdown);
    loop {
        let accept = async {
            // The semaphore is never closed.
            let slot = Arc::clone(&slots).acquire_owned().await.ok();
            (listener.accept().await, slot)
        };
        let (accepted, slot) = tokio::select! {
            accepted = accept => accepted,
            () = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, _)) => {
                let connection = converse(stream, Arc::clone(&door), &connections);
                tokio::spawn(async move {
                    connection.await;
                    drop(slot);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    closing.send_replace(true);
    if tokio::time::timeout(FAREWELL, connections.shutdown()).await.is_err() {
        tracing::info!("some connections did not end in time");
    }
    Ok(())
}

fn open_door(bound: SocketAddr, server: Server, closing: watch::Receiver<bool>) -> Door {
    let Server { config, readers, tokens, changes, capture, commands, intake, instance, query_limit } = server;
    let health = serde_json::json!({ "status": "ok", "version": config.version, "instance": instance }).to_string();
    let started_at = (config.clock)();
    let tokens_at_the_door = Arc::clone(&tokens);
    let streams = Arc::new(Semaphore::new(MAX_STREAMS));
    let site = Site {
        config,
        readers,
        tokens,
        changes,
        capture,
        commands,
        instance,
        started_at,
        closing,
        streams,
        query_limit,
    };
    Door::new(Address::of(bound), tokens_at_the_door, routes::router(Arc::new(site)), Telemetry::new(intake), health)
}

/// One connection, from its first request to its end.
fn converse(stream: TcpStream, door: Arc<Door>, all: &GracefulShutdown) -> impl Future<Output = ()> + Send + use<> {
    // Small events must not wait for more.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let door = Arc::clone(&door);
        async move { Ok::<_, std::convert::Infallible>(door.answer(request.map(Body::new)).await) }
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .max_header_size(MAX_HEADER_BYTES)
        .serve_connection(TokioIo::new(StallGuard::new(stream)), service);
    let connection = all.watch(connection);
    async move {
        if let Err(error) = connection.await {
            tracing::debug!(%error, "a connection broke");
        }
    }
}
