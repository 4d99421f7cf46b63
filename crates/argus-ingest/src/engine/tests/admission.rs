//! What is not to be recorded is not, in whatever order it is told.

use std::fs;
use std::path::PathBuf;

use argus_model::Timestamp;

use super::world::{HookCall, World, hook_calls, read_whole, transcript_files};
use crate::engine::Engine;
use crate::import::IngestSettings;

fn at(second: i64) -> Timestamp {
    Timestamp::from_micros((1_795_330_800 + second) * 1_000_000)
}

fn pause(world: &mut World, from: Timestamp, until: Timestamp) {
    world.engine.writer.pause(from, Some(until)).unwrap();
    world.engine.reload_pauses().unwrap();
}

fn exclude(world: &mut World, folders: &[&str]) {
    let excluded_folders = folders.iter().map(PathBuf::from).collect();
    world.engine.take_over(&IngestSettings { excluded_folders, ..IngestSettings::default() });
}

fn write_files(world: &World, name: &str) {
    for (path, bytes) in transcript_files(name) {
        write(world, &path.to_string_lossy(), &bytes);
    }
}

fn write(world: &World, path: &str, bytes: &[u8]) {
    let target = world.projects().join(path);
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    fs::write(target, bytes).unwrap();
}

/// The middle third of a recording's time, by its hooks.
fn middle(name: &str) -> (Timestamp, Timestamp) {
    let times: Vec<i64> = hook_calls(name).iter().map(|call| (call.at_ns / 1_000).cast_signed()).collect();
    let (first, last) = (*times.iter().min().unwrap(), *times.iter().max().unwrap());
    let third = (last - first) / 3;
    (Timestamp::from_micros(first + third), Timestamp::from_micros(last - third))
}

#[derive(Clone, Copy)]
enum Order {
    HooksFirst,
    TranscriptsFirst,
    /// Hooks in reverse, and everything twice, the second time by a server that started anew.
    BackwardsTwice,
}

fn read_with_pause(name: &str, order: Order) -> World {
    let (from, until) = middle(name);
    let mut world = World::new();
    pause(&mut world, from, until);
    write_files(&world, name);
    let drain = |world: &mut World, calls: &mut dyn Iterator<Item = HookCall>| {
        for call in calls {
            world.spool(&call);
            world.drain();
        }
    };
    let calls = hook_calls(name);
    match order {
        Order::HooksFirst => {
            drain(&mut world, &mut calls.into_iter());
            world.scan();
        }
        Order::TranscriptsFirst => {
            world.scan();
            drain(&mut world, &mut calls.into_iter());
        }
        Order::BackwardsTwice => {
            drain(&mut world, &mut calls.clone().into_iter().rev());
            world.scan();
            world.engine.writer.reset_offsets().unwrap();
            world.restart();
            world.scan();
            drain(&mut world, &mut calls.into_iter());
        }
    }
    world
}

#[test]
fn what_happened_in_a_pause_is_left_out_in_any_order_and_when_it_is_read_again() {
    for name in ["tour", "subagents", "interactive"] {
        let (from, until) = middle(name);
        let told = read_with_pause(name, Order::HooksFirst);
        assert_eq!(told.dump(), read_with_pause(name, Order::TranscriptsFirst).dump(), "{name}");
        assert_eq!(told.dump(), read_with_pause(name, Order::BackwardsTwice).dump(), "{name}");
        let count = |world: &World| world.sessions().iter().map(|s| world.events(&s.session_id).len()).sum::<usize>();
        assert!((1..count(&read_whole(name))).contains(&count(&told)), "{name}: {}", count(&told));
        for session in told.sessions() {
            for event in told.events(&session.session_id) {
                let is_inside = event.started_at.is_some_and(|at| at >= from && at < until);
                assert!(!is_inside, "{name}: {event:#?}");
            }
        }
    }
}

fn line(second: i64, word: &str) -> String {
    let at = jiff::Timestamp::from_microsecond(at(second).as_micros()).unwrap();
    format!(
        r#"{{"type":"user","uuid":"u-{word}","promptId":"p-{word}","timestamp":"{at}","sessionId":"s1","cwd":"/srv/app/src","message":{{"role":"user","content":"{word}"}}}}"#
    )
}

const UNDATED: &str = r#"{"type":"custom-title","customTitle":"WORD","sessionId":"s1"}"#;

/// Everything that is stored of texts.
fn stored(world: &mut World) -> String {
    while world.engine.archive_some(i64::MAX).unwrap() {}
    let mut text = world.dump();
    for source in world.engine.writer.list_transcripts().unwrap().into_values() {
        text.push_str(&source.path);
    }
    for body_no in 0..50 {
        let chunk = world.reader().get_chunk(body_no).unwrap().unwrap_or_default();
        text.push_str(&String::from_utf8(chunk).unwrap());
    }
    text.push_str(&format!("{:?}", world.reader().list_quarantine(9).unwrap()));
    text
}

