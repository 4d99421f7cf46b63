//! Calls in code of any language: `owner.name(arguments)`, and `name 'argument'` as Perl and Ruby allow it.

use super::turns::{Loop, loops};
use crate::Scope;
use crate::shell::{Piece, Unknown, Word, push_globs};

/// Most calls that are looked at.
const MAX_CALLS: usize = 256;
/// Longest argument list.
const MAX_ARGUMENTS_BYTES: usize = 8_192;

/// An argument.
#[derive(Debug, Clone)]
pub(crate) enum Argument {
    /// A string, or what stands for one.
    Word(Word),
    /// A list of strings.
    List(Vec<Word>),
    /// Anything else, as written.
    Other(String),
}

impl Argument {
    /// The string that it is.
    pub(crate) fn word(&self) -> Option<&Word> {
        match self {
            Self::Word(word) => Some(word),
            _ => None,
        }
    }
}

/// A call.
#[derive(Debug)]
pub(crate) struct Call {
    /// What stands before the last dot.
    pub(crate) owner: String,
    /// The path that the owner is, where it is one: `Path("x").write_text(…)`.
    pub(crate) receiver: Option<Word>,
    /// The last name.
    pub(crate) name: String,
    /// Its arguments.
    pub(crate) arguments: Vec<Argument>,
    /// As written.
    pub(crate) text: String,
    /// Where it stands.
    pub(crate) at: usize,
}

impl Call {
    /// The first argument, where it is a string.
    pub(crate) fn first_word(&self) -> Option<&Word> {
        self.word(0)
    }

    /// An argument, where it is a string.
    pub(crate) fn word(&self, index: usize) -> Option<&Word> {
        self.arguments.get(index).and_then(Argument::word)
    }
}

/// All calls in a piece of code, in their order.
pub(crate) fn calls(code: &str, scope: &Scope) -> Vec<Call> {
    let mut out = Vec::new();
    let bytes = code.as_bytes();
    let mut at = 0;
    let mut known = Names { code, scope, loops: Vec::new(), turn: 0 };
    if code.contains("for") || code.contains(".each") {
        known.loops = loops(code, &known);
    }
    while at < bytes.len() && out.len() < MAX_CALLS {
        match bytes[at] {
            b'#' if at == 0 || bytes[at - 1] == b'\n' => at = line_end(code, at),
            b'\'' | b'"' => at = string_end(code, at),
            byte if byte.is_ascii_alphabetic() || byte == b'_' => {
                let end = code[at..]
                    .find(|c: char| !c.is_alphanumeric() && c != '_')
                    .map_or(code.len(), |length| at + length);
                known.turn = 0;
                if let Some(call) = call_at(code, at, end, &known) {
                    let turns = known.turns_of(&call.text);
                    out.push(call);
                    for turn in 1..turns {
                        known.turn = turn;
                        out.extend(call_at(code, at, end, &known));
                    }
                }
                at = end;
            }
            _ => at += 1,
        }
    }
    out
}

fn call_at(code: &str, at: usize, end: usize, known: &Names<'_>) -> Option<Call> {
    let rest = &code[end..];
    // `rm_rf!(x)`.
    let open = if rest.starts_with("!(") || rest.starts_with("?(") { end + 1 } else { end };
    let (inside, close) = if code[open..].starts_with('(') {
        let close = group_end(code, open);
        (&code[open + 1..close], close)
    } else {
        // `system "x"`, `exec 'x'`.
        let blank = rest.len() - rest.trim_start_matches(' ').len();
        let start = end + blank;
        let is_mode = code[at..end].starts_with("chmod") && code[start..].starts_with(|c: char| c.is_ascii_digit());
        let lists = ["glob(", "glob ", "</", "<~", "Dir[", "*Dir", "Dir.glob"]
            .iter()
            .any(|list| code[start..].starts_with(list));
        if blank == 0 || !is_mode && !code[start..].starts_with(['"', '\'']) && !lists {
            return None;
        }
        let is_quoted = code[start..].starts_with(['"', '\'']);
        let end_of_string = if is_quoted { string_end(code, start) } else { start };
        let close = code[start..].find([';', '\n', '}']).map_or(code.len(), |length| start + length).max(end_of_string);
        (&code[start..close], close)
    };
    if inside.len() > MAX_ARGUMENTS_BYTES {
        return None;
    }
    let owner = owner_before(code, at);
    let receiver = owner.contains('(').then(|| known.argument(&owner)).and_then(|argument| argument.word().cloned());
    let receiver = receiver.or_else(|| known.named(&owner));
    Some(Call {
        receiver,
        owner,
        name: code[at..end].to_owned(),
        arguments: split(inside, ',').iter().map(|raw| known.argument(raw)).collect(),
        text: code.get(at..(close + 1).min(code.len())).unwrap_or(&code[at..close]).to_owned(),
        at,
    })
}

