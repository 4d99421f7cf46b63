//! The hook's side over the standard library: what `argus hook` does, and `argus-hook` where it needs a libc.
//!
//! The same record, order and limits as the bare hook (`argus-hook/src/bare.rs`), in plain Rust. Nothing here fails: what
//! cannot be stored is counted in the loss counter beside the spool, and what cannot be counted is let go.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use crate::drain::{is_own, private};
use crate::name::SegmentName;
use crate::place::{self, Surroundings};
use crate::record::{self, Head, Variables, flags};
use crate::xxh64::Xxh64;

/// Where the spool of this process is (see [`place`]); nothing if nothing says where.
pub fn spool_folder() -> Option<PathBuf> {
    let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty());
    let (named, xdg, home) = (variable("ARGUS_DATA_DIR"), variable("XDG_DATA_HOME"), variable("HOME"));
    let executable = std::env::current_exe().ok();
    let around = Surroundings {
        argus_data_dir: named.as_deref().map(OsStr::as_encoded_bytes),
        executable: executable.as_deref().map(|path| path.as_os_str().as_encoded_bytes()),
        xdg_data_home: xdg.as_deref().map(OsStr::as_encoded_bytes),
        home: home.as_deref().map(OsStr::as_encoded_bytes),
    };
    let is_folder = |path: &Path| fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let (base, rest) = place::locate(&around, |folder| path_of(folder).is_some_and(|it| is_folder(&it.join("spool"))))?;
    let rest = std::str::from_utf8(rest).ok()?;
    Some(path_of(base)?.join(rest.trim_start_matches('/')).join("spool"))
}

#[cfg(unix)]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Some(PathBuf::from(OsStr::from_bytes(bytes)))
}

#[cfg(not(unix))]
fn path_of(bytes: &[u8]) -> Option<PathBuf> {
    std::str::from_utf8(bytes).ok().map(PathBuf::from)
}

/// Takes stdin to its end, or to the end of patience, and stores it as one record. Silent; never fails.
pub fn append_stdin(spool: &Path) {
    append(spool, || Payload::read(io::stdin()));
}

/// Stores what another program of ours has to tell as one record. Silent; never fails.
pub fn append_payload(spool: &Path, told: &[u8]) {
    append(spool, || {
        let mut payload = Payload::empty();
        payload.take(told);
        payload
    });
}

fn append(spool: &Path, read: impl FnOnce() -> Payload) {
    let started_at = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    let boottime_ns = boottime_ns();
    let mut payload = read();
    let client = ["CLAUDE_PID", "CLAUDE_PROJECT_DIR", "CLAUDE_CODE_ENTRYPOINT"].map(std::env::var_os);
    let [client_pid, project_dir, entrypoint] =
        client.each_ref().map(|value| value.as_deref().map(OsStr::as_encoded_bytes).filter(|bytes| !bytes.is_empty()));
    let head = Head {
        flags: payload.flags,
        pid: std::process::id(),
        seen_bytes: payload.seen_bytes,
        seen_hash: payload.hash.finish(),
        started_at_ns: u64::try_from(started_at.as_nanos()).unwrap_or(u64::MAX),
        boottime_ns,
        variables: Variables { client_pid, project_dir, entrypoint },
    };
    if store(spool, &head, &mut payload.record).is_err() {
        let _ = count_loss(&spool.with_file_name(record::LOST_NAME));
    }
}

fn count_loss(counter: &Path) -> io::Result<()> {
    let mut file = private(OpenOptions::new().append(true).create(true)).open(counter)?;
    if file.metadata()?.len() < file_size_limit() {
        file.write_all(&[record::LOST_BYTE])?;
    }
    Ok(())
}

fn store(spool: &Path, head: &Head<'_>, record: &mut [u8]) -> io::Result<()> {
    let refused = |why| io::Error::new(io::ErrorKind::PermissionDenied, why);
    let folder = fs::symlink_metadata(spool)?;
    if !folder.is_dir() || !is_own(&folder) {
        return Err(refused("not a folder of this user"));
    }
    if fs::symlink_metadata(spool.join(record::FULL_MARKER.to_string_lossy().as_ref())).is_ok() {
        return Err(refused("full"));
    }
    let (room, payload) = record.split_at_mut(record::HEAD_ROOM);
    let start = record::encode_head(head, payload, room).ok_or_else(|| refused("too long"))?;
    let bytes = &record[start..];
    if !has_room_for(spool, bytes.len() as u64) {
        return Err(refused("no room"));
    }
    for attempt in 0..16 {
        let path = spool.join(SegmentName::new(head.started_at_ns.wrapping_add(attempt), head.pid).as_str());
        let mut file = match private(OpenOptions::new().write(true).create_new(true)).open(&path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => continue,
            opened => opened?,
        };
        return match file.write(bytes) {
            Ok(count) if count == bytes.len() => Ok(()),
            _ => {
                let _ = fs::remove_file(&path);
                Err(refused("cut short"))
            }
        };
    }
    Err(refused("no free name"))
}

/// The disk keeps its floor, and the process its own limit.
fn has_room_for(spool: &Path, record_bytes: u64) -> bool {
    record_bytes <= file_size_limit() && free_bytes(spool).is_none_or(|free| free >= record::DISK_FLOOR_BYTES)
}

#[cfg(unix)]
fn free_bytes(spool: &Path) -> Option<u64> {
    let disk = rustix::fs::statvfs(spool).ok().filter(|disk| disk.f_blocks > 0)?;
    Some(disk.f_frsize.saturating_mul(disk.f_bavail))
}

