//! The file for support, with everything planted that must not be in it.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde_json::{Value, json};

use crate::world::{World, transcript};

const SECRET: &str = concat!("sk-ant-api03-", "Zk3vQ9xT7mLpR2sWcY8nB4hJ6dF1gA5eU0iOqXzVtKrMwNbPyHj");
const PLANTED: [&str; 15] = [
    "plantedproject",
    "planted-branch",
    "plantedprompt",
    "planteduser",
    "Zk3vQ9xT7mLp",
    "plantedplace",
    "plantedhook",
    "plantedteam",
    "plantedhost",
    "plantedkey",
    "plantedbudget",
    "plantedmodel",
    "plantedrule",
    "plantedown",
    "plantedroot",
];

/// Names of a person's own in each file of settings, with a mistake in each that is told of.
fn plant_settings(world: &World) {
    fs::write(
        world.data().join("config.toml"),
        "webhooks = [{ name = 'plantedhook', url = 'nowhere', plantedkey = 1 },\n\
         { name = 'plantedteam', url = 'https://alerts.plantedhost.example/in' }]\n\
         budgets = [{ name = 'plantedbudget client', amount_usd = -1 }]\n\
         [capture]\nexcluded_projects = ['/home/planteduser/plantedplace/other']\n",
    )
    .unwrap();
    let told = json!({ "plantedteam": { "last_alert_no": 1, "problem": "alerts.plantedhost.example: no answer" } });
    fs::write(world.data().join("webhooks.json"), told.to_string()).unwrap();
    fs::write(world.data().join("prices.toml"), "[[price]]\nmodel = 'plantedmodel-1'\nsince = 'never'\n").unwrap();
    fs::write(
        world.data().join("rules.toml"),
        "[rule.\"plantedrule.x\"]\nenabled = false\n[own.plantedown]\nmatch = { name = 'psql' }\n",
    )
    .unwrap();
}

#[test]
fn the_bundle_holds_nothing_of_people_and_their_work() {
    let world = World::new();
    let mut lines = transcript("aaaa-1", "plantedprompt of mine");
    for line in &mut lines {
        line["cwd"] = json!("/home/planteduser/plantedplace/plantedproject");
        line["gitBranch"] = json!("planted-branch");
    }
    lines.push(json!({ "type": "user", "sessionId": "aaaa-1", "broken": "plantedprompt" }));
    world.write_transcript("aaaa-1", &lines);
    let broken = world.home().join(".claude/projects/-home-dev/bbbb.jsonl");
    fs::write(broken, "{\"plantedprompt\": plantedprompt\n").unwrap();
    world.run(&["import", "--search"]).assert_success();
    fs::write(world.home().join(".claude/settings.json"), "{ \"hooks\": \"plantedprompt\" ").unwrap();
    plant_settings(&world);
    let log = |error: String, more: &str| {
        json!({
            "timestamp": "2026-11-22T07:00:00.000000Z", "level": "ERROR", "target": "argus_ingest::pipeline",
            "fields": { "message": "ingest failed; trying again", "error": error, "more": more },
            "span": { "name": "plantedprompt" },
        })
        .to_string()
    };
    let log = [
        log("cannot read /home/planteduser/plantedplace/plantedproject/x.jsonl: gone".into(), "plantedprompt"),
        log("invalid type: string \"plantedprompt \\\"of\\\" mine\", expected u8".into(), "plantedprompt"),
        log(format!("key {SECRET} of planteduser in plantedproject on planted-branch"), "x"),
        "thread 'x' panicked at 'plantedprompt".into(),
        "plantedprompt".into(),
        "error: cannot open /home/planteduser/plantedplace: denied".into(),
    ]
    .join("\n");
    fs::create_dir_all(world.data().join("log")).unwrap();
    fs::write(world.data().join("log/argus.log"), log).unwrap();

    let make = |arguments: &[&str]| {
        let mut command = world.command(arguments);
        command.env("USER", "planteduser");
        world.end_of(command, b"")
    };
    let root = world.home().join(".claude");
    let made = make(&[
        "--config-root",
        root.to_str().unwrap(),
        "--config-root",
        "/srv/plantedroot",
        "doctor",
        "--bundle",
        "b.json",
    ]);
    made.assert_success();
    let path = world.home().join("work/b.json");
    assert_eq!(made.stdout().trim_end(), path.to_str().unwrap());
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    let home = world.home().to_str().unwrap();
    for planted in PLANTED.into_iter().chain([home]) {
        assert!(!text.contains(planted), "{planted}: {text}");
    }
    let bundle: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(bundle["database"]["rows"]["session"], 1, "{text}");
    assert_eq!(bundle["database"]["schema_version"].as_i64().map(|version| version >= 6), Some(true));
    assert_eq!(bundle["configuration"]["data_dir"], "~/…");
    assert_eq!(bundle["configuration"]["config_roots"], json!(["~/.claude", "<path>"]));
    for (check, word) in [
        ("budgets", "budget <name> is left out"),
        ("webhooks", "webhook <name>"),
        ("webhooks", "to <name> (<name>) did not arrive: <name>: no answer"),
        ("prices", "the price of <name>"),
    ] {
        let told = |finding: &&Value| finding["check"] == check && finding["message"].as_str().unwrap().contains(word);
        assert!(bundle["doctor"].as_array().unwrap().iter().find(told).is_some(), "{check}: {text}");
    }
    assert_eq!(bundle["configuration"]["excluded_project_count"], 1);
    assert_eq!(bundle["log"]["lines"].as_array().unwrap().len(), 4, "{text}");
    assert_eq!(bundle["log"]["left_out"], 2);
    assert_eq!(bundle["log"]["lines"][0]["error"], "cannot read <path>: gone");
    assert!(bundle["doctor"].as_array().unwrap().iter().any(|finding| finding["check"] == "settings"), "{text}");

    let again = make(&["doctor", "--bundle", "b.json"]);
    assert_eq!(again.code(), 1);
    assert!(again.stderr().contains("--force"), "{}", again.stderr());
    make(&["doctor", "--bundle", "b.json", "--force", "--json"]).assert_success();
    let unnamed = make(&["doctor", "--bundle", "--json"]);
    unnamed.assert_success();
    let path = unnamed.json()["path"].as_str().unwrap().to_owned();
    assert!(path.contains("argus-support-") && fs::exists(&path).unwrap(), "{path}");
}
