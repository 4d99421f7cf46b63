//! Groups by the page, counts by day, and a name taken over.

use argus_model::record::AlertQuery;
use argus_model::{
    Actor, AgentId, AlertAction, AlertFact, AlertScope, AlertState, EventKey, First, Ground, Severity, Timestamp,
};

use super::{OPEN, OptionalExtension, Reader, named_params};
use crate::{Batch, Store, Writer};

mod waiting;

const DAY: i64 = 86_400_000_000;
const LATER: Timestamp = Timestamp::from_micros(100 * DAY);

/// Of five things that happened again and again, in turns.
fn alert(number: i64, rule: &str, rank: u8) -> AlertFact {
    let thing = ["one", "two", "three", "four", "five"][(number * number % 5) as usize];
    let ground = Ground { evidence: Some(format!("sudo {thing}")), ..Ground::of(Severity::High, "because") };
    AlertFact {
        session_id: "s".into(),
        key: EventKey::new(number.to_string()),
        rule: rule.into(),
        agent_id: AgentId::main(),
        tool_name: Some("Bash".to_owned()),
        ground: First::of(rank, Timestamp::from_micros(number * DAY / 3), ground),
    }
}

fn write(writer: &mut Writer, alerts: Vec<AlertFact>) {
    writer.apply(&[Batch { alerts, ..Batch::default() }]).unwrap();
}

#[test]
fn groups_by_the_page_are_the_groups_at_once_whatever_is_asked() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("argus.db")).unwrap();
    let mut writer = store.writer().unwrap();
    write(&mut writer, (1..40).map(|number| alert(number, "priv.sudo", (number % 2) as u8)).collect());
    let reader = store.readers().get().unwrap();
    let all = AlertQuery { limit: 100, ..AlertQuery::default() };
    for query in [
        all.clone(),
        AlertQuery { past: Some(false), ..all.clone() },
        AlertQuery { past: Some(true), severity: Some(Severity::Critical), ..all.clone() },
        AlertQuery { severity: Some(Severity::High), until: Some(Timestamp::from_micros(9 * DAY)), ..all },
    ] {
        let list =
            |limit, cursor| reader.list_alert_groups(&AlertQuery { limit, cursor, ..query.clone() }, LATER).unwrap();
        let at_once: Vec<_> = list(100, None).rows;
        let ungrouped = reader.list_alerts(&query, LATER).unwrap().rows;
        // The newest of each is its group's, and groups stand as their newest do.
        let mut newest: Vec<_> = Vec::new();
        for one in ungrouped {
            if !newest.iter().any(|(fingerprint, _)| *fingerprint == one.fingerprint) {
                newest.push((one.fingerprint, one.alert_id));
            }
        }
        let listed: Vec<_> =
            at_once.iter().map(|group| (group.latest.fingerprint, group.latest.alert_id.clone())).collect();
        assert_eq!(listed, newest);
        let (mut paged, mut cursor) = (Vec::new(), None);
        loop {
            let page = list(2, cursor);
            paged.extend(page.rows);
            cursor = page.next_cursor;
            if cursor.is_none() {
                break;
            }
        }
        assert_eq!(paged, at_once);
    }
}

#[test]
fn a_rule_is_counted_by_day_while_alerts_come_change_and_go() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("argus.db")).unwrap();
    let mut writer = store.writer().unwrap();
    let counted = || {
        let reader = store.readers().get().unwrap();
        assert_eq!(reader.check().unwrap(), [""; 0]);
        let counts = reader.count_by_rule(Timestamp::from_micros(0), LATER).unwrap();
        counts.into_iter().map(|one| (one.rule, one.alert_count, one.open_count, one.days)).collect::<Vec<_>>()
    };
    let sudo = |count, open, days: &[(i64, i64)]| vec![("priv.sudo".to_owned(), count, open, days.to_vec())];
    write(&mut writer, (3..8).map(|number| alert(number, "priv.sudo", 0)).collect());
    assert_eq!(counted(), sudo(5, 5, &[(1, 3), (2, 2)]));
    // Told again, and told of an earlier time.
    let mut earlier = alert(7, "priv.sudo", 0);
    earlier.ground = First::of(0, Timestamp::from_micros(DAY), earlier.ground.get().unwrap().clone());
    write(&mut writer, vec![alert(3, "priv.sudo", 0), earlier]);
    assert_eq!(counted(), sudo(5, 5, &[(1, 4), (2, 1)]));
    let resolved =
        AlertAction { state: AlertState::Resolved, reason: None, muted_until: None, at: LATER, actor: Actor::Terminal };
    writer.act_on_alerts(&AlertScope::One("s~6~priv.sudo".to_owned()), &resolved).unwrap();
    assert_eq!(counted(), sudo(5, 4, &[(1, 4), (2, 1)]), "dealt with, but it happened");
    writer.connection().execute("UPDATE alert SET is_superseded = 1 WHERE key IN ('6', '5')", []).unwrap();
    assert_eq!(counted(), sudo(3, 3, &[(1, 3)]));
    writer.connection().execute("UPDATE alert SET is_superseded = 0 WHERE key = '6'", []).unwrap();
    writer.connection().execute("DELETE FROM alert WHERE key <> '6'", []).unwrap();
    assert_eq!(counted(), sudo(1, 0, &[(2, 1)]));
    writer.connection().execute("UPDATE alert_day SET alert_count = 7", []).unwrap();
    assert_eq!(store.readers().get().unwrap().check().unwrap(), ["2 days count other alerts than stand"]);
}

#[test]
fn an_alert_that_takes_the_name_of_another_stays_alone_with_what_was_said_of_either() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(&folder.path().join("argus.db")).unwrap();
    let mut writer = store.writer().unwrap();
    write(&mut writer, vec![alert(3, "priv.sudo", 0), alert(4, "priv.sudo", 0), alert(4, "fs.rm-rf", 0)]);
    let (state, reason) = (AlertState::Resolved, Some("done".to_owned()));
    let said = AlertAction { state, reason, muted_until: None, at: LATER, actor: Actor::Terminal };
    assert_eq!(writer.act_on_alerts(&AlertScope::One("s~4~priv.sudo".to_owned()), &said).unwrap().count, 1);
    let (from, to) = (EventKey::new("3"), EventKey::new("4"));
    crate::table::alert::rename(writer.connection(), 1, &from, &to).unwrap();
    let reader = store.readers().get().unwrap();
    let all = AlertQuery { limit: 9, ..AlertQuery::default() };
    let named: Vec<_> =
        reader.list_alerts(&all, LATER).unwrap().rows.into_iter().map(|one| (one.alert_id, one.evidence)).collect();
    let (sudo, rm) = (alert(3, "priv.sudo", 0), alert(4, "fs.rm-rf", 0));
    let evidence = |fact: &AlertFact| fact.ground.get().unwrap().evidence.clone();
    assert_eq!(named, [("s~4~fs.rm-rf".to_owned(), evidence(&rm)), ("s~4~priv.sudo".to_owned(), evidence(&sudo))]);
    let (kept, history) = reader.get_alert("s~4~priv.sudo", LATER).unwrap().unwrap();
    assert_eq!((kept.state, kept.state_reason.as_deref(), history.len()), (AlertState::Resolved, Some("done"), 1));
    assert_eq!(reader.check().unwrap(), [""; 0]);
}
