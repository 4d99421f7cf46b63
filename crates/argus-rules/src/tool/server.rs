//! Servers that stand for a program: a cluster's, a forge's, a cloud's, a store's. Their tools say in their name what they
//! do and in their input to what, so the deed is known as it is from the program's own words.

use serde_json::Value;

use super::name_words;
use crate::effect::known::Broken;

/// What a server stands for, by a word of its name or of the tool's.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Cluster,
    Git,
    Forge,
    Infrastructure,
    Cloud,
    Engine,
    Store,
    Secrets,
    Registry,
}

const KINDS: &[(Kind, &[&str])] = &[
    (Kind::Infrastructure, &["terraform", "tofu", "opentofu", "pulumi", "cdk", "terragrunt", "cloudformation"]),
    (Kind::Cluster, &["kubernetes", "k8s", "kubectl", "kube", "helm", "openshift", "argocd"]),
    (Kind::Forge, &["github", "gitlab", "gitea", "bitbucket", "forgejo"]),
    (Kind::Git, &["git"]),
    (Kind::Engine, &["docker", "podman"]),
    (
        Kind::Store,
        &[
            "postgres",
            "postgresql",
            "pg",
            "mysql",
            "mariadb",
            "mongo",
            "mongodb",
            "redis",
            "sqlite",
            "supabase",
            "neon",
            "elasticsearch",
            "opensearch",
            "clickhouse",
            "planetscale",
            "database",
            "db",
            "qdrant",
            "pinecone",
            "weaviate",
            "chroma",
            "milvus",
            "snowflake",
            "bigquery",
            "duckdb",
            "cassandra",
            "couchbase",
        ],
    ),
    (
        Kind::Cloud,
        &[
            "aws",
            "s3",
            "gcp",
            "gcloud",
            "azure",
            "cloudflare",
            "digitalocean",
            "vercel",
            "netlify",
            "heroku",
            "fly",
            "flyio",
            "railway",
            "hetzner",
            "linode",
            "render",
            "ec2",
            "rds",
            "scaleway",
            "ovh",
        ],
    ),
    (Kind::Secrets, &["vault", "1password", "onepassword", "secretsmanager", "doppler", "infisical", "bitwarden"]),
    (Kind::Registry, &["npm", "pypi", "crates", "rubygems", "nuget"]),
];

const DELETES: &[&str] = &[
    "delete",
    "remove",
    "destroy",
    "drop",
    "purge",
    "terminate",
    "uninstall",
    "wipe",
    "truncate",
    "flush",
    "flushall",
    "flushdb",
];

/// A call, as words.
struct Told<'i> {
    own: Vec<String>,
    input: &'i Value,
}

/// What a server's tool breaks.
pub(super) fn judge(tool: &str, input: &Value) -> Option<Broken> {
    let server = tool.strip_prefix("mcp__")?.split("__").next().unwrap_or_default();
    let told = Told { own: name_words(tool).collect(), input };
    if told.is_set(&["dry_run", "dryRun", "dryrun", "preview"]) {
        return None;
    }
    if told.has(&["config"])
        && told.text(&["key"]).is_some_and(|key| matches!(key, "blockedCommands" | "allowedDirectories"))
    {
        return broken("guard.agent-config", "What the agent's tools may do changes.");
    }
    let names: Vec<String> = name_words(server).chain(told.own.iter().cloned()).collect();
    let (kind, _) = KINDS.iter().find(|(_, words)| names.iter().any(|name| words.contains(&name.as_str())))?;
    match kind {
        Kind::Cluster => told.to_a_cluster(),
        Kind::Git => told.to_git(),
        Kind::Forge => told.to_a_forge(),
        Kind::Infrastructure => told.to_infrastructure(),
        Kind::Cloud => told.to_a_cloud(),
        Kind::Engine => told.to_an_engine(),
        Kind::Store => told.to_a_store(),
        Kind::Secrets => {
            let shows =
                told.has(&["get", "read", "reveal", "show"]) && told.has(&["secret", "password", "item", "secrets"]);
            if shows { broken("secret.token-print", "A credential that works is shown.") } else { None }
        }
        Kind::Registry => {
            let is_out = told.has(&["publish", "unpublish", "yank"]);
            if is_out {
                broken("publish.registry", "A version is given to everybody, and cannot be taken back.")
            } else {
                None
            }
        }
    }
}

