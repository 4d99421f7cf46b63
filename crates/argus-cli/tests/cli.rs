//! The program as a person and a script meet it: each test in a home of its own with an environment built from nothing.
//!
//! Few and broad on purpose: what can be tested below the process is tested there.
#![allow(clippy::unwrap_used, reason = "a test's helpers fail like the test itself")]

#[path = "cli/alerts.rs"]
mod alerts;
#[path = "cli/autostart.rs"]
mod autostart;
#[path = "cli/budgets.rs"]
mod budgets;
#[path = "cli/bundle.rs"]
mod bundle;
#[path = "cli/care.rs"]
mod care;
#[path = "cli/cost.rs"]
mod cost;
#[path = "cli/demo.rs"]
mod demo;
#[path = "cli/doctor.rs"]
mod doctor;
#[path = "cli/first_run.rs"]
mod first_run;
#[path = "cli/guard.rs"]
mod guard;
#[path = "cli/prices.rs"]
mod prices;
#[path = "cli/purge.rs"]
mod purge;
#[path = "cli/rules.rs"]
mod rules;
#[path = "cli/secrets.rs"]
mod secrets;
#[path = "cli/settings.rs"]
mod settings;
#[path = "cli/telemetry.rs"]
mod telemetry;
#[path = "cli/webhooks.rs"]
mod webhooks;
#[path = "cli/world.rs"]
mod world;

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;

use serde_json::Value;
use world::{HOSTILE, World, acts, transcript};

fn assert_golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name);
    if std::env::var_os("ARGUS_UPDATE").is_some() {
        fs::write(&path, actual).unwrap();
    }
    assert_eq!(actual, fs::read_to_string(&path).unwrap_or_default(), "{}; ARGUS_UPDATE=1 rewrites it", path.display());
}

#[test]
fn help_says_what_it_said() {
    let world = World::new();
    let mut text = world.run(&["--help"]).stdout();
    for command in [
        "up",
        "autostart",
        "open",
        "serve",
        "install",
        "uninstall",
        "import",
        "search",
        "sessions",
        "cost",
        "show",
        "forget",
        "doctor",
        "token",
        "db",
        "alerts",
        "alerts list",
        "alerts show",
        "alerts ack",
        "alerts resolve",
        "alerts mute",
        "alerts mutes",
        "alerts unmute",
        "alerts reopen",
        "alerts allow",
        "rules",
        "rules list",
        "rules show",
        "rules check",
        "rules schema",
        "rules eval",
        "rules backtest",
        "guard",
        "guard release",
        "prices",
        "prices list",
        "prices check",
        "prices import",
        "prices apply",
    ] {
        text.push_str(&format!("\n=== argus {command} --help\n"));
        let arguments: Vec<&str> = command.split(' ').chain(["--help"]).collect();
        text.push_str(&world.run(&arguments).stdout());
    }
    assert_golden("help.txt", &text);
}

#[test]
fn mistakes_end_with_two_and_failures_with_one_and_a_hint() {
    let world = World::new();
    for arguments in [&["bogus"][..], &["show"], &["sessions", "--limit", "x"], &["sessions", "--since", "soon"], &[]] {
        let ended = world.run(arguments);
        assert_eq!(ended.code(), 2, "{arguments:?}");
        assert_eq!(ended.stdout(), "", "{arguments:?}");
    }
    for arguments in [&["show", "abc"][..], &["open"], &["install"], &["import", "/no/such/place"], &["db", "check"]] {
        let ended = world.run(arguments);
        assert_eq!(ended.code(), 1, "{arguments:?}");
        assert!(ended.stderr().starts_with("error: "), "{arguments:?}: {}", ended.stderr());
        assert_eq!(ended.stdout(), "", "{arguments:?}");
    }
    assert!(world.run(&["show", "abc"]).stderr().contains("\nhint: "));
}

#[test]
fn the_hook_is_silent_and_ends_with_zero_whatever_happens() {
    let world = World::new();
    let payload = br#"{"session_id":"s","hook_event_name":"Stop"}"#;
    for arguments in [&["hook"][..], &["hook", "--json"], &["hook", "--no-such-flag", "--help"]] {
        world.run_with(arguments, payload).assert_silent_success();
    }
    let mut renamed = world.command(&["--version"]);
    renamed.arg0("/anywhere/argus-hook");
    world.end_of(renamed, payload).assert_silent_success();
    let mut homeless = world.command(&["hook"]);
    homeless.env_clear();
    world.end_of(homeless, payload).assert_silent_success();
    // A folder that is in the way of the spool.
    fs::remove_dir_all(world.data().join("spool")).unwrap_or_default();
    fs::create_dir_all(world.data()).unwrap();
    fs::write(world.data().join("spool"), "").unwrap();
    world.run_with(&["hook"], payload).assert_silent_success();
}

