//! Requests to the interface of a forge, a cloud, a cluster, an engine or a store: the same deeds as their own programs do,
//! whichever program or code sends them.

use super::{Broken, Told, database};

/// A request, as far as the command tells.
#[derive(Debug, Default)]
pub(crate) struct Request {
    /// `GET`, `DELETE`, in capitals.
    pub(crate) method: String,
    /// The address without its scheme; begins with the host.
    pub(crate) address: String,
    /// What goes with it.
    pub(crate) body: String,
    /// It goes to the engine of containers on this machine.
    pub(crate) is_engine: bool,
}

/// What a command's request breaks.
pub(super) fn judge(told: &Told<'_>) -> Option<Broken> {
    of(told).and_then(|request| request.breaks())
}

const CURL_BODY: &[&str] =
    &["-d", "--data", "--data-raw", "--data-binary", "--data-ascii", "--data-urlencode", "--json", "-F", "--form"];
const WGET_BODY: &[&str] = &["--post-data", "--body-data", "--post-file", "--body-file"];
const FIELDS: &[&str] = &["-f", "-F", "--field", "--raw-field", "--input"];

fn of(told: &Told<'_>) -> Option<Request> {
    let mut request = match told.name {
        "curl" | "curlie" => {
            let body = values(told, CURL_BODY);
            let joined = told.args.iter().find_map(|arg| arg.strip_prefix("-X").filter(|rest| !rest.is_empty()));
            let method = told.value(&["-X", "--request"]).or(joined);
            let method = method.unwrap_or(if body.is_empty() { "GET" } else { "POST" });
            let is_engine = told.value(&["--unix-socket"]).is_some_and(|socket| socket.ends_with("docker.sock"));
            Request { method: method.to_owned(), address: address(told)?, body, is_engine }
        }
        "wget" | "wget2" => {
            let body = values(told, WGET_BODY);
            let method = told.value(&["--method"]).unwrap_or(if body.is_empty() { "GET" } else { "POST" });
            Request { method: method.to_owned(), address: address(told)?, body, ..Request::default() }
        }
        "http" | "https" | "xh" | "xhs" => {
            let mut operands = told.args.iter().filter(|arg| !arg.starts_with('-'));
            let first = operands.next()?;
            let is_method = first.len() > 2 && first.bytes().all(|byte| byte.is_ascii_uppercase());
            let (method, place) = if is_method { (first.as_str(), operands.next()?) } else { ("GET", first) };
            let body = operands.cloned().collect::<Vec<_>>().join(" ");
            Request { method: method.to_owned(), address: without_scheme(place), body, ..Request::default() }
        }
        "Invoke-RestMethod" | "irm" | "Invoke-WebRequest" | "iwr" => {
            let option = |name: &str| {
                let at = told.args.iter().position(|arg| arg.eq_ignore_ascii_case(name))?;
                told.args.get(at + 1).cloned()
            };
            let body = option("-Body").unwrap_or_default();
            Request { method: option("-Method")?, address: address(told)?, body, ..Request::default() }
        }
        "gh" | "glab" => asked_by_a_forges_own(told)?,
        _ => return None,
    };
    request.method.make_ascii_uppercase();
    Some(request)
}

/// `gh api -X PATCH repos/x -F force=true`.
fn asked_by_a_forges_own(told: &Told<'_>) -> Option<Request> {
    let verbs = told.verbs(&[
        "-X",
        "--method",
        "-H",
        "--header",
        "-f",
        "-F",
        "--field",
        "--raw-field",
        "--input",
        "-q",
        "--jq",
        "-t",
        "--template",
        "--hostname",
        "--cache",
        "-p",
        "--preview",
    ]);
    let ["api", path, ..] = verbs.as_slice() else { return None };
    let body = values(told, FIELDS);
    let method = told.value(&["-X", "--method"]).unwrap_or(if body.is_empty() { "GET" } else { "POST" });
    let host = if told.name == "gh" { "api.github.com" } else { "gitlab.com/api/v4" };
    let address = format!("{host}/{}", without_scheme(path).trim_start_matches('/'));
    Some(Request { method: method.to_owned(), address, body, ..Request::default() })
}

