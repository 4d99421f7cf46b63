//! Opening the database: permissions, versions, pragmas, migrations and the one-writer lock.

use std::fs::{self, File, OpenOptions, Permissions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};
use rusqlite_migration::{M, Migrations};

use crate::{Readers, Result, StoreError, Writer};

/// Meaning of the rows, apart from their shape: raised when a normaliser changes what it makes of a transcript, so
/// that files are read again.
pub const DATA_VERSION: i64 = 4;

/// SQLite before this may corrupt a WAL database that several connections use.
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long whoever writes waits for another process that does.
pub(crate) const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

static MIGRATIONS: LazyLock<Migrations<'static>> = LazyLock::new(|| {
    Migrations::new(vec![
        M::up(include_str!("../migrations/0001_initial.sql")),
        M::up(include_str!("../migrations/0002_search.sql")),
        M::up(include_str!("../migrations/0003_spend.sql")),
        M::up(include_str!("../migrations/0004_alerts.sql")),
        M::up(include_str!("../migrations/0005_pauses.sql")),
        M::up(include_str!("../migrations/0006_care.sql")),
        M::up(include_str!("../migrations/0007_trace.sql")),
        M::up(include_str!("../migrations/0008_shown_kinds.sql")),
        M::up(include_str!("../migrations/0009_telemetry.sql")),
        M::up(include_str!("../migrations/0010_copies.sql")),
        M::up(include_str!("../migrations/0011_budgets.sql")),
        M::up(include_str!("../migrations/0012_statements.sql")),
        M::up(include_str!("../migrations/0013_source_sums.sql")),
        M::up(include_str!("../migrations/0014_deeds.sql")),
        M::up(include_str!("../migrations/0015_guard.sql")),
        M::up(include_str!("../migrations/0016_secrets.sql")),
        M::up(include_str!("../migrations/0017_hours.sql")),
        // What stood in the database before is summed once, in the same transaction.
        M::up_with_hook(include_str!("../migrations/0018_project_tools.sql"), |transaction| {
            crate::writer::complete_slots(transaction).map_err(Into::into)
        }),
        M::up(include_str!("../migrations/0019_windows.sql")),
        M::up_with_hook(include_str!("../migrations/0020_fingerprints.sql"), |transaction| {
            crate::table::known_again::recognise_everything(transaction).map_err(Into::into)
        }),
        M::up(include_str!("../migrations/0021_guard.sql")),
        M::up(include_str!("../migrations/0022_facets.sql")),
        // Reported money gets the basis of what explains it.
        M::up_with_hook(include_str!("../migrations/0023_status_line.sql"), |transaction| {
            crate::table::statement::reconcile_all(transaction).map_err(Into::into)
        }),
        M::up(include_str!("../migrations/0024_delays.sql")),
        M::up(include_str!("../migrations/0025_less_work.sql")),
        M::up(include_str!("../migrations/0026_masked_again.sql")),
        M::up(include_str!("../migrations/0027_contexts.sql")),
        M::up(include_str!("../migrations/0028_waiting_history.sql")),
        M::up(include_str!("../migrations/0029_parts.sql")),
    ])
});

/// How many migrations this binary knows.
const SCHEMA_VERSION: i64 = 29;

/// A database that exists and has the right shape.
#[derive(Clone, Debug)]
pub struct Store {
    path: PathBuf,
}

