//! Claude Code's own telemetry beside its hooks and transcripts, against the scripted API's ledger.

use std::collections::BTreeMap;

use argus_model::record::Sources;
use argus_model::{CostBasis, EventKind, Totals};
use serde_json::{Value, json};

use super::world::{LogBatch, World, hook_calls, ledger, log_batches, read_whole};
use crate::claude::telemetry::batch::Encoding;
use crate::import::IngestSettings;
use crate::source::telemetry::{CAP_BYTES, Copies, Intake, Refused, Signal, open_waiting};

const RECORDINGS: [&str; 3] = ["hidden-usage", "otel-json", "api-errors"];

/// A recording with its telemetry, and with its hooks and transcripts or without.
fn read(name: &str, with_the_others: bool) -> World {
    let mut world = if with_the_others { read_whole(name) } else { World::new() };
    for batch in log_batches(name) {
        world.export(&batch);
    }
    world.drain();
    world
}

/// Output, input, cache reads, writes for 5 minutes and for 1 hour.
type Tokens = [i64; 5];

fn tokens(totals: &Totals) -> Tokens {
    let Totals { output_tokens, input_tokens, cache_read_tokens, .. } = *totals;
    [output_tokens, input_tokens, cache_read_tokens, totals.cache_write_5m_tokens, totals.cache_write_1h_tokens]
}

/// What the API billed, by session and agent.
fn truth(name: &str) -> BTreeMap<(String, String), Tokens> {
    let mut truth: BTreeMap<_, Tokens> = BTreeMap::new();
    for entry in ledger(name) {
        let header = |key: &str| entry["headers"][key].as_str().unwrap_or_default().to_owned();
        let usage = &entry["usage"];
        let number = |value: &serde_json::Value| value.as_i64().unwrap_or(0);
        let one = [
            number(&usage["output_tokens"]),
            number(&usage["input_tokens"]),
            number(&usage["cache_read_input_tokens"]),
            number(&usage["cache_creation"]["ephemeral_5m_input_tokens"]),
            number(&usage["cache_creation"]["ephemeral_1h_input_tokens"]),
        ];
        let sum = truth.entry((header("x-claude-code-session-id"), header("x-claude-code-agent-id"))).or_default();
        sum.iter_mut().zip(one).for_each(|(sum, one)| *sum += one);
    }
    truth
}

#[test]
fn every_kind_of_token_of_every_agent_equals_the_ledger_hidden_requests_included() {
    for (name, with_the_others) in
        [("hidden-usage", true), ("hidden-usage", false), ("otel-json", true), ("otel-json", false)]
    {
        let world = read(name, with_the_others);
        assert_eq!(world.reader().check().unwrap(), Vec::<String>::new(), "{name}");
        let mut found = BTreeMap::new();
        for session in world.sessions() {
            let agents = world.agents(&session.session_id);
            let mut sum = Totals::default();
            for agent in &agents {
                found.insert((session.session_id.clone(), agent.agent_id.clone()), tokens(&agent.own));
                sum.add(&agent.own, 1);
            }
            assert_eq!(sum, session.totals, "{name} {}", session.session_id);
        }
        assert_eq!(found, truth(name), "{name} {with_the_others}");
    }
}

#[test]
fn money_is_what_claude_code_reported_to_the_last_place() {
    for name in RECORDINGS {
        let world = read(name, true);
        for session in world.sessions() {
            let events = world.events(&session.session_id);
            let money: i64 = events.iter().filter_map(|event| event.cost?.amount).map(|amount| amount.0).sum();
            assert_eq!(money, session.totals.cost.0, "{name} {}", session.session_id);
            let turns: i64 = world.turns(&session.session_id).iter().map(|turn| turn.totals.cost.0).sum();
            assert_eq!(turns, session.totals.cost.0, "{name} {}", session.session_id);
            for event in events.iter().filter(|event| event.kind == EventKind::ModelRequest) {
                assert_eq!(event.cost.map(|cost| cost.basis), Some(CostBasis::Reported), "{name} {event:#?}");
                assert!(event.sources.0 & Sources::OTLP != 0 && event.duration_ms.is_some(), "{name} {event:#?}");
            }
        }
    }
}

