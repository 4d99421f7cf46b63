//! What the real client sent, against the scripted API's ledger and the scenarios.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use argus_model::record::AgentRecord;
use argus_model::{CostBasis, EventKind, Outcome, SessionStatus};
use serde_json::Value;

use super::world::{World, ledger, read_whole, recording, recordings, transcript_files};

type Tokens = [i64; 4];

fn tokens(usage: &Value) -> Tokens {
    ["input_tokens", "output_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"]
        .map(|key| usage[key].as_i64().unwrap_or(0))
}

fn add(sum: &mut Tokens, one: Tokens) {
    for (sum, one) in sum.iter_mut().zip(one) {
        *sum += one;
    }
}

/// Ids of messages that stand in a transcript: all others are in none, whoever reads them.
fn written_messages(name: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for (path, bytes) in transcript_files(name) {
        if path.extension().is_some_and(|extension| extension == "jsonl") {
            for line in bytes.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
                let record: Value = serde_json::from_slice(line).unwrap();
                if record["type"] == "assistant" {
                    ids.insert(record["message"]["id"].as_str().unwrap().to_owned());
                }
            }
        }
    }
    ids
}

/// The ledger's truth for what is in transcripts, by model; by session where the client's header tells it.
fn truth(name: &str) -> (BTreeMap<String, Tokens>, BTreeMap<String, Tokens>) {
    let written = written_messages(name);
    let (mut by_model, mut by_session) = (BTreeMap::new(), BTreeMap::new());
    for entry in ledger(name) {
        if !written.contains(entry["message_id"].as_str().unwrap()) {
            continue;
        }
        add(by_model.entry(entry["model"].as_str().unwrap().to_owned()).or_default(), tokens(&entry["usage"]));
        if let Some(session) = entry["headers"]["x-claude-code-session-id"].as_str() {
            add(by_session.entry(session.to_owned()).or_default(), tokens(&entry["usage"]));
        }
    }
    (by_model, by_session)
}

fn totals(totals: &argus_model::Totals) -> Tokens {
    let writes = totals.cache_write_5m_tokens + totals.cache_write_1h_tokens;
    [totals.input_tokens, totals.output_tokens, totals.cache_read_tokens, writes]
}

#[test]
fn tokens_equal_the_ledger_by_model_and_by_session() {
    // 2.1.40 never writes the final output tokens: that one is marked incomplete instead, see below.
    for name in recordings().iter().filter(|name| *name != "claude-2.1.40") {
        let world = read_whole(name);
        let (by_model, by_session) = truth(name);
        let found: BTreeMap<String, Tokens> =
            world.reader().model_totals().unwrap().into_iter().map(|m| (m.model, totals(&m.totals))).collect();
        assert_eq!(found, by_model, "{name} by model");
        for (session, truth) in by_session {
            let record = world.sessions().into_iter().find(|s| s.session_id == session).unwrap();
            assert_eq!(totals(&record.totals), truth, "{name} {session}");
        }
    }
}

#[test]
fn a_client_that_never_wrote_final_tokens_is_incomplete_and_never_silently_wrong() {
    let world = read_whole("claude-2.1.40");
    let session = &world.sessions()[0];
    assert_eq!(session.totals.as_cost().basis, CostBasis::Incomplete);
    let (truth, _) = truth("claude-2.1.40");
    let found: i64 = world.reader().model_totals().unwrap().iter().map(|m| m.totals.output_tokens).sum();
    assert!(found <= truth.values().map(|t| t[1]).sum(), "a lower bound lies above the truth");
}

#[test]
fn every_sum_is_the_sum_of_its_parts() {
    for name in recordings() {
        let world = read_whole(&name);
        assert_eq!(world.reader().check().unwrap(), Vec::<String>::new(), "{name}");
        for session in world.sessions() {
            let id = &session.session_id;
            let agents: i64 = world.agents(id).iter().map(|agent| agent.own.cost.0).sum();
            assert_eq!(agents, session.totals.cost.0, "{name} agents");
            let events: i64 = world.events(id).iter().filter_map(|e| e.cost?.amount).map(|cost| cost.0).sum();
            assert_eq!(events, session.totals.cost.0, "{name} events");
            let turns: i64 = world.turns(id).iter().map(|turn| turn.totals.cost.0).sum();
            assert_eq!(turns, session.totals.cost.0, "{name} turns");
        }
    }
}

