//! Settings and pauses as a person meets them: through the running server, by hand in the file, from the shell.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::world::{World, transcript};

/// A running server, asked as a script asks it.
pub(crate) struct Asked<'a> {
    world: &'a World,
    address: String,
    token: String,
}

impl<'a> Asked<'a> {
    pub(crate) fn up(world: &'a World) -> Self {
        let up = world.run(&["up", "--no-open", "--no-hooks"]);
        up.assert_success();
        let card: Value = serde_json::from_slice(&fs::read(world.data().join("server.json")).unwrap()).unwrap();
        let token = world.run(&["token"]).stdout().trim().to_owned();
        Self { world, address: card["address"].as_str().unwrap().to_owned(), token }
    }

    /// The demo that runs in `folder`.
    pub(crate) fn of_demo(world: &'a World, folder: &str) -> Self {
        let card: Value = serde_json::from_slice(&fs::read(format!("{folder}/server.json")).unwrap()).unwrap();
        let token = world.run(&["token", "--data-dir", folder]).stdout().trim().to_owned();
        Self { world, address: card["address"].as_str().unwrap().to_owned(), token }
    }

    /// The same server, asked as a page asks it that a person opened.
    pub(crate) fn of_a_person(&self) -> Self {
        let (_, code) = self.ask("POST", "/auth/code", "");
        let (_, exchanged) = self.ask("POST", "/auth/exchange", &json!({ "code": code["code"] }).to_string());
        let token = exchanged["token"].as_str().unwrap().to_owned();
        Self { world: self.world, address: self.address.clone(), token }
    }

    pub(crate) fn ask(&self, method: &str, path: &str, body: &str) -> (u16, Value) {
        self.ask_with(&self.token, &format!("{method} /api/v1{path}"), body)
    }

    /// Hands a batch of log records in, as a client does.
    pub(crate) fn post_logs(&self, token: &str, batch: &str) -> u16 {
        self.ask_with(token, "POST /v1/logs", batch).0
    }

    fn ask_with(&self, token: &str, what: &str, body: &str) -> (u16, Value) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let head = format!(
            "{what} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            self.address,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, serde_json::from_str(body).unwrap_or_else(|error| panic!("{error}: {answer}")))
    }

    pub(crate) fn settings(&self) -> Value {
        self.ask("GET", "/settings", "").1["settings"].clone()
    }

    fn sessions(&self) -> Vec<String> {
        let list = self.ask("GET", "/sessions", "").1["sessions"].clone();
        list.as_array().unwrap().iter().map(|one| one["session_id"].as_str().unwrap().to_owned()).collect()
    }

    pub(crate) fn config(&self) -> std::path::PathBuf {
        self.world.data().join("config.toml")
    }
}

