//! A person's own prices: what is read from then on has them, what is stored keeps its price until they order otherwise.

use argus_model::CareOrder;

use super::world::{World, hook_calls, log_batches, transcript_files};
use crate::care::carry_out;
use crate::import::IngestSettings;
use crate::pricing::{Factor, OwnPrice, OwnPrices, OwnTerms};

fn half_price() -> IngestSettings {
    let mut prices = OwnPrices::default();
    let terms = OwnTerms::Multiplier(Factor::parse("0.5").unwrap());
    prices.add(OwnPrice { model: "*".to_owned(), from: None, to: None, terms, source: None }).unwrap();
    IngestSettings { prices, ..IngestSettings::default() }
}

fn feed(world: &mut World, name: &str) {
    for call in hook_calls(name) {
        world.spool(&call);
    }
    world.drain();
    for (path, bytes) in transcript_files(name) {
        let target = world.projects().join(path);
        std::fs::create_dir_all(target.parent().unwrap()).unwrap();
        std::fs::write(&target, bytes).unwrap();
    }
    world.scan();
}

fn spent(world: &World) -> i64 {
    world.reader().model_totals().unwrap().iter().map(|model| model.totals.cost.0).sum()
}

/// Alerts about money stand once raised, so they are left out.
fn without_alerts(dump: &str) -> String {
    dump.lines().filter(|line| !line.contains("alert")).collect::<Vec<_>>().join("\n")
}

#[test]
fn stored_requests_keep_their_price_until_they_are_priced_anew() {
    let name = "tour";
    let (mut listed, mut halved) = (World::new(), World::new());
    feed(&mut listed, name);
    let (before, dump) = (spent(&listed), listed.dump());
    assert!(before > 0);
    halved.engine.take_over(&half_price());
    feed(&mut halved, name);

    // The prices change, and everything is read again: nothing stored changes.
    listed.engine.take_over(&half_price());
    listed.engine.writer.reset_offsets().unwrap();
    listed.restart();
    listed.engine.take_over(&half_price());
    listed.scan();
    assert_eq!(listed.dump(), dump);

    let report = carry_out(&mut listed.engine, &listed.spool, &CareOrder::Reprice, &mut |_, _, _, _| Ok(())).unwrap();
    assert!(report.requests > 0);
    assert_eq!(spent(&listed), spent(&halved));
    assert!(spent(&listed) < before);
    assert_eq!(listed.reader().check().unwrap(), Vec::<String>::new(), "every sum is the sum of its parts");
    let (was, is) = (without_alerts(&halved.dump()), without_alerts(&listed.dump()));
    assert_eq!(is, was, "priced anew is as if it had been read so");

    let again = carry_out(&mut listed.engine, &listed.spool, &CareOrder::Reprice, &mut |_, _, _, _| Ok(())).unwrap();
    assert_eq!(again.requests, 0);
}

#[test]
fn what_claude_code_reported_is_not_priced_anew() {
    let mut world = World::new();
    for batch in log_batches("hidden-usage") {
        world.export(&batch);
    }
    world.drain();
    let before = spent(&world);
    assert!(before > 0);
    world.engine.take_over(&half_price());
    let report = carry_out(&mut world.engine, &world.spool, &CareOrder::Reprice, &mut |_, _, _, _| Ok(())).unwrap();
    assert_eq!((report.requests, spent(&world)), (0, before));
}
