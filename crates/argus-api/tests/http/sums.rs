//! Made-up requests by any agents, in any turns, for whatever and wherever, told in pieces, in any order and again: all
//! sums of the same money are the same sum, to the pico-dollar.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use argus_api::dto::CostCut;
use argus_api::{CostQuestion, list_cost};
use argus_model::agent::seen;
use argus_model::record::{EventQuery, SessionQuery, Sources, SpendCut, SpendQuery, SpendRow, UsageQuery};
use argus_model::{
    AgentId, AgentState, Cost, CostBasis, EventKey, EventKind, EventState, Evidence, Facets, First, FirstLine, Maximum,
    MessageId, Minimum, Owner, PicoUsd, PromptId, RequestId, RequestKey, RequestReport, RequestState, SessionId,
    SessionState, Timestamp, ToolUseId, Totals, Usage, UsageRecord,
};
use argus_store::{Batch, Reader, SourceKind, Store};
use jiff::tz::TimeZone;

const BEGIN: i64 = 1_795_330_800_000_000;
const NOW: Timestamp = Timestamp::from_micros(BEGIN + 40 * 86_400_000_000);

/// A small generator, so that a seed says everything.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % bound
    }

    fn is_one_in(&mut self, bound: u64) -> bool {
        self.below(bound) == 0
    }

    fn name(&mut self, what: &str) -> Option<String> {
        let number = self.below(4);
        (number > 0).then(|| format!("{what}{number}"))
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for i in (1..list.len()).rev() {
            list.swap(i, usize::try_from(self.below(i as u64 + 1)).unwrap());
        }
    }
}

fn cost(random: &mut Random) -> Cost {
    let amount = Some(PicoUsd(random.below(9_000_000_000_000).cast_signed()));
    match random.below(8) {
        0 => Cost { amount: None, basis: CostBasis::Unpriced },
        1 => Cost { amount, basis: CostBasis::Incomplete },
        _ => Cost { amount, basis: CostBasis::Priced },
    }
}

fn record(random: &mut Random, at: Timestamp, is_reported: bool) -> UsageRecord {
    let usage = Usage {
        output_tokens: random.below(500),
        input_tokens: random.below(5_000),
        cache_write_5m_tokens: random.below(3_000),
        cache_write_1h_tokens: random.below(2),
        cache_read_tokens: random.below(100_000),
        ..Usage::default()
    };
    let model = format!("model-{}", random.below(3));
    let mut cost = cost(random);
    if is_reported {
        cost = Cost { amount: Some(cost.amount.unwrap_or_default()), basis: CostBasis::Reported };
    }
    UsageRecord { output_tokens: usage.output_tokens, is_reported, at, usage, model, cost }
}

/// A session's agents: each subagent under an earlier one, or under nobody that is known.
fn agents(random: &mut Random, session: &SessionId, at: Timestamp) -> Vec<AgentState> {
    let mut made = Vec::new();
    for number in 0..1 + random.below(6) {
        let id = if number == 0 { AgentId::main() } else { AgentId::new(format!("a{number}")) };
        let mut state = AgentState::new(session.clone(), id);
        state.seen = seen::ACTED;
        state.alive_at(at);
        if number > 0 && !random.is_one_in(5) {
            let above = random.below(number);
            let parent = if above == 0 { AgentId::main() } else { AgentId::new(format!("a{above}")) };
            state.parent_agent_id = First::of(0, at, parent);
            state.tool_use_id = First::of(0, at, ToolUseId::new(format!("{session}.spawn{number}")));
        }
        // Some have none, and some are told better later, or earlier, in a batch of its own.
        for rank in 1..=random.below(3) {
            let name = ["main", "type1", "type2"][usize::try_from(random.below(3)).unwrap()];
            let mut told = AgentState::new(session.clone(), state.agent_id.clone());
            told.agent_type = First::of(u8::try_from(rank).unwrap(), at, name.to_owned());
            made.push(told);
        }
        made.push(state);
    }
    made
}