impl Store {
    /// Opens or creates the database at `path`, bringing an older one up to date.
    pub fn open(path: &Path) -> Result<Self> {
        if rusqlite::version_number() < OLDEST_SQLITE {
            return Err(StoreError::OldSqlite(rusqlite::version()));
        }
        if let Some(folder) = path.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder).map_err(|source| StoreError::Io {
                action: "cannot create the data folder",
                path: folder.into(),
                source,
            })?;
        }
        make_private(path)?;
        let mut connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
        if found > SCHEMA_VERSION {
            return Err(StoreError::Newer { found, known: SCHEMA_VERSION });
        }
        if found < SCHEMA_VERSION {
            connection.pragma_update(None, "page_size", 8192)?;
            connection.pragma_update(None, "journal_mode", "wal")?;
            MIGRATIONS.to_latest(&mut connection)?;
        }
        // A backup that was put back has no write-ahead log yet.
        let journal: String = connection.pragma_query_value(None, "journal_mode", |row| row.get(0))?;
        if journal != "wal" {
            connection.pragma_update(None, "journal_mode", "wal")?;
        }
        Ok(Self { path: path.into() })
    }

    /// True for a database of an earlier version: to open it takes longer the more it holds. What cannot be read is not one.
    pub fn is_older(path: &Path) -> bool {
        let found = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
            .and_then(|connection| connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0)));
        found.is_ok_and(|found| (1..SCHEMA_VERSION).contains(&found))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Becomes the one writer. The lock is given back when the writer is dropped or its process dies.
    pub fn writer(&self) -> Result<Writer> {
        let lock_path = self.path.with_extension("lock");
        let io = |source| StoreError::Io { action: "cannot open the writer's lock", path: lock_path.clone(), source };
        let lock =
            OpenOptions::new().create(true).write(true).truncate(false).mode(0o600).open(&lock_path).map_err(io)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(fs::TryLockError::WouldBlock) => return Err(StoreError::WriterBusy(lock_path)),
            Err(fs::TryLockError::Error(source)) => return Err(io(source)),
        }
        // One thread owns the writer, so SQLite need not lock it.
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        // The spool and the transcripts are the durable source: after a power loss they are read again.
        connection.pragma_update(None, "synchronous", "normal")?;
        connection.pragma_update(None, "cache_size", -40_960)?;
        connection.pragma_update(None, "wal_autocheckpoint", crate::writer::checkpoint::LOG_PAGES)?;
        // What is deleted or changed leaves no rest in the pages that stay in use.
        connection.pragma_update(None, "secure_delete", "fast")?;
        keep_plans(&connection)?;
        connection.set_prepared_statement_cache_capacity(128);
        Writer::new(connection, lock)
    }

    /// Readers for any number of threads.
    pub fn readers(&self) -> Readers {
        Readers::new(self.path.clone())
    }
}

/// A connection that cannot write, for one reader.
pub(crate) fn open_reader(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -8_192)?;
    keep_plans(&connection)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(connection)
}

/// One plan for a statement, whatever it is asked with: else one whose LIMIT is a parameter is prepared anew each time it
/// is run, which takes a tenth of the time of a page; and the plan that was tested is the plan that is used.
fn keep_plans(connection: &Connection) -> Result<()> {
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    Ok(())
}

/// Creates the file 0600 before SQLite does, and narrows one that is wider; -wal and -shm take its mode.
fn make_private(path: &Path) -> Result<()> {
    let io = |source| StoreError::Io { action: "cannot make the database private", path: path.into(), source };
    let file: File =
        OpenOptions::new().create(true).read(true).write(true).truncate(false).mode(0o600).open(path).map_err(io)?;
    if file.metadata().map_err(io)?.permissions().mode() & 0o077 != 0 {
        file.set_permissions(Permissions::from_mode(0o600)).map_err(io)?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_migrations_are_sound() {
        assert!(MIGRATIONS.validate().is_ok());
    }

    #[test]
    fn a_second_writer_is_refused_and_a_later_one_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("argus.db")).unwrap();
        let writer = store.writer().unwrap();
        assert!(matches!(store.writer(), Err(StoreError::WriterBusy(_))));
        drop(writer);
        assert!(store.writer().is_ok());
    }

    #[test]
    fn the_database_and_its_wal_are_private() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("data/argus.db");
        let store = Store::open(&path).unwrap();
        let _writer = store.writer().unwrap();
        for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
            let mode = entry.unwrap().metadata().unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0);
        }
    }

    /// Left to itself SQLite prepares a statement anew whenever its LIMIT is given.
    #[test]
    fn a_statement_is_prepared_once_whatever_it_is_asked_with() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("argus.db");
        Store::open(&path).unwrap();
        let reader = open_reader(&path).unwrap();
        let mut statement = reader.prepare("SELECT session_id FROM session ORDER BY last_at LIMIT ?1").unwrap();
        for limit in [1, 50, 50] {
            assert!(!statement.exists([limit]).unwrap());
        }
        assert_eq!(statement.get_status(rusqlite::StatementStatus::RePrepare), 0);
    }

    #[test]
    fn an_older_database_is_known_before_it_is_opened() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("argus.db");
        assert!(!Store::is_older(&path), "there is none");
        Store::open(&path).unwrap();
        assert!(!Store::is_older(&path));
        Connection::open(&path).unwrap().execute_batch(crate::table::part::UNDONE).unwrap();
        assert!(Store::is_older(&path));
        Store::open(&path).unwrap();
        assert!(!Store::is_older(&path));
    }

    #[test]
    fn a_newer_database_is_refused_by_name_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("argus.db");
        Store::open(&path).unwrap();
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        assert!(matches!(Store::open(&path), Err(StoreError::Newer { found: 99, .. })));
    }
}
