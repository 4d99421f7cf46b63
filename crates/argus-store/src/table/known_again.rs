//! Whether what an alert tells of has happened before: its fingerprint, and what follows from that.
//!
//! The fingerprint says what happened (rule, project, shape of the command or path), not when or in which session. It
//! follows from the row and from its session's project. A new row gets it at once; it is worked out anew whenever one of
//! them changed, so that the order in which facts become known does not matter. What a person said of the same thing before is asked once,
//! when the row is new: a mute that still holds makes it begin muted, and after a resolved one it is noted that it
//! happened again. Reading the same facts once more finds the row and says nothing.

use argus_model::shape::{folder_of, shape_of};
use argus_model::{Actor, AlertAction, AlertState, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::alert;

/// What is needed of a row to know it again.
struct Seen {
    alert_no: i64,
    session_no: i64,
    rule: String,
    project: Option<String>,
    /// None: it was written a moment ago.
    known: Option<i64>,
    fingerprint: i64,
    was_news: bool,
    is_news: bool,
    is_untouched: bool,
    raised_at: i64,
    noticed_at: i64,
}

const SEEN: &str = "SELECT a.*, s.project, a.state = 0 AND a.state_at IS NULL AS is_untouched \
     FROM alert AS a JOIN session AS s ON s.session_no = a.session_no";

/// After a row was written.
pub(crate) fn recognise(connection: &Connection, session_no: i64, key: &str, rule: &str) -> rusqlite::Result<()> {
    let seen = connection
        .prepare_cached(&format!("{SEEN} WHERE a.session_no = ?1 AND a.key = ?2 AND a.rule = ?3"))?
        .query_row(params![session_no, key, rule], read)
        .optional()?;
    seen.map_or(Ok(()), |seen| settle(connection, &seen))
}

/// After the project of a session became known, or another.
pub(crate) fn recognise_session(connection: &Connection, session_no: i64) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(&format!("{SEEN} WHERE a.session_no = ?1"))?;
    let all = statement.query_map([session_no], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
    all.iter().try_for_each(|seen| settle(connection, seen))
}

/// Fingerprints of all that was written before there were any. Nothing that a person said is looked at.
pub(crate) fn recognise_everything(connection: &Connection) -> rusqlite::Result<()> {
    let mut statement = connection.prepare(SEEN)?;
    let all = statement.query_map([], read)?.collect::<rusqlite::Result<Vec<_>>>()?;
    all.iter().try_for_each(|seen| keep(connection, seen))
}

fn read(row: &Row<'_>) -> rusqlite::Result<Seen> {
    let (rule, key, reason): (String, String, String) = (row.get("rule")?, row.get("key")?, row.get("reason")?);
    let (evidence, effective): (Option<String>, Option<String>) = (row.get("evidence")?, row.get("effective")?);
    let project: Option<String> = row.get("project")?;
    let is_floating: bool = row.get("is_floating")?;
    let happened = Happened {
        rule: &rule,
        key: &key,
        is_of_call: row.get::<_, Option<String>>("tool_name")?.is_some(),
        reason: &reason,
        evidence: evidence.as_deref(),
        mark: row.get::<_, Option<i64>>("mark_from")?.zip(row.get("mark_to")?),
        effective: effective.as_deref(),
    };
    let (raised_at, noticed_at) = (row.get("raised_at")?, row.get("noticed_at")?);
    // What is about many sessions belongs to no project of its own.
    let fingerprint = happened.fingerprint(project.as_deref().filter(|_| !is_floating));
    Ok(Seen {
        alert_no: row.get("alert_no")?,
        session_no: row.get("session_no")?,
        project,
        known: row.get("fingerprint")?,
        fingerprint,
        was_news: row.get("is_news")?,
        is_news: is_news(noticed_at, raised_at, row.get("ground_rank")?, happened.is_of_call),
        is_untouched: row.get("is_untouched")?,
        raised_at,
        noticed_at,
        rule,
    })
}

/// What Argus learnt of within ten minutes is news, and what a hook told, however late it was drained.
pub(super) fn is_news(noticed_at: i64, raised_at: i64, ground_rank: u8, is_of_call: bool) -> bool {
    noticed_at.saturating_sub(raised_at) <= 600_000_000 || ground_rank == 0 && is_of_call
}

/// What an alert tells of.
pub(super) struct Happened<'a> {
    pub(super) rule: &'a str,
    pub(super) key: &'a str,
    pub(super) is_of_call: bool,
    pub(super) reason: &'a str,
    pub(super) evidence: Option<&'a str>,
    pub(super) mark: Option<(i64, i64)>,
    pub(super) effective: Option<&'a str>,
}

