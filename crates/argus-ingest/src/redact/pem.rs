//! Private key blocks: whole, cut, with real newlines or with escaped ones, with line numbers or diff signs.
//!
//! What must stay true: a block never crosses a double quote, so it lies inside one JSON string.

use std::ops::Range;

use super::text::{backslashes_at, window};

const BEGIN: &[u8] = b"-----BEGIN ";
const END: &[u8] = b"-----END ";
const DASHES: &[u8] = b"-----";
const LONGEST_LABEL_BYTES: usize = 48;
/// A 16,384-bit RSA key with line numbers stays below.
const LONGEST_BLOCK_BYTES: usize = 32 * 1024;
/// A block without so long a run of base64 is a mention, not a key.
const SHORTEST_KEY_RUN: usize = 16;
/// In a block without an end only words this long are surely key.
const SURE_WORD: usize = 24;

/// The block that begins at `at`.
pub(super) fn find(text: &[u8], at: usize) -> Option<Range<usize>> {
    let text = window(text, 0, at + LONGEST_BLOCK_BYTES);
    let label = &text[at + BEGIN.len()..];
    let label_length = label.windows(DASHES.len()).take(LONGEST_LABEL_BYTES).position(|five| five == DASHES)?;
    let label = &label[..label_length];
    let is_private = label.windows(11).any(|eleven| eleven == b"PRIVATE KEY");
    if !is_private || !label.iter().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ') {
        return None;
    }
    let body = at + BEGIN.len() + label_length + DASHES.len();
    let end = end_of_whole(text, body).or_else(|| end_of_cut(text, body))?;
    let has_key =
        canonical(&text[body..end]).len() >= SHORTEST_KEY_RUN && longest_run(&text[body..end]) >= SHORTEST_KEY_RUN;
    has_key.then_some(at..end)
}

/// The end of the END line, if one comes before a quote and before another block.
fn end_of_whole(text: &[u8], body: usize) -> Option<usize> {
    let mut at = body;
    loop {
        let rest = &text[at..];
        at += rest.iter().position(|byte| matches!(byte, b'-' | b'"'))?;
        let rest = &text[at..];
        if rest.starts_with(END) {
            let label = &rest[END.len()..];
            let closing = label.windows(DASHES.len()).take(LONGEST_LABEL_BYTES).position(|five| five == DASHES)?;
            let is_label = label[..closing].iter().all(|byte| !matches!(byte, b'"' | b'\\'));
            return is_label.then_some(at + END.len() + closing + DASHES.len());
        }
        if rest[0] == b'"' || rest.starts_with(BEGIN) {
            return None;
        }
        at += 1;
    }
}

/// The end of the last word that is still key, when the block was cut.
fn end_of_cut(text: &[u8], body: usize) -> Option<usize> {
    let mut end = None;
    let mut at = body;
    while at < text.len() {
        let gap = gap_at(text, at);
        if gap > 0 {
            at += gap;
            continue;
        }
        let word = text[at..].iter().take_while(|byte| is_base64(byte)).count();
        let next = at + word;
        let is_last = next == text.len() || text[next] == b'"' || text[next] == b'\\' && gap_at(text, next) == 0;
        let is_line_number = word <= 6 && text[at..next].iter().all(u8::is_ascii_digit);
        if word >= SURE_WORD || (word > 0 && end.is_some() && (is_last || text[next - 1] == b'=')) {
            end = Some(next);
        } else if word == 0 || !is_line_number {
            break;
        }
        at = next;
    }
    end
}

fn is_base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(*byte, b'+' | b'/' | b'=')
}

/// The length of what may stand between the lines of a key: white space, written out or escaped, and the signs
/// that `cat -n`, diffs and quotations put before a line.
fn gap_at(text: &[u8], at: usize) -> usize {
    match text[at] {
        b' ' | b'\t' | b'\n' | b'\r' | b'>' | b'|' => 1,
        b'\\' => {
            let backslashes = backslashes_at(text, at);
            let is_white = matches!(text.get(at + backslashes), Some(b'n' | b'r' | b't'));
            if is_white { backslashes + 1 } else { 0 }
        }
        _ if text[at..].starts_with("→".as_bytes()) => "→".len(),
        _ => 0,
    }
}

/// The key alone, without white space and escapes: however a key was written, its fingerprint is the same.
pub(super) fn canonical(block: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(block.len());
    let mut at = 0;
    while at < block.len() {
        let backslashes = backslashes_at(block, at);
        if backslashes > 0 {
            at += backslashes + 1;
        } else {
            key.extend(Some(block[at]).filter(is_base64));
            at += 1;
        }
    }
    key
}

fn longest_run(block: &[u8]) -> usize {
    block.split(|byte| !is_base64(byte)).map(<[u8]>::len).max().unwrap_or(0)
}
