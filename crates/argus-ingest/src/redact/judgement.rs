//! Whether what is assigned to a telling name is a secret, or a placeholder, a reference, a word, a count, a path.
//!
//! Names like `token` stand everywhere in code. What speaks for a secret is that a value is random: it has digits,
//! it is no word, no path, no expression. The less a name and its surroundings say, the more the value must.

use super::literals::Name;
use super::mark;

const SHORTEST_CHARS: usize = 8;
/// Letters without a digit are a secret from this length on, if nothing separates them into words.
const LONGER_THAN_WORDS: usize = 20;

/// How the value stands to its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// In quotes.
    Quoted,
    /// `NAME=value`.
    Environment,
    /// `name=value`.
    Tight,
    /// `name: value`, `name = value`.
    Loose,
    /// `--name value`.
    Flag,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Assigned {
    pub(super) name: Name,
    pub(super) shape: Shape,
}

/// Beginnings of values that stand for something else: templates, references, places.
const REFERENCES: [&str; 22] = [
    "${",
    "$(",
    "{{",
    "{",
    "<",
    "[",
    "%(",
    "!ref",
    "!sub",
    "arn:",
    "process.env",
    "os.environ",
    "os.getenv",
    "env.",
    "env(",
    "secrets.",
    "vault:",
    "op://",
    "file:",
    "http://",
    "https://",
    "ref+",
];
/// Parts that only made-up values have.
const MADE_UP: [&str; 16] = [
    "xxxx",
    "****",
    "....",
    "…",
    "redacted",
    "placeholder",
    "changeme",
    "change_me",
    "change-me",
    "your_",
    "your-",
    "example",
    "dummy",
    "${",
    "{{",
    "<",
];
const WORDS_FOR_SECRETS: [&str; 6] = ["password", "passwd", "secret", "token", "credential", "passphrase"];
const WORDS: [&str; 12] = [
    "undefined",
    "required",
    "optional",
    "disabled",
    "enabled",
    "function",
    "username",
    "identifier",
    "unchanged",
    "incorrect",
    "mismatch",
    "generated",
];
const URL_PLACEHOLDERS: [&str; 9] = ["password", "passwd", "pass", "pwd", "secret", "token", "pw", "p", "user"];

/// True when a password in a URL stands for one: `user:password@`, `user:${PASS}@`, `user:***@`.
pub(super) fn is_url_placeholder(password: &[u8]) -> bool {
    let Ok(password) = std::str::from_utf8(password) else { return false };
    is_mark(password)
        || URL_PLACEHOLDERS.contains(&password.to_ascii_lowercase().as_str())
        || is_variable(password)
        || (password.chars().count() > 1 && distinct_chars(password) == 1)
        || made_up(&password.to_ascii_lowercase())
}

/// True when the value is a secret rather than something that stands for one.
pub(super) fn is_secret(value: &[u8], assigned: Assigned) -> bool {
    let Ok(value) = std::str::from_utf8(value) else { return false };
    if value.chars().count() < SHORTEST_CHARS || is_mark(value) {
        return false;
    }
    if is_aws_secret_key(value) {
        return true;
    }
    let lower = value.to_ascii_lowercase();
    if is_variable(value) || made_up(&lower) || distinct_chars(value) <= 3 || is_place(value) {
        return false;
    }
    if assigned.name == Name::Pass && assigned.shape == Shape::Loose {
        // `PASS: tests/a_test2.py`
        return false;
    }
    let has_digit = value.bytes().any(|byte| byte.is_ascii_digit());
    if value.bytes().all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'_' | b'-' | b'.')) {
        return is_secret_without_digits(value, &lower, assigned);
    }
    if value.bytes().all(|byte| byte.is_ascii_digit() || b"-:.+TZ".contains(&byte)) {
        return assigned.name == Name::Password && assigned.shape != Shape::Loose;
    }
    if is_numbered_words(value) || is_path_of_names(value) {
        return matches!(assigned.name, Name::Password | Name::Secret)
            && matches!(assigned.shape, Shape::Quoted | Shape::Environment)
            && !WORDS_FOR_SECRETS.iter().any(|word| lower.contains(word));
    }
    match assigned.shape {
        Shape::Quoted | Shape::Environment => true,
        Shape::Tight => !is_expression(value) && (has_digit || value.bytes().any(|byte| b"!@#$%^*~+".contains(&byte))),
        Shape::Loose | Shape::Flag => !is_expression(value) && has_digit,
    }
}

