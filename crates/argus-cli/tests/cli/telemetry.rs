//! `argus install --otel` and `argus token --otlp` as a person meets them.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use super::settings::{Asked, eventually};
use super::world::World;

/// Somebody's collector: takes what it gets, and tells.
fn collector() -> (u16, Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        while let Ok((mut socket, _)) = listener.accept() {
            let (mut asked, mut piece) = (Vec::new(), [0; 4096]);
            while !asked.ends_with(b"]}") {
                match socket.read(&mut piece) {
                    Ok(length @ 1..) => asked.extend_from_slice(&piece[..length]),
                    _ => break,
                }
            }
            let _ = tell.send(String::from_utf8_lossy(&asked).into_owned());
            let _ = socket.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        }
    });
    (port, told)
}

#[test]
fn what_went_elsewhere_goes_there_still_as_a_copy_and_uninstall_gives_the_settings_back() {
    let world = World::new();
    world.listen_anywhere();
    let (port, told) = collector();
    let settings = world.home().join(".claude").join("settings.json");
    let before = format!(
        "{{\n  \"env\": {{\n    \"OTEL_LOGS_EXPORTER\": \"otlp\",\n    \"OTEL_EXPORTER_OTLP_LOGS_HEADERS\": \"api-key=planted%20key\", // of mine\n    \
         \"OTEL_EXPORTER_OTLP_LOGS_ENDPOINT\": \"http://127.0.0.1:{port}/in\",\n    \"OTEL_EXPORTER_OTLP_PROTOCOL\": \"http/json\",\n    \
         \"CLAUDE_CODE_ENABLE_TELEMETRY\": \"1\"\n  }}\n}}\n"
    );
    fs::write(&settings, &before).unwrap();
    let server = Asked::up(&world);
    let refused = world.run(&["install", "--otel", "--yes"]);
    assert!(refused.code() == 1 && refused.stderr().contains("--forward"), "{}", refused.stderr());
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);

    let installed = world.run(&["install", "--otel", "--forward", "--yes"]);
    installed.assert_success();
    assert!(installed.stderr().contains(&format!("127.0.0.1:{port}")), "{}", installed.stderr());
    let file = world.data().join("otlp-forward.json");
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&settings).unwrap();
    assert!(!text.contains("planted") && text.contains("// of mine"), "{text}");
    world.run(&["install", "--otel", "--yes"]).assert_success();
    assert_eq!(fs::read_to_string(&settings).unwrap(), text, "again changes nothing");

    let token = world.run(&["token", "--otlp"]).stdout().trim().to_owned();
    let batch = r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"timeUnixNano":"1795331345558000000","attributes":[{"key":"session.id","value":{"stringValue":"s"}}]}]}]}]}"#;
    // The server looks who is to get copies every few seconds.
    let mut passed_on = None;
    for _ in 0..60 {
        assert_eq!(server.post_logs(&token, batch), 200);
        passed_on = told.recv_timeout(Duration::from_millis(500)).ok();
        if passed_on.is_some() {
            break;
        }
    }
    let passed_on = passed_on.expect("no copy arrived");
    assert!(passed_on.starts_with("POST /in HTTP/1.1") && passed_on.ends_with(batch), "{passed_on}");
    assert!(passed_on.contains("api-key: planted key") && !passed_on.contains(&token), "{passed_on}");
    let doctor = world.run(&["doctor"]);
    assert!(doctor.stdout().contains(&format!("127.0.0.1:{port}")), "{}", doctor.stdout());
    let bundle = world.home().join("bundle.json");
    world.run(&["doctor", "--bundle", bundle.to_str().unwrap()]).assert_success();
    let log = fs::read_to_string(world.data().join("log/argus.log")).unwrap_or_default();
    for text in
        [doctor.stdout(), fs::read_to_string(&bundle).unwrap(), log, server.ask("GET", "/settings", "").1.to_string()]
    {
        assert!(!text.contains("planted"), "{text}");
    }

    // What the person changed meanwhile stays.
    fs::write(&settings, text.replacen("{\n", "{\n  \"model\": \"opus\",\n", 1)).unwrap();
    world.run(&["uninstall", "--yes"]).assert_success();
    assert_eq!(fs::read_to_string(&settings).unwrap(), before.replacen("{\n", "{\n  \"model\": \"opus\",\n", 1));
    assert!(!file.exists());
    eventually("nothing is copied any more", || {
        server.post_logs(&token, batch) == 200 && told.recv_timeout(Duration::from_millis(700)).is_err()
    });
}

#[test]
fn telemetry_is_switched_on_in_the_users_settings_as_a_diff_and_off_again_byte_for_byte() {
    let world = World::new();
    let settings = world.home().join(".claude").join("settings.json");
    let before = "{\n  \"model\": \"opus\",\n  \"env\": {\n    \"OTEL_METRICS_EXPORTER\": \"otlp\"\n  }\n}\n";
    fs::create_dir_all(world.home().join(".claude")).unwrap();
    fs::write(&settings, before).unwrap();
    let dry = world.run(&["install", "--otel", "--dry-run"]);
    dry.assert_success();
    assert!(dry.stdout().contains("+") && dry.stdout().contains("/v1/logs"), "{}", dry.stdout());
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);
    assert!(!world.data().join("otlp-token").exists(), "nothing is made to look");

    world.run(&["install", "--otel", "--yes"]).assert_success();
    let token = world.run(&["token", "--otlp"]).stdout().trim().to_owned();
    let text = fs::read_to_string(&settings).unwrap();
    assert!(text.contains(&format!("Authorization=Bearer {token}")), "{text}");
    assert_ne!(token, world.run(&["token"]).stdout().trim());
    world.run(&["install", "--yes"]).assert_success();
    assert_eq!(fs::read_to_string(&settings).unwrap(), text, "registering again leaves telemetry on");
    world.run(&["uninstall", "--yes"]).assert_success();
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);
}

#[test]
fn telemetry_that_goes_elsewhere_is_left_to_it_and_settings_in_a_repository_are_warned_of() {
    let world = World::new();
    let settings = world.home().join(".claude").join("settings.json");
    fs::create_dir_all(world.home().join(".claude").join(".git")).unwrap();
    let elsewhere =
        r#"{ "env": { "OTEL_LOGS_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318" } }"#;
    fs::write(&settings, elsewhere).unwrap();
    let refused = world.run(&["install", "--otel", "--yes"]);
    assert!(
        refused.stderr().contains("http://collector:4318") && refused.stderr().contains("forward a copy"),
        "{}",
        refused.stderr()
    );
    assert_eq!(fs::read_to_string(&settings).unwrap(), elsewhere);
    fs::write(&settings, "{}\n").unwrap();
    let warned = world.run(&["install", "--otel", "--yes"]);
    warned.assert_success();
    assert!(warned.stderr().contains("lies in the repository"), "{}", warned.stderr());
    let shared = world.run(&["install", "--otel", "--yes", "--scope", "project"]);
    assert!(shared.stderr().contains("the user's own settings only"), "{}", shared.stderr());
}
