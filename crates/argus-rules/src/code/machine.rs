//! What a language's own library does to the machine and to others, where the shell has a program for it: rights that
//! outlast who gave them, signals to everybody, requests that delete, servers that are not checked.

use super::call::{Argument, Call};
use super::{CHANGES_MODE, Found, shorten};
use crate::effect::{Kind, known};

/// What calls do.
pub(super) fn of_call(call: &Call, code: &str) -> Option<Found> {
    let name = call.name.as_str();
    let (rule, reason) = if CHANGES_MODE.contains(&name)
        && (["S_ISUID", "S_ISGID"].iter().any(|bit| call.text.contains(bit)) || call.arguments.iter().any(is_setuid))
    {
        ("priv.setuid", "Whoever runs the program afterwards has more rights than their own.".to_owned())
    } else if let Some(what) = asked_of_a_store(call) {
        ("db.destructive", format!("{what} is deleted."))
    } else if name.starts_with("delete_namespace") && !name.contains("pod") {
        ("k8s.delete", "What the cluster runs or keeps is deleted.".to_owned())
    } else {
        requested(call, code)?
    };
    Some(Found::Effect(Kind::Known(rule, reason), shorten(&call.text)))
}

/// A statement that is given to a store, or a call of its library that empties it.
fn asked_of_a_store(call: &Call) -> Option<&'static str> {
    const ASKS: &[&str] = &[
        "execute",
        "query",
        "raw",
        "executescript",
        "exec_query",
        "exec",
        "run",
        "sql",
        "unsafe",
        "queryRaw",
        "executeRaw",
    ];
    const EMPTIES: &[&str] = &[
        "flushall",
        "flushdb",
        "flushAll",
        "flushDb",
        "dropDatabase",
        "drop_database",
        "dropCollection",
        "drop_collection",
        "drop_all",
        "truncate_table",
        "delete_collection",
    ];
    let name = call.name.as_str();
    let is_all = matches!(name, "deleteMany" | "delete_many")
        && call.text.split_whitespace().collect::<String>().contains("({})");
    if is_all || EMPTIES.contains(&name) {
        return Some("What the store keeps");
    }
    let statement = call.first_word().filter(|_| ASKS.contains(&name) && !call.owner.is_empty())?;
    known::sql(&statement.spell_out())
}

fn is_setuid(argument: &Argument) -> bool {
    super::mode_of(argument).is_some_and(|(_, digits)| known::is_setuid(&digits))
}

/// A request that deletes or overwrites, as `requests.delete(url)` or `fetch(url, { method: 'DELETE' })`.
fn requested(call: &Call, code: &str) -> Option<known::Broken> {
    let word = call.arguments.iter().filter_map(Argument::word).find(|word| word.prefix().contains("://"))?;
    let named = ["delete", "patch", "put", "post"].into_iter().find(|method| call.name == *method);
    let told = || {
        let asks = matches!(call.name.as_str(), "fetch" | "request" | "axios" | "urlopen" | "Request" | "ky" | "got");
        asks.then(|| ["DELETE", "PATCH", "PUT"].into_iter().find(|method| call.text.contains(method))).flatten()
    };
    let method = named.or_else(told)?;
    let body = code.replace("True", "true").replace("False", "false");
    known::Request::of_code(method, &word.guess(), &body).breaks()
}

/// What a piece of code does as a whole.
pub(super) fn of_code(code: &str, out: &mut Vec<Found>) {
    let mut add = |rule: &'static str, reason: &str| {
        out.push(Found::Effect(Kind::Known(rule, reason.to_owned()), shorten(code)));
    };
    if signals_everybody(code) {
        add("sys.kill-broad", "Everything of a user, or of the machine, is ended.");
    }
    if trusts_anybody(code) {
        add("net.tls-off", "Whoever stands between may read and change what is sent.");
    }
    if code.contains("CronTab(") && code.contains(".write(") {
        add("persist.cron", "It runs again and again after the session is over.");
    }
    if code.contains("PortScanner(")
        || code.contains("scapy") && ["sr(", "sr1(", "srp(", "arping("].iter().any(|call| code.contains(call))
    {
        add("net.scan", "Other machines are searched for open doors.");
    }
    if code.contains("connect_ex(")
        && code.contains("range(")
        && !code.contains("localhost")
        && !code.contains("127.0.0.1")
    {
        add("net.scan", "Other machines are searched for open doors.");
    }
}

/// `os.kill(-1, 9)`, `kill 'KILL', -1`: a signal for all that may be reached.
fn signals_everybody(code: &str) -> bool {
    code.match_indices("kill").any(|(at, name)| {
        let rest = &code[at + name.len()..];
        let statement = &rest[..rest.find([';', '\n', '}']).unwrap_or(rest.len()).min(rest.floor_char_boundary(80))];
        let is_call = statement.starts_with(['(', ' ']);
        let is_whole = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '-');
        let mut arguments = statement.trim_matches(['(', ')', ' ']).split([',', ')']);
        is_call && is_whole && arguments.any(|argument| argument.trim() == "-1")
    })
}

fn trusts_anybody(code: &str) -> bool {
    const SAYS: &[&str] = &[
        "verify=False",
        "verify_ssl=False",
        "ssl=False",
        "_create_unverified_context",
        "ssl.CERT_NONE",
        "rejectUnauthorized:false",
        "VERIFY_NONE",
        "InsecureSkipVerify:true",
        "SSL_VERIFYPEER,false",
        "SSL_VERIFYPEER,0",
        "SSL_VERIFYPEER=>false",
        "NODE_TLS_REJECT_UNAUTHORIZED='0'",
        "NODE_TLS_REJECT_UNAUTHORIZED=\"0\"",
        "danger_accept_invalid_certs(true)",
    ];
    const MARKS: &[&str] =
        &["verify", "VERIFY", "ssl", "Unauthorized", "UNAUTHORIZED", "InsecureSkip", "danger_accept"];
    if !MARKS.iter().any(|mark| code.contains(mark)) {
        return false;
    }
    let plain: String = code.chars().filter(|c| !c.is_whitespace()).collect();
    SAYS.iter().any(|says| plain.contains(says))
}
