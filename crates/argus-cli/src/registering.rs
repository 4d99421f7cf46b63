//! Between commands and settings files: which files, what would change, and whether the hooks are in order.

use std::path::{Path, PathBuf};

use crate::cli::Scope;
use crate::configuration::{Configuration, variable};
use crate::failure::{Done, Explain, Failure};
use crate::hook_binary::{self, HookState, Program};
use crate::output::{Screen, render_difference, visible};
use crate::settings::client::{Client, Places, list_clients, oldest_version};
use crate::settings::{
    Before, CLOSED_SINCE, Extras, Found, Handler, Plan, Registration, SettingsError, SettingsFile, list_events,
    path_of_command,
};

impl SettingsError {
    /// What a person can do about it.
    fn advice(&self) -> &'static str {
        match self {
            Self::Refused { .. } => "mend the file, or change our entries in it by hand as the README shows",
            Self::NotAFile(_) => "name another file with --settings",
            Self::ReadOnly(_) => "make it writable, or change our entries in it by hand as the README shows",
            Self::ChangedMeanwhile(_) => "run the command again",
            Self::Io { .. } => "check the file's permissions",
        }
    }
}

/// The settings files that a scope means.
pub(crate) fn list_settings(configuration: &Configuration, scope: Scope, named: Option<&Path>) -> Done<Vec<PathBuf>> {
    if let Some(named) = named {
        return Ok(vec![std::path::absolute(named)?]);
    }
    let here = || std::env::current_dir().while_doing("cannot tell the current folder");
    Ok(match scope {
        Scope::User => configuration.config_roots.iter().map(|root| root.join("settings.json")).collect(),
        Scope::Project => vec![here()?.join(".claude/settings.json")],
        Scope::Local => vec![here()?.join(".claude/settings.local.json")],
    })
}

/// The clients on this machine.
pub(crate) fn find_clients() -> Vec<Client> {
    let (path, named, home) = (std::env::var_os("PATH"), std::env::var_os("CLAUDE_CLIENT"), variable("HOME"));
    list_clients(&Places { path: path.as_deref(), named: named.as_deref(), home: home.as_deref() })
}

/// What to register for the installed clients.
pub(crate) fn wanted_registration(configuration: &Configuration, clients: &[Client]) -> Done<Registration> {
    let oldest = oldest_version(clients);
    let handler =
        Handler::new(&configuration.data.hook(), oldest).or_hint("choose a plainer data directory with --data-dir")?;
    Ok(Registration { events: list_events(oldest).into_iter().map(str::to_owned).collect(), handler })
}

/// The guard's registration; refused where it is to block without an answer and some client does not know how.
pub(crate) fn wanted_guard(configuration: &Configuration, clients: &[Client], is_closed: bool) -> Done<Registration> {
    let oldest = oldest_version(clients);
    let handler =
        Handler::new(&configuration.data.guard(), oldest).or_hint("choose a plainer data directory with --data-dir")?;
    if is_closed && oldest.is_none_or(|oldest| oldest < CLOSED_SINCE) {
        let found = oldest.map_or("none that tells its version".to_owned(), |oldest| oldest.to_string());
        return Err(Failure::new(format!(
            "a guard that blocks where it cannot answer needs Claude Code {CLOSED_SINCE} or later; installed: {found}"
        ))
        .hint("older clients would let the call run all the same; install it with --guard, or update Claude Code"));
    }
    let handler = if is_closed { handler.closed() } else { handler };
    Ok(Registration { events: vec!["PreToolUse".to_owned()], handler })
}

/// A settings file with what is to become of it.
pub(crate) struct Change {
    file: SettingsFile,
    plan: Plan,
}

impl Change {
    /// Plans `wanted`.
    pub(crate) fn plan(path: &Path, wanted: &Registration, extras: &Extras) -> Done<Self> {
        let plan = || {
            let file = SettingsFile::read(path)?;
            let plan = file.plan_register(wanted, extras)?;
            Ok(Self { file, plan })
        };
        plan().map_err(with_advice)
    }

    /// Plans the removal of all that is ours; `replaced` stood in the places of telemetry's variables.
    pub(crate) fn plan_removal(path: &Path, replaced: &Before) -> Done<Self> {
        let plan = || {
            let file = SettingsFile::read(path)?;
            let plan = file.plan_unregister(replaced)?;
            Ok(Self { file, plan })
        };
        plan().map_err(with_advice)
    }

    /// The repository that the file lies in.
    pub(crate) fn repository(&self) -> Option<&Path> {
        self.file.repository()
    }

