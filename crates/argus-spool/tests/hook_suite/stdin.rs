//! Whatever comes on stdin, however it comes.

use std::fs;
use std::io::Write;
use std::process::{Child, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use argus_spool::record::{KEPT_BYTES, READING_MS, SILENCE_MS};
use argus_spool::xxh64::{Xxh64, xxh64};

use crate::rig::{World, assert_left_alone, times};

/// What a deadline may be overrun by on a busy machine.
const SLACK: Duration = Duration::from_secs(5);

#[test]
fn any_bytes_come_through_unchanged() {
    let world = World::new();
    let nested = [b"[".repeat(100_000), b"]".repeat(100_000)].concat();
    let payloads: [&[u8]; 7] =
        [b"", b"\0", &[0; 70_000], b"\xff\xfe\xed\xa0\x80 lone", &nested, b"{\"a\":\n\n}", &[0xFF; 3 << 20]];
    for _ in 0..times(10, 100) {
        for sent in payloads {
            let record = world.record(world.hook(), sent);
            assert!(record.payload == sent, "{} bytes, starting {:?}", sent.len(), &sent[..sent.len().min(8)]);
            assert_eq!((record.seen_bytes, record.seen_hash), (sent.len() as u64, xxh64(sent)));
            assert!(!record.is_cut && !record.is_unterminated);
        }
    }
}

#[test]
fn every_length_about_a_buffers_end_comes_through() {
    let world = World::new();
    let pattern: Vec<u8> = (0..KEPT_BYTES + 64).map(|at| (at % 251) as u8).collect();
    for middle in [64 << 10, KEPT_BYTES] {
        for length in [middle - 33, middle - 1, middle, middle + 1, middle + 33] {
            let record = world.record(world.hook(), &pattern[..length]);
            assert!(record.payload == pattern[..length.min(KEPT_BYTES)], "{length} bytes");
            assert_eq!(record.is_cut, length > KEPT_BYTES, "{length} bytes");
            assert_eq!((record.seen_bytes, record.seen_hash), (length as u64, xxh64(&pattern[..length])));
            world.spool.pending().expect("listed").iter().for_each(|name| world.spool.remove(name).expect("removed"));
        }
    }
}

#[test]
fn closed_or_odd_stdin_is_an_empty_record() {
    let world = World::new();
    let mut shell = crate::rig::bare(std::path::Path::new("/bin/sh"));
    shell.env("ARGUS_DATA_DIR", world.path()).args(["-c", "exec \"$0\" <&-"]).arg(crate::rig::hook_binary());
    let record = world.record(shell, b"");
    assert!(record.payload.is_empty() && record.is_unterminated, "no stdin at all");

    let mut hook = world.hook();
    hook.stdin(Stdio::from(fs::File::open("/").expect("opened")));
    assert_left_alone(hook.spawn().expect("spawned"));
    let mut hook = world.hook();
    hook.stdin(Stdio::null());
    assert_left_alone(hook.spawn().expect("spawned"));
    assert_eq!(world.records().len(), 3);
}

#[test]
fn stdin_that_is_never_closed_ends_after_its_silence() {
    let world = World::new();
    let started = Instant::now();
    let children: Vec<Child> = (0..times(20, 100))
        .map(|_| {
            let mut child = world.hook().spawn().expect("spawned");
            child.stdin.as_mut().expect("piped").write_all(b"{\"half\":").expect("written");
            child
        })
        .collect();
    for mut child in children {
        let kept_open = child.stdin.take();
        assert_left_alone(child);
        drop(kept_open);
    }
    assert!(started.elapsed() >= Duration::from_millis(SILENCE_MS));
    assert!(started.elapsed() < Duration::from_millis(SILENCE_MS) + SLACK);
    let records = world.records();
    assert!(records.iter().all(|record| record.is_unterminated && record.payload == b"{\"half\":"));
    assert_eq!(records.len(), times(20, 100));
}

#[test]
fn a_trickle_without_end_cannot_hold_the_agent_up() {
    let world = World::new();
    let started = Instant::now();
    let mut child = world.hook().spawn().expect("spawned");
    let mut stdin = child.stdin.take().expect("piped");
    let trickle = thread::spawn(move || {
        while stdin.write_all(b"x").is_ok() && started.elapsed() < 2 * SLACK {
            thread::sleep(Duration::from_millis(50));
        }
    });
    assert_left_alone(child);
    assert!(started.elapsed() < Duration::from_millis(READING_MS) + SLACK);
    trickle.join().expect("joined");
    let record = &world.records()[0];
    assert!(record.is_unterminated && !record.payload.is_empty());
}

#[test]
fn two_hundred_megabytes_are_cut_hashed_and_counted_in_little_memory() {
    const TOTAL_BYTES: usize = 200_000_000;
    let world = World::new();
    let block: Vec<u8> = (0..1 << 20).map(|at: u32| (at % 253) as u8).collect();
    let mut hash = Xxh64::default();
    let mut child = world.hook().spawn().expect("spawned");
    let mut stdin = child.stdin.take().expect("piped");
    let mut left = TOTAL_BYTES - 1;
    while left > 0 {
        let piece = &block[..left.min(block.len())];
        stdin.write_all(piece).expect("taken");
        hash.update(piece);
        left -= piece.len();
    }
    let status = fs::read_to_string(format!("/proc/{}/status", child.id())).expect("it still waits for the last byte");
    let peak_kb = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB"));
    let peak_kb: u64 = peak_kb.expect("told").trim().parse().expect("a number");
    assert!(peak_kb <= 64 << 10, "{peak_kb} kB at its peak");
    stdin.write_all(b"!").expect("taken");
    hash.update(b"!");
    drop(stdin);
    assert_left_alone(child);
    let record = &world.records()[0];
    assert!(record.is_cut && !record.is_unterminated);
    assert_eq!((record.seen_bytes, record.payload.len()), (TOTAL_BYTES as u64, KEPT_BYTES));
    assert_eq!(record.seen_hash, hash.finish());
    assert!(record.payload.chunks(block.len()).all(|chunk| chunk == block), "the head, unchanged");
}
