//! Argus beside the client in print mode: totals, tree and outcomes as scripted, the client undisturbed.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::argus::branch;
use crate::ledger::{Kind, Tokens};
use crate::print_mode::{Finished, Prompt};
use crate::script::{Script, Trouble, agent, background_agent, calls, runs, says};
use crate::transcripts;
use crate::truth::{
    assert_agent_is_the_ledgers, assert_cost_is_the_clients, assert_every_call_ended,
    assert_session_cost_is_the_clients, assert_session_is_the_ledgers, assert_totals_are_the_ledgers,
};
use crate::twice::{Outcome, twice};
use crate::world::{Scenario, World};

/// SessionStart, UserPromptSubmit, PreToolUse, PostToolUse, Stop, SessionEnd.
const CLASSIC_EVENTS_OF_ONE_CALL: usize = 6;

fn scenario(script: Script) -> Scenario {
    Scenario { script, ..Scenario::default() }
}

/// Runs one prompt with and without Argus.
fn print_twice(script: Script, prompt: &Prompt) -> (World, Finished) {
    twice(&scenario(script), |world| world.print(prompt), |finished| Outcome::from(finished))
}

fn delegating_script() -> Script {
    let with_haiku = |mut input: Value| {
        input["model"] = json!("haiku");
        input
    };
    let pair = says("Two in parallel.")
        .and_calls("Agent", agent("B", "general-purpose"))
        .and_calls("Agent", agent("C", "Explore"));
    Script::default()
        .conversation(
            "main",
            [
                says("One helper first.").and_calls("Agent", agent("A", "general-purpose")),
                pair,
                says("A chain.").and_calls("Agent", agent("N1", "general-purpose")),
                says("One in the background.").and_calls("Agent", background_agent("D", "general-purpose")),
                runs("echo main goes on"),
                says("Waiting for the helper."),
                says("Everything is in."),
            ],
        )
        .conversation(
            "A",
            [calls("Read", json!({ "file_path": "${WORK}/README.md" })), runs("exit 3"), says("A is done.")],
        )
        .conversation("B", [runs("sleep 0.4; echo b"), says("B is done.")])
        .conversation("C", [runs("sleep 0.2; echo c"), says("C is done.")])
        .conversation("N1", [calls("Agent", with_haiku(agent("N2", "general-purpose"))), says("N1 is done.")])
        .conversation("N2", [calls("Agent", agent("N3", "general-purpose")), says("N2 is done.")])
        .conversation("N3", [runs("echo deep"), says("N3 is done.")])
        .conversation("D", [runs("sleep 1.5; echo slow"), says("D is done.")])
}

#[test]
fn subagents_nested_parallel_and_in_the_background_form_the_scripted_tree() {
    let (world, finished) = print_twice(delegating_script(), &Prompt::of("main"));
    assert_eq!(finished.result_text(), "Everything is in.");
    let traces = transcripts::hook_attachments(&world.claude_dir().join("projects"));
    assert!(traces.is_empty(), "the hook left its trace in the person's transcript: {traces:#?}");
    let (argus, ledger) = (world.argus(), world.ledger());

    let report = assert_totals_are_the_ledgers(&argus, &ledger);
    assert_cost_is_the_clients(&report, &[finished.result()]);
    let shown = argus.show(finished.session_id());
    assert_session_is_the_ledgers(&shown, &ledger);
    assert_every_call_ended(&shown, &ledger);
    let mut expected: Vec<_> = ["A", "B", "D", "N1"]
        .map(|name| branch(&format!("Do {name}"), "general-purpose", "main", 1))
        .into_iter()
        .chain([
            branch("Do C", "Explore", "main", 1),
            branch("Do N2", "general-purpose", "Do N1", 2),
            branch("Do N3", "general-purpose", "Do N2", 3),
        ])
        .collect();
    expected.sort();
    assert_eq!(shown.tree(), expected);
    assert!(shown.agents().iter().all(|agent| agent["is_orphan"] != true), "{:#?}", shown.agents());
    assert_agent_is_the_ledgers(&shown, &ledger, "Do A", &["A"]);
    assert_agent_is_the_ledgers(&shown, &ledger, "Do N1", &["N1", "N2", "N3"]);
    assert_agent_is_the_ledgers(&shown, &ledger, "Do D", &["D"]);
    let mut outcomes = vec![("Agent", "ok"); 7];
    outcomes.push(("Bash", "error"));
    outcomes.extend([("Bash", "ok"); 5]);
    outcomes.push(("Read", "ok"));
    assert_eq!(shown.outcomes(), outcomes);
}

