//! What watches is watched: each thing that goes is told of once, whether a server ran or not, and whether a session was
//! there to tell it of or not.

use std::collections::BTreeSet;

use argus_model::record::AlertRecord;
use argus_model::{GuardAnswer, Timestamp};
use serde_json::{Value, json};

use super::world::{HookCall, World};
use crate::engine::{Trouble, Watched};

const SESSION: &str = "5e551000-0000-4000-8000-00000000aaaa";

fn now_us() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    i64::try_from(since.as_micros()).unwrap()
}

/// A hook's record of some seconds ago.
fn hook(world: &World, seconds: i64, event: &str, more: &Value) {
    let mut payload = json!({ "session_id": SESSION, "hook_event_name": event, "cwd": "/home/dev/app" });
    payload.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let at_ns = (now_us() - seconds * 1_000_000).cast_unsigned() * 1_000;
    let project_dir = Some("/home/dev/app".to_owned());
    world.spool(&HookCall { at_ns, pid: 7, payload: payload.to_string().into_bytes(), project_dir });
}

fn told(world: &World) -> Vec<(String, String)> {
    let mut told: Vec<AlertRecord> = world.alerts();
    told.sort_by_key(|alert| (alert.raised_at, alert.alert_id.clone()));
    told.into_iter().map(|alert| (alert.rule, alert.reason)).collect()
}

fn seen(in_place: &[&str]) -> Watched {
    Watched { in_place: in_place.iter().map(|name| (*name).to_owned()).collect(), ..Watched::default() }
}

const ALL: [&str; 3] = ["PreToolUse in s", "Stop in s", "the guard in s"];

#[test]
fn each_part_that_goes_is_told_of_once_and_again_when_it_came_back_and_went() {
    let mut world = World::new();
    hook(&world, 1, "UserPromptSubmit", &json!({}));
    world.drain();
    world.engine.note_watched(&seen(&ALL)).unwrap();
    world.restart();
    assert!(told(&world).is_empty());
    // One of the hook's events went while nobody looked, then the guard.
    for _ in 0..2 {
        world.engine.note_watched(&seen(&["PreToolUse in s", "the guard in s"])).unwrap();
    }
    world.engine.note_watched(&seen(&["PreToolUse in s"])).unwrap();
    world.engine.note_watched(&seen(&ALL)).unwrap();
    world.engine.note_watched(&seen(&ALL[..2])).unwrap();
    let told = told(&world);
    let said = ["Stop in s", "the guard in s", "the guard in s"];
    assert_eq!(told.len(), said.len(), "{told:#?}");
    for ((rule, reason), said) in told.iter().zip(said) {
        assert!(rule == "guard.hooks-off" && reason.contains(said), "{rule}: {reason}");
    }
}

#[test]
fn while_all_hooks_are_off_their_parts_are_not_told_of_one_by_one() {
    let mut world = World::new();
    hook(&world, 1, "UserPromptSubmit", &json!({}));
    world.drain();
    world.engine.note_watched(&seen(&ALL)).unwrap();
    let off = Watched { off: Some("not registered in s".into()), ..Watched::default() };
    world.engine.note_watched(&off).unwrap();
    assert_eq!(told(&world).len(), 1);
    world.engine.note_watched(&seen(&ALL)).unwrap();
    assert_eq!(told(&world).len(), 1, "all of it came back");
}

#[test]
fn a_program_or_a_store_that_is_another_one_is_told_of_while_it_lasts_once() {
    let mut world = World::new();
    hook(&world, 1, "UserPromptSubmit", &json!({}));
    world.drain();
    let with = |name: &str, trouble: Trouble| Watched { troubles: [(name.to_owned(), trouble)].into(), ..seen(&ALL) };
    let other = with("argus-hook 12", Trouble::Program("/d/bin/argus-hook".into()));
    for _ in 0..2 {
        world.engine.note_watched(&other).unwrap();
        world.restart();
    }
    world.engine.note_watched(&with("the spool 3", Trouble::Storage("the spool was deleted".into()))).unwrap();
    world.engine.note_watched(&other).unwrap();
    let rules: Vec<String> = told(&world).into_iter().map(|(rule, _)| rule).collect();
    assert_eq!(
        rules,
        ["guard.binary-changed", "guard.storage-touched", "guard.binary-changed"],
        "it came back and went"
    );
}

#[test]
fn what_went_before_the_first_session_is_told_of_with_the_first_one() {
    let mut world = World::new();
    world.engine.note_watched(&seen(&ALL)).unwrap();
    world.engine.note_watched(&seen(&ALL[..1])).unwrap();
    world.restart();
    assert!(world.engine.look_back().unwrap().is_empty(), "there is nobody to tell it of");
    hook(&world, 1, "UserPromptSubmit", &json!({}));
    world.drain();
    world.engine.look_back().unwrap();
    let told = told(&world);
    assert!(told.len() == 1 && told[0].1.contains("Stop in s; the guard in s"), "{told:?}");
    assert!(world.engine.look_back().unwrap().is_empty(), "once");
}

#[test]
fn another_database_in_the_place_of_the_one_that_was_is_told_of_at_the_next_start() {
    let mut world = World::new();
    let folder = world.folder.path().to_owned();
    world.engine.know_database(&folder).unwrap();
    world.engine.know_database(&folder).unwrap();
    let mut fresh = World::new();
    fresh.engine.know_database(&folder).unwrap();
    hook(&fresh, 1, "UserPromptSubmit", &json!({}));
    fresh.drain();
    fresh.engine.look_back().unwrap();
    assert_eq!(told(&fresh).first().map(|(rule, _)| rule.as_str()), Some("guard.storage-touched"));
    fresh.restart();
    fresh.engine.know_database(&folder).unwrap();
    fresh.engine.look_back().unwrap();
    assert_eq!(told(&fresh).len(), 1, "once");
    assert!(told(&world).is_empty());
}