/// One request as its lines and telemetry tell it, with its events.
fn request(random: &mut Random, number: u64, owner: &Owner, facts: &mut Vec<Batch>) {
    let at = Timestamp::from_micros(BEGIN + random.below(5 * 86_400_000_000).cast_signed());
    let (message, request_id) = (format!("msg{number}"), format!("req{number}"));
    let key = RequestKey { message_id: MessageId::new(&*message), request_id: Some(RequestId::new(&*request_id)) };
    let tools: Vec<(ToolUseId, i64)> = (0..random.below(3))
        .map(|tool| (ToolUseId::new(format!("{message}.tool{tool}")), random.below(900).cast_signed()))
        .collect();
    let is_hidden = random.is_one_in(6);
    for line in 0..if is_hidden { 0 } else { 1 + random.below(3) } {
        let mut state = RequestState::new(key.clone());
        state.owner = First::of(0, at, owner.clone());
        state.usage = Maximum::of(record(random, at, false));
        state.terms.web_search_requests = Some(random.below(3)).into();
        state.is_final = random.is_one_in(2);
        let facets = Facets {
            branch: random.name("branch"),
            worktree: random.name("/tree"),
            repository: random.name("/repository"),
            skill: random.name("skill"),
            mcp_server: random.name("server"),
            query_source: random.name("source"),
        };
        let line_at = Timestamp::from_micros(at.as_micros() + line.cast_signed());
        state.first = Maximum::of(FirstLine { at: Reverse(line_at), facets });
        state.text_blocks = vec![(line.cast_signed(), random.below(700).cast_signed())];
        state.tool_blocks.clone_from(&tools);
        // A line tells of its request and of what that produced at once.
        let events = std::iter::once((EventState::request_key(&key.message_id), EventKind::ModelRequest))
            .chain(tools.iter().map(|(id, _)| (EventState::tool_key(id), EventKind::ToolCall)));
        let events = events.map(|(key, kind)| event(random, owner, (key, kind), at, &message));
        facts.push(Batch { requests: vec![state], events: events.collect(), ..Batch::default() });
    }
    if is_hidden || random.is_one_in(3) {
        let mut state = RequestState::new(RequestKey::reported(RequestId::new(request_id)));
        state.owner = First::of(1, Timestamp::from_micros(0), owner.clone());
        state.usage = Maximum::of(record(random, at, true));
        state.is_final = true;
        let facets = Facets { skill: random.name("skill"), query_source: random.name("source"), ..Facets::default() };
        state.report = Maximum::of(RequestReport { at, duration_ms: None, ttft_ms: None, facets });
        let message = state.key.message_id.to_string();
        let place = (EventState::request_key(&state.key.message_id), EventKind::ModelRequest);
        let events = vec![event(random, owner, place, at, &message)];
        facts.push(Batch { requests: vec![state], events, ..Batch::default() });
    }
}

fn event(random: &mut Random, owner: &Owner, place: (EventKey, EventKind), at: Timestamp, message: &str) -> EventState {
    let mut state = EventState::new(owner.session_id.clone(), place.0, place.1);
    state.agent_id = First::of(0, at, owner.agent_id.clone());
    state.prompt_id = First::of(0, at, owner.prompt_id.clone().unwrap());
    state.line_at = Minimum::of(at);
    state.message_id = First::of(0, at, MessageId::new(message));
    if place.1 == EventKind::ToolCall {
        let (tool, hash) = (random.below(3), random.below(900));
        state.tool_name = First::of(0, at, format!("Tool{tool}"));
        if random.is_one_in(4) {
            state.evidence = Evidence::ASKS_COMMIT;
            state.commit_line = First::of(0, at, format!("abcdef{hash:03} subject"));
        }
    }
    state
}

/// All that is told, in the order of its making.
fn facts(random: &mut Random) -> Vec<Batch> {
    let mut facts = Vec::new();
    let begin = Timestamp::from_micros(BEGIN);
    let mut number = 0;
    for session in 0..1 + random.below(3) {
        let id = SessionId::new(format!("session{session}"));
        let mut state = SessionState::new(id.clone());
        state.alive_at(begin);
        state.sources = Sources::TRANSCRIPT | Sources::OTLP;
        // One name may be that of two projects; some sessions have none, and some change.
        for rank in 1..=random.below(3) {
            let project = ["/project0", "/x/project1", "/y/project1"][usize::try_from(random.below(3)).unwrap()];
            let mut told = SessionState::new(id.clone());
            told.project = First::of(u8::try_from(rank).unwrap(), begin, project.to_owned());
            facts.push(Batch { sessions: vec![told], ..Batch::default() });
        }
        if let Some(branch) = random.name("branch") {
            state.git_branch = argus_model::Last::of(0, begin, branch);
        }
        let agents = agents(random, &id, begin);
        let prompts: Vec<PromptId> = (0..1 + random.below(3)).map(|n| PromptId::new(format!("{id}.p{n}"))).collect();
        let prompt_events = prompts.iter().map(|prompt| {
            let mut event = EventState::new(id.clone(), EventKey::new(format!("p.{prompt}")), EventKind::Prompt);
            event.agent_id = First::of(0, begin, AgentId::main());
            event.prompt_id = First::of(0, begin, prompt.clone());
            event.line_at = Minimum::of(begin);
            event
        });
        facts.push(Batch { sessions: vec![state], events: prompt_events.collect(), ..Batch::default() });
        for _ in 0..random.below(25) {
            let agent = &agents[usize::try_from(random.below(agents.len() as u64)).unwrap()];
            let prompt = &prompts[usize::try_from(random.below(prompts.len() as u64)).unwrap()];
            let owner =
                Owner { session_id: id.clone(), agent_id: agent.agent_id.clone(), prompt_id: Some(prompt.clone()) };
            request(random, number, &owner, &mut facts);
            number += 1;
        }
        facts.extend(agents.into_iter().map(|agent| Batch { agents: vec![agent], ..Batch::default() }));
    }
    facts
}

