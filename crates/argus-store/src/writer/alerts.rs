//! Joining alerts: their grounds are facts, their states are people's words.
//!
//! Money is judged here too, inside the transaction that changed the sums: an alert about a budget can be neither lost
//! by a crash between two commits nor raised twice by a replay, for it hangs on a difference of stored rows.

use std::collections::HashSet;

use argus_model::budget::{Link, spread};
use argus_model::record::ContextStep;
use argus_model::{
    AgentId, AlertFact, EventKey, EventState, MessageId, PicoUsd, SessionId, SpendLimits, Spent, Timestamp, Totals,
};
use rusqlite::{Connection, OptionalExtension};

use super::{Pending, Writer};
use crate::Result;
use crate::query::list_context;
use crate::table::alert;
use crate::table::request::{OwnerNo, Stored};

/// An agent without a known parent is called an orphan only after this long without a sign of life.
pub(crate) const SETTLED_MS: i64 = 60_000;

/// The same, for sessions of whose calls nobody told.
const OBSERVED_MS: i64 = 3_600_000;
/// Sessions that were silent for longer are not looked at again.
const WATCHED_MS: i64 = 24 * 3_600_000;

/// Says what to make of money that was spent beyond a limit. Pure: the same money, the same alerts.
pub type Judge = Box<dyn Fn(&Spent) -> Vec<AlertFact> + Send>;

/// A thing that an alert may be about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AlertPlace {
    /// Its session.
    pub session_id: SessionId,
    /// What it is.
    pub key: EventKey,
    /// Whose doing.
    pub agent_id: AgentId,
    /// The tool.
    pub tool_name: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// The limits and who judges what exceeds them.
pub(super) struct SpendWatch {
    pub(super) limits: SpendLimits,
    judge: Judge,
}

/// Money matters that one transaction collects.
#[derive(Default)]
pub(super) struct Overspent {
    requests: Vec<Spent>,
    withdrawn: Vec<(i64, EventKey)>,
    /// When the newest usage of a session was written.
    newest: std::collections::HashMap<i64, Timestamp>,
}

impl Overspent {
    /// Something else that has to be judged.
    pub(super) fn note(&mut self, spent: Spent) {
        self.requests.push(spent);
    }

    /// What was said of a thing's money stands no more, unless it is said again in this transaction.
    pub(super) fn withdraw(&mut self, session_no: i64, key: EventKey) {
        self.withdrawn.push((session_no, key));
    }
}

/// Notes a request that went beyond its limit, or that does no longer.
pub(super) fn watch_request(watch: Option<&SpendWatch>, old: Option<&Stored>, new: &Stored, pending: &mut Pending) {
    let Some(watch) = watch else { return };
    let dear = |stored: &Stored| -> Option<(OwnerNo, Totals)> {
        stored.contribution().filter(|(_, sums)| sums.cost > watch.limits.request)
    };
    let (before, now) = (old.and_then(dear), dear(new));
    let message_id = &new.state.key.message_id;
    if let Some((owner, _)) = &before
        && now.as_ref().is_none_or(|(other, _)| other.session_no != owner.session_no)
    {
        pending.overspent.withdrawn.push((owner.session_no, EventState::request_key(message_id)));
    }
    let Some(record) = new.state.usage.get() else { return };
    if let Some(owner) = new.owner {
        let newest = pending.overspent.newest.entry(owner.session_no).or_insert(record.at);
        *newest = record.at.max(*newest);
    }
    if let (Some((_, sums)), Some(owner)) = (&now, new.state.owner.get()) {
        pending.overspent.requests.push(Spent::Request {
            session_id: owner.session_id.clone(),
            agent_id: owner.agent_id.clone(),
            message_id: message_id.clone(),
            model: record.model.clone(),
            cost: sums.cost,
            // Its first line stays where it is, whichever record of its usage counts in the end.
            at: new.state.first_at().unwrap_or(record.at),
        });
    }
}

impl Writer {
    /// From now on tells `judge` of money spent beyond `limits`, and keeps what it makes of it.
    pub fn watch_spending(&mut self, limits: SpendLimits, judge: Judge) {
        self.watch = Some(SpendWatch { limits, judge });
    }

