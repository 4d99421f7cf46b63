//! Reads stdin to its end, or to the end of patience.
//!
//! A usual payload (some kilobytes) fits the first buffer, which costs the pages it touches and no system call. A larger
//! one moves into a mapping of the full size, whose pages too come as they are touched; what goes beyond the limit passes
//! through the first buffer to be hashed and counted. Both buffers leave room in front of the payload for the record's
//! head, so that head and payload are one run of bytes for one write.

use core::cell::UnsafeCell;

use super::syscall::{self, Clock, Errno, Fd};
use crate::record::{self, HEAD_ROOM, Head, KEPT_BYTES};
use crate::xxh64::Xxh64;

const FIRST_BYTES: usize = HEAD_ROOM + (64 << 10);

struct First(UnsafeCell<[u8; FIRST_BYTES]>);
// SAFETY: the process has one thread.
unsafe impl Sync for First {}
static FIRST: First = First(UnsafeCell::new([0; FIRST_BYTES]));

pub(super) struct Payload {
    /// Room for the head, then the payload's kept bytes, then room for more.
    buffer: &'static mut [u8],
    kept_end: usize,
    pub(super) seen_bytes: u64,
    pub(super) hash: Xxh64,
    terminated: bool,
}

impl Payload {
    /// Takes all that stdin gives within `record::SILENCE_MS` of each other byte and `record::READING_MS` of the start.
    pub(super) fn read(started_at_boottime_ns: u64) -> Self {
        // SAFETY: called once, in the only thread, so this is the only reference to FIRST there will be.
        let first = unsafe { &mut *FIRST.0.get() };
        let mut payload = Self {
            buffer: first.as_mut_slice(),
            kept_end: HEAD_ROOM,
            seen_bytes: 0,
            hash: Xxh64::default(),
            terminated: false,
        };
        let deadline_ns = started_at_boottime_ns + record::READING_MS * 1_000_000;
        let mut overflow: Option<&'static mut [u8]> = None;
        loop {
            if overflow.is_none() && payload.kept_end == payload.buffer.len() {
                let larger = syscall::map(HEAD_ROOM + KEPT_BYTES).filter(|map| map.len() > payload.buffer.len());
                let Some(larger) = larger else {
                    // Full, and nothing larger to be had the first time round: what is kept stays, the rest is not read.
                    break;
                };
                larger[..payload.kept_end].copy_from_slice(payload.buffer);
                overflow = Some(core::mem::replace(&mut payload.buffer, larger));
            }
            let kept_room = &mut payload.buffer[payload.kept_end..];
            let keeps = !kept_room.is_empty();
            let space = match &mut overflow {
                Some(overflow) if !keeps => &mut **overflow,
                _ => kept_room,
            };
            match take(space, deadline_ns) {
                Took::Bytes(count) => {
                    payload.hash.update(&space[..count]);
                    payload.seen_bytes += count as u64;
                    payload.kept_end += if keeps { count } else { 0 };
                }
                Took::End => {
                    payload.terminated = true;
                    break;
                }
                Took::Nothing => break,
            }
        }
        payload
    }

    pub(super) fn flags(&self) -> u16 {
        let cut = self.seen_bytes > (self.kept_end - HEAD_ROOM) as u64;
        (if cut { record::flags::CUT } else { 0 }) | (if self.terminated { 0 } else { record::flags::UNTERMINATED })
    }

    /// Puts the head in front of the payload: the bytes to write.
    pub(super) fn into_record(self, head: &Head<'_>) -> Option<&'static [u8]> {
        let (room, rest) = self.buffer.split_at_mut(HEAD_ROOM);
        let start = record::encode_head(head, &rest[..self.kept_end - HEAD_ROOM], room)?;
        Some(&self.buffer[start..self.kept_end])
    }
}

enum Took {
    Bytes(usize),
    End,
    Nothing,
}

/// One read, waiting no longer than patience allows.
fn take(space: &mut [u8], deadline_ns: u64) -> Took {
    loop {
        let left_ms = deadline_ns.saturating_sub(syscall::now_ns(Clock::Boot)) / 1_000_000;
        if !syscall::wait_readable(Fd::STDIN, left_ms.min(record::SILENCE_MS)) {
            return Took::Nothing;
        }
        match syscall::read(Fd::STDIN, space) {
            Ok(0) => return Took::End,
            Ok(count) => return Took::Bytes(count),
            Err(Errno::INTERRUPTED | Errno::AGAIN) => {}
            Err(_) => return Took::Nothing,
        }
    }
}
