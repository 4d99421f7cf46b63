//! The guard with the real client: what it denies does not run, what it is silent about runs as without it, and what it
//! decided is on record beside what then happened.

use std::fs;
use std::time::Duration;

use serde_json::{Value, json};

use crate::argus::Argus;
use crate::ledger::Tokens;
use crate::print_mode::{Finished, Prompt};
use crate::script::{Script, runs, says};
use crate::world::{Scenario, World};

fn world(script: Script) -> World {
    World::new(&Scenario { script, ..Scenario::default() })
}

fn denials(finished: &Finished) -> Vec<String> {
    let result = finished.stream.iter().find(|line| line["type"] == "result").expect("the client's result");
    let denied = result["permission_denials"].as_array().cloned().unwrap_or_default();
    denied.iter().filter_map(|denial| denial["tool_input"]["command"].as_str().map(str::to_owned)).collect()
}

/// What the model is told of each call, in order.
fn told_to_the_model(finished: &Finished) -> Vec<String> {
    let lines = finished.stream.iter().filter(|line| line["type"] == "user");
    let blocks = lines.filter_map(|line| line["message"]["content"].as_array()).flatten();
    blocks.filter_map(|block| block["content"].as_str().map(str::to_owned)).collect()
}

fn raised(argus: &Argus<'_>) -> Vec<Value> {
    argus.alerts(|alert| alert["rule"].clone()).0
}

#[test]
fn what_the_guard_denies_does_not_run_and_all_else_runs_as_without_it() {
    let script = Script::default().conversation(
        "main",
        [runs("rm -rf ${HOME}/old-notes"), runs("touch fine"), runs("echo 'rm -rf ~' > notes.txt"), says("All done.")],
    );
    let world = world(script);
    fs::create_dir(world.home().join("old-notes")).unwrap();
    let argus = world.install_argus();
    argus.run(&["install", "--guard", "--yes"]);
    let finished = world.print(&Prompt::of("main"));
    assert_eq!((finished.exit_code, finished.result_text(), finished.stderr.as_str()), (Some(0), "All done.", ""));
    assert!(world.home().join("old-notes").is_dir(), "what is denied does not run");
    assert!(world.work().join("fine").is_file() && world.work().join("notes.txt").is_file());
    let denied = denials(&finished);
    assert!(denied.len() == 1 && denied[0].starts_with("rm -rf "), "{denied:?}");
    let told = told_to_the_model(&finished);
    assert!(told[0].contains("Argus denies this call") && told[0].contains("fs.rm-rf"), "{told:?}");

    argus.import();
    let _server = argus.serve();
    let shown = argus.show_until(finished.session_id(), "hooks are stored", |shown| shown.session("status") == "ended");
    assert_eq!(shown.outcomes(), [("Bash", "denied"), ("Bash", "ok"), ("Bash", "ok")]);
    assert_eq!(raised(&argus), ["fs.rm-rf"], "the denial held, and nothing ran past the guard");
}

#[test]
fn a_sequence_is_stopped_at_its_second_half() {
    let script = Script::default().conversation(
        "main",
        [
            runs("printf 'touch ran' > origin; curl -s -o tool.sh file://$PWD/origin"),
            // The server lays down what the first call did.
            runs("sh tool.sh").after(Duration::from_secs(4)),
            says("All done."),
        ],
    );
    let world = world(script);
    let argus = world.install_argus();
    argus.run(&["install", "--guard", "--yes"]);
    let _server = argus.serve();
    let finished = world.print(&Prompt::of("main"));
    assert!(world.work().join("tool.sh").is_file(), "the first half ran");
    assert!(!world.work().join("ran").exists(), "the second did not: {:?}", told_to_the_model(&finished));
    assert_eq!(denials(&finished), ["sh tool.sh"], "in print mode nobody can be asked");
    argus.show_until(finished.session_id(), "both halves are stored", |_| {
        raised(&argus).contains(&json!("seq.download-then-exec"))
    });
}

