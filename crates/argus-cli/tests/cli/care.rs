//! Backups, forgetting and pruning as a person meets them, with and without a server.

use std::fs;

use crate::world::{HOSTILE, World, transcript};

fn captured(world: &World) {
    world.write_transcript("aaaa-1", &transcript("aaaa-1", "plantedmarker"));
    world.write_transcript("aaaa-2", &transcript("aaaa-2", "second"));
    world.write_transcript("bbbb", &transcript("bbbb", HOSTILE[0]));
    world.run(&["import", "--search"]).assert_success();
}

fn session_ids(world: &World) -> Vec<String> {
    let sessions = world.run(&["sessions", "--json"]).json()["sessions"].clone();
    let mut ids: Vec<String> =
        sessions.as_array().unwrap().iter().map(|one| one["session_id"].as_str().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

#[test]
fn forgetting_asks_first_and_names_what_it_cannot_find() {
    let world = World::new();
    let empty = world.run(&["forget", "aaaa", "--yes"]);
    assert_eq!(empty.code(), 1);
    assert!(empty.stderr().contains("nothing was captured yet"), "{}", empty.stderr());
    captured(&world);
    for (arguments, code, word) in [
        (&["forget", "zzzz", "--yes"][..], 1, "no session begins with zzzz"),
        (&["forget", "aaaa", "--yes"], 1, "several sessions begin with aaaa"),
        (&["forget", "--project", "/no/such", "--yes"], 1, "no project has the path"),
        (&["forget", "aaaa-1"], 2, "nobody to ask"),
        (&["forget"], 2, "required"),
        (&["db", "prune", "--older-than", "soon"], 2, "not a time"),
    ] {
        let ended = world.run(arguments);
        assert_eq!(ended.code(), code, "{arguments:?}");
        assert!(ended.stderr().contains(word), "{arguments:?}: {}", ended.stderr());
        assert_eq!(ended.stdout(), "", "{arguments:?}");
    }
    assert_eq!(session_ids(&world), ["aaaa-1", "aaaa-2", "bbbb"]);
}

#[test]
fn what_is_forgotten_stays_so_with_and_without_a_server() {
    let world = World::new();
    captured(&world);
    let answer = world.run(&["forget", "aaaa-1", "--yes", "--json"]);
    answer.assert_success();
    assert_eq!(answer.json()["forgotten"]["sessions"], 1);
    world.run(&["import", "--search"]).assert_success();
    assert_eq!(session_ids(&world), ["aaaa-2", "bbbb"]);
    let file = fs::read(world.data().join("argus.db")).unwrap();
    assert!(!file.windows(13).any(|bytes| bytes == b"plantedmarker"));
    world.listen_anywhere();
    world.run(&["up", "--yes", "--no-open", "--no-hooks"]).assert_success();
    let answer = world.run(&["forget", "bbbb", "--yes", "--json"]);
    answer.assert_success();
    assert_eq!(answer.json()["forgotten"]["sessions"], 1);
    assert_eq!(session_ids(&world), ["aaaa-2"]);
    let pruned = world.run(&["db", "prune", "--older-than", "today", "--yes", "--json"]);
    pruned.assert_success();
    let backup = world.run(&["db", "backup", "--json"]);
    backup.assert_success();
    world.run(&["down"]).assert_success();
    assert_eq!(backup.json()["sessions"], 1);
    let path = backup.json()["path"].as_str().unwrap().to_owned();
    assert!(path.starts_with(world.data().join("backups").to_str().unwrap()), "{path}");
    // Putting it back.
    fs::copy(&path, world.data().join("argus.db")).unwrap();
    world.run(&["db", "check"]).assert_success();
    assert_eq!(world.run(&["db", "backup", &path]).code(), 1);
    world.run(&["db", "backup", "--force", &path]).assert_success();
}

#[test]
fn what_is_wrong_with_the_file_of_settings_stops_nobody_from_stopping() {
    let world = World::new();
    world.write_transcript("aaaa", &transcript("aaaa", "hello"));
    world.run(&["import"]).assert_success();
    fs::write(world.data().join("config.toml"), "[\n").unwrap();
    let refused = world.run(&["sessions"]);
    assert!(refused.code() == 1 && refused.stderr().contains("config.toml, line 1"), "{}", refused.stderr());
    for arguments in [&["down"][..], &["status"], &["db", "path"], &["db", "check"], &["uninstall"]] {
        let ended = world.run(arguments);
        assert_eq!(ended.code(), 0, "{arguments:?}: {}", ended.stderr());
        assert!(ended.stderr().contains("config.toml, line 1"), "{arguments:?}: {}", ended.stderr());
    }
    let found = world.run(&["doctor", "--json"]);
    let found = found.json()["findings"].as_array().unwrap().clone();
    assert!(found.iter().any(|one| one["check"] == "configuration" && one["severity"] == "broken"), "{found:?}");
    assert!(found.len() > 3, "{found:?}");
    world.run(&["uninstall", "--purge", "-y"]).assert_success();
    assert!(!world.data().join("argus.db").exists() && world.data().join("config.toml").exists());
}

#[test]
fn a_file_that_is_no_database_is_told_with_what_to_do() {
    let world = World::new();
    fs::create_dir_all(world.data()).unwrap();
    fs::write(world.data().join("argus.db"), "this is no database, whatever it is called\n".repeat(100)).unwrap();
    for arguments in [&["db", "check"][..], &["sessions"], &["import"]] {
        let ended = world.run(arguments);
        assert_eq!(ended.code(), 1);
        assert!(ended.stderr().contains("put a backup back"), "{arguments:?}: {}", ended.stderr());
    }
}
