//! How sure sums of money are: reported where Claude Code reported each request of them, and as its weakest request is
//! where it did not.

use std::collections::{BTreeMap, BTreeSet};

use argus_model::record::{SpendCut, SpendQuery, SpendSplit, UsageQuery};
use argus_model::{CostBasis, SessionId, Totals};

use super::world::{World, log_batches, read_whole};

const RECORDINGS: [&str; 3] = ["hidden-usage", "otel-json", "api-errors"];

/// Which of a recording's exports arrive.
fn read(name: &str, arrives: impl Fn(usize) -> bool) -> World {
    let mut world = read_whole(name);
    for (number, batch) in log_batches(name).iter().enumerate() {
        if arrives(number) {
            world.export(batch);
        }
    }
    world.drain();
    world
}

/// What the requests of a query come to, one by one.
fn of_requests(world: &World, spend: SpendQuery, agent_id: Option<&str>, model: Option<&str>) -> Totals {
    let query = UsageQuery { spend, agent_id: agent_id.map(str::to_owned), model: model.map(str::to_owned) };
    let mut sum = Totals::default();
    world.reader().each_usage_in(&query, |record| sum.add(&Totals::of(&record.usage, record.cost), 1)).unwrap();
    sum
}

/// Holds all sums of a world against single requests, and says which bases there are.
fn bases(world: &World, what: &str) -> BTreeSet<CostBasis> {
    let reader = world.reader();
    let mut found = BTreeSet::new();
    let mut same = |shown: &Totals, single: &Totals, place: &str| {
        assert_eq!(shown, single, "{what}: {place}");
        found.extend((shown.requests > 0).then(|| shown.as_cost().basis));
    };
    let all = SpendQuery::default();
    let total = reader.total_spend(&all).unwrap();
    same(&total, &of_requests(world, all.clone(), None, None), "all");
    for row in reader.list_spend(SpendCut::Model, &all).unwrap() {
        same(&row.totals, &of_requests(world, all.clone(), None, Some(&row.key)), &row.key);
    }
    for model in reader.model_totals().unwrap() {
        same(&model.totals, &of_requests(world, all.clone(), None, Some(&model.model)), &model.model);
    }
    let mut projects = BTreeMap::<String, Totals>::new();
    for session in world.sessions() {
        let id = session.session_id.clone();
        let of_session = SpendQuery { session_id: Some(id.clone()), ..SpendQuery::default() };
        same(&session.totals, &of_requests(world, of_session.clone(), None, None), &id);
        projects.entry(session.project.unwrap_or_default()).or_default().add(&session.totals, 1);
        for agent in world.agents(&id) {
            same(&agent.own, &of_requests(world, of_session.clone(), Some(&agent.agent_id), None), &agent.agent_id);
        }
        let mut turns = Totals::default();
        world.turns(&id).iter().for_each(|turn| turns.add(&turn.totals, 1));
        same(&turns, &session.totals, "turns");
        let parts = reader.list_session_parts(&SessionId::new(id)).unwrap().unwrap();
        for part in parts.iter().filter(|_| session.totals.as_cost().basis == CostBasis::Reported) {
            assert_eq!(part.totals.as_cost().basis, CostBasis::Reported, "{what}: {}", part.tool_name);
        }
    }
    for project in reader.list_projects().unwrap() {
        assert_eq!(project.totals.as_cost(), projects[&project.project].as_cost(), "{what}");
    }
    for widest in [900, 86_400] {
        for split in [SpendSplit::Model, SpendSplit::Project] {
            let slots = reader.list_spend_slots(split, &all, widest).unwrap();
            let (mut whole, mut parts) = (0, 0);
            slots.whole.iter().for_each(|(_, totals)| whole += totals.reported_requests);
            slots.parts.iter().for_each(|part| parts += part.totals.reported_requests);
            assert_eq!((whole, parts), (total.reported_requests, total.reported_requests), "{what} {split:?} {widest}");
        }
    }
    found
}

#[test]
fn sums_over_requests_that_claude_code_reported_are_reported() {
    for name in RECORDINGS {
        let world = read(name, |_| true);
        assert_eq!(bases(&world, name), [CostBasis::Reported].into(), "{name}");
        for cut in SpendCut::ALL {
            for row in world.reader().list_spend(cut, &SpendQuery::default()).unwrap() {
                assert!(
                    row.totals.requests == 0 || row.totals.as_cost().basis == CostBasis::Reported,
                    "{cut:?} {row:?}"
                );
            }
        }
    }
}

#[test]
fn sums_over_requests_of_which_some_were_reported_say_what_the_weakest_says() {
    let mut found = BTreeSet::new();
    for name in RECORDINGS {
        found.extend(bases(&read(name, |_| false), name));
        assert!(!found.contains(&CostBasis::Reported), "nobody reported anything");
    }
    for name in RECORDINGS {
        for rest in 0..3 {
            found.extend(bases(&read(name, |number| number % 3 == rest), &format!("{name}, a third of telemetry")));
        }
    }
    assert!(found.contains(&CostBasis::Reported) && found.contains(&CostBasis::Priced), "{found:?}");
}
