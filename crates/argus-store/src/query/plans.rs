//! Every statement that this crate runs is answered from an index: SQLite itself is asked for the plan of each.
//!
//! The statements are not listed by hand: SQLite tells of each that begins to run while every question is asked once
//! and every kind of fact is written, so a new one is judged as soon as its question is asked here. That each question
//! is asked is looked up in the sources. A table that is read in full stands in `ALLOWED` with its reason.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::ops::ControlFlow;
use std::time::Duration;

use argus_model::budget::{AgentLimits, Crossing};
use argus_model::record::{EventQuery, ReconciliationQuery, SessionQuery, SpendCut, SpendQuery, SpendSplit};
use argus_model::{
    Actor, AgentId, AgentState, AlertAction, AlertFact, AlertScope, AlertState, Budget, BudgetPeriod, BudgetScope,
    BudgetVerdict, Cost, CostBasis, CostStatement, Counted, DeedFact, EventKey, EventKind, EventState, Evidence,
    Facets, First, Ground, Maximum, MessageId, Minimum, Owner, PicoUsd, RequestKey, RequestReport, RequestState,
    RuleId, SessionId, SessionState, Severity, SpendLimits, Timestamp, Totals, Usage, UsageRecord,
};
use rusqlite::Connection;
use rusqlite::trace::{TraceEvent, TraceEventCodes};

use super::Reader;
use super::search::{EventFilter, IndexedWord};
use crate::search::{ChunkWords, PackedChunk, Sighting, pack};
use crate::{Batch, BodyChunk, BodyLine, Quarantined, RequestPlace, SourceKind, SourceUpdate, Store, Writer};
use allowed::ALLOWED;
use guard::budget;

mod alerts;
mod allowed;
mod guard;
mod requests;

const AT: Timestamp = Timestamp::from_micros(1_795_330_800_000_000);

/// Tables that stay small: a row a key, a model, a mute, a pause, a project, a tool, a type of agents.
const SMALL: [&str; 9] = ["agent_type", "budget", "facet", "meta", "model", "mute", "pause", "project", "tool"];

thread_local! {
    static RUN: RefCell<BTreeSet<String>> = const { RefCell::new(BTreeSet::new()) };
}

/// What began to run on this connection, from now on.
fn listen(connection: &Connection) {
    connection.trace_v2(
        TraceEventCodes::SQLITE_TRACE_STMT,
        Some(|event| {
            // Steps of a trigger are told as comments, without their text.
            if let TraceEvent::Stmt(statement, told) = event
                && !told.starts_with("--")
            {
                RUN.with_borrow_mut(|run| run.insert(statement.sql().into_owned()));
            }
        }),
    );
}

fn request() -> RequestState {
    let mut request = RequestState::new(RequestKey { message_id: MessageId::from("m"), request_id: None });
    let owner = Owner { session_id: SessionId::from("s"), agent_id: AgentId::main(), prompt_id: Some("p".into()) };
    request.owner = First::of(0, AT, owner);
    let usage = Usage { output_tokens: 10, input_tokens: 7, ..Usage::default() };
    let cost = Cost { amount: Some(PicoUsd(1_001)), basis: CostBasis::Priced };
    request.usage =
        Maximum::of(UsageRecord { output_tokens: 10, is_reported: false, at: AT, usage, model: "opus".into(), cost });
    request.is_final = true;
    request.text_blocks = vec![(1, 30)];
    request.tool_blocks = vec![("toolu_1".into(), 70)];
    request
}

fn sighting() -> Sighting {
    Sighting { fingerprint: "0123abcd".to_owned(), session_id: "s".to_owned(), at: Some(AT), ..Sighting::default() }
}

fn statement() -> CostStatement {
    CostStatement {
        session_id: "s".into(),
        opened_at: AT,
        runs_ms: 9,
        at: AT,
        forked_from: Some("p".into()),
        copied_until: Some(AT),
        has_unknown_model: false,
        total: PicoUsd(5),
        models: [("opus".to_owned(), Counted { cost: PicoUsd(5), ..Counted::default() })].into(),
    }
}