#[test]
fn installing_twice_and_uninstalling_leaves_the_settings_as_they_were() {
    let world = World::new();
    let settings = world.home().join(".claude/settings.json");
    let before = "{\r\n\t// mine\r\n\t\"model\": \"opus\"\r\n}\r\n";
    fs::write(&settings, before).unwrap();

    let dry = world.run(&["install", "--dry-run"]);
    assert!(dry.stdout().contains("+\t\"hooks\": {".replace('\t', "    ").as_str()), "{}", dry.stdout());
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);
    assert!(!world.data().exists(), "a dry run makes nothing");
    assert_eq!(world.run(&["install"]).code(), 1, "without a person and without --yes nothing is changed");
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);

    world.run(&["install", "--yes"]).assert_success();
    let hook = world.data().join("bin/argus-hook");
    assert_eq!(fs::metadata(&hook).unwrap().permissions().mode() & 0o777, 0o700);
    for folder in [world.data(), world.data().join("spool"), world.data().join("bin")] {
        assert_eq!(fs::metadata(folder).unwrap().permissions().mode() & 0o777, 0o700);
    }
    let installed = fs::read_to_string(&settings).unwrap();
    assert!(installed.contains(hook.to_str().unwrap()));
    world.run(&["install", "--yes"]).assert_success();
    assert_eq!(fs::read_to_string(&settings).unwrap(), installed);

    // What Claude Code runs then reaches the spool.
    let mut command = std::process::Command::new(&hook);
    command.env_clear();
    world.end_of(command, b"{}").assert_silent_success();
    assert_eq!(fs::read_dir(world.data().join("spool")).unwrap().count(), 1);

    let doctor: Value = world.run(&["doctor", "--json"]).json();
    assert_eq!(doctor["is_healthy"], true, "{doctor:#}");
    world.run(&["uninstall", "--yes", "--purge"]).assert_success();
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);
    assert!(!world.data().exists());
}

#[test]
fn the_installed_clients_decide_which_events_are_registered() {
    for (version, count) in [("2.1.80", 9), ("2.1.120", 26), ("2.1.328", 28), ("who knows", 9)] {
        let world = World::new();
        world.place_client(&format!("echo '{version} (Claude Code)'"));
        world.run(&["install", "--yes"]).assert_success();
        let text = fs::read_to_string(world.home().join(".claude/settings.json")).unwrap();
        let settings: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(settings["hooks"].as_object().unwrap().len(), count, "{version}");
    }
}

#[test]
fn scopes_name_their_files_and_broken_ones_stay_untouched() {
    let world = World::new();
    world.run(&["install", "--yes", "--scope", "project"]).assert_success();
    assert!(world.home().join("work/.claude/settings.json").exists());
    world.run(&["install", "--yes", "--scope", "local"]).assert_success();
    assert!(world.home().join("work/.claude/settings.local.json").exists());
    let broken = world.home().join("broken.json");
    fs::write(&broken, "{ \"hooks\": ").unwrap();
    let ended = world.run(&["install", "--yes", "--settings", broken.to_str().unwrap()]);
    assert_eq!(ended.code(), 1);
    assert!(ended.stderr().contains("left untouched") && ended.stderr().contains("hint: "), "{}", ended.stderr());
    assert_eq!(fs::read_to_string(&broken).unwrap(), "{ \"hooks\": ");
}

#[test]
fn doctor_names_what_switches_hooks_off() {
    let world = World::new();
    world.run(&["install", "--yes"]).assert_success();
    let settings = world.home().join(".claude/settings.json");
    let text = fs::read_to_string(&settings).unwrap().replacen('{', "{ \"disableAllHooks\": true,", 1);
    fs::write(&settings, text).unwrap();
    fs::remove_file(world.data().join("bin/argus-hook")).unwrap();
    fs::set_permissions(world.data(), fs::Permissions::from_mode(0o755)).unwrap();
    let ended = world.run(&["doctor"]);
    assert_eq!(ended.code(), 1);
    for word in ["disableAllHooks is true", "missing: ", "others may look into", "mend: "] {
        assert!(ended.stdout().contains(word), "{word}: {}", ended.stdout());
    }
}

