//! Secrets by published rules: gitleaks' own file, which its makers keep up to date (MIT, `published/gitleaks.toml`).
//! What was typed at a shell is in a file of the same form (`published/commands.toml`).
//!
//! A rule's pattern runs only around one of its keywords, in a window; where they stand was found before (`literals`).
//! A scanner wants few false alarms, masking wants none to pass, so that the rules are read more widely here:
//! - A secret ends at whatever is no letter or digit, not only at a quote, a space or a semicolon.
//! - What a name begins with does not matter, so it is not looked for.

use std::ops::Range;
use std::sync::{LazyLock, OnceLock};

use regex::bytes::{Captures, Regex, RegexBuilder};
use serde::Deserialize;

use super::Secret;
use super::mark::{self, Kind};
use super::text::{backslashes_at, window};

const FILE: &str = include_str!("published/gitleaks.toml");
const COMMANDS: &str = include_str!("published/commands.toml");

/// Rules whose secrets are found here by rules of their own, which know more or are asked more cheaply; and one that
/// takes the first line of a manifest's data for the secret, where each line is looked at by what it says.
const LEFT_OUT: [&str; 8] = [
    "curl-auth-header",
    "curl-auth-user",
    "generic-api-key",
    "hashicorp-tf-password",
    "jwt",
    "kubernetes-secret-yaml",
    "private-key",
    "twilio-api-key",
];
/// A keyword this short stands everywhere: the end of a word and of a sentence.
const SHORTEST_KEYWORD: usize = 3;
const SHORT_KEYWORDS: [&str; 1] = ["q~"];

/// Rules whose keyword is not of the secret: where one stands, the whole text is looked at.
const APART: [&str; 2] = ["airtable-personnal-access-token", "facebook-access-token"];

/// So far before a keyword a match may begin.
const BEFORE_BYTES: usize = 64;
/// So far from the keyword the text is looked at.
const AFTER_BYTES: usize = 1200;
/// A keyword this near to the last one was in its window, with room for a secret.
const SEEN_BYTES: usize = 600;
/// A secret that reaches the end of the window is followed so far.
const LONGEST_BYTES: usize = 16 * 1024;
const SHORTEST_SECRET: usize = 8;

