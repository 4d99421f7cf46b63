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

/// What Claude Code reported of the story's session: a dollar more than its requests, told by its status line.
fn tell_with_status(writer: &mut argus_store::Writer) {
    tell(writer);
    let total = argus_model::PicoUsd(MAIN_PICOUSD + SUB_PICOUSD + argus_model::PicoUsd::DOLLAR);
    let told = argus_model::StatusTotal { session_id: SESSION.into(), at: crate::served::NOW, total, runs_ms: 120_000 };
    writer.apply(&[argus_store::Batch { status_totals: vec![told], ..argus_store::Batch::default() }]).unwrap();
}

#[test]
fn what_was_reported_stands_with_the_session_and_beside_every_sum() {
    let served = Served::over(tell_with_status);
    let answer = served.get(&format!("/api/v1/sessions/{SESSION}"));
    let session = &answer.json()["session"];
    let reported = decimal(MAIN_PICOUSD + SUB_PICOUSD + argus_model::PicoUsd::DOLLAR);
    assert_eq!(digits(&answer.body, "reported_usd"), std::slice::from_ref(&reported));
    assert_eq!((&session["hidden_usd"], &session["unexplained_usd"]), (&json!(0), &json!(1)));
    assert_eq!(session["explained_millionths"], json!(999_999));
    let one = served.get_json(&format!("/api/v1/sessions/{SESSION}/reconciliation"));
    assert_eq!((&one["drifts"][0]["reason"], &one["is_by_status_line"]), (&json!("status_line"), &json!(true)));
    assert_eq!((&one["models"][0]["model"], &one["models"][0]["reported"]), (&json!("(status line)"), &Value::Null));
    assert_eq!(one["explained_basis"], "priced");
    let overview = served.get_json("/api/v1/overview?tz=UTC");
    assert_eq!(overview["reported"]["explained_millionths"], json!(999_999));
    let cost = served.get("/api/v1/cost?by=agent&limit=1");
    assert_eq!(digits(&cost.body, "reported_usd"), [reported]);
    let cursor = cost.json()["next_cursor"].as_str().unwrap().to_owned();
    assert_eq!(served.get_json(&format!("/api/v1/cost?by=agent&limit=1&cursor={cursor}"))["reported"], Value::Null);
    for nowhere in ["session_id=other", "project=other", "since=2027-01-01"] {
        let page = served.get_json(&format!("/api/v1/cost?by=model&{nowhere}"));
        assert_eq!(page["reported"]["reported_sessions"], json!(0), "{nowhere}");
    }
}

#[test]
fn the_parts_of_a_session_are_its_agents_and_their_tools_and_sum_to_it() {
    let served = Served::over(tell);
    let answer = served.get(&format!("/api/v1/sessions/{SESSION}/parts"));
    let parts = answer.json()["parts"].as_array().unwrap().clone();
    let names: Vec<_> = parts.iter().map(|part| (part["agent_id"].clone(), part["tool_name"].clone())).collect();
    assert_eq!(names, [(json!("main"), json!("(model text)")), (json!("a1"), json!("(model text)"))]);
    assert_eq!(digits(&answer.body, "cost_usd"), [decimal(MAIN_PICOUSD), decimal(SUB_PICOUSD)]);
    assert_eq!(served.get("/api/v1/sessions/nobody/parts").status, 404);
}

#[test]
fn a_context_is_that_of_all_agents_unless_one_is_named() {
    let served = Served::over(tell);
    let of = |agent: &str| served.get_json(&format!("/api/v1/sessions/{SESSION}/context{agent}"));
    let (whole, main, sub) = (of(""), of("?agent=main"), of("?agent=a1"));
    assert_eq!((&whole["agent_id"], &main["agent_id"], &sub["agent_id"]), (&Value::Null, &json!("main"), &json!("a1")));
    let sum = |field: &str| main[field].as_i64().unwrap() + sub[field].as_i64().unwrap();
    for field in ["request_count", "prompt_tokens", "cache_read_tokens", "miss_count", "compaction_count"] {
        assert_eq!(whole[field].as_i64(), Some(sum(field)), "{field}");
    }
    assert_eq!((whole["agents"].as_array().unwrap().len(), &whole["requests"]), (2, &json!([])));
    assert_eq!((main["requests"].as_array().unwrap().len(), &main["agents"]), (1, &json!([])));
    assert_eq!(whole["cost_basis"], "priced");
    assert_eq!(served.get("/api/v1/sessions/nobody/context").status, 404);
    assert_eq!(served.get(&format!("/api/v1/sessions/{SESSION}/context?agent=nobody")).status, 404);
}

#[test]
fn what_if_prices_the_same_tokens_and_says_where_no_price_is_known() {
    let served = Served::over(tell);
    let nothing = served.get_json("/api/v1/cost/what-if");
    assert_eq!(
        (&nothing["rows"][0]["at_rates_of"], &nothing["rows"][0]["model"]),
        (&Value::Null, &json!("claude-opus-5-5"))
    );
    assert_eq!(nothing["total"]["would_usd"], nothing["total"]["cost_usd"]);
    assert!(nothing["priced_models"].as_array().unwrap().contains(&json!("claude-haiku-4-5-20251001")));
    let ask = |to: &str| served.get(&format!("/api/v1/cost/what-if?from=claude-opus-5-5&to={to}"));
    // Two requests of 11 + 7 + 13 tokens, at $1, $5 and $0.10 per million.
    let haiku = ask("claude-haiku-4-5-20251001");
    assert_eq!(digits(&haiku.body, "would_usd"), vec![decimal(2 * (11_000_000 + 35_000_000 + 1_300_000)); 2]);
    assert_eq!(digits(&haiku.body, "cost_usd"), vec![decimal(MAIN_PICOUSD + SUB_PICOUSD); 2]);
    let nobody = ask("somebody-elses").json();
    assert_eq!((&nobody["total"]["would_usd"], &nobody["total"]["would_basis"]), (&Value::Null, &json!("unpriced")));
}
