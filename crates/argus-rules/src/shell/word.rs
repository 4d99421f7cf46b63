//! A word of a command after expansion: known text, active wildcards, and parts that cannot be known.
//!
//! The same type carries what a variable holds and what a command prints, because the shell makes words of both.

use std::borrow::Cow;

/// A part of a word.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Piece {
    /// Known, and taken as it is.
    Text(String),
    /// A wildcard that the shell would expand: `*`, `?`, `[a-z]`.
    Glob(String),
    /// Not known.
    Unknown(Unknown),
}

/// What is known of an unknown part.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Unknown {
    /// Nothing: it may be empty, or hold slashes and spaces.
    Any,
    /// One name, such as a date or a number.
    Segment,
    /// A way down from where it stands.
    Subpath,
    /// What somebody else's server sent.
    Remote,
    /// The default of a variable that may be set outside.
    Guess(Box<Word>),
    /// The name of a file that holds this (`<(command)`).
    Content(Box<Word>),
    /// The name of a pipe that a command reads (`>(command)`), as text.
    Consumer(String),
}

/// A word.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Word {
    pieces: Vec<Piece>,
}

/// Most bytes that a word may weigh.
const MAX_WEIGHT: usize = 64 * 1024;

impl Word {
    /// About how many bytes it takes.
    pub(crate) fn weight(&self) -> usize {
        self.pieces
            .iter()
            .map(|piece| match piece {
                Piece::Text(text) | Piece::Glob(text) | Piece::Unknown(Unknown::Consumer(text)) => 16 + text.len(),
                Piece::Unknown(Unknown::Guess(word) | Unknown::Content(word)) => 16 + word.weight(),
                Piece::Unknown(_) => 16,
            })
            .sum()
    }

