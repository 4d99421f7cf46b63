//! Starting the server at login: a systemd user unit on Linux, a launch agent on macOS.
//!
//! One file, written whole and marked as ours in its head. What must stay true: a file without that mark, and whatever
//! is a symbolic link there (so does systemd mask a unit), is never written over and never removed. The file names the
//! data directory, so it is known for which one it stands. Start with [`Login::find`].

mod launchd;
mod systemd;
#[cfg(test)]
mod tests;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde::Serialize;

use crate::configuration::{Configuration, Lookup, variable};
use crate::failure::{Done, Explain, Failure};

/// The first line of what is ours.
const MARK: &str = "Written by `argus autostart enable`; `argus autostart disable` removes it.";
const UNIT: &str = "argus.service";
const LABEL: &str = "local.argus.server";

/// Who starts programs at login.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Starter {
    /// systemd's user manager.
    Systemd,
    /// launchd.
    Launchd,
}

/// What is started.
#[derive(Debug, Clone)]
struct Recipe {
    program: PathBuf,
    data_dir: PathBuf,
    config_roots: Vec<PathBuf>,
}

/// A path that cannot be written into the file.
#[derive(Debug, thiserror::Error)]
#[error("a path with control characters, a program with quotes, or one that is not UTF-8 cannot start at login: {}", .0.display())]
struct RecipeRefused(PathBuf);

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum State {
    /// Nothing is there.
    Off,
    /// Our file is there, but it is not switched on.
    Written,
    /// The server starts at login.
    On,
    /// The file that is there is not ours.
    Foreign,
}

/// The file that starts the server at login.
#[derive(Debug)]
pub(crate) struct Login {
    starter: Starter,
    path: PathBuf,
    recipe: Recipe,
}

impl Login {
    /// Where it is or would be for this configuration.
    pub(crate) fn find(configuration: &Configuration) -> Done<Self> {
        let starter = match std::env::consts::OS {
            "linux" => Starter::Systemd,
            "macos" => Starter::Launchd,
            other => {
                return Err(Failure::new(format!("starting at login is not there yet on {other}"))
                    .hint("have `argus serve` started by whatever starts programs there"));
            }
        };
        let program = std::env::current_exe().while_doing("cannot find this program")?;
        let data_dir = configuration.data.path().to_owned();
        let recipe = Recipe { program, data_dir, config_roots: configuration.config_roots.clone() };
        Ok(Self { starter, path: place(starter, &variable)?, recipe })
    }

    /// Where the file is or would be.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Who reads it.
    pub(crate) fn starter(&self) -> Starter {
        self.starter
    }

    /// What would be written.
    pub(crate) fn render(&self) -> Done<String> {
        let rendered = match self.starter {
            Starter::Systemd => systemd::render(&self.recipe),
            Starter::Launchd => launchd::render(&self.recipe),
        };
        rendered.or_hint("move it to another place, or start `argus up` by hand")
    }

    /// How things stand.
    pub(crate) fn state(&self) -> State {
        match fs::symlink_metadata(&self.path) {
            Err(_) => State::Off,
            Ok(metadata) if !metadata.is_file() => State::Foreign,
            Ok(_) if !self.text().lines().take(2).any(|line| line.contains(MARK)) => State::Foreign,
            Ok(_) if self.starter == Starter::Launchd || self.link().is_symlink() => State::On,
            Ok(_) => State::Written,
        }
    }

    /// Whether the file that is there starts the server of this data directory.
    pub(crate) fn is_for_this_data(&self) -> bool {
        let argument = match self.starter {
            Starter::Systemd => systemd::argument(&self.recipe.data_dir).map(|path| format!("--data-dir {path}")),
            Starter::Launchd => launchd::argument(&self.recipe.data_dir),
        };
        argument.is_ok_and(|argument| self.text().contains(&argument))
    }

    /// Whether the file that is there is what would be written now.
    pub(crate) fn is_current(&self) -> bool {
        self.render().is_ok_and(|wanted| wanted == self.text())
    }

    /// Writes the file.
    pub(crate) fn write(&self) -> Done {
        self.refuse_foreign()?;
        let text = self.render()?;
        let context = format!("cannot write {}", self.path.display());
        let fresh = self.path.with_extension("argus-new");
        if let Some(folder) = self.path.parent() {
            fs::create_dir_all(folder).while_doing(&context)?;
        }
        fs::write(&fresh, text).while_doing(&context)?;
        fs::rename(&fresh, &self.path).while_doing(&context)
    }

