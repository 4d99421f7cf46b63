//! Which sessions are there, newest life first; and one of them.

use std::collections::HashMap;

use argus_model::record::{Page, ProjectRecord, ReportedMoney, SessionQuery, SessionRecord, Sources, SpendQuery};
use argus_model::session::SILENCE_MS;
use argus_model::{PicoUsd, SessionId, SessionStatus, Timestamp, Totals, slot};
use rusqlite::{OptionalExtension, Row, named_params, params};

use super::Reader;
use crate::table::{session, time, totals};
use crate::{Result, StoreError};

/// Most rows a page may hold.
const MOST: u32 = 500;

macro_rules! session_columns {
    () => {
        include_str!("../../queries/session_columns.sql")
    };
}

impl Reader {
    /// A page of sessions by last sign of life.
    pub fn list_sessions(&self, query: &SessionQuery, now: Timestamp) -> Result<Page<SessionRecord>> {
        let limit = query.limit.clamp(1, MOST) as usize;
        let mut before = parse_cursor(query.cursor.as_deref())?;
        let mut rows = Vec::with_capacity(limit);
        // The status depends on the clock, so it is decided here; windows are read until the page is full.
        loop {
            let window = self.session_window(query, before, limit, now)?;
            let is_last = window.len() < limit;
            for (position, record) in window {
                before = position;
                if query.status.is_none_or(|wanted| wanted == record.status) {
                    rows.push(record);
                    if rows.len() == limit {
                        return Ok(Page { rows, next_cursor: Some(format!("{}.{}", before.0, before.1)) });
                    }
                }
            }
            if is_last {
                return Ok(Page { rows, next_cursor: None });
            }
        }
    }

    /// One session.
    pub fn get_session(&self, id: &SessionId, now: Timestamp) -> Result<Option<SessionRecord>> {
        let mut statement =
            self.connection().prepare_cached(concat!(session_columns!(), "WHERE s.session_id = :session_id"))?;
        let asked = named_params! { ":session_id": id.as_str(), ":now": now.as_micros() };
        Ok(statement.query_row(asked, |row| read(row, now)).optional()?)
    }

    /// Sessions that run or wait now, the latest first. The clock decides about a session's state, so this asks for those
    /// that have a process or were alive a short while ago.
    pub fn list_open_sessions(&self, now: Timestamp) -> Result<Vec<SessionRecord>> {
        let mut statement = self
            .connection()
            .prepare_cached(concat!(session_columns!(), include_str!("../../queries/open_sessions.sql")))?;
        let since = now.as_micros() - SILENCE_MS * 1_000;
        let asked = named_params! { ":since": since, ":now": now.as_micros() };
        let rows = statement.query_map(asked, |row| read(row, now))?;
        let mut open = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        open.retain(|session| matches!(session.status, SessionStatus::Running | SessionStatus::Waiting));
        Ok(open)
    }

    /// Sessions whose id begins with `prefix`, at most ten.
    pub fn find_session(&self, prefix: &str) -> Result<Vec<SessionId>> {
        // All that begins so stands together in the index; no character sorts after the last one there can be.
        let mut statement = self.connection().prepare_cached(
            "SELECT session_id FROM session WHERE session_id >= ?1 AND session_id < ?2 ORDER BY session_id LIMIT 10",
        )?;
        let rows = statement.query_map([prefix, &format!("{prefix}{}", char::MAX)], |row| row.get::<_, String>(0))?;
        Ok(rows.map(|id| id.map(SessionId::new)).collect::<rusqlite::Result<_>>()?)
    }

