//! What watches: this program, the agent's own limits, logs, and the machine's guards.

use super::{Broken, Told};
use crate::Scope;
use crate::shell::{Script, Simple, Site};

/// Where Argus listens unless the person says otherwise.
const PORT: u16 = 7777;

pub(super) fn judge(told: &Told<'_>, scope: &Scope, out: &mut Vec<Broken>) {
    if stops_argus(told) || orders_argus(told, scope) {
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
    if told.command.context.site.is_machine() && opens_the_machine(told) {
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
    matches!(name, "argus" | "argusd" | "argus-hook" | "argus-guard" | "argus serve" | "argus-server" | "argus-")
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
                        | ("alerts", "ack" | "resolve" | "mute" | "unmute" | "reopen")
                        | ("token", _)
                )
        }
        "sqlite3" => {
            told.args.iter().any(|arg| arg.ends_with("/argus.db") || arg.ends_with("argus/argus.db"))
                && ["delete", "update", "drop", "insert", "vacuum"].iter().any(|word| told.line().contains(word))
        }
        _ => false,
    }
}

/// A request to Argus's own server that is more than a question.
fn orders_argus(told: &Told<'_>, scope: &Scope) -> bool {
    let is_order = match told.name {
        "curl" => {
            let body = ["data", "data-raw", "data-binary", "data-urlencode", "json", "form", "upload-file"];
            let method = told.value(&["-X", "--request"]).map(str::to_ascii_uppercase);
            let joined = told.args.iter().any(|arg| arg.starts_with("-X") && !matches!(&arg[2..], "" | "GET" | "HEAD"));
            match method.as_deref() {
                Some("GET" | "HEAD") => false,
                Some(_) => true,
                None => joined || told.flag("dFT", &body) && !told.flag("G", &["get"]),
            }
        }
        "wget" => {
            let sends = ["post-data", "post-file", "body-data", "body-file"];
            told.flag("", &sends) || told.value(&["--method"]).is_some_and(|method| !method.eq_ignore_ascii_case("get"))
        }
        "http" | "https" | "xh" => {
            let is_method = |arg: &String| matches!(arg.as_str(), "POST" | "PUT" | "PATCH" | "DELETE");
            told.args.iter().any(is_method)
                || told.args.iter().skip(1).any(|arg| arg.contains('=') && !arg.contains("==") && !arg.contains("://"))
        }
        _ => false,
    };
    is_order && told.args.iter().any(|arg| is_argus_address(arg, scope))
}

/// True for an address of Argus's own server.
fn is_argus_address(text: &str, scope: &Scope) -> bool {
    let rest = text.split("://").last().unwrap_or_default();
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default().to_ascii_lowercase();
    let Some((name, port)) = host.rsplit_once(':') else { return false };
    let port = if name.is_empty() && !text.contains("://") { port.split('/').next().unwrap_or_default() } else { port };
    matches!(name, "" | "localhost" | "127.0.0.1" | "[::1]" | "0.0.0.0" | "127.1")
        && port.parse() == Ok(scope.listen.unwrap_or(PORT))
}

/// Code that sends an order to Argus's own server.
pub(super) fn code_orders_argus(code: &str, scope: &Scope) -> bool {
    let port = scope.listen.unwrap_or(PORT);
    let names = ["localhost", "127.0.0.1", "[::1]"].map(|name| format!("{name}:{port}"));
    let orders = [".post(", ".put(", ".delete(", ".patch(", "POST", "PUT", "DELETE", "PATCH", "urlopen(", "data="];
    names.iter().any(|name| code.contains(name)) && orders.iter().any(|order| code.contains(order))
}

/// What only several commands of a line do together: they look Argus up and end it, or start an agent with settings of
/// its own, in which nobody watches.
pub(super) fn across<'s>(script: &'s Script, scope: &Scope) -> Vec<(&'s Simple, Broken)> {
    let mut out = Vec::new();
    let port = scope.listen.unwrap_or(PORT).to_string();
    let looks_up = |command: &Simple| {
        let told = Told::of(command);
        let names = |arg: &String| is_argus(arg) || arg.contains("argus");
        match told.name {
            "pgrep" | "pidof" | "grep" | "rg" | "awk" => told.args.iter().any(names),
            "lsof" | "fuser" | "ss" | "netstat" => told.args.iter().any(|arg| {
                arg.trim_start_matches([':', '@']) == port
                    || arg.ends_with(&format!(":{port}"))
                    || *arg == format!("{port}/tcp")
            }),
            _ => false,
        }
    };
    let lists = |command: &Simple| matches!(command.name.as_str(), "pgrep" | "pidof" | "lsof" | "ps" | "fuser");
    let is_sought = script.commands.iter().any(looks_up) && script.commands.iter().any(lists);
    let agents_home = |text: &str| {
        let name = text.split_once('=').map(|(name, _)| name).unwrap_or_default();
        matches!(name, "CLAUDE_CONFIG_DIR" | "CLAUDE_CODE_SIMPLE" | "HOME")
    };
    for command in script.commands.iter().filter(|command| command.context.site == Site::Local) {
        let told = Told::of(command);
        let kills = match told.name {
            "kill" => is_sought,
            "fuser" => told.flag("k", &["kill"]) && looks_up(command),
            _ => false,
        };
        if kills && !told.has(&["-0", "-l"]) {
            out.push((command, ("guard.argus-tamper", "Whoever watches the agent is stopped.".to_owned())));
        }
        let given = || {
            script
                .assigned
                .iter()
                .any(|(text, context)| agents_home(text) && context.span.start <= command.context.span.start)
        };
        let wrapped = || {
            script.commands.iter().any(|other| {
                matches!(other.name.as_str(), "env" | "export") && other.arguments().iter().any(|arg| agents_home(arg))
            })
        };
        let starts = told.name == "claude"
            && !matches!(
                told.args.first().map(String::as_str),
                Some("--version" | "--help" | "mcp" | "doctor" | "plugin")
            );
        if starts && (given() || wrapped()) {
            let reason = "Another agent is started with settings of its own, in which nobody watches.".to_owned();
            out.push((command, ("guard.bypass-permissions", reason)));
        }
    }
    out
}

