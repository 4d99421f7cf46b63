//! What was used, by any cut: read from the sums by slot, a long range mostly from days.
//!
//! What must stay true: the rows of every cut sum to the same total, to the pico-dollar, whatever the range.

mod agents;
mod commits;
mod facets;
mod projects;
mod sessions;

use std::collections::{HashMap, HashSet};

use argus_model::record::{MODEL_TEXT, SpendCut, SpendQuery, SpendRow, SpendSlots, SpendSplit};
use argus_model::slot::{self, DAY_S, HOUR_S, QUARTER_S, SlotRange};
use argus_model::{CostBasis, PicoUsd, Totals};
use rusqlite::{Row, params};

use super::Reader;
use super::reported::mark;
use crate::Result;
use crate::table::part::ALL_PROJECTS;
use crate::table::spend::{ALL_MODELS, read_sums, sum_columns};

/// The rows of a range of slots.
macro_rules! slots {
    () => {
        " FROM spend WHERE width_s = ?1 AND slot >= ?2 AND slot < ?3"
    };
}
use slots;

/// Which sessions; `None` for all.
type Sessions = Option<HashSet<i64>>;

/// Sums by the number of a session. Numbers are given out in turn, so they are places here.
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

    /// Each number that has any request.
    fn iter(&self) -> impl Iterator<Item = (i64, &Totals)> {
        (0..).zip(&self.0).filter(|(_, totals)| totals.requests != 0)
    }

    /// What a number has, if it has any request.
    fn get(&self, number: i64) -> Option<&Totals> {
        self.0.get(usize::try_from(number).ok()?).filter(|totals| totals.requests != 0)
    }
}

/// Texts by the number of a session, a model or an agent. Numbers are places here too, and equal texts mostly come
/// together.
#[derive(Default)]
pub(super) struct Names {
    texts: Vec<String>,
    places: HashMap<String, usize>,
    /// One more than the place of the text; 0 where there is none.
    of: Vec<usize>,
    last: usize,
}

impl Names {
    fn put(&mut self, number: i64, text: &str) {
        if self.texts.get(self.last).is_none_or(|last| last != text) {
            self.last = self.places.get(text).copied().unwrap_or_else(|| {
                self.texts.push(text.to_owned());
                self.places.insert(text.to_owned(), self.texts.len() - 1);
                self.texts.len() - 1
            });
        }
        let number = usize::try_from(number).unwrap_or(0);
        if number >= self.of.len() {
            self.of.resize(number + 1, 0);
        }
        self.of[number] = self.last + 1;
    }

    /// What has this number; `None` where nothing has.
    fn find(&self, number: i64) -> Option<&str> {
        let place = self.of.get(usize::try_from(number).ok()?)?.checked_sub(1)?;
        Some(&self.texts[place])
    }

    pub(super) fn get(&self, number: i64) -> &str {
        self.find(number).unwrap_or_default()
    }
}

