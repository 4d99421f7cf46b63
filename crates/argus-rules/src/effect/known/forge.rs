//! Forges, registries, and where packages come from.

use super::{Broken, Told, begins};

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
    forge(told, out);
    published(told, out);
    installed(told, out);
}

fn forge(told: &Told<'_>, out: &mut Vec<Broken>) {
    if !matches!(told.name, "gh" | "glab" | "tea" | "hub") {
        return;
    }
    let verbs = told.verbs(&["-R", "--repo", "-H", "--hostname"]);
    let is_lost = match (verbs.first().copied().unwrap_or_default(), verbs.get(1).copied().unwrap_or_default()) {
        ("repo" | "project", "delete" | "archive") => true,
        ("release" | "secret" | "variable" | "ssh-key" | "gpg-key" | "environment", "delete" | "remove") => true,
        ("repo", "edit") => told.value(&["--visibility"]) == Some("public"),
        _ => false,
    };
    let is_flag = |name| told.flag("", &[name]);
    if verbs.first() == Some(&"repo") && verbs.get(1) == Some(&"sync") && is_flag("force") {
        out.push(("git.push-force", "What others pushed is overwritten.".to_owned()));
    }
    // A branch that was merged has nothing of its own.
    if verbs.first() == Some(&"pr") && verbs.get(1) == Some(&"close") && told.flag("d", &["delete-branch"]) {
        out.push(("git.remote-delete", "A branch or a tag is deleted for everybody.".to_owned()));
    }
    if is_lost {
        out.push(("forge.destroy", "What others rely on is deleted, or shown to everybody.".to_owned()));
    }
}

fn published(told: &Told<'_>, out: &mut Vec<Broken>) {
    let verbs = told.verbs(&[
        "--registry",
        "--tag",
        "--access",
        "-p",
        "--package",
        "--manifest-path",
        "--otp",
        "--token",
        "-r",
        "--repository",
        "-C",
        "--filter",
        "-s",
        "--source",
        "-k",
        "--api-key",
    ]);
    let is_local = told.line().contains("localhost") || told.line().contains("127.0.0.1");
    let first = verbs.first().copied().unwrap_or_default();
    let is_public = match told.name {
        "npm" | "pnpm" | "bun" => matches!(first, "publish" | "unpublish"),
        "yarn" => first == "publish" || begins(&verbs, &["npm", "publish"]),
        "cargo" => matches!(first, "publish" | "yank"),
        "poetry" | "uv" | "flit" | "hatch" | "pdm" | "maturin" | "lerna" | "jsr" | "vsce" | "ovsx" | "dart"
        | "flutter" => first == "publish" || begins(&verbs, &["pub", "publish"]),
        "twine" | "conda" | "anaconda" => first == "upload",
        "gem" => matches!(first, "push" | "yank"),
        "dotnet" => begins(&verbs, &["nuget", "push"]),
        "nuget" | "helm" | "pod" | "oras" | "ko" | "crane" => first == "push" || begins(&verbs, &["trunk", "push"]),
        "mvn" | "mvnw" => verbs.contains(&"deploy"),
        "gradle" | "gradlew" => {
            let is_out =
                |verb: &&str| *verb == "publish" || verb.starts_with("publish") && !verb.contains("MavenLocal");
            verbs.iter().any(is_out)
        }
        "mix" => begins(&verbs, &["hex.publish"]),
        "rebar3" => begins(&verbs, &["hex"]),
        "semantic-release" | "np" | "release-it" | "standard-version" | "auto" | "shipjs" => {
            told.name != "standard-version"
        }
        "changeset" | "changesets" | "nx" | "lerna-lite" | "deno" | "clawhub" | "wapm" | "elm" | "spago" | "dub" => {
            verbs.iter().take(2).any(|verb| *verb == "publish")
        }
        "goreleaser" => first == "release" && !told.flag("", &["snapshot", "skip-publish"]),
        "cargo-release" | "cargo-workspaces" => told.flag("x", &["execute"]) || first == "publish",
        "luarocks" | "cabal" | "stack" | "snapcraft" | "anaconda-client" => {
            matches!(first, "upload" | "push") && (told.name != "cabal" || told.flag("", &["publish"]))
        }
        "lein" => first == "deploy",
        "sbt" => verbs
            .iter()
            .any(|verb| verb.starts_with("publish") && !verb.contains("Local") || verb.starts_with("+publish")),
        "choco" => first == "push",
        "buildah" => first == "push",
        "skopeo" => first == "copy" && verbs.last().is_some_and(|to| to.starts_with("docker://")),
        "regctl" => begins(&verbs, &["image", "copy"]),
        "pack" => first == "build" && told.flag("", &["publish"]),
        "web-ext" => first == "sign",
        "jf" | "jfrog" => verbs.contains(&"upload") || verbs.contains(&"u"),
        "rake" => first == "release",
        "setup.py" => verbs.contains(&"upload"),
        "python" | "python3" => verbs.first() == Some(&"setup.py") && verbs.contains(&"upload"),
        "altool" | "fastlane" | "eas" => {
            verbs.iter().any(|verb| matches!(*verb, "deliver" | "upload_to_app_store" | "supply" | "submit"))
                || told.flag("", &["upload-app", "upload-package"])
        }
        _ => false,
    };
    if is_public && !is_local {
        out.push(("publish.registry", "A version is given to everybody, and cannot be taken back.".to_owned()));
    }
}

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
        "go" => matches!(first, "get" | "install") || begins(&verbs, &["mod", "download"]),
        _ => false,
    }
}

fn installed(told: &Told<'_>, out: &mut Vec<Broken>) {
    let verbs = told.verbs(&["-r", "--requirement", "-c", "--constraint", "-t", "--target", "--prefix", "-C"]);
    if installs(told) && (comes_unsigned(told) || verbs.iter().any(|word| is_address(word))) {
        out.push(("supply.untrusted-install", "Code is installed from a place that nobody vouches for.".to_owned()));
    }
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
    ];
    let index = told.value(INDEXES).unwrap_or_default();
    let host = told.value(&["--trusted-host"]);
    index.starts_with("http://") && !is_loopback(index)
        || host.is_some_and(|host| !host.starts_with("localhost") && !host.starts_with("127."))
        || told.flag(
            "",
            &["allow-unauthenticated", "nogpgcheck", "no-gpg-checks", "force-yes", "allow-insecure-repositories"],
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
    (url.starts_with("http://") || url.starts_with("https://")) && !is_loopback(url) && !KNOWN.contains(&host)
}