fn facts() -> Batch {
    let id = SessionId::from("s");
    let mut session = SessionState::new(id.clone());
    session.alive_at(AT);
    session.sources = argus_model::record::Sources::OTLP;
    let agents = ["", "a1"].map(|agent| {
        let mut agent = AgentState::new(id.clone(), AgentId::new(agent));
        agent.alive_at(AT);
        agent
    });
    let mut call = EventState::new(id.clone(), EventKey::new("toolu_1"), EventKind::ToolCall);
    call.tool_name = First::of(0, AT, "Bash".to_owned());
    call.line_at = Minimum::of(AT);
    call.duration_ms = First::of(0, AT, 250);
    call.message_id = First::of(0, AT, "m".into());
    call.evidence = Evidence::REQUESTED.with(Evidence::RESULT_ERROR);
    let ground = Ground::of(Severity::High, "because");
    let alert = AlertFact {
        session_id: id,
        key: EventKey::new("toolu_1"),
        rule: RuleId::new("priv.sudo"),
        agent_id: AgentId::main(),
        tool_name: Some("Bash".to_owned()),
        ground: First::of(0, AT, ground),
    };
    let deed = |is_consequence: bool, at: Timestamp| DeedFact {
        within_us: None,
        after: None,
        session_id: "s".into(),
        key: EventKey::new("toolu_1"),
        rule: RuleId::new("seq.download-then-exec"),
        subject: "/tmp/x".to_owned(),
        is_consequence,
        agent_id: AgentId::main(),
        tool_name: None,
        ground: First::of(0, at, alert.ground.get().cloned().unwrap()),
    };
    let quarantined = Quarantined {
        kind: SourceKind::Transcript,
        source_name: "f".to_owned(),
        offset: 0,
        reason: "not JSON".to_owned(),
        at: AT,
        size_bytes: 1,
        excerpt: "x".to_owned(),
    };
    Batch {
        sessions: vec![session],
        agents: agents.into(),
        requests: vec![request()],
        events: vec![call],
        deeds: vec![deed(false, AT), deed(true, Timestamp::from_micros(AT.as_micros() + 1))],
        alerts: vec![alert],
        statements: vec![statement()],
        quarantined: vec![quarantined],
        ..Batch::default()
    }
}

