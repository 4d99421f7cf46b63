//! Clusters and containers.

use super::{Broken, Told, begins};
use crate::shell::{Script, Simple};

const CLUSTER_TAKING: &[&str] = &[
    "-n",
    "--namespace",
    "--context",
    "--cluster",
    "--kubeconfig",
    "-l",
    "--selector",
    "-f",
    "--filename",
    "-o",
    "--kube-context",
    "-s",
    "--server",
    "--user",
];
const DOCKER_TAKING: &[&str] =
    &["-H", "--host", "--context", "-c", "-f", "--file", "-p", "--project-name", "--profile", "--env-file"];

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
    cluster(told, out);
    container(told, out);
}

fn cluster(told: &Told<'_>, out: &mut Vec<Broken>) {
    let verbs = told.verbs(CLUSTER_TAKING);
    let first = verbs.first().copied().unwrap_or_default();
    match told.name {
        "kubectl" | "oc" | "k" | "kubecolor" => kubectl(told, &verbs, out),
        "k3s" | "microk8s" => kubectl(told, verbs.get(1..).unwrap_or_default(), out),
        "helm" if matches!(first, "uninstall" | "delete" | "un" | "del") => {
            out.push(("k8s.delete", "A release is removed with all that it runs.".into()));
        }
        "lxc" | "incus" if first == "config" || first == "launch" => {
            let line = told.line();
            if line.contains("security.privileged true")
                || line.contains("security.privileged=true")
                || told.has(&["source=/"])
            {
                out.push(("priv.container-escape", "The container reaches the whole machine.".into()));
            }
        }
        "ctr" | "crictl" | "nsjail" | "systemd-nspawn" if told.flag("", &["privileged"]) => {
            out.push(("priv.container-escape", "The container reaches the whole machine.".into()));
        }
        "flux" if first == "delete" => {
            out.push(("k8s.delete", "What it keeps in the cluster is removed.".into()));
        }
        "argocd" if begins(&verbs, &["app", "delete"]) => {
            out.push(("k8s.delete", "An application is removed with all that it runs.".into()));
        }
        "kustomize" | "skaffold" if first == "delete" => {
            out.push(("k8s.delete", "What it deployed is removed.".into()));
        }
        "eksctl" | "kops" if first == "delete" => {
            out.push(("cloud.destroy", "A cluster is deleted in the cloud.".into()));
        }
        _ => {}
    }
}

fn kubectl(told: &Told<'_>, verbs: &[&str], out: &mut Vec<Broken>) {
    if enters_a_node(told, verbs) {
        out.push(("priv.container-escape", "What is started reaches the whole machine that it runs on.".into()));
    }
    match verbs.first().copied() {
        Some("delete") if !deletes_little(told, verbs) => {
            out.push(("k8s.delete", "What the cluster runs or keeps is deleted.".into()));
        }
        Some("create") if told.args.iter().any(|arg| arg == "--clusterrole=cluster-admin") => {
            out.push(("cloud.iam", "Somebody may do everything in the cluster.".into()));
        }
        Some("adm") if matches!(verbs.get(1), Some(&"drain" | &"cordon" | &"taint")) => {
            out.push(("k8s.disrupt", "What runs on a node has to move.".into()));
        }
        Some("drain" | "cordon" | "taint") => out.push(("k8s.disrupt", "What runs on a node has to move.".into())),
        Some("scale") if told.value(&["--replicas"]) == Some("0") => {
            out.push(("k8s.disrupt", "Nothing of it runs any more.".into()));
        }
        Some("rollout") if matches!(verbs.get(1), Some(&"restart" | &"undo")) => {
            out.push(("k8s.disrupt", "Everything of it is started anew.".into()));
        }
        Some("patch" | "set" | "edit")
            if says(told, "\"replicas\":0") || says(told, "\"path\":\"/spec/replicas\",\"value\":0") =>
        {
            out.push(("k8s.disrupt", "Nothing of it runs any more.".into()));
        }
        Some("patch") if says(told, "\"finalizers\":null") || says(told, "\"finalizers\":[]") => {
            out.push(("k8s.delete", "What holds a deletion back is taken away.".into()));
        }
        Some("apply") if told.flag("", &["prune"]) => {
            out.push(("k8s.delete", "What the files do not name is deleted.".into()));
        }
        Some("replace") if told.flag("", &["force"]) => {
            out.push(("k8s.delete", "It is deleted before it is made anew.".into()));
        }
        _ => {}
    }
}

