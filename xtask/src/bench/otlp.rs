//! How many log records of Claude Code's telemetry are taken and stored in a second?
//!
//! The records are those that the real client sent (`testdata/recordings`), without the ones that only a start sends, under
//! ids of their own for each copy, so that each makes the rows that it would make in life. They come as batches of 512
//! over as many connections as asked for. Two times are told: until the last batch was answered (all of it outlives a
//! crash then), and until the last record is in the tables.

mod protobuf;

use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::{Args, ValueEnum};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};

use super::measure::{self, megabytes, milliseconds};
use super::server::{Server, World};
use crate::workspace::Checkout;
use crate::{Result, program};

/// Records in a batch, as the client sends them at most.
const BATCH: usize = 512;
/// Events that a start of the client sends once, many at a time: work sends none of them.
const OF_A_START: [&str; 4] =
    ["hook_registered", "managed_settings_resolved", "mcp_server_connection", "plugin_loaded"];
/// So many copies make one session: a few thousand records.
const COPIES_OF_A_SESSION: usize = 50;
/// Longer than any run that is worth measuring.
const STORED_AT_MOST: Duration = Duration::from_secs(300);

/// How much to send.
#[derive(Args)]
pub(crate) struct Options {
    /// Log records.
    #[arg(long, default_value_t = 100_000)]
    records: usize,
    /// Connections at the same time.
    #[arg(long, default_value_t = 2)]
    connections: usize,
    /// How batches are written.
    #[arg(long, value_enum, default_value_t = Encoding::Json)]
    encoding: Encoding,
    /// Pack them.
    #[arg(long)]
    gzip: bool,
    /// One JSON document instead of a table.
    #[arg(long)]
    json: bool,
}

/// The two encodings of OTLP over HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Encoding {
    Json,
    Protobuf,
}

impl Options {
    /// What a request says of its body.
    fn headers(&self) -> String {
        let kind = match self.encoding {
            Encoding::Json => "application/json",
            Encoding::Protobuf => "application/x-protobuf",
        };
        let packing = if self.gzip { "Content-Encoding: gzip\r\n" } else { "" };
        format!("Content-Type: {kind}\r\n{packing}")
    }

    /// A batch of JSON as it is sent.
    fn encode(&self, batch: String) -> Result<Vec<u8>> {
        let plain = match self.encoding {
            Encoding::Json => batch.into_bytes(),
            Encoding::Protobuf => protobuf::export(&serde_json::from_str(&batch)?),
        };
        if !self.gzip {
            return Ok(plain);
        }
        let mut packer = GzEncoder::new(Vec::new(), Compression::default());
        packer.write_all(&plain)?;
        Ok(packer.finish()?)
    }
}

pub(crate) fn run(checkout: &Checkout, options: &Options) -> Result<()> {
    let batches = make_batches(checkout, options.records)?;
    let batches = batches.into_iter().map(|batch| options.encode(batch)).collect::<Result<Vec<_>>>()?;
    let bytes: usize = batches.iter().map(Vec::len).sum();
    let world = World::new(checkout, "otlp", None)?;
    let server = world.start()?;
    let token = program::capture(&mut world.argus(&["token", "--otlp"])?)?.trim().to_owned();
    let script = world.token()?;

    let begin = Instant::now();
    send_all(&server, &token, &batches, options)?;
    let taken = begin.elapsed();
    let count = |source: &Value| source["source"] == "otlp" && source["record_count"] == options.records;
    while !server.ask("/api/v1/capture", &script)?.1["sources"].as_array().is_some_and(|all| all.iter().any(count)) {
        if begin.elapsed() > STORED_AT_MOST {
            return Err("not all records were stored in time".into());
        }
        thread::sleep(Duration::from_millis(20));
    }
    let stored = begin.elapsed();
    let spent = measure::cpu_time(server.child()).unwrap_or_default();
    let peak_bytes = measure::memory(server.child(), "VmHWM:").unwrap_or_default();
    let size = |name: &str| fs::metadata(world.data_dir().join(name)).map_or(0, |found| found.len());
    let database_bytes = size("argus.db") + size("argus.db-wal");
    let rate = |time: Duration| options.records as f64 / time.as_secs_f64();
    let result = json!({
        "records": options.records, "batches": batches.len(), "bytes": bytes, "connections": options.connections,
        "taken": { "wall_ms": milliseconds(taken), "records_per_s": rate(taken) },
        "stored": { "wall_ms": milliseconds(stored), "records_per_s": rate(stored) },
        "server_processor_ms": milliseconds(spent),
        "server_peak_bytes": peak_bytes,
        "database_bytes": database_bytes,
    });
    if options.json {
        println!("{result:#}");
        return Ok(());
    }
    println!("{} log records in {} batches, {:.0} MB", options.records, batches.len(), megabytes(bytes as u64));
    println!("taken   {:>8.0} ms  {:>8.0} records/s", milliseconds(taken), rate(taken));
    println!("stored  {:>8.0} ms  {:>8.0} records/s", milliseconds(stored), rate(stored));
    let micros = spent.as_secs_f64() * 1e6 / options.records as f64;
    println!("server's processor time {:.0} ms, {micros:.1} µs a record", milliseconds(spent));
    println!(
        "server's peak memory {:.0} MB, database with its log {:.0} MB",
        megabytes(peak_bytes),
        megabytes(database_bytes)
    );
    Ok(())
}

