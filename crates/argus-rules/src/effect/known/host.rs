//! This machine: devices, files in bulk, processes, services, what starts by itself.

use super::{Broken, Told};
use crate::Scope;
use crate::effect::{Proof, Target, Where};
use crate::path::Place;
use crate::shell::{Options, Site, Word};

pub(super) fn judge(told: &Told<'_>, scope: &Scope, out: &mut Vec<Broken>) {
    files(told, scope, out);
    system(told, out);
    persistence(told, out);
}

/// Everything below these is more than a task needs.
fn is_wide(target: &Target) -> bool {
    matches!(target.at, Where::Here(Place::System | Place::Outside | Place::Unproven | Place::Guarded(_)))
}

fn files(told: &Told<'_>, scope: &Scope, out: &mut Vec<Broken>) {
    let words = &told.command.words;
    let target = |word: &Word| Target::of(word, &told.command.context, scope, Proof::Strict);
    let device = || ("fs.device-write", "A disk is written past its files; what it holds is lost.".to_owned());
    let on_device = told.args.iter().any(|arg| {
        arg.starts_with("/dev/")
            && !["/dev/null", "/dev/zero", "/dev/shm"].iter().any(|kept| arg.starts_with(kept))
            && !arg.starts_with("/dev/loop")
    });
    match told.name {
        "mkswap" | "wipefs" | "blkdiscard" | "sgdisk" | "sfdisk" | "parted" | "fdisk" | "gdisk" | "cfdisk"
        | "cryptsetup" | "pvcreate" | "zpool" | "mdadm" | "badblocks" | "hdparm" | "nvme" => {
            let only_looks = told.flag("l", &["list", "print"])
                || told.has(&[
                    "print",
                    "status",
                    "list",
                    "-p",
                    "luksDump",
                    "isLuks",
                    "-D",
                    "--detail",
                    "id-ctrl",
                    "smart-log",
                    "-I",
                ])
                || told.name == "badblocks" && !told.flag("w", &[])
                || told.name == "wipefs" && !told.flag("ao", &["all", "offset"]);
            if on_device && !only_looks || told.name == "zpool" && told.has(&["destroy"]) {
                out.push(device());
            }
        }
        name if (name == "mkfs" || name.starts_with("mkfs.") || name == "mke2fs" || name.starts_with("newfs"))
            && on_device =>
        {
            out.push(device());
        }
        _ if removes_a_volume(told) => out.push(device()),
        "diskutil"
            if told.args.first().is_some_and(|verb| {
                verb.to_ascii_lowercase().starts_with("erase")
                    || matches!(verb.as_str(), "partitionDisk" | "reformat" | "zeroDisk" | "secureErase")
            }) =>
        {
            out.push(device());
        }
        _ if erases(told) => {
            out.push(("fs.secure-erase", "What it names is overwritten and cannot be brought back.".into()));
        }
        "chown" | "chgrp" | "chmod" | "setfacl" => rights(told, scope, out),
        "robocopy"
            if told.args.iter().any(|arg| matches!(arg.to_ascii_lowercase().as_str(), "/mir" | "/purge"))
                && words.get(2).is_some_and(|to| is_wide(&target(to))) =>
        {
            out.push(("fs.mass-delete", "Whatever the source does not hold is deleted at the destination.".into()));
        }
        "rsync" => {
            let options = Options::taking(words, "efBMT", &["rsh", "exclude", "include", "filter"]);
            let deletes = told.args.iter().any(|arg| arg == "--del" || arg.starts_with("--delete"));
            if deletes
                && !told.flag("n", &[])
                && options.operands.len() > 1
                && options.operands.last().is_some_and(|to| is_wide(&target(to)) || to.guess().contains(':'))
            {
                out.push(("fs.mass-delete", "Whatever the source does not hold is deleted at the destination.".into()));
            }
        }
        "mv" if told.args.last().is_some_and(|to| to == "/dev/null") => {
            out.push(("fs.mass-delete", "What is moved there is gone.".into()));
        }
        _ => {}
    }
}

