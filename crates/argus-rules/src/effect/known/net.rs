//! The network: tunnels, scans, credentials of the machine's cloud, checks that are switched off.

use super::{Broken, Told};
use crate::shell::{Piece, Script, Simple, Unknown};

/// Where clouds hand out a machine's credentials.
const METADATA: &[&str] = &[
    "169.254.169.254",
    "metadata.google.internal",
    "169.254.170.2",
    "100.100.100.200",
    "fd00:ec2::254",
    "[fd00:ec2::254]",
    "metadata.azure.internal",
    "2852039166",
    "0xa9fea9fe",
];

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
    if fetches(told.name) && told.args.iter().any(|arg| is_metadata(arg)) {
        out.push(("net.metadata", "The machine's own credentials are asked for.".into()));
    }
    if opens_a_tunnel(told) {
        out.push(("net.tunnel", "A way into this machine is opened for others.".into()));
    }
    if scans(told) {
        out.push(("net.scan", "Other machines are searched for open doors.".into()));
    }
    if trusts_anybody(told) {
        out.push(("net.tls-off", "Whoever stands between may read and change what is sent.".into()));
    }
}

fn fetches(name: &str) -> bool {
    matches!(
        name,
        "curl"
            | "wget"
            | "http"
            | "https"
            | "xh"
            | "fetch"
            | "nc"
            | "ncat"
            | "aria2c"
            | "lynx"
            | "w3m"
            | "axel"
            | "telnet"
            | "openssl"
            | "httpie"
            | "iwr"
            | "irm"
            | "Invoke-WebRequest"
            | "Invoke-RestMethod"
    )
}

/// Code that asks for it.
pub(super) fn code_asks_metadata(code: &str) -> bool {
    let asks = [
        "urlopen(",
        "requests.",
        "httpx.",
        "fetch(",
        "axios",
        "Net::HTTP",
        "http.get",
        "http.request",
        "file_get_contents(",
        "curl_",
    ];
    METADATA.iter().any(|known| known.contains('.') && code.contains(known))
        && asks.iter().any(|call| code.contains(call))
}

/// True for the address of a cloud's metadata.
pub(crate) fn is_metadata(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let host = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    METADATA
        .iter()
        .any(|known| host.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with(['/', ':', '?'])))
}

fn opens_a_tunnel(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&["--url", "-p", "--port", "--config", "-c", "-o", "-i", "-l", "-F", "-J"]);
    let first = verbs.first().copied().unwrap_or_default();
    match told.name {
        "ngrok" => matches!(first, "http" | "tcp" | "tls" | "start" | "tunnel"),
        "cloudflared" => {
            first == "tunnel" && !matches!(verbs.get(1), Some(&"list" | &"info" | &"login" | &"delete" | &"cleanup"))
                || first == "access" && verbs.get(1) == Some(&"tcp")
        }
        "ssh" | "autossh" => {
            told.args
                .iter()
                .any(|arg| arg.starts_with('-') && !arg.starts_with("--") && arg.len() <= 6 && arg.contains('R'))
                || told.args.iter().any(|arg| arg.starts_with("RemoteForward") || arg.starts_with("-oRemoteForward"))
        }
        "chisel" => matches!(first, "client" | "server"),
        "bore" => matches!(first, "local" | "server"),
        "frpc" | "frps" | "localtunnel" | "lt" | "serveo" | "pagekite" | "sish" | "rathole" | "gost" | "ligolo"
        | "ligolo-agent" | "zrok" | "localxpose" | "loclx" | "telebit" | "pinggy" => !told.args.is_empty(),
        "tailscale" => first == "funnel" || first == "serve" && told.has(&["--bg", "https", "funnel"]),
        "code" => first == "tunnel",
        "devtunnel" => first == "host",
        "socat" => {
            let is_open = |arg: &String| {
                arg.to_ascii_uppercase().starts_with("TCP-LISTEN")
                    || arg.to_ascii_uppercase().starts_with("TCP4-LISTEN")
            };
            told.args.iter().any(is_open)
                && told.args.iter().any(|arg| {
                    arg.to_ascii_uppercase().starts_with("TCP:") || arg.to_ascii_uppercase().starts_with("TCP4:")
                })
        }
        _ => false,
    }
}

