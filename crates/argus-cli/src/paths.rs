//! The data directory and what lies where in it. Folders 0700, files 0600.

use std::fs::{self, DirBuilder, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::settings::{GUARD_NAME, HOOK_NAME};

/// The data directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataDir(PathBuf);

impl DataDir {
    /// At an absolute path.
    pub(crate) fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    /// The database.
    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("argus.db")
    }

    /// Where hooks leave their records.
    pub(crate) fn spool(&self) -> PathBuf {
        self.0.join("spool")
    }

    /// The hook as Claude Code runs it; it finds the spool from this place (see argus-spool's `place`).
    pub(crate) fn hook(&self) -> PathBuf {
        self.0.join("bin").join(HOOK_NAME)
    }

    /// The guard as Claude Code runs it.
    pub(crate) fn guard(&self) -> PathBuf {
        self.0.join("bin").join(GUARD_NAME)
    }

    /// The background server's log.
    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("log").join("argus.log")
    }

    /// Where backups go that are given no name.
    pub(crate) fn backups(&self) -> PathBuf {
        self.0.join("backups")
    }

    /// What the running server says of itself; locked as long as it lives.
    pub(crate) fn server_file(&self) -> PathBuf {
        self.0.join("server.json")
    }

    /// The configuration.
    pub(crate) fn configuration(&self) -> PathBuf {
        self.0.join("config.toml")
    }

    /// The person's own word on the rules.
    pub(crate) fn rules(&self) -> PathBuf {
        self.0.join("rules.toml")
    }

    /// The person's own prices.
    pub(crate) fn prices(&self) -> PathBuf {
        self.0.join("prices.toml")
    }

    /// Makes the directory with its spool, private.
    pub(crate) fn prepare(&self) -> io::Result<()> {
        make_private_folder(&self.0)?;
        make_private_folder(&self.spool())
    }
}

/// Writes a file with mode 0600.
pub(crate) fn write_private(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).mode(0o600).open(path)?;
    file.write_all(text.as_bytes())
}

/// Makes a folder with mode 0700, and narrows one that is wider.
pub(crate) fn make_private_folder(path: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(path)?;
    let mode = fs::metadata(path)?.permissions().mode();
    if mode & 0o077 != 0 {
        fs::set_permissions(path, Permissions::from_mode(0o700))?;
    }
    Ok(())
}
