//! What recorded threads' contexts were made of, and that money is neither made nor lost on the way.

use argus_model::{AgentId, SessionId};

use super::world::{read_whole, recordings};
use crate::context::{ThreadContext, by_tool};
use crate::pricing::PriceTable;

#[test]
fn results_and_the_rest_are_the_prompts_of_every_recorded_thread() {
    let (mut results, mut known) = (0, 0);
    for name in recordings() {
        let world = read_whole(&name);
        for session in world.sessions() {
            let id = SessionId::new(session.session_id.as_str());
            let mut prompts = 0;
            let together = world.reader().list_contexts(&id).unwrap().unwrap();
            for (agent_id, steps) in &together {
                assert_eq!(world.reader().list_context(&id, agent_id).unwrap().as_ref(), Some(steps), "{name} {id}");
            }
            for agent in world.agents(&session.session_id) {
                let agent_id = AgentId::new(agent.agent_id.as_str());
                let steps = world.reader().list_context(&id, &agent_id).unwrap().unwrap();
                let context = ThreadContext::of(steps, PriceTable::built_in());
                let of_results: i64 = context.results.iter().filter_map(|one| one.cost()).map(|cost| cost.0).sum();
                assert_eq!(context.rest.0 + of_results, context.input.0, "{name} {id} {agent_id}");
                assert!(context.rest.0 >= 0);
                let of_tools: i64 = by_tool(&context.results).values().map(|tool| tool.entry.0 + tool.carried.0).sum();
                assert_eq!(of_tools, of_results);
                assert!(context.points.is_sorted_by_key(|point| point.at));
                assert!(context.points.is_empty() || together.iter().any(|(together, _)| *together == agent_id));
                prompts += context.points.iter().map(|point| point.prompt_tokens()).sum::<u64>();
                results += context.results.len();
                known += context.results.iter().filter(|result| result.carry.tokens.is_some()).count();
            }
            let totals = &session.totals;
            let hidden: i64 = world
                .reader()
                .list_hidden(&id)
                .unwrap()
                .iter()
                .map(|told| {
                    told.totals.input_tokens
                        + told.totals.cache_read_tokens
                        + told.totals.cache_write_5m_tokens
                        + told.totals.cache_write_1h_tokens
                })
                .sum();
            let all = totals.input_tokens
                + totals.cache_read_tokens
                + totals.cache_write_5m_tokens
                + totals.cache_write_1h_tokens;
            assert_eq!(prompts, (all - hidden).cast_unsigned(), "{name} {id}");
        }
    }
    assert!(results > 100 && known > 50, "{known} of {results}");
}

#[test]
fn an_agent_that_is_not_there_has_no_context() {
    let world = read_whole("tour");
    let id = SessionId::new(world.sessions()[0].session_id.as_str());
    assert_eq!(world.reader().list_context(&id, &AgentId::new("nobody")).unwrap(), None);
    assert_eq!(world.reader().list_context(&SessionId::new("nowhere"), &AgentId::main()).unwrap(), None);
}
