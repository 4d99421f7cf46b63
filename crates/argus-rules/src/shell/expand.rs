//! From a raw word to the words it becomes: quotes, variables, substitutions, braces, tildes and wildcards.
//!
//! A substitution found on the way is read like any command line, since it runs, and gives the word what its commands
//! would print, where that can be told. Start at [`Reader::expand`].

use super::env::{Env, Variable};
use super::matching;
use super::quote;
use super::walk::{Origin, Reader};
use super::word::{Piece, Unknown, Word, glob_length};

/// Longest word whose braces are looked at: each alternative is a copy of it.
const MAX_BRACED_BYTES: usize = 4_096;

/// Words under construction.
#[derive(Default)]
struct Fields {
    done: Vec<Word>,
    current: Option<Word>,
}

impl Fields {
    fn word(&mut self) -> &mut Word {
        self.current.get_or_insert_default()
    }

    fn end_word(&mut self) {
        self.done.extend(self.current.take());
    }

    /// Adds a value that parts at separators.
    fn split(&mut self, value: &Word, separators: &str) {
        let is_separator = |c: Option<char>| c.is_some_and(|c| separators.contains(c));
        let fields = value.with_active_globs().fields(separators);
        if is_separator(value.prefix().chars().next()) {
            self.end_word();
        }
        let count = fields.len();
        for (index, field) in fields.into_iter().enumerate() {
            self.word().append(&field);
            if index + 1 < count {
                self.end_word();
            }
        }
        if let Some(Piece::Text(last)) = value.pieces().last()
            && is_separator(last.chars().next_back())
        {
            self.end_word();
        }
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Quoting {
    /// Values part into words, wildcards are active.
    None,
    /// Nothing parts, but quotes still are quotes.
    Assignment,
    /// Inside of double quotes, or in a heredoc.
    Double,
}

/// A byte that may stand for something else than itself.
fn means_something(byte: u8) -> bool {
    matches!(byte, b'\\' | b'\'' | b'"' | b'$' | b'`' | b'<' | b'>' | b'*' | b'?' | b'[')
}

impl Reader {
    /// The words that a raw word becomes: none, one or several.
    pub(crate) fn expand(&mut self, env: &mut Env, raw: &str, origin: &Origin) -> Vec<Word> {
        let is_short = raw.len() <= MAX_BRACED_BYTES;
        if is_short && raw.contains('{') && (raw.contains(',') || raw.contains("..")) {
            let expanded = quote::expand_braces(raw);
            if expanded.len() > 1 {
                let inside = origin.whole(raw.len());
                return expanded.iter().flat_map(|raw| self.expand_plain(env, raw, &inside)).collect();
            }
        }
        self.expand_plain(env, raw, origin)
    }

    fn expand_plain(&mut self, env: &mut Env, raw: &str, origin: &Origin) -> Vec<Word> {
        // Most words are plain text.
        if !raw.bytes().any(|byte| byte == b'~' || means_something(byte)) {
            return vec![Word::text(raw)];
        }
        let mut fields = Fields::default();
        self.scan(env, raw, origin, Quoting::None, &mut fields);
        fields.end_word();
        fields.done
    }

    /// The one word that the right side of an assignment, or a redirection's target, becomes.
    pub(crate) fn expand_one(&mut self, env: &mut Env, raw: &str, origin: &Origin) -> Word {
        let mut fields = Fields::default();
        self.scan(env, raw, origin, Quoting::Assignment, &mut fields);
        fields.current.unwrap_or_default()
    }

    /// What an unquoted heredoc, or other text in which only `$`, a backtick and a backslash count, becomes.
    pub(crate) fn expand_text(&mut self, env: &mut Env, raw: &str, origin: &Origin) -> Word {
        let mut fields = Fields::default();
        self.scan(env, raw, origin, Quoting::Double, &mut fields);
        fields.current.unwrap_or_default()
    }

    fn scan(&mut self, env: &mut Env, raw: &str, origin: &Origin, quoting: Quoting, out: &mut Fields) {
        let bytes = raw.as_bytes();
        let mut at = 0;
        if quoting != Quoting::Double && bytes.first() == Some(&b'~') {
            at = tilde(env, raw, out);
        }
        while at < bytes.len() {
            if !self.burn() {
                out.word().push(Piece::Unknown(Unknown::Any));
                return;
            }
            let is_bare = quoting != Quoting::Double;
            match bytes[at] {
                b'\\' => at = self.backslash(raw, at, quoting, out),
                b'\'' if is_bare => {
                    let end = matching::single(raw, at + 1);
                    out.word().push_text(&raw[at + 1..end]);
                    at = end + 1;
                }
                b'"' if is_bare => {
                    let end = matching::double(raw, at + 1);
                    out.word();
                    self.scan(env, &raw[at + 1..end], &origin.after(at + 1), Quoting::Double, out);
                    at = end + 1;
                }
                b'$' => at = self.dollar(env, raw, at, origin, quoting, out),
                b'`' => {
                    let end = matching::escaped(raw, at + 1, b'`');
                    let inner = raw[at + 1..end].replace("\\`", "`").replace("\\\\", "\\").replace("\\$", "$");
                    let value = self.substitute(env, &inner, &origin.after(at).whole(end - at));
                    add(env, &value, quoting, out);
                    at = end + 1;
                }
                b'<' | b'>' if is_bare && bytes.get(at + 1) == Some(&b'(') => {
                    let end = matching::paren(raw, at + 2);
                    let inside = &raw[at + 2..end];
                    // What is written into runs once it is known what is written.
                    let is_read = bytes[at] == b'<';
                    let content =
                        if is_read { self.substitute(env, inside, &origin.after(at + 2)) } else { Word::default() };
                    let content = Unknown::Content(Box::new(content));
                    let unknown = if is_read { content } else { Unknown::Consumer(inside.to_owned()) };
                    out.word().push(Piece::Unknown(unknown));
                    at = end + 1;
                }
                b'*' | b'?' | b'[' if quoting == Quoting::None => {
                    let length = glob_length(&raw[at..]);
                    if length == 0 {
                        out.word().push_text(&raw[at..=at]);
                    } else {
                        out.word().push(Piece::Glob(raw[at..at + length].to_owned()));
                    }
                    at += length.max(1);
                }
                _ => {
                    let plain = bytes[at + 1..].iter().position(|byte| means_something(*byte));
                    let end = plain.map_or(bytes.len(), |length| at + 1 + length);
                    out.word().push_text(&raw[at..end]);
                    at = end;
                }
            }
        }
    }

    fn backslash(&self, raw: &str, at: usize, quoting: Quoting, out: &mut Fields) -> usize {
        let Some(next) = raw[at + 1..].chars().next() else {
            out.word().push_text("\\");
            return at + 1;
        };
        let end = at + 1 + next.len_utf8();
        let is_kept = quoting == Quoting::Double && !['$', '`', '"', '\\', '\n'].contains(&next);
        if is_kept {
            out.word().push_text(&raw[at..end]);
        } else if next != '\n' {
            out.word().push_text(&raw[at + 1..end]);
        }
        end
    }

    /// What a `$` begins. Gives the place after it.
    fn dollar(
        &mut self,
        env: &mut Env,
        raw: &str,
        at: usize,
        origin: &Origin,
        quoting: Quoting,
        out: &mut Fields,
    ) -> usize {
        let bytes = raw.as_bytes();
        match bytes.get(at + 1) {
            Some(b'(') if bytes.get(at + 2) == Some(&b'(') && raw[at..].contains("))") => {
                let end = matching::paren(raw, at + 2);
                self.expand_text(env, raw.get(at + 3..end).unwrap_or_default(), &origin.after(at).whole(end - at));
                out.word().push(Piece::Unknown(Unknown::Segment));
                end + 1
            }
            Some(b'(') => {
                let end = matching::paren(raw, at + 2);
                let value = self.substitute(env, &raw[at + 2..end], &origin.after(at + 2));
                add(env, &value, quoting, out);
                end + 1
            }
            Some(b'[') => {
                let end = raw[at..].find(']').map_or(raw.len(), |length| at + length);
                out.word().push(Piece::Unknown(Unknown::Segment));
                end + 1
            }
            Some(b'{') => {
                let end = matching::brace(raw, at + 2);
                let words = self.parameter(env, &raw[at + 2..end], &origin.after(at + 2));
                add_all(env, words, quoting, out);
                end + 1
            }
            Some(b'\'') if quoting != Quoting::Double => {
                let end = matching::escaped(raw, at + 2, b'\'');
                out.word().push_text(&quote::decode(&raw[at + 2..end]));
                end + 1
            }
            Some(b'"') if quoting != Quoting::Double => at + 1,
            Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' => {
                let rest = &raw[at + 1..];
                let end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
                let word = env.value(&rest[..end]).unwrap_or_else(Env::unset_word);
                add(env, &word, quoting, out);
                at + 1 + end
            }
            Some(byte) if byte.is_ascii_digit() || b"@*#?$!-".contains(byte) => {
                let words = special(env, &raw[at + 1..at + 2]);
                add_all(env, words, quoting, out);
                at + 2
            }
            _ => {
                out.word().push_text("$");
                at + 1
            }
        }
    }
}

/// What `$1`, `$@`, `$?` and their like hold.
pub(crate) fn special(env: &Env, name: &str) -> Vec<Word> {
    let unknown = || vec![Env::unset_word()];
    match name {
        "@" | "*" => env.arguments.as_ref().map_or_else(unknown, |all| all.get(1..).unwrap_or_default().to_vec()),
        _ => match (name.parse::<usize>(), &env.arguments) {
            (Ok(index), Some(all)) => vec![all.get(index).cloned().unwrap_or_default()],
            (Ok(_), None) => env.value(name).map_or_else(unknown, |word| vec![word]),
            _ => vec![env.value(name).unwrap_or_else(Env::unset_word)],
        },
    }
}

fn add(env: &Env, value: &Word, quoting: Quoting, out: &mut Fields) {
    if quoting == Quoting::None {
        out.split(value, &env.separators());
    } else {
        out.word().append(value);
    }
}

fn add_all(env: &Env, words: Vec<Word>, quoting: Quoting, out: &mut Fields) {
    let count = words.len();
    for (index, word) in words.into_iter().enumerate() {
        add(env, &word, quoting, out);
        if index + 1 < count {
            // `"$@"` makes several words even inside of quotes; an assignment joins them.
            if quoting == Quoting::Assignment { out.word().push_text(" ") } else { out.end_word() }
        }
    }
}

/// `~`, `~/x`, `~name`, `~+`, `~-`. Gives the place after it, or 0 where it is just a character.
fn tilde(env: &Env, raw: &str, out: &mut Fields) -> usize {
    let end = raw.find(['/', ':']).unwrap_or(raw.len());
    let name = &raw[1..end];
    let home = env.home();
    let place = match name {
        "" => home.map(str::to_owned),
        "+" => env.cwd.as_deref().map(str::to_owned),
        "-" => env.old_cwd.as_deref().map(str::to_owned),
        "root" => Some("/root".to_owned()),
        name if name.chars().all(|c| c.is_ascii_alphanumeric() || "_.-".contains(c)) => {
            let homes = home.and_then(|home| home.rsplit_once('/')).map_or("/home", |(above, _)| above);
            Some(format!("{}/{name}", if homes.is_empty() { "/home" } else { homes }))
        }
        _ => return 0,
    };
    match place {
        Some(place) => out.word().append(&super::env::marked(&place)),
        // A home that nobody told of is still a home.
        None => out.word().push_text("/home/~"),
    }
    end
}

/// The values of an array, or the one value of anything else.
pub(crate) fn all_of(env: &Env, name: &str) -> Option<Vec<Word>> {
    match env.get(name) {
        Some(Variable::Array(words)) => Some(words.clone()),
        _ => env.value(name).map(|word| vec![word]),
    }
}
