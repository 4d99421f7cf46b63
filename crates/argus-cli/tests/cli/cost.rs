//! Money as comma-separated values: what JSON says, in a form that spreadsheets take.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::world::{HOSTILE, World, acts, transcript};

/// Two sessions of two models, one of them long past midnight in Tokyo.
fn two_sessions() -> World {
    let world = World::new();
    for (id, model, at) in [
        ("aaaa1111", "claude-opus-4-5-20251101", "2026-11-21T16:00:00.000Z"),
        ("bbbb2222", "claude-haiku-4-5-20251001", "2026-11-22T03:00:00.000Z"),
    ] {
        let mut lines = transcript(id, "do it");
        for line in &mut lines {
            line["timestamp"] = json!(at);
        }
        lines[1]["message"]["model"] = json!(model);
        world.write_transcript(id, &lines);
    }
    world.run(&["import"]).assert_success();
    world
}

fn pico(number: &Value) -> i128 {
    let text = number.as_number().unwrap().to_string();
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    format!("{whole}{fraction:0<12}").parse().unwrap()
}

fn pico_of_text(number: &str) -> u128 {
    pico(&serde_json::from_str(number).unwrap()).cast_unsigned()
}

#[test]
fn cost_can_be_asked_of_one_session_and_in_any_zone() {
    let world = two_sessions();
    let ask = |more: &[&str]| world.run(&[&["cost", "--json"], more].concat()).json();
    let one = ask(&["--session", "aaaa", "--by", "model"]);
    assert_eq!(one["rows"].as_array().unwrap().len(), 1);
    assert_eq!(one["rows"][0]["key"], "claude-opus-4-5-20251101");
    let days = |zone| {
        let rows = ask(&["--tz", zone, "--until", "2026-11-23"])["rows"].as_array().unwrap().clone();
        rows.iter().map(|row| row["key"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!((days("UTC").len(), days("Asia/Tokyo").first().unwrap().as_str()), (2, "2026-11-22"));
    assert_eq!(world.run(&["cost", "--tz", "Mars/Olympus"]).code(), 1);
    assert_eq!(world.run(&["cost", "--session", "nobody"]).code(), 1);
}

#[test]
fn the_lines_of_a_sum_add_up_to_what_cost_says() {
    let world = two_sessions();
    for (narrowed, requests) in [
        (vec![], 2),
        (vec!["--session", "aaaa"], 1),
        (vec!["--session", "aaaa", "--agent", "main"], 1),
        (vec!["--session", "aaaa", "--agent", "nobody"], 0),
        (vec!["--model", "claude-haiku-4-5-20251001"], 1),
        (vec!["--since", "2026-11-22", "--until", "2026-11-23"], 1),
    ] {
        let reason = world.run(&[&["cost", "--json", "--explain"], narrowed.as_slice()].concat()).json();
        assert_eq!(reason["request_count"], requests, "{narrowed:?}");
        let lines = reason["lines"].as_array().unwrap();
        let sum: i128 = lines.iter().map(|line| pico(&line["cost_usd"])).sum();
        if requests > 0 {
            assert_eq!(sum, pico(&reason["cost_usd"]), "{narrowed:?}");
        }
    }
    let whole = world.run(&["cost", "--json", "--explain"]).json();
    let total = world.run(&["cost", "--json"]).json()["total"]["cost_usd"].clone();
    assert_eq!(pico(&whole["cost_usd"]), pico(&total));
    let shown = world.run(&["cost", "--explain"]);
    shown.assert_success();
    assert!(shown.stdout().contains("input") && shown.stdout().contains("2 requests, "), "{}", shown.stdout());
}

#[test]
fn what_if_is_said_as_an_estimate_and_unknown_prices_as_such() {
    let world = two_sessions();
    let swap = "claude-opus-4-5-20251101=claude-haiku-4-5-20251001";
    let answer = world.run(&["cost", "--json", "--what-if", swap]).json();
    let rows = answer["rows"].as_array().unwrap();
    let sum: i128 = rows.iter().map(|row| pico(&row["would_usd"])).sum();
    assert_eq!(sum, pico(&answer["total"]["would_usd"]));
    // The same tokens: both models' requests now cost the same.
    assert_eq!(rows[0]["would_usd"], rows[1]["would_usd"]);
    let text = world.run(&["cost", "--what-if", swap]);
    assert!(text.stdout().contains("An estimate"), "{}", text.stdout());
    let total = &answer["total"];
    let difference = |total: &Value| {
        let (was, would) = (pico(&total["cost_usd"]), pico(&total["would_usd"]));
        (was - would).cast_unsigned()
    };
    assert_eq!(pico_of_text(&total["difference_usd"].to_string().replace('-', "")), difference(total));
    let nobodys = "claude-opus-4-5-20251101=nobodys";
    let without = world.run(&["cost", "--what-if", nobodys, "--json"]).json();
    assert!(without["rows"].as_array().unwrap().iter().any(|row| row["difference_usd"] == 0));
    // What has no price is not saved.
    assert_eq!(without["total"]["difference_usd"], Value::Null);
    let unknown = world.run(&["cost", "--what-if", nobodys]);
    assert!(unknown.stderr().contains("No price is known for nobodys"), "{}", unknown.stderr());
    assert_eq!(world.run(&["cost", "--what-if", "opus"]).code(), 2);
}

#[test]
fn exports_are_private_whole_and_sum_to_the_cost_whatever_the_names() {
    let world = World::new();
    for (number, text) in HOSTILE.iter().chain(["=1+1", "a,\"b\"", "-plain"].iter()).enumerate() {
        let id = format!("s{number}");
        world.write_transcript(&id, &transcript(&id, text));
    }
    world.run(&["import"]).assert_success();
    let total = pico(&world.run(&["cost", "--json"]).json()["total"]["cost_usd"]);
    let read = |what: &str, format: &str, more: &[&str]| {
        let path = world.home().join(format!("{what}.{format}"));
        let arguments = ["export", what, "--format", format, "-o", path.to_str().unwrap()];
        world.run(&[&arguments, more].concat()).assert_success();
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        fs::read(&path).unwrap()
    };
    let lines = String::from_utf8(read("requests", "jsonl", &[])).unwrap();
    let rows: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(rows.iter().map(|row| pico(&row["cost_usd"])).sum::<i128>(), total);
    for what in ["requests", "events"] {
        let text = String::from_utf8(read(what, "csv", &[])).unwrap();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        for record in reader.records() {
            let is_formula = |cell: &str| {
                cell.starts_with(['=', '+', '@', '\t', '\r']) || cell.starts_with('-') && cell.parse::<f64>().is_err()
            };
            for cell in &record.unwrap() {
                assert!(!is_formula(cell) && !cell.chars().any(acts), "{what}: {cell:?}");
            }
        }
        assert!(read(what, "parquet", &[]).starts_with(b"PAR1"));
    }
    let one =
        String::from_utf8(read("events", "jsonl", &["--session", "s1", "--since", "2026-11-22T06:59:02Z"])).unwrap();
    assert!(one.lines().count() >= 1 && one.lines().all(|line| line.contains("\"session_id\":\"s1\"")), "{one}");
    assert_eq!(read("requests", "jsonl", &["--since", "2027-01-01"]), b"");
    let left: Vec<_> = fs::read_dir(world.home()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".part")), "{left:?}");
    assert_eq!(world.run(&["export", "requests", "--format", "csv", "-o", "/nowhere/at/all"]).code(), 1);
}

#[test]
fn an_export_goes_through_what_is_no_file_and_to_what_a_link_leads_to() {
    let world = two_sessions();
    let ask = |output: &str| world.run(&["export", "requests", "--format", "jsonl", "-o", output]);
    let whole = ask("-").stdout();
    assert_eq!(whole.lines().count(), 2, "{whole}");
    assert_eq!(ask("/dev/stdout").stdout(), whole);
    assert_eq!(world.run(&["export", "requests", "--format", "jsonl", "-o", "-", "--json"]).code(), 2);

    let at = |name: &str| world.home().join(name);
    fs::write(at("target"), "before").unwrap();
    std::os::unix::fs::symlink(at("target"), at("link")).unwrap();
    ask(at("link").to_str().unwrap()).assert_success();
    assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
    assert_eq!(fs::read_to_string(at("target")).unwrap(), whole);

    world.run(&["db", "backup", at("link").to_str().unwrap(), "--force"]).assert_success();
    assert!(fs::symlink_metadata(at("link")).unwrap().is_symlink());
    assert!(fs::read(at("target")).unwrap().starts_with(b"SQLite format 3"));

    let fifo = at("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&fifo).status().unwrap().success());
    let reader = std::thread::spawn({
        let fifo = fifo.clone();
        move || fs::read_to_string(fifo).unwrap()
    });
    ask(fifo.to_str().unwrap()).assert_success();
    assert_eq!(reader.join().unwrap(), whole);
    assert!(!fs::symlink_metadata(&fifo).unwrap().is_file());
}

#[test]
fn comma_separated_money_says_what_json_says_whatever_the_names() {
    let world = World::new();
    for (number, text) in HOSTILE.iter().chain(["=1+1", "a,\"b\"", "plain"].iter()).enumerate() {
        let id = format!("s{number}");
        world.write_transcript(&id, &transcript(&id, text));
    }
    world.run(&["import"]).assert_success();
    for by in ["branch", "session", "model", "tool", "day"] {
        let rows = world.run(&["cost", "--by", by, "--json"]).json()["rows"].as_array().unwrap().clone();
        let lines = world.run(&["cost", "--by", by, "--csv"]);
        lines.assert_success();
        let text = lines.stdout();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let money = reader.headers().unwrap().iter().position(|name| name == "cost_usd").unwrap();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), rows.len(), "{by}");
        for (record, row) in records.iter().zip(&rows) {
            let told = row["cost_usd"].as_number().map(ToString::to_string).unwrap_or_default();
            assert_eq!(record[money].parse::<f64>().ok(), told.parse::<f64>().ok(), "{by}: {record:?}");
            let name = &record[0];
            assert!(!name.starts_with(['=', '+', '-', '@']) && !name.chars().any(acts), "{by}: {name:?}");
        }
    }
    assert_eq!(world.run(&["cost", "--csv", "--json"]).code(), 2);
    let nothing = World::new().run(&["cost", "--csv"]);
    nothing.assert_success();
    assert_eq!(nothing.stdout().lines().count(), 1, "the names of the columns alone");
}

