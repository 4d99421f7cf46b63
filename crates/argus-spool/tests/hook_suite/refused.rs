//! The spool refuses: the agent is left alone, and the loss is counted where it can be.

use std::fs;
use std::os::unix::fs::{PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Output};

use crate::rig::{World, assert_silent_success, bare, call, hook_binary, payload, times};

/// Puts something else in the spool's place, calls, and says how many losses were counted.
fn lost_with(calls: usize, replace: impl FnOnce(&Path)) -> u64 {
    let world = World::new();
    fs::remove_dir(world.spool.folder()).expect("removed");
    replace(world.spool.folder());
    for id in 0..calls {
        call(world.hook(), &payload(id));
    }
    world.lost()
}

#[test]
fn hook_exits_zero_when_the_spool_is_not_a_folder_of_its_own() {
    let calls = times(50, 200);
    let elsewhere = tempfile::tempdir().expect("a folder");
    assert_eq!(lost_with(calls, |_| ()), calls as u64, "missing");
    assert_eq!(lost_with(calls, |spool| fs::write(spool, "").expect("written")), calls as u64, "a file");
    assert_eq!(lost_with(calls, |spool| symlink(elsewhere.path(), spool).expect("linked")), calls as u64, "a link");
    assert_eq!(fs::read_dir(elsewhere.path()).expect("listed").count(), 0, "nothing went through the link");
    let made_foreign = |spool: &Path| {
        fs::create_dir(spool).expect("made");
        fs::set_permissions(spool, fs::Permissions::from_mode(0o777)).expect("opened up");
        chown(spool, Some(12_345), None).expect("given away");
    };
    if is_root() {
        assert_eq!(lost_with(calls, made_foreign), calls as u64, "another owner's");
    }
}

#[test]
fn hook_exits_zero_when_there_is_no_place_at_all() {
    for _ in 0..times(50, 200) {
        call(bare(hook_binary()), &payload(0));
        let mut hook = bare(hook_binary());
        hook.env("ARGUS_DATA_DIR", "/proc/nowhere");
        call(hook, &payload(1));
    }
}

#[test]
fn hook_exits_zero_when_it_may_not_enter_the_spool() {
    if !is_root() {
        eprintln!("only root can become another user here: not run");
        return;
    }
    // Another user's process, and its folder made unwritable: what EACCES is for everybody but root.
    let data_dir = tempfile::tempdir().expect("a folder");
    let spool = data_dir.path().join("spool");
    fs::create_dir(&spool).expect("made");
    chown(&spool, Some(65_534), None).expect("given");
    fs::set_permissions(&spool, fs::Permissions::from_mode(0o500)).expect("closed");
    fs::set_permissions(data_dir.path(), fs::Permissions::from_mode(0o777)).expect("opened up");
    let bin = data_dir.path().join("bin");
    fs::create_dir(&bin).expect("made");
    fs::set_permissions(&bin, fs::Permissions::from_mode(0o755)).expect("readable");
    assert!(Command::new("cp").arg(hook_binary()).arg(&bin).status().expect("cp runs").success());
    let calls = times(50, 500);
    for id in 0..calls {
        let mut hook = bare(&bin.join("argus-hook"));
        hook.uid(65_534);
        call(hook, &payload(id));
    }
    assert_eq!(fs::read_dir(&spool).expect("listed").count(), 0);
    assert_eq!(fs::metadata(data_dir.path().join("spool-lost")).expect("counted").len(), calls as u64);
}

#[test]
fn hook_exits_zero_at_its_own_limits() {
    let calls = times(50, 500);
    let limited = |limit: &str| {
        let world = World::new();
        for id in 0..calls {
            let mut shell = bare(Path::new("/bin/sh"));
            shell.env("ARGUS_DATA_DIR", world.path()).args(["-c", &format!("ulimit {limit}; exec \"$0\"")]);
            shell.arg(hook_binary());
            call(shell, &payload(id).repeat(4));
        }
        world
    };
    // 8 blocks of 512 bytes: a part of the record could be written, and must not stay.
    let cut_short = limited("-f 8");
    assert_eq!((cut_short.lost(), cut_short.spool.size().expect("sized").segments), (calls as u64, 0));
    let nothing = limited("-f 0");
    assert_eq!((nothing.lost(), nothing.spool.size().expect("sized").segments), (0, 0), "not even counted");
    let no_files = limited("-n 3");
    assert_eq!((no_files.lost(), no_files.spool.size().expect("sized").segments), (calls as u64, 0));
}

#[test]
fn hook_keeps_what_it_has_when_it_gets_no_more_memory() {
    let world = World::new();
    let mut shell = bare(Path::new("/bin/sh"));
    // 4 MB are enough to start and too few for the large buffer.
    shell.env("ARGUS_DATA_DIR", world.path()).args(["-c", "ulimit -v 4096; exec \"$0\""]).arg(hook_binary());
    let sent = payload(1).repeat(500);
    let record = world.record(shell, &sent);
    assert!(sent.starts_with(&record.payload) && record.payload.len() >= 64 << 10);
    assert!(record.is_unterminated, "it does not claim to know the end");
}

