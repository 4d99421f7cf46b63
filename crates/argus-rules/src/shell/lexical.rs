//! The last resort: text that has no syntax is cut into commands at the operators outside of quotes.
//!
//! One pass, no recursion, nothing expanded. What looks like a command is read as one, since text that cannot be
//! understood is never waved through; that it was guessed is said by the partial flag.

/// Raw words of a command, and where it stands.
#[derive(Debug, PartialEq)]
pub(crate) struct Scanned {
    /// Raw words, quotes included.
    pub(crate) words: Vec<String>,
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
pub(crate) fn scan(text: &str) -> Vec<Scanned> {
    let mut out: Vec<Scanned> = Vec::new();
    let mut words: Vec<String> = Vec::new();
    let mut word = String::new();
    let mut quote: Option<char> = None;
    let mut start = 0;
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        if out.len() >= MAX_COMMANDS {
            break;
        }
        match (quote, c) {
            (Some(open), c) if c == open => {
                quote = None;
                word.push(c);
            }
            (None | Some('"'), '\\') => {
                word.push(c);
                word.extend(chars.next().map(|(_, next)| next));
            }
            (None, '\'' | '"') => {
                quote = Some(c);
                word.push(c);
            }
            (None, ' ' | '\t') => keep(&mut words, &mut word),
            (None, '#') if word.is_empty() => while chars.next_if(|(_, c)| *c != '\n').is_some() {},
            (None, ';' | '|' | '&' | '\n' | '(' | ')' | '`' | '{' | '}') => {
                keep(&mut words, &mut word);
                finish(&mut out, &mut words, start, at);
                start = at + 1;
            }
            (_, c) => word.push(c),
        }
    }
    keep(&mut words, &mut word);
    finish(&mut out, &mut words, start, text.len());
    out
}

fn keep(words: &mut Vec<String>, word: &mut String) {
    if word.is_empty() || word == "$" || word.len() > MAX_WORD_BYTES || words.len() >= MAX_WORDS {
        word.clear();
    } else {
        words.push(std::mem::take(word));
    }
}

fn finish(out: &mut Vec<Scanned>, words: &mut Vec<String>, start: usize, end: usize) {
    const KEYWORDS: &[&str] = &["if", "then", "else", "elif", "do", "while", "until", "!", "time", "fi", "done"];
    let from = words.iter().position(|word| !KEYWORDS.contains(&word.as_str())).unwrap_or(words.len());
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
