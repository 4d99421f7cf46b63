//! The spool record: one file, written by one hook process with one `write`, readable whole or not at all.
//!
//! This file is shared by source, not by linkage: `argus-hook` has no standard library and includes it with `#[path]`,
//! so it and its neighbours `xxh64.rs` and
//! `place.rs` use `core` only and never allocate. The hook encodes into a buffer of its own, the server decodes a slice.
//!
//! Format, version 1, all numbers little-endian:
//!
//! ```text
//! offset size
//!      0    7  magic "argspl\n"
//!      7    1  version (1)
//!      8    8  checksum: XXH64, seed 0, of every byte from offset 16 to the end of the record
//!     16    2  flags (see `flags`)
//!     18    2  head length H: where the payload begins
//!     20    4  process id of the hook, in its own pid namespace
//!     24    8  bytes seen on stdin
//!     32    8  bytes stored here (less than seen when cut)
//!     40    8  XXH64, seed 0, of all bytes seen
//!     48    8  wall clock when the hook started, ns since 1970 (u64)
//!     56    8  boot-time clock at the same instant, ns, suspend included; 0 = not known
//!     64    .  CLAUDE_PID, CLAUDE_PROJECT_DIR, CLAUDE_CODE_ENTRYPOINT: each u16 length + bytes; length 0xFFFF = not set
//!      H    .  the payload, as received
//! ```
//!
//! The clocks are read first thing in the process, so the boot-time stamp is also the process's start: together with the
//! process id it names one process of one boot. Nothing else of the environment is ever recorded.
//!
//! What must stay true: a new meaning gets a new version; a reader of version 1 skips head bytes it does not know (up to
//! H). A prefix of a record is `Incomplete`, never `Ok`; any changed byte is refused.
//!
//! Start at [`encode_head`] and [`decode`].

use crate::xxh64::{Xxh64, xxh64};

/// Marks a file as ours; the version byte follows it.
pub const MAGIC: [u8; 7] = *b"argspl\n";
/// The version this program writes.
pub const VERSION: u8 = 1;
/// How much of a payload is kept; the rest is counted and hashed.
pub const KEPT_BYTES: usize = 16 << 20;
/// The longest value of a recorded variable; `PATH_MAX` on Linux. A longer one is left out and flagged.
pub const VARIABLE_BYTES: usize = 4096;
/// Room that every head fits in.
pub const HEAD_ROOM: usize = FIXED_BYTES + 3 * (2 + VARIABLE_BYTES);
/// The reader's bound for a record file.
pub const RECORD_BYTES: usize = HEAD_ROOM + KEPT_BYTES;
/// A hook waits this long for the next byte of stdin before it stores what came.
pub const SILENCE_MS: u64 = 200;
/// A hook reads stdin at most this long in all, so that a trickle cannot hold the agent up.
pub const READING_MS: u64 = 3_000;
/// A hook leaves this much of the disk to others, server or no server.
pub const DISK_FLOOR_BYTES: u64 = 16 << 20;
/// The file in the spool folder by which the drain says "no more".
pub const FULL_MARKER: &core::ffi::CStr = c"full";
/// The loss counter's name: it stands beside the spool folder, so that a broken folder can be counted too.
pub const LOST_NAME: &str = "spool-lost";
/// What one lost record appends to the loss counter.
pub const LOST_BYTE: u8 = b'x';

const FIXED_BYTES: usize = 64;
const CHECKED_FROM: usize = 16;
const NOT_SET: u16 = u16::MAX;

/// Bits of the record's flags.
pub mod flags {
    /// The payload was longer than `KEPT_BYTES`; only its head is here.
    pub const CUT: u16 = 1;
    /// stdin never reached its end: it fell silent, failed or went on for too long.
    pub const UNTERMINATED: u16 = 2;
    /// A recorded variable was longer than `VARIABLE_BYTES` and left out.
    pub const VARIABLE_DROPPED: u16 = 4;
}

/// The three variables of the environment that a record carries, as bytes; `None` where not set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Variables<'a> {
    /// `CLAUDE_PID`.
    pub client_pid: Option<&'a [u8]>,
    /// `CLAUDE_PROJECT_DIR`.
    pub project_dir: Option<&'a [u8]>,
    /// `CLAUDE_CODE_ENTRYPOINT`.
    pub entrypoint: Option<&'a [u8]>,
}

/// All that a record says besides its payload.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Head<'a> {
    /// See [`flags`].
    pub flags: u16,
    /// The hook's process id.
    pub pid: u32,
    /// How many bytes stdin gave.
    pub seen_bytes: u64,
    /// XXH64 of those bytes.
    pub seen_hash: u64,
    /// Wall clock at the hook's start.
    pub started_at_ns: u64,
    /// Boot-time clock at the hook's start; 0 where unknown.
    pub boottime_ns: u64,
    /// What the environment said.
    pub variables: Variables<'a>,
}

/// Why bytes are not a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Damage {
    /// They end before the record does.
    Incomplete,
    /// They do not begin like a record.
    NotARecord,
    /// A version that this program does not know.
    Version(u8),
    /// They contradict themselves: lengths that cannot be, or bytes after the end.
    Lengths,
    /// They are not the bytes that were written.
    Checksum,
}

