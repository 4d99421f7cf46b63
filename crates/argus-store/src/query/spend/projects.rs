//! What each project used. Sums are kept by project, so that no session is added up; what they leave of all is that of
//! sessions whose project nobody told.

use std::collections::HashMap;

use argus_model::record::{SpendQuery, SpendRow, SpendSlot, SpendSlots};
use argus_model::slot::DAY_S;
use argus_model::{Totals, slot};
use rusqlite::params;

use super::{Names, slots, total_cover};
use crate::Result;
use crate::query::Reader;
use crate::table::spend::ALL_MODELS;

impl Reader {
    pub(super) fn by_project(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        let mut sums = HashMap::<String, Totals>::new();
        let mut rest = Totals::default();
        self.each_slot(query, DAY_S, |_, totals| rest.add(totals, 1))?;
        for (project_no, name) in self.list_split(query)? {
            let mut whole = Totals::default();
            for part in total_cover(query, DAY_S) {
                self.each_total([project_no, ALL_MODELS], part, |_, totals| whole.add(totals, 1))?;
            }
            rest.add(&whole, -1);
            sums.insert(name, whole);
        }
        let names = self.projects()?;
        if query.session_id.is_some() {
            // One session, of one project.
            let session_no = self.sessions_of(query)?.unwrap_or_default().into_iter().next().unwrap_or_default();
            sums.insert(names.get(session_no).to_owned(), rest);
        } else {
            sums.insert(String::new(), rest);
        }
        self.each_reported(query, &slot::cover(query.since, query.until), |reported| {
            sums.entry(names.get(reported.session_no).to_owned()).or_default().add(&reported.totals, 1);
            Ok(())
        })?;
        let counts = self.count_sessions_by_project(query, &names)?;
        let used = sums.into_iter().filter(|(_, totals)| totals.requests != 0);
        Ok(used
            .map(|(key, totals)| {
                let session_count = Some(counts.get(key.as_str()).copied().unwrap_or(0));
                SpendRow { key, label: None, session_count, totals }
            })
            .collect())
    }

    /// Splits the slots of a range by project; they tell money only.
    pub(super) fn split_by_project(&self, query: &SpendQuery, widest: i64, slots: &mut SpendSlots) -> Result<()> {
        if query.session_id.is_some() {
            let names = self.projects()?;
            self.each_of_session(query, |row| slots.add_part(row.slot, names.get(row.session_no), &row.sums))?;
            return Ok(());
        }
        let projects = self.list_split(query)?;
        let mut rests: HashMap<i64, Totals> =
            slots.whole.iter().map(|(slot, totals)| (*slot, money_of(totals))).collect();
        for (project_no, name) in &projects {
            for part in total_cover(query, widest) {
                self.each_amount(*project_no, part, |slot, money| {
                    rests.entry(slot).or_default().add(money, -1);
                    slots.parts.push(SpendSlot { slot, key: name.clone(), totals: *money });
                })?;
            }
        }
        let rests = rests.into_iter().filter(|(_, rest)| rest.requests != 0);
        slots.parts.extend(rests.map(|(slot, totals)| SpendSlot { slot, key: String::new(), totals }));
        slots.parts.sort_by_key(|part| part.slot);
        Ok(())
    }

    /// Numbers and names of the projects by which a query is split; none where it asks for one session.
    fn list_split(&self, query: &SpendQuery) -> Result<Vec<(i64, String)>> {
        if query.session_id.is_some() {
            return Ok(Vec::new());
        }
        let wanted = query.project.as_ref().map(|_| self.projects_of(query)).transpose()?;
        let mut statement = self.connection().prepare_cached("SELECT project_no, project FROM project")?;
        let mut projects = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?
            .collect::<rusqlite::Result<Vec<(i64, String)>>>()?;
        // One without a name is as good as none: the rest has its money.
        projects.retain(|(project_no, name)| {
            !name.is_empty() && wanted.as_ref().is_none_or(|wanted| wanted.contains(project_no))
        });
        Ok(projects)
    }

    /// How many sessions made requests, by their project.
    fn count_sessions_by_project<'a>(&self, query: &SpendQuery, names: &'a Names) -> Result<HashMap<&'a str, i64>> {
        let mut counts = HashMap::new();
        // Numbers are given out in turn, so they are places here.
        let mut counted = Vec::new();
        let mut count = |session_no: i64| {
            let place = usize::try_from(session_no).unwrap_or(0);
            if place >= counted.len() {
                counted.resize(place + 1, false);
            }
            if !std::mem::replace(&mut counted[place], true) {
                *counts.entry(names.get(session_no)).or_default() += 1;
            }
        };
        if query.session_id.is_some() {
            self.each_of_session(query, |row| count(row.session_no))?;
            return Ok(counts);
        }
        let sql = concat!("SELECT session_no", slots!());
        let mut statement = self.connection().prepare_cached(sql)?;
        for part in slot::cover(query.since, query.until) {
            let mut rows = statement.query(params![part.width_s, part.from, part.until])?;
            while let Some(row) = rows.next()? {
                count(row.get(0)?);
            }
        }
        Ok(counts)
    }
}

/// Parts of projects tell money only.
fn money_of(totals: &Totals) -> Totals {
    let Totals { requests, cost, incomplete_requests, unpriced_requests, .. } = *totals;
    Totals { requests, cost, incomplete_requests, unpriced_requests, ..Totals::default() }
}
