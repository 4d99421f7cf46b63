//! What agents used: by their type over sessions, each by itself in one.

use argus_model::record::{SpendQuery, SpendRow};
use argus_model::{Totals, slot};
use rusqlite::{Row, params};

use super::{Names, Number, slots};
use crate::Result;
use crate::query::Reader;
use crate::table::spend::{read_sums, sum_columns};

/// What main agents are shown as.
const MAIN: &str = "main";

/// Agents that are shown as one.
#[derive(Default)]
struct AgentGroup {
    totals: Totals,
    /// Each once or more.
    sessions: Vec<i64>,
}

impl AgentGroup {
    fn add(&mut self, session_no: i64, totals: &Totals) {
        self.totals.add(totals, 1);
        self.note(session_no);
    }

    fn note(&mut self, session_no: i64) {
        // Agents of a session mostly stand side by side.
        if self.sessions.last() != Some(&session_no) {
            self.sessions.push(session_no);
        }
    }

    fn row(mut self, key: &str) -> SpendRow {
        self.sessions.sort_unstable();
        self.sessions.dedup();
        let session_count = i64::try_from(self.sessions.len()).ok();
        SpendRow { key: key.to_owned(), label: None, session_count, totals: self.totals }
    }
}

impl Reader {
    /// By the type of the agents, over sessions; by the agents themselves in one.
    pub(super) fn by_agent(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        if query.session_id.is_some() {
            return self.by_agent_of_session(query);
        }
        let sessions = self.sessions_of(query)?;
        let (types, is_all) = (self.agent_types()?, sessions.is_none());
        // Of all sessions only subagents are summed: what they leave is the main agents'.
        let whole = if is_all { self.total_spend(query)? } else { Totals::default() };
        let mut main = AgentGroup { totals: whole, sessions: Vec::new() };
        let mut groups: Vec<AgentGroup> = types.texts.iter().map(|_| AgentGroup::default()).collect();
        self.each_of_agents(query, |row| {
            let session_no = row.get(1)?;
            if sessions.as_ref().is_some_and(|wanted| !wanted.contains(&session_no)) {
                return Ok(());
            }
            match types.place(row.get(0)?) {
                Some(place) => {
                    let totals = read_sums(row, 2)?;
                    groups[place].add(session_no, &totals);
                    if is_all {
                        main.totals.add(&totals, -1);
                    }
                }
                None if is_all => main.note(session_no),
                None => main.add(session_no, &read_sums(row, 2)?),
            }
            Ok(())
        })?;
        let mut rows = Vec::new();
        for (key, group) in types.texts.iter().zip(groups) {
            if key == MAIN {
                main.totals.add(&group.totals, 1);
                main.sessions.extend(group.sessions);
            } else {
                rows.push(group.row(key));
            }
        }
        rows.push(main.row(MAIN));
        Ok(rows.into_iter().filter(|row| row.totals.requests != 0).collect())
    }

    /// Rows of agents' sums: number of the agent, number of the session, sums.
    fn each_of_agents(&self, query: &SpendQuery, mut each: impl FnMut(&Row<'_>) -> rusqlite::Result<()>) -> Result<()> {
        let mut statement =
            self.connection().prepare_cached(concat!("SELECT agent_no, session_no, ", sum_columns!(), slots!()))?;
        for part in slot::cover(query.since, query.until) {
            let mut rows = statement.query(params![part.width_s, part.from, part.until])?;
            while let Some(row) = rows.next()? {
                each(row)?;
            }
        }
        Ok(())
    }

    fn by_agent_of_session(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        let parts = self.fold(query, Number::Agent)?;
        let mut statement = self.connection().prepare_cached(
            "SELECT agent_no, agent_id, ifnull(description, agent_type) FROM agent WHERE session_no = ?1",
        )?;
        let mut rows = Vec::new();
        for session_no in self.sessions_of(query)?.unwrap_or_default() {
            let mut agents = statement.query([session_no])?;
            while let Some(agent) = agents.next()? {
                let Some(totals) = parts.get(agent.get(0)?) else { continue };
                let (id, label): (String, Option<String>) = (agent.get(1)?, agent.get(2)?);
                let is_main = id.is_empty();
                rows.push(SpendRow {
                    key: if is_main { MAIN.to_owned() } else { id },
                    label: label.filter(|_| !is_main),
                    session_count: Some(1),
                    totals: *totals,
                });
            }
        }
        Ok(rows)
    }

    /// The types of subagents by their numbers; a main agent has no place.
    fn agent_types(&self) -> Result<Names> {
        self.attributes("SELECT agent_no, agent_type FROM agent WHERE agent_id <> ''")
    }
}