#[test]
fn what_no_transcript_has_is_hidden_with_its_purpose_and_what_one_has_is_there_once() {
    let world = read("hidden-usage", true);
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    for session in world.sessions() {
        let hidden = world.reader().list_hidden(&session.session_id.as_str().into()).unwrap();
        for record in hidden {
            *found.entry(record.query_source.unwrap()).or_default() += record.totals.requests;
        }
        for event in world.events(&session.session_id).iter().filter(|event| event.is_hidden) {
            assert_eq!(event.sources, Sources(Sources::OTLP), "{event:#?}");
            assert!(world.reader().get_request(&event.event_id).unwrap().unwrap().is_hidden);
        }
    }
    let expected = [("compact", 2), ("hook_agent", 10), ("hook_prompt", 5), ("web_search_tool", 1)];
    assert_eq!(found, expected.map(|(source, count)| (source.to_owned(), count)).into());
}

#[test]
fn telemetry_changes_nothing_of_what_hooks_and_transcripts_told_of_steps() {
    for name in RECORDINGS {
        let (without, with) = (read_whole(name), read(name, true));
        for session in without.sessions() {
            let id = &session.session_id;
            let mut told = with.sessions().into_iter().find(|other| other.session_id == *id).unwrap();
            let other = with.events(id);
            // Transcripts call a refusal an answer, and print mode writes of no vain try.
            let is_own = |e: &argus_model::record::EventRecord| {
                let is_refusal = e.kind == EventKind::Error && e.label.as_deref() == Some("the model refused");
                e.sources == Sources(Sources::OTLP) && (e.kind == EventKind::Retry || is_refusal)
            };
            told.error_count -= other.iter().filter(|e| is_own(e) && e.is_error).count() as i64;
            let counts = |s: &argus_model::record::SessionRecord| {
                (s.turn_count, s.tool_call_count, s.error_count, s.agent_count, s.compaction_count, s.status)
            };
            assert_eq!(counts(&told), counts(&session), "{name} {id}");
            for event in without.events(id) {
                let same = other.iter().find(|other| other.event_id == event.event_id).unwrap();
                let look = |e: &argus_model::record::EventRecord| {
                    (
                        e.outcome,
                        e.label.clone(),
                        e.error.clone(),
                        e.agent_id.clone(),
                        e.prompt_id.clone(),
                        e.tool_name.clone(),
                    )
                };
                assert_eq!(look(same), look(&event), "{name} {id}");
            }
            assert!(
                other.iter().all(|e| {
                    e.is_hidden || is_own(e) || without.events(id).iter().any(|o| o.event_id == e.event_id)
                }),
                "{name}"
            );
        }
    }
}

#[test]
fn both_encodings_tell_the_same() {
    let json = read("otel-json", false);
    let protobuf = read("otel-protobuf", false);
    let shape = |world: &World| {
        let session = &world.sessions()[0];
        let mut agents: Vec<_> = world
            .agents(&session.session_id)
            .iter()
            .map(|a| (a.agent_type.clone(), a.depth, a.tool_call_count))
            .collect();
        agents.sort();
        // Where the checkout was made differs.
        let name = |label: &String| label.rsplit('/').next().unwrap_or_default().to_owned();
        let events = world.events(&session.session_id);
        let kinds: Vec<_> = events.iter().map(|e| (e.kind, e.label.as_ref().map(name), e.outcome)).collect();
        (agents, kinds, session.totals.requests)
    };
    assert_eq!(shape(&json), shape(&protobuf));
    let found: BTreeMap<_, _> = protobuf
        .sessions()
        .iter()
        .flat_map(|session| {
            let id = session.session_id.clone();
            protobuf
                .agents(&id)
                .into_iter()
                .map(move |agent| ((id.clone(), agent.agent_id.clone()), tokens(&agent.own)))
        })
        .collect();
    assert_eq!(found, truth("otel-protobuf"));
}

#[test]
fn content_that_was_not_sent_is_not_kept_and_a_person_is_not_named() {
    let world = read("hidden-usage", false);
    let mut body_count = 0;
    for session in world.sessions() {
        for event in world.events(&session.session_id) {
            for body in world.reader().list_bodies(&event.event_id).unwrap() {
                let text = body.text.unwrap();
                body_count += 1;
                assert_eq!(body.source, "otlp");
                assert!(!text.contains("user.id") && text.contains("event.name"), "{text}");
            }
        }
    }
    assert!(body_count > 30, "{body_count}");
}

