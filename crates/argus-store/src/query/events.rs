//! The events of a session: one thread's steps in windows, errors, or all; and one event with its request.

use std::collections::HashMap;

use argus_model::record::{EventPart, EventQuery, EventRecord, Page, RequestRecord, Sources};
use argus_model::{
    Cost, EventKey, EventKind, EventState, Evidence, GuardDecision, Outcome, PicoUsd, SessionId, Severity, Timestamp,
    Totals,
};
use rusqlite::types::FromSql;
use rusqlite::{OptionalExtension, Row, Statement, named_params, params};

use super::Reader;
use crate::table::{guard, request};
use crate::{Result, StoreError};

/// Most rows a window may hold.
const MOST: i64 = 1000;

const EVENT_COLUMNS: &str = "e.*, a.agent_id, a.parent_agent_id, t.prompt_id, s.session_id, \
     g.rank AS guard_rank, g.at AS guard_at, g.rules AS guard_rules, g.released AS guard_released, g.reason AS guard_reason, \
     max(ifnull(a.boundary_at, 0), ifnull(s.ended_at, 0), ifnull(s.lost_at, 0), CASE WHEN s.pid IS NULL \
     AND s.last_at < (unixepoch() - 1800) * 1000000 THEN s.last_at ELSE 0 END) AS boundary, \
     CASE WHEN e.kind = 2 AND e.spawned_agent_id IS NULL AND e.tool_name IN ('Agent', 'Task') THEN (SELECT b.agent_id \
       FROM agent AS b WHERE b.session_no = e.session_no AND b.tool_use_id = e.key LIMIT 1) END AS begun_agent_id, \
     (SELECT r.model FROM request AS r WHERE r.message_id = e.message_id AND r.is_counted = 1 LIMIT 1) AS model, \
     CASE WHEN e.kind = 1 THEN (SELECT r.duration_ms FROM request AS r WHERE r.message_id = e.message_id \
       AND r.reported_at IS NOT NULL ORDER BY r.is_counted DESC LIMIT 1) END AS asked_ms, \
     CASE WHEN e.kind = 2 AND e.evidence & 1 <> 0 AND e.input_hash IS NOT NULL THEN (SELECT max(q.at) FROM event AS q \
       WHERE q.session_no = e.session_no AND q.key >= 'q.' AND q.key < 'q/' AND q.kind = 7 AND q.input_hash = e.input_hash \
       AND q.agent_no = e.agent_no AND q.at >= e.at AND q.at <= ifnull(e.ended_at, q.at)) END AS asked_at, \
     (SELECT group_concat(n.severity || '~' || n.rule || '~' || n.key, char(31)) FROM alert AS n WHERE n.session_no = e.session_no \
       AND n.key IN (e.key, 'm.' || e.message_id) AND n.is_superseded = 0) AS alerts";

const EVENT_JOINS: &str = "JOIN session AS s ON s.session_no = e.session_no JOIN agent AS a ON a.agent_no = e.agent_no \
     LEFT JOIN turn AS t ON t.turn_no = e.turn_no \
     LEFT JOIN guard_decision AS g ON g.session_no = e.session_no AND g.key = e.key";

/// The kinds a trace shows: in the words of the index by thread, or SQLite would not use it.
const SHOWN: &str = "AND kind <> 7 AND kind <> 10 AND kind <> 12";

