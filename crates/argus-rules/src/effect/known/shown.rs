//! Credentials that programs show because they are asked to: helpers, stores of secrets, clouds.

use super::{Broken, Told, begins};

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
    if prints_a_token(told) {
        out.push(("secret.token-print", "A credential that works is shown.".into()));
    }
}

fn prints_a_token(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&[
        "-n",
        "--namespace",
        "--profile",
        "--context",
        "--project",
        "--account",
        "--vault-name",
        "--region",
        "--hostname",
        "-h",
        "-field",
        "--field",
        "-a",
        "--app",
    ]);
    let at = |words: &[&str]| begins(&verbs, words);
    match told.name {
        "gh" => at(&["auth", "token"]) || at(&["auth", "status"]) && told.flag("t", &["show-token"]),
        "glab" => at(&["auth", "status"]) && told.flag("t", &["show-token"]),
        "aws" => {
            at(&["configure", "get"])
                && verbs.get(2).is_some_and(|name| {
                    name.contains("secret") || name.contains("token") || name.contains("access_key")
                })
                || at(&["configure", "export-credentials"])
                || at(&["secretsmanager", "get-secret-value"])
                || at(&["ssm"]) && told.flag("", &["with-decryption"])
                || at(&["sts", "get-session-token"])
                || at(&["sts", "assume-role"])
                || at(&["eks", "get-token"])
        }
        "gcloud" => {
            told.line().contains("print-access-token")
                || told.line().contains("print-identity-token")
                || at(&["secrets", "versions", "access"])
        }
        "az" => {
            at(&["account", "get-access-token"])
                || at(&["keyvault", "secret", "show"])
                || told.line().contains("keys list")
                || told.line().contains("show-connection-string")
                || told.flag("", &["expose-token"])
        }
        "kubectl" | "oc" | "k" => {
            let shows =
                told.value(&["-o", "--output", "--template"]).is_some_and(|form| !matches!(form, "name" | "wide"))
                    || told
                        .args
                        .iter()
                        .any(|arg| arg.starts_with("-ojson") || arg.starts_with("-oyaml") || arg.starts_with("-ogo"));
            (verbs.first() == Some(&"get")
                && verbs
                    .get(1)
                    .is_some_and(|what| what.split([',', '/']).any(|kind| matches!(kind, "secret" | "secrets")))
                && shows)
                || at(&["create", "token"])
                || at(&["whoami"]) && told.flag("t", &["show-token"])
                || at(&["config", "view"]) && told.flag("", &["raw"])
        }
        _ => prints_a_kept_one(told, &verbs),
    }
}

/// Verbs of stores by which they show what they keep.
const KEPT: &[(&str, &[&str])] = &[
    ("infisical", &["secrets"]),
    ("infisical", &["export"]),
    ("chamber", &["read"]),
    ("chamber", &["export"]),
    ("railway", &["variables"]),
    ("vercel", &["env", "pull"]),
    ("netlify", &["env:list"]),
    ("netlify", &["env:get"]),
    ("ansible-vault", &["view"]),
    ("keyring", &["get"]),
    ("databricks", &["auth", "token"]),
    ("databricks", &["secrets", "get-secret"]),
    ("lpass", &["show"]),
    ("rclone", &["config", "show"]),
    ("rclone", &["config", "dump"]),
    ("aws-vault", &["export"]),
    ("cf", &["oauth-token"]),
    ("ibmcloud", &["iam", "oauth-tokens"]),
    ("akeyless", &["get-secret-value"]),
    ("teller", &["env"]),
    ("teller", &["export"]),
    ("berglas", &["access"]),
    ("keepassxc-cli", &["show"]),
    ("dashlane", &["password"]),
    ("dcli", &["password"]),
    ("nordpass", &["show"]),
    ("kwallet-query", &[]),
];

/// The same of stores of secrets, and of programs that keep one.
fn prints_a_kept_one(told: &Told<'_>, verbs: &[&str]) -> bool {
    let is_known = |(name, words): &(&str, &[&str])| *name == told.name && begins(verbs, words);
    if KEPT.iter().any(is_known) || told.name.starts_with("docker-credential-") && verbs.first() == Some(&"get") {
        return true;
    }
    let at = |words: &[&str]| begins(verbs, words);
    match told.name {
        "vault" | "bao" => at(&["kv", "get"]) || at(&["read"]) || at(&["print", "token"]) || at(&["token", "create"]),
        "security" => {
            verbs.first().is_some_and(|verb| verb.starts_with("find-") && verb.ends_with("password"))
                && told.flag("wg", &[])
                || at(&["dump-keychain"])
        }
        "op" => at(&["read"]) || at(&["item", "get"]) && told.flag("", &["reveal", "fields", "format"]),
        "pass" | "gopass" => at(&["show"]) || verbs.first().is_some_and(|verb| verb.contains('/')),
        "secret-tool" => at(&["lookup"]),
        "bw" => at(&["get", "password"]) || at(&["get", "item"]),
        "doppler" => at(&["secrets", "get"]) || at(&["secrets", "download"]),
        "heroku" => at(&["config"]) || at(&["auth:token"]) || at(&["config:get"]),
        "fly" | "flyctl" => at(&["auth", "token"]),
        "npm" => {
            at(&["token", "create"])
                || at(&["config", "get"]) && verbs.get(2).is_some_and(|name| name.contains("_authToken"))
        }
        "git" => at(&["credential", "fill"]),
        "argus" => at(&["token"]) || at(&["open"]) && told.flag("", &["print"]),
        "ansible-vault" => {
            at(&["decrypt"]) && told.value(&["--output"]).is_some_and(|to| matches!(to, "-" | "/dev/stdout"))
        }
        "age" | "rage" => told.flag("d", &["decrypt"]) && !told.flag("o", &["output"]),
        "stripe" => at(&["config"]) && told.flag("", &["list"]),
        "sops" => told.flag("d", &["decrypt"]) || at(&["decrypt"]),
        "pulumi" => at(&["config", "get"]) || told.flag("", &["show-secrets"]),
        "terraform" | "tofu" => {
            at(&["output"])
                && (told.flag("", &["raw"])
                    && verbs.get(1).is_some_and(|name| {
                        ["secret", "password", "token", "key"].iter().any(|word| name.contains(word))
                    }))
        }
        "gpg" => told.flag("", &["export-secret-keys", "export-secret-subkeys"]),
        "ssh-keygen" => false,
        _ => false,
    }
}
