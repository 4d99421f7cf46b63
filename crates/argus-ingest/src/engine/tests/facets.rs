//! What a request was made for, and where: by its own line, whatever became of its session; by telemetry where no line
//! tells; and for which commit.

use std::collections::BTreeMap;
use std::fs;

use argus_model::budget::Portion;
use argus_model::record::{NO_COMMIT, SpendCut, SpendQuery};
use argus_model::{Budget, BudgetPeriod, BudgetScope, PicoUsd, Timestamp};
use serde_json::{Value, json};

use super::world::{LATER, LogBatch, World, read_whole, recordings};
use crate::claude::telemetry::batch::Encoding;

const SESSION: &str = "11111111-2222-4333-8444-555555555555";

/// A minute of the session's day.
fn at(minute: u32) -> String {
    format!("2026-11-22T07:{minute:02}:00.000Z")
}

fn answer(minute: u32, more: &Value) -> Value {
    let mut line = json!({
        "type": "assistant", "sessionId": SESSION, "uuid": format!("u{minute}"), "requestId": format!("req_{minute}"),
        "timestamp": at(minute), "cwd": "/nowhere/app", "gitBranch": "main",
        "message": {
            "id": format!("msg_{minute}"), "model": "claude-opus-5-5", "stop_reason": "end_turn",
            "usage": { "input_tokens": 100 * minute, "output_tokens": 10 },
            "content": [{ "type": "text", "text": "done" }],
        },
    });
    let fields = line.as_object_mut().unwrap();
    fields.extend(more.as_object().unwrap().clone());
    line
}

fn write(world: &mut World, lines: &[Value]) {
    let path = world.projects().join(format!("-nowhere-app/{SESSION}.jsonl"));
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).unwrap();
    world.scan();
}

fn export(world: &mut World, attributes: &[(&str, &str)]) {
    let attributes: Vec<Value> =
        attributes.iter().map(|(key, value)| json!({ "key": key, "value": { "stringValue": value } })).collect();
    let record = json!({ "timeUnixNano": "1795331400000000000", "attributes": attributes });
    let batch = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": [record] }] }] });
    world.export(&LogBatch { encoding: Encoding::Json, bytes: batch.to_string().into_bytes() });
    world.drain();
}

/// Requests by the names of a cut.
fn cut(world: &World, by: SpendCut) -> BTreeMap<String, i64> {
    let rows = world.reader().list_spend(by, &SpendQuery::default()).unwrap();
    rows.into_iter().map(|row| (row.key, row.totals.requests)).collect()
}

fn named<const N: usize>(rows: [(&str, i64); N]) -> BTreeMap<String, i64> {
    rows.map(|(name, count)| (name.to_owned(), count)).into()
}

fn begin() -> Value {
    json!({
        "type": "user", "sessionId": SESSION, "uuid": "u0", "promptId": "p1", "cwd": "/nowhere/app",
        "gitBranch": "main", "timestamp": at(0), "message": { "role": "user", "content": "go" },
    })
}

#[test]
fn money_belongs_to_the_branch_and_the_checkout_of_the_requests_own_line() {
    let mut world = World::new();
    let tree = json!({ "gitBranch": "topic", "cwd": "/nowhere/app/.claude/worktrees/wt1/src" });
    write(&mut world, &[begin(), answer(1, &json!({})), answer(2, &tree), answer(3, &json!({ "gitBranch": "HEAD" }))]);
    assert_eq!(cut(&world, SpendCut::Branch), named([("main", 1), ("topic", 1), ("", 1)]));
    let trees = named([("/nowhere/app", 2), ("/nowhere/app/.claude/worktrees/wt1", 1)]);
    assert_eq!(cut(&world, SpendCut::Worktree), trees);
    assert_eq!(cut(&world, SpendCut::Repository), named([("/nowhere/app", 3)]));
    // A request that only telemetry told of belongs to the branch on which its session was last.
    let hidden = [
        ("event.name", "api_request"),
        ("session.id", SESSION),
        ("request_id", "req_hidden"),
        ("model", "claude-opus-5-5"),
        ("query_source", "compact"),
        ("output_tokens", "7"),
        ("cost_usd", "0.5"),
    ];
    export(&mut world, &hidden);
    assert_eq!(cut(&world, SpendCut::Branch), named([("main", 1), ("topic", 2), ("", 1)]));
    assert_eq!(cut(&world, SpendCut::QuerySource), named([("compact", 1), ("", 3)]));
    assert_eq!(world.reader().check().unwrap(), Vec::<String>::new());
}

