//! Argus beside a client that sends its own telemetry: every request counts, those of no transcript included.

use std::collections::BTreeMap;

use serde_json::json;

use crate::argus::{Shown, tokens};
use crate::ledger::{Kind, Ledger, Reply, Tokens};
use crate::print_mode::Prompt;
use crate::script::{Script, agent, calls, runs, says};
use crate::world::{Scenario, World};

/// A context so full that the client compacts it before its next request.
fn full() -> Tokens {
    Tokens { input: 10, output: 20, cache_read: 985_000, ..Tokens::default() }
}

/// All that was billed to a session, by agent.
fn billed(ledger: &Ledger, session_id: &str) -> BTreeMap<String, Tokens> {
    let mut billed: BTreeMap<String, Tokens> = BTreeMap::new();
    for entry in ledger.entries.iter().filter(|entry| entry.session_id.as_deref() == Some(session_id)) {
        if let Reply::Message { tokens, .. } = &entry.reply {
            *billed.entry(entry.agent_id.clone().unwrap_or_else(|| "main".to_owned())).or_default() += *tokens;
        }
    }
    billed
}

fn of_agents(shown: &Shown) -> BTreeMap<String, Tokens> {
    let own = |agent: &serde_json::Value| (agent["agent_id"].as_str().unwrap().to_owned(), tokens(&agent["own"]));
    shown.agents().iter().map(own).collect()
}

#[test]
fn with_telemetry_every_request_of_every_agent_is_counted_and_the_hidden_ones_are_named() {
    let script = Script::default()
        .conversation(
            "main",
            [
                calls("WebSearch", json!({ "query": "argus" })),
                calls("Agent", agent("S", "general-purpose")),
                runs("echo fill").costing(full()),
                says("After the compaction."),
            ],
        )
        .conversation("S", [runs("echo sub").costing(full()), says("S is done.")]);
    let world = World::new(&Scenario { script, ..Scenario::default() });
    let argus = world.install_argus();
    let server = argus.serve();
    argus.run(&["install", "--otel", "--yes"]);
    let finished = world.print(&Prompt::of("main").reporting());
    assert_eq!(finished.exit_code, Some(0), "{}", finished.stderr);

    let ledger = world.ledger();
    let hidden = ledger.entries.iter().filter(|entry| entry.kind == Kind::Compact).count();
    assert_eq!(hidden, 2, "both contexts were to be compacted: {ledger:#?}");
    let billed = billed(&ledger, finished.session_id());
    let shown = argus.show_until(finished.session_id(), "all requests were told", |shown| of_agents(shown) == billed);
    let total = billed.values().fold(Tokens::default(), |mut all, own| {
        all += *own;
        all
    });
    assert_eq!(tokens(&shown.0["session"]), total);
    let (ours, clients) = (shown.session("cost_usd").as_f64().unwrap(), &finished.result()["total_cost_usd"]);
    assert!((ours - clients.as_f64().unwrap()).abs() < 1e-9, "the client says {clients} USD, Argus {ours}");
    let mut purposes: Vec<_> = shown
        .events("model_request")
        .filter(|event| event["is_hidden"] == true)
        .map(|event| event["label"].as_str().unwrap_or("?"))
        .collect();
    purposes.sort_unstable();
    assert_eq!(purposes, ["compact", "compact", "web_search_tool"]);
    assert!(shown.outcomes().iter().all(|(_, outcome)| *outcome == "ok"), "{:?}", shown.outcomes());

    // Transcripts and telemetry in one, read again from their beginning: nothing changes.
    drop(server);
    argus.import_anew();
    assert_eq!(of_agents(&argus.show(finished.session_id())), billed);
    argus.run(&["uninstall", "--yes"]);
    let left = std::fs::read_to_string(world.claude_dir().join("settings.json")).unwrap_or_default();
    assert!(!left.contains("OTEL") && !left.contains("TELEMETRY") && !left.contains("env"), "{left}");
}
