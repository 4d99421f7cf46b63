//! Table `session`.

use argus_model::session::{Process, StopState, Waiting};
use argus_model::{SessionId, SessionState};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use super::{micros, time};
use crate::registers::{Pack, Unpack};

/// The stored state with its number, if the session is known.
pub(crate) fn get(connection: &Connection, id: &SessionId) -> rusqlite::Result<Option<(i64, SessionState)>> {
    connection
        .prepare_cached("SELECT * FROM session WHERE session_id = ?1")?
        .query_row([id.as_str()], |row| Ok((row.get("session_no")?, read(row)?)))
        .optional()
}

/// The state of a row.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<SessionState> {
    let merge: Vec<u8> = row.get("merge")?;
    let mut told = Unpack::new(&merge);
    let id: String = row.get("session_id")?;
    let mut state = SessionState::new(SessionId::new(id));
    state.sources = row.get("sources")?;
    state.started_at = time(row, "started_at")?.into();
    state.last_at = time(row, "last_at")?.into();
    state.entered_at = time(row, "entered_at")?.into();
    state.prompted_at = time(row, "prompted_at")?.into();
    state.resumed_at = time(row, "resumed_at")?.into();
    state.lost_at = time(row, "lost_at")?.into();
    state.copied_until = time(row, "copied_until")?.into();
    state.ended = told.last(row.get("end_reason")?);
    state.stopped =
        told.last(row.get::<_, Option<i64>>("stopped_background")?.map(|n| StopState { background_tasks: n }));
    let waiting = row.get::<_, Option<String>>("waiting_kind")?.zip(row.get("waiting_text")?);
    state.waiting = told.last(waiting.map(|(kind, text)| Waiting { kind, text }));
    let process = row.get::<_, Option<i64>>("pid")?.zip(row.get("pid_start")?);
    state.process = told.last(process.map(|(pid, start_ticks)| Process { pid, start_ticks }));
    state.project = told.first(row.get("project")?);
    state.cwd = told.first(row.get("cwd")?);
    state.git_branch = told.last(row.get("git_branch")?);
    state.model = told.last(row.get("model")?);
    state.title = told.last(row.get("title")?);
    state.client_version = told.last(row.get("client_version")?);
    state.entrypoint = told.first(row.get("entrypoint")?);
    state.permission_mode = told.last(row.get("permission_mode")?);
    state.parent_session_id = told.first(row.get::<_, Option<String>>("parent_session_id")?.map(SessionId::new));
    Ok(state)
}

fn pack(state: &SessionState) -> Vec<u8> {
    Pack::default()
        .last(&state.ended)
        .last(&state.stopped)
        .last(&state.waiting)
        .last(&state.process)
        .first(&state.project)
        .first(&state.cwd)
        .last(&state.git_branch)
        .last(&state.model)
        .last(&state.title)
        .last(&state.client_version)
        .first(&state.entrypoint)
        .last(&state.permission_mode)
        .first(&state.parent_session_id)
        .into_bytes()
}

/// A new row for a session of which only the id is known; its number.
pub(crate) fn insert(connection: &Connection, id: &SessionId) -> rusqlite::Result<i64> {
    connection
        .prepare_cached("INSERT INTO session (session_id, sources, merge) VALUES (?1, 0, x'')")?
        .insert(params![id.as_str()])
}

/// Writes the state back.
pub(crate) fn update(connection: &Connection, number: i64, state: &SessionState) -> rusqlite::Result<()> {
    connection.prepare_cached(include_str!("../../queries/update_session.sql"))?.execute(named_params! {
        ":session_no": number,
        ":sources": state.sources,
        ":started_at": micros(state.started_at.value()),
        ":last_at": micros(state.last_at.value()),
        ":entered_at": micros(state.entered_at.value()),
        ":ended_at": micros(state.ended.at()),
        ":end_reason": state.ended.get(),
        ":stopped_background": state.stopped.get().map(|s| s.background_tasks),
        ":prompted_at": micros(state.prompted_at.value()),
        ":resumed_at": micros(state.resumed_at.value()),
        ":waiting_kind": state.waiting.get().map(|w| &w.kind),
        ":waiting_text": state.waiting.get().map(|w| &w.text),
        ":pid": state.process.get().map(|p| p.pid),
        ":pid_start": state.process.get().map(|p| p.start_ticks),
        ":lost_at": micros(state.lost_at.value()),
        ":project": state.project.get(),
        ":cwd": state.cwd.get(),
        ":git_branch": state.git_branch.get(),
        ":model": state.model.get(),
        ":title": state.title.get(),
        ":client_version": state.client_version.get(),
        ":entrypoint": state.entrypoint.get(),
        ":permission_mode": state.permission_mode.get(),
        ":parent_session_id": state.parent_session_id.get().map(SessionId::as_str),
        ":copied_until": micros(state.copied_until.value()),
        ":merge": pack(state),
    })?;
    Ok(())
}

/// Changes to the counters of a session.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) turns: i64,
    pub(crate) tool_calls: i64,
    pub(crate) errors: i64,
    pub(crate) compactions: i64,
}

/// Adds `difference` to a session's counters.
pub(crate) fn count(connection: &Connection, number: i64, difference: Counts) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE session SET turn_count = turn_count + ?2, tool_call_count = tool_call_count + ?3, \
             error_count = error_count + ?4, compaction_count = compaction_count + ?5 WHERE session_no = ?1",
        )?
        .execute(params![number, difference.turns, difference.tool_calls, difference.errors, difference.compactions])?;
    Ok(())
}