/// Writes one of everything, and asks the writer all that it can be asked.
fn write_everything(writer: &mut Writer) {
    write_budgets(writer);
    writer.watch_spending(
        SpendLimits { request: PicoUsd(1), session: PicoUsd(1), agents: AgentLimits::default() },
        Box::new(|_| Vec::new()),
    );
    for _ in 0..2 {
        writer.apply(&[facts()]).unwrap();
    }
    write_reported(writer);
    writer.register_source(SourceKind::Otlp, "s", 1, "").unwrap();
    let more = Counted { cost: PicoUsd(5), input_tokens: 1, ..Counted::default() };
    let more = CostStatement { models: [("opus".to_owned(), more)].into(), ..statement() };
    let unforked = CostStatement { forked_from: None, copied_until: None, runs_ms: 1, ..statement() };
    writer.apply(&[Batch { statements: vec![more, unforked], ..Batch::default() }]).unwrap();
    let source = writer.register_source(SourceKind::Transcript, "f", 1, "/f").unwrap();
    let update = SourceUpdate {
        source_no: source.source_no,
        path: "/f".to_owned(),
        size_bytes: 9,
        modified_at: Some(1),
        from_offset: 0,
        read_offset: 9,
        reader_state: Vec::new(),
        record_count: 1,
        unknown_count: 0,
        last_at: Some(AT),
    };
    let lines = vec![BodyLine { offset: 0, text: "word".to_owned() }];
    let body = BodyChunk { source_no: source.source_no, lines, archived_offset: Some(5) };
    writer.apply(&[Batch { sources: vec![update], bodies: vec![body], ..Batch::default() }]).unwrap();
    let words =
        ChunkWords { words: "word".to_owned(), first_at: Some(AT), last_at: Some(AT), sightings: vec![sighting()] };
    writer.index_chunks(&[(writer.list_waiting(0, 10).unwrap()[0].body_no, words.clone())]).unwrap();
    let chunk = PackedChunk {
        source_no: source.source_no,
        first_offset: 5,
        last_offset: 5,
        plain_bytes: 6,
        packed: pack(b"5 word\n"),
        archived_offset: 9,
        words: Some(words),
    };
    writer.replace_chunks(&[(1, b"0 word\n".to_vec())]).unwrap();
    writer.keep_chunks(&[PackedChunk { words: None, ..chunk.clone() }]).unwrap();
    writer.keep_chunks(&[chunk]).unwrap();
    writer.set_meta("k", b"v").unwrap();
    writer.get_meta("k").unwrap();
    writer.list_processes().unwrap();
    writer.list_transcripts().unwrap();
    writer.list_unarchived(i64::MAX, 10).unwrap();
    writer.list_new_orphans(AT).unwrap();
    writer.list_unguarded(AT, AT).unwrap();
    writer.list_unobserved(AT, AT, AT).unwrap();
    writer.list_repeated(AT).unwrap();
    assert_eq!(writer.latest_session().unwrap(), Some("s".into()));
    writer.pause(AT, None).unwrap();
    writer.resume(AT).unwrap();
    writer.list_pauses().unwrap();
    writer.list_withheld().unwrap();
    writer.judge_everything().unwrap();
    writer.reprice_some(&RequestPlace::default(), &|record| record.cost).unwrap();
    let action =
        AlertAction { state: AlertState::Acknowledged, at: AT, reason: None, muted_until: None, actor: Actor::Script };
    for scope in [AlertScope::One, AlertScope::Group, AlertScope::Session, AlertScope::Project] {
        for state in [AlertState::Acknowledged, AlertState::Muted, AlertState::Open] {
            let muted_until = (state == AlertState::Muted).then_some(AT);
            let action = AlertAction { state, muted_until, ..action.clone() };
            assert_eq!(writer.act_on_alerts(&scope("s~toolu_1~priv.sudo".to_owned()), &action).unwrap().count, 1);
        }
    }
    for state in [AlertState::Acknowledged, AlertState::Open] {
        writer.act_on_alerts(&AlertScope::Past, &AlertAction { state, ..action.clone() }).unwrap();
    }
    writer.act_on_alerts(&AlertScope::Mute(1), &AlertAction { state: AlertState::Open, ..action }).unwrap();
    writer.reset_offsets().unwrap();
}

/// A budget of every scope, its alerts, and its end.
fn write_budgets(writer: &mut Writer) {
    let budgets: Vec<Budget> = BudgetScope::ALL.map(budget).into();
    writer.define_budgets(&budgets, AT).unwrap();
    writer.apply(&[facts()]).unwrap();
    assert_eq!(writer.list_due(10).unwrap().len(), 1);
    let session_id = SessionId::from("s");
    let ground = Ground::of(Severity::High, "because");
    for of_session in [None, Some(session_id.clone())] {
        let crossing = Crossing { slot: 0, session_id: session_id.clone() };
        let mut verdict = BudgetVerdict {
            key: EventKey::new("budget.b"),
            rule: RuleId::new("budget.step"),
            session_id: of_session,
            agent_id: AgentId::main(),
            passed: Some((crossing, ground.clone())),
        };
        for _ in 0..2 {
            writer.settle_budgets(std::slice::from_ref(&verdict), 1, AT).unwrap();
        }
        assert!(writer.is_said(&verdict).unwrap());
        assert_eq!(writer.list_said("budget.", verdict.session_id.as_ref()).unwrap().len(), 1);
        verdict.passed = None;
        writer.settle_budgets(&[verdict], 1, AT).unwrap();
    }
    let action =
        AlertAction { state: AlertState::Acknowledged, at: AT, reason: None, muted_until: None, actor: Actor::Script };
    let scope = AlertScope::One("~budget.b~budget.step".to_owned());
    assert_eq!(writer.act_on_alerts(&scope, &action).unwrap().count, 1);
    writer.define_budgets(&budgets[1..], AT).unwrap();
    assert_eq!(writer.ledger().list_budgets().unwrap().len(), 6);
}

