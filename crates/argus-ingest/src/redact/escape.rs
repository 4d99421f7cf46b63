//! JSON's `\u00XX` escapes for ASCII, undone, so that no secret hides behind them.

use std::borrow::Cow;

use memchr::memmem;

const ESCAPE_BYTES: usize = "\\u0000".len();

/// Raw JSON with printable ASCII written as itself: `\u0073k` becomes `sk`. A quote or backslash keeps its short
/// escape, control characters keep theirs; so it is the same JSON value. Not for decoded text, where `\u0073` may
/// be meant.
pub fn normalise_escapes(json: &str) -> Cow<'_, str> {
    let bytes = json.as_bytes();
    let mut normal = String::new();
    let mut done = 0;
    for at in memmem::find_iter(bytes, b"\\u00") {
        let Some(plain) = escaped_ascii(bytes, at) else { continue };
        if normal.is_empty() {
            normal.reserve(json.len());
        }
        normal.push_str(&json[done..at]);
        if matches!(plain, '"' | '\\') {
            normal.push('\\');
        }
        normal.push(plain);
        done = at + ESCAPE_BYTES;
    }
    if done == 0 {
        return Cow::Borrowed(json);
    }
    normal.push_str(&json[done..]);
    Cow::Owned(normal)
}

/// The printable ASCII character that the escape at `at` stands for, if it is an escape and stands for one.
fn escaped_ascii(json: &[u8], at: usize) -> Option<char> {
    let backslashes_before = json[..at].iter().rev().take_while(|byte| **byte == b'\\').count();
    let &[high @ b'2'..=b'7', low] = json.get(at + 4..at + ESCAPE_BYTES)? else { return None };
    let code = char::from(high).to_digit(16)? * 16 + char::from(low).to_digit(16)?;
    let plain = char::from_u32(code).filter(|plain| !plain.is_ascii_control());
    plain.filter(|_| backslashes_before.is_multiple_of(2))
}
