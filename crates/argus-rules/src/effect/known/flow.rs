//! What leaves the machine: files and secrets that a command line gives to somebody else's server.

use super::{Broken, Told, secret};
use crate::Scope;
use crate::effect::{Proof, Target};
use crate::shell::{Script, Simple, Site, Word};

/// Effects that put a secret into the command line's hands.
const SOURCES: &[&str] = &["secret.read", "secret.read-dotenv", "secret.env-dump", "secret.token-print"];

/// What a whole command line breaks, with the command that does; `found` is what its commands break by themselves.
pub(crate) fn judge<'s>(script: &'s Script, scope: &Scope, found: &[&'static str]) -> Vec<(&'s Simple, Broken)> {
    let mut out = Vec::new();
    for (at, command) in script.commands.iter().enumerate() {
        if secret::lists_the_environment(&Told::of(command)) && !script.commands.get(at + 1).is_some_and(hides_values) {
            out.push((command, ("secret.env-dump", "Every variable is shown, keys and tokens with them.".to_owned())));
        }
    }
    let copies = copied_secrets(script, scope);
    let has_secret = !out.is_empty() || found.iter().any(|rule| SOURCES.contains(rule));
    let mut remotes: Vec<String> = Vec::new();
    for command in script.commands.iter().filter(|command| command.context.site == Site::Local) {
        let told = Told::of(command);
        if told.only_asks() {
            continue;
        }
        if told.name == "git" {
            let verbs = told.verbs(&["-C", "-c"]);
            match verbs.as_slice() {
                ["remote", "add", name, url, ..] if url.contains("://") || url.contains('@') => {
                    remotes.push((*name).to_owned());
                }
                ["push", to, ..] if remotes.iter().any(|name| name == to) || is_foreign(to) => {
                    out.push((
                        command,
                        ("net.upload", "The repository is sent to a server that it did not know before.".to_owned()),
                    ));
                }
                _ => {}
            }
            continue;
        }
        let uploaded = uploaded_files(&told);
        if uploaded.iter().any(|word| secret::judge_read(word, &command.context, scope).is_some()) {
            out.push((command, ("secret.exfil", "A secret is sent to somebody else's server.".to_owned())));
            continue;
        }
        if !uploaded.is_empty() && is_for_anybody(&told) {
            out.push((command, ("net.upload", "A file is sent to somebody else's server.".to_owned())));
        }
        if prints_away(command, script) {
            out.extend(printed_away(&told, scope, has_secret).map(|broken| (command, broken)));
            continue;
        }
        if !sends(&told) {
            continue;
        }
        let mut files = sent_files(&told);
        // What a wrapper reads are the words that it fills in.
        let is_filled = command.context.via.iter().any(|via| via == "xargs" || via == "parallel");
        let own_reads = script.reads.iter().filter(|read| !is_filled && read.context.span == command.context.span);
        files.extend(own_reads.map(|read| read.target.clone()));
        let is_copy = |word: &Word| {
            !copies.is_empty() && path_of(word, command, scope).is_some_and(|path| copies.contains(&path))
        };
        let is_secret = |word: &Word| secret::judge_read(word, &command.context, scope).is_some() || is_copy(word);
        let takes =
            has_secret && (takes_input(&told) || is_posted(&told) || command.words.iter().skip(1).any(has_unknown));
        if files.iter().any(is_secret) || takes {
            out.push((command, ("secret.exfil", "A secret is sent to somebody else's server.".to_owned())));
        } else if files.iter().any(|word| is_file(word, command, scope))
            || takes_input(&told) && command.stdin.is_some() && feeds_files(script, command)
        {
            out.push((command, ("net.upload", "A file is sent to somebody else's server.".to_owned())));
        }
    }
    out
}

fn path_of(word: &Word, command: &Simple, scope: &Scope) -> Option<String> {
    Target::of(word, &command.context, scope, Proof::Likely).path
}

/// Files that secrets were copied, packed or printed into.
fn copied_secrets(script: &Script, scope: &Scope) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for command in script.commands.iter().filter(|command| command.context.site == Site::Local) {
        let name = command.name.as_str();
        let is_held = |word: &Word| {
            secret::judge_read(word, &command.context, scope).is_some()
                || !out.is_empty() && path_of(word, command, scope).is_some_and(|path| out.contains(&path))
        };
        let takes = secret::is_reader(name) && secret::files_read(name, &command.words).iter().any(is_held);
        if !takes {
            continue;
        }
        let own = crate::effect::written_by(command);
        let printed = script.writes.iter().filter(|write| write.context.span == command.context.span);
        let files = own.into_iter().chain(printed.map(|write| write.target.clone()));
        let found: Vec<String> = files.filter_map(|word| path_of(&word, command, scope)).collect();
        out.extend(found);
    }
    out
}

