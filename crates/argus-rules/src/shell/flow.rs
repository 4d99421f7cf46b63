//! What a command prints, where that can be told from its words and its input.
//!
//! Three things matter to whoever runs it: that it is known text, that it is a path of a known kind, and that it came
//! from somebody else's server. The last survives every filter, since a filter that makes a stranger's text
//! harmless cannot be told from one that does not.

use super::env::{Env, marked};
use super::options::{Options, Taking};
use super::word::{Piece, Unknown, Word};
use crate::path;

/// What a command prints.
pub(crate) fn printed(env: &Env, name: &str, words: &[Word], stdin: &Word) -> Word {
    if is_fetch(name, words) {
        return Word::unknown(Unknown::Remote);
    }
    match name {
        "echo" => print_words(&words[1..]),
        "printf" => print_formatted(&words[1..]),
        "cat" => concatenated(env, words, stdin),
        "zcat" | "bzcat" | "xzcat" | "zstdcat" => through(&concatenated(env, words, stdin)),
        "tee" | "grep" | "egrep" | "fgrep" | "rg" | "sort" | "uniq" | "head" | "tail" | "pv" | "sponge" | "shuf"
        | "tac" => {
            if stdin.is_remote() {
                return stdin.clone();
            }
            let content = concatenated(env, words, stdin);
            if content.is_remote() || name == "tee" || !has_file(name, words) {
                stdin_or(content, stdin)
            } else {
                content
            }
        }
        "pwd" => env.cwd.as_deref().map_or_else(unknown, marked),
        "mktemp" => temporary(env, words),
        "dirname" => words.get(1).map_or_else(unknown, folder_of),
        "basename" => words.get(1).map_or_else(unknown, name_of),
        "realpath" | "readlink" => {
            last_operand(words).and_then(|word| env.folder(word)).map_or_else(unknown, |at| marked(&at))
        }
        "which" => last_operand(words).cloned().unwrap_or_else(unknown),
        "git" => git(env, words),
        "date" | "uuidgen" | "hostname" | "nproc" | "uname" | "whoami" | "id" | "arch" | "seq" | "wc" | "md5sum"
        | "sha256sum" | "shasum" | "sha1sum" | "cksum" | "expr" | "getconf" | "tty" | "jot" | "pgrep" | "pidof" => {
            Word::unknown(Unknown::Segment)
        }
        "true" | "false" | ":" | "sleep" | "test" | "[" | "mkdir" | "touch" | "rm" | "chmod" | "kill" => {
            Word::default()
        }
        _ => through(stdin_with_files(words, stdin).as_ref()),
    }
}

/// What is left of input that went through an unknown filter.
pub(crate) fn through(stdin: &Word) -> Word {
    Word::unknown(if stdin.is_remote() { Unknown::Remote } else { Unknown::Any })
}

fn unknown() -> Word {
    Word::unknown(Unknown::Any)
}

fn stdin_with_files<'a>(words: &[Word], stdin: &'a Word) -> std::borrow::Cow<'a, Word> {
    match words.iter().find(|word| word.is_remote() && word.content().is_some()) {
        Some(word) => std::borrow::Cow::Owned(word.clone()),
        None => std::borrow::Cow::Borrowed(stdin),
    }
}

fn stdin_or(content: Word, stdin: &Word) -> Word {
    if content.is_remote() { content } else { stdin.clone() }
}

fn has_file(name: &str, words: &[Word]) -> bool {
    let operands = words[1..].iter().filter(|word| !word.prefix().starts_with('-')).count();
    let is_search = matches!(name, "grep" | "egrep" | "fgrep" | "rg");
    operands > usize::from(is_search)
}