impl Reader {
    /// A window of events and how many there are in all.
    pub fn list_events(&self, session_id: &SessionId, query: &EventQuery) -> Result<(Vec<EventRecord>, i64)> {
        let Some((session_no, copied_until)) = self.copied_until(session_id)? else { return Ok((Vec::new(), 0)) };
        let Some(thread_nos) = self.find_threads(session_no, query)? else {
            return self.list_by_session(session_no, copied_until, query);
        };
        if thread_nos.is_empty() {
            return Ok((Vec::new(), 0));
        }
        // A subagent has one thread; the main agent one a turn. Usually this is a single number.
        let is_main = query.agent_id.as_deref().is_none_or(str::is_empty);
        let copied_until = if is_main { copied_until } else { -1 };
        let list = thread_nos.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
        let errors = if query.errors_only { "AND is_error = 1" } else { "" };
        // The index by thread holds steps only: whoever asks for all kinds reads the session's rows.
        let kinds = if has_all_kinds(query) { "AND session_no = :session_no" } else { SHOWN };
        let part = query.only.map(part).unwrap_or_default();
        let filter = format!("thread_no IN ({list}) {kinds} {part} AND at > :copied_until {errors}");
        self.window("event", &filter, session_no, copied_until, query)
    }

    fn list_by_session(
        &self,
        session_no: i64,
        copied_until: i64,
        query: &EventQuery,
    ) -> Result<(Vec<EventRecord>, i64)> {
        // Left to itself, the planner reads all of the session for its few errors.
        let (table, errors) =
            if query.errors_only { ("event INDEXED BY event_by_error", "AND is_error = 1") } else { ("event", "") };
        let kinds = if has_all_kinds(query) { "" } else { SHOWN };
        let part = query.only.map(part).unwrap_or_default();
        let filter = format!(
            "session_no = :session_no AND (at > :copied_until OR agent_no NOT IN \
             (SELECT agent_no FROM agent WHERE session_no = :session_no AND agent_id = '')) {errors} {kinds} {part}"
        );
        self.window(table, &filter, session_no, copied_until, query)
    }