#[test]
fn an_import_counts_exactly_and_the_records_have_the_contracts_fields() {
    let world = World::new();
    world.write_transcript("s1-of-many", &transcript("s1-of-many", "Fix the tests"));
    let import = world.run(&["import", "--json"]).json();
    for (key, count) in [("files", 1), ("skipped_lines", 0), ("sessions", 1), ("model_requests", 1), ("tool_calls", 1)]
    {
        assert_eq!(import[key], count, "{key}: {import:#}");
    }
    assert_eq!(import["usage"]["claude-opus-5-5"]["output_tokens"], 50);
    assert_eq!(import["total"]["requests"], 1);
    assert!(import["duration_ms"].is_u64());
    let sessions = world.run(&["sessions", "--json"]).json();
    let id = sessions["sessions"][0]["session_id"].as_str().unwrap();
    assert_eq!(sessions["next_cursor"], Value::Null);
    let shown = world.run(&["show", &id[..3], "--json"]).json();
    for key in ["session", "agents", "turns", "events"] {
        assert!(!shown[key].is_null(), "{key}");
    }
    assert_eq!(shown["agents"][0]["agent_id"], "main");
    assert_eq!(shown["agents"][0]["own"]["output_tokens"], 50);
    let text = world.run(&["show", id]).stdout();
    assert!(text.contains("Fix the tests") && text.contains("└─ ") && text.contains("Bash"), "{text}");
    assert_eq!(world.run(&["db", "path"]).stdout().trim(), world.data().join("argus.db").to_str().unwrap());
}

#[test]
fn every_cut_of_the_money_sums_to_the_same_total() {
    let world = World::new();
    assert_eq!(world.run(&["cost", "--json"]).json()["total"]["cost_usd"], Value::Null, "nothing captured is unknown");
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/recordings/subagents/transcripts");
    world.run(&["import", recording.to_str().unwrap()]).assert_success();
    let whole = world.run(&["cost", "--json"]).json()["total"].clone();
    assert!(whole["cost_usd"].as_f64().unwrap() > 0.0, "{whole}");
    for cut in ["day", "model", "project", "session", "agent", "tool", "branch"] {
        let page = world.run(&["cost", "--by", cut, "--json"]).json();
        assert_eq!(page["total"], whole, "{cut}");
        let output: i64 = page["rows"].as_array().unwrap().iter().map(|r| r["output_tokens"].as_i64().unwrap()).sum();
        assert_eq!(output, whole["output_tokens"].as_i64().unwrap(), "{cut}");
        let text = world.run(&["cost", "--by", cut]).stdout();
        assert!(text.contains('█') && text.contains("total"), "{text}");
    }
    assert_eq!(world.run(&["cost", "--until", "2020-01-01"]).stdout(), "");
    assert_eq!(world.run(&["cost", "--by", "mood"]).code(), 2);
}

#[test]
fn agents_stand_below_the_step_that_spawned_them() {
    let world = World::new();
    let recording = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../testdata/recordings/subagents/transcripts");
    world.run(&["import", recording.to_str().unwrap()]).assert_success();
    let text = world.run(&["show", "cfc1a6c2"]).stdout();
    let places: Vec<(usize, usize)> = ["Chain level 1", "Chain level 2", "Chain level 3"]
        .iter()
        .map(|name| {
            let is_agent = |line: &&str| line.contains(&format!("agent general-purpose  {name}"));
            let (index, line) = text.lines().enumerate().find(|(_, line)| is_agent(line)).expect(name);
            (index, line.chars().take_while(|char| "│├└─ ".contains(*char)).count())
        })
        .collect();
    assert!(places.is_sorted() && places[0].1 < places[1].1 && places[1].1 < places[2].1, "{places:?}\n{text}");
    let agents = text.lines().filter(|line| line.contains(" agent ") || line.contains("─ agent")).count();
    assert_eq!(agents, 7, "each once: {text}");
    // Told for scripts as well, as a half of the call that began each of them.
    let json = world.run(&["show", "cfc1a6c2", "--json"]).json();
    let events = json["events"].as_array().unwrap();
    let of_kind = |kind: &str| events.iter().filter(|event| event["kind"] == kind).count();
    assert_eq!(of_kind("subagent_spawn"), 7);
    assert_eq!(Value::from(of_kind("tool_call")), json["session"]["tool_call_count"]);
    assert!(of_kind("tool_result") > 0 && of_kind("tool_result") <= of_kind("tool_call"));
    let ids: std::collections::BTreeSet<&str> = events.iter().filter_map(|event| event["event_id"].as_str()).collect();
    assert_eq!(ids.len(), events.len(), "each id once");
    let wide = text.lines().skip_while(|line| !line.starts_with("STEP"));
    assert!(wide.map(|line| line.chars().count()).max().unwrap() < 160, "{text}");
}

