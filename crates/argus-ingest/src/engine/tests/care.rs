//! Forgetting and pruning: what goes, what stays, and that nothing comes back.

use std::fs;
use std::path::PathBuf;

use argus_model::{CareOrder, SessionId, Timestamp};

use super::world::{World, hook_calls, recordings, transcript_files};
use crate::care::carry_out;

/// Every transcript and hook of a recording, but for those of `without`; all contents kept and indexed.
fn world_of(name: &str, without: Option<&str>) -> World {
    let mut world = World::new();
    feed(&mut world, name, without);
    world
}

fn feed(world: &mut World, name: &str, without: Option<&str>) {
    let is_left_out = |text: &str| without.is_some_and(|id| text.contains(id));
    for call in hook_calls(name) {
        if !is_left_out(&String::from_utf8_lossy(&call.payload)) {
            world.spool(&call);
        }
    }
    world.drain();
    for (path, bytes) in transcript_files(name) {
        // Old clients' agents have files that only their lines tell the session of.
        let file = path.file_name().unwrap().to_string_lossy();
        let is_unnamed = file.starts_with("agent-") && !path.to_string_lossy().contains("subagents");
        if is_left_out(&path.to_string_lossy()) || is_unnamed && is_left_out(&String::from_utf8_lossy(&bytes)) {
            continue;
        }
        let target = world.projects().join(path);
        fs::create_dir_all(target.parent().unwrap()).unwrap();
        fs::write(&target, bytes).unwrap();
        let at = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000);
        fs::OpenOptions::new().append(true).open(&target).unwrap().set_modified(at).unwrap();
    }
    world.scan();
    keep_all(world);
}

fn keep_all(world: &mut World) {
    while world.engine.archive_some(i64::MAX).unwrap() {}
    while world.engine.index_some(0).unwrap() {}
}

fn order(world: &mut World, order: &CareOrder) -> argus_model::CareReport {
    carry_out(&mut world.engine, &world.spool, order, &mut |_, _, _, _| Ok(())).unwrap()
}

/// All bytes that stand in the folder of the database.
fn bytes_of(world: &World) -> Vec<u8> {
    ["argus.db", "argus.db-wal"]
        .iter()
        .flat_map(|name| fs::read(world.folder.path().join(name)).unwrap_or_default())
        .collect()
}

fn holds(bytes: &[u8], marker: &str) -> bool {
    memchr::memmem::find(bytes, marker.as_bytes()).is_some()
}

/// What the figures over all sessions come to.
fn figures(world: &World) -> String {
    let reader = world.reader();
    let query = argus_model::record::SpendQuery::default();
    format!(
        "{:#?}\n{:#?}\n{:#?}",
        reader.model_totals().unwrap(),
        reader.count_everything().unwrap(),
        reader.list_tools(&query).unwrap()
    )
}

#[test]
fn a_forgotten_session_leaves_the_tables_as_if_it_had_never_been() {
    let mut forks_that_name_it = 0;
    for name in recordings() {
        let sessions = world_of(&name, None).sessions();
        for gone in sessions.into_iter().map(|session| session.session_id) {
            let mut world = world_of(&name, None);
            let report = order(&mut world, &CareOrder::Forget(vec![SessionId::new(gone.as_str())]));
            assert_eq!(report.sessions, 1, "{name} without {gone}");
            let mut never = world_of(&name, Some(&gone));
            // A fork of new clients names the session that made a copied request: such a request is that session's, and
            // goes with it. Nothing but requests can be known of it there.
            forks_that_name_it += order(&mut never, &CareOrder::Forget(vec![SessionId::new(gone.as_str())])).sessions;
            assert_eq!(world.reader().check().unwrap(), Vec::<String>::new(), "{name} without {gone}");
            assert_eq!(world.dump(), never.dump(), "{name} without {gone}");
            assert_eq!(figures(&world), figures(&never), "{name} without {gone}");
            // Transcripts that are read again and hooks that come late do not bring it back, nor its name.
            world.restart();
            feed(&mut world, &name, None);
            assert_eq!(world.dump(), never.dump(), "{name} without {gone}, read again");
            assert_eq!(figures(&world), figures(&never), "{name} without {gone}, read again");
            let left = bytes_of(&world);
            let at = memchr::memmem::find(&left, gone.as_bytes());
            let around = at.map(|at| String::from_utf8_lossy(&left[at.saturating_sub(300)..at + 200]).into_owned());
            assert!(at.is_none() || holds(&bytes_of(&never), &gone), "{name} without {gone}: {around:?}");
        }
    }
    assert_eq!(forks_that_name_it, 3, "the recordings have such forks");
}