#[test]
fn what_ran_unobserved_while_no_server_ran_for_hours_is_found_by_the_next_one() {
    let mut world = World::new();
    let ago = |hours: i64| Timestamp::from_micros(now_us() - hours * 3_600_000_000);
    world.engine.writer.set_meta("hooks_since", &ago(30).as_micros().to_le_bytes()).unwrap();
    world.engine.writer.set_meta("looked_back_to", &ago(9).as_micros().to_le_bytes()).unwrap();
    let at = jiff::Timestamp::from_microsecond(ago(8).as_micros()).unwrap();
    let call = json!({
        "type": "assistant", "uuid": "u", "timestamp": at.to_string(), "sessionId": SESSION, "cwd": "/home/dev/app", "requestId": "r",
        "message": { "id": "msg", "model": "claude-opus-4-5", "content": [{ "type": "tool_use", "id": "toolu_1", "name": "Bash", "input": { "command": "ls" } }] },
    });
    let result = json!({
        "type": "user", "uuid": "u2", "timestamp": at.to_string(), "sessionId": SESSION, "cwd": "/home/dev/app",
        "message": { "role": "user", "content": [{ "type": "tool_result", "tool_use_id": "toolu_1", "content": "ok" }] },
    });
    let file = world.projects().join(format!("-home-dev-app/{SESSION}.jsonl"));
    std::fs::create_dir_all(file.parent().unwrap()).unwrap();
    std::fs::write(file, format!("{call}\n{result}\n")).unwrap();
    world.scan();
    world.engine.look_back().unwrap();
    let rules: BTreeSet<String> = told(&world).into_iter().map(|(rule, _)| rule).collect();
    assert!(rules.contains("guard.unobserved"), "{rules:?}");
}

#[test]
fn what_the_guard_answered_is_kept_with_its_rules_and_reason_and_joins_in_any_order() {
    let answered = |world: &World, id: &str, seconds: i64, more: &Value| {
        let mut told = json!({ "tool_name": "Bash", "tool_use_id": id });
        told.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        hook(world, seconds, "ArgusGuard", &told);
    };
    let denied = json!({ "decision": "deny", "rules": ["fs.rm-rf", "<b>", 3], "reason": "no" });
    let denied_well = json!({ "decision": "deny", "rules": ["fs.rm-rf", "<b>"], "reason": "fs.rm-rf: token ghp_0123456789abcdefghijABCDEFGHIJ012345" });
    let released = json!({ "decision": "pass", "rules": [], "released": ["priv.sudo"], "reason": "" });
    let silent = json!({ "decision": "pass", "rules": [], "released": [], "reason": "" });
    let stopped = json!({ "decision": "deny", "rules": ["budget.stop"], "reason": "budget.stop: Budget team, 2026-11: $5.20 of $5.00 are spent. Stop here." });
    let mut dumps = Vec::new();
    for order in [[0, 1, 2, 3, 4, 5], [5, 3, 1, 4, 2, 0]] {
        let mut world = World::new();
        for at in order {
            match at {
                0 => answered(&world, "toolu_denied", 60, &denied_well),
                1 => answered(&world, "toolu_denied", 59, &silent),
                2 => answered(&world, "toolu_released", 50, &released),
                3 => answered(&world, "toolu_silent", 40, &silent),
                4 => answered(&world, "toolu_stopped", 30, &stopped),
                _ => answered(&world, "toolu_denied", 58, &denied),
            }
            world.drain();
        }
        let of = |id: &str| world.reader().get_event(&format!("{SESSION}~{id}")).unwrap().unwrap().guard.unwrap();
        let found = of("toolu_denied");
        assert_eq!((found.answer, found.word()), (GuardAnswer::Deny, "deny"));
        assert_eq!(found.ground.rules, ["fs.rm-rf".into()], "what is no id is left out");
        assert!(found.ground.reason.starts_with("fs.rm-rf: token ‹secret"), "{}", found.ground.reason);
        assert_eq!((of("toolu_released").word(), of("toolu_silent").word()), ("released", "pass"));
        let listed = world.reader().list_guarded(None, 10).unwrap().rows;
        let listed: Vec<_> = listed.iter().map(|event| event.tool_use_id.clone().unwrap()).collect();
        assert_eq!(listed, ["toolu_stopped", "toolu_released", "toolu_denied"], "silence is not listed");
        let told = told(&world);
        assert!(
            told.iter().any(|(rule, reason)| rule == "budget.stop" && reason.contains("$5.20 of $5.00")),
            "{told:?}"
        );
        dumps.push(world.alerts().len());
    }
    assert_eq!(dumps[0], dumps[1]);
}

#[test]
fn a_folder_that_a_person_added_is_not_outside_from_then_on_and_after_a_restart() {
    let mut world = World::new();
    let write = |world: &World, id: &str, seconds: i64| {
        let input = json!({ "file_path": "/srv/extra/a.rs", "content": "" });
        hook(world, seconds, "PreToolUse", &json!({ "tool_name": "Write", "tool_use_id": id, "tool_input": input }));
    };
    write(&world, "toolu_before", 50);
    hook(&world, 40, "DirectoryAdded", &json!({ "directory": "/srv/extra", "source": "slash_command" }));
    write(&world, "toolu_after", 30);
    world.drain();
    world.restart();
    write(&world, "toolu_later", 20);
    world.drain();
    let outside: Vec<_> = world.alerts().into_iter().filter(|alert| alert.rule == "fs.write-outside").collect();
    let outside: Vec<_> = outside.iter().map(|alert| alert.tool_use_id.as_deref().unwrap_or_default()).collect();
    assert_eq!(outside, ["toolu_before"]);
}
