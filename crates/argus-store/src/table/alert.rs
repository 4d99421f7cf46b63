//! Table `alert`.

use argus_model::{Actor, AlertAction, AlertFact, AlertState, EventKey, First, Ground, Severity, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::known_again::{self, Happened, New};
use super::{micros, time};

/// The stored number of a severity; ordered as they are.
pub(crate) fn severity_code(severity: Severity) -> i64 {
    Severity::ALL.iter().position(|one| *one == severity).map_or(0, |i| i as i64)
}

/// The severity of a stored number.
pub(crate) fn severity_of(code: i64) -> Severity {
    usize::try_from(code).ok().and_then(|i| Severity::ALL.get(i).copied()).unwrap_or(Severity::Info)
}

/// The stored number of a state. Queries name 0 (open), 2 (resolved) and 3 (muted).
pub(crate) fn state_code(state: AlertState) -> i64 {
    AlertState::ALL.iter().position(|one| *one == state).map_or(0, |i| i as i64)
}

/// The state of a stored number.
pub(crate) fn state_of(code: i64) -> AlertState {
    usize::try_from(code).ok().and_then(|i| AlertState::ALL.get(i).copied()).unwrap_or(AlertState::Open)
}

/// The ground of a row.
pub(crate) fn ground(row: &Row<'_>) -> rusqlite::Result<First<Ground>> {
    let mark = row.get::<_, Option<i64>>("mark_from")?.zip(row.get("mark_to")?);
    let ground = Ground {
        severity: severity_of(row.get("severity")?),
        reason: row.get("reason")?,
        evidence: row.get("evidence")?,
        mark,
        effective: row.get("effective")?,
        paths: paths(row)?,
        rule_version: row.get("rule_version")?,
    };
    Ok(First::from_parts(row.get("ground_rank")?, time(row, "raised_at")?, Some(ground)))
}

/// The files and folders of a row.
pub(crate) fn paths(row: &Row<'_>) -> rusqlite::Result<Vec<String>> {
    let text: Option<String> = row.get("paths")?;
    Ok(text.map(|text| text.split('\n').map(str::to_owned).collect()).unwrap_or_default())
}

/// The ground of an alert that is known already.
pub(crate) fn get(
    connection: &Connection,
    session_no: i64,
    fact: &AlertFact,
) -> rusqlite::Result<Option<First<Ground>>> {
    connection
        .prepare_cached("SELECT * FROM alert WHERE session_no = ?1 AND key = ?2 AND rule = ?3")?
        .query_row(params![session_no, fact.key.as_str(), fact.rule.as_str()], ground)
        .optional()
}

/// Gives the alerts about a thing to the name under which the thing is known now. Of those that it has already the one given
/// stays, with what people said of either.
pub(crate) fn rename(connection: &Connection, session_no: i64, from: &EventKey, to: &EventKey) -> rusqlite::Result<()> {
    let mut both = connection.prepare_cached(
        "SELECT f.alert_no, t.alert_no FROM alert AS f JOIN alert AS t ON t.session_no = f.session_no AND t.key = ?3 \
         AND t.rule = f.rule WHERE f.session_no = ?1 AND f.key = ?2 AND ?2 <> ?3",
    )?;
    let both = both.query_map(params![session_no, from.as_str(), to.as_str()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    for (stays, goes) in both.collect::<rusqlite::Result<Vec<_>>>()? {
        unite(connection, stays, goes)?;
    }
    connection.prepare_cached("UPDATE alert SET key = ?3 WHERE session_no = ?1 AND key = ?2")?.execute(params![
        session_no,
        from.as_str(),
        to.as_str()
    ])?;
    Ok(())
}

/// Two alerts turn out to be one.
fn unite(connection: &Connection, stays: i64, goes: i64) -> rusqlite::Result<()> {
    for statement in [
        "UPDATE alert SET (state, state_at, state_reason, muted_until) = (SELECT g.state, g.state_at, g.state_reason, \
         g.muted_until FROM alert AS g WHERE g.alert_no = ?2) WHERE alert_no = ?1 AND state_at IS NULL",
        "UPDATE alert_action SET alert_no = ?1 WHERE alert_no = ?2",
    ] {
        connection.prepare_cached(statement)?.execute([stays, goes])?;
    }
    connection.prepare_cached("DELETE FROM alert WHERE alert_no = ?1")?.execute([goes])?;
    Ok(())
}

/// Writes an alert that is new; whether it was.
pub(crate) fn insert(connection: &Connection, session_no: i64, fact: &AlertFact) -> rusqlite::Result<bool> {
    let Some(ground) = fact.ground.get() else { return Ok(false) };
    let project: Option<String> = connection
        .prepare_cached("SELECT project FROM session WHERE session_no = ?1")?
        .query_row([session_no], |row| row.get(0))
        .optional()?
        .flatten();
    let (key, rule) = (fact.key.as_str(), fact.rule.as_str());
    let (Some(rank), Some(raised_at)) = (fact.ground.rank(), micros(fact.ground.at())) else { return Ok(false) };
    let happened = Happened {
        rule,
        key,
        is_of_call: fact.tool_name.is_some(),
        reason: &ground.reason,
        evidence: ground.evidence.as_deref(),
        mark: ground.mark,
        effective: ground.effective.as_deref(),
    };
    let fingerprint = happened.fingerprint(project.as_deref());
    let noticed_at = now();
    let is_news = known_again::is_news(noticed_at, raised_at, rank, happened.is_of_call);
    let count = connection.prepare_cached(include_str!("../../queries/insert_alert.sql"))?.execute(named_params! {
        ":session_no": session_no,
        ":key": key,
        ":rule": rule,
        ":severity": severity_code(ground.severity),
        ":agent_id": fact.agent_id.as_str(),
        ":tool_name": fact.tool_name,
        ":reason": ground.reason,
        ":evidence": ground.evidence,
        ":mark_from": ground.mark.map(|mark| mark.0),
        ":mark_to": ground.mark.map(|mark| mark.1),
        ":effective": ground.effective,
        ":paths": paths_text(ground),
        ":rule_version": ground.rule_version,
        ":ground_rank": rank,
        ":raised_at": raised_at,
        ":fingerprint": fingerprint,
        ":noticed_at": noticed_at,
        ":is_news": is_news,
    })?;
    if count == 0 {
        return Ok(false);
    }
    let alert_no = connection.last_insert_rowid();
    let new =
        New { alert_no, session_no, rule, project: project.as_deref(), fingerprint, is_news, raised_at, noticed_at };
    new.begin(connection)?;
    Ok(true)
}

/// Writes a known alert's better ground; what people said of it stays.
pub(crate) fn update(connection: &Connection, session_no: i64, fact: &AlertFact) -> rusqlite::Result<()> {
    let Some(ground) = fact.ground.get() else { return Ok(()) };
    connection.prepare_cached(include_str!("../../queries/update_alert.sql"))?.execute(named_params! {
        ":session_no": session_no,
        ":key": fact.key.as_str(),
        ":rule": fact.rule.as_str(),
        ":severity": severity_code(ground.severity),
        ":agent_id": fact.agent_id.as_str(),
        ":tool_name": fact.tool_name,
        ":reason": ground.reason,
        ":evidence": ground.evidence,
        ":mark_from": ground.mark.map(|mark| mark.0),
        ":mark_to": ground.mark.map(|mark| mark.1),
        ":effective": ground.effective,
        ":paths": paths_text(ground),
        ":rule_version": ground.rule_version,
        ":ground_rank": fact.ground.rank(),
        ":raised_at": micros(fact.ground.at()),
    })?;
    known_again::recognise(connection, session_no, fact.key.as_str(), fact.rule.as_str())
}

/// Counts the alerts that are new since the last time, by day and as what waits. A statement a transaction is much cheaper
/// than one an alert.
pub(crate) fn count_new(connection: &Connection) -> rusqlite::Result<()> {
    connection.prepare_cached(include_str!("../../queries/count_new_alerts.sql"))?.execute([])?;
    connection.prepare_cached(include_str!("../../queries/count_new_waiting.sql"))?.execute([])?;
    connection
        .prepare_cached(
            "UPDATE alert_counted SET alert_no = (SELECT max(alert_no) FROM alert) \
             WHERE alert_no < (SELECT max(alert_no) FROM alert)",
        )?
        .execute([])?;
    Ok(())
}

fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// A line break in a path's name is as good as none: what is kept is shown, and told to nobody who opens files.
fn paths_text(ground: &Ground) -> Option<String> {
    let paths: Vec<String> = ground.paths.iter().map(|path| path.replace('\n', " ")).collect();
    (!paths.is_empty()).then(|| paths.join("\n"))
}

/// Sets what facts say of all alerts on one thing. `is_withdrawn`: their ground is gone altogether. Otherwise a ground
/// that only a transcript gave stands back where the call's hook was judged too and gave none, and so does one in the
/// part of a session that is a copy of its parent's.
pub(crate) fn settle(
    connection: &Connection,
    session_no: i64,
    key: &EventKey,
    is_withdrawn: bool,
) -> rusqlite::Result<bool> {
    let changed = connection.prepare_cached(include_str!("../../queries/settle_alerts.sql"))?.execute(params![
        session_no,
        key.as_str(),
        is_withdrawn
    ])?;
    Ok(changed > 0)
}

/// Keeps what was said of one alert, and that it was said.
pub(crate) fn act(connection: &Connection, alert_no: i64, action: &AlertAction) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE alert SET state = ?2, state_at = ?3, state_reason = ?4, muted_until = ?5 WHERE alert_no = ?1",
        )?
        .execute(params![
            alert_no,
            state_code(action.state),
            action.at.as_micros(),
            action.reason,
            micros(action.muted_until)
        ])?;
    note(connection, alert_no, action)
}

/// Keeps that something was said of one alert.
pub(crate) fn note(connection: &Connection, alert_no: i64, action: &AlertAction) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO alert_action (alert_no, at, state, reason, muted_until, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        )?
        .execute(params![
            alert_no,
            action.at.as_micros(),
            state_code(action.state),
            action.reason,
            micros(action.muted_until),
            action.actor.as_str()
        ])?;
    Ok(())
}

/// Who said something, by the stored word.
pub(crate) fn actor(row: &Row<'_>) -> rusqlite::Result<Option<Actor>> {
    Ok(row.get::<_, Option<String>>("actor")?.as_deref().and_then(Actor::parse))
}

/// What stands for people: facts first, then their own word while it holds.
pub(crate) fn standing(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<AlertState> {
    if row.get("is_superseded")? {
        return Ok(AlertState::Superseded);
    }
    let state = state_of(row.get("state")?);
    let is_over = time(row, "muted_until")?.is_none_or(|until| until <= now);
    Ok(if state == AlertState::Muted && is_over { AlertState::Open } else { state })
}