#[test]
fn bodies_and_undated_and_broken_lines_of_a_pause_are_kept_nowhere() {
    let text = [
        line(0, "before"),
        UNDATED.replace("WORD", "titled"),
        line(10, "during"),
        UNDATED.replace("WORD", "undated"),
        "{ torn".into(),
        line(20, "after"),
        UNDATED.replace("WORD", "named"),
    ];
    for cut in 0..text.len() {
        let mut world = World::new();
        pause(&mut world, at(10), at(20));
        let whole = |lines: &[String]| lines.iter().map(|line| format!("{line}\n")).collect::<String>();
        write(&world, "-srv-app/s1.jsonl", whole(&text[..cut]).as_bytes());
        world.scan();
        write(&world, "-srv-app/s1.jsonl", whole(&text).as_bytes());
        world.scan();
        let stored = stored(&mut world);
        for word in ["before", "titled", "after", "named"] {
            assert!(stored.contains(word), "{cut}: {word} is missing");
        }
        for word in ["during", "undated", "torn"] {
            assert!(!stored.contains(word), "{cut}: {word} is kept\n{stored}");
        }
    }
}

fn call(word: &str, project_dir: Option<&str>) -> HookCall {
    let payload = format!(
        r#"{{"session_id":"s1","hook_event_name":"UserPromptSubmit","cwd":"/srv/app/src","prompt_id":"p-{word}","prompt":"{word}"}}"#
    );
    let at_ns = (at(30).as_micros() * 1_000).cast_unsigned();
    HookCall { at_ns, pid: 7, payload: payload.into_bytes(), project_dir: project_dir.map(str::to_owned) }
}

#[test]
fn an_excluded_folder_leaves_no_trace_from_hooks_transcripts_and_broken_records() {
    for folder in ["/srv/app", "/srv", "/srv/app/src"] {
        let mut world = World::new();
        exclude(&mut world, &[folder]);
        world.spool(&call("secret", Some("/srv/app")));
        world.spool(&HookCall { at_ns: 5, ..call("secret", None) });
        let broken = HookCall { at_ns: 6, payload: b"secret".to_vec(), ..call("", Some("/srv/app/src")) };
        world.spool(&broken);
        write(&world, "-srv-app-src/s1.jsonl", format!("{}\n{}\n", UNDATED, line(0, "secret")).as_bytes());
        // An agent that works elsewhere, and files in which nobody named a folder yet.
        let elsewhere = line(1, "secret").replace("/srv/app/src", "/tmp/elsewhere");
        write(&world, "-srv-app-src/s1/subagents/agent-a1.jsonl", format!("{elsewhere}\n").as_bytes());
        write(&world, "-srv-app-src/s1/subagents/agent-a1.meta.json", br#"{"agentType":"secret"}"#);
        write(&world, "-srv-app-src/s1/tool-results/b2.txt", b"secret");
        write(&world, "-srv-app-src/s2.jsonl", format!("{UNDATED}\n").as_bytes());
        world.drain();
        world.scan();
        let stored = stored(&mut world);
        assert!(!stored.contains("secret") && !stored.contains("s1") && !stored.contains("s2"), "{folder}: {stored}");
        assert_eq!(world.spool.pending().unwrap().len(), 0, "what is dropped leaves the spool");
        assert!(world.engine.excluded.counts().0 >= 2);
    }
}

#[test]
fn neighbours_of_an_excluded_folder_are_recorded() {
    let mut world = World::new();
    exclude(&mut world, &["/srv/ap", "/srv/app/other"]);
    world.spool(&call("prompted", Some("/srv/app")));
    write(&world, "-srv-app-src/s1.jsonl", format!("{}\n", line(0, "before")).as_bytes());
    world.drain();
    world.scan();
    let stored = stored(&mut world);
    assert!(stored.contains("prompted") && stored.contains("before"));
    assert_eq!(world.engine.excluded.counts(), (0, 0));
}

#[test]
fn a_lifted_exclusion_makes_transcripts_be_read_from_where_nothing_was_lost() {
    let name = "subagents";
    let mut plain = World::new();
    write_files(&plain, name);
    plain.scan();
    let folder = plain.sessions()[0].project.clone().unwrap();
    let mut world = World::new();
    exclude(&mut world, &[&folder]);
    write_files(&world, name);
    world.scan();
    assert_eq!(world.sessions(), []);
    exclude(&mut world, &[]);
    world.scan();
    assert_eq!(world.dump(), plain.dump());
    // Recorded before, grown while excluded.
    let mut world = World::new();
    let half = format!("{}\n", line(0, "before"));
    write(&world, "-srv-app-src/s1.jsonl", half.as_bytes());
    world.scan();
    exclude(&mut world, &["/srv"]);
    write(&world, "-srv-app-src/s1.jsonl", format!("{half}{}\n", line(5, "during")).as_bytes());
    world.scan();
    assert!(!stored(&mut world).contains("during"), "recorded although excluded");
    exclude(&mut world, &[]);
    world.scan();
    assert!(stored(&mut world).contains("during"));
}

#[test]
fn a_pause_outlives_the_server() {
    let mut world = World::new();
    world.engine.pause(None).unwrap();
    world.restart();
    assert!(world.engine.running_pause().is_some());
    world.engine.resume().unwrap();
    let engine: &Engine = &world.engine;
    assert_eq!(engine.running_pause(), None);
}