/// Who may do what below a folder.
fn rights(told: &Told<'_>, scope: &Scope, out: &mut Vec<Broken>) {
    let words = &told.command.words;
    let target = |word: &Word| Target::of(word, &told.command.context, scope, Proof::Strict);
    let is_list = told.name == "setfacl";
    let own: &[&str] = if is_list { &["modify", "remove", "set"] } else { &["reference", "from"] };
    let options = Options::taking(words, if is_list { "mMxX" } else { "" }, own);
    // A mode may look like an option (`-x`), and what is left is the path.
    let guarded = options.operands.iter().filter(|_| !is_list).find_map(|word| match target(word).at {
        Where::Here(Place::Guarded(rule)) if rule.starts_with("guard.a") => Some(rule),
        _ => None,
    });
    if let Some(rule) = guarded {
        out.push((rule, "Who may read, change or run it changes.".into()));
    }
    // A search goes down by itself.
    let is_searched = told.command.context.via.iter().any(|via| via == "find" || via == "fd");
    let paths = options.operands.get(usize::from(!is_list)..).unwrap_or_default();
    let is_deep = is_searched || options.has("R", &["recursive"]);
    if is_deep && told.command.context.site == Site::Local && paths.iter().any(|word| is_wide(&target(word))) {
        out.push(("fs.chown-recursive", "Rights change on everything below, beyond the project.".into()));
    }
}

/// What holds file systems goes, or is made anew.
fn removes_a_volume(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&["-o", "-t"]);
    let first = verbs.first().copied().unwrap_or_default();
    match told.name {
        "lvremove" | "vgremove" | "pvremove" | "lvreduce" => !verbs.is_empty() && !told.flag("t", &["test"]),
        "zfs" => first == "destroy" && !told.flag("n", &[]),
        "btrfs" => super::begins(&verbs, &["subvolume", "delete"]),
        "asr" => first == "restore" && told.flag("", &["erase"]),
        "format" => verbs.iter().any(|drive| drive.len() == 2 && drive.ends_with(':')),
        "diskpart" | "flashrom" => !told.args.is_empty() && !told.flag("r", &["read"]),
        "Clear-Disk" | "Format-Volume" | "Initialize-Disk" | "Remove-Partition" => true,
        _ => false,
    }
}

/// Overwrites what stands in files, so that nothing brings it back.
fn erases(told: &Told<'_>) -> bool {
    let value = |name: &str| told.args.iter().find_map(|arg| arg.strip_prefix(name));
    match told.name {
        "shred" | "srm" | "wipe" | "scrub" | "sdelete" | "sdelete64" => {
            !told.args.is_empty() && !told.args.iter().all(|arg| arg.starts_with("--"))
        }
        // The file is kept and its bytes are not; without `notrunc` it is a new file of zeros.
        "dd" | "dcfldd" | "dc3dd" => {
            let is_noise =
                value("if=").is_some_and(|from| matches!(from, "/dev/urandom" | "/dev/random" | "/dev/zero"));
            let keeps = value("conv=").is_some_and(|how| how.split(',').any(|word| word == "notrunc"));
            is_noise && keeps && value("of=").is_some_and(|to| !to.starts_with("/dev/")) || value("wipe=").is_some()
        }
        // BSD's overwrites before it deletes.
        "rm" => told.flag("P", &[]) && !told.flag("", &["preserve-root", "Path"]),
        "bleachbit" => told.flag("so", &["shred", "overwrite", "wipe-free-space"]),
        "cipher" => told.args.iter().any(|arg| arg.to_ascii_lowercase().starts_with("/w")),
        "hdparm" => told.flag("", &["security-erase", "security-erase-enhanced", "trim-sector-ranges"]),
        _ => false,
    }
}

