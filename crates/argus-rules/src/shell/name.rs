//! What a command is called: its name without folders, under the one name that rules know it by.

use super::word::{Piece, Word, glob_fits};

/// Names that a wildcard may stand for (`/bin/r?`).
const PROGRAMS: &[&str] = &[
    "rm", "sudo", "chmod", "curl", "wget", "bash", "sh", "zsh", "dd", "mv", "cp", "tee", "cat", "python3", "python",
    "perl", "node", "env", "find", "chown", "mkfs", "nc", "su", "ln", "install",
];
/// Programs of GNU that have a `g` before their name where the system has its own of that name.
const GNU: &[&str] = &[
    "base32", "base64", "basenc", "cat", "chgrp", "chmod", "chown", "cp", "csplit", "cut", "dd", "echo", "egrep",
    "env", "fgrep", "find", "fold", "grep", "head", "install", "kill", "ln", "make", "mkdir", "mkfifo", "mknod",
    "mktemp", "mv", "nice", "nohup", "od", "paste", "printf", "readlink", "realpath", "rm", "rmdir", "sed", "shred",
    "shuf", "sort", "split", "stat", "stdbuf", "tac", "tail", "tar", "tee", "timeout", "touch", "tr", "truncate",
    "uniq", "unlink", "wc", "xargs",
];
/// Commands of PowerShell, which takes them in any case.
const CMDLETS: &[&str] = &[
    "Add-Content",
    "Add-LocalGroupMember",
    "Add-MpPreference",
    "Clear-Content",
    "Clear-Disk",
    "Clear-EventLog",
    "Clear-History",
    "Clear-RecycleBin",
    "Copy-Item",
    "Disable-LocalUser",
    "Disable-NetFirewallRule",
    "Format-Volume",
    "Get-ChildItem",
    "Get-Content",
    "Initialize-Disk",
    "Invoke-Command",
    "Invoke-Expression",
    "Invoke-RestMethod",
    "Invoke-WebRequest",
    "Move-Item",
    "New-LocalUser",
    "New-Service",
    "Out-File",
    "Register-ScheduledTask",
    "Remove-EventLog",
    "Remove-Item",
    "Remove-LocalUser",
    "Remove-Partition",
    "Restart-Computer",
    "Set-Content",
    "Set-LocalUser",
    "Set-MpPreference",
    "Set-NetFirewallProfile",
    "Set-Service",
    "Start-BitsTransfer",
    "Start-Process",
    "Stop-Computer",
    "Stop-Service",
];

/// A command's name without folders. A wildcard takes the first program it fits.
pub(super) fn program_name(word: &Word) -> String {
    let guess = word.guess();
    let name = guess.rsplit(['/', '\\']).next().unwrap_or_default();
    let has_glob = word.pieces().iter().any(|piece| matches!(piece, Piece::Glob(_)));
    if has_glob
        && name.chars().any(|c| c.is_ascii_alphanumeric())
        && let Some(program) = PROGRAMS.iter().find(|program| glob_fits(name, program))
    {
        return (*program).to_owned();
    }
    known_as(name.strip_suffix(".exe").unwrap_or(name)).to_owned()
}

fn known_as(name: &str) -> &str {
    if let Some(plain) = name.strip_prefix('g').filter(|plain| GNU.contains(plain)) {
        return plain;
    }
    // What agents are called where they are installed from.
    match name {
        "claude-code" => return "claude",
        "gemini-cli" => return "gemini",
        "qwen-code" => return "qwen",
        _ => {}
    }
    if name.contains('-')
        && let Some(cmdlet) = CMDLETS.iter().find(|cmdlet| cmdlet.eq_ignore_ascii_case(name))
    {
        return cmdlet;
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_program_has_one_name() {
        let name = |text: &str| program_name(&Word::text(text));
        assert_eq!(name("/opt/homebrew/bin/gshred"), "shred");
        assert_eq!(name("remove-item"), "Remove-Item");
        assert_eq!(name("C:\\Windows\\curl.exe"), "curl");
        assert_eq!(name("git-remove-item"), "git-remove-item");
        for own in ["git", "gcc", "gzip", "go", "gawk", "grep", "gpg"] {
            assert_eq!(name(own), own);
        }
    }
}
