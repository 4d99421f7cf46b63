//! Where words begin and end in text that may be raw JSON, coloured for a terminal, or percent-encoded.

/// True when a token may begin at `at`: the character before is no letter or digit, or is the end of an escape.
pub(super) fn starts_token(text: &[u8], at: usize) -> bool {
    let (head, before) = match text[..at].split_last() {
        None => return true,
        Some((before, head)) => (head, *before),
    };
    if !before.is_ascii_alphanumeric() {
        return true;
    }
    let ends_escape = matches!(before, b'n' | b't' | b'r' | b'b' | b'f') && head.ends_with(b"\\");
    ends_escape || ends_percent_escape(&text[..at]) || ends_unicode_escape(&text[..at]) || ends_colour(&text[..at])
}

fn ends_percent_escape(head: &[u8]) -> bool {
    matches!(head, [.., b'%', high, low] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

fn ends_unicode_escape(head: &[u8]) -> bool {
    matches!(head, [.., b'\\', b'u', a, b, c, d] if [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()))
}

/// `ESC [ 1 ; 32 m`, whichever way the ESC is written.
fn ends_colour(head: &[u8]) -> bool {
    const LONGEST: usize = 20;
    let Some((b'm', head)) = head.split_last() else { return false };
    let parameters = head.iter().rev().take(LONGEST).take_while(|byte| matches!(byte, b'0'..=b'9' | b';')).count();
    head[..head.len() - parameters].ends_with(b"[")
}

/// True when a token of fixed length ends at `at`.
pub(super) fn ends_token(text: &[u8], at: usize) -> bool {
    text.get(at).is_none_or(|byte| !byte.is_ascii_alphanumeric() && !matches!(byte, b'_' | b'-'))
}

/// How many backslashes stand at `at`.
pub(super) fn backslashes_at(text: &[u8], at: usize) -> usize {
    text[at..].iter().take_while(|byte| **byte == b'\\').count()
}

/// How deep in JSON strings within JSON strings a quote with so many backslashes opens or closes one: 0, 1, 3, 7, …
pub(super) fn quote_depth(backslashes: usize) -> Option<u32> {
    (backslashes + 1).is_power_of_two().then(|| (backslashes + 1).trailing_zeros())
}

/// Whether a double quote after so many backslashes ends a string opened at `depth` (or one around it); then how
/// many of the backslashes belong to the quote. The rest are whole escapes of the string.
pub(super) fn closing_backslashes(backslashes: usize, depth: u32) -> Option<usize> {
    let mut left = backslashes;
    for level in 0..=depth {
        if left.is_multiple_of(2) {
            return Some((1 << level) - 1);
        }
        left /= 2;
    }
    None
}

/// The text from `at`, at most `most` bytes of it, cut between characters.
pub(super) fn window(text: &[u8], at: usize, most: usize) -> &[u8] {
    let mut end = text.len().min(at + most);
    while end < text.len() && text[end] & 0b1100_0000 == 0b1000_0000 {
        end -= 1;
    }
    &text[at..end]
}