fn send_all(server: &Server, token: &str, batches: &[Vec<u8>], options: &Options) -> Result<()> {
    let (next, headers) = (AtomicUsize::new(0), options.headers());
    thread::scope(|scope| {
        let work = || -> std::result::Result<(), String> {
            while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
                loop {
                    match server.post("/v1/logs", token, &headers, batch).map_err(|error| error.to_string())? {
                        200 => break,
                        // Too much waits: come again, as a client does.
                        503 => thread::sleep(Duration::from_millis(100)),
                        status => return Err(format!("a batch was answered {status}")),
                    }
                }
            }
            Ok(())
        };
        let threads: Vec<_> = (0..options.connections.max(1)).map(|_| scope.spawn(work)).collect();
        threads.into_iter().try_for_each(|thread| thread.join().map_err(|_| "a sender panicked".to_owned())?)
    })
    .map_err(Into::into)
}

/// The recorded records, copied under new ids until there are enough.
fn make_batches(checkout: &Checkout, wanted: usize) -> Result<Vec<String>> {
    let templates = templates(checkout)?;
    let mut records = Vec::with_capacity(wanted);
    'copies: for copy in 0.. {
        for template in &templates {
            if records.len() == wanted {
                break 'copies;
            }
            records.push(template.copy(copy));
        }
    }
    let batch = |records: &[String]| {
        format!(
            r#"{{"resourceLogs":[{{"resource":{{"attributes":[]}},"scopeLogs":[{{"logRecords":[{}]}}]}}]}}"#,
            records.join(",")
        )
    };
    Ok(records.chunks(BATCH).map(batch).collect())
}

/// A record as text, with a mark in each id and for its time.
struct Template {
    text: String,
    at_ns: u64,
}

impl Template {
    /// The record under ids of its own, a minute after the copy before.
    fn copy(&self, copy: usize) -> String {
        let at_ns = self.at_ns + copy as u64 * 60_000_000_000;
        self.text
            .replace("~COPY~", &format!("{copy:06}"))
            .replace("~SESSION~", &format!("{:06}", copy / COPIES_OF_A_SESSION))
            .replace("~TIME~", &at_ns.to_string())
    }
}

fn templates(checkout: &Checkout) -> Result<Vec<Template>> {
    let mut templates = Vec::new();
    for name in ["hidden-usage", "otel-json"] {
        let folder = checkout.root().join("testdata/recordings").join(name).join("otlp");
        let mut paths: Vec<_> = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        paths.retain(|path| path.to_string_lossy().ends_with("-logs.json"));
        paths.sort();
        for path in paths {
            let batch: Value = serde_json::from_slice(&fs::read(path)?)?;
            for record in
                all(&batch, "resourceLogs").flat_map(|it| all(it, "scopeLogs")).flat_map(|it| all(it, "logRecords"))
            {
                let event = all(record, "attributes").find(|pair| pair["key"] == "event.name");
                let event = event.and_then(|pair| pair["value"]["stringValue"].as_str()).unwrap_or_default();
                if !OF_A_START.contains(&event) {
                    templates.push(marked(record));
                }
            }
        }
    }
    if templates.is_empty() {
        return Err("testdata/recordings holds no log records".into());
    }
    Ok(templates)
}

fn all<'a>(value: &'a Value, key: &str) -> impl Iterator<Item = &'a Value> {
    value[key].as_array().map_or(&[][..], Vec::as_slice).iter()
}

fn marked(record: &Value) -> Template {
    let mut record = record.clone();
    let at_ns = record["timeUnixNano"].as_str().and_then(|at| at.parse().ok()).unwrap_or_default();
    record["timeUnixNano"] = "~TIME~".into();
    if let Some(attributes) = record["attributes"].as_array_mut() {
        for pair in attributes {
            let key = pair["key"].as_str().unwrap_or_default().to_owned();
            if let ("event.sequence", Some(number)) = (key.as_str(), pair["value"]["intValue"].as_i64()) {
                pair["value"]["intValue"] = format!("~COPY~{number:03}").into();
            }
            if let ("session.id", Some(id)) = (key.as_str(), pair["value"]["stringValue"].as_str()) {
                pair["value"]["stringValue"] = format!("{id}~SESSION~").into();
            }
            let is_id =
                ["prompt.id", "request_id", "tool_use_id", "agent_id", "parent_agent_id"].contains(&key.as_str());
            if let (true, Some(id)) = (is_id, pair["value"]["stringValue"].as_str()) {
                pair["value"]["stringValue"] = format!("{id}~COPY~").into();
            }
        }
    }
    Template { text: record.to_string(), at_ns }
}
