//! Starting at login as a person meets it. No user manager runs in a test: a script in its place writes down its calls.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};

use crate::world::World;

fn place_systemctl(world: &World) {
    let path = world.home().join("bin/systemctl");
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, "#!/bin/sh\necho \"$*\" >> \"$HOME/calls\"\n").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

#[test]
#[cfg(target_os = "linux")]
fn what_starts_at_login_is_shown_written_and_taken_away_again() {
    let world = World::new();
    let unit = world.home().join(".config/systemd/user/argus.service");
    let dry = world.run(&["autostart", "enable", "--dry-run"]);
    dry.assert_success();
    assert!(dry.stdout().contains("ExecStart=\""), "{}", dry.stdout());
    assert!(!unit.exists() && !world.data().exists(), "a dry run makes nothing");

    let alone = world.run(&["autostart", "enable"]);
    assert_eq!(alone.code(), 1);
    assert!(alone.stderr().contains("there is no systemctl here"), "{}", alone.stderr());
    assert!(alone.stderr().contains("systemctl --user enable --now argus.service"), "{}", alone.stderr());
    assert_eq!(world.run(&["autostart", "status", "--json"]).json()["state"], "written");

    place_systemctl(&world);
    world.run(&["autostart", "enable"]).assert_success();
    assert_eq!(fs::read_to_string(&unit).unwrap(), dry.stdout());
    // What the real one makes.
    fs::create_dir(unit.with_file_name("default.target.wants")).unwrap();
    symlink(&unit, unit.with_file_name("default.target.wants").join("argus.service")).unwrap();
    let status = world.run(&["status", "--json"]).json();
    assert_eq!(status["autostart"], "on", "{status:#}");
    assert!(world.run(&["doctor"]).stdout().contains("starts at login"));

    world.run(&["uninstall", "--yes", "--dry-run"]).assert_success();
    assert!(unit.exists());
    world.run(&["uninstall", "--yes"]).assert_success();
    assert!(!unit.exists());
    world.run(&["autostart", "disable"]).assert_success();
    let calls = fs::read_to_string(world.home().join("calls")).unwrap();
    assert_eq!(calls, "--user daemon-reload\n--user enable --now argus.service\n--user disable --now argus.service\n");

    fs::write(&unit, "[Service]\nExecStart=/bin/other\n").unwrap();
    for command in ["enable", "disable"] {
        let refused = world.run(&["autostart", command]);
        assert_eq!(refused.code(), 1);
        assert!(refused.stderr().contains("is not ours"), "{}", refused.stderr());
    }
    world.run(&["uninstall", "--yes", "--purge"]).assert_success();
    assert!(unit.exists());
}
