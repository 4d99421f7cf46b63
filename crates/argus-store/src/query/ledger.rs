//! What was spent on a budget's account, by owner, session and quarter hour. The writer asks this before it raises alerts, and
//! readers ask it for pages, so that both see the same sums.

use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use argus_model::budget::Portion;
use argus_model::slot::{DAY_S, QUARTER_S, quarter_of};
use argus_model::{AgentId, Budget, BudgetDefinition, BudgetPeriod, BudgetScope, PicoUsd, SessionId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use super::Reader;
use crate::Result;
use crate::table::facet;

/// The sums, as the committed facts make them.
pub struct Ledger<'a> {
    connection: &'a Connection,
}

/// What budgets ask of a session.
struct Names {
    session_id: SessionId,
    project: Option<String>,
    branch: Option<String>,
}

/// A session that was alive lately, as far as budgets ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alive {
    /// Which.
    pub session_id: SessionId,
    /// Its project.
    pub project: Option<String>,
    /// Its branch.
    pub branch: Option<String>,
}

/// A row of `spend`, as far as budgets look at it.
struct Spent {
    slot: i64,
    session_no: i64,
    agent_no: i64,
    model_no: i64,
    facet_no: i64,
    cost: PicoUsd,
    is_lower_bound: bool,
}

/// An agent of a session: its id, its type, and who started it.
type Agent = (String, Option<String>, Option<String>);

impl Reader {
    /// The sums that budgets are weighed by.
    pub fn ledger(&self) -> Ledger<'_> {
        Ledger::of(self.connection())
    }
}

impl<'a> Ledger<'a> {
    pub(crate) fn of(connection: &'a Connection) -> Self {
        Self { connection }
    }

    /// What was spent on a budget's account in a time of many sessions.
    pub fn list_portions(&self, budget: &Budget, from: Timestamp, until: Timestamp) -> Result<Vec<Portion>> {
        let until_slot = quarter_of(Timestamp::from_micros(until.as_micros() + QUARTER_S * 1_000_000 - 1));
        self.portions(budget, quarter_of(from), until_slot, None)
    }

