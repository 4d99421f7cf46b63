//! `argus alerts` as a person and a script meet it, with a running server and without one.

use std::fs;

use serde_json::{Value, json};

use super::settings::Asked;
use super::world::World;

const SESSION: &str = "aaaaaaaa-0000-4000-8000-000000000001";
const OTHER: &str = "bbbbbbbb-0000-4000-8000-000000000002";

/// Calls of a session, as a transcript of long ago tells them.
fn calls(session_id: &str, commands: &[&str]) -> Vec<Value> {
    let call = |(at, command): (usize, &&str)| {
        json!({
            "type": "assistant", "uuid": format!("u-{at}"), "timestamp": format!("2026-01-20T07:00:{at:02}.000Z"),
            "sessionId": session_id, "cwd": "/home/dev/app", "requestId": format!("{session_id}-r-{at}"),
            "message": { "id": format!("{session_id}-m-{at}"), "model": "claude-opus-4-5", "content": [
                { "type": "tool_use", "id": format!("{session_id}-t-{at}"), "name": "Bash", "input": { "command": command } }
            ], "usage": { "input_tokens": 1, "output_tokens": 1 } },
        })
    };
    commands.iter().enumerate().map(call).collect()
}

fn world() -> World {
    let world = World::new();
    world.listen_anywhere();
    world.write_transcript(SESSION, &calls(SESSION, &["sudo ls", "sudo ls", "git push --force", "rm -rf /srv/data"]));
    world.write_transcript(OTHER, &calls(OTHER, &["sudo ls", "\u{1b}[2J && sudo id"]));
    world.run(&["import"]).assert_success();
    world
}

fn listed(world: &World, more: &[&str]) -> Value {
    world.run(&[&["alerts", "list", "--json"], more].concat()).json()
}

fn rules(page: &Value) -> Vec<&str> {
    page["alerts"].as_array().unwrap().iter().map(|alert| alert["rule"].as_str().unwrap()).collect()
}

fn state(world: &World, id: &str) -> String {
    world.run(&["alerts", "show", id, "--json"]).json()["alert"]["state"].as_str().unwrap().to_owned()
}

#[test]
fn history_is_listed_as_past_and_asks_for_nothing() {
    let world = world();
    let page = listed(&world, &[]);
    assert_eq!(rules(&page).len(), 6, "{page:#}");
    assert!(page["open"].as_object().unwrap().values().all(|count| *count == 0), "{page:#}");
    assert_eq!((&page["past"]["critical"], rules(&listed(&world, &["--news"])).len()), (&5.into(), 0));
    assert_eq!(rules(&listed(&world, &["--past", "--rule", "git.push-force"])), ["git.push-force"]);
    let shown = world.run(&["alerts"]);
    assert!(
        shown.stdout().contains("open, past") && shown.stderr().contains("argus alerts --past"),
        "{}",
        shown.stderr()
    );
    assert!(!shown.stdout().contains('\u{1b}'), "{}", shown.stdout());
    // As many as the command that it names ends.
    assert!(shown.stderr().contains("Of history 6 are open, 6 of them medium or graver"), "{}", shown.stderr());
    assert_eq!(world.run(&["alerts", "--past", "--news"]).code(), 2);
    // One command ends all of it.
    assert_eq!(world.run(&["alerts", "resolve", "--past"]).code(), 2, "not without a reason");
    let ended = world.run(&["alerts", "resolve", "--past", "--reason", "from before", "--json"]).json();
    assert_eq!((&ended["changed_count"], &ended["state"]), (&6.into(), &"resolved".into()));
    assert_eq!(rules(&listed(&world, &[])), [""; 0]);
    assert_eq!(rules(&listed(&world, &["--state", "resolved"])).len(), 6);
}

#[test]
fn the_same_is_one_row_and_one_word_wherever_it_happened() {
    let world = world();
    let groups = listed(&world, &["--grouped"])["groups"].clone();
    let sudo = groups.as_array().unwrap().iter().find(|group| group["count"] == 3).unwrap().clone();
    assert_eq!((&sudo["rule"], &sudo["session_count"]), (&"priv.sudo".into(), &2.into()), "{groups:#}");
    let text = world.run(&["alerts", "--grouped"]).stdout();
    assert!(text.contains("COUNT") && text.lines().count() == groups.as_array().unwrap().len() + 1, "{text}");
    let number =
        text.lines().find(|line| line.contains("sudo ls")).unwrap().split_whitespace().last().unwrap().to_owned();
    let shown = world.run(&["alerts", "show", &number]).stdout();
    assert!(shown.contains("3 times in 2 sessions") && shown.contains("[[except]]"), "{shown}");
    let answer = world.run(&["alerts", "ack", &number, "--group", "--json"]).json();
    assert_eq!((&answer["changed_count"], &answer["state"]), (&3.into(), &"acknowledged".into()));
    assert_eq!(world.run(&["alerts", "ack", "1", "--group", "--reach", "session"]).code(), 2);
}

