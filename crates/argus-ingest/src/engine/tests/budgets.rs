//! Budgets at the edge of the pipeline: transcripts in, alerts out, each once.

use std::collections::BTreeMap;
use std::fs::{self, OpenOptions};
use std::io::Write;

use argus_model::record::AlertRecord;
use argus_model::{
    Actor, AlertAction, AlertScope, AlertState, Budget, BudgetPeriod, BudgetScope, PicoUsd, Severity, Timestamp,
};
use proptest::prelude::*;
use serde_json::json;

use super::convergence::Random;
use super::world::{LATER, World, read_whole};
use crate::budget::Calendar;
use crate::import::IngestSettings;

/// 6,000 output tokens of this model cost so much.
pub(super) const REQUEST: i64 = 150_000_000_000;

pub(super) fn budget(name: &str, scope: BudgetScope, period: BudgetPeriod, requests: i64) -> Budget {
    Budget {
        name: name.to_owned(),
        scope,
        selector: None,
        period,
        amount: PicoUsd(requests * REQUEST),
        steps: vec![50, 80, 100],
        has_forecast: false,
        has_stop: false,
    }
}

/// A budget of every kind, each so small that recordings pass some of its steps.
pub(super) fn budgeted() -> IngestSettings {
    let small =
        |name: &str, scope, period, picousd| Budget { amount: PicoUsd(picousd), ..budget(name, scope, period, 1) };
    let budgets = vec![
        small("day", BudgetScope::All, BudgetPeriod::Day, 30_000_000_000),
        small("week", BudgetScope::Project, BudgetPeriod::Week, 20_000_000_000),
        small("month", BudgetScope::Model, BudgetPeriod::Month, 10_000_000_000),
        small("branch", BudgetScope::Branch, BudgetPeriod::Day, 10_000_000_000),
        small("session", BudgetScope::Session, BudgetPeriod::Session, 10_000_000_000),
        small("agent", BudgetScope::Agent, BudgetPeriod::Session, 5_000_000_000),
        small("large", BudgetScope::All, BudgetPeriod::Month, PicoUsd::DOLLAR * 1_000),
    ];
    IngestSettings { budgets, ..IngestSettings::default() }
}

fn with(budgets: &[Budget]) -> World {
    World::with(IngestSettings { budgets: budgets.to_vec(), ..IngestSettings::default() })
}

/// One request of a session, at an hour of November 2026.
pub(super) fn spend(world: &World, session: &str, id: &str, day: u32, hour: u32) {
    let line = json!({
        "type": "assistant", "uuid": format!("u-{id}"), "timestamp": format!("2026-11-{day:02}T{hour:02}:05:00.000Z"),
        "sessionId": session, "cwd": "/home/dev/app", "requestId": format!("r-{id}"),
        "message": { "id": format!("msg-{id}"), "model": "claude-opus-4-5", "stop_reason": "end_turn",
            "content": [{ "type": "text", "text": "done" }], "usage": { "input_tokens": 0, "output_tokens": 6_000 } },
    });
    let target = world.projects().join(format!("-home-dev-app/{session}.jsonl"));
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    writeln!(OpenOptions::new().create(true).append(true).open(target).unwrap(), "{line}").unwrap();
}

pub(super) fn session(n: usize) -> String {
    format!("b0d6e700-0000-4000-8000-00000000000{n}")
}

fn steps(world: &World) -> Vec<AlertRecord> {
    world.alerts().into_iter().filter(|alert| alert.rule == "budget.step").collect()
}

fn keys(world: &World) -> Vec<(String, AlertState)> {
    steps(world)
        .into_iter()
        .map(|alert| {
            (alert.alert_id.trim_end_matches("~budget.step").rsplit('~').next().unwrap().to_owned(), alert.state)
        })
        .collect()
}

