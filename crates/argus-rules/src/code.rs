//! Code for interpreters that are no shell: what it calls that rules care about.
//!
//! The code is not parsed; calls are found by name in any language, and their arguments worked out as far as they are
//! literals, well-known places (the home folder, a temporary one) or names given a literal earlier. Text in strings
//! is data unless it is the argument of a call that runs, deletes or writes.

mod awk;
mod call;
mod fetch;
mod machine;
mod turns;

use crate::Scope;
use crate::effect::{Kind, Proof, Target, Where, known, opens_to_all};
use crate::path::{self, Place};
use crate::shell::{Piece, Snippet, Word};

use call::{Argument, Call, calls, shell_quotes};

pub(crate) use fetch::files as fetched_files;

/// What code does.
pub(crate) enum Found {
    /// An effect, and the call that has it.
    Effect(Kind, String),
    /// Runs text in a shell.
    Shell(String),
}

/// Calls that run their first argument in a shell, or run a list of words.
const RUNS: &[&str] = &[
    "system",
    "popen",
    "popen2",
    "popen3",
    "exec",
    "execSync",
    "execFile",
    "execFileSync",
    "spawn",
    "spawnSync",
    "shell_exec",
    "passthru",
    "proc_open",
    "run",
    "call",
    "check_call",
    "check_output",
    "Popen",
    "getoutput",
    "getstatusoutput",
    "execute",
    "sh",
    "capture2",
    "capture3",
    "execa",
    "execaCommand",
    "execvp",
    "execlp",
    "script",
    "command",
    "Command",
    "create_subprocess_shell",
    "create_subprocess_exec",
    "capture2e",
    "popen2e",
    "pcntl_exec",
    "execl",
    "execv",
    "execve",
    "spawnl",
    "spawnlp",
    "spawnvp",
    "posix_spawn",
    "system2",
    "cmd",
    "shell",
];
/// Calls that delete a folder with all that is in it.
const DELETES: &[&str] = &[
    "rmtree",
    "remove_tree",
    "rm_rf",
    "rm_r",
    "remove_dir_all",
    "rmSync",
    "rmdirSync",
    "rimraf",
    "removeSync",
    "emptyDirSync",
    "rm",
    "RemoveAll",
    "deleteTree",
];
/// Calls that delete one file; in a loop, many.
const REMOVES: &[&str] = &["remove", "unlink", "unlinkSync", "delete", "rmdir"];
/// Calls that write the file that their first argument names.
const WRITES: &[&str] = &[
    "writeFileSync",
    "writeFile",
    "appendFileSync",
    "appendFile",
    "createWriteStream",
    "file_put_contents",
    "outputFileSync",
    "write_text",
    "write_bytes",
    "makedirs",
    "mkdirSync",
    "mkdir",
    "mkdir_p",
    "touch",
];
/// Calls whose second argument is where they write.
const COPIES: &[&str] = &[
    "copy",
    "copyfile",
    "copy2",
    "copytree",
    "move",
    "copyFileSync",
    "cpSync",
    "renameSync",
    "rename",
    "cp",
    "cp_r",
    "mv",
    "symlink",
];
/// Calls that run code in their own language.
const EVALUATES: &[&str] = &[
    "exec",
    "eval",
    "compile",
    "Function",
    "runInThisContext",
    "runInNewContext",
    "instance_eval",
    "iex",
    "Invoke-Expression",
    "loadstring",
];
const CHANGES_MODE: &[&str] = &["chmod", "chmodSync", "chmod_R", "lchmod"];