/// Told in this order, some of it again, so many at a time.
fn tell(store: &Store, facts: &[Batch], random: &mut Random) {
    let mut order: Vec<&Batch> = facts.iter().collect();
    let again: Vec<&Batch> = facts.iter().filter(|_| random.is_one_in(4)).collect();
    order.extend(again);
    random.shuffle(&mut order);
    let mut writer = store.writer().unwrap();
    writer.register_source(SourceKind::Otlp, "session0", 1, "").unwrap();
    let mut rest = order.as_slice();
    while !rest.is_empty() {
        let count = usize::try_from(1 + random.below(9)).unwrap().min(rest.len());
        let batches: Vec<Batch> = rest[..count].iter().map(|batch| (*batch).clone()).collect();
        writer.apply(&batches).unwrap();
        rest = &rest[count..];
    }
}

/// The rows of every cut.
fn cuts(reader: &Reader, query: &SpendQuery) -> BTreeMap<String, Vec<(String, Totals)>> {
    let rows = |cut| reader.list_spend(cut, query).unwrap().into_iter().map(|row| (row.key, row.totals)).collect();
    SpendCut::ALL.into_iter().map(|cut| (format!("{cut:?}"), rows(cut))).collect()
}

/// Pages, one after the other, are the list.
fn assert_pages(reader: &Reader, query: &SpendQuery, seed: u64) {
    for cut in SpendCut::ALL {
        let list = reader.list_spend(cut, query).unwrap();
        let mut paged: Vec<SpendRow> = Vec::new();
        loop {
            let after = paged.last().map(|row| (row.totals.cost, row.key.clone()));
            let after = after.as_ref().map(|(cost, key)| (*cost, key.as_str()));
            let (page, has_more) = reader.list_spend_page(cut, query, after, 2).unwrap();
            assert!(page.len() == 2 || !has_more, "{cut:?} of {query:?}, seed {seed}");
            paged.extend(page);
            if !has_more {
                break;
            }
        }
        assert_eq!(paged, list, "{cut:?} of {query:?}, seed {seed}");
    }
}

