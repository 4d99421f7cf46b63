//! What was used by branch, working tree, repository, skill, MCP server and purpose: by what each request itself is known
//! to have been made for, and where.

use std::collections::HashMap;

use argus_model::record::{SpendQuery, SpendRow};
use argus_model::{Facets, Totals, slot};

use super::Names;
use crate::Result;
use crate::query::Reader;
use crate::table::facet;

/// The facet by which a cut is made.
pub(super) type Choose = fn(Facets) -> Option<String>;

/// What has a name in a cut.
#[derive(Default)]
struct Group {
    key: String,
    totals: Totals,
    /// In the order in which they came; the same one may have come again.
    sessions: Vec<i64>,
}

/// The groups of a cut, by their place.
#[derive(Default)]
struct Groups {
    all: Vec<Group>,
    places: HashMap<String, usize>,
}

impl Groups {
    fn place(&mut self, key: &str) -> usize {
        if let Some(place) = self.places.get(key) {
            return *place;
        }
        self.all.push(Group { key: key.to_owned(), ..Group::default() });
        self.places.insert(key.to_owned(), self.all.len() - 1);
        self.all.len() - 1
    }
}

/// The groups of requests of which a facet tells nothing: those of their sessions.
struct OfSessions<'a> {
    reader: &'a Reader,
    sql: Option<&'a str>,
    /// Read when the first is asked for: mostly requests tell it themselves.
    names: Option<Names>,
}

impl OfSessions<'_> {
    fn place(&mut self, session_no: i64, groups: &mut Groups) -> Result<usize> {
        let Some(sql) = self.sql else { return Ok(groups.place("")) };
        let names = match self.names.take() {
            Some(names) => names,
            None => self.reader.attributes(sql)?,
        };
        Ok(groups.place(self.names.insert(names).get(session_no)))
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
        // Numbers are given out in turn, so they are places here.
        let mut of_facet = Vec::new();
        for (facet_no, facet) in facet::list(self.connection())? {
            let number = usize::try_from(facet_no).unwrap_or(0);
            of_facet.resize(of_facet.len().max(number + 1), None);
            of_facet[number] = choose(facet.into_facets()).map(|name| groups.place(&name));
        }
        let mut of_sessions = OfSessions { reader: self, sql: of_session, names: None };
        let mut place = |facet_no: i64, session_no: i64, groups: &mut Groups| match usize::try_from(facet_no)
            .ok()
            .and_then(|number| of_facet.get(number).copied().flatten())
        {
            Some(place) => Ok(place),
            None => of_sessions.place(session_no, groups),
        };
        self.each_by_session(query, |session_no, facet_no, totals| {
            let place = place(facet_no, session_no, &mut groups)?;
            let group = &mut groups.all[place];
            group.totals.add(totals, 1);
            if group.sessions.last() != Some(&session_no) {
                group.sessions.push(session_no);
            }
            Ok(())
        })?;
        self.each_reported(query, &slot::cover(query.since, query.until), |reported| {
            let place = place(reported.facet_no, reported.session_no, &mut groups)?;
            groups.all[place].totals.add(&reported.totals, 1);
            Ok(())
        })?;
        let used = groups.all.into_iter().filter(|group| group.totals != Totals::default());
        Ok(used.map(Group::into_row).collect())
    }
}

impl Group {
    fn into_row(mut self) -> SpendRow {
        self.sessions.sort_unstable();
        self.sessions.dedup();
        let session_count = i64::try_from(self.sessions.len()).ok();
        SpendRow { key: self.key, session_count, totals: self.totals, label: None }
    }
}
