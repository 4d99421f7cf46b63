//! What commands are told by variables instead of options: settings of git, approvals, where packages come from.

use super::{Broken, Told, git, packages};
use crate::shell::{Script, Simple};

/// What variables and commands of a line break together.
pub(super) fn across(script: &Script) -> Vec<(&Simple, Broken)> {
    let mut given: Vec<(&str, &str)> = script.assigned.iter().filter_map(|(text, _)| pair(text)).collect();
    let setters =
        script.commands.iter().filter(|command| matches!(command.name.as_str(), "env" | "export" | "declare"));
    given.extend(setters.flat_map(|command| command.arguments()).filter_map(|text| pair(text)));
    if given.is_empty() {
        return Vec::new();
    }
    let mut out = Vec::new();
    for command in &script.commands {
        let told = Told::of(command);
        if told.only_asks() {
            continue;
        }
        let broken = match told.name {
            "git" => git_settings(&given),
            "terraform" | "tofu" | "terragrunt" => approved(&told, &given),
            _ if packages::installs(&told) => comes_unsigned(&given),
            _ => None,
        };
        out.extend(broken.map(|broken| (command, broken)));
    }
    out
}

fn pair(text: &str) -> Option<(&str, &str)> {
    let (name, value) = text.split_once('=')?;
    Some((name, value.trim_matches(['"', '\''])))
}

/// `GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0=x`, and variables whose value is a program.
fn git_settings(given: &[(&str, &str)]) -> Option<Broken> {
    let value = |name: &str| given.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    let by_number = given.iter().filter_map(|(name, key)| {
        let number = name.strip_prefix("GIT_CONFIG_KEY_")?;
        Some((key.to_ascii_lowercase(), value(&format!("GIT_CONFIG_VALUE_{number}")).unwrap_or_default()))
    });
    let by_name = given.iter().filter_map(|(name, value)| {
        let key = match *name {
            "GIT_SSH_COMMAND" => "core.sshcommand",
            "GIT_EXTERNAL_DIFF" => "diff.external",
            "GIT_ASKPASS" => "core.askpass",
            "GIT_PROXY_COMMAND" => "core.gitproxy",
            // Editors and pagers are set all the time; a script of somebody's own is no editor.
            "GIT_EDITOR" | "GIT_SEQUENCE_EDITOR" | "GIT_PAGER" if value.starts_with(['/', '.', '~']) => "core.editor",
            _ => return None,
        };
        Some((key.to_owned(), *value))
    });
    let (name, _) = by_number.chain(by_name).find(|(name, value)| git::runs_a_program(name, value))?;
    Some(("git.config-exec", format!("git runs what {name} names.")))
}

/// `TF_CLI_ARGS_apply=-auto-approve`.
fn approved(told: &Told<'_>, given: &[(&str, &str)]) -> Option<Broken> {
    let verbs = told.verbs(&["-chdir", "--chdir"]);
    let is_approved = given.iter().any(|(name, value)| {
        name.starts_with("TF_CLI_ARGS") && value.contains("auto-approve")
            || matches!(*name, "TERRAGRUNT_NON_INTERACTIVE" | "TG_NON_INTERACTIVE") && matches!(*value, "true" | "1")
    });
    if !is_approved {
        return None;
    }
    let verb = |wanted: &str| verbs.contains(&wanted);
    if verb("destroy") {
        Some(("infra.destroy", "Everything that it manages is taken down.".to_owned()))
    } else if verb("apply") {
        let reason = "What changes is applied without anybody having read the plan.".to_owned();
        Some(("infra.apply-unreviewed", reason))
    } else {
        None
    }
}

/// An index without encryption, or one whose answers nobody checks.
fn comes_unsigned(given: &[(&str, &str)]) -> Option<Broken> {
    const INDEXES: &[&str] = &[
        "PIP_INDEX_URL",
        "PIP_EXTRA_INDEX_URL",
        "UV_INDEX_URL",
        "UV_DEFAULT_INDEX",
        "UV_EXTRA_INDEX_URL",
        "GOPROXY",
        "NPM_CONFIG_REGISTRY",
        "npm_config_registry",
        "YARN_REGISTRY",
        "BUNDLE_MIRROR__ALL",
        "CARGO_REGISTRY_INDEX",
    ];
    const TRUSTS: &[&str] = &["PIP_TRUSTED_HOST", "GOINSECURE", "UV_INSECURE_HOST"];
    let is_open = |(name, value): &(&str, &str)| {
        let is_plain = value.split(',').any(|url| url.starts_with("http://") && !packages::is_loopback(url));
        let is_own = value.starts_with("localhost") || value.starts_with("127.");
        INDEXES.contains(name) && is_plain || TRUSTS.contains(name) && !value.is_empty() && !is_own
    };
    given
        .iter()
        .any(is_open)
        .then(|| ("supply.untrusted-install", "Code is installed from a place that nobody vouches for.".to_owned()))
}