/// What stands before a name: `os.path`, `Path("x")`.
fn owner_before(code: &str, at: usize) -> String {
    let before = &code[..at];
    let Some(before) =
        before.strip_suffix('.').or_else(|| before.strip_suffix("::")).or_else(|| before.strip_suffix("->"))
    else {
        return String::new();
    };
    let mut depth = 0_u32;
    let mut start = before.len();
    for (index, c) in before.char_indices().rev().take(256) {
        match c {
            ')' => depth += 1,
            '(' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            c if c.is_alphanumeric() || "_.:$".contains(c) => {}
            _ => break,
        }
        start = index;
    }
    before[start..].to_owned()
}

/// Names that were given a literal, and places that every language has a name for.
pub(super) struct Names<'a> {
    code: &'a str,
    scope: &'a Scope,
    loops: Vec<Loop>,
    /// Which of their values the names of loops have.
    turn: usize,
}

impl Names<'_> {
    fn argument(&self, raw: &str) -> Argument {
        let raw = raw.trim();
        if let Some(inside) = raw.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
            let words = split(inside, ',').iter().map(|raw| self.word(raw)).collect();
            return Argument::List(words);
        }
        let word = self.word(raw);
        if word.is_opaque()
            && raw
                .bytes()
                .all(|byte| byte.is_ascii_digit() || b"oOS_.IWRXTHU|".contains(&byte) || byte.is_ascii_alphabetic())
        {
            return Argument::Other(raw.to_owned());
        }
        Argument::Word(word)
    }

    /// How many values there are for the names of loops in a call.
    fn turns_of(&self, text: &str) -> usize {
        self.loops.iter().filter(|known| has_word(text, &known.name)).map(|known| known.values.len()).max().unwrap_or(1)
    }

    /// What a piece of code gives as a text.
    pub(super) fn word(&self, raw: &str) -> Word {
        let parts = split(raw, '+');
        if parts.len() > 1 {
            let mut out = Word::default();
            parts.iter().for_each(|part| out.append(&self.word(part)));
            return out;
        }
        let raw = raw.trim();
        if raw.starts_with('(') && group_end(raw, 0) + 1 == raw.len() {
            return self.word(&raw[1..raw.len() - 1]);
        }
        if let Some(word) = literal(raw) {
            return word;
        }
        if let Some(pattern) = pattern(raw) {
            return self.globbed(pattern);
        }
        if let Some(home) = self.home(raw) {
            return home;
        }
        if let Some((name, inside)) = raw.split_once('(').and_then(|(name, rest)| Some((name, rest.strip_suffix(')')?)))
        {
            let last = name.rsplit(['.', ':']).next().unwrap_or_default();
            return match last {
                "Path" | "PurePath" | "str" | "String" | "resolve" | "expand" | "expanduser" | "expand_path"
                | "abspath" | "realpath" | "normpath" | "fspath"
                    if !inside.contains(',') =>
                {
                    self.home_prefix(self.word(inside))
                }
                "join" | "resolve" | "Path" | "joinpath" => {
                    let mut out = Word::default();
                    for (index, part) in split(inside, ',').iter().enumerate() {
                        if index > 0 {
                            out.push_text("/");
                        }
                        out.append(&self.word(part));
                    }
                    self.home_prefix(out)
                }
                "mkdtemp" | "TemporaryDirectory" | "mkdtempSync" | "mktmpdir" => {
                    let mut out = Word::text("/tmp/");
                    out.push(Piece::Unknown(Unknown::Segment));
                    out
                }
                "gettempdir" | "tmpdir" => Word::text("/tmp"),
                "glob" => self.globbed(inside),
                _ => Word::unknown(Unknown::Any),
            };
        }
        // `Path("a") / "b"`.
        let parts = split(raw, '/');
        if parts.len() > 1 {
            let mut out = self.word(&parts[0]);
            for part in &parts[1..] {
                out.push_text("/");
                out.append(&self.word(part));
            }
            return out;
        }
        self.named(raw).unwrap_or_else(|| Word::unknown(Unknown::Any))
    }

    /// The files that a pattern stands for.
    fn globbed(&self, raw: &str) -> Word {
        let mut out = Word::default();
        for piece in self.word(raw).pieces() {
            match piece {
                Piece::Text(text) => push_globs(&mut out, text),
                piece => out.push(piece.clone()),
            }
        }
        out
    }

    fn home(&self, raw: &str) -> Option<Word> {
        const HOMES: &[&str] = &[
            "process.env.HOME",
            "os.homedir()",
            "homedir()",
            "Path.home()",
            "pathlib.Path.home()",
            "os.environ['HOME']",
            "os.environ[\"HOME\"]",
            "ENV['HOME']",
            "ENV[\"HOME\"]",
            "$ENV{HOME}",
            "Dir.home",
            "getenv('HOME')",
            "getenv(\"HOME\")",
            "os.getenv('HOME')",
            "os.getenv(\"HOME\")",
            "os.environ.get('HOME')",
            "os.environ.get(\"HOME\")",
        ];
        HOMES.contains(&raw).then(|| Word::text(self.scope.home.clone().unwrap_or_else(|| "/home/~".to_owned())))
    }

    fn home_prefix(&self, word: Word) -> Word {
        match (&self.scope.home, word.prefix().strip_prefix('~')) {
            (Some(home), Some(rest)) if rest.is_empty() || rest.starts_with('/') => {
                let mut out = Word::text(home.clone());
                out.append(&word.without_prefix(1));
                out
            }
            _ => word,
        }
    }

    /// What a name was given, if that was a literal, once.
    fn named(&self, name: &str) -> Option<Word> {
        let name = name.trim().trim_start_matches('$');
        if name.is_empty()
            || !name.chars().all(|c| c.is_alphanumeric() || c == '_')
            || name.starts_with(|c: char| c.is_ascii_digit())
        {
            return None;
        }
        if let Some(known) = self.loops.iter().find(|known| known.name == name) {
            return known.values.get(self.turn).or_else(|| known.values.last()).cloned();
        }
        for (at, _) in self.code.match_indices(name) {
            let is_whole = !self.code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
            let rest = self.code[at + name.len()..].trim_start();
            if let Some(value) = rest.strip_prefix('=').filter(|value| is_whole && !value.starts_with(['=', '>'])) {
                let end = value.find([';', '\n']).unwrap_or(value.len());
                let value = value[..end].trim();
                return if value == name || value.contains(name) { None } else { Some(self.word(value)) };
            }
        }
        None
    }
}