/// One of the words, or what is fed, says so; blanks do not matter.
fn says(told: &Told<'_>, what: &str) -> bool {
    let fed = told.command.stdin.as_ref().and_then(|fed| fed.literal()).unwrap_or_default();
    let has = |text: &str| {
        text.contains(what.split(':').next().unwrap_or(what).trim_matches('"'))
            && text.chars().filter(|c| !c.is_whitespace()).collect::<String>().contains(what)
    };
    told.args.iter().any(|arg| has(arg)) || has(&fed)
}

/// A pod that is given the machine it runs on: by its specification, or as `kubectl debug node/x` makes one.
fn enters_a_node(told: &Told<'_>, verbs: &[&str]) -> bool {
    let is_debug = verbs.first() == Some(&"debug") && verbs.get(1).is_some_and(|what| what.starts_with("node/"));
    const OPENS: &[&str] =
        &["\"privileged\":true", "\"hostPID\":true", "privileged:true", "hostPID:true", "\"hostPath\":{\"path\":\"/\""];
    let makes = matches!(verbs.first(), Some(&"run" | &"apply" | &"create" | &"patch" | &"replace"));
    is_debug || makes && OPENS.iter().any(|opens| says(told, opens)) || told.flag("", &["privileged"]) && makes
}

/// One pod is made again by whatever runs it.
fn deletes_little(told: &Told<'_>, verbs: &[&str]) -> bool {
    let what = verbs.get(1).copied().unwrap_or_default();
    let kind = what.split('/').next().unwrap_or_default();
    let is_many = told.flag("A", &["all", "all-namespaces"]) || told.flag("l", &["selector"]) && kind == "pods";
    matches!(kind, "pod" | "pods" | "po" | "event" | "events" | "job" | "jobs") && !is_many
}

fn container(told: &Told<'_>, out: &mut Vec<Broken>) {
    if !matches!(told.name, "docker" | "podman" | "nerdctl" | "docker-compose" | "podman-compose") {
        return;
    }
    let verbs = told.verbs(DOCKER_TAKING);
    let is_compose = told.name.ends_with("-compose") || verbs.first() == Some(&"compose");
    let verbs = if verbs.first() == Some(&"compose") { &verbs[1..] } else { &verbs[..] };
    let (first, second) = (verbs.first().copied().unwrap_or_default(), verbs.get(1).copied().unwrap_or_default());
    let pruned = || ("docker.prune", "Whatever is not running is removed, whoever made it.".to_owned());
    let is_force = told.flag("f", &["force"]);
    match (first, second) {
        ("system", "reset") => out.push(pruned()),
        ("service", "scale") if verbs.iter().any(|verb| verb.ends_with("=0")) => {
            out.push(("k8s.disrupt", "Nothing of it runs any more.".to_owned()));
        }
        ("push", _) if is_compose => publish_image("", out),
        ("system", "prune") if told.flag("a", &["all", "volumes"]) => out.push(pruned()),
        ("volume", "prune") => out.push(pruned()),
        ("image", "prune") if told.flag("a", &["all"]) => out.push(pruned()),
        ("container", "prune") if is_force => out.push(pruned()),
        ("volume", "rm" | "remove") if names_what_is_listed(told) => {}
        ("volume", "rm" | "remove") => out.push(("docker.volume-delete", "What the volume holds is gone.".to_owned())),
        ("down", _) if is_compose && told.flag("v", &["volumes"]) => {
            out.push(("docker.volume-delete", "The project's volumes go with all that they hold.".to_owned()));
        }
        ("rm", _) if is_compose && told.flag("v", &[]) => {
            out.push(("docker.volume-delete", "Volumes of these containers are removed.".to_owned()));
        }
        ("push", _) | ("image" | "manifest", "push") => publish_image(verbs.last().copied().unwrap_or_default(), out),
        ("build", _) | ("buildx", "build" | "bake") | ("image", "build") if pushes_what_it_builds(told) => {
            publish_image(told.value(&["-t", "--tag"]).unwrap_or_default(), out);
        }
        ("buildx", "imagetools") if verbs.get(2) == Some(&"create") => {
            publish_image(told.value(&["-t", "--tag"]).unwrap_or_default(), out);
        }
        _ => {}
    }
    let runs = matches!(first, "run" | "create" | "exec") || first == "container" && matches!(second, "run" | "create");
    if runs && (!is_compose || first == "run") && opens_the_host(told) {
        out.push(("priv.container-escape", "The container reaches the whole machine.".to_owned()));
    }
}

/// `$(docker ps -aq)`: whatever there is.
fn names_what_is_listed(told: &Told<'_>) -> bool {
    told.command.words.iter().skip(1).any(|word| word.is_opaque() && word.prefix().is_empty())
}

