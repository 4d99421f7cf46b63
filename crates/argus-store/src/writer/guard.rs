//! What the guard answered, and the folders that a person added: facts that hooks alone tell.

use argus_model::SessionId;
use rusqlite::params;

use super::{Batch, Pending, Writer};
use crate::Result;
use crate::table::guard;

impl Writer {
    pub(super) fn join_guard(&mut self, batch: &Batch, pending: &mut Pending) -> Result<()> {
        for fact in &batch.answers {
            let session_no = self.numbers.session(&self.connection, &fact.session_id)?;
            if guard::put(&self.connection, session_no, fact)? {
                pending.touched.insert(fact.session_id.clone());
            }
        }
        for (session_id, folder) in &batch.folders {
            let session_no = self.numbers.session(&self.connection, session_id)?;
            self.connection
                .prepare_cached("INSERT OR IGNORE INTO added_folder (session_no, folder) VALUES (?1, ?2)")?
                .execute(params![session_no, folder])?;
        }
        Ok(())
    }

    /// The folders that people added to sessions.
    pub fn list_added_folders(&self) -> Result<Vec<(SessionId, String)>> {
        crate::query::list_added_folders(&self.connection, 0)
    }
}
