//! What people say of alerts: of one, of all that are the same, or of everything that lies in the past.
//!
//! It is kept with its time and with who said it, and no reading of sources touches it. Whoever mutes more than one does
//! not want to hear of the next, either: that is kept as a mute, which [`crate::table::known_again`] asks for new ones.

use std::collections::BTreeSet;

use argus_model::{AlertAction, AlertScope, AlertState, AlertsActed, SessionId};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{Writer, split_alert_id};
use crate::Result;
use crate::table::alert;

/// The alert that somebody pointed at.
struct Named {
    alert_no: i64,
    session_no: i64,
    rule: String,
    fingerprint: i64,
    project: Option<String>,
}

/// What of the named one others must have in common with it; nothing where each matters by itself.
#[derive(Clone, Copy, Default)]
struct Alike<'a> {
    fingerprint: Option<i64>,
    session_no: Option<i64>,
    project: Option<&'a str>,
}

impl Writer {
    /// Keeps what was said.
    pub fn act_on_alerts(&mut self, scope: &AlertScope, action: &AlertAction) -> Result<AlertsActed> {
        let transaction = self.connection.unchecked_transaction()?;
        let numbers = match scope.alert_id() {
            None => match scope {
                AlertScope::Mute(mute_no) => end_mute(&transaction, *mute_no, action)?,
                _ => list_past(&transaction, action)?,
            },
            Some(id) => match find(&transaction, id)? {
                None => return Ok(AlertsActed::default()),
                Some(named) => meant(&transaction, scope, &named, action)?,
            },
        };
        let mut acted = AlertsActed { count: numbers.len(), session_ids: Vec::new() };
        let mut session_ids = BTreeSet::new();
        for (alert_no, session_id) in numbers {
            alert::act(&transaction, alert_no, action)?;
            session_ids.insert(session_id);
        }
        transaction.commit()?;
        acted.session_ids = session_ids.into_iter().map(SessionId::new).collect();
        Ok(acted)
    }
}

fn find(connection: &Connection, id: &str) -> Result<Option<Named>> {
    let Some((session_id, key, rule)) = split_alert_id(id) else { return Ok(None) };
    let read = |row: &Row<'_>| {
        Ok(Named {
            alert_no: row.get("alert_no")?,
            session_no: row.get("session_no")?,
            rule: row.get("rule")?,
            fingerprint: row.get("fingerprint")?,
            project: row.get("project")?,
        })
    };
    // One about many sessions is known by its key alone.
    let found = if session_id.is_empty() {
        connection
            .prepare_cached(
                "SELECT a.*, s.project FROM alert AS a JOIN session AS s ON s.session_no = a.session_no \
                 WHERE a.is_floating = 1 AND a.key = ?1 AND a.rule = ?2",
            )?
            .query_row([key, rule], read)
    } else {
        connection
            .prepare_cached(
                "SELECT a.*, s.project FROM session AS s JOIN alert AS a ON a.session_no = s.session_no \
                 WHERE s.session_id = ?1 AND a.key = ?2 AND a.rule = ?3",
            )?
            .query_row([session_id, key, rule], read)
    };
    Ok(found.optional()?)
}

/// The alerts that are meant, with their sessions. Where several are, what was resolved stays so, unless all are opened
/// again; and a mute is kept, or ends, for those to come.
fn meant(
    connection: &Connection,
    scope: &AlertScope,
    named: &Named,
    action: &AlertAction,
) -> Result<Vec<(i64, String)>> {
    let alike = match scope {
        AlertScope::One(_) | AlertScope::Past | AlertScope::Mute(_) => {
            return list_alike(connection, named, Alike::default(), action);
        }
        AlertScope::Group(_) => Alike { fingerprint: Some(named.fingerprint), ..Alike::default() },
        AlertScope::Session(_) => Alike { session_no: Some(named.session_no), ..Alike::default() },
        // Where the project is not known, no more than the session is.
        AlertScope::Project(_) if named.project.is_none() => {
            Alike { session_no: Some(named.session_no), ..Alike::default() }
        }
        AlertScope::Project(_) => Alike { project: named.project.as_deref(), ..Alike::default() },
    };
    if action.state != AlertState::Acknowledged {
        end_mutes(connection, named, alike, action)?;
    }
    if let (AlertState::Muted, Some(until)) = (action.state, action.muted_until) {
        connection
            .prepare_cached(
                "INSERT INTO mute (rule, fingerprint, session_no, project, until_at, reason, actor, at) \
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                named.rule,
                alike.fingerprint,
                alike.session_no,
                alike.project,
                until.as_micros(),
                action.reason,
                action.actor.as_str(),
                action.at.as_micros()
            ])?;
    }
    list_alike(connection, named, alike, action)
}