#[test]
fn no_text_of_an_agent_reaches_the_terminal_unescaped() {
    let world = World::new();
    for (index, text) in HOSTILE.iter().enumerate() {
        let id = format!("hostile-{index:02}");
        world.write_transcript(&id, &transcript(&id, text));
    }
    world.run(&["import"]).assert_success();
    let list = world.run(&["sessions"]).stdout();
    assert_eq!(list.lines().count(), HOSTILE.len() + 1, "no text makes a line of its own");
    assert!(!list.chars().any(|char| char != '\n' && acts(char)), "{list:?}");
    for index in 0..HOSTILE.len() {
        let shown = world.run(&["show", &format!("hostile-{index:02}")]).stdout();
        assert!(shown.contains("Bash"), "{shown}");
        assert!(!shown.chars().any(|char| char != '\n' && acts(char)), "{shown:?}");
    }
    let refused = world.run(&["show", "\u{1b}[2J"]);
    assert!(!refused.stderr().chars().any(|char| char != '\n' && acts(char)), "{:?}", refused.stderr());
}

#[test]
fn up_does_what_is_missing_in_a_clean_environment_and_down_ends_it() {
    let world = World::new();
    world.listen_anywhere();
    world.write_transcript("s1", &transcript("s1", "Fix the tests"));
    let mut command = world.command(&["up", "--no-open"]);
    command.env("CLAUDECODE", "1").env("CLAUDE_CODE_CHILD_SESSION", "1").env("ANTHROPIC_API_KEY", "sk-secret");
    let first = world.end_of(command, b"");
    first.assert_success();
    assert!(first.stderr().contains("Changed no settings"), "{}", first.stderr());
    assert!(!world.home().join(".claude/settings.json").exists());
    assert!(
        first.stdout().starts_with("http://127.0.0.1:") && first.stdout().contains("/#code="),
        "{}",
        first.stdout()
    );

    let card: Value = serde_json::from_slice(&fs::read(world.data().join("server.json")).unwrap()).unwrap();
    if cfg!(target_os = "linux") {
        let environment = fs::read(format!("/proc/{}/environ", card["pid"])).unwrap();
        let environment = String::from_utf8_lossy(&environment);
        assert!(!environment.contains("CLAUDE_CODE") && !environment.contains("CLAUDECODE"), "{environment}");
        assert!(!environment.contains("secret"), "{environment}");
    }
    let second = world.run(&["up", "--yes", "--no-open", "--json"]);
    assert_eq!(second.json()["server"], card, "the same server");
    assert!(world.home().join(".claude/settings.json").exists());
    let status = world.run(&["status", "--json"]).json();
    assert_eq!((&status["server"], &status["sessions"]), (&card, &Value::from(1)), "{status:#}");
    assert_eq!(status["missing"], serde_json::json!([]), "{status:#}");
    assert_eq!(world.run(&["import", "--json"]).json()["sessions"], 1, "the running server answers for it");
    assert!(world.run(&["open", "--print", "s1"]).stdout().contains("/sessions/s1#code="));

    assert_eq!(world.run(&["down", "--json"]).json()["stopped"], true);
    assert_eq!(world.run(&["down", "--json"]).json()["stopped"], false);
    assert_eq!(world.run(&["status", "--json"]).json()["server"], Value::Null);
    for entry in fs::read_dir(world.data()).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode();
        assert!(mode & 0o077 == 0 || entry.file_name() == "config.toml", "{}: {mode:o}", entry.path().display());
    }
}

#[test]
fn a_taken_port_is_named_and_no_other_address_is_tried() {
    let world = World::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let ended = world.run(&["up", "--no-hooks", "--no-open", "--port", &port]);
    assert_eq!(ended.code(), 1);
    assert!(ended.stderr().contains(&format!("port {port} is taken")), "{}", ended.stderr());
    assert!(ended.stderr().contains("hint: `argus up --port"), "{}", ended.stderr());
    let reachable = world.run(&["serve", "--listen", "0.0.0.0:0"]);
    assert_eq!(reachable.code(), 2, "{}", reachable.stderr());
    assert_eq!(world.run(&["status", "--json"]).json()["server"], Value::Null);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let world = World::new();
    let mut child =
        world.command(&["completions", "bash"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    assert!(child.wait().unwrap().success());
}
