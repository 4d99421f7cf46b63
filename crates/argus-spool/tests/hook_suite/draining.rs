//! The drain tells whole, waiting and torn apart, touches nothing that is not its own, and can be repeated.

use std::fs::{self, File};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use argus_spool::record::{self, Damage};
use argus_spool::{Segment, SegmentName, Spool, SpoolError};

use crate::rig::{World, call, payload};

/// A real record's bytes.
fn record_bytes(world: &World) -> Vec<u8> {
    call(world.hook(), &payload(0));
    let name = world.spool.pending().expect("listed").remove(0);
    let bytes = fs::read(world.spool.folder().join(name.as_str())).expect("read");
    world.spool.remove(&name).expect("removed");
    bytes
}

fn put(world: &World, bytes: &[u8], pid: u32, age: Duration) -> SegmentName {
    let at = SystemTime::now() - age;
    let ns = at.duration_since(UNIX_EPOCH).expect("after 1970").as_nanos() as u64;
    let (name, length) = record::file_name(ns, pid);
    let name = SegmentName::parse(std::str::from_utf8(&name[..length]).expect("text")).expect("a name");
    let path = world.spool.folder().join(name.as_str());
    fs::write(&path, bytes).expect("written");
    File::options().write(true).open(path).and_then(|file| file.set_modified(at)).expect("dated");
    name
}

/// No process has it: the kernel's own limit is 2^22.
const NOBODY: u32 = u32::MAX;

#[test]
fn a_record_cut_at_any_byte_waits_and_then_is_torn_and_never_read() {
    let world = World::new();
    let bytes = record_bytes(&world);
    for end in (0..200).chain((200..bytes.len()).step_by(97)).chain([bytes.len() - 1]) {
        let fresh = put(&world, &bytes[..end], NOBODY, Duration::ZERO);
        assert_eq!(world.spool.read(&fresh).expect("read"), Segment::Waiting, "cut at {end}");
        let old = put(&world, &bytes[..end], NOBODY, Duration::from_secs(3));
        match world.spool.read(&old).expect("read") {
            Segment::Torn(torn) => assert_eq!((torn.reason, torn.bytes.len()), (Damage::Incomplete, end)),
            other => panic!("cut at {end}: {other:?}"),
        }
    }
}

#[test]
fn an_unfinished_segment_waits_as_long_as_its_writer_lives_and_no_longer_than_a_minute() {
    let world = World::new();
    let (ours, later) = (std::process::id(), Duration::from_secs(10));
    let mut sleeper = std::process::Command::new("sleep").arg("60").spawn().expect("spawned");
    std::thread::sleep(Duration::from_millis(1_100));
    let living = put(&world, b"argspl", sleeper.id(), Duration::ZERO);
    let path = world.spool.folder().join(living.as_str());
    let dated =
        |age| File::options().write(true).open(&path).and_then(|file| file.set_modified(SystemTime::now() - age));
    dated(later).expect("dated");
    assert_eq!(world.spool.read(&living).expect("read"), Segment::Waiting, "its writer lives");
    dated(Duration::from_secs(61)).expect("dated");
    assert!(matches!(world.spool.read(&living).expect("read"), Segment::Torn(_)), "a minute is enough");
    dated(later).expect("dated");
    sleeper.kill().expect("killed");
    // Dying takes a moment; nobody waits for it yet, so it stays a zombie.
    let killed_at = Instant::now();
    while world.spool.read(&living).expect("read") == Segment::Waiting {
        assert!(killed_at.elapsed() < Duration::from_secs(5), "a zombie writes nothing more");
        std::thread::sleep(Duration::from_millis(5));
    }
    sleeper.wait().expect("waited for");

    let hour = Duration::from_secs(3_600);
    let recycled = put(&world, b"argspl", ours, hour);
    let path = world.spool.folder().join(recycled.as_str());
    File::options()
        .write(true)
        .open(path)
        .and_then(|file| file.set_modified(SystemTime::now() - later))
        .expect("dated");
    assert!(matches!(world.spool.read(&recycled).expect("read"), Segment::Torn(_)), "a younger process of that number");
}

