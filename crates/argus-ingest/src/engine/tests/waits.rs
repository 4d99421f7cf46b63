//! How long calls waited for a person: each by itself, and the sums that a session and its turns show.

use std::collections::BTreeMap;

use argus_model::record::EventRecord;
use serde_json::{Value, json};

use super::world::{HookCall, LogBatch, World, hook_calls, log_batches, read_whole, recordings};
use crate::claude::telemetry::batch::Encoding;

/// The sums of a session by the prompt of their turn, as its calls tell them.
fn sums_of_calls(calls: &[EventRecord]) -> BTreeMap<Option<String>, i64> {
    let mut sums = BTreeMap::new();
    for call in calls {
        if let Some(wait_ms) = call.wait_ms {
            *sums.entry(call.prompt_id.clone()).or_default() += wait_ms;
        }
    }
    sums
}

fn sums_told(world: &World, session: &str) -> BTreeMap<Option<String>, i64> {
    let delays = world.reader().list_delays(&session.into()).unwrap();
    delays.into_iter().filter_map(|(prompt, delays)| Some((prompt, delays.wait_ms?))).collect()
}

fn by_tool(calls: &[EventRecord]) -> BTreeMap<&str, i64> {
    let mut sums = BTreeMap::new();
    for call in calls {
        if let Some(wait_ms) = call.wait_ms {
            *sums.entry(call.tool_name.as_deref().unwrap_or_default()).or_default() += wait_ms;
        }
    }
    sums
}

#[test]
fn the_waits_of_a_session_and_its_turns_are_those_of_its_calls() {
    let mut waited = 0;
    for name in recordings() {
        let mut world = read_whole(&name);
        for has_telemetry in [false, true] {
            for session in world.sessions() {
                let calls = world.events(&session.session_id);
                let told = sums_told(&world, &session.session_id);
                assert_eq!(told, sums_of_calls(&calls), "{name} {} {has_telemetry}", session.session_id);
                waited += told.len();
            }
            for batch in log_batches(&name) {
                world.export(&batch);
            }
            world.drain();
        }
    }
    assert!(waited >= 3, "too few sessions in which a person was asked");
}

/// From the question, as the hook told it, to when the tool began: its end less what it took.
fn waits_by_the_hooks(name: &str) -> BTreeMap<String, i64> {
    let calls: Vec<(u64, Value)> =
        hook_calls(name).iter().map(|call| (call.at_ns, serde_json::from_slice(&call.payload).unwrap())).collect();
    let mut waits = BTreeMap::new();
    for (asked_at, question) in calls.iter().filter(|(_, call)| call["hook_event_name"] == "PermissionRequest") {
        let ended = calls.iter().find(|(at, call)| {
            at > asked_at
                && call["hook_event_name"] == "PostToolUse"
                && (&call["tool_name"], &call["tool_input"]) == (&question["tool_name"], &question["tool_input"])
        });
        if let Some((ended_at, ended)) = ended {
            let span_ms = i64::try_from((ended_at - asked_at) / 1_000_000).unwrap();
            let tool = question["tool_name"].as_str().unwrap().to_owned();
            *waits.entry(tool).or_default() += span_ms - ended["duration_ms"].as_i64().unwrap();
        }
    }
    waits
}

#[test]
fn a_tools_wait_is_from_the_question_to_its_begin() {
    // The person allowed the first, refused the second, and was asked nothing else.
    let expected = waits_by_the_hooks("interactive");
    assert_eq!(expected.keys().map(String::as_str).collect::<Vec<_>>(), ["Bash"]);
    let world = read_whole("interactive");
    let sessions = world.sessions();
    let found: Vec<EventRecord> = sessions.iter().flat_map(|session| world.events(&session.session_id)).collect();
    let found = by_tool(&found);
    assert!((found["Bash"] - expected["Bash"]).abs() <= 1, "{found:?} {expected:?}");
    let (unasked, refused) = (found.get("Read"), found.get("Write"));
    assert_eq!(unasked, None, "nobody was asked");
    assert!(refused.is_none_or(|wait_ms| *wait_ms > 0), "a refusal is a decision: {found:?}");
}

#[test]
fn waits_told_again_count_once_and_where_nobody_was_asked_they_are_unknown() {
    let mut world = read_whole("watchers");
    let all = |world: &World| -> Vec<_> {
        world.sessions().iter().map(|session| sums_told(world, &session.session_id)).collect()
    };
    let once = all(&world);
    assert!(once.iter().any(|sums| sums.values().any(|wait_ms| *wait_ms > 0)), "{once:?}");
    hook_calls("watchers").iter().for_each(|call: &HookCall| world.spool(call));
    world.drain();
    assert_eq!(all(&world), once);

    let world = read_whole("subagents");
    for session in world.sessions() {
        let delays = world.reader().list_delays(&session.session_id.as_str().into()).unwrap();
        assert!(delays.values().all(|delays| delays.wait_ms.is_none()), "unknown, and not nothing: {delays:?}");
    }
}

#[test]
fn what_telemetry_tells_of_a_decision_is_summed_by_session_and_tool() {
    let mut world = read_whole("otel-json");
    let id = world.sessions()[0].session_id.clone();
    let calls: Vec<EventRecord> =
        world.events(&id).into_iter().filter(|call| call.tool_use_id.is_some() && call.ended_at.is_some()).collect();
    assert!(calls.len() >= 4);
    let told: i64 = calls.iter().filter_map(|call| call.wait_ms).sum();
    assert_eq!(told, 0, "without telemetry nobody tells of a question");
    let pair = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
    let mut records = Vec::new();
    for (number, call) in calls.iter().enumerate() {
        let at_ns = (call.ended_at.unwrap().as_micros() * 1_000).to_string();
        let source = if number % 2 == 0 { "user_permanent" } else { "config" };
        for (name, more) in [("tool_decision", pair("source", source)), ("tool_result", pair("duration_ms", "1"))] {
            let attributes = [
                pair("event.name", name),
                pair("session.id", &id),
                pair("tool_use_id", call.tool_use_id.as_deref().unwrap()),
                pair("decision", "accept"),
                pair("success", "true"),
                more,
            ];
            records.push(json!({ "timeUnixNano": at_ns, "attributes": attributes }));
        }
    }
    let batch = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": records }] }] });
    world.export(&LogBatch { encoding: Encoding::Json, bytes: batch.to_string().into_bytes() });
    world.drain();
    let after = world.events(&id);
    let mut expected = BTreeMap::<&str, i64>::new();
    for call in calls.iter().step_by(2) {
        let known = after.iter().find(|event| event.event_id == call.event_id).unwrap();
        let span_ms = known.ended_at.unwrap().millis_since(known.started_at.unwrap());
        let took_ms = known.duration_ms.unwrap();
        *expected.entry(known.tool_name.as_deref().unwrap()).or_default() += (span_ms - took_ms).max(0);
    }
    assert_eq!(by_tool(&after), expected, "whom a rule let pass waited for nobody");
    assert_eq!(sums_told(&world, &id), sums_of_calls(&after));
    assert_eq!(sums_told(&world, &id).values().sum::<i64>(), expected.values().sum::<i64>());
}