fn is_own_host(host: &str) -> bool {
    matches!(host, "localhost" | "127.0.0.1" | "::1" | "0.0.0.0" | "host.docker.internal")
        || host.starts_with("127.")
        || host.starts_with("localhost:")
}

fn scans(told: &Told<'_>) -> bool {
    let verbs = told.verbs(&["-p", "-oN", "-oX", "-oG", "-oA", "--rate", "-w", "-i", "-iL", "--script", "-T", "-t"]);
    let is_remote = || verbs.iter().any(|host| !is_own_host(host));
    match told.name {
        "nmap" | "masscan" | "zmap" | "rustscan" | "naabu" | "unicornscan" | "nikto" | "gobuster" | "ffuf"
        | "sqlmap" | "hydra" | "nuclei" | "dirb" | "wpscan" | "arp-scan" | "netdiscover" | "fping" | "enum4linux"
        | "crackmapexec" => {
            is_remote() && !(told.name == "fping" && verbs.len() == 1)
                || told.name == "masscan" && told.args.iter().any(|arg| arg.contains('/'))
        }
        "nc" | "ncat" | "netcat" => {
            told.flag("z", &[])
                && is_remote()
                && verbs.iter().any(|port| port.contains('-') && port.starts_with(char::is_numeric))
        }
        _ => false,
    }
}

/// One port of many machines: a host whose last number is worked out, or several hosts in turn.
pub(super) fn across(script: &Script) -> Vec<(&Simple, Broken)> {
    let asks = |command: &&Simple| {
        let told = Told::of(command);
        match told.name {
            "nc" | "ncat" | "netcat" => told.flag("z", &[]),
            "ping" => true,
            _ => false,
        }
    };
    let is_numbered = |command: &Simple| {
        command.words.iter().skip(1).any(|word| match word.pieces() {
            [before @ .., Piece::Unknown(Unknown::Segment | Unknown::Any)] if !before.is_empty() => {
                matches!(before.last(), Some(Piece::Text(text)) if text.ends_with('.'))
            }
            _ => false,
        })
    };
    let host = |command: &Simple| {
        let words = command.operands().iter().map(crate::shell::Word::show);
        words.filter(|word| !word.starts_with('-') && word.contains('.')).find(|word| !is_own_host(word))
    };
    let asking: Vec<&Simple> = script.commands.iter().filter(asks).collect();
    let mut hosts: Vec<String> = asking
        .iter()
        .filter_map(|command| Some(format!("{} {}", host(command)?, command.operands().last()?.show())))
        .collect();
    hosts.sort_unstable();
    hosts.dedup();
    const MANY: usize = 5;
    let found =
        asking.iter().find(|command| is_numbered(command)).or_else(|| asking.first().filter(|_| hosts.len() >= MANY));
    let found = found.copied().or_else(|| knocks(script));
    found
        .map(|command| (command, ("net.scan", "Other machines are searched for open doors.".to_owned())))
        .into_iter()
        .collect()
}

/// Options that say so in every program that has them.
fn is_unchecked(arg: &str) -> bool {
    let Some(option) = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-')) else { return false };
    let (name, value) = option.split_once('=').map_or((option, None), |(name, value)| (name, Some(value)));
    match name {
        "insecure-skip-tls-verify"
        | "kube-insecure-skip-tls-verify"
        | "insecure-skip-tls"
        | "skip-tls-verify"
        | "tls-skip-verify"
        | "no-check-certificate"
        | "no-check-certificates"
        | "no-verify-ssl"
        | "skip-ssl-validation"
        | "no-ssl-verify"
        | "disable-ssl-verification"
        | "ssl-no-verify" => value != Some("false"),
        "tls-verify" | "tlsverify" | "check-certificate" | "ssl-verify" | "verify-ssl" => {
            matches!(value, Some("false" | "no" | "0"))
        }
        "Dmaven.wagon.http.ssl.insecure" | "Dmaven.wagon.http.ssl.allowall" => value == Some("true"),
        _ => false,
    }
}