/// Containers, images or volumes that are removed because they are there; a list that was narrowed down is one of names.
pub(super) fn across(script: &Script) -> Option<(&Simple, Broken)> {
    let lists = |command: &&Simple| {
        let told = Told::of(command);
        is_engine(told.name) && told.flag("q", &["quiet"]) && told.has(&["ps", "images", "ls", "list"])
    };
    let listed: Vec<&Simple> = script.commands.iter().filter(lists).collect();
    let is_narrow = !listed.is_empty() && listed.iter().all(|command| is_narrowed(&Told::of(command)));
    let removes = |command: &&Simple| {
        let told = Told::of(command);
        let verbs = told.verbs(DOCKER_TAKING);
        let is_one = match (verbs.first().copied().unwrap_or_default(), verbs.get(1).copied().unwrap_or_default()) {
            ("rm" | "rmi", _) | ("container" | "image", "rm" | "remove") => {
                told.flag("f", &["force"]) || !listed.is_empty()
            }
            ("volume", "rm" | "remove") => true,
            _ => false,
        };
        is_engine(told.name) && is_one && names_what_is_listed(&told)
    };
    let found = script.commands.iter().find(removes).filter(|_| !is_narrow)?;
    Some((found, ("docker.prune", "Whatever there is is removed, whoever made it.".to_owned())))
}

/// The list is of some that have a name or a mark, or of what has ended.
fn is_narrowed(told: &Told<'_>) -> bool {
    const NARROW: &[&str] = &[
        "name=",
        "label=",
        "ancestor=",
        "id=",
        "network=",
        "volume=",
        "reference=",
        "dangling=true",
        "status=exited",
        "status=dead",
    ];
    let after =
        told.args.windows(2).filter(|pair| matches!(pair[0].as_str(), "-f" | "--filter")).map(|pair| pair[1].as_str());
    let joined = told.args.iter().filter_map(|arg| arg.strip_prefix("--filter="));
    let mut filters = after.chain(joined).peekable();
    filters.peek().is_some() && filters.all(|filter| NARROW.iter().any(|narrow| filter.starts_with(narrow)))
}

fn is_engine(name: &str) -> bool {
    matches!(name, "docker" | "podman" | "nerdctl")
}

fn opens_the_host(told: &Told<'_>) -> bool {
    const HOST: &[&str] =
        &["/", "/etc", "/root", "/proc", "/sys", "/boot", "/dev", "/var/run", "/run", "/var/lib/docker"];
    let opens = |value: &str| {
        let long = value.split(',').find_map(|part| part.strip_prefix("source=").or_else(|| part.strip_prefix("src=")));
        let source = long.unwrap_or_else(|| value.split(':').next().unwrap_or_default());
        HOST.contains(&source)
            || ["docker.sock", "containerd.sock", "podman.sock"].iter().any(|socket| source.ends_with(socket))
    };
    let mut mounts = told.args.iter().enumerate().filter_map(|(at, arg)| match arg.as_str() {
        "-v" | "--volume" | "--mount" => told.args.get(at + 1).map(String::as_str),
        arg => arg
            .strip_prefix("--volume=")
            .or_else(|| arg.strip_prefix("--mount="))
            .or_else(|| arg.strip_prefix("-v").filter(|rest| rest.starts_with('/'))),
    });
    let shares = ["--pid", "--ipc", "--uts"].iter().any(|name| told.value(&[name]) == Some("host"));
    let gives = told.value(&["--cap-add"]).map(|cap| cap.trim_start_matches("CAP_"));
    let device = told.value(&["--device"]).and_then(|device| device.strip_prefix("/dev/")).unwrap_or_default();
    let is_disk =
        ["sd", "nvme", "vd", "xvd", "disk", "mem", "kmem", "mapper"].iter().any(|kind| device.starts_with(kind));
    told.flag("", &["privileged"])
        || is_disk
        || shares
        || mounts.any(opens)
        || matches!(gives, Some("SYS_ADMIN" | "ALL" | "SYS_PTRACE" | "SYS_MODULE"))
}

fn pushes_what_it_builds(told: &Told<'_>) -> bool {
    let output = told.value(&["-o", "--output"]).unwrap_or_default();
    told.flag("", &["push"]) && told.value(&["--push"]).is_none_or(|value| value != "false")
        || output.contains("push=true")
        || output.contains("type=registry")
}

fn publish_image(image: &str, out: &mut Vec<Broken>) {
    let host = image.split('/').next().unwrap_or_default();
    let is_own = host.starts_with("localhost")
        || host.starts_with("127.")
        || host.ends_with(".local")
        || host.ends_with(".internal")
        || host.contains(".internal:");
    if !is_own && image != "push" {
        out.push(("publish.registry", "An image is given to everybody who may read the registry.".to_owned()));
    }
}