/// A request that telemetry tells of first, and then a transcript; then telemetry says more.
fn write_reported(writer: &mut Writer) {
    let mut told = request();
    told.key = RequestKey { message_id: "told".into(), request_id: Some("r".into()) };
    let mut report = request();
    report.key = RequestKey::reported("r".into());
    let key = EventState::request_key(&report.key.message_id);
    let event = EventState::new("s".into(), key, EventKind::ModelRequest);
    let facts = |request: &RequestState, events: Vec<EventState>| Batch {
        requests: vec![request.clone()],
        events,
        ..Batch::default()
    };
    writer.apply(&[facts(&report, vec![event])]).unwrap();
    writer.apply(&[facts(&told, Vec::new())]).unwrap();
    report.report =
        Maximum::of(RequestReport { at: AT, duration_ms: Some(1), ttft_ms: None, facets: Facets::default() });
    writer.apply(&[facts(&report, Vec::new())]).unwrap();
    assert!(writer.knows_session(&"s".into()).unwrap());
}

/// Asks every question of a reader, with each of the conditions that change its statement.
fn ask_everything(reader: &Reader) {
    ask_of_sessions(reader, &SessionId::from("s"));
    alerts::ask_of_alerts(reader);
    ask_of_sums(reader);
    guard::ask_of_guard(reader);
    let word = IndexedWord { text: "word".to_owned(), is_prefix: true };
    reader.walk_chunks(&[word], i64::MAX, &mut |_| Ok(ControlFlow::Continue(()))).unwrap();
    reader.list_waiting_chunks(10).unwrap();
    reader.get_chunk(1).unwrap();
    assert_eq!(reader.list_sightings().unwrap(), (vec![sighting()], true));
    assert_eq!(reader.list_sightings_of_session("s").unwrap(), [sighting()]);
    assert_eq!(reader.list_sightings_of_secret("0123abcd").unwrap(), [sighting()]);
    let brief = reader.get_session_brief("s").unwrap().unwrap();
    reader.walk_sessions(&EventFilter::default(), &mut |_| Ok(ControlFlow::Continue(()))).unwrap();
    for errors_only in [false, true] {
        let filter = EventFilter { errors_only, agent: Some("a1".to_owned()), ..EventFilter::default() };
        reader.list_filtered(&brief, &filter, None, 10).unwrap();
    }
    reader.is_agent(&reader.get_event("s~toolu_1").unwrap().unwrap(), "a1").unwrap();
    reader.search_coverage(10).unwrap();
    reader.list_source_health().unwrap();
    reader.list_quarantine(10).unwrap();
    reader.count_quarantine().unwrap();
    reader.get_pause(AT).unwrap();
    reader.get_holdings(&[SessionId::from("s")]).unwrap();
    reader.count_prunable(AT).unwrap();
    reader.list_sessions_of_project("/p").unwrap();
    reader.database_bytes().unwrap();
    reader.count_rows().unwrap();
    reader.schema_version().unwrap();
    reader.check().unwrap();
}

fn ask_of_sessions(reader: &Reader, id: &SessionId) {
    let page = SessionQuery { limit: 10, ..SessionQuery::default() };
    assert_eq!(reader.list_sessions(&page, AT).unwrap().rows.len(), 1);
    assert_eq!(reader.find_session("s").unwrap(), std::slice::from_ref(id));
    reader.get_session(id, AT).unwrap();
    reader.list_open_sessions(AT).unwrap();
    reader.list_projects().unwrap();
    reader.list_agents(id, AT).unwrap();
    reader.list_turns(id).unwrap();
    reader.list_delays(id).unwrap();
    reader.list_hidden(id).unwrap();
    reader.get_reconciliation(id).unwrap();
    reader.list_context(id, &AgentId::main()).unwrap();
    let page = ReconciliationQuery { limit: 10, ..ReconciliationQuery::default() };
    assert_eq!(reader.list_reconciliations(&page).unwrap().rows.len(), 1);
    reader.total_reconciliation(&page).unwrap();
    for (since, until) in [(Some(AT), None), (None, Some(AT))] {
        reader.total_reconciliation(&ReconciliationQuery { since, until, ..page.clone() }).unwrap();
    }
    for agent_id in [None, Some(String::new()), Some("a1".to_owned())] {
        for (errors_only, all_kinds) in [(false, false), (true, false), (false, true)] {
            let query =
                EventQuery { agent_id: agent_id.clone(), errors_only, all_kinds, limit: 10, ..EventQuery::default() };
            reader.list_events(id, &query).unwrap();
        }
    }
    reader.get_request("s~toolu_1").unwrap();
    reader.list_bodies("s~toolu_1").unwrap();
    reader.get_saved_output("s", "b2.txt").unwrap();
    reader.model_totals().unwrap();
    reader.each_usage(|_| ()).unwrap();
    requests::ask(reader, id);
    reader.count_everything().unwrap();
}