/// The values of these options, in a line.
fn values(told: &Told<'_>, names: &[&str]) -> String {
    let mut out = String::new();
    for (at, arg) in told.args.iter().enumerate() {
        let long = arg.split_once('=').filter(|(name, _)| name.starts_with("--") && names.contains(name));
        let joined = names.iter().find_map(|name| {
            arg.strip_prefix(name).filter(|rest| name.len() == 2 && !rest.is_empty() && !name.starts_with("--"))
        });
        let after = || names.contains(&arg.as_str()).then(|| told.args.get(at + 1)).flatten().map(String::as_str);
        if let Some(value) = long.map(|(_, value)| value).or(joined).or_else(after) {
            out.push_str(value);
            out.push(' ');
        }
    }
    out
}

fn address(told: &Told<'_>) -> Option<String> {
    let named = told.value(&["--url", "-Uri"]).map(str::to_owned);
    let found = || told.args.iter().find(|arg| arg.contains("://") && !arg.contains([' ', '{'])).cloned();
    // A host and a path without a scheme.
    let bare = || {
        told.args
            .iter()
            .find(|arg| !arg.starts_with('-') && arg.split_once('/').is_some_and(|(host, _)| is_host(host)))
            .cloned()
    };
    named.or_else(found).or_else(bare).map(|text| without_scheme(&text))
}

fn is_host(text: &str) -> bool {
    let name = text.split(':').next().unwrap_or_default();
    !text.starts_with(['/', '.', '@'])
        && (name == "localhost" || name.contains('.') || text.contains(':'))
        && text.chars().all(|c| c.is_ascii_alphanumeric() || ".:-_[]".contains(c))
}

fn without_scheme(text: &str) -> String {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    format!("{}/{path}", host.rsplit('@').next().unwrap_or_default())
}

fn broken(rule: &'static str, reason: &str) -> Option<Broken> {
    Some((rule, reason.to_owned()))
}

impl Request {
    /// What code sends: a method and an address.
    pub(crate) fn of_code(method: &str, address: &str, body: &str) -> Self {
        let method = method.to_ascii_uppercase();
        Self { method, address: without_scheme(address), body: body.to_owned(), is_engine: false }
    }

    /// The rule that it breaks.
    pub(crate) fn breaks(&self) -> Option<Broken> {
        let (host, whole) = self.address.split_once('/')?;
        let path = whole.split(['?', '#']).next().unwrap_or_default().trim_end_matches('/');
        if self.is_engine {
            return self.to_an_engine(path);
        }
        let api = path.trim_start_matches("api/v4/").trim_start_matches("api/v1/").trim_start_matches("api/v3/");
        let api = api.trim_start_matches("2.0/");
        if is_forge(host) {
            return self.to_a_forge(api);
        }
        if self.method == "DELETE" && is_cloud(host)
            || whole.contains("Action=Terminate")
            || whole.contains("Action=Delete")
        {
            return broken("cloud.destroy", "What it names is deleted in the cloud.");
        }
        let is_cluster =
            ["api/v1/", "apis/"].iter().any(|start| path.starts_with(start)) && path.contains("namespaces");
        if self.method == "DELETE" && is_cluster && !path.contains("/pods/") {
            return broken("k8s.delete", "What the cluster runs or keeps is deleted.");
        }
        self.to_a_store(host, path, whole)
    }

    fn to_a_forge(&self, path: &str) -> Option<Broken> {
        let says = |words: &[&str]| {
            let plain: String = self.body.chars().filter(|c| !c.is_whitespace() && !"\"'\\".contains(*c)).collect();
            words.iter().any(|word| plain.contains(word))
        };
        let deletes = self.method == "DELETE";
        if deletes && is_a_ref(path) || path == "graphql" && says(&["deleteRef"]) {
            return broken("git.remote-delete", "A branch or a tag is deleted for everybody.");
        }
        if deletes && is_kept_by_a_forge(path) || path == "graphql" && says(&["deleteRepository", "deleteProject"]) {
            return broken("forge.destroy", "What others rely on is deleted.");
        }
        let changes = matches!(self.method.as_str(), "PATCH" | "PUT" | "POST");
        if changes && path.contains("/git/refs") && says(&["force=true", "force:true"]) {
            return broken("git.push-force", "What others pushed is overwritten.");
        }
        let shows = says(&["visibility=public", "visibility:public", "private=false", "private:false"]);
        if changes && self.method != "POST" && is_repository(path) && shows {
            return broken("forge.destroy", "What was private is shown to everybody.");
        }
        None
    }

