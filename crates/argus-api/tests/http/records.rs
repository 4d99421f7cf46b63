//! The records over a small real database.

use serde_json::{Value, json};

use crate::served::Served;
use crate::story::{HOOKS_ONLY, HOSTILE, SESSION, long_command, tell};

/// The digits as they stand in the text, which a parsed number would hide.
fn digits<'a>(body: &'a str, field: &str) -> Vec<&'a str> {
    let key = format!("\"{field}\":");
    body.match_indices(&key)
        .map(|(at, _)| body[at + key.len()..].split([',', '}', ']']).next().unwrap_or_default())
        .collect()
}

#[test]
fn money_leaves_with_every_digit() {
    let served = Served::over(tell);
    let events = served.get(&format!("/api/v1/sessions/{SESSION}/events?agent_id=main&prompt_id=p1"));
    assert!(digits(&events.body, "cost_usd").contains(&"0.100000000001"), "{}", events.body);
    let trace = served.get(&format!("/api/v1/sessions/{SESSION}/trace"));
    let sum = "1234567.223456789013";
    let told = digits(&trace.body, "cost_usd");
    assert_eq!(told.iter().filter(|digits| **digits == sum).count(), 3, "session, main subtree and turn: {told:?}");
    assert!(told.contains(&"1234567.123456789012") && told.contains(&"0.100000000001"), "{told:?}");
    let detail = served.get(&format!("/api/v1/events/{SESSION}~m.msg_sub"));
    let parts = ["0.000044", "0.00014", "0.0000026"];
    let whole = "1234567.123456789012";
    assert_eq!(digits(&detail.body, "cost_usd"), [&[whole, whole][..], &parts, &[whole]].concat());
    // What the price table says is less: another one priced it.
    assert_eq!(digits(&detail.body, "list_usd"), ["0.0001866"], "the sum of its parts");
    assert_eq!(detail.json()["price"]["is_list_price"], false);
}

#[test]
fn a_session_that_only_hooks_told_of_has_unknown_cost_and_not_zero() {
    let served = Served::over(tell);
    let session = served.get_json(&format!("/api/v1/sessions/{HOOKS_ONLY}"))["session"].clone();
    for field in ["cost_usd", "cost_basis", "input_tokens", "request_count", "title", "project", "worst_severity"] {
        assert_eq!(session[field], Value::Null, "{field}");
        assert!(session.as_object().unwrap().contains_key(field), "{field} is absent");
    }
    assert_eq!(session["sources"], json!(["hook"]));
}

#[test]
fn sessions_come_by_last_sign_of_life_in_pages() {
    let served = Served::over(tell);
    let first = served.get_json("/api/v1/sessions?limit=1");
    assert_eq!(first["sessions"][0]["session_id"], SESSION);
    assert_eq!(first["sessions"][0]["started_at"], "2026-11-22T06:59:00.195000Z");
    assert_eq!(first["sessions"][0]["duration_ms"], 30_000);
    assert_eq!(first["sessions"][0]["project_name"], "shop");
    assert_eq!(first["sessions"][0]["title"], HOSTILE);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = served.get_json(&format!("/api/v1/sessions?limit=1&cursor={cursor}"));
    assert_eq!(second["sessions"][0]["session_id"], HOOKS_ONLY);
    let bad = served.get("/api/v1/sessions?cursor=nonsense");
    assert_eq!((bad.status, bad.code().as_str()), (400, "bad_request"));
}

#[test]
fn filters_are_applied_and_misspelt_ones_refused() {
    let served = Served::over(tell);
    for (filter, count) in [
        ("project=shop", 1),
        ("project=%2Fhome%2Fdev%2Fshop", 1),
        ("project=sho", 0),
        ("status=running", 1),
        ("status=lost", 0),
        ("q=onerror", 1),
        ("q=%25", 0),
        ("since=2026-11-22T06:59:00Z", 1),
        ("since=2027-01-01", 0),
        ("until=2026-11-22", 0),
        ("q=&project=&cursor=&since=", 2),
    ] {
        let sessions = served.get_json(&format!("/api/v1/sessions?{filter}"));
        assert_eq!(sessions["sessions"].as_array().unwrap().len(), count, "{filter}");
    }
    for filter in ["status=walking", "since=yesterday", "page=2", "limit=many"] {
        assert_eq!(served.get(&format!("/api/v1/sessions?{filter}")).status, 400, "{filter}");
    }
}

#[test]
fn the_trace_names_the_main_agent_and_its_children() {
    let served = Served::over(tell);
    let trace = served.get_json(&format!("/api/v1/sessions/{SESSION}/trace"));
    let (main, sub) = (&trace["agents"][0], &trace["agents"][1]);
    assert_eq!((&main["agent_id"], &main["parent_agent_id"]), (&json!("main"), &Value::Null));
    assert_eq!(main["parent_session_id"], Value::Null);
    assert_eq!((&sub["agent_id"], &sub["parent_agent_id"]), (&json!("a1"), &json!("main")));
    assert_eq!((&sub["parent_session_id"], &sub["kind"]), (&json!(SESSION), &json!("subagent")));
    assert_eq!((&sub["depth"], &sub["spawn_index"]), (&json!(1), &json!(2)));
    assert_eq!(main["subtree"]["requests"], 2);
    let turns: Vec<&Value> = trace["turns"].as_array().unwrap().iter().map(|turn| &turn["prompt_id"]).collect();
    assert_eq!(turns, ["p1", "p2"]);
    assert_eq!(served.get("/api/v1/sessions/none/trace").status, 404);
}

