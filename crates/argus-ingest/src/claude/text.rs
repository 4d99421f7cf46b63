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
    let bytes = line.as_bytes();
    let mut mended: Option<Vec<u8>> = None;
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        let start = at + found;
        let Some(unit) = unit_at(bytes, start) else {
            at = start + 2;
            if at >= bytes.len() {
                break;
            }
            continue;
        };
        let is_pair = (0xd800..0xdc00).contains(&unit)
            && unit_at(bytes, start + 6).is_some_and(|low| (0xdc00..0xe000).contains(&low));
        if is_pair {
            at = start + 12;
            continue;
        }
        if (0xd800..0xe000).contains(&unit) {
            let copy = mended.get_or_insert_with(|| bytes.to_vec());
            copy[start + 2..start + 6].copy_from_slice(b"fffd");
        }
        at = start + 6;
    }
    mended.and_then(|bytes| String::from_utf8(bytes).ok())
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
    let mut open: Vec<u8> = Vec::new();
    let mut last_whole: Option<(usize, Vec<u8>)> = None;
    let (mut in_string, mut escaped) = (false, false);
    for (at, byte) in text.bytes().enumerate() {
        if in_string {
            match byte {
                _ if escaped => escaped = false,
                b'\\' => escaped = true,
                b'"' => in_string = false,
                _ => {}
            }
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' => open.push(b'}'),
            b'[' => open.push(b']'),
            b'}' | b']' => {
                open.pop();
            }
            b',' => last_whole = Some((at, open.clone())),
            _ => {}
        }
    }
    let (at, open) = last_whole?;
    let mut closed = text[..at].to_owned();
    closed.extend(open.iter().rev().map(|close| char::from(*close)));
    Some(closed)
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
}