/// What a snippet does.
pub(crate) fn effects(snippet: &Snippet, scope: &Scope) -> Vec<Found> {
    let code = snippet.code.guess();
    let mut out = Vec::new();
    of_environment(&code, &mut out);
    machine::of_code(&code, &mut out);
    if snippet.language.starts_with("pwsh") || snippet.language.starts_with("powershell") {
        powershell(&code, &mut out);
    }
    if !code.contains(['(', ' ', '`']) {
        return out;
    }
    if snippet.language.ends_with("awk") {
        out.extend(awk::effects(&code, &snippet.context, scope));
        return out;
    }
    let found = calls(&code, scope);
    for call in &found {
        of_call(call, snippet, scope, &mut out);
        out.extend(machine::of_call(call, &code));
    }
    // What is read here and sent there has left the machine.
    if known::code_gives_away(&code) {
        let rule = |found: &Found| match found {
            Found::Effect(Kind::Known(rule, _), _) => Some(*rule),
            _ => None,
        };
        let is_secret = out.iter().filter_map(rule).any(|rule| matches!(rule, "secret.read" | "secret.read-dotenv"));
        if is_secret {
            let reason = "A secret is sent to somebody else's server.".to_owned();
            out.push(Found::Effect(Kind::Known("secret.exfil", reason), shorten(&code)));
        } else if sends_a_file(&found) {
            let reason = "A file is sent to somebody else's server.".to_owned();
            out.push(Found::Effect(Kind::Known("net.upload", reason), shorten(&code)));
        }
    }
    if fetch::runs(&code, &found) {
        out.push(Found::Effect(Kind::RunRemote, shorten(&code)));
    }
    if ["perl", "ruby", "php", "osascript"].iter().any(|language| snippet.language.starts_with(language)) {
        out.extend(shell_quotes(&code).into_iter().map(Found::Shell));
    }
    out
}

fn of_call(call: &Call, snippet: &Snippet, scope: &Scope, out: &mut Vec<Found>) {
    let name = call.name.as_str();
    let target = |word: &Word, proof| Target::of(word, &snippet.context, scope, proof);
    if RUNS.contains(&name) && !(name == "exec" && snippet.language.starts_with("python")) {
        out.extend(shell_text(call).map(Found::Shell));
    }
    if DELETES.contains(&name) || name == "remove" && call.owner == "Deno" {
        let is_recursive = !["rmSync", "rmdirSync", "rm", "remove"].contains(&name) || call.text.contains("recursive");
        if let Some(word) = call.first_word().filter(|word| is_recursive && word.literal().is_some_or_marked(word)) {
            let target = target(word, Proof::Strict);
            out.extend(in_bulk(&target).map(|kind| Found::Effect(kind, shorten(&call.text))));
            out.push(Found::Effect(Kind::Delete(vec![target]), shorten(&call.text)));
        }
    }
    // `array_map("unlink", glob("…"))`: the name alone is handed on.
    let hands_on = matches!(name, "array_map" | "array_walk" | "map")
        && call.first_word().and_then(|word| word.literal()).is_some_and(|word| REMOVES.contains(&&*word));
    let is_whole = name == "unlink" && call.text.to_ascii_lowercase().contains("recursive");
    if let Some(word) = call.first_word().filter(|_| is_whole) {
        out.extend(in_bulk(&target(word, Proof::Strict)).map(|kind| Found::Effect(kind, shorten(&call.text))));
    }
    if REMOVES.contains(&name) || hands_on {
        let word = call.word(usize::from(hands_on)).or(call.receiver.as_ref());
        let is_many = |word: &&Word| word.pieces().iter().any(|piece| !matches!(piece, Piece::Text(_)));
        if let Some(word) = word.filter(is_many).filter(|word| !word.is_opaque()) {
            out.extend(in_bulk(&target(word, Proof::Strict)).map(|kind| Found::Effect(kind, shorten(&call.text))));
        }
    }
    if CHANGES_MODE.contains(&name) && call.arguments.iter().any(is_open_mode) {
        out.push(Found::Effect(Kind::OpenToAll, shorten(&call.text)));
    }
    let written = match name {
        "open" if snippet.language.starts_with("perl") => {
            return out.extend(
                opened_by_perl(call)
                    .map(|word| Found::Effect(Kind::Write(target(&word, Proof::Likely)), shorten(&call.text))),
            );
        }
        "open" | "fopen" => call.first_word().filter(|_| opens_for_writing(call)),
        "write" if call.owner.ends_with("File") || call.owner.ends_with("IO") => call.first_word(),
        "write_text" | "write_bytes" | "touch" | "mkdir" if call.receiver.is_some() => call.receiver.as_ref(),
        name if WRITES.contains(&name) => call.first_word(),
        name if COPIES.contains(&name) => call.word(1),
        _ => None,
    };
    if let Some(word) = read_by(call, name).filter(|word| !word.is_opaque())
        && let Some((rule, reason)) = known::judge_read(word, &snippet.context, scope)
    {
        out.push(Found::Effect(Kind::Known(rule, reason), shorten(&call.text)));
    }
    if let Some(word) = written.filter(|word| !word.is_opaque()) {
        out.push(Found::Effect(Kind::Write(target(word, Proof::Likely)), shorten(&call.text)));
    }
}

