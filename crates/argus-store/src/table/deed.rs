//! Table `deed`.

use argus_model::DeedFact;
use rusqlite::{Connection, named_params};

use super::alert::severity_code;
use super::micros;

/// Joins a half of a sequence; whether that changed anything.
pub(crate) fn put(connection: &Connection, session_no: i64, fact: &DeedFact) -> rusqlite::Result<bool> {
    let Some(ground) = fact.ground.get() else { return Ok(false) };
    let changed = connection.prepare_cached(include_str!("../../queries/put_deed.sql"))?.execute(named_params! {
        ":session_no": session_no,
        ":rule": fact.rule.as_str(),
        ":is_consequence": fact.is_consequence,
        ":subject": fact.subject,
        ":key": fact.key.as_str(),
        ":rank": fact.ground.rank(),
        ":at": micros(fact.ground.at()),
        ":severity": severity_code(ground.severity),
        ":reason": ground.reason,
        ":text": ground.evidence.as_deref().unwrap_or_default(),
        ":agent_id": fact.agent_id.as_str(),
        ":tool_name": fact.tool_name,
        ":within_us": fact.within_us,
        ":after_subject": fact.after,
    })?;
    Ok(changed > 0)
}
