//! Telling Rust's code from its comments and its string literals, well enough for the rules.
//!
//! Not a parser: it knows comments, strings (raw ones too), characters and lifetimes, and nothing else. Every blanked
//! character becomes a space and line breaks stay, so a position in the code is the same position in the file.

/// A source text taken apart.
pub(super) struct RustText {
    /// The text with comments and the content of literals blanked.
    pub(super) code: String,
    /// Each string literal's content, with the line it starts on.
    pub(super) strings: Vec<(usize, String)>,
}

/// Takes a source text apart.
pub(super) fn split(text: &str) -> RustText {
    let mut splitter = Splitter { rest: text, code: String::with_capacity(text.len()), strings: Vec::new() };
    while !splitter.rest.is_empty() {
        splitter.step();
    }
    RustText { code: splitter.code, strings: splitter.strings }
}

/// The line (from 1) that a position lies on.
pub(super) fn line_of(text: &str, position: usize) -> usize {
    text[..position].matches('\n').count() + 1
}

struct Splitter<'a> {
    rest: &'a str,
    code: String,
    strings: Vec<(usize, String)>,
}

impl Splitter<'_> {
    fn step(&mut self) {
        let rest = self.rest;
        if rest.starts_with("//") {
            self.blank(rest.find('\n').unwrap_or(rest.len()));
        } else if rest.starts_with("/*") {
            self.blank(block_comment_length(rest));
        } else if let Some(hashes) = raw_string_hashes(rest).filter(|_| !self.inside_a_word()) {
            let opening = rest.find('"').map_or(rest.len(), |at| at + 1);
            let closing = format!("\"{}", "#".repeat(hashes));
            let content = rest[opening..].find(&closing).unwrap_or(rest.len() - opening);
            self.string(opening, content, closing.len());
        } else if let Some(content) = rest.strip_prefix('"') {
            self.string(1, string_length(content), 1);
        } else if let Some(length) = character_length(rest) {
            self.blank(length);
        } else {
            let character = rest.chars().next().map_or(1, char::len_utf8);
            self.keep(character);
        }
    }

    fn inside_a_word(&self) -> bool {
        self.code.ends_with(|character: char| character.is_alphanumeric() || character == '_')
    }

    fn string(&mut self, opening: usize, content: usize, closing: usize) {
        let line = self.code.matches('\n').count() + 1;
        self.strings.push((line, self.rest[opening..opening + content].to_string()));
        self.keep(opening);
        self.blank(content);
        self.keep(closing.min(self.rest.len()));
    }

    fn keep(&mut self, length: usize) {
        self.code.push_str(&self.rest[..length]);
        self.rest = &self.rest[length..];
    }

    fn blank(&mut self, length: usize) {
        let length = length.min(self.rest.len());
        // A space a byte keeps positions equal.
        self.code.extend(self.rest[..length].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }));
        self.rest = &self.rest[length..];
    }
}

fn block_comment_length(text: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        let here = &text.as_bytes()[at..];
        if here.starts_with(b"/*") {
            (depth, at) = (depth + 1, at + 2);
        } else if here.starts_with(b"*/") {
            (depth, at) = (depth - 1, at + 2);
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

/// The number of `#` of a raw string that starts here.
fn raw_string_hashes(text: &str) -> Option<usize> {
    let after = ["r", "br", "cr"].iter().find_map(|prefix| text.strip_prefix(prefix))?;
    let hashes = after.bytes().take_while(|&byte| byte == b'#').count();
    after[hashes..].starts_with('"').then_some(hashes)
}

/// The length of a string's content up to its closing quote.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return at,
            _ => {}
        }
    }
    text.len()
}

/// The length of a character literal that starts here; None for a lifetime.
fn character_length(text: &str) -> Option<usize> {
    let inner = text.strip_prefix('\'')?;
    if let Some(escape) = inner.strip_prefix('\\') {
        let escaped = escape.chars().next()?.len_utf8();
        return Some(2 + escaped + escape[escaped..].find('\'')? + 1);
    }
    let character = inner.chars().next()?.len_utf8();
    inner[character..].starts_with('\'').then_some(character + 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strings(text: &str) -> Vec<String> {
        split(text).strings.into_iter().map(|(_, content)| content).collect()
    }

    #[test]
    fn strings_are_found_and_neither_comments_nor_characters_confuse_them() {
        assert_eq!(strings(r#"let a = "one"; // not "this""#), ["one"]);
        assert_eq!(strings(r#"/* "no" /* "nor" */ "no" */ let a = "yes";"#), ["yes"]);
        assert_eq!(strings(r#"let quote = '"'; let escaped = '\''; let a = "b\"c";"#), [r#"b\"c"#]);
        assert_eq!(strings("fn f<'a>(x: &'a str) { g(\"x\") }"), ["x"]);
        assert_eq!(strings("let a = r#\"raw \"quoted\"\"#; let b = br\"x\";"), ["raw \"quoted\"", "x"]);
        assert_eq!(strings("let bar = 1; \"after\""), ["after"]);
    }

    #[test]
    fn blanked_code_keeps_every_position_and_line() {
        let text = "a \"two\nlines ü\" b // ü\nc";
        let code = split(text).code;
        assert_eq!(code.len(), text.len());
        assert_eq!(code.find('c'), text.rfind('c'));
        assert_eq!(line_of(&code, code.rfind('c').unwrap()), 3);
    }

    #[test]
    fn text_that_ends_inside_a_literal_is_taken_as_it_is() {
        for text in ["\"open", "r#\"open", "/* open", "'", "'\\", "b'", "// open"] {
            assert_eq!(split(text).code.len(), text.len(), "{text}");
        }
    }
}