#[test]
fn every_cut_of_every_range_sums_to_its_total() {
    use argus_model::record::{SpendCut, SpendQuery, SpendSplit};
    use argus_model::{Timestamp, Totals};
    for name in recordings() {
        let world = read_whole(&name);
        let reader = world.reader();
        let sessions: i64 = world.sessions().iter().map(|session| session.totals.cost.0).sum();
        assert_eq!(reader.total_spend(&SpendQuery::default()).unwrap().cost.0, sessions, "{name}");
        // What stands with each session and agent is what the rows by time come to.
        let since_ever = SpendQuery { since: Some(Timestamp::from_micros(0)), ..SpendQuery::default() };
        for cut in SpendCut::ALL {
            let standing = reader.list_spend(cut, &SpendQuery::default()).unwrap();
            assert_eq!(standing, reader.list_spend(cut, &since_ever).unwrap(), "{name} {cut:?}");
        }
        let slots = reader.list_spend_slots(SpendSplit::Whole, &SpendQuery::default(), 900).unwrap().whole;
        let (first, last) = (slots[0].0, slots[slots.len() - 1].0);
        let middle = Timestamp::from_micros((first + last) / 2 * 1_000_000 + 1);
        for (since, until) in [(None, None), (Some(middle), None), (None, Some(middle)), (Some(middle), Some(middle))] {
            let query = SpendQuery { since, until, ..SpendQuery::default() };
            let total = reader.total_spend(&query).unwrap();
            let mut sums: Vec<(String, Totals)> = Vec::new();
            for cut in SpendCut::ALL {
                let mut sum = Totals::default();
                for row in reader.list_spend(cut, &query).unwrap() {
                    assert!(row.totals.cost.0 >= 0 && row.totals.input_tokens >= 0, "{name} {row:?}");
                    sum.add(&row.totals, 1);
                }
                if cut == SpendCut::Tool {
                    // Tools have shares of requests, which are no requests.
                    let Totals { requests, incomplete_requests, unpriced_requests, reported_requests, .. } = total;
                    sum = Totals { requests, incomplete_requests, unpriced_requests, reported_requests, ..sum };
                }
                sums.push((format!("{cut:?}"), sum));
            }
            for split in [SpendSplit::Whole, SpendSplit::Model, SpendSplit::Project] {
                let mut sum = Totals::default();
                for widest in [900, 3_600, 86_400] {
                    let slots = reader.list_spend_slots(split, &query, widest).unwrap();
                    let (mut whole, mut parts) = (Totals::default(), Totals::default());
                    slots.whole.iter().for_each(|(_, totals)| whole.add(totals, 1));
                    slots.parts.iter().for_each(|part| parts.add(&part.totals, 1));
                    assert_eq!(whole, total, "{name} {split:?} by {widest}");
                    assert!(split == SpendSplit::Whole || parts.cost == total.cost, "{name} {split:?} by {widest}");
                    let mut money = Totals::default();
                    for (_, totals) in reader.list_spend_amounts(&query, widest).unwrap() {
                        money.add(&totals, 1);
                    }
                    assert_eq!(money.cost, total.cost, "{name} by {widest}");
                    sum = whole;
                }
                sums.push((format!("{split:?}"), sum));
            }
            for (cut, sum) in sums {
                assert_eq!(sum, total, "{name} {cut} {since:?} {until:?}");
            }
        }
        let calls: i64 = reader.list_tools(&SpendQuery::default()).unwrap().iter().map(|tool| tool.call_count).sum();
        assert_eq!(calls, world.sessions().iter().map(|session| session.tool_call_count).sum::<i64>(), "{name}");
    }
}

#[test]
fn cost_equals_what_the_client_reported_where_nothing_is_hidden() {
    let mut compared = 0;
    for name in recordings() {
        let (_, by_session) = truth(&name);
        let mut reported: BTreeMap<String, (f64, Tokens)> = BTreeMap::new();
        for (_, bytes) in transcript_files(&name) {
            for line in bytes.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok()) {
                if line["type"] == "cost-state" {
                    let mut sum = Tokens::default();
                    for model in line["modelUsage"].as_object().unwrap().values() {
                        let keys = ["inputTokens", "outputTokens", "cacheReadInputTokens", "cacheCreationInputTokens"];
                        add(&mut sum, keys.map(|key| model[key].as_i64().unwrap_or(0)));
                    }
                    let session = line["sessionId"].as_str().unwrap().to_owned();
                    reported.insert(session, (line["totalCostUSD"].as_f64().unwrap(), sum));
                }
            }
        }
        let world = read_whole(&name);
        for session in world.sessions() {
            let Some((usd, tokens)) = reported.get(&session.session_id) else { continue };
            if by_session.get(&session.session_id) == Some(tokens) {
                let ours = session.totals.cost.0 as f64 / 1e12;
                assert!((ours - usd).abs() < 1e-9, "{name} {}: {ours} against {usd}", session.session_id);
                compared += 1;
            }
        }
    }
    assert!(compared >= 8, "only {compared} sessions could be compared");
}

