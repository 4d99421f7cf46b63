//! Credentials: commands that read them, print them, or list the environment in which they stand.

use super::{Broken, Told};
use crate::Scope;
use crate::effect::{Proof, Target};
use crate::names::Names;
use crate::path::{ANY, below, normalise};
use crate::shell::{CURL, Context, Options, Word};

/// Files below a home folder that hold credentials; one that ends in a slash with all below it.
const AT_HOME: &[&str] = &[
    ".aws/credentials",
    ".netrc",
    "_netrc",
    ".kube/config",
    ".docker/config.json",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".config/git/credentials",
    ".pgpass",
    ".my.cnf",
    ".gnupg/",
    ".config/gcloud/credentials.db",
    ".config/gcloud/application_default_credentials.json",
    ".config/gcloud/legacy_credentials/",
    ".config/gcloud/access_tokens.db",
    ".azure/accessTokens.json",
    ".azure/msal_token_cache.json",
    ".config/gh/hosts.yml",
    ".config/glab-cli/config.yml",
    ".config/hub",
    ".cargo/credentials",
    ".cargo/credentials.toml",
    ".gem/credentials",
    ".m2/settings-security.xml",
    ".terraform.d/credentials.tfrc.json",
    ".vault-token",
    ".config/op/",
    ".password-store/",
    ".local/share/keyrings/",
    "Library/Keychains/",
    ".claude/.credentials.json",
    ".config/rclone/rclone.conf",
    ".boto",
    ".s3cfg",
    ".databrickscfg",
    ".snowflake/connections.toml",
    ".config/doctl/config.yaml",
    ".fly/config.yml",
    ".oci/oci_api_key.pem",
    ".electrum/",
    ".bitcoin/wallet.dat",
    ".composer/auth.json",
    ".nuget/NuGet/NuGet.Config",
    ".config/sops/age/keys.txt",
    ".thunderbird/",
    ".terraformrc",
    ".codex/auth.json",
    ".gemini/oauth_creds.json",
    ".local/share/opencode/auth.json",
    ".config/github-copilot/hosts.json",
    ".config/github-copilot/apps.json",
    ".config/filezilla/sitemanager.xml",
    ".config/solana/id.json",
    ".ethereum/keystore/",
    ".config/heroku/config.json",
    ".config/configstore/firebase-tools.json",
    ".config/wrangler/config/default.toml",
    ".config/hcloud/cli.toml",
    ".config/op/config",
    ".config/rclone/",
    ".huggingface/token",
    ".cache/huggingface/token",
    ".kaggle/kaggle.json",
    ".config/atuin/key",
    ".local/share/argus/token",
    ".local/share/argus/otlp-token",
];
/// Their folders: whoever packs one of these takes what is in it.
const FOLDERS: &[&str] = &[".ssh", ".aws", ".gnupg", ".kube", ".config/gcloud", ".azure", ".password-store", ".docker"];
const BROWSERS: &[&str] =
    &["Login Data", "Cookies", "logins.json", "key4.db", "Web Data", "cookies.sqlite", "key3.db", "Local State"];
const SYSTEM: &[&str] = &["/etc/shadow", "/etc/gshadow", "/etc/master.passwd", "/etc/krb5.keytab", "/etc/sudoers"];
/// Programs that print, copy, pack or search what their operands name.
static READERS: Names = Names::new(&[
    "cat",
    "head",
    "tail",
    "less",
    "more",
    "bat",
    "batcat",
    "tac",
    "nl",
    "od",
    "xxd",
    "hexdump",
    "strings",
    "base64",
    "base32",
    "gpg",
    "openssl",
    "cp",
    "scp",
    "rsync",
    "mv",
    "grep",
    "egrep",
    "fgrep",
    "rg",
    "ag",
    "sed",
    "awk",
    "gawk",
    "cut",
    "sort",
    "uniq",
    "tar",
    "gtar",
    "bsdtar",
    "zip",
    "7z",
    "gzip",
    "source",
    ".",
    "jq",
    "yq",
    "python",
    "python3",
    "diff",
    "paste",
    "tr",
    "wc",
    "view",
    "vim",
    "vi",
    "nano",
    "emacs",
    "code",
    "open",
    "xclip",
    "pbcopy",
    "dd",
    "install",
    "ln",
    "sqlite3",
    "plutil",
    "security",
    "curl",
    "wget",
    "nc",
    "ncat",
    "socat",
    "column",
    "rev",
    "fold",
    "split",
    "pv",
    "tee",
    "cpio",
    "pax",
    "mapfile",
    "readarray",
    "type",
    "gc",
    "Get-Content",
    "ssh-add",
    "ssh-keygen",
    "gcat",
    "mlr",
    "dotenv",
    "env",
    "kubectl",
    "xargs",
    "node",
    "gsed",
    "ghead",
    "shuf",
    "perl",
    "ruby",
    "zcat",
    "hd",
    "iconv",
    "uuencode",
    "qrencode",
    "aws",
    "gsutil",
    "rclone",
    "git",
]);

