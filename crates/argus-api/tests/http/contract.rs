//! The committed description of the API is the one that the code gives. After a wanted change:
//! `ARGUS_UPDATE=1 cargo test -p argus-api --test http contract`.
//!
//! What scripts were promised by name stands in [`ROUTES`] and [`RECORDS`]: nothing is taken out of these without a
//! decision record.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::served::Served;
use crate::story::{SESSION, tell};

const ROUTES: &[(&str, &str)] = &[
    ("get", "sessions"),
    ("get", "sessions/{session_id}"),
    ("get", "sessions/{session_id}/trace"),
    ("get", "sessions/{session_id}/events"),
    ("get", "events/{event_id}"),
    ("get", "alerts"),
    ("get", "alerts/{alert_id}"),
    ("post", "alerts/{alert_id}"),
    ("get", "rules"),
    ("get", "cost"),
    ("get", "tools"),
    ("get", "search"),
    ("get", "projects"),
    ("get", "overview"),
    ("get", "capture"),
    ("get", "live"),
    ("get", "openapi.json"),
];

const RECORDS: &[(&str, &str)] = &[
    (
        "SessionRecord",
        "session_id parent_session_id project cwd git_branch model title status started_at ended_at agent_count turn_count \
         tool_call_count error_count alert_count input_tokens output_tokens cache_write_5m_tokens cache_write_1h_tokens \
         cache_read_tokens cost_usd cost_basis",
    ),
    (
        "EventRecord",
        "event_id session_id agent_id parent_agent_id prompt_id tool_use_id kind tool_name started_at duration_ms \
         input_tokens output_tokens cost_usd cost_basis is_error alert_ids sources",
    ),
    (
        "AlertRecord",
        "alert_id rule severity state session_id agent_id tool_use_id reason first_seen_at last_seen_at count",
    ),
    ("AgentRecord", "agent_id parent_agent_id agent_type tool_use_id depth own subtree"),
];

const KINDS: &[&str] = &["tool_call", "tool_result", "subagent_spawn", "compaction", "error"];

/// The names of a schema's fields, those of what it takes in included.
fn fields(document: &Value, schema: &Value) -> BTreeSet<String> {
    let mut names: BTreeSet<String> =
        schema["properties"].as_object().into_iter().flatten().map(|(name, _)| name.clone()).collect();
    for part in schema["allOf"].as_array().into_iter().flatten() {
        names.extend(fields(document, part));
    }
    if let Some(name) = schema["$ref"].as_str() {
        names.extend(fields(document, document.pointer(name.trim_start_matches('#')).unwrap()));
    }
    names
}

#[test]
fn the_committed_openapi_json_is_up_to_date() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/openapi.json");
    let current = argus_api::openapi_json();
    if std::env::var_os("ARGUS_UPDATE").is_some() {
        std::fs::write(path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(path).unwrap_or_default();
    assert!(committed == current, "openapi.json is stale: run with ARGUS_UPDATE=1, then codegen in ui/");
}

#[test]
fn every_field_of_every_record_is_required_and_every_route_is_described() {
    let document: serde_json::Value = serde_json::from_str(&argus_api::openapi_json()).unwrap();
    let session = document.pointer("/components/schemas/SessionRecord").unwrap();
    let own = session["allOf"].as_array().unwrap().iter().find(|part| part.get("properties").is_some()).unwrap();
    let (fields, required) = (own["properties"].as_object().unwrap(), own["required"].as_array().unwrap());
    assert!(fields.len() > 20);
    assert_eq!(fields.len(), required.len());
    let paths: Vec<&str> = document["paths"].as_object().unwrap().keys().map(String::as_str).collect();
    for path in ["/api/v1/sessions", "/api/v1/sessions/{session_id}/events", "/api/v1/live", "/api/v1/auth/exchange"] {
        assert!(paths.contains(&path), "{path} is missing from {paths:?}");
    }
}

#[test]
fn no_route_and_no_field_that_was_promised_is_missing() {
    let document: Value = serde_json::from_str(&argus_api::openapi_json()).unwrap();
    for (method, route) in ROUTES {
        assert!(document["paths"][format!("/api/v1/{route}")][method].is_object(), "{method} {route} is missing");
    }
    for (record, promised) in RECORDS {
        let has = fields(&document, &document["components"]["schemas"][record]);
        let missing: Vec<&str> = promised.split_whitespace().filter(|field| !has.contains(*field)).collect();
        assert!(missing.is_empty(), "{record} has no {missing:?}");
    }
    let known = &document["components"]["schemas"]["EventKindWord"]["enum"];
    for kind in KINDS {
        assert!(known.as_array().unwrap().iter().any(|word| word == kind), "{kind} is no kind: {known}");
    }
    // Outside of what the document describes.
    let served = Served::empty();
    for path in ["/", "/healthz"] {
        assert_eq!(served.get(path).status, 200, "{path}");
    }
    for path in ["/v1/logs", "/v1/metrics", "/v1/traces"] {
        assert_ne!(served.get(path).status, 404, "{path}");
    }
}

#[test]
fn the_halves_of_a_call_are_told_one_by_one_and_lead_back_to_it() {
    let served = Served::over(tell);
    let list = |query: &str| {
        let page = served.get_json(&format!("/api/v1/sessions/{SESSION}/events?{query}"));
        let events = page["events"].as_array().unwrap().clone();
        assert_eq!(page["total"], events.len(), "{query}");
        events
    };
    let calls = list("kind=tool_call");
    assert!(calls.len() >= 2 && calls.iter().all(|call| call["kind"] == "tool_call"));
    let results = list("kind=tool_result");
    assert_eq!(results.len(), calls.len(), "each of them ended");
    for (result, call) in results.iter().zip(&calls) {
        assert_eq!(result["kind"], "tool_result");
        for field in ["tool_use_id", "agent_id", "prompt_id", "tool_name", "is_error", "outcome", "error"] {
            assert_eq!(result[field], call[field], "{field}");
        }
        assert_eq!(result["started_at"], call["ended_at"]);
        assert_eq!((&result["cost_usd"], &result["input_tokens"]), (&Value::Null, &Value::Null), "its call's");
        let details = served.get_json(&format!("/api/v1/events/{}", result["event_id"].as_str().unwrap()));
        assert_eq!(details["event"], *call);
    }
    let [spawn] = &list("kind=subagent_spawn&agent_id=main")[..] else { panic!("one agent was begun") };
    assert_eq!((&spawn["spawned_agent_id"], &spawn["tool_use_id"]), (&"a1".into(), &"toolu_agent".into()));
    assert_eq!(list("kind=subagent_spawn&agent_id=a1").len(), 0);
    let unknown = served.get(&format!("/api/v1/sessions/{SESSION}/events?kind=nonsense"));
    assert_eq!(unknown.status, 400);
}
