//! The alert feed: alerts newest first, folded by rule and session, counted; one alert; what a rule has raised.

use std::collections::BTreeMap;

use argus_model::record::{AlertActionRecord, AlertCause, AlertGroup, AlertQuery, AlertRecord, Page, RuleCount};
use argus_model::{AlertState, Severity, Timestamp};
use rusqlite::{OptionalExtension, Row, named_params, params};

use super::Reader;
use crate::table::{alert, time};
use crate::writer::split_alert_id;
use crate::{Result, StoreError};

/// Most rows a page may hold.
const MOST: u32 = 500;

/// What Argus learnt of within ten minutes is news. So is what a hook told, however late it was drained: somebody ran
/// that call while nobody watched. The rest is history: kept, listed, and nobody is called.
macro_rules! news {
    () => {
        "(a.noticed_at - a.raised_at <= 600000000 OR a.ground_rank = 0 AND a.tool_name IS NOT NULL)"
    };
}
const NEWS: &str = news!();

/// All of an alert, with its session and the kind of event it is about.
const COLUMNS: &str = concat!(
    "a.*, s.session_id, s.title, s.project, e.kind AS event_kind, d.agent_id AS cause_agent_id, d.at AS cause_at, \
     d.text AS cause_text, ",
    news!(),
    " AS is_news"
);

const JOINS: &str = "JOIN session AS s ON s.session_no = a.session_no \
     LEFT JOIN event AS e ON e.session_no = a.session_no AND e.key = a.key \
     LEFT JOIN deed AS d ON d.session_no = a.session_no AND d.rule = a.rule AND d.is_consequence = 0 \
       AND d.subject = a.cause_subject AND d.key = a.cause_key";

const OPEN: &str = "a.is_superseded = 0 AND (a.state = 0 OR a.state = 3 AND a.muted_until <= :now)";

