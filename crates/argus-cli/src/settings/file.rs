//! A settings file on disk: read once, edited as text, replaced only if nobody else wrote meanwhile.
//!
//! Claude Code, editors and other installers write the same file. So a change is a compare-and-swap: the new text is
//! written beside the file, the file is read again and compared with what the change was made from, and only then renamed
//! over. A symbolic link stays a link (its target is replaced), the mode stays, and the bytes from before Argus stay
//! beside it as `settings.json.argus-backup`.
//!
//! What must stay true: a file that is refused, read-only or changed meanwhile is untouched; uninstalling right after
//! installing gives back the same bytes, or the absence of a file.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt, PermissionsExt, fchown};
use std::path::{Path, PathBuf};

use super::document::Refusal;
use super::registration::{self, Found, Registration};
use super::statusline::{self, StatusLine};
use super::telemetry::{self, Before, TelemetrySwitch};

/// Why a settings file could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    /// It is not what it should be; it was left alone.
    #[error("left untouched, since {refusal}: {}", path.display())]
    Refused { path: PathBuf, refusal: Refusal },
    /// It is not a regular file.
    #[error("not a regular file: {}", .0.display())]
    NotAFile(PathBuf),
    /// Its owner may not write it.
    #[error("the settings file is read-only: {}", .0.display())]
    ReadOnly(PathBuf),
    /// Somebody wrote it between our reading and our writing.
    #[error("the settings file was changed by another program meanwhile; nothing was written: {}", .0.display())]
    ChangedMeanwhile(PathBuf),
    /// The system refused.
    #[error("cannot {action} {}", path.display())]
    Io { action: &'static str, path: PathBuf, source: io::Error },
}

/// What is to become of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Plan {
    /// Nothing to do.
    Keep,
    /// This text replaces it.
    Write(String),
    /// It goes: Argus made it, and nothing else is in it.
    Remove,
}

/// What may stand in the settings beside the hook.
#[derive(Debug, Clone, Default)]
pub(crate) struct Extras {
    /// Claude Code's telemetry, sent to us.
    pub(crate) telemetry: Option<TelemetrySwitch>,
    /// Our status line, before the one that is there.
    pub(crate) status_line: Option<StatusLine>,
    /// Our guard, before each tool call.
    pub(crate) guard: Option<Registration>,
}

/// A settings file as it was read.
#[derive(Debug)]
pub(crate) struct SettingsFile {
    /// The path as named.
    named: PathBuf,
    /// Where the bytes are, links followed.
    real: PathBuf,
    before: Option<String>,
}

impl SettingsFile {
    /// Reads it; a missing file is an empty one.
    pub(crate) fn read(path: &Path) -> Result<Self, SettingsError> {
        let real = follow_links(path)?;
        let before = read_text(&real, path)?;
        Ok(Self { named: path.into(), real, before })
    }

    /// The path as named.
    pub(crate) fn path(&self) -> &Path {
        &self.named
    }

    /// What it held when it was read; empty for a missing file.
    pub(crate) fn text(&self) -> &str {
        self.before.as_deref().unwrap_or_default()
    }

    /// The repository that the file lies in, links followed, if it lies in one.
    pub(crate) fn repository(&self) -> Option<&Path> {
        self.real.ancestors().skip(1).find(|folder| folder.join(".git").exists())
    }

    /// What it says about hooks.
    pub(crate) fn detect(&self) -> Result<Found, SettingsError> {
        registration::detect(self.text()).map_err(|refusal| self.refused(refusal))
    }

    /// What registering would make of it, with what else is wanted of us.
    pub(crate) fn plan_register(&self, wanted: &Registration, extras: &Extras) -> Result<Plan, SettingsError> {
        let after = made_of(self.text(), wanted, extras).map_err(|refusal| self.refused(refusal))?;
        Ok(if self.before.as_deref() == Some(&after) { Plan::Keep } else { Plan::Write(after) })
    }

    /// What unregistering would make of it; `replaced` stood in the places of telemetry's variables.
    pub(crate) fn plan_unregister(&self, replaced: &Before) -> Result<Plan, SettingsError> {
        let Some(before) = &self.before else { return Ok(Plan::Keep) };
        let after = statusline::take_out(before)
            .and_then(|text| telemetry::switch_off(&text, replaced))
            .and_then(|text| registration::unregister(&text))
            .map_err(|refusal| self.refused(refusal))?;
        if after == *before {
            return Ok(Plan::Keep);
        }
        match fs::read_to_string(self.backup_path()).ok() {
            // Empty containers and blank files leave no trace in the text; the backup knows them.
            Some(backup) if self.came_from(&backup) => Ok(Plan::Write(backup)),
            None if after.trim() == "{}" => Ok(Plan::Remove),
            _ => Ok(Plan::Write(after)),
        }
    }

    fn came_from(&self, backup: &str) -> bool {
        let extras = Extras {
            telemetry: telemetry::switch_in(self.text()).ok().flatten(),
            status_line: statusline::line_in(self.text()).ok().flatten(),
            guard: registration::guard_in(self.text()).ok().flatten(),
        };
        registration::registration_in(self.text())
            .ok()
            .flatten()
            .and_then(|found| made_of(backup, &found, &extras).ok())
            .is_some_and(|made| made == self.text())
    }

