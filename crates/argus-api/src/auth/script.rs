//! The script token's file: private, whole or absent, and read again when it was rotated under a running server.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use rustix::fs::OFlags;

use super::{Digest, digest, random_hex};

/// The file's name in the data directory.
pub const TOKEN_FILE: &str = "token";

/// The same of the token that lets telemetry in.
pub const INGEST_TOKEN_FILE: &str = "otlp-token";

/// No token of ours is longer.
const MAX_TOKEN_BYTES: u64 = 256;

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// The file cannot be read.
    #[error("the token file cannot be read: {0}: {1}")]
    Unreadable(#[source] std::io::Error, PathBuf),
    /// The file cannot be written.
    #[error("the token file cannot be written: {0}: {1}")]
    Unwritable(#[source] std::io::Error, PathBuf),
    /// The file holds no token.
    #[error("the token file holds no token: {0}")]
    Empty(PathBuf),
    /// The system gave no random bytes.
    #[error("the system gave no random bytes")]
    NoRandomness,
}

/// The token that scripts send, as `argus token` prints it.
pub fn read_script_token(data_dir: &Path) -> Result<String, AuthError> {
    let path = data_dir.join(TOKEN_FILE);
    match read_private(&path) {
        Ok((token, _)) if token.is_empty() => Err(AuthError::Empty(path)),
        Ok((token, _)) => Ok(token),
        Err(error) => Err(AuthError::Unreadable(error, path)),
    }
}

/// Replaces the token; a running server takes the new one from then on.
pub fn rotate_script_token(data_dir: &Path) -> Result<String, AuthError> {
    rotate(data_dir.join(TOKEN_FILE))
}

/// Replaces the token that lets telemetry in; settings that hold the old one must be written anew.
pub fn rotate_ingest_token(data_dir: &Path) -> Result<String, AuthError> {
    rotate(data_dir.join(INGEST_TOKEN_FILE))
}

/// The token that lets telemetry in, made where there is none yet; one that others could read is replaced.
pub fn open_ingest_token(data_dir: &Path) -> Result<String, AuthError> {
    let path = data_dir.join(INGEST_TOKEN_FILE);
    match read_private(&path) {
        Ok((token, mode)) if !token.is_empty() && mode & 0o077 == 0 => Ok(token),
        Err(error) if error.kind() != ErrorKind::NotFound => Err(AuthError::Unreadable(error, path)),
        _ => rotate(path),
    }
}

fn rotate(path: PathBuf) -> Result<String, AuthError> {
    let token = random_hex()?;
    write_private(&path, &token).map_err(|error| AuthError::Unwritable(error, path))?;
    Ok(token)
}

/// The file as a running server sees it.
#[derive(Debug)]
pub(super) struct ScriptToken {
    path: PathBuf,
    seen: Mutex<Option<(Stamp, Digest)>>,
}

/// What changes when the file does: device, inode, time of change. A rotation always makes a new inode.
type Stamp = (u64, u64, i64, i64);

impl ScriptToken {
    pub(super) fn open(data_dir: &Path) -> Result<Self, AuthError> {
        let path = data_dir.join(TOKEN_FILE);
        match read_private(&path) {
            Ok((token, mode)) if !token.is_empty() && mode & 0o077 == 0 => {}
            Ok((_, mode)) => {
                tracing::warn!(
                    mode = format!("{mode:o}"),
                    "the token was empty or others could read it; made a new one"
                );
                rotate_script_token(data_dir)?;
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                rotate_script_token(data_dir)?;
            }
            Err(error) => return Err(AuthError::Unreadable(error, path)),
        }
        Ok(Self { path, seen: Mutex::new(None) })
    }

    /// A token that need not be there.
    pub(super) fn at(data_dir: &Path, name: &str) -> Self {
        Self { path: data_dir.join(name), seen: Mutex::new(None) }
    }

    /// The digest of the token that counts now; none while the file is missing or empty.
    pub(super) fn digest(&self) -> Option<Digest> {
        let stamp = stamp(&std::fs::symlink_metadata(&self.path).ok()?);
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, digest)) = *seen
            && known == stamp
        {
            return Some(digest);
        }
        let (token, _) = read_private(&self.path).ok()?;
        let fresh = (!token.is_empty()).then(|| digest(&token));
        *seen = fresh.map(|digest| (stamp, digest));
        fresh
    }
}

fn stamp(metadata: &std::fs::Metadata) -> Stamp {
    (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
}

/// The text and the mode; never through a link.
fn read_private(path: &Path) -> std::io::Result<(String, u32)> {
    let file = OpenOptions::new().read(true).custom_flags(no_follow()).open(path)?;
    let mode = file.metadata()?.mode();
    let mut text = String::new();
    file.take(MAX_TOKEN_BYTES).read_to_string(&mut text)?;
    Ok((text.trim().to_owned(), mode))
}

/// Whole or not at all, and private from the first moment.
fn write_private(path: &Path, token: &str) -> std::io::Result<()> {
    let draft = path.with_extension(format!("new.{}", std::process::id()));
    let write = || -> std::io::Result<()> {
        let mut file: File =
            OpenOptions::new().write(true).create_new(true).mode(0o600).custom_flags(no_follow()).open(&draft)?;
        file.write_all(token.as_bytes())?;
        file.write_all(b"\n")?;
        file.sync_all()?;
        std::fs::rename(&draft, path)
    };
    let written = write();
    if written.is_err() {
        let _ = std::fs::remove_file(&draft);
    }
    written
}

fn no_follow() -> i32 {
    i32::try_from(OFlags::NOFOLLOW.bits()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn the_file_is_private_and_stays_the_same_over_starts() {
        let dir = tempfile::tempdir().unwrap();
        ScriptToken::open(dir.path()).unwrap();
        let first = read_script_token(dir.path()).unwrap();
        assert_eq!(first.len(), 64);
        assert_eq!(std::fs::metadata(dir.path().join(TOKEN_FILE)).unwrap().mode() & 0o777, 0o600);
        ScriptToken::open(dir.path()).unwrap();
        assert_eq!(read_script_token(dir.path()).unwrap(), first);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_token_that_others_could_read_is_replaced() {
        let dir = tempfile::tempdir().unwrap();
        let old = rotate_script_token(dir.path()).unwrap();
        let path = dir.path().join(TOKEN_FILE);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        ScriptToken::open(dir.path()).unwrap();
        assert_ne!(read_script_token(dir.path()).unwrap(), old);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
    }

    #[test]
    fn a_link_in_the_tokens_place_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let elsewhere = dir.path().join("elsewhere");
        std::fs::write(&elsewhere, "chosen by somebody else").unwrap();
        std::os::unix::fs::symlink(&elsewhere, dir.path().join(TOKEN_FILE)).unwrap();
        assert!(matches!(ScriptToken::open(dir.path()), Err(AuthError::Unreadable(..))));
        assert!(read_script_token(dir.path()).is_err());
    }
}
