//! Money by any cut, tools, and the overview.

use serde_json::{Value, json};

use crate::served::Served;
use crate::story::{MAIN_PICOUSD, SESSION, SUB_PICOUSD, tell};

/// The exact digits of a field, in order.
fn digits(body: &str, field: &str) -> Vec<String> {
    let mark = format!("\"{field}\":");
    body.split(&mark).skip(1).map(|rest| rest.split([',', '}']).next().unwrap_or_default().to_owned()).collect()
}

fn decimal(pico: i64) -> String {
    argus_model::PicoUsd(pico).to_decimal()
}

#[test]
fn without_a_report_the_figures_are_unknown_and_say_why() {
    let served = Served::over(tell);
    let one = served.get_json(&format!("/api/v1/sessions/{SESSION}/reconciliation"));
    for figure in ["reported_usd", "hidden_usd", "unexplained_usd", "reported_until"] {
        assert_eq!(one[figure], Value::Null, "{figure}");
    }
    assert_eq!(one["drifts"][0]["reason"], "no_report");
    let answer = served.get("/api/v1/reconciliation");
    let page = answer.json();
    assert_eq!(page["totals"]["explained_millionths"], Value::Null);
    assert_eq!((&page["totals"]["unreported_sessions"], &page["totals"]["reported_usd"]), (&json!(1), &Value::Null));
    assert_eq!(digits(&answer.body, "unreported_usd"), [decimal(MAIN_PICOUSD + SUB_PICOUSD)]);
    assert_eq!(page["sessions"][0]["session_id"], SESSION);
    assert_eq!(page["sessions"][0]["drift"]["reason"], "no_report");
    assert_eq!(served.get("/api/v1/sessions/nobody/reconciliation").status, 404);
    assert_eq!(served.get("/api/v1/reconciliation?cursor=x").status, 400);
}

#[test]
fn every_cut_names_its_rows_and_has_the_exact_total() {
    let served = Served::over(tell);
    let (main, sub) = (decimal(MAIN_PICOUSD), decimal(SUB_PICOUSD));
    let total = decimal(MAIN_PICOUSD + SUB_PICOUSD);
    for (cut, keys, costs) in [
        ("day", vec!["2026-11-22"], vec![total.clone()]),
        ("model", vec!["claude-opus-5-5"], vec![total.clone()]),
        ("project", vec!["/home/dev/shop"], vec![total.clone()]),
        ("session", vec![SESSION], vec![total.clone()]),
        ("agent", vec!["", "main"], vec![sub, main]),
        ("branch", vec![""], vec![total.clone()]),
        ("tool", vec!["(model text)"], vec![total.clone()]),
    ] {
        let answer = served.get(&format!("/api/v1/cost?by={cut}&tz=UTC"));
        let page = answer.json();
        let found: Vec<&str> =
            page["rows"].as_array().unwrap().iter().map(|row| row["key"].as_str().unwrap()).collect();
        assert_eq!(found, keys, "{cut}");
        let expected: Vec<String> = costs.into_iter().chain([total.clone()]).collect();
        assert_eq!(digits(&answer.body, "cost_usd"), expected, "{cut}");
    }
    let sessions = served.get_json("/api/v1/cost?by=session");
    assert_eq!(sessions["rows"][0]["session_id"], SESSION);
    let agents = served.get_json(&format!("/api/v1/cost?by=agent&session_id={SESSION}"));
    assert_eq!((&agents["rows"][0]["key"], &agents["rows"][1]["key"]), (&json!("a1"), &json!("main")));
}

