//! The network: tunnels, scans, checks that are switched off.

use super::{Broken, Told};
use crate::shell::{Piece, Script, Simple, Unknown};

pub(super) fn judge(told: &Told<'_>, out: &mut Vec<Broken>) {
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
            let opens = |arg: &String| {
                let letters = arg.strip_prefix('-').filter(|rest| !rest.starts_with('-')).unwrap_or_default();
                let cluster = &letters[..letters.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(letters.len())];
                letters.starts_with('R') || cluster.len() <= 6 && cluster.contains('R') && cluster == letters
            };
            // For everybody, and not for this machine alone; or a network of its own.
            let is_for_all = told
                .value(&["-D", "-L"])
                .is_some_and(|place| ["0.0.0.0:", "*:", "[::]:"].iter().any(|all| place.starts_with(all)));
            is_for_all
                || told.has(&["-w"])
                || told.args.iter().any(opens)
                || told.args.iter().any(|arg| arg.starts_with("RemoteForward") || arg.starts_with("-oRemoteForward"))
        }
        "chisel" => matches!(first, "client" | "server"),
        "bore" => matches!(first, "local" | "server"),
        "frpc" | "frps" | "localtunnel" | "lt" | "serveo" | "pagekite" | "sish" | "rathole" | "gost" | "ligolo"
        | "ligolo-agent" | "inlets" | "inlets-pro" | "tmole" | "tunnelmole" | "untun" | "ktunnel" | "jprq"
        | "tunnelto" | "holesail" | "pktriot" | "playit" | "hypertunnel" | "wstunnel" | "zrok" | "localxpose"
        | "loclx" | "telebit" | "pinggy" => !told.args.is_empty(),
        "tailscale" => first == "funnel" || first == "serve" && told.has(&["--bg", "https", "funnel"]),
        "code" => first == "tunnel",
        "expose" => first == "share",
        "kubectl" | "oc" => {
            verbs.contains(&"port-forward") && told.value(&["--address"]).is_some_and(|place| place.contains("0.0.0.0"))
        }
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
        | "crackmapexec" | "netexec" | "nxc" | "feroxbuster" | "amass" | "subfinder" | "nbtscan" | "dirsearch"
        | "wfuzz" | "smbmap" | "httpx" | "dnsenum" | "dnsrecon" | "fierce" | "theHarvester" | "whatweb" | "sslscan"
        | "testssl.sh" | "medusa" | "ncrack" | "onesixtyone" | "snmpwalk" | "snmp-check" | "rpcclient" | "kerbrute"
        | "hping3" => {
            let is_wide = told.flag("g", &["generate"]) || told.flag("l", &["localnet"]);
            is_remote() && !(told.name == "fping" && verbs.len() == 1)
                || matches!(told.name, "fping" | "arp-scan" | "netdiscover") && is_wide
                || told.name == "zmap" && !told.args.is_empty()
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
        "src-tls-verify" | "dest-tls-verify" | "tls-verify" | "tlsverify" | "check-certificate" | "ssl-verify"
        | "verify-ssl" => {
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
        "gcloud" => told.line().contains("disable_ssl_validation true"),
        "lftp" => {
            told.line().contains("ssl:verify-certificate no") || told.line().contains("ssl:verify-certificate false")
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
