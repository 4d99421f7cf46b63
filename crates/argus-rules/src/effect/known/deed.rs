//! What a command does for a later one, or on the strength of an earlier one: it fetches a file, runs one, sends
//! something away, starts what hooks wait for.

use super::{Told, exec, flow};
use crate::Scope;
use crate::deed::{DOWNLOAD, HOOK, Half, SECRET, git_subjects};
use crate::effect::{Effect, Kind, Proof, Target};
use crate::path;
use crate::shell::{Script, Simple, Site, Word};

/// The halves of sequences that a command line is.
pub(crate) fn of(script: &Script, scope: &Scope, out: &mut Vec<Effect>) {
    for command in script.commands.iter().filter(|command| matters(command)) {
        let told = Told::of(command);
        if told.only_asks() {
            continue;
        }
        let mut add = |rule: &'static str, half: Half, subject: String| {
            out.push(Effect::at(Kind::Deed(rule, half, subject), command.show(), &command.context));
        };
        let place = |word: &Word| {
            let target = Target::of(word, &command.context, scope, Proof::Likely);
            target.path.filter(|path| !path.contains([path::ANY, path::GLOB, path::SEGMENT, path::DEEP]))
        };
        for file in exec::saved_by(&told, script).iter().chain(&fetched_by(&told)).filter_map(place) {
            add(DOWNLOAD, Half::Cause, file);
        }
        for file in run_by(command, &told, script).iter().filter_map(place) {
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
    const NAMES: &[&str] = &[
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
    ];
    command.context.site == Site::Local
        && (NAMES.contains(&command.name.as_str())
            || exec::is_interpreter(&command.name)
            || command.words.first().is_some_and(|name| name.prefix().contains('/')))
}

/// Files that programs other than curl and wget bring from elsewhere.
fn fetched_by(told: &Told<'_>) -> Vec<Word> {
    let verbs = told.verbs(&["-i", "-P", "-p", "-o", "--output", "--dir", "-d"]);
    let is_away = |place: &str| place.contains("://") || place.split_once(':').is_some_and(|(host, _)| host.len() > 1);
    match (told.name, verbs.as_slice()) {
        ("scp" | "rsync", [from, .., to]) if is_away(from) && !is_away(to) => vec![into(to, from)],
        ("aws", ["s3", "cp", from, to, ..]) if is_away(from) && !is_away(to) => vec![into(to, from)],
        ("gsutil", ["cp", from, to, ..]) if is_away(from) && !is_away(to) => vec![into(to, from)],
        ("aria2c" | "axel" | "http" | "xh", _) => {
            told.value(&["-o", "--out", "--output"]).map(Word::text).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// The file itself, or the one in a folder that gets the other's name.
fn into(to: &str, from: &str) -> Word {
    let name = from.rsplit(['/', ':']).next().unwrap_or_default();
    let is_folder = to.ends_with('/') || to == "." || to == "..";
    Word::text(if is_folder { format!("{}/{name}", to.trim_end_matches('/')) } else { to.to_owned() })
}

/// Files that a command runs: its own, the script that an interpreter is given, a package that is installed.
fn run_by(command: &Simple, told: &Told<'_>, script: &Script) -> Vec<Word> {
    let mut out = Vec::new();
    if let Some(name) = command.words.first().filter(|name| name.prefix().contains('/')) {
        out.push(name.clone());
    }
    let operand = || command.words.iter().skip(1).find(|word| !word.prefix().starts_with('-')).cloned();
    let operands = || command.words.iter().skip(1).filter(|word| !word.prefix().starts_with('-')).cloned();
    if exec::is_interpreter(told.name) {
        out.extend(operand());
        let given = script.reads.iter().filter(|read| read.context.span == command.context.span);
        out.extend(given.map(|read| read.target.clone()));
    }
    match told.name {
        "dpkg" | "rpm" | "installer" | "msiexec" | "open" | "java" => out.extend(operands()),
        "apt" | "apt-get" | "yum" | "dnf" | "pip" | "pip3" | "npm" | "pnpm" | "yarn" | "uv" | "brew" | "snap"
            if told.has(&["install", "add", "localinstall"]) =>
        {
            out.extend(operands().filter(|word| word.guess().contains(['/', '.'])));
        }
        _ => {}
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
        "bash" | "zsh" | "sh" | "fish" | "ksh" if told.flag("li", &["login", "interactive"]) => &["shell"],
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
fn code_gives_away(code: &str) -> bool {
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
        "net.connect(",
        "https.request(",
    ];
    let sends = SENDS.iter().any(|call| code.contains(call))
        || code.contains("fetch(") && (code.contains("POST") || code.contains("PUT"));
    sends && !code.contains("localhost") && !code.contains("127.0.0.1")
}