/// What it uploads others can have; a person's own cloud is theirs.
fn is_for_anybody(told: &Told<'_>) -> bool {
    matches!(
        told.name,
        "gh" | "croc"
            | "wormhole"
            | "magic-wormhole"
            | "telegram-send"
            | "sftp"
            | "ftp"
            | "lftp"
            | "ncftp"
            | "psftp"
            | "smbclient"
            | "tftp"
            | "pastebinit"
            | "wgetpaste"
            | "transfer"
            | "ffsend"
            | "ipfs"
            | "mutt"
            | "mail"
            | "mailx"
            | "s-nail"
            | "swaks"
            | "gdrive"
            | "mega-put"
            | "megaput"
    )
}

/// A server that is named by its address, and no remote of the repository.
fn is_foreign(to: &str) -> bool {
    to.contains("://") && !to.starts_with("file://") && !super::packages::is_loopback(to)
}

/// Counts, names alone, or a search for what is no secret.
fn hides_values(next: &Simple) -> bool {
    let told = Told::of(next);
    if next.stdin.is_none() {
        return false;
    }
    match told.name {
        "wc" => true,
        "cut" => {
            told.args.iter().any(|arg| arg == "-f1" || arg == "1") && told.args.iter().any(|arg| arg.contains('='))
        }
        "grep" | "egrep" | "rg" | "sed" | "awk" => {
            let line = told.line();
            let asks = ["key", "token", "secret", "pass", "pwd", "cred", "auth", "api", "aws", "private", "."];
            !asks.iter().any(|word| line.contains(word)) && !told.flag("v", &["invert-match"])
        }
        _ => false,
    }
}

fn has_unknown(word: &Word) -> bool {
    word.is_opaque() || word.literal().is_none()
}

/// A program that gives what it has to another machine, one that is not this one.
fn sends(told: &Told<'_>) -> bool {
    match told.name {
        "curl" | "wget" | "http" | "https" | "xh" | "nc" | "ncat" | "netcat" | "socat" | "telnet" | "ftp" | "tftp"
        | "lftp" | "mail" | "mailx" | "sendmail" | "mutt" | "swaks" => !is_here(told),
        "rsync" if told.flag("n", &["dry-run", "list-only"]) => false,
        "scp" | "rsync" | "sftp" => told.args.last().is_some_and(|to| is_remote_place(to)) || told.name == "sftp",
        "openssl" => told.args.first().is_some_and(|verb| verb == "s_client") && !is_here(told),
        "ssh" => true,
        "dig" | "host" | "nslookup" | "ping" => true,
        "pastebinit" | "wgetpaste" | "telegram-send" => true,
        "Invoke-RestMethod" | "irm" | "Invoke-WebRequest" | "iwr" => is_posted(told) && !is_here(told),
        "rclone" | "aws" | "gsutil" | "gcloud" | "azcopy" | "mc" | "s3cmd" | "wormhole" | "croc" | "transfer"
        | "gh" => false,
        _ => false,
    }
}

/// Something goes with the command to another machine: a body, a file, its input, or (`is_worked_out`) what a
/// substitution in its words prints.
pub(super) fn gives_away(told: &Told<'_>, is_worked_out: bool) -> bool {
    let verbs = told.verbs(&["-X", "-H", "--header", "--request", "-o", "-u", "--profile", "--region"]);
    let is_away = |place: &&str| place.contains("://") || place.contains(':');
    match told.name {
        "git" => matches!(verbs.as_slice(), ["push", to, ..] if is_foreign(to)),
        "gh" => matches!(verbs.as_slice(), ["gist", "create", ..] | ["release", "upload", ..]),
        "aws" => {
            matches!(verbs.as_slice(), ["s3", "cp" | "sync" | "mv", from, to, ..] if !is_away(from) && is_away(to))
        }
        "gsutil" => matches!(verbs.as_slice(), ["cp" | "rsync" | "mv", from, to, ..] if !is_away(from) && is_away(to)),
        "rclone" => {
            matches!(verbs.as_slice(), ["copy" | "sync" | "move" | "copyto", from, to, ..] if !is_away(from) && is_away(to))
        }
        "wormhole" | "croc" => verbs.first() == Some(&"send"),
        "transfer" => !verbs.is_empty(),
        _ if !sends(told) => false,
        "curl" => {
            let body =
                told.flag("dFT", &["data", "data-raw", "data-binary", "data-urlencode", "form", "json", "upload-file"]);
            let method =
                told.value(&["-X", "--request"]).is_some_and(|method| matches!(method, "POST" | "PUT" | "PATCH"));
            body || method || is_worked_out || collects(told)
        }
        "wget" => {
            told.flag("", &["post-data", "post-file", "body-data", "body-file"]) || is_worked_out || collects(told)
        }
        "http" | "https" | "xh" => {
            told.has(&["POST", "PUT", "PATCH", "post", "put"]) || told.command.stdin.is_some() || collects(told)
        }
        "dig" | "host" | "nslookup" | "ping" => is_worked_out,
        "ssh" => told.command.stdin.is_some(),
        "nc" | "ncat" | "netcat" => !told.flag("lz", &["listen"]),
        _ => true,
    }
}

