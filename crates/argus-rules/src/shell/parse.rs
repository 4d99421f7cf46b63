//! From text to a syntax tree, whatever the text is.
//!
//! The tree comes from rable. It gives none for text with an error, and its cost grows steeply with nesting, so length,
//! nesting and the number of operators are capped first. Text that does not parse is mended in three ways, the first
//! that parses wins: open delimiters are closed; the lines above the one with the error are taken; what is left goes to
//! [`super::lexical`]. Each of them says that the result is partial.

use rable::Node;

/// Longer text is only scanned.
pub(crate) const MAX_BYTES: usize = 64 * 1024;
/// Deeper nesting is only scanned.
const MAX_NESTING: usize = 16;
/// More compound commands in each other are only scanned.
const MAX_COMPOUNDS: usize = 100;
/// More operators are only scanned.
const MAX_OPERATORS: usize = 4_000;
/// How often the lines above an error are tried.
const MAX_ATTEMPTS: usize = 12;

/// Text as far as it parsed.
#[derive(Debug)]
pub(crate) struct Parsed {
    /// The trees, and the text that their spans count in.
    pub(crate) nodes: Vec<Node>,
    /// The text that parsed: the whole, a part of it, or a mended one. Begins where the whole begins.
    pub(crate) text: String,
    /// Where in the whole the part begins that did not parse.
    pub(crate) rest_at: Option<usize>,
    /// True where the whole did not parse as it is.
    pub(crate) is_partial: bool,
}

/// Parses as much as there is.
pub(crate) fn parse(text: &str) -> Parsed {
    let nothing = |rest_at| Parsed { nodes: Vec::new(), text: String::new(), rest_at, is_partial: true };
    if text.len() > MAX_BYTES || is_too_deep(text) {
        return nothing(Some(0));
    }
    let mut wrong_at = match attempt(text) {
        Ok(nodes) => return Parsed { nodes, text: text.to_owned(), rest_at: None, is_partial: false },
        Err(at) => at,
    };
    let mended = close_delimiters(text);
    if mended != text
        && let Ok(nodes) = attempt(&mended)
    {
        return Parsed { nodes, text: mended, rest_at: None, is_partial: true };
    }
    let mut end = text.len();
    for _ in 0..MAX_ATTEMPTS {
        let Some(at) = lines_before(&text[..end], wrong_at) else { break };
        match attempt(&text[..at]) {
            Ok(nodes) => {
                return Parsed { nodes, text: text[..at].to_owned(), rest_at: Some(at), is_partial: true };
            }
            Err(wrong) => (end, wrong_at) = (at, wrong),
        }
    }
    nothing(Some(0))
}

/// The trees of a text, or the byte at which the parser gave up.
fn attempt(text: &str) -> Result<Vec<Node>, usize> {
    rable::parse(text, true).map_err(|error| text.char_indices().nth(error.pos()).map_or(text.len(), |(byte, _)| byte))
}

/// Where the lines end that stand whole before `wrong_at`. An error at the very end is something that stands open since
/// nobody knows where: then half of many lines are given up, or one of few.
fn lines_before(text: &str, wrong_at: usize) -> Option<usize> {
    let inner = text.strip_suffix('\n').unwrap_or(text);
    let from = if wrong_at < inner.len() {
        wrong_at
    } else if inner.matches('\n').count() > MAX_ATTEMPTS {
        text.floor_char_boundary(inner.len() / 2)
    } else {
        inner.len()
    };
    inner[..from].rfind('\n').map(|at| at + 1)
}

fn is_too_deep(text: &str) -> bool {
    let (mut depth, mut deepest, mut operators, mut braces) = (0_usize, 0, 0, 0_usize);
    for byte in text.bytes() {
        match byte {
            b'(' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b')' => depth = depth.saturating_sub(1),
            b'{' | b'[' => {
                braces += 1;
                deepest = deepest.max(braces / 4);
            }
            b'}' | b']' => braces = braces.saturating_sub(1),
            b';' | b'|' | b'&' | b'\n' | b'<' => operators += 1,
            _ => {}
        }
    }
    deepest > MAX_NESTING || operators > MAX_OPERATORS || has_deep_compounds(text)
}

/// True where more `if`, `while` and their like stand open than the parser has stack for. Only words where a command may
/// begin count, so that prose in a heredoc does not.
fn has_deep_compounds(text: &str) -> bool {
    let mut depth = 0_usize;
    for line in text.as_bytes().split(|byte| matches!(byte, b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'{')) {
        for word in line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
            match word {
                b"if" | b"while" | b"until" | b"for" | b"case" | b"select" => depth += 1,
                b"fi" | b"done" | b"esac" => depth = depth.saturating_sub(1),
                b"then" | b"do" | b"else" | b"elif" | b"!" | b"time" => {}
                _ => break,
            }
            if depth > MAX_COMPOUNDS {
                return true;
            }
        }
    }
    false
}

