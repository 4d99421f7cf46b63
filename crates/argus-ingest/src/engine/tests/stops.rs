//! Whom a used-up budget stops, by what was read.

use std::fs;

use argus_model::{Budget, BudgetPeriod, BudgetScope, PicoUsd, SessionId, Timestamp};
use jiff::tz::TimeZone;
use serde_json::json;

use super::world::World;
use crate::budget::{Calendar, Stopped, UsedUp, list_used_up};

/// 6,000 output tokens of this model cost so much.
const REQUEST: i64 = 150_000_000_000;
const AT: &str = "2026-11-20T12:05:00.000Z";
const DEAR: &str = "b0d6e700-0000-4000-8000-000000000001";
const CHEAP: &str = "b0d6e700-0000-4000-8000-000000000002";

fn budget(scope: BudgetScope, period: BudgetPeriod, requests: i64) -> Budget {
    Budget {
        name: "b".into(),
        scope,
        selector: None,
        period,
        amount: PicoUsd(requests * REQUEST),
        steps: vec![100],
        has_forecast: false,
        has_stop: true,
    }
}

/// Two requests of one session on a branch of its own, one of another.
fn world() -> World {
    let mut world = World::new();
    for (session, cwd, branch, count) in [(DEAR, "/home/dev/app", "fix", 2), (CHEAP, "/home/dev/web", "main", 1)] {
        let lines: String = (0..count)
            .map(|n| {
                let line = json!({
                    "type": "assistant", "uuid": format!("u-{session}-{n}"), "timestamp": AT, "sessionId": session, "cwd": cwd,
                    "gitBranch": branch, "requestId": format!("r-{session}-{n}"),
                    "message": { "id": format!("msg-{session}-{n}"), "model": "claude-opus-4-5", "stop_reason": "end_turn",
                        "content": [{ "type": "text", "text": "done" }], "usage": { "input_tokens": 0, "output_tokens": 6_000 } },
                });
                format!("{line}\n")
            })
            .collect();
        let target = world.projects().join(format!("-home-dev/{session}.jsonl"));
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, lines).unwrap();
    }
    world.scan();
    world
}

fn used_up(world: &World, budgets: &[Budget], minutes_later: i64) -> Vec<UsedUp> {
    let at: jiff::Timestamp = AT.parse().unwrap();
    let now = Timestamp::from_micros(at.as_microsecond() + minutes_later * 60_000_000);
    list_used_up(&world.reader().ledger(), budgets, &Calendar::of(TimeZone::UTC), now).unwrap()
}

fn stopped(world: &World, budget: Budget) -> Vec<Stopped> {
    used_up(world, &[budget], 1).into_iter().map(|used_up| used_up.who).collect()
}

#[test]
fn whoever_spends_on_a_used_up_account_is_stopped_and_nobody_else() {
    let world = world();
    let sessions = |ids: &[&str]| Stopped::Sessions(ids.iter().map(|id| SessionId::new(*id)).collect());
    use BudgetPeriod::{Day, Session};
    for (budget, expected) in [
        (budget(BudgetScope::All, Day, 3), vec![Stopped::Everybody]),
        (budget(BudgetScope::All, Day, 4), vec![]),
        (budget(BudgetScope::All, Session, 2), vec![sessions(&[DEAR])]),
        (budget(BudgetScope::Session, Day, 2), vec![sessions(&[DEAR])]),
        (budget(BudgetScope::Session, Session, 1), vec![sessions(&[DEAR]), sessions(&[CHEAP])]),
        (budget(BudgetScope::Project, Day, 2), vec![sessions(&[DEAR])]),
        (budget(BudgetScope::Branch, Day, 2), vec![sessions(&[DEAR])]),
        (
            budget(BudgetScope::Model, Day, 3),
            vec![Stopped::Agents([DEAR, CHEAP].map(|id| (SessionId::new(id), "".into())).into())],
        ),
        (Budget { selector: Some("*haiku*".into()), ..budget(BudgetScope::Model, Day, 1) }, vec![]),
        (Budget { selector: Some("web".into()), ..budget(BudgetScope::Project, Day, 1) }, vec![sessions(&[CHEAP])]),
        (Budget { has_stop: false, ..budget(BudgetScope::All, Day, 1) }, vec![]),
    ] {
        assert_eq!(stopped(&world, budget.clone()), expected, "{budget:?}");
    }
}

#[test]
fn a_stop_says_what_is_spent_and_ends_with_its_period() {
    let world = world();
    let found = used_up(&world, &[budget(BudgetScope::All, BudgetPeriod::Day, 3)], 1);
    let (spent, period) = (found[0].spent, found[0].period.as_str());
    assert_eq!((spent, period), (PicoUsd(3 * REQUEST), "2026-11-20"));
    assert_eq!(
        found[0].until,
        Some(Timestamp::from_micros("2026-11-21T00:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond()))
    );
    assert_eq!(used_up(&world, &[budget(BudgetScope::All, BudgetPeriod::Day, 3)], 13 * 60), [], "a new day has begun");
    let of_life = used_up(&world, &[budget(BudgetScope::Session, BudgetPeriod::Session, 2)], 13 * 60);
    assert_eq!((of_life.len(), of_life[0].until), (1, None), "a session's life has no midnight");
}

#[test]
fn a_subagent_that_is_over_its_budget_takes_those_with_it_that_it_started() {
    let mut world = World::new();
    for (path, bytes) in super::world::transcript_files("subagents") {
        let target = world.projects().join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
    world.scan();
    let session = world.sessions().into_iter().max_by_key(|session| session.agent_count).unwrap();
    let agents = world.agents(&session.session_id);
    let at = session.last_at.unwrap();
    let one = Budget { amount: PicoUsd(1), ..budget(BudgetScope::Agent, BudgetPeriod::Session, 1) };
    let found = list_used_up(&world.reader().ledger(), &[one], &Calendar::of(TimeZone::UTC), at).unwrap();
    for used_up in found
        .iter()
        .filter(|used_up| matches!(&used_up.who, Stopped::Agents(who) if who[0].0.as_str() == session.session_id))
    {
        let Stopped::Agents(who) = &used_up.who else { unreachable!("filtered") };
        let below: Vec<&str> = agents
            .iter()
            .filter(|agent| {
                let mut up = Some(agent.agent_id.as_str());
                while let Some(id) = up.filter(|id| *id != &*used_up.owner) {
                    up = agents
                        .iter()
                        .find(|other| other.agent_id == id)
                        .and_then(|other| other.parent_agent_id.as_deref());
                }
                up.is_some()
            })
            .map(|agent| agent.agent_id.as_str())
            .collect();
        let mut named: Vec<&str> = who.iter().map(|(_, agent)| agent.as_str()).collect();
        named.sort_unstable();
        let mut below = below;
        below.sort_unstable();
        assert_eq!(named, below, "{}", used_up.owner);
        assert!(!named.contains(&""), "the main agent goes on");
    }
    assert!(found.iter().any(|used_up| matches!(&used_up.who, Stopped::Agents(who) if who.len() > 1)), "{found:#?}");
}
