//! Money as comma-separated values: what JSON says, in a form that spreadsheets take.

use crate::world::{HOSTILE, World, acts, transcript};

#[test]
fn comma_separated_money_says_what_json_says_whatever_the_names() {
    let world = World::new();
    for (number, text) in HOSTILE.iter().chain(["=1+1", "a,\"b\"", "plain"].iter()).enumerate() {
        let id = format!("s{number}");
        world.write_transcript(&id, &transcript(&id, text));
    }
    world.run(&["import"]).assert_success();
    for by in ["branch", "session", "model", "tool", "day"] {
        let rows = world.run(&["cost", "--by", by, "--json"]).json()["rows"].as_array().unwrap().clone();
        let lines = world.run(&["cost", "--by", by, "--csv"]);
        lines.assert_success();
        let text = lines.stdout();
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let money = reader.headers().unwrap().iter().position(|name| name == "cost_usd").unwrap();
        let records: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
        assert_eq!(records.len(), rows.len(), "{by}");
        for (record, row) in records.iter().zip(&rows) {
            let told = row["cost_usd"].as_number().map(ToString::to_string).unwrap_or_default();
            assert_eq!(record[money].parse::<f64>().ok(), told.parse::<f64>().ok(), "{by}: {record:?}");
            let name = &record[0];
            assert!(!name.starts_with(['=', '+', '-', '@']) && !name.chars().any(acts), "{by}: {name:?}");
        }
    }
    assert_eq!(world.run(&["cost", "--csv", "--json"]).code(), 2);
    let nothing = World::new().run(&["cost", "--csv"]);
    nothing.assert_success();
    assert_eq!(nothing.stdout().lines().count(), 1, "the names of the columns alone");
}
