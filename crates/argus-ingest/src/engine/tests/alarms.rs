//! Alarms at the edge of the pipeline: forecasts, burning, agents that start too many, contexts that cost too much. Each
//! is told once, whatever is read again and whenever the server was begun anew.

use std::fs;
use std::path::PathBuf;

use argus_model::record::AlertRecord;
use argus_model::{Budget, BudgetPeriod, BudgetScope, PicoUsd, Timestamp};
use serde_json::{Value, json};

use super::budgets::{REQUEST, budget, session, spend};
use super::world::{World, hook_calls, transcript_files};
use crate::import::IngestSettings;

fn at(text: &str) -> Timestamp {
    Timestamp::from_micros(text.parse::<jiff::Timestamp>().unwrap().as_microsecond())
}

fn of_rule(world: &World, rule: &str) -> Vec<AlertRecord> {
    world.alerts().into_iter().filter(|alert| alert.rule == rule).collect()
}

fn ids(alerts: &[AlertRecord]) -> Vec<&str> {
    alerts.iter().map(|alert| alert.alert_id.as_str()).collect()
}

/// Reads everything anew, as after a kill and an update.
fn begin_anew(world: &mut World) {
    world.engine.writer.reset_offsets().unwrap();
    world.restart();
    world.scan();
    world.weigh();
}

#[test]
fn a_forecast_is_told_once_a_period_whenever_it_is_made_again() {
    let month = Budget { has_forecast: true, steps: vec![], ..budget("m", BudgetScope::All, BudgetPeriod::Month, 25) };
    let mut world = World::with(IngestSettings { budgets: vec![month], ..IngestSettings::default() });
    // The days come in no order; each cost one request.
    for day in [5, 1, 9, 3, 12, 7, 2, 11, 4, 10, 6, 8, 15, 13, 14] {
        spend(&world, &session(day as usize % 3), &day.to_string(), day, 10);
        if day % 4 == 0 {
            world.scan();
            world.weigh();
            world.restart();
        }
    }
    world.scan();
    world.weigh();
    let soon = at("2026-11-16T12:00:00Z");
    assert!(of_rule(&world, "budget.forecast").is_empty(), "nobody asked the clock");
    world.engine.foretell(soon).unwrap();
    let told = of_rule(&world, "budget.forecast");
    assert_eq!(told.len(), 1, "{told:#?}");
    assert!(told[0].reason.starts_with("Budget m, 2026-11: will probably come to $4."), "{}", told[0].reason);
    for day in [16, 17, 18] {
        spend(&world, &session(0), &day.to_string(), day, 10);
        begin_anew(&mut world);
        world.engine.foretell(at(&format!("2026-11-{day}T20:00:00Z"))).unwrap();
        assert_eq!(ids(&of_rule(&world, "budget.forecast")), ids(&told), "{day}");
    }
}

#[test]
fn burning_is_told_once_an_hour_of_the_clock() {
    let mut settings = IngestSettings::default();
    settings.rules.thresholds.burn_floor_picousd = PicoUsd::DOLLAR;
    let mut world = World::with(settings);
    for day in 1..=24 {
        spend(&world, &session(1), &format!("usual-{day}"), day, 9);
    }
    world.scan();
    world.engine.foretell(at("2026-11-25T14:10:00Z")).unwrap();
    assert!(of_rule(&world, "budget.burn-rate").is_empty());
    // A usual busy hour costs four requests; now it is forty.
    for n in 0..40 {
        spend(&world, &session(0), &format!("burns-{n}"), 25, 14);
        if n == 20 {
            world.scan();
            world.restart();
        }
    }
    world.scan();
    world.engine.foretell(at("2026-11-25T14:10:00Z")).unwrap();
    let told = of_rule(&world, "budget.burn-rate");
    assert_eq!(told.len(), 1, "{told:#?}");
    assert_eq!(told[0].session_id, session(0), "at the session that burns");
    assert_eq!(told[0].reason, "The last hour cost $6.00; a usual busy hour costs $0.60.");
    for minute in [12, 20] {
        begin_anew(&mut world);
        world.engine.foretell(at(&format!("2026-11-25T14:{minute}:00Z"))).unwrap();
        assert_eq!(ids(&of_rule(&world, "budget.burn-rate")), ids(&told), "{minute}");
    }
    assert_eq!(40 * REQUEST, 6 * PicoUsd::DOLLAR);
}

