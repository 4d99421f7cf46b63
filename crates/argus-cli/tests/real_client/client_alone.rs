//! The harness held against the client, without Argus: what the API says it answered is what the transcripts hold.
//!
//! When these fail, no other failure in this suite means anything.

use std::time::Duration;

use crate::ledger::Reply;
use crate::print_mode::Prompt;
use crate::script::{NOTHING_MORE, Script, Trouble, agent, calls, runs, says};
use crate::terminal::Key;
use crate::transcripts;
use crate::world::{Scenario, World};

fn assert_transcripts_hold_the_ledger(world: &World) {
    let written = transcripts::message_ids(&world.claude_dir().join("projects"));
    let ledger = world.ledger();
    let kept: std::collections::BTreeSet<String> =
        ledger.kept().filter_map(|entry| Some(entry.message_id()?.to_owned())).collect();
    assert_eq!(written, kept, "{ledger:#?}");
}

#[test]
fn a_nested_print_session_is_in_the_transcripts_request_for_request() {
    let script = Script::default()
        .conversation(
            "main",
            [says("Delegating.").and_calls("Agent", agent("A", "general-purpose")), says("All done.")],
        )
        .conversation("A", [runs("echo a"), calls("Agent", agent("B", "Explore")), says("A is done.")])
        .conversation("B", [runs("exit 3"), says("B is done.").after(Duration::from_millis(50))]);
    let world = World::new(&Scenario { script, ..Scenario::default() });
    let finished = world.print(&Prompt::of("main"));

    assert_eq!((finished.exit_code, finished.result_text()), (Some(0), "All done."), "{}", finished.stderr);
    assert_transcripts_hold_the_ledger(&world);
    let ledger = world.ledger();
    let of = |name: &str| ledger.entries.iter().find(|entry| entry.conversation == name).unwrap();
    assert!(ledger.entries.iter().all(|entry| entry.session_id.as_deref() == Some(finished.session_id())));
    assert_eq!((&of("main").agent_id, &of("A").parent_agent_id), (&None, &None));
    assert_eq!(of("B").parent_agent_id, of("A").agent_id);
    assert_eq!(ledger.tool_call_count(), 4);
}

#[test]
fn a_script_that_runs_out_says_so() {
    let script = Script::default().conversation("main", Vec::new());
    let world = World::new(&Scenario { script, ..Scenario::default() });
    assert_eq!(world.print(&Prompt::of("main")).result_text(), NOTHING_MORE);
}

#[test]
fn scripted_trouble_reaches_the_client_and_not_the_transcripts() {
    let script = Script::default()
        .conversation(
            "overloaded",
            [says("After all.").troubled(Trouble::Status { code: 529, kind: "overloaded_error", times: 1 })],
        )
        .conversation("cut", [says("Whole at last.").troubled(Trouble::Cut { after_events: 3, times: 1 })])
        .conversation(
            "refused",
            [says("Never said.").troubled(Trouble::Status {
                code: 400,
                kind: "invalid_request_error",
                times: usize::MAX,
            })],
        );
    let world = World::new(&Scenario { script, ..Scenario::default() });
    let texts = ["overloaded", "cut"].map(|name| world.print(&Prompt::of(name)).result_text().to_owned());
    let refused = world.print(&Prompt::of("refused"));

    assert_eq!(texts, ["After all.", "Whole at last."]);
    assert_eq!(refused.exit_code, Some(1));
    assert!(refused.result_text().contains("400"), "{}", refused.result_text());
    assert_transcripts_hold_the_ledger(&world);
    let replies: Vec<_> = world.ledger().entries.into_iter().map(|entry| entry.reply).collect();
    assert!(replies.contains(&Reply::Status(529)) && replies.contains(&Reply::Status(400)), "{replies:?}");
    assert!(replies.iter().any(|reply| matches!(reply, Reply::Broken { .. })), "{replies:?}");
}

#[test]
fn an_interactive_session_takes_prompts_dialogs_and_escape() {
    let script = Script::default()
        .conversation("first", [runs("touch made.txt && echo made"), says("First is done.")])
        .conversation("second", [runs("touch started; timeout 20 tail -f /dev/null"), says("Second is done.")]);
    let world = World::new(&Scenario { script, ..Scenario::default() });
    let mut terminal = world.terminal(&["--permission-mode", "manual"], &[]);
    terminal.say("[[conv:first]] Go.");
    terminal.answer("Do you want to proceed?", Key::Enter);
    terminal.wait_for("First is done.");
    terminal.say("[[conv:second]] Go on.");
    terminal.answer("Do you want to proceed?", Key::Enter);
    terminal.wait_until("the command runs", || world.work().join("started").exists());
    terminal.press(Key::Escape);
    terminal.wait_for("Interrupted");
    terminal.leave();

    assert!(world.work().join("made.txt").exists());
    assert_transcripts_hold_the_ledger(&world);
}
