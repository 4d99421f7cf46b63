//! History that waits for a word is counted as it comes, changes and goes: whatever happens, as if it were counted anew.

use argus_model::{Cost, CostBasis, EventKind, EventState, Evidence, Maximum, MessageId, Owner, PicoUsd};
use argus_model::{RequestKey, RequestState, SessionState, SpendLimits, Spent, Usage, UsageRecord};
use proptest::prelude::*;

use super::*;

const SESSIONS: [&str; 3] = ["s", "t", "u"];
const RULES: [&str; 2] = ["priv.sudo", "fs.rm-rf"];

/// Something that changes alerts.
#[derive(Clone, Copy, Debug)]
enum Step {
    /// A transcript tells of it, long after it happened, or a hook does, which makes it news. It may be known already.
    Tell { place: (usize, i64, usize), rank: u8, severity: Severity },
    /// A person says something, at this hour, of one or of all that are like it; a mute holds for some hours.
    Say { place: (usize, i64, usize), reach: usize, state: AlertState, hour: i64, hours: i64 },
    /// A hook was asked about the call, and its rules said nothing.
    Judge { place: (usize, i64, usize) },
    /// It becomes known whose project it was, which is part of what things are known again by.
    Place { session: usize, project: u8 },
    /// A call turns out to be another.
    Rename { session: usize, from: i64, to: i64 },
    /// A session goes for good, with all that is known of it.
    Forget { session: usize },
}

fn step() -> impl Strategy<Value = Step> {
    let place = || (0..3usize, 0..6i64, 0..2usize);
    let severity = prop::sample::select(&Severity::ALL[..]);
    let state = prop::sample::select(&AlertState::ALL[..4]);
    prop_oneof![
        8 => (place(), 0..2u8, severity).prop_map(|(place, rank, severity)| Step::Tell { place, rank, severity }),
        6 => (place(), 0..6usize, state, 0..9i64, 1..4i64)
            .prop_map(|(place, reach, state, hour, hours)| Step::Say { place, reach, state, hour, hours }),
        2 => place().prop_map(|place| Step::Judge { place }),
        1 => (0..3usize, 0..3u8).prop_map(|(session, project)| Step::Place { session, project }),
        1 => (0..3usize, 0..6i64, 0..6i64).prop_map(|(session, from, to)| Step::Rename { session, from, to }),
        1 => (0..3usize).prop_map(|session| Step::Forget { session }),
    ]
}

fn at_hour(hour: i64) -> Timestamp {
    Timestamp::from_micros(100 * DAY + hour * DAY / 24)
}

fn take(writer: &mut Writer, step: Step) {
    match step {
        Step::Tell { place: (session, key, rule), rank, severity } => {
            let mut fact = alert(key, RULES[rule], rank);
            fact.session_id = SESSIONS[session].into();
            let ground = Ground { severity, ..fact.ground.get().unwrap().clone() };
            fact.ground = First::of(rank, Timestamp::from_micros(key * DAY), ground);
            write(writer, vec![fact]);
        }
        Step::Say { place: (session, key, rule), reach, state, hour, hours } => {
            let id = format!("{}~{key}~{}", SESSIONS[session], RULES[rule]);
            let scope = match reach {
                0 => AlertScope::One(id),
                1 => AlertScope::Group(id),
                2 => AlertScope::Session(id),
                3 => AlertScope::Project(id),
                4 => AlertScope::Past,
                _ => AlertScope::Mute(1 + key),
            };
            let muted_until = (state == AlertState::Muted).then(|| at_hour(hour + hours));
            let said = AlertAction { state, reason: None, muted_until, at: at_hour(hour), actor: Actor::Terminal };
            writer.act_on_alerts(&scope, &said).unwrap();
        }
        Step::Judge { place: (session, key, _) } => {
            for evidence in [Evidence::REQUESTED, Evidence::STARTED] {
                let key = EventKey::new(key.to_string());
                let mut call = EventState::new(SESSIONS[session].into(), key, EventKind::ToolCall);
                call.evidence = evidence;
                writer.apply(&[Batch { events: vec![call], ..Batch::default() }]).unwrap();
            }
        }
        Step::Place { session, project } => {
            let mut state = SessionState::new(SESSIONS[session].into());
            state.project = First::of(project, Timestamp::from_micros(0), format!("/p{project}"));
            writer.apply(&[Batch { sessions: vec![state], ..Batch::default() }]).unwrap();
        }
        Step::Rename { session, from, to } => {
            let find = "SELECT session_no FROM session WHERE session_id = ?1";
            let found = writer.connection().query_row(find, [SESSIONS[session]], |row| row.get(0)).optional().unwrap();
            let (from, to) = (EventKey::new(from.to_string()), EventKey::new(to.to_string()));
            crate::table::alert::rename(writer.connection(), found.unwrap_or(0), &from, &to).unwrap();
        }
        Step::Forget { session } => {
            writer.forget_facts(&SESSIONS[session].into()).unwrap();
        }
    }
}