fn chain(agents: &[AgentRecord], leaf: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut at = agents.iter().find(|agent| agent.description.as_deref() == Some(leaf));
    while let Some(agent) = at {
        names.push(agent.description.clone().unwrap_or_default());
        at = agents.iter().find(|a| Some(&a.agent_id) == agent.parent_agent_id.as_ref() && !a.agent_id.is_empty());
    }
    names
}

#[test]
fn the_agent_tree_is_the_scenarios_to_the_third_level() {
    let world = read_whole("subagents");
    let session = &world.sessions()[0];
    let agents = world.agents(&session.session_id);
    assert_eq!(session.agent_count, 7);
    assert_eq!(agents.len(), 8);
    assert_eq!(chain(&agents, "Chain level 3"), ["Chain level 3", "Chain level 2", "Chain level 1"]);
    let depths: BTreeMap<_, _> = agents.iter().filter_map(|a| Some((a.description.as_deref()?, a.depth?))).collect();
    let expected = [("Look at the app", 1), ("Check B", 1), ("Check C", 1), ("Slow check", 1), ("Chain level 1", 1)];
    for (description, depth) in expected.into_iter().chain([("Chain level 2", 2), ("Chain level 3", 3)]) {
        assert_eq!(depths.get(description), Some(&depth), "{description}");
    }
    assert!(agents.iter().all(|agent| !agent.is_orphan && (agent.agent_id.is_empty() || agent.end.is_some())));
    let main = &agents[0];
    assert_eq!(main.subtree.cost, session.totals.cost);
    let explore = agents.iter().find(|a| a.description.as_deref() == Some("Check C")).unwrap();
    assert_eq!(explore.agent_type.as_deref(), Some("Explore"));
    // The spawning call's position leads to the call itself.
    let parent_thread = argus_model::record::EventQuery {
        agent_id: Some(String::new()),
        prompt_id: explore.prompt_id.clone(),
        offset: explore.spawn_index.unwrap(),
        limit: 1,
        ..Default::default()
    };
    let (events, _) = world.reader().list_events(&session.session_id.as_str().into(), &parent_thread).unwrap();
    assert_eq!(events[0].tool_use_id, explore.tool_use_id);
    assert_eq!(events[0].spawned_agent_id.as_deref(), Some(explore.agent_id.as_str()));
}

#[test]
fn older_clients_give_the_same_tree_as_far_as_they_tell_it() {
    for (name, agent_count) in [("claude-2.1.80", 4), ("claude-2.1.40", 4)] {
        let world = read_whole(name);
        let session = &world.sessions()[0];
        let agents = world.agents(&session.session_id);
        assert!(session.agent_count >= agent_count, "{name}: {}", session.agent_count);
        for agent in agents.iter().filter(|agent| !agent.agent_id.is_empty() && agent.step_count > 0) {
            assert_eq!(agent.parent_agent_id.as_deref(), Some(""), "{name} {agent:?}");
            assert!(!agent.is_orphan);
        }
    }
}

#[test]
fn no_call_is_running_once_its_session_is_over() {
    for name in recordings() {
        let world = read_whole(&name);
        for session in world.sessions() {
            assert!(
                matches!(session.status, SessionStatus::Ended | SessionStatus::Lost),
                "{name} {:?}",
                session.status
            );
            for event in world.events(&session.session_id) {
                assert_ne!(event.outcome, Some(Outcome::Running), "{name} {event:?}");
            }
        }
    }
}

fn outcomes(world: &World) -> BTreeMap<String, Outcome> {
    let mut outcomes = BTreeMap::new();
    for session in world.sessions() {
        for event in world.events(&session.session_id).into_iter().filter(|e| e.kind == EventKind::ToolCall) {
            outcomes.insert(event.tool_use_id.unwrap(), event.outcome.unwrap());
        }
    }
    outcomes
}

#[test]
fn each_ending_has_its_outcome() {
    let tour = outcomes(&read_whole("tour"));
    for (id, outcome) in [
        ("toolu_0001_2_Bash", Outcome::Ok),
        ("toolu_0006_0_Bash", Outcome::Error),
        ("toolu_0011_0_mcp-calc-f", Outcome::Error),
    ] {
        assert_eq!(tour.get(id), Some(&outcome), "{id}");
    }
    assert_eq!(tour.values().filter(|outcome| **outcome == Outcome::Denied).count(), 1, "{tour:?}");
    assert!(tour.values().all(|outcome| *outcome != Outcome::Background), "the background shell ended: {tour:?}");
    let interactive = outcomes(&read_whole("interactive"));
    assert_eq!(interactive.get("toolu_0002_0_Write"), Some(&Outcome::Rejected));
    assert_eq!(interactive.get("toolu_0003_0_Bash"), Some(&Outcome::Interrupted));
}

