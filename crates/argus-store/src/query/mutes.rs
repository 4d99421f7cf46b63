//! What is muted now. A mute that reaches further than one alert is a row of its own; one alert that was muted by itself is
//! told beside them, unless a mute covers it anyway.

use argus_model::record::{MuteReach, MuteRecord};
use argus_model::{Actor, Timestamp};
use rusqlite::{OptionalExtension, Row, params};

use super::Reader;
use crate::Result;
use crate::table::time;

/// The newest alert that a mute speaks of, and how many it keeps quiet.
const OF_MUTE: &str = "SELECT a.alert_no, a.key, a.rule, a.is_floating, s.session_id, ifnull(a.evidence, a.reason) AS example, \
     sum(a.state = 3 AND a.muted_until = ?2) OVER () AS alert_count FROM alert AS a \
     JOIN session AS s ON s.session_no = a.session_no WHERE a.rule = ?1 AND a.is_superseded = 0 \
     AND (?3 IS NULL OR a.fingerprint = ?3) AND (?4 IS NULL OR a.session_no = ?4) AND (?5 IS NULL OR s.project = ?5) \
     ORDER BY a.raised_at DESC, a.alert_no DESC LIMIT 1";

impl Reader {
    /// All mutes that hold, the latest word first, at most `limit` of those that reach further than one alert, and as many
    /// of alerts that were muted by themselves.
    pub fn list_mutes(&self, limit: u32, now: Timestamp) -> Result<Vec<MuteRecord>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT m.*, s.session_id, s.title, ifnull(m.project, s.project) AS of_project FROM mute AS m \
             LEFT JOIN session AS s ON s.session_no = m.session_no WHERE m.until_at > ?1 \
             ORDER BY m.at DESC, m.mute_no DESC LIMIT ?2",
        )?;
        let rows = statement.query_map(params![now.as_micros(), limit], |row| self.read_mute(row))?;
        let mut mutes = rows.collect::<rusqlite::Result<Vec<_>>>()?;
        for is_news in [true, false] {
            self.list_muted_alone(is_news, limit, now, &mut mutes)?;
        }
        mutes.sort_by_key(|mute| std::cmp::Reverse(mute.at));
        Ok(mutes)
    }

    /// Whether the mute of this number holds.
    pub fn has_mute(&self, mute_no: i64, now: Timestamp) -> Result<bool> {
        let mut statement = self
            .connection()
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM mute WHERE mute_no = ?1 AND until_at > ?2)")?;
        Ok(statement.query_row(params![mute_no, now.as_micros()], |row| row.get(0))?)
    }

    fn read_mute(&self, row: &Row<'_>) -> rusqlite::Result<MuteRecord> {
        let (fingerprint, session_no): (Option<i64>, Option<i64>) = (row.get("fingerprint")?, row.get("session_no")?);
        let (rule, project): (String, Option<String>) = (row.get("rule")?, row.get("project")?);
        let until: i64 = row.get("until_at")?;
        let asked = params![rule, until, fingerprint, session_no, project];
        let newest = self.connection().prepare_cached(OF_MUTE)?.query_row(asked, |row| {
            Ok((alert_id(row)?, row.get("alert_no")?, row.get("example")?, row.get("alert_count")?))
        });
        let newest: Option<(String, i64, String, i64)> = newest.optional()?;
        let (latest, example, alert_count) = match newest {
            Some((id, number, example, count)) => (Some((id, number)), Some(example), count),
            None => (None, None, 0),
        };
        Ok(MuteRecord {
            mute_no: row.get("mute_no")?,
            reach: match (fingerprint, session_no) {
                (Some(_), _) => MuteReach::Group,
                (None, Some(_)) => MuteReach::Session,
                (None, None) => MuteReach::Project,
            },
            rule,
            fingerprint,
            session_id: row.get("session_id")?,
            session_title: row.get("title")?,
            project: row.get("of_project")?,
            until: Timestamp::from_micros(until),
            reason: row.get("reason")?,
            actor: Actor::parse(&row.get::<_, String>("actor")?),
            at: time(row, "at")?,
            alert_count,
            latest,
            example,
        })
    }

    /// From the indexes of what is open or muted, which hold few.
    fn list_muted_alone(&self, is_news: bool, limit: u32, now: Timestamp, out: &mut Vec<MuteRecord>) -> Result<()> {
        // Told as it stands in either index.
        let state = if is_news { "a.state IN (0, 3) AND a.state = 3" } else { "a.state = 3" };
        let (index, news) = if is_news { ("alert_attention", 1) } else { ("alert_past_muted", 0) };
        let sql = format!(
            "SELECT a.alert_no, a.key, a.rule, a.is_floating, a.fingerprint, a.muted_until, a.state_reason, a.state_at, \
             ifnull(a.evidence, a.reason) AS example, s.session_id, s.title, s.project, \
             (SELECT h.actor FROM alert_action AS h WHERE h.alert_no = a.alert_no ORDER BY h.at DESC LIMIT 1) AS actor \
             FROM alert AS a INDEXED BY {index} JOIN session AS s ON s.session_no = a.session_no \
             WHERE a.is_news = {news} AND a.is_superseded = 0 AND {state} AND a.muted_until > ?1 \
             AND NOT EXISTS (SELECT 1 FROM mute AS m WHERE m.rule = a.rule AND m.until_at >= a.muted_until \
               AND (m.fingerprint = a.fingerprint OR m.session_no = a.session_no OR m.project = s.project)) \
             ORDER BY a.state_at DESC, a.alert_no DESC LIMIT ?2"
        );
        let mut statement = self.connection().prepare_cached(&sql)?;
        let rows = statement.query_map(params![now.as_micros(), limit], |row| {
            Ok(MuteRecord {
                mute_no: None,
                reach: MuteReach::Alert,
                rule: row.get("rule")?,
                fingerprint: row.get("fingerprint")?,
                session_id: row.get("session_id")?,
                session_title: row.get("title")?,
                project: row.get("project")?,
                until: Timestamp::from_micros(row.get("muted_until")?),
                reason: row.get("state_reason")?,
                actor: row.get::<_, Option<String>>("actor")?.as_deref().and_then(Actor::parse),
                at: time(row, "state_at")?,
                alert_count: 1,
                latest: Some((alert_id(row)?, row.get("alert_no")?)),
                example: row.get("example")?,
            })
        })?;
        for row in rows {
            out.push(row?);
        }
        Ok(())
    }
}

/// The id of an alert's row.
fn alert_id(row: &Row<'_>) -> rusqlite::Result<String> {
    let (session_id, key, rule): (String, String, String) = (row.get("session_id")?, row.get("key")?, row.get("rule")?);
    let of_session = if row.get("is_floating")? { "" } else { session_id.as_str() };
    Ok(format!("{of_session}~{key}~{rule}"))
}