/// What stands open at the end of the text, innermost last.
#[derive(Clone, Copy, PartialEq)]
enum Open {
    Single,
    Double,
    Backtick,
    Paren,
    Brace,
    Word(&'static str),
}

/// Adds what would close every quote, bracket and compound command that stands open.
fn close_delimiters(text: &str) -> String {
    let mut open: Vec<Open> = Vec::new();
    let bytes = text.as_bytes();
    let mut at = 0;
    let mut word = 0;
    while at < bytes.len() {
        let byte = bytes[at];
        let top = open.last().copied();
        if top == Some(Open::Single) {
            if byte == b'\'' {
                open.pop();
            }
            at += 1;
            continue;
        }
        let is_quoted = top == Some(Open::Double);
        match byte {
            b'\\' => at += 1,
            b'"' if is_quoted => _ = open.pop(),
            b'"' => open.push(Open::Double),
            b'\'' if !is_quoted => open.push(Open::Single),
            b'`' if top == Some(Open::Backtick) => _ = open.pop(),
            b'`' => open.push(Open::Backtick),
            b'(' if !is_quoted || at > 0 && bytes[at - 1] == b'$' => open.push(Open::Paren),
            b')' if top == Some(Open::Paren) => _ = open.pop(),
            b'{' if at > 0 && bytes[at - 1] == b'$' || !is_quoted => open.push(Open::Brace),
            b'}' if top == Some(Open::Brace) => _ = open.pop(),
            b'#' if !is_quoted && (at == 0 || bytes[at - 1].is_ascii_whitespace()) => {
                at = text[at..].find('\n').map_or(bytes.len(), |length| at + length);
            }
            _ => {}
        }
        at += 1;
        let is_end = bytes.get(at).is_none_or(|next| next.is_ascii_whitespace() || *next == b';');
        if !is_quoted && is_end && at <= bytes.len() {
            keyword(&mut open, text.get(word..at).unwrap_or_default().trim_matches([' ', ';', '\n', '\t']));
        }
        if is_end {
            word = at;
        }
    }
    let mut out = text.trim_end_matches(['\\', '|', '&']).to_owned();
    for open in open.iter().rev() {
        out.push_str(match open {
            Open::Single => "'",
            Open::Double => "\"",
            Open::Backtick => "`",
            Open::Paren => ")",
            Open::Brace if out.contains("${") => "}",
            Open::Brace => "\n}",
            Open::Word(end) => end,
        });
    }
    out
}

fn keyword(open: &mut Vec<Open>, word: &str) {
    const DONE: &str = "\n:; done";
    const LOOP: &str = "\n:; do :; done";
    const FI: &str = "\n:; fi";
    const IF: &str = "\n:; then :; fi";
    match word {
        "if" => open.push(Open::Word(IF)),
        "for" | "while" | "until" | "select" => open.push(Open::Word(LOOP)),
        "case" => open.push(Open::Word("\n;; esac")),
        "then" => replace(open, IF, FI),
        "do" => replace(open, LOOP, DONE),
        "fi" => close(open, &[IF, FI]),
        "done" => close(open, &[LOOP, DONE]),
        "esac" => close(open, &["\n;; esac"]),
        _ => {}
    }
}

fn replace(open: &mut [Open], from: &str, to: &'static str) {
    if let Some(last) = open.last_mut()
        && matches!(last, Open::Word(word) if *word == from)
    {
        *last = Open::Word(to);
    }
}

fn close(open: &mut Vec<Open>, words: &[&str]) {
    if matches!(open.last(), Some(Open::Word(word)) if words.contains(word)) {
        open.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn broken_text_is_mended_and_said_to_be_partial() {
        for text in
            ["for f in *.ts; do echo \"$f\"", "echo \"unterminated", "if a; then b", "(a; b", "{ a; b", "echo $(a"]
        {
            let parsed = parse(text);
            assert!(parsed.is_partial && !parsed.nodes.is_empty(), "{text}");
            assert_eq!(parsed.rest_at, None, "{text}");
        }
    }

    #[test]
    fn good_lines_above_a_broken_one_are_read() {
        let parsed = parse("echo a\necho b\n) (\necho c");
        assert_eq!(parsed.rest_at, Some(14));
        assert_eq!(parsed.nodes.len(), 2);
    }

    #[test]
    fn what_is_too_long_or_too_deep_is_left_to_the_scan() {
        for text in ["a ".repeat(40_000), "$(".repeat(3_000), "a&&".repeat(9_000)] {
            assert_eq!(parse(&text).rest_at, Some(0));
        }
    }
}
