//! What is downloaded and then run: followed through moves, copies and unpacking.

use super::Told;
use super::exec::is_interpreter;
use crate::Scope;
use crate::effect::{Proof, Target};
use crate::shell::{Context, Options, Script, Simple, Site, Word};

/// What lies somewhere because it was downloaded.
#[derive(Debug, PartialEq)]
enum Place {
    /// A file.
    File(String),
    /// All below a folder.
    Folder(String),
    /// What was unpacked into a folder that holds other things too: names in it that begin like the archive's.
    Like(String),
}

impl Place {
    fn holds(&self, path: &str) -> bool {
        match self {
            Self::File(file) => path == file,
            Self::Folder(folder) => crate::path::is_below(path, folder),
            Self::Like(start) => path.starts_with(start.as_str()),
        }
    }
}

/// Commands that run what commands before them downloaded.
pub(super) fn downloaded_runs<'s>(script: &'s Script, scope: &Scope) -> Vec<&'s Simple> {
    let mut places: Vec<Place> = Vec::new();
    let mut out = Vec::new();
    for command in script.commands.iter().filter(|command| command.context.site == Site::Local) {
        let told = Told::of(command);
        if !places.is_empty() {
            if runs_one(&told, script, scope, &places) {
                out.push(command);
                continue;
            }
            moved(&told, scope, &mut places);
        }
        let saved = saved_by(&told, script);
        places.extend(saved.iter().filter_map(|word| path_of(word, &command.context, scope)).map(Place::File));
        for snippet in script.snippets.iter().filter(|snippet| snippet.context.span == command.context.span) {
            let files = crate::code::fetched_files(snippet, scope);
            places.extend(files.iter().filter_map(|word| path_of(word, &snippet.context, scope)).map(Place::File));
        }
        places.extend(unpacked_stream(&told, script, scope));
        places.extend(cloned(&told, scope));
    }
    out
}

fn path_of(word: &Word, context: &Context, scope: &Scope) -> Option<String> {
    Target::of(word, context, scope, Proof::Likely).path
}

fn runs_one(told: &Told<'_>, script: &Script, scope: &Scope, places: &[Place]) -> bool {
    let command = told.command;
    let is_one = |word: &Word| {
        path_of(word, &command.context, scope).is_some_and(|path| places.iter().any(|place| place.holds(&path)))
    };
    let by_variable = command.words.first().filter(|word| word.literal().is_none());
    let builds = || {
        let cwd = command.context.cwd.as_deref().unwrap_or_default();
        matches!(told.name, "make" | "install" | "cargo" | "npm" | "pip" | "pip3")
            && places.iter().any(|place| !matches!(place, Place::File(_)) && place.holds(cwd))
            && (told.name != "npm" && told.name != "cargo" || told.has(&["install", "run"]))
    };
    // Opening is looking, and a bottle has a name of its own.
    let runs = !matches!(told.name, "brew" | "open");
    runs && run_by(told, script).iter().any(is_one) || by_variable.is_some_and(is_one) || builds()
}

/// Follows what was downloaded to where it is moved, copied or unpacked.
fn moved(told: &Told<'_>, scope: &Scope, places: &mut Vec<Place>) {
    let command = told.command;
    let path = |word: &Word| path_of(word, &command.context, scope);
    match told.name {
        "mv" | "cp" | "ln" | "install" | "gmv" | "gcp" => {
            let options = Options::taking(&command.words, "tSgmo", &["target-directory", "mode", "owner", "group"]);
            let (into, from) = match (options.value(&["t", "target-directory"]), options.operands.as_slice()) {
                (Some(folder), from) => (folder.clone(), from),
                (None, [from @ .., to]) => (to.clone(), from),
                (None, []) => return,
            };
            let Some(to) = path(&into) else { return };
            for from in from.iter().filter_map(path) {
                if places.iter().any(|place| place.holds(&from)) {
                    let name = from.rsplit('/').next().unwrap_or_default();
                    places.push(Place::File(format!("{to}/{name}")));
                    places.push(Place::File(to.clone()));
                }
            }
        }
        "tar" | "gtar" | "bsdtar" | "unzip" | "7z" | "unrar" => {
            let is_listing = told.args.first().is_some_and(|arg| arg.trim_start_matches('-').starts_with('t'));
            let archive = command
                .words
                .iter()
                .skip(1)
                .filter_map(path)
                .find(|path| places.iter().any(|place| matches!(place, Place::File(file) if file == path)));
            if let Some(archive) = archive.filter(|_| !is_listing) {
                places.extend(unpacked(told, scope, &archive));
            }
        }
        "gunzip" | "bunzip2" | "unxz" | "gzip" | "xz" | "bzip2" | "zstd" => {
            let named = command.words.iter().skip(1).filter_map(path);
            for file in named.collect::<Vec<_>>() {
                if places.iter().any(|place| place.holds(&file))
                    && let Some((plain, _)) = file.rsplit_once('.')
                {
                    places.push(Place::File(plain.to_owned()));
                }
            }
        }
        _ => {}
    }
}

