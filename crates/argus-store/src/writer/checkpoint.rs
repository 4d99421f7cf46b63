//! Folding the write-ahead log back into the database: by the writer itself, or beside it.
//!
//! A fold waits for the disk, twice. The writer of a few rows does not notice; that of a million spends an eighth of its
//! time there. So for a bulk import another connection folds what was written, while the writer goes on. If that falls
//! behind, the writer folds too, once the log is four times as long as usual.

use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::Writer;
use crate::Result;
use crate::open::BUSY_TIMEOUT;

/// Pages of the log after which the writer folds it back.
pub(crate) const LOG_PAGES: i64 = 8_000;

/// Folds the log back beside the writer. It sees no rows and needs no lock that the writer waits for.
pub struct Checkpointer(Connection);

impl Checkpointer {
    /// Folds back what was committed until now, as far as readers let it.
    pub fn fold(&self) -> Result<()> {
        self.0.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()))?;
        Ok(())
    }
}

impl Writer {
    /// Leaves folding to the one that is given back, until [`Writer::checkpoint_itself`].
    pub fn checkpoint_beside(&mut self) -> Result<Checkpointer> {
        let path = self.connection.path().unwrap_or_default();
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(path, flags)?;
        connection.pragma_update(None, "synchronous", "normal")?;
        self.connection.pragma_update(None, "wal_autocheckpoint", 4 * LOG_PAGES)?;
        Ok(Checkpointer(connection))
    }

    /// Folds by itself again.
    pub fn checkpoint_itself(&mut self) -> Result<()> {
        Ok(self.connection.pragma_update(None, "wal_autocheckpoint", LOG_PAGES)?)
    }

    /// Folds all of the log back and empties it; cheap when there is nothing to fold.
    pub fn checkpoint(&mut self) -> Result<()> {
        self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
        Ok(())
    }

    /// The same without waiting for anybody who still reads the log; false when somebody does.
    pub fn try_checkpoint(&mut self) -> Result<bool> {
        self.connection.busy_timeout(Duration::ZERO)?;
        let is_busy = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, bool>(0));
        self.connection.busy_timeout(BUSY_TIMEOUT)?;
        Ok(!is_busy?)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use argus_model::{SessionId, SessionState, Timestamp};

    use crate::{Batch, Store};

    #[test]
    fn what_is_written_is_folded_beside_the_writer() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("argus.db");
        let store = Store::open(&path).unwrap();
        let mut writer = store.writer().unwrap();
        let checkpointer = writer.checkpoint_beside().unwrap();
        let before = fs::metadata(&path).unwrap().len();
        let mut batch = Batch::default();
        for n in 0..5_000 {
            let mut state = SessionState::new(SessionId::new(format!("session-{n}")));
            state.started_at = Some(Timestamp::from_micros(1_700_000_000_000_000 + n)).into();
            batch.sessions.push(state);
        }
        writer.apply(std::slice::from_ref(&batch)).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().len(), before, "the writer left it in the log");
        checkpointer.fold().unwrap();
        assert!(fs::metadata(&path).unwrap().len() > before);
        // The log was folded whole: the next transaction begins it anew.
        let long = fs::metadata(path.with_extension("db-wal")).unwrap().len();
        writer.checkpoint_itself().unwrap();
        writer.set_meta("after", b"x").unwrap();
        assert_eq!(fs::metadata(path.with_extension("db-wal")).unwrap().len(), long);
        assert_eq!(store.readers().get().unwrap().check().unwrap(), Vec::<String>::new());
    }
    #[test]
    fn a_log_that_somebody_reads_is_left_and_emptied_later() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("argus.db");
        let store = Store::open(&path).unwrap();
        let mut writer = store.writer().unwrap();
        let log = || fs::metadata(path.with_extension("db-wal")).unwrap().len();
        let reader = store.readers().get().unwrap();
        reader.count_everything().unwrap();
        writer.set_meta("a", b"x").unwrap();
        assert!(!writer.try_checkpoint().unwrap(), "it is still read");
        assert!(log() > 0);
        drop(reader);
        assert!(writer.try_checkpoint().unwrap());
        assert_eq!(log(), 0);
    }
}
