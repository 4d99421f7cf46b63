//! Escapes: what `$'…'`, `printf` and `echo -e` make of a backslash, and what braces make of a word.

/// Decodes C-style escapes.
pub(crate) fn decode(text: &str) -> String {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        if bytes[at] != b'\\' {
            out.push(bytes[at]);
            at += 1;
            continue;
        }
        at += 1;
        let Some(escape) = bytes.get(at) else {
            out.push(b'\\');
            break;
        };
        at += 1;
        match escape {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'a' => out.push(7),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'v' => out.push(11),
            b'e' | b'E' => out.push(27),
            b'x' => number(bytes, &mut at, &mut out, Digits { radix: 16, count: 2 }),
            b'u' => number(bytes, &mut at, &mut out, Digits { radix: 16, count: 4 }),
            b'U' => number(bytes, &mut at, &mut out, Digits { radix: 16, count: 8 }),
            b'0'..=b'7' => {
                at -= 1;
                let count = if bytes[at] == b'0' { 4 } else { 3 };
                number(bytes, &mut at, &mut out, Digits { radix: 8, count });
            }
            b'\\' | b'\'' | b'"' | b'?' => out.push(*escape),
            other => out.extend([b'\\', *other]),
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[derive(Clone, Copy)]
struct Digits {
    radix: u32,
    count: usize,
}

fn number(bytes: &[u8], at: &mut usize, out: &mut Vec<u8>, digits: Digits) {
    let mut value = 0_u32;
    let mut seen = 0;
    while seen < digits.count
        && let Some(digit) = bytes.get(*at).and_then(|byte| (*byte as char).to_digit(digits.radix))
    {
        value = value.wrapping_mul(digits.radix) + digit;
        *at += 1;
        seen += 1;
    }
    if digits.count <= 4 && digits.radix == 8 || digits.count == 2 {
        out.push((value & 0xff) as u8);
    } else if let Some(c) = char::from_u32(value) {
        out.extend(c.encode_utf8(&mut [0; 4]).bytes());
    }
}

const MAX_BRACES: usize = 64;

/// What braces make of a raw word: `{a,b}c` and `{1..3}`. The word itself where there are none.
pub(crate) fn expand_braces(raw: &str) -> Vec<String> {
    let mut done = Vec::new();
    let mut open = vec![raw.to_owned()];
    while let Some(word) = open.pop() {
        match first_brace(&word) {
            Some((start, end, parts)) if open.len() + done.len() + parts.len() <= MAX_BRACES => {
                open.extend(parts.iter().rev().map(|part| format!("{}{part}{}", &word[..start], &word[end + 1..])));
            }
            _ => done.push(word),
        }
    }
    done
}

fn first_brace(word: &str) -> Option<(usize, usize, Vec<String>)> {
    let bytes = word.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\'' => at = super::matching::single(word, at + 1),
            b'"' => at = super::matching::double(word, at + 1),
            b'`' => at = super::matching::escaped(word, at + 1, b'`'),
            b'$' if bytes.get(at + 1) == Some(&b'(') => at = super::matching::paren(word, at + 2),
            b'$' if bytes.get(at + 1) == Some(&b'{') => at = super::matching::brace(word, at + 2),
            b'{' => {
                let end = super::matching::brace(word, at + 1);
                if let Some(parts) = word.get(at + 1..end).and_then(alternatives).filter(|_| end < word.len()) {
                    return Some((at, end, parts));
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

fn alternatives(inside: &str) -> Option<Vec<String>> {
    let mut parts = vec![String::new()];
    let mut depth = 0_u32;
    let mut quote = None;
    for c in inside.chars() {
        match (quote, c) {
            (Some(open), c) if open == c => quote = None,
            (Some(_), _) => {}
            (None, '\'' | '"') => quote = Some(c),
            (None, '{' | '(') => depth += 1,
            (None, '}' | ')') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        parts.last_mut()?.push(c);
    }
    if parts.len() > 1 {
        return Some(parts);
    }
    let (from, to) = inside.split_once("..")?;
    let (from, to): (i64, i64) = (from.parse().ok()?, to.parse().ok()?);
    // Of a long way, the beginning stands for all.
    (from <= to).then(|| (from..=to).take(MAX_BRACES / 2).map(|n| n.to_string()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded() {
        assert_eq!(decode(r"\x72\x6d \162\155 \u0072m\q\\"), "rm rm rm\\q\\");
        assert_eq!(decode("\\"), "\\");
    }

    #[test]
    fn braces_multiply_words_and_quotes_protect_them() {
        assert_eq!(expand_braces("a{b,c{d,e}}f"), ["abf", "acdf", "acef"]);
        assert_eq!(expand_braces("{1..3}"), ["1", "2", "3"]);
        assert_eq!(expand_braces("'{a,b}'"), ["'{a,b}'"]);
        assert_eq!(expand_braces("${a,b}{"), ["${a,b}{"]);
        assert!(expand_braces(&"{a,b}".repeat(40)).len() <= MAX_BRACES + 1);
    }
}
