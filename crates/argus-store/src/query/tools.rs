//! Tools: how often each was called, what it cost, how long it took; and calls and errors over time.

use std::collections::HashMap;

use argus_model::record::{Activity, ErrorRecord, SpendQuery, ToolRecord};
use argus_model::slot::{self, SlotRange};
use argus_model::{Durations, Timestamp, Totals};
use rusqlite::{Row, params};

use super::Reader;
use crate::Result;
use crate::table::part::ALL_PROJECTS;
use crate::table::tool_use::{self, ToolUse, use_columns};

/// As many of the latest sessions are looked at for the newest errors.
const SESSIONS: i64 = 500;

impl Reader {
    /// The figures of each tool, the most used first.
    pub fn list_tools(&self, query: &SpendQuery) -> Result<Vec<ToolRecord>> {
        let names = tool_use::names(self.connection())?;
        let mut tools: Vec<ToolRecord> = self
            .uses(query)?
            .into_iter()
            .filter(|(tool_no, _)| *tool_no != 0)
            .map(|(tool_no, sums)| ToolRecord {
                tool_name: names.get(&tool_no).cloned().unwrap_or_default(),
                call_count: sums.calls,
                error_count: sums.errors,
                denied_count: sums.denials,
                durations: sums.durations,
                totals: sums.spend,
            })
            .collect();
        tools.sort_unstable_by(|a, b| b.call_count.cmp(&a.call_count).then_with(|| a.tool_name.cmp(&b.tool_name)));
        Ok(tools)
    }

    /// What each tool's calls cost, without how long they took.
    pub(super) fn list_tool_shares(&self, query: &SpendQuery) -> Result<Vec<(String, Totals)>> {
        let names = tool_use::names(self.connection())?;
        let mut sums = HashMap::<i64, Totals>::new();
        self.each_use(query, |row| {
            let tool_no: i64 = row.get(0)?;
            sums.entry(tool_no).or_default().add(&tool_use::read_numbers(row, 1)?.spend, 1);
            Ok(())
        })?;
        sums.retain(|_, totals| totals.requests > 0);
        Ok(sums.into_iter().map(|(no, totals)| (names.get(&no).cloned().unwrap_or_default(), totals)).collect())
    }

    fn uses(&self, query: &SpendQuery) -> Result<HashMap<i64, ToolUse>> {
        // Thousands of histograms of hundreds of buckets: a list to add up in is several times faster than a map.
        let mut sums = HashMap::<i64, (ToolUse, Vec<i64>)>::new();
        self.each_use(query, |row| {
            let (numbers, counts) = sums.entry(row.get(0)?).or_default();
            numbers.add(&tool_use::read_numbers(row, 1)?, 1);
            tool_use::each_bucket(row.get_ref(13)?.as_blob()?, |bucket, count| {
                let index = usize::try_from(bucket).unwrap_or(0).min(Durations::BUCKETS - 1);
                if counts.len() <= index {
                    counts.resize(index + 1, 0);
                }
                counts[index] += count;
            });
            Ok(())
        })?;
        let whole = |(tool_no, (mut numbers, counts)): (i64, (ToolUse, Vec<i64>))| {
            for (bucket, count) in (0..).zip(counts) {
                numbers.durations.add_to(bucket, count);
            }
            (tool_no, numbers)
        };
        Ok(sums.into_iter().map(whole).collect())
    }

