//! What must hold after every session, whatever happened in it.
//!
//! Start at [`assert_totals_are_the_ledgers`].

use std::collections::BTreeMap;

use serde_json::Value;

use crate::argus::{Argus, Shown, sum, tokens};
use crate::ledger::{Ledger, Sum, total};

/// Imports everything and holds the totals, model by model, against the ledger; returns the report.
pub(crate) fn assert_totals_are_the_ledgers(argus: &Argus<'_>, ledger: &Ledger) -> Value {
    let report = argus.import();
    let usage = report["usage"].as_object().expect("an import reports usage by model");
    let by_model: BTreeMap<String, Sum> = usage.iter().map(|(model, row)| (model.clone(), sum(row))).collect();
    assert_eq!(by_model, ledger.by_model(), "{report:#}");
    assert_eq!(sum(&report["total"]), total(&ledger.by_model()), "{report:#}");
    assert_eq!(report["model_requests"].as_u64(), Some(total(&ledger.by_model()).requests));
    assert_eq!(report["skipped_lines"].as_u64(), Some(0), "{report:#}");
    assert_eq!(sum_of_sessions(argus), total(&ledger.by_model()).tokens, "sessions do not add up to the total");
    report
}

/// Holds one session's figures against the requests the client made in its name.
pub(crate) fn assert_session_is_the_ledgers(shown: &Shown, ledger: &Ledger) {
    let session_id = shown.session("session_id").as_str().unwrap();
    let expected = total(&ledger.of_session(session_id)).tokens;
    assert_eq!(tokens(&shown.0["session"]), expected, "the session record");
    let agents = shown.agents().iter().map(|agent| tokens(&agent["own"]));
    let summed = agents.fold(crate::ledger::Tokens::default(), |mut all, own| {
        all += own;
        all
    });
    assert_eq!(summed, expected, "the agents' own figures");
    assert_eq!(tokens(&shown.agent("main")["subtree"]), expected, "the main agent's subtree");
}

/// Holds an agent's own figures against the conversation it followed, and its subtree against all it caused.
pub(crate) fn assert_agent_is_the_ledgers(shown: &Shown, ledger: &Ledger, description: &str, conversations: &[&str]) {
    let agent = shown.agent(description);
    assert_eq!(sum(&agent["own"]), ledger.of_conversations(&conversations[..1]), "{description} itself");
    assert_eq!(sum(&agent["subtree"]), ledger.of_conversations(conversations), "{description} and what it caused");
}

/// No tool call is left open, and there are as many as the model asked for.
pub(crate) fn assert_every_call_ended(shown: &Shown, ledger: &Ledger) {
    let outcomes = shown.outcomes();
    assert!(outcomes.iter().all(|(_, outcome)| !["running", "?"].contains(outcome)), "{outcomes:?}");
    assert_eq!(outcomes.len(), ledger.tool_call_count(), "{outcomes:?}");
}

/// Argus's price is the client's own, where the client made no request that is in no transcript.
pub(crate) fn assert_cost_is_the_clients(report: &Value, results: &[&Value]) {
    let clients: f64 = results.iter().map(|result| result["total_cost_usd"].as_f64().unwrap()).sum();
    let ours = report["total"]["cost_usd"].as_f64().expect("every model used here has a price");
    assert!((clients - ours).abs() < 1e-9, "the client says {clients} USD, Argus {ours}");
}

/// The same for one session.
pub(crate) fn assert_session_cost_is_the_clients(shown: &Shown, result: &Value) {
    assert_cost_is_the_clients(&serde_json::json!({ "total": { "cost_usd": shown.session("cost_usd") } }), &[result]);
}

fn sum_of_sessions(argus: &Argus<'_>) -> crate::ledger::Tokens {
    argus.sessions().iter().fold(crate::ledger::Tokens::default(), |mut all, session| {
        all += tokens(session);
        all
    })
}
