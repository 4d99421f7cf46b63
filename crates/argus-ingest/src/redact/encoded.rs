//! Secrets that were encoded, as files, headers and addresses do it: base64 (either alphabet, in lines or not), hex,
//! and percent escapes. What was encoded is decoded and looked at in the same way.
//!
//! Of base64 and hex the whole run is replaced, by a mark for each secret in it; each has the fingerprint of the
//! secret itself, so that the same one is known however it was written. Percent escapes keep their place: only the
//! secret goes.
//!
//! What must stay true: a run has neither quote nor backslash, but for the escaped newlines within wrapped base64.

use std::ops::Range;

use super::{Secret, find_secrets_within, merge};

/// Encoded twice is as far as people go.
pub(super) const DEEPEST: usize = 2;
/// No secret is shorter, encoded.
const SHORTEST_RUN: usize = 24;
/// A run of twice as many, and as many more, less one, holds a whole block that begins at an even multiple of this.
const BLOCK_BYTES: usize = SHORTEST_RUN / 3;
/// So many letters tell encoded text from anything else: twelve bytes of base64, eight of hex.
const TOLD_BY_LETTERS: usize = 16;
/// More is a file, not a credential; its beginning is looked at.
const LONGEST_RUN: usize = 256 * 1024;
/// Programs that break base64 into lines break it no shorter.
const SHORTEST_LINE: usize = 56;
/// Where encoded text begins within a run is looked for in its beginning.
const MOST_JOINT_BYTES: usize = 4096;
const LONGEST_URL: usize = 16 * 1024;

/// Adds what is hidden by an encoding.
pub(super) fn find(text: &[u8], depth: usize, secrets: &mut Vec<Secret>) {
    if depth == 0 {
        return;
    }
    find_in_runs(text, depth, secrets);
    find_behind_percents(text, depth, secrets);
}

/// What encoded text is made of.
const RUN_BYTES: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_');
        byte += 1;
    }
    table
};

/// What each letter of base64 says, of either alphabet.
const VALUES: [u8; 256] = {
    let mut table = [63; 256];
    let mut byte = 0_u8;
    while byte < 128 {
        table[byte as usize] = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            _ => 63,
        };
        byte += 1;
    }
    table
};

/// A way of writing bytes in letters.
struct Encoding {
    /// True when the first letters say text.
    tells: fn(&[u8]) -> bool,
    decode: fn(&[u8]) -> Vec<u8>,
}

const BASE64: Encoding = Encoding { tells: tells_base64, decode: base64 };
const HEX: Encoding = Encoding { tells: tells_hex, decode: hex };

fn is_run_byte(byte: u8) -> bool {
    RUN_BYTES[usize::from(byte)]
}

/// Looked at as a whole: to end at the first byte that says no is to guess where that is.
fn is_run_block(block: &[u8; BLOCK_BYTES]) -> bool {
    /// Below it stand spaces, quotes and most brackets, one of which nearly every block has.
    const LEAST: u64 = b'+' as u64;
    const ONES: u64 = u64::from_ne_bytes([1; BLOCK_BYTES]);
    let bytes = u64::from_ne_bytes(*block);
    let has_less = bytes.wrapping_sub(ONES * LEAST) & !bytes & (ONES << 7) != 0;
    !has_less && block.iter().fold(true, |is_run, byte| is_run & is_run_byte(*byte))
}

/// How long the run is that a text begins with.
fn length_from(text: &[u8]) -> usize {
    let text = &text[..text.len().min(LONGEST_RUN)];
    let whole = text.as_chunks().0.iter().take_while(|block| is_run_block(block)).count() * BLOCK_BYTES;
    whole + text[whole..].iter().take_while(|byte| is_run_byte(**byte)).count()
}