impl Reader {
    /// A page of alerts, newest first.
    pub fn list_alerts(&self, query: &AlertQuery, now: Timestamp) -> Result<Page<AlertRecord>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM alert AS a {JOINS} WHERE {} AND (a.raised_at, a.alert_no) < (:before_at, :before_no) \
             ORDER BY a.raised_at DESC, a.alert_no DESC LIMIT :limit",
            filter(query)
        );
        self.page(&sql, query, now, |row| {
            let alert = read(row, now)?;
            Ok(((alert.raised_at, alert.alert_no), alert))
        })
    }

    /// Alerts folded by rule and session, the one with the newest alert first.
    pub fn list_alert_groups(&self, query: &AlertQuery, now: Timestamp) -> Result<Page<AlertGroup>> {
        let sql = format!(
            "WITH folded AS (SELECT a.session_no, a.rule, count(*) AS count, sum({OPEN}) AS open_count, \
             min(a.raised_at) AS first_at, max(a.raised_at) AS last_at, max(a.severity) AS worst, max(a.alert_no) AS any_no \
             FROM alert AS a JOIN session AS s ON s.session_no = a.session_no WHERE {} GROUP BY a.session_no, a.rule \
             HAVING (max(a.raised_at), max(a.alert_no)) < (:before_at, :before_no) ORDER BY last_at DESC, any_no DESC LIMIT :limit) \
             SELECT f.count, f.open_count, f.first_at, f.last_at, f.worst, f.any_no, {COLUMNS} FROM folded AS f \
             JOIN alert AS a ON a.alert_no = (SELECT n.alert_no FROM alert AS n WHERE n.session_no = f.session_no \
               AND n.rule = f.rule AND n.raised_at = f.last_at ORDER BY n.alert_no DESC LIMIT 1) {JOINS} \
             ORDER BY f.last_at DESC, f.any_no DESC",
            filter(query)
        );
        self.page(&sql, query, now, |row| {
            let group = read_group(row, now)?;
            Ok(((group.last_seen_at, row.get("any_no")?), group))
        })
    }

    /// A page of a list whose rows tell their place in its order.
    fn page<T>(
        &self,
        sql: &str,
        query: &AlertQuery,
        now: Timestamp,
        read: impl Fn(&Row<'_>) -> rusqlite::Result<((Timestamp, i64), T)>,
    ) -> Result<Page<T>> {
        let limit = query.limit.clamp(1, MOST) as usize;
        let before = parse_cursor(query.cursor.as_deref())?;
        let mut statement = self.connection().prepare_cached(sql)?;
        let asked = named_params! {
            ":now": now.as_micros(),
            ":severity": query.severity.map(alert::severity_code),
            ":rule": query.rule,
            ":session_id": query.session_id,
            ":project": query.project,
            ":since": query.since.map(Timestamp::as_micros),
            ":until": query.until.map(Timestamp::as_micros),
            ":before_at": before.0,
            ":before_no": before.1,
            ":limit": limit as i64,
        };
        let found = statement.query_map(asked, |row| read(row))?.collect::<rusqlite::Result<Vec<_>>>()?;
        let last = found.last().filter(|_| found.len() == limit).map(|(place, _)| place);
        let next_cursor = last.map(|(at, number)| format!("{}.{number}", at.as_micros()));
        Ok(Page { rows: found.into_iter().map(|(_, row)| row).collect(), next_cursor })
    }

    /// News for those who watch: alerts of at least medium severity noticed after the one of this number, history apart,
    /// at most the `limit` last of them in the order in which they were noticed; and the number noticed last by now.
    pub fn list_news(&self, after: i64, limit: i64, now: Timestamp) -> Result<(Vec<AlertRecord>, i64)> {
        let last = self.last_alert_no()?;
        let sql = format!(
            "SELECT {COLUMNS} FROM alert AS a {JOINS} WHERE a.alert_no > ?1 AND a.alert_no <= ?2 AND a.is_superseded = 0 \
             AND a.severity >= 2 AND {NEWS} ORDER BY a.alert_no DESC LIMIT ?3"
        );
        let mut statement = self.connection().prepare_cached(&sql)?;
        let rows = statement.query_map(params![after, last, limit], |row| read(row, now))?;
        let mut news = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        news.reverse();
        Ok((news, last))
    }

    /// First halves of sequences of the sessions that were alive since: session, rule and subject, at most 10,000 of them,
    /// those of the latest sessions.
    pub fn list_causes(&self, since: Timestamp) -> Result<Vec<(String, String, String)>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT DISTINCT s.session_id, d.rule, d.subject FROM session AS s INDEXED BY session_by_last \
             JOIN deed AS d ON d.session_no = s.session_no AND d.is_consequence = 0 \
             WHERE s.last_at >= ?1 ORDER BY s.last_at DESC, s.session_no DESC, d.rule, d.subject LIMIT 10000",
        )?;
        let rows = statement.query_map([since.as_micros()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The number of the alert noticed last; 0 before the first.
    pub fn last_alert_no(&self) -> Result<i64> {
        Ok(self
            .connection()
            .prepare_cached("SELECT ifnull(max(alert_no), 0) FROM alert")?
            .query_row([], |row| row.get(0))?)
    }

    /// The id of an alert by its number, as lists for people show it.
    pub fn find_alert(&self, alert_no: i64) -> Result<Option<String>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT iif(a.is_floating, '', s.session_id) || '~' || a.key || '~' || a.rule FROM alert AS a \
             JOIN session AS s ON s.session_no = a.session_no WHERE a.alert_no = ?1",
        )?;
        Ok(statement.query_row([alert_no], |row| row.get(0)).optional()?)
    }

    /// Open alerts by severity, the mildest first as in [`Severity::ALL`]. History is not counted: an import of old
    /// sessions must not drown what happens now.
    pub fn count_open_alerts(&self, now: Timestamp) -> Result<[i64; 5]> {
        let sql = format!(
            "SELECT a.severity, count(*) FROM alert AS a WHERE a.state <> 2 AND {OPEN} AND {NEWS} GROUP BY a.severity"
        );
        let mut counts = [0; 5];
        let mut statement = self.connection().prepare_cached(&sql)?;
        let rows = statement.query_map(named_params! { ":now": now.as_micros() }, |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?))
        })?;
        for row in rows {
            let (severity, count) = row?;
            if let Some(slot) = usize::try_from(severity).ok().and_then(|index| counts.get_mut(index)) {
                *slot += count;
            }
        }
        Ok(counts)
    }

    /// One alert with all that people said of it.
    pub fn get_alert(&self, alert_id: &str, now: Timestamp) -> Result<Option<(AlertRecord, Vec<AlertActionRecord>)>> {
        let Some((session_id, key, rule)) = split_alert_id(alert_id) else { return Ok(None) };
        let place = if session_id.is_empty() {
            "a.is_floating = 1 AND ?1 = ''"
        } else {
            "a.session_no = (SELECT session_no FROM session WHERE session_id = ?1)"
        };
        let sql = format!("SELECT {COLUMNS} FROM alert AS a {JOINS} WHERE {place} AND a.key = ?2 AND a.rule = ?3");
        let found = self
            .connection()
            .prepare_cached(&sql)?
            .query_row(params![session_id, key, rule], |row| read(row, now))
            .optional()?;
        let Some(record) = found else { return Ok(None) };
        let mut statement = self
            .connection()
            .prepare_cached("SELECT * FROM alert_action WHERE alert_no = ?1 ORDER BY at, action_no")?;
        let rows = statement.query_map([record.alert_no], |row| {
            Ok(AlertActionRecord {
                at: Timestamp::from_micros(row.get("at")?),
                state: alert::state_of(row.get("state")?),
                reason: row.get("reason")?,
                muted_until: time(row, "muted_until")?,
            })
        })?;
        let actions = rows.collect::<rusqlite::Result<_>>()?;
        Ok(Some((record, actions)))
    }

    /// What each rule has raised, with its alerts by day since `since`.
    pub fn count_by_rule(&self, since: Timestamp, now: Timestamp) -> Result<Vec<RuleCount>> {
        let sql = format!(
            "SELECT a.rule, count(*) AS alert_count, sum({OPEN}) AS open_count, \
             sum(a.state = 2) AS resolved_count, sum(a.state = 2 AND a.state_reason LIKE 'false alarm%') AS false_count, \
             max(a.raised_at) AS last_at FROM alert AS a WHERE a.is_superseded = 0 GROUP BY a.rule ORDER BY a.rule"
        );
        let mut statement = self.connection().prepare_cached(&sql)?;
        let rows = statement.query_map(named_params! { ":now": now.as_micros() }, |row| {
            Ok(RuleCount {
                rule: row.get("rule")?,
                alert_count: row.get("alert_count")?,
                open_count: row.get("open_count")?,
                resolved_count: row.get("resolved_count")?,
                // Nobody gave a reason: then nobody called it false.
                false_count: row.get::<_, Option<i64>>("false_count")?.unwrap_or(0),
                last_seen_at: time(row, "last_at")?,
                days: Vec::new(),
            })
        })?;
        let mut counts: BTreeMap<String, RuleCount> = BTreeMap::new();
        for row in rows {
            let count = row?;
            counts.insert(count.rule.clone(), count);
        }
        let mut statement = self.connection().prepare_cached(
            "SELECT a.rule, a.raised_at / 86400000000 AS day, count(*) FROM alert AS a \
             WHERE a.is_superseded = 0 AND a.raised_at >= ?1 GROUP BY a.rule, day ORDER BY a.rule, day",
        )?;
        let rows =
            statement.query_map([since.as_micros()], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
        for row in rows {
            let (rule, day, count) = row?;
            if let Some(of_rule) = counts.get_mut(&rule) {
                of_rule.days.push((day, count));
            }
        }
        Ok(counts.into_values().collect())
    }
}

