//! The strings in a piece of JSON, without building the values around them.

/// Gives each string that is a value, with the name of the field it stands under (of the nearest one around a list).
/// The JSON is known to be valid; what is not ends the walk.
pub(crate) fn for_each(raw: &str, each: &mut dyn FnMut(&str, &str)) {
    let bytes = raw.as_bytes();
    let (mut name, mut room) = ("", String::new());
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'"', &bytes[at..]) {
        let start = at + found + 1;
        let Some((end, has_escapes)) = end_of(bytes, start) else { return };
        let after = bytes[end + 1..].iter().position(|byte| !byte.is_ascii_whitespace());
        at = end + 1;
        let text = &raw[start..end];
        if after.is_some_and(|after| bytes[end + 1 + after] == b':') {
            name = text;
        } else if has_escapes {
            each(name, unescape(text, &mut room));
        } else {
            each(name, text);
        }
    }
}

fn end_of(bytes: &[u8], start: usize) -> Option<(usize, bool)> {
    let (mut at, mut has_escapes) = (start, false);
    loop {
        at += memchr::memchr2(b'"', b'\\', &bytes[at..])?;
        if bytes[at] == b'"' {
            return Some((at, has_escapes));
        }
        has_escapes = true;
        at += 2;
        if at > bytes.len() {
            return None;
        }
    }
}

/// The text of a JSON string, written into a room that serves for many. Half a surrogate pair becomes U+FFFD.
fn unescape<'r>(text: &str, plain: &'r mut String) -> &'r str {
    let bytes = text.as_bytes();
    plain.clear();
    plain.reserve(text.len());
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'\\', &bytes[at..]) {
        let escape = at + found;
        plain.push_str(&text[at..escape]);
        at = escape + 2;
        match bytes.get(escape + 1) {
            Some(b'n') => plain.push('\n'),
            Some(b't') => plain.push('\t'),
            Some(b'r') => plain.push('\r'),
            Some(b'b') => plain.push('\u{8}'),
            Some(b'f') => plain.push('\u{c}'),
            Some(b'u') => {
                let (character, length) = unicode(text, escape);
                plain.push(character);
                at = escape + length;
            }
            Some(other) => plain.push(char::from(*other)),
            None => return plain,
        }
    }
    plain.push_str(&text[at..]);
    plain
}

/// The character of a `\u` escape, and how long the escape is.
fn unicode(text: &str, at: usize) -> (char, usize) {
    let unit = |at: usize| {
        let digits = text.get(at..at + 6)?.strip_prefix("\\u")?;
        u32::from_str_radix(digits, 16).ok()
    };
    let Some(first) = unit(at) else { return (char::REPLACEMENT_CHARACTER, 2) };
    if (0xd800..0xdc00).contains(&first)
        && let Some(second) = unit(at + 6).filter(|unit| (0xdc00..0xe000).contains(unit))
    {
        let code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
        return (char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER), 12);
    }
    (char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER), 6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(raw: &str) -> Vec<(String, String)> {
        let mut strings = Vec::new();
        for_each(raw, &mut |name, text| strings.push((name.to_owned(), text.to_owned())));
        strings
    }

    #[test]
    fn values_are_given_and_names_are_not() {
        let pair = |name: &str, text: &str| (name.to_owned(), text.to_owned());
        assert_eq!(
            strings(r#"{"a" : "x", "b": [1, "y", {"c":"z: \"q\""}], "n": null}"#),
            [pair("a", "x"), pair("b", "y"), pair("c", "z: \"q\"")]
        );
        assert_eq!(strings(r#""alone""#), [pair("", "alone")]);
    }

    #[test]
    fn escapes_are_undone_as_the_parser_of_json_would() {
        for raw in [r#""a\nb\\n\/\"\t""#, r#""\u00e9\ud83d\ude00x""#, r#""\u0041""#, r#""\\""#] {
            assert_eq!(strings(raw)[0].1, serde_json::from_str::<String>(raw).unwrap());
        }
        assert_eq!(strings(r#""\ud83d""#)[0].1, "\u{fffd}");
    }

    #[test]
    fn broken_texts_end_the_walk() {
        for raw in [r#""abc"#, r#""abc\"#, r#""\u12""#, r#"{"a"#, r#""\uééé""#] {
            let _ = strings(raw);
        }
    }
}
