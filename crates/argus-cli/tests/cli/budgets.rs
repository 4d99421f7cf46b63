//! Budgets and the status line as a person meets them: in the file, through the running server, in the shell, below the
//! prompt.

use std::fs;
use std::io::Write;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::settings::{Asked, eventually};
use super::world::{HOSTILE, World, acts, transcript};

/// The lines of a session, as of now.
fn now(session: &str) -> Vec<Value> {
    let at = jiff::Timestamp::now().to_string();
    let mut lines = transcript(session, "work");
    for line in &mut lines {
        line["timestamp"] = json!(at);
        line["cwd"] = json!("/home/dev/app");
    }
    lines
}

fn payload() -> Value {
    json!({
        "session_id": "s1", "cwd": "/home/dev/app", "model": { "id": "claude-opus-5-5" },
        "cost": { "total_cost_usd": 0.42, "total_duration_ms": 1_800_000 }, "context_window": { "used_percentage": 34 },
    })
}

/// What `argus statusline` prints for a payload.
fn line(world: &World, arguments: &[&str], payload: &[u8]) -> String {
    let mut command = world.command(&[&["statusline"], arguments].concat());
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // It may have ended already.
    let _ = child.stdin.take().unwrap().write_all(payload);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    assert_eq!(String::from_utf8_lossy(&output.stderr), "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_budget_of_the_file_is_weighed_published_shown_and_changed() {
    let world = World::new();
    world.listen_anywhere();
    world.write_transcript("s1", &now("s1"));
    let config = world.data().join("config.toml");
    let own = fs::read_to_string(&config).unwrap();
    let budgets = "# mine\n[[budgets]]\nname = \"today\"\nperiod = \"day\"\namount_usd = \"0.0015\" # little\n\n[[budgets]]\nname = \"odd\"\nperiod = \"year\"\n";
    fs::write(&config, format!("{own}{budgets}")).unwrap();
    let server = Asked::up(&world);
    let list = || server.ask("GET", "/budgets", "").1;
    eventually("it is weighed", || list()["budgets"][0]["accounts"][0]["percent"].as_i64() > Some(0));
    let told = list();
    let account = &told["budgets"][0]["accounts"][0];
    assert_eq!((&told["budgets"][0]["name"], &account["sessions"][0]["session_id"]), (&json!("today"), &json!("s1")));
    let problem = told["problems"][0].as_str().unwrap();
    assert!(["line", "odd", "session, day, week, month"].iter().all(|part| problem.contains(part)), "{problem}");
    let steps = || server.ask("GET", "/alerts?rule=budget.step", "").1["alerts"].as_array().unwrap().len();
    let passed = [50, 80, 100].iter().filter(|step| account["percent"].as_i64() >= Some(**step)).count();
    assert!(passed > 0, "{told:#}");
    eventually("its steps are told", || steps() == passed);
    let alert = server.ask("GET", "/alerts?rule=budget.step&limit=1", "").1["alerts"][0].clone();
    assert_eq!((&alert["session_id"], &alert["is_history"]), (&json!("s1"), &json!(false)), "{alert:#}");
    let one = format!("/alerts/{}", alert["alert_id"].as_str().unwrap().replace('~', "%7E"));
    assert_eq!(server.ask("POST", &one, r#"{"action":"acknowledge"}"#).0, 200);
    assert_eq!(server.ask("GET", &one, "").1["alert"]["state"], "acknowledged");

    // The same in the shell, and for whoever may not open the database.
    let shown = world.run(&["budgets", "--json"]).json();
    assert_eq!(shown["budgets"][0]["accounts"][0]["spent_usd"], account["spent_usd"]);
    let table = world.run(&["budgets"]);
    assert!(table.stdout().contains("today") && table.stderr().contains("odd"), "{}", table.stdout());
    eventually("it is published", || line(&world, &[], payload().to_string().as_bytes()).contains("today"));
    let said = line(&world, &[], payload().to_string().as_bytes());
    assert!(said.starts_with("$0.42 · $0.84/h · context 34 % · today "), "{said}");

    let wanted = json!({ "budgets": [{ "name": "today", "period": "day", "amount_usd": 3 }, { "name": "b", "period": "week", "amount_usd": 9, "scope": "project" }] });
    let (status, told) = server.ask("PUT", "/settings", &wanted.to_string());
    assert_eq!((status, told["settings"]["budgets"].as_array().unwrap().len()), (200, 2), "{told:#}");
    let file = fs::read_to_string(&config).unwrap();
    assert!(
        file.contains("# mine\n") && file.contains("amount_usd = 3 # little") && file.contains("\"odd\""),
        "{file}"
    );
    eventually("the new amount holds", || list()["budgets"][0]["amount_usd"] == 3);
    assert_eq!(steps(), passed, "what was said stays said, and nothing of the new amount is passed");
    let (status, refused) =
        server.ask("PUT", "/settings", r#"{"budgets":[{"name":"x","period":"day","amount_usd":0}]}"#);
    assert!(status == 400 && refused["error"]["message"].as_str().unwrap().contains("amount_usd"), "{refused}");
    assert_eq!(server.settings()["budgets"].as_array().unwrap().len(), 2);
    world.run(&["down"]).assert_success();
}

#[test]
fn the_status_line_shows_theirs_first_whatever_becomes_of_ours_and_never_fails() {
    let world = World::new();
    let theirs = serde_json::to_string("printf 'theirs '; /usr/bin/wc -c").unwrap();
    let both = line(&world, &["--wrap", &theirs], payload().to_string().as_bytes());
    assert_eq!(both.lines().count(), 2);
    assert!(both.starts_with(&format!("theirs {}", payload().to_string().len())), "{both}");
    for odd in [&b""[..], b"{", b"[]", b"\xff\xfe", &[b'['; 100_000]] {
        assert_eq!(line(&world, &["--wrap", "\"echo theirs\""], odd), "theirs\n");
        assert_eq!(line(&world, &["--data-dir"], odd), "");
    }
    fs::create_dir_all(world.data()).unwrap();
    for text in HOSTILE {
        let budget = json!({ "name": text, "scope": "all", "period": "day", "period_until": "2100-01-01T00:00:00Z",
            "accounts": [{ "owner": null, "percent": 10, "left_usd": 1 }] });
        fs::write(world.data().join("budgets.json"), json!({ "budgets": [budget] }).to_string()).unwrap();
        let mut odd = payload();
        odd["session_id"] = json!(text);
        odd["model"]["display_name"] = json!(text);
        let said = line(&world, &[], odd.to_string().as_bytes());
        assert!(said.contains("left (10 %)") && !said.trim_end_matches('\n').chars().any(acts), "{said:?}");
    }
}

#[test]
fn the_status_line_is_installed_before_theirs_and_uninstalled_byte_for_byte() {
    let world = World::new();
    let settings = world.home().join(".claude").join("settings.json");
    let before = "{\n  // mine\n  \"statusLine\": { \"type\": \"command\", \"command\": \"echo \\\"it's \\u0041\\\"\", \"padding\": 0 }\n}\n";
    fs::write(&settings, before).unwrap();
    let shown = world.run(&["install", "--statusline", "--dry-run"]);
    assert!(shown.stdout().contains("statusline --data-dir"), "{}", shown.stdout());
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);
    world.run(&["install", "--statusline", "--yes"]).assert_success();
    let after = fs::read_to_string(&settings).unwrap();
    assert!(after.contains("\"padding\": 0") && after.contains("// mine"), "{after}");
    let stripped = after.replace("  // mine\n", "");
    let command =
        serde_json::from_str::<Value>(&stripped).unwrap()["statusLine"]["command"].as_str().unwrap().to_owned();
    let mut child = Command::new("/bin/sh")
        .arg("-c")
        .arg(command)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(payload().to_string().as_bytes()).unwrap();
    let said = String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap();
    assert!(said.starts_with("it's A\n$0.42"), "{said}");
    world.run(&["install", "--yes"]).assert_success();
    assert_eq!(fs::read_to_string(&settings).unwrap(), after, "installing again leaves it");
    world.run(&["uninstall", "--yes"]).assert_success();
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);
}

#[test]
fn the_status_line_is_quick() {
    let world = World::new();
    let mut took: Vec<Duration> = (0..15)
        .map(|_| {
            let begun = Instant::now();
            line(&world, &[], payload().to_string().as_bytes());
            begun.elapsed()
        })
        .collect();
    took.sort();
    // A few milliseconds as built for release; this is a build for tests on a busy machine.
    assert!(took[7] < Duration::from_millis(250), "{took:?}");
}
