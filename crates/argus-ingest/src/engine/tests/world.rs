//! A scratch data folder with a copy of one recording, fed piece by piece.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use argus_model::record::{
    AgentRecord, AlertQuery, AlertRecord, EventQuery, EventRecord, SessionQuery, SessionRecord, TurnRecord,
};
use argus_model::{SessionId, Timestamp};
use argus_spool::Spool;
use argus_spool::record::{self, Head, Variables};
use argus_store::{Reader, Store};
use serde_json::Value;
use tempfile::TempDir;

use crate::claude::telemetry::batch::Encoding;
use crate::engine::{Engine, Plan};
use crate::import::IngestSettings;
use crate::source::discover;
use crate::source::telemetry::waiting::Waiting;
use crate::source::telemetry::{CAP_BYTES, Intake, Signal, Taken, open_waiting};

/// Long after every recording: nothing is recent any more.
pub(super) const LATER: Timestamp = Timestamp::from_micros(1_900_000_000_000_000);

pub(super) struct World {
    pub(super) folder: TempDir,
    pub(super) store: Store,
    pub(super) engine: Engine,
    pub(super) spool: Spool,
    pub(super) telemetry: Arc<Waiting>,
    settings: IngestSettings,
}

/// One recorded hook call.
#[derive(Clone, Debug)]
pub(super) struct HookCall {
    pub(super) at_ns: u64,
    pub(super) pid: u32,
    pub(super) payload: Vec<u8>,
    pub(super) project_dir: Option<String>,
}

impl World {
    pub(super) fn new() -> Self {
        Self::with(IngestSettings::default())
    }

