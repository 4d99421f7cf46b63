//! Giving room back: what was deleted leaves the search index, the file and the write-ahead log.
//!
//! Deleting only marks. The index holds a word until its parts are merged, pages that became free keep their bytes until
//! the file is written anew. So after something was forgotten or pruned, the index is merged in small steps, then the
//! whole file is rebuilt. The rebuild is one piece of work during which nothing else is written; hooks go on meanwhile,
//! for their records wait in the spool.

use super::Writer;
use crate::Result;

/// Pages of the index that one step merges.
const MERGE_PAGES: i64 = 400;

impl Writer {
    /// Merges what is left of deleted rows out of the search index, a step; false when nothing is left to merge.
    pub fn merge_search(&mut self, is_first: bool) -> Result<bool> {
        let changes = |writer: &Self| -> Result<i64> {
            Ok(writer.connection.query_row("SELECT total_changes()", [], |row| row.get(0))?)
        };
        let before = changes(self)?;
        // A negative number begins a merge of all parts, a positive one goes on with it.
        let pages = if is_first { -MERGE_PAGES } else { MERGE_PAGES };
        self.connection.prepare_cached("INSERT INTO search (search, rank) VALUES ('merge', ?1)")?.execute([pages])?;
        Ok(is_first || changes(self)? - before >= 2)
    }

    /// Writes the whole file anew without what was deleted; by how many bytes it became smaller.
    pub fn compact(&mut self) -> Result<u64> {
        let before = self.file_bytes()?;
        self.connection.execute_batch("VACUUM")?;
        self.checkpoint()?;
        // `forget_facts` asked for more.
        self.connection.pragma_update(None, "secure_delete", "fast")?;
        Ok(before.saturating_sub(self.file_bytes()?))
    }

    fn file_bytes(&self) -> Result<u64> {
        let pages: i64 = self.connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        let page_bytes: i64 = self.connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        Ok((pages * page_bytes).unsigned_abs())
    }
}
