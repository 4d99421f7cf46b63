//! What was used, by any cut: read from the sums by slot, a long range mostly from days.
//!
//! What must stay true: the rows of every cut sum to the same total, to the pico-dollar, whatever the range.

use std::collections::{HashMap, HashSet};

use argus_model::record::{MODEL_TEXT, SpendCut, SpendQuery, SpendRow, SpendSlot, SpendSplit};
use argus_model::slot::{self, SlotRange};
use argus_model::{PicoUsd, Totals};
use rusqlite::{OptionalExtension, Row, params};

use super::Reader;
use crate::Result;
use crate::table::spend::{read_sums, sum_columns};

/// Which sessions; `None` for all.
type Sessions = Option<HashSet<i64>>;

/// Sums by the number of a session or an agent. Numbers are given out in turn, so they are places here.
#[derive(Default)]
struct Sums(Vec<Totals>);

impl Sums {
    fn add(&mut self, number: i64, sums: &Totals) {
        let place = usize::try_from(number).unwrap_or(0);
        if place >= self.0.len() {
            self.0.resize(place + 1, Totals::default());
        }
        self.0[place].add(sums, 1);
    }

    /// The first and the last number that may have something.
    fn reach(&self) -> [i64; 2] {
        let first = self.0.iter().position(|totals| totals.requests != 0).unwrap_or(0);
        [first, self.0.len()].map(|number| i64::try_from(number).unwrap_or(i64::MAX))
    }

    /// What a number has, if it has any request.
    fn get(&self, number: i64) -> Option<&Totals> {
        self.0.get(usize::try_from(number).ok()?).filter(|totals| totals.requests != 0)
    }
}

/// Agents that are shown as one.
#[derive(Default)]
struct AgentGroup {
    label: Option<String>,
    totals: Totals,
    sessions: HashSet<i64>,
}

impl Reader {
    /// The whole of a range.
    pub fn total_spend(&self, query: &SpendQuery) -> Result<Totals> {
        let mut total = Totals::default();
        self.each_model(query, |_, sums| total.add(sums, 1))?;
        Ok(total)
    }