/// Files that a command moves, copies or unpacks: from where, to where.
pub(super) fn carried(told: &Told<'_>, scope: &Scope) -> Vec<(String, String)> {
    let command = told.command;
    let known = |word: &Word| path_of(word, &command.context, scope).filter(|path| crate::path::is_known(path));
    match told.name {
        "mv" | "cp" => {
            let options = Options::taking(&command.words, "tS", &["target-directory", "suffix"]);
            let [from, to] = options.operands.as_slice() else { return Vec::new() };
            let Some((from, at)) = known(from).zip(known(to)) else { return Vec::new() };
            let into = to.guess().ends_with('/') || to.is(".") || to.is("..");
            let name = from.rsplit('/').next().unwrap_or_default();
            let to = if into { format!("{}/{name}", at.trim_end_matches('/')) } else { at };
            vec![(from, to)]
        }
        "tar" | "bsdtar" | "unzip" => {
            let is_archive = |path: &String| {
                [".tar", ".tgz", ".gz", ".xz", ".bz2", ".zst", ".zip"].iter().any(|end| path.ends_with(end))
            };
            let Some(archive) = command.words.iter().skip(1).filter_map(known).find(is_archive) else {
                return Vec::new();
            };
            match unpacked(told, scope, &archive) {
                Some(Place::Folder(folder)) => vec![(archive, format!("{folder}/"))],
                _ => Vec::new(),
            }
        }
        _ => Vec::new(),
    }
}

/// Where the contents of an archive lie: below the folder that is named, or beside other things in the one where it runs.
fn unpacked(told: &Told<'_>, scope: &Scope, archive: &str) -> Option<Place> {
    let folder = told.value(&["-C", "--directory", "-d"]).map(Word::text);
    let at = path_of(&folder.clone().unwrap_or_else(|| Word::text(".")), &told.command.context, scope)?;
    let is_own = folder.is_some() && told.command.context.cwd.as_deref() != Some(at.as_str());
    if is_own {
        return Some(Place::Folder(at));
    }
    let name = archive.rsplit('/').next().unwrap_or_default();
    let stem = name.split(['.', '-', '_']).next().filter(|stem| !stem.is_empty())?;
    Some(Place::Like(format!("{}/{stem}", at.trim_end_matches('/'))))
}

/// A stream from elsewhere, unpacked as it comes.
fn unpacked_stream(told: &Told<'_>, script: &Script, scope: &Scope) -> Option<Place> {
    let is_stream = matches!(told.name, "tar" | "gtar" | "bsdtar")
        && told.command.stdin.as_ref().is_some_and(Word::is_remote)
        && !told.args.first().is_some_and(|arg| arg.trim_start_matches('-').starts_with('t'));
    let address = || {
        let fetched = script.commands.iter().filter(|other| matches!(other.name.as_str(), "curl" | "wget"));
        fetched.flat_map(|other| other.arguments()).rfind(|arg| arg.contains("://")).cloned()
    };
    if is_stream { unpacked(told, scope, address()?.split(['?', '#']).next()?) } else { None }
}

/// The folder of its own into which a stream is unpacked, with a slash at its end.
pub(super) fn unpacked_here(told: &Told<'_>, script: &Script, scope: &Scope) -> Option<String> {
    match unpacked_stream(told, script, scope)? {
        Place::Folder(folder) => Some(format!("{folder}/")),
        Place::File(_) | Place::Like(_) => None,
    }
}

