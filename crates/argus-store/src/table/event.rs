//! Table `event`.

use argus_model::{
    AgentId, BodyRef, EventKey, EventKind, EventState, Evidence, First, MessageId, Outcome, PromptId, SessionId,
};
use rusqlite::{CachedStatement, Connection, OptionalExtension, Row, Statement, named_params, params};

use super::{micros, time};
use crate::registers::{Pack, Unpack};

/// Numbers under which the writer files an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) session_no: i64,
    pub(crate) thread_no: i64,
    pub(crate) agent_no: i64,
    pub(crate) turn_no: i64,
}

/// An event's part of its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Share {
    /// The quarter hour of the request's usage record.
    pub(crate) slot: i64,
    pub(crate) basis: i64,
    pub(crate) cost_picousd: Option<i64>,
    pub(crate) input: i64,
    pub(crate) output: i64,
    pub(crate) write_5m: i64,
    pub(crate) write_1h: i64,
    pub(crate) read: i64,
}

/// Names of agent and turn, which the row holds as numbers.
pub(crate) struct Names {
    pub(crate) agent_id: AgentId,
    pub(crate) prompt_id: Option<PromptId>,
}

/// The stored state and place, if the event is known. `names` turns the row's numbers back into ids.
pub(crate) fn get(
    connection: &Connection,
    session_no: i64,
    session_id: &SessionId,
    key: &EventKey,
    names: impl Fn(i64, i64) -> rusqlite::Result<Names>,
) -> rusqlite::Result<Option<(Place, EventState)>> {
    connection
        .prepare_cached("SELECT * FROM event WHERE session_no = ?1 AND key = ?2")?
        .query_row(params![session_no, key.as_str()], |row| {
            let place = read_place(row)?;
            Ok((place, read(row, session_id, names(place.agent_no, place.turn_no)?)?))
        })
        .optional()
}

/// The numbers of a row.
pub(crate) fn read_place(row: &Row<'_>) -> rusqlite::Result<Place> {
    Ok(Place {
        session_no: row.get("session_no")?,
        thread_no: row.get("thread_no")?,
        agent_no: row.get("agent_no")?,
        turn_no: row.get("turn_no")?,
    })
}

fn body_ref(row: &Row<'_>, source: &str, offset: &str) -> rusqlite::Result<Option<BodyRef>> {
    let pair = row.get::<_, Option<i64>>(source)?.zip(row.get(offset)?);
    Ok(pair.map(|(source_no, offset)| BodyRef { source_no, offset }))
}

fn read(row: &Row<'_>, session_id: &SessionId, names: Names) -> rusqlite::Result<EventState> {
    let merge: Vec<u8> = row.get("merge")?;
    let mut told = Unpack::new(&merge);
    let kind = EventKind::from_code(row.get("kind")?).unwrap_or(EventKind::Hook);
    let key: String = row.get("key")?;
    let mut state = EventState::new(session_id.clone(), EventKey::new(key), kind);
    state.agent_id = told.first(Some(names.agent_id));
    state.prompt_id = told.first(names.prompt_id);
    state.tool_name = told.first(row.get("tool_name")?);
    state.label = told.first(row.get("label")?);
    state.ended_at = told.first(time(row, "ended_at")?);
    state.duration_ms = told.first(row.get("duration_ms")?);
    state.message_id = told.first(row.get::<_, Option<String>>("message_id")?.map(MessageId::new));
    state.input_hash = told.first(row.get("input_hash")?);
    state.error = told.first(row.get("error")?);
    state.spawned_agent_id = told.first(row.get::<_, Option<String>>("spawned_agent_id")?.map(AgentId::new));
    state.input_ref = told.first(body_ref(row, "input_source", "input_offset")?);
    state.output_ref = told.first(body_ref(row, "output_source", "output_offset")?);
    state.output_bytes = told.first(row.get("output_bytes")?);
    state.commit_line = told.first(row.get("commit_line")?);
    state.hook_at = time(row, "hook_at")?.into();
    state.line_at = time(row, "line_at")?.into();
    state.evidence = Evidence(row.get("evidence")?);
    state.sources = row.get("sources")?;
    Ok(state)
}

