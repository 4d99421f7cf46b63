//! The settings' routes: what they answer, how they refuse, and that they stand behind the same door.

use std::sync::{Arc, Mutex};

use argus_api::dto::{ProfileWord, SettingValues, SettingsRecord, Usd};
use argus_api::{CommandRefused, Commands};
use argus_model::PicoUsd;
use argus_rules::{Profile, Rulebook};
use serde_json::{Map, Value, json};

use crate::served::{Answer, Served};

/// As much of settings as the routes can see: a record, and one name that may be changed.
pub(crate) fn commands() -> Commands {
    let held = Arc::new(Mutex::new(SettingsRecord {
        settings: SettingValues {
            budget_event_usd: Usd(PicoUsd(100_000_000_000)),
            budget_session_usd: Usd(PicoUsd(1_000_000_000_000)),
            budgets: Vec::new(),
            burn_floor_usd: Usd(PicoUsd(5_000_000_000_000)),
            burn_factor: 4,
            agent_depth: 3,
            agent_children: 20,
            rule_profile: ProfileWord::Graded,
            excluded_projects: vec!["~/private".into()],
            is_paused: false,
            paused_until: None,
            retention_days: None,
        },
        fixed: vec!["rule_profile"],
        file: "/data/config.toml".into(),
        budget_problems: vec!["config.toml, line 9: no".into()],
    }));
    let (changing, judging) = (Arc::clone(&held), Arc::clone(&held));
    Commands {
        rulebook: Arc::new(move || {
            let profile = match judging.lock().unwrap().settings.rule_profile {
                ProfileWord::Graded => Profile::Graded,
                ProfileWord::Seed => Profile::Seed,
            };
            Arc::new(Rulebook { profile, ..rulebook() })
        }),
        settings: Arc::new(move || Ok(held.lock().unwrap().clone())),
        change_settings: Arc::new(move |changes: Map<String, Value>| {
            let mut record = changing.lock().unwrap();
            match changes.iter().next().map(|(name, value)| (name.as_str(), value)) {
                Some(("retention_days", Value::Number(days))) => {
                    record.settings.retention_days = days.as_u64().and_then(|days| u32::try_from(days).ok());
                }
                Some(("rule_profile", _)) => record.settings.rule_profile = ProfileWord::Seed,
                Some(("budget_event_usd", _)) => return Err(CommandRefused::File("config.toml, line 3: no".into())),
                Some(("is_paused", _)) => return Err(CommandRefused::NoWriter),
                Some((name, value)) => return Err(CommandRefused::Wrong(format!("{name} cannot be {value}"))),
                None => {}
            }
            Ok(record.clone())
        }),
        ..Commands::default()
    }
}

/// One rule switched off, one excepted, one of the person's own.
fn rulebook() -> Rulebook {
    let told = json!({
        "profile": "graded",
        "tuned": { "git.": { "enabled": false, "severity": "low", "guard": "deny" } },
        "exceptions": [{ "rule": "fs.write-outside", "path": ["/srv/**"], "project": [], "command": [], "reason": "ours", "until_us": 1 }],
        "own": [{ "id": "own.db", "severity": "high", "guard": "ask", "title": "Touches it", "why": "No.", "advice": "Do not.",
            "match": { "name": ["psql"] }, "unless": null }],
    });
    serde_json::from_value(told).unwrap()
}

fn put(served: &Served, headers: &str, body: &str) -> Answer {
    served.request("PUT", "/api/v1/settings", &format!("Content-Type: application/json\r\n{headers}"), body)
}

#[test]
fn settings_are_told_whole_and_changed_in_part() {
    let served = Served::empty();
    let told = served.get_json("/api/v1/settings");
    assert_eq!(
        told,
        json!({
            "settings": { "budget_event_usd": 0.1, "budget_session_usd": 1, "budgets": [],
                "burn_floor_usd": 5, "burn_factor": 4, "agent_depth": 3, "agent_children": 20, "rule_profile": "graded",
                "excluded_projects": ["~/private"], "is_paused": false, "paused_until": null, "retention_days": null },
            "fixed": ["rule_profile"],
            "file": "/data/config.toml",
            "budget_problems": ["config.toml, line 9: no"],
        })
    );
    let changed = put(&served, &served.bearer(), r#"{"retention_days":30}"#);
    assert_eq!((changed.status, changed.json()["settings"]["retention_days"].as_i64()), (200, Some(30)));
    assert_eq!(served.get_json("/api/v1/settings"), changed.json());
    put(&served, &served.bearer(), r#"{"rule_profile":"seed"}"#);
    let told = served.get_json("/api/v1/rules");
    assert_eq!(told["profile"], "seed");
    let rule = |id: &str| told["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == id).unwrap().clone();
    let force = rule("git.push-force");
    assert_eq!(
        (&force["is_enabled"], &force["severity"], &force["act"], &force["origin"]),
        (&json!(false), &json!("low"), &json!("deny"), &json!("tuned"))
    );
    assert_eq!(rule("fs.write-outside")["exceptions"][0]["fits"], json!(["/srv/**"]));
    assert_eq!((&rule("own.db")["origin"], &rule("own.db")["family"]), (&json!("own"), &json!("own")));
}

#[test]
fn a_refused_setting_says_why() {
    let served = Served::empty();
    let say = |body: &str| put(&served, &served.bearer(), body);
    for (body, status, code) in [
        (r#"{"port":"lax"}"#, 400, "bad_setting"),
        (r#"{"budget_event_usd":1}"#, 409, "bad_file"),
        (r#"{"is_paused":true}"#, 503, "no_writer"),
        ("[1]", 400, "bad_request"),
        ("{", 400, "bad_request"),
    ] {
        let answer = say(body);
        assert_eq!((answer.status, answer.code().as_str()), (status, code), "{answer:?}");
    }
    let told = say(r#"{"port":"lax"}"#).json();
    assert_eq!(told["error"]["message"], "port cannot be \"lax\"");
}

#[test]
fn settings_stand_behind_the_same_door() {
    let served = Served::empty();
    let body = r#"{"retention_days":1}"#;
    assert_eq!(put(&served, "", body).status, 401);
    let foreign = format!("{}Origin: http://evil.example\r\n", served.bearer());
    assert_eq!(put(&served, &foreign, body).status, 403);
    assert_eq!(served.post("/api/v1/settings", &served.bearer(), body).status, 405);
    assert_eq!(served.get_json("/api/v1/settings")["settings"]["retention_days"], Value::Null);
}