#[test]
fn a_worktree_session_works_and_belongs_to_the_main_checkout() {
    let script = Script::default().conversation("main", [runs("git branch --show-current"), says("There.")]);
    let (world, finished) = print_twice(script, &Prompt::of("main").with(&["--worktree", "feat"]));
    assert_eq!((finished.exit_code, finished.result_text()), (Some(0), "There."), "{}", finished.stderr);
    let argus = world.argus();

    assert_totals_are_the_ledgers(&argus, &world.ledger());
    let shown = argus.show(finished.session_id());
    assert_eq!(shown.session("project").as_str(), world.work().to_str());
    assert_eq!(shown.outcomes(), [("Bash", "ok")]);
}

#[test]
fn a_resumed_session_goes_on_and_a_fork_counts_only_its_own_requests() {
    let script = Script::default()
        .conversation("first", [runs("echo 1"), says("First is done.")])
        .conversation("second", [says("Second is done.")])
        .conversation("third", [says("Third is done.")]);
    let act = |world: &World| {
        let first = world.print(&Prompt::of("first"));
        let resume = ["--resume", first.session_id()];
        let second = world.print(&Prompt::of("second").with(&resume));
        let third = world.print(&Prompt::of("third").with(&resume).with(&["--fork-session"]));
        [first, second, third]
    };
    let (world, [first, second, third]) = twice(&scenario(script), act, |runs| runs.each_ref().map(Outcome::from));
    assert_eq!(second.session_id(), first.session_id());
    assert_ne!(third.session_id(), first.session_id());
    let (argus, ledger) = (world.argus(), world.ledger());

    let report = assert_totals_are_the_ledgers(&argus, &ledger);
    // The client's own cost goes on over a resume, and a fork starts with its parent's.
    assert_cost_is_the_clients(&report, &[third.result()]);
    assert_eq!(argus.sessions().len(), 2);
    for session_id in [first.session_id(), third.session_id()] {
        assert_session_is_the_ledgers(&argus.show(session_id), &ledger);
    }
    let fork = argus.show(third.session_id());
    assert_eq!(fork.session("parent_session_id").as_str(), Some(first.session_id()));
}

#[test]
fn api_errors_end_turns_and_agents_as_failed_and_cost_nothing() {
    let always = Trouble::Status { code: 400, kind: "invalid_request_error", times: usize::MAX };
    let once = Trouble::Status { code: 529, kind: "overloaded_error", times: 1 };
    let cut = Trouble::Cut { after_events: 3, times: 1 };
    let script = Script::default()
        .conversation("refused", [says("Never said.").troubled(always.clone())])
        .conversation("delegated", [calls("Agent", agent("X", "general-purpose")), says("It failed.").troubled(once)])
        .conversation("X", [runs("echo x"), says("Never said.").troubled(always)])
        .conversation("cut", [says("Whole at last.").troubled(cut)]);
    let act = |world: &World| ["refused", "delegated", "cut"].map(|name| world.print(&Prompt::of(name)));
    let (world, runs) = twice(&scenario(script), act, |runs| runs.each_ref().map(Outcome::from));
    let [refused, delegated, cut] = &runs;
    assert_eq!([refused, delegated, cut].map(|run| run.exit_code), [Some(1), Some(0), Some(0)]);
    let (argus, ledger) = (world.argus(), world.ledger());

    assert_totals_are_the_ledgers(&argus, &ledger);
    assert!(argus.show(refused.session_id()).events("error").count() >= 1, "the refusal is an error event");
    let shown = argus.show(delegated.session_id());
    assert_eq!(shown.agent("Do X")["end"], "failed");
    // Not so for the cut stream: how much of what broke off the client counts depends on how far it had got.
    assert_session_cost_is_the_clients(&shown, delegated.result());
    assert_eq!(shown.outcomes(), [("Agent", "error"), ("Bash", "ok")]);
}

#[test]
fn a_tool_that_nobody_may_allow_is_denied() {
    let script = Script::default().conversation("main", [runs("touch made.txt"), says("It was denied.")]);
    let (world, finished) = print_twice(script, &Prompt::of("main").asking_permission());
    assert!(!world.work().join("made.txt").exists());
    // The client writes toolDenialKind "user-rejected" here too, though there was no person; what tells the two apart is
    // permissionDecision, which a person's refusal lacks.
    let argus = world.argus();

    assert_totals_are_the_ledgers(&argus, &world.ledger());
    assert_eq!(argus.show(finished.session_id()).outcomes(), [("Bash", "denied")]);
}

