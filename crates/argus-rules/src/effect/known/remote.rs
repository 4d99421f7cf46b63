//! Infrastructure as code, and clouds.

use super::{Broken, Told, begins};
use crate::shell::{Script, Simple};

const CLOUD_TAKING: &[&str] = &[
    "--profile",
    "--region",
    "--output",
    "--query",
    "--endpoint-url",
    "--project",
    "--account",
    "--subscription",
    "-g",
    "--resource-group",
    "-n",
    "--name",
    "--configuration",
    "-o",
    "--zone",
    "-c",
    "--context",
];

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
    infrastructure(told, out);
    cloud(told, out);
}

fn infrastructure(told: &Told<'_>, out: &mut Vec<Broken>) {
    let verbs = told.verbs(&[
        "-chdir",
        "--chdir",
        "--stack",
        "-s",
        "--stage",
        "--profile",
        "--region",
        "-c",
        "--cwd",
        "--terragrunt-working-dir",
    ]);
    let destroys = || ("infra.destroy", "Everything that it manages is taken down.".to_owned());
    let unreviewed =
        || ("infra.apply-unreviewed", "What changes is applied without anybody having read the plan.".to_owned());
    let has = |verb: &str| verbs.contains(&verb);
    match told.name {
        "terraform" | "tofu" | "terragrunt" | "tf" => {
            if has("destroy") && !has("plan") || has("apply") && told.flag("", &["destroy"]) {
                out.push(destroys());
            } else if has("apply")
                && (told.flag("", &["auto-approve", "non-interactive", "terragrunt-non-interactive"])
                    || is_answered(told))
            {
                out.push(unreviewed());
            } else if begins(&verbs, &["workspace", "delete"]) || begins(&verbs, &["state", "rm"]) {
                out.push(("infra.apply-unreviewed", "What is managed is forgotten.".to_owned()));
            }
        }
        "pulumi" => {
            if has("destroy") || begins(&verbs, &["down"]) || begins(&verbs, &["stack", "rm"]) {
                out.push(destroys());
            } else if (has("up") || has("update")) && (told.flag("yf", &["yes", "skip-preview"]) || is_answered(told)) {
                out.push(unreviewed());
            }
        }
        "cdk" | "cdktf" | "sst" => {
            if has("destroy") || told.name == "sst" && has("remove") {
                out.push(destroys());
            } else if has("deploy")
                && (told.value(&["--require-approval"]) == Some("never")
                    || told.flag("", &["auto-approve"])
                    || is_answered(told))
            {
                out.push(unreviewed());
            }
        }
        "serverless" | "sls" if begins(&verbs, &["remove"]) => out.push(destroys()),
        "sam" if begins(&verbs, &["delete"]) => out.push(destroys()),
        "sam" if has("deploy") && told.flag("", &["no-confirm-changeset"]) => out.push(unreviewed()),
        "amplify" if begins(&verbs, &["delete"]) => out.push(destroys()),
        "amplify" if begins(&verbs, &["push"]) && told.flag("y", &["yes"]) => out.push(unreviewed()),
        "nomad" if begins(&verbs, &["job", "stop"]) || begins(&verbs, &["stop"]) => {
            out.push(("k8s.disrupt", "A job of the cluster stops.".to_owned()));
        }
        "copilot" if verbs.get(1) == Some(&"delete") => out.push(destroys()),
        "azd" if begins(&verbs, &["down"]) => out.push(destroys()),
        "vagrant" if begins(&verbs, &["destroy"]) => out.push(destroys()),
        "helm" | "helmfile"
            if (has("upgrade") || has("install") || has("apply") || has("sync")) && is_production(told) =>
        {
            out.push(unreviewed());
        }
        "helmfile" if has("destroy") || has("delete") => {
            out.push(("k8s.delete", "Each release is removed.".to_owned()));
        }
        "ansible-playbook" if is_production(told) && !told.flag("CD", &["check", "diff"]) => out.push(unreviewed()),
        _ => {}
    }
}

