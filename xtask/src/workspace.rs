//! Where things lie in this checkout, and the environment its programs get.
//!
//! Tests and benchmarks must never see the person's own `~/.claude`, nor the session of an agent that started them:
//! [`Checkout::scratch_environment`] is the one place that guarantees it.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::Result;

/// One clone of the repository and its build folder.
pub(crate) struct Checkout {
    root: PathBuf,
    target: PathBuf,
}

impl Checkout {
    /// The checkout this program was started in: `cargo run` says which, even for a binary built in another clone.
    pub(crate) fn find() -> Result<Self> {
        let manifest_dir =
            env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| env!("CARGO_MANIFEST_DIR").into(), PathBuf::from);
        let root = manifest_dir.parent().ok_or("xtask lies outside a workspace")?.to_path_buf();
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => std::path::absolute(folder)?,
            None => root.join("target"),
        };
        Ok(Self { root, target })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    /// A program that cargo built: `profile` is "debug" or "release".
    pub(crate) fn binary(&self, profile: &str, name: &str) -> PathBuf {
        self.target.join(profile).join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// A folder of our own under the build folder, created if need be.
    pub(crate) fn scratch(&self, name: &str) -> Result<PathBuf> {
        let folder = self.target.join("xtask").join(name);
        std::fs::create_dir_all(&folder)?;
        Ok(folder)
    }

    /// Cargo, run at the root, without the variables that `cargo run` set for this program.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root);
        for (name, _) in env::vars_os() {
            let name = name.to_string_lossy();
            if name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_") {
                command.env_remove(name.as_ref());
            }
        }
        command
    }

    /// npm, run in `folder`.
    pub(crate) fn npm(folder: &Path) -> Command {
        let mut command = Command::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        command.current_dir(folder).env("npm_config_fund", "false").env("npm_config_audit", "false");
        command
    }

    /// Gives `command` a home folder of its own and takes away all that names the person's Claude Code or Argus.
    ///
    /// The tool chains keep their caches and settings: those are looked up in the home folder too.
    pub(crate) fn scratch_environment(&self, command: &mut Command) -> Result<()> {
        if let Some(home) = env::var_os("HOME").map(PathBuf::from) {
            for (name, below_home) in [
                ("CARGO_HOME", ".cargo"),
                ("RUSTUP_HOME", ".rustup"),
                ("npm_config_cache", ".npm"),
                ("npm_config_userconfig", ".npmrc"),
            ] {
                if env::var_os(name).is_none() {
                    command.env(name, home.join(below_home));
                }
            }
        }
        for (name, _) in env::vars_os() {
            if is_of_claude_or_argus(&name.to_string_lossy()) {
                command.env_remove(name);
            }
        }
        for name in ["XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"] {
            command.env_remove(name);
        }
        command.env("HOME", self.scratch("home")?);
        Ok(())
    }
}

/// What people tell the tests by the environment.
const FOR_THE_TESTS: [&str; 4] = ["ARGUS_CHROMIUM", "ARGUS_DEEP", "ARGUS_E2E", "ARGUS_E2E_SLOW"];

/// Variables that would tie a test to the person's own sessions.
fn is_of_claude_or_argus(name: &str) -> bool {
    let for_the_tests = FOR_THE_TESTS.contains(&name);
    let foreign = ["CLAUDE", "ANTHROPIC_", "ARGUS_", "OTEL_"].iter().any(|prefix| name.starts_with(prefix));
    foreign && !for_the_tests && name != "CLAUDE_CLIENT"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_test_sees_neither_the_outer_session_nor_its_credentials() {
        for name in ["CLAUDECODE", "CLAUDE_CODE_ENTRYPOINT", "CLAUDE_CONFIG_DIR", "ANTHROPIC_API_KEY", "ARGUS_DATA_DIR"]
        {
            assert!(is_of_claude_or_argus(name), "{name} must not reach a test");
        }
        for name in FOR_THE_TESTS.into_iter().chain(["CLAUDE_CLIENT", "PATH", "CARGO_HOME"]) {
            assert!(!is_of_claude_or_argus(name), "{name} must reach a test");
        }
    }
}