fn find_in_runs(text: &[u8], depth: usize, secrets: &mut Vec<Secret>) {
    let mut at = 0;
    // A run that is long enough holds a whole block of one of every two; few other runs do.
    while let Some(block) = text.get(at..).and_then(<[u8]>::first_chunk) {
        if !is_run_block(block) {
            at += 2 * BLOCK_BYTES;
            continue;
        }
        let back = text[..at].iter().rev().take(LONGEST_RUN).take_while(|byte| is_run_byte(**byte)).count();
        let (start, line) = (at - back, back + length_from(&text[at..]));
        if line < SHORTEST_RUN {
            at = start + line;
            continue;
        }
        at = find_in_run(text, start, line, depth, secrets).max(start + line);
    }
}

/// Looks at the run that begins at `start`; returns where the search goes on.
fn find_in_run(text: &[u8], start: usize, line: usize, depth: usize, secrets: &mut Vec<Secret>) -> usize {
    // Something may stand before the encoded text that is of the same letters: an escape's, a path's, a name's.
    let first = &text[start..start + line];
    let joints = first[..(line - SHORTEST_RUN).min(MOST_JOINT_BYTES)].iter().enumerate();
    let joints = joints.filter(|(_, byte)| matches!(byte, b'/' | b'-' | b'_'));
    let escape = usize::from(start > 0 && text[start - 1] == b'\\');
    let prefix = if first.starts_with(b"0x") { 2 } else { escape };
    for skipped in [prefix].into_iter().chain(joints.map(|(place, _)| place + 1)).take(16) {
        if line - skipped.min(line) < SHORTEST_RUN {
            continue;
        }
        let head = &first[skipped..];
        for Encoding { tells, decode } in [BASE64, HEX] {
            // Nearly all runs are paths and names, and known by their first letters.
            if !tells(&head[..TOLD_BY_LETTERS]) {
                continue;
            }
            let (letters, end) = lines_from(text, start + skipped, line - skipped);
            // What was encoded may be text only for the most part.
            let decoded = decode(&letters);
            let decoded = String::from_utf8_lossy(&decoded);
            let inner = merge(find_secrets_within(decoded.as_bytes(), depth - 1));
            if let Some(first) = inner.first() {
                let kind = first.kind;
                let encoded = inner.into_iter().flat_map(|secret| secret.told_in(&decoded)).collect();
                secrets.push(Secret { range: start + skipped..end, kind, encoded });
            }
            // All of it was looked at, whatever was found: its later lines and joints are not looked at again.
            return end;
        }
    }
    start + line
}

/// The letters of a run and of the lines that go on with it, and where they end.
fn lines_from(text: &[u8], start: usize, first: usize) -> (Vec<u8>, usize) {
    let mut letters = text[start..start + first].to_vec();
    let mut end = start + first;
    let mut line = first;
    while line >= SHORTEST_LINE && letters.len() < LONGEST_RUN {
        let gap = newline_at(text, end);
        let next = text[end + gap..].iter().take(LONGEST_RUN).take_while(|byte| is_run_byte(**byte)).count();
        if gap == 0 || next == 0 || next > line {
            break;
        }
        letters.extend_from_slice(&text[end + gap..end + gap + next]);
        end += gap + next;
        line = if next == line { line } else { 0 };
    }
    let padding = text[end..].iter().take(2).take_while(|byte| **byte == b'=').count();
    (letters, end + padding)
}

/// The length of a newline, real or escaped.
fn newline_at(text: &[u8], at: usize) -> usize {
    let rest = &text[at..];
    let backslashes = rest.iter().take(16).take_while(|byte| **byte == b'\\').count();
    match (backslashes, rest.get(backslashes)) {
        (0, Some(b'\n')) => 1,
        (0, Some(b'\r')) if rest.get(1) == Some(&b'\n') => 2,
        (1.., Some(b'n')) => backslashes + 1,
        (1.., Some(b'r')) => {
            let after = &rest[backslashes + 1..];
            let again = after.iter().take(16).take_while(|byte| **byte == b'\\').count();
            if again > 0 && after.get(again) == Some(&b'n') { backslashes + again + 2 } else { 0 }
        }
        _ => 0,
    }
}

