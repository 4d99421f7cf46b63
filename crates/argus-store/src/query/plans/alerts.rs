//! Every question about alerts, with each of the conditions that change its statement.

use argus_model::AlertState;
use argus_model::record::AlertQuery;

use super::AT;
use crate::Reader;

pub(super) fn ask_of_alerts(reader: &Reader) {
    let whole = AlertQuery { limit: 10, ..AlertQuery::default() };
    let queries = [
        whole.clone(),
        AlertQuery { states: vec![AlertState::Open, AlertState::Muted], ..whole.clone() },
        AlertQuery { states: vec![AlertState::Resolved], ..whole.clone() },
        AlertQuery { session_id: Some("s".to_owned()), ..whole.clone() },
        AlertQuery { rule: Some("priv.sudo".to_owned()), ..whole.clone() },
        AlertQuery { rule: Some("priv.".to_owned()), ..whole.clone() },
        AlertQuery { rule: Some("priv.sudo,fs.rm-rf".to_owned()), ..whole.clone() },
        AlertQuery { fingerprint: Some(1), ..whole.clone() },
        AlertQuery { states: vec![AlertState::Open], past: Some(false), ..whole.clone() },
        AlertQuery { states: vec![AlertState::Open], past: Some(true), ..whole.clone() },
        AlertQuery { since: Some(AT), ..whole },
    ];
    let (severity, cursor) = (Some(argus_model::Severity::High), Some("1.1".to_owned()));
    let grave = AlertQuery { limit: 10, severity, cursor, ..AlertQuery::default() };
    for query in queries.iter().chain([&grave]) {
        reader.list_alerts(query, AT).unwrap();
        reader.list_alert_groups(query, AT).unwrap();
    }
    assert_eq!(reader.list_news(0, 10, AT).unwrap().1, reader.last_alert_no().unwrap());
    reader.find_alert(1).unwrap();
    reader.has_mute(1, AT).unwrap();
    reader.list_mutes(10, argus_model::Timestamp::from_micros(AT.as_micros() - 1)).unwrap();
    reader.count_open_alerts(AT).unwrap();
    reader.count_past_alerts(AT).unwrap();
    assert_eq!(reader.list_causes(AT).unwrap().len(), 1);
    assert!(reader.count_kept_chunks().unwrap() > 0);
    reader.each_kept_chunk(|chunk| chunk.unpack().is_some()).unwrap();
    assert_eq!(reader.get_alert("s~toolu_1~priv.sudo", AT).unwrap().unwrap().1.len(), 3);
    reader.get_alert("~budget.b~budget.step", AT).unwrap().unwrap();
    reader.count_by_rule(AT, AT).unwrap();
}