fn system(told: &Told<'_>, out: &mut Vec<Broken>) {
    if !told.command.context.site.is_machine() {
        return;
    }
    let verbs = told.verbs(&["-u", "-U", "-g", "-P", "-t", "-s", "--signal"]);
    let kills_all = match told.name {
        "kill" => {
            let only_asks = told.has(&["-0", "-l", "-L", "--list"]);
            let is_all = told.args.iter().skip(1).any(|arg| arg == "-1" || arg == "1");
            !only_asks && (is_all || matches!(told.args, [only] if only == "1"))
        }
        "killall5" | "slay" => true,
        "taskkill" => told.has(&["*"]),
        "fuser" => told.flag("k", &["kill"]) && told.has(&["/", "/home", "/usr"]),
        "loginctl" => matches!(verbs.first(), Some(&"kill-user" | &"terminate-user")),
        "pkill" | "killall" | "skill" => {
            told.flag("uU", &["user", "euid"]) && verbs.is_empty()
                || told.name == "pkill" && verbs.first().is_some_and(|what| matches!(*what, "." | ".*" | ""))
        }
        _ => false,
    };
    if kills_all {
        out.push(("sys.kill-broad", "Everything of a user, or of the machine, is ended.".into()));
    }
    let cancels = told.flag("c", &[]) && told.name == "shutdown" || told.flag("", &["show"]);
    let halts = match told.name {
        "shutdown" | "reboot" | "halt" | "poweroff" => !cancels,
        "init" | "telinit" => matches!(told.args.first().map(String::as_str), Some("0" | "6" | "1")),
        "systemctl" => verbs.first().is_some_and(|verb| {
            matches!(*verb, "reboot" | "poweroff" | "halt" | "suspend" | "hibernate" | "kexec" | "rescue" | "emergency")
        }),
        "osascript" => told.line().contains("shut down") || told.line().contains("to restart"),
        "loginctl" => matches!(verbs.first(), Some(&"poweroff" | &"reboot" | &"halt")),
        "Stop-Computer" | "Restart-Computer" => true,
        "dbus-send" | "busctl" | "gdbus" => {
            told.line().contains("login1")
                && ["poweroff", "reboot", "halt"].iter().any(|deed| told.line().contains(deed))
        }
        "pmset" => told.has(&["sleepnow", "shutdown"]),
        "ipmitool" => told.has(&["power", "chassis"]) && told.has(&["off", "reset", "cycle", "soft"]),
        _ => false,
    };
    if halts {
        out.push(("sys.shutdown", "The machine stops, with everybody's work on it.".into()));
    }
    let stops = |verb: &&str| matches!(*verb, "stop" | "disable" | "mask" | "kill");
    let is_service_stopped = match told.name {
        "systemctl" => verbs.first().is_some_and(stops) && !told.flag("", &["user"]),
        "service" | "rc-service" => verbs.get(1).is_some_and(stops),
        "launchctl" => {
            verbs.first().is_some_and(|verb| matches!(*verb, "unload" | "bootout" | "disable" | "remove" | "kill"))
        }
        "brew" => verbs.first() == Some(&"services") && verbs.get(1) == Some(&"stop") && verbs.contains(&"all"),
        "update-rc.d" | "chkconfig" => told.has(&["remove", "disable", "off"]),
        "sc" => verbs.first().is_some_and(|verb| matches!(*verb, "stop" | "delete")),
        "net" => verbs.first() == Some(&"stop"),
        "rc-update" => verbs.first().is_some_and(|verb| matches!(*verb, "del" | "delete")),
        "sv" => verbs.first().is_some_and(|verb| matches!(*verb, "stop" | "down" | "force-stop" | "exit")),
        "s6-svc" | "svc" => told.flag("dk", &[]),
        "initctl" => verbs.first() == Some(&"stop"),
        "invoke-rc.d" => verbs.get(1).is_some_and(stops),
        "Stop-Service" => true,
        "snap" => verbs.first().is_some_and(stops),
        _ if told.command.words[0].prefix().starts_with("/etc/init.d/") => verbs.first().is_some_and(stops),
        "Set-Service" => told.line().contains("disabled"),
        _ => false,
    };
    if is_service_stopped && !is_security(&verbs) {
        out.push(("sys.service-stop", "A service that others may need stops.".into()));
    }
    let changes_kernel = match told.name {
        "insmod" | "rmmod" | "kexec" | "kldload" | "kldunload" | "kextload" | "kextunload" | "kmutil" => {
            !told.args.is_empty() && !told.has(&["showloaded", "inspect", "print-diagnostics"])
        }
        "dkms" => verbs.first().is_some_and(|verb| matches!(*verb, "install" | "remove")),
        "bpftool" => told.has(&["load", "attach", "pin"]),
        "livepatch" | "kpatch" => verbs.first().is_some_and(|verb| matches!(*verb, "load" | "install" | "unload")),
        "modprobe" => !told.flag("n", &["show-depends", "list", "dry-run"]) && !told.args.is_empty(),
        "sysctl" => {
            told.flag("w", &["write"])
                || told.flag("p", &["load", "system"])
                || verbs.iter().any(|verb| verb.contains('='))
        }
        _ => false,
    };
    if changes_kernel {
        out.push(("sys.kernel", "The running kernel changes, for everybody on the machine.".into()));
    }
}

