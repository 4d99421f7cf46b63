//! What telemetry does not tell of a request's usage: searches, tier and place stay as the transcript told them.

use std::fs;

use argus_model::{CostBasis, Geo, ServiceTier, SessionId};
use serde_json::{Value, json};

use super::world::{LogBatch, World};
use crate::claude::telemetry::batch::Encoding;

const SESSION: &str = "11111111-2222-4333-8444-555555555555";

/// One request with a search, asked for in a batch and answered in the United States; then Claude Code's own account.
fn transcript() -> String {
    let usage = json!({
        "input_tokens": 100, "output_tokens": 40, "cache_read_input_tokens": 0, "cache_creation_input_tokens": 0,
        "server_tool_use": { "web_search_requests": 1 }, "service_tier": "batch", "inference_geo": "us",
    });
    let lines = [
        json!({
            "type": "user", "sessionId": SESSION, "uuid": "u1", "promptId": "p1", "cwd": "/home/dev/app",
            "timestamp": "2026-11-22T07:09:05.000Z", "message": { "role": "user", "content": "look it up" },
        }),
        json!({
            "type": "assistant", "sessionId": SESSION, "uuid": "u2", "requestId": "req_1", "cwd": "/home/dev/app",
            "timestamp": "2026-11-22T07:09:06.000Z",
            "message": {
                "id": "msg_1", "model": "claude-opus-5-5", "stop_reason": "end_turn", "usage": usage,
                "content": [{ "type": "text", "text": "found" }],
            },
        }),
        json!({
            "type": "cost-state", "sessionId": SESSION, "totalCostUSD": 0.011, "startTime": 1_795_331_340_000_i64,
            "totalDuration": 9_000, "hasUnknownModelCost": false,
            "modelUsage": { "claude-opus-5-5": {
                "inputTokens": 100, "outputTokens": 40, "cacheReadInputTokens": 0, "cacheCreationInputTokens": 0,
                "webSearchRequests": 1, "costUSD": 0.011,
            } },
        }),
    ];
    lines.iter().map(|line| format!("{line}\n")).collect()
}

fn logged() -> LogBatch {
    let attributes: Vec<Value> = [
        ("event.name", "api_request"),
        ("session.id", SESSION),
        ("request_id", "req_1"),
        ("prompt.id", "p1"),
        ("model", "claude-opus-5-5"),
        ("input_tokens", "100"),
        ("output_tokens", "40"),
        ("cost_usd", "0.011"),
    ]
    .map(|(key, value)| json!({ "key": key, "value": { "stringValue": value } }))
    .into();
    let record = json!({ "timeUnixNano": "1795331346100000000", "attributes": attributes });
    let batch = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [record] }] }] });
    LogBatch { encoding: Encoding::Json, bytes: batch.to_string().into_bytes() }
}

/// The transcript and telemetry told in this order, each as often as it stands there.
fn told(order: &[&str]) -> World {
    let mut world = World::new();
    for source in order {
        if *source == "telemetry" {
            world.export(&logged());
            world.drain();
        } else {
            let path = world.projects().join(format!("-home-dev-app/{SESSION}.jsonl"));
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, transcript()).unwrap();
            world.engine.writer.reset_offsets().unwrap();
            world.restart();
            world.scan();
        }
    }
    world
}

#[test]
fn searches_tier_and_place_outlive_the_report_that_wins() {
    let orders: [&[&str]; 4] = [
        &["transcript", "telemetry"],
        &["telemetry", "transcript"],
        &["telemetry", "transcript", "telemetry", "transcript"],
        &["transcript", "telemetry", "transcript"],
    ];
    let mut dumps = Vec::new();
    for order in orders {
        let world = told(order);
        let session = &world.sessions()[0];
        assert_eq!((session.totals.requests, session.totals.web_search_requests), (1, 1), "{order:?}");
        let event = world.events(SESSION).into_iter().find(|event| event.message_id.is_some()).unwrap();
        let request = world.reader().get_request(&event.event_id).unwrap().unwrap();
        let usage = request.usage.unwrap();
        assert_eq!(usage.cost.basis, CostBasis::Reported, "{order:?}");
        assert_eq!(
            (usage.usage.web_search_requests, usage.usage.tier, usage.usage.geo),
            (1, ServiceTier::Batch, Geo::Us),
            "{order:?}"
        );
        let found = world.reader().get_reconciliation(&SessionId::new(SESSION)).unwrap().unwrap();
        assert_eq!((found.reason(), found.figures.hidden.unwrap().0), (None, 0), "{order:?} {found:#?}");
        assert_eq!(world.reader().check().unwrap(), Vec::<String>::new(), "{order:?}");
        dumps.push(world.dump());
    }
    assert!(dumps.iter().all(|dump| *dump == dumps[0]));
}

#[test]
fn searches_of_a_request_that_only_telemetry_told_of_are_unknown_and_none_of_them_is_called_hidden() {
    let mut world = told(&["telemetry"]);
    // Of the transcript only the account is left.
    let path = world.projects().join(format!("-home-dev-app/{SESSION}.jsonl"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    let left: String =
        transcript().lines().filter(|line| !line.contains("assistant")).map(|l| l.to_owned() + "\n").collect();
    fs::write(&path, left).unwrap();
    world.scan();
    let found = world.reader().get_reconciliation(&SessionId::new(SESSION)).unwrap().unwrap();
    assert_eq!(found.figures.reported, Some(found.figures.explained));
    assert_eq!((found.reason(), found.figures.hidden.unwrap().0), (None, 0), "{found:#?}");
}
