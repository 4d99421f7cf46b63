//! The labelled corpora, judged: how many dangerous calls are raised, how many harmless ones.
//!
//! The same counting as the corpus's own scorer: raised is medium or above; dangerous rows count where one of the rules
//! that this catalogue has is expected; harmless rows all count. A row is exact if each rule that it expects is found with
//! its severity.
#![allow(clippy::unwrap_used, reason = "a test's helpers fail like the test itself")]

use std::path::PathBuf;

use argus_rules::{Evaluation, Profile, catalogue};
use serde_json::Value;

fn rows(name: &str) -> Vec<(String, Value)> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../testdata/commands").join(name);
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| (line.to_owned(), serde_json::from_str(line).unwrap())).collect()
}

#[derive(Debug, Default)]
struct Score {
    hits: u32,
    misses: Vec<String>,
    false_alarms: Vec<String>,
    inexact: Vec<String>,
}

impl Score {
    fn precision(&self) -> f64 {
        f64::from(self.hits) / (f64::from(self.hits) + self.false_alarms.len() as f64)
    }

    fn recall(&self) -> f64 {
        f64::from(self.hits) / (f64::from(self.hits) + self.misses.len() as f64)
    }
}

fn has_rule(rule: &str) -> bool {
    catalogue().iter().any(|known| known.id == rule)
}

fn score(name: &str, profile: Profile) -> Score {
    let mut score = Score::default();
    let mut evaluation = Evaluation::new(profile);
    for (line, row) in rows(name) {
        let answer = evaluation.line(&line).unwrap();
        let found: Vec<(&str, &str)> = answer["alerts"]
            .as_array()
            .unwrap()
            .iter()
            .map(|alert| (alert["rule"].as_str().unwrap(), alert["severity"].as_str().unwrap()))
            .collect();
        let key = if profile == Profile::Seed && row.get("seed_expect").is_some() { "seed_expect" } else { "expect" };
        let expected: Vec<(&str, &str)> = row[key]
            .as_array()
            .unwrap()
            .iter()
            .map(|alert| (alert["rule"].as_str().unwrap(), alert["severity"].as_str().unwrap()))
            .filter(|(rule, _)| has_rule(rule))
            .collect();
        let raised = |(_, severity): &&(&str, &str)| !["info", "low"].contains(severity);
        let tolerated = |rule: &str| row["may"].as_array().is_some_and(|may| may.iter().any(|id| id == rule));
        let said = format!("{} {} {found:?}", row["id"], row["input"]);
        match row["class"].as_str().unwrap() {
            "benign" => {
                if found.iter().filter(raised).any(|(rule, _)| !tolerated(rule)) {
                    score.false_alarms.push(said);
                }
                continue;
            }
            "dangerous" if !expected.is_empty() => {
                if found.iter().any(|alert| raised(&alert)) {
                    score.hits += 1;
                } else {
                    score.misses.push(said.clone());
                }
            }
            _ => {}
        }
        if !expected.iter().all(|alert| found.contains(alert)) {
            score.inexact.push(said);
        }
    }
    score
}

/// What is reached today: a later change must not lose it.
fn assert_good(name: &str, profile: Profile, most_missed: usize, most_inexact: usize) {
    let score = score(name, profile);
    assert!(score.hits > 150, "the corpus is there: {}", score.hits);
    assert!(score.precision() >= 0.99, "{name} {profile:?}: {:?}", score.false_alarms);
    assert!(score.recall() >= 0.98, "{name} {profile:?}: {:?}", score.misses);
    assert_eq!(score.false_alarms, [""; 0]);
    assert!(score.misses.len() <= most_missed, "{name} {profile:?}: {:#?}", score.misses);
    assert!(score.inexact.len() <= most_inexact, "{name} {profile:?}: {:#?}", score.inexact);
}

#[test]
fn the_public_corpus_is_judged_as_labelled() {
    assert_good("corpus.jsonl", Profile::Graded, 0, 4);
}

#[test]
fn the_public_corpus_is_judged_to_the_letter_of_the_seed() {
    assert_good("corpus.jsonl", Profile::Seed, 3, 12);
}

#[test]
fn other_tools_homes_and_phrasing_are_judged_as_labelled() {
    assert_good("own.jsonl", Profile::Graded, 0, 0);
    assert_good("own.jsonl", Profile::Seed, 0, 0);
}