/// Programs that bring a stranger's text to standard output.
fn is_fetch(name: &str, words: &[Word]) -> bool {
    let is_url = |word: &Word| {
        let text = word.prefix().to_ascii_lowercase();
        ["http://", "https://", "ftp://", "s3://", "gs://"].iter().any(|scheme| text.starts_with(scheme))
    };
    let is_out = |word: &Word| word.literal().is_some_and(|text| matches!(&*text, "-" | "/dev/stdout" | "/dev/fd/1"));
    match name {
        "curl" | "curlie" => {
            let options = Options::of(words, CURL);
            let to_file = options.value(&["o", "output"]).is_some_and(|file| !is_out(file));
            !to_file && !options.has("OIVhJ", &["remote-name", "remote-name-all", "head", "version", "help"])
        }
        "wget" | "wget2" => {
            let options = Options::of(words, WGET);
            options.value(&["O", "output-document"]).is_some_and(is_out) && !options.has("", &["spider"])
        }
        "fetch" | "ftp" => {
            Options::of(words, Taking { short: "o", long: &[], stops: false }).value(&["o"]).is_some_and(is_out)
        }
        "http" | "https" | "xh" | "xhs" | "lwp-request" | "GET" | "lynx" | "w3m" | "links" | "elinks" | "aria2c"
        | "axel" => {
            words[1..].iter().any(|word| is_url(word) || word.prefix().contains('.'))
                && !words.iter().any(|word| word.is("-d"))
        }
        "nc" | "ncat" | "netcat" | "telnet" => words.len() > 2,
        "socat" => words[1..].iter().any(|word| word.prefix().to_ascii_uppercase().starts_with("TCP")),
        "openssl" => words.get(1).is_some_and(|word| word.is("s_client")),
        "aws" | "gsutil" | "gcloud" | "rclone" | "mc" | "s3cmd" | "az" => {
            let has = |texts: &[&str]| words[1..].iter().any(|word| texts.iter().any(|text| word.is(text)));
            has(&["cat"]) || has(&["cp", "get"]) && words.last().is_some_and(is_out)
        }
        "gh" | "glab" => words.get(1).is_some_and(|word| word.is("api") || word.is("gist")),
        "dig" | "host" | "nslookup" => words[1..].iter().any(|word| word.guess().eq_ignore_ascii_case("txt")),
        _ => false,
    }
}

/// curl's options that take a value.
pub(crate) const CURL: Taking<'static> = Taking {
    short: "AbcCdDeEFhHKmoPQrtTuUwxXyYz",
    long: &[
        "output",
        "output-dir",
        "header",
        "data",
        "data-raw",
        "data-binary",
        "data-urlencode",
        "json",
        "form",
        "user",
        "user-agent",
        "request",
        "url",
        "proto",
        "proto-redir",
        "max-time",
        "connect-timeout",
        "retry",
        "retry-delay",
        "cacert",
        "cert",
        "key",
        "proxy",
        "referer",
        "cookie",
        "cookie-jar",
        "resolve",
        "interface",
        "range",
        "upload-file",
        "write-out",
        "dump-header",
        "config",
        "limit-rate",
        "max-filesize",
        "dns-servers",
        "ciphers",
        "tls-max",
        "unix-socket",
    ],
    stops: false,
};

/// wget's options that take a value.
pub(crate) const WGET: Taking<'static> = Taking {
    short: "OPoaeiBtTwQUARDIXnl",
    long: &[
        "output-document",
        "directory-prefix",
        "output-file",
        "append-output",
        "header",
        "user-agent",
        "tries",
        "timeout",
        "post-data",
        "post-file",
        "user",
        "password",
        "wait",
        "limit-rate",
        "origin",
        "input-file",
        "method",
        "body-data",
    ],
    stops: false,
};

fn print_words(words: &[Word]) -> Word {
    let is_option = |word: &Word| {
        word.literal().is_some_and(|text| {
            text.len() > 1 && text.starts_with('-') && text[1..].bytes().all(|b| b"neE".contains(&b))
        })
    };
    let options = words.iter().take_while(|word| is_option(word)).count();
    let decodes = words[..options].iter().any(|word| word.prefix().contains('e'));
    let mut out = Word::default();
    for piece in super::builtin::joined(&words[options..]).pieces() {
        match piece {
            Piece::Text(text) if decodes => out.push_text(&super::quote::decode(text)),
            piece => out.push(piece.clone()),
        }
    }
    if !words[..options].iter().any(|word| word.prefix().contains('n')) {
        out.push_text("\n");
    }
    out
}

/// What `printf` makes of a format and its arguments.
pub(crate) fn print_formatted(words: &[Word]) -> Word {
    let words = if words.first().is_some_and(|word| word.is("--")) { &words[1..] } else { words };
    let Some((format, mut arguments)) = words.split_first() else { return Word::default() };
    let Some(format) = format.literal() else { return through(&super::builtin::joined(words)) };
    let mut out = Word::default();
    for _ in 0..64 {
        let before = arguments.len();
        format_once(&format, &mut arguments, &mut out);
        if arguments.is_empty() || arguments.len() == before {
            break;
        }
    }
    out
}

