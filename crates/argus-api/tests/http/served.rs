//! A real server over a real database, and a client that sends exactly the bytes it is told.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use argus_api::{ApiConfig, CaptureStatus, Changes, Commands, Server, Tokens, read_script_token, serve};
use argus_ingest::Intake;
use argus_model::Timestamp;
use argus_store::{Store, Writer};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

use crate::settings;

/// 2026-11-22T07:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_micros(1_795_330_800_000_000);

pub(crate) struct Served {
    pub(crate) address: SocketAddr,
    pub(crate) token: String,
    pub(crate) data_dir: TempDir,
    pub(crate) changes: Changes,
    stop: Option<oneshot::Sender<()>>,
    runtime: Option<Runtime>,
}

/// An answer, taken apart.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    pub(crate) fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap_or_default().to_owned()
    }
}

impl Served {
    pub(crate) fn empty() -> Self {
        Self::over(|_| {})
    }

    pub(crate) fn over(fill: impl FnOnce(&mut Writer)) -> Self {
        Self::with(fill, |server| server)
    }

    /// One that is not quite as usual.
    pub(crate) fn with(fill: impl FnOnce(&mut Writer), change: impl FnOnce(Server) -> Server) -> Self {
        let data_dir = tempfile::tempdir().unwrap();
        let store = Store::open(&data_dir.path().join("argus.db")).unwrap();
        fill(&mut store.writer().unwrap());
        let changes = Changes::new();
        let server = change(server(&store, data_dir.path(), changes.clone()));
        let token = read_script_token(data_dir.path()).unwrap();
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel::<()>();
        runtime.spawn(async move {
            serve(listener, server, async {
                let _ = stopped.await;
            })
            .await
            .unwrap();
        });
        Self { address, token, data_dir, changes, stop: Some(stop), runtime: Some(runtime) }
    }

    pub(crate) fn host(&self) -> String {
        self.address.to_string()
    }

    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        stream
    }

    /// Sends these bytes and reads to the end of the connection.
    pub(crate) fn raw(&self, bytes: impl AsRef<[u8]>) -> Answer {
        let mut stream = self.connect();
        stream.write_all(bytes.as_ref()).unwrap();
        let mut all = Vec::new();
        // A server that refuses a body resets the connection after its answer.
        let _ = stream.read_to_end(&mut all);
        parse(&all)
    }

    /// A request with the right host and these headers.
    pub(crate) fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> Answer {
        let host = self.host();
        let length = if body.is_empty() { String::new() } else { format!("Content-Length: {}\r\n", body.len()) };
        self.raw(format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{length}{headers}\r\n{body}"
        ))
    }

    pub(crate) fn bearer(&self) -> String {
        format!("Authorization: Bearer {}\r\n", self.token)
    }

    /// What a script gets.
    pub(crate) fn get(&self, path: &str) -> Answer {
        self.request("GET", path, &self.bearer(), "")
    }

    pub(crate) fn get_json(&self, path: &str) -> serde_json::Value {
        let answer = self.get(path);
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        answer.json()
    }

    pub(crate) fn post(&self, path: &str, headers: &str, body: &str) -> Answer {
        self.request("POST", path, &format!("Content-Type: application/json\r\n{headers}"), body)
    }

    /// Tells the server to end, and how long it took.
    pub(crate) fn stop(&mut self) -> Duration {
        let begun = std::time::Instant::now();
        drop(self.stop.take());
        while TcpStream::connect(self.address).is_ok() && begun.elapsed() < Duration::from_secs(5) {
            std::thread::sleep(Duration::from_millis(5));
        }
        begun.elapsed()
    }
}

/// So much telemetry may wait, which nobody drains here.
pub(crate) const TELEMETRY_CAP_BYTES: u64 = 1024 * 1024;

/// A server that is not started yet.
pub(crate) fn server(store: &Store, data_dir: &Path, changes: Changes) -> Server {
    let config = ApiConfig {
        version: "1.2.3".into(),
        data_dir: data_dir.into(),
        database_path: store.path().into(),
        clock: || NOW,
    };
    let capture = Arc::new(|| CaptureStatus { is_watching: Some(true), ..CaptureStatus::default() });
    // Nobody else writes here, so each command may take the writer's place for a moment.
    let store_of_commands = store.clone();
    let act =
        move |scope, action| Ok(store_of_commands.writer().unwrap().act_on_alerts(&scope, &action).unwrap().count);
    let commands = Commands { act_on_alerts: Arc::new(act), ..settings::commands() };
    let tokens = Tokens::open(data_dir).unwrap();
    let intake = Intake::open(data_dir, TELEMETRY_CAP_BYTES).unwrap();
    Server::new(config, store.readers(), tokens, changes, capture).unwrap().with_commands(commands).with_intake(intake)
}

impl Drop for Served {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn parse(all: &[u8]) -> Answer {
    let text = String::from_utf8_lossy(all);
    let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
    let mut lines = head.lines();
    let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|code| code.parse().ok()).unwrap_or(0);
    let headers: Vec<(String, String)> =
        lines.filter_map(|line| line.split_once(": ")).map(|(n, v)| (n.to_owned(), v.to_owned())).collect();
    let is_chunked = headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked");
    let body = if is_chunked { dechunked(body) } else { body.to_owned() };
    Answer { status, headers, body }
}

fn dechunked(mut rest: &str) -> String {
    let mut whole = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or(0);
        if size == 0 || after.len() < size + 2 {
            break;
        }
        whole.push_str(&after[..size]);
        rest = &after[size + 2..];
    }
    whole
}
