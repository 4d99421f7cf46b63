//! Removing the contents of what is old: bodies and their words go, facts and figures stay.
//!
//! A removed chunk keeps its row, with no text in it and the time of its removal where its bytes stood. So a page can say
//! when the text went, and reading the source again finds that it was there and does not bring it back. What never was in
//! a chunk is held off by the horizon, kept in `meta`. Start with [`Writer::prune_some`].

use argus_model::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{BodyChunk, Writer};
use crate::search::{self, PackedChunk};
use crate::{Result, StoreError};

/// Chunks that one transaction removes: some megabytes, gone in a fraction of a second.
pub const PRUNE_BATCH: i64 = 128;

const HORIZON: &str = "pruned_until";

impl Writer {
    /// Removes some of the contents older than `before`, in one short transaction: of chunks after `after`, which is 0 at
    /// first. How many went, and where to go on; `None` when nothing is left. [`Writer::compact`] gives the room back.
    pub fn prune_some(&mut self, before: Timestamp, now: Timestamp, after: i64) -> Result<(u64, Option<i64>)> {
        let transaction = self.connection.unchecked_transaction()?;
        transaction.execute(
            "INSERT INTO meta (key, value) VALUES (?1, ?2) ON CONFLICT DO UPDATE SET value = max(value, excluded.value)",
            params![HORIZON, before.as_micros()],
        )?;
        let old: Vec<i64> = transaction
            .prepare_cached(include_str!("../../queries/prunable_chunks.sql"))?
            .query_map(params![before.as_micros(), after, PRUNE_BATCH], |row| row.get(0))?
            .collect::<rusqlite::Result<_>>()?;
        for body_no in &old {
            search::forget(&transaction, *body_no)?;
            transaction
                .prepare_cached("UPDATE body SET plain_bytes = 0, packed = ?2 WHERE body_no = ?1")?
                .execute(params![body_no, now.as_micros().to_le_bytes()])?;
        }
        transaction.commit()?;
        Ok((old.len() as u64, old.last().copied()))
    }
}

fn horizon(connection: &Connection) -> Result<Option<i64>, StoreError> {
    let found = connection
        .prepare_cached("SELECT value FROM meta WHERE key = ?1")?
        .query_row([HORIZON], |row| row.get(0))
        .optional()?;
    Ok(found)
}

/// Tells of a line's offset whether it is from before the horizon.
pub(crate) fn is_void(connection: &Connection, chunk: &BodyChunk) -> Result<impl Fn(i64) -> bool + use<>> {
    let horizon = horizon(connection)?;
    let (mut is_stream, mut changed_at) = (false, None);
    if horizon.is_some() {
        (is_stream, changed_at) = connection
            .prepare_cached("SELECT kind <> 2, modified_at / 1000 FROM source WHERE source_no = ?1")?
            .query_row([chunk.source_no], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?
            .unwrap_or((false, None::<i64>));
    }
    Ok(move |offset: i64| {
        // The offset of a hook's or a log record is its time; a file has no line younger than itself.
        let at = if is_stream { Some(offset / 1_000) } else { changed_at };
        horizon.zip(at).is_some_and(|(horizon, at)| at < horizon)
    })
}

/// Whether a whole chunk is from before the horizon, or was removed once already.
pub(crate) fn is_removed(connection: &Connection, chunk: &PackedChunk) -> Result<bool> {
    let Some(horizon) = horizon(connection)? else { return Ok(false) };
    let newest = chunk.words.as_ref().and_then(|words| words.last_at);
    Ok(newest.is_some_and(|at| at.as_micros() < horizon)
        || super::find_removal(connection, chunk.source_no, chunk.first_offset)?.is_some())
}