#[derive(Deserialize)]
struct File {
    #[serde(default)]
    allowlist: Allowed,
    rules: Vec<FileRule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct FileRule {
    id: String,
    regex: Option<String>,
    #[serde(default)]
    secret_group: usize,
    #[serde(default)]
    entropy: f64,
    #[serde(default)]
    keywords: Vec<String>,
    #[serde(default)]
    allowlists: Vec<Allowed>,
    /// Fewer characters are no secret.
    shortest: Option<usize>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Allowed {
    /// What the expressions look at; without it, the secret.
    regex_target: Option<String>,
    #[serde(default)]
    regexes: Vec<String>,
    #[serde(default)]
    stopwords: Vec<String>,
}

struct Rule {
    kind: Kind,
    is_apart: bool,
    expression: String,
    pattern: OnceLock<Regex>,
    group: usize,
    entropy: f64,
    shortest: usize,
    allowed: Vec<String>,
    /// Compiled at the first secret that the rule finds.
    allowed_patterns: OnceLock<Vec<Regex>>,
}

/// The rules, and which of them each keyword leads to.
struct Published {
    keywords: Vec<String>,
    rules_of: Vec<Vec<usize>>,
    rules: Vec<Rule>,
    stopwords: Vec<String>,
}

impl Published {
    fn get() -> &'static Self {
        static PUBLISHED: LazyLock<Published> = LazyLock::new(|| {
            let [mut file, commands]: [File; 2] =
                [FILE, COMMANDS].map(|text| toml::from_str(text).expect("the files are parts of the program"));
            file.rules.extend(commands.rules);
            Published::of(file)
        });
        &PUBLISHED
    }

    fn of(file: File) -> Self {
        let (mut words, mut rules_of, mut rules) = (Vec::<String>::new(), Vec::<Vec<usize>>::new(), Vec::new());
        for rule in file.rules {
            let Some(regex) = rule.regex.filter(|_| !LEFT_OUT.contains(&rule.id.as_str())) else { continue };
            let index = rules.len();
            let keywords = rule.keywords.into_iter().map(|keyword| keyword.to_ascii_lowercase());
            for keyword in keywords.filter(|keyword| is_telling(keyword)) {
                let place = words.iter().position(|word| *word == keyword).unwrap_or_else(|| {
                    words.push(keyword);
                    rules_of.push(Vec::new());
                    words.len() - 1
                });
                rules_of[place].push(index);
            }
            let of_secret = rule.allowlists.into_iter().filter(|list| list.regex_target.is_none());
            rules.push(Rule {
                kind: Kind::Published(kind_of(&rule.id)),
                is_apart: APART.contains(&rule.id.as_str()),
                expression: widened(&regex),
                pattern: OnceLock::new(),
                group: rule.secret_group,
                entropy: rule.entropy,
                shortest: rule.shortest.unwrap_or(SHORTEST_SECRET),
                allowed: of_secret
                    .flat_map(|list| list.regexes)
                    .chain(file.allowlist.regexes.iter().cloned())
                    .collect(),
                allowed_patterns: OnceLock::new(),
            });
        }
        Self { keywords: words, rules_of, rules, stopwords: file.allowlist.stopwords }
    }
}

fn is_telling(keyword: &str) -> bool {
    keyword.len() >= SHORTEST_KEYWORD || SHORT_KEYWORDS.contains(&keyword)
}

/// The rule's name without the words that every rule has: who minted the secret.
fn kind_of(id: &str) -> &'static str {
    const GENERAL: [&str; 27] = [
        "access",
        "api",
        "app",
        "application",
        "auth",
        "client",
        "config",
        "key",
        "license",
        "oauth",
        "password",
        "personal",
        "personnal",
        "private",
        "secret",
        "session",
        "token",
        "user",
        "fine",
        "pat",
        "refresh",
        "legacy",
        "bot",
        "webhook",
        "long",
        "cloud",
        "cli",
    ];
    if id.starts_with("1password") {
        // The word for a secret in a mark would be taken for a name.
        return "onepass";
    }
    let is_general = |part: &&str| !GENERAL.contains(part);
    let kind: String = id.split('-').take_while(is_general).collect();
    let kind = if kind.is_empty() { id.split('-').next().unwrap_or("other").to_owned() } else { kind };
    // A few dozen names, made once.
    Box::leak(kind.into_boxed_str())
}

