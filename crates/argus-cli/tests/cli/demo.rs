//! The demo, as somebody sees it who has nothing else yet.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::settings::Asked;
use crate::world::World;

/// A demo that runs until it is dropped.
pub(crate) struct Demo(Child);

impl Demo {
    pub(crate) fn start(world: &World) -> Self {
        let mut command = world.command(&["demo", "--no-open", "--port", "0", "--steps", "600"]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("/#code="), "{line}");
        Self(child)
    }

    /// Ends it as Ctrl-C does; what it said meanwhile.
    pub(crate) fn stop(mut self) -> String {
        Command::new("/bin/kill").args(["-INT", &self.0.id().to_string()]).status().unwrap();
        let mut said = String::new();
        self.0.stderr.take().unwrap().read_to_string(&mut said).unwrap();
        assert!(self.0.wait().unwrap().success(), "{said}");
        said
    }
}

impl Drop for Demo {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// What below a folder others than its owner may read.
fn open_to_others(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        // Something may be gone meanwhile: a server is at work here.
        let Ok(metadata) = fs::symlink_metadata(&path) else { continue };
        if metadata.permissions().mode() & 0o077 != 0 {
            found.push(path.clone());
        }
        if metadata.is_dir() {
            found.extend(open_to_others(&path));
        }
    }
    found
}

fn words<'a>(rows: &'a Value, field: &str) -> BTreeSet<&'a str> {
    rows.as_array().unwrap().iter().filter_map(|row| row[field].as_str()).collect()
}

#[test]
fn the_demo_fills_the_pages_and_is_kept_apart_and_for_a_while() {
    let world = World::new();
    let demo = Demo::start(&world);
    let folder = world.data().join("demo").display().to_string();
    assert_eq!(open_to_others(Path::new(&folder)), Vec::<PathBuf>::new());
    let ask = |arguments: &[&str]| world.run(&[arguments, &["--json", "--data-dir", &folder]].concat()).json();

    // The live ones are written while the server runs.
    let until = Instant::now() + Duration::from_secs(20);
    let sessions = loop {
        let sessions = ask(&["sessions", "--limit", "200"])["sessions"].clone();
        let states = words(&sessions, "status");
        if ["ended", "running", "waiting"].iter().all(|state| states.contains(state)) {
            break sessions;
        }
        assert!(Instant::now() < until, "{states:?}");
        std::thread::sleep(Duration::from_millis(100));
    };
    let huge = sessions.as_array().unwrap().iter().map(|session| session["tool_call_count"].as_i64().unwrap());
    assert!(huge.max() >= Some(590));

    let rules: Vec<String> = ask(&["rules", "list"])["rules"]
        .as_array()
        .unwrap()
        .iter()
        .map(|rule| rule["rule"].as_str().unwrap().to_owned())
        .collect();
    // Whether Claude Code calls the hook and all of Argus's own is left alone is looked at, not made up.
    let own_state = [
        "guard.binary-changed",
        "guard.hooks-off",
        "guard.storage-touched",
        "guard.transcript-lost",
        "guard.unobserved",
    ];
    for rule in rules.iter().filter(|rule| !own_state.contains(&rule.as_str())) {
        // Budgets are weighed by the server, once it has read what is there.
        while ask(&["alerts", "list", "--all", "--rule", rule])["alerts"].as_array().unwrap().is_empty() {
            assert!(Instant::now() < until, "the demo shows no {rule}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    let nested =
        sessions.as_array().unwrap().iter().find(|session| session["title"] == "Review the checkout for races");
    let nested_id = nested.unwrap()["session_id"].as_str().unwrap();
    let shown = ask(&["show", nested_id]);
    let depths = shown["agents"].as_array().unwrap().iter().map(|agent| agent["depth"].as_i64().unwrap());
    assert_eq!(depths.max(), Some(3));
    // What came before the first prompt is no turn, here as on the page.
    let printed = world.run(&["--data-dir", &folder, "show", nested_id]).stdout();
    assert!(printed.contains("before the first prompt") && printed.contains("\nturn 1  "), "{printed}");
    let capture = Asked::of_demo(&world, &folder).ask("GET", "/capture", "").1;
    assert_eq!(capture["server"]["is_demo"], true, "{capture:#}");
    let sources = capture["sources"].as_array().unwrap();
    let broken: i64 = sources.iter().filter_map(|source| source["quarantine_count"].as_i64()).sum();
    assert_eq!(broken, 1, "the one line that was made to be: {capture:#}");
    assert_eq!(words(&capture["sources"], "source"), ["hook", "otlp", "transcript"].into());
    // Every way in which a call ends badly stands somewhere.
    let ends: BTreeSet<String> = ["Clean up and push", "Find out why the nightly export is empty"]
        .iter()
        .flat_map(|title| {
            let session = sessions.as_array().unwrap().iter().find(|session| session["title"] == *title).unwrap();
            let shown = ask(&["show", session["session_id"].as_str().unwrap()]);
            let events = shown["events"].as_array().unwrap();
            let known = ["outcome", "kind"].map(|field| events.iter().filter_map(move |event| event[field].as_str()));
            known.into_iter().flatten().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    for end in ["ok", "error", "denied", "rejected", "compaction", "retry"] {
        assert!(ends.contains(end), "no {end}: {ends:?}");
    }
    // What Claude Code reported is explained but for a part that is hidden and a part that nobody can explain.
    let sums = ask(&["cost", "--reconcile"]);
    for figure in ["reported_usd", "explained_usd", "hidden_usd", "unexplained_usd"] {
        let amount = sums["totals"][figure].as_f64();
        assert!(amount.is_some_and(|amount| amount > 0.0), "{figure}: {:#}", sums["totals"]);
    }
    let open = sums["sessions"].as_array().unwrap().iter().filter(|row| row["reported_usd"].is_null()).count();
    assert!(open > 0, "one was killed before it reported");
    // A request that only telemetry told of.
    let nested_events = ask(&["show", nested_id])["events"].clone();
    assert!(nested_events.as_array().unwrap().iter().any(|event| event["is_hidden"] == true));
    assert_eq!(world.run(&["sessions", "--json"]).json()["sessions"], serde_json::json!([]), "the person's own data");

    let said = demo.stop();
    assert!(said.contains("Made ") && said.contains("made up"), "{said}");
    let again = Demo::start(&world).stop();
    assert!(!again.contains("Made "), "what is of today is kept: {again}");
}

#[test]
fn a_folder_that_is_no_demo_is_left_alone() {
    let world = World::new();
    let own = world.data().join("demo/notes.txt");
    fs::create_dir_all(own.parent().unwrap()).unwrap();
    fs::write(&own, "mine").unwrap();
    let refused = world.run(&["demo", "--no-open", "--port", "0", "--steps", "500"]);
    assert_eq!(refused.code(), 1);
    assert!(refused.stderr().contains("holds no demo"), "{}", refused.stderr());
    assert_eq!(fs::read_to_string(own).unwrap(), "mine");
}