impl Happened<'_> {
    pub(super) fn fingerprint(&self, project: Option<&str>) -> i64 {
        let mut hasher = blake3::Hasher::new();
        for part in [self.rule, project.unwrap_or_default(), &self.without_accidents()] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        let mut first = [0; 8];
        hasher.finalize_xof().fill(&mut first);
        i64::from_le_bytes(first)
    }

    /// Nothing but the rule and the project where it is about no call.
    fn without_accidents(&self) -> String {
        if self.rule.starts_with("budget.") {
            // `budget.NAME.PERIOD…`; other keys are names of requests and sessions.
            let name = self.key.strip_prefix("budget.").and_then(|rest| rest.split('.').next());
            return name.unwrap_or_default().to_owned();
        }
        let part = self.evidence.map(|text| {
            let range = self.mark.and_then(|(from, to)| Some(usize::try_from(from).ok()?..usize::try_from(to).ok()?));
            range.and_then(|range| text.get(range)).unwrap_or(text)
        });
        let Some(text) = self.effective.or(part) else {
            return if self.is_of_call { shape_of(self.reason) } else { String::new() };
        };
        let is_file = self.rule.starts_with("fs.write") && text.starts_with('/') && !text.contains(' ');
        if is_file { folder_of(text) } else { shape_of(text) }
    }
}

/// A row that is new.
pub(super) struct New<'a> {
    pub(super) alert_no: i64,
    pub(super) session_no: i64,
    pub(super) rule: &'a str,
    pub(super) project: Option<&'a str>,
    pub(super) fingerprint: i64,
    pub(super) is_news: bool,
    pub(super) raised_at: i64,
    pub(super) noticed_at: i64,
}

impl New<'_> {
    /// What a person said of the same thing before holds for it, or was in vain.
    pub(super) fn begin(&self, connection: &Connection) -> rusqlite::Result<()> {
        if !self.begin_muted(connection)? && self.is_news {
            self.note_recurrence(connection)?;
        }
        Ok(())
    }

    /// Whether a mute that held when it was noticed covers it.
    fn begin_muted(&self, connection: &Connection) -> rusqlite::Result<bool> {
        let mute: Option<(i64, Option<String>, i64)> = connection
            .prepare_cached(
                "SELECT until_at, reason, at FROM mute WHERE rule = ?1 AND until_at > ?2 \
                 AND (fingerprint = ?3 OR session_no = ?4 OR project = ?5) ORDER BY until_at DESC LIMIT 1",
            )?
            .query_row(params![self.rule, self.noticed_at, self.fingerprint, self.session_no, self.project], |row| {
                Ok((row.get(0)?, row.get(1)?, row.get(2)?))
            })
            .optional()?;
        let Some((until, reason, at)) = mute else { return Ok(false) };
        connection
            .prepare_cached(
                "UPDATE alert SET state = ?2, muted_until = ?3, state_reason = ?4, state_at = ?5 WHERE alert_no = ?1",
            )?
            .execute(params![self.alert_no, alert::state_code(AlertState::Muted), until, reason, at])?;
        Ok(true)
    }

    /// Notes that what was dealt with happened again: where the last time before this one was resolved, and this one is
    /// later than that word.
    fn note_recurrence(&self, connection: &Connection) -> rusqlite::Result<()> {
        let last: Option<(i64, Option<i64>)> = connection
            .prepare_cached(
                "SELECT state, state_at FROM alert WHERE fingerprint = ?1 AND is_superseded = 0 AND alert_no <> ?2 \
                 ORDER BY raised_at DESC, alert_no DESC LIMIT 1",
            )?
            .query_row(params![self.fingerprint, self.alert_no], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        let Some((state, Some(said_at))) = last else { return Ok(()) };
        if alert::state_of(state) != AlertState::Resolved || said_at >= self.raised_at {
            return Ok(());
        }
        let at = Timestamp::from_micros(self.noticed_at);
        let action = AlertAction { state: AlertState::Open, reason: None, muted_until: None, at, actor: Actor::Argus };
        alert::note(connection, self.alert_no, &action)
    }
}