    /// What one session spent on a budget's account in its life.
    pub fn list_session_portions(&self, budget: &Budget, session_id: &SessionId) -> Result<Vec<Portion>> {
        let known: Option<(i64, Option<i64>, Option<i64>)> = self
            .connection
            .prepare_cached("SELECT session_no, started_at, last_at FROM session WHERE session_id = ?1")?
            .query_row([session_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((session_no, started_at, last_at)) = known else { return Ok(Vec::new()) };
        let (Some(from), Some(until)) = (started_at, last_at) else { return Ok(Vec::new()) };
        // Telemetry's clock and the transcript's may differ, so a day before and after is looked through as well.
        let slot = |micros| quarter_of(Timestamp::from_micros(micros));
        self.portions(budget, slot(from) - DAY_S, slot(until) + DAY_S, Some(session_no))
    }

    /// The money of each quarter hour since a time, of all sessions.
    pub fn list_quarters(&self, since: Timestamp) -> Result<Vec<(i64, PicoUsd)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT slot, cost_picousd FROM spend_total \
             WHERE project_no = 0 AND model_no = 0 AND width_s = 900 AND slot >= ?1 ORDER BY slot",
        )?;
        let rows = statement.query_map([quarter_of(since)], |row| Ok((row.get(0)?, PicoUsd(row.get(1)?))))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The session that spent most since a time.
    pub fn find_dearest_session(&self, since: Timestamp) -> Result<Option<SessionId>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT (SELECT s.session_id FROM session AS s WHERE s.session_no = p.session_no) FROM spend AS p \
             WHERE p.width_s = 900 AND p.slot >= ?1 GROUP BY p.session_no \
             ORDER BY sum(p.cost_picousd) DESC, p.session_no LIMIT 1",
        )?;
        let found = statement.query_row([quarter_of(since)], |row| row.get::<_, Option<String>>(0)).optional()?;
        Ok(found.flatten().map(SessionId::new))
    }

    /// Sessions that were alive since a time.
    pub fn list_alive(&self, since: Timestamp) -> Result<Vec<Alive>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT session_id, project, git_branch FROM session INDEXED BY session_by_last WHERE last_at >= ?1 \
             ORDER BY session_id",
        )?;
        let rows = statement.query_map([since.as_micros()], |row| {
            let session_id = SessionId::new(row.get::<_, String>(0)?);
            Ok(Alive { session_id, project: row.get(1)?, branch: row.get(2)? })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The model that answered each agent of a session last.
    pub fn list_models(&self, session_id: &SessionId) -> Result<Vec<(AgentId, String)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT agent_id, model FROM agent WHERE session_no = (SELECT session_no FROM session WHERE session_id = ?1) \
             AND model IS NOT NULL ORDER BY agent_id",
        )?;
        let rows = statement
            .query_map([session_id.as_str()], |row| Ok((AgentId::new(row.get::<_, String>(0)?), row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// A subagent, and all that it started.
    pub fn list_below(&self, session_id: &SessionId, agent_id: &AgentId) -> Result<Vec<AgentId>> {
        let mut statement = self.connection.prepare_cached(
            "WITH RECURSIVE below AS (SELECT ?2 AS agent_id UNION SELECT a.agent_id FROM below AS b JOIN agent AS a \
             ON a.parent_agent_id = b.agent_id AND a.session_no = (SELECT session_no FROM session WHERE session_id = ?1)) \
             SELECT agent_id FROM below ORDER BY agent_id",
        )?;
        let rows = statement
            .query_map([session_id.as_str(), agent_id.as_str()], |row| row.get::<_, String>(0).map(AgentId::new))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// All budgets that were ever defined, the oldest first.
    pub fn list_budgets(&self) -> Result<Vec<BudgetDefinition>> {
        Ok(list_definitions(self.connection)?.into_iter().map(|(_, definition)| definition).collect())
    }

    fn portions(&self, budget: &Budget, from: i64, until: i64, session_no: Option<i64>) -> Result<Vec<Portion>> {
        let models = if budget.scope == BudgetScope::Model { self.models()? } else { HashMap::new() };
        let branches = if budget.scope == BudgetScope::Branch { self.branches()? } else { HashMap::new() };
        let mut sessions = HashMap::<i64, Option<Names>>::new();
        let mut agents = HashMap::<i64, HashMap<i64, Agent>>::new();
        let mut sums = BTreeMap::<(Arc<str>, i64, i64), (i64, bool)>::new();
        self.each_row(from, until, session_no, |row| {
            let names = match sessions.entry(row.session_no) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(room) => room.insert(self.names(row.session_no)?),
            };
            let Some(names) = names else { return Ok(()) };
            let owners: Vec<Arc<str>> = match budget.scope {
                BudgetScope::All => vec![Arc::from("")],
                BudgetScope::Project => one(budget, names.project.as_deref()),
                BudgetScope::Branch => match branches.get(&row.facet_no) {
                    Some(branch) => one(budget, Some(branch.as_str()).filter(|branch| !branch.is_empty())),
                    None => one(budget, names.branch.as_deref()),
                },
                BudgetScope::Model => one(budget, models.get(&row.model_no).map(String::as_str)),
                BudgetScope::Session => one(budget, Some(names.session_id.as_str())),
                BudgetScope::Agent => {
                    let known = match agents.entry(row.session_no) {
                        Entry::Occupied(known) => known.into_mut(),
                        Entry::Vacant(room) => room.insert(self.agents(row.session_no)?),
                    };
                    above(budget, known, row.agent_no)
                }
            };
            for owner in owners {
                let (cost, is_lower_bound) = sums.entry((owner, row.session_no, row.slot)).or_default();
                *cost = cost.saturating_add(row.cost.0);
                *is_lower_bound |= row.is_lower_bound;
            }
            Ok(())
        })?;
        let portion = |((owner, session_no, slot), (cost, is_lower_bound))| {
            let names = sessions.get(&session_no).and_then(Option::as_ref)?;
            Some(Portion { owner, session_id: names.session_id.clone(), slot, cost: PicoUsd(cost), is_lower_bound })
        };
        Ok(sums.into_iter().filter_map(portion).collect())
    }

    fn each_row(
        &self,
        from: i64,
        until: i64,
        session_no: Option<i64>,
        mut each: impl FnMut(&Spent) -> Result<()>,
    ) -> Result<()> {
        let mut statement = self.connection.prepare_cached(
            "SELECT slot, session_no, agent_no, model_no, facet_no, cost_picousd, \
             incomplete_requests + unpriced_requests FROM spend \
             WHERE width_s = 900 AND slot >= ?1 AND slot < ?2 AND (?3 IS NULL OR session_no = ?3)",
        )?;
        let mut rows = statement.query(params![from, until, session_no])?;
        while let Some(row) = rows.next()? {
            each(&Spent {
                slot: row.get(0)?,
                session_no: row.get(1)?,
                agent_no: row.get(2)?,
                model_no: row.get(3)?,
                facet_no: row.get(4)?,
                cost: PicoUsd(row.get(5)?),
                is_lower_bound: row.get::<_, i64>(6)? > 0,
            })?;
        }
        Ok(())
    }

    fn names(&self, session_no: i64) -> Result<Option<Names>> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT session_id, project, git_branch FROM session WHERE session_no = ?1")?;
        let found = statement.query_row([session_no], |row| {
            let session_id = SessionId::new(row.get::<_, String>(0)?);
            Ok(Names { session_id, project: row.get(1)?, branch: row.get(2)? })
        });
        Ok(found.optional()?)
    }

    /// The branches of requests that are known to have one, or to have none.
    fn branches(&self) -> Result<HashMap<i64, String>> {
        let facets = facet::list(self.connection)?.into_iter();
        Ok(facets.filter_map(|(number, facet)| Some((number, facet.into_facets().branch?))).collect())
    }

    fn models(&self) -> Result<HashMap<i64, String>> {
        let mut statement = self.connection.prepare_cached("SELECT model_no, model FROM model")?;
        let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    fn agents(&self, session_no: i64) -> Result<HashMap<i64, Agent>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT agent_no, agent_id, agent_type, parent_agent_id FROM agent WHERE session_no = ?1",
        )?;
        let rows =
            statement.query_map([session_no], |row| Ok((row.get(0)?, (row.get(1)?, row.get(2)?, row.get(3)?))))?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// The owner by this name, if the budget is about it.
fn one(budget: &Budget, name: Option<&str>) -> Vec<Arc<str>> {
    match name {
        Some(name) if budget.is_about(name) => vec![Arc::from(if budget.is_each() { name } else { "" })],
        _ => Vec::new(),
    }
}

/// The subagents on the way up from an agent, itself among them, that a budget is about.
fn above(budget: &Budget, agents: &HashMap<i64, Agent>, agent_no: i64) -> Vec<Arc<str>> {
    let mut owners = Vec::new();
    let mut here = agents.get(&agent_no);
    // No way up is longer than there are agents.
    for _ in 0..=agents.len() {
        let Some((agent_id, kind, parent)) = here.filter(|(agent_id, ..)| !agent_id.is_empty()) else { break };
        if budget.is_about(kind.as_deref().unwrap_or_default()) {
            owners.push(Arc::from(agent_id.as_str()));
        }
        here = parent.as_ref().and_then(|parent| agents.values().find(|(agent_id, ..)| agent_id == parent));
    }
    owners
}

/// All definitions with their numbers.
pub(crate) fn list_definitions(connection: &Connection) -> Result<Vec<(i64, BudgetDefinition)>> {
    let mut statement = connection.prepare_cached("SELECT * FROM budget ORDER BY budget_no")?;
    let rows = statement.query_map([], |row| {
        let steps: String = row.get("steps")?;
        let budget = Budget {
            name: row.get("name")?,
            scope: BudgetScope::parse(&row.get::<_, String>("scope")?).unwrap_or(BudgetScope::All),
            selector: row.get("selector")?,
            period: BudgetPeriod::parse(&row.get::<_, String>("period")?).unwrap_or(BudgetPeriod::Day),
            amount: PicoUsd(row.get("amount_picousd")?),
            steps: steps.split(',').filter_map(|step| step.parse().ok()).collect(),
            has_forecast: row.get("has_forecast")?,
            has_stop: row.get("has_stop")?,
        };
        let at = |micros: Option<i64>| micros.map(Timestamp::from_micros);
        let (since, until) = (at(row.get("since_at")?), at(row.get("until_at")?));
        Ok((row.get("budget_no")?, BudgetDefinition { budget, since, until }))
    })?;
    Ok(rows.collect::<rusqlite::Result<_>>()?)
}