    /// Projects with what they hold, the busiest of late first.
    pub fn list_projects(&self) -> Result<Vec<ProjectRecord>> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/list_projects.sql"))?;
        let rows = statement.query_map([], |row| {
            Ok(ProjectRecord {
                project: row.get("project")?,
                session_count: row.get("session_count")?,
                last_at: time(row, "last_at")?,
                totals: Totals {
                    requests: row.get("requests")?,
                    cost: PicoUsd(row.get("cost_picousd")?),
                    incomplete_requests: row.get("incomplete_requests")?,
                    unpriced_requests: row.get("unpriced_requests")?,
                    ..Totals::default()
                },
            })
        })?;
        let mut records = rows.collect::<rusqlite::Result<Vec<ProjectRecord>>>()?;
        let (names, mut reported) = (self.projects()?, HashMap::<String, Totals>::new());
        self.each_reported(&SpendQuery::default(), &slot::cover(None, None), |found| {
            reported.entry(names.get(found.session_no).to_owned()).or_default().add(&found.totals, 1);
            Ok(())
        })?;
        for record in &mut records {
            record.totals.add(reported.get(&record.project).unwrap_or(&Totals::default()), 1);
        }
        Ok(records)
    }

    fn session_window(
        &self,
        query: &SessionQuery,
        before: (i64, i64),
        limit: usize,
        now: Timestamp,
    ) -> Result<Vec<((i64, i64), SessionRecord)>> {
        let mut statement = self
            .connection()
            .prepare_cached(concat!(session_columns!(), include_str!("../../queries/list_sessions.sql")))?;
        let text = query
            .text
            .as_ref()
            .map(|text| format!("%{}%", text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_")));
        let rows = statement.query_map(
            named_params! {
                ":before_at": before.0,
                ":before_no": before.1,
                ":project": query.project,
                ":since": query.since.map(Timestamp::as_micros),
                ":until": query.until.map(Timestamp::as_micros),
                ":text": text,
                ":now": now.as_micros(),
                ":limit": limit as i64,
            },
            |row| {
                let at = row.get::<_, Option<i64>>("last_at")?.unwrap_or(0);
                Ok(((at, row.get("session_no")?), read(row, now)?))
            },
        )?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Up to when a session's main thread is a copy of its parent's; -1 for none.
    pub(super) fn copied_until(&self, session_id: &SessionId) -> Result<Option<(i64, i64)>> {
        let mut statement = self
            .connection()
            .prepare_cached("SELECT session_no, ifnull(copied_until, -1) FROM session WHERE session_id = ?1")?;
        Ok(statement.query_row(params![session_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?)
    }
}

fn parse_cursor(cursor: Option<&str>) -> Result<(i64, i64)> {
    let Some(cursor) = cursor else { return Ok((i64::MAX, i64::MAX)) };
    let (at, number) = cursor.split_once('.').ok_or(StoreError::BadCursor)?;
    match (at.parse(), number.parse()) {
        (Ok(at), Ok(number)) => Ok((at, number)),
        _ => Err(StoreError::BadCursor),
    }
}

fn read(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<SessionRecord> {
    let state = session::read(row)?;
    let status = state.status(now);
    let is_over = status == SessionStatus::Ended;
    Ok(SessionRecord {
        session_id: state.session_id.to_string(),
        parent_session_id: state.parent_session_id.get().map(ToString::to_string),
        project: state.project.get().cloned(),
        cwd: state.cwd.get().cloned(),
        git_branch: state.git_branch.get().cloned(),
        model: state.model.get().cloned(),
        title: state.title.get().cloned(),
        waiting_for: state.waiting.get().filter(|_| status == SessionStatus::Waiting).cloned(),
        status,
        started_at: state.started_at.value(),
        ended_at: state.ended.at().filter(|_| is_over),
        end_reason: state.ended.get().filter(|_| is_over).cloned(),
        last_at: state.last_at.value(),
        client_version: state.client_version.get().cloned(),
        permission_mode: state.permission_mode.get().cloned(),
        agent_count: row.get("agent_count")?,
        turn_count: row.get("turn_count")?,
        tool_call_count: row.get("tool_call_count")?,
        error_count: row.get("error_count")?,
        compaction_count: row.get("compaction_count")?,
        alert_count: row.get("alert_count")?,
        open_alert_count: row.get("open_alert_count")?,
        worst_severity: super::alerts::worst(row.get("worst_severity")?),
        totals: Totals { reported_requests: row.get("reported_requests")?, ..totals::read(row)? },
        reported: read_reported(row)?,
        sources: Sources(state.sources),
    })
}

fn read_reported(row: &Row<'_>) -> rusqlite::Result<Option<ReportedMoney>> {
    let Some(reported) = row.get("reported_picousd")? else { return Ok(None) };
    let pico = |column| row.get::<_, Option<i64>>(column).map(|amount| PicoUsd(amount.unwrap_or(0)));
    Ok(Some(ReportedMoney {
        reported: PicoUsd(reported),
        hidden: pico("hidden_picousd")?,
        unexplained: pico("unexplained_picousd")?,
        apart: pico("apart")?,
    }))
}
