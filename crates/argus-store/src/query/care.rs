//! What would go: the holdings of sessions, of a project, or of what is older than some time.

use argus_model::{Holdings, SessionId, Timestamp};
use rusqlite::params;

use super::Reader;
use crate::Result;
use crate::table::time;
use crate::writer::SOURCES_OF_SESSION;

impl Reader {
    /// What the database holds of some sessions.
    pub fn get_holdings(&self, sessions: &[SessionId]) -> Result<Holdings> {
        let mut sum = Holdings::default();
        for id in sessions {
            let one = self.holdings_of(id)?;
            sum.sessions += one.sessions;
            sum.agents += one.agents;
            sum.model_requests += one.model_requests;
            sum.events += one.events;
            sum.alerts += one.alerts;
            sum.chunks += one.chunks;
            sum.stored_bytes += one.stored_bytes;
            sum.first_at = [sum.first_at, one.first_at].into_iter().flatten().min();
            sum.last_at = sum.last_at.max(one.last_at);
        }
        Ok(sum)
    }

    fn holdings_of(&self, id: &SessionId) -> Result<Holdings> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/holdings_of_session.sql"))?;
        let mut rows = statement.query([id.as_str()])?;
        let Some(row) = rows.next()? else { return Ok(Holdings::default()) };
        let session_no: i64 = row.get("session_no")?;
        let (chunks, stored_bytes) = self
            .connection()
            .prepare_cached(&format!(
                "SELECT count(*), ifnull(sum(length(packed)), 0) FROM body \
                 WHERE plain_bytes > 0 AND source_no IN ({SOURCES_OF_SESSION})"
            ))?
            .query_row(params![id.as_str(), session_no], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Holdings {
            sessions: 1,
            agents: row.get("agents")?,
            model_requests: row.get("requests")?,
            events: row.get("events")?,
            alerts: row.get("alerts")?,
            chunks,
            stored_bytes,
            first_at: time(row, "started_at")?,
            last_at: time(row, "last_at")?,
        })
    }

    /// Contents that [`crate::Writer::prune_some`] would remove: chunks, and their size as stored.
    pub fn count_prunable(&self, before: Timestamp) -> Result<(i64, i64)> {
        let sql = concat!(
            "SELECT count(*), ifnull(sum(stored_bytes), 0) FROM (",
            include_str!("../../queries/prunable_chunks.sql"),
            ")"
        );
        Ok(self
            .connection()
            .prepare_cached(sql)?
            .query_row(params![before.as_micros(), 0, i64::MAX], |row| Ok((row.get(0)?, row.get(1)?)))?)
    }

    /// Every session of a project, named by its path.
    pub fn list_sessions_of_project(&self, project: &str) -> Result<Vec<SessionId>> {
        let mut statement = self
            .connection()
            .prepare_cached("SELECT session_id FROM session WHERE project = ?1 ORDER BY session_id")?;
        let rows = statement.query_map([project], |row| row.get::<_, String>(0))?;
        Ok(rows.map(|id| id.map(SessionId::new)).collect::<rusqlite::Result<_>>()?)
    }
}
