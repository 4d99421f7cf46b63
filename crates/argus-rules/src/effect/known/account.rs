//! Who one is on this machine: other users, rights that a program keeps, accounts and groups.

use super::{Broken, Told};
use crate::shell::Site;

/// Options that take a value.
const TAKING: &[&str] = &["-u", "--user", "-g", "--group", "-s", "--shell", "-G"];

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
    becomes_another(told, out);
    gives_rights(told, out);
    changes_accounts(told, out);
    if told.name == "visudo" && !told.flag("c", &["check"]) {
        out.push(("priv.sudoers", "Who may become root changes.".into()));
    }
    if told.name == "nsenter" && (told.value(&["-t", "--target"]) == Some("1") || told.flag("", &["target=1"])) {
        out.push(("priv.container-escape", "The command enters the machine's first process.".into()));
    }
}

fn becomes_another(told: &Told<'_>, out: &mut Vec<Broken>) {
    let verbs = told.verbs(TAKING);
    let escalates = match told.name {
        "doas" => !verbs.is_empty() || told.flag("s", &[]),
        "pkexec" | "run0" | "runuser" | "gosu" | "su-exec" | "calife" | "please" | "dzdo" | "ksu" | "pfexec"
        | "super" => !told.args.is_empty(),
        "capsh" => told.args.iter().any(|arg| arg.starts_with("--uid") || arg.starts_with("--user")),
        "su" => true,
        "machinectl" => verbs.first() == Some(&"shell"),
        "wsl" => matches!(told.value(&["-u", "--user"]), Some("root")),
        "osascript" => told.line().contains("with administrator privileges"),
        "sg" | "newgrp" => {
            verbs.first().is_some_and(|group| matches!(*group, "root" | "docker" | "wheel" | "sudo" | "disk"))
        }
        "setpriv" => told.flag("", &["reuid", "euid"]),
        "runas" => !told.args.is_empty(),
        "Start-Process" | "start" => told.line().contains("runas"),
        _ => false,
    };
    if escalates && told.command.context.site.is_machine() {
        out.push(("priv.escalate", "The command runs as another user.".into()));
    }
}

fn gives_rights(told: &Told<'_>, out: &mut Vec<Broken>) {
    let verbs = told.verbs(TAKING);
    let gives_setuid = match told.name {
        "chmod" | "gchmod" | "install" => {
            let mode = told
                .value(&["-m", "--mode"])
                .map(str::to_owned)
                .or_else(|| verbs.first().map(|verb| (*verb).to_owned()))
                .unwrap_or_default();
            let mode = told
                .args
                .iter()
                .find(|arg| {
                    arg.starts_with("u+") || arg.starts_with("g+") || arg.starts_with("+s") || arg.starts_with("ug+")
                })
                .cloned()
                .unwrap_or(mode);
            is_setuid(&mode) && (told.name != "install" || told.value(&["-m", "--mode"]).is_some())
        }
        "setcap" => {
            !told.flag("rv", &[])
                && verbs.iter().any(|verb| {
                    verb.starts_with("cap_") || verb.starts_with("all") || verb.contains("+e") || verb.contains("=e")
                })
        }
        _ => false,
    };
    if gives_setuid {
        out.push(("priv.setuid", "Whoever runs the program afterwards has more rights than their own.".into()));
    }
}

fn changes_accounts(told: &Told<'_>, out: &mut Vec<Broken>) {
    let verbs = told.verbs(TAKING);
    let is_privileged_group = |text: &str| {
        text.split(',').any(|group| {
            matches!(
                group,
                "sudo" | "wheel" | "admin" | "docker" | "root" | "adm" | "shadow" | "disk" | "lxd" | "libvirt"
            )
        })
    };
    let changes_account = match told.name {
        "useradd" | "adduser" | "userdel" | "deluser" | "passwd" | "chpasswd" | "vipw" | "newusers" | "chage" => {
            let only_looks = match told.name {
                "passwd" => told.flag("S", &["status"]),
                "chage" => told.flag("l", &["list"]),
                _ => false,
            };
            !only_looks
        }
        "usermod" | "gpasswd" | "groupmod" | "addgroup" => {
            told.args.iter().any(|arg| is_privileged_group(arg)) || told.flag("pLUl", &["password"])
        }
        "dscl" => {
            told.args.iter().any(|arg| matches!(arg.as_str(), "-create" | "create" | "-append" | "-passwd" | "-delete"))
        }
        "dseditgroup" | "sysadminctl" => told.args.len() > 1,
        "net" => {
            matches!(verbs.first(), Some(&"user" | &"localgroup" | &"group"))
                && told
                    .args
                    .iter()
                    .any(|arg| arg.eq_ignore_ascii_case("/add") || arg.eq_ignore_ascii_case("/active:yes"))
        }
        "pw" => verbs.first().is_some_and(|verb| verb.starts_with("user") || verb.starts_with("group")),
        "New-LocalUser" | "Add-LocalGroupMember" | "Set-LocalUser" | "Remove-LocalUser" => true,
        "homectl" => matches!(verbs.first(), Some(&"create" | &"passwd" | &"remove" | &"update")),
        _ => false,
    };
    if changes_account && told.command.context.site != Site::Throwaway {
        out.push(("priv.account", "A user, a password or a group with rights changes.".into()));
    }
}

pub(crate) fn is_setuid(mode: &str) -> bool {
    let is_octal = mode.len() >= 4 && mode.len() <= 5 && mode.bytes().all(|b| b.is_ascii_digit());
    if is_octal {
        let special = mode.as_bytes()[mode.len() - 4] - b'0';
        return special & 6 != 0;
    }
    mode.split(',').any(|clause| {
        clause.split_once(['+', '=']).is_some_and(|(who, bits)| {
            bits.contains('s') && !who.contains('o') && who.chars().all(|c| "uga".contains(c))
        })
    })
}
