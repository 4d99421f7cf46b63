//! The alert feed over a small real database, and what people say in it.

use argus_model::{AgentId, AlertFact, EventKey, First, Ground, Severity, Timestamp};
use argus_store::{Batch, Writer};
use serde_json::{Value, json};

use crate::served::{NOW, Served};
use crate::story::{HOSTILE, SESSION, tell};

fn alert(key: &str, rule: &str, severity: Severity, second: i64) -> AlertFact {
    let at = Timestamp::from_micros(NOW.as_micros() - 60_000_000 + second * 1_000_000);
    let ground = Ground {
        severity,
        reason: format!("because {HOSTILE}"),
        evidence: Some("cargo build && sudo make".into()),
        mark: Some((15, 24)),
        effective: Some("sudo make".into()),
        paths: Vec::new(),
        rule_version: Some(1),
    };
    AlertFact {
        session_id: SESSION.into(),
        key: EventKey::new(key),
        rule: rule.into(),
        agent_id: AgentId::main(),
        tool_name: Some("Bash".into()),
        ground: First::of(0, at, ground),
    }
}

fn tell_alerts(writer: &mut Writer) {
    tell(writer);
    let alerts = vec![
        alert("toolu_bash", "priv.sudo", Severity::Critical, 5),
        alert("toolu_other", "priv.sudo", Severity::Critical, 6),
        alert("toolu_other", "fs.write-tmp", Severity::Info, 7),
        alert("session", "budget.session", Severity::Medium, 8),
    ];
    writer.apply(&[Batch { alerts, ..Batch::default() }]).unwrap();
}

fn rules(answer: &Value) -> Vec<&str> {
    answer["alerts"].as_array().unwrap().iter().map(|alert| alert["rule"].as_str().unwrap()).collect()
}

#[test]
fn alerts_come_newest_first_in_pages_with_what_was_asked_for() {
    let served = Served::over(tell_alerts);
    let all = served.get_json("/api/v1/alerts");
    assert_eq!(rules(&all), ["budget.session", "fs.write-tmp", "priv.sudo", "priv.sudo"]);
    assert_eq!(all["open"], json!({ "critical": 2, "high": 0, "medium": 1, "low": 0, "info": 1 }));
    let first = served.get_json("/api/v1/alerts?severity=medium&limit=2");
    assert_eq!(rules(&first), ["budget.session", "priv.sudo"]);
    let cursor = first["next_cursor"].as_str().unwrap();
    let second = served.get_json(&format!("/api/v1/alerts?severity=medium&limit=2&cursor={cursor}"));
    assert_eq!(rules(&second), ["priv.sudo"]);
    for (filter, count) in [
        ("family=budget", 1),
        ("family=bud", 0),
        ("rule=priv.sudo", 2),
        ("rule=priv.sudo,budget.session", 3),
        ("past=false", 4),
        ("past=true", 0),
        ("fingerprint=0000000000000000", 0),
        ("project=shop&state=open", 4),
        ("project=other", 0),
        ("session_id=nobody", 0),
        ("since=2026-11-22T06:59:07Z", 2),
        ("state=resolved,muted", 0),
    ] {
        assert_eq!(rules(&served.get_json(&format!("/api/v1/alerts?{filter}"))).len(), count, "{filter}");
    }
    for bad in ["state=opne", "severity=bad", "rules=x", "cursor=x", "past=maybe", "fingerprint=x"] {
        assert_eq!(served.get(&format!("/api/v1/alerts?{bad}")).status, 400, "{bad}");
    }
    let session = served.get_json(&format!("/api/v1/sessions/{SESSION}"))["session"].clone();
    assert_eq!((session["alert_count"].as_i64(), session["worst_severity"].as_str()), (Some(3), Some("critical")));
    assert_eq!(session["open_alert_count"], 3);
}

