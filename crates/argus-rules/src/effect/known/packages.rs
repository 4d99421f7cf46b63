//! Where packages come from, and who vouches for them.

use super::{Broken, Told, begins};

/// Brings packages from elsewhere.
pub(super) fn installs(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&["-r", "--requirement", "-c", "--constraint", "-t", "--target", "--prefix", "-C"]);
    let first = verbs.first().copied().unwrap_or_default();
    match told.name {
        "pip" | "pip3" | "pipx" | "uv" | "poetry" | "pdm" | "conda" => {
            verbs.iter().take(2).any(|verb| matches!(*verb, "install" | "add"))
        }
        "easy_install" => true,
        "python" | "python3" => told.has(&["pip"]) && verbs.contains(&"install"),
        "npm" | "pnpm" | "yarn" | "bun" => matches!(first, "install" | "i" | "add" | "ci" | "in"),
        "gem" | "cargo" => first == "install",
        "apt" | "apt-get" | "dpkg" | "rpm" | "dnf" | "yum" | "brew" | "apk" => {
            verbs.iter().any(|verb| matches!(*verb, "install" | "add" | "reinstall")) || told.flag("iU", &["install"])
        }
        "zypper" | "flatpak" | "snap" | "pacman" | "emerge" => {
            verbs.iter().any(|verb| matches!(*verb, "install" | "in")) || told.flag("SU", &[])
        }
        "npx" | "bunx" | "pnpx" => true,
        "helm" => begins(&verbs, &["repo", "add"]) || begins(&verbs, &["plugin", "install"]),
        "dotnet" => begins(&verbs, &["nuget", "add", "source"]) || begins(&verbs, &["tool", "install"]),
        "kubectl" => begins(&verbs, &["krew", "install"]),
        "mamba" | "micromamba" => first == "install",
        "code" | "cursor" => told.flag("", &["install-extension"]),
        "Install-Module" | "Install-Package" => true,
        "go" => matches!(first, "get" | "install") || begins(&verbs, &["mod", "download"]),
        _ => false,
    }
}

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
    let verbs = told.verbs(&["-r", "--requirement", "-c", "--constraint", "-t", "--target", "--prefix", "-C"]);
    // A repository of charts, or a source of packages, is an address; that it has no encryption is what matters.
    let is_source = matches!(told.name, "helm" | "dotnet");
    let is_plain = |word: &str| word.starts_with("http://") && !is_loopback(word);
    let comes_from_anywhere = || verbs.iter().any(|word| if is_source { is_plain(word) } else { is_address(word) });
    if installs(told) && (comes_unsigned(told) || comes_from_anywhere()) || sets_an_open_source(told) {
        out.push(("supply.untrusted-install", "Code is installed from a place that nobody vouches for.".to_owned()));
    }
}

/// Settings by which packages come without encryption from then on.
fn sets_an_open_source(told: &Told<'_>) -> bool {
    let is_setting = matches!(
        told.name,
        "npm" | "pnpm" | "yarn" | "pip" | "pip3" | "composer" | "gem" | "bundle" | "poetry" | "conda" | "go"
    ) && told
        .args
        .iter()
        .take(2)
        .any(|arg| matches!(arg.as_str(), "config" | "set" | "sources" | "env" | "source"));
    is_setting && told.args.iter().any(|arg| arg.contains("http://") && !is_loopback(arg))
}

/// An index without encryption, or a host that is trusted whatever it shows.
fn comes_unsigned(told: &Told<'_>) -> bool {
    const INDEXES: &[&str] = &[
        "--index-url",
        "-i",
        "--extra-index-url",
        "--registry",
        "--index",
        "--source",
        "--default-index",
        "--find-links",
        "-f",
        "-c",
        "--channel",
        "--manifest-url",
        "--repository",
    ];
    let index = told.value(INDEXES).unwrap_or_default();
    let host = told.value(&["--trusted-host"]);
    index.starts_with("http://") && !is_loopback(index)
        || host.is_some_and(|host| !host.starts_with("localhost") && !host.starts_with("127."))
        || told.flag(
            "",
            &[
                "allow-unauthenticated",
                "nogpgcheck",
                "no-gpg-checks",
                "no-gpg-verify",
                "no-gpg-check",
                "force-yes",
                "allow-insecure-repositories",
                "allow-untrusted",
                "allow-downgrade-to-unsigned",
                "dangerous",
                "SkipPublisherCheck",
            ],
        )
}

pub(super) fn is_loopback(text: &str) -> bool {
    ["localhost", "127.0.0.1", "[::1]", "host.docker.internal"].iter().any(|host| text.contains(&format!("//{host}")))
}

/// A package that is named by an address, of a host that is no registry's.
fn is_address(word: &str) -> bool {
    const KNOWN: &[&str] = &[
        "files.pythonhosted.org",
        "registry.npmjs.org",
        "download.pytorch.org",
        "registry.yarnpkg.com",
        "rubygems.org",
        "static.crates.io",
        "storage.googleapis.com",
        "github.com",
        "codeload.github.com",
    ];
    let url = word.rsplit_once(" @ ").map_or(word, |(_, url)| url);
    let named = url.split_once('@').filter(|(name, rest)| !name.contains("://") && rest.contains("://"));
    let url = named.map_or(url, |(_, rest)| rest);
    let url = url.strip_prefix("git+").unwrap_or(url);
    let host = url.split("://").nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let is_number = |host: &str| {
        host.contains('.')
            && host.starts_with(|c: char| c.is_ascii_digit())
            && host.chars().all(|c| c.is_ascii_digit() || ".:".contains(c))
    };
    if url.split('/').next().is_some_and(|host| is_number(host) && url.contains('/') && !host.starts_with("127.")) {
        return true;
    }
    (url.starts_with("http://") || url.starts_with("https://")) && !is_loopback(url) && !KNOWN.contains(&host)
}
