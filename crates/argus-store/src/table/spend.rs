//! Tables `spend`, `spend_total` and `spend_type`: sums of requests by slot of time.
//!
//! Rows that come to nothing are deleted, so that the tables are the same whatever way they came to be.

use argus_model::slot::{DAY_S, HOUR_S, QUARTER_S, day_of, hour_of};
use argus_model::{PicoUsd, Totals};
use rusqlite::{Connection, Row, params_from_iter};

/// The sums' columns, in the order in which they are bound and read.
macro_rules! sum_columns {
    () => {
        "requests, input_tokens, output_tokens, cache_write_5m_tokens, cache_write_1h_tokens, cache_read_tokens, \
         web_search_requests, cost_picousd, incomplete_requests, unpriced_requests"
    };
}
pub(crate) use sum_columns;

/// How the sums of a row that is there already change.
macro_rules! add_sums {
    () => {
        "requests = requests + excluded.requests, input_tokens = input_tokens + excluded.input_tokens, \
         output_tokens = output_tokens + excluded.output_tokens, \
         cache_write_5m_tokens = cache_write_5m_tokens + excluded.cache_write_5m_tokens, \
         cache_write_1h_tokens = cache_write_1h_tokens + excluded.cache_write_1h_tokens, \
         cache_read_tokens = cache_read_tokens + excluded.cache_read_tokens, \
         web_search_requests = web_search_requests + excluded.web_search_requests, \
         cost_picousd = cost_picousd + excluded.cost_picousd, \
         incomplete_requests = incomplete_requests + excluded.incomplete_requests, \
         unpriced_requests = unpriced_requests + excluded.unpriced_requests"
    };
}

/// Whose requests, answered by which model, made for what and where, in which quarter hour. Days tell no agents and no
/// models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct SpendKey {
    pub(crate) slot: i64,
    pub(crate) session_no: i64,
    pub(crate) agent_no: i64,
    pub(crate) model_no: i64,
    pub(crate) facet_no: i64,
}

impl SpendKey {
    /// The day's row to which a quarter hour's belongs.
    pub(crate) fn day(self) -> Self {
        Self { slot: day_of(self.slot), agent_no: 0, model_no: 0, ..self }
    }
}

/// Stands in `spend_total` for all models.
pub(crate) const ALL_MODELS: i64 = 0;

/// A row of `spend_total`: what one model, or all, answered in one project, or in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TotalKey {
    /// [`super::part::ALL_PROJECTS`], or one.
    pub(crate) project_no: i64,
    /// [`ALL_MODELS`], or one.
    pub(crate) model_no: i64,
    pub(crate) width_s: i64,
    pub(crate) slot: i64,
}

/// A row of `spend_type`: what subagents of one type used in one project, or in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TypeKey {
    /// [`super::part::ALL_PROJECTS`], or one.
    pub(crate) project_no: i64,
    pub(crate) type_no: i64,
    pub(crate) width_s: i64,
    pub(crate) slot: i64,
}

/// The statements that add to a row and that delete one that came to nothing.
macro_rules! statements {
    ($table:literal, $names:literal, $places:literal, $which:literal) => {
        [
            concat!(
                "INSERT INTO ",
                $table,
                " (",
                $names,
                ", ",
                sum_columns!(),
                ") VALUES (",
                $places,
                ") ON CONFLICT DO UPDATE SET ",
                add_sums!()
            ),
            concat!("DELETE FROM ", $table, " WHERE ", $which, " AND requests = 0"),
        ]
    };
}

/// Adds a difference to a quarter hour's row, or to its day's.
pub(crate) fn add(connection: &Connection, width_s: i64, key: SpendKey, sums: &Totals) -> rusqlite::Result<()> {
    const SQL: [&str; 2] = statements!(
        "spend",
        "width_s, slot, session_no, agent_no, model_no, facet_no",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16",
        "width_s = ?1 AND slot = ?2 AND session_no = ?3 AND agent_no = ?4 AND model_no = ?5 AND facet_no = ?6"
    );
    let key = [width_s, key.slot, key.session_no, key.agent_no, key.model_no, key.facet_no];
    add_row(connection, SQL, &key, sums)
}

