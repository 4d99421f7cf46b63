//! Running what nobody has read: shells for others, hidden names, decoded text, downloads.

use super::{Broken, Told, code, download};
use crate::Scope;
use crate::shell::{Context, Script, Simple, Site, Word};

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
    for command in script.commands.iter().filter(|command| matches!(command.name.as_str(), "export" | "declare")) {
        let set = command.arguments().iter().filter_map(|arg| judge_assigned(arg));
        out.extend(set.map(|broken| (&command.context, command.show_briefly(), broken)));
    }
    let mut add = |command: &'s Simple, rule: &'static str, reason: &str| {
        out.push((&command.context, command.show_briefly(), (rule, reason.to_owned())));
    };
    for command in &script.commands {
        let told = Told::of(command);
        let loads = |arg: &String| {
            arg.split_once('=').is_some_and(|(name, value)| LOADERS.contains(&name) && !value.is_empty())
        };
        if matches!(told.name, "export" | "env" | "declare" | "sudo") && told.args.iter().any(loads) {
            add(command, "exec.lib-inject", "Every program that starts loads that library.");
        }
        if opens_a_shell(&told, script) {
            add(command, "exec.reverse-shell", "Somebody else gets a shell on this machine.");
        }
        if is_dynamic(&told, script) {
            add(command, "exec.eval-dynamic", "What will run cannot be told before it does.");
            if keeps_what_is_decoded(script, command) {
                add(command, "exec.decode-run", "Text is decoded and run, and nobody has seen it.");
            }
        }
        if is_encoded(&told) {
            add(command, "exec.decode-run", "The program is given in a form that nobody reads.");
        }
        let is_split = || text.is_some_and(|text| is_split_apart(command, script, text));
        if text.is_some_and(|text| {
            is_hidden(command, text) || is_spaced_out(command, text) || is_made_of_wildcards(command, text)
        }) || is_worked_out(command, script)
            || is_split()
        {
            add(command, "exec.obfuscated", "The command stands nowhere in what was written.");
        }
    }
    for command in decoded_runs(script) {
        add(command, "exec.decode-run", "Text is decoded and run, and nobody has seen it.");
    }
    for command in download::downloaded_runs(script, scope) {
        add(command, "exec.download-run", "What was downloaded a moment before is run.");
    }
    for snippet in &script.snippets {
        if let Some(broken) = code::judge(snippet, scope) {
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
        ("NODE_TLS_REJECT_UNAUTHORIZED" | "PYTHONHTTPSVERIFY", "0")
        | (
            "GIT_SSL_NO_VERIFY"
            | "VAULT_SKIP_VERIFY"
            | "NOMAD_SKIP_VERIFY"
            | "AZURE_CLI_DISABLE_CONNECTION_VERIFICATION"
            | "AWS_NO_VERIFY_SSL"
            | "CURL_INSECURE",
            "1" | "true",
        )
        | ("CONSUL_HTTP_SSL_VERIFY" | "DOCKER_TLS_VERIFY" | "GIT_SSL_VERIFY", "false" | "0")
        | ("LDAPTLS_REQCERT", "never" | "allow")
        | ("npm_config_strict_ssl" | "NPM_CONFIG_STRICT_SSL", "false") => {
            Some(("net.tls-off", "Whoever stands between may read and change what is sent.".to_owned()))
        }
        ("HUSKY" | "LEFTHOOK" | "SIMPLE_GIT_HOOKS", "0")
        | ("HUSKY_SKIP_HOOKS" | "SKIP_HOOKS" | "OVERCOMMIT_DISABLE" | "SKIP_SIMPLE_GIT_HOOKS", "1") => {
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
            let place = path.strip_prefix("/dev/tcp/").or_else(|| path.strip_prefix("/dev/udp/"));
            // A redirection in the text that the shell is given is that text's.
            place.is_some_and(|place| !["localhost/", "127.", "::1/"].iter().any(|own| place.starts_with(own)))
                && file.context.span == told.command.context.span
                && file.context.via == told.command.context.via
        })
    };
    // A pipe of its own leads what it receives back into a shell.
    let goes_round = || {
        script.commands.iter().any(|other| other.name == "mkfifo" || other.name == "mknod")
            && script
                .commands
                .iter()
                .any(|other| is_shell(&other.name) && (Told::of(other).flag("i", &[]) || is_fed(other)))
    };
    match told.name {
        "nc" | "ncat" | "netcat" => {
            told.value(&["-e", "-c", "--exec", "--sh-exec"]).is_some_and(is_shell)
                || goes_round()
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
        "openssl" => told.args.first().is_some_and(|verb| verb == "s_client") && goes_round(),
        "exec" => to_network(),
        "telnet" => {
            told.command.stdin.is_some()
                && script.commands.iter().any(|other| is_shell(&other.name) && other.stdin.is_some())
        }
        name if is_shell(name) => to_network(),
        _ => false,
    }
}