/// A question that is answered before it is asked: `yes | terraform apply`.
fn is_answered(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&["-chdir", "-var", "-var-file", "-target", "--stack", "-s"]);
    let is_question = verbs.len() == 1;
    is_question
        && told
            .command
            .stdin
            .as_ref()
            .is_some_and(|fed| fed.literal().is_none_or(|text| text.trim_start().starts_with('y')))
}

/// A plan to destroy that is carried out: the plan alone harms nobody, and who applies it says no word of it.
pub(super) fn across(script: &Script) -> Vec<(&Simple, Broken)> {
    let mut plans: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for command in &script.commands {
        let told = Told::of(command);
        if !matches!(told.name, "terraform" | "tofu" | "terragrunt") {
            continue;
        }
        let verbs = told.verbs(&["-chdir"]);
        let plan = told.value(&["-out", "--out"]);
        if verbs.contains(&"plan") && told.flag("", &["destroy"]) {
            plans.extend(plan.map(str::to_owned));
        } else if verbs.contains(&"apply") && verbs.iter().any(|verb| plans.iter().any(|plan| plan == verb)) {
            out.push((command, ("infra.destroy", "Everything that it manages is taken down.".to_owned())));
        }
    }
    out
}

fn is_production(told: &Told<'_>) -> bool {
    told.args.iter().any(|arg| {
        arg.split(|c: char| !c.is_ascii_alphanumeric())
            .any(|word| matches!(word, "prod" | "production" | "prd" | "live"))
    })
}

fn cloud(told: &Told<'_>, out: &mut Vec<Broken>) {
    let verbs = told.verbs(CLOUD_TAKING);
    match told.name {
        "aws" | "awslocal" => aws(told, &verbs, out),
        "gcloud" | "gsutil" | "bq" => {
            let line = told.line();
            if line.contains("add-iam-policy-binding")
                || line.contains("set-iam-policy")
                || verbs.windows(2).any(|pair| pair == ["keys", "create"])
                || told.name == "gsutil"
                    && (begins(&verbs, &["iam", "ch"])
                        || begins(&verbs, &["acl", "ch"])
                        || begins(&verbs, &["acl", "set"])
                        || begins(&verbs, &["defacl", "set"]))
            {
                out.push(granted());
            } else if told.name == "gcloud" && verbs.contains(&"delete") && !verbs.contains(&"operations")
                || told.name == "gcloud"
                    && verbs.first() == Some(&"storage")
                    && verbs.get(1) == Some(&"rm")
                    && told.flag("rR", &["recursive"])
                || told.name == "gsutil"
                    && (verbs.contains(&"rb")
                        || verbs.contains(&"rm") && told.flag("rR", &[])
                        || verbs.contains(&"rsync") && told.flag("d", &[]) && !told.flag("n", &[]))
                || told.name == "bq" && verbs.first() == Some(&"rm")
            {
                out.push(lost());
            }
        }
        "az" => {
            if begins(&verbs, &["role", "assignment", "create"])
                || begins(&verbs, &["ad"]) && verbs.contains(&"create-for-rbac")
                || begins(&verbs, &["ad"]) && verbs.contains(&"reset")
                || begins(&verbs, &["keyvault", "set-policy"])
            {
                out.push(granted());
            } else if verbs.iter().any(|verb| matches!(*verb, "delete" | "purge" | "delete-batch")) {
                out.push(lost());
            }
        }
        _ => smaller_cloud(told, &verbs, out),
    }
}

fn lost() -> Broken {
    ("cloud.destroy", "What it names is deleted in the cloud.".to_owned())
}

fn granted() -> Broken {
    ("cloud.iam", "Rights, keys or what the public may see change in the cloud.".to_owned())
}