/// The folder of a repository that was cloned.
fn cloned(told: &Told<'_>, scope: &Scope) -> Option<Place> {
    let verbs = told.verbs(&["-C", "-c", "-b", "--branch", "--depth"]);
    if told.name != "git" || verbs.first() != Some(&"clone") {
        return None;
    }
    let by_address = || verbs.get(1)?.rsplit('/').next().map(|name| name.trim_end_matches(".git"));
    let folder = verbs.get(2).copied().or_else(by_address)?;
    path_of(&Word::text(folder), &told.command.context, scope).map(Place::Folder)
}

/// Files that curl, wget or a stream from elsewhere into tar leave behind.
pub(super) fn saved_by(told: &Told<'_>, script: &Script) -> Vec<Word> {
    let address = || told.args.iter().find(|arg| arg.contains("://")).map(String::as_str).unwrap_or_default();
    let name =
        |url: &str| Word::text(url.split(['?', '#']).next().unwrap_or_default().rsplit('/').next().unwrap_or_default());
    let own = |taking, names: &[&str]| Options::of(&told.command.words, taking).value(names).cloned();
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
        "Invoke-WebRequest" | "iwr" | "Invoke-RestMethod" | "irm" | "Start-BitsTransfer" => {
            let is_out = |arg: &String| {
                let lower = arg.to_ascii_lowercase();
                lower.len() > 1 && ("-outfile".starts_with(&lower) || "-destination".starts_with(&lower))
            };
            let at = told.args.iter().position(is_out);
            at.and_then(|at| told.command.words.get(at + 2)).cloned().into_iter().collect()
        }
        _ => fetched_by(told),
    }
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
            let folder = told.value(&["-d", "--dir"]).map(|folder| format!("{folder}/")).unwrap_or_default();
            let file = told.value(&["-o", "--out", "--output"]);
            file.map(|file| Word::text(format!("{folder}{file}"))).into_iter().collect()
        }
        ("gh", ["release" | "run", "download", ..]) => {
            let folder = told.value(&["-D", "--dir"]).unwrap_or(".");
            told.value(&["-O", "--output", "-p", "--pattern"])
                .map(|name| Word::text(format!("{folder}/{name}")))
                .into_iter()
                .collect()
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
pub(super) fn run_by(told: &Told<'_>, script: &Script) -> Vec<Word> {
    let (command, mut out) = (told.command, Vec::new());
    if only_checks(told) {
        return out;
    }
    if matches!(told.name, "pwsh" | "powershell") {
        let is_file = |arg: &String| arg.len() > 1 && "-file".starts_with(&arg.to_ascii_lowercase());
        let at = told.args.iter().position(is_file);
        return at.and_then(|at| command.words.get(at + 2)).cloned().into_iter().collect();
    }
    if let Some(name) = command.words.first().filter(|name| name.prefix().contains('/')) {
        out.push(name.clone());
    }
    let operand = || command.words.iter().skip(1).find(|word| !word.prefix().starts_with('-')).cloned();
    let operands = || command.words.iter().skip(1).filter(|word| !word.prefix().starts_with('-')).cloned();
    if is_interpreter(told.name) {
        out.extend(operand());
        let given = script.reads.iter().filter(|read| read.context.span == command.context.span);
        out.extend(given.map(|read| read.target.clone()));
    }
    match told.name {
        "java" => {
            let jar = command.words.iter().position(|word| word.is("-jar")).and_then(|at| command.words.get(at + 1));
            out.extend(jar.cloned().map_or_else(|| operands().collect(), |jar| vec![jar]));
        }
        "dpkg" | "rpm" | "installer" | "msiexec" | "open" => out.extend(operands()),
        "apt" | "apt-get" | "yum" | "dnf" | "pip" | "pip3" | "npm" | "pnpm" | "yarn" | "uv" | "brew" | "snap"
            if told.has(&["install", "add", "localinstall"]) =>
        {
            out.extend(operands().filter(|word| word.guess().contains(['/', '.'])));
        }
        _ => {}
    }
    out
}

/// An interpreter that is only to say whether a file can be read.
fn only_checks(told: &Told<'_>) -> bool {
    match told.name {
        "bash" | "sh" | "zsh" | "dash" | "ksh" => told.args.first().is_some_and(|arg| arg == "-n"),
        "node" => told.flag("", &["check"]),
        "perl" | "ruby" => told.args.first().is_some_and(|arg| matches!(arg.as_str(), "-c" | "-wc" | "-cw")),
        "php" => told.flag("l", &[]),
        "python" | "python3" => told.args.first().is_some_and(|arg| arg == "-m"),
        _ => false,
    }
}