/// What a client would have logged of each request that the API answered.
fn logs_of_ledger(name: &str) -> LogBatch {
    let records = ledger(name).into_iter().map(|entry| {
        let usage = &entry["usage"];
        let text = |value: &Value| json!({ "stringValue": value.as_str().unwrap_or_default() });
        let number = |value: &Value| json!({ "intValue": value.as_i64().unwrap_or(0).to_string() });
        let attributes = [
            ("event.name", json!({ "stringValue": "api_request" })),
            ("session.id", text(&entry["headers"]["x-claude-code-session-id"])),
            ("request_id", text(&entry["request_id"])),
            ("model", text(&entry["model"])),
            ("query_source", json!({ "stringValue": "sdk" })),
            ("output_tokens", number(&usage["output_tokens"])),
            ("input_tokens", number(&usage["input_tokens"])),
            ("cache_read_tokens", number(&usage["cache_read_input_tokens"])),
            ("cache_creation_tokens", number(&usage["cache_creation_input_tokens"])),
        ];
        let attributes: Vec<Value> =
            attributes.into_iter().map(|(key, value)| json!({ "key": key, "value": value })).collect();
        json!({ "timeUnixNano": entry["at_ns"].as_u64().unwrap().to_string(), "attributes": attributes })
    });
    let records: Vec<Value> = records.collect();
    let batch = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": records }] }] });
    LogBatch { encoding: Encoding::Json, bytes: batch.to_string().into_bytes() }
}