fn collects(told: &Told<'_>) -> bool {
    told.args.iter().any(|arg| collects_anything(arg))
}

/// An address that keeps whatever it is sent, for whoever made it: request bins, drop boxes, a bare number.
pub(crate) fn collects_anything(address: &str) -> bool {
    const COLLECTORS: &[&str] = &[
        "webhook.site",
        "requestbin",
        "pipedream.net",
        "hookbin",
        "beeceptor",
        "requestcatcher",
        "interact.sh",
        "oast.",
        "burpcollaborator",
        "oastify",
        "ngrok",
        "trycloudflare.com",
        "loca.lt",
        "serveo.net",
        "transfer.sh",
        "file.io",
        "0x0.st",
        "paste",
        "hastebin",
        "termbin",
        "ix.io",
        "sprunge",
        "dpaste",
        "discord.com/api/webhooks",
        "discordapp.com/api/webhooks",
        "hooks.slack.com",
        "api.telegram.org/bot",
        "canarytokens",
        "dnslog",
        "ceye.io",
        "bashupload",
        "gofile.io",
        "anonfiles",
        "catbox.moe",
        "temp.sh",
    ];
    /// First names of hosts that say what they are for.
    const TAKERS: &[&str] =
        &["collect", "collector", "exfil", "hook", "hooks", "webhook", "callback", "drop", "beacon", "relay", "sink"];
    let Some((_, rest)) = address.split_once("://") else { return false };
    let lower = rest.to_ascii_lowercase();
    let host = lower.split(['/', '?', '#']).next().unwrap_or_default();
    let host = host.rsplit('@').next().unwrap_or_default();
    let name = host.split(':').next().unwrap_or_default();
    let is_number = !name.is_empty() && name.chars().all(|c| c.is_ascii_digit() || c == '.');
    let is_own =
        name.starts_with("127.") || name.starts_with("10.") || name.starts_with("192.168.") || name.starts_with("0.");
    COLLECTORS.iter().any(|known| if known.contains('/') { lower.starts_with(known) } else { host.contains(known) })
        || is_number && !is_own
        || TAKERS.contains(&name.split('.').next().unwrap_or_default()) && name.matches('.').count() > 1
}

fn is_here(told: &Told<'_>) -> bool {
    let hosts = ["localhost", "127.0.0.1", "0.0.0.0", "[::1]", "host.docker.internal"];
    let is_own = |arg: &String| {
        // `:8000/upload` of httpie.
        let is_short = arg
            .strip_prefix(':')
            .is_some_and(|rest| rest.is_empty() || rest.starts_with(|c: char| c == '/' || c.is_ascii_digit()));
        if is_short && matches!(told.name, "http" | "https" | "xh") {
            return true;
        }
        let host = arg.split("://").last().unwrap_or_default().split(['/', '?']).next().unwrap_or_default();
        let host = host.rsplit('@').next().unwrap_or_default();
        hosts.iter().any(|own| host == *own || host.strip_prefix(own).is_some_and(|rest| rest.starts_with(':')))
            || host.ends_with(".local")
            || host.ends_with(".localhost")
            || host.ends_with(".test")
    };
    told.args.iter().any(is_own)
}

/// `host.name:path`, `user@192.0.2.1:path`. A bare name is one that the person has given to a machine of theirs.
fn is_remote_place(text: &str) -> bool {
    let host = |text: &str| text.rsplit('@').next().is_some_and(|host| host.contains('.'));
    text.find(':').is_some_and(|at| at > 1 && !text[..at].contains('/') && host(&text[..at]))
        || text.contains("rsync://")
}

