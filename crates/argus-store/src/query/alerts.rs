//! The alert feed: alerts newest first, folded by fingerprint, counted; one alert; what a rule has raised.

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, HashSet};

use argus_model::record::{
    AlertActionRecord, AlertCause, AlertGroup, AlertQuery, AlertRecord, Occurrences, Page, RuleCount,
};
use argus_model::{AlertState, Severity, Timestamp};
use rusqlite::{OptionalExtension, Row, ToSql, named_params, params};

use super::Reader;
use crate::table::{alert, time};
use crate::writer::split_alert_id;
use crate::{Result, StoreError};

/// Most rows a page may hold.
const MOST: u32 = 500;

/// All of an alert, with its session and the kind of event it is about.
const COLUMNS: &str = "a.*, s.session_id, s.title, s.project, e.kind AS event_kind, d.agent_id AS cause_agent_id, d.at AS cause_at, \
     d.text AS cause_text, d.tool_name AS cause_tool_name, o.key AS origin_key, o.subject AS origin_subject, \
     o.agent_id AS origin_agent_id, o.at AS origin_at, o.text AS origin_text, o.tool_name AS origin_tool_name";

const JOINS: &str = "JOIN session AS s ON s.session_no = a.session_no \
     LEFT JOIN event AS e ON e.session_no = a.session_no AND e.key = a.key \
     LEFT JOIN deed AS d ON d.session_no = a.session_no AND d.rule = a.rule AND d.is_consequence = 0 \
       AND d.subject = a.cause_subject AND d.key = a.cause_key \
     LEFT JOIN deed AS o ON d.after_subject IS NOT NULL AND o.session_no = a.session_no AND o.rule = a.rule \
       AND o.is_consequence = 0 AND o.subject = d.after_subject AND o.key = (SELECT b.key FROM deed AS b \
         WHERE b.session_no = a.session_no AND b.rule = a.rule AND b.is_consequence = 0 AND b.subject = d.after_subject \
           AND b.after_subject IS NULL AND b.at < d.at ORDER BY b.at DESC, b.key DESC LIMIT 1)";

/// What nobody has dealt with. The terms of the indexes of such rows stand in it, so that these answer.
const OPEN: &str = "a.is_superseded = 0 AND a.state IN (0, 3) AND (a.state = 0 OR a.muted_until <= :now)";

impl Reader {
    /// A page of alerts, newest first.
    pub fn list_alerts(&self, query: &AlertQuery, now: Timestamp) -> Result<Page<AlertRecord>> {
        let sql = format!(
            "SELECT {COLUMNS} FROM alert AS a {JOINS} WHERE {} AND (a.raised_at, a.alert_no) < (:before_at, :before_no) \
             ORDER BY a.raised_at DESC, a.alert_no DESC LIMIT :limit",
            filter(query)
        );
        let limit = query.limit.clamp(1, MOST) as usize;
        let asked = Asked::new(query, now, parse_cursor(query.cursor.as_deref())?);
        let mut bound = asked.bound();
        let most = limit as i64;
        bound.push((":limit", &most));
        let mut statement = self.connection().prepare_cached(&sql)?;
        let found = statement.query_map(&*bound, |row| read(row, now))?;
        let mut rows = found.collect::<rusqlite::Result<Vec<_>>>()?;
        self.count_occurrences(&mut rows, now)?;
        let last = rows.last().filter(|_| rows.len() == limit);
        let next_cursor = last.map(|last| format!("{}.{}", last.raised_at.as_micros(), last.alert_no));
        Ok(Page { rows, next_cursor })
    }