fn format_once(format: &str, arguments: &mut &[Word], out: &mut Word) {
    let mut parts = format.split('%');
    out.push_text(&super::quote::decode(parts.next().unwrap_or_default()));
    let mut is_escaped = false;
    for part in parts {
        if is_escaped {
            is_escaped = false;
            out.push_text(&super::quote::decode(part));
            continue;
        }
        if part.is_empty() {
            out.push_text("%");
            is_escaped = true;
            continue;
        }
        let flags = part.find(|c: char| c.is_ascii_alphabetic()).unwrap_or(part.len());
        let rest = part.get(flags + 1..).unwrap_or_default();
        if let Some((value, left)) = arguments.split_first() {
            match value.literal() {
                Some(text) if part[flags..].starts_with('b') => out.push_text(&super::quote::decode(&text)),
                _ => out.append(value),
            }
            *arguments = left;
        }
        out.push_text(&super::quote::decode(rest));
    }
}

fn concatenated(env: &Env, words: &[Word], stdin: &Word) -> Word {
    let mut out = Word::default();
    let mut has_file = false;
    for word in words[1..].iter().filter(|word| !word.prefix().starts_with('-')) {
        has_file = true;
        out.append(&env.content_of(word));
    }
    let reads_stdin = !has_file || words[1..].iter().any(|word| word.is("-"));
    if reads_stdin {
        out.append(stdin);
    }
    out
}

fn temporary(env: &Env, words: &[Word]) -> Word {
    let options = Options::of(words, Taking { short: "p", long: &["tmpdir", "suffix"], stops: false });
    let template = options.operands.first().filter(|_| !options.has("t", &[]));
    let mut out = match (options.value(&["p", "tmpdir"]), template) {
        (Some(folder), _) => folder.clone(),
        (None, Some(template)) => {
            let Some(text) = template.literal() else { return unknown() };
            let stem = text.trim_end_matches('X');
            let folder = stem.rsplit_once('/').map_or_else(String::new, |(folder, _)| format!("{folder}/"));
            let mut out = Word::text(if folder.is_empty() { "./".to_owned() } else { folder });
            out.push(Piece::Unknown(Unknown::Segment));
            return path::resolve(&path::spell(&out), env.cwd.as_deref()).map_or(out, |at| marked(&at));
        }
        (None, None) => Word::text("/tmp"),
    };
    out.push_text("/");
    out.push(Piece::Unknown(Unknown::Segment));
    out
}

fn folder_of(word: &Word) -> Word {
    match word.literal() {
        Some(text) => Word::text(text.trim_end_matches('/').rsplit_once('/').map_or(".", |(folder, _)| folder)),
        None => unknown(),
    }
}

fn name_of(word: &Word) -> Word {
    match word.literal() {
        Some(text) => Word::text(text.trim_end_matches('/').rsplit('/').next().unwrap_or_default()),
        None => Word::unknown(Unknown::Segment),
    }
}

fn last_operand(words: &[Word]) -> Option<&Word> {
    words[1..].iter().rev().find(|word| !word.prefix().starts_with('-'))
}

fn git(env: &Env, words: &[Word]) -> Word {
    let has = |text: &str| words.iter().any(|word| word.is(text));
    if has("rev-parse") && has("--show-toplevel") {
        return env.top_level().map_or_else(unknown, Word::text);
    }
    let below = |rest: &str| env.top_level().map_or_else(unknown, |top| Word::text(format!("{top}/.git{rest}")));
    if has("rev-parse") && ["--git-dir", "--absolute-git-dir", "--git-common-dir"].iter().any(|asked| has(asked)) {
        return below("");
    }
    if let Some(at) = words.iter().position(|word| word.is("--git-path")).filter(|_| has("rev-parse")) {
        return words.get(at + 1).map_or_else(unknown, |path| below(&format!("/{}", path.guess())));
    }
    if has("rev-parse") && (has("HEAD") || has("--short")) {
        return Word::unknown(Unknown::Segment);
    }
    unknown()
}
