//! The strings in a piece of JSON, without building the values around them.

/// Gives each string that is a value, with the name of the field it stands under (of the nearest one around a list).
/// The JSON is known to be valid; what is not ends the walk.
pub(crate) fn for_each(raw: &str, each: &mut dyn FnMut(&str, &str)) {
    let bytes = raw.as_bytes();
    let (mut name, mut room) = ("", String::new());
    let mut at = 0;
    while let Some(found) = memchr::memchr(b'"', &bytes[at..]) {
        let start = at + found + 1;
        let Some((text, end)) = string_at(raw, start, &mut room) else { return };
        at = end + 1;
        let after = bytes[at..].iter().find(|byte| !byte.is_ascii_whitespace());
        if after == Some(&b':') {
            name = &raw[start..end];
        } else {
            each(name, text);
        }
    }
}

/// What the string says that begins here, and where it ends; one with escapes is written into a room that serves for many.
fn string_at<'r>(raw: &'r str, start: usize, room: &'r mut String) -> Option<(&'r str, usize)> {
    let bytes = raw.as_bytes();
    let quote_or_escape = |from: usize| Some(from + memchr::memchr2(b'"', b'\\', bytes.get(from..)?)?);
    let mut at = quote_or_escape(start)?;
    if bytes[at] == b'"' {
        return Some((&raw[start..at], at));
    }
    room.clear();
    let mut done = start;
    loop {
        room.push_str(&raw[done..at]);
        if bytes[at] == b'"' {
            return Some((room, at));
        }
        done = push_escape(raw, at, room)?;
        at = quote_or_escape(done)?;
    }
}

/// Adds what an escape says, and gives the place after it. Half a surrogate pair becomes U+FFFD.
fn push_escape(raw: &str, at: usize, plain: &mut String) -> Option<usize> {
    let (character, length) = match raw.as_bytes().get(at + 1)? {
        b'n' => ('\n', 2),
        b't' => ('\t', 2),
        b'r' => ('\r', 2),
        b'b' => ('\u{8}', 2),
        b'f' => ('\u{c}', 2),
        b'u' => unicode(raw, at),
        other => (char::from(*other), 2),
    };
    plain.push(character);
    raw.is_char_boundary(at + length).then_some(at + length)
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
