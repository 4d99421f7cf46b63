//! Tokens that providers mint with a beginning of their own.

use std::ops::Range;
use std::sync::LazyLock;

use regex::bytes::Regex;

use super::Secret;
use super::mark::Kind;
use super::text::{ends_token, starts_token, window};

/// The longest token looked at; a JSON web token with many claims comes near it.
const LONGEST_BYTES: usize = 16 * 1024;
/// An AWS secret key is looked for this far around its key id.
const NEAR_KEY_ID_BYTES: usize = 256;
const AWS_SECRET_KEY_CHARS: usize = 40;

struct Provider {
    kind: Kind,
    /// How tokens begin.
    literals: &'static [&'static str],
    /// The whole token, matched where a literal was found.
    pattern: &'static str,
    extent: Extent,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Extent {
    /// The token goes on as long as the pattern matches.
    Open,
    /// The token has its length: what goes on is something else.
    Fixed,
}

const fn open(kind: Kind, literals: &'static [&'static str], pattern: &'static str) -> Provider {
    Provider { kind, literals, pattern, extent: Extent::Open }
}

const fn fixed(kind: Kind, literals: &'static [&'static str], pattern: &'static str) -> Provider {
    Provider { kind, literals, pattern, extent: Extent::Fixed }
}

const PROVIDERS: [Provider; 20] = [
    open(Kind::Anthropic, &["sk-ant-"], "sk-ant-[A-Za-z0-9_-]{16,}"),
    open(Kind::OpenAi, &["sk-"], "sk-(?:(?:proj|svcacct|admin|None|or-v1)-[A-Za-z0-9_-]{20,}|[A-Za-z0-9]{20,})"),
    open(
        Kind::GitHub,
        &["ghp_", "gho_", "ghu_", "ghs_", "ghr_"],
        r"gh[pousr]_[A-Za-z0-9_]{20,}(?:\.[A-Za-z0-9_-]{10,}){0,2}",
    ),
    open(Kind::GitHub, &["github_pat_"], "github_pat_[A-Za-z0-9_]{20,}"),
    open(Kind::GitLab, &["glpat-"], r"glpat-[A-Za-z0-9_-]{20,}(?:\.[0-9a-z]{2}\.[0-9a-z]{7,})?"),
    fixed(Kind::Aws, &["AKIA", "ASIA"], "A[KS]IA[A-Z0-9]{16}"),
    fixed(Kind::Google, &["AIza"], "AIza[A-Za-z0-9_-]{35}"),
    open(Kind::Google, &["ya29."], r"ya29\.[A-Za-z0-9_-]{20,}"),
    open(Kind::Google, &["GOCSPX-"], "GOCSPX-[A-Za-z0-9_-]{20,}"),
    open(Kind::Slack, &["xox"], r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{10,}"),
    open(Kind::Slack, &["xapp-"], "xapp-[A-Za-z0-9-]{20,}"),
    open(Kind::Stripe, &["sk_live_", "rk_live_", "sk_test_", "rk_test_"], "[sr]k_(?:live|test)_[A-Za-z0-9]{16,}"),
    open(Kind::Stripe, &["whsec_"], "whsec_[A-Za-z0-9+/]{24,}=*"),
    open(Kind::Npm, &["npm_"], "npm_[A-Za-z0-9]{30,}"),
    open(Kind::PyPi, &["pypi-"], "pypi-[A-Za-z0-9_-]{40,}"),
    open(Kind::HuggingFace, &["hf_"], "hf_[A-Za-z0-9]{30,}"),
    open(Kind::SendGrid, &["SG."], r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"),
    fixed(Kind::Twilio, &["SK"], "SK[0-9a-f]{32}"),
    // Signed (three parts), unsigned or cut (two), encrypted (five).
    open(Kind::Jwt, &["eyJ"], r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]+)?"),
    open(Kind::Jwt, &[], r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*(?:\.[A-Za-z0-9_-]{8,}){3}"),
];

const SIGNED_JWT: usize = 18;
const ENCRYPTED_JWT: usize = 19;

pub(super) fn literals() -> impl Iterator<Item = (&'static str, usize)> {
    PROVIDERS
        .iter()
        .enumerate()
        .flat_map(|(index, provider)| provider.literals.iter().map(move |&literal| (literal, index)))
}

fn pattern(index: usize) -> &'static Regex {
    static PATTERNS: LazyLock<Vec<Regex>> = LazyLock::new(|| {
        let compile = |provider: &Provider| Regex::new(&format!("^(?-u:{})", provider.pattern));
        PROVIDERS.iter().map(|provider| compile(provider).expect("the patterns are constants")).collect()
    });
    &PATTERNS[index]
}

/// What looks like a token of a provider.
pub(super) struct Candidate {
    pub(super) range: Range<usize>,
    pub(super) kind: Kind,
    /// False for a placeholder or mere words.
    pub(super) is_minted: bool,
}

/// What begins like a token at `at` and has the form of one.
pub(super) fn find(text: &[u8], at: usize, index: usize) -> Option<Candidate> {
    let provider = &PROVIDERS[index];
    // A web token's alphabet has - and _: behind one of them it would be the middle of something longer.
    let goes_on = provider.kind == Kind::Jwt && at > 0 && matches!(text[at - 1], b'-' | b'_');
    if goes_on || !starts_token(text, at) {
        return None;
    }
    let window = window(text, at, LONGEST_BYTES);
    let mut found = pattern(index).find(window);
    if index == SIGNED_JWT {
        found = found.or_else(|| pattern(ENCRYPTED_JWT).find(window));
    }
    let range = at..at + found?.end();
    if provider.extent == Extent::Fixed && !ends_token(text, range.end) {
        return None;
    }
    let is_minted = looks_minted(&text[range.clone()], provider);
    Some(Candidate { range, kind: provider.kind, is_minted })
}

/// False for `sk-ant-xxxxxxxx…`, and for words with hyphens that happen to begin like a token.
fn looks_minted(token: &[u8], provider: &Provider) -> bool {
    let beginning = provider.literals.first().map_or(0, |literal| literal.len());
    let tail = &token[beginning.min(token.len())..];
    let mut seen = [false; 256];
    for byte in tail {
        seen[usize::from(*byte)] = true;
    }
    let distinct = seen.iter().filter(|seen| **seen).count();
    let has = |mut range: std::ops::RangeInclusive<u8>| range.any(|byte| seen[usize::from(byte)]);
    distinct > 4 && (has(b'0'..=b'9') || has(b'A'..=b'Z'))
}

/// Forty characters of base64 with all three kinds in them, standing alone near a key id.
pub(super) fn aws_secret_keys_around(text: &[u8], key_id: &Range<usize>) -> Vec<Secret> {
    let in_key = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(*byte, b'/' | b'+');
    let run_at = |at: usize| text[at..].iter().take_while(|byte| in_key(byte)).take(2 * NEAR_KEY_ID_BYTES).count();
    let last = text.len().min(key_id.end + NEAR_KEY_ID_BYTES);
    let mut secrets = Vec::new();
    let mut at = key_id.start.saturating_sub(NEAR_KEY_ID_BYTES);
    // The first run may have begun earlier.
    at += if at > 0 { run_at(at) } else { 0 };
    while at < last {
        if text[at] == b'\\' {
            at += 2;
            continue;
        }
        let length = run_at(at);
        let run = &text[at..at + length];
        let has = |kind: fn(&u8) -> bool| run.iter().any(kind);
        if length == AWS_SECRET_KEY_CHARS
            && has(u8::is_ascii_digit)
            && has(u8::is_ascii_uppercase)
            && has(u8::is_ascii_lowercase)
        {
            secrets.push(Secret::plain(at..at + length, Kind::Aws));
        }
        at += length.max(1);
    }
    secrets
}