/// A shell that opens one connection after the other: many ports or machines, or one that a loop works out.
fn knocks(script: &Script) -> Option<&Simple> {
    const MANY_PORTS: usize = 4;
    const MANY_HOSTS: usize = 5;
    let mut places: Vec<String> = Vec::new();
    let mut is_numbered = false;
    for file in script.writes.iter().chain(&script.reads) {
        let shown = file.target.show();
        let Some(place) = shown.strip_prefix("/dev/tcp/").or_else(|| shown.strip_prefix("/dev/udp/")) else { continue };
        if is_own_host(place.split('/').next().unwrap_or_default()) {
            continue;
        }
        is_numbered |= file.target.pieces().iter().any(|piece| matches!(piece, Piece::Unknown(Unknown::Segment)));
        places.push(place.to_owned());
    }
    places.sort_unstable();
    places.dedup();
    let mut hosts: Vec<&str> = places.iter().map(|place| place.split('/').next().unwrap_or_default()).collect();
    let is_swept = hosts.chunk_by(|one, other| one == other).any(|ports| ports.len() >= MANY_PORTS);
    hosts.dedup();
    let is_scan = is_swept || hosts.len() >= MANY_HOSTS || is_numbered;
    script.commands.first().filter(|_| is_scan)
}

fn trusts_anybody(told: &Told<'_>) -> bool {
    let assigned = |name: &str, value: &[&str]| {
        told.args.iter().any(|arg| {
            arg.split_once('=').is_some_and(|(known, set)| {
                known.trim_start_matches("-c").eq_ignore_ascii_case(name) && value.contains(&set)
            })
        })
    };
    if told.args.iter().any(|arg| is_unchecked(arg)) {
        return true;
    }
    match told.name {
        "curl" => told.flag("k", &["insecure", "proxy-insecure"]),
        "grpcurl" | "argocd" | "mc" | "crane" | "oras" | "regctl" | "websocat" | "etcdctl" | "influx" | "rclone" => {
            told.flag("", &["insecure", "insecure-skip-verify"])
        }
        "psql" | "mysql" | "mariadb" => {
            told.flag("", &["skip-ssl-verify"]) || told.line().contains("ssl-mode=disabled")
        }
        "conda" | "mamba" | "composer" | "bundle" | "gem" | "poetry" => {
            let line = told.line();
            ["ssl_verify false", "disable-tls true", "secure-http false", "ssl_verify_mode 0", "cert false"]
                .iter()
                .any(|setting| line.contains(setting))
        }
        "Invoke-WebRequest" | "iwr" | "Invoke-RestMethod" | "irm" => told.line().contains("-skipcertificatecheck"),

        "wget" => told.flag("", &["no-check-certificate"]),
        "http" | "https" | "xh" => told.value(&["--verify"]).is_some_and(|value| value == "no" || value == "false"),
        "git" => assigned("http.sslverify", &["false", "0"]) || told.line().contains("http.sslverify false"),
        "npm" | "yarn" | "pnpm" => told.line().contains("strict-ssl false") || told.line().contains("strict-ssl=false"),
        "env" | "export" | "declare" | "set" | "setx" => {
            assigned("NODE_TLS_REJECT_UNAUTHORIZED", &["0"])
                || assigned("GIT_SSL_NO_VERIFY", &["1", "true"])
                || assigned("PYTHONHTTPSVERIFY", &["0"])
        }
        _ => false,
    }
}