pub(super) fn judge(told: &Told<'_>, scope: &Scope, out: &mut Vec<Broken>) {
    if told.command.context.site.is_machine() {
        reads(told, scope, out);
    }
}

/// The files that a command reads, as far as its words tell.
pub(crate) fn files_read(told_name: &str, words: &[Word]) -> Vec<Word> {
    let is_option = |word: &Word| word.prefix().starts_with('-') && !word.is("-");
    let operands = || words.iter().skip(1).filter(|word| !is_option(word)).cloned().collect::<Vec<Word>>();
    match told_name {
        "grep" | "egrep" | "fgrep" | "rg" | "ag" | "sed" | "gsed" | "awk" | "gawk" | "jq" | "yq" | "perl" | "ruby" => {
            let options = Options::taking(words, "eABCmfgt", &["regexp", "file", "include", "exclude", "context"]);
            let from =
                usize::from(!options.has("ef", &["regexp", "file"]) || told_name == "perl" && !options.has("e", &[]));
            options.operands.get(from..).unwrap_or_default().to_vec()
        }
        "cp" | "mv" | "install" | "ln" | "scp" | "rsync" => {
            let mut operands = operands();
            if operands.len() > 1 {
                operands.pop();
            }
            operands
        }
        "curl" => Options::of(words, CURL)
            .values
            .into_iter()
            .filter_map(|(name, value)| match name.as_str() {
                "T" | "upload-file" => Some(value),
                "d" | "data" | "data-binary" | "data-ascii" | "json" | "data-urlencode" => {
                    value.prefix().starts_with('@').then(|| value.without_prefix(1))
                }
                "F" | "form" => {
                    let text = value.prefix();
                    text.find(['@', '<']).map(|at| value.without_prefix(at + 1))
                }
                _ => None,
            })
            .collect(),
        "wget" => Options::taking(words, "", &["post-file", "body-file"])
            .values
            .into_iter()
            .filter(|(name, _)| name == "post-file" || name == "body-file")
            .map(|(_, value)| value)
            .collect(),
        "dd" => {
            words.iter().filter(|word| word.prefix().starts_with("if=")).map(|word| word.without_prefix(3)).collect()
        }
        "tar" | "gtar" | "bsdtar" => {
            let options = Options::taking(words, "fCTX", &["file", "directory", "exclude"]);
            let folder = options.value(&["C", "directory"]).cloned();
            let is_old = words.get(1).is_some_and(|word| !word.prefix().starts_with('-'));
            let mut operands: Vec<Word> = options.operands.iter().skip(usize::from(is_old)).cloned().collect();
            if is_old && words.get(1).is_some_and(|word| word.prefix().contains('f')) && !operands.is_empty() {
                operands.remove(0);
            }
            match folder {
                Some(folder) => operands
                    .into_iter()
                    .map(|name| {
                        let mut whole = folder.clone();
                        whole.push_text("/");
                        whole.append(&name);
                        whole
                    })
                    .collect(),
                None => operands,
            }
        }
        "openssl" => {
            let named = words.windows(2).filter(|pair| pair[0].is("-in") || pair[0].is("-inkey"));
            named.map(|pair| pair[1].clone()).collect()
        }
        "gpg" => operands().into_iter().skip(1).collect(),
        "aws" | "gsutil" | "rclone" | "kubectl" | "python" | "python3" | "node" | "env" | "dotenv" | "xargs" => {
            Vec::new()
        }
        "ssh-keygen" | "ssh-add" => Vec::new(),
        // What is put into the repository stays in its history.
        "git" => {
            let options = Options::stopping(words, "Cc", &["git-dir", "work-tree"]);
            match options.operands.first().map(Word::guess).as_deref() {
                Some("add" | "stage" | "hash-object" | "update-index" | "annex") => {
                    options.operands[1..].iter().filter(|word| !is_option(word)).cloned().collect()
                }
                // `git show HEAD:.env`.
                Some("show" | "cat-file" | "blame") => {
                    let name = |word: &Word| {
                        word.prefix().find(':').map_or_else(|| word.clone(), |at| word.without_prefix(at + 1))
                    };
                    options.operands[1..].iter().filter(|word| !is_option(word)).map(name).collect()
                }
                _ => Vec::new(),
            }
        }
        _ => operands(),
    }
}