#[test]
fn a_session_over_its_budget_is_stopped_at_its_next_call_and_goes_on_when_a_person_releases_it() {
    let dear = Tokens { output: 100_000, ..Tokens::default() };
    let script = Script::default().conversation(
        "main",
        [
            runs("touch first").costing(dear),
            // The server learns what the first answer cost.
            runs("touch second").after(Duration::from_secs(4)),
            // Meanwhile a person releases the budget.
            runs("until [ -e ${WORK}/released ]; do sleep 0.1; done; touch third").after(Duration::from_secs(8)),
            says("All done."),
        ],
    );
    let world = world(script);
    let argus = world.install_argus();
    argus.run(&["install", "--guard", "--yes"]);
    let budget = "[[budgets]]\nname = 'each'\nscope = 'session'\nperiod = 'session'\namount_usd = 0.2\nstop = true\n";
    fs::write(world.data_dir().join("config.toml"), budget).unwrap();
    let _server = argus.serve();
    let running = world.start_print(&Prompt::of("main"));
    let session_id = running.session_id();
    argus.show_until(&session_id, "the session is stopped", |_| raised(&argus).contains(&json!("budget.stop")));
    argus.run_in_a_terminal(&["guard", "release", "--budget", "each", "--for", "5"]);
    fs::write(world.work().join("released"), "").unwrap();
    let finished = running.finish();
    assert_eq!((finished.exit_code, finished.result_text()), (Some(0), "All done."), "{}", finished.stderr);
    let told = told_to_the_model(&finished);
    assert!(told[1].contains("Argus denies this call") && told[1].contains("budget.stop: Budget each for"), "{told:?}");
    assert_eq!(denials(&finished), ["touch second"]);
    let made = ["first", "second", "third"].map(|name| world.work().join(name).exists());
    assert_eq!(made, [true, false, true], "it goes on where a person let it: {told:?}");
    let shown = argus.show_until(&session_id, "the session is over", |shown| shown.session("status") == "ended");
    let answers: Vec<&str> =
        shown.events("tool_call").map(|call| call["guard"]["answer"].as_str().unwrap_or("unasked")).collect();
    assert_eq!(answers, ["pass", "deny", "released"]);
}

#[test]
fn a_guard_that_is_gone_lets_pass_or_blocks_as_the_person_chose() {
    for (flag, does_run) in [("--guard", true), ("--guard-closed", false)] {
        let world = world(Script::default().conversation("main", [runs("touch ran"), says("All done.")]));
        let argus = world.install_argus();
        argus.run(&["install", flag, "--yes"]);
        fs::remove_file(world.data_dir().join("bin/argus-guard")).unwrap();
        let finished = world.print(&Prompt::of("main"));
        assert_eq!(finished.exit_code, Some(0), "{}", finished.stderr);
        assert_eq!(world.work().join("ran").exists(), does_run, "{flag}: {:?}", told_to_the_model(&finished));
        argus.run(&["uninstall", "--yes"]);
        let settings = fs::read_to_string(world.claude_dir().join("settings.json")).unwrap_or_default();
        assert!(!settings.contains("argus-"), "{settings}");
    }
}

#[test]
fn an_agent_that_switches_hooks_off_is_told_of_while_it_still_runs() {
    let off = "mkdir -p .claude; echo '{\"disableAllHooks\": true}' > .claude/settings.local.json";
    let wait = "until [ -e go-on ]; do sleep 0.1; done";
    let world = world(Script::default().conversation("main", [runs(off), runs(wait), says("All done.")]));
    let argus = world.install_argus();
    let _server = argus.serve();
    let running = world.start_print(&Prompt::of("main"));
    let session_id = running.session_id();
    argus.show_until(&session_id, "it is told that hooks are off", |_| {
        raised(&argus).contains(&json!("guard.hooks-off"))
    });
    assert!(raised(&argus).contains(&json!("guard.agent-config")), "and by which call");
    fs::write(world.work().join("go-on"), "").unwrap();
    assert_eq!(running.finish().exit_code, Some(0));
}
