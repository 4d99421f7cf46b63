//! Code that fetches: which call does, where it keeps what came, and whether it runs it.

use super::call::{Argument, Call, calls};
use super::{EVALUATES, opens_for_writing};
use crate::Scope;
use crate::shell::{Snippet, Word};

/// Calls that fetch.
const FETCHES: &[&str] =
    &["urlopen", "urlretrieve", "fetch", "file_get_contents", "DownloadString", "LWP::Simple::get", "getstore"];
const FETCH_OWNERS: &[&str] = &[
    "requests",
    "httpx",
    "urllib",
    "urllib2",
    "axios",
    "got",
    "https",
    "http",
    "Net::HTTP",
    "URI",
    "open-uri",
    "superagent",
];

/// Files in which code keeps what it fetched.
pub(crate) fn files(snippet: &Snippet, scope: &Scope) -> Vec<Word> {
    let code = snippet.code.guess();
    if !code.contains("http") {
        return Vec::new();
    }
    let found = calls(&code, scope);
    let saves = |call: &Call| match call.name.as_str() {
        "urlretrieve" | "getstore" | "download_file" | "download" => call.word(1).cloned(),
        _ => None,
    };
    let fetches = found.iter().any(is_fetch);
    let writes = |call: &Call| match call.name.as_str() {
        "open" | "fopen" => call.first_word().filter(|_| opens_for_writing(call)).cloned(),
        "write_bytes" | "write_text" => call.receiver.clone(),
        "writeFileSync" | "writeFile" | "createWriteStream" | "file_put_contents" | "write" | "binwrite" => {
            call.first_word().cloned()
        }
        _ => None,
    };
    let written = found.iter().filter(|_| fetches).filter_map(writes);
    found.iter().filter_map(saves).chain(written).filter(|word| !word.is_opaque()).collect()
}

/// `require('https')`.
fn requires_fetch(owner: &str) -> bool {
    let inside = owner.strip_prefix("require(").map(|rest| rest.trim_matches([')', '\'', '"']));
    inside.is_some_and(|name| FETCH_OWNERS.contains(&name.trim_start_matches("node:")))
}

/// A call that asks another machine.
fn is_fetch(call: &Call) -> bool {
    let owner = call.owner.split(['.', '(']).next().unwrap_or_default();
    let asks_the_net = || call.first_word().is_some_and(|word| word.prefix().starts_with("http"));
    matches!(call.name.as_str(), "get" | "download" | "readLines" | "slurp") && call.owner.is_empty() && asks_the_net()
        || FETCHES.contains(&call.name.as_str()) && call.name != "file_get_contents"
        || call.name == "file_get_contents" && call.first_word().is_some_and(|word| word.prefix().starts_with("http"))
        || (FETCH_OWNERS.contains(&owner) || requires_fetch(&call.owner))
            && ["get", "request", "post", "read"].contains(&call.name.as_str())
        || call.name == "open" && call.first_word().is_some_and(|word| word.prefix().starts_with("http"))
}

/// True where code fetches, and runs what came.
pub(super) fn runs(code: &str, found: &[Call]) -> bool {
    let Some(fetch) = found.iter().find(|call| is_fetch(call)) else { return false };
    // `.then(eval)`: the name alone is handed on.
    let hands_on = |call: &Call| {
        call.arguments
            .iter()
            .any(|argument| matches!(argument, Argument::Other(text) if EVALUATES.contains(&text.as_str())))
    };
    if found.iter().any(|call| call.at > fetch.at && hands_on(call)) {
        return true;
    }
    // `eval get("…")`: what runs stands before what fetches.
    let before = &code[..fetch.at];
    let before = before.strip_suffix('.').and_then(|owned| owned.strip_suffix(fetch.owner.as_str())).unwrap_or(before);
    let before = before.trim_end_matches([' ', '(', '$', '@']);
    if EVALUATES.iter().any(|name| before.ends_with(name)) {
        return true;
    }
    found.iter().filter(|call| EVALUATES.contains(&call.name.as_str()) && call.owner.is_empty()).any(|call| {
        call.text.contains(&fetch.text) || {
            // What came was given a name, and the name is run.
            let before = code[..fetch.at].rsplit([';', '\n']).next().unwrap_or_default();
            let name = before
                .split('=')
                .next()
                .unwrap_or_default()
                .trim()
                .trim_start_matches("const ")
                .trim_start_matches("let ");
            let name = name.trim_start_matches("var ").trim_start_matches(['$', '(']);
            let name = name.split([',', ' ', ':', ')']).next().unwrap_or_default();
            before.contains('=') && !name.is_empty() && call.text.contains(name)
                || code.contains(".then") && call.at > fetch.at
        }
    })
}