/// Writes the head so that it *ends* where `room` ends, and gives the index where it begins: with the payload right
/// behind `room`, head and payload go out in one write.
///
/// `room` must hold [`HEAD_ROOM`] bytes and `stored` at most [`KEPT_BYTES`]; otherwise there is no record (`None`).
pub fn encode_head(head: &Head<'_>, stored: &[u8], room: &mut [u8]) -> Option<usize> {
    let mut flags = head.flags;
    let mut values = [head.variables.client_pid, head.variables.project_dir, head.variables.entrypoint];
    let mut length = FIXED_BYTES;
    for value in &mut values {
        if value.is_some_and(|bytes| bytes.len() > VARIABLE_BYTES) {
            *value = None;
            flags |= flags::VARIABLE_DROPPED;
        }
        length += 2 + value.map_or(0, <[u8]>::len);
    }
    if stored.len() > KEPT_BYTES {
        return None;
    }
    let start = room.len().checked_sub(length)?;
    let out = room.get_mut(start..)?;
    let mut at = 0;
    put(out, &mut at, &MAGIC)?;
    put(out, &mut at, &[VERSION])?;
    put(out, &mut at, &[0; 8])?;
    put(out, &mut at, &flags.to_le_bytes())?;
    put(out, &mut at, &u16::try_from(length).ok()?.to_le_bytes())?;
    put(out, &mut at, &head.pid.to_le_bytes())?;
    for number in [head.seen_bytes, stored.len() as u64, head.seen_hash, head.started_at_ns, head.boottime_ns] {
        put(out, &mut at, &number.to_le_bytes())?;
    }
    for value in values {
        let length = value.map_or(NOT_SET, |bytes| bytes.len() as u16);
        put(out, &mut at, &length.to_le_bytes())?;
        put(out, &mut at, value.unwrap_or_default())?;
    }
    let mut checksum = Xxh64::default();
    checksum.update(out.get(CHECKED_FROM..)?);
    checksum.update(stored);
    out.get_mut(8..16)?.copy_from_slice(&checksum.finish().to_le_bytes());
    Some(start)
}

fn put(out: &mut [u8], at: &mut usize, bytes: &[u8]) -> Option<()> {
    let end = *at + bytes.len();
    out.get_mut(*at..end)?.copy_from_slice(bytes);
    *at = end;
    Some(())
}

/// Reads a record back: its head, and the payload that was stored.
///
/// # Errors
/// Says what is wrong with the bytes; [`Damage::Incomplete`] is the one that more bytes could mend.
pub fn decode(bytes: &[u8]) -> Result<(Head<'_>, &[u8]), Damage> {
    let known = bytes.len().min(MAGIC.len());
    if bytes[..known] != MAGIC[..known] {
        return Err(Damage::NotARecord);
    }
    match bytes.get(MAGIC.len()) {
        None => return Err(Damage::Incomplete),
        Some(&VERSION) => {}
        Some(&other) => return Err(Damage::Version(other)),
    }
    let fixed = bytes.get(..FIXED_BYTES).ok_or(Damage::Incomplete)?;
    let number = |at: usize| u64_at(fixed, at);
    let head_length = usize::from(u16::from_le_bytes([fixed[18], fixed[19]]));
    let (seen_bytes, stored_bytes) = (number(24), number(32));
    if head_length < FIXED_BYTES || stored_bytes > KEPT_BYTES as u64 || stored_bytes > seen_bytes {
        return Err(Damage::Lengths);
    }
    let end = head_length + stored_bytes as usize;
    let payload = bytes.get(head_length..end).ok_or(Damage::Incomplete)?;
    if bytes.len() > end {
        return Err(Damage::Lengths);
    }
    if number(8) != xxh64(&bytes[CHECKED_FROM..]) {
        return Err(Damage::Checksum);
    }
    let mut rest = &bytes[FIXED_BYTES..head_length];
    let variables =
        Variables { client_pid: take(&mut rest)?, project_dir: take(&mut rest)?, entrypoint: take(&mut rest)? };
    let head = Head {
        flags: u16::from_le_bytes([fixed[16], fixed[17]]),
        pid: u32::from_le_bytes([fixed[20], fixed[21], fixed[22], fixed[23]]),
        seen_bytes,
        seen_hash: number(40),
        started_at_ns: number(48),
        boottime_ns: number(56),
        variables,
    };
    Ok((head, payload))
}

fn take<'a>(rest: &mut &'a [u8]) -> Result<Option<&'a [u8]>, Damage> {
    let (length, after) = rest.split_first_chunk::<2>().ok_or(Damage::Lengths)?;
    let length = u16::from_le_bytes(*length);
    if length == NOT_SET {
        *rest = after;
        return Ok(None);
    }
    let (value, after) = after.split_at_checked(usize::from(length)).ok_or(Damage::Lengths)?;
    *rest = after;
    Ok(Some(value))
}

/// The name of a record's file: `<wall clock in ns, 20 digits>-<pid>.rec`; sorted by name is sorted by time.
/// Returns the name, ended by a NUL for those who speak to the kernel, and its length without it.
pub fn file_name(started_at_ns: u64, pid: u32) -> ([u8; 36], usize) {
    let mut name = [0; 36];
    decimal(started_at_ns, &mut name[..20]);
    name[20] = b'-';
    let digits = pid.checked_ilog10().unwrap_or(0) as usize + 1;
    decimal(u64::from(pid), &mut name[21..21 + digits]);
    let end = 21 + digits + 4;
    name[21 + digits..end].copy_from_slice(b".rec");
    (name, end)
}

fn decimal(mut number: u64, out: &mut [u8]) {
    for digit in out.iter_mut().rev() {
        *digit = b'0' + (number % 10) as u8;
        number /= 10;
    }
}

fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk::<8>).map_or(0, |word| u64::from_le_bytes(*word))
}