    /// Whether there is anything to do.
    pub(crate) fn is_needed(&self) -> bool {
        self.plan != Plan::Keep
    }

    /// The file.
    pub(crate) fn path(&self) -> &Path {
        self.file.path()
    }

    /// The change as a unified diff.
    pub(crate) fn render(&self, screen: Screen) -> String {
        let after = match &self.plan {
            Plan::Keep => self.file.text(),
            Plan::Write(after) => after,
            Plan::Remove => "",
        };
        render_difference(screen, &self.path().display().to_string(), self.file.text(), after)
    }

    /// Carries it out.
    pub(crate) fn carry_out(&self) -> Done {
        self.file.carry_out(&self.plan).map_err(with_advice)
    }
}

fn with_advice(error: SettingsError) -> Failure {
    let advice = error.advice();
    Failure::from(error).hint(advice)
}

/// What a settings file says, and how much of it is in order.
#[derive(Debug)]
pub(crate) struct Registered {
    /// The file.
    pub(crate) path: PathBuf,
    /// What stands in it, or why it cannot be read.
    pub(crate) found: Result<Found, String>,
}

impl Registered {
    /// Reads a settings file; a missing one says nothing.
    pub(crate) fn read(path: &Path) -> Self {
        let found = SettingsFile::read(path).and_then(|file| file.detect());
        Self { path: path.into(), found: found.map_err(|error| visible(&error.to_string()).into_owned()) }
    }

    /// How many events start the hook at `hook`.
    pub(crate) fn count_events(&self, hook: &Path) -> usize {
        let Ok(found) = &self.found else { return 0 };
        found
            .entries
            .iter()
            .filter(|entry| entry.is_sound && Path::new(&path_of_command(&entry.command)) == hook)
            .count()
    }
}

/// Where settings that nobody may override stand.
pub(crate) fn list_managed_settings() -> Vec<PathBuf> {
    let folder = Path::new(if cfg!(target_os = "macos") {
        "/Library/Application Support/ClaudeCode"
    } else {
        "/etc/claude-code"
    });
    let mut files = vec![folder.join("managed-settings.json")];
    if let Ok(entries) = std::fs::read_dir(folder.join("managed-settings.d")) {
        files.extend(
            entries.flatten().map(|entry| entry.path()).filter(|path| path.extension() == Some("json".as_ref())),
        );
    }
    files.retain(|path| path.exists());
    files
}

/// Where a folder's own settings switch all hooks off, if they do.
pub(crate) fn switched_off_in(folder: &str) -> Option<String> {
    let settings = Path::new(folder).join(".claude");
    ["settings.json", "settings.local.json"].into_iter().map(|name| settings.join(name)).find_map(|path| {
        let found = path.exists().then(|| Registered::read(&path).found.ok()).flatten()?;
        found.disables_all_hooks.then(|| format!("disableAllHooks is set in {}", path.display()))
    })
}

/// Whether the hook is placed and registered in every configuration folder, for the dashboard.
pub(crate) fn hook_status(configuration: &Configuration) -> argus_api::HookStatus {
    let hook = configuration.data.hook();
    let managed = list_managed_settings().into_iter().find_map(|path| {
        let found = Registered::read(&path).found.ok()?;
        (found.disables_all_hooks || found.allows_managed_hooks_only)
            .then(|| format!("managed settings allow no hooks of yours: {}", path.display()))
    });
    let missing = managed.or_else(|| missing_in(configuration));
    let detail = match hook_binary::inspect(Program::Hook, &configuration.data) {
        HookState::Missing => Some(format!("the hook is missing: {}", hook.display())),
        HookState::NotExecutable => Some(format!("the hook is not executable: {}", hook.display())),
        HookState::Outdated | HookState::Current => missing,
    };
    argus_api::HookStatus { is_installed: Some(detail.is_none()), detail }
}

/// Why some settings do not name the hook.
fn missing_in(configuration: &Configuration) -> Option<String> {
    let hook = configuration.data.hook();
    configuration.config_roots.iter().map(|root| root.join("settings.json")).find_map(|path| {
        let registered = Registered::read(&path);
        match &registered.found {
            Err(problem) => Some(problem.clone()),
            Ok(found) if found.disables_all_hooks => Some(format!("disableAllHooks is set in {}", path.display())),
            Ok(_) if registered.count_events(&hook) == 0 => Some(format!("not registered in {}", path.display())),
            Ok(_) => None,
        }
    })
}
