//! Running what nobody has read: shells for others, hidden names, decoded text, downloads.

use super::{Broken, Told};
use crate::Scope;
use crate::effect::{Proof, Target};
use crate::shell::{Context, Script, Simple, Site, Snippet, Word};

const SHELLS: &[&str] =
    &["sh", "bash", "zsh", "dash", "ksh", "ash", "fish", "csh", "tcsh", "cmd", "powershell", "pwsh"];
/// Variables that make every program load a library.
const LOADERS: &[&str] = &["LD_PRELOAD", "LD_AUDIT", "DYLD_INSERT_LIBRARIES", "DYLD_FORCE_FLAT_NAMESPACE"];

/// What a whole command line breaks, and where.
pub(crate) fn judge<'s>(script: &'s Script, text: Option<&str>, scope: &Scope) -> Vec<(&'s Context, String, Broken)> {
    let mut out = Vec::new();
    for context in &script.bombs {
        out.push((
            context,
            "a function that starts itself".to_owned(),
            ("exec.fork-bomb", "It starts itself twice, again and again, until nothing else can run.".to_owned()),
        ));
    }
    for (assigned, context) in &script.assigned {
        if let Some(broken) = judge_assigned(assigned) {
            out.push((context, assigned.clone(), broken));
        }
    }
    let mut add = |command: &'s Simple, rule: &'static str, reason: &str| {
        out.push((&command.context, command.show(), (rule, reason.to_owned())));
    };
    for command in &script.commands {
        let told = Told::of(command);
        if told
            .args
            .iter()
            .any(|arg| arg.split_once('=').is_some_and(|(name, value)| LOADERS.contains(&name) && !value.is_empty()))
            && matches!(told.name, "export" | "env" | "declare" | "sudo")
        {
            add(command, "exec.lib-inject", "Every program that starts loads that library.");
        }
        if opens_a_shell(&told, script) {
            add(command, "exec.reverse-shell", "Somebody else gets a shell on this machine.");
        }
        if is_dynamic(&told, script) {
            add(command, "exec.eval-dynamic", "What will run cannot be told before it does.");
        }
        if text.is_some_and(|text| is_hidden(command, text)) {
            add(command, "exec.obfuscated", "The command stands nowhere in what was written.");
        }
    }
    for command in decoded_runs(script) {
        add(command, "exec.decode-run", "Text is decoded and run, and nobody has seen it.");
    }
    for command in downloaded_runs(script, scope) {
        add(command, "exec.download-run", "What was downloaded a moment before is run.");
    }
    for snippet in &script.snippets {
        if let Some(broken) = judge_code(snippet) {
            out.push((&snippet.context, snippet.code.show().chars().take(200).collect(), broken));
        }
    }
    out
}

fn judge_assigned(assigned: &str) -> Option<Broken> {
    let (name, value) = assigned.split_once('=')?;
    let value = value.trim_matches(['"', '\'']);
    if LOADERS.contains(&name)
        && !value.is_empty()
        && !value.contains("jemalloc")
        && !value.contains("tcmalloc")
        && !value.contains("mimalloc")
        && !value.contains("asan")
    {
        return Some(("exec.lib-inject", "Every program that starts loads that library.".to_owned()));
    }
    match (name, value) {
        ("NODE_TLS_REJECT_UNAUTHORIZED" | "PYTHONHTTPSVERIFY", "0") | ("GIT_SSL_NO_VERIFY", "1" | "true") => {
            Some(("net.tls-off", "Whoever stands between may read and change what is sent.".to_owned()))
        }
        ("HUSKY" | "LEFTHOOK", "0") | ("HUSKY_SKIP_HOOKS" | "SKIP_HOOKS", "1") => {
            Some(("guard.bypass-checks", "The project's own checks are skipped.".to_owned()))
        }
        ("SKIP", value) if !value.is_empty() => {
            Some(("guard.bypass-checks", "The project's own checks are skipped.".to_owned()))
        }
        ("HISTFILE", "" | "/dev/null") | ("HISTSIZE" | "HISTFILESIZE", "0") => {
            Some(("guard.log-tamper", "What is done is not written down.".to_owned()))
        }
        _ => None,
    }
}

pub(super) fn is_shell(text: &str) -> bool {
    let program = text.split([' ', ',']).next().unwrap_or_default();
    SHELLS.contains(&program.rsplit('/').next().unwrap_or_default())
}