fn pack(state: &EventState) -> Vec<u8> {
    Pack::default()
        .first(&state.agent_id)
        .first(&state.prompt_id)
        .first(&state.tool_name)
        .first(&state.label)
        .first(&state.ended_at)
        .first(&state.duration_ms)
        .first(&state.message_id)
        .first(&state.input_hash)
        .first(&state.error)
        .first(&state.spawned_agent_id)
        .first(&state.input_ref)
        .first(&state.output_ref)
        .first(&state.output_bytes)
        .first(&state.commit_line)
        .into_bytes()
}

/// Whether the event counts as an error in every total.
pub(crate) fn is_error(state: &EventState) -> bool {
    match state.kind {
        EventKind::ToolCall => Outcome::of(state.evidence).is_error(),
        EventKind::Error => true,
        _ => false,
    }
}

/// Where in time it is filed.
pub(crate) fn filed_at(state: &EventState) -> i64 {
    micros(state.started_at().or(state.ended_at.get().copied())).unwrap_or(0)
}

/// Writes new rows, one after the other. Finding a statement by its text costs a tenth of running it, so it is held.
pub(crate) struct Insert<'c>(CachedStatement<'c>);

impl<'c> Insert<'c> {
    /// Ready to write.
    pub(crate) fn prepare(connection: &'c Connection) -> rusqlite::Result<Self> {
        Ok(Self(connection.prepare_cached(include_str!("../../queries/insert_event.sql"))?))
    }

    /// Writes a row with its share; false, and nothing written, if the event is known already.
    pub(crate) fn run(&mut self, place: Place, state: &EventState, share: Option<Share>) -> rusqlite::Result<bool> {
        let next = bind(&mut self.0, place, state)?;
        let share = share.map_or([None; 8], |s| {
            [
                Some(s.basis),
                s.cost_picousd,
                Some(s.input),
                Some(s.output),
                Some(s.write_5m),
                Some(s.write_1h),
                Some(s.read),
                Some(s.slot),
            ]
        });
        for (index, value) in share.iter().enumerate() {
            self.0.raw_bind_parameter(next + index, value)?;
        }
        Ok(self.0.raw_execute()? == 1)
    }
}

/// Writes a known event anew; its share stays.
pub(crate) fn update(connection: &Connection, place: Place, state: &EventState) -> rusqlite::Result<()> {
    let mut statement = connection.prepare_cached(include_str!("../../queries/update_event.sql"))?;
    bind(&mut statement, place, state)?;
    statement.raw_execute()?;
    Ok(())
}

/// Binds what both statements share, in their order; the next parameter's number.
fn bind(statement: &mut Statement<'_>, place: Place, state: &EventState) -> rusqlite::Result<usize> {
    let source = |body: &First<BodyRef>| body.get().map(|b| b.source_no);
    let offset = |body: &First<BodyRef>| body.get().map(|b| b.offset);
    let merge = pack(state);
    let (message, spawned) =
        (state.message_id.get().map(MessageId::as_str), state.spawned_agent_id.get().map(AgentId::as_str));
    let common = params![
        place.session_no,
        state.key.as_str(),
        state.kind.code(),
        place.thread_no,
        filed_at(state),
        place.agent_no,
        place.turn_no,
        is_error(state),
        state.evidence.0,
        state.sources,
        state.tool_name.get(),
        state.label.get(),
        micros(state.hook_at.value()),
        micros(state.line_at.value()),
        micros(state.ended_at.get().copied()),
        state.duration_ms.get(),
        message,
        state.input_hash.get(),
        state.error.get(),
        spawned,
        source(&state.input_ref),
        offset(&state.input_ref),
        source(&state.output_ref),
        offset(&state.output_ref),
        state.output_bytes.get(),
        state.commit_line.get(),
        merge,
    ];
    for (index, value) in common.iter().enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    Ok(common.len() + 1)
}