#[test]
fn a_branchs_budget_counts_what_was_made_on_it() {
    let mut world = World::new();
    write(&mut world, &[begin(), answer(1, &json!({})), answer(2, &json!({ "gitBranch": "topic" }))]);
    let budget = Budget {
        name: "b".to_owned(),
        scope: BudgetScope::Branch,
        selector: None,
        period: BudgetPeriod::Day,
        amount: PicoUsd(1),
        steps: vec![100],
        has_forecast: false,
        has_stop: false,
    };
    let portions = world.reader().ledger().list_portions(&budget, Timestamp::from_micros(0), LATER).unwrap();
    let owners: Vec<&str> = portions.iter().map(|portion: &Portion| &*portion.owner).collect();
    assert_eq!(owners, ["main", "topic"]);
}

#[test]
fn skill_server_and_purpose_are_the_transcripts_word_or_else_telemetrys() {
    let told = [
        ("event.name", "api_request"),
        ("session.id", SESSION),
        ("request_id", "req_2"),
        ("prompt.id", "p1"),
        ("model", "claude-opus-5-5"),
        ("query_source", "sdk"),
        ("skill.name", "custom"),
        ("mcp_server.name", "calc"),
        ("output_tokens", "10"),
        ("cost_usd", "0.5"),
    ];
    let sent = json!({
        "type": "api-request", "sessionId": SESSION, "timestamp": at(0), "id": "r1", "querySource": "repl_main_thread",
    });
    let lines = [
        begin(),
        sent,
        answer(1, &json!({ "attributionMcpServer": "tickets", "requestRef": "r1" })),
        answer(2, &json!({ "attributionSkill": "greet" })),
    ];
    let mut dumps = Vec::new();
    for is_first in [true, false] {
        let mut world = World::new();
        if is_first {
            export(&mut world, &told);
        }
        write(&mut world, &lines);
        if !is_first {
            export(&mut world, &told);
        }
        assert_eq!(cut(&world, SpendCut::Skill), named([("greet", 1), ("", 1)]));
        assert_eq!(cut(&world, SpendCut::McpServer), named([("tickets", 1), ("calc", 1)]));
        assert_eq!(cut(&world, SpendCut::QuerySource), named([("repl_main_thread", 1), ("sdk", 1)]));
        assert_eq!(world.reader().check().unwrap(), Vec::<String>::new());
        dumps.push(world.dump());
    }
    assert_eq!(dumps[0], dumps[1]);
}

/// A call of the shell, and what it said.
fn call(minute: u32, command: &str, output: &str) -> [Value; 2] {
    let id = format!("toolu_{minute}");
    let mut asked = answer(minute, &json!({}));
    asked["message"]["content"] =
        json!([{ "type": "tool_use", "id": id, "name": "Bash", "input": { "command": command } }]);
    let result = json!({
        "type": "user", "sessionId": SESSION, "uuid": format!("r{minute}"), "timestamp": at(minute),
        "message": { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": id, "content": output }] },
    });
    [asked, result]
}

#[test]
fn what_was_made_before_a_commit_belongs_to_it_and_the_rest_to_none() {
    let mut world = World::new();
    let mut lines = vec![begin(), answer(1, &json!({}))];
    lines.extend(call(2, "git commit -am 'Fix the door'", "[main 1a2b3c4] Fix the door\n 1 file changed"));
    lines.extend(call(3, "cat notes", "[main 7777777] no commit, only text"));
    lines.extend(call(4, "git commit -qm x", ""));
    lines.push(answer(5, &json!({})));
    write(&mut world, &lines);
    assert_eq!(cut(&world, SpendCut::Commit), named([("1a2b3c4", 2), (NO_COMMIT, 3)]));
    // The quiet one is known by telemetry.
    let revision = "14376e1f1395180bb15771b9fd07751b9a2dc4c1";
    let told = [
        ("event.name", "tool_result"),
        ("session.id", SESSION),
        ("tool_use_id", "toolu_4"),
        ("tool_name", "Bash"),
        ("success", "true"),
        ("vcs.ref.head.revision", revision),
    ];
    export(&mut world, &told);
    assert_eq!(cut(&world, SpendCut::Commit), named([("1a2b3c4", 2), (revision, 2), (NO_COMMIT, 1)]));
    let rows = world.reader().list_spend(SpendCut::Commit, &SpendQuery::default()).unwrap();
    let label = rows.iter().find(|row| row.key == "1a2b3c4").and_then(|row| row.label.as_deref());
    assert_eq!(label, Some("1a2b3c4 Fix the door"));
}

#[test]
fn recorded_requests_have_their_attributions() {
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    for name in recordings() {
        let world = read_whole(&name);
        for by in [SpendCut::Branch, SpendCut::Skill, SpendCut::McpServer, SpendCut::QuerySource] {
            for (key, count) in cut(&world, by) {
                *found.entry(format!("{by:?} {key}")).or_default() += count;
            }
        }
    }
    for name in
        ["Branch main", "Branch worktree-wt1", "McpServer calc", "QuerySource sdk", "QuerySource repl_main_thread"]
    {
        assert!(found.get(name).is_some_and(|count| *count > 0), "{name} in {found:#?}");
    }
}
