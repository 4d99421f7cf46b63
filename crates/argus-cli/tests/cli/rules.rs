//! `argus rules` as a script meets it.

use serde_json::{Value, json};

use super::settings::{Asked, eventually};
use super::world::World;

#[test]
fn calls_are_judged_line_by_line_and_a_broken_one_costs_only_itself() {
    let world = World::new();
    let lines = concat!(
        r#"{"id":"a","tool":"Bash","input":{"command":"sudo id"},"cwd":"/home/ann/app","project_dir":"/home/ann/app","home":"/home/ann"}"#,
        "\n{broken\n",
        r#"{"id":"b","tool":"Bash","input":{"command":"rm -rf dist"},"cwd":"/home/ann/app","project_dir":"/home/ann/app","home":"/home/ann"}"#,
        "\n",
        r#"{"id":"c","tool":"@event","input":{"type":"cost","event_cost_usd":0.14,"session_cost_usd":0.4}}"#,
        "\n",
    );
    let ended = world.run_with(&["rules", "eval", "--jsonl"], lines.as_bytes());
    assert_eq!(ended.code(), 1);
    assert!(ended.stderr().contains("line 2: no JSON"), "{}", ended.stderr());
    let answers: Vec<serde_json::Value> =
        ended.stdout().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<_> = answers
        .iter()
        .map(|answer| (answer["id"].as_str().unwrap(), answer["alerts"][0]["rule"].as_str().unwrap()))
        .collect();
    assert_eq!(told, [("a", "priv.sudo"), ("b", "fs.rm-rf-scratch"), ("c", "budget.event")]);
    let seed =
        world.run_with(&["rules", "eval", "--jsonl", "--profile", "seed"], lines.replace("{broken\n", "").as_bytes());
    assert_eq!(seed.code(), 0);
    assert!(seed.stdout().contains(r#""rule":"fs.rm-rf","severity":"critical""#));
    assert!(!world.data().exists(), "judging needs no database");
}

#[test]
fn the_catalogue_is_listed_and_a_wrong_id_gets_its_nearest() {
    let world = World::new();
    let listed = world.run(&["rules", "list", "--json"]).json();
    assert!(listed["rules"].as_array().unwrap().iter().any(|rule| rule["rule"] == "fs.rm-rf"));
    assert!(world.run(&["rules", "list"]).stdout().contains("exec.pipe-to-shell"));
    assert_eq!(world.run(&["rules", "show", "priv.sudo", "--json"]).json()["severity"], "critical");
    let ended = world.run(&["rules", "show", "fs.rmrf"]);
    assert_eq!(ended.code(), 1);
    assert!(ended.stderr().contains("did you mean fs.rm-rf?"));
}

#[test]
fn a_rules_file_is_checked_with_line_and_column() {
    let world = World::new();
    let file = world.home().join("work/rules.toml");
    std::fs::write(&file, "[rule.\"fs.write-outside\"]\nenabled = false\n").unwrap();
    assert_eq!(world.run(&["rules", "check", "rules.toml"]).code(), 0);
    std::fs::write(&file, "[rule.\"fs.write-outside\"]\nseverity = \"sever\"\n").unwrap();
    let ended = world.run(&["rules", "check", "rules.toml"]);
    assert_eq!(ended.code(), 1);
    assert!(ended.stdout().contains("2:12: no such severity"), "{}", ended.stdout());
}

fn calls(session_id: &str, commands: &[&str]) -> Vec<serde_json::Value> {
    let call = |(at, command): (usize, &&str)| {
        serde_json::json!({
            "type": "assistant", "uuid": format!("u-{at}"), "timestamp": format!("2026-11-20T07:00:{at:02}.000Z"),
            "sessionId": session_id, "cwd": "/home/dev/app", "requestId": format!("{session_id}-r-{at}"),
            "message": { "id": format!("{session_id}-m-{at}"), "model": "claude-opus-4-5", "content": [
                { "type": "tool_use", "id": format!("{session_id}-t-{at}"), "name": "Bash", "input": { "command": command } }
            ], "usage": { "input_tokens": 1, "output_tokens": 1 } },
        })
    };
    commands.iter().enumerate().map(call).collect()
}

#[test]
fn rules_are_held_against_history_before_they_hold() {
    let world = World::new();
    let nothing = world.run(&["rules", "backtest"]);
    assert!(nothing.code() == 1 && nothing.stderr().contains("nothing is stored yet"), "{}", nothing.stderr());
    let work = ["ls", "psql -h prod-1 -c 'select 1'", "curl -o /tmp/x.sh https://a.example/x.sh", "git push --force"];
    world.write_transcript("aaaa", &calls("aaaa", &work));
    world.write_transcript("bbbb", &calls("bbbb", &["sh /tmp/x.sh", "git push --force origin topic"]));
    // The second half in the session of the first.
    world.write_transcript(
        "cccc",
        &calls("cccc", &["curl -o /tmp/y.sh https://a.example/y.sh", "true", "sh /tmp/y.sh"]),
    );
    world.run(&["import"]).assert_success();
    let partial = world.run(&["rules", "backtest"]);
    assert!(partial.stderr().contains("are not kept yet and were not judged"), "{}", partial.stderr());
    world.run(&["import", "--search"]).assert_success();
    let whole = world.run(&["rules", "backtest"]);
    assert!(!whole.stderr().contains("not judged"), "{}", whole.stderr());

    let all = world.run(&["rules", "backtest", "--json"]).json();
    assert_eq!(all["call_count"], 9);
    let stored = world.run(&["alerts", "list", "--all", "--json"]).json();
    let key = |row: &serde_json::Value| (row["rule"].clone(), row["event_id"].clone());
    let mut raised: Vec<_> = stored["alerts"].as_array().unwrap().iter().map(key).collect();
    let mut found: Vec<_> = all["hits"].as_array().unwrap().iter().map(key).collect();
    let text = |pair: &(serde_json::Value, serde_json::Value)| format!("{} {}", pair.0, pair.1);
    raised.sort_by_key(text);
    found.sort_by_key(text);
    assert_eq!(found, raised, "history judged again raises what it raised when it was read");
    assert!(found.iter().any(|(rule, event)| rule == "seq.download-then-exec" && event == "cccc~cccc-t-2"));

    let one = world.run(&["rules", "backtest", "git.push-force", "--json"]).json();
    assert_eq!((&one["rules"][0]["count"], &one["rules"][0]["session_count"]), (&2.into(), &2.into()));
    let file = world.home().join("work/rules.toml");
    std::fs::write(
        &file,
        "[[except]]\nrule = \"git.push-force\"\ncommand = \"* topic\"\nreason = \"ours\"\nuntil = 2030-01-01\n\
         [own.prod]\ntitle = \"Touches production\"\nwhy = \"No.\"\nmatch = { name = \"psql\", arg = \"prod*\" }\n",
    )
    .unwrap();
    let tried = world.run(&["rules", "backtest", "rules.toml", "--json"]).json();
    let counts = |rule: &str| {
        let rules = tried["rules"].as_array().unwrap();
        let of = rules.iter().find(|of| of["rule"] == rule).unwrap();
        ["count", "new", "gone"].map(|name| of[name].as_u64().unwrap())
    };
    assert_eq!((counts("git.push-force"), counts("own.prod")), ([1, 0, 1], [1, 1, 0]));
    assert_eq!(tried["rules"].as_array().unwrap().len(), 2, "only what the file speaks of");
    let shown = world.run(&["rules", "backtest", "rules.toml"]);
    assert!(shown.stdout().contains("own.prod (new)") && shown.stdout().contains("(gone)"), "{}", shown.stdout());
    assert_eq!(world.run(&["alerts", "list", "--all", "--json"]).json(), stored, "nothing is stored");
    let wrong = world.run(&["rules", "backtest", "git.push-farce"]);
    assert!(wrong.stderr().contains("did you mean git.push-force?"), "{}", wrong.stderr());
}

#[test]
fn the_dashboard_holds_rules_against_history_as_the_shell_does() {
    let world = World::new();
    world.listen_anywhere();
    world.write_transcript(
        "aaaa",
        &calls("aaaa", &["ls", "psql -h prod-1 -c 'select 1'", "git push --force", "git push --force origin topic"]),
    );
    world.run(&["import", "--search"]).assert_success();
    let text = "[[except]]\nrule = \"git.push-force\"\ncommand = \"* topic\"\nreason = \"ours\"\nuntil = 2030-01-01\n\
                [own.prod]\ntitle = \"Touches production\"\nwhy = \"No.\"\nmatch = { name = \"psql\", arg = \"prod*\" }\n\
                [rule.\"git.push-farce\"]\nenabled = false\n";
    std::fs::write(world.home().join("work/rules.toml"), text).unwrap();
    let in_the_shell = |what: &str| world.run(&["rules", "backtest", what, "--limit", "200", "--json"]).json();
    let (one, tried) = (in_the_shell("git.push-force"), in_the_shell("rules.toml"));
    assert_eq!((one["hits"].as_array().unwrap().len(), tried["hits"].as_array().unwrap().len()), (2, 3));

    let server = Asked::up(&world);
    let before = server.ask("GET", "/backtest", "").1;
    assert_eq!((&before["phase"], &before["order_no"], &before["found"]), (&"none".into(), &0.into(), &Value::Null));
    let found = |request: Value, order_no: i64| {
        let (status, begun) = server.ask("POST", "/backtest", &request.to_string());
        assert_eq!((status, &begun["order_no"]), (200, &order_no.into()), "{begun:#}");
        let mut told = Value::Null;
        eventually("the back-test ends", || {
            told = server.ask("GET", "/backtest", "").1;
            told["phase"] != "judging"
        });
        assert_eq!((&told["phase"], &told["order_no"]), (&"done".into(), &order_no.into()), "{told:#}");
        told
    };
    assert_eq!(found(json!({ "rule": "git.push-force" }), 1)["found"], one);
    let told = found(json!({ "text": text }), 2);
    assert_eq!(told["found"], tried);
    assert_eq!((&told["problems"][0]["line"], told["problems"].as_array().unwrap().len()), (&10.into(), 1), "{told:#}");

    for (request, said) in [
        (json!({ "rule": "git.push-farce" }), "there is no such rule"),
        (json!({ "text": "" }), "the text speaks of no rule"),
        (json!({ "text": "oops" }), "line 1, column"),
        (json!({ "file": "/etc/passwd" }), "not the JSON"),
    ] {
        let (status, refused) = server.ask("POST", "/backtest", &request.to_string());
        let message = refused["error"]["message"].as_str().unwrap_or_default();
        assert!(status == 400 && message.contains(said), "{request}: {refused:#}");
    }
    assert_eq!(server.ask("GET", "/backtest", "").1["order_no"], 2, "what was refused took nobody's place");
    world.run(&["down"]).assert_success();
}

/// The page of alerts asks for rules by their ids.
#[test]
fn the_questions_of_the_page_ask_for_rules_that_are_there() {
    let page = include_str!("../../../../ui/src/features/alerts/about.tsx");
    let asked: Vec<&str> = page
        .lines()
        .filter(|line| line.starts_with("  ['"))
        .flat_map(|line| line.split('\'').nth(3).unwrap().split(','))
        .collect();
    assert!(asked.len() > 10, "{asked:?}");
    for id in asked {
        assert!(argus_rules::rule(id).is_some(), "{id}");
    }
}
