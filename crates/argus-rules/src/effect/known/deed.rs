//! What a command does for a later one, or on the strength of an earlier one: it fetches a file, runs one, sends
//! something away, starts what hooks wait for.

use super::{Told, download, exec, flow};
use crate::Scope;
use crate::deed::{DOWNLOAD, HOOK, Half, SECRET, WRITTEN, git_subjects};
use crate::effect::{Effect, Kind, Proof, Target};
use crate::names::Names;
use crate::path;
use crate::shell::{Script, Simple, Site, Word};

/// The halves of sequences that a command line is.
pub(crate) fn of(script: &Script, scope: &Scope, out: &mut Vec<Effect>) {
    for command in script.commands.iter().filter(|command| matters(command)) {
        let told = Told::of(command);
        if told.only_asks() {
            continue;
        }
        let mut push = |kind: Kind| out.push(Effect::at(kind, command.show_briefly(), &command.context));
        for (from, to) in download::carried(&told, scope) {
            push(Kind::Carries(DOWNLOAD, from.clone(), to.clone()));
            push(Kind::Carries(WRITTEN, from, to));
        }
        let mut add = |rule: &'static str, half: Half, subject: String| push(Kind::Deed(rule, half, subject));
        let place = |word: &Word| {
            let target = Target::of(word, &command.context, scope, Proof::Likely);
            target.path.filter(|path| !path.contains([path::ANY, path::GLOB, path::SEGMENT, path::DEEP]))
        };
        for file in download::saved_by(&told, script).iter().filter_map(place) {
            add(DOWNLOAD, Half::Cause, file);
        }
        if let Some(folder) = download::unpacked_here(&told, script, scope) {
            add(DOWNLOAD, Half::Cause, folder);
        }
        for file in download::run_by(&told, script).iter().filter_map(place) {
            for folder in folders_of(&file, scope) {
                add(DOWNLOAD, Half::Consequence, folder);
            }
            add(WRITTEN, Half::Consequence, file.clone());
            add(DOWNLOAD, Half::Consequence, file);
        }
        // A substitution stands within the command that takes what it prints.
        let holds = |other: &Simple| {
            let (inner, own) = (&other.context.span, &command.context.span);
            inner != own && own.start <= inner.start && inner.end <= own.end
        };
        let is_worked_out =
            command.words.iter().skip(1).any(|word| word.literal().is_none()) && script.commands.iter().any(holds);
        if flow::gives_away(&told, is_worked_out) {
            add(SECRET, Half::Consequence, String::new());
        }
        for subject in triggers(&told) {
            add(HOOK, Half::Consequence, (*subject).to_owned());
        }
    }
    for snippet in script.snippets.iter().filter(|snippet| snippet.context.site == Site::Local) {
        let code = snippet.code.guess();
        if code_gives_away(&code) {
            let shown = code.chars().take(200).collect();
            let kind = Kind::Deed(SECRET, Half::Consequence, String::new());
            out.push(Effect::at(kind, shown, &snippet.context));
        }
    }
}

/// Most commands have no part in any sequence; reading their words would cost more than all else here.
fn matters(command: &Simple) -> bool {
    static NAMES: Names = Names::new(&[
        "curl",
        "wget",
        "http",
        "https",
        "xh",
        "aria2c",
        "axel",
        "nc",
        "ncat",
        "netcat",
        "socat",
        "telnet",
        "ftp",
        "tftp",
        "lftp",
        "mail",
        "mailx",
        "sendmail",
        "mutt",
        "swaks",
        "scp",
        "rsync",
        "sftp",
        "ssh",
        "dig",
        "host",
        "nslookup",
        "ping",
        "gh",
        "aws",
        "gsutil",
        "rclone",
        "wormhole",
        "croc",
        "transfer",
        "tar",
        "bsdtar",
        "git",
        "su",
        "login",
        "exec",
        "claude",
        "dpkg",
        "rpm",
        "installer",
        "msiexec",
        "open",
        "java",
        "apt",
        "apt-get",
        "yum",
        "dnf",
        "pip",
        "pip3",
        "npm",
        "pnpm",
        "yarn",
        "uv",
        "brew",
        "snap",
        "mv",
        "cp",
        "unzip",
        "gh",
        "Invoke-WebRequest",
        "iwr",
        "Invoke-RestMethod",
        "irm",
        "Start-BitsTransfer",
    ]);
    command.context.site == Site::Local
        && (NAMES.contains(&command.name)
            || exec::is_interpreter(&command.name)
            || command.words.first().is_some_and(|name| name.prefix().contains('/')))
}

/// The folders in which a file lies, below the project's own and the nearest first: an archive may have been unpacked there.
fn folders_of(file: &str, scope: &Scope) -> Vec<String> {
    const MOST: usize = 3;
    let is_wide = |folder: &str| folder.matches('/').count() < 2 || scope.project_dir.as_deref() == Some(folder);
    let mut out = Vec::new();
    let mut rest = file;
    while let Some((folder, _)) = rest.rsplit_once('/').filter(|(folder, _)| out.len() < MOST && !is_wide(folder)) {
        out.push(format!("{folder}/"));
        rest = folder;
    }
    out
}

/// What waits for this command.
fn triggers(told: &Told<'_>) -> &'static [&'static str] {
    match told.name {
        "git" => {
            let verbs = told.verbs(&["-C", "-c", "--git-dir", "--work-tree"]);
            git_subjects(verbs.first().copied().unwrap_or_default())
        }
        "bash" | "zsh" | "sh" | "fish" | "ksh" if told.flag("li", &["login", "interactive"]) => &["shell", "zsh"],
        // Each of them reads `.zshenv`.
        "zsh" => &["zsh"],
        "su" | "login" => &["shell"],
        "source" | "." => {
            let is_start_file = |arg: &String| {
                let name = arg.rsplit('/').next().unwrap_or_default();
                [".bashrc", ".zshrc", ".profile", ".bash_profile", ".zprofile", ".zshenv", "config.fish"]
                    .contains(&name)
            };
            if told.args.first().is_some_and(is_start_file) { &["shell"] } else { &[] }
        }
        "exec" if told.args.first().is_some_and(|name| exec::is_shell(name)) => &["shell"],
        "claude" => &["agent"],
        _ => &[],
    }
}

/// Code that talks to another machine in a way that carries something along.
pub(crate) fn code_gives_away(code: &str) -> bool {
    const SENDS: &[&str] = &[
        "requests.post(",
        "requests.put(",
        "httpx.post(",
        "urlopen(",
        "http.client",
        "axios.post(",
        "axios.put(",
        "socket.connect(",
        "smtplib",
        "Net::HTTP.post",
        "HTTP::Tiny",
        "LWP::UserAgent",
        "curl_exec(",
        "file_get_contents(\"http",
        "file_get_contents('http",
        "net.connect(",
        "https.request(",
    ];
    let sends = SENDS.iter().any(|call| code.contains(call))
        || ["fetch(", "file_get_contents(", "Request(", "http.post", "HTTP::Request"]
            .iter()
            .any(|call| code.contains(call))
            && (code.contains("POST") || code.contains("PUT"));
    sends && !code.contains("localhost") && !code.contains("127.0.0.1")
}