/// Programs that run the file they are given.
pub(super) fn is_interpreter(name: &str) -> bool {
    let others = ["python", "python3", "perl", "node", "ruby", "php", "source", ".", "deno", "bun"];
    is_shell(name) || others.contains(&name)
}

fn opens_a_shell(told: &Told<'_>, script: &Script) -> bool {
    let to_network = || {
        script.writes.iter().chain(&script.reads).any(|file| {
            let path = file.target.prefix();
            (path.starts_with("/dev/tcp/") || path.starts_with("/dev/udp/"))
                && file.context.span == told.command.context.span
        })
    };
    match told.name {
        "nc" | "ncat" | "netcat" => {
            told.value(&["-e", "-c", "--exec", "--sh-exec"]).is_some_and(is_shell)
                || {
                    // A pipe of its own leads what it receives back into a shell.
                    let makes_pipe =
                        script.commands.iter().any(|other| other.name == "mkfifo" || other.name == "mknod");
                    makes_pipe
                        && script.commands.iter().any(|other| is_shell(&other.name) && Told::of(other).flag("i", &[]))
                }
                || told.args.iter().any(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.ends_with('e'))
                    && told.args.iter().any(|arg| is_shell(arg))
        }
        "socat" => {
            let runs = told.args.iter().any(|arg| {
                let lower = arg.to_ascii_lowercase();
                lower
                    .strip_prefix("exec:")
                    .or_else(|| lower.strip_prefix("system:"))
                    .is_some_and(|run| is_shell(run.trim_matches(['"', '\''])))
            });
            runs && told
                .args
                .iter()
                .any(|arg| ["tcp", "udp", "openssl", "ssl"].iter().any(|net| arg.to_ascii_lowercase().starts_with(net)))
        }
        "exec" => to_network(),
        "telnet" => {
            told.command.stdin.is_some()
                && script.commands.iter().any(|other| is_shell(&other.name) && other.stdin.is_some())
        }
        name if is_shell(name) => to_network(),
        _ => false,
    }
}

/// Programs that print the lines that a shell is set up with.
const SET_UP: &[&str] = &[
    "ssh-agent",
    "direnv",
    "pyenv",
    "rbenv",
    "nodenv",
    "goenv",
    "jenv",
    "fnm",
    "starship",
    "zoxide",
    "brew",
    "opam",
    "conda",
    "mamba",
    "micromamba",
    "mise",
    "rtx",
    "asdf",
    "minikube",
    "docker-machine",
    "dircolors",
    "register-python-argcomplete",
    "keychain",
    "luarocks",
    "thefuck",
    "atuin",
    "navi",
    "gpg-agent",
    "dbus-launch",
    "resize",
    "lesspipe",
    "vfox",
    "argus",
    "gh",
    "kubectl",
    "helm",
    "fzf",
    "npm",
    "pip",
    "poetry",
    "uv",
    "rustup",
    "nvm",
    "getopt",
    "tput",
    "stty",
    "locale",
    "perl",
    "cargo",
];

/// Runs a text of which nothing is known, and that no program of a shell's set-up prints.
fn is_dynamic(told: &Told<'_>, script: &Script) -> bool {
    let text = match told.name {
        "eval" => told.command.words.get(1),
        name if is_shell(name) => told
            .command
            .words
            .iter()
            .position(|word| word.is("-c") || word.is("-lc"))
            .and_then(|at| told.command.words.get(at + 1)),
        _ => None,
    };
    let Some(text) = text.filter(|text| text.is_opaque() && text.prefix().is_empty()) else { return false };
    let span = &told.command.context.span;
    let sets_up = script.commands.iter().any(|other| {
        SET_UP.contains(&other.name.as_str())
            && span.start <= other.context.span.start
            && other.context.span.end <= span.end
    });
    !sets_up && !text.is_remote() && told.command.context.site == Site::Local
}

/// True where no part of the text says the name: quotes, escapes or variables make it.
fn is_hidden(command: &Simple, text: &str) -> bool {
    let name = command.name.as_str();
    let is_plain =
        name.len() > 1 && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_');
    is_plain
        && !command.words.first().is_some_and(Word::is_opaque)
        && !text.contains(name)
        // A search that deletes says so in its own words.
        && !command.context.via.iter().any(|wrapper| matches!(wrapper.as_str(), "find" | "gfind"))
        && command.context.site == Site::Local
}

