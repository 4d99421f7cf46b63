//! The last resort: text that has no syntax is cut into commands at the operators outside of quotes.
//!
//! One pass, no recursion, nothing expanded. What looks like a command is read as one, since text that cannot be
//! understood is never waved through; that it was guessed is said by the partial flag.

/// Raw words of a command, and where it stands.
#[derive(Debug, PartialEq)]
pub(crate) struct Scanned<'t> {
    /// Raw words, quotes included.
    pub(crate) words: Vec<&'t str>,
    /// Where it begins.
    pub(crate) start: usize,
    /// Where it ends.
    pub(crate) end: usize,
}

const MAX_COMMANDS: usize = 512;
/// One more than is read of a command, so that who reads it sees that there was more.
const MAX_WORDS: usize = super::run::MAX_WORDS + 1;
const MAX_WORD_BYTES: usize = 4_096;

/// Cuts text into commands.
pub(crate) fn scan(text: &str) -> Vec<Scanned<'_>> {
    let bytes = text.as_bytes();
    let (mut out, mut words): (Vec<Scanned<'_>>, Vec<&str>) = (Vec::new(), Vec::new());
    let mut quote: Option<u8> = None;
    // Where the command began, and where the word did.
    let (mut start, mut word, mut at) = (0, 0, 0);
    while at < bytes.len() && out.len() < MAX_COMMANDS {
        match (quote, bytes[at]) {
            (Some(open), byte) if byte == open => quote = None,
            // Of a longer character only the first byte is skipped, and the others mean nothing.
            (None | Some(b'"'), b'\\') => at += 1,
            (None, byte @ (b'\'' | b'"')) => quote = Some(byte),
            (None, b' ' | b'\t') => {
                keep(&mut words, &text[word..at]);
                word = at + 1;
            }
            (None, b'#') if word == at => {
                at += bytes[at..].iter().take_while(|byte| **byte != b'\n').count();
                word = at;
                continue;
            }
            (None, b';' | b'|' | b'&' | b'\n' | b'(' | b')' | b'`' | b'{' | b'}') => {
                keep(&mut words, &text[word..at]);
                finish(&mut out, &mut words, start, at);
                (start, word) = (at + 1, at + 1);
            }
            _ => {}
        }
        at += 1;
    }
    if out.len() < MAX_COMMANDS {
        keep(&mut words, &text[word..]);
        finish(&mut out, &mut words, start, text.len());
    }
    out
}

fn keep<'t>(words: &mut Vec<&'t str>, word: &'t str) {
    if !word.is_empty() && word != "$" && word.len() <= MAX_WORD_BYTES && words.len() < MAX_WORDS {
        words.push(word);
    }
}

fn finish<'t>(out: &mut Vec<Scanned<'t>>, words: &mut Vec<&'t str>, start: usize, end: usize) {
    const KEYWORDS: &[&str] = &["if", "then", "else", "elif", "do", "while", "until", "!", "time", "fi", "done"];
    let from = words.iter().position(|word| !KEYWORDS.contains(word)).unwrap_or(words.len());
    words.drain(..from);
    if !words.is_empty() {
        out.push(Scanned { words: std::mem::take(words), start, end });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_part_commands_and_quotes_do_not() {
        let words: Vec<_> = scan("a 'b;c' ) ; if sudo x # y\n\"z").into_iter().map(|scanned| scanned.words).collect();
        assert_eq!(words, [vec!["a", "'b;c'"], vec!["sudo", "x"], vec!["\"z"]]);
    }
}
