//! The read side: one file a question, each answered from an index.
//!
//! Readers see committed facts only and never block the writer. All that one `Reader` is asked is answered of one
//! moment, so that the parts of a page sum to its total while the writer goes on. It goes back to its pool when dropped.

mod agents;
mod alerts;
mod bodies;
mod capture;
mod care;
mod check;
mod context;
mod delays;
mod events;
mod export;
mod guard;
mod latency;
mod ledger;
mod mutes;
mod parts;
mod pauses;
#[cfg(test)]
mod plans;
mod reconciliation;
mod reported;
pub(crate) mod search;
mod sessions;
mod sightings;
mod spend;
mod tools;
mod totals;
mod turns;
mod usages;

use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::Result;
use crate::open::open_reader;

pub use bodies::KeptChunk;
pub use context::AgentContexts;
pub(crate) use context::list_context;
pub(crate) use guard::list_added_folders;
pub(crate) use ledger::list_definitions;
pub use ledger::{Alive, Ledger};
pub(crate) use pauses::list_pauses;

/// A pool of read-only connections, cheap to clone.
#[derive(Clone, Debug)]
pub struct Readers {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Opened>>,
}

/// A connection, and the moment (see `since_start`) at which its query is given up; 0 for never.
#[derive(Debug)]
struct Opened {
    connection: Connection,
    deadline_ms: Arc<AtomicU64>,
}

/// One read-only connection, on one moment of the database from its first question on.
pub struct Reader {
    opened: Option<Opened>,
    pool: Arc<Pool>,
}

/// SQLite looks at the clock after so many of its steps.
const STEPS: i32 = 20_000;

static START: LazyLock<Instant> = LazyLock::new(Instant::now);

fn since_start() -> u64 {
    u64::try_from(START.elapsed().as_millis()).unwrap_or(u64::MAX)
}

/// Keep at most so many connections open while nobody asks.
const IDLE: usize = 4;

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { pool: Arc::new(Pool { path, idle: Mutex::default() }) }
    }

    /// A reader, a used one if there is one.
    pub fn get(&self) -> Result<Reader> {
        self.open(0)?.pin()
    }

    /// A reader each of whose questions is answered of its own moment: for what takes so long that the log, which is
    /// kept for whoever still reads it, would grow meanwhile.
    pub fn get_unpinned(&self) -> Result<Reader> {
        self.open(0)
    }

    /// A reader whose queries are given up when `limit` is over: for answers that somebody may ask for on purpose.
    pub fn get_within(&self, limit: Duration) -> Result<Reader> {
        let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        self.open(since_start().saturating_add(limit).max(1))?.pin()
    }

    fn open(&self, deadline_ms: u64) -> Result<Reader> {
        let idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let opened = match idle {
            Some(opened) => opened,
            None => {
                let (connection, deadline) = (open_reader(&self.pool.path)?, Arc::new(AtomicU64::new(0)));
                let watched = Arc::clone(&deadline);
                let is_over = move || {
                    let deadline = watched.load(Ordering::Relaxed);
                    deadline != 0 && since_start() >= deadline
                };
                connection.progress_handler(STEPS, Some(is_over))?;
                Opened { connection, deadline_ms: deadline }
            }
        };
        opened.deadline_ms.store(deadline_ms, Ordering::Relaxed);
        Ok(Reader { opened: Some(opened), pool: Arc::clone(&self.pool) })
    }

    /// Version of the SQLite in this binary.
    pub fn sqlite_version(&self) -> &'static str {
        rusqlite::version()
    }
}

impl Reader {
    fn connection(&self) -> &Connection {
        // Taken out only by drop.
        match &self.opened {
            Some(opened) => &opened.connection,
            None => unreachable!("a reader holds its connection until it is dropped"),
        }
    }

    fn pin(self) -> Result<Self> {
        self.connection().execute_batch("BEGIN")?;
        Ok(self)
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(opened) = self.opened.take() {
            if !opened.connection.is_autocommit() && opened.connection.execute_batch("COMMIT").is_err() {
                // Whoever takes it next would read what is past.
                return;
            }
            let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE {
                idle.push(opened);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use argus_model::{Maximum, SessionId, SessionState, Timestamp};

    use super::*;

    #[test]
    fn a_query_that_takes_too_long_is_given_up() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::Store::open(&folder.path().join("argus.db")).unwrap();
        let bomb = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";
        let reader = store.readers().get_within(Duration::from_millis(50)).unwrap();
        let answer: rusqlite::Result<i64> = reader.connection().query_row(bomb, [], |row| row.get(0));
        assert!(crate::StoreError::from(answer.unwrap_err()).is_interrupted());
    }

    #[test]
    fn all_that_a_reader_is_asked_is_of_one_moment() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::Store::open(&folder.path().join("argus.db")).unwrap();
        let mut writer = store.writer().unwrap();
        let mut put = |id: &str| {
            let mut session = SessionState::new(SessionId::from(id));
            session.last_at = Maximum::of(Timestamp::from_micros(1));
            writer.apply(&[crate::Batch { sessions: vec![session], ..crate::Batch::default() }]).unwrap();
        };
        let readers = store.readers();
        let count = |reader: &Reader| reader.count_everything().unwrap().0;
        let (pinned, loose) = (readers.get().unwrap(), readers.get_unpinned().unwrap());
        assert_eq!((count(&pinned), count(&loose)), (0, 0));
        put("a");
        assert_eq!((count(&pinned), count(&loose)), (0, 1));
        drop((pinned, loose));
        for reader in [readers.get().unwrap(), readers.get_within(Duration::from_secs(60)).unwrap()] {
            assert_eq!(count(&reader), 1, "a connection that was used before reads what is there now");
        }
        put("b");
        assert_eq!(count(&readers.get().unwrap()), 2);
    }

    #[test]
    fn a_reader_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let store = crate::Store::open(&folder.path().join("argus.db")).unwrap();
        let reader = store.readers().get().unwrap();
        assert!(reader.connection().execute("DELETE FROM session", []).is_err());
    }
}
