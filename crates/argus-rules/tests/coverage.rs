//! No rule without a word that it speaks up where it should, and keeps silent where it nearly should not.
//!
//! Rules about calls have rows in `testdata/commands`: one that expects the rule, and one that says with `near` which rule
//! it nearly breaks. What only a session's stored rows show is tested where it is weighed; those tests are named here.
#![allow(clippy::unwrap_used, reason = "a test's helpers fail like the test itself")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use argus_rules::{Evaluation, Profile, catalogue};
use serde_json::Value;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn rows() -> Vec<(String, Value)> {
    let mut files: Vec<_> =
        std::fs::read_dir(root().join("testdata/commands")).unwrap().map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|end| end == "jsonl"));
    files.sort();
    let text: String = files.iter().map(|file| std::fs::read_to_string(file).unwrap()).collect();
    text.lines().map(|line| (line.to_owned(), serde_json::from_str(line).unwrap())).collect()
}

/// Rules about facts of a session: where a test says that they are told of, and where that they are not.
const OF_SESSIONS: &[(&str, &str, &str, &str)] = &[
    (
        "agent.stuck",
        "argus-ingest/src/engine/tests/alerts.rs",
        "an_agent_that_fails_at_the_same_thing_is_told_of_and_a_success_in_between_begins_anew",
        "an_agent_that_fails_at_the_same_thing_is_told_of_and_a_success_in_between_begins_anew",
    ),
    (
        "agent.rereads",
        "argus-ingest/src/engine/tests/together.rs",
        "a_file_that_is_read_over_and_over_is_told_of_and_one_that_is_read_a_few_times_is_not",
        "a_file_that_is_read_over_and_over_is_told_of_and_one_that_is_read_a_few_times_is_not",
    ),
    (
        "agent.recursion",
        "argus-model/src/budget/spread.rs",
        "the_first_agent_beyond_the_depth_is_told_and_those_below_it_are_not",
        "the_first_agent_beyond_the_depth_is_told_and_those_below_it_are_not",
    ),
    (
        "agent.fan-out",
        "argus-model/src/budget/spread.rs",
        "the_agent_too_many_tells_when_it_came_whatever_the_order",
        "agents_that_started_each_other_end",
    ),
    (
        "budget.step",
        "argus-ingest/src/engine/tests/budgets.rs",
        "each_step_of_a_period_is_told_once_whatever_is_read_again",
        "money_that_turns_out_to_be_forgotten_takes_the_step_back",
    ),
    (
        "budget.forecast",
        "argus-model/src/budget/forecast.rs",
        "the_rest_of_the_period_costs_what_such_days_cost",
        "nothing_is_foretold_from_too_few_days",
    ),
    (
        "budget.burn-rate",
        "argus-model/src/budget/burn.rs",
        "far_more_than_usual_and_still_going_on_is_alarming",
        "without_enough_history_nothing_is_usual_and_nobody_is_called",
    ),
    (
        "guard.denied-but-ran",
        "argus-ingest/src/engine/tests/alerts.rs",
        "a_call_that_ran_past_the_guard_is_told_of",
        "a_call_that_ran_past_the_guard_is_told_of",
    ),
    (
        "guard.no-decision",
        "argus-ingest/src/engine/tests/alerts.rs",
        "a_call_that_ran_past_the_guard_is_told_of",
        "a_call_that_ran_past_the_guard_is_told_of",
    ),
    (
        "guard.hooks-off",
        "argus-ingest/src/engine/tests/alerts.rs",
        "a_hook_that_is_taken_out_is_told_of_once_and_so_is_what_ran_unobserved",
        "a_hook_that_is_taken_out_is_told_of_once_and_so_is_what_ran_unobserved",
    ),
    (
        "guard.unobserved",
        "argus-ingest/src/engine/tests/alerts.rs",
        "calls_of_which_no_hook_told_are_told_of_once_a_session",
        "calls_of_which_no_hook_told_are_told_of_once_a_session",
    ),
    (
        "guard.transcript-lost",
        "argus-ingest/src/engine/tests/lost.rs",
        "a_transcript_that_is_not_what_was_read_is_told_of_once",
        "a_transcript_that_is_not_what_was_read_is_told_of_once",
    ),
    (
        "context.nearly-full",
        "argus-ingest/src/engine/tests/alarms.rs",
        "a_context_that_is_nearly_full_misses_the_cache_or_carries_a_dear_result_is_told_of_once",
        "a_context_that_is_nearly_full_misses_the_cache_or_carries_a_dear_result_is_told_of_once",
    ),
    (
        "context.cache-misses",
        "argus-ingest/src/engine/tests/alarms.rs",
        "a_context_that_is_nearly_full_misses_the_cache_or_carries_a_dear_result_is_told_of_once",
        "a_context_that_is_nearly_full_misses_the_cache_or_carries_a_dear_result_is_told_of_once",
    ),
    (
        "context.dear-result",
        "argus-ingest/src/engine/tests/alarms.rs",
        "a_context_that_is_nearly_full_misses_the_cache_or_carries_a_dear_result_is_told_of_once",
        "a_context_that_is_nearly_full_misses_the_cache_or_carries_a_dear_result_is_told_of_once",
    ),
    (
        "guard.binary-changed",
        "argus-ingest/src/engine/tests/watched.rs",
        "a_program_or_a_store_that_is_another_one_is_told_of_while_it_lasts_once",
        "a_program_or_a_store_that_is_another_one_is_told_of_while_it_lasts_once",
    ),
    (
        "guard.storage-touched",
        "argus-ingest/src/engine/tests/watched.rs",
        "a_program_or_a_store_that_is_another_one_is_told_of_while_it_lasts_once",
        "a_program_or_a_store_that_is_another_one_is_told_of_while_it_lasts_once",
    ),
    (
        "budget.stop",
        "argus-guard/src/decision.rs",
        "a_budget_that_is_used_up_stops_whom_it_is_about_until_it_ends_or_a_person_releases_it",
        "a_budget_that_is_used_up_stops_whom_it_is_about_until_it_ends_or_a_person_releases_it",
    ),
];

