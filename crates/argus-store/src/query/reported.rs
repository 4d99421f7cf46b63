//! Requests whose money Claude Code itself reported. Sums that are stored do not count them, so whoever shows a sum asks
//! here: what makes it *reported* is that all of its requests are.
//!
//! What must stay true: never more than was reported, exact up to [`MOST_REQUESTS`], cheap where nothing is reported. Only sessions of which telemetry told are looked at;
//! where a reconciliation says that all of a session is reported, its roll-ups tell how much that is, and of the others
//! the requests are read one by one. Start with [`Reader::each_reported`].

use std::collections::{HashMap, HashSet};

use argus_model::record::{Sources, SpendQuery, SpendSlots};
use argus_model::slot::{self, DAY_S, SlotRange, quarter_of};
use argus_model::{Timestamp, Totals};
use rusqlite::{Row, params, params_from_iter};

use super::Reader;
use crate::Result;

/// So many requests are read one by one for a sum, the latest sessions' first; beyond them none counts as reported, which
/// claims too little and never too much.
const MOST_REQUESTS: i64 = 30_000;

/// A session of which telemetry told.
pub(super) struct Told {
    pub(super) session_no: i64,
    /// How many requests it made.
    pub(super) requests: i64,
    /// Its reconciliation says that all of them are reported.
    is_reported: bool,
}

/// Some reported requests of one place.
pub(super) struct Reported {
    /// A quarter hour, or a day of which all is asked for.
    pub(super) slot: i64,
    pub(super) session_no: i64,
    pub(super) agent_no: i64,
    pub(super) model_no: i64,
    pub(super) facet_no: i64,
    /// How many.
    pub(super) totals: Totals,
}

impl Reader {
    /// Every reported request that counts in the sums of a query, some at a time. Slots are those of `cover`, or quarter
    /// hours; days tell no agents and no models, so whoever asks for these covers the range with quarter hours.
    pub(super) fn each_reported(
        &self,
        query: &SpendQuery,
        cover: &[SlotRange],
        mut each: impl FnMut(&Reported) -> Result<()>,
    ) -> Result<()> {
        let told = self.list_told(query)?;
        let whole: HashSet<i64> = told.iter().filter(|told| told.is_reported).map(|told| told.session_no).collect();
        if !whole.is_empty() {
            self.each_told(query, cover, |row| {
                let session_no = row.get(1)?;
                if whole.contains(&session_no) {
                    each(&Reported {
                        slot: row.get(0)?,
                        session_no,
                        agent_no: row.get(2)?,
                        model_no: row.get(3)?,
                        facet_no: row.get(4)?,
                        totals: Totals::of_reported(row.get(5)?),
                    })?;
                }
                Ok(())
            })?;
        }
        let range = slot::quarters(query.since, query.until);
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/reported_requests.sql"))?;
        let mut left = MOST_REQUESTS;
        for Told { session_no, requests, .. } in told.into_iter().filter(|told| !told.is_reported) {
            left -= requests;
            if left < 0 {
                break;
            }
            let mut rows = statement.query([session_no])?;
            while let Some(row) = rows.next()? {
                let slot = quarter_of(Timestamp::from_micros(row.get(0)?));
                if (range.from..range.until).contains(&slot) {
                    let (agent_no, model_no, facet_no) = (row.get(1)?, row.get(2)?, row.get(3)?);
                    let totals = Totals::of_reported(1);
                    each(&Reported { slot, session_no, agent_no, model_no, facet_no, totals })?;
                }
            }
        }
        Ok(())
    }

