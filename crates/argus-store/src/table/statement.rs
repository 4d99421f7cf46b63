//! Tables `cost_statement`, `cost_statement_model`, `status_total` and `reconciliation`.

use std::collections::BTreeMap;

use argus_model::reconcile::{self, DriftReason};
use argus_model::{
    CostStatement, Counted, KnownRequest, PicoUsd, Reconciliation, SessionId, StatusTotal, Timestamp, Told,
};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{micros, request, time, totals};

/// A session's statements.
pub(crate) fn list_of_session(
    connection: &Connection,
    session_no: i64,
    session_id: &SessionId,
) -> rusqlite::Result<Vec<CostStatement>> {
    let mut models: BTreeMap<i64, BTreeMap<String, Counted>> = BTreeMap::new();
    let mut statement = connection.prepare_cached("SELECT * FROM cost_statement_model WHERE session_no = ?1")?;
    let mut rows = statement.query([session_no])?;
    while let Some(row) = rows.next()? {
        models.entry(row.get("statement_no")?).or_default().insert(row.get("model")?, read_counted(row)?);
    }
    connection
        .prepare_cached("SELECT * FROM cost_statement WHERE session_no = ?1")?
        .query_map([session_no], |row| {
            let (opened_at, line_at) = (time(row, "opened_at")?, time(row, "line_at")?);
            let zero = Timestamp::from_micros(0);
            Ok(CostStatement {
                session_id: session_id.clone(),
                opened_at: opened_at.unwrap_or(zero),
                runs_ms: row.get("runs_ms")?,
                at: line_at.unwrap_or(zero),
                forked_from: row.get::<_, Option<String>>("forked_from")?.map(SessionId::new),
                copied_until: time(row, "copied_until")?,
                has_unknown_model: row.get("has_unknown_model")?,
                total: PicoUsd(row.get("total_picousd")?),
                models: models.remove(&row.get("statement_no")?).unwrap_or_default(),
            })
        })?
        .collect()
}

fn read_counted(row: &Row<'_>) -> rusqlite::Result<Counted> {
    Ok(Counted {
        cost: PicoUsd(row.get("cost_picousd")?),
        input_tokens: row.get("input_tokens")?,
        output_tokens: row.get("output_tokens")?,
        cache_write_tokens: row.get("cache_write_tokens")?,
        cache_read_tokens: row.get("cache_read_tokens")?,
        web_search_requests: row.get("web_search_requests")?,
    })
}

/// Writes a statement in the place of one that says the same of account, time and total.
pub(crate) fn put(connection: &Connection, session_no: i64, statement: &CostStatement) -> rusqlite::Result<()> {
    let (opened_at, total) = (statement.opened_at.as_micros(), statement.total.0);
    let key = params![session_no, opened_at, statement.runs_ms, total];
    let known: Option<i64> = connection
        .prepare_cached(
            "SELECT statement_no FROM cost_statement \
             WHERE session_no = ?1 AND opened_at = ?2 AND runs_ms = ?3 AND total_picousd = ?4",
        )?
        .query_row(key, |row| row.get(0))
        .optional()?;
    if let Some(statement_no) = known {
        connection
            .prepare_cached("DELETE FROM cost_statement_model WHERE session_no = ?1 AND statement_no = ?2")?
            .execute(params![session_no, statement_no])?;
    }
    let statement_no = connection
        .prepare_cached(
            "INSERT OR REPLACE INTO cost_statement (statement_no, session_no, opened_at, runs_ms, total_picousd, line_at, \
             forked_from, copied_until, has_unknown_model) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .insert(params![
            known,
            session_no,
            opened_at,
            statement.runs_ms,
            total,
            statement.at.as_micros(),
            statement.forked_from.as_ref().map(SessionId::as_str),
            micros(statement.copied_until),
            statement.has_unknown_model,
        ])?;
    let mut insert =
        connection.prepare_cached("INSERT INTO cost_statement_model VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
    for (model, counted) in &statement.models {
        insert.execute(params![
            session_no,
            statement_no,
            model,
            counted.cost.0,
            counted.input_tokens,
            counted.output_tokens,
            counted.cache_write_tokens,
            counted.cache_read_tokens,
            counted.web_search_requests,
        ])?;
    }
    Ok(())
}