#[test]
fn every_rule_has_a_case_that_breaks_it_and_one_that_nearly_does() {
    let (mut hits, mut near) = (BTreeSet::new(), BTreeSet::new());
    let mut evaluation = Evaluation::new(Profile::Graded);
    for (line, row) in rows() {
        let answer = evaluation.line(&line).unwrap();
        let found: Vec<&str> =
            answer["alerts"].as_array().unwrap().iter().map(|alert| alert["rule"].as_str().unwrap()).collect();
        let expected = row["expect"].as_array().unwrap().iter().map(|alert| alert["rule"].as_str().unwrap().to_owned());
        hits.extend(expected.filter(|rule| found.contains(&rule.as_str())));
        if let Some(rule) = row["near"].as_str() {
            assert!(!found.contains(&rule), "{} {} {found:?}", row["id"], row["input"]);
            near.insert(rule.to_owned());
        }
    }
    for rule in catalogue() {
        if OF_SESSIONS.iter().any(|(id, ..)| *id == rule.id) {
            continue;
        }
        assert!(hits.contains(rule.id), "no row that is judged so: {}", rule.id);
        assert!(near.contains(rule.id), "no row with `near`: {}", rule.id);
    }
}

#[test]
fn the_tests_of_what_a_session_shows_are_there() {
    for (rule, file, hit, miss) in OF_SESSIONS {
        assert!(catalogue().iter().any(|known| known.id == *rule), "{rule}");
        let text = std::fs::read_to_string(root().join("crates").join(Path::new(file))).unwrap();
        for name in [hit, miss] {
            assert!(text.contains(&format!("fn {name}(")), "{rule}: no test {name} in {file}");
        }
    }
}