    pub(super) fn with(settings: IngestSettings) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("argus.db")).unwrap();
        let mut engine = Engine::new(store.writer().unwrap(), &settings).unwrap();
        let spool = Spool::open(folder.path().join("spool")).unwrap();
        fs::create_dir(folder.path().join("projects")).unwrap();
        let telemetry = Arc::new(open_waiting(folder.path(), CAP_BYTES).unwrap());
        engine.attend(Arc::clone(&telemetry));
        Self { telemetry, folder, store, engine, spool, settings }
    }

    pub(super) fn projects(&self) -> PathBuf {
        self.folder.path().join("projects")
    }

    /// Gives the writer up and begins anew, as a restarted server does.
    pub(super) fn restart(&mut self) {
        let other = tempfile::tempdir().unwrap();
        let spare = Store::open(&other.path().join("spare.db")).unwrap();
        let spare = Engine::new(spare.writer().unwrap(), &IngestSettings::default()).unwrap();
        drop(std::mem::replace(&mut self.engine, spare));
        self.engine = Engine::new(self.store.writer().unwrap(), &self.settings).unwrap();
        self.engine.attend(Arc::clone(&self.telemetry));
    }

    /// Puts a record into the spool, as the hook would.
    pub(super) fn spool(&self, call: &HookCall) {
        self.spool_of(call, None);
    }

    /// The same, for a client of this process id.
    pub(super) fn spool_of(&self, call: &HookCall, client_pid: Option<&str>) {
        let project = call.project_dir.as_deref().map(str::as_bytes);
        let head = Head {
            pid: call.pid,
            seen_bytes: call.payload.len() as u64,
            started_at_ns: call.at_ns,
            variables: Variables {
                project_dir: project,
                client_pid: client_pid.map(str::as_bytes),
                ..Variables::default()
            },
            ..Head::default()
        };
        let mut room = vec![0; record::HEAD_ROOM];
        let begin = record::encode_head(&head, &call.payload, &mut room).unwrap();
        let (name, length) = record::file_name(call.at_ns, call.pid);
        let name = std::str::from_utf8(&name[..length]).unwrap().trim_end_matches('\0').to_owned();
        fs::write(self.spool.folder().join(name), [&room[begin..], &call.payload].concat()).unwrap();
    }

    /// Takes a batch of telemetry, as the server does.
    pub(super) fn export(&self, batch: &LogBatch) -> Taken {
        let intake = Intake::new(Arc::clone(&self.telemetry), || {});
        intake.take(Signal::Logs, batch.encoding, &batch.bytes).unwrap()
    }

    pub(super) fn drain(&mut self) {
        while self.engine.drain(&self.spool).unwrap().has_more {}
    }

    /// Reads every transcript as far as it goes.
    pub(super) fn scan(&mut self) {
        let plan = self.engine.plan(&[self.projects()]).unwrap();
        self.carry_out(&plan);
    }

    /// Looks at one file.
    pub(super) fn look_at(&mut self, path: &Path) {
        let mut plan = Plan::default();
        if let Some(found) = discover::find(path) {
            self.engine.consider(found, &mut plan).unwrap();
        }
        self.carry_out(&plan);
    }

    fn carry_out(&mut self, plan: &Plan) {
        self.engine.read_small(plan).unwrap();
        for job in &plan.jobs {
            self.engine.read_job(job).unwrap();
        }
    }

    /// Weighs every budget whose money changed.
    pub(super) fn weigh(&mut self) {
        self.engine.weigh_budgets(LATER).unwrap();
        while self.engine.has_due() {
            self.engine.weigh_budgets(LATER).unwrap();
        }
    }

    pub(super) fn reader(&self) -> Reader {
        self.store.readers().get().unwrap()
    }

    pub(super) fn sessions(&self) -> Vec<SessionRecord> {
        let query = SessionQuery { limit: 500, ..SessionQuery::default() };
        let mut sessions = self.reader().list_sessions(&query, LATER).unwrap().rows;
        sessions.sort_by(|a, b| a.session_id.cmp(&b.session_id));
        sessions
    }

    pub(super) fn agents(&self, session: &str) -> Vec<AgentRecord> {
        self.reader().list_agents(&SessionId::new(session), LATER).unwrap()
    }

    pub(super) fn turns(&self, session: &str) -> Vec<TurnRecord> {
        self.reader().list_turns(&SessionId::new(session)).unwrap()
    }

    pub(super) fn events(&self, session: &str) -> Vec<EventRecord> {
        let query = EventQuery { all_kinds: true, limit: 1000, ..EventQuery::default() };
        let (events, total) = self.reader().list_events(&SessionId::new(session), &query).unwrap();
        assert_eq!(events.len() as i64, total);
        events
    }

    /// All alerts, in an order of their own; the order in which they were noticed is nobody's business.
    pub(super) fn alerts(&self) -> Vec<AlertRecord> {
        let query = AlertQuery { limit: 500, ..AlertQuery::default() };
        let mut alerts = self.reader().list_alerts(&query, LATER).unwrap().rows;
        alerts.sort_by(|a, b| a.alert_id.cmp(&b.alert_id));
        for alert in &mut alerts {
            alert.alert_no = 0;
            if alert.rule == "budget.session" {
                // Which request passed the limit depends on the order; that it was passed does not.
                alert.raised_at = LATER;
                (alert.occurrences.first_at, alert.occurrences.last_at) = (LATER, LATER);
                alert.reason.clear();
            }
        }
        alerts
    }

    /// Everything a person could see, as text: two equal worlds dump equally.
    pub(super) fn dump(&self) -> String {
        let mut text = String::new();
        for session in self.sessions() {
            let id = session.session_id.clone();
            text.push_str(&format!(
                "{session:#?}\n{:#?}\n{:#?}\n{:#?}\n",
                self.agents(&id),
                self.turns(&id),
                self.events(&id)
            ));
            let id = SessionId::new(id);
            text.push_str(&format!("{:#?}\n", self.reader().get_reconciliation(&id).unwrap()));
        }
        for alert in self.alerts() {
            text.push_str(&format!("{alert:#?}\n"));
        }
        text
    }
}

/// The folder of a recording.
pub(super) fn recording(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/recordings").join(name)
}