    /// Removes the file and what switched it on.
    pub(crate) fn remove(&self) -> Done {
        self.refuse_foreign()?;
        if self.starter == Starter::Systemd && self.link().is_symlink() {
            let link = self.link();
            fs::remove_file(&link).while_doing(&format!("cannot remove {}", link.display()))?;
        }
        fs::remove_file(&self.path).while_doing(&format!("cannot remove {}", self.path.display()))
    }

    /// What switches it on; a server that runs already keeps its place until it ends.
    pub(crate) fn commands_to_enable(&self, is_running: bool) -> Vec<Vec<String>> {
        match (self.starter, is_running) {
            (Starter::Systemd, false) => {
                vec![words("systemctl --user daemon-reload"), words(&format!("systemctl --user enable --now {UNIT}"))]
            }
            (Starter::Systemd, true) => {
                vec![words("systemctl --user daemon-reload"), words(&format!("systemctl --user enable {UNIT}"))]
            }
            (Starter::Launchd, false) => {
                let mut command = words(&format!("launchctl bootstrap gui/{}", user_id()));
                command.push(self.path.display().to_string());
                vec![command]
            }
            // launchd reads the folder at each login.
            (Starter::Launchd, true) => Vec::new(),
        }
    }

    /// What switches it off, before the file goes.
    pub(crate) fn commands_to_disable(&self) -> Vec<Vec<String>> {
        match self.starter {
            Starter::Systemd => vec![words(&format!("systemctl --user disable --now {UNIT}"))],
            Starter::Launchd => vec![words(&format!("launchctl bootout gui/{}/{LABEL}", user_id()))],
        }
    }

    /// How to start it without logging in again.
    pub(crate) fn command_to_start(&self) -> String {
        match self.starter {
            Starter::Systemd => format!("systemctl --user start {UNIT}"),
            Starter::Launchd => format!("launchctl bootstrap gui/{} '{}'", user_id(), self.path.display()),
        }
    }

    fn refuse_foreign(&self) -> Done {
        if self.state() == State::Foreign {
            return Err(Failure::new(format!("{} is not ours, so it stays as it is", self.path.display()))
                .hint("look at it; if nobody needs it, remove it by hand and try again"));
        }
        Ok(())
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap_or_default()
    }

    /// What `systemctl enable` makes.
    fn link(&self) -> PathBuf {
        self.path.with_file_name("default.target.wants").join(UNIT)
    }
}

/// Runs a command of the system; the error says in its own words what was wrong.
pub(crate) fn run(command: &[String]) -> Result<(), String> {
    let Some((program, arguments)) = command.split_first() else { return Ok(()) };
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output();
    let output = output.map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => format!("there is no {program} here"),
        _ => format!("cannot run {program}: {error}"),
    })?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    let first = said.lines().find(|line| !line.trim().is_empty()).unwrap_or("it gives no reason");
    Err(format!("`{}` fails: {}", command.join(" "), first.trim()))
}

fn place(starter: Starter, lookup: Lookup<'_>) -> Done<PathBuf> {
    let home = || {
        lookup("HOME")
            .filter(|home| home.is_absolute())
            .ok_or_else(|| Failure::new("HOME is not set, so there is no place for what starts at login"))
    };
    match starter {
        Starter::Systemd => {
            let folder = match lookup("XDG_CONFIG_HOME").filter(|path| path.is_absolute()) {
                Some(folder) => folder,
                None => home()?.join(".config"),
            };
            Ok(folder.join("systemd/user").join(UNIT))
        }
        Starter::Launchd => Ok(home()?.join("Library/LaunchAgents").join(format!("{LABEL}.plist"))),
    }
}

fn words(command: &str) -> Vec<String> {
    command.split(' ').map(str::to_owned).collect()
}

fn user_id() -> u32 {
    rustix::process::getuid().as_raw()
}

/// A path as text that stays on its line.
fn plain(path: &Path) -> Result<&str, RecipeRefused> {
    path.to_str().filter(|text| !text.chars().any(char::is_control)).ok_or_else(|| RecipeRefused(path.to_owned()))
}
