//! Row numbers of ids, and back: remembered while the writer lives, found or made in the tables otherwise.

use std::collections::HashMap;

use argus_model::{AgentId, EventKind, Owner, PromptId, RequestState, SessionId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

use crate::Result;
use crate::table::event::Names;
use crate::table::facet::{self, Facet};
use crate::table::request::OwnerNo;
use crate::table::{agent, session};

/// Forget everything beyond so many remembered ids; they are found again when needed.
const LARGE: usize = 200_000;

#[derive(Default)]
pub(super) struct Numbers {
    sessions: HashMap<SessionId, i64>,
    agents: HashMap<(i64, AgentId), i64>,
    turns: HashMap<(i64, PromptId), i64>,
    threads: HashMap<(i64, i64, i64), i64>,
    copied_until: HashMap<i64, Option<Timestamp>>,
    models: HashMap<Box<str>, i64>,
    tools: HashMap<Box<str>, i64>,
    /// All there are, once any was asked for.
    facets: Option<HashMap<Facet, i64>>,
    recent: Recent,
}

/// What was asked for last: facts come in runs of one session, agent and turn.
#[derive(Default)]
struct Recent {
    session: Option<(SessionId, i64)>,
    agent: Option<(i64, AgentId, i64)>,
    turn: Option<(i64, PromptId, i64)>,
    thread: Option<([i64; 3], i64)>,
    facet: Option<(Facet, i64)>,
}

impl Numbers {
    pub(super) fn forget_if_large(&mut self) {
        if self.sessions.len() + self.agents.len() + self.turns.len() + self.threads.len() > LARGE {
            *self = Self::default();
        }
    }

    pub(super) fn session(&mut self, connection: &Connection, id: &SessionId) -> Result<i64> {
        if let Some((recent, number)) = &self.recent.session
            && recent == id
        {
            return Ok(*number);
        }
        let number = self.find_session(connection, id)?;
        self.recent.session = Some((id.clone(), number));
        Ok(number)
    }

    fn find_session(&mut self, connection: &Connection, id: &SessionId) -> Result<i64> {
        if let Some(number) = self.sessions.get(id) {
            return Ok(*number);
        }
        let found = session::get(connection, id)?;
        let number = match found {
            Some((number, state)) => {
                self.copied_until.insert(number, state.copied_until.value());
                number
            }
            None => {
                let number = session::insert(connection, id)?;
                self.copied_until.insert(number, None);
                number
            }
        };
        self.sessions.insert(id.clone(), number);
        Ok(number)
    }

    /// Up to when a session's lines are its parent's.
    pub(super) fn copied_until(&self, session_no: i64) -> Option<Timestamp> {
        self.copied_until.get(&session_no).copied().flatten()
    }

    pub(super) fn set_copied_until(&mut self, session_no: i64, until: Option<Timestamp>) {
        self.copied_until.insert(session_no, until);
    }

    pub(super) fn agent(&mut self, connection: &Connection, session_no: i64, id: &AgentId) -> Result<i64> {
        if let Some((session, recent, number)) = &self.recent.agent
            && (*session, recent) == (session_no, id)
        {
            return Ok(*number);
        }
        let number = self.find_agent(connection, session_no, id)?;
        self.recent.agent = Some((session_no, id.clone(), number));
        Ok(number)
    }

    fn find_agent(&mut self, connection: &Connection, session_no: i64, id: &AgentId) -> Result<i64> {
        let key = (session_no, id.clone());
        if let Some(number) = self.agents.get(&key) {
            return Ok(*number);
        }
        let found = connection
            .prepare_cached("SELECT agent_no FROM agent WHERE session_no = ?1 AND agent_id = ?2")?
            .query_row(params![session_no, id.as_str()], |row| row.get(0))
            .optional()?;
        let number = match found {
            Some(number) => number,
            None => agent::insert(connection, session_no, id)?,
        };
        self.agents.insert(key, number);
        Ok(number)
    }

    /// The turn's number; 0 stands for "before the first turn, or unknown".
    pub(super) fn turn(&mut self, connection: &Connection, session_no: i64, id: Option<&PromptId>) -> Result<i64> {
        let Some(id) = id else { return Ok(0) };
        if let Some((session, recent, number)) = &self.recent.turn
            && (*session, recent) == (session_no, id)
        {
            return Ok(*number);
        }
        let number = self.find_turn(connection, session_no, id)?;
        self.recent.turn = Some((session_no, id.clone(), number));
        Ok(number)
    }

    fn find_turn(&mut self, connection: &Connection, session_no: i64, id: &PromptId) -> Result<i64> {
        let key = (session_no, id.clone());
        if let Some(number) = self.turns.get(&key) {
            return Ok(*number);
        }
        let found = connection
            .prepare_cached("SELECT turn_no FROM turn WHERE session_no = ?1 AND prompt_id = ?2")?
            .query_row(params![session_no, id.as_str()], |row| row.get(0))
            .optional()?;
        let number = match found {
            Some(number) => number,
            None => connection
                .prepare_cached("INSERT INTO turn (session_no, prompt_id) VALUES (?1, ?2)")?
                .insert(params![session_no, id.as_str()])?,
        };
        self.turns.insert(key, number);
        Ok(number)
    }

    /// The thread in which an agent's steps of a turn stand; subagents have one thread whatever the turn.
    pub(super) fn thread(
        &mut self,
        connection: &Connection,
        session_no: i64,
        agent_no: i64,
        turn_no: i64,
    ) -> Result<i64> {
        let key = (session_no, agent_no, turn_no);
        if let Some((_, number)) = self.recent.thread.filter(|(recent, _)| (recent[0], recent[1], recent[2]) == key) {
            return Ok(number);
        }
        if let Some(number) = self.threads.get(&key) {
            self.recent.thread = Some((key.into(), *number));
            return Ok(*number);
        }
        let found = connection
            .prepare_cached("SELECT thread_no FROM thread WHERE session_no = ?1 AND agent_no = ?2 AND turn_no = ?3")?
            .query_row(params![session_no, agent_no, turn_no], |row| row.get(0))
            .optional()?;
        let number = match found {
            Some(number) => number,
            None => connection
                .prepare_cached("INSERT INTO thread (session_no, agent_no, turn_no) VALUES (?1, ?2, ?3)")?
                .insert(params![session_no, agent_no, turn_no])?,
        };
        self.threads.insert(key, number);
        Ok(number)
    }
}

impl Numbers {
    /// The number of what a request was made for, and where.
    pub(super) fn facet(&mut self, connection: &Connection, state: &RequestState) -> Result<i64> {
        if let Some((recent, number)) = &self.recent.facet
            && recent.is_of(state)
        {
            return Ok(*number);
        }
        let facet = Facet::of(state);
        let number = self.find_facet(connection, &facet)?;
        self.recent.facet = Some((facet, number));
        Ok(number)
    }

    fn find_facet(&mut self, connection: &Connection, facet: &Facet) -> Result<i64> {
        if *facet == Facet::default() {
            return Ok(facet::UNKNOWN);
        }
        let known = match &mut self.facets {
            Some(known) => known,
            room => room.insert(facet::list(connection)?.into_iter().map(|(number, facet)| (facet, number)).collect()),
        };
        if let Some(number) = known.get(facet) {
            return Ok(*number);
        }
        let number = facet::insert(connection, facet)?;
        known.insert(facet.clone(), number);
        Ok(number)
    }

    /// The number of a model's name.
    pub(super) fn model(&mut self, connection: &Connection, model: &str) -> Result<i64> {
        if let Some(number) = self.models.get(model) {
            return Ok(*number);
        }
        let found = connection
            .prepare_cached("SELECT model_no FROM model WHERE model = ?1")?
            .query_row([model], |row| row.get(0))
            .optional()?;
        let number = match found {
            Some(number) => number,
            None => connection.prepare_cached("INSERT INTO model (model) VALUES (?1)")?.insert([model])?,
        };
        self.models.insert(model.into(), number);
        Ok(number)
    }

    /// The number under which an event of a kind is counted: its tool's, or the one for no tool; none for kinds that are
    /// not counted.
    pub(super) fn tool_of(&mut self, connection: &Connection, kind: EventKind, name: &str) -> Result<Option<i64>> {
        match kind {
            EventKind::ToolCall => Ok(Some(self.tool(connection, name)?)),
            EventKind::Error => Ok(Some(super::slots::NO_TOOL)),
            _ => Ok(None),
        }
    }

    fn tool(&mut self, connection: &Connection, name: &str) -> Result<i64> {
        if let Some(number) = self.tools.get(name) {
            return Ok(*number);
        }
        let found = connection
            .prepare_cached("SELECT tool_no FROM tool WHERE tool_name = ?1")?
            .query_row([name], |row| row.get(0))
            .optional()?;
        let number = match found {
            Some(number) => number,
            None => connection.prepare_cached("INSERT INTO tool (tool_name) VALUES (?1)")?.insert([name])?,
        };
        self.tools.insert(name.into(), number);
        Ok(number)
    }
}

/// The ids behind an event's numbers.
pub(super) fn names(connection: &Connection, agent_no: i64, turn_no: i64) -> rusqlite::Result<Names> {
    Ok(Names { agent_id: agent_name(connection, agent_no)?, prompt_id: turn_name(connection, turn_no)? })
}

/// The ids behind a request's owner.
pub(super) fn owner(connection: &Connection, owner: OwnerNo) -> rusqlite::Result<Owner> {
    let session: String = connection
        .prepare_cached("SELECT session_id FROM session WHERE session_no = ?1")?
        .query_row([owner.session_no], |row| row.get(0))?;
    Ok(Owner {
        session_id: SessionId::new(session),
        agent_id: agent_name(connection, owner.agent_no)?,
        prompt_id: turn_name(connection, owner.turn_no)?,
    })
}

fn agent_name(connection: &Connection, agent_no: i64) -> rusqlite::Result<AgentId> {
    let id: String = connection
        .prepare_cached("SELECT agent_id FROM agent WHERE agent_no = ?1")?
        .query_row([agent_no], |row| row.get(0))?;
    Ok(AgentId::new(id))
}

fn turn_name(connection: &Connection, turn_no: i64) -> rusqlite::Result<Option<PromptId>> {
    let id: Option<String> = connection
        .prepare_cached("SELECT prompt_id FROM turn WHERE turn_no = ?1")?
        .query_row([turn_no], |row| row.get(0))
        .optional()?;
    Ok(id.map(PromptId::new))
}