#[test]
fn tokens_that_an_older_client_never_wrote_down_are_known_by_its_telemetry() {
    let name = "claude-2.1.80";
    let mut world = read_whole(name);
    let mut batch = logs_of_ledger(name);
    if world.sessions()[0].session_id != *truth(name).keys().next().unwrap().0 {
        // Older clients do not tell the API their session.
        let id = world.sessions()[0].session_id.clone();
        let text = String::from_utf8(batch.bytes).unwrap();
        batch.bytes = text
            .replace(
                r#""key":"session.id","value":{"stringValue":""}"#,
                &format!(r#""key":"session.id","value":{{"stringValue":"{id}"}}"#),
            )
            .into_bytes();
    }
    world.export(&batch);
    world.drain();
    let found: i64 = world.sessions().iter().map(|session| session.totals.output_tokens).sum();
    assert_eq!(found, truth(name).values().map(|tokens| tokens[0]).sum::<i64>());
    assert_eq!(world.reader().check().unwrap(), Vec::<String>::new());
}

#[test]
fn what_is_no_record_of_a_session_is_rejected_and_the_rest_is_taken() {
    let world = World::new();
    let record = |attributes: Value| json!({ "timeUnixNano": "1795331345558000000", "attributes": attributes });
    let named = json!([{ "key": "session.id", "value": { "stringValue": "s" } }]);
    let records =
        [record(json!([])), record(named), record(json!([{ "key": "session.id", "value": { "intValue": 1 } }]))];
    let batch = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": records }] }] });
    let taken = world.export(&LogBatch { encoding: Encoding::Json, bytes: batch.to_string().into_bytes() });
    assert_eq!((taken.records, taken.rejected), (3, 2));
}

#[test]
fn a_batch_outlives_the_process_that_took_it_and_one_that_was_half_written_was_never_taken() {
    let mut world = World::new();
    for batch in log_batches("otel-json") {
        world.export(&batch);
    }
    let folder = world.folder.path().join("telemetry");
    let draft = folder.join("00000000000000000001-1-0.json.part");
    std::fs::write(&draft, "{\"resourceLogs\":[").unwrap();
    world.telemetry = std::sync::Arc::new(open_waiting(world.folder.path(), CAP_BYTES).unwrap());
    world.restart();
    world.drain();
    assert!(!draft.exists() && world.telemetry.list().unwrap().is_empty());
    assert_eq!(world.sessions()[0].totals.requests, 10);
}

#[test]
fn a_full_folder_takes_no_more_until_something_was_stored() {
    let mut world = World::new();
    let batches = log_batches("otel-json");
    let cap = batches.iter().map(|batch| batch.bytes.len() as u64).max().unwrap();
    world.telemetry = std::sync::Arc::new(open_waiting(world.folder.path(), cap).unwrap());
    world.restart();
    let intake = Intake::new(std::sync::Arc::clone(&world.telemetry), || {});
    let take = |batch: &LogBatch| intake.take(Signal::Logs, batch.encoding, &batch.bytes);
    for batch in &batches {
        assert!(take(batch).is_ok());
        assert_eq!(
            take(&batches[0]).err(),
            (batch.bytes.len() as u64 + batches[0].bytes.len() as u64 > cap).then_some(Refused::Full)
        );
        world.drain();
    }
    assert_eq!(world.sessions()[0].totals.requests, 10);
    // What waits is known again after a restart.
    world.export(&batches[0]);
    let again = open_waiting(world.folder.path(), batches[0].bytes.len() as u64).unwrap();
    let again = Intake::new(std::sync::Arc::new(again), || {});
    assert_eq!(again.take(Signal::Logs, batches[0].encoding, &batches[0].bytes).err(), Some(Refused::Full));
}

#[test]
fn copies_wait_as_received_for_whom_they_are_wanted_and_one_without_room_is_lost_and_counted() {
    let world = World::new();
    let batches = log_batches("otel-json");
    let cap = batches[0].bytes.len() as u64;
    let copies = std::sync::Arc::new(Copies::with_cap(world.folder.path(), cap).unwrap());
    let intake =
        Intake::new(std::sync::Arc::clone(&world.telemetry), || {}).with_copies(std::sync::Arc::clone(&copies));
    let take = |batch: &LogBatch| intake.take(Signal::Logs, batch.encoding, &batch.bytes).unwrap();
    take(&batches[0]);
    assert!(copies.oldest().unwrap().is_none(), "nobody wants one");
    copies.want(true);
    take(&batches[0]);
    take(&batches[0]);
    assert_eq!(copies.lost(), 1, "and the batch was taken all the same");
    drop(copies);
    let copies = Copies::with_cap(world.folder.path(), cap).unwrap();
    let copy = copies.oldest().unwrap().unwrap();
    assert_eq!((&copy.batch, copy.encoding), (&batches[0].bytes, batches[0].encoding));
    copies.remove(&copy).unwrap();
    assert!(copies.oldest().unwrap().is_none());
}

#[test]
fn hooks_and_vain_tries_are_known_by_telemetry_alone_and_once() {
    let mut world = read("otel-json", true);
    let id = world.sessions()[0].session_id.clone();
    let sum = |world: &World| {
        let delays = world.reader().list_delays(&id.as_str().into()).unwrap();
        delays.values().filter_map(|delays| delays.hook_ms).sum::<i64>()
    };
    // As the recorded records say.
    let mut told = 0;
    for batch in log_batches("otel-json") {
        let batch: Value = serde_json::from_slice(&batch.bytes).unwrap();
        let text = |record: &Value, key: &str| {
            let pairs = record["attributes"].as_array().unwrap();
            let pair = pairs.iter().find(|pair| pair["key"] == key);
            pair.and_then(|pair| pair["value"]["stringValue"].as_str().map(str::to_owned)).unwrap_or_default()
        };
        for group in batch["resourceLogs"].as_array().unwrap() {
            for scope in group["scopeLogs"].as_array().unwrap() {
                for record in scope["logRecords"].as_array().unwrap() {
                    if text(record, "event.name") == "hook_execution_complete" {
                        told += text(record, "total_duration_ms").parse::<i64>().unwrap();
                    }
                }
            }
        }
    }
    assert!(told > 100, "{told}");
    assert_eq!(sum(&world), told);
    for batch in log_batches("otel-json") {
        world.export(&batch);
    }
    world.drain();
    assert_eq!(sum(&world), told, "again is once");
    world.engine.writer.forget_facts(&id.as_str().into()).unwrap();
    assert_eq!(sum(&world), 0);

    let world = read("api-errors", true);
    let mut tries = Vec::new();
    for session in world.sessions() {
        for event in world.events(&session.session_id) {
            let is_ours = event.kind == EventKind::Retry && event.sources == Sources(Sources::OTLP);
            tries.extend(is_ours.then(|| (event.label.unwrap(), event.duration_ms)));
        }
    }
    tries.sort();
    let vain = "gave up after 3 attempts".to_owned();
    assert_eq!(tries, [(vain.clone(), Some(1_890)), (vain, Some(2_452))]);
}

#[test]
fn a_request_without_its_id_is_none_and_counts_as_unknown() {
    let mut world = World::new();
    let pair = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let attributes = [pair("event.name", "api_request"), pair("session.id", "s"), pair("cost_usd", "1")];
    let record = json!({ "timeUnixNano": "1795331345558000000", "attributes": attributes });
    let batch = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [record] }] }] });
    world.export(&LogBatch { encoding: Encoding::Json, bytes: batch.to_string().into_bytes() });
    world.drain();
    assert_eq!(world.sessions()[0].totals.requests, 0);
    let health = world.reader().list_source_health().unwrap();
    let otlp = health.iter().find(|source| source.source == "otlp").unwrap();
    assert_eq!((otlp.record_count, otlp.unknown_count), (1, 1));
}

