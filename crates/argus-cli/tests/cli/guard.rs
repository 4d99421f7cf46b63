//! The guard as a person and a script meet it: installed, looked at, released, taken out again.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::settings::{Asked, eventually};
use crate::world::{World, transcript};

#[test]
fn the_guard_is_installed_looked_at_and_taken_out_again() {
    let world = World::new();
    let settings = world.home().join(".claude/settings.json");
    let before = "{\n  // mine\n  \"model\": \"opus\"\n}\n";
    fs::create_dir_all(settings.parent().unwrap()).unwrap();
    fs::write(&settings, before).unwrap();
    let closed = world.run(&["install", "--guard-closed", "--yes"]);
    assert_eq!(closed.code(), 1);
    assert!(closed.stderr().contains("needs Claude Code 2.1.295 or later"), "{}", closed.stderr());
    assert_eq!(fs::read_to_string(&settings).unwrap(), before, "what is refused changes nothing");

    world.run(&["install", "--guard", "--yes"]).assert_success();
    world.run(&["install", "--yes"]).assert_success();
    let stands = world.run(&["guard", "status", "--json"]);
    assert_eq!(stands.code(), 2, "there is no such command: {}", stands.stdout());
    let text = fs::read_to_string(&settings).unwrap();
    assert_eq!(text.matches("argus-guard").count(), 1, "installing the hook again leaves the guard alone: {text}");
    assert!(!text.contains("onFailure"));
    assert!(world.run(&["doctor"]).stdout().contains("ok       guard"));
    fs::remove_file(world.data().join("bin/argus-guard")).unwrap();
    assert!(world.run(&["doctor"]).stdout().contains("broken   guard"), "{}", world.run(&["doctor"]).stdout());

    world.run(&["uninstall", "--yes"]).assert_success();
    assert_eq!(fs::read_to_string(&settings).unwrap(), before);
}

#[test]
fn a_guard_with_onfailure_is_written_for_clients_that_know_it() {
    let world = World::new();
    world.place_client("echo '2.1.295 (Claude Code)'");
    world.run(&["install", "--guard-closed", "--yes"]).assert_success();
    let text = fs::read_to_string(world.home().join(".claude/settings.json")).unwrap();
    assert_eq!(text.matches("\"onFailure\": \"block\"").count(), 1, "{text}");
    // The other way round, and back.
    world.run(&["install", "--guard", "--yes"]).assert_success();
    let text = fs::read_to_string(world.home().join(".claude/settings.json")).unwrap();
    assert!(text.contains("argus-guard") && !text.contains("onFailure"), "{text}");
}

#[test]
fn letting_something_pass_needs_a_person() {
    let world = World::new();
    let refused = world.run(&["guard", "release"]);
    assert_eq!(refused.code(), 1);
    assert!(refused.stderr().contains("needs a person"), "{}", refused.stderr());
    let mut command = world.command(&["guard", "release"]);
    command.env("CLAUDECODE", "1");
    let refused = world.end_of(command, b"");
    assert!(refused.stderr().contains("CLAUDECODE is set"), "{}", refused.stderr());
    assert!(!world.data().join("guard-releases.json").exists());
}

#[test]
fn a_call_on_stdin_is_answered_in_claude_codes_words_or_by_silence() {
    let world = World::new();
    fs::create_dir_all(world.data().join("spool")).unwrap();
    let ask = |command: &str| {
        let payload = serde_json::json!({ "session_id": "s", "tool_name": "Bash", "tool_use_id": "t", "cwd": "/home/dev/app",
            "tool_input": { "command": command } });
        world.run_with(&["guard"], payload.to_string().as_bytes())
    };
    ask("cargo test").assert_silent_success();
    let denied = ask("rm -rf / --no-preserve-root");
    assert_eq!(denied.json()["hookSpecificOutput"]["permissionDecision"], "deny");
    assert_eq!(ask("sudo ls").json()["hookSpecificOutput"]["permissionDecision"], "ask");
    let broken = world.run_with(&["guard"], b"{\"tool_name\":");
    assert_eq!((broken.code(), broken.stdout().as_str()), (3, ""), "no answer is no silence");
    assert_eq!(fs::read_dir(world.data().join("spool")).unwrap().count(), 3, "what was decided is on record");
}