fn is_secret_without_digits(value: &str, lower: &str, assigned: Assigned) -> bool {
    if WORDS.contains(&lower) || WORDS_FOR_SECRETS.iter().any(|word| lower.contains(word)) {
        return false;
    }
    let is_said_to_be = matches!(assigned.shape, Shape::Quoted | Shape::Environment);
    match assigned.name {
        Name::Password | Name::Secret => is_said_to_be,
        Name::Pass | Name::Token | Name::Key | Name::Authorization => {
            let is_one_word = value.bytes().all(|byte| byte.is_ascii_alphabetic());
            is_said_to_be && is_one_word && value.len() >= LONGER_THAN_WORDS
        }
    }
}

fn is_mark(value: &str) -> bool {
    mark::length_at(value.as_bytes()) == Some(value.len())
}

fn distinct_chars(value: &str) -> usize {
    let mut chars: Vec<char> = value.chars().filter(|char| !matches!(char, '-' | '_')).collect();
    chars.sort_unstable();
    chars.dedup();
    chars.len()
}

fn made_up(lower: &str) -> bool {
    MADE_UP.iter().any(|part| lower.contains(part))
}

/// `$NAME`, `%NAME%`, `{{ name }}`, `process.env.NAME` and the like.
fn is_variable(value: &str) -> bool {
    let lower = value.to_ascii_lowercase();
    let names_one = |sign: char| {
        value
            .strip_prefix(sign)
            .is_some_and(|rest| rest.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_'))
    };
    let is_percent = value.len() > 2 && names_one('%') && value.ends_with('%');
    let is_dollar =
        names_one('$') && value[1..].bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.:->[]()/".contains(&byte));
    is_percent || is_dollar || REFERENCES.iter().any(|beginning| lower.starts_with(beginning))
}

/// A file, or a line of one.
fn is_place(value: &str) -> bool {
    let is_path = ["/", "./", "../", "~/"].iter().any(|beginning| value.starts_with(beginning));
    let is_drive = matches!(value.as_bytes(), [drive, b':', b'\\' | b'/', ..] if drive.is_ascii_alphabetic());
    let is_line = value.rsplit_once(':').is_some_and(|(file, line)| {
        file.contains('.') && !line.is_empty() && line.bytes().all(|byte| byte.is_ascii_digit())
    });
    is_path || is_drive || is_line
}

/// `sha256_digest`, `gpt-4-turbo`, `TOKEN_V2`: words, some with a number.
fn is_numbered_words(value: &str) -> bool {
    let is_word = |part: &str| {
        let word = part.trim_end_matches(|digit: char| digit.is_ascii_digit());
        let one_case =
            word.bytes().all(|byte| byte.is_ascii_lowercase()) || word.bytes().all(|byte| byte.is_ascii_uppercase());
        one_case && part.len() - word.len() <= 3 && word.len() <= 14
    };
    let parts = value.split(['_', '-', '.']);
    value.contains(['_', '-', '.']) && parts.clone().any(|part| part.len() > 3) && parts.into_iter().all(is_word)
}

/// `config.auth.apiToken2`: names with dots between them, none of them long and random.
fn is_path_of_names(value: &str) -> bool {
    let is_name = |part: &str| {
        let part = part.trim_end_matches(['?', '!']);
        part.starts_with(|first: char| first.is_ascii_alphabetic() || matches!(first, '_' | '$'))
            && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
            && (part.len() < LONGER_THAN_WORDS || !part.bytes().any(|byte| byte.is_ascii_digit()))
    };
    value.contains('.') && value.split('.').all(is_name)
}

/// A call, an index, a path of the program.
fn is_expression(value: &str) -> bool {
    ["(", "[", "->", "::", "{"].iter().any(|sign| value.contains(sign))
}

/// Forty characters of base64 with all three kinds in them: it may begin like a path.
fn is_aws_secret_key(value: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| value.as_bytes().iter().any(kind);
    value.len() == 40
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'+'))
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_lowercase)
}