    pub(super) fn join_alert(&mut self, fact: &AlertFact, pending: &mut Pending) -> Result<()> {
        let session_no = self.numbers.session(&self.connection, &fact.session_id)?;
        pending.alert_checks.insert((session_no, fact.key.clone()), false);
        if !alert::insert(&self.connection, session_no, fact)? {
            let Some(known) = alert::get(&self.connection, session_no, fact)? else { return Ok(()) };
            let mut new = fact.clone();
            new.ground.join(&known);
            if new.ground == known {
                return Ok(());
            }
            alert::update(&self.connection, session_no, &new)?;
        }
        pending.touched.insert(fact.session_id.clone());
        Ok(())
    }

    /// After the sums of a session were changed by `difference`: did it pass its limit, or fall back below?
    pub(super) fn watch_session(&self, session_no: i64, difference: PicoUsd, pending: &mut Pending) -> Result<()> {
        let Some(watch) = &self.watch else { return Ok(()) };
        let (id, cost) = self
            .connection
            .prepare_cached("SELECT session_id, cost_picousd FROM session WHERE session_no = ?1")?
            .query_row([session_no], |row| Ok((row.get::<_, String>(0)?, PicoUsd(row.get(1)?))))?;
        let limit = watch.limits.session;
        let before = PicoUsd(cost.0 - difference.0);
        if cost > limit && before <= limit {
            // Every request that changes a sum was seen by `watch_request`.
            let at = pending.overspent.newest.get(&session_no).copied().unwrap_or(Timestamp::from_micros(0));
            pending.overspent.requests.push(Spent::Session { session_id: SessionId::new(id), cost, at });
        } else if cost <= limit && before > limit {
            pending.overspent.withdrawn.push((session_no, AlertFact::session_key()));
        }
        Ok(())
    }

    /// After it became known who started an agent: are they too deep by now, or too many?
    fn watch_agents(&self, session_no: i64, spent: &mut Vec<Spent>) -> Result<()> {
        let Some(watch) = &self.watch else { return Ok(()) };
        let mut statement = self.connection.prepare_cached(
            "SELECT a.agent_id, a.parent_agent_id, ifnull(a.started_at, a.last_at), s.session_id FROM agent AS a \
             JOIN session AS s ON s.session_no = a.session_no WHERE a.session_no = ?1",
        )?;
        let mut session_id = None;
        let rows = statement.query_map([session_no], |row| {
            session_id = Some(SessionId::new(row.get::<_, String>(3)?));
            Ok(Link {
                agent_id: AgentId::new(row.get::<_, String>(0)?),
                parent_agent_id: row.get::<_, Option<String>>(1)?.map(AgentId::new),
                at: row.get::<_, Option<i64>>(2)?.map(Timestamp::from_micros),
            })
        })?;
        let links: Vec<Link> = rows.collect::<rusqlite::Result<_>>()?;
        let Some(session_id) = session_id else { return Ok(()) };
        let found = spread(&links, &watch.limits.agents);
        spent.extend(found.into_iter().map(|spread| Spent::Agents { session_id: session_id.clone(), spread }));
        Ok(())
    }

    /// Judges what was overspent, then says of every alert that something was learnt about whether it stands.
    pub(super) fn settle_alerts(&mut self, pending: &mut Pending) -> Result<()> {
        let mut overspent = std::mem::take(&mut pending.overspent);
        for session_no in std::mem::take(&mut pending.linked) {
            self.watch_agents(session_no, &mut overspent.requests)?;
        }
        let judged: Vec<AlertFact> = self
            .watch
            .as_ref()
            .map(|watch| overspent.requests.iter().flat_map(&watch.judge).collect())
            .unwrap_or_default();
        for (session_no, key) in overspent.withdrawn {
            pending.alert_checks.insert((session_no, key), true);
        }
        for fact in &judged {
            self.join_alert(fact, pending)?;
        }
        for ((session_no, key), is_withdrawn) in std::mem::take(&mut pending.alert_checks) {
            alert::settle(&self.connection, session_no, &key, is_withdrawn)?;
        }
        Ok(())
    }

