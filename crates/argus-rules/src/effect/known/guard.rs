//! What watches: this program, the agent's own limits, logs, and the machine's guards.

use super::{Broken, Told};
use crate::shell::Site;

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
    if stops_argus(told) {
        out.push(("guard.argus-tamper", "Whoever watches the agent is stopped or changed.".into()));
    }
    if starts_unbound_agent(told) {
        out.push(("guard.bypass-permissions", "Another agent is started that asks nobody.".into()));
    }
    if changes_own_limits(told) {
        out.push(("guard.agent-config", "The agent's own limits change.".into()));
    }
    if clears_history(told) {
        out.push(("guard.log-tamper", "What was done is made invisible.".into()));
    }
    if told.command.context.site == Site::Local && opens_the_machine(told) {
        out.push(("guard.security-off", "A guard of this machine is switched off.".into()));
    }
}

fn is_argus(text: &str) -> bool {
    let name = text
        .rsplit('/')
        .next()
        .unwrap_or(text)
        .trim_end_matches(".service")
        .trim_end_matches("$")
        .trim_start_matches('^');
    matches!(name, "argus" | "argusd" | "argus-hook" | "argus serve" | "argus-server")
}

fn stops_argus(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&["-s", "--signal"]);
    let first = verbs.first().copied().unwrap_or_default();
    match told.name {
        "pkill" | "killall" | "skill" | "taskkill" => told.args.iter().any(|arg| is_argus(arg)),
        "systemctl" | "service" | "launchctl" => {
            let stops = verbs
                .iter()
                .any(|verb| matches!(*verb, "stop" | "disable" | "mask" | "kill" | "unload" | "bootout" | "remove"));
            stops && told.args.iter().any(|arg| is_argus(arg) || arg.contains("argus."))
        }
        "argus" => {
            let pair = (first, verbs.get(1).copied().unwrap_or_default());
            matches!(first, "uninstall" | "down" | "pause" | "forget")
                || matches!(
                    pair,
                    ("guard", "release" | "close")
                        | ("hooks", "uninstall" | "disable" | "remove")
                        | ("db", "prune")
                        | ("autostart", "disable")
                        | ("rules", "disable" | "off")
                        | ("token", _)
                )
                || first == "token" && told.flag("", &["rotate"])
        }
        "sqlite3" => {
            told.args.iter().any(|arg| arg.ends_with("/argus.db") || arg.ends_with("argus/argus.db"))
                && ["delete", "update", "drop", "insert", "vacuum"].iter().any(|word| told.line().contains(word))
        }
        _ => false,
    }
}

fn starts_unbound_agent(told: &Told<'_>) -> bool {
    match told.name {
        "claude" => {
            told.flag("", &["dangerously-skip-permissions", "allow-dangerously-skip-permissions"])
                || told.value(&["--permission-mode"]) == Some("bypassPermissions")
        }
        "codex" => {
            told.flag("", &["dangerously-bypass-approvals-and-sandbox", "yolo"])
                || told.value(&["--sandbox", "-s"]) == Some("danger-full-access")
        }
        "gemini" | "qwen" => told.flag("y", &["yolo"]) || told.value(&["--approval-mode"]) == Some("yolo"),
        "aider" => told.flag("", &["yes-always"]),
        "cursor-agent" | "amp" | "opencode" | "goose" | "q" | "copilot" | "droid" | "auggie" => told.flag(
            "",
            &[
                "force",
                "dangerously-allow-all",
                "trust-all-tools",
                "allow-all-tools",
                "skip-permissions-unsafe",
                "yolo",
            ],
        ),
        _ => false,
    }
}

fn changes_own_limits(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&["-s", "--scope"]);
    told.name == "claude"
        && verbs.first() == Some(&"config")
        && matches!(verbs.get(1), Some(&"set" | &"add" | &"remove"))
        && told.args.iter().any(|arg| {
            ["permission", "hook", "allow", "deny", "sandbox"]
                .iter()
                .any(|word| arg.to_ascii_lowercase().contains(word))
        })
}

fn clears_history(told: &Told<'_>) -> bool {
    let assigned = |name: &str, values: &[&str]| {
        told.args
            .iter()
            .any(|arg| arg.split_once('=').is_some_and(|(known, set)| known == name && values.contains(&set)))
    };
    match told.name {
        "history" => told.flag("cd", &[]) && !told.args.is_empty(),
        "unset" => told.has(&["HISTFILE"]),
        "export" | "declare" | "set" | "readonly" => {
            assigned("HISTFILE", &["/dev/null", ""]) || assigned("HISTSIZE", &["0"]) || assigned("HISTFILESIZE", &["0"])
        }
        "journalctl" => told.args.iter().any(|arg| arg.starts_with("--vacuum") || arg == "--rotate"),
        "wevtutil" => told.args.first().is_some_and(|verb| verb == "cl" || verb == "clear-log"),
        "auditctl" => told.flag("D", &[]),
        "Clear-History" | "Clear-EventLog" => true,
        _ => false,
    }
}

fn opens_the_machine(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&["-t", "--table"]);
    let first = verbs.first().copied().unwrap_or_default();
    match told.name {
        "ufw" => {
            matches!(first, "disable" | "reset")
                || *verbs == ["default", "allow"]
                || *verbs == ["default", "allow", "incoming"]
        }
        "iptables" | "ip6tables" => {
            told.flag("FX", &["flush"]) || told.flag("P", &["policy"]) && verbs.contains(&"ACCEPT")
        }
        "nft" => verbs.first() == Some(&"flush") || told.has(&["flush"]),
        "setenforce" => matches!(first, "0") || first.eq_ignore_ascii_case("permissive"),
        "aa-disable" | "aa-teardown" | "aa-complain" => true,
        "auditctl" => told.value(&["-e"]) == Some("0"),
        "spctl" => told.flag("", &["master-disable", "global-disable"]),
        "csrutil" => first == "disable",
        "firewall-cmd" => told.flag("", &["panic-off"]) || told.line().contains("set-default-zone=trusted"),
        "systemctl" | "service" => {
            verbs.iter().any(|verb| matches!(*verb, "stop" | "disable" | "mask"))
                && super::host::is_security(&verbs)
                && !told.args.iter().any(|arg| is_argus(arg))
                && !told.has(&["rsyslog", "rsyslog.service"])
        }
        "netsh" => told.line().contains("state off"),
        "Set-MpPreference" => told.line().contains("disablerealtimemonitoring"),
        "pfctl" => told.flag("d", &[]),
        _ => false,
    }
}
