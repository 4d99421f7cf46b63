//! The shape of a command or a path: what stays the same when the same thing happens again.
//!
//! Alerts are known again by it, so it must be the same in every version: numbers, random names, and how blanks and
//! quotes were written do not count; programs, options, words and places do. A change here makes old groups new ones.

/// Words of a command that count.
const WORDS: usize = 16;
/// Letters of a word that count.
const LETTERS: usize = 80;
/// From this length on, what is written in hexadecimal is a name that a machine made.
const MACHINE_NAME: usize = 7;

/// The shape of a command.
pub fn shape_of(command: &str) -> String {
    let words = command.split_whitespace().take(WORDS);
    words.map(|word| plain(word.trim_matches(['"', '\'']))).collect::<Vec<_>>().join(" ")
}

/// The shape of the folder of a path: a hundred files written beside each other are one thing that happens.
pub fn folder_of(path: &str) -> String {
    let folder = path.rfind('/').map_or(path, |end| &path[..=end]);
    plain(folder)
}

/// A word without its numbers.
fn plain(word: &str) -> String {
    let place = word.split_once("://").map_or(word, |(scheme, rest)| {
        let host = rest.find('/').map_or(rest.len(), |end| end);
        &word[..scheme.len() + 3 + host]
    });
    let (mut out, mut token) = (String::new(), String::new());
    for char in place.chars().take(LETTERS) {
        if char.is_alphanumeric() {
            token.push(char);
        } else {
            push(&mut out, &token);
            token.clear();
            out.push(char);
        }
    }
    push(&mut out, &token);
    out
}

fn push(out: &mut String, token: &str) {
    let has_digit = token.contains(|char: char| char.is_ascii_digit());
    if has_digit && token.len() >= MACHINE_NAME && token.chars().all(|char| char.is_ascii_hexdigit()) {
        out.push('#');
        return;
    }
    let mut is_number = false;
    for char in token.chars() {
        if !char.is_ascii_digit() {
            out.push(char);
        } else if !is_number {
            out.push('#');
        }
        is_number = char.is_ascii_digit();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_quotes_and_blanks_do_not_count_and_all_else_does() {
        let same = |a: &str, b: &str| assert_eq!(shape_of(a), shape_of(b));
        same("rm -rf /tmp/build-123", "rm  -rf\t'/tmp/build-7'");
        same("git checkout 1a2b3c4d5e -- x", "git checkout 99ffee0 -- x");
        same("curl -fsS https://a.example/v1/x.sh?k=1", "curl -fsS https://a.example/other");
        let other = |a: &str, b: &str| assert_ne!(shape_of(a), shape_of(b));
        other("rm -rf /srv/a", "rm -rf /srv/b");
        other("git push --force", "git push");
        other("curl https://a.example/x", "curl https://b.example/x");
        other("sudo ls", "sudo rm");
    }

    #[test]
    fn files_beside_each_other_are_one_thing() {
        assert_eq!(folder_of("/srv/cache/a.md"), folder_of("/srv/cache/b.md"));
        assert_eq!(folder_of("/srv/run-1/a"), folder_of("/srv/run-22/a"));
        assert_ne!(folder_of("/srv/a/x"), folder_of("/srv/b/x"));
        assert_eq!((folder_of("/x").as_str(), folder_of("x").as_str(), folder_of("").as_str()), ("/", "x", ""));
    }

    #[test]
    fn a_shape_is_short_and_any_text_has_one() {
        let long = format!("echo {}", "é9 ".repeat(10_000));
        assert!(shape_of(&long).len() < WORDS * LETTERS * 4);
        assert_eq!(shape_of("\u{202e}://"), "\u{202e}://");
    }
}