/// The rule's expression as it is used here.
fn widened(regex: &str) -> String {
    regex.replace(r"[\w.-]{0,50}?", "").replace(r#"(?:[\x60'"\s;]|\\[nr]|$)"#, r"(?:\W|$)")
}

fn compile(expression: &str) -> Regex {
    const AUTOMATON_BYTES: usize = 256 * 1024;
    RegexBuilder::new(&with_literal_braces(expression))
        .unicode(false)
        .dfa_size_limit(AUTOMATON_BYTES)
        .build()
        .expect("every expression of the file is compiled in a test")
}

/// The language that the rules are written in takes a brace that repeats nothing for itself; the one here wants it
/// escaped.
fn with_literal_braces(expression: &str) -> String {
    let mut plain = String::with_capacity(expression.len());
    let (mut rest, mut in_class) = (expression, false);
    while let Some(char) = rest.chars().next() {
        let mut length = char.len_utf8();
        match char {
            '\\' => length += rest[1..].chars().next().map_or(0, char::len_utf8),
            '[' if !in_class => {
                in_class = true;
                // What stands first in a class is no end of it.
                length += rest[1..].len() - rest[1..].trim_start_matches('^').len();
                length += usize::from(rest[length..].starts_with(']'));
            }
            ']' => in_class = false,
            '{' if !in_class => {
                let inner = rest[1..].split_once('}').map_or("", |(inner, _)| inner);
                let is_repetition = inner.starts_with(|digit: char| digit.is_ascii_digit())
                    && inner.bytes().all(|byte| byte.is_ascii_digit() || byte == b',')
                    && !plain.is_empty();
                if !is_repetition {
                    plain.push('\\');
                }
            }
            _ => {}
        }
        plain.push_str(&rest[..length]);
        rest = &rest[length..];
    }
    plain
}

impl Rule {
    fn pattern(&self) -> &Regex {
        self.pattern.get_or_init(|| compile(&self.expression))
    }

    /// What the match says is the secret: the named group, else the first that took part, else all of it.
    fn secret_of<'t>(&self, captures: &Captures<'t>) -> Option<regex::bytes::Match<'t>> {
        match self.group {
            // A group that is shorter than any secret stands for the repetition of a part.
            0 => {
                captures.iter().skip(1).flatten().find(|group| group.len() >= self.shortest).or_else(|| captures.get(0))
            }
            group => captures.get(group),
        }
    }

    fn is_allowed(&self, secret: &[u8]) -> bool {
        let patterns = self.allowed_patterns.get_or_init(|| self.allowed.iter().map(|regex| compile(regex)).collect());
        patterns.iter().any(|pattern| pattern.is_match(secret))
    }
}

/// The keywords of the rules, in lower case: near one of them, in any case, a rule may find something.
pub(super) fn keywords() -> &'static [String] {
    &Published::get().keywords
}

/// Looks for what the rules describe, keyword by keyword.
#[derive(Default)]
pub(super) struct Finder {
    /// How far each rule has looked.
    seen_to: Vec<usize>,
}

impl Finder {
    /// Adds what the rules find near these keywords of the text: where each begins, and which it is.
    pub(super) fn find(&mut self, text: &[u8], keywords: &[(usize, usize)], secrets: &mut Vec<Secret>) {
        let published = Published::get();
        for &(at, word) in keywords {
            for &index in &published.rules_of[word] {
                if self.seen_to.is_empty() {
                    self.seen_to.resize(published.rules.len(), 0);
                }
                let rule = &published.rules[index];
                if at >= self.seen_to[index] {
                    let (start, length) = match rule.is_apart {
                        true => (0, text.len()),
                        false => (at.saturating_sub(BEFORE_BYTES), BEFORE_BYTES + AFTER_BYTES),
                    };
                    self.seen_to[index] = if rule.is_apart { text.len() } else { at + SEEN_BYTES };
                    find_in_window(text, start, length, rule, published, secrets);
                }
            }
        }
    }
}

fn find_in_window(
    text: &[u8],
    start: usize,
    mut length: usize,
    rule: &Rule,
    published: &Published,
    secrets: &mut Vec<Secret>,
) {
    loop {
        let window = window(text, start, length);
        let escaped = without_escapes(window);
        let plain = escaped.as_ref().map_or(window, |(plain, _)| plain);
        let place_of = |at: usize| start + escaped.as_ref().map_or(at, |(_, places)| places[at]);
        let mut reaches_end = false;
        let mut found = Vec::new();
        for captures in rule.pattern().captures_iter(plain) {
            let Some(secret) = rule.secret_of(&captures) else { continue };
            reaches_end |= secret.end() == plain.len();
            let range = trimmed(text, place_of(secret.start())..place_of(secret.end()));
            found.extend(range.filter(|range| range.len() >= rule.shortest));
        }
        if reaches_end && length < LONGEST_BYTES && start + window.len() < text.len() {
            length = LONGEST_BYTES;
            continue;
        }
        secrets.extend(
            found
                .into_iter()
                .filter(|range| is_secret(text, range, rule, published))
                .map(|range| Secret::plain(range, rule.kind)),
        );
        return;
    }
}

