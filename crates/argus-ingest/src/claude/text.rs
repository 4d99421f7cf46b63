//! Strings as they come: borrowed where they can be, mended where they are broken.

use std::borrow::Cow;
use std::fmt;

use argus_model::Timestamp;
use serde::de::{Deserialize, Deserializer, Visitor};

/// A JSON string, borrowed from the line unless it holds escapes (serde borrows no `Option<Cow>` by itself).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Text<'a>(pub(crate) Cow<'a, str>);

impl Text<'_> {
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextVisitor;
        impl<'de> Visitor<'de> for TextVisitor {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
            fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
                Ok(Text(Cow::Owned(text)))
            }
        }
        deserializer.deserialize_str(TextVisitor)
    }
}

/// A line as text: invalid UTF-8 becomes U+FFFD.
pub(crate) fn decode(line: &[u8]) -> Cow<'_, str> {
    // Far faster than the lossy way, which good lines never need.
    match std::str::from_utf8(line) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(line),
    }
}

/// Replaces `\ud83d` escapes without their other half, which cut strings leave and strict parsers refuse, by
/// `\ufffd`. `None` when there is nothing to mend.
pub(crate) fn mend_surrogates(line: &str) -> Option<String> {
    let first = next_lone_surrogate(line.as_bytes(), 0)?;
    let mut mended = line.as_bytes().to_vec();
    mend_surrogates_from(&mut mended, first);
    String::from_utf8(mended).ok()
}

/// The same in place, for a line too long for a copy.
pub(crate) fn mend_surrogates_from(line: &mut [u8], mut from: usize) {
    while let Some(at) = next_lone_surrogate(line, from) {
        line[at + 2..at + 6].copy_from_slice(b"fffd");
        from = at + 6;
    }
}

/// Where the next such escape stands; `from` is not within an escape.
fn next_lone_surrogate(bytes: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    while let Some(found) = memchr::memchr(b'\\', bytes.get(at..)?) {
        let start = at + found;
        let Some(unit) = unit_at(bytes, start) else {
            at = start + 2;
            continue;
        };
        let is_pair = (0xd800..0xdc00).contains(&unit)
            && unit_at(bytes, start + 6).is_some_and(|low| (0xdc00..0xe000).contains(&low));
        if !is_pair && (0xd800..0xe000).contains(&unit) {
            return Some(start);
        }
        at = start + if is_pair { 12 } else { 6 };
    }
    None
}

fn unit_at(bytes: &[u8], at: usize) -> Option<u16> {
    let escape = bytes.get(at..at + 6)?;
    if escape[0] != b'\\' || escape[1] != b'u' {
        return None;
    }
    u16::from_str_radix(std::str::from_utf8(&escape[2..]).ok()?, 16).ok()
}

/// Closes a JSON object that was cut off: drops what is incomplete and closes what is open. What came before the
/// cut can then be read like any other payload.
pub(crate) fn close_cut(text: &str) -> Option<String> {
    let mut last_comma = None;
    each_sign(text, |at, sign| {
        if sign == b',' {
            last_comma = Some(at);
        }
    });
    let mut closed = text[..last_comma?].to_owned();
    // What is open there is found by going over it once more: to note it at every comma would take for ever.
    let mut open: Vec<u8> = Vec::new();
    each_sign(&closed, |_, sign| match sign {
        b'{' => open.push(b'}'),
        b'[' => open.push(b']'),
        b'}' | b']' => drop(open.pop()),
        _ => {}
    });
    closed.extend(open.iter().rev().map(|close| char::from(*close)));
    Some(closed)
}

/// The bytes of a JSON text outside of its strings.
fn each_sign(text: &str, mut see: impl FnMut(usize, u8)) {
    let (mut in_string, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if !in_string => see(at, byte),
            _ => {}
        }
    }
}

/// The time of a record.
pub(crate) fn parse_time(text: &str) -> Option<Timestamp> {
    let at: jiff::Timestamp = text.parse().ok()?;
    Some(Timestamp::from_micros(at.as_microsecond()))
}

/// A stable number for a text, to tell blocks and inputs apart.
pub(crate) fn hash(parts: &[&[u8]]) -> i64 {
    let mut hasher = blake3::Hasher::new();
    for part in parts {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let mut first = [0; 8];
    first.copy_from_slice(&hasher.finalize().as_bytes()[..8]);
    i64::from_le_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_surrogate_is_mended_and_a_pair_is_left_alone() {
        assert_eq!(mend_surrogates(r#"{"a":"x\ud83d"}"#).as_deref(), Some(r#"{"a":"x\ufffd"}"#));
        assert_eq!(mend_surrogates(r#"{"a":"\ud83d\ude00 \\ud83d"}"#), None);
        assert_eq!(
            mend_surrogates(r#"{"a":"\ude00\ud83d\ud83d\ude00"}"#).as_deref(),
            Some(r#"{"a":"\ufffd\ufffd\ud83d\ude00"}"#)
        );
        assert_eq!(mend_surrogates("\\"), None);
    }

    #[test]
    fn a_cut_payload_keeps_what_came_before_the_cut() {
        let cut = r#"{"session_id":"s","tool_input":{"command":"x","a":[1,2,"long te"#;
        assert_eq!(close_cut(cut).as_deref(), Some(r#"{"session_id":"s","tool_input":{"command":"x","a":[1,2]}}"#));
        assert_eq!(close_cut(r#"{"a":"b"#), None);
    }

    #[test]
    fn a_deep_payload_with_many_commas_is_closed_in_one_breath() {
        let started = std::time::Instant::now();
        let cut = "[".repeat(1_000_000) + &",".repeat(1_000_000);
        assert_eq!(close_cut(&cut).map(|closed| closed.len()), Some(2_999_999));
        assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
    }
}