    fn window(
        &self,
        table: &str,
        filter: &str,
        session_no: i64,
        copied_until: i64,
        query: &EventQuery,
    ) -> Result<(Vec<EventRecord>, i64)> {
        let count = format!("SELECT count(*) FROM {table} WHERE {filter} AND :session_no = :session_no");
        let total = self
            .connection()
            .prepare_cached(&count)?
            .query_row(named_params! { ":session_no": session_no, ":copied_until": copied_until }, |row| row.get(0))?;
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM (SELECT session_no, key, at FROM {table} WHERE {filter} ORDER BY at, key \
             LIMIT :limit OFFSET :offset) AS w JOIN event AS e ON e.session_no = :session_no AND e.key = w.key {EVENT_JOINS} \
             ORDER BY e.at, e.key"
        );
        let mut statement = self.connection().prepare_cached(&sql)?;
        let places = Places::of(&statement);
        let rows = statement.query_map(
            named_params! {
                ":session_no": session_no,
                ":copied_until": copied_until,
                ":limit": query.limit.clamp(1, MOST),
                ":offset": query.offset.max(0),
            },
            |row| read(&Named { row, places: &places }),
        )?;
        let mut records: Vec<EventRecord> = rows.collect::<rusqlite::Result<_>>()?;
        self.add_spawned(session_no, &mut records)?;
        Ok((records, total))
    }

    /// The threads a query asks for; `None` when it asks for the whole session.
    fn find_threads(&self, session_no: i64, query: &EventQuery) -> Result<Option<Vec<i64>>> {
        let Some(agent_id) = &query.agent_id else { return Ok(None) };
        let by_turn = query.prompt_id.is_some() || query.before_first_prompt;
        let mut statement = self.connection().prepare_cached(
            "SELECT t.thread_no FROM thread AS t JOIN agent AS a USING (agent_no) LEFT JOIN turn AS u ON u.turn_no = t.turn_no \
             WHERE t.session_no = ?1 AND a.agent_id = ?2 AND (NOT ?3 OR a.agent_id <> '' OR u.prompt_id IS ?4)",
        )?;
        let rows = statement.query_map(params![session_no, agent_id, by_turn, query.prompt_id], |row| row.get(0))?;
        Ok(Some(rows.collect::<rusqlite::Result<_>>()?))
    }

    /// Calls to which the guard said more than nothing, or which a person let pass, the newest first.
    pub fn list_guarded(&self, cursor: Option<&str>, limit: u32) -> Result<Page<EventRecord>> {
        let limit = i64::from(limit).clamp(1, MOST);
        let before = match cursor {
            None => i64::MAX,
            Some(text) => text.parse().map_err(|_| StoreError::BadCursor)?,
        };
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM (SELECT session_no, key, at FROM guard_decision INDEXED BY guard_decision_by_time \
             WHERE at < ?1 ORDER BY at DESC LIMIT ?2) AS w JOIN event AS e ON e.session_no = w.session_no AND e.key = w.key \
             {EVENT_JOINS} ORDER BY w.at DESC"
        );
        let mut statement = self.connection().prepare_cached(&sql)?;
        let places = Places::of(&statement);
        let rows = statement.query_map([before, limit], |row| read(&Named { row, places: &places }))?;
        let rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        let last = rows.last().filter(|_| rows.len() as i64 == limit).and_then(|event| event.guard.as_ref()?.at);
        Ok(Page { next_cursor: last.map(|at| at.as_micros().to_string()), rows })
    }

    /// One event by its `SESSION~KEY`.
    pub fn get_event(&self, event_id: &str) -> Result<Option<EventRecord>> {
        let Some((session_id, key)) = event_id.split_once('~') else { return Ok(None) };
        let sql = format!(
            "SELECT {EVENT_COLUMNS} FROM event AS e {EVENT_JOINS} WHERE e.session_no = \
             (SELECT session_no FROM session WHERE session_id = ?1) AND e.key = ?2"
        );
        let mut statement = self.connection().prepare_cached(&sql)?;
        let places = Places::of(&statement);
        let found = statement.query_row(params![session_id, key], |row| {
            Ok((row.get::<_, i64>("session_no")?, read(&Named { row, places: &places })?))
        });
        let Some((session_no, mut record)) = found.optional()? else { return Ok(None) };
        self.add_spawned(session_no, std::slice::from_mut(&mut record))?;
        Ok(Some(record))
    }

    /// Says of calls that spawned an agent what that one used, with all that it started.
    fn add_spawned(&self, session_no: i64, records: &mut [EventRecord]) -> Result<()> {
        if records.iter().all(|record| record.spawned_agent_id.is_none()) {
            return Ok(());
        }
        let subtrees = self.sum_subtrees(session_no)?;
        for record in records {
            record.spawned = record.spawned_agent_id.as_ref().and_then(|agent| subtrees.get(agent)).copied();
        }
        Ok(())
    }

    /// The model request that produced an event.
    pub fn get_request(&self, event_id: &str) -> Result<Option<RequestRecord>> {
        let Some(message_id) = self.get_event(event_id)?.and_then(|event| event.message_id) else { return Ok(None) };
        let mut statement = self.connection().prepare_cached(
            "SELECT * FROM request WHERE message_id = ?1 AND is_counted = 1 ORDER BY request_id LIMIT 1",
        )?;
        let stored = statement
            .query_row([&message_id], |row| {
                request::read(self.connection(), row, |_| {
                    Ok(request::owner_of(SessionId::new(""), argus_model::AgentId::main(), None))
                })
            })
            .optional()?;
        Ok(stored.map(|stored| RequestRecord {
            message_id,
            request_id: stored.state.key.request_id.as_ref().map(ToString::to_string),
            model: stored.state.usage.get().map(|record| record.model.clone()),
            totals: stored.contribution().map(|(_, totals)| totals).unwrap_or_default(),
            cost: stored.state.cost(),
            usage: stored.state.record(),
            sent_at: stored.state.sent_at.value(),
            duration_ms: stored.state.report.get().and_then(|report| report.duration_ms),
            ttft_ms: stored.state.report.get().and_then(|report| report.ttft_ms),
            query_source: stored.state.report.get().and_then(|report| report.facets.query_source.clone()),
            is_hidden: stored.state.key.is_reported(),
            share_count: stored.state.weights().len() as i64,
        }))
    }
}