    /// Carries out a plan made from this reading.
    pub(crate) fn carry_out(&self, plan: &Plan) -> Result<(), SettingsError> {
        match plan {
            Plan::Keep => Ok(()),
            Plan::Write(after) => {
                self.refuse_read_only()?;
                let restores = fs::read_to_string(self.backup_path()).is_ok_and(|backup| backup == *after);
                if !restores {
                    self.back_up(after)?;
                }
                self.replace(after)?;
                if restores {
                    self.drop_backup();
                }
                Ok(())
            }
            Plan::Remove => {
                self.refuse_read_only()?;
                self.compare()?;
                fs::remove_file(&self.real).map_err(|source| self.io("remove", source))
            }
        }
    }

    /// `settings.json.argus-backup`, beside the path as named.
    pub(crate) fn backup_path(&self) -> PathBuf {
        let mut name = self.named.as_os_str().to_owned();
        name.push(".argus-backup");
        name.into()
    }

    /// Keeps the bytes from before Argus: a later registration over an earlier one leaves that backup alone.
    fn back_up(&self, after: &str) -> Result<(), SettingsError> {
        let Some(before) = &self.before else { return Ok(()) };
        let holds_ours = |text: &str| registration::detect(text).is_ok_and(|found| !found.entries.is_empty());
        let backup = self.backup_path();
        if holds_ours(before) && holds_ours(after) && backup.exists() {
            return Ok(());
        }
        let written = self.write_beside(&backup, before)?;
        fs::rename(&written, &backup).map_err(|source| self.io("back up", source))
    }

    fn drop_backup(&self) {
        // A backup that stays behind does no harm.
        let _ = fs::remove_file(self.backup_path());
    }

    fn replace(&self, after: &str) -> Result<(), SettingsError> {
        if let Some(folder) = self.real.parent() {
            fs::create_dir_all(folder).map_err(|source| self.io("create the folder of", source))?;
        }
        let written = self.write_beside(&self.real, after)?;
        let swapped =
            self.compare().and_then(|()| fs::rename(&written, &self.real).map_err(|source| self.io("replace", source)));
        if swapped.is_err() {
            let _ = fs::remove_file(&written);
        }
        swapped
    }

    /// Writes `text` durably into a new file in the folder of `target`, with the settings file's mode and owner.
    fn write_beside(&self, target: &Path, text: &str) -> Result<PathBuf, SettingsError> {
        let mut name = OsString::from(".");
        name.push(target.file_name().unwrap_or_default());
        name.push(format!(".{}", std::process::id()));
        let path = target.with_file_name(name);
        let write = || -> io::Result<()> {
            let _ = fs::remove_file(&path);
            let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path)?;
            file.write_all(text.as_bytes())?;
            if let Ok(original) = fs::metadata(&self.real) {
                // Only root can give a file away; anyone else owns it already.
                let _ = fchown(&file, Some(original.uid()), Some(original.gid()));
                file.set_permissions(Permissions::from_mode(original.mode() & 0o7777))?;
            }
            file.sync_all()
        };
        write().map_err(|source| {
            let _ = fs::remove_file(&path);
            self.io("write beside", source)
        })?;
        Ok(path)
    }

    /// Fails when the file is no longer what was read.
    fn compare(&self) -> Result<(), SettingsError> {
        let now =
            read_text(&self.real, &self.named).map_err(|_| SettingsError::ChangedMeanwhile(self.named.clone()))?;
        if now == self.before { Ok(()) } else { Err(SettingsError::ChangedMeanwhile(self.named.clone())) }
    }

    /// Root could write it all the same, but a file made read-only was made so on purpose.
    fn refuse_read_only(&self) -> Result<(), SettingsError> {
        match fs::metadata(&self.real) {
            Ok(metadata) if metadata.mode() & 0o200 == 0 => Err(SettingsError::ReadOnly(self.named.clone())),
            _ => Ok(()),
        }
    }

    fn refused(&self, refusal: Refusal) -> SettingsError {
        SettingsError::Refused { path: self.named.clone(), refusal }
    }

    fn io(&self, action: &'static str, source: io::Error) -> SettingsError {
        SettingsError::Io { action, path: self.named.clone(), source }
    }
}

/// The text with all that is ours.
fn made_of(text: &str, wanted: &Registration, extras: &Extras) -> Result<String, Refusal> {
    let mut text = registration::register(text, wanted)?;
    if let Some(guard) = &extras.guard {
        text = registration::register(&text, guard)?;
    }
    if let Some(switch) = &extras.telemetry {
        text = telemetry::switch_on(&text, switch)?;
    }
    match &extras.status_line {
        Some(line) => statusline::put_in(&text, line),
        None => Ok(text),
    }
}

/// The path behind links, also where the last one points to nothing yet.
fn follow_links(path: &Path) -> Result<PathBuf, SettingsError> {
    let mut path = path.to_path_buf();
    for _ in 0..40 {
        match fs::read_link(&path) {
            Ok(target) => path = path.parent().unwrap_or(Path::new("/")).join(target),
            Err(_) => return Ok(path),
        }
    }
    Err(SettingsError::NotAFile(path))
}

fn read_text(real: &Path, named: &Path) -> Result<Option<String>, SettingsError> {
    let failed = |source| SettingsError::Io { action: "read", path: named.into(), source };
    match fs::metadata(real) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
        Ok(metadata) if !metadata.is_file() => return Err(SettingsError::NotAFile(named.into())),
        Ok(_) => {}
    }
    let mut bytes = Vec::new();
    File::open(real).and_then(|mut file| file.read_to_end(&mut bytes)).map_err(failed)?;
    String::from_utf8(bytes)
        .map(Some)
        .map_err(|_| SettingsError::Refused { path: named.into(), refusal: Refusal::NotUtf8 })
}