/// A program that prints, copies, packs or searches what its operands name.
pub(super) fn is_reader(name: &str) -> bool {
    READERS.contains(name)
}

fn reads(told: &Told<'_>, scope: &Scope, out: &mut Vec<Broken>) {
    if !is_reader(told.name) {
        return;
    }
    for word in files_read(told.name, &told.command.words) {
        out.extend(judge_read(&word, &told.command.context, scope));
    }
}

/// What reading a file breaks.
pub(crate) fn judge_read(word: &Word, context: &Context, scope: &Scope) -> Option<Broken> {
    let target = Target::of(word, context, scope, Proof::Likely);
    judge_path(&target.path?, &target.shown, scope)
}

/// The same of a path that is resolved.
pub(crate) fn judge_path(path: &str, shown: &str, scope: &Scope) -> Option<Broken> {
    if is_credential(path, scope) {
        Some(("secret.read", format!("{shown} holds credentials.")))
    } else if is_dotenv(path) {
        Some(("secret.read-dotenv", format!("{shown} holds the project's secrets.")))
    } else if path.starts_with("/proc/") && path.ends_with("/environ") {
        Some(("secret.env-dump", "Every variable is shown, keys and tokens with them.".to_owned()))
    } else {
        None
    }
}

/// True for a file that holds credentials or a private key, and for a folder of such files.
pub(crate) fn is_credential(path: &str, scope: &Scope) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    if SYSTEM.contains(&path) || path.starts_with("/etc/sudoers.d/") && !name.is_empty() {
        return !path.starts_with("/etc/sudoers");
    }
    if path.starts_with("/var/run/secrets/")
        || path.starts_with("/run/secrets/")
        || path.starts_with("/etc/kubernetes/") && name.ends_with(".conf")
        || path.starts_with("/etc/ssl/private/")
    {
        return true;
    }
    let in_browser = BROWSERS.contains(&name)
        && ["hrome", "hromium", "irefox", "rave", "dge", "mozilla", "pera", "ivaldi", "afari"]
            .iter()
            .any(|browser| path.contains(browser));
    if in_browser {
        return true;
    }
    let is_kept_apart =
        || path.split('/').any(|folder| matches!(folder, "certs" | "ssl" | "tls" | "pki" | "private" | "keys"));
    let is_key = name == "privkey.pem"
        || name.contains("private") && (name.ends_with(".pem") || name.ends_with(".key"))
        || name.ends_with(".key") && is_kept_apart()
        || path.starts_with("/etc/wireguard/") && name.ends_with(".conf");
    if is_key {
        return true;
    }
    if matches!(name, "id_rsa" | "id_ed25519" | "id_ecdsa" | "id_dsa" | "id_ed25519_sk" | "id_ecdsa_sk") {
        return true;
    }
    let home = scope.home.as_deref().map(normalise);
    let at_home = home.as_deref().and_then(|home| below(path, home)).or_else(|| elsewhere_home(path));
    let Some(rest) = at_home else { return false };
    // `.s?h`: a wildcard that can only mean this folder.
    let first = rest.split('/').next().unwrap_or_default();
    let is_spelled_around = first.starts_with('.') && first.contains('\u{E003}') && !first.contains('*');
    if is_spelled_around && [".ssh", ".aws", ".gnupg", ".kube"].iter().any(|folder| fits(first, folder)) {
        return true;
    }
    let rest = rest.replace(['\u{E003}'], "");
    if FOLDERS.contains(&rest.trim_end_matches('/'))
        || FOLDERS.iter().any(|folder| rest.strip_prefix(folder).is_some_and(|more| more == "/*"))
    {
        return true;
    }
    if let Some(key) = rest.strip_prefix(".ssh/") {
        let is_public = key.ends_with(".pub")
            || matches!(key, "known_hosts" | "known_hosts.old" | "config" | "authorized_keys" | "environment" | "rc")
            || key.starts_with("config.d")
            || key.starts_with("known_hosts");
        return !is_public && !key.is_empty();
    }
    AT_HOME.iter().any(|known| match known.strip_suffix('/') {
        Some(folder) => below(&rest, folder).is_some_and(|more| !more.is_empty() && !more.ends_with(".conf")),
        None => rest == *known,
    })
}