#[test]
fn groups_fold_what_happened_again() {
    let served = Served::over(tell_alerts);
    let groups = served.get_json("/api/v1/alerts/groups?rule=priv.sudo")["groups"].clone();
    assert_eq!(
        (groups[0]["count"].as_i64(), groups[0]["open_count"].as_i64(), groups[1].is_null()),
        (Some(2), Some(2), true)
    );
    assert_eq!(groups[0]["latest"]["evidence"], json!({ "text": "cargo build && sudo make", "from": 15, "to": 24 }));
    assert_eq!(groups[0]["first_seen_at"], "2026-11-22T06:59:05.000000Z");
    assert_eq!((&groups[0]["session_count"], &groups[0]["past_count"]), (&1.into(), &0.into()));
    let same = groups[0]["fingerprint"].as_str().unwrap();
    let each = served.get_json(&format!("/api/v1/alerts?fingerprint={same}"))["alerts"].clone();
    assert_eq!((each[0]["count"].as_i64(), each[1]["count"].as_i64(), each[2].is_null()), (Some(2), Some(2), true));
    assert_eq!((&each[1]["first_seen_at"], &each[1]["last_seen_at"]), (&each[1]["raised_at"], &each[0]["raised_at"]));
    let paged = served.get_json("/api/v1/alerts/groups?limit=1");
    let cursor = paged["next_cursor"].as_str().unwrap();
    let next = served.get_json(&format!("/api/v1/alerts/groups?limit=1&cursor={cursor}"));
    assert_eq!(
        (paged["groups"][0]["rule"].as_str(), next["groups"][0]["rule"].as_str()),
        (Some("budget.session"), Some("fs.write-tmp"))
    );
}

#[test]
fn one_alert_tells_its_rule_and_its_story_and_unknown_ones_are_not_found() {
    let served = Served::over(tell_alerts);
    let id = format!("{SESSION}~toolu_other~priv.sudo");
    let told = served.get_json(&format!("/api/v1/alerts/{id}"));
    assert_eq!(told["alert"]["alert_id"], id.as_str());
    assert_eq!(told["rule"]["rule"], "priv.sudo");
    assert!(told["rule"]["why"].as_str().unwrap().len() > 10);
    assert_eq!(told["history"], json!([]));
    let alert = &told["alert"];
    assert_eq!((&alert["effective"], &alert["rule_version"]), (&"sudo make".into(), &1.into()));
    let allowance = told["allowance"]["text"].as_str().unwrap();
    let wanted =
        "[[except]]\nrule = \"priv.sudo\"\nproject = \"/home/dev/shop\"\ncommand = \"sudo make\"\nreason = \"\"";
    assert!(allowance.starts_with(wanted) && allowance.ends_with("\nuntil = 2027-02-20\n"), "{allowance}");
    assert_eq!(served.get("/api/v1/alerts/nobody~x~y").status, 404);
    assert_eq!(served.get("/api/v1/alerts/nonsense").status, 404);
}