/// `open(F, ">", "x")` and `open(F, ">x")`.
fn opened_by_perl(call: &Call) -> Option<Word> {
    let (at, mode) = call.arguments.iter().enumerate().find_map(|(at, argument)| {
        argument.word().filter(|word| word.prefix().trim_start().starts_with('>')).map(|word| (at, word))
    })?;
    let joined = mode.prefix().trim_start_matches(['>', '+', ' ']);
    if joined.is_empty() || joined.starts_with(':') { call.word(at + 1).cloned() } else { Some(Word::text(joined)) }
}

/// Code that deletes what lies outside of the project deletes it in bulk, without the shell's `rm`.
fn in_bulk(target: &Target) -> Option<Kind> {
    let Where::Here(place) = target.at else { return None };
    let is_lost = matches!(
        place,
        Place::Root | Place::Outside | Place::System | Place::Unproven | Place::Guarded(_) | Place::Device
    );
    is_lost.then(|| Kind::Known("fs.mass-delete", format!("Everything at {} is deleted.", target.shown)))
}

/// What a call reads: the file that its first argument names, or the one that it is asked of.
fn read_by<'c>(call: &'c Call, name: &str) -> Option<&'c Word> {
    match name {
        "open" | "fopen" if !opens_for_writing(call) => call.first_word(),
        "readFileSync" | "readFile" | "createReadStream" | "file_get_contents" | "slurp" | "readlines" | "ReadFile" => {
            call.first_word()
        }
        "read" if call.owner == "File" || call.owner == "IO" => call.first_word(),
        "read_text" | "read_bytes" => call.receiver.as_ref(),
        "dotenv_values" | "load_dotenv" => call.first_word(),
        _ => None,
    }
}

/// A request that holds what a file holds.
fn sends_a_file(found: &[Call]) -> bool {
    const READS: &[&str] =
        &["open(", "read_bytes(", "read_text(", "readFileSync(", "createReadStream(", "File.read(", "File.open("];
    let is_sent = |call: &&Call| matches!(call.name.as_str(), "post" | "put" | "request" | "fetch" | "urlopen");
    let reads = |call: &Call| {
        let is_whole = |at: usize| !call.text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        READS.iter().any(|read| call.text.match_indices(read).any(|(at, _)| is_whole(at)))
    };
    found.iter().filter(is_sent).any(reads)
}

/// Code that shows or sends every variable.
fn of_environment(code: &str, out: &mut Vec<Found>) {
    let whole = [
        "dict(os.environ)",
        "print(os.environ)",
        "json.dumps(os.environ",
        "json=os.environ",
        "data=os.environ",
        "console.log(process.env)",
        "console.log(process.env,",
        "JSON.stringify(process.env)",
        "JSON.stringify(process.env,",
        "ENV.to_h",
        "ENV.inspect",
        "p ENV",
        "print_r($_ENV)",
        "%ENV",
        "in os.environ",
        "os.environ.items()",
        "Object.entries(process.env)",
        "Deno.env.toObject()",
        "System.getenv()",
        "getenv())",
        "in ENVIRON",
    ];
    let alone =
        ["process.env", "os.environ", "ENV", "Deno.env", "Bun.env"].into_iter().find(|name| code.trim() == *name);
    let Some(found) = whole.into_iter().find(|whole| code.contains(*whole)).or(alone) else { return };
    let sends = [
        "requests.post",
        "requests.put",
        "httpx.post",
        "urlopen(",
        "fetch(",
        "axios.post",
        "http.request",
        "https.request",
        "Net::HTTP",
        "socket",
    ];
    let is_here = code.contains("localhost") || code.contains("127.0.0.1");
    let (rule, reason) = if sends.iter().any(|send| code.contains(send)) && !is_here {
        ("secret.exfil", "Every variable is sent to somebody else's server.")
    } else {
        ("secret.env-dump", "Every variable is shown, keys and tokens with them.")
    };
    out.push(Found::Effect(Kind::Known(rule, reason.to_owned()), found.to_owned()));
}