/// Everything that can be said, one after the other.
fn say_everything(world: &World) {
    let page = listed(world, &["--rule", "priv.sudo"]);
    let id = page["alerts"][0]["alert_id"].as_str().unwrap();
    let said = |arguments: &[&str]| world.run(&[&["alerts"], arguments, &["--json"]].concat());
    assert_eq!(said(&["resolve", id]).code(), 2);
    assert_eq!(said(&["mute", id]).code(), 2, "until when");
    assert_eq!(said(&["mute", id, "--until", "2020-01-01"]).code(), 2, "a time to come");
    assert_eq!(said(&["ack"]).code(), 2, "which");
    assert_eq!(said(&["ack", "no~such~alert"]).code(), 1);
    assert_eq!(said(&["show", "99999"]).code(), 1);
    said(&["ack", id]).assert_success();
    assert_eq!(state(world, id), "acknowledged");
    said(&["resolve", id, "--reason", "it was me"]).assert_success();
    assert_eq!(state(world, id), "resolved");
    said(&["reopen", id]).assert_success();
    assert_eq!(state(world, id), "open");
    let muted = said(&["mute", id, "--until", "7d", "--reach", "session"]).json();
    assert_eq!((&muted["changed_count"], state(world, id)), (&2.into(), "muted".to_owned()));
    let told = world.run(&["alerts", "show", id, "--json"]).json();
    let history = told["history"].as_array().unwrap();
    let states: Vec<_> = history.iter().map(|one| one["state"].as_str().unwrap()).collect();
    assert_eq!(states, ["acknowledged", "resolved", "open", "muted"]);
    assert!(history.iter().all(|one| one["actor"] == "terminal"), "{told:#}");
    let shown = world.run(&["alerts", "show", id]).stdout();
    assert!(shown.contains("resolved (terminal): it was me") && shown.contains("muted until"), "{shown}");

    let mutes = world.run(&["alerts", "mutes", "--json"]).json();
    let mute = &mutes["mutes"][0];
    assert_eq!(
        (&mute["reach"], &mute["actor"], &mute["alert_count"]),
        (&"session".into(), &"terminal".into(), &2.into())
    );
    let number = mute["mute_id"].as_str().unwrap();
    let table = world.run(&["alerts", "mutes"]).stdout();
    assert!(table.contains("priv.sudo") && table.contains("terminal"), "{table}");
    assert_eq!(said(&["unmute", "99"]).code(), 1);
    assert_eq!(said(&["unmute", number]).json()["changed_count"], 2);
    assert_eq!(state(world, id), "open");
    assert_eq!(world.run(&["alerts", "mutes", "--json"]).json()["mutes"], serde_json::json!([]));
    assert_eq!(said(&["unmute", number]).code(), 1, "it has ended");
    said(&["mute", id, "--until", "7d"]).assert_success();
}

#[test]
fn what_is_said_holds_without_a_server() {
    say_everything(&world());
}

#[test]
fn what_is_said_holds_with_a_server() {
    let world = world();
    let server = Asked::up(&world);
    say_everything(&world);
    // The dashboard's writer took it: the server's own answer says the same.
    let page = server.ask("GET", "/alerts?state=muted", "").1;
    assert!(!page["alerts"].as_array().unwrap().is_empty(), "{page:#}");
    assert_eq!(server.ask("POST", "/rules/exceptions", "{\"text\":\"\"}").0, 403, "no script's word");
}

#[test]
fn an_own_rule_is_explained_and_what_would_allow_an_alert_is_a_sound_entry() {
    let world = World::new();
    world.listen_anywhere();
    fs::write(
        world.data().join("rules.toml"),
        "# mine\n[own.prod-db]\ntitle = \"Touches production\"\nwhy = \"Only a release does.\"\n\
         match = { name = \"psql\", arg = \"*prod*\" }\n",
    )
    .unwrap();
    world.write_transcript(SESSION, &calls(SESSION, &["timeout 5 psql -h prod-1 -c 'select \\*'"]));
    world.run(&["import"]).assert_success();
    let alert = listed(&world, &[])["alerts"][0].clone();
    let id = alert["alert_id"].as_str().unwrap();
    assert_eq!(alert["rule"], "own.prod-db");
    let shown = world.run(&["alerts", "show", id]).stdout();
    assert!(shown.contains("Touches production") && shown.contains("Only a release does."), "{shown}");
    let told = world.run(&["alerts", "show", id, "--json"]).json();
    let entry = told["allowance"]["text"].as_str().unwrap().replace("reason = \"\"", "reason = \"ours\"");
    let whole = format!("{}{entry}", fs::read_to_string(world.data().join("rules.toml")).unwrap());
    let file = world.home().join("work/tried.toml");
    fs::write(&file, whole).unwrap();
    assert_eq!(world.run(&["rules", "check", "tried.toml"]).code(), 0, "{entry}");
    // Without a person nothing is allowed.
    let refused = world.run(&["alerts", "allow", id, "--reason", "ours"]);
    assert!(refused.code() == 1 && refused.stderr().contains("needs a person"), "{}", refused.stderr());
}
