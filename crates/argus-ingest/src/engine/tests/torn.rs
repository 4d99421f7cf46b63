//! Damage: half lines, broken lines, lone surrogates, records that are no payloads.

use std::fs;

use super::world::{HookCall, World, read_whole, transcript_files};

#[test]
fn a_transcript_cut_at_any_byte_and_completed_is_read_exactly_once() {
    cut_everywhere("worktree-hooks");
}

/// Grows the main transcript byte range by byte range; sizes are chosen so that every kind of cut occurs.
fn cut_everywhere(name: &str) {
    let expected = read_whole(name).reader().model_totals().unwrap();
    for stride in [61, 1_009] {
        let mut world = World::new();
        for (path, bytes) in transcript_files(name) {
            let target = world.projects().join(&path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            let mut end = 0;
            while end < bytes.len() {
                end = (end + stride).min(bytes.len());
                fs::write(&target, &bytes[..end]).unwrap();
                world.look_at(&target);
            }
        }
        assert_eq!(world.reader().model_totals().unwrap(), expected, "stride {stride}");
        assert_eq!(world.reader().list_quarantine(10).unwrap(), []);
    }
}

fn line(id: &str, text: &str) -> String {
    format!(
        r#"{{"type":"assistant","uuid":"u-{id}","timestamp":"2026-11-22T07:00:00.000Z","sessionId":"s1","cwd":"/nowhere","message":{{"id":"{id}","model":"claude-opus-5-5","stop_reason":"end_turn","content":[{{"type":"text","text":"{text}"}}],"usage":{{"input_tokens":1,"output_tokens":2}}}},"requestId":"r-{id}"}}"#
    )
}

#[test]
fn broken_lines_are_set_aside_and_counted_and_their_neighbours_are_read() {
    let mut world = World::new();
    let target = world.projects().join("-nowhere/s1.jsonl");
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    let mut bytes = Vec::new();
    for n in 0..1_000 {
        if n % 100 == 7 {
            bytes.extend_from_slice(b"{\"type\":\"assistant\", broken \xff\xfe\n");
        }
        bytes.extend_from_slice(line(&format!("m{n}"), "ok").as_bytes());
        bytes.push(b'\n');
    }
    fs::write(&target, &bytes).unwrap();
    world.scan();
    assert_eq!(world.sessions()[0].totals.requests, 1_000);
    let health = world.reader().list_source_health().unwrap();
    assert_eq!(health[1].quarantine_count, 10);
    assert_eq!(world.reader().list_quarantine(100).unwrap().len(), 10);
}

#[test]
fn a_record_beyond_all_bounds_is_kept_and_counted_and_becomes_no_key() {
    let mut world = World::new();
    let target = world.projects().join("-nowhere/s1.jsonl");
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    let long = "y".repeat(100_000);
    let crowded = line("m2", "x").replace(r#"[{"#, &format!("[{}{{", r#"{"type":"text"},"#.repeat(20_000)));
    let odd = [
        line(&long, "ok"),
        line("m3", "ok").replace("/nowhere", &long),
        line("m4", "ok").replace("claude-opus-5-5", &long),
        line("m5", "ok").replace(r#""type":"text""#, &format!(r#""type":"tool_use","name":"Bash","id":"{long}""#)),
        crowded,
    ];
    fs::write(&target, format!("{}\n{}\n{}\n", line("m1", "before"), odd.join("\n"), line("m9", "after"))).unwrap();
    world.scan();
    while world.engine.archive_some(i64::MAX).unwrap() {}
    assert_eq!(world.sessions()[0].totals.requests, 2, "the neighbours");
    assert_eq!(world.events("s1").len(), 2);
    let transcripts = &world.reader().list_source_health().unwrap()[1];
    assert_eq!((transcripts.record_count, transcripts.unknown_count), (7, 5));
    assert_eq!(world.reader().list_quarantine(10).unwrap(), []);

    let calls = format!("[{}{{}}]", "{},".repeat(20_000));
    let shapes = [
        format!(r#"{{"session_id":"{long}","hook_event_name":"Stop"}}"#),
        format!(r#"{{"session_id":"s1","hook_event_name":"PostToolBatch","tool_calls":{calls}}}"#),
    ];
    for (n, payload) in shapes.iter().enumerate() {
        world.spool(&call(1_795_330_000_000_000_000 + n as u64 * 5_000, payload.as_bytes()));
    }
    world.drain();
    let aside = world.reader().list_quarantine(10).unwrap();
    assert_eq!(aside.iter().map(|one| one.reason.as_str()).collect::<Vec<_>>(), ["not a hook payload"; 2]);
    assert_eq!(world.sessions().len(), 1);
}

#[test]
fn a_lone_surrogate_costs_nothing() {
    let mut world = World::new();
    let target = world.projects().join("-nowhere/s1.jsonl");
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    fs::write(&target, format!("{}\n", line("m1", r"cut \ud83d"))).unwrap();
    world.scan();
    assert_eq!(world.sessions()[0].totals.output_tokens, 2);
    assert_eq!(world.reader().list_quarantine(10).unwrap(), []);
}

#[test]
fn a_file_written_anew_under_its_name_is_read_anew() {
    let mut world = World::new();
    let target = world.projects().join("-nowhere/s1.jsonl");
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    fs::write(&target, format!("{}\n{}\n", line("m1", "one"), line("m2", "two"))).unwrap();
    world.scan();
    fs::write(&target, format!("{}\n", line("m3", "a shorter third"))).unwrap();
    world.scan();
    assert_eq!(world.sessions()[0].totals.requests, 3, "what was there stays, what is new is read");
}

#[test]
fn a_file_that_moves_is_followed_and_not_read_twice() {
    let mut world = World::new();
    let (from, to) = (world.projects().join("-a/s1.jsonl"), world.projects().join("-b/s1.jsonl"));
    for path in [&from, &to] {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
    }
    fs::write(&from, format!("{}\n", line("m1", "one"))).unwrap();
    world.scan();
    fs::rename(&from, &to).unwrap();
    let mut text = fs::read_to_string(&to).unwrap();
    text.push_str(&format!("{}\n", line("m2", "two")));
    fs::write(&to, text).unwrap();
    world.scan();
    assert_eq!(world.sessions()[0].totals.requests, 2);
    let transcripts = &world.reader().list_source_health().unwrap()[1];
    assert_eq!((transcripts.source_count, transcripts.record_count), (1, 2));
}

fn call(at_ns: u64, payload: &[u8]) -> HookCall {
    HookCall { at_ns, pid: 7, payload: payload.to_vec(), project_dir: None }
}

#[test]
fn what_is_no_payload_is_set_aside_with_a_reason_and_leaves_the_spool() {
    let mut world = World::new();
    for (n, payload) in [&b""[..], b"not json", b"{\"no\":\"session\"}", b"\xff\xfe{"].into_iter().enumerate() {
        world.spool(&call(1_795_330_000_000_000_000 + n as u64 * 5_000, payload));
    }
    world.drain();
    assert_eq!(world.spool.pending().unwrap(), []);
    let aside = world.reader().list_quarantine(10).unwrap();
    assert_eq!(aside.len(), 4);
    assert!(aside.iter().any(|one| one.reason == "empty payload"));
}

#[test]
fn a_client_that_died_while_no_server_ran_is_found_lost_at_the_next_start() {
    let mut world = World::new();
    let payload =
        br#"{"session_id":"s1","hook_event_name":"UserPromptSubmit","prompt_id":"p1","prompt":"go","cwd":"/nowhere"}"#;
    world.spool_of(&call(1_795_330_000_000_000_000, payload), Some("999999999"));
    world.drain();
    world.restart();
    assert_eq!(world.engine.find_lost().unwrap().len(), 1);
    assert_eq!(world.sessions()[0].status, argus_model::SessionStatus::Lost);
    world.restart();
    assert_eq!(world.engine.find_lost().unwrap(), []);
}

#[test]
fn an_event_of_a_future_client_is_kept_and_counted() {
    let mut world = World::new();
    let payload = br#"{"session_id":"s1","hook_event_name":"FutureThing","cwd":"/nowhere","shape":{"of":["things"]}}"#;
    world.spool(&call(1_795_330_000_000_000_000, payload));
    world.drain();
    let events = world.events("s1");
    assert_eq!(events[0].tool_name.as_deref(), Some("FutureThing"));
    assert_eq!(world.reader().list_source_health().unwrap()[0].unknown_count, 1);
    assert_eq!(world.reader().list_quarantine(10).unwrap(), []);
    let bodies = world.reader().list_bodies(&events[0].event_id).unwrap();
    assert!(bodies[0].text.as_ref().unwrap().contains("\"of\":[\"things\"]"));
}

#[test]
fn a_secret_reaches_no_byte_of_the_database() {
    let mut world = World::new();
    let secret = ["ghp_", "A1b2C3d4E5f6G7h8I9j0K1l2M3n4O5p6Q7r8"].concat();
    let payload = format!(
        r#"{{"session_id":"s1","hook_event_name":"PreToolUse","tool_name":"Bash","cwd":"/w/{secret}","agent_id":"a1","agent_type":"{secret}","tool_use_id":"toolu_x","tool_input":{{"command":"sudo git clone https://x:{secret}@example.com /opt/x"}}}}"#
    );
    world.spool(&call(1_795_330_000_000_000_000, payload.as_bytes()));
    world.drain();
    let target = world.projects().join("-nowhere/s1.jsonl");
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    let named = line("m2", "ok").replace(
        "\"cwd\":\"/nowhere\"",
        &format!(r#""cwd":"/nowhere/{secret}","gitBranch":"fix/{secret}","version":"{secret}""#),
    );
    fs::write(&target, format!("{named}\n{}\nbroken {secret}\n", line("m1", &secret))).unwrap();
    world.scan();
    while world.engine.archive_some(i64::MAX).unwrap() {}
    assert!(!world.alerts().is_empty() && !world.alerts().iter().any(|alert| format!("{alert:?}").contains(&secret)));
    assert!(world.sessions()[0].git_branch.as_deref().unwrap().starts_with("fix/‹secret:"), "{:?}", world.sessions());
    let events = world.events("s1");
    assert!(
        events.iter().any(|event| event.label.as_deref().is_some_and(|label| label.contains("‹secret:"))),
        "{events:?}"
    );
    for event in &events {
        for body in world.reader().list_bodies(&event.event_id).unwrap() {
            assert!(!body.text.unwrap_or_default().contains(&secret));
        }
    }
    for entry in fs::read_dir(world.folder.path()).unwrap().map(|entry| entry.unwrap()).filter(|e| e.path().is_file()) {
        let bytes = fs::read(entry.path()).unwrap();
        assert!(memchr::memmem::find(&bytes, secret.as_bytes()).is_none(), "{:?}", entry.path());
    }
}

#[test]
fn a_sidecar_without_end_is_set_aside_masked_and_its_neighbours_are_read() {
    let mut world = World::new();
    let folder = world.projects().join("-nowhere/s1/subagents");
    fs::create_dir_all(&folder).unwrap();
    let key = ["sk-ant-api03-", &"Ab3_".repeat(23), "AA"].concat();
    let large = format!(r#"{{"agentType":"Explore","description":"{key} {}"}}"#, "x".repeat(2 * 1024 * 1024));
    fs::write(folder.join("agent-a1.meta.json"), &large).unwrap();
    fs::write(folder.join("agent-a2.meta.json"), r#"{"agentType":"Explore"}"#).unwrap();
    for _ in 0..2 {
        world.scan();
        let aside = world.reader().list_quarantine(10).unwrap();
        assert_eq!(aside.len(), 1);
        assert_eq!((aside[0].reason.as_str(), aside[0].offset), ("sidecar is too long", 0));
        assert!(aside[0].source.ends_with("agent-a1.meta.json"), "{}", aside[0].source);
        let excerpt = &aside[0].excerpt;
        assert!(excerpt.contains("Explore") && !excerpt.contains(&key) && excerpt.len() < 4096, "{excerpt}");
        let agents = world.agents("s1");
        let types: Vec<_> = agents.iter().filter_map(|agent| agent.agent_type.as_deref()).collect();
        assert_eq!(types, ["Explore"], "only the neighbour is known");
    }
}
