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

/// Settings that send telemetry to a server that would listen on this port.
fn with_telemetry(port: u16) -> World {
    let world = installed();
    listen_on(&world, port);
    world.run(&["install", "--otel", "--yes"]).assert_success();
    world
}

fn listen_on(world: &World, port: u16) {
    fs::write(world.data().join("config.toml"), format!("listen = '127.0.0.1:{port}'\n")).unwrap();
}

#[test]
fn telemetry_in_order_is_said_and_where_it_is_off_nothing_is() {
    assert_eq!(findings(&installed(), "telemetry"), [] as [Value; 0]);
    let (severity, said) = only(&with_telemetry(7_001), "telemetry");
    assert_eq!((severity.as_str(), said.contains("switched on")), ("ok", true), "{said}");
}

#[test]
fn telemetry_that_goes_to_another_port_than_the_servers_is_broken() {
    let world = with_telemetry(7_001);
    listen_on(&world, 7_002);
    let (severity, said) = only(&world, "telemetry");
    assert_eq!(severity, "broken");
    assert!(said.contains("http://127.0.0.1:7001") && said.contains("http://127.0.0.1:7002"), "{said}");
    assert!(said.contains("`argus install --otel` puts it right"), "{said}");
    world.run(&["install", "--otel", "--yes"]).assert_success();
    assert_eq!(only(&world, "telemetry").0, "ok");
}

#[test]
fn telemetry_with_a_token_that_was_replaced_is_broken() {
    let world = with_telemetry(7_001);
    let old = world.run(&["token", "--otlp"]).stdout().trim().to_owned();
    world.run(&["token", "--otlp", "--rotate"]).assert_success();
    let (severity, said) = only(&world, "telemetry");
    assert_eq!((severity.as_str(), said.contains("a token that does not hold any more")), ("broken", true), "{said}");
    assert!(!said.contains(&old), "a token is not printed");
    world.run(&["install", "--otel", "--yes"]).assert_success();
    assert_eq!(only(&world, "telemetry").0, "ok");
}

#[test]
fn who_gets_telemetry_instead_is_named() {
    let world = installed();
    let settings = world.home().join(".claude/settings.json");
    let mut text: Value = serde_json::from_str(&fs::read_to_string(&settings).unwrap()).unwrap();
    text["env"] = json!({ "OTEL_LOGS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://c.example:4318",
        "OTEL_EXPORTER_OTLP_HEADERS": "api-key=planted" });
    fs::write(&settings, text.to_string()).unwrap();
    let (severity, said) = only(&world, "telemetry");
    assert_eq!(severity, "ok", "{said}");
    assert!(said.contains("http://c.example:4318/v1/logs") && !said.contains("planted"), "{said}");
}

#[test]
fn a_token_in_settings_that_lie_in_a_repository_is_warned_of() {
    let world = with_telemetry(7_001);
    fs::create_dir(world.home().join(".claude/.git")).unwrap();
    let found = findings(&world, "telemetry");
    let [at_risk, works] = &found[..] else { panic!("{found:?}") };
    assert_eq!((&at_risk["severity"], &works["severity"]), (&json!("warning"), &json!("ok")));
    let said = at_risk["message"].as_str().unwrap();
    assert!(said.contains("lies in the repository"), "{said}");
    assert!(at_risk["mend"].as_str().unwrap().contains("--rotate"), "{at_risk}");
}