/// Adds a difference to a slot of all sessions, or of a project's.
pub(crate) fn add_total(connection: &Connection, key: TotalKey, sums: &Totals) -> rusqlite::Result<()> {
    const SQL: [&str; 2] = statements!(
        "spend_total",
        "project_no, model_no, width_s, slot",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14",
        "project_no = ?1 AND model_no = ?2 AND width_s = ?3 AND slot = ?4"
    );
    add_row(connection, SQL, &[key.project_no, key.model_no, key.width_s, key.slot], sums)
}

/// Adds a difference to a slot of all subagents of a type.
pub(crate) fn add_type(connection: &Connection, key: TypeKey, sums: &Totals) -> rusqlite::Result<()> {
    const SQL: [&str; 2] = statements!(
        "spend_type",
        "project_no, type_no, width_s, slot",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14",
        "project_no = ?1 AND type_no = ?2 AND width_s = ?3 AND slot = ?4"
    );
    add_row(connection, SQL, &[key.project_no, key.type_no, key.width_s, key.slot], sums)
}

fn add_row(connection: &Connection, [add, delete]: [&str; 2], key: &[i64], sums: &Totals) -> rusqlite::Result<()> {
    connection.prepare_cached(add)?.execute(params_from_iter(key.iter().copied().chain(columns(sums))))?;
    if sums.requests < 0 {
        connection.prepare_cached(delete)?.execute(params_from_iter(key))?;
    }
    Ok(())
}

/// Both widths of a slot: the quarter hour itself and its day.
pub(crate) fn widths(slot: i64) -> [(i64, i64); 2] {
    [(QUARTER_S, slot), (DAY_S, day_of(slot))]
}

/// The widths of a slot of many sessions.
pub(crate) fn total_widths(slot: i64) -> [(i64, i64); 3] {
    [(QUARTER_S, slot), (HOUR_S, hour_of(slot)), (DAY_S, day_of(slot))]
}

fn columns(sums: &Totals) -> [i64; 10] {
    [
        sums.requests,
        sums.input_tokens,
        sums.output_tokens,
        sums.cache_write_5m_tokens,
        sums.cache_write_1h_tokens,
        sums.cache_read_tokens,
        sums.web_search_requests,
        sums.cost.0,
        sums.incomplete_requests,
        sums.unpriced_requests,
    ]
}

/// Reads the sums that stand from column `first` on; by number, since thousands of rows are read for a page.
pub(crate) fn read_sums(row: &Row<'_>, first: usize) -> rusqlite::Result<Totals> {
    Ok(Totals {
        requests: row.get(first)?,
        input_tokens: row.get(first + 1)?,
        output_tokens: row.get(first + 2)?,
        cache_write_5m_tokens: row.get(first + 3)?,
        cache_write_1h_tokens: row.get(first + 4)?,
        cache_read_tokens: row.get(first + 5)?,
        web_search_requests: row.get(first + 6)?,
        cost: PicoUsd(row.get(first + 7)?),
        incomplete_requests: row.get(first + 8)?,
        unpriced_requests: row.get(first + 9)?,
        ..Totals::default()
    })
}

fn read_key(row: &Row<'_>) -> rusqlite::Result<SpendKey> {
    Ok(SpendKey {
        slot: row.get(0)?,
        session_no: row.get(1)?,
        agent_no: row.get(2)?,
        model_no: row.get(3)?,
        facet_no: row.get(4)?,
    })
}

/// A session's quarter hours, or one agent's of them.
pub(crate) fn list_of_session(
    connection: &Connection,
    session_no: i64,
    agent_no: Option<i64>,
) -> rusqlite::Result<Vec<(SpendKey, Totals)>> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT slot, session_no, agent_no, model_no, facet_no, ",
        sum_columns!(),
        " FROM spend INDEXED BY spend_by_session WHERE width_s = 900 AND session_no = ?1 AND (?2 IS NULL OR agent_no = ?2)"
    ))?;
    let rows = statement.query_map((session_no, agent_no), |row| Ok((read_key(row)?, read_sums(row, 5)?)))?;
    rows.collect()
}

/// Every row of one width.
pub(crate) fn list(connection: &Connection, width_s: i64) -> rusqlite::Result<Vec<(SpendKey, Totals)>> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT slot, session_no, agent_no, model_no, facet_no, ",
        sum_columns!(),
        " FROM spend WHERE width_s = ?1"
    ))?;
    let rows = statement.query_map([width_s], |row| Ok((read_key(row)?, read_sums(row, 5)?)))?;
    rows.collect()
}
