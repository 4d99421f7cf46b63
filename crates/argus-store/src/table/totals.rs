//! The ten columns in which sums over model requests stand, the same in `session`, `agent` and `turn`.

use argus_model::{PicoUsd, Totals};
use rusqlite::{Connection, Row, params};

/// Reads the sums of a row.
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Totals> {
    Ok(Totals {
        requests: row.get("requests")?,
        input_tokens: row.get("input_tokens")?,
        output_tokens: row.get("output_tokens")?,
        cache_write_5m_tokens: row.get("cache_write_5m_tokens")?,
        cache_write_1h_tokens: row.get("cache_write_1h_tokens")?,
        cache_read_tokens: row.get("cache_read_tokens")?,
        web_search_requests: row.get("web_search_requests")?,
        cost: PicoUsd(row.get("cost_picousd")?),
        incomplete_requests: row.get("incomplete_requests")?,
        unpriced_requests: row.get("unpriced_requests")?,
        ..Totals::default()
    })
}

/// Which table's row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Rollup {
    Session(i64),
    Agent(i64),
    Turn(i64),
}

/// Adds `difference` to a row's sums.
pub(crate) fn add(connection: &Connection, rollup: Rollup, difference: &Totals) -> rusqlite::Result<()> {
    macro_rules! add_sql {
        ($table:literal, $key:literal) => {
            concat!(
                "UPDATE ",
                $table,
                " SET requests = requests + ?2, input_tokens = input_tokens + ?3, output_tokens = output_tokens + ?4, \
                 cache_write_5m_tokens = cache_write_5m_tokens + ?5, cache_write_1h_tokens = cache_write_1h_tokens + ?6, \
                 cache_read_tokens = cache_read_tokens + ?7, web_search_requests = web_search_requests + ?8, \
                 cost_picousd = cost_picousd + ?9, incomplete_requests = incomplete_requests + ?10, \
                 unpriced_requests = unpriced_requests + ?11 WHERE ",
                $key,
                " = ?1"
            )
        };
    }
    let (sql, number) = match rollup {
        Rollup::Session(number) => (add_sql!("session", "session_no"), number),
        Rollup::Agent(number) => (add_sql!("agent", "agent_no"), number),
        Rollup::Turn(number) => (add_sql!("turn", "turn_no"), number),
    };
    let d = difference;
    connection.prepare_cached(sql)?.execute(params![
        number,
        d.requests,
        d.input_tokens,
        d.output_tokens,
        d.cache_write_5m_tokens,
        d.cache_write_1h_tokens,
        d.cache_read_tokens,
        d.web_search_requests,
        d.cost.0,
        d.incomplete_requests,
        d.unpriced_requests
    ])?;
    Ok(())
}
