//! Whether Claude Code runs our hook: placed, registered, not switched off, and no other program in its way.

use std::path::{Path, PathBuf};

use super::Finding;
use crate::configuration::Configuration;
use crate::hook_binary::{self, HookState, Program};
use crate::registering::{Registered, find_clients, list_managed_settings, wanted_registration};
use crate::settings::client::Client;

/// All findings about hooks.
pub(super) fn look(configuration: &Configuration) -> Vec<Finding> {
    let clients = find_clients();
    let mut findings = vec![look_at_clients(&clients), look_at_binary(configuration)];
    for root in &configuration.config_roots {
        findings.push(look_at_root(configuration, root, &clients));
    }
    findings.extend(look_at_guard(configuration));
    findings.extend(look_at_switches(configuration));
    findings.extend(look_for_foreign_program());
    findings
}

fn look_at_clients(clients: &[Client]) -> Finding {
    let list: Vec<String> = clients
        .iter()
        .map(|client| {
            let version = client.version.map_or_else(|| "version unknown".into(), |version| version.to_string());
            format!("{} ({version})", client.path.display())
        })
        .collect();
    if clients.is_empty() {
        return Finding::warning(
            "claude",
            "no Claude Code was found, so only the nine events that every version knows are registered",
            "name it: CLAUDE_CLIENT=/path/to/claude argus install",
        );
    }
    if clients.iter().any(|client| client.version.is_none()) {
        return Finding::warning("claude", list.join(", "), "see why `claude --version` does not answer");
    }
    Finding::ok("claude", list.join(", "))
}

fn look_at_binary(configuration: &Configuration) -> Finding {
    let path = configuration.data.hook();
    let shown = path.display();
    match hook_binary::inspect(Program::Hook, &configuration.data) {
        HookState::Current => Finding::ok("hook", format!("in its place: {shown}")),
        HookState::Outdated => Finding::warning(
            "hook",
            format!("another build than this program's: {shown}"),
            "`argus install` refreshes it",
        ),
        HookState::Missing => Finding::broken("hook", format!("missing: {shown}"), "`argus install` places it"),
        HookState::NotExecutable => {
            Finding::broken("hook", format!("not executable: {shown}"), "`argus install` places it anew")
        }
    }
}

/// The guard, where settings name one.
fn look_at_guard(configuration: &Configuration) -> Option<Finding> {
    let guard = configuration.data.guard();
    let is_named = configuration.config_roots.iter().any(|root| {
        let found = Registered::read(&root.join("settings.json")).found;
        found.is_ok_and(|found| !found.guards.is_empty())
    });
    let shown = guard.display();
    let mend = "`argus install --guard` places it anew";
    is_named.then(|| match hook_binary::inspect(Program::Guard, &configuration.data) {
        HookState::Current => Finding::ok("guard", format!("in its place: {shown}")),
        HookState::Outdated => Finding::warning("guard", format!("another build than this program's: {shown}"), mend),
        HookState::Missing => {
            Finding::broken("guard", format!("missing, so nothing is answered before a call runs: {shown}"), mend)
        }
        HookState::NotExecutable => Finding::broken("guard", format!("not executable: {shown}"), mend),
    })
}

fn look_at_root(configuration: &Configuration, root: &Path, clients: &[Client]) -> Finding {
    let settings = Registered::read(&root.join("settings.json"));
    let path = settings.path.display();
    let found = match &settings.found {
        Ok(found) => found,
        Err(problem) => {
            return Finding::broken("settings", problem.clone(), "mend the file; Claude Code cannot use it either");
        }
    };
    let registered = settings.count_events(&configuration.data.hook());
    let wanted = wanted_registration(configuration, clients).map_or(0, |wanted| wanted.events.len());
    if registered == 0 && !found.entries.is_empty() {
        return Finding::broken(
            "settings",
            format!("another hook of Argus is registered in {path}"),
            "`argus install` puts this one there",
        );
    }
    if registered == 0 {
        return Finding::broken(
            "settings",
            format!("the hook is not registered in {path}"),
            "`argus install` registers it",
        );
    }
    if registered < wanted || registered < found.entries.len() {
        return Finding::warning(
            "settings",
            format!("{registered} of {wanted} events are registered as they should be in {path}"),
            "`argus install` brings them up to date",
        );
    }
    Finding::ok("settings", format!("{registered} events are registered in {path}"))
}

/// Settings that switch hooks off, wherever they may stand.
fn look_at_switches(configuration: &Configuration) -> Vec<Finding> {
    let mut findings = Vec::new();
    let here = std::env::current_dir().map(|folder| folder.join(".claude")).unwrap_or_default();
    let mut files: Vec<PathBuf> = configuration.config_roots.iter().map(|root| root.join("settings.json")).collect();
    files.extend([here.join("settings.json"), here.join("settings.local.json")]);
    files.dedup();
    for file in files {
        if Registered::read(&file).found.is_ok_and(|found| found.disables_all_hooks) {
            findings.push(Finding::broken(
                "switched off",
                format!("disableAllHooks is true in {}", file.display()),
                "take it out, or set it to false",
            ));
        }
    }
    findings.extend(list_managed_settings().iter().filter_map(|file| look_at_managed(file)));
    findings
}

/// Settings that nobody may override.
fn look_at_managed(file: &Path) -> Option<Finding> {
    let found = Registered::read(file).found.ok()?;
    (found.disables_all_hooks || found.allows_managed_hooks_only).then(|| {
        Finding::broken(
            "switched off",
            format!("managed settings allow no hooks of yours: {}", file.display()),
            "ask who manages this machine to register the hook there",
        )
    })
}

/// Other tools call themselves argus too; one of them keeps its data in `~/.argus`.
fn look_for_foreign_program() -> Option<Finding> {
    let own = std::env::current_exe().and_then(std::fs::canonicalize).ok()?;
    let path = std::env::var_os("PATH")?;
    let first = std::env::split_paths(&path).map(|folder| folder.join("argus")).find(|file| file.is_file())?;
    let real = std::fs::canonicalize(&first).ok()?;
    (real != own).then(|| {
        Finding::warning(
            "program",
            format!("`argus` on PATH is another program: {}", first.display()),
            format!("call this one by its path ({}), or put its folder first", own.display()),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // Their place belongs to the machine, so no process of a test can have some of its own.
    #[test]
    fn managed_settings_that_allow_no_hooks_are_named_and_others_are_not() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("managed-settings.json");
        for (text, is_found) in [
            (r#"{ "allowManagedHooksOnly": true }"#, true),
            (r#"{ "disableAllHooks": true }"#, true),
            (r#"{ "allowManagedHooksOnly": false, "model": "opus" }"#, false),
            ("{ broken", false),
        ] {
            std::fs::write(&file, text).unwrap();
            let finding = look_at_managed(&file);
            assert_eq!(finding.is_some(), is_found, "{text}");
            if let Some(finding) = finding {
                assert_eq!(finding.severity, super::super::Severity::Broken);
                assert!(finding.message.contains(file.to_str().unwrap()) && finding.mend.is_some());
            }
        }
    }
}
