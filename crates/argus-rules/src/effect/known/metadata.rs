//! The credentials that a cloud hands to whoever asks from a machine of its own, under whichever spelling of the address.

use super::{Broken, Told};
use crate::shell::{Script, Simple};

/// Names under which clouds hand them out.
const NAMES: &[&str] = &[
    "metadata.google.internal",
    "metadata.azure.internal",
    "metadata.tencentyun.com",
    "instance-data",
    "instance-data.ec2.internal",
    "fd00:ec2::254",
    "[fd00:ec2::254]",
];
/// Their numbers.
const NUMBERS: &[[u8; 4]] = &[[169, 254, 169, 254], [169, 254, 170, 2], [169, 254, 170, 23], [100, 100, 100, 200]];

pub(super) fn judge(told: &Told<'_>) -> Option<Broken> {
    let sent_there = || {
        let value = told.value(&["--resolve", "--connect-to", "--host-resolver-rules"]).unwrap_or_default();
        value.split([':', ' ', ',']).any(|part| number_of(part).is_some_and(|number| NUMBERS.contains(&number)))
    };
    let asks = fetches(told.name) && (told.args.iter().any(|arg| is_metadata(arg)) || sent_there())
        || matches!(told.name, "ec2-metadata" | "ec2metadata")
        || told.name == "cloud-init" && told.args.first().is_some_and(|verb| verb == "query");
    asks.then(|| ("net.metadata", "The machine's own credentials are asked for.".into()))
}

/// A shell that opens the connection itself.
pub(super) fn across(script: &Script) -> Option<(&Simple, Broken)> {
    let asks = script
        .writes
        .iter()
        .chain(&script.reads)
        .any(|file| file.target.prefix().strip_prefix("/dev/tcp/").is_some_and(is_metadata));
    let first = script.commands.first().filter(|_| asks)?;
    Some((first, ("net.metadata", "The machine's own credentials are asked for.".to_owned())))
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
    mentions_it(code) && asks.iter().any(|call| code.contains(call))
}

/// True for the address of a cloud's metadata.
pub(crate) fn is_metadata(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let rest = lower.split_once("://").map_or(lower.as_str(), |(_, rest)| rest);
    let place = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = place.rsplit('@').next().unwrap_or_default();
    if let Some(inside) = host.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
        let mapped = inside.strip_prefix("::ffff:").unwrap_or(inside);
        return mapped == "fd00:ec2::254" || mapped == "a9fe:a9fe" || is_number(mapped);
    }
    if host.starts_with("fd00:ec2::254") {
        return true;
    }
    let name = host.split(':').next().unwrap_or_default();
    // Services that answer with the number in the name.
    let plain = [".nip.io", ".sslip.io", ".xip.io"].iter().find_map(|end| name.strip_suffix(end));
    let dotted = plain.map(|name| name.replace('-', "."));
    NAMES.contains(&name) || is_number(dotted.as_deref().unwrap_or(name))
}

fn is_number(host: &str) -> bool {
    number_of(host).is_some_and(|number| NUMBERS.contains(&number))
}

/// A number of a machine as C's library reads it: one to four parts, each decimal, octal or hexadecimal.
fn number_of(host: &str) -> Option<[u8; 4]> {
    let part = |text: &str| {
        if let Some(hexadecimal) = text.strip_prefix("0x") {
            u32::from_str_radix(hexadecimal, 16).ok()
        } else if text.len() > 1 && text.starts_with('0') {
            u32::from_str_radix(text, 8).ok()
        } else {
            text.parse().ok()
        }
    };
    let parts: Vec<u32> = host.split('.').map(part).collect::<Option<_>>()?;
    let (last, first) =
        parts.split_last().filter(|(_, first)| first.len() < 4 && first.iter().all(|part| *part < 256))?;
    let bits = 32 - 8 * u32::try_from(first.len()).ok()?;
    if bits < 32 && *last >= 1 << bits {
        return None;
    }
    let above = first.iter().fold(0_u64, |sum, part| (sum << 8) | u64::from(*part)) << bits;
    u32::try_from(above | u64::from(*last)).ok().map(u32::to_be_bytes)
}

/// Code names it in one of the spellings that people use.
fn mentions_it(code: &str) -> bool {
    NAMES.iter().filter(|name| name.contains('.')).any(|name| code.contains(name))
        || NUMBERS.iter().any(|[a, b, c, d]| code.contains(&format!("{a}.{b}.{c}.{d}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_has_many_spellings() {
        for text in [
            "http://169.254.169.254/latest",
            "169.254.169.254:80/x",
            "http://0xa9fea9fe/",
            "2852039166",
            "http://0251.0376.0251.0376/",
            "http://169.254.43518/",
            "http://[::ffff:169.254.169.254]/",
            "http://169-254-169-254.sslip.io/",
            "http://x@metadata.google.internal/a",
            "[fd00:ec2::254]",
        ] {
            assert!(is_metadata(text), "{text}");
        }
        for text in
            ["http://169.254.1.1/", "https://example.com/169.254.169.254", "10.0.0.1", "", "http://", "0x", "1.2.3.4.5"]
        {
            assert!(!is_metadata(text), "{text}");
        }
    }
}