/// Removes a model request's event, which no counter counts.
pub(crate) fn delete(connection: &Connection, session_no: i64, key: &EventKey) -> rusqlite::Result<()> {
    connection
        .prepare_cached("DELETE FROM event WHERE session_no = ?1 AND key = ?2")?
        .execute(params![session_no, key.as_str()])?;
    Ok(())
}

/// Sets the share of an event that stands already; `None` takes it away.
pub(crate) fn set_share(
    connection: &Connection,
    session_no: i64,
    key: &str,
    share: Option<Share>,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE event SET share_basis = :basis, share_cost_picousd = :cost, share_input = :input, \
             share_output = :output, share_write_5m = :write_5m, share_write_1h = :write_1h, share_read = :read, \
             share_slot = :slot \
             WHERE session_no = :session_no AND key = :key",
        )?
        .execute(named_params! {
            ":session_no": session_no,
            ":key": key,
            ":basis": share.map(|s| s.basis),
            ":cost": share.and_then(|s| s.cost_picousd),
            ":input": share.map(|s| s.input),
            ":output": share.map(|s| s.output),
            ":write_5m": share.map(|s| s.write_5m),
            ":write_1h": share.map(|s| s.write_1h),
            ":read": share.map(|s| s.read),
            ":slot": share.map(|s| s.slot),
        })?;
    Ok(())
}

/// Sets only the slot, of an event that has a share.
pub(crate) fn set_share_slot(connection: &Connection, session_no: i64, key: &str, slot: i64) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "UPDATE event SET share_slot = ?3 WHERE session_no = ?1 AND key = ?2 AND share_basis IS NOT NULL",
        )?
        .execute(params![session_no, key, slot])?;
    Ok(())
}

/// The columns that [`read_share`] reads.
macro_rules! share_columns {
    () => {
        "share_slot, share_basis, share_cost_picousd, share_input, share_output, share_write_5m, share_write_1h, \
         share_read"
    };
}
pub(crate) use share_columns;

/// What a stored event is, and its share.
pub(crate) struct Shared {
    pub(crate) kind: EventKind,
    pub(crate) tool_name: Option<String>,
    pub(crate) share: Option<Share>,
}

/// The share of an event, if the event is known.
pub(crate) fn get_share(connection: &Connection, session_no: i64, key: &str) -> rusqlite::Result<Option<Shared>> {
    connection
        .prepare_cached(concat!(
            "SELECT kind, tool_name, ",
            share_columns!(),
            " FROM event WHERE session_no = ?1 AND key = ?2"
        ))?
        .query_row(params![session_no, key], |row| {
            Ok(Shared { kind: read_kind(row, 0)?, tool_name: row.get(1)?, share: read_share(row, 2)? })
        })
        .optional()
}

/// The kind in a column.
pub(crate) fn read_kind(row: &Row<'_>, column: usize) -> rusqlite::Result<EventKind> {
    Ok(EventKind::from_code(row.get(column)?).unwrap_or(EventKind::Hook))
}

/// Reads a share from column `first` on.
pub(crate) fn read_share(row: &Row<'_>, first: usize) -> rusqlite::Result<Option<Share>> {
    let Some(basis) = row.get(first + 1)? else { return Ok(None) };
    Ok(Some(Share {
        slot: row.get::<_, Option<i64>>(first)?.unwrap_or(0),
        basis,
        cost_picousd: row.get(first + 2)?,
        input: row.get(first + 3)?,
        output: row.get(first + 4)?,
        write_5m: row.get(first + 5)?,
        write_1h: row.get(first + 6)?,
        read: row.get(first + 7)?,
    }))
}
