//! What `argus doctor` finds, one thing wrong at a time, each with its mend.

use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::world::{World, transcript};

/// The findings of one check.
fn findings(world: &World, check: &str) -> Vec<Value> {
    let all = world.run(&["doctor", "--json"]).json()["findings"].as_array().unwrap().clone();
    all.into_iter().filter(|finding| finding["check"] == check).collect()
}

/// The one finding of a check, and that it says how to mend what it names.
fn only(world: &World, check: &str) -> (String, String) {
    let found = findings(world, check);
    let [finding] = &found[..] else { panic!("{check}: {found:?}") };
    let severity = finding["severity"].as_str().unwrap().to_owned();
    assert_eq!(severity == "ok", finding["mend"].is_null(), "{finding}");
    (severity, format!("{} | {}", finding["message"].as_str().unwrap(), finding["mend"].as_str().unwrap_or_default()))
}

fn installed() -> World {
    let world = World::new();
    world.run(&["install", "--yes"]).assert_success();
    world
}

#[test]
fn another_program_of_the_same_name_is_named() {
    let world = installed();
    assert_eq!(findings(&world, "program"), [] as [Value; 0]);
    let other = world.home().join("bin/argus");
    fs::create_dir_all(other.parent().unwrap()).unwrap();
    fs::write(&other, "#!/bin/sh\n").unwrap();
    fs::set_permissions(&other, fs::Permissions::from_mode(0o755)).unwrap();
    let (severity, said) = only(&world, "program");
    assert_eq!(severity, "warning");
    assert!(said.contains(other.to_str().unwrap()) && said.contains("put its folder first"), "{said}");
    fs::remove_file(&other).unwrap();
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_argus"), &other).unwrap();
    assert_eq!(findings(&world, "program"), [] as [Value; 0], "a link to this one is this one");
}

#[test]
fn a_port_that_another_program_has_is_named() {
    let world = installed();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    fs::write(world.data().join("config.toml"), format!("listen = '127.0.0.1:{port}'\n")).unwrap();
    let (severity, said) = only(&world, "server");
    assert_eq!(severity, "warning");
    assert!(said.contains(&format!("another program has port {port}")) && said.contains("--port"), "{said}");
    drop(taken);
    assert!(only(&world, "server").1.contains("`argus up` starts it"));
}

#[test]
fn a_clock_that_stands_before_what_was_captured_is_named() {
    let world = installed();
    assert_eq!(only(&world, "clock").0, "ok");
    let mut lines = transcript("s1", "Fix the tests");
    world.write_transcript("s1", &lines);
    world.run(&["import"]).assert_success();
    assert_eq!(only(&world, "clock").0, "ok");
    for line in &mut lines {
        line["timestamp"] = json!("2099-01-01T00:00:00.000Z");
        line["sessionId"] = json!("s2");
        line["uuid"] = json!(format!("later-{}", line["uuid"]));
    }
    world.write_transcript("s2", &lines);
    world.run(&["import"]).assert_success();
    let (severity, said) = only(&world, "clock");
    assert_eq!((severity.as_str(), said.contains("set this machine's clock")), ("warning", true), "{said}");
}

#[test]
fn records_that_hooks_could_not_store_are_counted() {
    let world = installed();
    assert_eq!(only(&world, "spool").0, "ok");
    // The hook's own count: a byte a record.
    fs::write(world.data().join("spool-lost"), "xxx").unwrap();
    let (severity, said) = only(&world, "spool");
    assert_eq!(severity, "warning");
    assert!(said.contains("could not store 3 records") && said.contains("free disk space"), "{said}");
    fs::remove_file(world.data().join("spool-lost")).unwrap();
    fs::remove_dir_all(world.data().join("spool")).unwrap();
    assert_eq!(only(&world, "spool").0, "broken");
}