fn aws(told: &Told<'_>, verbs: &[&str], out: &mut Vec<Broken>) {
    let (service, verb) = (verbs.first().copied().unwrap_or_default(), verbs.get(1).copied().unwrap_or_default());
    let is_s3_lost = service == "s3"
        && (verb == "rb"
            || verb == "rm" && told.flag("", &["recursive"])
            || verb == "sync" && told.flag("", &["delete"]) && verbs.last().is_some_and(|to| to.starts_with("s3:")));
    let is_lost = ["terminate-", "delete-", "deregister-", "purge-"].iter().any(|start| verb.starts_with(start))
        || verb == "schedule-key-deletion";
    if service == "iam" || service == "organizations" || service == "sso-admin" {
        let changes = [
            "attach-",
            "put-",
            "create-access-key",
            "create-user",
            "create-login",
            "update-assume",
            "add-user",
            "create-policy-version",
            "delete-",
            "update-login",
        ];
        if changes.iter().any(|start| verb.starts_with(start)) {
            out.push(granted());
        }
    } else if matches!(
        verb,
        "put-bucket-acl"
            | "put-bucket-policy"
            | "put-object-acl"
            | "delete-public-access-block"
            | "add-permission"
            | "authorize-security-group-ingress"
            | "put-public-access-block"
            | "modify-snapshot-attribute"
            | "modify-image-attribute"
            | "put-key-policy"
            | "create-grant"
    ) {
        out.push(granted());
    } else if is_s3_lost || is_lost && !is_small(verb) {
        out.push(lost());
    }
}

/// Clouds whose commands are alike: a thing, and what becomes of it.
fn smaller_cloud(told: &Told<'_>, verbs: &[&str], out: &mut Vec<Broken>) {
    match told.name {
        "doctl" | "hcloud" | "linode-cli" | "vultr-cli" | "scw" | "oci" | "ibmcloud" | "exo" | "civo" | "openstack" => {
            let words = ["delete", "destroy", "rm", "terminate", "delete-all", "remove"];
            if verbs.iter().skip(1).any(|verb| words.contains(verb)) {
                out.push(lost());
            }
        }
        "heroku"
            if verbs.first().is_some_and(|verb| {
                matches!(*verb, "apps:destroy" | "addons:destroy" | "pg:reset" | "spaces:destroy" | "pipelines:destroy")
            }) =>
        {
            let rule = if verbs[0] == "pg:reset" { "db.destructive" } else { "cloud.destroy" };
            out.push((rule, "What it names is deleted in the cloud.".to_owned()));
        }
        "fly" | "flyctl" | "railway" | "vercel" | "netlify" | "render" | "wrangler" | "firebase" | "eb"
        | "supabase" | "neonctl" | "planetscale" | "pscale" => {
            let words = [
                "destroy",
                "delete",
                "rm",
                "remove",
                "terminate",
                "sites:delete",
                "down",
                "firestore:delete",
                "projects:delete",
            ];
            let is_env = verbs
                .iter()
                .any(|verb| matches!(*verb, "env" | "secrets" | "variables" | "alias" | "domains" | "cache"));
            let at = verbs.iter().take(3).any(|verb| words.contains(verb));
            if at && !is_env {
                out.push(lost());
            }
        }
        "rclone"
            if verbs.first().is_some_and(|verb| matches!(*verb, "purge" | "delete" | "rmdirs"))
                && verbs.iter().any(|verb| verb.contains(':')) =>
        {
            out.push(lost());
        }
        "mc" if begins(verbs, &["rb"]) || begins(verbs, &["rm"]) && told.flag("r", &["recursive"]) => {
            out.push(lost());
        }
        "s3cmd"
            if begins(verbs, &["rb"])
                || verbs.iter().any(|verb| matches!(*verb, "del" | "rm")) && told.flag("r", &["recursive"]) =>
        {
            out.push(lost());
        }
        _ => {}
    }
}

/// Marks and messages, of which one is deleted every minute.
fn is_small(verb: &str) -> bool {
    matches!(
        verb,
        "delete-tags"
            | "delete-message"
            | "delete-message-batch"
            | "delete-object-tagging"
            | "delete-item"
            | "deregister-targets"
            | "delete-tag"
            | "delete-alarms"
    )
}