    /// Whether any model request is known at all; without one, no use is unknown rather than none.
    pub fn has_spend(&self) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM spend_total)";
        Ok(self.connection().prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// The parts of a range, the dearest first.
    pub fn list_spend(&self, cut: SpendCut, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        let mut rows = match cut {
            SpendCut::Model => self.by_model(query)?,
            SpendCut::Session => self.by_session(query)?,
            SpendCut::Project => {
                self.by_attribute(query, "SELECT session_no, project FROM session INDEXED BY session_by_project")?
            }
            SpendCut::Branch => self.by_attribute(query, "SELECT session_no, git_branch FROM session")?,
            SpendCut::Agent => self.by_agent(query)?,
            SpendCut::Tool => self.by_tool(query)?,
        };
        rows.sort_unstable_by(|a, b| b.totals.cost.cmp(&a.totals.cost).then_with(|| a.key.cmp(&b.key)));
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

    /// What was used in each quarter hour of a range, in order.
    pub fn list_spend_slots(&self, split: SpendSplit, query: &SpendQuery) -> Result<Vec<SpendSlot>> {
        let range = slot::quarters(query.since, query.until);
        let sessions = self.sessions_of(query)?;
        let projects = match split {
            SpendSplit::Project => {
                self.attributes("SELECT session_no, project FROM session INDEXED BY session_by_project")?
            }
            SpendSplit::Whole | SpendSplit::Model => HashMap::new(),
        };
        let models = if split == SpendSplit::Model { self.models()? } else { HashMap::new() };
        let mut slots: Vec<SpendSlot> = Vec::new();
        let mut add = |slot: i64, key: &str, sums: &Totals| {
            // Rows come by slot: what belongs to the same one stands at the end.
            let same = slots.iter_mut().rev().take_while(|known| known.slot == slot).find(|known| known.key == key);
            match same {
                Some(known) => known.totals.add(sums, 1),
                None => slots.push(SpendSlot { slot, key: key.to_owned(), totals: *sums }),
            }
        };
        let name = |names: &HashMap<i64, String>, no: i64| names.get(&no).cloned().unwrap_or_default();
        if sessions.is_none() && split != SpendSplit::Project {
            self.each_total(range, |slot, model_no, sums| add(slot, &name(&models, model_no), sums))?;
        } else {
            self.each_row(&[range], &sessions, |row| {
                let key = match split {
                    SpendSplit::Whole => String::new(),
                    SpendSplit::Model => name(&models, row.model_no),
                    SpendSplit::Project => name(&projects, row.session_no),
                };
                add(row.slot, &key, &row.sums);
            })?;
        }
        Ok(slots)
    }

    fn by_model(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        let names = self.models()?;
        let mut sums = HashMap::<i64, Totals>::new();
        self.each_model(query, |model_no, totals| sums.entry(model_no).or_default().add(totals, 1))?;
        Ok(sums
            .into_iter()
            .map(|(no, totals)| SpendRow {
                key: names.get(&no).cloned().unwrap_or_default(),
                totals,
                ..SpendRow::default()
            })
            .collect())
    }

    fn by_session(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        let parts = self.fold_sessions(query)?;
        let mut rows = Vec::new();
        let mut statement = self.connection().prepare_cached("SELECT session_no, session_id FROM session")?;
        let mut names = statement.query([])?;
        while let Some(name) = names.next()? {
            if let Some(totals) = parts.get(name.get(0)?) {
                rows.push(SpendRow { key: name.get(1)?, totals: *totals, ..SpendRow::default() });
            }
        }
        Ok(rows)
    }

    fn by_attribute(&self, query: &SpendQuery, sql: &str) -> Result<Vec<SpendRow>> {
        let parts = self.fold_sessions(query)?;
        let mut groups = HashMap::<String, (i64, Totals)>::new();
        let mut statement = self.connection().prepare_cached(sql)?;
        let mut names = statement.query([])?;
        while let Some(name) = names.next()? {
            if let Some(totals) = parts.get(name.get(0)?) {
                let key = text(name, 1)?.unwrap_or_default();
                if !groups.contains_key(key) {
                    groups.insert(key.to_owned(), (0, Totals::default()));
                }
                if let Some((session_count, group)) = groups.get_mut(key) {
                    *session_count += 1;
                    group.add(totals, 1);
                }
            }
        }
        let row = |(key, (count, totals))| SpendRow { key, label: None, session_count: Some(count), totals };
        Ok(groups.into_iter().map(row).collect())
    }

    fn by_agent(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        // Of all time and of all sessions, the sums that stand with each agent are the ones.
        let parts = if query.is_everything() { None } else { Some(self.fold(query, |row| row.agent_no)?) };
        let mut groups = HashMap::<String, AgentGroup>::new();
        let mut statement = self.connection().prepare_cached(concat!(
            "SELECT agent_no, session_no, agent_id, agent_type, description, ",
            sum_columns!(),
            " FROM agent WHERE agent_no >= ?1 AND agent_no <= ?2"
        ))?;
        let mut agents = statement.query(parts.as_ref().map_or([0, i64::MAX], Sums::reach))?;
        while let Some(agent) = agents.next()? {
            let totals = match &parts {
                Some(parts) => parts.get(agent.get(0)?).copied(),
                None => Some(read_sums(agent, 5)?).filter(|totals| totals.requests != 0),
            };
            let Some(totals) = totals else { continue };
            let id = text(agent, 2)?.unwrap_or_default();
            let kind = text(agent, 3)?;
            let (key, label) = match (id.is_empty(), query.session_id.is_some()) {
                (true, _) => ("main", None),
                (false, true) => (id, text(agent, 4)?.or(kind)),
                (false, false) => (kind.unwrap_or_default(), None),
            };
            if !groups.contains_key(key) {
                groups.insert(key.to_owned(), AgentGroup { label: label.map(str::to_owned), ..AgentGroup::default() });
            }
            if let Some(group) = groups.get_mut(key) {
                group.totals.add(&totals, 1);
                group.sessions.insert(agent.get(1)?);
            }
        }
        let row = |(key, group): (String, AgentGroup)| SpendRow {
            key,
            label: group.label,
            session_count: i64::try_from(group.sessions.len()).ok(),
            totals: group.totals,
        };
        Ok(groups.into_iter().map(row).collect())
    }

    fn by_tool(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        let mut rest = self.total_spend(query)?;
        let mut rows = Vec::new();
        for (key, totals) in self.list_tool_shares(query)? {
            // Its requests are shares of requests that stay counted whole in the rest.
            rest.add(&Totals { requests: 0, incomplete_requests: 0, unpriced_requests: 0, ..totals }, -1);
            rows.push(SpendRow { key, totals, ..SpendRow::default() });
        }
        if rest != Totals::default() {
            rows.push(SpendRow { key: MODEL_TEXT.to_owned(), totals: rest, ..SpendRow::default() });
        }
        Ok(rows)
    }

    /// Each model's sums, from the fewest rows that tell.
    fn each_model(&self, query: &SpendQuery, mut each: impl FnMut(i64, &Totals)) -> Result<()> {
        let cover = slot::cover(query.since, query.until);
        match self.sessions_of(query)? {
            None => {
                cover.into_iter().try_for_each(|part| self.each_total(part, |_, model_no, sums| each(model_no, sums)))
            }
            sessions => self.each_row(&cover, &sessions, |row| each(row.model_no, &row.sums)),
        }
    }

    /// Each session's sums: of all time and of all sessions, those that stand with it.
    fn fold_sessions(&self, query: &SpendQuery) -> Result<Sums> {
        if !query.is_everything() {
            return self.fold(query, |row| row.session_no);
        }
        let mut sums = Sums::default();
        let sql = concat!("SELECT session_no, ", sum_columns!(), " FROM session");
        let mut statement = self.connection().prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            sums.add(row.get(0)?, &read_sums(row, 1)?);
        }
        Ok(sums)
    }

    /// Sums by a number of the row.
    fn fold(&self, query: &SpendQuery, number: impl Fn(&SlotRow) -> i64) -> Result<Sums> {
        let mut sums = Sums::default();
        self.each_row(&slot::cover(query.since, query.until), &self.sessions_of(query)?, |row| {
            sums.add(number(row), &row.sums);
        })?;
        Ok(sums)
    }

    fn each_row(&self, cover: &[SlotRange], sessions: &Sessions, mut each: impl FnMut(&SlotRow)) -> Result<()> {
        let mut statement = self.connection().prepare_cached(concat!(
            "SELECT slot, session_no, agent_no, model_no, ",
            sum_columns!(),
            " FROM spend WHERE width_s = ?1 AND slot >= ?2 AND slot < ?3"
        ))?;
        for part in cover {
            let mut rows = statement.query(params![part.width_s, part.from, part.until])?;
            while let Some(row) = rows.next()? {
                let session_no = row.get(1)?;
                if sessions.as_ref().is_none_or(|wanted| wanted.contains(&session_no)) {
                    let sums = read_sums(row, 4)?;
                    each(&SlotRow {
                        slot: row.get(0)?,
                        session_no,
                        agent_no: row.get(2)?,
                        model_no: row.get(3)?,
                        sums,
                    });
                }
            }
        }
        Ok(())
    }

    fn each_total(&self, part: SlotRange, mut each: impl FnMut(i64, i64, &Totals)) -> Result<()> {
        let mut statement = self.connection().prepare_cached(concat!(
            "SELECT slot, model_no, ",
            sum_columns!(),
            " FROM spend_total WHERE width_s = ?1 AND slot >= ?2 AND slot < ?3"
        ))?;
        let mut rows = statement.query(params![part.width_s, part.from, part.until])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, row.get(1)?, &read_sums(row, 2)?);
        }
        Ok(())
    }

    /// The money of each quarter hour alone, for charts.
    pub fn list_spend_amounts(&self, query: &SpendQuery) -> Result<Vec<(i64, Totals)>> {
        let range = slot::quarters(query.since, query.until);
        let mut statement = self.connection().prepare_cached(
            "SELECT slot, requests, cost_picousd, incomplete_requests, unpriced_requests FROM spend_total \
             WHERE width_s = ?1 AND slot >= ?2 AND slot < ?3",
        )?;
        let rows = statement.query_map(params![range.width_s, range.from, range.until], |row| {
            let totals = Totals {
                requests: row.get(1)?,
                cost: PicoUsd(row.get(2)?),
                incomplete_requests: row.get(3)?,
                unpriced_requests: row.get(4)?,
                ..Totals::default()
            };
            Ok((row.get(0)?, totals))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Numbers of the sessions that a query asks for.
    pub(super) fn sessions_of(&self, query: &SpendQuery) -> Result<Sessions> {
        if query.project.is_none() && query.session_id.is_none() {
            return Ok(None);
        }
        let mut statement = self.connection().prepare_cached(
            "SELECT session_no FROM session WHERE (?1 IS NULL OR session_id = ?1) \
             AND (?2 IS NULL OR project = ?2 OR project LIKE '%/' || ?2)",
        )?;
        let rows = statement.query_map(params![query.session_id, query.project], |row| row.get(0))?;
        Ok(Some(rows.collect::<rusqlite::Result<_>>()?))
    }

    fn models(&self) -> Result<HashMap<i64, String>> {
        self.attributes("SELECT model_no, model FROM model")
    }

    fn attributes(&self, sql: &str) -> Result<HashMap<i64, String>> {
        let mut statement = self.connection().prepare_cached(sql)?;
        let rows =
            statement.query_map([], |row| Ok((row.get(0)?, row.get::<_, Option<String>>(1)?.unwrap_or_default())))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// A row of `spend`.
struct SlotRow {
    slot: i64,
    session_no: i64,
    agent_no: i64,
    model_no: i64,
    sums: Totals,
}

/// A text that is only looked at.
fn text<'row>(row: &'row Row<'_>, place: usize) -> rusqlite::Result<Option<&'row str>> {
    Ok(row.get_ref(place)?.as_str_or_null()?)
}
