//! The running pipeline over real file events.

// Clippy allows it in test functions only; what serves them is test code as well.
#![allow(clippy::unwrap_used)]

use std::fs::{self, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use argus_ingest::{IngestConfig, IngestSettings, Pipeline};
use argus_model::{SessionId, Timestamp};
use argus_store::Store;

const PATIENCE: Duration = Duration::from_secs(20);

struct Running {
    folder: tempfile::TempDir,
    store: Store,
    changes: Receiver<Vec<SessionId>>,
    _pipeline: Pipeline,
}

fn start() -> Running {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("claude/projects")).unwrap();
    let store = Store::open(&folder.path().join("data/argus.db")).unwrap();
    let config = IngestConfig {
        data_dir: folder.path().join("data"),
        config_roots: vec![folder.path().join("claude")],
        settings: IngestSettings::default(),
    };
    let (sender, changes) = channel();
    let tell = Box::new(move |sessions: &[SessionId]| drop(sender.send(sessions.to_vec())));
    let pipeline = Pipeline::start(&store, config, tell).unwrap();
    let begun = Instant::now();
    while !pipeline.status().watching || pipeline.status().importing.is_some() {
        assert!(begun.elapsed() < PATIENCE, "never began to watch");
        std::thread::sleep(Duration::from_millis(10));
    }
    Running { folder, store, changes, _pipeline: pipeline }
}

impl Running {
    fn wait_for(&self, session: &str) {
        let begun = Instant::now();
        while begun.elapsed() < PATIENCE {
            if let Ok(sessions) = self.changes.recv_timeout(Duration::from_millis(100))
                && sessions.iter().any(|id| id.as_str() == session)
            {
                return;
            }
        }
        panic!("nothing was told of {session}");
    }

    fn requests(&self, session: &str) -> i64 {
        let now = Timestamp::from_micros(1_900_000_000_000_000);
        let record = self.store.readers().get().unwrap().get_session(&SessionId::new(session), now).unwrap();
        record.map_or(0, |record| record.totals.requests)
    }
}

fn append(path: &Path, session: &str, id: &str) {
    let line = format!(
        r#"{{"type":"assistant","uuid":"u-{id}","timestamp":"2026-11-22T07:00:00.000Z","sessionId":"{session}","cwd":"/nowhere","requestId":"r-{id}","message":{{"id":"{id}","model":"claude-opus-5-5","stop_reason":"end_turn","content":[{{"type":"text","text":"hello"}}],"usage":{{"input_tokens":1,"output_tokens":2}}}}}}"#
    );
    let mut file = OpenOptions::new().create(true).append(true).open(path).unwrap();
    writeln!(file, "{line}").unwrap();
}

#[test]
fn a_new_folder_with_its_first_file_is_seen_and_then_followed() {
    let running = start();
    for n in 0..5 {
        let session = format!("s{n}");
        let folder = running.folder.path().join(format!("claude/projects/-new-{n}"));
        fs::create_dir(&folder).unwrap();
        let path = folder.join(format!("{session}.jsonl"));
        append(&path, &session, &format!("m{n}"));
        running.wait_for(&session);
        assert_eq!(running.requests(&session), 1);
        append(&path, &session, &format!("n{n}"));
        running.wait_for(&session);
        assert_eq!(running.requests(&session), 2);
    }
}

#[test]
fn a_second_pipeline_over_one_database_is_refused() {
    let running = start();
    let config = IngestConfig {
        data_dir: running.folder.path().join("data"),
        config_roots: Vec::new(),
        settings: IngestSettings::default(),
    };
    assert!(Pipeline::start(&running.store, config, Box::new(|_| {})).is_err());
}

#[test]
fn an_import_keeps_old_bodies_at_once_and_the_server_keeps_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("claude/projects/-app");
    fs::create_dir_all(&project).unwrap();
    let (old, young) = (project.join("old.jsonl"), project.join("young.jsonl"));
    append(&old, "old", "m1");
    append(&young, "young", "m2");
    let month_ago = std::time::SystemTime::now() - Duration::from_secs(25 * 24 * 3600);
    OpenOptions::new().append(true).open(&old).unwrap().set_modified(month_ago).unwrap();
    let store = Store::open(&folder.path().join("data/argus.db")).unwrap();
    let config = IngestConfig {
        data_dir: folder.path().join("data"),
        config_roots: vec![folder.path().join("claude")],
        settings: IngestSettings::default(),
    };
    let report = argus_ingest::import(&store, &config, &[], argus_ingest::Until::Totals, &|_| {}).unwrap();
    assert_eq!((report.files, report.lines, report.model_requests), (2, 2, 2));
    let archived = || store.readers().get().unwrap().list_source_health().unwrap()[1].archived_bytes;
    let size = |path: &Path| i64::try_from(fs::metadata(path).unwrap().len()).unwrap();
    assert_eq!(archived(), size(&old));
    let _pipeline = Pipeline::start(&store, config, Box::new(|_| {})).unwrap();
    let begun = Instant::now();
    while archived() != size(&old) + size(&young) {
        assert!(begun.elapsed() < PATIENCE, "the server kept nothing");
        std::thread::sleep(Duration::from_millis(20));
    }
}
