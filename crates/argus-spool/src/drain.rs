//! The server's side: list, read, remove, set aside, and keep the spool from growing without end.
//!
//! Nothing is locked. A segment has one writer for ever and appears empty before it is filled, so all that the drain must
//! know of a segment that is not whole is whether its writer may still come: if so it is *waiting*, else it is *torn*.
//!
//! What must stay true: a segment leaves the folder only by [`Spool::remove`] or [`Spool::set_aside`]; a link is never
//! followed; no two segments are ever joined.

use std::fs::{self, DirEntry, File, OpenOptions};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use crate::SpoolSize;
use crate::error::{SpoolError, failed};
use crate::name::SegmentName;
use crate::record::{self, Damage, flags};
use crate::writer;

const ASIDE: &str = "aside";

/// The spool folder as the server sees it.
#[derive(Debug)]
pub struct Spool {
    folder: PathBuf,
}

/// What a segment turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Segment {
    /// The record, as its hook wrote it.
    Whole(Box<Record>),
    /// Not whole yet; its writer may still be at work. Look again later.
    Waiting,
    /// Not a record, and nobody will make it one.
    Torn(Torn),
}

/// A record read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// When the hook started, by the wall clock, in ns since 1970.
    pub started_at_ns: u64,
    /// The same instant by the clock that runs on through suspend and never jumps; it starts at boot.
    pub boottime_ns: Option<u64>,
    /// The hook's process id, in its own pid namespace.
    pub pid: u32,
    /// The client's process id, as the client named it.
    pub client_pid: Option<u32>,
    /// The project folder, as bytes: a path need not be text.
    pub project_dir: Option<Vec<u8>>,
    /// How the client was started, in its own words.
    pub entrypoint: Option<Vec<u8>>,
    /// What came on stdin, or its head if `is_cut`.
    pub payload: Vec<u8>,
    /// How much came.
    pub seen_bytes: u64,
    /// XXH64 of all that came.
    pub seen_hash: u64,
    /// More came than is kept.
    pub is_cut: bool,
    /// stdin did not reach its end.
    pub is_unterminated: bool,
}

/// What is left of a record that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// What is wrong with it.
    pub reason: Damage,
    /// What there is. Unmasked: it must not be kept as it is.
    pub bytes: Vec<u8>,
}

impl Spool {
    /// Opens the spool, making the folder (0700) and the loss counter if they are not there.
    ///
    /// # Errors
    /// If something else is in the place of the folder, or the file system refuses.
    pub fn open(folder: impl Into<PathBuf>) -> Result<Self, SpoolError> {
        let folder = folder.into();
        make_private(&folder)?;
        let spool = Self { folder };
        spool.reserve_counter()?;
        Ok(spool)
    }

    /// The folder, to be watched.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The segments there are, oldest first. Whatever is not a segment is passed over ([`Self::size`] counts it).
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn pending(&self) -> Result<Vec<SegmentName>, SpoolError> {
        let mut names = Vec::new();
        self.each_entry(&self.folder, |entry| names.extend(segment_name(entry)))?;
        names.sort_unstable();
        Ok(names)
    }

    /// Reads a segment.
    ///
    /// # Errors
    /// [`SpoolError::Gone`] if it is not there any more; otherwise what the file system said.
    pub fn read(&self, name: &SegmentName) -> Result<Segment, SpoolError> {
        let path = self.folder.join(name.as_str());
        let (bytes, modified) = read_bounded(&path).map_err(|error| gone_or(error, "read a segment", name, &path))?;
        // One byte more than a record can have was asked for, so what is too long is damage by its lengths.
        let reason = match record::decode(&bytes) {
            Ok((head, payload)) => return Ok(Segment::Whole(Box::new(Record::from_wire(&head, payload)))),
            Err(Damage::Version(version)) => Damage::Version(version),
            Err(_) if writer::may_still_write(name, modified) => return Ok(Segment::Waiting),
            Err(reason) => reason,
        };
        Ok(Segment::Torn(Torn { reason, bytes }))
    }

