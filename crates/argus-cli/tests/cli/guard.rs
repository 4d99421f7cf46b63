//! The guard as a person and a script meet it: installed, looked at, released, taken out again.

use std::fs;

use crate::world::World;

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