/// Requests whose prompts grow by what the tool before answered.
fn growing(id: &str, tools: &[(&str, u64)]) -> Vec<Value> {
    let line = |kind: &str, second: usize, message: Value| {
        json!({
            "type": kind, "uuid": format!("{id}-{second}"), "parentUuid": null, "isSidechain": false, "sessionId": id,
            "promptId": format!("p-{id}"), "version": "2.1.328", "cwd": "/home/dev/shop",
            "requestId": format!("req_{id}_{second}"),
            "timestamp": format!("2026-11-22T06:{:02}:{:02}.000Z", second / 60, second % 60), "message": message
        })
    };
    let mut lines = vec![line("user", 0, json!({ "role": "user", "content": "go" }))];
    let mut held = 0;
    let mut grown = 5_000;
    for (at, (tool, tokens)) in tools.iter().chain([&("", 0)]).enumerate() {
        let call =
            json!([{ "type": "tool_use", "id": format!("toolu_{id}_{at}"), "name": tool, "input": { "n": at } }]);
        let content = if tool.is_empty() { json!([{ "type": "text", "text": "done" }]) } else { call };
        lines.push(line("assistant", 2 * at + 1, json!({
            "id": format!("msg_{id}_{at}"), "type": "message", "role": "assistant", "model": "claude-opus-4-5-20251101",
            "stop_reason": "end_turn", "content": content,
            "usage": { "input_tokens": 0, "output_tokens": 10, "cache_read_input_tokens": held,
                "cache_creation_input_tokens": grown }
        })));
        if !tool.is_empty() {
            lines.push(line(
                "user",
                2 * at + 2,
                json!({ "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": format!("toolu_{id}_{at}"), "content": "x" }
            ] }),
            ));
        }
        held += grown;
        grown = 10 + tokens;
    }
    lines
}