/// The pattern of a list of files as Perl and Ruby write it: `glob "x/*"`, `Dir["x/*"]`, `</x/*>`.
fn pattern(raw: &str) -> Option<&str> {
    let raw = raw.strip_prefix('*').unwrap_or(raw);
    raw.strip_prefix("glob ")
        .or_else(|| raw.strip_prefix("Dir[").and_then(|rest| rest.strip_suffix(']')))
        .or_else(|| raw.strip_prefix("Dir.glob(").and_then(|rest| rest.strip_suffix(')')))
}

/// True where a name stands in a text, not as a part of another.
fn has_word(text: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(name)
        .any(|(at, _)| !text[..at].ends_with(is_part) && !text[at + name.len()..].starts_with(is_part))
}

/// A string literal; what is interpolated is unknown.
fn literal(raw: &str) -> Option<Word> {
    let body = raw.trim_start_matches(|c: char| "rRbBfFuU".contains(c));
    let prefix = &raw[..raw.len() - body.len()];
    let quote = body.chars().next().filter(|c| ['"', '\'', '`'].contains(c))?;
    if prefix.len() > 2 || string_end(body, 0) != body.len() || body.len() < 2 {
        return None;
    }
    let triple: String = std::iter::repeat_n(quote, 3).collect();
    let width = if body.len() >= 6 && body.starts_with(&triple) { 3 } else { 1 };
    let inside = body.get(width..body.len() - width)?;
    let is_raw = prefix.contains(['r', 'R']);
    let marker = match quote {
        '`' => Some("${"),
        _ if prefix.contains(['f', 'F']) => Some("{"),
        '"' if inside.contains("#{") => Some("#{"),
        _ => None,
    };
    let unescaped = |text: &str| if is_raw { text.to_owned() } else { crate::shell::decode(text) };
    let Some(marker) = marker else { return Some(Word::text(unescaped(inside))) };
    let mut out = Word::default();
    let mut rest = inside;
    while let Some(at) = rest.find(marker) {
        out.push_text(&unescaped(&rest[..at]));
        out.push(Piece::Unknown(Unknown::Any));
        rest = rest[at..].find('}').map_or("", |end| &rest[at + end + 1..]);
    }
    out.push_text(&unescaped(rest));
    Some(out)
}

