//! What agents used: by their type over sessions, each by itself in one.

use std::collections::HashMap;

use argus_model::record::{SpendQuery, SpendRow};
use argus_model::slot::DAY_S;
use argus_model::{Totals, slot};

use super::total_cover;
use crate::Result;
use crate::query::Reader;
use crate::table::spend::{read_sums, sum_columns};

/// What main agents are shown as.
const MAIN: &str = "main";

impl Reader {
    /// By the type of the agents, over sessions; by the agents themselves in one.
    pub(super) fn by_agent(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        if query.session_id.is_some() { self.by_agent_of_session(query) } else { self.by_type(query) }
    }

    /// From the sums that are kept of each type of subagents: what they leave of all is the main agents'.
    fn by_type(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        let mut main = Totals::default();
        self.each_slot(query, DAY_S, |_, totals| main.add(totals, 1))?;
        let mut types = self.sum_types(query)?;
        types.values().for_each(|totals| main.add(totals, -1));
        // Read when the first is told: mostly none is.
        let mut names = None;
        // Days tell no agents.
        self.each_reported(query, &[slot::quarters(query.since, query.until)], |reported| {
            let read = match names.take() {
                Some(names) => names,
                None => self.attributes("SELECT agent_no, ifnull(agent_type, '') FROM agent WHERE agent_id <> ''")?,
            };
            match names.insert(read).find(reported.agent_no) {
                Some(name) => types.entry(name.to_owned()).or_default().add(&reported.totals, 1),
                None => main.add(&reported.totals, 1),
            }
            Ok(())
        })?;
        types.entry(MAIN.to_owned()).or_default().add(&main, 1);
        let used = types.into_iter().filter(|(_, totals)| totals.requests != 0);
        Ok(used.map(|(key, totals)| SpendRow { key, totals, ..SpendRow::default() }).collect())
    }

    fn sum_types(&self, query: &SpendQuery) -> Result<HashMap<String, Totals>> {
        let mut types = self.connection().prepare_cached("SELECT type_no, agent_type FROM agent_type")?;
        let types: Vec<(i64, String)> =
            types.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<rusqlite::Result<_>>()?;
        let mut statement = self.connection().prepare_cached(concat!(
            "SELECT ",
            sum_columns!(),
            " FROM spend_type WHERE project_no = ?1 AND type_no = ?2 AND width_s = ?3 AND slot >= ?4 AND slot < ?5"
        ))?;
        let (projects, cover) = (self.projects_of(query)?, total_cover(query, DAY_S));
        let mut sums = HashMap::<String, Totals>::new();
        for (type_no, name) in types {
            let sum = sums.entry(name).or_default();
            for (project_no, part) in projects.iter().flat_map(|no| cover.iter().map(move |part| (*no, part))) {
                let mut rows = statement.query([project_no, type_no, part.width_s, part.from, part.until])?;
                while let Some(row) = rows.next()? {
                    sum.add(&read_sums(row, 0)?, 1);
                }
            }
        }
        Ok(sums)
    }

    fn by_agent_of_session(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        let mut parts = HashMap::<i64, Totals>::new();
        self.each_of_session(query, |row| parts.entry(row.agent_no).or_default().add(&row.sums, 1))?;
        self.each_reported(query, &[slot::quarters(query.since, query.until)], |reported| {
            parts.entry(reported.agent_no).or_default().add(&reported.totals, 1);
            Ok(())
        })?;
        let mut statement = self.connection().prepare_cached(
            "SELECT agent_no, agent_id, ifnull(description, agent_type) FROM agent WHERE session_no = ?1",
        )?;
        let mut rows = Vec::new();
        for session_no in self.sessions_of(query)?.unwrap_or_default() {
            let mut agents = statement.query([session_no])?;
            while let Some(agent) = agents.next()? {
                let Some(totals) = parts.get(&agent.get(0)?).filter(|totals| totals.requests != 0) else { continue };
                let (id, label): (String, Option<String>) = (agent.get(1)?, agent.get(2)?);
                let is_main = id.is_empty();
                rows.push(SpendRow {
                    key: if is_main { MAIN.to_owned() } else { id },
                    label: label.filter(|_| !is_main),
                    totals: *totals,
                    ..SpendRow::default()
                });
            }
        }
        Ok(rows)
    }
}