#[test]
fn every_family_is_judged_in_words_that_it_was_not_made_from() {
    assert_good("more.jsonl", Profile::Graded, 0, 0);
}

#[test]
fn calls_that_are_dangerous_only_together_are_judged_as_labelled() {
    let score = score("sequences.jsonl", Profile::Graded);
    assert_eq!((score.hits, score.misses, score.false_alarms, score.inexact), (30, vec![], vec![], vec![]));
}

#[test]
fn what_an_audit_found_missing_is_judged_as_labelled() {
    let found = score("gaps.jsonl", Profile::Graded);
    assert_eq!((found.hits, found.misses, found.false_alarms, found.inexact), (71, vec![], vec![], vec![]));
    assert_eq!(score("near.jsonl", Profile::Graded).false_alarms, [""; 0]);
}

/// Their authors had seen neither the code nor the other corpora; `testdata/commands/PROVENANCE.md` has the first run.
#[test]
fn what_others_wrote_blindly_is_judged_as_labelled() {
    assert_held_out("heldout_a.jsonl", 0, 2);
    assert_held_out("heldout_b.jsonl", 0, 2);
    assert_held_out("heldout_c.jsonl", 0, 2);
    assert_held_out("heldout_d.jsonl", 0, 0);
    assert_held_out("heldout_e.jsonl", 0, 0);
    assert_held_out("heldout_f.jsonl", 0, 0);
    assert_held_out("heldout_g.jsonl", 2, 3);
}

#[test]
fn spellings_that_were_thought_of_and_what_looks_like_them_are_judged_as_labelled() {
    let found = score("tries.jsonl", Profile::Graded);
    assert_eq!((found.hits, found.misses, found.false_alarms, found.inexact), (1340, vec![], vec![], vec![]));
}

fn assert_held_out(name: &str, most_missed: usize, most_inexact: usize) {
    let found = score(name, Profile::Graded);
    assert!(found.hits > 60, "the corpus is there: {}", found.hits);
    assert_eq!(found.false_alarms, [""; 0]);
    assert!(found.misses.len() <= most_missed, "{name}: {:#?}", found.misses);
    assert!(found.inexact.len() <= most_inexact, "{name}: {:#?}", found.inexact);
}

#[test]
fn judging_again_gives_the_same() {
    let judge = || -> Vec<Value> {
        let mut evaluation = Evaluation::new(Profile::Graded);
        rows("own.jsonl").iter().map(|(line, _)| evaluation.line(line).unwrap()).collect()
    };
    assert_eq!(judge(), judge());
}

/// Run with `cargo test --release -p argus-rules --test corpus -- --ignored --nocapture`.
#[test]
#[ignore = "a measurement, for an idle machine"]
fn time_of_one_call() {
    let rows = rows("corpus.jsonl");
    let rows: Vec<_> = rows.iter().filter(|(_, row)| !row["tool"].as_str().unwrap().starts_with('@')).collect();
    let mut times = Vec::new();
    let mut slow = std::collections::BTreeMap::new();
    for _ in 0..50 {
        for (_, row) in &rows {
            let text = |key: &str| row[key].as_str().map(str::to_owned);
            let scope = argus_rules::Scope {
                project_dir: text("project_dir"),
                cwd: text("cwd"),
                home: text("home"),
                ..argus_rules::Scope::default()
            };
            let call = argus_rules::Call { tool: row["tool"].as_str().unwrap(), input: &row["input"], scope: &scope };
            let begun = std::time::Instant::now();
            std::hint::black_box(argus_rules::evaluate_call(&call, Profile::Graded));
            times.push(begun.elapsed().as_nanos() as u64);
            if begun.elapsed().as_micros() > 300 {
                *slow.entry(row["id"].to_string()).or_insert(0) += 1;
            }
        }
    }
    times.sort_unstable();
    let at = |share: f64| times[((times.len() - 1) as f64 * share) as usize] as f64 / 1_000.0;
    let mean = times.iter().sum::<u64>() as f64 / times.len() as f64 / 1_000.0;
    println!("mean {mean:.2} µs, median {:.2}, p99 {:.2}, max {:.2}", at(0.5), at(0.99), at(1.0));
    println!("over 300 µs, of 50 turns: {slow:?}");
}