pub(crate) fn eventually(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < Duration::from_secs(20), "in vain: {what}");
        std::thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn settings_are_kept_in_the_file_and_taken_over_while_the_server_runs() {
    let world = World::new();
    world.listen_anywhere();
    world.write_transcript("s1", &transcript("s1", "Fix the tests"));
    let server = Asked::up(&world);
    let (status, told) = server.ask("PUT", "/settings", r#"{"budget_event_usd":0.000001,"rule_profile":"seed"}"#);
    assert_eq!((status, &told["settings"]["budget_event_usd"]), (200, &json!(0.000001)), "{told:#}");
    let file = fs::read_to_string(server.config()).unwrap();
    assert!(file.starts_with("listen = '127.0.0.1:0'\n") && file.contains("profile = \"seed\""), "{file}");
    assert_eq!(server.ask("GET", "/rules", "").1["profile"], "seed");
    eventually("what was spent is judged by the new limit", || {
        server.ask("GET", "/alerts?rule=budget.event", "").1["alerts"].as_array().is_some_and(|all| !all.is_empty())
    });

    let (status, refused) = server.ask("PUT", "/settings", r#"{"retention_days":-3}"#);
    let message = refused["error"]["message"].as_str().unwrap().to_owned();
    assert_eq!(status, 400);
    assert!(["retention_days", "-3", "1 to 36500"].iter().all(|part| message.contains(part)), "{message}");

    fs::write(server.config(), "listen = '127.0.0.1:0'\n[budget]\nsession_usd = 7\n").unwrap();
    eventually("a change by hand is taken over", || server.settings()["budget_session_usd"] == 7);
    assert_eq!(server.settings()["rule_profile"], "graded");

    fs::write(server.config(), "listen = '127.0.0.1:0'\nsession_usd = [\n").unwrap();
    let problem = || server.ask("GET", "/capture", "").1["settings_problem"].clone();
    eventually("a broken file is told of", || problem().as_str().is_some_and(|problem| problem.contains("line 2")));
    assert_eq!(server.settings()["budget_session_usd"], 7, "what held before holds on");
    let (status, _) = server.ask("PUT", "/settings", r#"{"retention_days":3}"#);
    assert_eq!((status, fs::read_to_string(server.config()).unwrap().lines().count()), (409, 2));
    let doctor = world.run(&["doctor"]);
    assert!(doctor.code() == 1 && doctor.stderr().contains("line 2"), "{}", doctor.stderr());
    fs::write(server.config(), "listen = '127.0.0.1:0'\n").unwrap();
    eventually("the mended file holds", || problem().is_null() && server.settings()["budget_session_usd"] == 1);
    world.run(&["down"]).assert_success();
}

#[test]
fn what_the_environment_gives_is_fixed() {
    let world = World::new();
    world.listen_anywhere();
    let mut command = world.command(&["up", "--no-open", "--no-hooks"]);
    command.env("ARGUS_RETENTION_DAYS", "90").env("ARGUS_EXCLUDED_PROJECTS", "/srv/a:~/b");
    world.end_of(command, b"").assert_success();
    let server = Asked::up(&world);
    let (_, told) = server.ask("GET", "/settings", "");
    assert_eq!(told["fixed"], json!(["excluded_projects", "retention_days"]));
    assert_eq!(told["settings"]["excluded_projects"], json!(["/srv/a", "~/b"]));
    let (status, refused) = server.ask("PUT", "/settings", r#"{"budget_event_usd":2,"retention_days":1}"#);
    assert_eq!(status, 400);
    assert!(refused["error"]["message"].as_str().unwrap().contains("retention_days"), "{refused}");
    assert_eq!(server.settings()["budget_event_usd"], 0.1, "all or nothing");
    world.run(&["down"]).assert_success();
    let mut wrong = world.command(&["status"]);
    wrong.env("ARGUS_BUDGET_EVENT_USD", "much");
    let wrong = world.end_of(wrong, b"");
    assert!(wrong.code() == 2 && wrong.stderr().contains("ARGUS_BUDGET_EVENT_USD"), "{}", wrong.stderr());
}

#[test]
fn an_excluded_project_is_not_recorded_until_it_is_let_in() {
    let world = World::new();
    world.listen_anywhere();
    let server = Asked::up(&world);
    let change = r#"{"excluded_projects":["~/work"]}"#;
    assert_eq!(server.ask("PUT", "/settings", change).0, 200);
    let cwd = world.home().join("work");
    let text = serde_json::to_string(&transcript("s1", "secret")).unwrap();
    let lines: Vec<Value> = serde_json::from_str(&text).unwrap();
    let inside: Vec<Value> = lines
        .into_iter()
        .map(|mut line| {
            line["cwd"] = json!(cwd);
            line
        })
        .collect();
    world.write_transcript("s1", &inside);
    world.write_transcript("s2", &transcript("s2", "open"));
    eventually("the neighbour is recorded", || server.sessions() == ["s2"]);
    eventually("the exclusion is counted", || {
        server.ask("GET", "/capture", "").1["excluded"] == json!({ "session_count": 1, "project_count": 1 })
    });
    assert_eq!(server.ask("PUT", "/settings", r#"{"excluded_projects":null}"#).0, 200);
    eventually("what still lies on disk is read", || server.sessions().len() == 2);
    world.run(&["down"]).assert_success();
}

#[test]
fn capture_is_paused_from_the_shell_and_everybody_says_so() {
    let world = World::new();
    world.listen_anywhere();
    world.run(&["pause"]).assert_success();
    assert!(world.run(&["status", "--json"]).json()["paused"].is_object());
    let server = Asked::up(&world);
    assert_eq!(server.settings()["is_paused"], true, "a pause outlives the server");
    assert!(world.run(&["status"]).stdout().contains("paused since"));
    assert!(world.run(&["doctor"]).stdout().contains("argus resume"));
    let health = server.ask("GET", "/overview", "").1["capture"].clone();
    assert!(health["problems"][0].as_str().unwrap().contains("paused"), "{health}");
    assert_eq!(world.run(&["resume", "--json"]).json()["is_paused"], false);
    assert_eq!(server.settings()["is_paused"], false);
    let until = world.run(&["pause", "--until", "2h", "--json"]).json()["paused_until"].clone();
    assert_eq!((server.settings()["paused_until"].clone(), until.is_string()), (until, true));
    assert_eq!(world.run(&["pause", "--until", "2020-01-01"]).code(), 2);
    for body in [
        r#"{"is_paused":1}"#,
        r#"{"paused_until":"2027-01-01T00:00:00Z"}"#,
        r#"{"is_paused":true,"paused_until":"soon"}"#,
    ] {
        assert_eq!(server.ask("PUT", "/settings", body).0, 400, "{body}");
    }
    world.run(&["down"]).assert_success();
}
