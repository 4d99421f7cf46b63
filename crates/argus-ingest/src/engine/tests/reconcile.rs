//! What Claude Code reported of recorded sessions, against the ledger of the API that served them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use argus_model::record::ReconciliationQuery;
use argus_model::{DriftReason, PicoUsd, Reconciliation, SessionId, Timestamp};

use serde_json::Value;

use super::world::{World, ledger, log_batches, read_whole, recording, recordings, status_calls, transcript_files};

/// Input, output, cache reads and cache writes.
type Tokens = [i64; 4];

fn found(world: &World, session: &str) -> Reconciliation {
    world.reader().get_reconciliation(&SessionId::new(session)).unwrap().unwrap()
}

fn figures(found: &Reconciliation) -> (Option<i64>, i64, Option<i64>, Option<i64>) {
    let pico = |amount: Option<PicoUsd>| amount.map(|amount| amount.0);
    let figures = &found.figures;
    (pico(figures.reported), figures.explained.0, pico(figures.hidden), pico(figures.unexplained))
}

/// Without telemetry, as most people have it.
fn read_transcripts(name: &str) -> World {
    let mut world = World::new();
    for (path, bytes) in transcript_files(name) {
        let target = world.projects().join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(target, bytes).unwrap();
    }
    world.scan();
    world
}

/// With telemetry.
fn read_all(name: &str) -> World {
    let mut world = read_transcripts(name);
    for batch in log_batches(name) {
        world.export(&batch);
    }
    world.drain();
    world
}

/// Messages whose stream broke: the client asked again and forgot them, whatever the server may bill.
fn broken(name: &str) -> BTreeSet<String> {
    let text = fs::read_to_string(recording(name).join("ledger.jsonl")).unwrap();
    let notes = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    notes
        .filter(|entry| entry["usage"].is_null())
        .filter_map(|entry| Some(entry["message_id"].as_str()?.to_owned()))
        .collect()
}

/// The ledger by session and model.
fn truth(name: &str) -> BTreeMap<(String, String), Tokens> {
    let mut truth: BTreeMap<_, Tokens> = BTreeMap::new();
    let broken = broken(name);
    for entry in ledger(name) {
        if entry["message_id"].as_str().is_some_and(|id| broken.contains(id)) {
            continue;
        }
        let Some(session) = entry["headers"]["x-claude-code-session-id"].as_str() else { continue };
        let key = (session.to_owned(), entry["model"].as_str().unwrap_or_default().to_owned());
        let keys = ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"];
        let sum = truth.entry(key).or_default();
        keys.iter().zip(sum).for_each(|(key, sum)| *sum += entry["usage"][key].as_i64().unwrap_or(0));
    }
    truth
}

#[test]
fn what_was_reported_is_the_ledgers_to_the_token_hidden_requests_included() {
    let mut compared = 0;
    for name in recordings() {
        let world = read_whole(&name);
        let truth = truth(&name);
        for session in world.sessions() {
            let found = found(&world, &session.session_id);
            if found.figures.reported.is_none() || found.uncovered_requests > 0 {
                continue;
            }
            for model in &found.models {
                let told = model.reported.unwrap();
                let tokens = [told.input_tokens, told.output_tokens, told.cache_read_tokens, told.cache_write_tokens];
                let key = (session.session_id.clone(), model.model.clone());
                assert_eq!(Some(&tokens), truth.get(&key), "{name} {key:?}");
                compared += 1;
            }
        }
    }
    assert!(compared >= 20, "only {compared} were compared");
}

