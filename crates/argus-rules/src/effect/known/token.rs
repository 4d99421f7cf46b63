//! Credentials in live form inside of a text: known beginnings with enough that is random behind them.
//!
//! A credential is told from a placeholder by what follows: of the right length, many different characters, and no word
//! that says that it is an example. Passwords in addresses count where the host is not this machine.

/// How a credential begins, how many characters follow at least, and which besides letters and digits.
struct Form {
    start: &'static str,
    least: usize,
    extra: &'static str,
}

const fn form(start: &'static str, least: usize, extra: &'static str) -> Form {
    Form { start, least, extra }
}

const FORMS: &[Form] = &[
    form("AKIA", 16, ""),
    form("ASIA", 16, ""),
    form("ghp_", 36, ""),
    form("gho_", 36, ""),
    form("ghs_", 36, ""),
    form("ghu_", 36, ""),
    form("ghr_", 36, ""),
    form("github_pat_", 40, "_"),
    form("glpat-", 20, "_-"),
    form("xoxb-", 20, "-"),
    form("xoxp-", 20, "-"),
    form("xoxa-", 20, "-"),
    form("xapp-", 20, "-"),
    form("sk_live_", 20, ""),
    form("rk_live_", 20, ""),
    form("whsec_", 24, ""),
    form("sk-proj-", 40, "_-"),
    form("sk-ant-", 40, "_-"),
    form("sk-svcacct-", 40, "_-"),
    form("sk-or-v1-", 40, ""),
    form("npm_", 36, ""),
    form("AIza", 30, "_-"),
    form("hf_", 30, ""),
    form("dckr_pat_", 20, "_-"),
    form("pypi-AgE", 30, "_-"),
    form("SG.", 40, "_-."),
    form("dop_v1_", 40, ""),
    form("shpat_", 30, ""),
    form("hvs.", 24, "_-"),
    form("lin_api_", 30, ""),
    form("ntn_", 40, ""),
    form("figd_", 30, "_-"),
    form("tskey-auth-", 20, "-"),
    form("gsk_", 40, ""),
    form("xai-", 60, ""),
    form("ya29.", 40, "_-"),
    form("GOCSPX-", 20, "_-"),
    form("EAACEdEose0cBA", 20, ""),
    form("rubygems_", 40, ""),
    form("AGE-SECRET-KEY-1", 40, ""),
];

/// Longest text that is searched.
const MAX_BYTES: usize = 256 * 1024;

/// The kind of the first credential in a text, by how it begins.
pub(crate) fn find(text: &str) -> Option<&'static str> {
    let text = &text[..text.floor_char_boundary(MAX_BYTES)];
    let marks = match scan(text) {
        Scan::Live(form) => return Some(form.start),
        Scan::None(marks) => marks,
    };
    if marks.key && has_private_key(text) {
        return Some("-----BEGIN PRIVATE KEY-----");
    }
    if marks.web_token && text.match_indices("eyJ").any(|(at, _)| is_web_token(&text[at..])) {
        return Some("eyJ");
    }
    let has_one = || text.match_indices("://").any(|(at, _)| has_password(&text[at + 3..]));
    (marks.address && has_one()).then_some("://user:password@")
}

/// What one pass over a text finds. One pass for all forms: most text holds none.
enum Scan {
    /// The first credential that begins a word.
    Live(&'static Form),
    /// None, and which other marks of one stand in it.
    None(Marks),
}

#[derive(Default)]
struct Marks {
    key: bool,
    web_token: bool,
    address: bool,
}

fn scan(text: &str) -> Scan {
    let bytes = text.as_bytes();
    let mut marks = Marks::default();
    for (at, pair) in bytes.array_windows().enumerate() {
        let [first, second] = *pair;
        // Nearly every place is none by its first two letters.
        if BEGINNINGS[usize::from(first)] & bit(second) != 0 {
            let rest = &bytes[at..];
            if !bytes[..at].last().is_some_and(|before| before.is_ascii_alphanumeric() || *before == b'_') {
                let is_it = |form: &&Form| rest.starts_with(form.start.as_bytes()) && is_live(text, at, form);
                if let Some(form) = FORMS.iter().find(is_it) {
                    return Scan::Live(form);
                }
            }
            marks.key |= rest.starts_with(KEY_END);
            marks.web_token |= rest.starts_with(b"eyJ");
            marks.address |= rest.starts_with(b"://");
        }
    }
    Scan::None(marks)
}

const KEY_END: &[u8] = b"PRIVATE KEY-----";

/// A bit for a byte. Four bytes have the same: what is told by it is a guess, and made for less than what is sure.
const fn bit(byte: u8) -> u64 {
    1 << (byte % 64)
}

/// By the first byte of a form or a mark, which bytes may be its second.
const BEGINNINGS: [u64; 256] = {
    let mut beginnings = [0; 256];
    let mut index = 0;
    while index < FORMS.len() {
        let start = FORMS[index].start.as_bytes();
        beginnings[start[0] as usize] |= bit(start[1]);
        index += 1;
    }
    beginnings[KEY_END[0] as usize] |= bit(KEY_END[1]);
    beginnings[b'e' as usize] |= bit(b'y');
    beginnings[b':' as usize] |= bit(b'/');
    beginnings
};

fn is_live(text: &str, at: usize, form: &Form) -> bool {
    let rest = &text[at + form.start.len()..];
    let length =
        rest.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || form.extra.as_bytes().contains(byte)).count();
    length >= form.least && is_random(&rest[..length])
}