    /// A word of known text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self { pieces: vec![Piece::Text(text.into())] }
    }

    /// A word of one unknown part.
    pub(crate) fn unknown(unknown: Unknown) -> Self {
        Self { pieces: vec![Piece::Unknown(unknown)] }
    }

    /// Its parts.
    pub(crate) fn pieces(&self) -> &[Piece] {
        &self.pieces
    }

    /// True where it has no part, or only empty text.
    pub(crate) fn is_empty(&self) -> bool {
        self.pieces.iter().all(|piece| matches!(piece, Piece::Text(text) if text.is_empty()))
    }

    /// Adds a part.
    pub(crate) fn push(&mut self, piece: Piece) {
        match (self.pieces.last_mut(), piece) {
            (Some(Piece::Text(last)), Piece::Text(text)) => last.push_str(&text),
            (_, piece) => self.pieces.push(piece),
        }
    }

    /// Adds known text.
    pub(crate) fn push_text(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Piece::Text(last)) = self.pieces.last_mut() {
            last.push_str(text);
        } else {
            self.pieces.push(Piece::Text(text.to_owned()));
        }
    }

    /// Adds all parts of another word; what would grow too long becomes unknown (`x=$x$x` doubles with each turn).
    pub(crate) fn append(&mut self, other: &Self) {
        if self.weight() + other.weight() > MAX_WEIGHT {
            let unknown = if self.is_remote() || other.is_remote() { Unknown::Remote } else { Unknown::Any };
            self.pieces = vec![Piece::Unknown(unknown)];
            return;
        }
        for piece in &other.pieces {
            self.push(piece.clone());
        }
    }

    /// The whole text, where all of it is known.
    pub(crate) fn literal(&self) -> Option<Cow<'_, str>> {
        match self.pieces.as_slice() {
            [] => Some(Cow::Borrowed("")),
            [Piece::Text(text)] => Some(Cow::Borrowed(text)),
            pieces => pieces
                .iter()
                .map(|piece| match piece {
                    Piece::Text(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect::<Option<String>>()
                .map(Cow::Owned),
        }
    }

    /// True where the whole text is known and is this.
    pub(crate) fn is(&self, text: &str) -> bool {
        self.literal().is_some_and(|known| known == text)
    }

    /// The known text with guesses taken and the unknown left out.
    pub(crate) fn guess(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) | Piece::Glob(text) => out.push_str(text),
                Piece::Unknown(Unknown::Guess(word)) => out.push_str(&word.guess()),
                Piece::Unknown(_) => {}
            }
        }
        out
    }

    /// The word with guesses taken for what they guess.
    pub(crate) fn with_guesses(&self) -> Cow<'_, Self> {
        if !self.pieces.iter().any(|piece| matches!(piece, Piece::Unknown(Unknown::Guess(_)))) {
            return Cow::Borrowed(self);
        }
        let mut out = Self::default();
        for piece in &self.pieces {
            match piece {
                Piece::Unknown(Unknown::Guess(word)) => out.append(&word.with_guesses()),
                piece => out.push(piece.clone()),
            }
        }
        Cow::Owned(out)
    }

    /// As a person reads it: the unknown is an ellipsis.
    pub(crate) fn show(&self) -> String {
        let mut out = String::new();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) | Piece::Glob(text) => out.push_str(text),
                Piece::Unknown(Unknown::Guess(word)) => out.push_str(&word.show()),
                Piece::Unknown(_) => out.push('…'),
            }
        }
        out
    }

    /// As text for a shell: what is not known is a variable that nothing sets.
    pub(crate) fn spell_out(&self) -> String {
        let spelled = |piece: &Piece| match piece {
            Piece::Text(text) | Piece::Glob(text) => text.clone(),
            Piece::Unknown(Unknown::Segment) => "$RANDOM".to_owned(),
            Piece::Unknown(_) => "$__argus_unknown".to_owned(),
        };
        self.pieces.iter().map(spelled).collect()
    }

    /// The known text it begins with.
    pub(crate) fn prefix(&self) -> &str {
        match self.pieces.first() {
            Some(Piece::Text(text)) => text,
            _ => "",
        }
    }

    /// True where nothing of it is known.
    pub(crate) fn is_opaque(&self) -> bool {
        !self.pieces.is_empty() && self.pieces.iter().all(|piece| matches!(piece, Piece::Unknown(_)))
    }

    /// True where a part of it came from somebody else's server, or is a file that holds such.
    pub(crate) fn is_remote(&self) -> bool {
        self.pieces.iter().any(|piece| match piece {
            Piece::Unknown(Unknown::Remote) => true,
            Piece::Unknown(Unknown::Content(word) | Unknown::Guess(word)) => word.is_remote(),
            _ => false,
        })
    }

    /// What the file holds that this word names, where it is one of `<(command)`.
    pub(crate) fn content(&self) -> Option<&Self> {
        match self.pieces.as_slice() {
            [Piece::Unknown(Unknown::Content(word))] => Some(word),
            _ => None,
        }
    }

    /// The word without its first `count` bytes of known text.
    pub(crate) fn without_prefix(&self, count: usize) -> Self {
        let mut out = self.clone();
        if let Some(Piece::Text(text)) = out.pieces.first_mut() {
            *text = text.get(count..).unwrap_or_default().to_owned();
        }
        out
    }

    /// Cuts known text at white space, as the shell and xargs do.
    pub(crate) fn fields(&self, separators: &str) -> Vec<Self> {
        let mut out = Vec::new();
        let mut current: Option<Self> = None;
        for piece in &self.pieces {
            let Piece::Text(text) = piece else {
                current.get_or_insert_default().push(piece.clone());
                continue;
            };
            let mut parts = text.split(|c| separators.contains(c)).peekable();
            while let Some(part) = parts.next() {
                if !part.is_empty() {
                    current.get_or_insert_default().push_text(part);
                }
                if parts.peek().is_some() {
                    out.extend(current.take());
                }
            }
        }
        out.extend(current);
        out
    }

    /// Trims what a command substitution trims.
    pub(crate) fn trim_newlines(mut self) -> Self {
        if let Some(Piece::Text(text)) = self.pieces.last_mut() {
            text.truncate(text.trim_end_matches('\n').len());
        }
        self
    }

    /// Turns wildcards in known text into active ones, as happens to what an unquoted variable held.
    pub(crate) fn with_active_globs(&self) -> Self {
        let has_wildcard = |piece: &Piece| matches!(piece, Piece::Text(text) if text.contains(['*', '?', '[']));
        if !self.pieces.iter().any(has_wildcard) {
            return self.clone();
        }
        let mut out = Self::default();
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => push_globs(&mut out, text),
                piece => out.push(piece.clone()),
            }
        }
        out
    }
}