#[test]
fn the_hook_may_vanish_in_mid_session() {
    let delete = runs("rm ${HOME}/../argus/bin/argus-hook");
    // Without Argus there is nothing to delete, so the first command differs in its result only.
    let script = Script::default().conversation("main", [delete, runs("echo on"), says("Went on.")]);
    let act = |world: &World| world.print(&Prompt::of("main"));
    let seen = |finished: &Finished| Outcome::from(finished).apart_from_stderr();
    let (world, finished) = twice(&scenario(script), act, seen);
    let argus = world.argus();
    assert_eq!((finished.exit_code, finished.result_text()), (Some(0), "Went on."), "{}", finished.stderr);
    assert!(!argus.hook().exists());

    assert_totals_are_the_ledgers(&argus, &world.ledger());
    let shown = argus.show(finished.session_id());
    assert_eq!(shown.outcomes(), [("Bash", "ok"), ("Bash", "ok")]);
}

#[test]
fn a_compaction_is_an_event_and_its_hidden_request_no_made_up_figure() {
    let full = Tokens { input: 10, output: 20, cache_read: 985_000, ..Tokens::default() };
    let script =
        Script::default().conversation("main", [runs("echo fill").costing(full), says("After."), says("Still after.")]);
    let (world, finished) = print_twice(script, &Prompt::of("main"));
    let (argus, ledger) = (world.argus(), world.ledger());
    assert!(ledger.entries.iter().any(|entry| entry.kind == Kind::Compact), "{ledger:#?}");

    assert_totals_are_the_ledgers(&argus, &ledger);
    let shown = argus.show(finished.session_id());
    assert_eq!(shown.session("compaction_count").as_u64(), Some(1));
    assert_eq!(shown.events("compaction").count(), 1);
    assert_eq!(shown.tree(), [], "compaction's pseudo-agent is no agent");
}

#[test]
fn a_killed_client_leaves_no_call_running() {
    let script =
        Script::default().conversation("main", [runs("touch started; timeout 8 tail -f /dev/null"), says("Never.")]);
    let world = World::new(&scenario(script));
    let argus = world.install_argus();
    let _server = argus.serve();
    let running = world.start_print(&Prompt::of("main"));
    world.wait_until("the command runs", || world.work().join("started").exists());
    // The client writes its transcript up to 100 ms late.
    std::thread::sleep(Duration::from_millis(500));
    let finished = running.kill();
    let session_id = finished.session_id();

    let shown = argus.show_until(session_id, "the session is lost", |shown| shown.session("status") == "lost");
    assert_eq!(shown.outcomes(), [("Bash", "abandoned")]);
    assert_session_is_the_ledgers(&shown, &world.ledger());
}

#[test]
fn a_running_server_shows_the_session_live_and_the_same_when_it_is_over() {
    let script = Script::default()
        .conversation("main", [calls("Agent", agent("A", "general-purpose")), says("All done.")])
        .conversation("A", [runs("touch started; until [ -e go-on ]; do sleep 0.1; done"), says("A is done.")]);
    let world = World::new(&scenario(script));
    let argus = world.install_argus();
    let server = argus.serve();
    let running = world.start_print(&Prompt::of("main"));
    world.wait_until("the command runs", || world.work().join("started").exists());
    let session_id = running.session_id();
    let live = argus.show_until(&session_id, "the open calls are seen", |shown| {
        shown.outcomes() == [("Agent", "running"), ("Bash", "running")]
    });
    assert_eq!(live.session("status"), "running");
    assert_eq!(live.tree().len(), 1);
    std::fs::write(world.work().join("go-on"), "").unwrap();
    let finished = running.finish();
    assert_eq!(finished.result_text(), "All done.");

    let over = argus.show_until(&session_id, "the session has ended", |shown| {
        shown.session("status") == "ended" && shown.outcomes() == [("Agent", "ok"), ("Bash", "ok")]
    });
    assert_session_is_the_ledgers(&over, &world.ledger());
    assert_eq!(over.tree(), [branch("Do A", "general-purpose", "main", 1)]);
    let sources = &over.events("tool_call").next().unwrap()["sources"];
    assert_eq!(sources, &json!(["hook", "transcript"]));
    assert_eq!(argus.spooled(), 0, "what is stored leaves the spool");
    drop(server);
    assert_totals_are_the_ledgers(&argus, &world.ledger());
    assert_eq!(argus.show(&session_id).0["agents"], over.0["agents"], "importing again changes nothing");
}