/// Programs that turn text into other text.
fn decodes(told: &Told<'_>) -> bool {
    match told.name {
        "base64" | "gbase64" | "base32" | "basenc" => told.flag("dD", &["decode"]),
        "xxd" => told.flag("r", &["revert"]),
        "openssl" => {
            told.args.first().is_some_and(|verb| verb == "enc" || verb == "base64" || verb.starts_with("aes"))
                && told.flag("d", &[])
        }
        "uudecode" | "rev" => true,
        "gzip" => told.flag("d", &["decompress"]) && told.flag("c", &["stdout"]),
        "zcat" | "gunzip" | "bzcat" | "xzcat" | "zstdcat" => told.name != "gunzip" || told.flag("c", &["stdout"]),
        "tr" => {
            told.args.iter().any(|arg| matches!(arg.as_str(), "n-za-m" | "N-ZA-Mn-za-m" | "N-ZA-M" | "n-za-mN-ZA-M"))
        }
        "printf" => told.args.first().is_some_and(|form| {
            form.matches("\\x").count() >= 2 || form.matches("\\1").count() + form.matches("\\0").count() >= 3
        }),
        "echo" => told.flag("e", &[]) && told.args.iter().any(|arg| arg.matches("\\x").count() >= 2),
        "gpg" => told.flag("d", &["decrypt"]),
        "perl" | "python3" | "python" => false,
        _ => false,
    }
}

/// Interpreters that run what a decoder before them gives.
fn decoded_runs(script: &Script) -> Vec<&Simple> {
    let mut out = Vec::new();
    let Some(first) = script.commands.iter().position(|command| decodes(&Told::of(command))) else { return out };
    let decoder_span = &script.commands[first].context.span;
    for (at, command) in script.commands.iter().enumerate() {
        let told = Told::of(command);
        let is_code = told.args.iter().all(|arg| arg.starts_with('-')) && !told.flag("nm", &[]);
        let reads = command.stdin.is_some()
            && at > first
            && is_code
            && (is_shell(told.name) || matches!(told.name, "python" | "python3" | "perl" | "node" | "ruby" | "php"));
        // A substitution stands within the command that takes it.
        let holds = command.context.span.start <= decoder_span.start
            && command.context.span.end >= decoder_span.end
            && at <= first + 1;
        let has_unknown = command.words.iter().skip(1).any(|word| word.literal().is_none());
        let takes = has_unknown
            && holds
            && (told.name == "eval"
                || is_shell(told.name) && told.flag("c", &[])
                || told.name == "source"
                || told.name == ".");
        let is_command = holds && at != first && command.words.first().is_some_and(Word::is_opaque);
        // Decoded into a file, and that is run.
        let into =
            script.writes.iter().filter(|write| write.context.span == *decoder_span).map(|write| write.target.guess());
        let is_file = into.into_iter().any(|file| {
            at > first
                && !file.is_empty()
                && (is_shell(told.name) || told.name == "source" || told.name == ".")
                && told.args.contains(&file)
        });
        if reads || takes || is_command || is_file {
            out.push(command);
        }
    }
    out
}

/// Files that a command downloads to, and commands that run one of them later.
fn downloaded_runs<'s>(script: &'s Script, scope: &Scope) -> Vec<&'s Simple> {
    let mut files: Vec<String> = Vec::new();
    let mut out = Vec::new();
    let path_of = |word: &Word, context: &Context| Target::of(word, context, scope, Proof::Likely).path;
    for command in script.commands.iter().filter(|command| command.context.site == Site::Local) {
        let told = Told::of(command);
        if !files.is_empty() {
            let runs = |word: &Word| {
                path_of(word, &command.context).is_some_and(|path| {
                    files.iter().any(|file| path == *file || file.ends_with('/') && path.starts_with(file.as_str()))
                })
            };
            let operand = command.words.iter().skip(1).find(|word| !word.prefix().starts_with('-'));
            let by_name = command.words.first().filter(|word| word.prefix().contains('/') || word.literal().is_none());
            let builds = matches!(told.name, "make" | "install" | "cargo" | "npm" | "pip" | "pip3")
                && files.iter().any(|file| {
                    file.ends_with('/')
                        && command.context.cwd.as_deref().is_some_and(|cwd| cwd.starts_with(file.trim_end_matches('/')))
                })
                && (told.name != "npm" && told.name != "cargo" || told.has(&["install", "run"]));
            if is_interpreter(told.name) && operand.is_some_and(runs) || by_name.is_some_and(runs) || builds {
                out.push(command);
                continue;
            }
        }
        files.extend(saved_by(&told, script).iter().filter_map(|word| path_of(word, &command.context)));
        if told.name == "git"
            && let verbs = told.verbs(&["-C", "-c", "-b", "--branch", "--depth"])
            && verbs.first() == Some(&"clone")
            && let Some(folder) = verbs.get(2).map(|folder| (*folder).to_owned()).or_else(|| {
                verbs.get(1).and_then(|url| url.rsplit('/').next()).map(|name| name.trim_end_matches(".git").to_owned())
            })
            && let Some(path) = path_of(&Word::text(folder), &command.context)
        {
            files.push(format!("{path}/"));
        }
    }
    out
}

