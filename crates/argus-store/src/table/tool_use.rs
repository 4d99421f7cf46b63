//! Tables `tool_use` and `tool_total`: calls of each tool, what they cost and how long they took, by slot of time.

use argus_model::{Durations, PicoUsd, Totals};
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::request::take_varint;
use crate::registers::push_varint;

/// The numbers' columns, in the order in which they are bound and read; the histogram follows.
macro_rules! use_columns {
    () => {
        "calls, errors, denials, requests, input_tokens, output_tokens, cache_write_5m_tokens, \
         cache_write_1h_tokens, cache_read_tokens, cost_picousd, incomplete_requests, unpriced_requests, durations"
    };
}
pub(crate) use use_columns;

/// How often a tool was called, and what for. `spend.requests` counts the shares.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct ToolUse {
    pub(crate) calls: i64,
    pub(crate) errors: i64,
    pub(crate) denials: i64,
    pub(crate) spend: Totals,
    pub(crate) durations: Durations,
}

impl ToolUse {
    /// Adds `factor` times another.
    pub(crate) fn add(&mut self, other: &Self, factor: i64) {
        self.calls += factor * other.calls;
        self.errors += factor * other.errors;
        self.denials += factor * other.denials;
        self.spend.add(&other.spend, factor);
        self.durations.add(&other.durations, factor);
    }

    fn columns(&self) -> [i64; 12] {
        let spend = &self.spend;
        [
            self.calls,
            self.errors,
            self.denials,
            spend.requests,
            spend.input_tokens,
            spend.output_tokens,
            spend.cache_write_5m_tokens,
            spend.cache_write_1h_tokens,
            spend.cache_read_tokens,
            spend.cost.0,
            spend.incomplete_requests,
            spend.unpriced_requests,
        ]
    }
}

/// Reads what stands from column `first` on.
pub(crate) fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<ToolUse> {
    let mut sums = read_numbers(row, first)?;
    each_bucket(row.get_ref(first + 12)?.as_blob()?, |bucket, count| sums.durations.add_to(bucket, count));
    Ok(sums)
}

/// The same without the histogram.
pub(crate) fn read_numbers(row: &Row<'_>, first: usize) -> rusqlite::Result<ToolUse> {
    let spend = Totals {
        requests: row.get(first + 3)?,
        input_tokens: row.get(first + 4)?,
        output_tokens: row.get(first + 5)?,
        cache_write_5m_tokens: row.get(first + 6)?,
        cache_write_1h_tokens: row.get(first + 7)?,
        cache_read_tokens: row.get(first + 8)?,
        cost: PicoUsd(row.get(first + 9)?),
        incomplete_requests: row.get(first + 10)?,
        unpriced_requests: row.get(first + 11)?,
        ..Totals::default()
    };
    Ok(ToolUse {
        calls: row.get(first)?,
        errors: row.get(first + 1)?,
        denials: row.get(first + 2)?,
        spend,
        durations: Durations::default(),
    })
}

/// The statements of a table whose rows a few numbers name.
struct Statements {
    insert: &'static str,
    select: &'static str,
    replace: &'static str,
    delete: &'static str,
}

macro_rules! statements {
    ($table:literal, $names:literal, $places:literal, $which:literal) => {
        Statements {
            insert: concat!(
                "INSERT INTO ",
                $table,
                " (",
                $names,
                ", ",
                use_columns!(),
                ") VALUES (",
                $places,
                ") ON CONFLICT DO NOTHING"
            ),
            select: concat!("SELECT ", use_columns!(), " FROM ", $table, " WHERE ", $which),
            replace: concat!("REPLACE INTO ", $table, " (", $names, ", ", use_columns!(), ") VALUES (", $places, ")"),
            delete: concat!("DELETE FROM ", $table, " WHERE ", $which),
        }
    };
}

/// Adds a difference to a session's quarter hour.
pub(crate) fn add(connection: &Connection, key: [i64; 3], difference: &ToolUse) -> rusqlite::Result<()> {
    const SQL: Statements = statements!(
        "tool_use",
        "session_no, slot, tool_no",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16",
        "session_no = ?1 AND slot = ?2 AND tool_no = ?3"
    );
    add_row(connection, &SQL, &key, difference)
}

