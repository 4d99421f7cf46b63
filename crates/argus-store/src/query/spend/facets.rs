//! What was used by branch, working tree, repository, skill, MCP server and purpose: by what each request itself is known
//! to have been made for, and where.

use std::collections::{HashMap, HashSet};

use argus_model::record::{SpendQuery, SpendRow};
use argus_model::{Facets, Totals, slot};
use rusqlite::params;

use super::slots;
use crate::Result;
use crate::query::Reader;
use crate::table::facet;
use crate::table::spend::{read_sums, sum_columns};

/// The facet by which a cut is made.
pub(super) type Choose = fn(Facets) -> Option<String>;

/// What has a name in a cut.
#[derive(Default)]
struct Group {
    key: String,
    sessions: HashSet<i64>,
    totals: Totals,
}

/// The groups of a cut, by their place.
#[derive(Default)]
struct Groups {
    all: Vec<Group>,
    places: HashMap<String, usize>,
}

impl Groups {
    fn place(&mut self, key: String) -> usize {
        *self.places.entry(key).or_insert_with_key(|key| {
            self.all.push(Group { key: key.clone(), ..Group::default() });
            self.all.len() - 1
        })
    }
}

impl Reader {
    /// By a facet. Where a request's own is unknown, `of_session` gives that of its session, if there is such a thing.
    pub(super) fn by_facet(
        &self,
        query: &SpendQuery,
        choose: Choose,
        of_session: Option<&str>,
    ) -> Result<Vec<SpendRow>> {
        let mut groups = Groups::default();
        let unknown = groups.place(String::new());
        let mut of_facet = HashMap::<i64, usize>::new();
        for (facet_no, facet) in facet::list(self.connection())? {
            if let Some(name) = choose(facet.into_facets()) {
                of_facet.insert(facet_no, groups.place(name));
            }
        }
        let names = of_session.map(|sql| self.attributes(sql)).transpose()?;
        let sessions = self.sessions_of(query)?;
        let mut statement =
            self.connection().prepare_cached(concat!("SELECT facet_no, session_no, ", sum_columns!(), slots!()))?;
        for part in slot::cover(query.since, query.until) {
            let mut rows = statement.query(params![part.width_s, part.from, part.until])?;
            while let Some(row) = rows.next()? {
                let session_no = row.get(1)?;
                if sessions.as_ref().is_some_and(|wanted| !wanted.contains(&session_no)) {
                    continue;
                }
                let place = match (of_facet.get(&row.get(0)?), &names) {
                    (Some(place), _) => *place,
                    (None, Some(names)) => groups.place(names.get(session_no).to_owned()),
                    (None, None) => unknown,
                };
                let group = &mut groups.all[place];
                group.totals.add(&read_sums(row, 2)?, 1);
                group.sessions.insert(session_no);
            }
        }
        self.each_reported(query, &slot::cover(query.since, query.until), |reported| {
            let place = match (of_facet.get(&reported.facet_no), &names) {
                (Some(place), _) => *place,
                (None, Some(names)) => groups.place(names.get(reported.session_no).to_owned()),
                (None, None) => unknown,
            };
            groups.all[place].totals.add(&reported.totals, 1);
            Ok(())
        })?;
        let used = groups.all.into_iter().filter(|group| group.totals != Totals::default());
        Ok(used.map(Group::into_row).collect())
    }
}

impl Group {
    fn into_row(self) -> SpendRow {
        let session_count = i64::try_from(self.sessions.len()).ok();
        SpendRow { key: self.key, session_count, totals: self.totals, label: None }
    }
}