/// Many different characters, and no word of an example.
fn is_random(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let says_so = [
        "example",
        "xxxx",
        "placeholder",
        "redacted",
        "changeme",
        "dummy",
        "fake",
        "sample",
        "your",
        "1234567890",
        "abcdefgh",
        "0000000",
        "aaaaaaa",
        "test_key",
        "notreal",
        "secret_here",
    ];
    let mut seen = [false; 128];
    lower.bytes().for_each(|byte| seen[usize::from(byte & 127)] = true);
    let different = seen.iter().filter(|seen| **seen).count();
    different >= text.len().min(24) * 2 / 5 && !says_so.iter().any(|word| lower.contains(word))
}

fn has_private_key(text: &str) -> bool {
    text.match_indices("PRIVATE KEY-----").any(|(at, mark)| {
        let is_begin = text[..at].rfind("-----BEGIN ").is_some_and(|begin| at - begin < 40);
        let body: String =
            text[at + mark.len()..].chars().filter(|c| !c.is_whitespace() && *c != '\\').take(64).collect();
        let base = body.chars().take_while(|c| c.is_ascii_alphanumeric() || "+/=".contains(*c)).count();
        is_begin && base >= 32 && is_random(&body)
    })
}

/// Three parts, each long enough to be one.
fn is_web_token(text: &str) -> bool {
    let end = text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(byte)).count();
    let parts: Vec<&str> = text[..end].split('.').collect();
    matches!(parts.as_slice(), [head, body, mark] if head.len() >= 16 && body.len() >= 16 && body.starts_with("ey") && mark.len() >= 20 && is_random(mark))
}

/// `user:password@host`, with a password that is one.
fn has_password(after: &str) -> bool {
    let end = after.find(|c: char| c.is_whitespace() || "/\"'`<>?#".contains(c)).unwrap_or(after.len());
    let Some((user, host)) = after[..end].rsplit_once('@') else { return false };
    let Some((_, password)) = user.split_once(':') else { return false };
    let host = host.split(':').next().unwrap_or_default();
    let is_own = matches!(
        host,
        "localhost"
            | "127.0.0.1"
            | "db"
            | "postgres"
            | "mysql"
            | "redis"
            | "mongo"
            | "rabbitmq"
            | "example.com"
            | "host"
            | ""
    ) || host.ends_with("example.com")
        || host.ends_with("example.org");
    let is_variable =
        password.contains(['$', '{', '<', '*', '%']) && !password.contains("%2") && !password.contains("%3");
    let common = [
        "password", "passwd", "pass", "secret", "postgres", "root", "admin", "user", "test", "guest", "changeme",
        "token", "pw", "dev", "example", "hunter2",
    ];
    let is_word = common.iter().any(|word| password.eq_ignore_ascii_case(word)) || password.len() < 8;
    !is_own && !is_variable && !is_word && is_random(password)
}

#[cfg(test)]
mod tests {
    use super::find;

    /// Built here, so that no scanner takes this file for a leak.
    fn token(start: &str, length: usize) -> String {
        let letters = "q7Zk2Vx9Lw4Rb8Nt1Hs6Jd3Fg5Pc0Ym";
        start.chars().chain(letters.chars().cycle().take(length)).collect()
    }

    #[test]
    fn live_forms_are_found_wherever_they_stand() {
        for (start, length) in
            [("ghp_", 36), ("AKIA", 16), ("xoxb-", 40), ("sk_live_", 24), ("npm_", 36), ("glpat-", 20)]
        {
            let text = format!("key: \"{}\",", token(start, length));
            assert_eq!(find(&text), Some(start), "{text}");
        }
        assert!(find(&format!("postgres://app:{}@db.prod.internal/app", token("", 16))).is_some());
        assert!(find(&format!("-----BEGIN RSA {}-----\n{}", "PRIVATE KEY", token("", 64))).is_some());
    }

    #[test]
    fn placeholders_variables_and_beginnings_alone_are_none() {
        for text in [
            "AKIAIOSFODNN7EXAMPLE",
            "ghp_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx",
            "ghp_",
            "postgres://app:${DB_PASSWORD}@db.prod.internal/app",
            "postgres://postgres:postgres@localhost:5432/app",
            "https://user:password@host.example.com/",
            "-----BEGIN PUBLIC KEY-----",
            "sk-proj-your-key-here-your-key-here-your-key-here",
            "a@b.example",
        ] {
            assert_eq!(find(text), None, "{text}");
        }
    }
}