/// Whatever is said next of the same takes the place of a mute that still holds.
fn end_mutes(connection: &Connection, named: &Named, alike: Alike<'_>, action: &AlertAction) -> Result<()> {
    connection
        .prepare_cached(
            "UPDATE mute SET until_at = ?5 WHERE rule = ?1 AND until_at > ?5 \
             AND (fingerprint, session_no, project) IS (?2, ?3, ?4)",
        )?
        .execute(params![named.rule, alike.fingerprint, alike.session_no, alike.project, action.at.as_micros()])?;
    Ok(())
}

/// Ends one mute, and gives what it kept quiet. What another mute keeps quiet as well, with an end of its own, stays so.
fn end_mute(connection: &Connection, mute_no: i64, action: &AlertAction) -> Result<Vec<(i64, String)>> {
    let mut statement = connection.prepare_cached(
        "SELECT a.alert_no, s.session_id FROM mute AS m JOIN alert AS a ON a.rule = m.rule \
         JOIN session AS s ON s.session_no = a.session_no WHERE m.mute_no = ?1 AND m.until_at > ?2 \
         AND a.is_superseded = 0 AND a.state = 3 AND a.muted_until = m.until_at \
         AND (a.fingerprint = m.fingerprint OR a.session_no = m.session_no OR s.project = m.project) ORDER BY a.alert_no",
    )?;
    let rows = statement.query_map(params![mute_no, action.at.as_micros()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let muted = rows.collect::<rusqlite::Result<_>>()?;
    connection
        .prepare_cached("UPDATE mute SET until_at = ?2 WHERE mute_no = ?1 AND until_at > ?2")?
        .execute(params![mute_no, action.at.as_micros()])?;
    Ok(muted)
}

fn list_alike(
    connection: &Connection,
    named: &Named,
    alike: Alike<'_>,
    action: &AlertAction,
) -> Result<Vec<(i64, String)>> {
    let (which, value) = match alike {
        Alike { fingerprint: Some(number), .. } => ("a.fingerprint = ?1", Value::from(number)),
        Alike { session_no: Some(number), .. } => ("a.session_no = ?1", Value::from(number)),
        Alike { project: Some(project), .. } => ("s.project = ?1", Value::from(project.to_owned())),
        Alike { fingerprint: None, session_no: None, project: None } => {
            ("a.alert_no = ?1", Value::from(named.alert_no))
        }
    };
    let sql = format!(
        "SELECT a.alert_no, s.session_id FROM alert AS a JOIN session AS s ON s.session_no = a.session_no \
         WHERE {which} AND a.rule = ?2 AND (a.alert_no = ?3 OR ?4 OR a.state <> 2) ORDER BY a.alert_no"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let asked = params![value, named.rule, named.alert_no, action.state == AlertState::Open];
    let rows = statement.query_map(asked, |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}

/// All of history that nobody has said anything about; those that a person dealt with, where all are opened again.
fn list_past(connection: &Connection, action: &AlertAction) -> Result<Vec<(i64, String)>> {
    let which = match action.state {
        AlertState::Open => "a.state <> 0",
        _ => "a.state IN (0, 3) AND (a.state = 0 OR a.muted_until <= ?1)",
    };
    let sql = format!(
        "SELECT a.alert_no, s.session_id FROM alert AS a JOIN session AS s ON s.session_no = a.session_no \
         WHERE a.is_news = 0 AND a.is_superseded = 0 AND {which} AND ifnull(a.state_at, 0) <= ?1 ORDER BY a.alert_no"
    );
    let mut statement = connection.prepare_cached(&sql)?;
    let rows = statement.query_map([action.at.as_micros()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
