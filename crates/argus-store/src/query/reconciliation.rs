//! Money that Claude Code reported against money that requests explain.

use argus_model::record::{Page, ReconciliationQuery, ReconciliationRow, ReconciliationTotals};
use argus_model::slot::DAY_S;
use argus_model::{DriftReason, Figures, PicoUsd, Reconciliation, SessionId, Timestamp, Totals};
use rusqlite::{OptionalExtension, Row, named_params};

use super::Reader;
use crate::table::{request, statement, time};
use crate::{Result, StoreError};

/// Most rows a page may hold.
const MOST: u32 = 500;

impl Reader {
    /// What became of a session's money, model by model; `None` if there is no such session.
    pub fn get_reconciliation(&self, session_id: &SessionId) -> Result<Option<Reconciliation>> {
        let session_no: Option<i64> = self
            .connection()
            .prepare_cached("SELECT session_no FROM session WHERE session_id = ?1")?
            .query_row([session_id.as_str()], |row| row.get(0))
            .optional()?;
        let Some(session_no) = session_no else { return Ok(None) };
        Ok(Some(statement::reconcile(self.connection(), session_no, session_id)?))
    }

    /// Sessions by how far reported and explained are apart; those of which that is unknown come last.
    pub fn list_reconciliations(&self, query: &ReconciliationQuery) -> Result<Page<ReconciliationRow>> {
        let limit = query.limit.clamp(1, MOST);
        let before = parse_cursor(query.cursor.as_deref())?;
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/list_reconciliations.sql"))?;
        let asked = named_params! {
            ":before_place": before.0,
            ":before_no": before.1,
            ":session_id": query.session_id,
            ":project": query.project,
            ":since": query.since.map(Timestamp::as_micros),
            ":until": query.until.map(Timestamp::as_micros),
            ":limit": i64::from(limit) + 1,
        };
        let rows = statement.query_map(asked, |row| Ok(((row.get("place")?, row.get("session_no")?), read(row)?)))?;
        let mut rows = rows.collect::<rusqlite::Result<Vec<((i64, i64), ReconciliationRow)>>>()?;
        let has_more = rows.len() > limit as usize;
        rows.truncate(limit as usize);
        let last = rows.last().filter(|_| has_more);
        let next_cursor = last.map(|((place, session_no), _)| format!("{place}.{session_no}"));
        Ok(Page { rows: rows.into_iter().map(|(_, row)| row).collect(), next_cursor })
    }