#[cfg(not(unix))]
fn free_bytes(_: &Path) -> Option<u64> {
    None
}

/// How large this process may make a file: to go beyond would be answered by a signal that kills it.
#[cfg(unix)]
fn file_size_limit() -> u64 {
    rustix::process::getrlimit(rustix::process::Resource::Fsize).current.unwrap_or(u64::MAX)
}

#[cfg(not(unix))]
fn file_size_limit() -> u64 {
    u64::MAX
}

#[cfg(target_os = "linux")]
fn boottime_ns() -> u64 {
    let now = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
    (now.tv_sec as u64).saturating_mul(1_000_000_000).saturating_add(now.tv_nsec as u64)
}

#[cfg(not(target_os = "linux"))]
fn boottime_ns() -> u64 {
    0
}

struct Payload {
    /// Room for the head, then the bytes that are kept: one run for one write.
    record: Vec<u8>,
    seen_bytes: u64,
    hash: Xxh64,
    flags: u16,
}

impl Payload {
    fn empty() -> Self {
        Self { record: vec![0; record::HEAD_ROOM], seen_bytes: 0, hash: Xxh64::default(), flags: 0 }
    }

    /// A thread of its own reads, because a blocking read cannot be given a time; if it never comes back, the process
    /// ends without it.
    fn read(mut source: impl Read + Send + 'static) -> Self {
        let (sender, receiver) = mpsc::sync_channel::<Option<Vec<u8>>>(4);
        let reader = move || {
            loop {
                let mut chunk = vec![0; 64 << 10];
                let count = match source.read(&mut chunk) {
                    Ok(count) => count,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(_) => return,
                };
                chunk.truncate(count);
                if sender.send((count > 0).then_some(chunk)).is_err() || count == 0 {
                    return;
                }
            }
        };
        let mut payload = Self::empty();
        let _ = thread::Builder::new().spawn(reader);
        let deadline = Instant::now() + Duration::from_millis(record::READING_MS);
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match receiver.recv_timeout(left.min(Duration::from_millis(record::SILENCE_MS))) {
                Ok(Some(chunk)) => payload.take(&chunk),
                Ok(None) => break,
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    payload.flags |= flags::UNTERMINATED;
                    break;
                }
            }
        }
        payload
    }

    fn take(&mut self, chunk: &[u8]) {
        self.hash.update(chunk);
        self.seen_bytes += chunk.len() as u64;
        let kept = chunk.len().min(record::HEAD_ROOM + record::KEPT_BYTES - self.record.len());
        self.record.extend_from_slice(&chunk[..kept]);
        if kept < chunk.len() {
            self.flags |= flags::CUT;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::xxh64::xxh64;
    use crate::{Segment, Spool};

    fn kept(payload: &Payload) -> &[u8] {
        &payload.record[record::HEAD_ROOM..]
    }

    fn stored(spool: &Path, mut payload: Payload) -> io::Result<()> {
        let head = Head {
            flags: payload.flags,
            pid: 1,
            seen_bytes: payload.seen_bytes,
            seen_hash: payload.hash.finish(),
            started_at_ns: 5,
            ..Head::default()
        };
        store(spool, &head, &mut payload.record)
    }

    #[test]
    fn what_is_appended_is_drained() {
        let folder = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(folder.path().join("spool")).expect("a spool");
        for _ in 0..2 {
            stored(spool.folder(), Payload::read(b"{}".as_slice())).expect("stored");
        }
        let names = spool.pending().expect("listed");
        let at: Vec<u64> = names.iter().map(SegmentName::started_at_ns).collect();
        assert_eq!(at, [5, 6], "a name that is taken is not written again");
        for name in &names {
            let Segment::Whole(record) = spool.read(name).expect("read") else { panic!("not whole") };
            assert_eq!((record.payload.as_slice(), record.started_at_ns), (b"{}".as_slice(), 5));
        }
    }

    #[test]
    fn a_payload_beyond_the_limit_is_cut_hashed_and_counted() {
        let long = vec![7; record::KEPT_BYTES + 100_000];
        let (hash, length) = (xxh64(&long), long.len() as u64);
        let payload = Payload::read(io::Cursor::new(long));
        assert_eq!((payload.seen_bytes, payload.hash.finish(), payload.flags), (length, hash, flags::CUT));
        assert_eq!(kept(&payload).len(), record::KEPT_BYTES);
    }

    #[test]
    fn a_source_that_falls_silent_is_given_up() {
        let (source, mut sink) = io::pipe().expect("a pipe");
        sink.write_all(b"{\"half\":").expect("written");
        let payload = Payload::read(source);
        assert_eq!((kept(&payload), payload.flags), (b"{\"half\":".as_slice(), flags::UNTERMINATED));
    }

    #[test]
    fn nothing_is_stored_in_a_full_or_missing_spool_or_through_a_link() {
        let folder = tempfile::tempdir().expect("a folder");
        let spool = Spool::open(folder.path().join("spool")).expect("a spool");
        assert!(stored(&folder.path().join("missing"), Payload::read(io::empty())).is_err());
        #[cfg(unix)]
        {
            let link = folder.path().join("link");
            std::os::unix::fs::symlink(spool.folder(), &link).expect("linked");
            assert!(stored(&link, Payload::read(io::empty())).is_err());
        }
        stored(spool.folder(), Payload::read(io::empty())).expect("stored");
        assert!(spool.enforce_cap(0).expect("held"));
        assert!(stored(spool.folder(), Payload::read(io::empty())).is_err());
        assert_eq!(spool.size().expect("sized").segments, 1);
    }
}