/// Each of them looked at.
fn counted_anew(reader: &Reader, now: Timestamp) -> [i64; 5] {
    let sql = format!("SELECT a.severity FROM alert AS a WHERE a.is_news = 0 AND {OPEN}");
    let mut counts = [0; 5];
    let mut statement = reader.connection().prepare(&sql).unwrap();
    let rows = statement.query_map(named_params! { ":now": now.as_micros() }, |row| row.get::<_, u32>(0)).unwrap();
    rows.for_each(|severity| counts[severity.unwrap() as usize] += 1);
    counts
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn history_that_waits_is_as_much_as_counting_it_finds_whatever_happens(
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("argus.db")).unwrap();
        let mut writer = store.writer().unwrap();
        let reader = store.readers().get_unpinned().unwrap();
        for step in steps {
            take(&mut writer, step);
            for hour in [0, 3, 6, 9, 20] {
                let now = at_hour(hour);
                prop_assert_eq!(reader.count_past_alerts(now).unwrap(), counted_anew(&reader, now), "{:?} at {}", step, hour);
            }
        }
        prop_assert_eq!(reader.check().unwrap(), [""; 0]);
    }
}

#[test]
fn a_mute_of_history_is_counted_again_from_its_end_on() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("argus.db")).unwrap();
    let mut writer = store.writer().unwrap();
    write(&mut writer, (1..4).map(|number| alert(number, "priv.sudo", 1)).collect());
    let waiting =
        |now| store.readers().get_unpinned().unwrap().count_past_alerts(now).unwrap()[Severity::High as usize];
    assert_eq!(waiting(LATER), 3);
    let place = (0, 2, 0);
    take(&mut writer, Step::Say { place, reach: 0, state: AlertState::Muted, hour: 0, hours: 2 });
    assert_eq!((waiting(at_hour(1)), waiting(at_hour(2))), (2, 3));
    take(&mut writer, Step::Say { place, reach: 4, state: AlertState::Acknowledged, hour: 1, hours: 0 });
    assert_eq!((waiting(at_hour(1)), waiting(at_hour(2))), (0, 1), "what was muted then is not meant");
    let reader = store.readers().get_unpinned().unwrap();
    assert_eq!(reader.check().unwrap(), [""; 0]);
    writer.connection().execute("UPDATE alert_waiting SET alert_count = 7", []).unwrap();
    assert_eq!(reader.check().unwrap(), ["1 counts of waiting history differ from its alerts"]);
}

#[test]
fn what_forgetting_a_session_raises_in_its_heir_is_counted_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("argus.db")).unwrap();
    let mut writer = store.writer().unwrap();
    let at = Timestamp::from_micros(DAY);
    let judge = |spent: &Spent| match spent {
        Spent::Session { session_id, .. } => {
            let ground = First::of(1, Timestamp::from_micros(DAY), Ground::of(Severity::High, "dear"));
            vec![AlertFact { session_id: session_id.clone(), tool_name: None, ground, ..alert(0, "cost.session", 1) }]
        }
        _ => Vec::new(),
    };
    let limits = SpendLimits { request: PicoUsd(100), session: PicoUsd(1), agents: Default::default() };
    writer.watch_spending(limits, Box::new(judge));
    let message = MessageId::from("m");
    let mut request = RequestState::new(RequestKey { message_id: message.clone(), request_id: None });
    request.owner = First::of(0, at, Owner { session_id: "s".into(), agent_id: AgentId::main(), prompt_id: None });
    let cost = Cost { amount: Some(PicoUsd(50)), basis: CostBasis::Priced };
    let usage = Usage::default();
    request.usage =
        Maximum::of(UsageRecord { output_tokens: 1, is_reported: false, at, usage, model: "opus".into(), cost });
    let mut copy = SessionState::new("t".into());
    copy.copied_until = Some(at).into();
    let mut event = EventState::new("t".into(), EventState::request_key(&message), EventKind::ModelRequest);
    event.message_id = First::of(0, at, message);
    let facts = Batch { sessions: vec![copy], requests: vec![request], events: vec![event], ..Batch::default() };
    writer.apply(&[facts]).unwrap();
    let reader = store.readers().get_unpinned().unwrap();
    writer.forget_facts(&"s".into()).unwrap();
    assert_eq!(reader.count_past_alerts(at_hour(0)).unwrap().iter().sum::<i64>(), 1);
    assert_eq!(reader.check().unwrap(), [""; 0]);
}