#[test]
fn a_request_that_a_fork_does_not_disown_becomes_the_forks() {
    // Forks of older clients copy lines without a word about who made the request.
    let files: Vec<_> = transcript_files("interactive")
        .into_iter()
        .map(|(path, bytes)| (path, String::from_utf8(bytes).unwrap().replace("\"requestSessionId\"", "\"elsewhere\"")))
        .collect();
    let read = |files: &[(PathBuf, String)]| {
        let mut world = World::new();
        for (path, text) in files {
            let target = world.projects().join(path);
            fs::create_dir_all(target.parent().unwrap()).unwrap();
            fs::write(&target, text).unwrap();
        }
        world.scan();
        keep_all(&mut world);
        world
    };
    let parent = "3d0d34db-5893-4187-bac1-81fea9f8f607";
    let mut world = read(&files);
    let copied = figures(&world);
    order(&mut world, &CareOrder::Forget(vec![parent.into()]));
    let left: Vec<_> = files.into_iter().filter(|(path, _)| !path.to_string_lossy().contains(parent)).collect();
    let never = read(&left);
    assert_eq!(world.reader().check().unwrap(), Vec::<String>::new());
    assert_eq!(world.dump(), never.dump());
    assert_eq!(figures(&world), figures(&never));
    assert_ne!(figures(&world), copied, "the parent had more than its fork copied");
    let fork = world.sessions().into_iter().find(|session| session.session_id.starts_with("ccb3fbfc")).unwrap();
    assert_eq!(fork.totals.requests, 3, "two of them were the parent's");
}

#[test]
fn no_byte_of_a_forgotten_session_stays_in_the_file() {
    let mut world = World::new();
    let folder = world.projects().join("-home-dev");
    fs::create_dir_all(&folder).unwrap();
    // Enough of both that their words share pieces of the index and pages of the file.
    for (id, word) in [("stays", "keepsakeword"), ("goes", "plantedmarker")] {
        let lines: String = (0..400)
            .map(|n| {
                format!(
                    "{{\"type\":\"user\",\"uuid\":\"{id}-{n}\",\"sessionId\":\"{id}\",\"promptId\":\"p{n}\",\"cwd\":\"/w/{word}\",\
                     \"gitBranch\":\"{word}\",\"version\":\"2.1.328\",\"timestamp\":\"2026-11-22T06:{:02}:{:02}.000Z\",\
                     \"message\":{{\"role\":\"user\",\"content\":\"{word}{n} and {word}\"}}}}\n",
                    n / 60,
                    n % 60
                )
            })
            .collect();
        fs::write(folder.join(format!("{id}.jsonl")), lines + &format!("broken {word}\n")).unwrap();
        world.scan();
        keep_all(&mut world);
    }
    world.engine.writer.checkpoint().unwrap();
    assert!(holds(&bytes_of(&world), "plantedmarker"));
    order(&mut world, &CareOrder::Forget(vec!["goes".into()]));
    world.scan();
    let left = bytes_of(&world);
    assert!(!holds(&left, "plantedmarker"), "words and facts are gone");
    assert!(!holds(&left, "goes.jsonl"), "and so is its file's name");
    assert!(holds(&left, "keepsakeword"));
    let sessions: Vec<String> = world.sessions().into_iter().map(|session| session.session_id).collect();
    assert_eq!(sessions, ["stays"]);
}

#[test]
fn pruning_takes_contents_and_leaves_every_figure_and_reading_again_brings_nothing_back() {
    let mut world = world_of("subagents", None);
    let (before, sums) = (world.dump(), figures(&world));
    let (chunks, _) = world.reader().count_prunable(Timestamp::from_micros(i64::MAX / 2)).unwrap();
    assert!(chunks > 0);
    let horizon = Timestamp::from_micros(1_900_000_000_000_000);
    let report = order(&mut world, &CareOrder::Prune { before: horizon });
    assert_eq!(i64::try_from(report.chunks).unwrap(), chunks);
    assert_eq!((world.dump(), figures(&world)), (before.clone(), sums.clone()));
    assert_eq!(world.reader().check().unwrap(), Vec::<String>::new());
    world.engine.writer.reset_offsets().unwrap();
    world.restart();
    feed(&mut world, "subagents", None);
    assert_eq!((world.dump(), figures(&world)), (before, sums));
    assert_eq!(world.reader().count_prunable(horizon).unwrap(), (0, 0), "nothing came back");
    let mut removed = 0;
    for session in world.sessions() {
        for event in world.events(&session.session_id) {
            for body in world.reader().list_bodies(&event.event_id).unwrap() {
                assert_eq!(body.text, None);
                removed += usize::from(body.removed_at.is_some());
            }
        }
    }
    assert!(removed > 0, "pages can say since when");
    assert_eq!(order(&mut world, &CareOrder::Prune { before: horizon }).chunks, 0);
}

#[test]
fn an_import_after_a_restart_finishes_what_was_begun() {
    let mut world = world_of("subagents", None);
    let gone = SessionId::new(world.sessions()[0].session_id.as_str());
    // The process dies after the facts went and before the contents did.
    world.engine.writer.forget_facts(&gone).unwrap().unwrap();
    world.restart();
    assert_eq!(world.engine.writer.forget_contents().unwrap(), 0);
    assert!(world.sessions().iter().all(|session| session.session_id != gone.as_str()));
    assert_eq!(world.engine.writer.forget_facts(&gone).unwrap(), None);
}