impl Reader {
    /// The whole of a range.
    pub fn total_spend(&self, query: &SpendQuery) -> Result<Totals> {
        let mut total = Totals::default();
        self.each_slot(query, DAY_S, |_, sums| total.add(sums, 1))?;
        self.each_reported(query, &slot::cover(query.since, query.until), |reported| {
            total.add(&reported.totals, 1);
            Ok(())
        })?;
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
            SpendCut::Project => self.by_project(query)?,
            SpendCut::Branch => {
                self.by_facet(query, |facets| facets.branch, Some("SELECT session_no, git_branch FROM session"))?
            }
            SpendCut::Worktree => self.by_facet(query, |facets| facets.worktree, None)?,
            SpendCut::Repository => self.by_facet(query, |facets| facets.repository, None)?,
            SpendCut::Skill => self.by_facet(query, |facets| facets.skill, None)?,
            SpendCut::McpServer => self.by_facet(query, |facets| facets.mcp_server, None)?,
            SpendCut::QuerySource => self.by_facet(query, |facets| facets.query_source, None)?,
            SpendCut::Commit => self.by_commit(query)?,
            SpendCut::Agent => self.by_agent(query)?,
            SpendCut::Tool => self.by_tool(query)?,
        };
        rows.sort_unstable_by(|a, b| b.totals.cost.cmp(&a.totals.cost).then_with(|| a.key.cmp(&b.key)));
        Ok(rows)
    }

    /// At most `limit` of them, after one that came to `after.0` and has the key `after.1`, and whether there are more.
    pub fn list_spend_page(
        &self,
        cut: SpendCut,
        query: &SpendQuery,
        after: Option<(PicoUsd, &str)>,
        limit: usize,
    ) -> Result<(Vec<SpendRow>, bool)> {
        let mut rows = match cut {
            SpendCut::Session if query.is_everything() => self.list_dearest_sessions(after, limit.saturating_add(1))?,
            SpendCut::Session => self.page_of_sessions(query, after, limit.saturating_add(1))?,
            _ => {
                let mut rows = self.list_spend(cut, query)?;
                if let Some((cost, key)) = after {
                    rows.retain(|row| row.totals.cost < cost || (row.totals.cost == cost && row.key.as_str() > key));
                }
                rows
            }
        };
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        Ok((rows, has_more))
    }

    /// What was used in each slot of a range, in order, whole and by part. Slots are as wide as `widest`, or narrower at
    /// the ends of the range. Parts of projects tell money only.
    pub fn list_spend_slots(&self, split: SpendSplit, query: &SpendQuery, widest: i64) -> Result<SpendSlots> {
        let (mut slots, mut models) = (SpendSlots::default(), Names::default());
        let mut rows = Vec::new();
        // Those of several projects, or models, come one after the other.
        if split == SpendSplit::Model {
            models = self.models()?;
            self.each_model(query, widest, |slot, model_no, sums| rows.push((slot, model_no, *sums)))?;
            rows.sort_by_key(|(slot, ..)| *slot);
            for (slot, model_no, sums) in &rows {
                slots.add(*slot, sums);
                slots.add_part(*slot, models.get(*model_no), sums);
            }
        } else {
            self.each_slot(query, widest, |slot, sums| rows.push((slot, ALL_MODELS, *sums)))?;
            rows.sort_by_key(|(slot, ..)| *slot);
            rows.iter().for_each(|(slot, _, sums)| slots.add(*slot, sums));
        }
        if split == SpendSplit::Project {
            self.split_by_project(query, widest, &mut slots)?;
        }
        self.mark_slots(split, query, (widest, &models), &mut slots)?;
        Ok(slots)
    }

    /// Says of slots and their parts how much of them is reported.
    fn mark_slots(
        &self,
        split: SpendSplit,
        query: &SpendQuery,
        (widest, models): (i64, &Names),
        slots: &mut SpendSlots,
    ) -> Result<()> {
        // Days tell no models.
        let has_days = widest >= DAY_S && split != SpendSplit::Model;
        let widths: &[i64] = if has_days { &[DAY_S, QUARTER_S] } else { &[QUARTER_S] };
        // Read when the first is told: mostly none is.
        let mut projects = None;
        self.each_reported(query, &slot::cover_by(widths, query.since, query.until), |reported| {
            let key = match split {
                SpendSplit::Whole => None,
                SpendSplit::Model => Some(models.get(reported.model_no)),
                SpendSplit::Project => {
                    let names = match projects.take() {
                        Some(names) => names,
                        None => self.projects()?,
                    };
                    Some(projects.insert(names).get(reported.session_no))
                }
            };
            mark(slots, reported, key);
            Ok(())
        })
    }

    /// The first slot with any request, to the day.
    pub fn first_spend_day(&self) -> Result<Option<i64>> {
        let mut statement = self.connection().prepare_cached(
            "SELECT min(slot) FROM spend_total WHERE project_no = 0 AND model_no = 0 AND width_s = ?1",
        )?;
        Ok(statement.query_row([DAY_S], |row| row.get(0))?)
    }

    pub(super) fn projects(&self) -> Result<Names> {
        self.attributes("SELECT session_no, project FROM session INDEXED BY session_by_project")
    }

    fn by_model(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        let names = self.models()?;
        let mut sums = HashMap::<i64, Totals>::new();
        self.each_model(query, DAY_S, |_, model_no, totals| sums.entry(model_no).or_default().add(totals, 1))?;
        // Days tell no models.
        self.each_reported(query, &[slot::quarters(query.since, query.until)], |reported| {
            sums.entry(reported.model_no).or_default().add(&reported.totals, 1);
            Ok(())
        })?;
        Ok(sums
            .into_iter()
            .map(|(no, totals)| SpendRow { key: names.get(no).to_owned(), totals, ..SpendRow::default() })
            .collect())
    }

    fn by_tool(&self, query: &SpendQuery) -> Result<Vec<SpendRow>> {
        let mut rest = self.total_spend(query)?;
        let is_reported = rest.as_cost().basis == CostBasis::Reported;
        let mut rows = Vec::new();
        for (key, mut totals) in self.list_tool_shares(query)? {
            // Its requests are shares of requests that stay counted whole in the rest.
            rest.add(&Totals { requests: 0, incomplete_requests: 0, unpriced_requests: 0, ..totals }, -1);
            // Whether a share is of a reported request is known only where all requests are.
            totals.reported_requests = if is_reported { totals.requests } else { 0 };
            rows.push(SpendRow { key, totals, ..SpendRow::default() });
        }
        if rest != Totals::default() {
            rows.push(SpendRow { key: MODEL_TEXT.to_owned(), totals: rest, ..SpendRow::default() });
        }
        Ok(rows)
    }

    /// The sums of slots as wide as `widest`, or narrower at the ends of the range; a session's in quarter hours.
    fn each_slot(&self, query: &SpendQuery, widest: i64, mut each: impl FnMut(i64, &Totals)) -> Result<()> {
        if query.session_id.is_some() {
            return self.each_of_session(query, |row| each(row.slot, &row.sums));
        }
        for project_no in self.projects_of(query)? {
            for part in total_cover(query, widest) {
                self.each_total([project_no, ALL_MODELS], part, &mut each)?;
            }
        }
        Ok(())
    }

    /// The same of each model.
    fn each_model(&self, query: &SpendQuery, widest: i64, mut each: impl FnMut(i64, i64, &Totals)) -> Result<()> {
        if query.session_id.is_some() {
            return self.each_of_session(query, |row| each(row.slot, row.model_no, &row.sums));
        }
        let models: Vec<i64> = self
            .connection()
            .prepare_cached("SELECT model_no FROM model")?
            .query_map([], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for project_no in self.projects_of(query)? {
            for (model_no, part) in
                models.iter().flat_map(|no| total_cover(query, widest).into_iter().map(move |part| (*no, part)))
            {
                self.each_total([project_no, model_no], part, |slot, sums| each(slot, model_no, sums))?;
            }
        }
        Ok(())
    }

    /// Each row of the session that a query asks for: quarter hours, in order.
    fn each_of_session(&self, query: &SpendQuery, mut each: impl FnMut(&SlotRow)) -> Result<()> {
        let range = slot::quarters(query.since, query.until);
        let mut statement = self.connection().prepare_cached(concat!(
            "SELECT slot, session_no, agent_no, model_no, facet_no, ",
            sum_columns!(),
            " FROM spend INDEXED BY spend_by_session WHERE width_s = 900 AND session_no = ?1 AND slot >= ?2 AND slot < ?3"
        ))?;
        for session_no in self.sessions_of(query)?.unwrap_or_default() {
            let mut rows = statement.query([session_no, range.from, range.until])?;
            while let Some(row) = rows.next()? {
                each(&SlotRow {
                    slot: row.get(0)?,
                    session_no: row.get(1)?,
                    agent_no: row.get(2)?,
                    model_no: row.get(3)?,
                    facet_no: row.get(4)?,
                    sums: read_sums(row, 5)?,
                });
            }
        }
        Ok(())
    }

    /// What each session used, and what for: its number, the facet's, and sums; several of the same one may come.
    fn each_by_session(&self, query: &SpendQuery, mut each: impl FnMut(i64, i64, &Totals) -> Result<()>) -> Result<()> {
        if query.session_id.is_some() {
            let mut told = Ok(());
            self.each_of_session(query, |row| {
                if told.is_ok() {
                    told = each(row.session_no, row.facet_no, &row.sums);
                }
            })?;
            return told;
        }
        let sessions = self.sessions_of(query)?;
        let mut statement =
            self.connection().prepare_cached(concat!("SELECT session_no, facet_no, ", sum_columns!(), slots!()))?;
        for part in slot::cover(query.since, query.until) {
            let mut rows = statement.query(params![part.width_s, part.from, part.until])?;
            while let Some(row) = rows.next()? {
                let session_no = row.get(0)?;
                if sessions.as_ref().is_none_or(|wanted| wanted.contains(&session_no)) {
                    each(session_no, row.get(1)?, &read_sums(row, 2)?)?;
                }
            }
        }
        Ok(())
    }

    /// The rows of a project, or of all, and of a model, or of all.
    fn each_total(
        &self,
        [project_no, model_no]: [i64; 2],
        part: SlotRange,
        mut each: impl FnMut(i64, &Totals),
    ) -> Result<()> {
        let mut statement = self.connection().prepare_cached(concat!(
            "SELECT slot, ",
            sum_columns!(),
            " FROM spend_total WHERE project_no = ?1 AND model_no = ?2 AND width_s = ?3 AND slot >= ?4 AND slot < ?5"
        ))?;
        let mut rows = statement.query([project_no, model_no, part.width_s, part.from, part.until])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, &read_sums(row, 1)?);
        }
        Ok(())
    }

    /// The money of each slot of a project, or of all: half the columns of a row.
    fn each_amount(&self, project_no: i64, part: SlotRange, mut each: impl FnMut(i64, &Totals)) -> Result<()> {
        let mut statement = self.connection().prepare_cached(
            "SELECT slot, requests, cost_picousd, incomplete_requests, unpriced_requests FROM spend_total \
             WHERE project_no = ?1 AND model_no = 0 AND width_s = ?2 AND slot >= ?3 AND slot < ?4",
        )?;
        let mut rows = statement.query([project_no, part.width_s, part.from, part.until])?;
        while let Some(row) = rows.next()? {
            each(row.get(0)?, &read_money(row, 1)?);
        }
        Ok(())
    }

    /// The money of each slot alone, for charts; slots are as wide as `widest`, or narrower at the ends.
    pub fn list_spend_amounts(&self, query: &SpendQuery, widest: i64) -> Result<Vec<(i64, Totals)>> {
        let mut amounts = Vec::new();
        for part in total_cover(query, widest) {
            self.each_amount(ALL_PROJECTS, part, |slot, money| amounts.push((slot, *money)))?;
        }
        Ok(amounts)
    }

    /// Numbers of the sessions that a query asks for.
    pub(super) fn sessions_of(&self, query: &SpendQuery) -> Result<Sessions> {
        let mut statement = self.connection().prepare_cached(match (&query.session_id, &query.project) {
            (None, None) => return Ok(None),
            (Some(_), _) => {
                "SELECT session_no FROM session WHERE session_id = ?1 \
                 AND (?2 IS NULL OR project = ?2 OR project LIKE '%/' || ?2)"
            }
            (None, Some(_)) => {
                "SELECT session_no FROM session INDEXED BY session_by_project WHERE project = ?2 OR project LIKE '%/' || ?2"
            }
        })?;
        let rows = statement.query_map(params![query.session_id, query.project], |row| row.get(0))?;
        Ok(Some(rows.collect::<rusqlite::Result<_>>()?))
    }

    pub(super) fn models(&self) -> Result<Names> {
        self.attributes("SELECT model_no, model FROM model")
    }

    fn attributes(&self, sql: &str) -> Result<Names> {
        let mut statement = self.connection().prepare_cached(sql)?;
        let mut rows = statement.query([])?;
        let mut names = Names::default();
        while let Some(row) = rows.next()? {
            names.put(row.get(0)?, text(row, 1)?.unwrap_or_default());
        }
        Ok(names)
    }
}

/// Sums of many sessions in as few slots as cover a range, none wider than `widest`.
fn total_cover(query: &SpendQuery, widest: i64) -> Vec<SlotRange> {
    const WIDTHS: [i64; 3] = [DAY_S, HOUR_S, QUARTER_S];
    let narrow = WIDTHS.iter().position(|width_s| *width_s <= widest).unwrap_or(WIDTHS.len() - 1);
    slot::cover_by(&WIDTHS[narrow..], query.since, query.until)
}

fn read_money(row: &Row<'_>, first: usize) -> rusqlite::Result<Totals> {
    Ok(Totals {
        requests: row.get(first)?,
        cost: PicoUsd(row.get(first + 1)?),
        incomplete_requests: row.get(first + 2)?,
        unpriced_requests: row.get(first + 3)?,
        ..Totals::default()
    })
}

/// A row of `spend`.
struct SlotRow {
    slot: i64,
    session_no: i64,
    agent_no: i64,
    model_no: i64,
    facet_no: i64,
    sums: Totals,
}

/// A text that is only looked at.
fn text<'row>(row: &'row Row<'_>, place: usize) -> rusqlite::Result<Option<&'row str>> {
    Ok(row.get_ref(place)?.as_str_or_null()?)
}
