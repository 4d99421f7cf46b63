//! `argus uninstall --purge`: everything of ours goes, and nothing of the person's.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::demo::Demo;
use crate::world::{World, transcript};

/// What a person writes into the data directory.
const OWN: [(&str, &str); 3] = [
    (
        "config.toml",
        "listen = '127.0.0.1:0'\n[[webhooks]]\nname = 'team'\nurl = 'https://alerts.invalid/x'\n\
         [[budgets]]\nname = 'all'\nscope = 'all'\nperiod = 'day'\namount_usd = 5\n",
    ),
    ("prices.toml", "# mine\n"),
    ("rules.toml", "# mine\n"),
];

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Whatever Argus writes there: by every command that writes something.
fn fill(world: &World) {
    fs::create_dir_all(world.data()).unwrap();
    for (name, text) in OWN {
        fs::write(world.data().join(name), text).unwrap();
    }
    world.write_transcript("s1", &transcript("s1", "sudo make install"));
    world.run(&["install", "--yes", "--guard", "--otel"]).assert_success();
    world.run(&["up", "--yes", "--no-open"]).assert_success();
    for arguments in [&["token"][..], &["token", "--otlp"], &["db", "backup"]] {
        world.run(arguments).assert_success();
    }
    // What the server writes for others in its own time.
    let until = Instant::now() + Duration::from_secs(20);
    for name in ["webhooks.json", "budgets.json", "guard.jsonl"] {
        while !world.data().join(name).exists() {
            assert!(Instant::now() < until, "{name} is not written: {:?}", names(&world.data()));
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    // A process that was killed while it wrote leaves its draft.
    fs::write(world.data().join("budgets.json.4242.new"), "{").unwrap();
}

#[test]
fn a_purge_leaves_what_the_person_wrote_and_names_it() {
    let world = World::new();
    fill(&world);
    let demo = Demo::start(&world);
    let before = names(&world.data());
    let refused = world.run(&["uninstall", "--purge", "--yes"]);
    assert_eq!(refused.code(), 1);
    assert!(refused.stderr().contains("the demo runs") && refused.stderr().contains("Ctrl-C"), "{}", refused.stderr());
    assert_eq!(names(&world.data()), before, "nothing was changed");
    assert!(fs::read_to_string(world.home().join(".claude/settings.json")).unwrap().contains("argus-hook"));
    demo.stop();

    let purged = world.run(&["uninstall", "--purge", "--yes"]);
    purged.assert_success();
    assert_eq!(names(&world.data()), OWN.map(|(name, _)| name));
    for (name, text) in OWN {
        assert_eq!(fs::read_to_string(world.data().join(name)).unwrap(), text);
    }
    assert!(purged.stderr().contains("stays: config.toml, prices.toml, rules.toml."), "{}", purged.stderr());
}

#[test]
fn a_demo_that_is_named_is_purged_by_itself() {
    let world = World::new();
    world.run(&["install", "--yes"]).assert_success();
    Demo::start(&world).stop();
    let folder = world.data().join("demo");
    assert!(folder.join("made-up").exists() && folder.join("claude").exists());
    let root = folder.join("claude").display().to_string();
    let named = ["--data-dir", folder.to_str().unwrap(), "--config-root", &root];
    world.run(&[&["uninstall", "--purge", "--yes"], &named[..]].concat()).assert_success();
    assert!(!folder.exists(), "{:?}", names(&folder));
    assert!(world.data().join("bin/argus-hook").exists(), "the person's own stays");
}

#[test]
fn a_folder_of_the_same_name_that_is_no_demo_stays() {
    let world = World::new();
    world.run(&["install", "--yes"]).assert_success();
    fs::create_dir_all(world.data().join("demo")).unwrap();
    fs::write(world.data().join("demo/notes.txt"), "mine").unwrap();
    fs::write(world.data().join("claude"), "mine too").unwrap();
    let purged = world.run(&["uninstall", "--purge", "--yes"]);
    purged.assert_success();
    assert_eq!(names(&world.data()), ["claude", "demo"]);
    assert_eq!(names(&world.data().join("demo")), ["notes.txt"]);
    assert!(purged.stderr().contains("stays: claude, demo."), "{}", purged.stderr());
}
