//! Table `facet`: what requests were made for, and where. Few rows, each borne by many requests; a request has its number.

use argus_model::{Facets, RequestState};
use rusqlite::{Connection, OptionalExtension, Row, params};

/// What stands for nothing known; no row has this number.
pub(crate) const UNKNOWN: i64 = 0;

/// What a row holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Facet {
    /// What its first line told.
    pub(crate) line: Facets,
    /// What telemetry told: skill, MCP server and purpose.
    pub(crate) told: Facets,
}

impl Facet {
    /// A request's.
    pub(crate) fn of(state: &RequestState) -> Self {
        Self {
            line: state.first.get().map(|first| first.facets.clone()).unwrap_or_default(),
            told: state.report.get().map(|report| report.facets.clone()).unwrap_or_default(),
        }
    }

    /// Whether it is a request's, which most are whose predecessor's it is.
    pub(crate) fn is_of(&self, state: &RequestState) -> bool {
        let nothing = Facets::default();
        self.line == *state.first.get().map_or(&nothing, |first| &first.facets)
            && self.told == *state.report.get().map_or(&nothing, |report| &report.facets)
    }

    /// What counts: the line's word before telemetry's.
    pub(crate) fn into_facets(self) -> Facets {
        self.line.or(&self.told)
    }
}

const COLUMNS: &str = "branch, worktree, repository, skill, mcp_server, query_source, told_skill, told_mcp_server, \
     told_query_source";

/// The row of a number; nothing where it has none.
pub(crate) fn get(connection: &Connection, facet_no: i64) -> rusqlite::Result<Facet> {
    if facet_no == UNKNOWN {
        return Ok(Facet::default());
    }
    let sql = format!("SELECT {COLUMNS} FROM facet WHERE facet_no = ?1");
    let found = connection.prepare_cached(&sql)?.query_row([facet_no], |row| read(row, 0)).optional()?;
    Ok(found.unwrap_or_default())
}

/// All rows with their numbers.
pub(crate) fn list(connection: &Connection) -> rusqlite::Result<Vec<(i64, Facet)>> {
    let mut statement = connection.prepare_cached(&format!("SELECT facet_no, {COLUMNS} FROM facet"))?;
    statement.query_map([], |row| Ok((row.get(0)?, read(row, 1)?)))?.collect()
}

/// A new row; its number.
pub(crate) fn insert(connection: &Connection, facet: &Facet) -> rusqlite::Result<i64> {
    let sql = format!("INSERT INTO facet ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    let Facet { line, told } = facet;
    connection.prepare_cached(&sql)?.insert(params![
        line.branch,
        line.worktree,
        line.repository,
        line.skill,
        line.mcp_server,
        line.query_source,
        told.skill,
        told.mcp_server,
        told.query_source,
    ])
}

fn read(row: &Row<'_>, first: usize) -> rusqlite::Result<Facet> {
    Ok(Facet {
        line: Facets {
            branch: row.get(first)?,
            worktree: row.get(first + 1)?,
            repository: row.get(first + 2)?,
            skill: row.get(first + 3)?,
            mcp_server: row.get(first + 4)?,
            query_source: row.get(first + 5)?,
        },
        told: Facets {
            skill: row.get(first + 6)?,
            mcp_server: row.get(first + 7)?,
            query_source: row.get(first + 8)?,
            ..Facets::default()
        },
    })
}