/// Services whose end is another rule's.
pub(super) fn is_security(verbs: &[&str]) -> bool {
    verbs.iter().any(|name| {
        let name = name.trim_end_matches(".service");
        [
            "auditd",
            "ufw",
            "firewalld",
            "apparmor",
            "fail2ban",
            "falco",
            "osqueryd",
            "clamav-daemon",
            "crowdsec",
            "nftables",
            "iptables",
            "auditbeat",
            "wazuh-agent",
            "sysmon",
            "rsyslog",
            "clamd",
            "clamav-freshclam",
            "freshclam",
            "falcon-sensor",
            "cbagentd",
            "sentinelone",
            "mdatp",
            "osquery",
            "argus",
        ]
        .contains(&name)
    })
}

/// Programs that write their lines into the shell's files.
fn sets_up_a_shell(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&["-n", "-p"]);
    let says = |words: &[&str]| super::begins(&verbs, words);
    match told.name {
        "conda" | "mamba" => says(&["init"]) && !told.flag("d", &[]),
        "micromamba" => says(&["shell", "init"]),
        "pipx" => says(&["ensurepath"]),
        "uv" => says(&["tool", "update-shell"]),
        "pnpm" | "volta" => says(&["setup"]),
        "pyenv" => says(&["init"]) && told.flag("", &["install"]),
        _ => false,
    }
}

fn persistence(told: &Told<'_>, out: &mut Vec<Broken>) {
    if !told.command.context.site.is_machine() {
        return;
    }
    if matches!(told.name, "ssh-copy-id" | "ssh-import-id" | "ssh-import-id-gh") && !told.flag("n", &[]) {
        out.push(("persist.ssh-keys", "Whoever has the key may log in from now on.".into()));
    }
    if sets_up_a_shell(told) {
        out.push(("persist.shell-rc", "It writes itself into the files that every shell reads.".into()));
    }
    let verbs = told.verbs(&["-u", "-f", "-t", "-q"]);
    let schedules = match told.name {
        "crontab" => !told.flag("l", &[]) && (!told.args.is_empty() || told.command.stdin.is_some()),
        "at" | "batch" => !told.flag("lcrV", &[]) && (told.command.stdin.is_some() || told.flag("f", &[])),
        "schtasks" => told.args.iter().any(|arg| arg.eq_ignore_ascii_case("/create")),
        "systemd-run" => told.args.iter().any(|arg| arg.starts_with("--on-")),
        "fcrontab" | "incrontab" => !told.flag("l", &[]) && (!told.args.is_empty() || told.command.stdin.is_some()),
        "Register-ScheduledTask" => true,
        _ => false,
    };
    if schedules {
        out.push(("persist.cron", "It runs again and again after the session is over.".into()));
    }
    let starts = match told.name {
        "systemctl" => verbs.first().is_some_and(|verb| matches!(*verb, "enable" | "link" | "reenable" | "edit")),
        "launchctl" => verbs.first().is_some_and(|verb| matches!(*verb, "load" | "bootstrap" | "enable" | "submit")),
        "update-rc.d" => told.has(&["defaults", "enable"]),
        "rc-update" => verbs.first() == Some(&"add"),
        "loginctl" => verbs.first() == Some(&"enable-linger"),
        "sc" => verbs.first() == Some(&"create"),
        "New-Service" => true,
        "nssm" => verbs.first() == Some(&"install"),
        "defaults" => told.line().contains("loginhook") || told.line().contains("logouthook"),
        "chkconfig" => told.has(&["on", "--add"]),
        "pm2" => matches!(verbs.first(), Some(&"startup")),
        "osascript" => told.line().contains("make login item") || told.line().contains("make new login item"),
        "reg" => told.line().contains("currentversion/run") || told.line().contains("currentversion\\run"),
        _ => false,
    };
    if starts {
        out.push(("persist.service", "It starts by itself from now on.".into()));
    }
}
