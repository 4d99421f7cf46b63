//! What was used for each commit: the requests of a session since the commit before it, whoever of its agents made them.

use std::collections::HashMap;

use argus_model::record::{NO_COMMIT, SpendQuery, SpendRow};
use argus_model::slot::{beginning_of, quarters};
use argus_model::{Evidence, Totals};
use rusqlite::params;

use crate::Result;
use crate::query::Reader;
use crate::table::spend::read_sums;

/// A commit of a session.
struct Mark {
    at: i64,
    line: String,
}

impl Reader {
    /// By commit; the rest is what no commit came after.
    pub(super) fn by_commit(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        let mut rest = self.total_spend(query)?;
        let range = quarters(query.since, query.until);
        let (from, until) = (beginning_of(range.from).as_micros(), beginning_of(range.until).as_micros());
        let mut statement = self.connection().prepare_cached(include_str!("../../../queries/commit_requests.sql"))?;
        let mut rows = HashMap::<String, SpendRow>::new();
        for (session_no, marks) in self.list_marks(query)? {
            let mut requests = statement.query(params![session_no, from, until])?;
            while let Some(request) = requests.next()? {
                let (at, reported_requests) = (request.get::<_, i64>(0)?, request.get(11)?);
                let sums = Totals { reported_requests, ..read_sums(request, 1)? };
                let Some(mark) = marks.get(marks.partition_point(|mark| mark.at < at)) else { continue };
                let key = mark.line.split(' ').next().unwrap_or_default();
                let row = rows.entry(key.to_owned()).or_insert_with(|| SpendRow {
                    key: key.to_owned(),
                    label: Some(mark.line.clone()),
                    ..SpendRow::default()
                });
                row.totals.add(&sums, 1);
                rest.add(&sums, -1);
            }
        }
        let mut rows: Vec<SpendRow> = rows.into_values().collect();
        if rest != Totals::default() {
            rows.push(SpendRow { key: NO_COMMIT.to_owned(), totals: rest, ..SpendRow::default() });
        }
        Ok(rows)
    }

    /// The commits of each session, in order. What a session copied from its parent is the parent's.
    fn list_marks(&self, query: &SpendQuery) -> Result<HashMap<i64, Vec<Mark>>> {
        let wanted = self.sessions_of(query)?;
        let mut statement = self.connection().prepare_cached(include_str!("../../../queries/commits.sql"))?;
        let mut rows = statement.query([Evidence::ASKS_COMMIT.0])?;
        let mut marks = HashMap::<i64, Vec<Mark>>::new();
        while let Some(row) = rows.next()? {
            let session_no = row.get(0)?;
            if wanted.as_ref().is_none_or(|wanted| wanted.contains(&session_no)) {
                marks.entry(session_no).or_default().push(Mark { at: row.get(1)?, line: row.get(2)? });
            }
        }
        marks.values_mut().for_each(|marks| marks.sort_by(|a, b| (a.at, &a.line).cmp(&(b.at, &b.line))));
        Ok(marks)
    }
}
