//! Transcripts that are cut, written anew or taken away: told of once, and nothing of them is lost.

use std::fs::{self, File};
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use serde_json::json;

use super::world::World;

fn lines(session: &str, from: usize, to: usize) -> String {
    let line = |at: usize| {
        let line = json!({
            "type": "user", "uuid": format!("u-{at}"), "timestamp": format!("2026-11-22T07:00:{at:02}.000Z"),
            "sessionId": session, "cwd": "/home/dev/app", "message": { "role": "user", "content": format!("do {at}") },
        });
        format!("{line}\n")
    };
    (from..to).map(line).collect()
}

fn file(world: &World, session: &str) -> PathBuf {
    world.projects().join(format!("-home-dev-app/{session}.jsonl"))
}

fn write(world: &World, session: &str, text: &str) {
    let path = file(world, session);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn told(world: &mut World) -> Vec<(String, String)> {
    world.engine.look_back().unwrap();
    let lost = world.alerts().into_iter().filter(|alert| alert.rule == "guard.transcript-lost");
    let mut told: Vec<_> = lost.map(|alert| (alert.session_id, alert.reason)).collect();
    told.sort();
    told
}

const CUT: &str = "5e551000-0000-4000-8000-000000000001";
const ANEW: &str = "5e551000-0000-4000-8000-000000000002";
const GONE: &str = "5e551000-0000-4000-8000-000000000003";
const SAFE: [&str; 3] = [
    "5e551000-0000-4000-8000-000000000004",
    "5e551000-0000-4000-8000-000000000005",
    "5e551000-0000-4000-8000-000000000006",
];

#[test]
fn a_transcript_that_is_not_what_was_read_is_told_of_once() {
    let mut world = World::new();
    for session in [CUT, ANEW, GONE].iter().chain(&SAFE) {
        write(&world, session, &lines(session, 0, 6));
    }
    // Claude Code takes away what nobody touched for days.
    let old = SystemTime::now() - Duration::from_hours(30);
    File::options().append(true).open(file(&world, SAFE[2])).unwrap().set_modified(old).unwrap();
    world.scan();
    assert!(told(&mut world).is_empty());

    write(&world, CUT, &lines(CUT, 0, 3));
    write(&world, ANEW, &lines(ANEW, 10, 30));
    fs::remove_file(file(&world, GONE)).unwrap();
    write(&world, SAFE[0], &lines(SAFE[0], 0, 9));
    let elsewhere = world.projects().join(format!("-home-dev-other/{}.jsonl", SAFE[1]));
    fs::create_dir_all(elsewhere.parent().unwrap()).unwrap();
    fs::rename(file(&world, SAFE[1]), elsewhere).unwrap();
    fs::remove_file(file(&world, SAFE[2])).unwrap();
    world.scan();
    let first = told(&mut world);
    assert_eq!(first.iter().map(|(session, _)| session.as_str()).collect::<Vec<_>>(), [CUT, ANEW, GONE]);
    let how: Vec<bool> = first.iter().map(|(_, reason)| reason.contains("was taken away")).collect();
    assert_eq!(how, [false, false, true], "{first:?}");
    let prompts = world.events(CUT).iter().filter(|event| event.label.is_some()).count();
    assert_eq!(prompts, 6, "what was read of it stays");

    // Nobody is told twice, whatever happens next and however often it is looked at.
    write(&world, CUT, &lines(CUT, 0, 5));
    world.scan();
    assert_eq!(told(&mut world), first);
    world.restart();
    world.scan();
    assert_eq!(told(&mut world), first);
}