fn broken(rule: &'static str, reason: &str) -> Option<Broken> {
    Some((rule, reason.to_owned()))
}

impl Told<'_> {
    fn has(&self, words: &[&str]) -> bool {
        self.own.iter().any(|word| words.contains(&word.as_str()))
    }

    fn deletes(&self) -> bool {
        self.has(DELETES)
    }

    fn text(&self, keys: &[&str]) -> Option<&str> {
        keys.iter().find_map(|key| self.input.get(key)?.as_str())
    }

    fn is_set(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| match self.input.get(key) {
            Some(Value::Bool(is_set)) => *is_set,
            Some(Value::String(text)) => matches!(text.as_str(), "true" | "yes" | "all"),
            _ => false,
        })
    }

    /// What it is done to, by the tool's name or by its input.
    fn is_about(&self, things: &[&str]) -> bool {
        let named = self
            .text(&["resourceType", "resource_type", "kind", "type", "resource"])
            .unwrap_or_default()
            .to_ascii_lowercase();
        things.iter().any(|thing| {
            let is_it = |word: &str| {
                word == *thing || word.strip_suffix('s') == Some(thing) || word.strip_suffix("es") == Some(thing)
            };
            self.own.iter().any(|word| is_it(word)) || is_it(&named)
        })
    }

    fn to_a_cluster(&self) -> Option<Broken> {
        let none = self.input.get("replicas").and_then(Value::as_u64) == Some(0);
        if self.deletes() && !self.is_about(&["pod", "po", "job", "event", "context"]) {
            return broken("k8s.delete", "What the cluster runs or keeps is deleted.");
        }
        let disrupts = self.has(&["drain", "cordon", "restart"]) || self.has(&["scale", "patch"]) && none;
        if disrupts { broken("k8s.disrupt", "What runs in the cluster has to move or stops.") } else { None }
    }

    fn to_git(&self) -> Option<Broken> {
        let is_force = self.is_set(&["force", "hard"]);
        let is_hard = self.is_set(&["hard"]) || self.text(&["mode"]) == Some("hard");
        if self.has(&["push"]) && is_force {
            broken("git.push-force", "What others pushed is overwritten.")
        } else if self.has(&["reset"]) && is_hard {
            broken("git.reset-hard", "Changes that were not committed are gone.")
        } else if self.has(&["clean"]) && is_force {
            broken("git.clean-force", "Files that git does not keep are deleted.")
        } else if self.has(&["branch"]) && self.deletes() && is_force {
            broken("git.discard", "Work that stands nowhere else is thrown away.")
        } else {
            None
        }
    }

    fn to_a_forge(&self) -> Option<Broken> {
        if self.deletes() && self.is_about(&["branch", "tag", "ref"]) {
            return broken("git.remote-delete", "A branch or a tag is deleted for everybody.");
        }
        let kept = [
            "repository",
            "repo",
            "repositorie",
            "project",
            "release",
            "secret",
            "environment",
            "organization",
            "group",
        ];
        if self.deletes() && self.is_about(&kept) {
            return broken("forge.destroy", "What others rely on is deleted.");
        }
        let is_shown =
            self.text(&["visibility"]) == Some("public") || self.input.get("private") == Some(&Value::Bool(false));
        let changes =
            self.has(&["update", "edit", "set"]) && self.is_about(&["repository", "repo", "project", "visibility"]);
        if changes && is_shown {
            return broken("forge.destroy", "What was private is shown to everybody.");
        }
        let moves = self.has(&["update", "push"]) && self.is_set(&["force"]);
        if moves { broken("git.push-force", "What others pushed is overwritten.") } else { None }
    }

    fn to_infrastructure(&self) -> Option<Broken> {
        if self.deletes() && !self.has(&["state", "workspace", "plan"]) {
            return broken("infra.destroy", "Everything that it manages is taken down.");
        }
        let is_unread = self.has(&["apply", "up", "deploy"])
            && self.is_set(&["auto_approve", "autoApprove", "yes", "skip_preview"]);
        let reason = "What changes is applied without anybody having read the plan.";
        if is_unread { broken("infra.apply-unreviewed", reason) } else { None }
    }

    fn to_a_cloud(&self) -> Option<Broken> {
        let things = [
            "bucket",
            "instance",
            "database",
            "cluster",
            "project",
            "app",
            "droplet",
            "server",
            "volume",
            "stack",
            "table",
            "function",
            "service",
            "deployment",
            "zone",
            "worker",
            "namespace",
            "resource",
            "site",
            "vm",
            "snapshot",
            "group",
            "machine",
            "addon",
            "kv",
        ];
        if self.deletes() && self.is_about(&things) {
            return broken("cloud.destroy", "What it names is deleted in the cloud.");
        }
        let grants = self.has(&["put", "attach", "add", "create", "set"])
            && self.is_about(&["policy", "role", "acl", "binding"])
            || self.has(&["create"]) && self.has(&["access"]) && self.has(&["key"]);
        if grants { broken("cloud.iam", "Rights, keys or what the public may see change in the cloud.") } else { None }
    }

    fn to_an_engine(&self) -> Option<Broken> {
        if self.has(&["prune"]) {
            return broken("docker.prune", "Whatever is not running is removed, whoever made it.");
        }
        if self.deletes() && self.is_about(&["volume"]) {
            return broken("docker.volume-delete", "What the volume holds is gone.");
        }
        let all = self.input.to_string();
        let opens = self.is_set(&["privileged"]) || all.contains("\"/:/") || all.contains("docker.sock");
        let makes = self.has(&["run", "create", "start"]);
        if makes && opens { broken("priv.container-escape", "The container reaches the whole machine.") } else { None }
    }

    fn to_a_store(&self) -> Option<Broken> {
        let is_whole = self.is_about(&[
            "database",
            "db",
            "collection",
            "table",
            "index",
            "indice",
            "keyspace",
            "schema",
            "project",
            "branch",
        ]);
        let empties = self.has(&["truncate", "flush", "flushall", "flushdb"]);
        let is_all = self.has(&["many"])
            && self.input.get("filter").and_then(Value::as_object).is_none_or(serde_json::Map::is_empty);
        let is_lost = empties
            || self.deletes() && (is_whole || is_all)
            || self.has(&["reset"]) && self.is_about(&["branch", "database"]);
        if is_lost { broken("db.destructive", "What the store keeps is deleted.") } else { None }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_name_says_what_is_done_and_the_input_to_what() {
        let rule = |tool: &str, input: Value| judge(tool, &input).map(|(rule, _)| rule);
        assert_eq!(rule("mcp__k8s__delete_resource", json!({ "kind": "StatefulSet" })), Some("k8s.delete"));
        assert_eq!(rule("mcp__k8s__pods_delete", json!({ "name": "web-1" })), None);
        assert_eq!(rule("mcp__github__delete_branch", json!({})), Some("git.remote-delete"));
        assert_eq!(rule("mcp__github__delete_file", json!({ "path": "a" })), None);
        assert_eq!(rule("mcp__git__git_reset", json!({ "repo_path": "." })), None);
        assert_eq!(rule("mcp__git__git_push", json!({ "force": true })), Some("git.push-force"));
        assert_eq!(rule("mcp__mongodb__delete-many", json!({ "filter": { "a": 1 } })), None);
        assert_eq!(rule("mcp__mongodb__drop-collection", json!({})), Some("db.destructive"));
        assert_eq!(rule("mcp__terraform__destroy", json!({ "dry_run": true })), None);
        assert_eq!(rule("mcp__notes__delete_note", json!({})), None);
    }
}