#[test]
fn ranges_pages_and_splits_keep_to_the_total() {
    let served = Served::over(tell);
    let first = served.get_json("/api/v1/cost?by=agent&limit=1");
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = served.get_json(&format!("/api/v1/cost?by=agent&limit=1&cursor={cursor}"));
    assert_eq!((&second["rows"][0]["key"], &second["next_cursor"]), (&json!("main"), &Value::Null));
    assert_eq!(first["total"], second["total"]);
    let split = served.get_json("/api/v1/cost?by=day&split=project&since=2026-11-20&tz=UTC");
    let days: Vec<&Value> = split["rows"].as_array().unwrap().iter().map(|row| &row["key"]).collect();
    assert_eq!(days, ["2026-11-20", "2026-11-21", "2026-11-22"], "no holes");
    assert_eq!((&split["rows"][0]["cost_usd"], &split["rows"][0]["parts"]), (&json!(0), &json!([])));
    assert_eq!(split["rows"][2]["parts"][0]["key"], "/home/dev/shop");
    let page = served.get_json("/api/v1/cost?by=day&since=2026-11-20&tz=UTC&limit=2");
    assert_eq!(page["next_cursor"], "2026-11-21");
    for (filter, requests) in
        [("until=2026-11-22", 0), ("project=shop", 2), ("project=other", 0), ("since=2027-01-01", 0)]
    {
        let page = served.get_json(&format!("/api/v1/cost?by=model&{filter}"));
        let counts: i64 =
            page["rows"].as_array().unwrap().iter().map(|row| row["request_count"].as_i64().unwrap()).sum();
        assert_eq!(counts, requests, "{filter}");
    }
    for wrong in ["by=mood", "tz=Mars/Olympus", "by=model&split=model", "cursor=x&by=model", "limit=0"] {
        assert_eq!(served.get(&format!("/api/v1/cost?{wrong}")).status, 400, "{wrong}");
    }
}

#[test]
fn money_of_which_nobody_could_tell_is_unknown() {
    let served = Served::empty();
    let page = served.get_json("/api/v1/cost?by=day&since=2026-11-21&tz=UTC");
    assert_eq!((&page["total"]["cost_usd"], &page["rows"][0]["cost_usd"]), (&Value::Null, &Value::Null));
    let overview = served.get_json("/api/v1/overview?tz=UTC");
    assert_eq!(overview["today"]["cost_usd"], Value::Null);
}

#[test]
fn tools_have_their_calls_errors_and_durations() {
    let served = Served::over(tell);
    let tools = served.get_json("/api/v1/tools?project=shop");
    assert_eq!(tools, served.get_json("/api/v1/tools"));
    let bash = tools["tools"].as_array().unwrap().iter().find(|tool| tool["tool_name"] == "Bash").unwrap();
    assert_eq!((&bash["call_count"], &bash["error_count"], &bash["denied_count"]), (&json!(1), &json!(1), &json!(0)));
    let p95 = bash["p95_ms"].as_i64().unwrap();
    assert!((984..=1016).contains(&p95), "{p95}");
    assert_eq!((&bash["cost_usd"], &bash["mcp_server"]), (&Value::Null, &Value::Null));
    assert_eq!(served.get_json("/api/v1/tools?until=2020-01-01")["tools"], json!([]));
}

#[test]
fn the_overview_tells_of_this_day_and_what_needs_somebody() {
    let served = Served::over(tell);
    let answer = served.get("/api/v1/overview?tz=UTC");
    let overview = answer.json();
    let today = &overview["today"];
    assert_eq!(
        (&today["session_count"], &today["tool_call_count"], &today["error_count"]),
        (&json!(2), &json!(2), &json!(1))
    );
    assert_eq!(overview["usual"]["cost_usd"], Value::Null, "one day is no habit");
    assert_eq!(overview["days"].as_array().unwrap().len(), 30);
    assert_eq!(
        overview["days"][29],
        json!({ "day": "2026-11-22", "cost_usd": 1_234_567.223_456_789, "error_count": 1 })
    );
    assert_eq!(overview["running"][0]["session_id"], SESSION);
    assert_eq!(overview["errors"][0]["error"], "Exit code 3");
    assert_eq!(overview["dearest_today"][0]["session_id"], SESSION);
    assert_eq!(overview["capture"]["is_healthy"], true, "what comes is captured");
    assert_eq!(overview["capture"]["problems"], json!(["records that could not be read and were set aside: 1"]));
}