/// Conditions for what the query asks. All parameters are named in each, so that one binding serves every query.
fn filter(query: &AlertQuery) -> String {
    let states: Vec<String> = query
        .states
        .iter()
        .map(|state| match state {
            AlertState::Open => format!("({OPEN})"),
            AlertState::Muted => "(a.is_superseded = 0 AND a.state = 3 AND a.muted_until > :now)".to_owned(),
            AlertState::Superseded => "a.is_superseded = 1".to_owned(),
            other => format!("(a.is_superseded = 0 AND a.state = {})", alert::state_code(*other)),
        })
        .collect();
    let states = if states.is_empty() { ":now IS NOT NULL".to_owned() } else { format!("({})", states.join(" OR ")) };
    let session = if query.session_id.is_some() {
        "a.session_no = (SELECT session_no FROM session WHERE session_id = :session_id)"
    } else {
        ":session_id IS NULL"
    };
    let since = if query.since.is_some() { "a.raised_at >= :since" } else { ":since IS NULL" };
    let rule = match query.rule.as_deref() {
        Some(rule) if rule.ends_with('.') => "substr(a.rule, 1, length(:rule)) = :rule",
        Some(_) => "a.rule = :rule",
        None => ":rule IS NULL",
    };
    format!(
        "{states} AND {session} AND {since} AND {rule} AND (:severity IS NULL OR a.severity >= :severity) \
         AND (:project IS NULL OR s.project = :project OR s.project LIKE '%/' || :project) \
         AND (:until IS NULL OR a.raised_at < :until)"
    )
}

