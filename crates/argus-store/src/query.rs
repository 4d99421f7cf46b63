//! The read side: one file a question, each answered from an index.
//!
//! Readers see committed facts only and never block the writer. A `Reader` goes back to its pool when dropped.

mod agents;
mod bodies;
mod capture;
mod check;
mod events;
mod sessions;
mod totals;
mod turns;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use crate::Result;
use crate::open::open_reader;

/// A pool of read-only connections, cheap to clone.
#[derive(Clone, Debug)]
pub struct Readers {
    pool: Arc<Pool>,
}

#[derive(Debug)]
struct Pool {
    path: PathBuf,
    idle: Mutex<Vec<Connection>>,
}

/// One read-only connection.
pub struct Reader {
    connection: Option<Connection>,
    pool: Arc<Pool>,
}

/// Keep at most so many connections open while nobody asks.
const IDLE: usize = 4;

impl Readers {
    pub(crate) fn new(path: PathBuf) -> Self {
        Self { pool: Arc::new(Pool { path, idle: Mutex::default() }) }
    }

    /// A reader, a used one if there is one.
    pub fn get(&self) -> Result<Reader> {
        let idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let connection = match idle {
            Some(connection) => connection,
            None => open_reader(&self.pool.path)?,
        };
        Ok(Reader { connection: Some(connection), pool: Arc::clone(&self.pool) })
    }

    /// Version of the SQLite in this binary.
    pub fn sqlite_version(&self) -> &'static str {
        rusqlite::version()
    }
}

impl Reader {
    fn connection(&self) -> &Connection {
        // Taken out only by drop.
        match &self.connection {
            Some(connection) => connection,
            None => unreachable!("a reader holds its connection until it is dropped"),
        }
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            let mut idle = self.pool.idle.lock().unwrap_or_else(PoisonError::into_inner);
            if idle.len() < IDLE {
                idle.push(connection);
            }
        }
    }
}
