//! The first minutes: which program this is, and `argus up` where there is nothing yet or everything already.

use std::fs;

use serde_json::Value;

use crate::world::{World, transcript};

#[test]
fn the_version_names_the_commit_and_sqlite() {
    let world = World::new();
    let said = world.run(&["--version"]);
    said.assert_success();
    let version = world.run(&["--version", "--json"]).json();
    let of = |field: &str| version[field].as_str().unwrap().to_owned();
    assert_eq!(of("version"), env!("CARGO_PKG_VERSION"));
    assert!(of("sqlite_version").starts_with("3."), "{version}");
    assert!(of("commit").len() >= 7, "{version}");
    let line = format!("argus {} (commit {}, SQLite {})\n", of("version"), of("commit"), of("sqlite_version"));
    assert_eq!(said.stdout(), line);
    assert!(!world.data().exists(), "who only asks makes nothing");
}

#[test]
fn up_without_anything_of_claude_code_says_so_and_offers_the_demo() {
    let world = World::new();
    world.listen_anywhere();
    fs::remove_dir_all(world.home().join(".claude")).unwrap();
    let up = world.run(&["up", "--no-hooks", "--no-open"]);
    up.assert_success();
    assert!(up.stderr().contains("No Claude Code data in "), "{}", up.stderr());
    assert!(up.stderr().contains("`argus demo`"), "{}", up.stderr());
    assert!(up.stdout().contains("/#code="), "it runs all the same: {}", up.stdout());
    assert!(!world.home().join(".claude").exists(), "and nothing is put there unasked");

    world.write_transcript("s1", &transcript("s1", "Fix the tests"));
    let again = world.run(&["up", "--no-hooks", "--no-open"]);
    assert!(!again.stderr().contains("argus demo"), "{}", again.stderr());
    world.run(&["down"]).assert_success();
}

#[test]
fn up_in_the_foreground_beside_a_running_server_shows_that_one_and_ends() {
    let world = World::new();
    world.listen_anywhere();
    let running: Value = world.run(&["up", "--yes", "--no-open", "--json"]).json()["server"].clone();
    let beside = world.run(&["up", "--foreground", "--no-open"]);
    beside.assert_success();
    let address = running["address"].as_str().unwrap();
    assert!(beside.stdout().starts_with(&format!("http://{address}/#code=")), "{}", beside.stdout());
    assert!(beside.stderr().contains("runs already in the background"), "{}", beside.stderr());
    assert_eq!(world.run(&["status", "--json"]).json()["server"], running, "the same one");
    world.run(&["down"]).assert_success();
}