/// What a text says when its escapes and colours are read, and for each byte of that, and its end, where it stands.
/// Nothing when there are none.
fn without_escapes(text: &[u8]) -> Option<(Vec<u8>, Vec<usize>)> {
    const ESC: u8 = 0x1b;
    memchr::memchr2(b'\\', ESC, text)?;
    let (mut plain, mut places) = (Vec::with_capacity(text.len()), Vec::with_capacity(text.len() + 1));
    let mut at = 0;
    while at < text.len() {
        let next = memchr::memchr2(b'\\', ESC, &text[at..]).map_or(text.len(), |length| at + length);
        plain.extend_from_slice(&text[at..next]);
        places.extend(at..next);
        at = next;
        if at == text.len() {
            break;
        }
        let backslashes = backslashes_at(text, at);
        let after = at + backslashes;
        let (said, end) = match text.get(after) {
            Some(b'n' | b'r') if backslashes > 0 => (b'\n', after + 1),
            Some(b't' | b'b' | b'f') if backslashes > 0 => (b' ', after + 1),
            Some(b'u') if backslashes > 0 => (b' ', after_colour(text, (after + 5).min(text.len()))),
            Some(&ESC) => (b' ', after_colour(text, after + 1)),
            Some(byte) => (*byte, after + 1),
            None => (b'\\', after),
        };
        places.push(at);
        plain.push(said);
        at = end;
    }
    places.push(at);
    Some((plain, places))
}

/// Behind the `[1;32m` of a colour, if one stands here.
fn after_colour(text: &[u8], at: usize) -> usize {
    const LONGEST: usize = 20;
    let Some(rest) = text[at..].strip_prefix(b"[") else { return at };
    let parameters = rest.iter().take(LONGEST).take_while(|byte| byte.is_ascii_digit() || **byte == b';').count();
    if rest.get(parameters) == Some(&b'm') { at + parameters + 2 } else { at }
}

/// What of a range may be replaced in any JSON: no quote, no escape, whole characters.
fn trimmed(text: &[u8], mut range: Range<usize>) -> Option<Range<usize>> {
    let is_edge = |byte: u8| matches!(byte, b'"' | b'\'' | b'`' | b'\\') || byte.is_ascii_whitespace();
    while range.start < range.end && is_edge(text[range.start]) {
        range.start += 1;
    }
    let breaks = |byte: &u8| matches!(*byte, b'"' | b'\\') || byte.is_ascii_control();
    if let Some(length) = text[range.clone()].iter().position(breaks) {
        range.end = range.start + length;
    }
    while range.start < range.end && is_edge(text[range.end - 1]) {
        range.end -= 1;
    }
    let is_inside = |at: usize| text.get(at).is_some_and(|byte| byte & 0b1100_0000 == 0b1000_0000);
    while is_inside(range.start) {
        range.start -= 1;
    }
    while is_inside(range.end) {
        range.end += 1;
    }
    (!range.is_empty()).then_some(range)
}

fn is_secret(text: &[u8], range: &Range<usize>, rule: &Rule, published: &Published) -> bool {
    let secret = &text[range.clone()];
    let is_number = secret.iter().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte));
    // What a quote stands before may be what comes after a JSON string.
    let is_structure =
        matches!(range.start.checked_sub(1).map(|at| text[at]), Some(b'"')) && b",:}]".contains(&secret[0]);
    // A number that stands by itself may be JSON's own.
    let stands_alone = !matches!(range.start.checked_sub(1).map(|at| text[at]), Some(b'"' | b'\'' | b'`' | b'='));
    let is_stopword =
        |word: &String| memchr::memmem::find(&secret.to_ascii_lowercase(), word.to_ascii_lowercase().as_bytes());
    if is_structure || (is_number && stands_alone) || mark::is_touched(text, range) {
        return false;
    }
    entropy(secret) > rule.entropy
        && !published.stopwords.iter().any(|word| is_stopword(word).is_some())
        && !rule.is_allowed(secret)
}

