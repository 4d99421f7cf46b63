//! What each session used.

use std::cmp::Reverse;
use std::collections::HashMap;

use argus_model::record::{SpendQuery, SpendRow};
use argus_model::{PicoUsd, Totals, slot};
use rusqlite::{OptionalExtension, params};

use super::{Sums, text};
use crate::Result;
use crate::query::Reader;
use crate::table::spend::{read_sums, sum_columns};

impl Reader {
    pub(super) fn by_session(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        if query.is_everything() {
            return self.list_dearest_sessions(None, usize::MAX);
        }
        let sums = self.sum_sessions(query)?;
        let mut rows = Vec::new();
        let mut names = self.connection().prepare_cached("SELECT session_no, session_id FROM session")?;
        let mut sessions = names.query([])?;
        while let Some(session) = sessions.next()? {
            if let Some(totals) = sums.get(session.get(0)?) {
                let key = text(session, 1)?.unwrap_or_default().to_owned();
                rows.push(SpendRow { key, totals: *totals, ..SpendRow::default() });
            }
        }
        Ok(rows)
    }

    /// Sessions by what they came to in all, the dearest first, after one that came to `after.0` and has the id `after.1`.
    pub(super) fn list_dearest_sessions(&self, after: Option<(PicoUsd, &str)>, limit: usize) -> Result<Vec<SpendRow>> {
        let mut reported = HashMap::<i64, Totals>::new();
        self.each_reported(&SpendQuery::default(), &slot::cover(None, None), |part| {
            reported.entry(part.session_no).or_default().add(&part.totals, 1);
            Ok(())
        })?;
        let mut statement = self.connection().prepare_cached(concat!(
            "SELECT session_no, session_id, ",
            sum_columns!(),
            " FROM session INDEXED BY session_by_cost WHERE requests <> 0 AND cost_picousd <= ?1 \
             AND (cost_picousd < ?1 OR session_id > ?2) ORDER BY cost_picousd DESC, session_id LIMIT ?3"
        ))?;
        let (cost, id) = after.map_or((i64::MAX, ""), |(cost, id)| (cost.0, id));
        let mut sessions = statement.query(params![cost, id, i64::try_from(limit).unwrap_or(i64::MAX)])?;
        let mut rows = Vec::new();
        while let Some(session) = sessions.next()? {
            let mut totals = read_sums(session, 2)?;
            if let Some(reported) = reported.get(&session.get(0)?) {
                totals.add(reported, 1);
            }
            let key = text(session, 1)?.unwrap_or_default().to_owned();
            rows.push(SpendRow { key, totals, ..SpendRow::default() });
        }
        Ok(rows)
    }

    /// The same of a range: names are looked up as far as the page reaches, and of those that cost the same.
    pub(super) fn page_of_sessions(
        &self,
        query: &SpendQuery,
        after: Option<(PicoUsd, &str)>,
        limit: usize,
    ) -> Result<Vec<SpendRow>> {
        let sums = self.sum_sessions(query)?;
        let mut dearest: Vec<(i64, &Totals)> = sums.iter().collect();
        dearest.sort_unstable_by_key(|(_, totals)| Reverse(totals.cost));
        if let Some((cost, _)) = after {
            dearest.retain(|(_, totals)| totals.cost <= cost);
        }
        let mut name = self.connection().prepare_cached("SELECT session_id FROM session WHERE session_no = ?1")?;
        let is_after = |row: &SpendRow| after.is_none_or(|(cost, id)| row.totals.cost < cost || row.key.as_str() > id);
        let mut rows: Vec<SpendRow> = Vec::new();
        for same in dearest.chunk_by(|(_, a), (_, b)| a.cost == b.cost) {
            if rows.len() >= limit {
                break;
            }
            let first = rows.len();
            for (session_no, totals) in same {
                let key = name.query_row([session_no], |row| row.get(0)).optional()?;
                let row = key.map(|key| SpendRow { key, totals: **totals, ..SpendRow::default() });
                rows.extend(row.filter(is_after));
            }
            rows[first..].sort_unstable_by(|a, b| a.key.cmp(&b.key));
        }
        Ok(rows)
    }

    /// Gives the listed sessions their titles; the rest of a long list needs none.
    pub fn name_sessions(&self, rows: &mut [SpendRow]) -> Result<()> {
        let mut statement = self.connection().prepare_cached("SELECT title FROM session WHERE session_id = ?1")?;
        for row in rows {
            row.label = statement.query_row([&row.key], |found| found.get(0)).optional()?.flatten();
        }
        Ok(())
    }

    fn sum_sessions(&self, query: &SpendQuery) -> Result<Sums> {
        let mut sums = Sums::default();
        self.each_reported(query, &slot::cover(query.since, query.until), |reported| {
            sums.add(reported.session_no, &reported.totals);
            Ok(())
        })?;
        self.each_by_session(query, |session_no, _, totals| {
            sums.add(session_no, totals);
            Ok(())
        })?;
        Ok(sums)
    }
}