#[test]
fn agents_that_nest_too_deep_or_start_too_many_are_told_once_in_any_order() {
    let mut settings = IngestSettings::default();
    settings.rules.thresholds.agent_depth = 1;
    settings.rules.thresholds.agent_children = 1;
    let mut found = Vec::new();
    for is_reversed in [false, true] {
        let mut world = World::with(settings.clone());
        let (mut calls, mut files) = (hook_calls("subagents"), transcript_files("subagents"));
        if is_reversed {
            calls.reverse();
            files.reverse();
        }
        for (n, call) in calls.iter().enumerate() {
            world.spool(call);
            if n % 7 == 0 {
                world.drain();
                world.restart();
            }
        }
        world.drain();
        for (path, bytes) in files {
            let target: PathBuf = world.projects().join(path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(target, bytes).unwrap();
            world.scan();
        }
        let told = |world: &World| [of_rule(world, "agent.recursion"), of_rule(world, "agent.fan-out")].concat();
        let first = told(&world);
        begin_anew(&mut world);
        assert_eq!(ids(&told(&world)), ids(&first));
        for alert in &first {
            let agents = world.agents(&alert.session_id);
            let agent = agents.iter().find(|agent| agent.agent_id == alert.agent_id).unwrap();
            let children =
                agents.iter().filter(|child| child.parent_agent_id.as_deref() == Some(&agent.agent_id)).count();
            match alert.rule.as_str() {
                "agent.recursion" => assert!(agent.depth > Some(1), "{agent:#?}"),
                _ => assert!(children > 1, "{agent:#?}"),
            }
        }
        found.push(ids(&first).into_iter().map(str::to_owned).collect::<Vec<_>>());
    }
    assert_eq!(found[0], found[1]);
    for rule in ["agent.recursion", "agent.fan-out"] {
        assert!(found[0].iter().any(|id| id.ends_with(rule)), "{found:#?}");
    }
}

const SESSION: &str = "c0a7e870-0000-4000-8000-000000000001";

/// A request of this many minutes ago, with its prompt: read from the cache, written to it.
fn request(ago: i64, id: &str, (read, written): (u64, u64), call: Option<&str>) -> Value {
    let time = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(ago);
    let content = match call {
        Some(call) => {
            json!([{ "type": "tool_use", "id": call, "name": "Read", "input": { "file_path": "/srv/large" } }])
        }
        None => json!([{ "type": "text", "text": "done" }]),
    };
    json!({
        "type": "assistant", "uuid": format!("u-{id}"), "timestamp": format!("{time:.3}"), "sessionId": SESSION,
        "cwd": "/home/dev/app", "requestId": format!("r-{id}"),
        "message": { "id": format!("msg-{id}"), "model": "claude-opus-4-5", "stop_reason": "end_turn", "content": content,
            "usage": { "input_tokens": 0, "output_tokens": 10, "cache_read_input_tokens": read,
                "cache_creation_input_tokens": written } },
    })
}

fn result(ago: i64, call: &str, text: &str) -> Value {
    let time = jiff::Timestamp::now() - jiff::SignedDuration::from_mins(ago);
    json!({
        "type": "user", "uuid": format!("u-{call}"), "timestamp": format!("{time:.3}"), "sessionId": SESSION,
        "cwd": "/home/dev/app",
        "message": { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": call, "content": text }] },
    })
}

fn write(world: &World, lines: &[Value]) {
    let target = world.projects().join(format!("-home-dev-app/{SESSION}.jsonl"));
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    let mut text = fs::read_to_string(&target).unwrap_or_default();
    lines.iter().for_each(|line| text.push_str(&format!("{line}\n")));
    fs::write(target, text).unwrap();
}

fn contexts(world: &World) -> Vec<(String, String)> {
    let alerts = world.alerts().into_iter().filter(|alert| alert.rule.starts_with("context."));
    alerts.map(|alert| (alert.alert_id.trim_start_matches(SESSION).to_owned(), alert.reason)).collect()
}

#[test]
fn a_context_that_is_nearly_full_misses_the_cache_or_carries_a_dear_result_is_told_of_once() {
    let mut world = World::new();
    // A result of 120,000 tokens comes in, and the cache runs out before each of the next requests.
    write(
        &world,
        &[
            request(50, "a", (0, 30_000), Some("toolu_large")),
            result(49, "toolu_large", "x"),
            request(48, "b", (30_000, 120_000), None),
        ],
    );
    world.scan();
    world.engine.look_back().unwrap();
    assert_eq!(contexts(&world), [], "150,000 of 200,000 tokens, and no miss");
    let misses = [40, 30, 20].map(|ago| request(ago, &format!("m{ago}"), (0, 151_000 + (40 - ago as u64) * 500), None));
    write(&world, &misses);
    world.scan();
    world.engine.look_back().unwrap();
    let told = contexts(&world);
    let rules: Vec<&str> = told.iter().map(|(id, _)| id.rsplit('~').next().unwrap()).collect();
    assert_eq!(rules, ["context.cache-misses", "context.nearly-full", "context.dear-result"], "{told:#?}");
    assert!(told[0].1.contains("3 times") && told[0].1.contains("the main agent"), "{told:#?}");
    assert!(told[1].1.contains("161000 tokens, 80 %"), "{told:#?}");
    assert!(told[2].0.contains("toolu_large") && told[2].1.contains("Read"), "{told:#?}");
    write(&world, &[request(1, "z", (161_000, 2_000), None)]);
    world.scan();
    world.engine.look_back().unwrap();
    assert_eq!(contexts(&world), told, "once");
    begin_anew(&mut world);
    world.engine.look_back().unwrap();
    assert_eq!(contexts(&world), told, "once, after a restart and another reading");
}
