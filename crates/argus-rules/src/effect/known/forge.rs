//! Forges and registries: what others find there, taken away, shown or given out.

use super::{Broken, Told, begins};

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
    forge(told, out);
    published(told, out);
}

fn forge(told: &Told<'_>, out: &mut Vec<Broken>) {
    if !matches!(told.name, "gh" | "glab" | "tea" | "hub") {
        return;
    }
    let verbs = told.verbs(&["-R", "--repo", "-H", "--hostname"]);
    let is_lost = match (verbs.first().copied().unwrap_or_default(), verbs.get(1).copied().unwrap_or_default()) {
        ("repo" | "project" | "repos", "delete" | "archive" | "rm") => true,
        ("gist" | "ruleset", "delete") | ("release", "delete-asset") => true,
        ("repo", "deploy-key") => verbs.get(2) == Some(&"delete"),
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
        "npm" | "pnpm" | "bun" => {
            matches!(first, "publish" | "unpublish") || told.flag("r", &["recursive"]) && told.has(&["publish"])
        }
        "yarn" => first == "publish" || begins(&verbs, &["npm", "publish"]),
        "cargo" => {
            let is_release = matches!(first, "release" | "smart-release" | "dist") && told.flag("x", &["execute"]);
            matches!(first, "publish" | "yank") || is_release || begins(&verbs, &["workspaces", "publish"])
        }
        "ko" => matches!(first, "build" | "publish" | "apply" | "resolve") && !told.flag("L", &["local"]),
        "conan" | "cloudsmith" | "apptainer" | "singularity" => matches!(first, "upload" | "push"),
        "poetry" | "uv" | "flit" | "hatch" | "pdm" | "maturin" | "lerna" | "jsr" | "vsce" | "ovsx" | "dart"
        | "flutter" => first == "publish" || begins(&verbs, &["pub", "publish"]),
        "twine" | "conda" | "anaconda" => first == "upload",
        "gem" => matches!(first, "push" | "yank"),
        "dotnet" => begins(&verbs, &["nuget", "push"]),
        "nuget" | "helm" | "pod" | "oras" | "crane" => first == "push" || begins(&verbs, &["trunk", "push"]),
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