#[test]
fn a_forked_session_owns_only_what_it_made() {
    let world = read_whole("interactive");
    let fork = world.sessions().into_iter().find(|s| s.session_id.starts_with("ccb3fbfc")).unwrap();
    let parent = world.sessions().into_iter().find(|s| s.session_id.starts_with("3d0d34db")).unwrap();
    assert_eq!(fork.parent_session_id.as_deref(), Some(parent.session_id.as_str()));
    assert_eq!(fork.totals.requests, 1);
    assert_eq!(fork.turn_count, 1, "{:#?}", world.turns(&fork.session_id));
}

#[test]
fn compactions_errors_retries_and_prompts_are_events() {
    let kinds = |name: &str| {
        let world = read_whole(name);
        let sessions = world.sessions();
        sessions.iter().flat_map(|s| world.events(&s.session_id)).map(|e| e.kind.as_str()).collect::<BTreeSet<_>>()
    };
    let interactive = kinds("interactive");
    for kind in
        ["prompt", "model_request", "tool_call", "compaction", "session_start", "session_end", "permission_request"]
    {
        assert!(interactive.contains(kind), "{kind} in {interactive:?}");
    }
    let trouble = kinds("api-errors");
    assert!(trouble.contains("error") && trouble.contains("retry"), "{trouble:?}");
}

#[test]
fn a_hook_and_a_transcript_that_tell_of_one_thing_make_one_event() {
    let world = read_whole("tour");
    let session = &world.sessions()[0];
    assert_eq!(session.sources.words(), ["hook", "transcript"]);
    // One prompt by a person; what a notification set going stands as a row of its own.
    assert_eq!(session.turn_count, 1);
    assert_eq!(world.turns(&session.session_id).iter().filter(|turn| turn.is_human).count(), 1);
    let asked = written_tool_uses("tour");
    assert_eq!(session.tool_call_count, asked.len() as i64);
    let both =
        world.events(&session.session_id).iter().filter(|e| e.kind == EventKind::ToolCall && e.sources.0 == 3).count();
    assert!(both as i64 >= session.tool_call_count - 1, "{both}");
}

fn written_tool_uses(name: &str) -> BTreeSet<String> {
    let mut ids = BTreeSet::new();
    for (_, bytes) in transcript_files(name) {
        for line in bytes.split(|b| *b == b'\n').filter_map(|line| serde_json::from_slice::<Value>(line).ok()) {
            for block in line["message"]["content"].as_array().into_iter().flatten() {
                if block["type"] == "tool_use" {
                    ids.insert(block["id"].as_str().unwrap().to_owned());
                }
            }
        }
    }
    ids
}

#[test]
fn compaction_and_hook_agents_are_no_agents() {
    let world = read_whole("interactive");
    for session in world.sessions() {
        assert_eq!(session.agent_count, 0, "{:#?}", world.agents(&session.session_id));
    }
}

#[test]
fn a_teammate_hangs_below_the_main_agent() {
    let world = read_whole("watchers");
    let session = &world.sessions()[0];
    let agents = world.agents(&session.session_id);
    let mate = agents.iter().find(|agent| agent.agent_id.starts_with("amate-")).unwrap();
    assert_eq!((mate.kind.as_str(), mate.parent_agent_id.as_deref(), mate.is_orphan), ("teammate", Some(""), false));
}

#[test]
fn what_claude_code_deletes_stays() {
    let mut world = read_whole("tour");
    while world.engine.archive_some(i64::MAX).unwrap() {}
    fs::remove_dir_all(world.projects()).unwrap();
    world.scan();
    let session = world.sessions()[0].session_id.clone();
    let read = world.events(&session).into_iter().find(|e| e.tool_name.as_deref() == Some("Edit")).unwrap();
    let bodies = world.reader().list_bodies(&read.event_id).unwrap();
    assert_eq!(bodies.len(), 2);
    assert!(bodies[0].text.as_ref().unwrap().contains("return 2"));
    assert!(recording("tour").exists());
}

#[test]
fn an_output_too_long_for_the_transcript_is_kept_whole_also_when_it_was_seen_half_written() {
    let name = "282530b1-2a93-4422-838f-2f3152c31b4a";
    for is_seen_early in [false, true] {
        let mut world = read_whole("tour");
        let (path, bytes) =
            transcript_files("tour").into_iter().find(|(path, _)| path.ends_with("b2hbr1upu.txt")).unwrap();
        if is_seen_early {
            world = World::new();
            let target = world.projects().join(&path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            for end in [100, bytes.len()] {
                fs::write(&target, &bytes[..end]).unwrap();
                world.look_at(&target);
            }
        }
        for _ in 0..2 {
            let saved = world.reader().get_saved_output(name, "b2hbr1upu.txt").unwrap().unwrap();
            assert_eq!(saved.text.unwrap(), String::from_utf8(bytes.clone()).unwrap().trim_end());
            world.restart();
            world.scan();
        }
        assert_eq!(world.reader().get_saved_output(name, "other.txt").unwrap(), None);
    }
}
