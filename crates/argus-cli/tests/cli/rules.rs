//! `argus rules` as a script meets it.

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
