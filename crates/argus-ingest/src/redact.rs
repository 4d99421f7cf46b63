//! Masking: secrets out of every text before it is stored, shown or sent (invariant 3).
//!
//! A secret becomes `‹secret:KIND:FINGERPRINT›`. The fingerprint is the first eight hex digits of BLAKE3 over the
//! secret, keyed by the installation's salt: the same secret shows as the same mark, and the mark tells nothing.
//!
//! Nearly all text holds no secret, so speed is that of looking for literals that every secret must stand beside
//! (`literals`); the rules run only where one was found: tokens that providers mint (`provider`), private keys
//! (`pem`), passwords in URLs (`url`), and values assigned to a telling name (`assignment`). Behind them stand the
//! two hundred rules of a published set (`published`), found by their keywords on the same way through the text. What was
//! encoded is looked at decoded (`encoded`).
//!
//! What must stay true:
//! - It works on raw JSON as well as on decoded text, and valid JSON stays valid: a replaced range lies inside one
//!   JSON string, never cuts an escape sequence, and its replacement has neither quote nor backslash.
//! - Masking twice changes nothing: a mark is never a secret again.
//! - Time is linear in the text, whatever the text: each rule looks a bounded way ahead before it decides.
//!
//! It finds secrets that were written plainly, or as base64, hex or percent escapes. One that an agent encrypts,
//! reverses or splits passes; JSON's own escapes for ASCII are undone by [`normalise_escapes`] first.

mod assignment;
mod encoded;
mod escape;
mod judgement;
mod keywords;
mod literals;
pub(crate) mod mark;
pub(crate) mod names;
mod pem;
mod provider;
mod published;
mod text;
mod url;

use std::borrow::Cow;
use std::ops::Range;

pub use escape::normalise_escapes;
use literals::Near;
use mark::Kind;

/// Masking one secret can uncover the edge of the next. Real text settles in one round; the bound is for text made
/// to go on for ever.
const MOST_ROUNDS: usize = 4;

/// Replaces secrets by marks that one installation's salt makes comparable.
#[derive(Clone)]
pub struct Redactor {
    salt: [u8; 32],
}

/// A range of text to be masked.
#[derive(Debug)]
struct Secret {
    range: Range<usize>,
    kind: Kind,
    /// What the range says, where it says so in an encoding.
    encoded: Vec<(Kind, String)>,
}

impl Secret {
    fn plain(range: Range<usize>, kind: Kind) -> Self {
        Self { range, kind, encoded: Vec::new() }
    }

    /// What it says, for one that stands in this text.
    fn told_in(self, text: &str) -> Vec<(Kind, String)> {
        if self.encoded.is_empty() { vec![(self.kind, text[self.range].to_owned())] } else { self.encoded }
    }
}

impl Redactor {
    /// A redactor whose fingerprints can be compared with those of the same salt.
    pub fn new(salt: [u8; 32]) -> Self {
        Self { salt }
    }

    /// The text with every secret masked; borrowed when there was none.
    pub fn redact<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut redacted = Cow::Borrowed(text);
        for _ in 0..MOST_ROUNDS {
            let secrets = find_secrets(redacted.as_bytes());
            if secrets.is_empty() {
                break;
            }
            redacted = Cow::Owned(self.mask(&redacted, secrets));
        }
        redacted
    }

    /// A path with every secret masked. In a path that was made short an address has one slash where it had two.
    pub fn redact_path<'a>(&self, path: &'a str) -> Cow<'a, str> {
        if !path.contains(":/") || path.contains("://") {
            return self.redact(path);
        }
        match self.redact(&path.replace(":/", "://")) {
            Cow::Borrowed(_) => self.redact(path),
            Cow::Owned(masked) => Cow::Owned(masked.replace("://", ":/")),
        }
    }

    fn mask(&self, text: &str, secrets: Vec<Secret>) -> String {
        let mut masked = String::with_capacity(text.len());
        let mut done = 0;
        for Secret { range, kind, mut encoded } in merge(secrets) {
            masked.push_str(&text[done..range.start]);
            if encoded.is_empty() {
                mark::push(&mut masked, kind, &self.fingerprint(kind, &text[range.clone()]));
            }
            encoded.dedup();
            for (kind, secret) in encoded {
                mark::push(&mut masked, kind, &self.fingerprint(kind, &secret));
            }
            done = range.end;
        }
        masked.push_str(&text[done..]);
        masked
    }

    fn fingerprint(&self, kind: Kind, secret: &str) -> String {
        let hash = match kind {
            Kind::PrivateKey => blake3::keyed_hash(&self.salt, &pem::canonical(secret.as_bytes())),
            _ => blake3::keyed_hash(&self.salt, secret.as_bytes()),
        };
        hash.to_hex()[..mark::FINGERPRINT_DIGITS].to_owned()
    }
}

fn find_secrets(text: &[u8]) -> Vec<Secret> {
    find_secrets_within(text, encoded::DEEPEST)
}

/// Secrets of a text that may be encoded so often.
fn find_secrets_within(text: &[u8], depth: usize) -> Vec<Secret> {
    let mut secrets: Vec<Secret> = Vec::new();
    // What was looked at once is not looked at again: text made of beginnings would take for ever.
    let (mut searched_to, mut published) = ([0; literals::SETS], published::Finder::default());
    for found in literals::Search::new(text) {
        for (set, at, near) in found.literals {
            if at.start < searched_to[set] {
                continue;
            }
            if let Near::Name(name) = near {
                if let Some(range) = assignment::find_value(text, &at, name) {
                    searched_to[set] = range.end;
                    secrets.push(Secret::plain(range, Kind::of_name(name)));
                }
            } else if let Some(end) = find_token(text, &at, near, &mut secrets) {
                searched_to[set] = end;
            }
        }
        published.find(text, &found.published, &mut secrets);
    }
    encoded::find(text, depth, &mut secrets);
    secrets
}

/// Adds the secret at a literal, if one is there; returns how far the text has been looked at.
fn find_token(text: &[u8], at: &Range<usize>, near: Near, secrets: &mut Vec<Secret>) -> Option<usize> {
    let (range, kind) = match near {
        Near::Provider(index) => {
            let candidate = provider::find(text, at.start, index)?;
            if !candidate.is_minted {
                return Some(candidate.range.end);
            }
            if candidate.kind == Kind::Aws {
                secrets.extend(provider::aws_secret_keys_around(text, &candidate.range));
            }
            (candidate.range, candidate.kind)
        }
        Near::PrivateKey => (pem::find(text, at.start)?, Kind::PrivateKey),
        Near::Url => (url::find_password(text, at)?, Kind::Url),
        Near::Name(_) => return None,
    };
    let end = range.end;
    secrets.push(Secret::plain(range, kind));
    Some(end)
}

/// Overlapping secrets become one, of the more telling kind.
fn merge(mut secrets: Vec<Secret>) -> Vec<Secret> {
    secrets.sort_by_key(|secret| (secret.range.start, !secret.encoded.is_empty(), secret.kind));
    let mut merged: Vec<Secret> = Vec::with_capacity(secrets.len());
    for secret in secrets {
        match merged.last_mut() {
            Some(last) if secret.range.start < last.range.end => {
                // The same secret, found twice, has the fingerprint of what is plain.
                if secret.range.end > last.range.end {
                    last.range.end = secret.range.end;
                    last.encoded.extend(secret.encoded);
                }
                last.kind = last.kind.min(secret.kind);
            }
            _ => merged.push(secret),
        }
    }
    merged
}

#[cfg(test)]
mod tests;