/// A shell that reads its commands from what it is fed.
fn is_fed(command: &Simple) -> bool {
    command.stdin.is_some() && Told::of(command).args.iter().all(|arg| arg.starts_with('-') && arg != "-c")
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
        "eval" | "source" | "." => told.command.words.get(1),
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
    let is_file = text.content().is_some();
    !sets_up && !text.is_remote() && !is_file && told.command.context.site == Site::Local
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

/// A program of the machine whose place is given by wildcards, `/b?n/c?t`: not a version (`/usr/bin/python3.*`), nor a folder on
/// the way (`/usr/lib/jvm/*/bin/java`).
fn is_made_of_wildcards(command: &Simple, text: &str) -> bool {
    const WILD: [char; 3] = ['?', '*', '['];
    let own = text.get(command.context.span.clone()).unwrap_or_default();
    let place = own.split_whitespace().next().unwrap_or_default();
    let Some((folder, name)) = place.strip_prefix('/').and_then(|path| path.rsplit_once('/')) else { return false };
    let is_path = place.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/?*[]-_.".contains(&byte));
    let stem = name.trim_end_matches(|c: char| WILD.contains(&c) || c.is_ascii_digit() || "].-".contains(c));
    let first = folder.split('/').next().unwrap_or_default();
    is_path && (first.contains(WILD) || stem.contains(WILD)) && command.context.site == Site::Local
}

/// Words that stand together in the text, and part only by what a shell makes of it: `cat${IFS}x`, `{cat,x}`.
fn is_spaced_out(command: &Simple, text: &str) -> bool {
    let own = text.get(command.context.span.clone()).unwrap_or_default();
    let has_separator = own.contains('$')
        && ["${IFS", "$IFS"].iter().any(|separator| {
            own.match_indices(separator).any(|(at, _)| {
                let rest = own[at + separator.len()..].trim_start_matches('}');
                own[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-')
                    && rest.starts_with(|c: char| c.is_ascii_alphanumeric() || "/-.~$".contains(c))
            })
        });
    let is_braced = own.strip_prefix('{').is_some_and(|rest| {
        let name = rest.split(',').next().unwrap_or_default();
        rest.contains(',') && !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '/')
    });
    command.context.site == Site::Local && (has_separator || is_braced)
}

/// Words that stand together in the text, and part only because another separator was set.
fn is_split_apart(command: &Simple, script: &Script, text: &str) -> bool {
    let sets = |assigned: &str| {
        let value = assigned.strip_prefix("IFS=").unwrap_or_default().trim_matches(['"', '\'', '$']);
        !value.is_empty() && !value.contains(['\\', ' ', '\n', '\t'])
    };
    let name = command.name.as_str();
    let stands_alone = || {
        text.match_indices(name).any(|(at, _)| {
            let rest = &text[at + name.len()..];
            rest.is_empty() || rest.starts_with(|c: char| c.is_whitespace() || ";|&)\"'`".contains(c))
        })
    };
    command.words.len() > 1
        && !name.is_empty()
        && script.assigned.iter().any(|(assigned, _)| sets(assigned))
        && !stands_alone()
}

/// PowerShell that is given its program in base64.
fn is_encoded(told: &Told<'_>) -> bool {
    let is_option = |arg: &String| {
        let lower = arg.to_ascii_lowercase();
        lower.len() > 1 && ("-encodedcommand".starts_with(&lower) || lower == "-ec")
    };
    matches!(told.name, "pwsh" | "powershell") && told.args.iter().any(is_option)
}

/// The name of the command is what filters make of some letters.
fn is_worked_out(command: &Simple, script: &Script) -> bool {
    const FILTERS: &[&str] = &["tr", "rev", "sed", "cut", "awk", "xxd", "fold", "base64", "od", "printf", "column"];
    // A substitution that is the first word begins where the command begins.
    let first = |other: &Simple| {
        let (own, inner) = (&command.context.span, &other.context.span);
        own.start < inner.start && inner.end <= own.end
    };
    let is_name = command.words.first().is_some_and(Word::is_opaque) && command.name.is_empty();
    let inner = || script.commands.iter().filter(|other| first(other));
    is_name
        && inner().any(|other| FILTERS.contains(&other.name.as_str()))
        && inner().map(|other| other.context.span.start).min().is_some_and(|at| at <= command.context.span.start + 3)
}

/// A variable was given what a decoder makes, and then something runs that only the time of running tells.
fn keeps_what_is_decoded(script: &Script, command: &Simple) -> bool {
    let decoders = script.commands.iter().filter(|other| decodes(&Told::of(other)));
    let kept = |decoder: &Simple| {
        let (inner, at) = (&decoder.context.span, command.context.span.start);
        script.assigned.iter().any(|(_, context)| {
            context.span.start <= inner.start && inner.end <= context.span.end && context.span.end <= at
        })
    };
    decoders.into_iter().any(kept)
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
        "jq" | "perl" | "python3" | "python" | "ruby" | "node" | "php" | "gojq" => {
            told.args.iter().any(|arg| code::decodes(arg))
        }
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
        let is_inside = command.context.span != *decoder_span;
        let takes = (has_unknown || is_inside)
            && holds
            && (told.name == "eval"
                || is_shell(told.name) && told.flag("c", &[])
                || told.name == "source"
                || told.name == ".");
        let is_command = holds && at != first && command.words.first().is_some_and(Word::is_opaque);
        // Decoded into a file, and that is run.
        let into = script.writes.iter().filter(|write| write.context.span == *decoder_span).map(|write| &write.target);
        let operand = || command.words.iter().skip(1).find(|word| !word.prefix().starts_with('-'));
        let is_file = at > first
            && into.into_iter().filter(|file| !file.is_empty() && !file.guess().starts_with("/dev/")).any(|file| {
                let is_run = is_interpreter(told.name) && operand() == Some(file);
                is_run || command.words.first().is_some_and(|name| is_same_file(name, file))
            });
        let is_filled = at > first
            && has_unknown
            && is_shell(told.name)
            && told.flag("c", &[])
            && command.context.via.iter().any(|wrapper| matches!(wrapper.as_str(), "xargs" | "gxargs" | "parallel"));
        if reads || takes || is_command || is_file || is_filled {
            out.push(command);
        }
    }
    out
}

/// `./x` runs what was written to `x`.
fn is_same_file(name: &Word, file: &Word) -> bool {
    name == file
        || name.literal().zip(file.literal()).is_some_and(|(name, file)| name.strip_prefix("./") == Some(&file))
}
