//! `cargo xtask dev`: a server and Vite beside it, on a home of their own, for work on Argus itself.
//!
//! The home lies in the build folder and holds the recordings of `testdata/` as if Claude Code had written them there.
//! So nothing that is tried out here touches the person's sessions or settings. Vite reloads the pages by itself; the
//! server is built and started anew when a file below `crates/` changes. Ctrl-C ends both.

use std::fs;
use std::path::Path;
use std::process::{Child, Command};
use std::thread;
use std::time::{Duration, SystemTime};

use crate::workspace::Checkout;
use crate::{Result, build};

const LOOK_EVERY: Duration = Duration::from_millis(500);

/// Runs until interrupted.
pub(crate) fn run(checkout: &Checkout) -> Result<()> {
    let home = checkout.scratch("dev-home")?;
    place_recordings(checkout, &home.join(".claude/projects"))?;
    build::dashboard(checkout)?;
    build::debug(checkout)?;
    println!("home {}; pages http://127.0.0.1:3000", home.display());
    let mut vite = inside(checkout, &home, Checkout::npm(&checkout.ui()))?.args(["run", "dev"]).spawn()?;
    let mut server = serve(checkout, &home)?;
    let mut built_at = newest(&checkout.root().join("crates"));
    loop {
        thread::sleep(LOOK_EVERY);
        if vite.try_wait()?.is_some() {
            end(&mut server);
            return Err("Vite ended".into());
        }
        if let Some(status) = server.try_wait()? {
            // Pages over somebody else's server would be worse than none.
            end(&mut vite);
            return Err(format!("the server ended ({status}); is its port taken by an Argus that is in use?").into());
        }
        let changed_at = newest(&checkout.root().join("crates"));
        if changed_at > built_at {
            built_at = changed_at;
            match build::debug(checkout) {
                Ok(()) => {
                    end(&mut server);
                    server = serve(checkout, &home)?;
                }
                Err(failure) => eprintln!("{failure}; the old server runs on"),
            }
        }
    }
}

fn serve(checkout: &Checkout, home: &Path) -> Result<Child> {
    let server = Command::new(checkout.binary("debug", "argus"));
    Ok(inside(checkout, home, server)?.arg("serve").spawn()?)
}

/// The command, unable to see anything but the development home.
fn inside(checkout: &Checkout, home: &Path, mut command: Command) -> Result<Command> {
    checkout.scratch_environment(&mut command)?;
    command.env("HOME", home).env("ARGUS_DATA_DIR", home.join("argus")).env("CLAUDE_CONFIG_DIR", home.join(".claude"));
    command.env("ARGUS_BIN", checkout.binary("debug", "argus"));
    Ok(command)
}

fn end(child: &mut Child) {
    // A server that is gone already is what is wanted.
    let _ = child.kill();
    let _ = child.wait();
}

/// Copies the recorded transcripts that are not there yet.
fn place_recordings(checkout: &Checkout, projects: &Path) -> Result<()> {
    for recording in fs::read_dir(checkout.root().join("testdata/recordings"))? {
        let transcripts = recording?.path().join("transcripts");
        if transcripts.is_dir() {
            copy_missing(&transcripts, projects)?;
        }
    }
    Ok(())
}

fn copy_missing(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (source, target) = {
            let entry = entry?;
            (entry.path(), to.join(entry.file_name()))
        };
        if source.is_dir() {
            copy_missing(&source, &target)?;
        } else if !target.exists() {
            fs::copy(&source, &target)?;
        }
    }
    Ok(())
}

/// The latest time of change below a folder.
fn newest(folder: &Path) -> SystemTime {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let times = entries.filter_map(|entry| {
        let path = entry.path();
        if path.is_dir() { Some(newest(&path)) } else { entry.metadata().ok()?.modified().ok() }
    });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn recordings_are_placed_once_and_what_was_changed_there_stays() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let (from, to) = (folder.path().join("from"), folder.path().join("to"));
        fs::create_dir_all(from.join("deep")).expect("folders");
        fs::write(from.join("deep/a.jsonl"), "recorded").expect("a recording");
        copy_missing(&from, &to).expect("copied");
        fs::write(to.join("deep/a.jsonl"), "continued").expect("a change");
        copy_missing(&from, &to).expect("copied again");
        assert_eq!(fs::read_to_string(to.join("deep/a.jsonl")).expect("still there"), "continued");
    }

    #[test]
    fn a_change_deep_below_is_seen() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        assert_eq!(newest(folder.path()), SystemTime::UNIX_EPOCH);
        fs::create_dir_all(folder.path().join("a/b")).expect("folders");
        fs::write(folder.path().join("a/b/c.rs"), "x").expect("a file");
        assert!(newest(folder.path()) > SystemTime::UNIX_EPOCH);
    }
}