    /// The engine of containers, which does what it is told without asking who tells.
    fn to_an_engine(&self, path: &str) -> Option<Broken> {
        let path =
            path.trim_start_matches(|c: char| c == 'v' || c == '.' || c.is_ascii_digit()).trim_start_matches('/');
        let plain: String = self.body.chars().filter(|c| !c.is_whitespace()).collect();
        let opens = ["\"Privileged\":true", "\"/:/", "\"PidMode\":\"host\"", "docker.sock"];
        match (self.method.as_str(), path) {
            ("POST", "containers/create") if opens.iter().any(|part| plain.contains(part)) => {
                broken("priv.container-escape", "The container reaches the whole machine.")
            }
            ("POST", path) if path.ends_with("/prune") => {
                broken("docker.prune", "Whatever is not running is removed, whoever made it.")
            }
            ("DELETE", path) if path.starts_with("volumes/") => {
                broken("docker.volume-delete", "What the volume holds is gone.")
            }
            _ => None,
        }
    }

    /// Stores that are asked over HTTP.
    fn to_a_store(&self, host: &str, path: &str, whole: &str) -> Option<Broken> {
        let port = host.rsplit_once(':').map(|(_, port)| port).unwrap_or_default();
        let name = host.split(':').next().unwrap_or_default();
        let lost = |what: &str| broken("db.destructive", &format!("{what} is deleted."));
        let is_search = port == "9200" || ["elastic", "opensearch"].iter().any(|kind| name.contains(kind));
        let is_documents = port == "5984" || name.contains("couch");
        let is_search_lost =
            self.method == "DELETE" && !path.is_empty() && !path.contains("/_doc/") && !path.starts_with("_search")
                || path.ends_with("_delete_by_query");
        if is_search && is_search_lost
            || is_documents && self.method == "DELETE" && !path.contains('/') && !path.is_empty()
        {
            return lost("An index or a database");
        }
        let is_asked = matches!(port, "8123" | "8086" | "9000" | "8529")
            || ["clickhouse", "influx"].iter().any(|kind| name.contains(kind));
        if !is_asked {
            return None;
        }
        let text = format!("{whole} {}", self.body).replace(['+', '='], " ").replace("%20", " ");
        database::sql(&text).and_then(lost)
    }
}

fn is_forge(host: &str) -> bool {
    matches!(
        host,
        "api.github.com" | "gitlab.com" | "api.bitbucket.org" | "codeberg.org" | "gitea.com" | "dev.azure.com"
    ) || ["gitlab.", "gitea.", "forgejo.", "github.", "bitbucket."].iter().any(|start| host.starts_with(start))
}

fn is_cloud(host: &str) -> bool {
    const CLOUDS: &[&str] = &[
        "api.digitalocean.com",
        "api.heroku.com",
        "api.vercel.com",
        "api.netlify.com",
        "api.hetzner.cloud",
        "api.linode.com",
        "api.cloudflare.com",
        "management.azure.com",
        "api.fly.io",
        "api.machines.dev",
        "api.render.com",
        "api.scaleway.com",
        "api.vultr.com",
        "api.supabase.com",
        "console.neon.tech",
        "api.planetscale.com",
        "api.equinix.com",
        "api.exoscale.com",
        "api.ovh.com",
        "api.upcloud.com",
        "backboard.railway.app",
        "cloud.mongodb.com",
        "api.confluent.cloud",
        "api.elastic-cloud.com",
    ];
    CLOUDS.contains(&host)
        || [".googleapis.com", ".amazonaws.com", ".core.windows.net"].iter().any(|end| host.ends_with(end))
}

/// A repository as a whole.
fn is_repository(path: &str) -> bool {
    ["repos/", "repositories/"]
        .iter()
        .any(|start| path.strip_prefix(start).is_some_and(|rest| rest.matches('/').count() == 1))
        || path.strip_prefix("projects/").is_some_and(|rest| !rest.contains('/'))
}

/// A repository, or what others find in one.
fn is_kept_by_a_forge(path: &str) -> bool {
    is_repository(path)
        || ["/releases/", "/secrets/", "/environments/", "/hooks/", "/packages/"].iter().any(|part| path.contains(part))
        || path.starts_with("groups/") && path.matches('/').count() == 1
}

/// A branch or a tag.
fn is_a_ref(path: &str) -> bool {
    ["/git/refs/", "/branches/", "/repository/tags/", "/refs/branches/", "/refs/tags/"]
        .iter()
        .any(|part| path.contains(part))
}