/// What the guard answers in a session.
fn asked(world: &World, session_id: &str, command: &str) -> Option<Value> {
    let payload = json!({ "session_id": session_id, "tool_name": "Bash", "tool_use_id": format!("toolu_{}", command.len()),
        "cwd": "/home/dev", "tool_input": { "command": command } });
    let ended = world.run_with(&["guard"], payload.to_string().as_bytes());
    ended.assert_success();
    (!ended.stdout().is_empty()).then(|| ended.json()["hookSpecificOutput"].clone())
}

/// A session that has just spent some dollars.
fn dear_session(world: &World, session_id: &str) {
    let mut lines = transcript(session_id, "Fix the tests");
    let now = jiff::Timestamp::now().to_string();
    for line in &mut lines {
        line["timestamp"] = json!(now);
        line["gitBranch"] = json!("main");
    }
    lines[1]["message"]["usage"] = json!({ "input_tokens": 1_000_000, "output_tokens": 100_000 });
    world.write_transcript(session_id, &lines);
}

#[test]
fn a_used_up_budget_stops_its_sessions_until_a_person_releases_it_and_no_script_can() {
    let world = World::new();
    world.listen_anywhere();
    let text = fs::read_to_string(world.data().join("config.toml")).unwrap();
    let budget = "[[budgets]]\nname = 'each'\nscope = 'session'\nperiod = 'session'\namount_usd = 0.5\nstop = true\n";
    fs::write(world.data().join("config.toml"), format!("{text}\n{budget}")).unwrap();
    dear_session(&world, "dear");
    world.run(&["install", "--guard", "--yes"]).assert_success();
    let script = Asked::up(&world);
    eventually("the session is stopped", || asked(&world, "dear", "ls").is_some());
    let denied = asked(&world, "dear", "cargo test").unwrap();
    assert_eq!(denied["permissionDecision"], "deny");
    let reason = denied["permissionDecisionReason"].as_str().unwrap();
    assert!(
        reason.contains("budget.stop: Budget each for dear, the session: $") && reason.contains("of $0.50"),
        "{reason}"
    );
    assert!(asked(&world, "other", "cargo test").is_none(), "whose session it is not goes on");
    let (_, stands) = script.ask("GET", "/guard", "");
    assert_eq!((&stands["stops"][0]["budget"], &stands["stops"][0]["session_ids"]), (&json!("each"), &json!(["dear"])));
    assert_eq!(world.run(&["guard", "--json"]).json()["stops"], stands["stops"], "a terminal says the same");

    let wanted = json!({ "budget": "each", "minutes": 5 }).to_string();
    let (status, refused) = script.ask("POST", "/guard/releases", &wanted);
    assert_eq!((status, &refused["error"]["code"]), (403, &json!("person_needed")));
    assert_eq!(script.ask("DELETE", "/guard/releases", "{}").0, 403);
    let person = script.of_a_person();
    for wrong in
        [json!({ "budget": "none", "minutes": 5 }), json!({ "minutes": 0 }), json!({ "rule": "fs.rmrf", "minutes": 1 })]
    {
        assert_eq!(person.ask("POST", "/guard/releases", &wrong.to_string()).0, 400, "{wrong}");
    }
    let (status, released) = person.ask("POST", "/guard/releases", &wanted);
    assert_eq!((status, &released["releases"][0]["rule"]), (200, &json!("budget.stop")), "{released:#}");
    assert!(asked(&world, "dear", "cargo build").is_none(), "it goes on");
    assert!(asked(&world, "dear", "rm -rf /").is_some(), "and everything else is stopped as ever");
    let id = released["releases"][0]["release_id"].as_str().unwrap().to_owned();
    let (status, closed) = person.ask("DELETE", &format!("/guard/releases/{id}"), "{}");
    assert_eq!((status, &closed["releases"]), (200, &json!([])));
    assert!(asked(&world, "dear", "cargo doc").is_some());

    eventually("what was answered is on record", || {
        let listed = script.ask("GET", "/guard/decisions", "").1;
        let answers: Vec<_> =
            listed["events"].as_array().unwrap().iter().map(|one| one["guard"]["answer"].clone()).collect();
        answers.contains(&json!("deny")) && answers.contains(&json!("released"))
    });
    let shown = world.run(&["show", "dear"]).stdout();
    assert!(
        shown.contains("denied by the guard (budget.stop)") && shown.contains("let pass by a person (budget.stop)"),
        "{shown}"
    );
    let alerts = script.ask("GET", "/alerts?rule=budget.stop", "").1;
    assert!(alerts["alerts"][0]["reason"].as_str().unwrap().starts_with("Budget each for dear"), "{alerts:#}");
}

