//! Where the record goes, what it says, and who may read it.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use argus_spool::Spool;

use crate::rig::{World, bare, call, hook_binary, payload};

fn install(data_dir: &Path) -> PathBuf {
    let bin = data_dir.join("bin");
    fs::create_dir_all(&bin).expect("made");
    let copied = Command::new("cp").arg(hook_binary()).arg(&bin).status().expect("cp runs");
    assert!(copied.success());
    bin.join("argus-hook")
}

fn spooled(data_dir: &Path) -> u64 {
    let spool = data_dir.join("spool");
    if spool.is_dir() { Spool::open(spool).expect("opened").size().expect("sized").segments } else { 0 }
}

#[test]
fn installed_hook_finds_its_spool_with_an_empty_environment() {
    let world = World::new();
    let installed = install(world.path());
    call(bare(&installed), b"{}");
    assert_eq!(spooled(world.path()), 1);

    let elsewhere = tempfile::tempdir().expect("a folder");
    let link = elsewhere.path().join("argus-hook");
    symlink(&installed, &link).expect("linked");
    call(bare(&link), b"{}");
    assert_eq!(spooled(world.path()), 2, "started through a link, it is still where it is");
}

#[test]
fn the_place_is_the_environments_then_the_binarys_then_xdgs_then_homes() {
    let [named, installed, xdg, home] = std::array::from_fn(|_| tempfile::tempdir().expect("a folder"));
    let places = [
        named.path().to_owned(),
        installed.path().to_owned(),
        xdg.path().join("argus"),
        home.path().join(".local/share/argus"),
    ];
    for place in &places {
        Spool::open(place.join("spool")).expect("a spool");
    }
    let in_place = install(installed.path());
    let run = |binary: &Path, variables: &[(&str, &Path)]| {
        let mut hook = bare(binary);
        hook.envs(variables.iter().copied());
        call(hook, b"{}");
        let counts: Vec<u64> = places.iter().map(|place| spooled(place)).collect();
        for place in &places {
            let spool = Spool::open(place.join("spool")).expect("opened");
            spool.pending().expect("listed").iter().for_each(|name| spool.remove(name).expect("removed"));
        }
        counts
    };
    let variables = [("ARGUS_DATA_DIR", named.path()), ("XDG_DATA_HOME", xdg.path()), ("HOME", home.path())];
    assert_eq!(run(&in_place, &variables), [1, 0, 0, 0]);
    assert_eq!(run(&in_place, &variables[1..]), [0, 1, 0, 0]);
    assert_eq!(run(hook_binary(), &variables[1..]), [0, 0, 1, 0], "not installed in a data folder");
    assert_eq!(run(hook_binary(), &variables[2..]), [0, 0, 0, 1]);
    assert_eq!(run(hook_binary(), &[]), [0, 0, 0, 0], "nothing names a place");
    let (empty, relative) = (Path::new(""), Path::new("relative"));
    let odd = [("ARGUS_DATA_DIR", relative), ("XDG_DATA_HOME", empty), ("HOME", home.path())];
    assert_eq!(run(hook_binary(), &odd), [0, 0, 0, 1], "empty and relative count as not set");
    assert!(!relative.exists(), "nothing is made in the agent's folder");
    let endless = PathBuf::from(format!("/{}", "deep/".repeat(200)));
    let odd = [("ARGUS_DATA_DIR", endless.as_path()), ("HOME", home.path())];
    assert_eq!(run(hook_binary(), &odd), [0, 0, 0, 1], "so does what is longer than any place");
}

#[test]
fn the_fat_binary_looks_in_the_same_places_as_the_hook() {
    // The order itself is one function for both; here it is asked in this process, whose binary is in no data folder.
    let found = argus_spool::spool_folder();
    let variable = |name| std::env::var_os(name).map(PathBuf::from).filter(|path: &PathBuf| path.is_absolute());
    let expected = variable("ARGUS_DATA_DIR")
        .or_else(|| variable("XDG_DATA_HOME").map(|path| path.join("argus")))
        .or_else(|| variable("HOME").map(|path| path.join(".local/share/argus")));
    assert_eq!(found, expected.map(|path| path.join("spool")));
}

#[test]
fn the_envelope_says_when_who_and_where_and_nothing_else_of_the_environment() {
    let world = World::new();
    let mut hook = world.hook();
    let project = std::ffi::OsStr::from_bytes(b"/home/dev/caf\xe9");
    hook.env("CLAUDE_PID", "4711").env("CLAUDE_PROJECT_DIR", project).env("CLAUDE_CODE_ENTRYPOINT", "cli");
    hook.env("ANTHROPIC_API_KEY", "sk-ant-not-for-the-spool").env("CLAUDE_CODE_OAUTH_TOKEN", "oauth-not-for-it");
    let now_ns = || SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos() as u64;
    let before_ns = now_ns();
    let record = world.record(hook, b"{}");
    assert!((before_ns..=now_ns()).contains(&record.started_at_ns));
    assert!(record.boottime_ns.is_some());
    assert_eq!(record.client_pid, Some(4711));
    assert_eq!(record.project_dir.as_deref(), Some(project.as_bytes()));
    assert_eq!(record.entrypoint.as_deref(), Some(b"cli".as_slice()));

    let name = &world.spool.pending().expect("listed")[0];
    assert_eq!((name.started_at_ns(), name.pid()), (record.started_at_ns, record.pid));
    let file = world.spool.folder().join(name.as_str());
    let bytes = fs::read(&file).expect("read");
    assert!(!bytes.windows(7).any(|seven| seven == b"not-for"), "a secret is in the spool");

    let plain = world.record(world.hook(), b"{}");
    assert_eq!((plain.client_pid, plain.project_dir, plain.entrypoint), (None, None, None), "unknown is not empty");
}

#[test]
fn records_are_for_their_owner_alone_whatever_the_umask() {
    let world = World::new();
    let mut shell = bare(Path::new("/bin/sh"));
    shell.env("ARGUS_DATA_DIR", world.path()).args(["-c", "umask 0; exec \"$0\""]).arg(hook_binary());
    call(shell, &payload(1));
    let name = &world.spool.pending().expect("listed")[0];
    let mode = |path: PathBuf| fs::metadata(path).expect("there").permissions().mode() & 0o777;
    assert_eq!(mode(world.spool.folder().join(name.as_str())), 0o600);
    assert_eq!(mode(world.spool.folder().to_owned()), 0o700);
    assert_eq!(mode(world.path().join("spool-lost")), 0o600);
}

#[test]
fn arguments_and_a_huge_environment_change_nothing() {
    let world = World::new();
    let mut hook = world.hook();
    hook.args(["--help", "exit", "2"]);
    hook.envs((0..2_000).map(|at| (format!("NOISE_{at}"), "y".repeat(200))));
    assert_eq!(world.record(hook, b"{}").payload, b"{}");

    let mut hook = world.hook();
    hook.env("CLAUDE_PROJECT_DIR", "/".repeat(100_000));
    assert_eq!(world.record(hook, b"{}").project_dir, None, "too long for any path: left out, the record stands");
}