#[test]
fn events_come_in_windows_of_one_thread() {
    let served = Served::over(tell);
    let ask = |query: &str| served.get_json(&format!("/api/v1/sessions/{SESSION}/events?{query}"));
    let kinds = |page: &Value| -> Vec<String> {
        page["events"].as_array().unwrap().iter().map(|event| event["kind"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(kinds(&ask("agent_id=main&prompt_id=p1")), ["prompt", "model_request", "tool_call"]);
    assert_eq!(kinds(&ask("agent_id=main")), ["prompt", "model_request", "tool_call", "prompt"]);
    assert_eq!(kinds(&ask("agent_id=a1")), ["tool_call", "model_request"]);
    assert_eq!(kinds(&ask("errors=true")), ["tool_call"]);
    assert_eq!(ask("agent_id=main&prompt_id=none")["total"], 0);
    let window = ask("offset=1&limit=2");
    assert_eq!((&window["total"], &window["next_cursor"]), (&json!(6), &json!("3")));
    assert_eq!(ask("cursor=3&limit=500")["next_cursor"], Value::Null);
    for query in ["prompt_id=p1", "cursor=1&offset=1", "limit=501", "errors=yes"] {
        assert_eq!(served.get(&format!("/api/v1/sessions/{SESSION}/events?{query}")).status, 400, "{query}");
    }
    assert_eq!(served.get("/api/v1/sessions/none/events").status, 404);
    assert_eq!(served.get(&format!("/api/v1/sessions/{HOOKS_ONLY}/events")).json()["total"], 0);
}

#[test]
fn a_steps_input_and_output_are_taken_out_of_its_records() {
    let served = Served::over(tell);
    let path = format!("/api/v1/events/{SESSION}~toolu_bash");
    let cut = served.get_json(&path);
    assert_eq!((&cut["event"]["outcome"], &cut["event"]["agent_id"]), (&json!("error"), &json!("a1")));
    assert_eq!(cut["output"], "no such file\nExit code 3");
    assert_eq!(cut["input"]["command"].as_str().unwrap().len(), 256 * 1024);
    assert_eq!((&cut["input_is_cut"], &cut["output_is_cut"]), (&json!(true), &json!(false)));
    assert_eq!((&cut["bodies"][0]["source"], &cut["bodies"][0]["is_cut"]), (&json!("hook"), &json!(true)));
    let full = served.get_json(&format!("{path}?full=true"));
    assert_eq!(full["input"]["command"], long_command());
    assert_eq!(full["bodies"][0]["text"].as_str().unwrap().len() as u64, cut["bodies"][0]["size_bytes"]);
    let prompt = served.get_json(&format!("/api/v1/events/{SESSION}~p.p1"));
    assert_eq!((&prompt["input"], &prompt["request"]), (&json!(HOSTILE), &Value::Null));
    let request = served.get_json(&format!("/api/v1/events/{SESSION}~m.msg_main"));
    assert_eq!(
        (&request["request"]["message_id"], &request["request"]["output_tokens"]),
        (&json!("msg_main"), &json!(7))
    );
    for id in ["none", "none~x", "~", "%F0%9F%92%A5", "5e551011%7Eu"] {
        assert_eq!(served.get(&format!("/api/v1/events/{id}")).status, 404, "{id}");
    }
    assert_eq!(served.get("/api/v1/events/%ff").status, 400);
}

#[test]
fn hostile_text_leaves_as_json_only() {
    let served = Served::over(tell);
    for path in ["/api/v1/sessions".to_owned(), format!("/api/v1/events/{SESSION}~p.p1")] {
        let answer = served.get(&path);
        assert_eq!(answer.header("content-type"), Some("application/json"));
        assert!(!answer.body.contains('\u{1b}') && answer.body.contains("\\u001b"), "{path}");
    }
}

#[test]
fn capture_and_projects_tell_what_is_there() {
    let served = Served::over(tell);
    let capture = served.get_json("/api/v1/capture");
    assert_eq!(capture["quarantine"][0]["reason"], "not JSON");
    assert_eq!(capture["server"]["version"], "1.2.3");
    assert_eq!(capture["server"]["started_at"], "2026-11-22T07:00:00.000000Z");
    assert!(capture["server"]["database_bytes"].as_u64().unwrap() > 0);
    assert_eq!((&capture["is_watching"], &capture["importing"]), (&json!(true), &Value::Null));
    assert_eq!(capture["spool"]["pending_files"], Value::Null);
    assert_eq!(capture["hooks"], json!({ "installed": null, "detail": null }));
    let projects = served.get("/api/v1/projects");
    assert_eq!(projects.json()["projects"][0]["name"], "shop");
    assert_eq!(digits(&projects.body, "cost_usd"), ["1234567.223456789013"]);
}
