//! Many calls, one after the other and at once, with nobody draining or somebody draining.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::num::NonZero;
use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use argus_spool::record::SILENCE_MS;
use argus_spool::xxh64::xxh64;

use crate::rig::{World, assert_left_alone, assert_same_payloads, bare, call, hook_binary, payload, times};

#[test]
fn every_call_is_spooled_while_no_server_runs() {
    let world = World::new();
    let count = times(2_000, 50_000);
    for id in 0..count {
        call(world.hook(), &payload(id));
    }
    let records = world.records();
    assert!(records.iter().all(|it| !it.is_cut && !it.is_unterminated && it.seen_hash == xxh64(&it.payload)));
    assert!(records.is_sorted_by_key(|record| record.started_at_ns), "names sort by time");
    assert_same_payloads(&records, (0..count).map(payload).collect());
    assert_eq!(world.lost(), 0);
}

/// Four busy threads a core beside the hook. `cargo xtask bench hook` measures; what is held here is the client's limit.
///
/// A caller that is itself kept from writing for [`SILENCE_MS`] meets a hook that has gone: that call leaves an empty
/// record that says so. Which calls these are the caller knows, and no other may be short.
#[test]
fn every_call_is_spooled_within_the_clients_limit_while_others_starve_the_processor() {
    let (world, stop) = (World::new(), AtomicBool::new(false));
    let count = times(300, 2_000);
    // Built before anything is timed: the first to ask for it waits for the compiler.
    hook_binary();
    let busy = 4 * thread::available_parallelism().map_or(2, NonZero::get);
    let calls: Vec<_> = thread::scope(|scope| {
        let _stops = StopsAtTheEnd(&stop);
        for _ in 0..busy {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        let timed = |id| {
            let started = Instant::now();
            let mut child = world.hook().spawn().expect("spawned");
            let _ = child.stdin.take().expect("piped").write_all(&payload(id));
            let written_after = started.elapsed();
            assert_left_alone(child);
            (id, written_after, started.elapsed())
        };
        (0..count).map(timed).collect()
    });
    let slowest = calls.iter().map(|call| call.2).max();
    assert!(slowest < Some(Duration::from_secs(5)), "{slowest:?}");
    let (cut_off, records): (Vec<_>, Vec<_>) = world.records().into_iter().partition(|record| record.is_unterminated);
    let late = calls.iter().filter(|call| call.1 >= Duration::from_millis(SILENCE_MS)).count();
    assert!(cut_off.len() <= late, "{} calls cut off, {late} callers were late: {cut_off:?}", cut_off.len());
    assert_eq!(records.len() + cut_off.len(), count, "as many records as calls");
    let whole: BTreeSet<_> = records.into_iter().map(|record| record.payload).collect();
    let sent: BTreeSet<_> = (0..count).map(payload).collect();
    assert_eq!(whole.len() + cut_off.len(), count, "none twice");
    assert!(whole.is_subset(&sent), "none changed");
    assert_eq!(world.lost(), 0);
}

/// Lets the busy threads go, also when an assertion fails: their scope waits for them.
struct StopsAtTheEnd<'a>(&'a AtomicBool);

impl Drop for StopsAtTheEnd<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn session_end_is_stored_when_its_hook_ends_and_well_before_the_client_kills_it() {
    let world = World::new();
    let sent = br#"{"hook_event_name":"SessionEnd","reason":"other"}"#;
    for _ in 0..times(200, 1_000) {
        let started = Instant::now();
        let record = world.record(world.hook(), sent);
        assert_eq!(record.payload, sent);
        assert!(started.elapsed() < Duration::from_millis(1_500), "the client's budget for SessionEnd");
        for name in world.spool.pending().expect("listed") {
            world.spool.remove(&name).expect("removed");
        }
    }
}

#[test]
fn sessions_in_parallel_never_interleave() {
    let world = World::new();
    let (sessions, hooks) = (64, times(20, 500));
    thread::scope(|scope| {
        for session in 0..sessions {
            let world = &world;
            scope.spawn(move || (0..hooks).for_each(|id| call(world.hook(), &payload(session * hooks + id))));
        }
    });
    assert_same_payloads(&world.records(), (0..sessions * hooks).map(payload).collect());
    assert_eq!(world.lost(), 0);
}

#[test]
fn draining_while_hooks_write_gives_each_record_once() {
    let world = World::new();
    let (writers, hooks) = (8, times(50, 2_000));
    // Some are large enough to be met half written.
    let sent = |id: usize| payload(id).repeat(if id.is_multiple_of(10) { 1_000 } else { 1 });
    let mut drained = Vec::new();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..writers)
            .map(|writer| {
                let world = &world;
                scope.spawn(move || (0..hooks).for_each(|id| call(world.hook(), &sent(writer * hooks + id))))
            })
            .collect();
        loop {
            let last_round = threads.iter().all(thread::ScopedJoinHandle::is_finished);
            for name in world.spool.pending().expect("listed") {
                match world.spool.read(&name).expect("read") {
                    argus_spool::Segment::Whole(record) => drained.push(*record),
                    argus_spool::Segment::Waiting => continue,
                    argus_spool::Segment::Torn(torn) => panic!("a living writer's segment called torn: {torn:?}"),
                }
                world.spool.remove(&name).expect("removed");
            }
            if last_round {
                break;
            }
        }
    });
    assert_same_payloads(&drained, (0..writers * hooks).map(sent).collect());
    assert_eq!(world.spool.size().expect("sized").segments, 0);
}

#[test]
fn replacing_the_binary_by_rename_fails_no_call() {
    let world = World::new();
    let bin = world.path().join("bin");
    fs::create_dir(&bin).expect("made");
    let (installed, fresh) = (bin.join("argus-hook"), bin.join(".argus-hook.new"));
    let install = || {
        fs::copy(hook_binary(), &fresh).expect("copied");
        fs::set_permissions(&fresh, fs::Permissions::from_mode(0o755)).expect("executable");
        fs::rename(&fresh, &installed).expect("renamed");
    };
    install();
    let (callers, hooks) = (4, times(50, 250));
    thread::scope(|scope| {
        let threads: Vec<_> = (0..callers)
            .map(|caller| {
                let installed = &installed;
                scope.spawn(move || (0..hooks).for_each(|id| call(bare(installed), &payload(caller * hooks + id))))
            })
            .collect();
        while !threads.iter().all(thread::ScopedJoinHandle::is_finished) {
            // Another process may be started, by another thread, while we write the new file, and would then hold it open
            // for writing; the kernel refuses to run such a file. So it is copied by a process of its own kind: `cp`.
            let copied = std::process::Command::new("cp").arg(hook_binary()).arg(&fresh).status().expect("cp runs");
            assert!(copied.success());
            fs::rename(&fresh, &installed).expect("renamed");
        }
    });
    assert_same_payloads(&world.records(), (0..callers * hooks).map(payload).collect());
}
