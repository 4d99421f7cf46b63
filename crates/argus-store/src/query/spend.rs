//! What was used, by any cut: read from the sums by slot, a long range mostly from days.
//!
//! What must stay true: the rows of every cut sum to the same total, to the pico-dollar, whatever the range.

use std::collections::{HashMap, HashSet};
use std::hash::Hash;

use argus_model::record::{MODEL_TEXT, SpendCut, SpendQuery, SpendRow, SpendSlot, SpendSplit};
use argus_model::slot::{self, SlotRange};
use argus_model::{PicoUsd, Totals};
use rusqlite::{OptionalExtension, params};

use super::Reader;
use crate::Result;
use crate::table::spend::{read_sums, sum_columns};

/// Which sessions; `None` for all.
type Sessions = Option<HashSet<i64>>;

/// A sum, and of which sessions.
#[derive(Default)]
struct Part {
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
        let parts = self.fold(query, |row| row.session_no)?;
        let mut statement = self.connection().prepare_cached("SELECT session_id FROM session WHERE session_no = ?1")?;
        let row = |(no, part): (i64, Part)| {
            Ok(SpendRow {
                key: statement.query_row([no], |row| row.get(0))?,
                totals: part.totals,
                ..SpendRow::default()
            })
        };
        parts.into_iter().map(row).collect()
    }

    fn by_attribute(&self, query: &SpendQuery, sql: &str) -> Result<Vec<SpendRow>> {
        let names = self.attributes(sql)?;
        let mut groups = HashMap::<&str, Part>::new();
        for (session_no, part) in self.fold(query, |row| row.session_no)? {
            let group = groups.entry(names.get(&session_no).map_or("", String::as_str)).or_default();
            group.totals.add(&part.totals, 1);
            group.sessions.insert(session_no);
        }
        Ok(groups.into_iter().map(|(key, part)| row(key.to_owned(), None, &part)).collect())
    }

    fn by_agent(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        let parts = self.fold(query, |row| row.agent_no)?;
        let mut statement = self
            .connection()
            .prepare_cached("SELECT agent_id, agent_type, description FROM agent WHERE agent_no = ?1")?;
        let mut groups = HashMap::<String, (Option<String>, Part)>::new();
        for (agent_no, part) in parts {
            let (id, kind, about): (String, Option<String>, Option<String>) =
                statement.query_row([agent_no], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
            let (key, label) = match (id.is_empty(), query.session_id.is_some()) {
                (true, _) => ("main".to_owned(), None),
                (false, true) => (id, about.or(kind)),
                (false, false) => (kind.unwrap_or_default(), None),
            };
            let (_, group) = groups.entry(key).or_insert_with(|| (label, Part::default()));
            group.totals.add(&part.totals, 1);
            group.sessions.extend(part.sessions);
        }
        Ok(groups.into_iter().map(|(key, (label, part))| row(key, label, &part)).collect())
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

    /// Sums by a key of the row.
    fn fold<K: Eq + Hash>(&self, query: &SpendQuery, key: impl Fn(&SlotRow) -> K) -> Result<HashMap<K, Part>> {
        let mut parts = HashMap::<K, Part>::new();
        self.each_row(&slot::cover(query.since, query.until), &self.sessions_of(query)?, |row| {
            let part = parts.entry(key(row)).or_default();
            part.totals.add(&row.sums, 1);
            part.sessions.insert(row.session_no);
        })?;
        Ok(parts)
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

fn row(key: String, label: Option<String>, part: &Part) -> SpendRow {
    SpendRow { key, label, session_count: i64::try_from(part.sessions.len()).ok(), totals: part.totals }
}