#[test]
fn what_results_cost_to_carry_is_said_of_all_sessions_by_tool_and_agrees_with_each_sessions_context() {
    let world = World::new();
    world.write_transcript("aaaa1111", &growing("aaaa1111", &[("Read", 9_000), ("Bash", 500), ("Bash", 100)]));
    world.write_transcript("bbbb2222", &growing("bbbb2222", &[("Bash", 2_000), ("Grep", 40)]));
    world.run(&["import"]).assert_success();
    let page = world.run(&["cost", "--carry", "--json"]).json();
    assert_eq!((&page["session_count"], &page["looked_at_count"]), (&json!(2), &json!(2)));
    assert_eq!(page["covered_millionths"], json!(1_000_000));
    let tools = page["tools"].as_array().unwrap();
    let names: Vec<&str> = tools.iter().map(|tool| tool["tool_name"].as_str().unwrap()).collect();
    assert_eq!(names, ["Read", "Bash", "Grep"], "the dearest first: {page}");
    let contexts = ["aaaa1111", "bbbb2222"].map(|id| world.run(&["show", id, "--context", "--json"]).json());
    for field in ["input_usd", "results_usd", "rest_usd"] {
        let sum: i128 = contexts.iter().map(|context| pico(&context[field])).sum();
        assert_eq!(pico(&page[field]), sum, "{field}");
    }
    for tool in tools {
        let same = |context: &Value| -> Vec<Value> {
            let tools = context["tools"].as_array().unwrap();
            tools.iter().filter(|one| one["tool_name"] == tool["tool_name"]).cloned().collect()
        };
        for field in ["entry_usd", "carried_usd", "cost_usd"] {
            let sum: i128 = contexts.iter().flat_map(same).map(|one| pico(&one[field])).sum();
            assert_eq!(pico(&tool[field]), sum, "{tool} {field}");
        }
    }
    let results = page["results"].as_array().unwrap();
    assert_eq!(results.len(), 5);
    assert_eq!((&results[0]["tool_name"], &results[0]["session_id"]), (&json!("Read"), &json!("aaaa1111")));
    // Written once for 9,000 tokens, and read by the two requests after.
    assert_eq!((&results[0]["tokens"], &results[0]["later_requests"]), (&json!(9_000), &json!(2)));
    let shown = world.run(&["cost", "--carry", "--project", "shop"]);
    shown.assert_success();
    let text = shown.stdout();
    assert!(text.contains("All sessions of the range were looked at") && text.contains("SHARE"), "{text}");
    assert_eq!(
        world.run(&["cost", "--carry", "--limit", "1", "--json"]).json()["results"].as_array().unwrap().len(),
        1
    );
    assert_eq!(world.run(&["cost", "--carry", "--csv"]).code(), 2);
}

#[test]
fn how_long_models_took_is_unknown_without_telemetry_and_never_nothing() {
    let world = two_sessions();
    let list = world.run(&["cost", "--latency", "--json"]).json();
    assert_eq!((&list["request_count"], &list["told_count"]), (&json!(2), &json!(0)));
    assert_eq!(list["models"].as_array().unwrap().len(), 2);
    for model in list["models"].as_array().unwrap() {
        for unknown in ["p50_ms", "p95_ms", "first_token_p50_ms", "first_token_p95_ms"] {
            assert_eq!(model[unknown], Value::Null, "{model}");
        }
    }
    assert_eq!((&list["failure_count"], &list["given_up_count"]), (&Value::Null, &Value::Null));
    let shown = world.run(&["cost", "--latency"]);
    assert!(shown.stdout().contains("is not known") && shown.stdout().contains("--otel"), "{}", shown.stdout());
}
