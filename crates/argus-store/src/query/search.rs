//! What a search asks of the database: chunks that hold words, newest first, and events by their fields.
//!
//! Which record of a chunk is meant, and which event it belongs to, is found by reading the chunk: that is ingest's.
//! Answers are walked row by row, so that a search stops where it has enough.

use std::ops::ControlFlow;

use argus_model::record::EventRecord;
use argus_model::{EventKind, PicoUsd, Timestamp};
use rusqlite::{OptionalExtension, Row, named_params};

use super::Reader;
use crate::Result;
use crate::search::unpack;
use crate::table::time;

/// A chunk that may hold what is searched for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Its number.
    pub body_no: i64,
    /// Its place in time; none while it waits to be indexed.
    pub search_no: Option<i64>,
    /// Its oldest record.
    pub first_at: Option<Timestamp>,
    /// Its newest; unknown while it waits.
    pub last_at: Option<Timestamp>,
    /// Its source's name.
    pub source_name: String,
}

/// A word as the index holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IndexedWord {
    /// Lower case, letters, digits and underscores.
    pub text: String,
    /// Whether longer words that begin so are meant too.
    pub is_prefix: bool,
}

/// What events are asked for by their fields.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct EventFilter {
    /// The tool's name, or for MCP tools the beginning of it.
    pub tool: Option<String>,
    /// Only this kind.
    pub kind: Option<EventKind>,
    /// Only errors.
    pub errors_only: bool,
    /// Dearer than this.
    pub cost_above: Option<PicoUsd>,
    /// Cheaper than this.
    pub cost_below: Option<PicoUsd>,
    /// Only this agent's, by id or type; empty for the main agent.
    pub agent: Option<String>,
    /// Only sessions whose id begins so.
    pub session: Option<String>,
    /// Only this project: its root, or its last folder name.
    pub project: Option<String>,
    /// Begun at or after this.
    pub since: Option<Timestamp>,
    /// Begun before this.
    pub until: Option<Timestamp>,
}

/// What a hit tells of its session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SessionBrief {
    /// Its number.
    pub session_no: i64,
    /// Its id.
    pub session_id: String,
    /// Its title.
    pub title: Option<String>,
    /// Its project's root.
    pub project: Option<String>,
    /// First sign of life.
    pub started_at: Option<Timestamp>,
    /// Last sign of life.
    pub last_at: Option<Timestamp>,
    /// Its main thread is a copy of its parent's up to then.
    pub copied_until: Option<Timestamp>,
}

/// How much of what was captured can be searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SearchCoverage {
    /// Bytes of transcripts that a search looks at.
    pub indexed_bytes: i64,
    /// Bytes of transcripts read.
    pub total_bytes: i64,
    /// Chunks that wait to be indexed.
    pub waiting_chunks: i64,
}

/// Where in a list of events by time a page begins: only what comes after it, that is, what is older.
pub type Position<'a> = (Timestamp, &'a str);