    /// Looks again at every alert of a session whose copied part became known.
    pub(super) fn recheck_alerts(&self, session_no: i64, pending: &mut Pending) -> Result<()> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT DISTINCT key FROM alert WHERE session_no = ?1 AND ground_rank > 0")?;
        let keys = statement.query_map([session_no], |row| row.get::<_, String>(0))?;
        for key in keys {
            pending.alert_checks.entry((session_no, EventKey::new(key?))).or_insert(false);
        }
        Ok(())
    }

    /// Judges all money and agents that are stored, as when limits were changed or a database is older than its rules.
    pub fn judge_everything(&mut self) -> Result<usize> {
        let Some(watch) = &self.watch else { return Ok(0) };
        let mut spent = dear_requests(&self.connection, watch.limits.request)?;
        spent.extend(dear_sessions(&self.connection, watch.limits.session)?);
        for session_no in sessions_with_agents(&self.connection)? {
            self.watch_agents(session_no, &mut spent)?;
        }
        let alerts: Vec<AlertFact> = spent.iter().flat_map(&watch.judge).collect();
        let count = alerts.len();
        self.apply(&[super::Batch { alerts, ..super::Batch::default() }])?;
        Ok(count)
    }

    /// Calls that ran past a guard which answers in their session, of which no word can be on its way any more.
    pub fn list_unguarded(&self, now: Timestamp, back_to: Timestamp) -> Result<Vec<Spent>> {
        let (alive, settled) = (back_to.as_micros() - WATCHED_MS * 1_000, now.as_micros() - SETTLED_MS * 1_000);
        let mut statement = self.connection.prepare_cached(include_str!("../../queries/unguarded.sql"))?;
        let rows = statement.query_map([alive, settled], |row| {
            Ok(Spent::Unguarded {
                session_id: SessionId::new(row.get::<_, String>("session_id")?),
                key: EventKey::new(row.get::<_, String>("key")?),
                agent_id: AgentId::new(row.get::<_, String>("agent_id")?),
                tool_name: row.get("tool_name")?,
                at: Timestamp::from_micros(row.get("hook_at")?),
                was_denied: false,
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The first call of each session that ran since the hook was registered, and of which no hook told.
    pub fn list_unobserved(&self, now: Timestamp, back_to: Timestamp, since: Timestamp) -> Result<Vec<AlertPlace>> {
        let (alive, settled) = (back_to.as_micros() - OBSERVED_MS * 1_000, now.as_micros() - SETTLED_MS * 1_000);
        let mut statement = self.connection.prepare_cached(include_str!("../../queries/unobserved.sql"))?;
        let rows = statement.query_map([alive, settled, since.as_micros()], |row| {
            Ok(AlertPlace {
                session_id: SessionId::new(row.get::<_, String>("session_id")?),
                key: EventKey::new(row.get::<_, String>("key")?),
                agent_id: AgentId::new(row.get::<_, String>("agent_id")?),
                tool_name: row.get("tool_name")?,
                at: Timestamp::from_micros(row.get("line_at")?),
            })
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// Calls with which a row of the same failing ones, or of readings of the same file, became long; with its words, and
    /// whether it failed.
    pub fn list_repeated(&self, back_to: Timestamp) -> Result<Vec<(AlertPlace, String, bool)>> {
        let alive = back_to.as_micros() - OBSERVED_MS * 1_000;
        let mut statement = self.connection.prepare_cached(include_str!("../../queries/repeated.sql"))?;
        let rows = statement.query_map([alive], |row| {
            let place = AlertPlace {
                session_id: SessionId::new(row.get::<_, String>("session_id")?),
                key: EventKey::new(row.get::<_, String>("key")?),
                agent_id: AgentId::new(row.get::<_, String>("agent_id")?),
                tool_name: row.get("tool_name")?,
                at: Timestamp::from_micros(row.get("at")?),
            };
            Ok((place, row.get("label")?, row.get("has_failed")?))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The agents that worked in the last hour, each with its last sign of life.
    pub fn list_busy_agents(&self, now: Timestamp) -> Result<Vec<(SessionId, AgentId, Timestamp)>> {
        let alive = now.as_micros() - OBSERVED_MS * 1_000;
        let mut statement = self.connection.prepare_cached(
            "SELECT s.session_id, a.agent_id, a.last_at FROM session AS s INDEXED BY session_by_last \
             JOIN agent AS a USING (session_no) WHERE s.last_at >= ?1 AND a.last_at >= ?1",
        )?;
        let rows = statement.query_map([alive], |row| {
            let (session, agent): (String, String) = (row.get(0)?, row.get(1)?);
            Ok((SessionId::new(session), AgentId::new(agent), Timestamp::from_micros(row.get(2)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// What the context of an agent is made of, as readers are told it, and which alerts about contexts stand in its session.
    pub fn list_context(
        &self,
        session_id: &SessionId,
        agent_id: &AgentId,
    ) -> Result<(Vec<ContextStep>, HashSet<String>)> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT session_no, ifnull(copied_until, -1) FROM session WHERE session_id = ?1")?;
        let found = statement.query_row([session_id.as_str()], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some(session) = found else { return Ok(Default::default()) };
        let steps = list_context(&self.connection, session_id, session, agent_id)?.unwrap_or_default();
        let mut statement = self.connection.prepare_cached(
            "SELECT key || '~' || rule FROM alert WHERE session_no = ?1 AND rule >= 'context.' AND rule < 'context/'",
        )?;
        let told = statement.query_map([session.0], |row| row.get(0))?;
        Ok((steps, told.collect::<rusqlite::Result<_>>()?))
    }

    /// The session that was active last.
    pub fn latest_session(&self) -> Result<Option<SessionId>> {
        let found: Option<String> = self
            .connection
            .prepare_cached(
                "SELECT session_id FROM session WHERE last_at > 0 ORDER BY last_at DESC, session_no DESC LIMIT 1",
            )?
            .query_row([], |row| row.get(0))
            .optional()?;
        Ok(found.map(SessionId::new))
    }

    /// Agents without a known parent that were silent for a minute, so that no word of their parent can be on its way,
    /// and of which no alert tells yet.
    pub fn list_new_orphans(&self, now: Timestamp) -> Result<Vec<(SessionId, AgentId, Timestamp)>> {
        let settled = now.as_micros() - SETTLED_MS * 1_000;
        let mut statement = self.connection.prepare_cached(include_str!("../../queries/new_orphans.sql"))?;
        let rows = statement.query_map([settled], |row| {
            let (session, agent): (String, String) = (row.get(0)?, row.get(1)?);
            Ok((SessionId::new(session), AgentId::new(agent), Timestamp::from_micros(row.get(2)?)))
        })?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }
}

/// The parts of `SESSION~KEY~RULE`; the session is empty where an alert is about many. Keys hold no `~` of ours, but an agent's id might: the outer ones count.
pub(crate) fn split_alert_id(id: &str) -> Option<(&str, &str, &str)> {
    let (session_id, rest) = id.split_once('~')?;
    let (key, rule) = rest.rsplit_once('~')?;
    Some((session_id, key, rule))
}

fn sessions_with_agents(connection: &Connection) -> rusqlite::Result<Vec<i64>> {
    let mut statement = connection.prepare("SELECT DISTINCT session_no FROM agent WHERE agent_id <> ''")?;
    statement.query_map([], |row| row.get(0))?.collect()
}

fn dear_requests(connection: &Connection, limit: PicoUsd) -> rusqlite::Result<Vec<Spent>> {
    let mut statement = connection.prepare(include_str!("../../queries/dear_requests.sql"))?;
    let rows = statement.query_map([limit.0], |row| {
        Ok(Spent::Request {
            session_id: SessionId::new(row.get::<_, String>("session_id")?),
            agent_id: AgentId::new(row.get::<_, String>("agent_id")?),
            message_id: MessageId::new(row.get::<_, String>("message_id")?),
            model: row.get::<_, Option<String>>("model")?.unwrap_or_default(),
            cost: PicoUsd(row.get("cost_picousd")?),
            at: Timestamp::from_micros(row.get("usage_at")?),
        })
    })?;
    rows.collect()
}

fn dear_sessions(connection: &Connection, limit: PicoUsd) -> rusqlite::Result<Vec<Spent>> {
    let mut statement = connection.prepare(
        "SELECT session_id, cost_picousd, ifnull(last_at, 0) AS last_at FROM session WHERE cost_picousd > ?1",
    )?;
    let rows = statement.query_map([limit.0], |row| {
        Ok(Spent::Session {
            session_id: SessionId::new(row.get::<_, String>("session_id")?),
            cost: PicoUsd(row.get("cost_picousd")?),
            at: Timestamp::from_micros(row.get("last_at")?),
        })
    })?;
    rows.collect()
}
