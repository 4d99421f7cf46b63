//! Table `agent`.

use argus_model::agent::{AgentEnd, AgentKind};
use argus_model::{AgentId, AgentState, PromptId, SessionId, ToolUseId};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::{micros, time};
use crate::registers::{Pack, Unpack};

/// The stored state with its number, if the agent is known.
pub(crate) fn get(
    connection: &Connection,
    session_no: i64,
    session_id: &SessionId,
    id: &AgentId,
) -> rusqlite::Result<Option<(i64, AgentState)>> {
    connection
        .prepare_cached("SELECT * FROM agent WHERE session_no = ?1 AND agent_id = ?2")?
        .query_row(params![session_no, id.as_str()], |row| Ok((row.get("agent_no")?, read(row, session_id)?)))
        .optional()
}

/// The state of a row.
pub(crate) fn read(row: &Row<'_>, session_id: &SessionId) -> rusqlite::Result<AgentState> {
    let merge: Vec<u8> = row.get("merge")?;
    let mut told = Unpack::new(&merge);
    let id: String = row.get("agent_id")?;
    let mut state = AgentState::new(session_id.clone(), AgentId::new(id));
    state.seen = row.get("seen")?;
    state.parent_agent_id = told.first(row.get::<_, Option<String>>("parent_agent_id")?.map(AgentId::new));
    state.tool_use_id = told.first(row.get::<_, Option<String>>("tool_use_id")?.map(ToolUseId::new));
    state.prompt_id = told.first(row.get::<_, Option<String>>("prompt_id")?.map(PromptId::new));
    state.agent_type = told.first(row.get("agent_type")?);
    state.description = told.first(row.get("description")?);
    state.kind = told.first(row.get::<_, Option<String>>("kind")?.and_then(|word| AgentKind::parse(&word)));
    state.model = told.last(row.get("model")?);
    state.cwd = told.first(row.get("cwd")?);
    state.started_at = time(row, "started_at")?.into();
    state.last_at = time(row, "last_at")?.into();
    state.ended = told.last(row.get::<_, Option<String>>("ended")?.and_then(|word| AgentEnd::parse(&word)));
    state.boundary_at = time(row, "boundary_at")?.into();
    Ok(state)
}

/// A new row for an agent of which only the id is known; its number.
pub(crate) fn insert(connection: &Connection, session_no: i64, id: &AgentId) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("INSERT INTO agent (session_no, agent_id, seen, merge) VALUES (?1, ?2, 0, x'')")?
        .insert(params![session_no, id.as_str()])
}

/// Writes the state back.
pub(crate) fn update(connection: &Connection, number: i64, state: &AgentState) -> rusqlite::Result<()> {
    let merge = Pack::default()
        .first(&state.parent_agent_id)
        .first(&state.tool_use_id)
        .first(&state.prompt_id)
        .first(&state.agent_type)
        .first(&state.description)
        .first(&state.kind)
        .last(&state.model)
        .first(&state.cwd)
        .last(&state.ended)
        .into_bytes();
    connection
        .prepare_cached(
            "UPDATE agent SET seen = :seen, parent_agent_id = :parent, tool_use_id = :tool_use_id, \
             prompt_id = :prompt_id, agent_type = :agent_type, description = :description, kind = :kind, \
             model = :model, cwd = :cwd, started_at = :started_at, last_at = :last_at, ended = :ended, \
             boundary_at = :boundary_at, merge = :merge WHERE agent_no = :agent_no",
        )?
        .execute(named_params! {
            ":agent_no": number,
            ":seen": state.seen,
            ":parent": state.parent_agent_id.get().map(AgentId::as_str),
            ":tool_use_id": state.tool_use_id.get().map(ToolUseId::as_str),
            ":prompt_id": state.prompt_id.get().map(PromptId::as_str),
            ":agent_type": state.agent_type.get(),
            ":description": state.description.get(),
            ":kind": state.kind.get().map(|kind| kind.as_str()),
            ":model": state.model.get(),
            ":cwd": state.cwd.get(),
            ":started_at": micros(state.started_at.value()),
            ":last_at": micros(state.last_at.value()),
            ":ended": state.ended.get().map(|end| end.as_str()),
            ":boundary_at": micros(state.boundary_at.value()),
            ":merge": merge,
        })?;
    Ok(())
}

/// Adds to an agent's counters.
pub(crate) fn count(connection: &Connection, number: i64, tool_calls: i64, errors: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE agent SET tool_call_count = tool_call_count + ?2, error_count = error_count + ?3 WHERE agent_no = ?1",
        )?
        .execute(params![number, tool_calls, errors])?;
    Ok(())
}
