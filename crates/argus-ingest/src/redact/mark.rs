//! The mark that stands for a secret: `‹secret:KIND:FINGERPRINT›`.
//!
//! What must stay true: no kind holds a name that the assignment rule looks for, or marks would be masked again.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;

use super::literals::Name;

pub(super) const FINGERPRINT_DIGITS: usize = 8;

const OPEN: &str = "‹secret:";
const CLOSE: &str = "›";

/// What a secret is, from the most telling to the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    PrivateKey,
    Anthropic,
    OpenAi,
    GitHub,
    GitLab,
    Aws,
    Google,
    Slack,
    Stripe,
    Npm,
    PyPi,
    HuggingFace,
    SendGrid,
    Twilio,
    Jwt,
    /// By a published rule: who minted it.
    Published(&'static str),
    Url,
    Authorization,
    Assigned,
}

impl Kind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::PrivateKey => "pem",
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::GitHub => "github",
            Self::GitLab => "gitlab",
            Self::Aws => "aws",
            Self::Google => "google",
            Self::Slack => "slack",
            Self::Stripe => "stripe",
            Self::Npm => "npm",
            Self::PyPi => "pypi",
            Self::HuggingFace => "huggingface",
            Self::SendGrid => "sendgrid",
            Self::Twilio => "twilio",
            Self::Jwt => "jwt",
            Self::Published(minter) => minter,
            Self::Url => "url",
            Self::Authorization => "auth",
            Self::Assigned => "assigned",
        }
    }

    pub(super) fn of_name(name: Name) -> Self {
        match name {
            Name::Authorization => Self::Authorization,
            Name::Password | Name::Pass | Name::Secret | Name::Token | Name::Key => Self::Assigned,
        }
    }
}

/// The marks of a text: what kind of secret, and its fingerprint.
pub(crate) fn marks(text: &str) -> impl Iterator<Item = (&str, &str)> {
    static FINDER: LazyLock<memmem::Finder<'static>> = LazyLock::new(|| memmem::Finder::new(OPEN));
    FINDER.find_iter(text.as_bytes()).filter_map(|at| {
        let mark = &text[at..at + length_at(&text.as_bytes()[at..])?];
        mark[OPEN.len()..mark.len() - CLOSE.len()].split_once(':')
    })
}

pub(super) fn push(text: &mut String, kind: Kind, fingerprint: &str) {
    text.extend([OPEN, kind.as_str(), ":", fingerprint, CLOSE]);
}

/// The length of the mark that begins here, if one does.
pub(super) fn length_at(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(OPEN.as_bytes())?;
    let kind = rest.iter().take_while(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()).count();
    let rest = rest[kind..].strip_prefix(b":")?;
    let fingerprint = rest.get(..FINGERPRINT_DIGITS)?;
    let is_mark = kind > 0
        && fingerprint.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
        && rest[FINGERPRINT_DIGITS..].starts_with(CLOSE.as_bytes());
    is_mark.then_some(OPEN.len() + kind + 1 + FINGERPRINT_DIGITS + CLOSE.len())
}

/// True when a mark is in the range, or the range in a mark.
pub(super) fn is_touched(text: &[u8], range: &Range<usize>) -> bool {
    /// No kind is so long that a mark were longer.
    const LONGEST: usize = 64;
    let from = range.start.saturating_sub(LONGEST);
    memchr::memmem::find_iter(&text[from..range.end], OPEN.as_bytes())
        .any(|at| length_at(&text[from + at..]).is_some_and(|length| from + at + length > range.start))
}

/// True when the literal at `at` is the word of a mark rather than a name in the text.
pub(super) fn is_word_of_mark(text: &[u8], at: usize) -> bool {
    at.checked_sub("‹".len()).is_some_and(|open| length_at(&text[open..]).is_some())
}
