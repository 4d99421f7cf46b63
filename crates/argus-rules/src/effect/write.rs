//! Commands that write files, and which.
//!
//! Three ways to know: programs whose operands are destinations; options that name an output in nearly every program
//! (`--output`, `--outfile`); and programs that write where they stand (`git commit`, `tar x`), for which the folder is
//! the target. Destinations on other machines are none of ours.

use crate::shell::{CURL, Options, Simple, WGET, Word};

/// What a command writes.
pub(super) fn targets(command: &Simple) -> Vec<Word> {
    let words = &command.words;
    if words[1..]
        .iter()
        .any(|word| word.literal().is_some_and(|text| matches!(&*text, "--help" | "--version" | "--dry-run")))
    {
        return Vec::new();
    }
    let all = |short: &str, long: &[&str]| Options::taking(words, short, long).operands;
    match command.name.as_str() {
        "tee" | "sponge" => all("", &[]),
        "touch" => all("drt", &["date", "reference", "time"]),
        "mkdir" => all("mZ", &["mode"]),
        "truncate" | "shred" => all("sron", &["size", "reference", "iterations"]),
        "cp" | "mv" | "gcp" | "gmv" | "ditto" | "ln" => destination(words, "tS", &["target-directory", "suffix"]),
        "install" | "ginstall" => installed(words),
        "rsync" | "scp" | "sftp" => transferred(words),
        "dd" => {
            words.iter().filter(|word| word.prefix().starts_with("of=")).map(|word| word.without_prefix(3)).collect()
        }
        "sed" | "gsed" => edited_by_sed(words),
        "perl" | "ruby" => edited_in_place(words),
        "patch" => patched(words),
        "curl" => downloaded_by_curl(words),
        "wget" | "wget2" => downloaded_by_wget(words),
        "tar" | "gtar" | "bsdtar" => packed_by_tar(words),
        "unzip" => {
            let options = Options::taking(words, "dxP", &[]);
            let only_looks = options.has("ltpvz", &[]);
            if only_looks { Vec::new() } else { vec![options.value(&["d"]).cloned().unwrap_or_else(here)] }
        }
        "zip" | "gzip" | "bzip2" | "xz" | "zstd" | "gunzip" => {
            let options = Options::taking(words, "nbtixo", &[]);
            let only_looks = options.has("lct", &["stdout", "to-stdout", "list", "test"]);
            if only_looks { Vec::new() } else { options.operands.into_iter().take(1).collect() }
        }
        "git" => written_by_git(words),
        "pg_dump" | "pg_dumpall" => value_of(words, "f", &["file"]),
        "mysqldump" | "mariadb-dump" => value_of(words, "r", &["result-file"]),
        "cpio" => value_of(words, "D", &["directory"]),
        "7z" | "7za" | "7zz" => {
            words.iter().filter(|word| word.prefix().starts_with("-o")).map(|word| word.without_prefix(2)).collect()
        }
        "ffmpeg" | "convert" | "magick" | "sox" => {
            words[1..].last().filter(|_| words.len() > 2).cloned().into_iter().collect()
        }
        "sqlite3" | "litecli" => told_to_a_store(words),
        "Set-Content" | "Add-Content" | "Out-File" | "New-Item" | "Copy-Item" | "Move-Item" | "Clear-Content" => {
            by_powershell(words)
        }
        name => by_options(name, words),
    }
}

/// `.output FILE` and its like, which SQLite's own shell does.
fn told_to_a_store(words: &[Word]) -> Vec<Word> {
    let orders = words[1..].iter().filter_map(Word::literal).filter_map(|text| {
        let (order, file) = text.trim().split_once(' ')?;
        let writes = matches!(order, ".output" | ".once" | ".backup" | ".save" | ".dump" | ".log" | ".clone");
        (writes && order != ".dump").then(|| Word::text(file.trim().trim_matches(['"', '\''])))
    });
    orders.collect()
}

/// The file that an option names, else the first operand, or the last of two.
fn by_powershell(words: &[Word]) -> Vec<Word> {
    let option = |word: &Word| {
        let text = word.guess().to_ascii_lowercase();
        text.len() > 2
            && ["-destination", "-filepath", "-literalpath", "-path"].iter().any(|name| name.starts_with(&text))
    };
    let named = words.iter().rposition(option).and_then(|at| words.get(at + 1)).cloned();
    let operands: Vec<&Word> = words[1..].iter().take_while(|word| !word.prefix().starts_with('-')).collect();
    let goes = words[0].guess().to_ascii_lowercase();
    let at = usize::from(goes.starts_with("copy") || goes.starts_with("move"));
    named.or_else(|| operands.get(at).map(|word| (*word).clone())).into_iter().collect()
}

fn here() -> Word {
    Word::text(".")
}

fn value_of(words: &[Word], short: &str, long: &[&str]) -> Vec<Word> {
    let options = Options::taking(words, short, long);
    let names: Vec<&str> = [short].into_iter().chain(long.iter().copied()).collect();
    options.value(&names).cloned().into_iter().collect()
}

