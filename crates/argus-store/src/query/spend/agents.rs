//! What agents used: by their type over sessions, each by itself in one.

use argus_model::record::{SpendQuery, SpendRow};
use argus_model::{Totals, slot};

use super::{Names, Number, text};
use crate::Result;
use crate::query::Reader;
use crate::table::spend::{read_sums, sum_columns};

/// What main agents are shown as.
const MAIN: &str = "main";

/// Main agents, and subagents by their type.
#[derive(Default)]
struct AgentGroups {
    main: Totals,
    types: Names,
    of_type: Vec<Totals>,
}

impl AgentGroups {
    /// Names a subagent's type before anything of it is added.
    fn name(&mut self, agent_no: i64, agent_type: &str) {
        self.types.put(agent_no, agent_type);
        self.of_type.resize(self.types.texts.len(), Totals::default());
    }

    /// The sums of an agent's type, or of main agents.
    fn of(&mut self, agent_no: i64) -> &mut Totals {
        match self.types.place(agent_no) {
            Some(place) => &mut self.of_type[place],
            None => &mut self.main,
        }
    }

    fn into_rows(mut self) -> Vec<SpendRow> {
        let mut rows = Vec::new();
        for (key, totals) in self.types.texts.iter().zip(self.of_type) {
            if key == MAIN {
                self.main.add(&totals, 1);
            } else {
                rows.push(SpendRow { key: key.clone(), totals, ..SpendRow::default() });
            }
        }
        rows.push(SpendRow { key: MAIN.to_owned(), totals: self.main, ..SpendRow::default() });
        rows.retain(|row| row.totals.requests != 0);
        rows
    }
}

impl Reader {
    /// By the type of the agents, over sessions; by the agents themselves in one.
    pub(super) fn by_agent(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        if query.session_id.is_some() {
            return self.by_agent_of_session(query);
        }
        let groups = if query.is_everything() { self.sum_of_agents(query)? } else { self.sum_by_time(query)? };
        Ok(groups.into_rows())
    }

    /// Of all time, from the sums that stand with each subagent: what they leave of all is the main agents'.
    fn sum_of_agents(&self, query: &SpendQuery) -> Result<AgentGroups> {
        let mut groups = AgentGroups { main: self.total_spend(query)?, ..AgentGroups::default() };
        let mut statement = self.connection().prepare_cached(concat!(
            "SELECT agent_no, agent_type, ",
            sum_columns!(),
            " FROM agent WHERE agent_id <> '' AND requests <> 0"
        ))?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (agent_no, totals) = (row.get(0)?, read_sums(row, 2)?);
            groups.name(agent_no, text(row, 1)?.unwrap_or_default());
            groups.of(agent_no).add(&totals, 1);
            groups.main.add(&totals, -1);
        }
        // Those of main agents stand there already, as all others do.
        self.each_reported(query, &slot::cover(None, None), |reported| {
            if groups.types.place(reported.agent_no).is_some() {
                groups.of(reported.agent_no).add(&reported.totals, 1);
                groups.main.add(&reported.totals, -1);
            }
            Ok(())
        })?;
        Ok(groups)
    }

    fn sum_by_time(&self, query: &SpendQuery) -> Result<AgentGroups> {
        let sums = self.fold(query, Number::Agent)?;
        let mut groups = AgentGroups { main: sums.total(), ..AgentGroups::default() };
        let mut statement =
            self.connection().prepare_cached("SELECT agent_no, agent_type FROM agent WHERE agent_id <> ''")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let agent_no = row.get(0)?;
            if let Some(totals) = sums.get(agent_no) {
                groups.name(agent_no, text(row, 1)?.unwrap_or_default());
                groups.of(agent_no).add(totals, 1);
                groups.main.add(totals, -1);
            }
        }
        Ok(groups)
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
                    totals: *totals,
                    ..SpendRow::default()
                });
            }
        }
        Ok(rows)
    }
}