    /// How many requests were made where in a range, of all sessions or of the one that is asked for.
    fn each_told(
        &self,
        query: &SpendQuery,
        cover: &[SlotRange],
        mut each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        const COLUMNS: &str = "SELECT slot, session_no, agent_no, model_no, facet_no, requests FROM spend";
        let mut read = |sql: &str, asked: &[i64]| {
            let mut statement = self.connection().prepare_cached(&format!("{COLUMNS} {sql}"))?;
            let mut rows = statement.query(params_from_iter(asked))?;
            while let Some(row) = rows.next()? {
                each(row)?;
            }
            Ok(())
        };
        if query.session_id.is_some() {
            let range = slot::quarters(query.since, query.until);
            let sql =
                "INDEXED BY spend_by_session WHERE width_s = 900 AND session_no = ?1 AND slot >= ?2 AND slot < ?3";
            let sessions = self.sessions_of(query)?.unwrap_or_default();
            return sessions.into_iter().try_for_each(|session_no| read(sql, &[session_no, range.from, range.until]));
        }
        let sql = "WHERE width_s = ?1 AND slot >= ?2 AND slot < ?3";
        cover.iter().try_for_each(|part| read(sql, &[part.width_s, part.from, part.until]))
    }

    /// Sessions of which telemetry told, as far as they can have made requests in the range; the latest first.
    pub(super) fn list_told(&self, query: &SpendQuery) -> Result<Vec<Told>> {
        let mut told = Vec::new();
        if !self.has_telemetry()? {
            return Ok(told);
        }
        let sessions = self.sessions_of(query)?;
        let mut statement = self.connection().prepare_cached(include_str!("../../queries/told_sessions.sql"))?;
        // Telemetry's clock and the transcript's may differ.
        let edge = |at: Option<Timestamp>| at.map(Timestamp::as_micros);
        let mut rows =
            statement.query(params![Sources::OTLP, edge(query.since), edge(query.until), 2 * DAY_S * 1_000_000])?;
        while let Some(row) = rows.next()? {
            let session_no = row.get(0)?;
            if sessions.as_ref().is_none_or(|wanted| wanted.contains(&session_no)) {
                told.push(Told { session_no, requests: row.get(1)?, is_reported: row.get(2)? });
            }
        }
        Ok(told)
    }

    /// Whether telemetry told of anything at all: nothing but it tells of single requests what they cost.
    fn has_telemetry(&self) -> Result<bool> {
        let sql = "SELECT EXISTS (SELECT 1 FROM source WHERE kind = 3)";
        Ok(self.connection().prepare_cached(sql)?.query_row([], |row| row.get(0))?)
    }

    /// How many reported requests each agent of a session made in each turn, by their numbers.
    pub(super) fn count_reported(&self, session_no: i64) -> Result<Vec<(i64, i64, Totals)>> {
        if !self.has_telemetry()? {
            return Ok(Vec::new());
        }
        let mut statement = self.connection().prepare_cached(
            "SELECT agent_no, turn_no, count(*) FROM request INDEXED BY request_by_session \
             WHERE session_no = ?1 AND is_counted = 1 AND usage_at IS NOT NULL AND basis = 0 GROUP BY agent_no, turn_no",
        )?;
        let rows = statement
            .query_map([session_no], |row| Ok((row.get(0)?, row.get(1)?, Totals::of_reported(row.get(2)?))))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The same for agents whatever the turn.
    pub(super) fn count_reported_of_agents(&self, session_no: i64) -> Result<HashMap<i64, Totals>> {
        let mut agents = HashMap::<i64, Totals>::new();
        for (agent_no, _, totals) in self.count_reported(session_no)? {
            agents.entry(agent_no).or_default().add(&totals, 1);
        }
        Ok(agents)
    }
}

/// Says of a slot, or of a part of it, how many of its requests are reported.
pub(super) fn mark(slots: &mut SpendSlots, reported: &Reported, key: Option<&str>) {
    let end = slots.whole.partition_point(|(slot, _)| *slot <= reported.slot);
    if let Some((_, totals)) = end.checked_sub(1).and_then(|place| slots.whole.get_mut(place)) {
        totals.add(&reported.totals, 1);
    }
    let Some(key) = key else { return };
    let end = slots.parts.partition_point(|part| part.slot <= reported.slot);
    let Some(slot) = end.checked_sub(1).map(|place| slots.parts[place].slot) else { return };
    let same = slots.parts[..end].iter_mut().rev().take_while(|part| part.slot == slot);
    if let Some(part) = same.into_iter().find(|part| part.key == key) {
        part.totals.add(&reported.totals, 1);
    }
}