#[test]
fn hidden_money_is_hidden_without_telemetry_and_explained_with_it() {
    let (without, with) = (read_transcripts("hidden-usage"), read_all("hidden-usage"));
    let mut hidden_sum = 0;
    for session in with.sessions() {
        let id = &session.session_id;
        let (before, after) = (found(&without, id), found(&with, id));
        let (reported, explained, hidden, unexplained) = figures(&before);
        assert_eq!(unexplained, Some(0), "{id}");
        assert_eq!(reported, Some(explained + hidden.unwrap()), "{id}");
        hidden_sum += hidden.unwrap();
        assert_eq!(figures(&after), (reported, reported.unwrap(), Some(0), Some(0)), "{id}");
        assert_eq!(Some(after.figures.told_by_telemetry.0), hidden, "{id}");
        assert_eq!(after.reason(), None, "{id}");
        let is_hiding = hidden != Some(0);
        assert_eq!(before.reason(), is_hiding.then_some(DriftReason::HiddenRequests), "{id}");
    }
    assert!(hidden_sum > 0);
    let totals = without.reader().total_reconciliation(&ReconciliationQuery::default()).unwrap();
    assert_eq!((totals.hidden.0, totals.unexplained.0), (hidden_sum, 0));
    assert_eq!(totals.apart.0, hidden_sum);
    let share = totals.explained_millionths().unwrap();
    assert!((1..1_000_000).contains(&share), "{share}");
    let totals = with.reader().total_reconciliation(&ReconciliationQuery::default()).unwrap();
    assert_eq!(totals.explained_millionths(), Some(1_000_000));
}

/// `accounts`: a session that was resumed twice and killed once in between, two forks of it, a fork of a fork, and a
/// session whose first run was killed. `interactive`: a statement written twice, a resume, a fork, `/clear`.
#[test]
fn forks_resumes_kills_and_statements_written_twice_are_told_apart() {
    for name in ["accounts", "interactive"] {
        let world = read_transcripts(name);
        let truth = truth(name);
        let mut killed = 0;
        for session in world.sessions() {
            let found = found(&world, &session.session_id);
            let (reported, explained, hidden, unexplained) = figures(&found);
            assert_eq!(unexplained, Some(0), "{name} {found:#?}");
            assert_eq!(reported, Some(explained + hidden.unwrap()));
            assert_eq!(session.totals.cost.0, explained + found.uncovered.0);
            if found.uncovered_requests > 0 {
                assert_eq!(found.reason(), Some(DriftReason::RunWithoutStatement), "{}", session.session_id);
                killed += found.uncovered_requests;
            }
            // All that was served to the session: reported, or made by a run that could report nothing.
            let of_session = truth.iter().filter(|((id, _), _)| *id == session.session_id);
            let served: i64 = of_session.map(|(_, tokens)| tokens[1]).sum();
            let told: i64 = found.models.iter().map(|model| model.reported.unwrap().output_tokens).sum();
            let uncovered = session.totals.output_tokens
                - found.models.iter().map(|model| model.explained.output_tokens).sum::<i64>();
            assert_eq!(told + uncovered, served, "{name} {}", session.session_id);
        }
        assert_eq!(killed, if name == "accounts" { 2 } else { 0 });
    }
}

/// As if each client had been killed: its report never came.
fn read_killed(name: &str) -> World {
    let mut world = World::new();
    for (path, bytes) in transcript_files(name) {
        let target = world.projects().join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let kept: String = text.split_inclusive('\n').filter(|line| !line.contains("\"cost-state\"")).collect();
        fs::write(target, kept).unwrap();
    }
    world.scan();
    world
}