impl Reader {
    /// Walks the indexed chunks that hold all `words`, the one with the newest record first, from `from` downwards.
    pub fn walk_chunks(
        &self,
        words: &[IndexedWord],
        from: i64,
        each: &mut dyn FnMut(Candidate) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        if words.is_empty() {
            return Ok(());
        }
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/search_chunks.sql"))?;
        let mut rows = statement.query(named_params! { ":words": expression(words), ":from": from })?;
        while let Some(row) = rows.next()? {
            if each(read_candidate(row)?)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The chunks that wait to be indexed, the last changed first.
    pub fn list_waiting_chunks(&self, limit: i64) -> Result<Vec<Candidate>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT w.body_no, NULL AS search_no, NULL AS first_at, NULL AS last_at, s.name FROM search_waiting AS w \
             JOIN body AS b USING (body_no) JOIN source AS s USING (source_no) \
             ORDER BY w.changed_at DESC, w.body_no DESC LIMIT ?1",
        )?;
        let rows = statement.query_map([limit], read_candidate)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The text of a chunk: `OFFSET RECORD\n` for each record.
    pub fn get_chunk(&self, body_no: i64) -> Result<Option<Vec<u8>>> {
        let mut statement = self.connection().prepare_cached("SELECT packed FROM body WHERE body_no = ?1")?;
        let packed: Option<Vec<u8>> = statement.query_row([body_no], |row| row.get(0)).optional()?;
        Ok(packed.and_then(|packed| unpack(&packed)))
    }

    /// What a hit tells of its session.
    pub fn get_session_brief(&self, session_id: &str) -> Result<Option<SessionBrief>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT session_no, session_id, title, project, started_at, last_at, copied_until FROM session \
             WHERE session_id = ?1",
        )?;
        Ok(statement.query_row([session_id], read_brief).optional()?)
    }

    /// Walks the sessions that a filter allows, the one with the latest sign of life first.
    pub fn walk_sessions(
        &self,
        filter: &EventFilter,
        each: &mut dyn FnMut(SessionBrief) -> Result<ControlFlow<()>>,
    ) -> Result<()> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/search_sessions.sql"))?;
        let mut rows = statement.query(named_params! {
            ":since": filter.since.map(Timestamp::as_micros),
            ":until": filter.until.map(Timestamp::as_micros),
            ":project": filter.project,
            ":session": filter.session,
        })?;
        while let Some(row) = rows.next()? {
            if each(read_brief(row)?)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Steps of a session that a filter allows, the newest first, with the time each is listed under.
    pub fn list_filtered(
        &self,
        session: &SessionBrief,
        filter: &EventFilter,
        after: Option<Position<'_>>,
        limit: i64,
    ) -> Result<Vec<(Timestamp, String)>> {
        let by_error = if filter.errors_only { "AND e.is_error = 1" } else { "" };
        let sql = include_str!("../../queries/search_events.sql").replace("--ERRORS--", by_error);
        let mut statement = self.connection().prepare_cached(&sql)?;
        let rows = statement.query_map(
            named_params! {
                ":session_no": session.session_no,
                ":copied_until": session.copied_until.map_or(-1, Timestamp::as_micros),
                ":tool": filter.tool,
                ":kind": filter.kind.map(EventKind::code),
                ":cost_above": filter.cost_above.map(|cost| cost.0),
                ":cost_below": filter.cost_below.map(|cost| cost.0),
                ":agent": filter.agent,
                ":since": filter.since.map_or(i64::MIN, Timestamp::as_micros),
                ":until": filter.until.map_or(i64::MAX, Timestamp::as_micros),
                ":after_at": after.map_or(i64::MAX, |(at, _)| at.as_micros()),
                ":after_key": after.map_or("", |(_, key)| key),
                ":limit": limit,
            },
            |row| Ok((Timestamp::from_micros(row.get("at")?), row.get("key")?)),
        )?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Whether an event that a text led to is allowed by a filter's fields other than time, session and project.
    pub fn is_agent(&self, event: &EventRecord, agent: &str) -> Result<bool> {
        if event.agent_id == agent {
            return Ok(true);
        }
        let mut statement = self.connection().prepare_cached(
            "SELECT EXISTS (SELECT 1 FROM agent WHERE session_no = (SELECT session_no FROM session WHERE session_id = ?1) \
             AND agent_id = ?2 AND agent_type = ?3)",
        )?;
        Ok(statement.query_row([&event.session_id, &event.agent_id, agent], |row| row.get(0))?)
    }

    /// How much of what was captured can be searched; `seen_waiting` is how many waiting chunks a search reads.
    pub fn search_coverage(&self, seen_waiting: i64) -> Result<SearchCoverage> {
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/search_coverage.sql"))?;
        Ok(statement.query_row([seen_waiting], |row| {
            let (total_bytes, unseen_bytes): (i64, i64) = (row.get("total_bytes")?, row.get("unseen_bytes")?);
            Ok(SearchCoverage {
                indexed_bytes: (total_bytes - unseen_bytes).max(0),
                total_bytes,
                waiting_chunks: row.get("waiting_chunks")?,
            })
        })?)
    }
}

/// Words in quotes are words to FTS5, whatever they are; what could end a quote is left out all the same.
fn expression(words: &[IndexedWord]) -> String {
    let quoted = words.iter().map(|word| {
        let text: String =
            word.text.chars().filter(|c| *c == '_' || c.is_ascii_alphanumeric() || !c.is_ascii()).collect();
        format!("\"{text}\"{}", if word.is_prefix { " *" } else { "" })
    });
    quoted.collect::<Vec<_>>().join(" AND ")
}

fn read_candidate(row: &Row<'_>) -> rusqlite::Result<Candidate> {
    Ok(Candidate {
        body_no: row.get("body_no")?,
        search_no: row.get("search_no")?,
        first_at: time(row, "first_at")?,
        last_at: time(row, "last_at")?,
        source_name: row.get("name")?,
    })
}

fn read_brief(row: &Row<'_>) -> rusqlite::Result<SessionBrief> {
    Ok(SessionBrief {
        session_no: row.get("session_no")?,
        session_id: row.get("session_id")?,
        title: row.get("title")?,
        project: row.get("project")?,
        started_at: time(row, "started_at")?,
        last_at: time(row, "last_at")?,
        copied_until: time(row, "copied_until")?,
    })
}