/// Shannon's, in bits a byte.
fn entropy(text: &[u8]) -> f64 {
    let mut counts = [0_u32; 256];
    for byte in text {
        counts[usize::from(*byte)] += 1;
    }
    let length = text.len() as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / length)
        .map(|part| -part * part.log2())
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_of_the_file_is_used_or_left_out_by_name() {
        let file: File = toml::from_str(FILE).unwrap();
        let with_pattern = file.rules.iter().filter(|rule| rule.regex.is_some()).count();
        for id in LEFT_OUT {
            assert!(file.rules.iter().any(|rule| rule.id == id), "{id} is no longer in the file");
        }
        let published = Published::of(file);
        assert_eq!(published.rules.len(), with_pattern - LEFT_OUT.len());
        assert!(published.rules.len() > 200);
        for (index, rule) in published.rules.iter().enumerate() {
            assert!(published.rules_of.iter().flatten().any(|of| *of == index), "{}: no keyword", rule.expression);
            let _ = (rule.pattern(), rule.is_allowed(b""));
        }
    }

    /// Texts that a rule's expression describes, with the secret that it finds in each.
    fn samples(
        regex: &str,
        keywords: &[String],
        rule: &Rule,
        runner: &mut proptest::test_runner::TestRunner,
    ) -> Vec<(String, String)> {
        use proptest::strategy::{Strategy, ValueTree};
        let mut described = regex.to_owned();
        for (wide, narrow) in [
            (r#"(?:[\x60'"\s;]|\\[nr]|$)"#, " "),
            (r"[\w.-]{0,50}?", ""),
            (r"[ \t\w.-]", r"[ \w.-]"),
            (r"\b", ""),
            (r"\z", " "),
            // Letters that are equal but for case are not all of ASCII.
            ("(?i)", ""),
            ("(?i:", "(?:"),
            ("(?-i:", "(?:"),
            ("(?:$|[", "(?:["),
            ("(?:^|[", "(?:["),
            ("|$|)", ")"),
            ("|$)", ")"),
            (r"\w", "[0-9A-Za-z_]"),
            (r"\d", "[0-9]"),
            (r"\s", "[ \t]"),
            (r"\S", "[a-zA-Z0-9!#%&*+]"),
            (r#"[^"]"#, "[a-z0-9]"),
            (r#"[^:"]"#, "[a-z0-9]"),
            ("[^']", "[a-z0-9]"),
            ("[^:']", "[a-z0-9]"),
            (".contribsys.com", r"\.contribsys\.com"),
            ("MailchimpSDK.", r"MailchimpSDK\."),
            ("hooks.slack.com", r"hooks\.slack\.com"),
            (".*", " x"),
            ("(.{8,})", "([a-z0-9]{8,})"),
        ] {
            described = described.replace(wide, narrow);
        }
        let strategy = proptest::string::string_regex(&with_literal_braces(&described));
        let strategy = strategy.unwrap_or_else(|error| panic!("{described}: {error}"));
        let mut samples = Vec::new();
        for _ in 0..400 {
            if samples.len() == 4 {
                break;
            }
            let text = format!("x={} ", strategy.new_tree(runner).unwrap().current());
            let Some(captures) = rule.pattern().captures(text.as_bytes()) else { continue };
            let secret = rule.secret_of(&captures).unwrap();
            let has_keyword = keywords
                .iter()
                .any(|keyword| is_telling(keyword) && text.to_ascii_lowercase().contains(keyword.as_str()));
            let is_number = secret.as_bytes().iter().all(u8::is_ascii_digit);
            if (has_keyword || rule.is_apart)
                && !is_number
                && entropy(secret.as_bytes()) > rule.entropy.max(1.0)
                && !rule.is_allowed(secret.as_bytes())
            {
                samples.push((text.clone(), text[secret.range()].to_owned()));
            }
        }
        samples
    }

    #[test]
    fn what_every_rule_describes_is_masked_in_every_encoding() {
        let base64 = |text: &str| {
            let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
            let bits: String = text.bytes().map(|byte| format!("{byte:08b}")).collect();
            let six =
                |bits: &[u8]| usize::from_str_radix(&format!("{:0<6}", String::from_utf8_lossy(bits)), 2).unwrap();
            bits.as_bytes().chunks(6).map(|bits| char::from(letters[six(bits)])).collect::<String>()
        };
        let hex = |text: &str| text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>();
        let percent = |text: &str| text.bytes().map(|byte| format!("%{byte:02X}")).collect::<String>();
        let redactor = super::super::Redactor::new([7; 32]);
        let published = Published::get();
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let mut missed = Vec::new();
        let file: File = toml::from_str(FILE).unwrap();
        let used = file.rules.iter().filter(|rule| !LEFT_OUT.contains(&rule.id.as_str()));
        let used = used.filter_map(|rule| Some((rule.regex.as_deref()?, &rule.keywords)));
        for ((regex, keywords), rule) in used.zip(&published.rules) {
            let mut samples = samples(regex, keywords, rule, &mut runner);
            if rule.is_apart {
                samples.iter_mut().for_each(|(text, _)| text.push_str("airtable facebook"));
            }
            let is_for_numbers = regex.contains("([0-9]{16})") || regex.contains("([0-9]{18})");
            assert!(samples.len() == 4 || is_for_numbers, "{}: {} samples", rule.expression, samples.len());
            for (text, secret) in samples {
                let quoted = serde_json::to_string(&text).unwrap();
                let wrapped: Vec<String> =
                    base64(&format!("# a file\n{text}\n# its end, some way on, so that there are lines\n"))
                        .as_bytes()
                        .chunks(76)
                        .map(|line| String::from_utf8_lossy(line).into_owned())
                        .collect();
                for (form, hidden) in [
                    (text.clone(), secret.clone()),
                    (serde_json::to_string(&quoted).unwrap(), secret.trim_matches('"').to_owned()),
                    (format!("echo {} | base64 -d", base64(&text)), base64(&text)[4..20].to_owned()),
                    (base64(&base64(&text)), base64(&base64(&text))[4..20].to_owned()),
                    (wrapped.join("\n"), wrapped[0][40..60].to_owned()),
                    (wrapped.join("\\n"), wrapped[0][40..60].to_owned()),
                    (format!("0x{}", hex(&text)), hex(&text)[4..20].to_owned()),
                    (format!("https://h/?q={}&r=1", percent(&text)), percent(&secret)),
                ] {
                    let masked = redactor.redact(&form);
                    if masked.contains(&hidden) || !masked.contains("‹secret:") {
                        missed.push(format!("{}: {form} -> {masked}", rule.kind.as_str()));
                    }
                    assert_eq!(redactor.redact(&masked), masked, "masking twice changed {masked}");
                }
            }
        }
        assert!(missed.is_empty(), "{} missed\n{}", missed.len(), missed[..missed.len().min(40)].join("\n"));
    }

    #[test]
    fn a_kind_is_who_minted_the_secret() {
        for (id, kind) in [
            ("digitalocean-access-token", "digitalocean"),
            ("1password-secret-key", "onepass"),
            ("azure-ad-client-secret", "azuread"),
            ("shopify-private-app-access-token", "shopify"),
            ("curl-auth-user", "curl"),
        ] {
            assert_eq!(kind_of(id), kind);
        }
    }

    #[test]
    fn escapes_and_colours_are_read_and_everything_knows_its_place() {
        let text = br#"a\nb\\\"c\u001b[1;32md\x"#;
        let (plain, places) = without_escapes(text).unwrap();
        assert_eq!(plain, b"a\nb\"c dx");
        assert_eq!(places, [0, 1, 3, 4, 8, 9, 21, 22, 24]);
        assert_eq!(without_escapes(b"\x1b[0mx\\").unwrap().0, b" x\\");
        assert!(without_escapes(b"plain").is_none());
    }
}