    /// Each row of a range: the tool's number, then its figures.
    fn each_use(&self, query: &SpendQuery, mut each: impl FnMut(&Row<'_>) -> rusqlite::Result<()>) -> Result<()> {
        if query.session_id.is_none() {
            let mut statement = self.connection().prepare_cached(concat!(
                "SELECT tool_no, ",
                use_columns!(),
                " FROM tool_total WHERE project_no = ?1 AND width_s = ?2 AND slot >= ?3 AND slot < ?4"
            ))?;
            let cover = slot::cover(query.since, query.until);
            for project_no in self.projects_of(query)? {
                for part in &cover {
                    let mut rows = statement.query(params![project_no, part.width_s, part.from, part.until])?;
                    while let Some(row) = rows.next()? {
                        each(row)?;
                    }
                }
            }
            return Ok(());
        }
        let range = slot::quarters(query.since, query.until);
        let mut statement = self.connection().prepare_cached(concat!(
            "SELECT tool_no, ",
            use_columns!(),
            " FROM tool_use WHERE session_no = ?1 AND slot >= ?2 AND slot < ?3"
        ))?;
        for session_no in self.sessions_of(query)?.unwrap_or_default() {
            let mut rows = statement.query(params![session_no, range.from, range.until])?;
            while let Some(row) = rows.next()? {
                each(row)?;
            }
        }
        Ok(())
    }

    /// Numbers of the projects that a query asks for: the one for all, where it asks for none.
    pub(super) fn projects_of(&self, query: &SpendQuery) -> Result<Vec<i64>> {
        let Some(project) = &query.project else { return Ok(vec![ALL_PROJECTS]) };
        let sql = "SELECT project_no FROM project WHERE project = ?1 OR project LIKE '%/' || ?1";
        let mut statement = self.connection().prepare_cached(sql)?;
        Ok(statement.query_map([project], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }

    /// Tool calls and errors of a range, over all sessions.
    pub fn count_activity(&self, since: Timestamp, until: Timestamp) -> Result<Activity> {
        let mut statement = self.connection().prepare_cached(
            "SELECT ifnull(sum(calls), 0), ifnull(sum(errors), 0) FROM tool_total \
             WHERE project_no = 0 AND width_s = ?1 AND slot >= ?2 AND slot < ?3",
        )?;
        let mut activity = Activity::default();
        for part in slot::cover(Some(since), Some(until)) {
            let (calls, errors): (i64, i64) = statement
                .query_row(params![part.width_s, part.from, part.until], |row| Ok((row.get(0)?, row.get(1)?)))?;
            activity.tool_calls += calls;
            activity.errors += errors;
        }
        Ok(activity)
    }

    /// Errors of each quarter hour that has any.
    pub fn list_error_slots(&self, since: Timestamp, until: Timestamp) -> Result<Vec<(i64, i64)>> {
        let SlotRange { width_s, from, until } = slot::quarters(Some(since), Some(until));
        let mut statement = self.connection().prepare_cached(
            "SELECT slot, errors FROM tool_total INDEXED BY tool_total_by_error \
             WHERE project_no = 0 AND width_s = ?1 AND slot >= ?2 AND slot < ?3 AND errors > 0",
        )?;
        let rows = statement.query_map(params![width_s, from, until], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Sessions with a sign of life in a range that reaches to now.
    pub fn count_sessions_since(&self, since: Timestamp) -> Result<i64> {
        let sql = "SELECT count(*) FROM session WHERE last_at >= ?1";
        Ok(self.connection().prepare_cached(sql)?.query_row([since.as_micros()], |row| row.get(0))?)
    }

    /// The newest errors. Sessions are asked from the latest sign of life backwards, until none can have a newer one.
    pub fn list_errors(&self, limit: usize) -> Result<Vec<ErrorRecord>> {
        let mut sessions = self.connection().prepare_cached(
            "SELECT session_no, session_id, title, last_at, ifnull(copied_until, -1) FROM session \
             WHERE last_at IS NOT NULL ORDER BY last_at DESC LIMIT ?1",
        )?;
        let mut errors = self.connection().prepare_cached(
            "SELECT e.key, e.label, e.error, e.at FROM event AS e JOIN agent AS a ON a.agent_no = e.agent_no \
             WHERE e.session_no = ?1 AND e.is_error = 1 AND (a.agent_id <> '' OR e.at > ?2) \
             ORDER BY e.at DESC, e.key DESC LIMIT ?3",
        )?;
        let mut newest: Vec<(i64, ErrorRecord)> = Vec::new();
        let mut rows = sessions.query([SESSIONS])?;
        while let Some(session) = rows.next()? {
            let last_at: i64 = session.get(3)?;
            if newest.len() >= limit && newest.last().is_some_and(|(at, _)| *at > last_at) {
                break;
            }
            let (session_no, copied_until): (i64, i64) = (session.get(0)?, session.get(4)?);
            let (session_id, title): (String, Option<String>) = (session.get(1)?, session.get(2)?);
            let found = errors.query_map(params![session_no, copied_until, limit as i64], |row| {
                let (key, at): (String, i64) = (row.get(0)?, row.get(3)?);
                let record = ErrorRecord {
                    event_id: format!("{session_id}~{key}"),
                    session_id: session_id.clone(),
                    session_title: title.clone(),
                    label: row.get(1)?,
                    error: row.get(2)?,
                    at: Some(Timestamp::from_micros(at)).filter(|_| at != 0),
                };
                Ok((at, record))
            })?;
            newest.extend(found.collect::<rusqlite::Result<Vec<_>>>()?);
            newest.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.event_id.cmp(&b.1.event_id)));
            newest.truncate(limit);
        }
        Ok(newest.into_iter().map(|(_, record)| record).collect())
    }
}