/// `interactive`: a resume, a fork within the process, `/clear`. `watchers`: work in the background, a teammate.
#[test]
fn the_status_line_tells_of_a_killed_client_what_its_report_would_have_told() {
    for name in ["interactive", "watchers"] {
        let (mut killed, mut whole) = (read_killed(name), read_transcripts(name));
        assert!(killed.sessions().iter().all(|session| session.reported.is_none()), "{name}");
        for world in [&mut killed, &mut whole] {
            for call in status_calls(name) {
                world.spool(&call);
            }
            world.drain();
            assert_eq!(world.reader().check().unwrap(), Vec::<String>::new(), "{name}");
        }
        let mut compared = 0;
        for session in whole.sessions() {
            let id = &session.session_id;
            let (by_status, by_report) = (found(&killed, id), found(&whole, id));
            assert!(by_status.is_by_status_line && !by_report.is_by_status_line, "{id} {by_report:#?}");
            let (now, then) = (figures(&by_status), figures(&by_report));
            assert_eq!((now.0, now.1), (then.0, then.1), "{name} {id}");
            // What was hidden is so still, but without tokens nobody can say so.
            assert_eq!((now.2, now.3), (Some(0), Some(then.2.unwrap() + then.3.unwrap())), "{name} {id}");
            let is_apart = now.3 != Some(0);
            assert_eq!(by_status.reason(), is_apart.then_some(DriftReason::StatusLine), "{name} {id}");
            compared += 1;
        }
        assert_eq!(compared, if name == "interactive" { 3 } else { 1 });
    }
}

#[test]
fn a_session_without_a_statement_says_so_and_has_no_figure() {
    let world = read_whole("claude-2.1.80");
    let session = &world.sessions()[0];
    let found = found(&world, &session.session_id);
    assert_eq!(figures(&found), (None, session.totals.cost.0, None, None));
    assert_eq!(found.reasons, [DriftReason::NoStatement]);
    let page = world.reader().list_reconciliations(&ReconciliationQuery { limit: 10, ..Default::default() }).unwrap();
    assert_eq!(page.rows[0].reason, Some(DriftReason::NoStatement));
    assert_eq!((page.rows[0].figures.reported, page.rows[0].figures.explained), (None, session.totals.cost));
}

#[test]
fn the_list_comes_by_drift_in_pages_and_sums_to_its_totals() {
    let world = read_transcripts("hidden-usage");
    let mut query = ReconciliationQuery { limit: 2, ..ReconciliationQuery::default() };
    let mut rows = Vec::new();
    loop {
        let page = world.reader().list_reconciliations(&query).unwrap();
        rows.extend(page.rows);
        let Some(cursor) = page.next_cursor else { break };
        query.cursor = Some(cursor);
    }
    assert_eq!(rows.len(), world.sessions().len());
    assert!(rows.is_sorted_by_key(|row| std::cmp::Reverse(row.figures.drift())));
    let totals = world.reader().total_reconciliation(&query).unwrap();
    let sum = |of: fn(&argus_model::record::ReconciliationRow) -> Option<PicoUsd>| -> i64 {
        rows.iter().filter_map(of).map(|amount| amount.0).sum()
    };
    assert_eq!(sum(|row| row.figures.reported), totals.reported.0);
    assert_eq!(sum(|row| row.figures.hidden), totals.hidden.0);
    assert_eq!(totals.reported.0, totals.explained.0 + totals.hidden.0 + totals.unexplained.0);
}

#[test]
fn the_totals_of_all_time_are_those_of_a_range_that_holds_it_reported_or_not() {
    let worlds = ["hidden-usage", "accounts", "interactive"].map(read_transcripts);
    let mut unreported = 0;
    for world in worlds.iter().chain([&read_whole("claude-2.1.80")]) {
        let totals = |query: &ReconciliationQuery| world.reader().total_reconciliation(query).unwrap();
        let range = ReconciliationQuery { since: Some(Timestamp::from_micros(1)), ..ReconciliationQuery::default() };
        let all = totals(&ReconciliationQuery::default());
        assert_eq!(all, totals(&range));
        let query = ReconciliationQuery { limit: 500, ..ReconciliationQuery::default() };
        let rows = world.reader().list_reconciliations(&query).unwrap().rows;
        let told = rows.iter().filter(|row| row.figures.reported.is_some()).count() as i64;
        assert_eq!((all.reported_sessions, all.unreported_sessions), (told, rows.len() as i64 - told));
        let explained: i64 =
            rows.iter().filter(|row| row.figures.reported.is_none()).map(|row| row.figures.explained.0).sum();
        assert_eq!(all.unreported.0, explained);
        unreported += explained;
    }
    assert!(unreported > 0);
}