/// The command line that a call runs: its text, or its list of words, quoted.
fn shell_text(call: &Call) -> Option<String> {
    match call.arguments.first()? {
        Argument::List(words) => Some(quoted(words)),
        Argument::Word(first) => match call.arguments.get(1) {
            // `spawn("rm", ["-rf", "/x"])`, and `execvp("rm", ["rm", "-rf", "/x"])`.
            Some(Argument::List(rest)) => {
                let rest = if rest.first() == Some(first) { &rest[1..] } else { rest };
                let words: Vec<Word> = std::iter::once(first.clone()).chain(rest.iter().cloned()).collect();
                Some(quoted(&words))
            }
            Some(Argument::Word(second))
                if !second.is_opaque() && first.literal().is_some_and(|text| !text.contains(' ')) =>
            {
                let words: Vec<Word> = call.arguments.iter().filter_map(Argument::word).cloned().collect();
                Some(quoted(&words))
            }
            _ => first.pieces().iter().any(|piece| matches!(piece, Piece::Text(_))).then(|| first.spell_out()),
        },
        Argument::Other(_) => None,
    }
}

fn quoted(words: &[Word]) -> String {
    words
        .iter()
        .map(|word| match word.literal() {
            Some(text) => format!("'{}'", text.replace('\'', r"'\''")),
            None => format!("\"{}\"", word.spell_out()),
        })
        .collect::<Vec<_>>()
        .join(" ")
}

/// The rights that a call gives, as they are written, and their digits.
fn mode_of(argument: &Argument) -> Option<(String, String)> {
    let text = match argument {
        Argument::Other(text) => text.clone(),
        Argument::Word(word) => word.guess(),
        Argument::List(_) => return None,
    };
    let text = text.trim();
    let digits = text.strip_prefix("0o").or_else(|| text.strip_prefix("0O")).unwrap_or(text);
    Some((text.to_owned(), digits.to_owned()))
}

fn is_open_mode(argument: &Argument) -> bool {
    let Some((text, digits)) = mode_of(argument) else { return false };
    text.contains("S_IWOTH") || text.contains("S_IRWXO") || opens_to_all(&digits)
}

fn opens_for_writing(call: &Call) -> bool {
    let is_mode = |word: &Word| {
        word.literal().is_some_and(|text| {
            !text.is_empty() && text.len() <= 3 && text.starts_with(['w', 'a', 'x', '>'])
                || text == "r+"
                || text == "rb+"
        })
    };
    call.arguments.iter().skip(1).filter_map(Argument::word).any(is_mode)
        || call.text.contains("mode='w")
        || call.text.contains("mode=\"w")
}

fn powershell(code: &str, out: &mut Vec<Found>) {
    let lower = code.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
    let has = |names: &[&str]| names.iter().any(|name| words.contains(name));
    if has(&["iwr", "irm", "curl", "wget", "invoke-webrequest", "invoke-restmethod", "downloadstring"])
        && has(&["iex", "invoke-expression"])
    {
        out.push(Found::Effect(Kind::RunRemote, shorten(code)));
    }
    // Its backslashes part folders, and protect nothing.
    out.push(Found::Shell(code.replace('\\', "/")));
}

fn shorten(text: &str) -> String {
    text.chars().take(400).collect()
}

trait Known {
    fn is_some_or_marked(&self, word: &Word) -> bool;
}

impl Known for Option<std::borrow::Cow<'_, str>> {
    /// True where the whole is known, or its beginning is; a bare name that nothing explains proves nothing either way.
    fn is_some_or_marked(&self, word: &Word) -> bool {
        self.is_some() || !word.prefix().is_empty() || path::spell(word).starts_with('/')
    }
}
