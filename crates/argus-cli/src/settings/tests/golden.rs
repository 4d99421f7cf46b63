//! What is written for each client generation, byte for byte (trust.md A12), and the layouts worth seeing.
//!
//! `ARGUS_UPDATE=1` rewrites the golden files; look at the difference before committing it.

use std::path::Path;

use crate::settings::events::Version;
use crate::settings::registration::{detect, register, unregister};
use crate::settings::{Handler, Registration, list_events};

fn registration(oldest: Option<Version>) -> Registration {
    let handler = Handler::new(Path::new("/home/dev/.local/share/argus/bin/argus-hook"), oldest).unwrap();
    Registration { events: list_events(oldest).into_iter().map(str::to_owned).collect(), handler }
}

fn few() -> Registration {
    let mut registration = registration(None);
    registration.events = vec!["PreToolUse".into(), "Stop".into()];
    registration
}

fn assert_golden(name: &str, actual: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden/settings").join(name);
    if std::env::var_os("ARGUS_UPDATE").is_some() {
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, actual).unwrap();
    }
    assert_eq!(actual, std::fs::read_to_string(&path).unwrap_or_default(), "{}", path.display());
}

#[test]
fn each_client_generation_gets_its_golden_settings() {
    for (name, version) in [
        ("unknown-client.json", None),
        ("claude-2.1.80.json", Some(Version(2, 1, 80))),
        ("claude-2.1.120.json", Some(Version(2, 1, 120))),
        ("claude-2.1.240.json", Some(Version(2, 1, 240))),
        ("claude-2.1.328.json", Some(Version(2, 1, 328))),
    ] {
        let text = register("", &registration(version)).unwrap();
        assert_golden(name, &text);
        for excluded in ["onFailure", "matcher", "WorktreeCreate", "WorktreeRemove", "PreModelSwitch", "FileChanged"] {
            assert!(!text.contains(excluded), "{name}: {excluded}");
        }
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
        for (event, groups) in parsed["hooks"].as_object().unwrap() {
            assert_eq!(groups[0]["hooks"][0]["timeout"], 5, "{event}");
            assert_eq!(groups[0]["hooks"][0]["args"], serde_json::json!([]), "{event}");
        }
    }
}

#[test]
fn a_lived_in_file_keeps_its_comments_order_and_other_tools() {
    let before = r#"{
	// my settings
	"model": "opus", /* the big one */
	"hooks": {
		"PreToolUse": [
			{ "matcher": "Bash", "hooks": [{ "type": "command", "command": "other-tool check" }] }, // theirs
		],
		"Notification": [] // none yet
	},
	"unknownKey": [1,2,   3],
}
"#;
    let after = register(before, &few()).unwrap();
    assert_golden("lived-in.jsonc", &after);
    assert_eq!(unregister(&after).unwrap(), before);
}

#[test]
fn every_layout_comes_back_byte_for_byte() {
    for before in [
        "{}",
        "{}\n",
        "{ }",
        "{\n}\n",
        "{\r\n}\r\n",
        "\u{feff}{}\r\n",
        "{ /* nothing */ }",
        "{\n  // nothing\n}",
        "{\r\n\t// nothing\r\n}\r\n",
        r#"{"a":1}"#,
        r#"{"a":1,}"#,
        r#"{ "a": {"b": []} , }"#,
        "{\n    \"a\": 1\n}",
        "{\n    \"a\": 1 // one\n}",
        "{\n    \"a\": 1, // one\n}",
        "{\n    \"a\": 1 // one\n    , // comma\n}",
        "{\"a\": 1 // one\n}",
        "{\"hooks\":{\"Stop\":[{\"hooks\":[{\"type\":\"command\",\"command\":\"x\"}]}]}}",
        "{\n\t\"hooks\": {\n\t\t\"Stop\": [{\"hooks\":[]} /* c */]\n\t}\n}\n",
        "/* head */ {\n  \"a\": \"//no comment\"\n} // tail",
    ] {
        let after = register(before, &few()).unwrap();
        assert_eq!(detect(&after).unwrap().entries.len(), 2, "{after}");
        assert_eq!(register(&after, &few()).unwrap(), after, "a second time changes nothing");
        assert_eq!(unregister(&after).unwrap(), before, "by way of\n{after}");
    }
}

#[test]
fn older_registrations_of_ours_are_upgraded_and_only_they() {
    let before = r#"{
  "hooks": {
    "PreToolUse": [
      { "matcher": "*", "hooks": [
        { "type": "command", "command": "/opt/guard" },
        { "type": "command", "command": "/old/argus/bin/argus-hook" }
      ] }
    ],
    "WorktreeCreate": [{ "hooks": [{ "type": "command", "command": "/old/argus/bin/argus-hook" }] }],
    "Stop": [{ "matcher": "Bash", "hooks": [{ "type": "command", "command": "'/old data/bin/argus-hook'" }] }]
  }
}
"#;
    let after = register(before, &few()).unwrap();
    assert_golden("upgraded.json", &after);
    let found = detect(&after).unwrap();
    assert_eq!(found.entries.iter().map(|entry| entry.event.as_str()).collect::<Vec<_>>(), ["PreToolUse", "Stop"]);
    assert!(found.entries.iter().all(|entry| entry.is_sound));
    assert!(after.contains("/opt/guard") && !after.contains("/old"));
}

#[test]
fn what_is_not_understood_is_refused() {
    for (text, reason) in [
        ("{", "line 1"),
        ("{\"a\": 1,, }", "line 1"),
        ("{\"a\": 'x'}", "line 1"),
        ("{a: 1}", "line 1"),
        ("{\"a\": 1 \"b\": 2}", "line 1"),
        ("[]", "not a JSON object"),
        ("null", "not a JSON object"),
        ("{} {}", "line 1"),
        ("// only a comment", "there is no value"),
        (r#"{"hooks": []}"#, "`hooks` is not an object"),
        (r#"{"hooks": null}"#, "`hooks` is not an object"),
        (r#"{"hooks": {"Stop": {}}}"#, "`hooks.Stop` is not a list"),
        (r#"{"hooks": {}, "hooks": {}}"#, "twice"),
        (r#"{"hooks": {"Stop": [], "Stop": []}}"#, "twice"),
    ] {
        let refusal = register(text, &few()).unwrap_err().to_string();
        assert!(refusal.contains(reason), "{text}: {refusal}");
    }
}
