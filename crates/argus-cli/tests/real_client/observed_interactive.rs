//! Argus beside the client in a terminal: dialogs, Esc, a model switch, a teammate.

use std::fs;

use serde_json::json;

use crate::argus::{Argus, sum};
use crate::print_mode::Prompt;
use crate::script::{Script, background_agent, calls, runs, says};
use crate::terminal::Key;
use crate::transcripts::records_with;
use crate::truth::{assert_every_call_ended, assert_session_is_the_ledgers, assert_totals_are_the_ledgers};
use crate::twice::twice;
use crate::world::{Scenario, World};

const DIALOG: &str = "Do you want to";

fn scenario(script: Script) -> Scenario {
    Scenario { script, ..Scenario::default() }
}

/// An interactive client prints no session id.
fn only_session(argus: &Argus<'_>) -> String {
    let ids: Vec<String> =
        argus.sessions().iter().map(|session| session["session_id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), 1, "{ids:?}");
    ids.into_iter().next().unwrap()
}

#[test]
fn a_dialog_accepted_a_dialog_refused_and_an_escape_have_their_own_outcomes() {
    let script = Script::default()
        .conversation(
            "first",
            [
                runs("touch made.txt"),
                calls("Write", json!({ "file_path": "${WORK}/refused.txt", "content": "no\n" })),
                says("Never said."),
            ],
        )
        .conversation("second", [runs("touch started; timeout 20 tail -f /dev/null"), says("Never said.")])
        .conversation("third", [says("Third is done.")]);
    let act = |world: &World| {
        let mut terminal = world.terminal(&["--permission-mode", "manual"], &[]);
        terminal.say("[[conv:first]] Go.");
        terminal.answer(DIALOG, Key::Enter);
        terminal.wait_for("refused.txt");
        terminal.answer(DIALOG, Key::Escape);
        terminal.say("[[conv:second]] Go on.");
        terminal.answer(DIALOG, Key::Enter);
        terminal.wait_until("the command runs", || world.work().join("started").exists());
        terminal.press(Key::Escape);
        terminal.wait_for("Interrupted");
        terminal.say("[[conv:third]] And now.");
        terminal.wait_for("Third is done.");
        terminal.leave();
        ["made.txt", "refused.txt"].map(|name| world.work().join(name).exists())
    };
    let (world, written) = twice(&scenario(script), act, |written| *written);
    assert_eq!(written, [true, false]);

    let (argus, ledger) = (world.argus(), world.ledger());
    assert_totals_are_the_ledgers(&argus, &ledger);
    let shown = argus.show(&only_session(&argus));
    assert_session_is_the_ledgers(&shown, &ledger);
    assert_every_call_ended(&shown, &ledger);
    assert_eq!(shown.outcomes(), [("Bash", "interrupted"), ("Bash", "ok"), ("Write", "rejected")]);
}

#[test]
fn a_model_switch_works_and_each_model_is_counted_apart() {
    let script = Script::default()
        .conversation("first", [says("First is done.")])
        .conversation("second", [says("Second is done.")]);
    let act = |world: &World| {
        let mut terminal = world.terminal(&["--dangerously-skip-permissions"], &[]);
        terminal.say("[[conv:first]] Go.");
        terminal.wait_for("First is done.");
        terminal.say("/model sonnet");
        terminal.answer("Switch model?", Key::Enter);
        terminal.wait_for("Set model to");
        terminal.say("[[conv:second]] Go on.");
        terminal.wait_for("Second is done.");
        terminal.leave();
        world.ledger().by_model()
    };
    let (world, _) = twice(&scenario(script), act, |by_model| by_model.clone());

    let (argus, ledger) = (world.argus(), world.ledger());
    assert_eq!(ledger.by_model().len(), 2, "{ledger:#?}");
    assert_totals_are_the_ledgers(&argus, &ledger);
    assert_session_is_the_ledgers(&argus.show(&only_session(&argus)), &ledger);
}

#[test]
fn a_teammate_is_an_agent_of_its_own_and_works_as_without_us() {
    let mut mate = background_agent("mate", "general-purpose");
    mate["name"] = json!("mate");
    mate["team_name"] = json!("crew");
    let script = Script::default()
        .conversation("team", [calls("Agent", mate), says("Team is done."), says("Thanks, mate.")])
        .conversation("mate", [runs("echo mate"), says("Mate is done.")]);
    let act = |world: &World| {
        let environment = [("CLAUDE_CODE_EXPERIMENTAL_AGENT_TEAMS", "1")];
        let mut terminal = world.terminal(&["--dangerously-skip-permissions"], &environment);
        terminal.say("[[conv:team]] Go.");
        terminal.wait_for("Team is done.");
        // The mate's last words start a turn that nobody typed.
        terminal.wait_for("Thanks, mate.");
        terminal.leave();
    };
    let (world, ()) = twice(&scenario(script), act, |()| ());

    let (argus, ledger) = (world.argus(), world.ledger());
    assert_totals_are_the_ledgers(&argus, &ledger);
    let shown = argus.show(&only_session(&argus));
    assert_session_is_the_ledgers(&shown, &ledger);
    let mates: Vec<_> = shown.agents().iter().filter(|agent| agent["kind"] == "teammate").collect();
    assert_eq!(mates.len(), 1, "{:#?}", shown.agents());
    assert_eq!((&mates[0]["agent_type"], &mates[0]["parent_agent_id"]), (&json!("mate"), &json!("main")));
    assert_eq!(sum(&mates[0]["own"]), ledger.of_conversations(&["mate"]));
}

#[test]
fn the_status_line_stands_below_the_persons_own_and_goes_without_a_trace() {
    let script = Script::default().conversation("first", [says("First is done.")]);
    let world = World::new(&scenario(script));
    let settings = world.claude_dir().join("settings.json");
    let own = "{\n  \"statusLine\": { \"type\": \"command\", \"command\": \"cat > payload.json; echo \\\"THEIRS\\\"\", \"padding\": 0 }\n}\n";
    fs::write(&settings, own).unwrap();
    let argus = world.install_argus();
    argus.run(&["install", "--statusline", "--yes"]);

    let mut terminal = world.terminal(&["--dangerously-skip-permissions"], &[]);
    terminal.say("[[conv:first]] Go.");
    terminal.wait_for("First is done.");
    terminal.wait_for("THEIRS");
    // Cost and context, from what the client tells by itself.
    terminal.wait_until("our line stands there", || {
        let payload = fs::read(world.work().join("payload.json")).unwrap_or_default();
        let payload: serde_json::Value = serde_json::from_slice(&payload).unwrap_or_default();
        payload["cost"]["total_cost_usd"].as_f64() > Some(0.0)
    });
    terminal.wait_for("context");
    // While it runs there is no report: the status line's total is what Claude Code says of the session's money.
    let server = argus.serve();
    terminal.wait_until("what the status line was given is told of the session", || {
        argus.sessions().first().is_some_and(|session| session["reported_usd"].as_f64() > Some(0.0))
    });
    let session = &argus.sessions()[0];
    assert_eq!((&session["reported_usd"], &session["hidden_usd"]), (&session["cost_usd"], &json!(0)), "{session:#}");
    terminal.leave();
    drop(server);

    argus.run(&["uninstall", "--yes"]);
    // The client wrote the file anew for a setting of its own; the person's line is what it was.
    let line = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap()["statusLine"].clone();
    assert_eq!(line(&fs::read_to_string(&settings).unwrap()), line(own));
}

#[test]
fn what_the_cost_command_shows_is_on_the_screen_alone_and_in_print_mode_a_rounded_text() {
    let script = Script::default().conversation("first", [says("First is done.")]);
    let world = World::new(&scenario(script));
    let told = world.work().join("hooks.jsonl");
    let command = json!([{ "hooks": [{ "type": "command", "command": format!("cat >> '{}'", told.display()) }] }]);
    let events = ["UserPromptSubmit", "UserPromptExpansion", "MessageDisplay", "Notification", "Stop", "SessionEnd"];
    let hooks: serde_json::Map<_, _> = events.map(|event| (event.to_owned(), command.clone())).into_iter().collect();
    fs::write(world.claude_dir().join("settings.json"), json!({ "hooks": hooks }).to_string()).unwrap();

    let mut terminal = world.terminal(&["--dangerously-skip-permissions"], &[]);
    terminal.say("[[conv:first]] Go.");
    terminal.wait_for("First is done.");
    terminal.say("/cost");
    terminal.wait_for("Estimated cost:");
    terminal.press(Key::Escape);
    // The prompt takes input again.
    terminal.wait_for("bypass permissions on");
    terminal.leave();
    let projects = world.claude_dir().join("projects");
    assert_eq!(records_with(&projects, "Estimated cost"), [] as [serde_json::Value; 0]);
    let told = fs::read_to_string(told).unwrap();
    assert!(told.contains("SessionEnd") && !told.contains("stimated cost"), "{told}");

    // Print mode writes it down, rounded to what people read.
    let printed = world.print(&Prompt::saying("/cost"));
    assert!(printed.stream.iter().any(|line| line.to_string().contains("Estimated cost")), "{printed:#?}");
    let written = records_with(&projects, "Estimated cost");
    let [record] = &written[..] else { panic!("{written:#?}") };
    assert_eq!((&record["type"], &record["subtype"]), (&json!("system"), &json!("local_command")));
    assert!(record["content"].as_str().unwrap().contains("$0.0000\n"), "four places: {record:#}");
}
