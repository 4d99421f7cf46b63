//! Passwords in URLs: `scheme://user:PASSWORD@host`.

use std::ops::Range;

use super::judgement;
use super::mark;
use super::text::window;

const LONGEST_AUTHORITY_BYTES: usize = 1024;

/// The password of the URL whose `://` stands at `separator`.
pub(super) fn find_password(text: &[u8], separator: &Range<usize>) -> Option<Range<usize>> {
    let scheme_end = separator.start.checked_sub(1).map(|before| text[before])?;
    if !scheme_end.is_ascii_alphanumeric() {
        return None;
    }
    let authority = window(text, separator.end, LONGEST_AUTHORITY_BYTES);
    let (mut colon, mut host) = (None, None);
    let mut at = 0;
    while at < authority.len() {
        if let Some(mark) = mark::length_at(&authority[at..]) {
            at += mark;
            continue;
        }
        match authority[at] {
            b':' if colon.is_none() && host.is_none() => colon = Some(at),
            b'@' => host = Some(at),
            b'/' | b'?' | b'#' | b'"' | b'\'' | b'`' | b'<' | b'>' | b'\\' => break,
            byte if byte.is_ascii_whitespace() => break,
            _ => {}
        }
        at += 1;
    }
    let (colon, host) = (colon?, host?);
    let has_host = authority.get(host + 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || b"[$%{".contains(byte));
    let password = authority.get(colon + 1..host)?;
    let is_secret = has_host && !password.is_empty() && !judgement::is_url_placeholder(password);
    is_secret.then_some(separator.end + colon + 1..separator.end + host)
}