/// What a session's status line was given last.
fn get_status(
    connection: &Connection,
    session_no: i64,
    session_id: &SessionId,
) -> rusqlite::Result<Option<StatusTotal>> {
    connection
        .prepare_cached("SELECT at, total_picousd, runs_ms FROM status_total WHERE session_no = ?1")?
        .query_row([session_no], |row| {
            let (at, total) = (Timestamp::from_micros(row.get(0)?), PicoUsd(row.get(1)?));
            Ok(StatusTotal { session_id: session_id.clone(), at, total, runs_ms: row.get(2)? })
        })
        .optional()
}

/// Keeps what a status line was given, unless something newer is known; whether anything changed.
pub(crate) fn put_status(connection: &Connection, session_no: i64, told: &StatusTotal) -> rusqlite::Result<bool> {
    let known = get_status(connection, session_no, &told.session_id)?;
    if known.is_some_and(|known| known.order() >= told.order()) {
        return Ok(false);
    }
    connection.prepare_cached("INSERT OR REPLACE INTO status_total VALUES (?1, ?2, ?3, ?4)")?.execute(params![
        session_no,
        told.at.as_micros(),
        told.total.0,
        told.runs_ms
    ])?;
    Ok(true)
}

/// The sessions that took an account over from this one.
pub(crate) fn list_heirs(connection: &Connection, session_id: &SessionId) -> rusqlite::Result<Vec<i64>> {
    connection
        .prepare_cached(
            "SELECT session_no FROM cost_statement WHERE forked_from = ?1 UNION \
             SELECT s.session_no FROM session AS s JOIN status_total AS t ON t.session_no = s.session_no \
             WHERE s.parent_session_id = ?1",
        )?
        .query_map([session_id.as_str()], |row| row.get(0))?
        .collect()
}

/// Whom a session's main thread is a copy of, and up to when.
fn get_fork(connection: &Connection, session_no: i64) -> rusqlite::Result<Option<(SessionId, Timestamp)>> {
    connection
        .prepare_cached(
            "SELECT parent_session_id, copied_until FROM session \
             WHERE session_no = ?1 AND parent_session_id IS NOT NULL AND copied_until IS NOT NULL",
        )?
        .query_row([session_no], |row| {
            Ok((SessionId::new(row.get::<_, String>(0)?), Timestamp::from_micros(row.get(1)?)))
        })
        .optional()
}

/// What became of a session's money, from its facts.
pub(crate) fn reconcile(
    connection: &Connection,
    session_no: i64,
    session_id: &SessionId,
) -> rusqlite::Result<Reconciliation> {
    let own = list_of_session(connection, session_no, session_id)?;
    let status = get_status(connection, session_no, session_id)?;
    let fork = if status.is_some() { get_fork(connection, session_no)? } else { None };
    let mut parents = reconcile::parents(&own);
    parents.extend(fork.as_ref().map(|(parent, _)| parent.clone()));
    let (mut of_parents, mut of_parent) = (Vec::new(), None);
    for parent in parents {
        let number: Option<i64> = connection
            .prepare_cached("SELECT session_no FROM session WHERE session_id = ?1")?
            .query_row([parent.as_str()], |row| row.get(0))
            .optional()?;
        let Some(number) = number else { continue };
        of_parents.extend(list_of_session(connection, number, &parent)?);
        if fork.as_ref().is_some_and(|(forked, _)| *forked == parent) {
            of_parent = get_status(connection, number, &parent)?;
        }
    }
    let requests = list_requests(connection, session_no)?;
    let told = Told {
        own: &own,
        of_parents: &of_parents,
        status: status.as_ref(),
        of_parent: of_parent.as_ref(),
        copied_until: fork.map(|(_, until)| until),
    };
    Ok(reconcile::reconcile(&told, &requests))
}