/// Whether a query asks for kinds that are no steps.
fn has_all_kinds(query: &EventQuery) -> bool {
    query.all_kinds || matches!(query.only, Some(EventPart::Kind(kind)) if !kind.is_step())
}

/// The rows that have a part. What has an end has told what it gave back.
fn part(part: EventPart) -> String {
    let (kind, has) = match part {
        EventPart::Kind(kind) => (kind, ""),
        EventPart::Result => (EventKind::ToolCall, "AND ended_at IS NOT NULL"),
        EventPart::Spawn => (
            EventKind::ToolCall,
            // What the call told of its agent, or the agent of its call.
            "AND (spawned_agent_id IS NOT NULL OR key IN (SELECT b.tool_use_id FROM agent AS b \
             WHERE b.session_no = :session_no AND b.tool_use_id IS NOT NULL))",
        ),
    };
    format!("AND kind = {} {has}", kind.code())
}

/// Where each column stands: looked for once a statement, since a window has hundreds of rows of forty columns.
struct Places(HashMap<String, usize>);

impl Places {
    fn of(statement: &Statement<'_>) -> Self {
        let mut places = HashMap::new();
        for (place, name) in statement.column_names().into_iter().enumerate() {
            // As SQLite does it: of two columns of one name the first.
            places.entry(name.to_owned()).or_insert(place);
        }
        Self(places)
    }
}

/// A row whose columns are found by name.
struct Named<'r> {
    row: &'r Row<'r>,
    places: &'r Places,
}

impl Named<'_> {
    fn get<T: FromSql>(&self, name: &str) -> rusqlite::Result<T> {
        let place = self.places.0.get(name).ok_or_else(|| rusqlite::Error::InvalidColumnName(name.to_owned()))?;
        self.row.get(*place)
    }

    fn time(&self, name: &str) -> rusqlite::Result<Option<Timestamp>> {
        Ok(self.get::<Option<i64>>(name)?.map(Timestamp::from_micros))
    }
}

fn read(row: &Named<'_>) -> rusqlite::Result<EventRecord> {
    let kind = EventKind::from_code(row.get("kind")?).unwrap_or(EventKind::Hook);
    let (session_id, key): (String, String) = (row.get("session_id")?, row.get("key")?);
    let started_at = row.time("hook_at")?.or(row.time("line_at")?);
    let ended_at = row.time("ended_at")?;
    let asked_ms: Option<i64> = row.get("asked_ms")?;
    let told = row.get::<Option<i64>>("duration_ms")?.or(asked_ms);
    let reported = if asked_ms.is_some() { Sources::OTLP } else { 0 };
    let outcome = (kind == EventKind::ToolCall).then(|| outcome(row, started_at)).transpose()?;
    let (share, cost) = share(row)?;
    let wait_ms = wait_ms(row, told, started_at, ended_at)?;
    let (alert_ids, worst_severity) = alerts(row, &session_id)?;
    Ok(EventRecord {
        event_id: format!("{session_id}~{key}"),
        session_id,
        agent_id: row.get("agent_id")?,
        parent_agent_id: row.get("parent_agent_id")?,
        prompt_id: row.get("prompt_id")?,
        tool_use_id: (kind == EventKind::ToolCall).then(|| key.clone()),
        kind,
        tool_name: row.get("tool_name")?,
        label: row.get("label")?,
        started_at,
        ended_at,
        duration_ms: told
            .or(started_at.zip(ended_at).map(|(start, end)| end.millis_since(start)).filter(|ms| *ms >= 0)),
        wait_ms,
        outcome,
        error: row.get("error")?,
        is_error: row.get("is_error")?,
        spawned_agent_id: row.get::<Option<String>>("spawned_agent_id")?.or(row.get("begun_agent_id")?),
        spawned: None,
        model: row.get("model")?,
        is_hidden: EventState::reported_message(&EventKey::new(key)).is_some(),
        message_id: row.get("message_id")?,
        share,
        cost,
        output_bytes: row.get("output_bytes")?,
        guard: guard(row)?,
        alert_ids,
        worst_severity,
        sources: Sources(row.get::<u8>("sources")? | reported),
    })
}