/// A row of `tool_total`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TotalKey {
    /// [`super::part::ALL_PROJECTS`], or one.
    pub(crate) project_no: i64,
    pub(crate) width_s: i64,
    pub(crate) slot: i64,
    pub(crate) tool_no: i64,
}

/// Adds a difference to a slot of all sessions, or of a project's.
pub(crate) fn add_total(connection: &Connection, key: TotalKey, difference: &ToolUse) -> rusqlite::Result<()> {
    const SQL: Statements = statements!(
        "tool_total",
        "project_no, width_s, slot, tool_no",
        "?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17",
        "project_no = ?1 AND width_s = ?2 AND slot = ?3 AND tool_no = ?4"
    );
    add_row(connection, &SQL, &[key.project_no, key.width_s, key.slot, key.tool_no], difference)
}

/// Most rows are new, so that is tried first; a histogram can be added to only outside of SQL.
fn add_row(connection: &Connection, sql: &Statements, key: &[i64], difference: &ToolUse) -> rusqlite::Result<()> {
    if write(connection, sql.insert, key, difference)? == 1 {
        return Ok(());
    }
    let stored =
        connection.prepare_cached(sql.select)?.query_row(params_from_iter(key), |row| read(row, 0)).optional()?;
    let mut sum = stored.unwrap_or_default();
    sum.add(difference, 1);
    if sum == ToolUse::default() {
        connection.prepare_cached(sql.delete)?.execute(params_from_iter(key))?;
    } else {
        write(connection, sql.replace, key, &sum)?;
    }
    Ok(())
}

fn write(connection: &Connection, sql: &str, key: &[i64], sums: &ToolUse) -> rusqlite::Result<usize> {
    let mut statement = connection.prepare_cached(sql)?;
    let numbers = sums.columns();
    for (index, value) in key.iter().chain(&numbers).enumerate() {
        statement.raw_bind_parameter(index + 1, value)?;
    }
    statement.raw_bind_parameter(key.len() + numbers.len() + 1, pack(&sums.durations))?;
    statement.raw_execute()
}

fn pack(durations: &Durations) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut last = 0;
    for (bucket, count) in durations.buckets() {
        push_varint(&mut bytes, bucket - last);
        push_varint(&mut bytes, count);
        last = bucket;
    }
    bytes
}

/// Each bucket of a packed histogram with its count.
pub(crate) fn each_bucket(mut packed: &[u8], mut each: impl FnMut(i64, i64)) {
    let mut bucket: i64 = 0;
    while !packed.is_empty() {
        bucket = bucket.saturating_add(take_varint(&mut packed));
        each(bucket, take_varint(&mut packed));
    }
}

/// The name of every tool by its number.
pub(crate) fn names(connection: &Connection) -> rusqlite::Result<std::collections::HashMap<i64, String>> {
    let mut statement = connection.prepare_cached("SELECT tool_no, tool_name FROM tool")?;
    statement.query_map(params![], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// All rows of one session.
pub(crate) fn list_of_session(
    connection: &Connection,
    session_no: i64,
) -> rusqlite::Result<Vec<((i64, i64), ToolUse)>> {
    let mut statement = connection.prepare_cached(concat!(
        "SELECT slot, tool_no, ",
        use_columns!(),
        " FROM tool_use WHERE session_no = ?1"
    ))?;
    statement
        .query_map(params_from_iter([session_no]), |row| Ok(((row.get(0)?, row.get(1)?), read(row, 2)?)))?
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn histograms_survive_packing() {
        let mut durations = Durations::default();
        for (ms, count) in [(0, 3), (31, 1), (32, 1), (9_000_000, 70_000), (i64::MAX, 1)] {
            durations.count(ms, count);
        }
        let mut unpacked = Durations::default();
        each_bucket(&pack(&durations), |bucket, count| unpacked.add_to(bucket, count));
        assert_eq!(unpacked, durations);
        each_bucket(&[], |bucket, _| panic!("{bucket}"));
    }
}