fn keep(connection: &Connection, seen: &Seen) -> rusqlite::Result<()> {
    connection
        .prepare_cached("UPDATE alert SET fingerprint = ?2, is_news = ?3 WHERE alert_no = ?1")?
        .execute(params![seen.alert_no, seen.fingerprint, seen.is_news])?;
    Ok(())
}

fn settle(connection: &Connection, seen: &Seen) -> rusqlite::Result<()> {
    if seen.known == Some(seen.fingerprint) && seen.was_news == seen.is_news {
        return Ok(());
    }
    keep(connection, seen)?;
    if !seen.is_untouched || seen.known == Some(seen.fingerprint) {
        return Ok(());
    }
    let now_known = New {
        alert_no: seen.alert_no,
        session_no: seen.session_no,
        rule: &seen.rule,
        project: seen.project.as_deref(),
        fingerprint: seen.fingerprint,
        is_news: seen.is_news,
        raised_at: seen.raised_at,
        noticed_at: seen.noticed_at,
    };
    // That it happened again is said once, of a row that is new.
    if seen.known.is_none() { now_known.begin(connection) } else { now_known.begin_muted(connection).map(|_| ()) }
}

/// Leads back to what a database was before there were fingerprints, and windows of sequences, and all that came since.
#[cfg(test)]
pub(crate) fn undo(connection: &Connection) {
    connection.execute_batch(super::part::UNDONE).unwrap();
    connection.execute_batch(UNDONE).unwrap();
}

#[cfg(test)]
const UNDONE: &str = "
    DROP TRIGGER alert_waits_anew; DROP TRIGGER alert_waits_no_more; DROP TABLE alert_waiting;
    DROP INDEX alert_past_muted; ALTER TABLE alert DROP COLUMN waits_from;
    DROP TRIGGER alert_recounted; DROP TRIGGER alert_uncounted; DROP TABLE alert_day; DROP TABLE alert_counted;
    DROP INDEX alert_news; DROP INDEX alert_grave; DROP INDEX deed_cause;
    CREATE INDEX deed_by_time ON deed (session_no, rule, is_consequence, subject, at, key);
    DROP TABLE mute;
    DROP INDEX alert_attention; DROP INDEX alert_of_session;
    DROP INDEX alert_by_fingerprint; DROP INDEX alert_resolved;
    ALTER TABLE alert DROP COLUMN fingerprint; ALTER TABLE alert DROP COLUMN is_news; ALTER TABLE alert DROP COLUMN effective;
    ALTER TABLE alert DROP COLUMN paths; ALTER TABLE alert DROP COLUMN rule_version;
    ALTER TABLE alert_action DROP COLUMN actor;
    CREATE INDEX alert_unsettled ON alert (session_no, severity, state, muted_until) WHERE is_superseded = 0 AND state <> 2;
    ALTER TABLE deed DROP COLUMN within_us; ALTER TABLE deed DROP COLUMN after_subject;
    ALTER TABLE budget DROP COLUMN has_stop; DROP TABLE guard_decision; DROP TABLE added_folder;
    DROP TABLE facet; DROP INDEX event_by_commit; ALTER TABLE event DROP COLUMN commit_line;
    ALTER TABLE request DROP COLUMN facet_no;
    DROP TABLE status_total; ALTER TABLE reconciliation DROP COLUMN explained_basis;
    DROP TABLE hook_time; DROP INDEX event_asked;
    PRAGMA user_version = 18;";