    /// Alerts folded by fingerprint, across sessions, the one with the newest alert first. Goes from the newest alert back
    /// until there are enough, for a page needs the newest of each and not all of them.
    pub fn list_alert_groups(&self, query: &AlertQuery, now: Timestamp) -> Result<Page<AlertGroup>> {
        let (limit, before) = (query.limit.clamp(1, MOST) as usize, parse_cursor(query.cursor.as_deref())?);
        let asked = Asked::new(query, now, before);
        let filter = filter(query);
        let (from, place) =
            ("alert AS a JOIN session AS s ON s.session_no = a.session_no", "(a.raised_at, a.alert_no)");
        let mut walk = self.connection().prepare_cached(&format!(
            "SELECT a.fingerprint, a.raised_at, a.alert_no FROM {from} WHERE {filter} AND {place} < (:before_at, :before_no) \
             ORDER BY a.raised_at DESC, a.alert_no DESC"
        ))?;
        let mut newer = self.connection().prepare_cached(&format!(
            "SELECT EXISTS (SELECT 1 FROM {from} WHERE {filter} AND {place} >= (:before_at, :before_no) AND a.fingerprint = :group)"
        ))?;
        let mut latest: Vec<(i64, i64)> = Vec::new();
        let mut known = HashSet::new();
        let mut alerts = walk.query(&*asked.bound())?;
        while latest.len() < limit
            && let Some(row) = alerts.next()?
        {
            let group: i64 = row.get(0)?;
            if !known.insert(group) {
                continue;
            }
            let mut of_group = asked.bound();
            of_group.push((":group", &group));
            let was_listed = query.cursor.is_some() && newer.query_row(&*of_group, |row| row.get(0))?;
            if !was_listed {
                latest.push((row.get(1)?, row.get(2)?));
            }
        }
        let sql = format!("SELECT {COLUMNS} FROM alert AS a {JOINS} WHERE a.alert_no = ?1");
        let mut one = self.connection().prepare_cached(&sql)?;
        let rows = latest.iter().map(|(_, alert_no)| one.query_row([alert_no], |row| read(row, now)));
        let mut rows = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        self.count_occurrences(&mut rows, now)?;
        let last = latest.last().filter(|_| latest.len() == limit);
        let next_cursor = last.map(|(at, number)| format!("{at}.{number}"));
        Ok(Page { rows: rows.into_iter().map(|latest| AlertGroup { latest }).collect(), next_cursor })
    }

    /// Says of each how often the same happened; each fingerprint is counted once.
    fn count_occurrences(&self, alerts: &mut [AlertRecord], now: Timestamp) -> Result<()> {
        let sql = format!(
            "SELECT count(*) AS count, ifnull(sum({OPEN}), 0) AS open_count, ifnull(sum(a.is_news = 0), 0) AS past_count, \
             count(DISTINCT a.session_no) AS session_count, min(a.raised_at) AS first_at, max(a.raised_at) AS last_at, \
             max(a.severity) AS worst FROM alert AS a WHERE a.fingerprint = :fingerprint AND a.is_superseded = 0"
        );
        let mut statement = self.connection().prepare_cached(&sql)?;
        let mut known: BTreeMap<i64, Option<Occurrences>> = BTreeMap::new();
        for alert in alerts {
            let found = match known.get(&alert.fingerprint) {
                Some(found) => *found,
                None => {
                    let asked = named_params! { ":now": now.as_micros(), ":fingerprint": alert.fingerprint };
                    let found = statement.query_row(asked, read_occurrences)?;
                    known.insert(alert.fingerprint, found);
                    found
                }
            };
            alert.occurrences = found.unwrap_or(alert.occurrences);
        }
        Ok(())
    }

    /// News for those who watch: alerts of at least medium severity noticed after the one of this number, history and what
    /// began muted apart, at most the `limit` last of them in the order in which they were noticed; and the number noticed last by now.
    pub fn list_news(&self, after: i64, limit: i64, now: Timestamp) -> Result<(Vec<AlertRecord>, i64)> {
        let last = self.last_alert_no()?;
        let sql = format!(
            "SELECT {COLUMNS} FROM alert AS a {JOINS} WHERE a.alert_no > ?1 AND a.alert_no <= ?2 AND a.is_superseded = 0 \
             AND a.severity >= 2 AND a.is_news = 1 AND NOT (a.state = 3 AND a.muted_until > ?4) ORDER BY a.alert_no DESC LIMIT ?3"
        );
        let mut statement = self.connection().prepare_cached(&sql)?;
        let rows = statement.query_map(params![after, last, limit, now.as_micros()], |row| read(row, now))?;
        let mut news = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        news.reverse();
        self.count_occurrences(&mut news, now)?;
        Ok((news, last))
    }