#[test]
fn damage_and_later_versions_are_set_aside_with_their_reason() {
    let world = World::new();
    let mut bytes = record_bytes(&world);
    let old = Duration::from_secs(3);
    let reason = |bytes: &[u8], age| match world.spool.read(&put(&world, bytes, NOBODY, age)).expect("read") {
        Segment::Torn(torn) => torn.reason,
        other => panic!("{other:?}"),
    };
    let end = bytes.len() - 1;
    bytes[end] ^= 1;
    assert_eq!(reason(&bytes, old), Damage::Checksum);
    bytes.push(0);
    assert_eq!(reason(&bytes, old), Damage::Lengths);
    assert_eq!(reason(b"{\"hook_event_name\":\"Stop\"}", old), Damage::NotARecord);
    assert_eq!(reason(&[0; 100], old), Damage::NotARecord);
    bytes[7] = 9;
    assert_eq!(reason(&bytes, Duration::ZERO), Damage::Version(9), "nobody will make it ours: no need to wait");

    let names = world.spool.pending().expect("listed");
    for name in &names {
        world.spool.set_aside(name).expect("set aside");
        assert!(matches!(world.spool.read(name), Err(SpoolError::Gone(gone)) if gone == *name));
        assert!(matches!(world.spool.set_aside(name), Err(SpoolError::Gone(_))));
    }
    let size = world.spool.size().expect("sized");
    assert_eq!((size.segments, size.aside, size.foreign), (0, names.len() as u64, 0));
    assert!(size.aside_bytes > 0);
}

#[test]
fn a_segment_larger_than_any_record_is_damage_and_not_a_memory_problem() {
    let world = World::new();
    let mut bytes = record_bytes(&world);
    bytes[32..40].copy_from_slice(&u64::MAX.to_le_bytes());
    let name = put(&world, &bytes, NOBODY, Duration::from_secs(3));
    let path = world.spool.folder().join(name.as_str());
    let file = File::options().write(true).open(path).expect("opened");
    file.set_len(1 << 40).expect("sparse");
    file.set_modified(SystemTime::now() - Duration::from_secs(3)).expect("dated");
    match world.spool.read(&name).expect("read") {
        Segment::Torn(torn) => assert!(torn.reason == Damage::Lengths && torn.bytes.len() == record::RECORD_BYTES + 1),
        other => panic!("{other:?}"),
    }
}

#[test]
fn reading_changes_nothing_and_removing_twice_is_no_error() {
    let world = World::new();
    call(world.hook(), &payload(1));
    let name = world.spool.pending().expect("listed").remove(0);
    let first = world.spool.read(&name).expect("read");
    assert_eq!(Spool::open(world.spool.folder()).expect("opened again").read(&name).expect("read"), first);
    world.spool.remove(&name).expect("removed");
    world.spool.remove(&name).expect("gone already");
    assert!(matches!(world.spool.read(&name), Err(SpoolError::Gone(_))));
}

#[test]
fn what_no_hook_put_there_is_ignored_counted_and_left_alone() {
    let world = World::new();
    call(world.hook(), &payload(1));
    let spool = world.spool.folder();
    let secret = world.path().join("secret");
    fs::write(&secret, record_bytes(&World::new())).expect("written");
    let link = "00000000000000000001-1.rec";
    symlink(&secret, spool.join(link)).expect("linked");
    fs::create_dir(spool.join("00000000000000000002-1.rec")).expect("made");
    fs::write(spool.join("notes.txt"), "mine").expect("written");
    let pipe = std::process::Command::new("mkfifo").arg(spool.join("00000000000000000003-1.rec")).status();
    assert!(pipe.expect("mkfifo runs").success());
    assert_eq!(world.spool.pending().expect("listed").len(), 1);
    let size = world.spool.size().expect("sized");
    assert_eq!((size.segments, size.foreign), (1, 4));
    for name in [link, "00000000000000000003-1.rec"] {
        let name = SegmentName::parse(name).expect("a name");
        assert!(world.spool.read(&name).is_err(), "a link is not followed, a pipe not waited for");
    }
    assert_eq!(fs::read_to_string(spool.join("notes.txt")).expect("left alone"), "mine");
}

#[test]
fn opening_makes_the_spool_private_and_refuses_a_link() {
    let folder = tempfile::tempdir().expect("a folder");
    let spool = folder.path().join("deep/data/spool");
    Spool::open(&spool).expect("made");
    let mode = |path: &std::path::Path| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!([mode(&spool), mode(spool.parent().expect("above"))], [0o700, 0o700]);
    fs::set_permissions(&spool, fs::Permissions::from_mode(0o755)).expect("drifted");
    assert_eq!(Spool::open(&spool).expect("opened").lost_count().expect("counted"), 0);
    assert_eq!(mode(&spool), 0o700);

    let link = folder.path().join("spool");
    symlink(&spool, &link).expect("linked");
    assert!(matches!(Spool::open(&link), Err(SpoolError::NotOurs(path)) if path == link));
    let file = folder.path().join("file");
    fs::write(&file, "").expect("written");
    assert!(matches!(Spool::open(&file), Err(SpoolError::NotOurs(path)) if path == file));
}
