//! A consistent copy of the database while others read and write it.
//!
//! `VACUUM INTO` reads one snapshot and writes a compact file. It is written beside its final name, checked, and only
//! then given the name: a full disk or an interruption never leaves half a file where a backup is looked for.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use crate::{Result, Store, StoreError};

/// What is counted in the copy, and must be what the snapshot held.
const COUNTED: [&str; 5] = ["session", "event", "request", "alert", "body"];

/// A finished copy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Backup {
    /// Its size.
    pub size_bytes: u64,
    /// Sessions in it.
    pub sessions: i64,
    /// Steps in it.
    pub events: i64,
}

impl Store {
    /// Where [`Store::back_up`] writes until the copy is whole: its size tells how far it is.
    pub fn partial_backup(path: &Path) -> PathBuf {
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        path.with_file_name(name)
    }

    /// Copies the database to `path` and checks the copy. An existing file is replaced only where `replace` says so.
    pub fn back_up(&self, path: &Path, replace: Replace) -> Result<Backup> {
        let io = |action| move |source| StoreError::Io { action, path: path.into(), source };
        if replace == Replace::Never && fs::symlink_metadata(path).is_ok() {
            return Err(io("will not overwrite the backup")(io::ErrorKind::AlreadyExists.into()));
        }
        let partial = Self::partial_backup(path);
        match fs::remove_file(&partial) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(io("cannot remove what is left of an earlier backup")(error));
            }
            _ => {}
        }
        let copied = self.copy_to(&partial).and_then(|backup| {
            File::open(&partial).and_then(|file| file.sync_all()).map_err(io("cannot write the backup"))?;
            match replace {
                Replace::Existing => fs::rename(&partial, path),
                // Unlike a rename, a link never replaces a file that somebody made meanwhile.
                Replace::Never => fs::hard_link(&partial, path).and_then(|()| fs::remove_file(&partial)),
            }
            .map_err(io("cannot give the backup its name"))?;
            Ok(backup)
        });
        if copied.is_err() {
            // The first error is the one to tell of.
            let _ = fs::remove_file(&partial);
        }
        copied
    }

    fn copy_to(&self, partial: &Path) -> Result<Backup> {
        OpenOptions::new().create_new(true).write(true).mode(0o600).open(partial).map_err(|source| StoreError::Io {
            action: "cannot write the backup",
            path: partial.into(),
            source,
        })?;
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let from = Connection::open_with_flags(self.path(), flags)?;
        from.busy_timeout(std::time::Duration::from_secs(10))?;
        from.execute("VACUUM INTO ?1", [partial.to_string_lossy()])?;
        let copy = Connection::open_with_flags(partial, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let verdict: String = copy.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0))?;
        if verdict != "ok" {
            return Err(StoreError::BadBackup(verdict));
        }
        let count = |connection: &Connection, table: &str| -> rusqlite::Result<i64> {
            connection.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0))
        };
        let counts = COUNTED.map(|table| Ok::<_, StoreError>((table, count(&copy, table)?, count(&from, table)?)));
        for counted in counts {
            let (table, copied, stands) = counted?;
            // The server may have added rows since; it takes none away but on command.
            if copied > stands {
                return Err(StoreError::BadBackup(format!("{copied} rows of {table}, but there are only {stands}")));
            }
        }
        let size_bytes = fs::metadata(partial).map_or(0, |file| file.len());
        Ok(Backup { size_bytes, sessions: count(&copy, "session")?, events: count(&copy, "event")? })
    }
}

/// Whether a file that is there already may be replaced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Replace {
    /// Never.
    Never,
    /// It may.
    Existing,
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use argus_model::{SessionId, SessionState, Timestamp};

    use super::*;
    use crate::Batch;

    fn session(id: String) -> Batch {
        let mut state = SessionState::new(SessionId::new(id));
        state.started_at = Some(Timestamp::from_micros(1)).into();
        Batch { sessions: vec![state], ..Batch::default() }
    }

    #[test]
    fn a_backup_made_during_writes_is_a_snapshot_and_can_be_put_back() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("argus.db")).unwrap();
        let mut writer = store.writer().unwrap();
        for id in 0..50 {
            writer.apply(&[session(format!("before-{id}"))]).unwrap();
        }
        let path = folder.path().join("copy.db");
        let backup = std::thread::scope(|scope| {
            let copier = scope.spawn(|| store.back_up(&path, Replace::Never).unwrap());
            for id in 0..200 {
                writer.apply(&[session(format!("during-{id}"))]).unwrap();
            }
            copier.join().unwrap()
        });
        assert!(backup.sessions >= 50, "{backup:?}");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(!Store::partial_backup(&path).exists());
        // What was written while it was copied is there in order, or not at all.
        let restored = folder.path().join("home/argus.db");
        fs::create_dir(folder.path().join("home")).unwrap();
        fs::copy(&path, &restored).unwrap();
        let restored = Store::open(&restored).unwrap();
        assert_eq!(restored.readers().get().unwrap().check().unwrap(), Vec::<String>::new());
        for id in 50..backup.sessions {
            let found = restored.readers().get().unwrap().find_session(&format!("during-{}", id - 50)).unwrap();
            assert!(!found.is_empty(), "session {id} of {}", backup.sessions);
        }
        restored.writer().unwrap().apply(&[session("after".into())]).unwrap();
    }

    #[test]
    fn a_backup_replaces_nothing_unless_told_and_leaves_nothing_half_done() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("argus.db")).unwrap();
        let path = folder.path().join("copy.db");
        fs::write(&path, "mine").unwrap();
        // What an interrupted backup left is in nobody's way.
        fs::write(Store::partial_backup(&path), "half").unwrap();
        assert!(matches!(store.back_up(&path, Replace::Never), Err(StoreError::Io { .. })));
        assert_eq!(fs::read(&path).unwrap(), b"mine");
        store.back_up(&path, Replace::Existing).unwrap();
        assert!(fs::read(&path).unwrap().starts_with(b"SQLite format 3"));
        assert!(store.back_up(&folder.path().join("nowhere/copy.db"), Replace::Never).is_err());
        let left = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        assert_eq!(left.filter(|name| !name.starts_with("argus.db")).collect::<Vec<_>>(), ["copy.db"]);
    }
}
