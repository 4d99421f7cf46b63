//! Commands that let everybody write.

use crate::shell::{Options, Simple, Word};

/// True for a command that gives everybody the right to write to something.
pub(super) fn opens(command: &Simple) -> bool {
    let words = &command.words;
    let mode_value = |short: &str| {
        let options = Options::taking(words, short, &["mode", "chmod"]);
        options.value(&[short.get(..1).unwrap_or_default(), "mode", "chmod"]).is_some_and(is_open)
    };
    match command.name.as_str() {
        "chmod" if words.get(1).is_some_and(|word| word.prefix().starts_with("+a")) => {
            words.get(2).is_some_and(|word| {
                let text = word.guess();
                text.contains("everyone allow") && text.contains("write")
            })
        }
        "chmod" => changed_mode(words).is_some_and(is_open) && words.len() > 2,
        "install" | "ginstall" | "mkdir" | "mkfifo" | "mknod" => mode_value("mgotS"),
        "rsync" | "tar" => mode_value(""),
        // Windows' and macOS's own lists.
        "icacls" | "cacls" => words.iter().any(|word| {
            let text = word.guess().to_ascii_lowercase();
            text.split_once("everyone:").is_some_and(|(_, rights)| rights.contains(['f', 'm', 'w']))
        }),
        "umask" => words.last().filter(|_| words.len() > 1).is_some_and(unmasks),
        "setfacl" => words.iter().any(|word| acl_opens(&word.guess())),
        _ => false,
    }
}

/// chmod's mode: the first word that is no option. A mode may begin with a dash (`-w`).
fn changed_mode(words: &[Word]) -> Option<&Word> {
    let is_mode = |word: &&Word| {
        let text = word.guess();
        !text.starts_with("--")
            && !text.strip_prefix('-').is_some_and(|rest| rest.chars().all(|c| "RvcfhHLP".contains(c)))
    };
    if words
        .iter()
        .any(|word| ["--reference", "--help", "--version"].iter().any(|name| word.prefix().starts_with(name)))
    {
        return None;
    }
    words[1..].iter().find(is_mode)
}

fn is_open(word: &Word) -> bool {
    word.literal()
        .is_some_and(|mode| mode.split(',').fold(None, |state, clause| clause_opens(clause, state)) == Some(true))
}

/// True where a mode, octal or symbolic, lets everybody write.
pub(crate) fn opens_to_all(mode: &str) -> bool {
    is_open(&Word::text(mode))
}

/// What everybody may do after a clause of a mode, given what they might before.
fn clause_opens(clause: &str, before: Option<bool>) -> Option<bool> {
    // `D777,F666` of rsync.
    let digits = clause.trim_start_matches(['D', 'F']);
    if !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let last = digits.bytes().next_back().unwrap_or(b'0') - b'0';
        return Some(before == Some(true) || digits.len() >= 3 && last & 2 != 0);
    }
    let who_length = clause.find(|c| !"ugoa".contains(c)).unwrap_or(clause.len());
    let (who, mut actions) = clause.split_at(who_length);
    if !who.contains(['o', 'a']) {
        return before;
    }
    let mut state = before;
    while let Some(operator) = actions.chars().next() {
        let rest = &actions[1..];
        let length = rest.find(['+', '-', '=']).unwrap_or(rest.len());
        let (rights, next) = rest.split_at(length);
        match operator {
            '+' if rights.contains(['w', 'u']) => state = Some(true),
            '-' if rights.contains('w') => state = Some(false),
            '=' => state = Some(rights.contains(['w', 'u'])),
            _ => {}
        }
        actions = next;
        if !['+', '-', '='].contains(&operator) {
            break;
        }
    }
    state
}

/// True for a umask that masks nobody's writing.
fn unmasks(word: &Word) -> bool {
    let Some(text) = word.literal() else { return false };
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return (text.as_bytes()[text.len() - 1] - b'0') & 2 == 0;
    }
    text.contains('=') && is_open(word)
}

fn acl_opens(text: &str) -> bool {
    text.trim_start_matches("d:").split(',').any(|entry| {
        let mut parts = entry.trim_start_matches("default:").split(':');
        let who = parts.next().unwrap_or_default();
        matches!(who, "o" | "other") && parts.next_back().is_some_and(|rights| rights.contains('w'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_that_let_everybody_write_are_told_from_those_that_do_not() {
        for mode in
            ["777", "0777", "666", "1777", "757", "o+w", "a+rwx", "ugo=rwx", "u=rwx,go=rwx", "go+w", "a=rw", "o=u"]
        {
            assert!(opens_to_all(mode), "{mode}");
        }
        for mode in
            ["755", "0644", "700", "+x", "u+rwx", "g+w", "o-w", "a-w", "a+rw,o-w", "go=u-w", "u=rw,go=r", "2775", "+w"]
        {
            assert!(!opens_to_all(mode), "{mode}");
        }
    }

    #[test]
    fn masks_and_lists_are_read_too() {
        assert!(unmasks(&Word::text("000")) && unmasks(&Word::text("0")) && unmasks(&Word::text("u=rwx,g=rwx,o=rwx")));
        assert!(!unmasks(&Word::text("022")) && !unmasks(&Word::text("002")) && !unmasks(&Word::text("-S")));
        assert!(acl_opens("o::rwx") && acl_opens("u:ann:r,other::rw") && !acl_opens("u:ann:rwx"));
    }
}