#[test]
fn a_dangerous_call_is_news_while_it_runs_and_one_alert_a_rule_ever_after() {
    let dangerous =
        "sudo -n true || true; rm -rf ${HOME}/old-notes; touch started; until [ -e go-on ]; do sleep 0.1; done";
    let script = Script::default().conversation("main", [runs(dangerous), says("All done.")]);
    let world = World::new(&scenario(script));
    std::fs::create_dir(world.home().join("old-notes")).unwrap();
    let argus = world.install_argus();
    let server = argus.serve();
    let running = world.start_print(&Prompt::of("main"));
    world.wait_until("the command runs", || world.work().join("started").exists());
    let session_id = running.session_id();
    let live =
        argus.show_until(&session_id, "the open call is seen", |shown| shown.outcomes() == [("Bash", "running")]);
    let call = live.events("tool_call").next().unwrap();
    let rules =
        || argus.alerts(|alert| (alert["rule"].clone(), alert["tool_use_id"].clone(), alert["is_history"].clone()));
    let id = &call["tool_use_id"];
    let expected = ["fs.rm-rf", "priv.sudo"].map(|rule| (json!(rule), id.clone(), json!(false)));
    assert_eq!(rules(), (expected.to_vec(), 2), "while the call runs");
    std::fs::write(world.work().join("go-on"), "").unwrap();
    assert_eq!(running.finish().result_text(), "All done.");

    let over = argus.show_until(&session_id, "hook and transcript told of the call", |shown| {
        shown.session("status") == "ended"
            && shown.events("tool_call").all(|event| event["sources"] == json!(["hook", "transcript"]))
    });
    assert_eq!(over.outcomes(), [("Bash", "ok")]);
    assert_eq!(rules(), (expected.to_vec(), 2), "when the transcript was read");
    drop(server);
    argus.import_anew();
    assert_eq!(rules(), (expected.to_vec(), 2), "when everything was read again");
}

#[test]
fn a_server_that_stands_still_is_not_noticed_and_catches_up() {
    let script = Script::default().conversation("main", [runs("echo a"), says("Done.")]);
    let world = World::new(&scenario(script));
    let argus = world.install_argus();
    let server = argus.serve();
    server.signal(Signal::STOP);
    let finished = world.print(&Prompt::of("main"));
    assert_eq!((finished.exit_code, finished.result_text(), finished.stderr.as_str()), (Some(0), "Done.", ""));
    assert!(argus.spooled() >= CLASSIC_EVENTS_OF_ONE_CALL, "{} records wait", argus.spooled());
    server.signal(Signal::CONT);
    let shown = argus.show_until(finished.session_id(), "it has caught up", |shown| {
        shown.session("status") == "ended"
            && shown.outcomes() == [("Bash", "ok")]
            && shown.session("request_count") == 2
    });
    assert_session_is_the_ledgers(&shown, &world.ledger());
    world.wait_until("the spool is empty", || argus.spooled() == 0);
}

#[test]
fn sessions_without_a_server_wait_in_the_spool() {
    let script = Script::default().conversation("main", [runs("echo a"), says("Done.")]);
    let (world, finished) = print_twice(script, &Prompt::of("main"));
    let argus = world.argus();
    // SessionStart, UserPromptSubmit, PreToolUse, PostToolUse, PostToolBatch, Stop and SessionEnd at the least.
    assert!(argus.spooled() >= 7, "{} records wait", argus.spooled());
    let _server = argus.serve();
    let shown = argus.show_until(finished.session_id(), "hooks are stored", |shown| shown.session("status") == "ended");
    assert_eq!(shown.session("end_reason"), "other");
    assert_eq!(argus.spooled(), 0);
}

#[test]
fn a_hook_registered_by_hand_works_in_both_forms() {
    for (form, arguments) in [("shell form", None), ("exec form", Some(json!([])))] {
        let script = Script::default().conversation("main", [runs("echo a"), says("Done.")]);
        let world = World::new(&scenario(script));
        let argus = world.register_hook_by_hand(arguments.as_ref());
        let finished = world.print(&Prompt::of("main"));
        assert_eq!((finished.exit_code, finished.stderr.as_str()), (Some(0), ""), "{form}");
        assert_eq!(argus.spooled(), CLASSIC_EVENTS_OF_ONE_CALL, "{form}");
    }
}