fn guard(row: &Named<'_>) -> rusqlite::Result<Option<GuardDecision>> {
    let kept = guard::Row {
        rank: row.get("guard_rank")?,
        at: row.time("guard_at")?,
        rules: row.get("guard_rules")?,
        released: row.get("guard_released")?,
        reason: row.get("guard_reason")?,
    };
    Ok(kept.into_decision(Evidence(row.get("evidence")?)))
}

/// Ids of the alerts about an event, and how bad the worst is.
fn alerts(row: &Named<'_>, session_id: &str) -> rusqlite::Result<(Vec<String>, Option<Severity>)> {
    let Some(list) = row.get::<Option<String>>("alerts")? else { return Ok((Vec::new(), None)) };
    let parts = list.split('\u{1f}').filter_map(|one| {
        let (severity, rest) = one.split_once('~')?;
        let (rule, key) = rest.split_once('~')?;
        Some((severity.parse::<i64>().ok()?, format!("{session_id}~{key}~{rule}")))
    });
    let (severities, ids): (Vec<i64>, Vec<String>) = parts.unzip();
    Ok((ids, super::alerts::worst(severities.into_iter().max())))
}

/// An open call whose thread went on, or whose session is over, is not running any more.
fn outcome(row: &Named<'_>, started_at: Option<Timestamp>) -> rusqlite::Result<Outcome> {
    let outcome = Outcome::of(Evidence(row.get("evidence")?));
    let boundary: i64 = row.get("boundary")?;
    let went_on = started_at.is_none_or(|at| boundary >= at.as_micros());
    Ok(if outcome == Outcome::Running && boundary > 0 && went_on { Outcome::Abandoned } else { outcome })
}

/// The person was asked at `asked_at`; the tool itself ran for `told` at the end of the span. Telemetry says that the
/// person was asked, and not when: then the call waited from its begin on, if anybody else told of that.
fn wait_ms(
    row: &Named<'_>,
    told: Option<i64>,
    started_at: Option<Timestamp>,
    ended_at: Option<Timestamp>,
) -> rusqlite::Result<Option<i64>> {
    let has_begin = row.get::<u8>("sources")? & (Sources::HOOK | Sources::TRANSCRIPT) != 0;
    let was_asked = Evidence(row.get("evidence")?).has(Evidence::ASKED) && told.is_some() && has_begin;
    let asked_at = row.time("asked_at")?.or(started_at.filter(|_| was_asked));
    Ok(asked_at.zip(ended_at).zip(started_at).map(|((asked, ended), started)| {
        let span = ended.millis_since(asked.max(started));
        (span - told.unwrap_or(0)).max(0)
    }))
}

fn share(row: &Named<'_>) -> rusqlite::Result<(Option<Totals>, Option<Cost>)> {
    let Some(basis) = row.get::<Option<i64>>("share_basis")? else { return Ok((None, None)) };
    let amount = row.get::<Option<i64>>("share_cost_picousd")?.map(PicoUsd);
    let cost = Cost { amount, basis: request::basis_of(Some(basis)) };
    let totals = Totals {
        input_tokens: row.get("share_input")?,
        output_tokens: row.get("share_output")?,
        cache_write_5m_tokens: row.get("share_write_5m")?,
        cache_write_1h_tokens: row.get("share_write_1h")?,
        cache_read_tokens: row.get("share_read")?,
        cost: amount.unwrap_or_default(),
        ..Totals::default()
    };
    Ok((Some(totals), Some(cost)))
}