#[cfg(test)]
mod tests {
    use argus_model::record::AlertQuery;
    use argus_model::{AgentId, AlertFact, AlertScope, EventKey, First, Ground, SessionId, SessionState, Severity};

    use super::*;
    use crate::{Batch, Store};

    const OLD: Timestamp = Timestamp::from_micros(1_700_000_000_000_000);
    const LATER: Timestamp = Timestamp::from_micros(1_900_000_000_000_000);

    fn alert(key: &str, rank: u8) -> AlertFact {
        let evidence = "cd x && sudo  ls /srv/run-7".to_owned();
        let mark = Some((8, evidence.len() as i64));
        let ground = Ground {
            evidence: Some(evidence),
            mark,
            effective: Some("sudo ls /srv/run-7".to_owned()),
            paths: vec!["/srv/a b".to_owned(), String::new()],
            rule_version: Some(2),
            ..Ground::of(Severity::High, "because")
        };
        AlertFact {
            session_id: SessionId::from("s"),
            key: EventKey::new(key),
            rule: "priv.sudo".into(),
            agent_id: AgentId::main(),
            tool_name: Some("Bash".to_owned()),
            ground: First::of(rank, OLD, ground),
        }
    }

    #[test]
    fn an_older_database_knows_again_what_is_told_of_from_now_on_and_what_people_said_stays() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("argus.db");
        let store = Store::open(&path).unwrap();
        let mut writer = store.writer().unwrap();
        let mut session = SessionState::new("s".into());
        session.project = First::of(0, OLD, "/home/a".to_owned());
        let facts = Batch { sessions: vec![session], alerts: vec![alert("1", 0), alert("2", 1)], ..Batch::default() };
        writer.apply(&[facts]).unwrap();
        let (state, reason) = (AlertState::Resolved, Some("done".to_owned()));
        let said = AlertAction { state, reason, muted_until: None, at: OLD, actor: Actor::Terminal };
        let scope = AlertScope::One("s~2~priv.sudo".to_owned());
        assert_eq!(writer.act_on_alerts(&scope, &said).unwrap().count, 1);
        let listed = |store: &Store| {
            let query = AlertQuery { limit: 10, ..AlertQuery::default() };
            let rows = store.readers().get().unwrap().list_alerts(&query, LATER).unwrap().rows;
            rows.into_iter().map(|one| (one.alert_id, one.fingerprint, one.is_history, one.state)).collect::<Vec<_>>()
        };
        let before = listed(&store);
        assert!(before[0].1 == before[1].1 && before.iter().any(|one| one.2), "{before:?}");
        drop((writer, store));
        undo(&Connection::open(&path).unwrap());
        let store = Store::open(&path).unwrap();
        assert_eq!(listed(&store), before, "the marked part says what the effective text said");
        let reader = store.readers().get().unwrap();
        assert_eq!(reader.check().unwrap(), [""; 0]);
        let (record, history) = reader.get_alert("s~2~priv.sudo", LATER).unwrap().unwrap();
        assert_eq!((record.effective, record.paths.len(), record.rule_version), (None, 0, None), "it is not known");
        assert_eq!((history.len(), history[0].actor, history[0].alert_count), (1, None, 1));
        store.writer().unwrap().apply(&[Batch { alerts: vec![alert("3", 0)], ..Batch::default() }]).unwrap();
        let after = store.readers().get().unwrap().get_alert("s~3~priv.sudo", LATER).unwrap().unwrap().0;
        assert_eq!((after.fingerprint, after.occurrences.count), (before[0].1, 3));
        assert_eq!((after.effective.as_deref(), after.paths.len()), (Some("sudo ls /srv/run-7"), 2));
    }
}