    /// Removes a segment: only after the commit of what it said.
    ///
    /// # Errors
    /// If the file system refuses. A segment that is gone already is no error.
    pub fn remove(&self, name: &SegmentName) -> Result<(), SpoolError> {
        let path = self.folder.join(name.as_str());
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove a segment", &path)(error)),
            _ => Ok(()),
        }
    }

    /// Takes a segment that cannot be read out of the way, for a program that can: it keeps its name, in `aside/`.
    ///
    /// # Errors
    /// [`SpoolError::Gone`] if it is not there any more; otherwise what the file system said.
    pub fn set_aside(&self, name: &SegmentName) -> Result<(), SpoolError> {
        let aside = self.folder.join(ASIDE);
        make_private(&aside)?;
        let path = self.folder.join(name.as_str());
        fs::rename(&path, aside.join(name.as_str())).map_err(|error| gone_or(error, "set a segment aside", name, &path))
    }

    /// How many records hooks could not write, ever.
    ///
    /// # Errors
    /// If the counter cannot be read.
    pub fn lost_count(&self) -> Result<u64, SpoolError> {
        let path = self.counter();
        let mut bytes = Vec::new();
        let read =
            no_follow(OpenOptions::new().read(true)).open(&path).and_then(|mut file| file.read_to_end(&mut bytes));
        match read {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            Err(error) => Err(failed("read the loss counter", &path)(error)),
            Ok(_) => Ok(bytes.iter().filter(|&&byte| byte == record::LOST_BYTE).count() as u64),
        }
    }

    /// What is in the spool.
    ///
    /// # Errors
    /// If the folder cannot be listed.
    pub fn size(&self) -> Result<SpoolSize, SpoolError> {
        let mut size = SpoolSize::default();
        self.each_entry(&self.folder, |entry| {
            let name = entry.file_name();
            if segment_name(entry).is_some() {
                size.segments += 1;
                size.size_bytes += entry.metadata().map_or(0, |file| file.len());
            } else if name != ASIDE && name.as_encoded_bytes() != record::FULL_MARKER.to_bytes() {
                size.foreign += 1;
            }
        })?;
        let aside = self.folder.join(ASIDE);
        if aside.is_dir() {
            self.each_entry(&aside, |entry| {
                size.aside += 1;
                size.aside_bytes += entry.metadata().map_or(0, |file| file.len());
            })?;
        }
        Ok(size)
    }

    /// Tells the hooks to stop while more than `max_bytes` wait to be drained, and to go on when they do not; says which.
    /// A record that a hook may not write is counted as lost. Without a server nobody calls this: then hooks stop at
    /// `record::DISK_FLOOR_BYTES`.
    ///
    /// # Errors
    /// If the folder cannot be listed, or the marker not set.
    pub fn enforce_cap(&self, max_bytes: u64) -> Result<bool, SpoolError> {
        let is_full = self.size()?.size_bytes > max_bytes;
        let marker = self.folder.join(record::FULL_MARKER.to_string_lossy().as_ref());
        let done = if is_full {
            private(OpenOptions::new().write(true).create(true).truncate(false)).open(&marker).map(drop)
        } else {
            fs::remove_file(&marker).or_else(|error| match error.kind() {
                io::ErrorKind::NotFound => Ok(()),
                _ => Err(error),
            })
        };
        done.map_err(failed("set the spool's full marker", &marker))?;
        Ok(is_full)
    }

    fn counter(&self) -> PathBuf {
        self.folder.with_file_name(record::LOST_NAME)
    }

    /// A first byte that counts for nothing gives the counter its block of the disk, so that hooks can still count when
    /// the disk is full.
    fn reserve_counter(&self) -> Result<(), SpoolError> {
        let path = self.counter();
        let mut options = OpenOptions::new();
        let opened = private(options.append(true).create(true)).open(&path);
        opened
            .and_then(|mut file| match file.metadata()?.len() {
                0 => io::Write::write_all(&mut file, b"."),
                _ => Ok(()),
            })
            .map_err(failed("open the loss counter", &path))
    }

    fn each_entry(&self, folder: &Path, mut visit: impl FnMut(&DirEntry)) -> Result<(), SpoolError> {
        for entry in fs::read_dir(folder).map_err(failed("list the spool", folder))? {
            visit(&entry.map_err(failed("list the spool", folder))?);
        }
        Ok(())
    }
}