/// A wildcard for one character, in a name of the same length.
fn fits(pattern: &str, name: &str) -> bool {
    let plain: Vec<char> = pattern.chars().filter(|c| *c != '\u{E003}').collect();
    plain.len() == name.chars().count() && plain.iter().zip(name.chars()).all(|(a, b)| *a == '?' || *a == b)
}

/// Another user's home folder.
fn elsewhere_home(path: &str) -> Option<&str> {
    if let Some(rest) = below(path, "/root") {
        return Some(rest);
    }
    let rest = path
        .strip_prefix("/home/")
        .or_else(|| path.strip_prefix("/Users/"))
        .or_else(|| path.strip_prefix("/c:/users/"))
        .or_else(|| crate::path::windows_home(path))?;
    rest.split_once('/').map(|(_, rest)| rest)
}

/// True for a file of variables that is no template.
pub(crate) fn is_dotenv(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or_default();
    let name: String = name.chars().filter(|c| ![ANY, '\u{E003}', '\u{E001}'].contains(c)).collect();
    if name == ".dev.vars" || name.starts_with(".dev.vars.") && !is_template(&name) {
        return true;
    }
    let Some(rest) = name.strip_prefix(".env") else {
        return name.ends_with(".env") && name.len() > 4 && !is_template(&name);
    };
    (rest.is_empty() || rest.starts_with(['.', '-', '_', '*'])) && !is_template(rest)
}

fn is_template(name: &str) -> bool {
    ["example", "sample", "template", "dist", "defaults", "schema", "tpl", "test"]
        .iter()
        .any(|word| name.split(['.', '-', '_']).any(|part| part == *word))
        || name == ".envrc"
}

/// Shows every variable.
pub(super) fn lists_the_environment(told: &Told<'_>) -> bool {
    let has_operand = told.args.iter().any(|arg| !arg.starts_with('-'));
    match told.name {
        "printenv" => !has_operand,
        "env" | "genv" => !has_operand && !told.flag("iS", &["ignore-environment", "split-string"]),
        "export" | "declare" | "typeset" => {
            told.args.is_empty() && told.name == "export"
                || told.args.len() == 1 && matches!(told.args[0].as_str(), "-p" | "-x" | "-xp" | "-px")
        }
        "set" => told.args.is_empty(),
        "jq" | "gojq" => told.args.iter().any(|arg| matches!(arg.trim(), "env" | "$ENV")),
        "docker" | "podman" => told.has(&["inspect"]) && told.line().contains(".config.env"),
        // BSD's letters without a dash: `ps eww`.
        "ps" => told.args.first().is_some_and(|letters| !letters.starts_with('-') && letters.contains('e')),
        "cat" | "strings" | "xargs" | "tr" | "head" => {
            told.args.iter().any(|arg| arg.starts_with("/proc/") && arg.ends_with("/environ"))
        }
        "Get-ChildItem" | "gci" | "dir" | "ls" => told.args.iter().any(|arg| arg.eq_ignore_ascii_case("env:")),
        _ => false,
    }
}