fn ask_of_sums(reader: &Reader) {
    let whole = SpendQuery::default();
    let since_then = SpendQuery { since: Some(AT), ..SpendQuery::default() };
    let of_session = SpendQuery { session_id: Some("s".to_owned()), ..SpendQuery::default() };
    let of_project = SpendQuery { project: Some("p".to_owned()), ..SpendQuery::default() };
    assert_eq!(reader.total_spend(&of_project).unwrap(), Totals::default(), "no session is of a project");
    for query in [&whole, &since_then, &of_session] {
        reader.total_spend(query).unwrap();
        for cut in SpendCut::ALL {
            let mut rows = reader.list_spend(cut, query).unwrap();
            assert_ne!(rows, [], "{cut:?}");
            reader.name_sessions(&mut rows).unwrap();
            let (page, has_more) = reader.list_spend_page(cut, query, None, 1).unwrap();
            assert_eq!((page.len(), page[0].key == rows[0].key, has_more), (1, true, rows.len() > 1), "{cut:?}");
        }
        for split in [SpendSplit::Whole, SpendSplit::Model, SpendSplit::Project] {
            reader.list_spend_slots(split, query, 86_400).unwrap();
        }
        reader.list_spend_amounts(query, 3_600).unwrap();
        reader.first_spend_day().unwrap();
        assert_eq!(reader.list_tools(query).unwrap().len(), 1);
    }
    reader.get_latency(&whole, 1).unwrap();
    reader.has_spend().unwrap();
    let ledger = reader.ledger();
    for scope in BudgetScope::ALL {
        ledger.list_portions(&budget(scope), AT, AT).unwrap();
        ledger.list_session_portions(&budget(scope), &"s".into()).unwrap();
    }
    ledger.list_budgets().unwrap();
    ledger.list_quarters(AT).unwrap();
    ledger.find_dearest_session(AT).unwrap();
    let later = Timestamp::from_micros(AT.as_micros() + 1_000_000_000);
    reader.count_activity(AT, later).unwrap();
    reader.list_error_slots(AT, later).unwrap();
    reader.count_sessions_since(AT).unwrap();
    assert_eq!(reader.list_errors(10).unwrap().len(), 1);
}

/// The tables that a statement reads from end to end, whether or not by an index.
fn read_in_full(connection: &Connection, sql: &str) -> Vec<String> {
    let mut plan = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
    let steps: Vec<(i64, i64, String)> =
        plan.raw_query().mapped(|row| Ok((row.get(0)?, row.get(1)?, row.get(3)?))).collect::<Result<_, _>>().unwrap();
    let mut tables = BTreeSet::new();
    let mut repeated = BTreeSet::new();
    for (id, parent, step) in &steps {
        if step.starts_with("CORRELATED") || repeated.contains(parent) {
            repeated.insert(*id);
        }
        let (how, name) = step.split_once(' ').unwrap_or_default();
        let name = name.split(' ').next().unwrap_or_default();
        // A session may have as many events as all others together: read for each row of something else, that is in full.
        let is_in_full = how == "SCAN"
            || repeated.contains(id) && how == "SEARCH" && step.ends_with("USING PRIMARY KEY (session_no=?)");
        tables.extend(table_of(sql, name).filter(|_| is_in_full));
    }
    tables.into_iter().filter(|table| !SMALL.contains(&table.as_str())).collect()
}