fn parse_cursor(cursor: Option<&str>) -> Result<(i64, i64)> {
    let Some(cursor) = cursor else { return Ok((i64::MAX, i64::MAX)) };
    let (at, number) = cursor.split_once('.').ok_or(StoreError::BadCursor)?;
    match (at.parse(), number.parse()) {
        (Ok(at), Ok(number)) => Ok((at, number)),
        _ => Err(StoreError::BadCursor),
    }
}

fn read(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<AlertRecord> {
    let (session_id, key, rule): (String, String, String) = (row.get("session_id")?, row.get("key")?, row.get("rule")?);
    let event_kind: Option<i64> = row.get("event_kind")?;
    let of_session = if row.get("is_floating")? { "" } else { session_id.as_str() };
    let is_call = event_kind == Some(argus_model::EventKind::ToolCall.code());
    let cause = match (row.get::<_, Option<String>>("cause_key")?, time(row, "cause_at")?) {
        (Some(cause_key), Some(at)) => Some(AlertCause {
            event_id: format!("{session_id}~{cause_key}"),
            agent_id: row.get("cause_agent_id")?,
            at,
            text: row.get("cause_text")?,
        }),
        _ => None,
    };
    Ok(AlertRecord {
        alert_id: format!("{of_session}~{key}~{rule}"),
        alert_no: row.get("alert_no")?,
        rule,
        severity: alert::severity_of(row.get("severity")?),
        state: alert::standing(row, now)?,
        session_title: row.get("title")?,
        project: row.get("project")?,
        agent_id: row.get("agent_id")?,
        event_id: event_kind.map(|_| format!("{session_id}~{key}")),
        tool_use_id: is_call.then_some(key),
        session_id,
        tool_name: row.get("tool_name")?,
        reason: row.get("reason")?,
        evidence: row.get("evidence")?,
        mark: row.get::<_, Option<i64>>("mark_from")?.zip(row.get("mark_to")?),
        cause,
        raised_at: Timestamp::from_micros(row.get("raised_at")?),
        is_history: !row.get::<_, bool>("is_news")?,
        state_at: time(row, "state_at")?,
        state_reason: row.get("state_reason")?,
        muted_until: time(row, "muted_until")?,
    })
}

fn read_group(row: &Row<'_>, now: Timestamp) -> rusqlite::Result<AlertGroup> {
    Ok(AlertGroup {
        count: row.get("count")?,
        open_count: row.get("open_count")?,
        first_seen_at: Timestamp::from_micros(row.get("first_at")?),
        last_seen_at: Timestamp::from_micros(row.get("last_at")?),
        severity: alert::severity_of(row.get("worst")?),
        latest: read(row, now)?,
    })
}

/// The severity of a stored number, where there is one.
pub(super) fn worst(code: Option<i64>) -> Option<Severity> {
    code.map(alert::severity_of)
}