#[test]
fn each_step_of_a_period_is_told_once_whatever_is_read_again() {
    let mut world = with(&[budget("day", BudgetScope::All, BudgetPeriod::Day, 4)]);
    for n in 0..4 {
        spend(&world, &session(n % 2), &n.to_string(), 20, 10 + n as u32);
        world.scan();
        world.weigh();
    }
    let first = steps(&world);
    assert_eq!(first.len(), 3, "{first:#?}");
    let (half, whole) = (&first[1], &first[0]);
    assert_eq!(whole.alert_id, "~budget.day.2026-11-20.100-of-0.6~budget.step");
    assert_eq!((half.severity, whole.severity), (Severity::Medium, Severity::High));
    assert_eq!(half.reason, "Budget day, 2026-11-20: 50 % of $0.60 is spent.");
    assert_eq!((half.session_id.as_str(), whole.session_id.as_str()), (&*session(1), &*session(1)));
    assert!(whole.is_history, "what was read long after is history");
    world.engine.writer.reset_offsets().unwrap();
    world.restart();
    world.scan();
    world.weigh();
    assert_eq!(steps(&world), first);
    spend(&world, &session(0), "9", 20, 20);
    world.scan();
    world.weigh();
    assert_eq!(steps(&world), first, "more of the same says nothing more");
    spend(&world, &session(0), "10", 21, 8);
    spend(&world, &session(0), "11", 21, 9);
    world.scan();
    world.weigh();
    assert_eq!(steps(&world).len(), 4, "a new day has steps of its own");
}

#[test]
fn late_money_moves_the_moment_and_keeps_the_name_and_what_was_said_of_it() {
    let mut world = with(&[Budget { steps: vec![100], ..budget("day", BudgetScope::All, BudgetPeriod::Day, 2) }]);
    spend(&world, &session(0), "1", 20, 12);
    spend(&world, &session(0), "2", 20, 15);
    world.scan();
    world.weigh();
    let before = steps(&world);
    let (state, actor) = (AlertState::Acknowledged, Actor::Script);
    let action = AlertAction { state, reason: None, muted_until: None, at: LATER, actor };
    let scope = AlertScope::One(before[0].alert_id.clone());
    assert_eq!(world.engine.writer.act_on_alerts(&scope, &action).unwrap().count, 1);
    // An older file turns up: by what is known now another session passed it, earlier.
    spend(&world, &session(1), "3", 20, 13);
    world.scan();
    world.weigh();
    let after = steps(&world);
    assert_eq!(after.len(), 1);
    assert_eq!((&after[0].alert_id, after[0].state), (&before[0].alert_id, AlertState::Acknowledged));
    assert_eq!((after[0].session_id.as_str(), after[0].raised_at < before[0].raised_at), (&*session(1), true));
    let (found, actions) = world.reader().get_alert(&before[0].alert_id, LATER).unwrap().unwrap();
    assert_eq!((found.session_id.as_str(), actions.len()), (&*session(1), 1));
    assert_eq!(world.reader().find_alert(found.alert_no).unwrap(), Some(before[0].alert_id.clone()));
}

#[test]
fn a_changed_budget_does_not_rewrite_the_days_that_are_over() {
    let one = budget("day", BudgetScope::All, BudgetPeriod::Day, 2);
    let mut world = with(std::slice::from_ref(&one));
    spend(&world, &session(0), "1", 20, 12);
    spend(&world, &session(0), "2", 20, 13);
    world.scan();
    world.weigh();
    let before = keys(&world);
    assert_eq!(before.len(), 3);
    let at = Timestamp::from_micros("2026-11-21T12:00:00Z".parse::<jiff::Timestamp>().unwrap().as_microsecond());
    let dearer = Budget { amount: PicoUsd(10 * REQUEST), ..one };
    world.engine.writer.define_budgets(std::slice::from_ref(&dearer), at).unwrap();
    world.weigh();
    assert_eq!(keys(&world), before);
    // The day that is over is weighed as it was defined then, also when late money comes; the running one anew.
    spend(&world, &session(0), "3", 20, 14);
    for n in 4..9 {
        spend(&world, &session(0), &n.to_string(), 21, 1 + n);
    }
    world.scan();
    world.weigh();
    let mut expected = before;
    expected.push(("budget.day.2026-11-21.50-of-1.5".to_owned(), AlertState::Open));
    assert_eq!(keys(&world), expected);
    // A budget that is gone says nothing new, and takes nothing back.
    world.engine.writer.define_budgets(&[], at).unwrap();
    for n in 10..20 {
        spend(&world, &session(0), &n.to_string(), 22, n);
    }
    world.scan();
    world.weigh();
    assert_eq!(keys(&world), expected);
}