#[test]
fn hook_stops_at_the_cap_counts_its_losses_and_goes_on_after_the_drain() {
    let world = World::new();
    call(world.hook(), &payload(0));
    assert!(!world.spool.enforce_cap(1_000_000).expect("held"));
    assert!(world.spool.enforce_cap(1_000).expect("held"));
    (1..4).for_each(|id| call(world.hook(), &payload(id)));
    assert_eq!((world.records().len(), world.lost()), (1, 3));
    for name in world.spool.pending().expect("listed") {
        world.spool.remove(&name).expect("removed");
    }
    assert!(!world.spool.enforce_cap(1_000).expect("held"));
    call(world.hook(), &payload(4));
    assert_eq!((world.records()[0].payload.clone(), world.lost()), (payload(4), 3));
    assert_eq!(world.spool.size().expect("sized").foreign, 0);
}

/// A small file system in a mount namespace of its own: what is done to it, what remains of it.
struct SmallDisk {
    mount: &'static str,
    prepare: &'static str,
    calls: usize,
    payload_bytes: usize,
}

/// Whether this user may mount here; a container without the right to cannot run these tests.
fn can_mount() -> bool {
    let mut probe = Command::new("unshare");
    probe.args(if is_root() { &["--mount"][..] } else { &["--mount", "--map-root-user"] });
    probe.args(["mount", "-t", "tmpfs", "tmpfs", "/mnt"]).output().is_ok_and(|output| output.status.success())
}

/// How many records and how many counted losses there are on it in the end.
fn left_on(disk: &SmallDisk) -> (usize, usize) {
    let world = World::new();
    let payload_file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(payload_file.path(), vec![b'x'; disk.payload_bytes]).expect("written");
    let script = format!(
        "mount -t tmpfs -o {} tmpfs \"$DATA\" || exit 1
         mkdir -m 700 \"$DATA/spool\" && printf . > \"$DATA/spool-lost\" || exit 1
         {}
         i=0; while [ $i -lt {} ]; do
             ARGUS_DATA_DIR=\"$DATA\" \"$HOOK\" < \"$PAYLOAD\" || echo \"exit $?\"; i=$((i+1))
         done
         echo $(ls \"$DATA/spool\" | wc -l) $(tr -dc x < \"$DATA/spool-lost\" | wc -c)",
        disk.mount, disk.prepare, disk.calls
    );
    let mut shell = Command::new("unshare");
    shell.args(if is_root() { &["--mount"][..] } else { &["--mount", "--map-root-user"] });
    shell.args(["sh", "-c", &script]).env("DATA", world.path()).env("HOOK", hook_binary());
    let output = shell.env("PAYLOAD", payload_file.path()).output().expect("unshare runs");
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    // The script's own answer is the one thing that may be printed.
    assert_silent_success(&Output { stdout: Vec::new(), ..output });
    let (stored, lost) = said.trim().split_once(' ').expect("two numbers");
    (stored.parse().expect("a number"), lost.parse().expect("a number"))
}

#[test]
fn hook_exits_zero_on_a_full_disk() {
    if !can_mount() {
        eprintln!("mounting is not allowed here: not run");
        return;
    }
    let calls = times(50, 500);
    let full = SmallDisk {
        mount: "size=1m",
        prepare: "dd if=/dev/zero of=\"$DATA/fill\" bs=4k 2>/dev/null || true",
        calls,
        payload_bytes: 2_000,
    };
    assert_eq!(left_on(&full), (0, calls), "nothing stored, all counted, in the byte that the server reserved");
    let no_inodes = SmallDisk { mount: "size=64m,nr_inodes=4", prepare: "", calls, payload_bytes: 2_000 };
    assert_eq!(left_on(&no_inodes), (1, calls - 1));
    // Just above the floor, and a record just larger than what is left: the write itself comes back short.
    let nearly = SmallDisk { mount: "size=16388k", prepare: "", calls: 3, payload_bytes: 20 << 20 };
    assert_eq!(left_on(&nearly), (0, 3), "no half record stays");
}

#[test]
fn hook_exits_zero_when_the_spool_is_read_only() {
    if !can_mount() {
        eprintln!("mounting is not allowed here: not run");
        return;
    }
    let read_only = SmallDisk {
        mount: "size=64m",
        prepare: "mount -o remount,ro \"$DATA\"",
        calls: times(50, 200),
        payload_bytes: 2_000,
    };
    assert_eq!(left_on(&read_only), (0, 0), "where nothing can be written, nothing can be counted");
}

fn is_root() -> bool {
    std::os::unix::fs::MetadataExt::uid(&fs::metadata("/proc/self").expect("there")) == 0
}
