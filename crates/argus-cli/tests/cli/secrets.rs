//! Secrets: none of them in anything that Argus keeps or prints, and a report of where they stood.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use argus_model::Timestamp;
use argus_model::record::AlertQuery;
use serde_json::{Value, json};

use crate::settings::{Asked, eventually};
use crate::world::{World, transcript};

/// Characters that look random, always the same for a seed.
fn random(seed: usize, alphabet: &str, length: usize) -> String {
    let alphabet: Vec<char> = alphabet.chars().collect();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64.wrapping_mul(seed as u64 + 1);
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        alphabet[(state >> 33) as usize % alphabet.len()]
    };
    (0..length).map(|_| next()).collect()
}

const ALNUM: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
const HEX: &str = "0123456789abcdef";
const UPPER: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// What is told before a secret, how it begins, and what follows; beginnings are put together so that no scanner takes
/// this file for a leak.
const FAMILIES: &[(&str, &[&str], &str, usize)] = &[
    ("key ", &["sk-", "ant-api03-"], ALNUM, 93),
    ("key ", &["sk", "-proj-"], ALNUM, 48),
    ("key ", &["gh", "p_"], ALNUM, 36),
    ("key ", &["gh", "s_"], ALNUM, 36),
    ("key ", &["github", "_pat_"], ALNUM, 82),
    ("key ", &["gl", "pat-"], ALNUM, 20),
    ("key ", &["gl", "rt-"], ALNUM, 20),
    ("key ", &["gl", "dt-"], ALNUM, 20),
    ("id ", &["AK", "IA"], UPPER, 16),
    ("id ", &["AS", "IA"], UPPER, 16),
    ("aws_secret_access_key=", &[], ALNUM, 40),
    ("key ", &["AI", "za"], ALNUM, 35),
    ("key ", &["GOC", "SPX-"], ALNUM, 28),
    ("key ", &["xo", "xb-123456789012-123456789012-"], ALNUM, 24),
    ("at https://hooks.", &["slack", ".com/services/T"], ALNUM, 45),
    ("key ", &["sk", "_live_"], ALNUM, 24),
    ("key ", &["rk", "_test_"], ALNUM, 24),
    ("key ", &["np", "m_"], ALNUM, 36),
    ("key ", &["py", "pi-AgEIcHlwaS5vcmc"], ALNUM, 60),
    ("key ", &["h", "f_"], ALNUM, 34),
    ("key ", &["S", "K"], HEX, 32),
    ("key ", &["do", "p_v1_"], HEX, 64),
    ("key ", &["do", "o_v1_"], HEX, 64),
    ("key ", &["shp", "at_"], HEX, 32),
    ("key ", &["shp", "ss_"], HEX, 32),
    ("key ", &["AGE-", "SECRET-KEY-1"], "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L", 58),
    ("key ", &["dt", "0c01.ABCDEFGHIJKLMNOPQRSTUVWX."], ALNUM, 64),
    ("key ", &["rubyg", "ems_"], HEX, 48),
    ("key ", &["pu", "l-"], HEX, 40),
    ("key ", &["PM", "AK-0123456789abcdef01234567-"], HEX, 34),
    ("key ", &["nt", "n_12345678901"], ALNUM, 35),
    ("key ", &["sq", "0atp-"], ALNUM, 30),
    ("key ", &["lin", "_api_"], ALNUM, 40),
    ("key ", &["pp", "lx-"], ALNUM, 48),
    ("key ", &["glc", "_eyJrIjoi"], ALNUM, 60),
    ("key ", &["hv", "s."], ALNUM, 95),
    ("key ", &["da", "pi"], HEX, 32),
    ("discord_client_secret=", &[], ALNUM, 32),
    ("datadog_api: ", &[], HEX, 40),
    ("cloudflare_api_key = ", &[], HEX, 37),
    ("postgres://app:", &[], ALNUM, 24),
    ("Authorization: Bearer ", &[], ALNUM, 40),
    ("DB_PASSWORD=", &[], ALNUM, 18),
    ("curl -u admin:", &[], ALNUM, 16),
    ("mysql -u root -p", &[], ALNUM, 16),
];