/// Adds text in which wildcards are active.
pub(crate) fn push_globs(out: &mut Word, text: &str) {
    let mut rest = text;
    while let Some(at) = rest.find(['*', '?', '[']) {
        let (before, from) = rest.split_at(at);
        out.push_text(before);
        let length = glob_length(from);
        if length == 0 {
            out.push_text(&from[..1]);
            rest = &from[1..];
        } else {
            out.push(Piece::Glob(from[..length].to_owned()));
            rest = &from[length..];
        }
    }
    if !rest.is_empty() {
        out.push_text(rest);
    }
}

/// Longest `[…]` that is taken for a wildcard.
const MAX_CLASS_BYTES: usize = 128;

/// The bytes of the wildcard that `text` begins with; 0 for a bracket that never closes.
pub(crate) fn glob_length(text: &str) -> usize {
    match text.as_bytes().first() {
        Some(b'*') if text.starts_with("**") => 2,
        Some(b'*' | b'?') => 1,
        Some(b'[') => {
            let length = text.len().min(MAX_CLASS_BYTES);
            let inner = (2..=length).rev().find_map(|end| text.get(2..end)).unwrap_or_default();
            let end = inner.find([']', '/', ' ', '\n', '"', '\'', '$']).filter(|at| inner[*at..].starts_with(']'));
            end.map_or(0, |at| at + 3)
        }
        _ => 0,
    }
}

/// True where a pattern of `*`, `?` and `[…]` fits the whole text.
pub(crate) fn glob_fits(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
                continue;
            }
            Some('[') => {
                if let Some(end) = pattern[p..].iter().skip(2).position(|c| *c == ']').map(|at| p + at + 2)
                    && class_fits(&pattern[p + 1..end], text[t])
                {
                    p = end + 1;
                    t += 1;
                    continue;
                }
            }
            Some('?') => {
                p += 1;
                t += 1;
                continue;
            }
            Some(c) if *c == text[t] => {
                p += 1;
                t += 1;
                continue;
            }
            _ => {}
        }
        let Some((at, from)) = star else { return false };
        star = Some((at, from + 1));
        p = at + 1;
        t = from + 1;
    }
    pattern[p..].iter().all(|c| *c == '*')
}

fn class_fits(class: &[char], c: char) -> bool {
    let (is_negated, class) = match class {
        ['!' | '^', rest @ ..] => (true, rest),
        class => (false, class),
    };
    let mut at = 0;
    let mut fits = false;
    while at < class.len() {
        if at + 2 < class.len() && class[at + 1] == '-' {
            fits |= (class[at]..=class[at + 2]).contains(&c);
            at += 3;
        } else {
            fits |= class[at] == c;
            at += 1;
        }
    }
    fits != is_negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_fit_as_in_a_shell() {
        for (pattern, text) in [("r?", "rm"), ("*", ""), ("r[l-n]", "rm"), ("*a*b", "xaxb"), ("[!x]m", "rm")] {
            assert!(glob_fits(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [("r?", "rmd"), ("[", "a"), ("a*", "b"), ("r[!m]", "rm")] {
            assert!(!glob_fits(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn fields_part_at_blanks_and_keep_the_unknown_whole() {
        let mut word = Word::text(" a b");
        word.push(Piece::Unknown(Unknown::Any));
        word.push_text(" c\n");
        let shown: Vec<_> = word.fields(" \n").iter().map(Word::show).collect();
        assert_eq!(shown, ["a", "b…", "c"]);
    }
}