/// The last operand of several, or the folder that an option names.
fn destination(words: &[Word], short: &str, long: &[&str]) -> Vec<Word> {
    let options = Options::taking(words, short, long);
    if let Some(folder) = options.value(&["t", "target-directory"]) {
        return vec![folder.clone()];
    }
    match options.operands.as_slice() {
        [_, .., last] => vec![last.clone()],
        _ => Vec::new(),
    }
}

fn installed(words: &[Word]) -> Vec<Word> {
    let options = Options::taking(words, "gmotS", &["group", "mode", "owner", "target-directory", "suffix"]);
    if options.has("d", &["directory"]) {
        return options.operands;
    }
    destination(words, "gmotS", &["group", "mode", "owner", "target-directory", "suffix"])
}

fn transferred(words: &[Word]) -> Vec<Word> {
    let options = Options::taking(
        words,
        "efBMcFiJloPS",
        &["rsh", "exclude", "include", "filter", "files-from", "log-file", "chmod"],
    );
    if options.has("n", &["list-only"]) {
        return Vec::new();
    }
    options.operands.get(1..).and_then(<[Word]>::last).filter(|last| is_local(last)).cloned().into_iter().collect()
}

/// `host:path` and `s3://…` are not here.
fn is_local(word: &Word) -> bool {
    let text = word.guess();
    match text.find(':') {
        Some(1) => true,
        Some(at) => text[..at].contains('/'),
        None => text != "-",
    }
}

fn edited_by_sed(words: &[Word]) -> Vec<Word> {
    let is_in_place = words[1..].iter().any(|word| {
        let text = word.prefix();
        text.starts_with("--in-place")
            || text.starts_with('-') && !text.starts_with("--") && {
                let letters = text[1..].trim_start_matches(['n', 'E', 'r', 's', 'u', 'z']);
                letters.starts_with('i') || letters.starts_with('I')
            }
    });
    if !is_in_place {
        return Vec::new();
    }
    let options = Options::taking(words, "efl", &["expression", "file"]);
    let has_script = options.value(&["e", "f", "expression", "file"]).is_some();
    let files = options.operands.into_iter().filter(|word| !word.is_empty());
    files.skip(usize::from(!has_script)).collect()
}

fn edited_in_place(words: &[Word]) -> Vec<Word> {
    let options = Options::taking(words, "eEIMmr", &[]);
    let is_in_place = options.has("i", &[]) && options.value(&["e", "E"]).is_some();
    if is_in_place { options.operands } else { Vec::new() }
}

fn patched(words: &[Word]) -> Vec<Word> {
    let options = Options::taking(words, "pdioBDFgrVYz", &["directory", "strip", "input", "output"]);
    match (options.value(&["d", "directory"]), options.operands.first()) {
        (Some(folder), _) => vec![folder.clone()],
        (None, Some(file)) => vec![file.clone()],
        (None, None) => vec![here()],
    }
}

fn downloaded_by_curl(words: &[Word]) -> Vec<Word> {
    let options = Options::of(words, CURL);
    let folder = options.value(&["output-dir"]).cloned();
    match options.value(&["o", "output"]) {
        Some(file) if file.is("-") => Vec::new(),
        Some(file) => match folder {
            Some(mut folder) => {
                folder.push_text("/");
                folder.append(file);
                vec![folder]
            }
            None => vec![file.clone()],
        },
        None if options.has("O", &["remote-name", "remote-name-all"]) => vec![folder.unwrap_or_else(here)],
        None => Vec::new(),
    }
}

fn downloaded_by_wget(words: &[Word]) -> Vec<Word> {
    let options = Options::of(words, WGET);
    if options.has("", &["spider"]) {
        return Vec::new();
    }
    let file = options.value(&["O", "output-document"]);
    match (file, options.value(&["P", "directory-prefix"])) {
        (Some(file), _) if file.is("-") => Vec::new(),
        (Some(file), _) => vec![file.clone()],
        (None, Some(folder)) => vec![folder.clone()],
        (None, None) => vec![here()],
    }
}

fn packed_by_tar(words: &[Word]) -> Vec<Word> {
    let letters = words.get(1).map(Word::guess).unwrap_or_default();
    let mut words = words.to_vec();
    if !letters.starts_with('-') && !letters.is_empty() {
        words[1] = Word::text(format!("-{letters}"));
    }
    let options = Options::taking(
        &words,
        "fCTXbIK",
        &["file", "directory", "files-from", "exclude", "exclude-from", "transform"],
    );
    if options.has("x", &["extract", "get"]) {
        let to_stdout = options.has("O", &["to-stdout"]);
        return if to_stdout {
            Vec::new()
        } else {
            vec![options.value(&["C", "directory"]).cloned().unwrap_or_else(here)]
        };
    }
    if !options.has("cru", &["create", "append", "update"]) {
        return Vec::new();
    }
    options.value(&["f", "file"]).filter(|file| !file.is("-") && is_local(file)).cloned().into_iter().collect()
}

