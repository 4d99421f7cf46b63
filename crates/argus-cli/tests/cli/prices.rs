//! A person's own prices, from a model without a price to stored requests that have one.

use std::fs;

use serde_json::json;

use crate::world::{World, transcript};

/// A session answered by a model that no list knows.
fn captured(world: &World) {
    let mut lines = transcript("s1", "hello");
    lines[1]["message"]["model"] = json!("house-model");
    lines[1]["message"]["stop_reason"] = json!("tool_use");
    world.write_transcript("s1", &lines);
    world.run(&["import"]).assert_success();
}

fn spent(world: &World) -> serde_json::Value {
    let sessions = world.run(&["sessions", "--json"]).json();
    let session = &sessions["sessions"][0];
    json!([session["cost_usd"], session["cost_basis"]])
}

#[test]
fn a_model_without_a_price_gets_one_and_stored_requests_too_once_that_is_ordered() {
    let world = World::new();
    captured(&world);
    assert_eq!(spent(&world), json!([null, "unpriced"]));
    let table = world.home().join("litellm.json");
    let other = json!({ "input_cost_per_token": 1e-06, "output_cost_per_token": 1e-06 });
    let house = json!({ "input_cost_per_token": 3e-06, "output_cost_per_token": 1.5e-05 });
    fs::write(&table, json!({ "house-model": house, "other-model": other }).to_string()).unwrap();
    let table = table.to_str().unwrap();

    let shown = world.run(&["prices", "import", table, "--dry-run"]);
    shown.assert_success();
    assert!(shown.stdout().contains("house-model") && !shown.stdout().contains("other-model"), "{}", shown.stdout());
    assert_eq!(world.run(&["prices", "import", table]).code(), 2, "nobody to ask");
    assert_eq!(world.run(&["prices", "check"]).code(), 1, "there is no file yet");
    world.run(&["prices", "import", table, "--yes"]).assert_success();
    world.run(&["prices", "check"]).assert_success();
    assert_eq!(world.run(&["prices", "import", table, "--yes", "--model", "house-model"]).code(), 1, "it is there");

    // Nothing that is stored changes before somebody orders it.
    world.run(&["import"]).assert_success();
    assert_eq!(spent(&world), json!([null, "unpriced"]));
    let would = world.run(&["prices", "apply", "--dry-run", "--json"]).json();
    let change = &would["models"][0];
    assert_eq!(
        json!([change["cost_usd"], change["new_cost_usd"], would["repriced_requests"]]),
        json!([null, 0.00078, 0])
    );
    assert_eq!(world.run(&["prices", "apply"]).code(), 2, "nobody to ask");
    assert_eq!(world.run(&["prices", "apply", "--yes", "--json"]).json()["repriced_requests"], 1);
    assert_eq!(spent(&world), json!([0.00078, "priced"]));
    let events = world.run(&["show", "s1", "--json"]).json()["events"].clone();
    let asked = events.as_array().unwrap().iter().find(|event| event["kind"] == "tool_call").unwrap();
    let why = world.run(&["cost", "--explain", asked["event_id"].as_str().unwrap(), "--json"]).json()["price"].clone();
    assert_eq!(json!([why["list_usd"], why["is_list_price"], why["source"]]), json!([0.00078, true, "prices.toml"]));
    world.run(&["db", "check"]).assert_success();
    assert_eq!(world.run(&["prices", "apply", "--yes", "--json"]).json()["repriced_requests"], 0);
}

#[test]
fn what_would_lack_a_price_is_no_saving() {
    let world = World::new();
    let mut lines = transcript("s1", "hello");
    lines[1]["message"]["model"] = json!("claude-haiku-4-5-20251001");
    lines[1]["message"]["stop_reason"] = json!("tool_use");
    lines[1]["message"]["usage"]["cache_read_input_tokens"] = json!(1_000_000);
    world.write_transcript("s1", &lines);
    world.run(&["import"]).assert_success();
    let prices = "[[price]]\nmodel = 'claude-haiku-4-5-20251001'\ninput = 1\noutput = 1\n";
    fs::write(world.data().join("prices.toml"), prices).unwrap();
    let would = world.run(&["prices", "apply", "--dry-run", "--json"]).json();
    assert_eq!(would["models"][0]["less_known_requests"], 1, "{would}");
    let text = world.run(&["prices", "apply", "--dry-run"]).stdout();
    assert!(text.contains("≥ $0.00") && text.contains("1 would lack the price of some tokens"), "{text}");
    assert!(!text.contains('−'), "{text}");
    // And the other way no rise.
    world.run(&["prices", "apply", "--yes"]).assert_success();
    fs::remove_file(world.data().join("prices.toml")).unwrap();
    let text = world.run(&["prices", "apply", "--dry-run"]).stdout();
    assert!(text.contains("1 lacked the price of some tokens") && !text.contains('+'), "{text}");
}

#[test]
fn a_wrong_price_is_told_by_its_line_and_nothing_is_priced_anew_by_it() {
    let world = World::new();
    captured(&world);
    let path = world.data().join("prices.toml");
    fs::write(&path, "[[price]]\nmodel = 'house-model'\ninput = 1\n\n[[price]]\nmodel = '*'\nmultiplier = 0.5\n")
        .unwrap();
    let checked = world.run(&["prices", "check"]);
    assert_eq!(checked.code(), 1);
    assert!(checked.stderr().contains("line 1: the price of house-model is left out"), "{}", checked.stderr());
    let applied = world.run(&["prices", "apply", "--yes"]);
    assert_eq!(applied.code(), 1);
    assert!(applied.stderr().contains("before all of your prices are right"), "{}", applied.stderr());
    let listed = world.run(&["prices", "list", "--json"]).json();
    assert_eq!(listed["prices"][0]["multiplier"], "0.5", "the right one holds");
    assert!(world.run(&["doctor", "--json"]).stdout().contains("is left out"));
}

#[test]
fn a_running_server_goes_by_prices_that_change_and_prices_stored_requests_anew() {
    let world = World::new();
    captured(&world);
    world.listen_anywhere();
    world.run(&["up", "--yes", "--no-open", "--no-hooks"]).assert_success();
    let prices = "[[price]]\nmodel = 'house-model'\ninput = 3\noutput = 15\n";
    fs::write(world.data().join("prices.toml"), prices).unwrap();
    world.run(&["prices", "apply", "--yes"]).assert_success();
    assert_eq!(spent(&world), json!([0.00078, "priced"]));
    world.run(&["down"]).assert_success();
}