fn starts_unbound_agent(told: &Told<'_>) -> bool {
    match told.name {
        "claude" => {
            let skips = [
                "dangerously-skip-permissions",
                "allow-dangerously-skip-permissions",
                // Without settings there are no hooks, and nobody watches.
                "bare",
                "safe-mode",
            ];
            // Every command line is allowed before anybody sees it.
            let allowed = told.value(&["--allowedTools", "--allowed-tools"]).unwrap_or_default();
            let is_open = allowed.split([',', ' ']).any(|tool| matches!(tool, "Bash" | "Bash(*)" | "Bash(*:*)" | "*"));
            is_open || told.flag("", &skips) || told.value(&["--permission-mode"]) == Some("bypassPermissions")
        }
        "codex" => {
            told.flag("", &["dangerously-bypass-approvals-and-sandbox", "yolo"])
                || told.value(&["--sandbox", "-s"]) == Some("danger-full-access")
                || told.value(&["--ask-for-approval", "-a"]) == Some("never")
        }
        "gemini" | "qwen" => told.flag("y", &["yolo"]) || told.value(&["--approval-mode"]) == Some("yolo"),
        "aider" => told.flag("", &["yes-always"]),
        "cursor-agent" if told.flag("f", &[]) => true,
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

/// What settings say that switch off who watches, or ask nobody.
fn sets_free(settings: &str) -> bool {
    let plain: String = settings.chars().filter(|c| !c.is_whitespace() && *c != '"').collect();
    plain.contains("disableAllHooks:true")
        || plain.contains("defaultMode:bypassPermissions")
        || plain.contains("hooks:{}")
        || plain.contains("PreToolUse:[]")
}

fn changes_own_limits(told: &Told<'_>) -> bool {
    if told.name == "claude" && told.value(&["--settings"]).is_some_and(sets_free) {
        return true;
    }
    if brings_tools(told) {
        return true;
    }
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

/// Gives an agent servers, plugins or extensions that it will run from now on, or takes them away.
fn brings_tools(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&["-s", "--scope", "-t", "--transport", "-e", "--env", "-H", "--header"]);
    let pair = (verbs.first().copied().unwrap_or_default(), verbs.get(1).copied().unwrap_or_default());
    match told.name {
        "claude" | "codex" | "gemini" | "qwen" | "cursor-agent" | "opencode" | "amp" | "goose" | "q" | "droid"
        | "auggie" | "copilot" | "kiro-cli" => match pair {
            ("mcp", verb) => {
                matches!(
                    verb,
                    "add" | "add-json" | "add-from-claude-desktop" | "remove" | "import" | "enable" | "disable"
                )
            }
            ("plugin" | "plugins" | "extensions" | "extension", verb) => {
                matches!(
                    verb,
                    "install" | "add" | "enable" | "disable" | "uninstall" | "link" | "remove" | "marketplace"
                ) && !verbs.contains(&"list")
            }
            _ => false,
        },
        "code" | "cursor" | "code-insiders" => told.flag("", &["add-mcp"]),
        "smithery" => pair.0 == "install",
        "install-mcp" | "mcp-get" | "add-mcp" => pair.0 == "install" || told.name == "install-mcp",
        _ => false,
    }
}

/// Switches of the machine's guards that stand in files: where, and how "off" is spelled there.
const SWITCHES: &[(&str, &[&str])] = &[
    ("/etc/selinux", &["=disabled", "=permissive", "/disabled", "/permissive"]),
    ("/etc/sysconfig/selinux", &["=disabled", "=permissive"]),
    ("/etc/ufw", &["enabled=no", "default_input_policy=\"accept\""]),
    ("/etc/default/ufw", &["default_input_policy=\"accept\""]),
    ("/etc/audit", &["enabled 0", "-e 0", "-d\n"]),
    ("/etc/apparmor.d/disable", &[""]),
    ("/etc/default/grub", &["selinux=0", "apparmor=0", "audit=0", "mitigations=off"]),
    ("/boot/grub", &["selinux=0", "apparmor=0"]),
    ("/etc/clamav", &["onaccessprevention no"]),
    ("/etc/pf.conf", &["pass all", "pass in all"]),
    ("/etc/nftables.conf", &["flush ruleset"]),
    ("/etc/default/apparmor", &["=no"]),
];

/// A file that a guard of the machine reads is left with this in it, or changed by a command that says so.
pub(super) fn switches_off(path: &str, text: &str) -> bool {
    let Some((_, offs)) = SWITCHES.iter().find(|(file, _)| crate::path::is_below(path, file)) else { return false };
    let lower = text.to_ascii_lowercase();
    offs.iter().any(|off| lower.contains(off))
}

/// What is changed in place, or linked there, by the command's own words.
fn edits_a_switch(told: &Told<'_>) -> bool {
    matches!(told.name, "sed" | "perl" | "ln" | "tee" | "crudini" | "augtool" | "ruby" | "awk")
        && told.args.iter().any(|arg| switches_off(arg, told.line()))
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
        "set" if told.has(&["+o"]) => told.has(&["history"]),
        "export" | "declare" | "set" | "readonly" => {
            assigned("HISTFILE", &["/dev/null", ""]) || assigned("HISTSIZE", &["0"]) || assigned("HISTFILESIZE", &["0"])
        }
        "journalctl" => told.args.iter().any(|arg| arg.starts_with("--vacuum") || arg == "--rotate"),
        "wevtutil" => told.args.first().is_some_and(|verb| verb == "cl" || verb == "clear-log"),
        "fc" => told.flag("p", &[]),
        "shopt" => told.flag("u", &[]) && told.has(&["histappend"]),
        "dmesg" => told.flag("Cc", &["clear", "read-clear"]),
        "log" => told.args.first().is_some_and(|verb| verb == "erase"),
        "logrotate" => told.flag("f", &["force"]),
        "atuin" => {
            told.args.first().is_some_and(|verb| verb == "history") && told.has(&["prune", "delete", "--delete-it-all"])
        }
        "Remove-EventLog" => true,
        "auditctl" => told.flag("D", &[]),
        "Clear-History" | "Clear-EventLog" => true,
        _ => false,
    }
}

fn opens_the_machine(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&["-t", "--table"]);
    let first = verbs.first().copied().unwrap_or_default();
    if edits_a_switch(told) {
        return true;
    }
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
        "netsh" => told.line().contains("state off") || told.line().contains("mode=disable"),
        "Set-MpPreference" => told.line().contains("disable"),
        "Add-MpPreference" => told.line().contains("exclusion"),
        "Set-NetFirewallProfile" => told.line().contains("-enabled false") || told.line().contains("-enabled $false"),
        "Disable-NetFirewallRule" => true,
        "socketfilterfw" => told.line().contains("setglobalstate off") || told.line().contains("setblockall off"),
        "fdesetup" => first == "disable",
        "xattr" => told.line().contains("com.apple.quarantine") && told.flag("d", &[]) && told.flag("r", &[]),
        "tccutil" => first == "reset",
        "profiles" => told.has(&["remove", "-R", "-D"]),
        "grubby" => told.line().contains("selinux=0") || told.line().contains("enforcing=0"),
        "kextcache" | "nvram" => {
            told.line().contains("amfi_get_out_of_my_way") || told.line().contains("csr-active-config")
        }
        "update-rc.d" | "chkconfig" | "rc-update" => {
            told.has(&["remove", "disable", "off", "del"]) && super::host::is_security(&["", first])
        }
        "launchctl" => {
            matches!(first, "unload" | "bootout" | "disable" | "remove")
                && ["clamav", "santa", "osquery", "crowdstrike", "falcon", "sentinel", "xprotect", "blockblock", "lulu"]
                    .iter()
                    .any(|name| told.line().contains(name))
        }
        "falconctl" | "sentinelctl" | "mdatp" => told.has(&["uninstall", "unload", "disabled", "stop"]),
        "pfctl" => told.flag("d", &[]),
        "fail2ban-client" => matches!(first, "stop" | "unban") && (first == "stop" || told.has(&["--all"])),
        "pkill" | "killall" | "skill" => super::host::is_security(&verbs) && !told.args.iter().any(|arg| is_argus(arg)),
        "apt" | "apt-get" | "dnf" | "yum" | "zypper" | "pacman" | "apk" | "brew" => {
            let removes = matches!(first, "remove" | "purge" | "erase" | "del" | "uninstall" | "autoremove")
                || told.flag("R", &[]);
            removes && super::host::is_security(&verbs[1.min(verbs.len())..])
        }
        _ => false,
    }
}