fn sent_files(told: &Told<'_>) -> Vec<Word> {
    match told.name {
        "socat" => {
            let file = |arg: &String| {
                let (kind, rest) = arg.split_once(':')?;
                let is_file = matches!(kind.to_ascii_uppercase().as_str(), "FILE" | "OPEN" | "GOPEN");
                is_file.then(|| Word::text(rest.split(',').next().unwrap_or_default()))
            };
            told.args.iter().filter_map(file).collect()
        }
        // `name@file`: a field of a form that is a file.
        "http" | "https" | "xh" => {
            let file = |arg: &String| {
                let (name, file) = arg.split_once('@')?;
                let is_field = !name.contains([':', '/', '=']) && !file.is_empty() || name.ends_with('=');
                is_field.then(|| Word::text(file))
            };
            told.args.iter().skip(1).filter_map(file).collect()
        }
        "curl" | "wget" | "scp" | "rsync" => secret::files_read(told.name, &told.command.words)
            .into_iter()
            .filter(|word| !word.is("-") && !is_remote_place(&word.guess()))
            .collect(),
        _ => Vec::new(),
    }
}

/// What a command prints goes to another machine: `> /dev/tcp/host/port`.
fn prints_away(command: &Simple, script: &Script) -> bool {
    script.writes.iter().filter(|write| write.context.span == command.context.span).any(|write| {
        let place = write.target.prefix();
        let host = place.strip_prefix("/dev/tcp/").or_else(|| place.strip_prefix("/dev/udp/"));
        host.is_some_and(|host| !host.starts_with("localhost/") && !host.starts_with("127."))
    })
}

fn printed_away(told: &Told<'_>, scope: &Scope, has_secret: bool) -> Option<Broken> {
    let command = told.command;
    let printed = secret::files_read(told.name, &command.words);
    let is_secret = printed.iter().any(|word| secret::judge_read(word, &command.context, scope).is_some());
    if is_secret || has_secret && command.stdin.is_some() || secret::lists_the_environment(told) {
        Some(("secret.exfil", "A secret is sent to another machine.".to_owned()))
    } else if !printed.is_empty() && secret::is_reader(told.name) {
        Some(("net.upload", "A file is sent to another machine.".to_owned()))
    } else {
        None
    }
}

/// Files that programs of forges and clouds put where others can have them.
fn uploaded_files(told: &Told<'_>) -> Vec<Word> {
    let verbs = told.verbs(&["-d", "--desc", "-f", "--filename", "-R", "--repo", "--profile", "--region", "-p"]);
    let away = |place: &str| place.contains(':');
    let files: &[&str] = match (told.name, verbs.as_slice()) {
        ("gh", ["gist", "create", files @ ..]) => files,
        ("gh" | "glab", ["release", "upload", _, files @ ..]) => files,
        ("aws", ["s3", "cp" | "mv" | "sync", from, to, ..]) if !away(from) && away(to) => &[*from],
        ("gsutil", ["cp" | "mv" | "rsync", from, to, ..]) if !away(from) && away(to) => &[*from],
        ("gcloud", ["storage", "cp" | "mv" | "rsync", from, to, ..]) if !away(from) && away(to) => &[*from],
        ("rclone", ["copy" | "copyto" | "sync" | "move", from, to, ..]) if !away(from) && away(to) => &[*from],
        ("mc", ["cp" | "mirror", from, ..]) => &[*from],
        ("s3cmd", ["put", files @ .., _]) => files,
        ("croc" | "wormhole", ["send", files @ ..]) => files,
        ("magic-wormhole" | "pastebinit" | "wgetpaste" | "transfer" | "ffsend", files) => files,
        ("b2", ["file", "upload", _, file, ..] | ["upload-file" | "upload_file", _, file, ..]) => &[*file],
        ("ipfs", ["add", files @ ..]) => files,
        ("azcopy", ["copy" | "cp" | "sync", from, to, ..]) if !away(from) && away(to) => &[*from],
        ("gdrive" | "dropbox_uploader.sh" | "rclone-upload", ["upload" | "files", .., file]) => &[*file],
        ("mega-put" | "megaput", files) => files,
        _ => &[],
    };
    let named = files.iter().filter(|file| **file != "-").map(|file| Word::text(*file));
    let optional = match (told.name, verbs.as_slice()) {
        ("az", ["storage", "blob" | "file", "upload" | "upload-batch", ..]) => {
            told.value(&["--file", "-f", "--source", "-s"]).map(Word::text)
        }
        ("aws", ["s3api", "put-object", ..]) => told.value(&["--body"]).map(Word::text),
        ("mutt" | "mail" | "mailx" | "s-nail", _) => told.value(&["-a", "-A", "--attach"]).map(Word::text),
        ("telegram-send", _) => told.value(&["--file", "-f"]).map(Word::text),
        ("swaks", _) => told.value(&["--attach"]).map(|file| Word::text(file.trim_start_matches('@'))),
        _ => None,
    };
    named.chain(optional).chain(put_by_orders(told)).collect()
}

