//! What results cost to carry over many sessions: what their own contexts say, added up, and never silently of a part.

use std::time::Duration;

use argus_api::dto::{CarryPage, Context};
use argus_api::list_carry;
use argus_ingest::context::list_threads;
use argus_ingest::pricing::PriceTable;
use argus_model::record::{SpendCut, SpendQuery};
use argus_model::{SessionId, Timestamp};
use argus_store::Reader;
use serde_json::{Value, json};

use crate::served::Served;
use crate::story::{MAIN_PICOUSD, SUB_PICOUSD, tell};
use crate::sums::made_up;

const LONG: Duration = Duration::from_secs(60);

fn ask(reader: &Reader, query: &SpendQuery, limit: Duration) -> CarryPage {
    list_carry(reader, query, PriceTable::built_in(), limit).unwrap()
}

#[test]
fn the_carry_of_a_range_is_that_of_its_sessions_to_the_pico_dollar() {
    let mut is_partial = false;
    for seed in 1..=12 {
        let (_folder, store) = made_up(seed);
        let reader = store.readers().get().unwrap();
        let middle = Timestamp::from_micros(1_795_330_800_000_000 + 2 * 86_400_000_000);
        for query in [
            SpendQuery::default(),
            SpendQuery { project: Some("project1".into()), ..SpendQuery::default() },
            SpendQuery { since: Some(middle), ..SpendQuery::default() },
        ] {
            let page = ask(&reader, &query, LONG);
            let (mut input, mut results, mut rest) = (0, 0, 0);
            let sessions = reader.list_spend(SpendCut::Session, &query).unwrap();
            for session in &sessions {
                let id = SessionId::new(session.key.as_str());
                let threads = list_threads(&reader, &id, PriceTable::built_in()).unwrap().unwrap();
                let context = Context::of_session(&threads);
                input += context.input_usd.0.0;
                results += context.results_usd.0.0;
                rest += context.rest_usd.0.0;
            }
            let found = (page.input_usd.0.0, page.results_usd.0.0, page.rest_usd.0.0);
            assert_eq!(found, (input, results, rest), "seed {seed}, {query:?}");
            assert_eq!(page.tools.iter().map(|tool| tool.cost_usd.0.0).sum::<i64>(), results, "seed {seed}");
            assert_eq!(page.looked_at_count, sessions.len() as u64);
            if page.total.cost_usd.is_some_and(|usd| usd.0.0 > 0) {
                assert_eq!((page.covered_usd, page.covered_millionths), (page.total.cost_usd, Some(1_000_000)));
            }

            let part = ask(&reader, &query, Duration::ZERO);
            assert_eq!(part.looked_at_count, page.looked_at_count.min(1), "the dearest is looked at in any case");
            assert_eq!((part.total, part.session_count), (page.total, page.session_count), "and the whole is said");
            is_partial |= part.covered_millionths.is_some_and(|share| (1..1_000_000).contains(&share));
        }
    }
    assert!(is_partial, "a part says which part it is");
}

#[test]
fn the_route_answers_with_the_share_that_was_looked_at_and_nothing_known_is_unknown() {
    let served = Served::over(tell);
    let page = served.get_json("/api/v1/cost/carry");
    assert_eq!((&page["session_count"], &page["looked_at_count"]), (&json!(1), &json!(1)));
    assert_eq!(page["covered_millionths"], json!(1_000_000));
    let total = argus_model::PicoUsd(MAIN_PICOUSD + SUB_PICOUSD).to_decimal();
    let body = served.get("/api/v1/cost/carry").body;
    assert!(body.contains(&format!("\"covered_usd\":{total},")), "{body}");
    assert_eq!(served.get_json("/api/v1/cost/carry?project=nowhere")["session_count"], json!(0));
    assert_eq!(served.get("/api/v1/cost/carry?since=never").status, 400);
    let empty = Served::over(|_| ()).get_json("/api/v1/cost/carry");
    for unknown in ["covered_usd", "covered_millionths", "cost_basis"] {
        assert_eq!(empty[unknown], Value::Null, "{unknown}");
    }
    assert_eq!(empty["total"]["cost_usd"], Value::Null);
}