#[test]
fn whatever_watches_is_told_of_when_it_goes_and_is_left_as_it_is() {
    let world = World::new();
    world.listen_anywhere();
    dear_session(&world, "s1");
    world.run(&["install", "--guard", "--yes"]).assert_success();
    let server = Asked::up(&world);
    let told = |rule: &str, words: &str| {
        eventually(&format!("{rule} is told: {words}"), || {
            let alerts = server.ask("GET", &format!("/alerts?rule={rule}"), "").1;
            let alerts = alerts["alerts"].as_array().unwrap();
            alerts.iter().any(|alert| alert["reason"].as_str().unwrap().contains(words))
        });
    };
    // It has looked once: only what was there can go.
    eventually("the first look", || server.ask("GET", "/capture", "").1["hooks"]["installed"] == json!(true));
    std::thread::sleep(std::time::Duration::from_secs(5));
    let settings = world.home().join(".claude/settings.json");
    let text = fs::read_to_string(&settings).unwrap();
    let mut changed: Value = serde_json::from_str(&text).unwrap();
    changed["hooks"].as_object_mut().unwrap().remove("Stop");
    changed["hooks"]["PreToolUse"].as_array_mut().unwrap().retain(|group| !group.to_string().contains("argus-guard"));
    let changed = serde_json::to_string_pretty(&changed).unwrap();
    fs::write(&settings, &changed).unwrap();
    let hook = world.data().join("bin/argus-hook");
    fs::remove_file(&hook).unwrap();
    fs::write(&hook, "#!/bin/sh\nexit 0\n").unwrap();
    fs::set_permissions(&hook, fs::Permissions::from_mode(0o755)).unwrap();
    fs::rename(world.data().join("spool"), world.data().join("spool-away")).unwrap();
    fs::create_dir(world.data().join("spool")).unwrap();
    told("guard.hooks-off", "Stop in ");
    told("guard.hooks-off", "the guard in ");
    told("guard.binary-changed", "bin/argus-hook");
    told("guard.storage-touched", "the spool was replaced");
    assert_eq!(fs::read_to_string(&settings).unwrap(), changed, "nothing is repaired");
    assert!(fs::read_to_string(&hook).unwrap().starts_with("#!/bin/sh"));

    fs::rename(world.data().join("argus.db"), world.data().join("away.db")).unwrap();
    eventually("the database is missed", || {
        server.ask("GET", "/capture", "").1["settings_problem"]
            .as_str()
            .is_some_and(|said| said.contains("the database was deleted"))
    });
    // Put back, so that the server ends in order.
    fs::rename(world.data().join("away.db"), world.data().join("argus.db")).unwrap();
    world.run(&["install", "--yes"]).assert_success();
}