#[test]
fn telemetry_in_a_pause_and_of_a_forgotten_session_is_not_recorded() {
    let mut world = World::new();
    let batches = log_batches("otel-json");
    world.export(&batches[0]);
    world.drain();
    let id = argus_model::SessionId::new(world.sessions()[0].session_id.clone());
    world.engine.writer.forget_facts(&id).unwrap();
    batches.iter().for_each(|batch| assert!(world.export(batch).records > 0));
    world.drain();
    assert!(world.sessions().is_empty() && world.telemetry.list().unwrap().is_empty());
}

#[test]
fn a_session_of_an_excluded_folder_leaves_no_telemetry_and_any_other_waits_for_its_folder() {
    let mut world = World::new();
    let settings = |folder: &str| IngestSettings { excluded_folders: vec![folder.into()], ..IngestSettings::default() };
    world.engine.take_over(&settings("/home/dev/otel-json"));
    let batches = log_batches("otel-json");
    batches.iter().for_each(|batch| assert!(world.export(batch).records > 0));
    world.drain();
    assert!(world.sessions().is_empty() && !world.telemetry.list().unwrap().is_empty(), "nobody said where it works");
    for call in hook_calls("otel-json") {
        world.spool(&call);
    }
    world.drain();
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    world.drain();
    assert!(
        world.sessions().is_empty() && world.telemetry.list().unwrap().is_empty(),
        "it works where nothing is kept"
    );
    world.engine.take_over(&settings("/elsewhere"));
    batches.iter().for_each(|batch| assert!(world.export(batch).records > 0));
    for call in hook_calls("otel-json") {
        world.spool(&call);
    }
    world.drain();
    std::thread::sleep(std::time::Duration::from_millis(2_100));
    world.drain();
    assert_eq!(world.sessions()[0].totals.requests, 10);
}

#[test]
fn a_call_that_a_person_allowed_waited_from_its_begin_until_it_ran() {
    let mut world = read_whole("otel-json");
    let id = world.sessions()[0].session_id.clone();
    let call = world.events(&id).into_iter().find(|e| e.tool_name.as_deref() == Some("Write")).unwrap();
    let at = call.ended_at.unwrap().as_micros();
    let record = |name: &str, at: i64, more: Value| {
        let mut attributes = vec![
            json!({ "key": "event.name", "value": { "stringValue": name } }),
            json!({ "key": "session.id", "value": { "stringValue": id } }),
            json!({ "key": "tool_use_id", "value": { "stringValue": call.tool_use_id } }),
        ];
        attributes.extend(
            more.as_object()
                .unwrap()
                .iter()
                .map(|(key, value)| json!({ "key": key, "value": { "stringValue": value } })),
        );
        json!({ "timeUnixNano": (at * 1_000).to_string(), "attributes": attributes })
    };
    let records = [
        record("tool_decision", at, json!({ "decision": "accept", "source": "user_temporary" })),
        record("tool_result", at, json!({ "success": "true", "duration_ms": "1" })),
    ];
    let batch = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": records }] }] });
    world.export(&LogBatch { encoding: Encoding::Json, bytes: batch.to_string().into_bytes() });
    world.drain();
    let event = world.reader().get_event(&call.event_id).unwrap().unwrap();
    let span = event.ended_at.unwrap().millis_since(event.started_at.unwrap());
    assert!(span > 1);
    assert_eq!((event.duration_ms, event.wait_ms), (Some(1), Some(span - 1)));
    assert_eq!((call.wait_ms, event.outcome), (None, call.outcome));
}