/// The names of all recordings that have transcripts.
pub(super) fn recordings() -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(recording(""))
        .unwrap()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.path().join("transcripts").is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert!(names.len() >= 11, "recordings are missing: {names:?}");
    names
}

/// Its hook calls in order.
pub(super) fn hook_calls(name: &str) -> Vec<HookCall> {
    let Ok(text) = fs::read_to_string(recording(name).join("hooks.jsonl")) else { return Vec::new() };
    text.lines()
        .map(|line| {
            let call: Value = serde_json::from_str(line).unwrap();
            HookCall {
                at_ns: call["received_at_ns"].as_u64().unwrap(),
                pid: u32::try_from(call["pid"].as_u64().unwrap()).unwrap(),
                payload: call["stdin"].to_string().into_bytes(),
                project_dir: call["env"]["CLAUDE_PROJECT_DIR"].as_str().map(str::to_owned),
            }
        })
        .collect()
}

/// What its status line was given, as our status line hands it over.
pub(super) fn status_calls(name: &str) -> Vec<HookCall> {
    let Ok(text) = fs::read_to_string(recording(name).join("statusline.jsonl")) else { return Vec::new() };
    text.lines()
        .map(|line| {
            let call: Value = serde_json::from_str(line).unwrap();
            let given = &call["stdin"];
            let told = serde_json::json!({
                "hook_event_name": "ArgusStatusLine",
                "session_id": given["session_id"],
                "cwd": given["cwd"],
                "total_cost_usd": given["cost"]["total_cost_usd"],
                "total_duration_ms": given["cost"]["total_duration_ms"],
            });
            HookCall {
                at_ns: call["received_at_ns"].as_u64().unwrap(),
                pid: u32::try_from(call["pid"].as_u64().unwrap()).unwrap(),
                payload: told.to_string().into_bytes(),
                project_dir: None,
            }
        })
        .collect()
}

/// One recorded export of log records.
#[derive(Clone, Debug)]
pub(super) struct LogBatch {
    pub(super) encoding: Encoding,
    pub(super) bytes: Vec<u8>,
}

/// Its exports of log records, if telemetry was on.
pub(super) fn log_batches(name: &str) -> Vec<LogBatch> {
    let Ok(folder) = fs::read_dir(recording(name).join("otlp")) else { return Vec::new() };
    let mut paths: Vec<PathBuf> = folder.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let batches = paths.iter().filter(|path| path.to_str().unwrap().contains("-logs.")).map(|path| LogBatch {
        encoding: if path.extension().unwrap() == "pb" { Encoding::Protobuf } else { Encoding::Json },
        bytes: fs::read(path).unwrap(),
    });
    batches.collect()
}

/// Its transcript files: path below `projects/`, and bytes.
pub(super) fn transcript_files(name: &str) -> Vec<(PathBuf, Vec<u8>)> {
    let root = recording(name).join("transcripts");
    let mut files: Vec<_> = walkdir::WalkDir::new(&root)
        .sort_by_file_name()
        .into_iter()
        .map(|entry| entry.unwrap())
        .filter(|entry| entry.file_type().is_file())
        .map(|entry| (entry.path().strip_prefix(&root).unwrap().to_owned(), fs::read(entry.path()).unwrap()))
        .collect();
    files.sort();
    files
}

/// The scripted API's own record of each answered request.
pub(super) fn ledger(name: &str) -> Vec<Value> {
    let text = fs::read_to_string(recording(name).join("ledger.jsonl")).unwrap();
    text.lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|entry| entry["usage"].is_object())
        .collect()
}

/// A recording read whole: all hooks, then all files.
pub(super) fn read_whole(name: &str) -> World {
    let mut world = World::new();
    for call in hook_calls(name) {
        world.spool(&call);
    }
    world.drain();
    for (path, bytes) in transcript_files(name) {
        let target = world.projects().join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
    world.scan();
    world
}