fn base64(text: &str) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut encoded = String::new();
    for three in text.as_bytes().chunks(3) {
        let bits = three.iter().enumerate().fold(0_u32, |bits, (at, byte)| bits | u32::from(*byte) << (16 - 8 * at));
        for place in 0..=three.len() {
            encoded.push(char::from(LETTERS[(bits >> (18 - 6 * place)) as usize & 63]));
        }
    }
    encoded
}

fn written(text: &str, each: impl Fn(&mut String, u8)) -> String {
    let mut out = String::new();
    text.bytes().for_each(|byte| each(&mut out, byte));
    out
}

/// A text with a secret, written in several ways, and what must be nowhere.
fn forms(text: &str, secret: &str) -> Vec<(String, String)> {
    let hex = |text: &str| written(text, |out, byte| write!(out, "{byte:02x}").unwrap());
    let percent = |text: &str| written(text, |out, byte| write!(out, "%{byte:02X}").unwrap());
    let lines = |text: &str| {
        let letters = base64(text).into_bytes();
        letters.chunks(76).map(|line| String::from_utf8_lossy(line).into_owned()).collect::<Vec<_>>()
    };
    let file = format!("# settings of the service, not to be shared with anyone at all, they are ours\n{text}\n");
    let wrapped = lines(&file);
    vec![
        (text.to_owned(), secret.to_owned()),
        (format!("{{\"a\":{}}}", serde_json::to_string(text).unwrap()), secret.to_owned()),
        (base64(text), base64(text)),
        (wrapped.join("\n"), wrapped[1].clone()),
        (hex(text), hex(secret)),
        (format!("https://h.example/?q={}&r=1", percent(text)), percent(secret)),
    ]
}

/// Every family in every writing: the family, a session's id, the text, and what of it must be nowhere.
fn planted() -> Vec<(&'static str, String, String, String)> {
    let mut out = Vec::new();
    for (seed, (before, begins, alphabet, length)) in FAMILIES.iter().enumerate() {
        let secret = format!("{}{}", begins.concat(), random(seed, alphabet, *length));
        let after = if before.ends_with("app:") { "@db.example/x" } else { " x" };
        for (form, (text, gone)) in forms(&format!("{before}{secret}{after}"), &secret).into_iter().enumerate() {
            out.push((*before, format!("s{seed:02}-{form}"), text, gone));
        }
    }
    out
}

fn assert_nowhere(what: &str, bytes: &[u8], hidden: &[(&str, String)]) {
    for (family, gone) in hidden {
        if let Some(at) = memchr::memmem::find(bytes, gone.as_bytes()) {
            let around = &bytes[at.saturating_sub(120)..bytes.len().min(at + gone.len() + 60)];
            panic!("in {what}, of {family}: {}", String::from_utf8_lossy(around));
        }
    }
}

fn every_file(folder: &Path, each: &mut dyn FnMut(&Path, &[u8])) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            every_file(&path, each);
        } else {
            each(&path, &fs::read(&path).unwrap());
        }
    }
}

#[test]
fn no_secret_of_any_family_in_any_writing_is_kept_or_printed() {
    assert!(FAMILIES.len() >= 40);
    let world = World::new();
    let mut hidden = Vec::new();
    for (family, id, text, gone) in planted() {
        world.write_transcript(&id, &transcript(&id, &text));
        hidden.push((family, gone));
    }
    world.run(&["import", "--search"]).assert_success();
    let backup = world.home().join("backup.db");
    world.run(&["db", "backup", backup.to_str().unwrap()]).assert_success();
    let mut printed = String::new();
    for arguments in [
        &["sessions", "--limit", "500", "--json"][..],
        &["alerts", "--json"],
        &["cost", "--by", "branch", "--json"],
        &["cost", "--by", "project", "--csv"],
        &["secrets", "--json"],
        &["search", "Bash OR key", "--json"],
        &["show", "s00-0", "--json"],
        &["show", "s40-2"],
    ] {
        let ended = world.run(arguments);
        printed.push_str(&ended.stdout());
        printed.push_str(&ended.stderr());
    }
    assert!(printed.len() > 10_000);
    assert_nowhere("what is printed", printed.as_bytes(), &hidden);
    let mut files = 0;
    every_file(&world.data(), &mut |path, bytes| {
        files += 1;
        assert_nowhere(&path.display().to_string(), bytes, &hidden);
    });
    assert!(files > 0);
    assert_nowhere("the backup", &fs::read(&backup).unwrap(), &hidden);
}

