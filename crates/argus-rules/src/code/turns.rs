//! Loops in code: which values their names take, as far as these are literals or what a folder holds.

use crate::shell::{Piece, Unknown, Word, push_globs};

use super::call::{Names, group_end, split, string_end};

/// Most loops of a piece of code, and most values of one.
const MAX_LOOPS: usize = 16;
const MAX_VALUES: usize = 8;

/// A name and the values it takes.
#[derive(Debug)]
pub(super) struct Loop {
    pub(super) name: String,
    pub(super) values: Vec<Word>,
}

/// `for x in ITEMS`, `for (const x of ITEMS)`, `ITEMS.forEach(x => …)`, `ITEMS.each { |x| … }`, `foreach my $x (ITEMS)`.
pub(super) fn loops(code: &str, names: &Names<'_>) -> Vec<Loop> {
    let mut out = Vec::new();
    for (at, _) in code.match_indices("for").take(MAX_LOOPS * 4) {
        let is_word = !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.');
        let rest = code[at + 3..].strip_prefix("each").unwrap_or(&code[at + 3..]);
        if is_word && rest.starts_with([' ', '(']) && out.len() < MAX_LOOPS {
            out.extend(headed(rest, names));
        }
    }
    for call in [".forEach(", ".each do |", ".each { |", ".each {|", ".map("] {
        for (at, _) in code.match_indices(call).take(MAX_LOOPS) {
            let name = name_at(code[at + call.len()..].trim_start_matches(['(', ' ']));
            let items = &code[receiver_start(code, at)..at];
            if !name.is_empty() && out.len() < MAX_LOOPS {
                out.push(Loop { name: name.to_owned(), values: values(items, names) });
            }
        }
    }
    out.retain(|found| !found.values.is_empty());
    out
}

/// The head of a loop after its `for`.
fn headed(rest: &str, names: &Names<'_>) -> Option<Loop> {
    let head = rest.trim_start_matches([' ', '(']);
    let head = ["const ", "let ", "var ", "my "].iter().find_map(|word| head.strip_prefix(word)).unwrap_or(head);
    let name = name_at(head.trim_start_matches('$'));
    let after = head.trim_start_matches('$')[name.len()..].trim_start();
    // `for root, dirs, files in os.walk(x)`: the first name is the folder.
    let after = if after.starts_with(',') { &after[after.find(" in ").filter(|at| *at < 60)? + 1..] } else { after };
    let items = ["in ", "of ", "<- ", "("].iter().find_map(|word| after.strip_prefix(word))?;
    let end = items_end(items);
    (!name.is_empty()).then(|| Loop { name: name.to_owned(), values: values(&items[..end], names) })
}

fn name_at(text: &str) -> &str {
    let end = text.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(text.len());
    &text[..end]
}

/// Where the items of a loop end: at its colon, its block or its closing bracket.
fn items_end(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'\'' | b'"' | b'`' => at = string_end(text, at),
            b'(' | b'[' => at = group_end(text, at) + 1,
            b':' | b')' | b'{' | b'\n' | b';' => return at,
            _ => at += 1,
        }
    }
    text.len()
}

/// Where the expression begins that stands before a call's dot.
fn receiver_start(code: &str, end: usize) -> usize {
    let mut depth = 0_u32;
    let mut start = end;
    for (at, c) in code[..end].char_indices().rev().take(512) {
        match c {
            ')' | ']' => depth += 1,
            '(' | '[' if depth > 0 => depth -= 1,
            _ if depth > 0 => {}
            c if c.is_alphanumeric() || "_.$".contains(c) => {}
            _ => break,
        }
        start = at;
    }
    start
}

fn values(items: &str, names: &Names<'_>) -> Vec<Word> {
    let items = items.trim();
    let inside = items.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let inside = inside.or_else(|| items.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')));
    let listed = inside.or_else(|| Some(items).filter(|items| items.starts_with(['"', '\''])));
    if let Some(listed) = listed {
        let words = split(listed, ',').into_iter().take(MAX_VALUES).map(|raw| names.word(&raw));
        return words.filter(|word| !word.is_opaque()).collect();
    }
    of_folder(items, names).into_iter().collect()
}

/// What a folder or a pattern holds: `glob("x/*")`, `Path("x").glob("*")`, `os.listdir("x")`, `readdirSync("x")`, `Dir["x/*"]`.
fn of_folder(items: &str, names: &Names<'_>) -> Option<Word> {
    let open = items.find(['(', '['])?;
    // The last call is the one that lists: `Path.home().glob("*")`.
    let (mut at, mut open) = (0, open);
    loop {
        let close = group_end(items, open);
        match items.get(close + 1..).filter(|rest| rest.starts_with('.')) {
            Some(rest) => {
                let next = rest.find(['(', '['])? + close + 1;
                (at, open) = (close + 1, next);
            }
            None => break,
        }
    }
    let call = items[at..open].trim_start_matches('.');
    let name = call.rsplit(['.', ':', ' ']).next().unwrap_or_default();
    let argument = split(&items[open + 1..group_end(items, open)], ',').into_iter().next().unwrap_or_default();
    let owner =
        if at > 0 { &items[..at] } else { call.strip_suffix(name).unwrap_or_default().trim_end_matches(['.', ':']) };
    let segment = || Word::unknown(Unknown::Segment);
    let below = |folder: Word, last: Word| {
        let mut out = folder;
        out.push_text("/");
        out.append(&last);
        Some(out)
    };
    let pattern = || {
        let mut out = Word::default();
        for piece in names.word(&argument).pieces() {
            match piece {
                Piece::Text(text) => push_globs(&mut out, text),
                piece => out.push(piece.clone()),
            }
        }
        out
    };
    match name {
        "glob" | "rglob" | "iglob" | "globSync" if owner.is_empty() || matches!(owner, "glob" | "Dir" | "fs") => {
            Some(pattern())
        }
        "Dir" | "wildcard" => Some(pattern()),
        "glob" | "rglob" => below(names.word(owner), pattern()),
        "iterdir" | "children" | "entries" if !owner.is_empty() => below(names.word(owner), segment()),
        "scandir" | "walk" => below(names.word(&argument), segment()),
        "listdir" | "readdirSync" | "readdir" => Some(segment()),
        "sorted" | "list" | "reversed" => of_folder(argument.trim(), names),
        _ => None,
    }
}