#[test]
fn people_say_what_became_of_an_alert_and_of_its_group() {
    let served = Served::over(tell_alerts);
    let id = format!("{SESSION}~toolu_bash~priv.sudo");
    let say = |body: &Value| served.post(&format!("/api/v1/alerts/{id}"), &served.bearer(), &body.to_string());
    let done = say(&json!({ "action": "acknowledge" }));
    assert_eq!((done.status, done.json()["alert"]["state"].as_str()), (200, Some("acknowledged")), "{done:?}");
    for refused in [
        json!({ "action": "resolve" }),
        json!({ "action": "resolve", "reason": "  " }),
        json!({ "action": "mute" }),
        json!({ "action": "mute", "until": "2020-01-01" }),
        json!({ "action": "delete" }),
        json!({ "action": "acknowledge", "extra": 1 }),
        json!({ "action": "acknowledge", "scope": "everything" }),
    ] {
        assert_eq!(say(&refused).status, 400, "{refused}");
    }
    let all = say(&json!({ "action": "resolve", "reason": HOSTILE, "scope": "group" })).json();
    assert_eq!((all["changed_count"].as_i64(), all["alert"]["state_reason"].as_str()), (Some(2), Some(HOSTILE)));
    assert_eq!(served.get_json("/api/v1/alerts")["open"]["critical"], 0);
    let history = served.get_json(&format!("/api/v1/alerts/{id}"))["history"].clone();
    assert_eq!(history.as_array().unwrap().len(), 2);
    let of = |at: usize| ["actor", "alert_count", "is_about_this"].map(|name| history[at][name].clone());
    assert_eq!((of(0), of(1)), ([json!("script"), json!(1), json!(true)], [json!("script"), json!(2), json!(true)]));
    say(&json!({ "action": "reopen", "is_terminal": true }));
    let history = served.get_json(&format!("/api/v1/alerts/{id}"))["history"].clone();
    assert_eq!(history[2]["actor"], "terminal");
    say(&json!({ "action": "mute", "until": "2027-01-01T00:00:00Z" }));
    assert_eq!(served.get_json(&format!("/api/v1/alerts/{id}"))["alert"]["muted_until"], "2027-01-01T00:00:00.000000Z");
    assert_eq!(served.post("/api/v1/alerts/no~such~alert", &served.bearer(), r#"{"action":"reopen"}"#).status, 404);
}

#[test]
fn what_is_muted_is_told_with_its_end_and_who_said_so_and_ends_once() {
    let served = Served::over(tell_alerts);
    assert_eq!(served.get_json("/api/v1/mutes"), json!({ "mutes": [], "exceptions": [], "rules_off": ["git."] }));
    let say = |path: &str, body: Value| served.post(&format!("/api/v1/{path}"), &served.bearer(), &body.to_string());
    let id = format!("alerts/{SESSION}~toolu_bash~priv.sudo");
    let until = "2027-01-01T00:00:00.000000Z";
    say(&id, json!({ "action": "mute", "until": until, "scope": "group", "reason": HOSTILE }));
    say(&format!("alerts/{SESSION}~session~budget.session"), json!({ "action": "mute", "until": until }));
    let mutes = served.get_json("/api/v1/mutes")["mutes"].clone();
    assert_eq!(mutes.as_array().unwrap().len(), 2, "{mutes:#}");
    let of = |reach: &str| mutes.as_array().unwrap().iter().find(|mute| mute["reach"] == reach).unwrap().clone();
    let (group, alone) = (of("group"), of("alert"));
    for (name, value) in [
        ("rule", json!("priv.sudo")),
        ("until", json!(until)),
        ("reason", json!(HOSTILE)),
        ("actor", json!("script")),
        ("alert_count", json!(2)),
        ("example", json!("cargo build && sudo make")),
    ] {
        assert_eq!(group[name], value, "{name}");
    }
    assert_eq!(
        (&alone["mute_id"], &alone["alert_count"], &alone["rule"]),
        (&json!(null), &json!(1), &json!("budget.session"))
    );
    assert_eq!(served.get_json("/api/v1/alerts")["open"]["critical"], 0);

    let path = format!("mutes/{}", group["mute_id"].as_str().unwrap());
    for refused in [json!({}), json!({ "action": "begin" }), json!({ "action": "end", "more": 1 })] {
        assert_eq!(say(&path, refused.clone()).status, 400, "{refused}");
    }
    for unknown in ["mutes/99", "mutes/x", "mutes/-1"] {
        assert_eq!(say(unknown, json!({ "action": "end" })).status, 404, "{unknown}");
    }
    let ended = say(&path, json!({ "action": "end", "is_terminal": true }));
    assert_eq!((ended.status, &ended.json()["changed_count"]), (200, &json!(2)));
    assert_eq!(say(&path, json!({ "action": "end" })).status, 404, "it has ended");
    let after = served.get_json("/api/v1/mutes")["mutes"].clone();
    assert_eq!((after.as_array().unwrap().len(), &after[0]["reach"]), (1, &json!("alert")));
    assert_eq!(served.get_json("/api/v1/alerts")["open"]["critical"], 2);
    assert_eq!(served.get_json(&format!("/api/v1/{id}"))["history"][1]["actor"], "terminal");
}

#[test]
fn the_catalogue_tells_what_each_rule_has_raised() {
    let served = Served::over(tell_alerts);
    let list = served.get_json("/api/v1/rules");
    let sudo = list["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == "priv.sudo").unwrap().clone();
    assert_eq!((sudo["alert_count"].as_i64(), sudo["severity"].as_str()), (Some(2), Some("critical")));
    assert_eq!(sudo["days"], json!([{ "day": "2026-11-22", "count": 2 }]));
    assert_eq!(list["profile"], "graded");
    // What people said of its alerts tells how often it cries wolf.
    assert_eq!((&sudo["resolved_count"], &sudo["false_count"]), (&json!(0), &json!(0)));
    for (key, reason) in [("toolu_bash", "false alarm: our own script"), ("toolu_other", "repaired, no false alarm")] {
        let body = json!({ "action": "resolve", "reason": reason }).to_string();
        let path = format!("/api/v1/alerts/{SESSION}~{key}~priv.sudo");
        assert_eq!(served.post(&path, &served.bearer(), &body).status, 200);
    }
    let list = served.get_json("/api/v1/rules");
    let sudo = list["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == "priv.sudo").unwrap();
    let counts = ["resolved_count", "false_count", "open_count"].map(|name| sudo[name].as_i64().unwrap());
    assert_eq!(counts, [2, 1, 0]);
}

#[test]
fn all_of_history_is_dealt_with_at_once_and_nothing_else() {
    let served = Served::over(|writer| {
        tell_alerts(writer);
        let mut old = alert("toolu_old", "priv.sudo", Severity::Critical, -100_000);
        let ground = old.ground.get().cloned().unwrap();
        old.ground = First::of(1, Timestamp::from_micros(NOW.as_micros() - 100_000_000_000), ground);
        writer.apply(&[Batch { alerts: vec![old], ..Batch::default() }]).unwrap();
    });
    let say = |body: &Value| served.post("/api/v1/alerts/past", &served.bearer(), &body.to_string());
    let counts = |served: &Served| {
        let page = served.get_json("/api/v1/alerts?past=true");
        ["open", "past"].map(|name| page[name]["critical"].as_i64().unwrap())
    };
    assert_eq!(counts(&served), [2, 1]);
    for refused in [json!({ "action": "resolve" }), json!({ "action": "acknowledge", "scope": "group" })] {
        assert_eq!(say(&refused).status, 400, "{refused}");
    }
    let done = say(&json!({ "action": "resolve", "reason": "from before" })).json();
    assert_eq!((&done["changed_count"], counts(&served)), (&1.into(), [2, 0]));
    let session = served.get_json(&format!("/api/v1/sessions/{SESSION}"))["session"].clone();
    assert_eq!((&session["alert_count"], &session["open_alert_count"]), (&4.into(), &3.into()));
}

#[test]
fn exceptions_are_added_by_a_browser_and_by_no_script() {
    let served = Served::empty();
    let body = json!({ "text": "[[except]]" }).to_string();
    let refused = served.post("/api/v1/rules/exceptions", &served.bearer(), &body);
    assert_eq!((refused.status, refused.code().as_str()), (403, "person_needed"));
    let code = served.post("/api/v1/auth/code", &served.bearer(), "{}").json()["code"].clone();
    let browser = served.post("/api/v1/auth/exchange", "", &json!({ "code": code }).to_string()).json();
    let bearer = format!("Authorization: Bearer {}\r\n", browser["token"].as_str().unwrap());
    // Nobody writes here: it got as far as that.
    assert_eq!(served.post("/api/v1/rules/exceptions", &bearer, &body).status, 503);
    assert_eq!(served.post("/api/v1/rules/exceptions", &bearer, "{}").status, 400);
}