/// The table behind a name in a plan; none for what the statement made itself.
fn table_of(sql: &str, name: &str) -> Option<String> {
    let words: Vec<&str> =
        sql.split(|c: char| c.is_whitespace() || "(),".contains(c)).filter(|w| !w.is_empty()).collect();
    let alias = words.windows(3).find(|three| three[1] == "AS" && three[2] == name);
    let table = alias.map_or(name, |three| three[0]);
    let is_made = words.windows(3).any(|three| three[0] == table && three[1] == "AS" && three[2] == "SELECT");
    let is_read = words.windows(2).any(|two| ["FROM", "JOIN", "UPDATE"].contains(&two[0]) && two[1] == table);
    (is_read && !is_made).then(|| table.to_owned())
}

#[test]
fn no_statement_reads_a_large_table_in_full_without_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("argus.db")).unwrap();
    let mut writer = store.writer().unwrap();
    listen(writer.connection());
    write_everything(&mut writer);
    let reader = store.readers().get_within(Duration::from_secs(60)).unwrap();
    listen(reader.connection());
    ask_everything(&reader);

    let run: Vec<String> = RUN.take().into_iter().filter(|sql| is_judged(sql)).collect();
    assert!(run.len() > 80, "only {} statements were seen", run.len());
    let mut excused = BTreeSet::new();
    let mut found = Vec::new();
    for sql in &run {
        let text = sql.split_whitespace().collect::<Vec<_>>().join(" ");
        for table in read_in_full(reader.connection(), sql) {
            let excuse = ALLOWED.iter().position(|(of, begin, _)| *of == table && text.starts_with(begin));
            match excuse {
                Some(excuse) => drop(excused.insert(excuse)),
                None => found.push(format!("{table} in: {text}")),
            }
        }
    }
    assert!(found.is_empty(), "read in full:\n{}", found.join("\n"));
    let idle: Vec<&str> = (0..ALLOWED.len()).filter(|at| !excused.contains(at)).map(|at| ALLOWED[at].1).collect();
    assert_eq!(idle, Vec::<&str>::new(), "excused, and not needed any more");
}

/// A list of three or more in an index's condition was such a table, filled anew for every event.
#[test]
fn writing_an_event_or_a_request_opens_no_table_of_its_own() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("argus.db")).unwrap();
    let reader = store.readers().get_within(Duration::from_secs(60)).unwrap();
    for sql in [
        include_str!("../../queries/insert_event.sql"),
        include_str!("../../queries/update_event.sql"),
        include_str!("../../queries/put_request.sql"),
    ] {
        let mut statement = reader.connection().prepare(&format!("EXPLAIN {sql}")).unwrap();
        let steps: Vec<String> = statement.raw_query().mapped(|row| row.get("opcode")).map(Result::unwrap).collect();
        assert!(steps.len() > 20, "{steps:?}");
        assert!(!steps.iter().any(|step| step.starts_with("OpenEphemeral")), "{sql}\n{steps:?}");
    }
}

fn is_judged(sql: &str) -> bool {
    ["SELECT", "WITH", "UPDATE", "DELETE", "INSERT", "REPLACE"].iter().any(|word| sql.trim_start().starts_with(word))
        && !sql.contains("'main'.")
}

#[test]
fn every_question_of_a_reader_is_asked_here() {
    let own = concat!(
        include_str!("plans.rs"),
        include_str!("plans/alerts.rs"),
        include_str!("plans/guard.rs"),
        include_str!("plans/requests.rs")
    );
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/query");
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_file()) {
        let text = fs::read_to_string(path).unwrap();
        for line in text.lines() {
            let Some(name) = line.strip_prefix("    pub fn ").and_then(|rest| rest.split('(').next()) else { continue };
            assert!(own.contains(&format!(".{name}(")), "{name} is not asked in plans.rs");
        }
    }
}