/// What a client would tell of one call, by the way that its number says: a hook, a transcript, telemetry.
fn tell(world: &World, way: usize, id: &str, text: &str, batch: &mut Vec<Value>) {
    match way {
        0 => {
            let mut payload = json!({
                "session_id": id, "cwd": format!("/home/dev/{text}"), "tool_name": "Bash", "tool_use_id": format!("toolu_{id}"),
                "hook_event_name": "PostToolUse", "tool_input": { "command": text, "description": text },
                "tool_response": { "stdout": text, "stderr": text },
            });
            let send =
                |payload: &Value| world.run_with(&["hook"], payload.to_string().as_bytes()).assert_silent_success();
            send(&payload);
            if id.ends_with('0') {
                payload["hook_event_name"] = "UserPromptSubmit".into();
                payload["prompt"] = text.into();
                send(&payload);
            }
        }
        1 => world.write_transcript(id, &transcript(id, text)),
        _ => {
            let word = |key: &str, value: &str| json!({ "key": key, "value": { "stringValue": value } });
            let input = json!({ "command": text }).to_string();
            for name in ["tool_result", "user_prompt", "of_a_later_client"] {
                batch.push(json!({
                    "timeUnixNano": "1795331345558000000", "body": { "stringValue": text },
                    "attributes": [
                        word("session.id", id), word("event.name", name), word("tool_name", "Bash"), word("success", "false"),
                        word("tool_use_id", &format!("toolu_{id}")), word("tool_input", &input), word("error", text), word("prompt", text),
                    ],
                }));
            }
        }
    }
}

#[test]
fn what_hooks_transcripts_and_telemetry_tell_a_server_leaves_it_without_a_secret() {
    let world = World::new();
    world.listen_anywhere();
    let server = Asked::up(&world);
    let token = world.run(&["token", "--otlp"]).stdout().trim().to_owned();
    let (mut hidden, mut ids, mut batch) = (Vec::new(), Vec::new(), Vec::new());
    for (number, (family, id, text, gone)) in planted().into_iter().enumerate() {
        // Each family by each way, in other writings.
        tell(&world, (number + number / 6) % 3, &id, &text, &mut batch);
        hidden.push((family, gone));
        ids.push(id);
    }
    let logs = json!({ "resourceLogs": [{ "scopeLogs": [{ "logRecords": batch }] }] }).to_string();
    assert_eq!(server.post_logs(&token, &logs), 200);
    let get = |path: &str| server.ask("GET", path, "").1;
    let told =
        |id: &str| get(&format!("/sessions/{id}/events"))["events"].as_array().is_some_and(|all| !all.is_empty());
    for id in &ids {
        eventually(id, || told(id));
    }
    eventually("everything is taken in, and some of it is searchable", || {
        let hits = get("/search?q=tool:Bash")["hits"].as_array().map_or(0, Vec::len);
        get("/capture")["spool"]["pending_files"] == 0 && hits > 20
    });

    let mut answers = String::new();
    for path in [
        "/sessions?limit=500",
        "/alerts?limit=500",
        "/alerts/groups?limit=500",
        "/mutes",
        "/secrets",
        "/capture",
        "/overview",
    ] {
        answers.push_str(&get(path).to_string());
    }
    for word in ["key", "Bash", "settings", "password", "curl"] {
        answers.push_str(&get(&format!("/search?q={word}")).to_string());
    }
    for id in &ids {
        let events = get(&format!("/sessions/{id}/events"));
        for event in events["events"].as_array().unwrap().iter().take(3) {
            let named = event["event_id"].as_str().unwrap().replace('~', "%7E");
            answers.push_str(&get(&format!("/events/{named}?full=true")).to_string());
        }
        answers.push_str(&events.to_string());
    }
    assert!(answers.matches("‹secret:").count() > ids.len(), "what was masked shows");
    assert_nowhere("an answer of the server", answers.as_bytes(), &hidden);

    for format in ["jsonl", "csv", "parquet"] {
        for what in ["events", "requests"] {
            let file = world.home().join(format!("{what}.{format}"));
            world.run(&["export", what, "--format", format, "-o", file.to_str().unwrap()]).assert_success();
            assert_nowhere(&format!("{what} as {format}"), &fs::read(file).unwrap(), &hidden);
        }
    }
    let bundle = world.home().join("bundle.json");
    world.run(&["doctor", "--bundle", bundle.to_str().unwrap()]);
    assert_nowhere("the file for support", &fs::read(bundle).unwrap(), &hidden);

    // What a webhook would be told of all of them, in both forms.
    let store = argus_store::Store::open(&world.data().join("argus.db")).unwrap();
    let query = AlertQuery { limit: 500, ..AlertQuery::default() };
    let alerts = store.readers().get().unwrap().list_alerts(&query, Timestamp::from_micros(i64::MAX / 2)).unwrap().rows;
    assert!(!alerts.is_empty());
    let title = |rule: &str| argus_rules::rule(rule).map(|rule| rule.title.to_owned());
    for format in [argus_egress::Format::Json, argus_egress::Format::Slack] {
        for some in alerts.chunks(5) {
            assert_nowhere("a webhook's message", argus_egress::render(format, some, &title).as_bytes(), &hidden);
        }
    }
    drop(store);

    // The database with its log beside it, the spool, telemetry's folder, the server's log; before and after it has ended.
    let look = |when: &str| {
        let mut files = 0;
        every_file(&world.data(), &mut |path, bytes| {
            files += 1;
            assert_nowhere(&format!("{} {when}", path.display()), bytes, &hidden);
        });
        assert!(files > 3);
    };
    look("while the server runs");
    world.run(&["down"]).assert_success();
    look("after it has ended");
}