#[test]
fn a_rules_file_that_cannot_be_read_at_all_leaves_the_rules_that_held_in_force() {
    let world = World::new();
    world.listen_anywhere();
    let rules = world.data().join("rules.toml");
    fs::write(&rules, "[rule.\"priv.sudo\"]\nguard = \"deny\"\n").unwrap();
    world.run(&["install", "--guard", "--yes"]).assert_success();
    let server = Asked::up(&world);
    let answer = || asked(&world, "s", "sudo ls").map(|answer| answer["permissionDecision"].clone());
    eventually("the rules hold", || answer() == Some(json!("deny")));
    fs::write(&rules, "[rule.\"priv.sudo\"\nguard = \"deny\"\n").unwrap();
    let problem = || server.ask("GET", "/capture", "").1["settings_problem"].as_str().unwrap_or_default().to_owned();
    eventually("it is told", || {
        problem().contains("rules.toml, line 1") && problem().contains("goes on by what it said before")
    });
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(answer(), Some(json!("deny")), "what held goes on");
    assert!(world.run(&["status"]).stdout().contains("rules.toml, line 1"), "{}", world.run(&["status"]).stdout());
    assert!(world.run(&["doctor"]).stdout().contains("broken   rules"), "{}", world.run(&["doctor"]).stdout());
    world.run(&["down"]).assert_success();
    let up = world.run(&["up", "--no-open", "--no-hooks"]);
    up.assert_success();
    assert!(up.stderr().contains("the catalogue alone holds"), "{}", up.stderr());
    eventually("without a good one the catalogue holds", || answer() == Some(json!("ask")));
}

#[test]
fn the_guard_answers_what_the_server_raises_in_a_worktree_and_in_a_folder_that_was_added() {
    let world = World::new();
    world.listen_anywhere();
    let home = world.home().to_owned();
    let (main, tree) = (home.join("app"), home.join("trees/fix"));
    fs::create_dir_all(main.join(".git/worktrees/fix")).unwrap();
    fs::create_dir_all(&tree).unwrap();
    fs::write(tree.join(".git"), format!("gitdir: {}/.git/worktrees/fix\n", main.display())).unwrap();
    world.run(&["install", "--guard", "--yes"]).assert_success();
    let former = world.data().join("guard.json");
    fs::write(&former, "{}").unwrap();
    let server = Asked::up(&world);
    let tell = |program: &str, event: &str, more: Value| {
        let mut payload = json!({ "session_id": "w", "hook_event_name": event, "cwd": tree });
        payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let mut command = world.command(&[program]);
        command.env("CLAUDE_PROJECT_DIR", &tree);
        world.end_of(command, payload.to_string().as_bytes())
    };
    let both = |id: &str, path: std::path::PathBuf| {
        let call =
            json!({ "tool_name": "Write", "tool_use_id": id, "tool_input": { "file_path": path, "content": "" } });
        let answered = tell("guard", "PreToolUse", call.clone());
        tell("hook", "PreToolUse", call).assert_silent_success();
        let answer = !answered.stdout().is_empty();
        let event = format!("/events/w~{id}");
        eventually("both are stored", || {
            let event = &server.ask("GET", &event, "").1["event"];
            !event["guard"].is_null() && !event["tool_name"].is_null()
        });
        let raised = !server.ask("GET", &event, "").1["event"]["alert_ids"].as_array().unwrap().is_empty();
        assert_eq!(answer, raised, "{id}: the guard and the server judge alike");
        answer
    };
    assert!(!both("toolu_tree", tree.join("a.rs")), "the worktree is the session's");
    assert!(!both("toolu_main", main.join("a.rs")), "and so is its main repository");
    assert!(both("toolu_other", home.join("other/a.rs")));
    assert!(both("toolu_before", home.join("extra/a.rs")));
    tell("hook", "DirectoryAdded", json!({ "directory": home.join("extra"), "source": "slash_command" }))
        .assert_silent_success();
    eventually("the guard knows the folder", || {
        fs::read_to_string(world.data().join("guard.jsonl")).is_ok_and(|text| text.contains("/extra\""))
    });
    assert!(!both("toolu_after", home.join("extra/a.rs")), "what was added is not outside");
    assert!(!former.exists(), "what an older guard would go by is out of date");
}
