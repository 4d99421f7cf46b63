//! Where an open bracket or quote ends.
//!
//! Everything counts that can hide a bracket: quotes, backslashes, comments, and the bodies of heredocs, in which an
//! apostrophe is just an apostrophe. All functions take the place after the opening one and give that of the closing
//! one, or the end of the text.

/// The `)` that closes a substitution whose inside begins at `from`.
pub(crate) fn paren(text: &str, from: usize) -> usize {
    bracket(text, from, b'(', b')')
}

/// The `}` that closes an expansion whose inside begins at `from`.
pub(crate) fn brace(text: &str, from: usize) -> usize {
    bracket(text, from, b'{', b'}')
}

/// The `'` that ends a plain quote.
pub(crate) fn single(text: &str, from: usize) -> usize {
    text.as_bytes()[from..].iter().position(|byte| *byte == b'\'').map_or(text.len(), |at| from + at)
}

/// The `quote` that ends a quote in which backslashes count.
pub(crate) fn escaped(text: &str, from: usize, quote: u8) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            byte if byte == quote => return at,
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// The `"` that ends a double quote: what is substituted inside has quotes of its own.
pub(crate) fn double(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'"' => return at,
            b'`' => at = escaped(text, at + 1, b'`'),
            b'$' if bytes.get(at + 1) == Some(&b'(') => at = paren(text, at + 2),
            b'$' if bytes.get(at + 1) == Some(&b'{') => at = brace(text, at + 2),
            _ => {}
        }
        at += 1;
    }
    text.len()
}

fn bracket(text: &str, from: usize, open: u8, close: u8) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 1_u32;
    let mut heredocs: Vec<String> = Vec::new();
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'\'' if at > 0 && bytes[at - 1] == b'$' => at = escaped(text, at + 1, b'\''),
            b'\'' => at = single(text, at + 1),
            b'"' => at = double_flat(text, at + 1),
            b'`' => at = escaped(text, at + 1, b'`'),
            b'#' if open == b'(' && at > 0 && bytes[at - 1].is_ascii_whitespace() => {
                at = text[at..].find('\n').map_or(text.len(), |length| at + length);
                continue;
            }
            b'<' if open == b'(' && bytes[at..].starts_with(b"<<") && bytes.get(at + 2) != Some(&b'<') => {
                let (delimiter, end) = heredoc_delimiter(text, at + 2);
                heredocs.extend(delimiter);
                at = end;
                continue;
            }
            b'<' if bytes[at..].starts_with(b"<<<") => at += 2,
            b'\n' => {
                for delimiter in heredocs.drain(..) {
                    at = heredoc_end(text, at + 1, &delimiter);
                }
            }
            byte if byte == open => depth += 1,
            byte if byte == close => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            _ => {}
        }
        at += 1;
    }
    text.len()
}

/// Like [`double`], but without recursion: brackets inside are counted flat, so that hostile nesting costs nothing.
fn double_flat(text: &str, from: usize) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0_u32;
    let mut at = from;
    while at < bytes.len() {
        match bytes[at] {
            b'\\' => at += 1,
            b'"' if depth == 0 => return at,
            b'"' => {
                // A quote inside of a substitution: skip it whole, if it closes before the substitution does.
                at = escaped(text, at + 1, b'"');
            }
            b'\'' if depth > 0 => at = single(text, at + 1),
            b'$' if bytes.get(at + 1) == Some(&b'(') => {
                depth += 1;
                at += 1;
            }
            b'(' if depth > 0 => depth += 1,
            b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    text.len()
}

fn heredoc_delimiter(text: &str, from: usize) -> (Option<String>, usize) {
    let rest = &text[from..];
    let trimmed = rest.strip_prefix('-').unwrap_or(rest).trim_start_matches([' ', '\t']);
    let length = trimmed.find([' ', '\t', '\n', ';', '|', '&', '<', '>', ')']).unwrap_or(trimmed.len());
    let word: String = trimmed[..length].chars().filter(|c| !['\'', '"', '\\'].contains(c)).collect();
    let end = from + (rest.len() - trimmed.len()) + length;
    ((!word.is_empty()).then_some(word), end)
}

/// The newline that ends the line of the delimiter.
fn heredoc_end(text: &str, from: usize, delimiter: &str) -> usize {
    let mut at = from.min(text.len());
    for line in text[at..].split_inclusive('\n') {
        if line.trim_end_matches('\n').trim_start_matches('\t') == delimiter {
            return at + line.len() - 1;
        }
        at += line.len();
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_substitution_ends_at_its_own_bracket() {
        let inside = |text: &str| text[2..paren(text, 2)].to_owned();
        assert_eq!(inside("$(a (b) c) d)"), "a (b) c");
        assert_eq!(inside("$(a ')' \")\" \\) `)`) d"), "a ')' \")\" \\) `)`");
        assert_eq!(inside("$(cat <<'E'\ndon't :)\nE\n) x"), "cat <<'E'\ndon't :)\nE\n");
        assert_eq!(inside("$(a # it's )\n) b"), "a # it's )\n");
        assert_eq!(inside("$(a \"$(b \"c\")\") d"), "a \"$(b \"c\")\"");
        assert_eq!(inside("$(open"), "open");
    }

    #[test]
    fn a_double_quote_ends_after_the_quotes_inside_of_it() {
        let text = "\"a$(b \"c\")d\"e";
        assert_eq!(&text[1..double(text, 1)], "a$(b \"c\")d");
    }
}