/// Files that curl, wget or a stream from elsewhere into tar leave behind.
pub(super) fn saved_by(told: &Told<'_>, script: &Script) -> Vec<Word> {
    let address = || told.args.iter().find(|arg| arg.contains("://")).map(String::as_str).unwrap_or_default();
    let name =
        |url: &str| Word::text(url.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default());
    let own = |taking, names: &[&str]| crate::shell::Options::of(&told.command.words, taking).value(names).cloned();
    let redirected = || {
        script
            .writes
            .iter()
            .filter(|write| write.context.span == told.command.context.span)
            .map(|write| write.target.clone())
    };
    match told.name {
        "curl" => match own(crate::shell::CURL, &["o", "output"]) {
            Some(file) => vec![file],
            None if told.flag("OJ", &["remote-name", "remote-name-all"]) => vec![name(address())],
            None => redirected().collect(),
        },
        "wget" => match own(crate::shell::WGET, &["O", "output-document"]) {
            Some(file) if file.is("-") => redirected().collect(),
            Some(file) => vec![file],
            None => {
                let folder =
                    told.value(&["-P", "--directory-prefix"]).map(|folder| format!("{folder}/")).unwrap_or_default();
                let mut file = Word::text(folder);
                file.append(&name(address()));
                vec![file]
            }
        },
        "tar" | "bsdtar" if told.command.stdin.as_ref().is_some_and(Word::is_remote) => {
            let folder = told.value(&["-C", "--directory"]).unwrap_or(".");
            vec![Word::text(format!("{folder}/"))].into_iter().collect()
        }
        _ => Vec::new(),
    }
}

/// Code that opens a shell for others.
fn judge_code(snippet: &Snippet) -> Option<Broken> {
    let code = snippet.code.guess();
    let has = |words: &[&str]| words.iter().any(|word| code.contains(word));
    let connects =
        has(&["socket", "net.connect", "createConnection", "TCPSocket", "fsockopen", "sockaddr_in", "/inet/tcp"]);
    let hands_over = has(&["dup2", "pty.spawn", "/bin/sh", "/bin/bash", "cmd.exe", "popen(", "child_process"])
        && has(&["dup2", "pty.spawn", ">&S", "exec(", "exec ", "spawn(", "stdin", "getline", "pipe("]);
    if connects && hands_over {
        return Some(("exec.reverse-shell", "Somebody else gets a shell on this machine.".to_owned()));
    }
    let runs_a_file = has(&["exec(open(", "eval(open(", "exec(compile(open("]);
    let runs_arguments =
        ["exec(", "execSync(", "execvp(", "system(", "run(", "spawn(", "call(", "Popen("].iter().any(|call| {
            code.match_indices(call).any(|(at, call)| {
                let argument = code[at + call.len()..].trim_start();
                ["process.argv", "sys.argv", "@ARGV", "*ARGV", "$argv", "ARGV"]
                    .iter()
                    .any(|given| argument.starts_with(given))
            })
        });
    if runs_a_file || runs_arguments {
        return Some((
            "exec.inline-danger",
            "Code runs what it is given, and nobody can tell what that is.".to_owned(),
        ));
    }
    if has(&[".claude/settings", ".claude.json"])
        && has(&["write_text(", "writeFile", "json.dump(", ".write(", "rename("])
    {
        return Some(("guard.agent-config", "The agent's own limits change.".to_owned()));
    }
    let decodes = has(&[
        "b64decode",
        "decode_base64",
        "fromhex",
        "unhexlify",
        "atob(",
        "'base64'",
        "\"base64\"",
        "codecs.decode",
        "unpack(",
        "FromBase64String",
    ]);
    let runs = has(&["exec(", "eval(", "system(", "execSync(", "popen(", "iex", "Invoke-Expression"]);
    (decodes && runs).then(|| ("exec.decode-run", "Text is decoded and run, and nobody has seen it.".to_owned()))
}