/// The place after the string that begins at `at`.
pub(super) fn string_end(code: &str, at: usize) -> usize {
    let bytes = code.as_bytes();
    let quote = bytes[at];
    let is_triple = bytes[at..].starts_with(&[quote; 3]);
    let mut end = at + if is_triple { 3 } else { 1 };
    while end < bytes.len() {
        if bytes[end] == b'\\' {
            end += 1 + code[end + 1..].chars().next().map_or(0, char::len_utf8);
            continue;
        }
        if bytes[end] == quote && (!is_triple || bytes[end..].starts_with(&[quote; 3])) {
            return end + if is_triple { 3 } else { 1 };
        }
        end += 1;
    }
    code.len()
}

fn line_end(code: &str, at: usize) -> usize {
    code[at..].find('\n').map_or(code.len(), |length| at + length)
}

/// The `)` of the group that opens at `at`, or the end.
pub(super) fn group_end(code: &str, at: usize) -> usize {
    let bytes = code.as_bytes();
    let (mut depth, mut end) = (0_u32, at);
    while end < bytes.len() {
        match bytes[end] {
            b'\'' | b'"' | b'`' => {
                end = string_end(code, end);
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return end;
                }
            }
            _ => {}
        }
        end += 1;
    }
    code.len()
}

/// Splits where the separator stands outside of strings and brackets.
pub(super) fn split(text: &str, separator: char) -> Vec<String> {
    let mut out = Vec::new();
    let bytes = text.as_bytes();
    let (mut depth, mut at, mut start) = (0_u32, 0, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\'' | b'"' | b'`' => {
                at = string_end(text, at);
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            byte if byte == separator as u8 && depth == 0 => {
                out.push(text[start..at].to_owned());
                start = at + 1;
            }
            _ => {}
        }
        at += 1;
    }
    if start < text.len() {
        out.push(text[start..].to_owned());
    }
    out
}

/// Text in quotes that run it: `` `x` ``, `qx(x)`, `%x(x)`.
pub(crate) fn shell_quotes(code: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut rest = code;
    while let Some(at) = rest.find(['`', '\'', '"']) {
        if !rest[at..].starts_with('`') {
            rest = &rest[string_end(rest, at).min(rest.len())..];
            continue;
        }
        let end = string_end(rest, at);
        out.extend(rest.get(at + 1..end.saturating_sub(1)).map(str::to_owned));
        rest = &rest[end.min(rest.len())..];
    }
    for opening in ["qx(", "qx{", "%x(", "%x{", "%x["] {
        for (at, _) in code.match_indices(opening).take(8) {
            let start = at + opening.len();
            let close = match opening.as_bytes()[opening.len() - 1] {
                b'(' => ')',
                b'{' => '}',
                _ => ']',
            };
            let end = code[start..].find(close).map_or(code.len(), |length| start + length);
            out.push(code[start..end].to_owned());
        }
    }
    for (at, _) in code.match_indices("do shell script ").take(8) {
        let start = at + "do shell script ".len();
        if let Some(word) = code.get(start..).and_then(|rest| literal(&rest[..string_end_or_all(rest)])) {
            out.push(word.guess());
        }
    }
    out
}

fn string_end_or_all(text: &str) -> usize {
    if text.starts_with(['"', '\'']) { string_end(text, 0).min(text.len()) } else { text.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_found_with_their_arguments_and_strings_are_not_code() {
        let found =
            calls(r#"x = "/a"; print("system('b')"); os.system("c " + x); run(["rm", f"-{y}"])"#, &Scope::default());
        let names: Vec<_> = found.iter().map(|call| format!("{}.{}", call.owner, call.name)).collect();
        assert_eq!(names, [".print", "os.system", ".run"]);
        assert_eq!(found[1].first_word().map(Word::show).as_deref(), Some("c /a"));
        assert!(matches!(&found[2].arguments[0], Argument::List(words) if words[1].show() == "-…"));
    }

    #[test]
    fn hostile_code_ends() {
        for code in [
            "f(",
            "f('",
            "\"\\",
            "f(((((((",
            "qx(",
            "`",
            "é(\"é",
            "x=x;open(x",
            "f(\"é",
            "f('''é'",
            "f(\"\\é",
            "`\\é",
            "`é",
            "for é in [\"é",
            "for x in (é: rm(x)",
            "x.each { |é| rm(é",
            "foreach my $é (é",
            "f(`${é",
        ] {
            calls(code, &Scope::default());
            shell_quotes(code);
        }
    }
}
