//! A hook killed at any instant leaves nothing, a torn record, or a whole one; the others never notice.

use std::collections::HashSet;
use std::fs;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use argus_spool::Segment;

use crate::rig::{World, assert_left_alone, payload, times};

#[test]
fn sigkill_at_a_random_instant_tears_at_most_its_own_record() {
    let world = World::new();
    let stdin = world.path().join("stdin");
    let seed = SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos() as u64;
    eprintln!("seed {seed}");
    let mut random = seed;
    let sent = |id: usize| payload(id).repeat(if id.is_multiple_of(2) { 1 } else { 500 });
    let kills = times(500, 5_000);
    for id in 0..kills {
        fs::write(&stdin, sent(id)).expect("written");
        let mut hook = world.hook();
        let mut child = hook.stdin(Stdio::from(fs::File::open(&stdin).expect("opened"))).spawn().expect("spawned");
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let instant = Instant::now() + Duration::from_nanos((random >> 33) % 1_200_000);
        while Instant::now() < instant {
            std::hint::spin_loop();
        }
        child.kill().expect("killed, or gone already");
        child.wait().expect("waited for");
    }
    fs::write(&stdin, sent(kills)).expect("written");
    let mut hook = world.hook();
    hook.stdin(Stdio::from(fs::File::open(&stdin).expect("opened")));
    assert_left_alone(hook.spawn().expect("spawned"));

    // What is torn is called waiting until its grace is over.
    thread::sleep(Duration::from_millis(2_100));
    let mut unseen: HashSet<Vec<u8>> = (0..=kills).map(sent).collect();
    let names = world.spool.pending().expect("listed");
    let (mut whole, mut torn) = (0, 0);
    for name in &names {
        match world.spool.read(name).expect("read") {
            Segment::Whole(record) => {
                assert!(unseen.remove(&record.payload), "a record is what one hook was given, once");
                world.spool.remove(name).expect("removed");
                whole += 1;
            }
            Segment::Torn(_) => {
                world.spool.set_aside(name).expect("set aside");
                torn += 1;
            }
            Segment::Waiting => panic!("nobody is left to finish {name}"),
        }
    }
    assert!(!unseen.contains(&sent(kills)), "the record after all the kills is there");
    eprintln!("{kills} killed: {whole} whole, {torn} torn, {} left nothing", kills + 1 - names.len());
    let size = world.spool.size().expect("sized");
    assert_eq!((size.segments, size.aside), (0, torn), "torn ones are counted");
    assert_eq!(world.lost(), 0);
}