fn list_requests(connection: &Connection, session_no: i64) -> rusqlite::Result<Vec<KnownRequest>> {
    connection
        .prepare_cached(include_str!("../../queries/requests_to_reconcile.sql"))?
        .query_map([session_no], |row| {
            let zero = Timestamp::from_micros(0);
            Ok(KnownRequest {
                at: time(row, "at")?.unwrap_or(zero),
                done_at: time(row, "done_at")?.unwrap_or(zero),
                model: row.get::<_, Option<String>>("model")?.unwrap_or_default(),
                is_main: row.get("is_main")?,
                is_hidden: row.get("is_hidden")?,
                basis: request::basis_of(row.get("basis")?),
                knows_searches: row.get("knows_searches")?,
                totals: totals::read(row)?,
            })
        })?
        .collect()
}

/// Whether Claude Code ever said anything of a session's money.
pub(crate) fn is_reported(connection: &Connection, session_no: i64) -> rusqlite::Result<bool> {
    connection
        .prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM cost_statement WHERE session_no = ?1) \
             OR EXISTS (SELECT 1 FROM status_total WHERE session_no = ?1)",
        )?
        .query_row([session_no], |row| row.get(0))
}

/// Makes the row of a session anew from its facts.
pub(crate) fn reconcile_again(connection: &Connection, session_no: i64) -> rusqlite::Result<()> {
    if !is_reported(connection, session_no)? {
        return put_unknown(connection, session_no, DriftReason::NoStatement);
    }
    let id: String = connection
        .prepare_cached("SELECT session_id FROM session WHERE session_no = ?1")?
        .query_row([session_no], |row| row.get(0))?;
    let found = reconcile(connection, session_no, &SessionId::new(id))?;
    if found.figures.reported.is_none() {
        put_unknown(connection, session_no, found.reason().unwrap_or(DriftReason::NoStatement))
    } else {
        put_figures(connection, session_no, &found)
    }
}

/// The same of every session of which something was reported.
pub(crate) fn reconcile_all(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement =
        connection.prepare("SELECT session_no FROM reconciliation WHERE reported_picousd IS NOT NULL")?;
    let sessions = statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<Vec<i64>>>()?;
    sessions.into_iter().try_for_each(|session_no| reconcile_again(connection, session_no))
}

/// Notes a session without a statement; what its requests come to stands in its own sums.
fn put_unknown(connection: &Connection, session_no: i64, reason: DriftReason) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(
        "INSERT INTO reconciliation (session_no, place, reason) VALUES (?1, -1, ?2) ON CONFLICT (session_no) DO UPDATE SET \
         place = -1, reason = ?2, reported_picousd = NULL, explained_picousd = NULL, explained_basis = NULL, telemetry_picousd = NULL, \
         hidden_picousd = NULL, unexplained_picousd = NULL, uncovered_picousd = NULL, uncovered_requests = NULL \
         WHERE reason IS NOT ?2 OR reported_picousd IS NOT NULL",
    )?;
    statement.execute(params![session_no, reason_code(reason)]).map(drop)
}

/// Writes the figures of a session.
fn put_figures(connection: &Connection, session_no: i64, found: &Reconciliation) -> rusqlite::Result<()> {
    let figures = &found.figures;
    let pico = |amount: Option<PicoUsd>| amount.map(|amount| amount.0);
    connection
        .prepare_cached("INSERT OR REPLACE INTO reconciliation VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)")?
        .execute(params![
            session_no,
            found.apart().map_or(-1, |apart| apart.0),
            found.reason().map(reason_code),
            pico(figures.reported),
            figures.explained.0,
            figures.told_by_telemetry.0,
            pico(figures.hidden),
            pico(figures.unexplained),
            found.uncovered.0,
            found.uncovered_requests,
            figures.explained_basis.map(request::basis_code),
        ])?;
    Ok(())
}

fn reason_code(reason: DriftReason) -> i64 {
    DriftReason::ALL.iter().position(|known| *known == reason).map_or(0, |at| at as i64)
}

pub(crate) fn reason_of(code: Option<i64>) -> Option<DriftReason> {
    DriftReason::ALL.get(usize::try_from(code?).ok()?).copied()
}