/// Files that a program of file transfer is ordered to put, on its input or in an option: `put -r ~/notes`.
fn put_by_orders(told: &Told<'_>) -> Vec<Word> {
    if !matches!(told.name, "sftp" | "ftp" | "lftp" | "ncftp" | "psftp" | "smbclient" | "tftp") || is_here(told) {
        return Vec::new();
    }
    let fed = told.command.stdin.as_ref().and_then(|fed| fed.literal()).unwrap_or_default();
    let given = told.value(&["-e", "-c", "--command"]).unwrap_or_default();
    let orders = fed.split(['\n', ';']).chain(given.split(['\n', ';']));
    let words = orders.flat_map(|order| {
        let mut words = order.split_whitespace().map(|word| word.trim_matches(['"', '\'']));
        let puts = matches!(words.next(), Some("put" | "mput" | "reput" | "send" | "mirror"));
        let is_mirror = order.trim_start().starts_with("mirror");
        let is_up = !is_mirror || order.contains("-R") || order.contains("--reverse");
        words.filter(move |word| puts && is_up && !word.starts_with('-')).take(1)
    });
    words.map(Word::text).collect()
}

/// PowerShell's request with a body.
fn is_posted(told: &Told<'_>) -> bool {
    told.name.starts_with(['I', 'i'])
        && told.args.iter().any(|arg| ["-body", "-infile", "-form"].contains(&arg.to_ascii_lowercase().as_str()))
}

/// `ssh user@host.example`: a machine that has no short name here.
fn is_far(command: &Simple) -> bool {
    let host = command
        .arguments()
        .iter()
        .find(|arg| !arg.starts_with('-'))
        .map(|arg| arg.rsplit('@').next().unwrap_or_default());
    command.name == "ssh"
        && host.is_some_and(|host| host.contains('.') && !host.ends_with(".internal") && !host.ends_with(".local"))
}

/// It sends what it reads.
fn takes_input(told: &Told<'_>) -> bool {
    let has = |arg: &String| {
        matches!(arg.as_str(), "@-" | "-T-" | "f=@-" | "file=@-") || arg.ends_with("=@-") || arg.ends_with("=<-")
    };
    match told.name {
        "curl" => {
            let options = crate::shell::Options::of(&told.command.words, crate::shell::CURL);
            let is_input = |file: &Word| file.is("-") || file.is(".");
            told.args.iter().any(has) || options.value(&["T", "upload-file"]).is_some_and(is_input)
        }
        "nc" | "ncat" | "netcat" | "telnet" | "mail" | "mailx" | "sendmail" | "mutt" => {
            told.command.stdin.is_some() && !told.flag("l", &["listen"])
        }
        "socat" | "openssl" => told.command.stdin.is_some(),
        "ssh" => told.command.stdin.is_some(),
        "http" | "xh" | "pastebinit" | "wgetpaste" | "telegram-send" => told.command.stdin.is_some(),
        _ => false,
    }
}

/// A file of this machine, not the text of a request that the command line made up.
fn is_file(word: &Word, command: &Simple, scope: &Scope) -> bool {
    let target = Target::of(word, &command.context, scope, Proof::Likely);
    target.path.is_some_and(|path| !path.starts_with("/dev/") && !path.starts_with("/proc/")) && !word.is_empty()
}

/// What it is given was read from files by the command before it: an archive, a dump.
fn feeds_files(script: &Script, command: &Simple) -> bool {
    let packs = ["tar", "gtar", "zip", "cat", "gzip", "zstd", "pg_dump", "mysqldump", "git", "cpio", "find", "base64"];
    script
        .commands
        .iter()
        .any(|other| other.context.span.start < command.context.span.start && packs.contains(&other.name.as_str()))
        && (matches!(command.name.as_str(), "curl" | "nc" | "ncat" | "netcat" | "socat") || is_far(command))
}