#[test]
fn the_report_knows_one_secret_in_every_writing_and_says_where_it_stands() {
    let world = World::new();
    let empty = world.run(&["secrets"]);
    assert_eq!(empty.code(), 1, "{}", empty.stderr());
    let secret = format!("{}{}", ["gh", "p_"].concat(), random(99, ALNUM, 36));
    world.write_transcript("aaaa", &transcript("aaaa", &format!("echo {secret} | gh auth login --with-token")));
    world.write_transcript(
        "bbbb",
        &transcript("bbbb", &format!("echo {} | base64 -d", base64(&format!("it is {secret}")))),
    );
    world.write_transcript("cccc", &transcript("cccc", "nothing to see"));
    world.run(&["import", "--search"]).assert_success();
    let list = world.run(&["secrets", "--json"]).json();
    let found = list["secrets"].as_array().unwrap();
    assert_eq!((found.len(), &list["is_complete"]), (1, &true.into()), "{list}");
    assert_eq!((&found[0]["kind"], &found[0]["name"]), (&"github".into(), &"GitHub token".into()));
    // In each of two sessions: the prompt, and the call with its input and its result.
    assert_eq!((&found[0]["session_count"], &found[0]["step_count"]), (&2.into(), &4.into()), "{list}");
    let fingerprint = found[0]["fingerprint"].as_str().unwrap();
    let details = world.run(&["secrets", fingerprint, "--json"]).json();
    let places = details["places"].as_array().unwrap();
    assert_eq!(places.len(), 4);
    assert!(places.iter().any(|place| place["tool_name"] == "Bash" && place["session_id"] == "bbbb"), "{details}");
    let shown = world.run(&["secrets", &format!("‹secret:github:{fingerprint}›")]);
    shown.assert_success();
    assert!(
        shown.stdout().contains("Personal access tokens") && !shown.stdout().contains(&secret),
        "{}",
        shown.stdout()
    );
    let one = world.run(&["secrets", "--session", "cccc"]);
    assert!(one.stderr().contains("No secret was found"), "{}", one.stderr());
    let unknown = world.run(&["secrets", "00000000"]);
    assert_eq!(unknown.code(), 1);
    assert!(unknown.stderr().contains("`argus secrets` lists"), "{}", unknown.stderr());
    // What is forgotten leaves the report as well.
    world.run(&["forget", "aaaa", "--yes"]).assert_success();
    let list = world.run(&["secrets", "--json"]).json();
    assert_eq!(list["secrets"][0]["session_count"], 1, "{list}");
}
