//! `cargo xtask build` and `run`: the dashboard, then the binaries that carry it.
//!
//! What has not changed is not built again: npm's packages follow the lock file, the dashboard follows its sources
//! (each by a fingerprint left beside the result), and cargo decides for itself. The fingerprints lie in
//! `ui/node_modules`, so that they belong to this clone even when the build folder is shared between clones.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::workspace::Checkout;
use crate::{Result, program};

/// The release binaries with the dashboard inside.
pub(crate) fn release(checkout: &Checkout) -> Result<()> {
    dashboard(checkout)?;
    program::run(checkout.cargo().args(["build", "--release", "-p", "argus-cli", "-p", "argus-hook"]))?;
    guard(checkout)?;
    eprintln!("built {}", checkout.binary("release", "argus").display());
    Ok(())
}

/// The guard, for which an agent waits: without shared libraries to be found it starts in half the time.
pub(crate) fn guard(checkout: &Checkout) -> Result<()> {
    let mut build = checkout.cargo();
    build.args(["rustc", "--release", "--quiet", "-p", "argus-guard", "--bin", "argus-guard"]);
    if cfg!(target_os = "linux") {
        build.args(["--", "-C", "target-feature=+crt-static"]);
    }
    program::run(&mut build)
}

/// Build, then `argus up`, in the person's own environment: this is the real thing.
pub(crate) fn run_release(checkout: &Checkout, arguments: &[String]) -> Result<()> {
    release(checkout)?;
    program::run(Command::new(checkout.binary("release", "argus")).arg("up").args(arguments))
}

/// The unoptimised binaries that tests start.
pub(crate) fn debug(checkout: &Checkout) -> Result<()> {
    program::run(checkout.cargo().args(["build", "-p", "argus-cli", "-p", "argus-hook", "-p", "argus-guard"]))
}

/// Installs the packages that `folder`'s lock file names, unless it is done already.
pub(crate) fn packages(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let wanted = blake3::hash(&fs::read(&lock).map_err(|cause| format!("{}: {cause}", lock.display()))?).to_string();
    let stamp = Stamp { file: folder.join("node_modules/.argus-packages"), wanted };
    if stamp.is_fresh() {
        return Ok(());
    }
    program::run(Checkout::npm(folder).args(["ci", "--no-progress"]))?;
    stamp.press()
}

/// The built dashboard in `ui/dist`, made anew only when something it is made of changed.
pub(crate) fn dashboard(checkout: &Checkout) -> Result<()> {
    let ui = checkout.ui();
    packages(&ui)?;
    let stamp = Stamp { file: ui.join("node_modules/.argus-dist"), wanted: fingerprint(&dashboard_sources(&ui)?)? };
    if stamp.is_fresh() && ui.join("dist/index.html").is_file() {
        return Ok(());
    }
    program::run(Checkout::npm(&ui).args(["run", "build"]))?;
    stamp.press()
}

/// All that the build of the dashboard reads: `src/`, `public/` and the settings at the top of `ui/`.
fn dashboard_sources(ui: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(ui)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_file() {
            files.push(path);
        } else if ["src", "public"].contains(&name.as_ref()) {
            files_below(&path, &mut files)?;
        }
    }
    files.sort();
    Ok(files)
}

fn files_below(folder: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files_below(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

/// Changes when a file is added, removed, renamed or edited.
fn fingerprint(files: &[PathBuf]) -> Result<String> {
    let mut hasher = blake3::Hasher::new();
    for file in files {
        let bytes = fs::read(file)?;
        hasher.update(file.to_string_lossy().as_bytes()).update(&[0]);
        hasher.update(&(bytes.len() as u64).to_le_bytes()).update(&bytes);
    }
    Ok(hasher.finalize().to_string())
}

/// A file that remembers from which inputs its neighbour was made. It is written after the work, so that a build
/// that was interrupted is done again.
struct Stamp {
    file: PathBuf,
    wanted: String,
}

impl Stamp {
    fn is_fresh(&self) -> bool {
        fs::read_to_string(&self.file).is_ok_and(|found| found == self.wanted)
    }

    fn press(&self) -> Result<()> {
        fs::write(&self.file, &self.wanted).map_err(|cause| format!("{}: {cause}", self.file.display()).into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fingerprint_changes_when_a_file_is_edited_added_or_renamed() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).expect("a source file");
        fs::create_dir_all(folder.path().join("src/deep")).expect("folders");
        write("src/deep/a.ts", "one");
        let now = || fingerprint(&dashboard_sources(folder.path()).expect("sources")).expect("fingerprint");

        let first = now();
        assert_eq!(now(), first, "nothing changed");
        write("src/deep/a.ts", "two");
        let edited = now();
        assert_ne!(edited, first, "an edit goes unseen");
        write("vite.config.ts", "");
        let added = now();
        assert_ne!(added, edited, "a new file goes unseen");
        fs::rename(folder.path().join("vite.config.ts"), folder.path().join("vite.config.mts")).expect("rename");
        assert_ne!(now(), added, "a new name goes unseen");
    }

    #[test]
    fn what_the_dashboard_is_not_made_of_does_not_rebuild_it() {
        let folder = tempfile::tempdir().expect("a scratch folder");
        for name in ["e2e", "node_modules", "dist"] {
            fs::create_dir(folder.path().join(name)).expect("a folder");
            fs::write(folder.path().join(name).join("x.ts"), "x").expect("a file");
        }
        assert!(dashboard_sources(folder.path()).expect("sources").is_empty());
    }
}