impl Record {
    fn from_wire(head: &record::Head<'_>, payload: &[u8]) -> Self {
        let variables = head.variables;
        let number = |bytes| std::str::from_utf8(bytes).ok()?.parse().ok();
        Self {
            started_at_ns: head.started_at_ns,
            boottime_ns: Some(head.boottime_ns).filter(|&ns| ns != 0),
            pid: head.pid,
            client_pid: variables.client_pid.and_then(number),
            project_dir: variables.project_dir.map(<[u8]>::to_vec),
            entrypoint: variables.entrypoint.map(<[u8]>::to_vec),
            payload: payload.to_vec(),
            seen_bytes: head.seen_bytes,
            seen_hash: head.seen_hash,
            is_cut: head.flags & flags::CUT != 0,
            is_unterminated: head.flags & flags::UNTERMINATED != 0,
        }
    }
}

fn segment_name(entry: &DirEntry) -> Option<SegmentName> {
    let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
    entry.file_name().to_str().filter(|_| is_file).and_then(SegmentName::parse)
}

fn gone_or(error: io::Error, action: &'static str, name: &SegmentName, path: &Path) -> SpoolError {
    match error.kind() {
        io::ErrorKind::NotFound => SpoolError::Gone(name.clone()),
        _ => failed(action, path)(error),
    }
}

fn read_bounded(path: &Path) -> io::Result<(Vec<u8>, io::Result<std::time::SystemTime>)> {
    let file = no_follow(OpenOptions::new().read(true)).open(path)?;
    let metadata = file.metadata()?;
    if !metadata.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a file"));
    }
    let mut bytes = Vec::with_capacity(metadata.len().min(record::RECORD_BYTES as u64) as usize + 1);
    File::take(file, record::RECORD_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok((bytes, metadata.modified()))
}

/// Makes the folder for its owner alone, and refuses what is not one. Rights that have drifted are put right.
fn make_private(folder: &Path) -> Result<(), SpoolError> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    if let Err(error) = builder.create(folder)
        && error.kind() != io::ErrorKind::AlreadyExists
    {
        return Err(failed("make the spool folder", folder)(error));
    }
    let found = fs::symlink_metadata(folder).map_err(failed("look at the spool folder", folder))?;
    if !found.is_dir() || !is_own(&found) {
        return Err(SpoolError::NotOurs(folder.to_owned()));
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        if found.permissions().mode() & 0o777 != 0o700 {
            let private = fs::Permissions::from_mode(0o700);
            fs::set_permissions(folder, private).map_err(failed("make the spool folder private", folder))?;
        }
    }
    Ok(())
}

/// Whether this user owns the file.
#[cfg(unix)]
pub(crate) fn is_own(found: &fs::Metadata) -> bool {
    std::os::unix::fs::MetadataExt::uid(found) == rustix::process::geteuid().as_raw()
}

#[cfg(not(unix))]
pub(crate) fn is_own(_: &fs::Metadata) -> bool {
    true
}

/// Never through a link, and never held up by a pipe.
fn no_follow(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    {
        let flags = rustix::fs::OFlags::NOFOLLOW | rustix::fs::OFlags::NONBLOCK;
        std::os::unix::fs::OpenOptionsExt::custom_flags(options, flags.bits() as i32);
    }
    options
}

/// As [`no_follow`], and what is made is for its owner alone.
pub(crate) fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    no_follow(options)
}