    /// First halves of sequences of the sessions that were alive since: session, rule, subject and when it was the last
    /// time, at most 10,000 of them, those of the latest sessions.
    pub fn list_causes(&self, since: Timestamp) -> Result<Vec<(String, String, String, i64)>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT s.session_id, d.rule, d.subject, max(d.at) FROM session AS s INDEXED BY session_by_last \
             JOIN deed AS d ON d.session_no = s.session_no AND d.is_consequence = 0 \
             WHERE s.last_at >= ?1 AND (d.after_subject IS NULL OR EXISTS (SELECT 1 FROM deed AS b WHERE \
             b.session_no = d.session_no AND b.rule = d.rule AND b.is_consequence = 0 AND b.subject = d.after_subject \
             AND b.after_subject IS NULL AND b.at < d.at)) GROUP BY s.last_at, s.session_no, d.rule, d.subject ORDER BY s.last_at DESC, s.session_no DESC, d.rule, d.subject LIMIT 10000",
        )?;
        let rows =
            statement.query_map([since.as_micros()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))?;
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
        self.count_by_severity(
            &format!(
                "SELECT a.severity, count(*) FROM alert AS a INDEXED BY alert_attention WHERE a.is_news = 1 AND {OPEN} \
                 GROUP BY a.severity"
            ),
            now,
        )
    }

    /// The same of history, of which nobody is told: of that there may be hundreds of thousands, which are counted as they come.
    pub fn count_past_alerts(&self, now: Timestamp) -> Result<[i64; 5]> {
        self.count_by_severity("SELECT severity, alert_count FROM alert_waiting WHERE waits_from <= :now", now)
    }

    fn count_by_severity(&self, sql: &str, now: Timestamp) -> Result<[i64; 5]> {
        let mut counts = [0; 5];
        let mut statement = self.connection().prepare_cached(sql)?;
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
        let mut records = [record];
        self.count_occurrences(&mut records, now)?;
        let [record] = records;
        let actions = self.list_actions(&record)?;
        Ok(Some((record, actions)))
    }

    /// What was said of an alert and of all others of its fingerprint, the oldest first; said of many at once is said once.
    fn list_actions(&self, alert: &AlertRecord) -> Result<Vec<AlertActionRecord>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT c.at, c.state, c.reason, c.muted_until, c.actor, count(*) AS alert_count, max(c.alert_no = ?2) AS is_about_this \
             FROM alert AS a JOIN alert_action AS c ON c.alert_no = a.alert_no WHERE a.fingerprint = ?1 \
             GROUP BY c.at, c.state, c.reason, c.muted_until, c.actor ORDER BY c.at, min(c.action_no)",
        )?;
        let rows = statement.query_map(params![alert.fingerprint, alert.alert_no], |row| {
            Ok(AlertActionRecord {
                at: Timestamp::from_micros(row.get("at")?),
                state: alert::state_of(row.get("state")?),
                reason: row.get("reason")?,
                muted_until: time(row, "muted_until")?,
                actor: alert::actor(row)?,
                alert_count: row.get("alert_count")?,
                is_about_this: row.get("is_about_this")?,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What each rule has raised, with its alerts by day since `since`.
    pub fn count_by_rule(&self, since: Timestamp, now: Timestamp) -> Result<Vec<RuleCount>> {
        // What was counted may stand no more: then its day has a count of nothing.
        let mut statement = self.connection().prepare_cached(
            "SELECT d.rule, sum(d.alert_count) AS alert_count, (SELECT a.raised_at FROM alert AS a WHERE a.rule = d.rule \
             AND a.is_superseded = 0 ORDER BY a.raised_at DESC LIMIT 1) AS last_at \
             FROM alert_day AS d GROUP BY d.rule HAVING sum(d.alert_count) > 0",
        )?;
        let rows = statement.query_map([], |row| {
            Ok(RuleCount {
                rule: row.get("rule")?,
                alert_count: row.get("alert_count")?,
                open_count: 0,
                resolved_count: 0,
                false_count: 0,
                last_seen_at: time(row, "last_at")?,
                days: Vec::new(),
            })
        })?;
        let mut counts: BTreeMap<String, RuleCount> = BTreeMap::new();
        for row in rows {
            let count = row?;
            counts.insert(count.rule.clone(), count);
        }
        let sql = format!(
            "SELECT a.rule, count(*) FROM alert AS a INDEXED BY alert_attention WHERE a.is_news = 1 AND {OPEN} GROUP BY a.rule"
        );
        let mut statement = self.connection().prepare_cached(&sql)?;
        let rows = statement
            .query_map(named_params! { ":now": now.as_micros() }, |row| Ok((row.get::<_, String>(0)?, row.get(1)?)))?;
        for row in rows {
            let (rule, open_count) = row?;
            if let Some(of_rule) = counts.get_mut(&rule) {
                of_rule.open_count = open_count;
            }
        }
        // Nobody gave a reason: then nobody called it false.
        let mut statement = self.connection().prepare_cached(
            "SELECT a.rule, count(*), sum(ifnull(a.state_reason LIKE 'false alarm%', 0)) FROM alert AS a \
             WHERE a.is_superseded = 0 AND a.state = 2 GROUP BY a.rule",
        )?;
        let rows = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
        for row in rows {
            let (rule, resolved_count, false_count) = row?;
            if let Some(of_rule) = counts.get_mut(&rule) {
                (of_rule.resolved_count, of_rule.false_count) = (resolved_count, false_count);
            }
        }
        let mut statement = self.connection().prepare_cached(
            "SELECT rule, day, alert_count FROM alert_day WHERE day >= ?1 AND alert_count > 0 ORDER BY rule, day",
        )?;
        let first = since.as_micros().div_euclid(86_400_000_000);
        let rows = statement.query_map([first], |row| Ok((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?)))?;
        for row in rows {
            let (rule, day, count) = row?;
            if let Some(of_rule) = counts.get_mut(&rule) {
                of_rule.days.push((day, count));
            }
        }
        Ok(counts.into_values().collect())
    }
}

/// What a query asks, as it is bound to the parameters of its conditions.
struct Asked<'a> {
    now: i64,
    severity: Option<i64>,
    since: Option<i64>,
    until: Option<i64>,
    before: (i64, i64),
    query: &'a AlertQuery,
}

impl<'a> Asked<'a> {
    fn new(query: &'a AlertQuery, now: Timestamp, before: (i64, i64)) -> Self {
        let (since, until) = (query.since.map(Timestamp::as_micros), query.until.map(Timestamp::as_micros));
        Self { now: now.as_micros(), severity: query.severity.map(alert::severity_code), since, until, before, query }
    }

    fn bound(&self) -> Vec<(&'static str, &dyn ToSql)> {
        vec![
            (":now", &self.now),
            (":severity", &self.severity),
            (":rule", &self.query.rule),
            (":fingerprint", &self.query.fingerprint),
            (":past", &self.query.past),
            (":session_id", &self.query.session_id),
            (":project", &self.query.project),
            (":since", &self.since),
            (":until", &self.until),
            (":before_at", &self.before.0),
            (":before_no", &self.before.1),
        ]
    }
}

/// Conditions for what the query asks. All parameters are named in each, so that one binding serves every query.
fn filter(query: &AlertQuery) -> String {
    let open = format!("({OPEN})");
    let states: Vec<String> = query
        .states
        .iter()
        .map(|state| match state {
            AlertState::Open => open.clone(),
            AlertState::Muted => "(a.is_superseded = 0 AND a.state = 3 AND a.muted_until > :now)".to_owned(),
            AlertState::Superseded => "a.is_superseded = 1".to_owned(),
            other => format!("(a.is_superseded = 0 AND a.state = {})", alert::state_code(*other)),
        })
        .collect();
    let states = if states.is_empty() { "TRUE".to_owned() } else { format!("({})", states.join(" OR ")) };
    let session = if query.session_id.is_some() {
        "a.session_no = (SELECT session_no FROM session WHERE session_id = :session_id)"
    } else {
        ":session_id IS NULL"
    };
    let since = if query.since.is_some() { "a.raised_at >= :since" } else { ":since IS NULL" };
    let rule = match query.rule.as_deref() {
        Some(rule) if rule.ends_with('.') => "substr(a.rule, 1, length(:rule)) = :rule",
        Some(rule) if rule.contains(',') => "instr(',' || :rule || ',', ',' || a.rule || ',') > 0",
        Some(_) => "a.rule = :rule",
        None => ":rule IS NULL",
    };
    let fingerprint = if query.fingerprint.is_some() { "a.fingerprint = :fingerprint" } else { ":fingerprint IS NULL" };
    let past = match query.past {
        Some(true) => "a.is_news = 0 AND :past",
        Some(false) => "a.is_news = 1 AND NOT :past",
        None => ":past IS NULL",
    };
    // Told as it stands in the index of what is grave.
    let severity = match query.severity {
        Some(least) if least >= Severity::High => "a.severity >= 3 AND a.severity >= :severity",
        Some(_) => "a.severity >= :severity",
        None => ":severity IS NULL",
    };
    format!(
        ":now IS NOT NULL AND {states} AND {fingerprint} AND {past} AND {session} AND {since} AND {rule} AND {severity} \
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
    let cause = read_cause(row, "cause", &session_id)?
        .map(|cause| {
            let origin = read_cause(row, "origin", &session_id)?.map(Box::new);
            Ok::<_, rusqlite::Error>(AlertCause { origin, ..cause })
        })
        .transpose()?;
    let (raised_at, severity) =
        (Timestamp::from_micros(row.get("raised_at")?), alert::severity_of(row.get("severity")?));
    let (state, is_history) = (alert::standing(row, now)?, !row.get::<_, bool>("is_news")?);
    // Itself alone, until the others are counted.
    let occurrences = Occurrences {
        count: 1,
        open_count: i64::from(state == AlertState::Open),
        past_count: i64::from(is_history),
        session_count: 1,
        first_at: raised_at,
        last_at: raised_at,
        worst: severity,
    };
    Ok(AlertRecord {
        alert_id: format!("{of_session}~{key}~{rule}"),
        alert_no: row.get("alert_no")?,
        rule,
        severity,
        state,
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
        effective: row.get("effective")?,
        paths: alert::paths(row)?,
        rule_version: row.get("rule_version")?,
        fingerprint: row.get("fingerprint")?,
        occurrences,
        cause,
        raised_at,
        is_history,
        state_at: time(row, "state_at")?,
        state_reason: row.get("state_reason")?,
        muted_until: time(row, "muted_until")?,
    })
}

/// A deed that came before: the cause, or what the cause carried on.
fn read_cause(row: &Row<'_>, which: &str, session_id: &str) -> rusqlite::Result<Option<AlertCause>> {
    let column = |name: &str| format!("{which}_{name}");
    let key = row.get::<_, Option<String>>(column("key").as_str())?;
    let (Some(key), Some(at)) = (key, time(row, &column("at"))?) else { return Ok(None) };
    Ok(Some(AlertCause {
        event_id: format!("{session_id}~{key}"),
        agent_id: row.get(column("agent_id").as_str())?,
        at,
        tool_name: row.get(column("tool_name").as_str())?,
        text: row.get(column("text").as_str())?,
        subject: row.get(column("subject").as_str())?,
        origin: None,
    }))
}

/// None where nothing of the fingerprint stands any more.
fn read_occurrences(row: &Row<'_>) -> rusqlite::Result<Option<Occurrences>> {
    let Some(first_at) = time(row, "first_at")? else { return Ok(None) };
    Ok(Some(Occurrences {
        count: row.get("count")?,
        open_count: row.get("open_count")?,
        past_count: row.get("past_count")?,
        session_count: row.get("session_count")?,
        first_at,
        last_at: time(row, "last_at")?.unwrap_or(first_at),
        worst: alert::severity_of(row.get("worst")?),
    }))
}

/// The severity of a stored number, where there is one.
pub(super) fn worst(code: Option<i64>) -> Option<Severity> {
    code.map(alert::severity_of)
}