#[test]
fn a_budget_that_is_new_weighs_what_was_spent_before_as_history() {
    let mut world = World::new();
    spend(&world, &session(0), "1", 3, 12);
    spend(&world, &session(0), "2", 20, 13);
    world.scan();
    world.weigh();
    assert_eq!(keys(&world), []);
    world.engine.writer.define_budgets(&[budget("day", BudgetScope::All, BudgetPeriod::Day, 1)], LATER).unwrap();
    world.weigh();
    assert_eq!(keys(&world).len(), 6);
    assert!(steps(&world).iter().all(|alert| alert.is_history));
}

#[test]
fn money_that_turns_out_to_be_forgotten_takes_the_step_back() {
    let mut world = with(&[Budget { steps: vec![100], ..budget("day", BudgetScope::All, BudgetPeriod::Day, 2) }]);
    spend(&world, &session(0), "1", 20, 12);
    spend(&world, &session(1), "2", 20, 15);
    world.scan();
    world.weigh();
    assert_eq!(steps(&world)[0].session_id, session(1));
    world.engine.writer.forget_facts(&session(0).as_str().into()).unwrap();
    world.weigh();
    assert_eq!(keys(&world), [("budget.day.2026-11-20.100-of-0.3".to_owned(), AlertState::Superseded)]);
}

#[test]
fn subagents_have_their_own_account_with_all_that_they_started() {
    let mut world = World::with(budgeted());
    let whole = read_whole("subagents");
    copy(&whole, &world);
    world.scan();
    world.weigh();
    let of_agents: Vec<_> = steps(&world).into_iter().filter(|alert| alert.reason.contains("for subagent")).collect();
    assert!(!of_agents.is_empty());
    for alert in &of_agents {
        assert!(!alert.agent_id.is_empty() && alert.alert_id.starts_with(&alert.session_id), "{alert:#?}");
        let agents = world.agents(&alert.session_id);
        let agent = agents.iter().find(|agent| agent.agent_id == alert.agent_id).unwrap();
        assert!(agent.subtree.cost.0 >= 2_500_000_000, "{agent:#?}");
    }
}

fn copy(from: &World, to: &World) {
    for entry in walkdir::WalkDir::new(from.projects()).into_iter().map(Result::unwrap) {
        let target = to.projects().join(entry.path().strip_prefix(from.projects()).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).unwrap();
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn every_step_is_told_once_a_period_in_any_order_with_restarts(seed in any::<u64>()) {
        let mut random = Random(seed | 1);
        let budgets = [
            budget("day", BudgetScope::All, BudgetPeriod::Day, 3),
            budget("week", BudgetScope::All, BudgetPeriod::Week, 8),
            budget("month", BudgetScope::All, BudgetPeriod::Month, 20),
        ];
        let mut world = with(&budgets);
        let calendar = Calendar::of_machine();
        let mut sums = BTreeMap::<(usize, String), i64>::new();
        for n in 0..20 + random.below(20) {
            let (day, hour) = (1 + random.below(25) as u32, random.below(24) as u32);
            spend(&world, &session(random.below(3)), &n.to_string(), day, hour);
            let at = format!("2026-11-{day:02}T{hour:02}:05:00Z").parse::<jiff::Timestamp>().unwrap();
            for (index, budget) in budgets.iter().enumerate() {
                let period = calendar.period_of(budget.period, Timestamp::from_micros(at.as_microsecond()));
                *sums.entry((index, period.label)).or_default() += 1;
            }
            match random.below(6) {
                0 => world.scan(),
                1 => { world.scan(); world.weigh(); }
                2 => { world.scan(); world.restart(); }
                3 => { world.engine.writer.reset_offsets().unwrap(); world.restart(); }
                _ => {}
            }
        }
        world.scan();
        world.weigh();
        let mut expected: Vec<String> = Vec::new();
        for ((index, label), count) in sums {
            let budget = &budgets[index];
            let passed = budget.steps.iter().filter(|step| count * REQUEST >= budget.threshold(**step).0);
            expected.extend(passed.map(|step| budget.key(&label, None, &step.to_string())));
        }
        expected.sort();
        let mut found: Vec<String> = keys(&world).into_iter().map(|(key, _)| key).collect();
        found.sort();
        prop_assert_eq!(found, expected);
    }
}