fn is_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\n' | b'\r' | b'\t')
}

/// True when letters, four at a time, say text.
fn tells_base64(letters: &[u8]) -> bool {
    letters.chunks_exact(4).all(|four| three_bytes(four).into_iter().all(is_text))
}

/// True when letters, two at a time, say text.
fn tells_hex(letters: &[u8]) -> bool {
    letters.chunks_exact(2).all(|pair| hex_pair(pair).is_some_and(is_text))
}

fn base64(letters: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::with_capacity(letters.len() / 4 * 3 + 3);
    for four in letters.chunks(4) {
        decoded.extend_from_slice(&three_bytes(four)[..four.len() - 1]);
    }
    decoded
}

/// What four letters say; what fewer say is in the first of them.
fn three_bytes(four: &[u8]) -> [u8; 3] {
    let of = |bits: u32, (place, byte): (usize, &u8)| bits | u32::from(VALUES[usize::from(*byte)]) << (18 - 6 * place);
    let [_, first, second, third] = four.iter().enumerate().fold(0, of).to_be_bytes();
    [first, second, third]
}

fn hex(letters: &[u8]) -> Vec<u8> {
    letters.chunks_exact(2).map_while(hex_pair).collect()
}

fn hex_pair(pair: &[u8]) -> Option<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    u8::try_from(digit(pair[0])? * 16 + digit(pair[1])?).ok()
}

fn find_behind_percents(text: &[u8], depth: usize, secrets: &mut Vec<Secret>) {
    let in_url = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~%+&=:/?@!$*,;#".contains(byte);
    let mut searched_to = 0;
    for at in memchr::memchr_iter(b'%', text) {
        if at < searched_to || text.get(at + 1..at + 3).and_then(hex_pair).is_none() {
            continue;
        }
        let before = text[searched_to..at].iter().rev().take(LONGEST_URL).take_while(|byte| in_url(byte)).count();
        let after = text[at..].iter().take(LONGEST_URL).take_while(|byte| in_url(byte)).count();
        let url = at - before..at + after;
        searched_to = url.end;
        let (decoded, places) = without_percents(text, &url);
        let Ok(decoded) = std::str::from_utf8(&decoded) else { continue };
        for secret in merge(find_secrets_within(decoded.as_bytes(), depth - 1)) {
            let (range, kind) = (places[secret.range.start]..places[secret.range.end], secret.kind);
            secrets.push(Secret { range, kind, encoded: secret.told_in(decoded) });
        }
    }
}

/// The text that a URL says, and for each of its bytes, and its end, where that stands.
fn without_percents(text: &[u8], url: &Range<usize>) -> (Vec<u8>, Vec<usize>) {
    let (mut decoded, mut places) = (Vec::with_capacity(url.len()), Vec::with_capacity(url.len() + 1));
    let mut at = url.start;
    while at < url.end {
        places.push(at);
        let pair = (text[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten().and_then(hex_pair);
        decoded.push(pair.unwrap_or(text[at]));
        at += if pair.is_some() { 3 } else { 1 };
    }
    places.push(at);
    (decoded, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn letters_of_any_length_are_decoded() {
        for (letters, text) in
            [("", ""), ("Zg", "f"), ("Zm8", "fo"), ("Zm9v", "foo"), ("Zm9vYg", "foob"), ("fn5-fw", "~~~\u{7f}")]
        {
            assert_eq!(base64(letters.as_bytes()), text.as_bytes(), "{letters}");
        }
        assert_eq!(hex(b"666f6f"), b"foo");
        assert_eq!(hex(b"66zz"), b"f");
    }

    #[test]
    fn each_byte_of_a_url_knows_its_place() {
        let text = b"a%3Db%zz";
        let (decoded, places) = without_percents(text, &(0..text.len()));
        assert_eq!(decoded, b"a=b%zz");
        assert_eq!(places, [0, 1, 4, 5, 6, 7, 8]);
    }
}
