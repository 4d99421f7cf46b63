//! Clouds: what is deleted there, and who may do what.

use super::{Broken, Told, begins};

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
    let verbs = told.verbs(CLOUD_TAKING);
    match told.name {
        "aws" | "awslocal" => aws(told, &verbs, out),
        "gcloud" | "gsutil" | "bq" => {
            let line = told.line();
            if line.contains("add-iam-policy-binding")
                || line.contains("set-iam-policy")
                || verbs.windows(2).any(|pair| pair == ["keys", "create"])
                || verbs.contains(&"firewall-rules") && (line.contains("0.0.0.0/0") || line.contains("::/0"))
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
                || verbs.contains(&"set-permission") && told.line().contains("public-access")
                || verbs.contains(&"nsg") && (told.line().contains("0.0.0.0/0") || told.has(&["*", "Internet"]))
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
            | "set-repository-policy"
            | "put-resource-policy"
            | "put-file-system-policy"
            | "modify-db-snapshot-attribute"
            | "modify-cluster-snapshot-attribute"
            | "create-function-url-config"
    ) || told.value(&["--acl"]).is_some_and(|acl| acl.starts_with("public-"))
        || told.flag("", &["publicly-accessible"])
    {
        out.push(granted());
    } else if is_s3_lost || is_lost && !is_small(verb) {
        out.push(lost());
    }
}

/// Clouds whose commands are alike: a thing, and what becomes of it.
fn smaller_cloud(told: &Told<'_>, verbs: &[&str], out: &mut Vec<Broken>) {
    let first = verbs.first().copied().unwrap_or_default();
    match told.name {
        "oci" | "ibmcloud" if first == "iam" && verbs.iter().any(|verb| matches!(*verb, "create" | "update")) => {
            out.push(granted());
        }
        "heroku" if first == "pg:reset" => {
            out.push(("db.destructive", "What it names is deleted in the cloud.".to_owned()));
        }
        name if is_cmdlet_of_a_cloud(name) || loses_a_thing(told, verbs) || loses_a_bucket(told, verbs) => {
            out.push(lost());
        }
        _ => {}
    }
}

fn loses_a_thing(told: &Told<'_>, verbs: &[&str]) -> bool {
    let first = verbs.first().copied().unwrap_or_default();
    // `sites:delete`, `service-instance-delete`.
    let deletes = |verb: &&str| {
        let last = verb.rsplit(':').next().unwrap_or_default();
        matches!(last, "delete" | "destroy" | "terminate" | "remove" | "permanent-delete" | "delete-all" | "rm")
            || last.ends_with("-delete")
    };
    match told.name {
        "aliyun" | "tccli" | "volc" => {
            let words = ["Delete", "Terminate", "Release"];
            verbs.iter().any(|verb| words.iter().any(|word| verb.starts_with(word)))
        }
        "cf" => first.starts_with("delete"),
        "avn" | "atlas" | "mongocli" | "confluent" | "databricks" | "yc" | "upctl" | "stackit" | "ovhcloud"
        | "qovery" | "koyeb" | "northflank" | "clever" | "zeabur" | "terminus" | "platform" | "upsun" | "gridscale"
        | "metal" | "xata" | "nhost" | "kamatera" => verbs.iter().take(4).any(deletes),
        "doctl" | "hcloud" | "linode-cli" | "vultr-cli" | "scw" | "oci" | "ibmcloud" | "exo" | "civo" | "openstack" => {
            verbs.iter().skip(1).any(deletes)
        }
        "heroku" => matches!(first, "apps:destroy" | "addons:destroy" | "spaces:destroy" | "pipelines:destroy"),
        "fly" | "flyctl" | "railway" | "vercel" | "netlify" | "render" | "wrangler" | "firebase" | "eb"
        | "supabase" | "neonctl" | "planetscale" | "pscale" => {
            let is_small =
                |verb: &&str| matches!(*verb, "env" | "secrets" | "variables" | "alias" | "domains" | "cache");
            verbs.iter().take(3).any(|verb| deletes(verb) || *verb == "down") && !verbs.iter().any(is_small)
        }
        _ => false,
    }
}

fn loses_a_bucket(told: &Told<'_>, verbs: &[&str]) -> bool {
    let is_whole = || told.flag("r", &["recursive"]);
    match told.name {
        "rclone" => {
            let deletes = matches!(verbs.first(), Some(&"purge" | &"delete" | &"rmdirs"));
            deletes && verbs.iter().any(|verb| verb.contains(':'))
        }
        "mc" => begins(verbs, &["rb"]) || begins(verbs, &["rm"]) && is_whole(),
        "s3cmd" => begins(verbs, &["rb"]) || verbs.iter().any(|verb| matches!(*verb, "del" | "rm")) && is_whole(),
        "b2" => {
            begins(verbs, &["bucket", "delete"])
                || begins(verbs, &["delete-bucket"])
                || begins(verbs, &["rm"]) && is_whole()
        }
        "s5cmd" => begins(verbs, &["rb"]) || begins(verbs, &["rm"]) && told.args.iter().any(|arg| arg.contains('*')),
        _ => false,
    }
}

/// `Remove-AzResourceGroup`, `Remove-S3Bucket`: PowerShell's commands of a cloud.
fn is_cmdlet_of_a_cloud(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    [
        "remove-az",
        "remove-s3",
        "remove-ec2",
        "remove-rds",
        "remove-gc",
        "remove-ddb",
        "remove-eks",
        "remove-cfn",
        "stop-ec2",
    ]
    .iter()
    .any(|start| lower.starts_with(start))
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
