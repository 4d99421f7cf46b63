//! How long models took, held against what the recorded log records say one by one.

use std::collections::BTreeMap;

use argus_model::record::{Latency, SpendQuery};
use argus_model::{Durations, Timestamp};
use serde_json::Value;

use super::world::{World, log_batches, read_whole};

const RECORDINGS: [&str; 3] = ["hidden-usage", "otel-json", "api-errors"];

fn read(name: &str) -> World {
    let mut world = read_whole(name);
    for batch in log_batches(name) {
        world.export(&batch);
    }
    world.drain();
    world
}

/// The records of one name: each as its attributes.
fn records(recording: &str, name: &str) -> Vec<BTreeMap<String, String>> {
    let mut found = Vec::new();
    for batch in log_batches(recording) {
        let batch: Value = serde_json::from_slice(&batch.bytes).unwrap();
        let groups = batch["resourceLogs"].as_array().unwrap().iter();
        let scopes = groups.flat_map(|group| group["scopeLogs"].as_array().unwrap());
        for record in scopes.flat_map(|scope| scope["logRecords"].as_array().unwrap()) {
            let text = |value: &Value| match value.as_object().and_then(|kinds| kinds.values().next()) {
                Some(Value::String(text)) => text.clone(),
                Some(other) => other.to_string(),
                None => String::new(),
            };
            let pairs = record["attributes"].as_array().unwrap().iter();
            let pairs: BTreeMap<String, String> =
                pairs.map(|pair| (pair["key"].as_str().unwrap().to_owned(), text(&pair["value"]))).collect();
            if pairs["event.name"] == name {
                found.push(pairs);
            }
        }
    }
    found
}

/// Whole answers and first tokens, by model.
fn told_by_records(recording: &str) -> BTreeMap<String, (i64, Durations, Durations)> {
    let mut models = BTreeMap::<String, (i64, Durations, Durations)>::new();
    for record in records(recording, "api_request") {
        let (told, whole, first) = models.entry(record["model"].clone()).or_default();
        *told += 1;
        whole.count(record["duration_ms"].parse().unwrap(), 1);
        first.count(record["ttft_ms"].parse().unwrap(), 1);
    }
    models
}

fn told(latency: Latency) -> BTreeMap<String, (i64, Durations, Durations)> {
    let models = latency.models.into_iter();
    models.map(|model| (model.model, (model.told_requests, model.durations, model.first_tokens))).collect()
}

#[test]
fn durations_and_first_tokens_by_model_are_those_of_the_records_told_once_or_again() {
    for name in RECORDINGS {
        let mut world = read(name);
        for _ in 0..2 {
            let latency = world.reader().get_latency(&SpendQuery::default(), i64::MAX).unwrap().unwrap();
            assert_eq!(told(latency), told_by_records(name), "{name}");
            for batch in log_batches(name) {
                world.export(&batch);
            }
            world.drain();
        }
    }
}

#[test]
fn what_failed_and_what_was_tried_in_vain_is_counted() {
    let latency = read("api-errors").reader().get_latency(&SpendQuery::default(), i64::MAX).unwrap().unwrap();
    let given_up = records("api-errors", "api_retries_exhausted");
    let took: i64 = given_up.iter().map(|record| record["total_retry_duration_ms"].parse::<i64>().unwrap()).sum();
    assert_eq!((latency.given_up, latency.given_up_ms), (given_up.len() as i64, took));
    let failed = records("api-errors", "api_error").len() + records("api-errors", "api_refusal").len();
    assert_eq!(latency.failures, failed as i64);
    let latency = read("otel-json").reader().get_latency(&SpendQuery::default(), i64::MAX).unwrap().unwrap();
    assert_eq!((latency.failures, latency.given_up), (0, 0));
}

#[test]
fn two_ranges_are_the_whole_and_without_telemetry_nothing_is_known() {
    for name in RECORDINGS {
        let world = read(name);
        let ask = |query: &SpendQuery| world.reader().get_latency(query, i64::MAX).unwrap().unwrap_or_default();
        let whole = ask(&SpendQuery::default());
        let session = world.sessions().into_iter().filter_map(|one| one.last_at).max().unwrap();
        for hours in -3..2 {
            let cut = Some(Timestamp::from_micros(session.as_micros() + hours * 900_000_000));
            let before = ask(&SpendQuery { until: cut, ..SpendQuery::default() });
            let after = ask(&SpendQuery { since: cut, ..SpendQuery::default() });
            let count = |latency: &Latency| latency.models.iter().map(|model| model.told_requests).sum::<i64>();
            assert!(count(&before) + count(&after) >= count(&whole), "{name}: no request is between them");
            assert!(count(&before) <= count(&whole) && count(&after) <= count(&whole), "{name}");
        }
        let elsewhere = SpendQuery { project: Some("nowhere".into()), ..SpendQuery::default() };
        assert_eq!(world.reader().get_latency(&elsewhere, i64::MAX).unwrap(), None);
        assert_eq!(read_whole(name).reader().get_latency(&SpendQuery::default(), i64::MAX).unwrap(), None, "{name}");
    }
}

#[test]
fn what_is_too_much_to_look_at_is_counted_as_left_out() {
    let world = read("api-errors");
    let reader = world.reader();
    let whole = reader.get_latency(&SpendQuery::default(), i64::MAX).unwrap().unwrap();
    let sessions = world.sessions().len() as i64;
    assert!(sessions > 1 && whole.left_out_sessions == 0);
    let part = reader.get_latency(&SpendQuery::default(), 0).unwrap().unwrap();
    let count = |latency: &Latency| latency.models.iter().map(|model| model.told_requests).sum::<i64>();
    assert!(part.left_out_sessions > 0 && part.left_out_sessions < sessions, "one is looked at in any case");
    assert!(count(&part) < count(&whole), "{part:?}");
}