    /// The sums over all sessions of a query, whatever its page. Most sessions may have no report: what they come to is what
    /// the others leave of all, for which no row of theirs is read where all time is asked for.
    pub fn total_reconciliation(&self, query: &ReconciliationQuery) -> Result<ReconciliationTotals> {
        let asked = named_params! {
            ":session_id": query.session_id,
            ":project": query.project,
            ":since": query.since.map(Timestamp::as_micros),
            ":until": query.until.map(Timestamp::as_micros),
        };
        let read_all = |row: &Row<'_>| Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?));
        let is_everything =
            (&query.session_id, &query.project) == (&None, &None) && (query.since, query.until) == (None, None);
        let (sessions, cost) = if is_everything {
            let sql = "SELECT (SELECT count(*) FROM reconciliation), ifnull(sum(cost_picousd), 0) FROM spend_total \
                       WHERE project_no = 0 AND model_no = 0 AND width_s = ?1";
            self.connection().prepare_cached(sql)?.query_row([DAY_S], read_all)?
        } else {
            // What is not asked for is not said: an index tells the rest of the sessions of a range.
            let since = if query.since.is_some() { "s.last_at >= :since" } else { ":since IS NULL" };
            let session = if query.session_id.is_some() { "s.session_id = :session_id" } else { ":session_id IS NULL" };
            let project = if query.project.is_some() {
                "(s.project = :project OR s.project LIKE '%/' || :project)"
            } else {
                ":project IS NULL"
            };
            // What made requests stands in the list: only the others are looked up.
            let sql = format!(
                "SELECT count(*), ifnull(sum(s.cost_picousd), 0) FROM session AS s WHERE {since} \
                 AND (s.requests > 0 OR EXISTS (SELECT 1 FROM reconciliation AS r WHERE r.session_no = s.session_no)) \
                 AND {session} AND {project} AND (:until IS NULL OR s.started_at < :until)"
            );
            self.connection().prepare_cached(&sql)?.query_row(asked, read_all)?
        };
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/total_reconciliation.sql"))?;
        Ok(statement.query_row(asked, |row| {
            let sum = |column| row.get(column).map(PicoUsd);
            let basis = |column| {
                Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(|code| request::basis_of(Some(code))))
            };
            let reported_sessions = row.get("reported_sessions")?;
            Ok(ReconciliationTotals {
                reported_sessions,
                explained_sessions: row.get("explained_sessions")?,
                unreported_sessions: sessions - reported_sessions,
                unreported: PicoUsd(cost - row.get::<_, i64>("cost")?),
                reported: sum("reported")?,
                explained: sum("explained")?,
                explained_basis: basis("surest")?.zip(basis("weakest")?).map(|(surest, weakest)| surest.with(weakest)),
                told_by_telemetry: sum("telemetry")?,
                hidden: sum("hidden")?,
                unexplained: sum("unexplained")?,
                apart: sum("apart")?,
                uncovered: sum("uncovered")?,
            })
        })?)
    }

    /// Sessions of which the stored figures are not those that their facts give.
    pub(super) fn count_differing_reconciliations(&self) -> Result<usize> {
        let mut statement =
            self.connection().prepare_cached(include_str!("../../queries/check_reconciliations.sql"))?;
        let mut rows = statement.query([])?;
        let mut wrong = 0;
        while let Some(row) = rows.next()? {
            let (session_no, id) = (row.get("session_no")?, SessionId::new(row.get::<_, String>("session_id")?));
            let found = statement::reconcile(self.connection(), session_no, &id)?;
            let known = read(row)?;
            let is_known = found.figures.reported.is_some();
            let uncovered = is_known.then_some(found.uncovered);
            let is_same = known.figures.reported == found.figures.reported
                && (!is_known || known.figures == found.figures)
                && (known.uncovered, known.reason) == (uncovered, found.reason());
            wrong += usize::from(!is_same);
        }
        Ok(wrong)
    }
}

fn read(row: &Row<'_>) -> rusqlite::Result<ReconciliationRow> {
    let pico = |column| row.get::<_, Option<i64>>(column).map(|amount| amount.map(PicoUsd));
    let reported = pico("reported_picousd")?;
    let reason = statement::reason_of(row.get("reason")?);
    let covered = row.get::<_, Option<i64>>("explained_basis")?.map(|code| request::basis_of(Some(code)));
    let totals = Totals {
        requests: row.get("requests")?,
        incomplete_requests: row.get("incomplete_requests")?,
        unpriced_requests: row.get("unpriced_requests")?,
        reported_requests: row.get("reported_requests")?,
        ..Totals::default()
    };
    // Without a report all requests stand there, whose sum is the session's.
    let all = (reported.is_none() && totals.requests > 0).then(|| totals.as_cost().basis);
    Ok(ReconciliationRow {
        session_id: row.get("session_id")?,
        title: row.get("title")?,
        project: row.get("project")?,
        last_at: time(row, "last_at")?,
        client_version: row.get("client_version")?,
        figures: Figures {
            reported,
            explained: PicoUsd(row.get("explained")?),
            explained_basis: covered.or(all),
            told_by_telemetry: pico("telemetry_picousd")?.unwrap_or_default(),
            hidden: pico("hidden_picousd")?,
            unexplained: pico("unexplained_picousd")?,
        },
        uncovered: pico("uncovered_picousd")?,
        reason: reason.or(reported.is_none().then_some(DriftReason::NoStatement)),
    })
}

/// The last row's place in the list, and its session.
fn parse_cursor(cursor: Option<&str>) -> Result<(i64, i64)> {
    let Some(cursor) = cursor else { return Ok((i64::MAX, i64::MAX)) };
    let parts = cursor.split_once('.').and_then(|(place, no)| Some((place.parse().ok()?, no.parse().ok()?)));
    parts.ok_or(StoreError::BadCursor)
}