/// Verbs of git that change the working tree or the repository.
const CHANGES: &[&str] = &[
    "add",
    "am",
    "apply",
    "bisect",
    "checkout",
    "cherry-pick",
    "clean",
    "commit",
    "gc",
    "merge",
    "mv",
    "notes",
    "pull",
    "rebase",
    "reset",
    "restore",
    "revert",
    "rm",
    "stash",
    "switch",
    "update-ref",
    "filter-branch",
    "filter-repo",
    "submodule",
];
const LOOKS: &[&str] = &["list", "show", "--check", "--stat", "-n", "--abort", "status", "summary"];

fn written_by_git(words: &[Word]) -> Vec<Word> {
    let options = Options::stopping(words, "Cc", &["git-dir", "work-tree", "namespace", "exec-path"]);
    let mut operands = options.operands.iter();
    let Some(verb) = operands.next().map(Word::guess) else { return Vec::new() };
    let folder = || options.value(&["C", "work-tree"]).cloned().unwrap_or_else(here);
    let rest: Vec<Word> = operands.cloned().collect();
    match verb.as_str() {
        "clone" => {
            let all: Vec<Word> = std::iter::once(Word::text("clone")).chain(rest).collect();
            let own = Options::taking(
                &all,
                "obucj",
                &["branch", "depth", "origin", "config", "reference", "filter", "jobs", "template"],
            );
            match own.operands.as_slice() {
                [_, to, ..] => vec![to.clone()],
                [_] => vec![folder()],
                [] => Vec::new(),
            }
        }
        "init" => rest.into_iter().rfind(|word| !word.prefix().starts_with('-')).into_iter().collect(),
        "archive" | "format-patch" | "diff" | "log" => {
            let all: Vec<Word> = std::iter::once(Word::text("x")).chain(rest).collect();
            Options::taking(&all, "o", &["output", "output-directory"])
                .value(&["o", "output", "output-directory"])
                .cloned()
                .into_iter()
                .collect()
        }
        verb if CHANGES.contains(&verb) && !rest.iter().any(|word| LOOKS.iter().any(|look| word.is(look))) => {
            vec![folder()]
        }
        _ => Vec::new(),
    }
}

/// Long options that name an output in nearly every program.
const OUTPUTS: &[&str] = &[
    "output",
    "out",
    "outfile",
    "output-file",
    "out-file",
    "output-dir",
    "out-dir",
    "outdir",
    "outDir",
    "outFile",
    "output-path",
    "dest",
    "destination",
    "save-to",
    "result-file",
    "report-file",
    "log-file",
    "target-dir",
    "o",
    "export-path",
];
/// Options that change files where they lie.
const IN_PLACE: &[&str] = &["--write", "--in-place", "--inplace", "--fix", "--overwrite"];
/// Programs whose `-o` is no file, or whose output option is a format.
const OTHER_OUTPUT: &[&str] = &[
    "ps",
    "ls",
    "grep",
    "rg",
    "ssh",
    "kubectl",
    "oc",
    "find",
    "mount",
    "set",
    "az",
    "aws",
    "gcloud",
    "lsblk",
    "journalctl",
    "helm",
    "stat",
    "bash",
    "sh",
    "zsh",
    "sshfs",
    "column",
    "findmnt",
    "ip",
    "su",
    "sudo",
    "docker",
];

fn by_options(name: &str, words: &[Word]) -> Vec<Word> {
    let mut out = Vec::new();
    if !OTHER_OUTPUT.contains(&name) {
        let is_long = |word: &Word| word.prefix().starts_with("--");
        let options = words.iter().any(is_long).then(|| Options::taking(words, "", OUTPUTS));
        let leads_away = |word: &&Word| {
            let text = word.guess();
            text.starts_with(['/', '~']) || text.starts_with("../") || text.contains("/../")
        };
        let values = options.into_iter().flat_map(|options| options.values);
        out.extend(values.filter(|(name, _)| OUTPUTS.contains(&name.as_str())).map(|(_, value)| value));
        let is_short = |word: &Word| word.prefix().starts_with("-o") && (word.is("-o") || word.is("-out"));
        let dash = words.iter().position(is_short);
        out.extend(dash.and_then(|at| words.get(at + 1)).filter(leads_away).cloned());
    }
    let is_in_place = words
        .iter()
        .filter(|word| word.prefix().starts_with("--"))
        .any(|word| IN_PLACE.iter().any(|option| word.is(option)))
        || ["gofmt", "goimports", "shfmt", "yq", "gawk"].contains(&name)
            && words.iter().any(|word| word.is("-w") || word.is("-i"));
    if is_in_place {
        out.extend(
            words[1..]
                .iter()
                .filter(|word| !word.prefix().starts_with(['-', '.']) || word.prefix().starts_with(".."))
                .cloned(),
        );
    }
    // `docker cp`, `kubectl cp`, `aws s3 cp`: the last operand, if it is here.
    if words.len() > 3 && words[1..3].iter().any(|word| word.is("cp") || word.is("s3") || word.is("rsync")) {
        let has_verb = words[1..4].iter().any(|word| word.is("cp") || word.is("sync") || word.is("rsync"));
        out.extend(words.last().filter(|last| has_verb && is_local(last) && !last.prefix().starts_with('-')).cloned());
    }
    out
}
