//! What Claude Code runs, at `DATA/bin`: the hook, and the guard where it is wanted. Placed by an atomic rename, so that
//! neither `cargo clean`, an upgrade nor a moved checkout ever breaks a running session.
//!
//! The source is the small program of that name beside the running `argus`; where there is none, this program itself,
//! which does the same when it is started under that name.

use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use crate::configuration::replace;
use crate::failure::{Done, Explain, Failure};
use crate::paths::{DataDir, make_private_folder};
use crate::settings::{GUARD_NAME, HOOK_NAME};

/// A program of ours that Claude Code runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Program {
    /// Tells of every event.
    Hook,
    /// Answers before each tool call.
    Guard,
}

impl Program {
    /// Its file's name.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Hook => HOOK_NAME,
            Self::Guard => GUARD_NAME,
        }
    }

    /// Where it lies.
    pub(crate) fn place(self, data: &DataDir) -> PathBuf {
        match self {
            Self::Hook => data.hook(),
            Self::Guard => data.guard(),
        }
    }

    fn source(self) -> io::Result<PathBuf> {
        let own = std::env::current_exe()?;
        let beside = own.with_file_name(self.name());
        Ok(if beside.is_file() { beside } else { own })
    }
}

/// The state of a placed program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HookState {
    /// There is none.
    Missing,
    /// It cannot be executed.
    NotExecutable,
    /// It is another build than this program's.
    Outdated,
    /// As it should be.
    Current,
}

/// What is at its place.
pub(crate) fn inspect(program: Program, data: &DataDir) -> HookState {
    let path = program.place(data);
    match fs::metadata(&path) {
        Err(_) => HookState::Missing,
        Ok(metadata) if !metadata.is_file() || metadata.permissions().mode() & 0o100 == 0 => HookState::NotExecutable,
        Ok(_) => match program.source().and_then(|source| has_same_bytes(&source, &path)) {
            Ok(false) => HookState::Outdated,
            _ => HookState::Current,
        },
    }
}

/// Places it unless it is current; tells whether it did.
pub(crate) fn place(program: Program, data: &DataDir) -> Done<bool> {
    if data.path().as_os_str().len() > argus_spool::place::LONGEST_BYTES {
        return Err(Failure::new(format!(
            "the data directory's path is too long for the hook: {}",
            data.path().display()
        ))
        .hint("choose a shorter one with --data-dir"));
    }
    if inspect(program, data) == HookState::Current {
        keep_digest(program, data)?;
        return Ok(false);
    }
    let target = program.place(data);
    let folder = target.parent().unwrap_or(data.path());
    let draft = folder.join(format!(".{}.{}", program.name(), std::process::id()));
    let copy = || -> io::Result<()> {
        make_private_folder(folder)?;
        let mut from = fs::File::open(program.source()?)?;
        let _ = fs::remove_file(&draft);
        let mut to = OpenOptions::new().write(true).create_new(true).mode(0o700).open(&draft)?;
        io::copy(&mut from, &mut to)?;
        to.flush()?;
        to.sync_all()?;
        drop(to);
        fs::rename(&draft, &target)
    };
    let placed = copy();
    if placed.is_err() {
        let _ = fs::remove_file(&draft);
    }
    placed.while_doing(&format!("cannot place a program at {}", target.display()))?;
    keep_digest(program, data)?;
    Ok(true)
}

/// What was placed, as its digest; none where nobody kept it.
pub(crate) fn installed_digest(program: Program, data: &DataDir) -> Option<String> {
    fs::read_to_string(digest_file(program, data)).ok().map(|text| text.trim().to_owned())
}

/// The digest of a program's bytes.
pub(crate) fn digest_of(path: &Path) -> io::Result<String> {
    let mut hasher = blake3::Hasher::new();
    io::copy(&mut fs::File::open(path)?, &mut hasher)?;
    Ok(hasher.finalize().to_hex().to_string())
}

/// Keeps what was placed, so that the server can tell whether somebody replaced it.
fn keep_digest(program: Program, data: &DataDir) -> Done {
    let digest = digest_of(&program.place(data)).while_doing("cannot read what was placed")?;
    if installed_digest(program, data).as_ref() == Some(&digest) {
        return Ok(());
    }
    replace(&digest_file(program, data), &digest).while_doing("cannot keep what was placed")
}

fn digest_file(program: Program, data: &DataDir) -> PathBuf {
    program.place(data).with_extension("installed")
}

fn has_same_bytes(one: &Path, other: &Path) -> io::Result<bool> {
    let (mut one, mut other) = (fs::File::open(one)?, fs::File::open(other)?);
    if one.metadata()?.len() != other.metadata()?.len() {
        return Ok(false);
    }
    let (mut left, mut right) = (vec![0; 64 << 10], vec![0; 64 << 10]);
    loop {
        let count = one.read(&mut left)?;
        if count == 0 {
            return Ok(true);
        }
        other.read_exact(&mut right[..count])?;
        if left[..count] != right[..count] {
            return Ok(false);
        }
    }
}