fn assert_sums(reader: &Reader, seed: u64) {
    assert_eq!(reader.check().unwrap(), Vec::<String>::new(), "seed {seed}");
    let whole = reader.total_spend(&SpendQuery::default()).unwrap();
    let mut of_requests = Totals::default();
    let each = |record: &UsageRecord| of_requests.add(&Totals::of(&record.usage, record.cost), 1);
    reader.each_usage_in(&UsageQuery::default(), each).unwrap();
    assert_eq!(of_requests, whole, "requests, seed {seed}");
    let query = SessionQuery { limit: 100, ..SessionQuery::default() };
    let mut of_sessions = Totals::default();
    let (mut projects, mut types) = (BTreeMap::<String, Totals>::new(), BTreeMap::<String, Totals>::new());
    for session in reader.list_sessions(&query, NOW).unwrap().rows {
        let id = SessionId::new(session.session_id.as_str());
        of_sessions.add(&session.totals, 1);
        projects.entry(session.project.clone().unwrap_or_default()).or_default().add(&session.totals, 1);
        let sum = |parts: Vec<Totals>| {
            parts.iter().fold(Totals::default(), |mut sum, part| {
                sum.add(part, 1);
                sum
            })
        };
        let agents = reader.list_agents(&id, NOW).unwrap();
        assert_eq!(sum(agents.iter().map(|agent| agent.own).collect()), session.totals, "agents, seed {seed}");
        for agent in &agents {
            let main = || "main".to_owned();
            let key = if agent.agent_id.is_empty() { main() } else { agent.agent_type.clone().unwrap_or_default() };
            types.entry(key).or_default().add(&agent.own, 1);
        }
        // Whoever stands under nobody, with all that it started.
        let is_known = |parent: &String| agents.iter().any(|agent| agent.agent_id == *parent);
        let tops = agents.iter().filter(|agent| !agent.parent_agent_id.as_ref().is_some_and(is_known));
        assert_eq!(sum(tops.map(|agent| agent.subtree).collect()), session.totals, "subtrees, seed {seed}");
        let turns = reader.list_turns(&id).unwrap();
        assert_eq!(sum(turns.iter().map(|turn| turn.totals).collect()), session.totals, "turns, seed {seed}");
        let every = EventQuery { all_kinds: true, limit: 1_000, ..EventQuery::default() };
        let (events, _) = reader.list_events(&id, &every).unwrap();
        let money: i64 = events.iter().filter_map(|event| event.cost?.amount).map(|amount| amount.0).sum();
        assert_eq!(money, session.totals.cost.0, "events, seed {seed}");
    }
    assert_eq!(of_sessions, whole, "sessions, seed {seed}");
    for (cut, mut sums) in [(SpendCut::Project, projects), (SpendCut::Agent, types)] {
        sums.retain(|_, totals| totals.requests != 0);
        let rows = reader.list_spend(cut, &SpendQuery::default()).unwrap();
        let rows: BTreeMap<String, Totals> = rows.into_iter().map(|row| (row.key, row.totals)).collect();
        assert_eq!(rows, sums, "{cut:?}, seed {seed}");
    }
    for zone in ["UTC", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"] {
        let question = CostQuestion {
            by: CostCut::Day,
            split: None,
            query: SpendQuery::default(),
            zone: TimeZone::get(zone).unwrap(),
            limit: 1_000,
            cursor: None,
        };
        let page = list_cost(reader, &question, NOW).unwrap();
        let days: i64 = page.rows.iter().filter_map(|row| row.usage.cost_usd).map(|usd| usd.0.0).sum();
        assert_eq!(days, whole.cost.0, "days in {zone}, seed {seed}");
    }
    let middle = Timestamp::from_micros(BEGIN + 2 * 86_400_000_000 + 1);
    let ranges = [(None, None), (Some(middle), None), (None, Some(middle))];
    for ((since, until), project) in ranges.into_iter().flat_map(|range| [(range, None), (range, Some("project1"))]) {
        let query = SpendQuery { since, until, project: project.map(str::to_owned), ..SpendQuery::default() };
        let total = reader.total_spend(&query).unwrap();
        assert_pages(reader, &query, seed);
        for (cut, rows) in cuts(reader, &query) {
            let mut sum = Totals::default();
            rows.iter().for_each(|(_, totals)| sum.add(totals, 1));
            if cut == "Tool" {
                // Tools have shares of requests, which are no requests.
                let Totals { requests, incomplete_requests, unpriced_requests, reported_requests, .. } = total;
                sum = Totals { requests, incomplete_requests, unpriced_requests, reported_requests, ..sum };
            }
            assert_eq!(sum, total, "{cut} of {query:?}, seed {seed}");
        }
    }
}

#[test]
fn events_requests_agents_turns_sessions_days_and_every_cut_come_to_the_same() {
    for seed in 1..=24 {
        let mut random = Random(u64::wrapping_mul(seed, 0x9e37_79b9_7f4a_7c15) | 1);
        let facts = facts(&mut random);
        let mut found = Vec::new();
        for _ in 0..2 {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::open(&folder.path().join("argus.db")).unwrap();
            tell(&store, &facts, &mut random);
            let reader = store.readers().get().unwrap();
            assert_sums(&reader, seed);
            found.push(cuts(&reader, &SpendQuery::default()));
        }
        assert_eq!(found[0], found[1], "another order gives the same, seed {seed}");
    }
}

/// Made-up sessions for whoever asks other questions of them.
pub(crate) fn made_up(seed: u64) -> (tempfile::TempDir, Store) {
    let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
    let facts = facts(&mut random);
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("argus.db")).unwrap();
    tell(&store, &facts, &mut random);
    (folder, store)
}
