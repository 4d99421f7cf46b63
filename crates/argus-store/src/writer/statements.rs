//! Uniting Claude Code's statements, and holding requests against them.
//!
//! What became of a session's money is made anew from its facts whenever one of them changed, in the transaction of the
//! change: a session's requests, its statements or status line, or those of the session whose account it took over.

use argus_model::{CostStatement, SessionId, StatusTotal};

use super::{Pending, Writer};
use crate::Result;
use crate::table::statement;

impl Writer {
    pub(super) fn unite_statement(&mut self, told: &CostStatement, pending: &mut Pending) -> Result<()> {
        let session_no = self.numbers.session(&self.connection, &told.session_id)?;
        let known = statement::list_of_session(&self.connection, session_no, &told.session_id)?;
        let content = |of: &CostStatement| {
            (of.at, of.models.clone(), of.has_unknown_model, of.copied_until, of.forked_from.clone())
        };
        // Two that contradict each other are not Claude Code's doing; the larger stays, whichever came first.
        let same = known.iter().find(|old| old.order() == told.order());
        if same.is_some_and(|old| content(old) >= content(told)) {
            return Ok(());
        }
        statement::put(&self.connection, session_no, told)?;
        pending.reconcile.insert(session_no);
        pending.reconcile.extend(self.list_account_heirs(&told.session_id)?);
        pending.touched.insert(told.session_id.clone());
        Ok(())
    }

    pub(super) fn unite_status(&mut self, told: &StatusTotal, pending: &mut Pending) -> Result<()> {
        let session_no = self.numbers.session(&self.connection, &told.session_id)?;
        if statement::put_status(&self.connection, session_no, told)? {
            pending.reconcile.insert(session_no);
            pending.reconcile.extend(self.list_account_heirs(&told.session_id)?);
            pending.touched.insert(told.session_id.clone());
        }
        Ok(())
    }

    /// A fork's account goes on from its parent's: who that is matters where anything of it was reported.
    pub(super) fn note_fork(&self, session_no: i64, pending: &mut Pending) -> Result<()> {
        if statement::is_reported(&self.connection, session_no)? {
            pending.reconcile.insert(session_no);
        }
        Ok(())
    }

    pub(super) fn list_account_heirs(&self, session_id: &SessionId) -> Result<Vec<i64>> {
        Ok(statement::list_heirs(&self.connection, session_id)?)
    }

    pub(super) fn reconcile_sessions(&self, pending: &mut Pending) -> Result<()> {
        let sessions = std::mem::take(&mut pending.reconcile);
        Ok(sessions.into_iter().try_for_each(|number| statement::reconcile_again(&self.connection, number))?)
    }
}
